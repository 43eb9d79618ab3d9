-- SPDX-License-Identifier: Apache-2.0
-- Observations are learned once it is known whether their sandbox said them. waits_since: 0 nobody has looked yet, -1 it did,
-- else when they were first looked at.
ALTER TABLE observations ADD COLUMN waits_since INTEGER NOT NULL DEFAULT 0;
DROP INDEX observations_function;
CREATE INDEX observations_ready ON observations (function, n) WHERE waits_since < 0;
CREATE INDEX sandboxes_keyed ON sandboxes (function) WHERE key IS NOT NULL;
