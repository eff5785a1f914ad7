-- Ids are the 16 bytes of a UUID. Instants are milliseconds since the Unix epoch, by the hub's clock, and end in _ms.

-- What the hub gave out last, as it wrote it.
CREATE TABLE snapshot (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    person_id    BLOB NOT NULL CHECK (length(person_id) = 16),
    version      TEXT NOT NULL,
    synced_at_ms INTEGER NOT NULL,
    content      TEXT NOT NULL
) STRICT;

-- What the clocks showed when the hub's was last heard of.
CREATE TABLE clock (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    hub_ms     INTEGER NOT NULL,
    wall_ms    INTEGER NOT NULL, -- this machine's
    since_boot_ms INTEGER NOT NULL,
    boot_id    TEXT -- which run of the machine the line above counts; null where the system does not say
) STRICT;

-- What was decided here, which is never decided again.
CREATE TABLE decided (
    notification_id BLOB PRIMARY KEY CHECK (length(notification_id) = 16),
    event_id        BLOB NOT NULL CHECK (length(event_id) = 16),
    start_key       TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('fired', 'missed', 'collapsed', 'skipped', 'cancelled')),
    decided_at_ms   INTEGER NOT NULL,
    notification    TEXT, -- as the hub would have written it; null where nothing is told
    shown_at_ms     INTEGER,
    is_settled      INTEGER NOT NULL DEFAULT 0 CHECK (is_settled IN (0, 1)) -- dismissed, put off, or no longer true
) STRICT, WITHOUT ROWID;
CREATE INDEX decided_by_age ON decided (decided_at_ms);

-- What the hub is still to be told, one line for each notification; 'shown' where its person has not chosen anything.
CREATE TABLE report (
    notification_id BLOB PRIMARY KEY CHECK (length(notification_id) = 16),
    event_id        BLOB NOT NULL CHECK (length(event_id) = 16),
    shown_at_ms     INTEGER,
    wish            TEXT CHECK (wish IN ('dismissed', 'snoozed')),
    snooze_id       BLOB CHECK (length(snooze_id) = 16),
    snooze_due_ms   INTEGER,
    CHECK ((wish IS 'snoozed') = (snooze_id IS NOT NULL)),
    CHECK ((snooze_id IS NULL) = (snooze_due_ms IS NULL))
) STRICT, WITHOUT ROWID;

-- What was put off here and is to be told again.
CREATE TABLE snooze (
    snooze_id   BLOB PRIMARY KEY CHECK (length(snooze_id) = 16),
    event_id    BLOB NOT NULL CHECK (length(event_id) = 16),
    start_key   TEXT NOT NULL,
    due_ms      INTEGER NOT NULL,
    armed_at_ms INTEGER NOT NULL,
    parent_id   BLOB NOT NULL CHECK (length(parent_id) = 16),
    parent_type TEXT NOT NULL,
    moved_from  TEXT
) STRICT, WITHOUT ROWID;
