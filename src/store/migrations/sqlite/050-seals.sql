-- SPDX-License-Identifier: Apache-2.0
-- Lines that no seal has vouched for yet, seals, and what was found to be forged. Two lines may claim one number, and two
-- seals the same lines: which is true is known only when the signature was looked at.
DROP TABLE lines;
DROP TABLE seals;

ALTER TABLE sandboxes ADD COLUMN start_seq INTEGER NOT NULL DEFAULT -1;
ALTER TABLE sandboxes ADD COLUMN stream TEXT NOT NULL DEFAULT '';
CREATE INDEX sandboxes_stream ON sandboxes (stream) WHERE stream <> '';

-- time: when they came in; 2^50 more once it was told that no seal came, 2^51 more for seals, which need none.
CREATE TABLE lines (
  sandbox INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY (sandbox, seq, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX lines_time ON lines (time);

-- seen: a bit for each line from first_seq on that came in with the hash the seal has. state: 0 not looked at, 1 good but
-- not all lines are here, 2 done, 3 the sandbox has not been heard of.
CREATE TABLE seals (
  sandbox INTEGER NOT NULL, first_seq INTEGER NOT NULL, last_seq INTEGER NOT NULL,
  hashes BLOB NOT NULL, signature BLOB NOT NULL, seen INTEGER NOT NULL, state INTEGER NOT NULL DEFAULT 0,
  time INTEGER NOT NULL,
  PRIMARY KEY (sandbox, first_seq, signature)
) STRICT, WITHOUT ROWID;
CREATE INDEX seals_state ON seals (state, time);

CREATE TABLE forged (
  sandbox INTEGER NOT NULL, seq INTEGER NOT NULL, hash BLOB NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY (sandbox, seq, hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX forged_time ON forged (time);
