-- What of a version's metadata could not be read; bulk jobs that only look; XMP sidecars.
-- +goose Up
ALTER TABLE versions ADD COLUMN metadata_note TEXT NOT NULL DEFAULT '';
UPDATE versions SET metadata_note='[{"reason":"metadata_not_read","remedy_code":"read_the_metadata_again"}]'
  WHERE embedded LIKE '%"incomplete":true%';

ALTER TABLE bulk_jobs ADD COLUMN dry_run BOOLEAN NOT NULL DEFAULT false;
-- What reading metadata again has found, as JSON.
ALTER TABLE bulk_jobs ADD COLUMN report TEXT;

-- The sidecar's name, hash and size, as JSON; NULL without one.
ALTER TABLE versions ADD COLUMN sidecar TEXT;
-- The sidecar itself, compressed with gzip: every row of versions is read often, and this seldom.
CREATE TABLE sidecars (
  version_id TEXT PRIMARY KEY REFERENCES versions(id) ON DELETE CASCADE,
  packet BYTEA NOT NULL
);
-- A sidecar that comes alone is looked up among what its sender has sent lately.
CREATE INDEX versions_created ON versions(created_by, created_at);
