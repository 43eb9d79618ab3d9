-- SPDX-License-Identifier: Apache-2.0
-- The counts of event_counts once more, those of many functions together (store/sums.h), by hour (hours 1) and by day (24).
-- Lists are rewritten often: room is left in each page.
CREATE TABLE event_sums (
  hours BIGINT NOT NULL, moment BIGINT NOT NULL, facet BIGINT NOT NULL, part BIGINT NOT NULL, list BYTEA NOT NULL,
  PRIMARY KEY (hours, moment, facet, part)
) WITH (fillfactor = 60);
ALTER TABLE event_sums ALTER list SET STORAGE MAIN;
-- How far they have been made of counts that were there before: gb_sums_fill().
INSERT INTO counters SELECT 'sums', CASE WHEN EXISTS (SELECT 1 FROM event_counts) THEN 0 ELSE 9223372036854775807 END;
