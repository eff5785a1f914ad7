-- What devices say of the notifications that they were sent. It never changes what they are sent.

-- From this time on, everything up to seq was safe on the device; a row for each advance.
CREATE TABLE receipt (
    device_id BLOB NOT NULL REFERENCES device (id),
    seq       INTEGER NOT NULL CHECK (seq >= 1),
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (device_id, seq)
) STRICT, WITHOUT ROWID;

-- When a notification was first before somebody's eyes on the device.
CREATE TABLE sighting (
    notification_id BLOB NOT NULL REFERENCES notification (id),
    device_id       BLOB NOT NULL REFERENCES device (id),
    at_ms           INTEGER NOT NULL,
    PRIMARY KEY (notification_id, device_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE notification ADD COLUMN read_at_ms INTEGER; -- when its person marked it as read; null too where that is not known

-- What was put off, and when it was told again.
CREATE INDEX reminder_by_parent ON reminder (parent_id) WHERE parent_id IS NOT NULL;
-- For counting what became of reminders.
CREATE INDEX reminder_decided ON reminder (due_ms, state) WHERE state <> 'pending';
CREATE INDEX notification_late ON notification (created_at_ms) WHERE late AND outcome = 'fired';
