-- Work in the background. A claim raises the token and sets the lease; one kind
-- and subject is open at most once; again: it was asked for once more while it ran.
CREATE TABLE job (
  org BIGINT NOT NULL, id BIGINT NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL, once TEXT NOT NULL, state TEXT NOT NULL,
  done BIGINT NOT NULL, total BIGINT NOT NULL, sentence TEXT NOT NULL,
  attempt BIGINT NOT NULL, token BIGINT NOT NULL, lease BIGINT NOT NULL, cancelling BIGINT NOT NULL, again BIGINT NOT NULL,
  run_at BIGINT NOT NULL, created BIGINT NOT NULL, started BIGINT NOT NULL, finished BIGINT NOT NULL, started_by TEXT NOT NULL,
  error TEXT NOT NULL, hint TEXT NOT NULL, arguments TEXT NOT NULL, result TEXT NOT NULL,
  PRIMARY KEY (org, id)
);
CREATE UNIQUE INDEX job_open ON job (org, kind, subject) WHERE state IN ('waiting', 'running');
CREATE UNIQUE INDEX job_once ON job (org, once) WHERE once <> '';
CREATE INDEX job_waiting ON job (org, run_at, id) WHERE state = 'waiting';
CREATE INDEX job_running ON job (org, lease, id) WHERE state = 'running';
CREATE INDEX job_subject ON job (org, kind, subject, id);
CREATE INDEX job_state ON job (org, state, id);
