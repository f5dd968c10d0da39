-- How often a file of a reprocessing was begun, so that one that kills the server each time is passed over.
-- +goose Up
ALTER TABLE reprocessing_items ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
