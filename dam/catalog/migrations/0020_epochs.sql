-- Epochs of the log, and the hold that a restored or older catalogue starts with.
-- +goose Up

-- A stretch of the log's history. A catalogue that was restored, failed over or copied begins
-- another one behind from_seq: what others have seen after that seq never happened here.
CREATE TABLE epochs (
  id TEXT PRIMARY KEY, from_seq BIGINT NOT NULL, at BIGINT NOT NULL, reason TEXT NOT NULL, backup_at BIGINT
);
ALTER TABLE log_head ADD COLUMN epoch TEXT NOT NULL DEFAULT '';
-- What the database that holds this catalogue is known by: a copy of it is known by something else.
ALTER TABLE log_head ADD COLUMN home TEXT NOT NULL DEFAULT '';
-- Set in the copy that a backup makes, never in a live catalogue: when it was taken.
ALTER TABLE log_head ADD COLUMN backup_at BIGINT;

-- Nothing leaves the server while there is a row. One row at most.
CREATE TABLE hold (
  id INTEGER PRIMARY KEY, epoch TEXT NOT NULL, since BIGINT NOT NULL, reason TEXT NOT NULL, backup_at BIGINT
);
