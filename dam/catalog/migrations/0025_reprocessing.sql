-- Files that earlier versions refused, could not show or showed wrongly: what an examination found, until a person says go.
-- +goose Up
-- The revision of the pipeline that a version's renditions are made and named by.
ALTER TABLE versions ADD COLUMN recipe INTEGER NOT NULL DEFAULT 1;

-- position is the last file examined: q or v, and the id of the quarantined file or version.
CREATE TABLE reprocessings (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  revision INTEGER NOT NULL,
  state TEXT NOT NULL, position TEXT NOT NULL,
  examined INTEGER NOT NULL, total INTEGER NOT NULL, done INTEGER NOT NULL, failed INTEGER NOT NULL, note TEXT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, confirmed_at BIGINT, confirmed_by TEXT NOT NULL, finished_at BIGINT
);
CREATE INDEX reprocessings_list ON reprocessings(library, created_at);

-- subject is a quarantined file or a version; file is what its bytes say today.
CREATE TABLE reprocessing_items (
  job TEXT NOT NULL REFERENCES reprocessings(id) ON DELETE CASCADE,
  subject TEXT NOT NULL, n INTEGER NOT NULL,
  action TEXT NOT NULL, asset TEXT NOT NULL, file_name TEXT NOT NULL, media_type TEXT NOT NULL, reason TEXT NOT NULL,
  file TEXT NOT NULL,
  state TEXT NOT NULL, note TEXT NOT NULL, done_at BIGINT,
  PRIMARY KEY (job, subject)
);
CREATE INDEX reprocessing_items_next ON reprocessing_items(job, state, n);
CREATE INDEX reprocessing_items_subject ON reprocessing_items(subject);
