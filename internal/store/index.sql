-- Step 5. What lists are filtered, sorted and counted by: a value of a field, or
-- a promised list ("state>due_on") with filter and order in one value. n is the
-- entry's number: the rows of a value stand in the order of a list. The kernel
-- fills the table from the versions where tagged has no mark (register/index.go).
DROP TABLE entry_tag;
CREATE TABLE entry_tag (
  org BIGINT NOT NULL, register TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, n BIGINT NOT NULL,
  from_seq BIGINT NOT NULL, to_seq BIGINT NOT NULL,
  PRIMARY KEY (org, register, field, value, n, from_seq) /* INCLUDE (to_seq) */
) WITHOUT ROWID;
CREATE INDEX tag_n ON entry_tag (org, n, to_seq, field, value);
-- How many entries have a value now, kept by every write; field '' counts the
-- entries of the register.
CREATE TABLE facet (
  org BIGINT NOT NULL, register TEXT NOT NULL, field TEXT NOT NULL, value TEXT NOT NULL, n BIGINT NOT NULL,
  PRIMARY KEY (org, register, field, value)
) WITHOUT ROWID;
-- By which declaration a register's tags were made.
CREATE TABLE tagged (org BIGINT NOT NULL, register TEXT NOT NULL, mark TEXT NOT NULL, PRIMARY KEY (org, register)) WITHOUT ROWID;
DROP INDEX link_value;
DROP INDEX entry_state;
CREATE INDEX entry_state ON entry (org, register, deleted, state, title, n);
DROP INDEX version_state;
CREATE INDEX version_state ON entry_version (org, register, deleted, state, title, n, from_seq, to_seq);
-- key first, or a planner without statistics takes it for look-ups by value.
DROP INDEX unique_key;
CREATE INDEX unique_key ON entry_unique (org, key, register);
