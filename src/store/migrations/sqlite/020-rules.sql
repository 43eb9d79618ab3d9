-- SPDX-License-Identifier: Apache-2.0
-- Rules and exclusions beside the documents. A change is counted where the publisher looks: in `counters`, or, of what one function
-- alone has, at that function.
CREATE TABLE rules (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  list TEXT NOT NULL, scope TEXT NOT NULL, name TEXT NOT NULL DEFAULT '', function INTEGER NOT NULL DEFAULT 0,
  activity TEXT NOT NULL, entry TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '', author TEXT NOT NULL,
  created INTEGER NOT NULL, changed INTEGER NOT NULL, expires INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX rules_function ON rules (function, id);
ALTER TABLE functions ADD COLUMN rules INTEGER NOT NULL DEFAULT 0;
INSERT INTO counters VALUES ('rules', 0), ('rules.wide', 0);
