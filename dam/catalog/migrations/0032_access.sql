-- Groups of people and tokens, and what was granted to them and to single holders beside the role in grants.
-- +goose Up
CREATE TABLE access_groups (
  id TEXT PRIMARY KEY, library TEXT NOT NULL REFERENCES libraries(id), revision BIGINT NOT NULL,
  name TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL
);
CREATE INDEX access_groups_library ON access_groups(library);
-- member is a user or a token.
CREATE TABLE access_members (
  group_id TEXT NOT NULL REFERENCES access_groups(id) ON DELETE CASCADE, member TEXT NOT NULL, added_at BIGINT NOT NULL,
  PRIMARY KEY (group_id, member)
);
CREATE INDEX access_members_member ON access_members(member);
-- A role that a holder (a user, a token or a group) has in the whole library (collection ''), or in a collection with
-- what is below it. A grant on a collection that is gone allows nothing.
CREATE TABLE access_grants (
  id TEXT PRIMARY KEY, library TEXT NOT NULL REFERENCES libraries(id), holder TEXT NOT NULL, role TEXT NOT NULL,
  collection TEXT NOT NULL, created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
  UNIQUE (library, holder, role, collection)
);
CREATE INDEX access_grants_holder ON access_grants(holder);
