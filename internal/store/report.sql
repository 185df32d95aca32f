-- Which database role reads which organisation's reporting views (PostgreSQL).
CREATE TABLE report_role (role TEXT NOT NULL PRIMARY KEY, org BIGINT NOT NULL);
