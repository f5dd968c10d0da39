-- What caused a publication to be planned last, as a W3C traceparent; empty where no traces are exported.
-- +goose Up
ALTER TABLE publications ADD COLUMN trace TEXT NOT NULL DEFAULT '';
