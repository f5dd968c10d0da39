-- Licences and consents, and the assets that each is linked to. What an asset had before stays as it is: none is linked.
-- +goose Up
CREATE TABLE rights_records (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  -- licence or consent
  kind TEXT NOT NULL,
  revision BIGINT NOT NULL,
  -- The revision at which what it allows last changed.
  applies BIGINT NOT NULL,
  -- The licensor or the person, the number with the form that it is compared by, and the words that it is found by.
  name TEXT NOT NULL, number TEXT NOT NULL, number_key TEXT NOT NULL, words TEXT NOT NULL,
  -- dam.Terms, and what only its kind has: read and written as a whole.
  terms TEXT NOT NULL, details TEXT NOT NULL,
  note TEXT NOT NULL,
  withdrawn_at BIGINT, withdrawn_by TEXT NOT NULL DEFAULT '',
  archived_at BIGINT,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX rights_records_library ON rights_records(library, kind, id);
CREATE UNIQUE INDEX rights_records_number ON rights_records(library, kind, number_key) WHERE number_key<>'';
CREATE TABLE rights_links (
  record_id TEXT NOT NULL REFERENCES rights_records(id) ON DELETE CASCADE,
  asset_id TEXT NOT NULL REFERENCES assets(id) ON DELETE CASCADE,
  -- The revision of the record that the asset's limits are of.
  applied BIGINT NOT NULL,
  added_at BIGINT NOT NULL, added_by TEXT NOT NULL,
  PRIMARY KEY (record_id, asset_id)
);
CREATE INDEX rights_links_asset ON rights_links(asset_id);
CREATE INDEX rights_links_applied ON rights_links(record_id, applied);
-- dam.Limits: what the linked records allow together; NULL without any.
ALTER TABLE assets ADD COLUMN limits TEXT;
-- Whether these, with the asset's own territories, keep it off public addresses whatever the time is.
ALTER TABLE assets ADD COLUMN barred BOOLEAN NOT NULL DEFAULT false;
-- The records without which a library approves nothing.
CREATE TABLE rights_requirements (
  library TEXT PRIMARY KEY REFERENCES libraries(id),
  licence BOOLEAN NOT NULL, consent BOOLEAN NOT NULL
);
-- Imports name assets by the names of their files.
CREATE INDEX versions_file_name ON versions(file_name);
