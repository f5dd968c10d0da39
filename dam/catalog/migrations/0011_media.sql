-- What documents, video and sound have beside pixels.
-- +goose Up
ALTER TABLE versions ADD COLUMN pages INTEGER NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN duration_ms BIGINT NOT NULL DEFAULT 0;
ALTER TABLE versions ADD COLUMN codec TEXT NOT NULL DEFAULT '';
