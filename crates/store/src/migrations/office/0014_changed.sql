-- Most notifications never change. Those that did are found by the numbers of their changes; those that did not came in
-- the order of these, so that their places in the history find them.
ALTER TABLE notification ADD COLUMN is_changed INTEGER NOT NULL DEFAULT 1 CHECK (is_changed IN (0, 1)); -- since it came
DROP INDEX notification_by_change;
CREATE UNIQUE INDEX notification_by_change ON notification (person_id, change) WHERE is_changed;
-- How many are unread is counted, so that looking for them from the newest on can end with the last.
DROP INDEX notification_unread;
-- office.event_change counted the changes of events. Now it is kept for when the event that was changed last goes: until
-- then that event has the count.
