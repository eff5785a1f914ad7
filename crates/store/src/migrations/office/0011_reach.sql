-- How long an event lasts, by classes: what is on at a time is looked for among the short ones that began shortly
-- before, the long ones that began long before, and so on. Otherwise the longest event of all, of a year perhaps, would
-- have a whole year looked through for each day. The classes stand in query.rs, too.
ALTER TABLE event ADD COLUMN reach INTEGER GENERATED ALWAYS AS (
    CASE WHEN over_at_ms - starts_at_ms <= 86400000 THEN 0 -- a day
         WHEN over_at_ms - starts_at_ms <= 691200000 THEN 1 -- 8 days
         WHEN over_at_ms - starts_at_ms <= 5529600000 THEN 2 -- 64 days
         WHEN over_at_ms - starts_at_ms <= 44236800000 THEN 3 -- 512 days
         ELSE 4 END) VIRTUAL;
CREATE INDEX event_by_reach ON event (reach, starts_at_ms, id) WHERE deleted_at_ms IS NULL;
DROP INDEX event_by_start;
