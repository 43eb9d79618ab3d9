-- SPDX-License-Identifier: Apache-2.0
-- How learning of a function's newest code went on: a row each time that a tenth more had been seen.
CREATE TABLE learning_points (
  function INTEGER NOT NULL, code TEXT NOT NULL, invocations INTEGER NOT NULL, needed INTEGER NOT NULL, percent INTEGER NOT NULL,
  bound REAL NOT NULL, time INTEGER NOT NULL,
  PRIMARY KEY (function, invocations)
) STRICT, WITHOUT ROWID;
