-- SPDX-License-Identifier: Apache-2.0
-- The counts of event_counts once more, those of many functions together (store/sums.h), by hour (hours 1) and by day (24).
CREATE TABLE event_sums (
  hours INTEGER NOT NULL, moment INTEGER NOT NULL, facet INTEGER NOT NULL, part INTEGER NOT NULL, list BLOB NOT NULL,
  PRIMARY KEY (hours, moment, facet, part)
) STRICT, WITHOUT ROWID;
-- How far they have been made of counts that were there before: gb_sums_fill().
INSERT INTO counters SELECT 'sums', CASE WHEN EXISTS (SELECT 1 FROM event_counts) THEN 0 ELSE 9223372036854775807 END;
