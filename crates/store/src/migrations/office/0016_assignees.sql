-- Who an event is assigned to is part of it, in its row. What is ahead of a person is looked for by time.
ALTER TABLE event ADD COLUMN assignees BLOB NOT NULL DEFAULT x'' CHECK (length(assignees) % 16 = 0); -- their ids, in order
UPDATE event SET assignees = coalesce(
    (SELECT unhex(group_concat(hex(person_id), '' ORDER BY position)) FROM assignee WHERE event_id = event.id), x'');
DROP TABLE assignee;
-- A reference has the whole row that it refers to read for each row that has it, and that of an event may be long. What
-- is written of an event is written where the event was just read, or written; it goes only when nothing refers to it.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'event_id         BLOB NOT NULL REFERENCES event (id),',
    'event_id         BLOB NOT NULL, -- of an event') WHERE type = 'table' AND name = 'notification';
PRAGMA writable_schema = RESET;
