-- A webhook acts as who saved it last; one of before goes on by itself until it is saved.
-- +goose Up
ALTER TABLE webhooks ADD COLUMN author TEXT NOT NULL DEFAULT '';
