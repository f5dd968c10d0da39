-- What people and tokens are limited to, and the fields a library adds to its assets.
-- +goose Up
-- JSON list of collection ids; empty sees the whole library. An id whose collection is gone stays: it grants nothing, and its end must not widen what is seen.
ALTER TABLE grants ADD COLUMN collections TEXT NOT NULL DEFAULT '[]';

-- JSON object of key → value; a value is a string, a number, a boolean, or a list of strings or numbers.
ALTER TABLE assets ADD COLUMN custom TEXT NOT NULL DEFAULT '{}';
CREATE TABLE fields (
  library TEXT NOT NULL REFERENCES libraries(id), key TEXT NOT NULL, position INTEGER NOT NULL, spec TEXT NOT NULL,
  PRIMARY KEY (library, key)
);
