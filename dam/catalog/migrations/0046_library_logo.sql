-- A library has a logo: an asset of its own.
-- +goose Up
ALTER TABLE libraries ADD COLUMN logo TEXT NOT NULL DEFAULT '';
