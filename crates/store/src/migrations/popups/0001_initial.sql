-- Ids are the 16 bytes of a UUID. Instants are milliseconds since the Unix epoch and end in _ms.

-- Whose history the cursor is a place in.
CREATE TABLE source (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    hub_id    BLOB NOT NULL CHECK (length(hub_id) = 16),
    epoch     INTEGER NOT NULL CHECK (epoch >= 1),
    person_id BLOB NOT NULL CHECK (length(person_id) = 16)
) STRICT;

CREATE TABLE cursor (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    seq     INTEGER NOT NULL CHECK (seq >= 0),
    last_id BLOB CHECK (length(last_id) = 16), -- of the notification with this seq
    change  INTEGER NOT NULL CHECK (change >= 0)
) STRICT;

CREATE TABLE popup (
    notification_id BLOB PRIMARY KEY CHECK (length(notification_id) = 16),
    state           TEXT NOT NULL CHECK (state IN ('showing', 'shown', 'closed')),
    recorded_at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX popup_by_age ON popup (recorded_at_ms);
CREATE INDEX popup_showing ON popup (recorded_at_ms) WHERE state = 'showing';
