-- A person's reminders of one start of an event are one row, since they are armed, moved and decided together: half as
-- much is written for an event. What was put off has a table of its own.
ALTER TABLE reminder RENAME TO one_by_one;
DROP INDEX reminder_due;
DROP INDEX reminder_by_parent;
DROP INDEX reminder_decided;

CREATE TABLE reminder (
    event_id       BLOB NOT NULL, -- of an event; see 0016
    person_id      BLOB NOT NULL REFERENCES person (id),
    start_key      TEXT NOT NULL,
    offsets        TEXT NOT NULL, -- JSON array of [offset, due_ms, armed_at_ms, state]
    next_due_ms    INTEGER, -- derived: the first of what is pending
    decided_due_ms INTEGER, -- derived: the last of what is not
    PRIMARY KEY (event_id, person_id, start_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE snooze (
    event_id    BLOB NOT NULL REFERENCES event (id),
    person_id   BLOB NOT NULL REFERENCES person (id),
    start_key   TEXT NOT NULL,
    id          BLOB NOT NULL CHECK (length(id) = 16),
    due_ms      INTEGER NOT NULL,
    armed_at_ms INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state = 'pending' OR state = 'cancelled' OR state = 'fired' OR state = 'collapsed'
                    OR state = 'skipped' OR state = 'missed'),
    parent_id   BLOB NOT NULL REFERENCES notification (id), -- what is told again
    PRIMARY KEY (event_id, person_id, start_key, id)
) STRICT, WITHOUT ROWID;

INSERT INTO reminder (event_id, person_id, start_key, offsets, next_due_ms, decided_due_ms)
    SELECT event_id, person_id, start_key, json_group_array(json_array(param, due_ms, armed_at_ms, state)),
           min(due_ms) FILTER (WHERE state = 'pending'), max(due_ms) FILTER (WHERE state <> 'pending')
    FROM one_by_one WHERE purpose = 'reminder' GROUP BY event_id, person_id, start_key;
INSERT INTO snooze (event_id, person_id, start_key, id, due_ms, armed_at_ms, state, parent_id)
    SELECT event_id, person_id, start_key, unhex(param, '-'), due_ms, armed_at_ms, state, parent_id
    FROM one_by_one WHERE purpose = 'snooze' AND length(unhex(param, '-')) = 16; -- others could not be read either
DROP TABLE one_by_one;

CREATE INDEX reminder_due ON reminder (next_due_ms) WHERE next_due_ms IS NOT NULL;
CREATE INDEX snooze_due ON snooze (due_ms) WHERE state = 'pending';
-- What was put off, and when it was told again.
CREATE INDEX snooze_by_parent ON snooze (parent_id);
-- For counting what became of them.
CREATE INDEX reminder_decided ON reminder (decided_due_ms) WHERE decided_due_ms IS NOT NULL;
CREATE INDEX snooze_decided ON snooze (due_ms, state) WHERE state <> 'pending';
