-- What is written for each event costs most, and of that its indexes: those that others can stand in for go.
-- The longest of the very long ones is all that is asked.
DROP INDEX event_by_span;
CREATE INDEX event_longest ON event (span_ms) WHERE reach = 4;
-- Of one event somebody has a few notifications at most: which of them are open can be read from these.
DROP INDEX notification_open;
DROP INDEX notification_by_event;
CREATE INDEX notification_by_event ON notification (event_id, person_id);
-- Pending is only what belongs to an event that somebody is assigned to, or is due soon: both have indexes.
DROP INDEX reminder_pending_by_person;
-- The same conditions in other words: a list of more than two would be put into a table of its own for each row.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (status IN (''planned'', ''done'', ''cancelled''))',
    'CHECK (status = ''planned'' OR status = ''done'' OR status = ''cancelled'')')
    WHERE type = 'table' AND name = 'event';
UPDATE sqlite_schema SET sql = replace(sql,
    'CHECK (state IN (''pending'', ''cancelled'', ''fired'', ''collapsed'', ''skipped'', ''missed''))',
    'CHECK (state = ''pending'' OR state = ''cancelled'' OR state = ''fired'' OR state = ''collapsed'' OR state = ''skipped''
        OR state = ''missed'')')
    WHERE type = 'table' AND name = 'reminder';
PRAGMA writable_schema = RESET;
