-- SPDX-License-Identifier: Apache-2.0
-- Incidents: whose they are, and which requests belong to them.

ALTER TABLE incidents ADD COLUMN kind TEXT NOT NULL DEFAULT 'request';
ALTER TABLE incidents ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN source_ip TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN request TEXT NOT NULL DEFAULT '';
ALTER TABLE incidents ADD COLUMN blocked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents ADD COLUMN status BIGINT NOT NULL DEFAULT 0;

CREATE TABLE incident_requests (
  function BIGINT NOT NULL, request TEXT NOT NULL, incident BIGINT NOT NULL,
  PRIMARY KEY (function, request)
);
CREATE INDEX incident_requests_incident ON incident_requests (incident);
ALTER TABLE incident_events ALTER COLUMN id TYPE BYTEA USING DECODE(REPLACE(CAST(id AS TEXT), '-', ''), 'hex');
CREATE INDEX incident_events_id ON incident_events (id);
