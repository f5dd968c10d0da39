-- sums has the CRC-32C of every 256 KiB of an object, big-endian (storage.Sums); NULL until it was computed, which for
-- objects stored before this column the scrub does.
-- +goose Up
ALTER TABLE blobs ADD COLUMN sums BYTEA;
CREATE INDEX blobs_uncovered ON blobs(key) WHERE sums IS NULL;

-- Objects that are not what the catalogue says; kept for a while after they were repaired.
CREATE TABLE damage (
  key TEXT PRIMARY KEY,
  sha256 TEXT NOT NULL, size BIGINT NOT NULL,
  problem TEXT NOT NULL, detail TEXT NOT NULL,
  found_by TEXT NOT NULL, found_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  repaired_at BIGINT, source TEXT NOT NULL
);
CREATE INDEX damage_state ON damage(state, key);

-- One row: the round that reads every object, in the order of keys.
CREATE TABLE scrub (
  id INTEGER PRIMARY KEY,
  cursor TEXT NOT NULL,
  started_at BIGINT, finished_at BIGINT,
  objects BIGINT NOT NULL, bytes BIGINT NOT NULL, covered BIGINT NOT NULL, damaged BIGINT NOT NULL,
  last TEXT NOT NULL
);
INSERT INTO scrub VALUES (1, '', NULL, NULL, 0, 0, 0, 0, 'null');
