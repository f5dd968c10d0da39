-- Names have one form (package dam/canon). SQL can't compose characters: Catalog.Migrate changes what earlier versions
-- stored, part by part, and says in name_work how far it is. An empty name_work means that all of it is done.
-- +goose Up
CREATE TABLE name_work (
  part TEXT PRIMARY KEY, position INTEGER NOT NULL,
  -- Where the next portion begins: after this library and key.
  library TEXT NOT NULL, key TEXT NOT NULL
);
INSERT INTO name_work VALUES ('libraries',1,'',''), ('users',2,'',''), ('fields',3,'',''), ('rules',4,'',''), ('collections',5,'',''),
  ('campaigns',6,'',''), ('products',7,'',''), ('slots',8,'',''), ('waiting',9,'',''), ('assets',10,'','');

-- What was changed, for people to read: one row per spelling. merged counts the places that had the new spelling too.
CREATE TABLE name_changes (
  n BIGINT NOT NULL UNIQUE,
  library TEXT NOT NULL, kind TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
  places BIGINT NOT NULL, merged BIGINT NOT NULL, example TEXT NOT NULL, dropped TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (library, kind, before, after)
);
