-- Channels, the publication ledger and webhooks.
-- +goose Up
CREATE TABLE channels (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  revision BIGINT NOT NULL,
  name TEXT NOT NULL, kind TEXT NOT NULL,
  config TEXT NOT NULL,
  -- JSON object of name → sealed value; a refresh replaces members, never the whole.
  secrets TEXT NOT NULL,
  territories TEXT NOT NULL, rule TEXT NOT NULL,
  health TEXT NOT NULL, health_note TEXT NOT NULL,
  paused BOOLEAN NOT NULL,
  -- Sending waits until then; 0 is no wait.
  held_until BIGINT NOT NULL,
  identity TEXT, capabilities TEXT NOT NULL,
  -- Assets up to this number have been held against the rule; NULL when all have.
  scan_after BIGINT,
  -- The node that refreshes the credentials has the channel to itself until then.
  refresh_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT
);
CREATE INDEX channels_library ON channels(library);

-- The ledger. next_at is when a node has to look at the row: its due time, the end
-- of a lease, of a settle window or of the rights; NULL at rest. lane 0 sends and
-- can be held, lane 1 looks up and takes back.
CREATE TABLE publications (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  channel_id TEXT NOT NULL REFERENCES channels(id),
  asset_id TEXT NOT NULL,
  revision BIGINT NOT NULL, sent BIGINT NOT NULL,
  state TEXT NOT NULL, lane INTEGER NOT NULL, next_at BIGINT,
  origin TEXT NOT NULL, presets TEXT NOT NULL, caption TEXT NOT NULL,
  due_at BIGINT NOT NULL, zone TEXT NOT NULL,
  version_id TEXT NOT NULL, approved_by TEXT NOT NULL,
  attempts INTEGER NOT NULL, problem TEXT, receipt TEXT,
  withdrawn BOOLEAN NOT NULL, by_hand BOOLEAN NOT NULL, reason TEXT NOT NULL,
  lease_owner TEXT NOT NULL, lease_token BIGINT NOT NULL,
  progress TEXT NOT NULL, flight TEXT NOT NULL, digest TEXT NOT NULL, committed_at BIGINT,
  steps INTEGER NOT NULL,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX publications_next ON publications(channel_id, lane, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX publications_lease ON publications(lease_owner) WHERE lease_owner<>'';
CREATE INDEX publications_asset ON publications(asset_id);
CREATE INDEX publications_state ON publications(library, state, id);
CREATE INDEX publications_due ON publications(library, due_at);
CREATE TABLE publication_steps (
  publication_id TEXT NOT NULL REFERENCES publications(id) ON DELETE CASCADE,
  n INTEGER NOT NULL, at BIGINT NOT NULL, state TEXT NOT NULL, revision BIGINT NOT NULL, note TEXT NOT NULL, by_id TEXT NOT NULL,
  PRIMARY KEY (publication_id, n)
);

-- Assets a person took back from everywhere; approving one again clears it.
CREATE TABLE asset_recalls (asset_id TEXT PRIMARY KEY, reason TEXT NOT NULL, at BIGINT NOT NULL, by_id TEXT NOT NULL);

CREATE TABLE webhooks (
  id TEXT PRIMARY KEY,
  library TEXT NOT NULL REFERENCES libraries(id),
  revision BIGINT NOT NULL,
  url TEXT NOT NULL, types TEXT NOT NULL, description TEXT NOT NULL,
  disabled BOOLEAN NOT NULL, note TEXT NOT NULL,
  secret TEXT NOT NULL, old_secret TEXT NOT NULL, rotating_until BIGINT,
  created_at BIGINT NOT NULL, created_by TEXT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX webhooks_library ON webhooks(library);
CREATE TABLE webhook_deliveries (
  id TEXT PRIMARY KEY,
  webhook_id TEXT NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,
  seq BIGINT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
  state TEXT NOT NULL, attempts INTEGER NOT NULL, next_at BIGINT, lease_token BIGINT NOT NULL,
  status INTEGER NOT NULL, error TEXT NOT NULL, response TEXT NOT NULL,
  created_at BIGINT NOT NULL, delivered_at BIGINT
);
CREATE INDEX webhook_deliveries_next ON webhook_deliveries(webhook_id, next_at) WHERE next_at IS NOT NULL;
CREATE INDEX webhook_deliveries_list ON webhook_deliveries(webhook_id, created_at);
CREATE INDEX webhook_deliveries_old ON webhook_deliveries(state, created_at);
