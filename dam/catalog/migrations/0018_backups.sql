-- secret_keys names the keys (by id, never the key) under which values were sealed, so that a lost key file is noticed
-- instead of replaced. backups has one row per target: when a backup to it last ended, and when it was last good.
-- +goose Up
CREATE TABLE secret_keys (id TEXT PRIMARY KEY, first_used_at BIGINT NOT NULL);
CREATE TABLE backups (
  target TEXT PRIMARY KEY,
  generation TEXT NOT NULL, ended_at BIGINT NOT NULL, good_at BIGINT, verified_at BIGINT,
  objects BIGINT NOT NULL, bytes BIGINT NOT NULL, damaged BIGINT NOT NULL
);
