-- SPDX-License-Identifier: Apache-2.0
-- Incidents: whose they are, and which requests belong to them.

ALTER TABLE incidents ADD COLUMN kind TEXT NOT NULL DEFAULT 'request';
ALTER TABLE incidents ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN source_ip TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN request TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN status INTEGER NOT NULL DEFAULT 0;

CREATE TABLE incident_requests (
  function INTEGER NOT NULL, request TEXT NOT NULL, incident INTEGER NOT NULL,
  PRIMARY KEY (function, request)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_requests_incident ON incident_requests (incident);
CREATE INDEX incident_events_id ON incident_events (id);
