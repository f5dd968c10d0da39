-- Roles that a library makes beside the ready-made ones. permissions is a JSON list of names.
-- +goose Up
CREATE TABLE roles (
  library TEXT NOT NULL REFERENCES libraries(id), name TEXT NOT NULL, revision BIGINT NOT NULL,
  title TEXT NOT NULL, permissions TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
  PRIMARY KEY (library, name)
);
-- The viewer of before saw what is not approved, too. Who has that role keeps it under another name.
INSERT INTO roles(library,name,revision,title,permissions,created_at,created_by)
  SELECT DISTINCT library,'viewer_all',1,'Viewer of everything','["see","see_unapproved","download_presets","download_originals"]',0,'system'
  FROM grants WHERE role='viewer';
UPDATE grants SET role='viewer_all' WHERE role='viewer';
