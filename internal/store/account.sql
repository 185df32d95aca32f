-- Accounts belong to the installation: somebody signs in before it is known to
-- which organisation. So these tables are not under row-level security; what an
-- account may do in an organisation is decided by its membership.
CREATE TABLE account (
  id BIGINT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, hash TEXT NOT NULL, totp BYTEA, totp_last BIGINT NOT NULL, created BIGINT NOT NULL, disabled BIGINT NOT NULL
);
CREATE TABLE membership (
  org BIGINT NOT NULL, account BIGINT NOT NULL, roles TEXT NOT NULL, person TEXT NOT NULL, until_at BIGINT NOT NULL, PRIMARY KEY (org, account)
);
CREATE INDEX membership_account ON membership (account, org);
CREATE TABLE session (
  hash TEXT NOT NULL PRIMARY KEY, account BIGINT NOT NULL, org BIGINT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL, expires BIGINT NOT NULL, method TEXT NOT NULL, proof_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE TABLE api_token (
  hash TEXT NOT NULL PRIMARY KEY, id TEXT NOT NULL, org BIGINT NOT NULL, account BIGINT NOT NULL, title TEXT NOT NULL, scope TEXT NOT NULL, created BIGINT NOT NULL, expires BIGINT NOT NULL, used BIGINT NOT NULL
);
CREATE INDEX api_token_org ON api_token (org, id);
CREATE TABLE link (
  hash TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, org BIGINT NOT NULL, email TEXT NOT NULL, roles TEXT NOT NULL, person TEXT NOT NULL, until_at BIGINT NOT NULL, expires BIGINT NOT NULL
);
CREATE TABLE failure (key TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL, last BIGINT NOT NULL);
