-- The kernel's tables, one text for both stores; migration.go replaces the few
-- words in which they differ. Every organisation's rows carry org first; open
-- intervals end at 4611686018427387904, so that they stand in index ranges.

CREATE TABLE organisation (
  org BIGINT PRIMARY KEY, log_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, created BIGINT NOT NULL
);
-- One row an organisation: the counter everything recorded draws its position
-- from. Writers hold it until they commit.
CREATE TABLE head (org BIGINT PRIMARY KEY, seq BIGINT NOT NULL, at BIGINT NOT NULL);
-- The right edge of its Merkle tree, apart from head so that sealing in batches
-- holds up no writer.
CREATE TABLE tree (org BIGINT PRIMARY KEY, size BIGINT NOT NULL, edge BYTEA NOT NULL);
CREATE TABLE entry (
  n BIGINT PRIMARY KEY, org BIGINT NOT NULL, register TEXT NOT NULL, key TEXT NOT NULL,
  version BIGINT NOT NULL, schema_no BIGINT NOT NULL, from_seq BIGINT NOT NULL, at BIGINT NOT NULL, created BIGINT NOT NULL,
  actor TEXT NOT NULL, why TEXT NOT NULL, batch TEXT NOT NULL, deleted BIGINT NOT NULL, erased BIGINT NOT NULL,
  title TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, due TEXT NOT NULL, score BIGINT NOT NULL, data JSONB NOT NULL
);
CREATE UNIQUE INDEX entry_key ON entry (org, register, key);
CREATE INDEX entry_n ON entry (org, register, deleted, n);
CREATE INDEX entry_state ON entry (org, register, deleted, state, owner, due, n);
CREATE INDEX entry_due ON entry (org, register, deleted, due, n, state, owner);
CREATE INDEX entry_title ON entry (org, register, deleted, title, n, state, owner);
CREATE INDEX entry_at ON entry (org, register, deleted, at, n);
CREATE INDEX entry_batch ON entry (org, batch) WHERE batch <> '';
CREATE TABLE entry_version (
  org BIGINT NOT NULL, register TEXT NOT NULL, key TEXT NOT NULL, version BIGINT NOT NULL,
  n BIGINT NOT NULL, schema_no BIGINT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, at BIGINT NOT NULL, created BIGINT NOT NULL,
  actor TEXT NOT NULL, why TEXT NOT NULL, batch TEXT NOT NULL, deleted BIGINT NOT NULL, erased BIGINT NOT NULL,
  title TEXT NOT NULL, state TEXT NOT NULL, owner TEXT NOT NULL, due TEXT NOT NULL, score BIGINT NOT NULL, data JSONB NOT NULL,
  PRIMARY KEY (org, register, key, version)
);
-- As-of lists: the same leading columns as the current index, the interval at
-- the end, where it is tested inside the index.
CREATE INDEX version_n ON entry_version (org, register, deleted, n, from_seq, to_seq);
CREATE INDEX version_state ON entry_version (org, register, deleted, state, owner, due, n, from_seq, to_seq);
CREATE INDEX version_due ON entry_version (org, register, deleted, due, n, from_seq, to_seq, state, owner);
CREATE INDEX version_title ON entry_version (org, register, deleted, title, n, from_seq, to_seq);
CREATE INDEX version_batch ON entry_version (org, batch) WHERE batch <> '';
CREATE TABLE entry_link (
  org BIGINT NOT NULL, from_register TEXT NOT NULL, from_key TEXT NOT NULL, field TEXT NOT NULL, to_register TEXT NOT NULL, to_key TEXT NOT NULL,
  from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL,
  PRIMARY KEY (org, from_register, from_key, field, to_key, from_seq)
);
CREATE INDEX link_to ON entry_link (org, to_register, to_key, from_register, field, from_key, from_seq, to_seq);
CREATE INDEX link_value ON entry_link (org, from_register, field, to_key, from_key, from_seq, to_seq);
CREATE TABLE entry_tag (
  org BIGINT NOT NULL, register TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
  from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL,
  PRIMARY KEY (org, register, field, value, key, from_seq)
);
CREATE INDEX tag_key ON entry_tag (org, register, key, to_seq);
CREATE TABLE entry_unique (
  org BIGINT NOT NULL, register TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, key TEXT NOT NULL,
  PRIMARY KEY (org, register, field, value)
);
CREATE INDEX unique_key ON entry_unique (org, register, key);
CREATE TABLE counter (org BIGINT NOT NULL, prefix TEXT NOT NULL, n BIGINT NOT NULL, PRIMARY KEY (org, prefix));
CREATE TABLE secret (org BIGINT NOT NULL, handle TEXT NOT NULL, sealed BYTEA NOT NULL, PRIMARY KEY (org, handle));
-- The journal: line and salt go when their content is erased, the commitment
-- stays and still proves the rest.
CREATE TABLE journal (
  org BIGINT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, kind TEXT NOT NULL, register TEXT NOT NULL, key TEXT NOT NULL,
  line BYTEA, salt BYTEA, commitment BYTEA NOT NULL, erased BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (org, seq)
);
CREATE INDEX journal_at ON journal (org, at, seq);
CREATE INDEX journal_key ON journal (org, register, key, seq);
CREATE TABLE tree_hash (org BIGINT NOT NULL, idx BIGINT NOT NULL, hash BYTEA NOT NULL, PRIMARY KEY (org, idx));
CREATE TABLE checkpoint (org BIGINT NOT NULL, size BIGINT NOT NULL, at BIGINT NOT NULL, note TEXT NOT NULL, anchored TEXT NOT NULL DEFAULT '', PRIMARY KEY (org, size));
