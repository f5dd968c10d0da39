-- Libraries are managed: further locales, colours, host names, a quota, and a time at which they were archived. How many
-- bytes a library's versions have is counted as they come and go, because an upload can't add all of them up.
-- +goose Up
ALTER TABLE libraries ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE libraries ADD COLUMN locales TEXT NOT NULL DEFAULT '[]';
ALTER TABLE libraries ADD COLUMN colors TEXT NOT NULL DEFAULT '{}';
ALTER TABLE libraries ADD COLUMN hosts TEXT NOT NULL DEFAULT '[]';
-- Bytes; 0 is no limit.
ALTER TABLE libraries ADD COLUMN quota BIGINT NOT NULL DEFAULT 0;
ALTER TABLE libraries ADD COLUMN archived_at BIGINT;
ALTER TABLE libraries ADD COLUMN archived_by TEXT NOT NULL DEFAULT '';
-- Whether nobody has said yet what the library is called: an installation that has people has said it by being used.
ALTER TABLE libraries ADD COLUMN setup_due BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE libraries SET zone='UTC' WHERE zone='';
UPDATE libraries SET setup_due=NOT EXISTS (SELECT 1 FROM users);

CREATE TABLE library_usage (
  library TEXT PRIMARY KEY REFERENCES libraries(id),
  bytes BIGINT NOT NULL
);
INSERT INTO library_usage SELECT l.id, COALESCE((SELECT sum(v.size) FROM assets a JOIN versions v ON v.asset_id=a.id WHERE a.library=l.id),0)
  FROM libraries l;
