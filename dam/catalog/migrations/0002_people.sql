-- People and what they sign in with. Secrets are stored as hashes only: argon2id for
-- passwords, SHA-256 for session and token secrets, which are 32 random bytes.
-- +goose Up
CREATE TABLE users (
  id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, name TEXT NOT NULL, locale TEXT NOT NULL,
  password TEXT NOT NULL, disabled BOOLEAN NOT NULL, created_at BIGINT NOT NULL, last_login BIGINT
);

-- A revoked token keeps its row: histories go on naming who acted.
CREATE TABLE tokens (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, expires_at BIGINT, last_used BIGINT, revoked_at BIGINT
);

-- The role of a user or a token in a library.
CREATE TABLE grants (
  principal TEXT NOT NULL, library TEXT NOT NULL REFERENCES libraries(id), role TEXT NOT NULL,
  PRIMARY KEY (principal, library)
);
CREATE INDEX grants_library ON grants(library);

CREATE TABLE sessions (
  hash TEXT PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_user ON sessions(user_id);
CREATE INDEX sessions_expires ON sessions(expires_at);

-- Failed sign-ins per account and per address, counted in windows. key is a hash:
-- people type passwords into the wrong field.
CREATE TABLE login_attempts (key TEXT PRIMARY KEY, n INTEGER NOT NULL, ends_at BIGINT NOT NULL);
CREATE INDEX login_attempts_ends ON login_attempts(ends_at);
