-- SPDX-License-Identifier: Apache-2.0
-- Channels have secrets (sealed), a filter and the state of their sending; the outbox has keys and groups.

ALTER TABLE channels ADD COLUMN filter TEXT NOT NULL DEFAULT '{}';
ALTER TABLE channels ADD COLUMN secrets BLOB;
ALTER TABLE channels ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN lease INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN last_sent INTEGER NOT NULL DEFAULT 0;
ALTER TABLE channels ADD COLUMN last_error TEXT NOT NULL DEFAULT '';

DROP TABLE outbox;
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  channel INTEGER NOT NULL, key TEXT NOT NULL, grp TEXT NOT NULL,
  state INTEGER NOT NULL DEFAULT 0, action INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL, due INTEGER NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  n INTEGER NOT NULL DEFAULT 1, first_time INTEGER NOT NULL, last_time INTEGER NOT NULL,
  payload TEXT NOT NULL, error TEXT NOT NULL DEFAULT '',
  UNIQUE (channel, key)
) STRICT;
CREATE INDEX outbox_due ON outbox (state, channel, due);
CREATE INDEX outbox_group ON outbox (channel, grp, state);

INSERT INTO counters VALUES ('tell', 0);
