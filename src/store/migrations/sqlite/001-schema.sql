-- SPDX-License-Identifier: Apache-2.0
-- The first schema. Times are milliseconds since 1970; sandbox is its 16 hexadecimal digits as an int64.

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('events', 0), ('facets', 0);

CREATE TABLE functions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
  runtime TEXT NOT NULL DEFAULT '', agent_version TEXT NOT NULL DEFAULT '', mode TEXT NOT NULL DEFAULT '',
  posture TEXT NOT NULL DEFAULT '', grp TEXT NOT NULL DEFAULT '', tags TEXT NOT NULL DEFAULT '{}',
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, last_event INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'learning', learning_percent INTEGER NOT NULL DEFAULT 0, bound REAL NOT NULL DEFAULT 0,
  UNIQUE (account, region, name)
) STRICT;

CREATE TABLE versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  function INTEGER NOT NULL, code TEXT NOT NULL, number TEXT NOT NULL,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  UNIQUE (function, code, number)
) STRICT;

CREATE TABLE sandboxes (
  id INTEGER PRIMARY KEY,
  function INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 0, key BLOB,
  first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
  verified_to INTEGER NOT NULL DEFAULT -1, state TEXT NOT NULL DEFAULT 'open'
) STRICT;
CREATE INDEX sandboxes_function ON sandboxes (function, last_seen);

CREATE TABLE lines (
  sandbox INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY (sandbox, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE seals (
  sandbox INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  digest BLOB NOT NULL, signature BLOB NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY (sandbox, first_seq, last_seq)
) STRICT, WITHOUT ROWID;

-- Combinations of the things of few values, numbered.
CREATE TABLE event_facets (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL, type TEXT NOT NULL, class TEXT NOT NULL, control TEXT NOT NULL, action TEXT NOT NULL,
  severity INTEGER NOT NULL,
  UNIQUE (kind, type, class, control, action, severity)
) STRICT;

-- What events are searched by lies in runs of some thousand events with consecutive feed numbers, written once when a run is
-- full: for each function, each facet, and each part of the hashes of requests and addresses the list of its events
-- (store/postings.h). An insert touches no index of the whole table but that of time.
CREATE TABLE event_runs (
  run INTEGER PRIMARY KEY, last_n INTEGER NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
  n INTEGER NOT NULL, request_bits INTEGER NOT NULL, source_bits INTEGER NOT NULL
) STRICT;
CREATE INDEX event_runs_time ON event_runs (last_time, run);
CREATE TABLE event_postings (
  run INTEGER NOT NULL, key INTEGER NOT NULL, list BLOB NOT NULL,
  PRIMARY KEY (run, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
  n INTEGER PRIMARY KEY,
  time INTEGER NOT NULL, id BLOB NOT NULL,
  function INTEGER NOT NULL, version INTEGER NOT NULL, facet INTEGER NOT NULL,
  sandbox INTEGER NOT NULL, seq INTEGER NOT NULL, status INTEGER NOT NULL DEFAULT 0,
  request TEXT, source_ip TEXT,
  body TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_time ON events (time, id);

CREATE TABLE event_counts (
  function INTEGER NOT NULL, hour INTEGER NOT NULL, facet INTEGER NOT NULL, n INTEGER NOT NULL,
  PRIMARY KEY (function, hour, facet)
) STRICT, WITHOUT ROWID;

CREATE TABLE observations (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  function INTEGER NOT NULL, version INTEGER NOT NULL DEFAULT 0, sandbox INTEGER NOT NULL, seq INTEGER NOT NULL,
  time INTEGER NOT NULL, line TEXT NOT NULL
) STRICT;
CREATE INDEX observations_function ON observations (function, n);

CREATE TABLE profiles (
  function INTEGER PRIMARY KEY, body BLOB NOT NULL, revision INTEGER NOT NULL, time INTEGER NOT NULL
) STRICT;

CREATE TABLE documents (
  kind TEXT NOT NULL, name TEXT NOT NULL, revision INTEGER NOT NULL,
  body TEXT NOT NULL, author TEXT NOT NULL, time INTEGER NOT NULL, comment TEXT NOT NULL DEFAULT '',
  is_deleted INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (kind, name, revision)
) STRICT;

CREATE TABLE publications (
  function INTEGER NOT NULL, serial INTEGER NOT NULL, sha256 BLOB NOT NULL, etag TEXT NOT NULL DEFAULT '',
  time INTEGER NOT NULL, state TEXT NOT NULL, diag TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (function, serial)
) STRICT;

CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE, email TEXT NOT NULL DEFAULT '', password TEXT, role TEXT NOT NULL,
  scope TEXT NOT NULL DEFAULT '', issuer TEXT NOT NULL DEFAULT '', subject TEXT NOT NULL DEFAULT '',
  is_disabled INTEGER NOT NULL DEFAULT 0, created INTEGER NOT NULL, last_login INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX users_subject ON users (issuer, subject) WHERE subject <> '';

CREATE TABLE sessions (
  hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL, csrf BLOB NOT NULL,
  created INTEGER NOT NULL, last_used INTEGER NOT NULL, expires INTEGER NOT NULL,
  address TEXT NOT NULL DEFAULT '', agent TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE, user_id INTEGER NOT NULL, role TEXT NOT NULL,
  scopes TEXT NOT NULL DEFAULT '', scope TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL, expires INTEGER NOT NULL DEFAULT 0, last_used INTEGER NOT NULL DEFAULT 0,
  is_revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE audit (
  seq INTEGER PRIMARY KEY, time INTEGER NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
  target TEXT NOT NULL DEFAULT '', detail TEXT NOT NULL DEFAULT '', previous BLOB NOT NULL, hash BLOB NOT NULL
) STRICT;

CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE channels (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, config TEXT NOT NULL, severity_min INTEGER NOT NULL DEFAULT 0,
  window_ms INTEGER NOT NULL DEFAULT 0, is_enabled INTEGER NOT NULL DEFAULT 1, cursor_n INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel INTEGER NOT NULL, created INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting', payload TEXT NOT NULL, error TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (state, due);

CREATE TABLE incidents (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  opened INTEGER NOT NULL, updated INTEGER NOT NULL, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
  function INTEGER NOT NULL, key TEXT NOT NULL, title TEXT NOT NULL DEFAULT '', severity INTEGER NOT NULL,
  state TEXT NOT NULL DEFAULT 'open', assignee TEXT NOT NULL DEFAULT '', n INTEGER NOT NULL DEFAULT 0,
  techniques TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX incidents_time ON incidents (last_time);
CREATE INDEX incidents_key ON incidents (key, last_time);

CREATE TABLE incident_events (
  incident INTEGER NOT NULL, event_n INTEGER NOT NULL, time INTEGER NOT NULL, id BLOB NOT NULL,
  PRIMARY KEY (incident, event_n)
) STRICT, WITHOUT ROWID;

CREATE TABLE views (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner INTEGER NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, is_shared INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  UNIQUE (owner, name)
) STRICT;
