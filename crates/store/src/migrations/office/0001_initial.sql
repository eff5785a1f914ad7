-- Ids are the 16 bytes of a UUID. Instants are milliseconds since the Unix epoch and end in _ms.

CREATE TABLE office (
    id                 INTEGER PRIMARY KEY CHECK (id = 1),
    hub_id             BLOB NOT NULL CHECK (length(hub_id) = 16),
    epoch              INTEGER NOT NULL CHECK (epoch >= 1),
    name               TEXT NOT NULL,
    locale             TEXT NOT NULL CHECK (locale IN ('fr', 'en')),
    time_zone          TEXT NOT NULL,
    reminders          TEXT NOT NULL, -- JSON array of minutes
    all_day_at_minutes INTEGER NOT NULL CHECK (all_day_at_minutes BETWEEN 0 AND 1439),
    event_change       INTEGER NOT NULL DEFAULT 0 -- counts the changes of events
) STRICT;

CREATE TABLE person (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    name          TEXT NOT NULL,
    role          TEXT NOT NULL CHECK (role IN ('admin', 'member')),
    email         TEXT,
    locale        TEXT CHECK (locale IN ('fr', 'en')),
    time_zone     TEXT,
    reminders     TEXT, -- JSON array of minutes
    quiet_from    TEXT,
    quiet_to      TEXT,
    active        INTEGER NOT NULL CHECK (active IN (0, 1)),
    created_at_ms INTEGER NOT NULL,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
) STRICT, WITHOUT ROWID;

