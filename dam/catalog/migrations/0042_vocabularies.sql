-- Vocabularies: trees of terms with stable ids, which values of fields are taken from.
-- +goose Up
CREATE TABLE vocabularies (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  revision BIGINT NOT NULL,
  -- key is the name as it is compared.
  name TEXT NOT NULL, key TEXT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL
);
CREATE UNIQUE INDEX vocabularies_name ON vocabularies(library, key);
CREATE TABLE vocabulary_terms (
  vocabulary_id TEXT NOT NULL REFERENCES vocabularies(id) ON DELETE CASCADE,
  id TEXT NOT NULL,
  revision BIGINT NOT NULL,
  -- '' is the top. position is sparse, so that most moves change one row.
  parent_id TEXT NOT NULL, position BIGINT NOT NULL,
  -- By locale, as JSON.
  labels TEXT NOT NULL, synonyms TEXT NOT NULL,
  archived BOOLEAN NOT NULL,
  -- The term that this one has become: its id goes on meaning that one.
  merged_into TEXT NOT NULL,
  PRIMARY KEY (vocabulary_id, id)
);
CREATE INDEX vocabulary_terms_parent ON vocabulary_terms(vocabulary_id, parent_id, position);
CREATE INDEX vocabulary_terms_merged ON vocabulary_terms(vocabulary_id, merged_into) WHERE merged_into<>'';
-- Every label and synonym, as it is compared.
CREATE TABLE vocabulary_names (
  vocabulary_id TEXT NOT NULL, key TEXT NOT NULL, term_id TEXT NOT NULL,
  PRIMARY KEY (vocabulary_id, key, term_id),
  FOREIGN KEY (vocabulary_id, term_id) REFERENCES vocabulary_terms(vocabulary_id, id) ON DELETE CASCADE
);
CREATE INDEX vocabulary_names_term ON vocabulary_names(vocabulary_id, term_id);
-- Merges of one term into another: a job gives the assets the other one, up to the number last_number so far.
CREATE TABLE vocabulary_merges (
  vocabulary_id TEXT NOT NULL REFERENCES vocabularies(id) ON DELETE CASCADE,
  term_id TEXT NOT NULL, into_id TEXT NOT NULL,
  last_number BIGINT NOT NULL, total BIGINT NOT NULL, done BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, ended_at BIGINT,
  PRIMARY KEY (vocabulary_id, term_id)
);
