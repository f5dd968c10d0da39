-- Who sees and who edits which of a library's own fields, as far as that isn't everybody: read with what somebody was granted.
-- +goose Up
ALTER TABLE libraries ADD COLUMN field_rules TEXT NOT NULL DEFAULT '[]';
