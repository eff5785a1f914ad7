-- A reference is looked for in each row that is written: three times for an event to the same few people. None of them is
-- ever deleted, and what is written of one is written where they were read. Who did something, which the audit log says,
-- stays a reference: a restore can take the device away with which somebody is just doing it.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, ' REFERENCES person (id)', '')
WHERE type = 'table' AND name IN ('event', 'reminder', 'notification');
PRAGMA writable_schema = RESET;
