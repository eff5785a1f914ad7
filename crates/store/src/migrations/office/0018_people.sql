-- Each reference to a person or a device is looked for in its table, in each row that is written: five times for an
-- event. Nobody of either is ever deleted, and what is written of one is written where they were read.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql, ' REFERENCES person (id)', ''), ' REFERENCES device (id)', '')
WHERE type = 'table' AND name IN ('event', 'reminder', 'notification', 'audit');
PRAGMA writable_schema = RESET;
