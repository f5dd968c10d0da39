-- Downloads: what somebody takes out of a library as one archive, and what the library wants agreed to before.
-- +goose Up
CREATE TABLE downloads (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  state TEXT NOT NULL,
  -- dam.DownloadRequest and the omissions of dam.Download: read and written as a whole.
  request TEXT NOT NULL, left_out TEXT NOT NULL,
  total BIGINT NOT NULL, files BIGINT NOT NULL, bytes BIGINT NOT NULL,
  -- Pictures that are made while the archive is sent, and about how many bytes they will have.
  to_make BIGINT NOT NULL, estimated BIGINT NOT NULL,
  note TEXT NOT NULL,
  -- The terms that were accepted, 0 for none, and what was given as the reason.
  terms BIGINT NOT NULL, reason TEXT NOT NULL,
  -- How far the archive was sent, how often it was sent whole, and the round of the bytes: another one after a failure.
  sent_files BIGINT NOT NULL, sent_bytes BIGINT NOT NULL, fetched BIGINT NOT NULL, round BIGINT NOT NULL,
  fetched_at BIGINT,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, ended_at BIGINT,
  expires_at BIGINT NOT NULL
);
CREATE INDEX downloads_by ON downloads(library, created_by, created_at);
CREATE INDEX downloads_expiry ON downloads(expires_at);
-- The files of a download in the order of the archive, some hundred to a row; deleted when the link expires.
CREATE TABLE download_files (
  download_id TEXT NOT NULL REFERENCES downloads(id) ON DELETE CASCADE,
  n BIGINT NOT NULL,
  files TEXT NOT NULL,
  PRIMARY KEY (download_id, n)
);
-- Every text that a library has asked people to accept, so that what somebody accepted can be read later.
CREATE TABLE download_terms (
  library TEXT NOT NULL REFERENCES libraries(id),
  revision BIGINT NOT NULL,
  text TEXT NOT NULL,
  reason_required BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL,
  PRIMARY KEY (library, revision)
);
CREATE TABLE download_acceptances (
  library TEXT NOT NULL REFERENCES libraries(id),
  principal TEXT NOT NULL,
  revision BIGINT NOT NULL,
  accepted_at BIGINT NOT NULL,
  PRIMARY KEY (library, principal, revision)
);
