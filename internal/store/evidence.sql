-- Machine data: intervals, so that storage grows with change. Tables that are
-- written by the hundred thousand have one tree where SQLite allows it, and few
-- indexes: each costs as much as the row.

-- What was ever observed; hash is that of the version that stands, empty where
-- the thing is gone.
CREATE TABLE thing (
  org BIGINT NOT NULL, id BIGINT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, key TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, hash BYTEA NOT NULL,
  PRIMARY KEY (org, type, key, source)
) WITHOUT ROWID;
CREATE UNIQUE INDEX thing_id ON thing (org, id);
CREATE INDEX thing_standing ON thing (org, source, type, account, region, key) WHERE length(hash) > 0;
-- Kept by thing, so that a thing that goes back to what it was is not kept twice.
CREATE TABLE observation (org BIGINT NOT NULL, thing BIGINT NOT NULL, hash BYTEA NOT NULL, data BYTEA NOT NULL, PRIMARY KEY (org, thing, hash));
CREATE TABLE resource (
  org BIGINT NOT NULL, type TEXT NOT NULL, thing BIGINT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL,
  at BIGINT NOT NULL, until_at BIGINT NOT NULL, gone BIGINT NOT NULL, source TEXT NOT NULL, hash BYTEA NOT NULL,
  PRIMARY KEY (org, type, thing, from_seq)
) WITHOUT ROWID;
CREATE INDEX resource_from ON resource (org, type, from_seq, thing);
CREATE INDEX resource_gone ON resource (org, type, to_seq, thing) WHERE gone = 1;
CREATE TABLE resource_count (
  org BIGINT NOT NULL, type TEXT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, n BIGINT NOT NULL,
  PRIMARY KEY (org, type, from_seq)
);
-- A slice that is read no more stands as 'forgotten', so that what stands names
-- every slice there ever was.
CREATE TABLE population (
  org BIGINT NOT NULL, source TEXT NOT NULL, type TEXT NOT NULL, account TEXT NOT NULL, region TEXT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL,
  state TEXT NOT NULL, count BIGINT NOT NULL, unknown BIGINT NOT NULL, at BIGINT NOT NULL, whole BIGINT NOT NULL, run BIGINT NOT NULL, errors BYTEA NOT NULL,
  PRIMARY KEY (org, source, type, account, region, from_seq)
);
CREATE UNIQUE INDEX population_standing ON population (org, source, type, account, region) WHERE to_seq = 4611686018427387904;
CREATE TABLE run (
  org BIGINT NOT NULL, seq BIGINT NOT NULL, source TEXT NOT NULL, connector TEXT NOT NULL, started BIGINT NOT NULL, finished BIGINT NOT NULL, complete BIGINT NOT NULL, manifest BYTEA NOT NULL,
  PRIMARY KEY (org, seq)
);
CREATE INDEX run_source ON run (org, source, seq);
CREATE TABLE check_id (org BIGINT NOT NULL, no BIGINT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (org, no));
CREATE UNIQUE INDEX check_id_id ON check_id (org, id);
CREATE TABLE result (
  org BIGINT NOT NULL, check_no BIGINT NOT NULL, thing BIGINT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, at BIGINT NOT NULL, until_at BIGINT NOT NULL,
  status BIGINT NOT NULL, version TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (org, check_no, thing, from_seq)
) WITHOUT ROWID;
-- Failures and errors, now and then; whoever asks repeats the condition.
CREATE INDEX result_bad ON result (org, check_no, status, thing, from_seq, to_seq) WHERE status IN (2,3);
CREATE TABLE outcome (
  org BIGINT NOT NULL, check_no BIGINT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, at BIGINT NOT NULL, until_at BIGINT NOT NULL, since BIGINT NOT NULL,
  state BIGINT NOT NULL, before BIGINT NOT NULL, version TEXT NOT NULL, body BYTEA NOT NULL,
  PRIMARY KEY (org, check_no, from_seq)
);
CREATE INDEX outcome_turn ON outcome (org, from_seq, check_no) WHERE state <> before;
-- How far each check has been evaluated, and what its standing results count.
CREATE TABLE evaluated (
  org BIGINT NOT NULL, check_no BIGINT NOT NULL, type TEXT NOT NULL, version TEXT NOT NULL, upto BIGINT NOT NULL, clock BIGINT NOT NULL, turn BIGINT NOT NULL,
  PRIMARY KEY (org, check_no)
);
CREATE TABLE evaluated_count (
  org BIGINT NOT NULL, check_no BIGINT NOT NULL, source TEXT NOT NULL,
  population BIGINT NOT NULL, passed BIGINT NOT NULL, failed BIGINT NOT NULL, errors BIGINT NOT NULL, not_applicable BIGINT NOT NULL,
  PRIMARY KEY (org, check_no, source)
);
-- Derived states. at and ended are moments, from_seq and to_seq the positions at
-- which somebody came to know.
CREATE TABLE status (
  org BIGINT NOT NULL, subject TEXT NOT NULL, from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL, at BIGINT NOT NULL, ended BIGINT NOT NULL, due BIGINT NOT NULL,
  state BIGINT NOT NULL, before BIGINT NOT NULL, passed BIGINT NOT NULL, parts BIGINT NOT NULL, rule_set TEXT NOT NULL, reason TEXT NOT NULL, tree BYTEA NOT NULL,
  PRIMARY KEY (org, subject, from_seq)
);
CREATE UNIQUE INDEX status_standing ON status (org, subject) WHERE to_seq = 4611686018427387904;
CREATE INDEX status_due ON status (org, due) WHERE to_seq = 4611686018427387904 AND due > 0;
CREATE INDEX status_turn ON status (org, from_seq, subject) WHERE state <> before;
-- The positions up to which states had been derived.
CREATE TABLE settled (org BIGINT NOT NULL, seq BIGINT NOT NULL, PRIMARY KEY (org, seq));
CREATE TABLE tally_day (org BIGINT NOT NULL, kind TEXT NOT NULL, day BIGINT NOT NULL, body BYTEA NOT NULL, PRIMARY KEY (org, kind, day));