-- A person's counters: kept by whoever writes a notification, so that nobody has to count.
CREATE TABLE inbox (
    person_id      BLOB PRIMARY KEY REFERENCES person (id),
    seq            INTEGER NOT NULL DEFAULT 0, -- the last notification's
    change         INTEGER NOT NULL DEFAULT 0, -- the last insert's or update's
    unread         INTEGER NOT NULL DEFAULT 0 CHECK (unread >= 0),
    bulk_read_from INTEGER NOT NULL DEFAULT 0, -- the changes in (from, to] are one "mark all read"
    bulk_read_to   INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    id            BLOB PRIMARY KEY CHECK (length(id) = 16),
    title         TEXT NOT NULL,
    all_day       INTEGER NOT NULL CHECK (all_day IN (0, 1)),
    local_start   TEXT, -- the wall time on a clock of time_zone; with offset_s the truth of a timed event
    offset_s      INTEGER,
    duration_ms   INTEGER CHECK (duration_ms >= 0),
    first_day     TEXT, -- the truth of an all-day event
    last_day      TEXT,
    time_zone     TEXT NOT NULL,
    starts_at_ms  INTEGER NOT NULL, -- derived
    over_at_ms    INTEGER NOT NULL, -- derived
    span_ms       INTEGER GENERATED ALWAYS AS (over_at_ms - starts_at_ms) VIRTUAL,
    location      TEXT,
    comment       TEXT,
    contact       TEXT, -- JSON object
    reminders     TEXT, -- JSON array of minutes; null: each assignee's own
    reminder_days TEXT NOT NULL, -- JSON array of days
    status        TEXT NOT NULL CHECK (status IN ('planned', 'done', 'cancelled')),
    visibility    TEXT NOT NULL CHECK (visibility IN ('team', 'private')),
    revision      INTEGER NOT NULL CHECK (revision >= 1),
    created_by    BLOB NOT NULL REFERENCES person (id),
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    deleted_at_ms INTEGER,
    search_text   TEXT NOT NULL, -- derived: all that is searched, in lower case
    change        INTEGER NOT NULL, -- office.event_change at its latest change
    CHECK (all_day = (local_start IS NULL) AND all_day = (offset_s IS NULL)),
    CHECK (all_day = (first_day IS NOT NULL) AND all_day = (last_day IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX event_by_start ON event (starts_at_ms, id) WHERE deleted_at_ms IS NULL;
CREATE INDEX event_by_span ON event (span_ms);
CREATE UNIQUE INDEX event_by_change ON event (change);

CREATE TABLE assignee (
    event_id  BLOB NOT NULL REFERENCES event (id),
    person_id BLOB NOT NULL REFERENCES person (id),
    position  INTEGER NOT NULL,
    PRIMARY KEY (event_id, person_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX assignee_by_person ON assignee (person_id, event_id);

-- Where an event was before it moved, for those who watch that range.
CREATE TABLE event_move (
    event_id     BLOB NOT NULL REFERENCES event (id),
    change       INTEGER NOT NULL,
    starts_at_ms INTEGER NOT NULL,
    over_at_ms   INTEGER NOT NULL,
    PRIMARY KEY (event_id, change)
) STRICT, WITHOUT ROWID;

CREATE TABLE reminder (
    event_id    BLOB NOT NULL REFERENCES event (id),
    person_id   BLOB NOT NULL REFERENCES person (id),
    start_key   TEXT NOT NULL,
    purpose     TEXT NOT NULL CHECK (purpose IN ('reminder', 'snooze')),
    param       TEXT NOT NULL,
    due_ms      INTEGER NOT NULL,
    armed_at_ms INTEGER NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('pending', 'cancelled', 'fired', 'collapsed', 'skipped', 'missed')),
    parent_id   BLOB REFERENCES notification (id), -- of a snooze: what was snoozed
    PRIMARY KEY (event_id, person_id, start_key, purpose, param),
    CHECK ((purpose = 'snooze') = (parent_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX reminder_due ON reminder (due_ms) WHERE state = 'pending';
CREATE INDEX reminder_pending_by_person ON reminder (person_id) WHERE state = 'pending';

CREATE TABLE notification (
    id               BLOB PRIMARY KEY CHECK (length(id) = 16), -- the hash of its key: at most one for each
    person_id        BLOB NOT NULL REFERENCES person (id),
    seq              INTEGER NOT NULL,
    change           INTEGER NOT NULL,
    event_id         BLOB NOT NULL REFERENCES event (id),
    type             TEXT NOT NULL,
    moved_from       TEXT, -- start key
    outcome          TEXT NOT NULL CHECK (outcome IN ('fired', 'missed')),
    title            TEXT NOT NULL,
    message          TEXT NOT NULL,
    event            TEXT NOT NULL, -- JSON: the event as it was
    due_ms           INTEGER NOT NULL,
    created_at_ms    INTEGER NOT NULL,
    late             INTEGER NOT NULL CHECK (late IN (0, 1)),
    parent_id        BLOB REFERENCES notification (id),
    is_read          INTEGER NOT NULL DEFAULT 0 CHECK (is_read IN (0, 1)),
    dismissed_at_ms  INTEGER,
    snoozed_until_ms INTEGER,
    withdrawn_at_ms  INTEGER,
    CHECK (is_read OR (dismissed_at_ms IS NULL AND snoozed_until_ms IS NULL AND withdrawn_at_ms IS NULL))
) STRICT;
CREATE UNIQUE INDEX notification_by_seq ON notification (person_id, seq);
CREATE UNIQUE INDEX notification_by_change ON notification (person_id, change);
CREATE INDEX notification_unread ON notification (person_id, seq) WHERE is_read = 0;
-- Those that may still be on a screen.
CREATE INDEX notification_open ON notification (person_id, event_id)
    WHERE dismissed_at_ms IS NULL AND snoozed_until_ms IS NULL AND withdrawn_at_ms IS NULL;

CREATE TABLE device (
    id              BLOB PRIMARY KEY CHECK (length(id) = 16),
    person_id       BLOB NOT NULL REFERENCES person (id),
    name            TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('browser', 'desktop', 'token')),
    is_local        INTEGER NOT NULL CHECK (is_local IN (0, 1)), -- the desktop that holds this file
    token_hash      BLOB NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    created_at_ms   INTEGER NOT NULL,
    last_seen_at_ms INTEGER,
    acked_seq       INTEGER NOT NULL DEFAULT 0, -- a receipt: up to here everything is safe on the device
    revoked_at_ms   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_person ON device (person_id);
CREATE UNIQUE INDEX device_local ON device (is_local) WHERE is_local AND revoked_at_ms IS NULL;

CREATE TABLE invitation (
    id                 BLOB PRIMARY KEY CHECK (length(id) = 16),
    person_id          BLOB NOT NULL REFERENCES person (id),
    is_first_sign_in   INTEGER NOT NULL CHECK (is_first_sign_in IN (0, 1)),
    secret_hash        BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    link_expires_at_ms INTEGER NOT NULL,
    code_selector      TEXT NOT NULL,
    code_hash          BLOB NOT NULL CHECK (length(code_hash) = 32),
    code_expires_at_ms INTEGER NOT NULL,
    wrong_tries        INTEGER NOT NULL DEFAULT 0,
    spent_at_ms        INTEGER -- used, or replaced by a newer one
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_selector ON invitation (code_selector) WHERE spent_at_ms IS NULL;

-- The first answer to a request that may be sent again.
CREATE TABLE idempotency (
    device_id     BLOB NOT NULL REFERENCES device (id),
    key           TEXT NOT NULL,
    body_hash     BLOB NOT NULL CHECK (length(body_hash) = 32),
    answer        TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (device_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at_ms);

-- Who changed what. Names of fields and ids only: what they held may be private.
CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    person_id BLOB REFERENCES person (id), -- null: the command line of the hub's own machine
    device_id BLOB REFERENCES device (id),
    action    TEXT NOT NULL,
    object_id BLOB,
    revision  INTEGER,
    detail    TEXT NOT NULL DEFAULT '{}' -- JSON object
) STRICT;
