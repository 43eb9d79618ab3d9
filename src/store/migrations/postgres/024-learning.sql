-- SPDX-License-Identifier: Apache-2.0
-- How learning of a function's newest code went on: a row each time that a tenth more had been seen.
CREATE TABLE learning_points (
  function BIGINT NOT NULL, code TEXT NOT NULL, invocations BIGINT NOT NULL, needed BIGINT NOT NULL, percent BIGINT NOT NULL,
  bound DOUBLE PRECISION NOT NULL, time BIGINT NOT NULL,
  PRIMARY KEY (function, invocations)
);
