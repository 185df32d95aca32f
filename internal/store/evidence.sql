-- Machine data: intervals, so that storage grows with change.
CREATE TABLE thing (
  org BIGINT NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, key TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL,
  PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX thing_key ON thing (org, type, key, source);
CREATE TABLE observation (org BIGINT NOT NULL, hash BYTEA NOT NULL, data BYTEA NOT NULL, PRIMARY KEY (org, hash));
CREATE TABLE resource (
  org BIGINT NOT NULL, thing BIGINT NOT NULL, type TEXT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL,
  at BIGINT NOT NULL, until_at BIGINT NOT NULL, hash BYTEA NOT NULL,
  PRIMARY KEY (org, thing, from_seq)
);
CREATE INDEX resource_type ON resource (org, type, thing, from_seq, to_seq);
CREATE UNIQUE INDEX resource_standing ON resource (org, thing) WHERE to_seq = 4611686018427387904;
CREATE TABLE population (
  org BIGINT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL,
  state TEXT NOT NULL, count BIGINT NOT NULL, unknown BIGINT NOT NULL, at BIGINT NOT NULL, whole BIGINT NOT NULL, run BIGINT NOT NULL, errors BYTEA NOT NULL,
  PRIMARY KEY (org, source, type, account, region, from_seq)
);
CREATE INDEX population_standing ON population (org, to_seq, from_seq);
CREATE TABLE run (
  org BIGINT NOT NULL, seq BIGINT NOT NULL, source TEXT NOT NULL, connector TEXT NOT NULL, started BIGINT NOT NULL, finished BIGINT NOT NULL, complete BIGINT NOT NULL, manifest BYTEA NOT NULL,
  PRIMARY KEY (org, seq)
);
CREATE TABLE check_id (org BIGINT NOT NULL, no BIGINT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (org, no));
CREATE UNIQUE INDEX check_id_id ON check_id (org, id);
CREATE TABLE result (
  org BIGINT NOT NULL, check_no BIGINT NOT NULL, thing BIGINT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, at BIGINT NOT NULL,
  status BIGINT NOT NULL, version TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (org, check_no, thing, from_seq)
);
CREATE INDEX result_standing ON result (org, check_no, status, thing) WHERE to_seq = 4611686018427387904;
CREATE TABLE outcome (
  org BIGINT NOT NULL, check_no BIGINT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, at BIGINT NOT NULL, since BIGINT NOT NULL,
  state BIGINT NOT NULL, version TEXT NOT NULL, body BYTEA NOT NULL,
  PRIMARY KEY (org, check_no, from_seq)
);
CREATE INDEX outcome_from ON outcome (org, from_seq, check_no);
CREATE TABLE status (
  org BIGINT NOT NULL, subject TEXT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, at BIGINT NOT NULL, until_at BIGINT NOT NULL,
  state BIGINT NOT NULL, passed BIGINT NOT NULL, parts BIGINT NOT NULL, rule_set TEXT NOT NULL, tree BYTEA NOT NULL,
  PRIMARY KEY (org, subject, from_seq)
);
CREATE INDEX status_standing ON status (org, to_seq, from_seq);
