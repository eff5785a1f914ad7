-- Desktops that were given a copy of everything, with which they could become this hub.
CREATE TABLE keeper (
    device_id    BLOB PRIMARY KEY REFERENCES device (id),
    is_chosen    INTEGER NOT NULL CHECK (is_chosen IN (0, 1)), -- it is to keep a daily copy
    chosen_at_ms INTEGER NOT NULL,
    address      TEXT,    -- HOST:PORT where it would serve, were it the hub
    given_at_ms  INTEGER, -- when a copy was last given out; null: never
    kept_at_ms   INTEGER, -- when it last said that its copy is whole and on its disk
    kept_bytes   INTEGER
) STRICT;
CREATE UNIQUE INDEX keeper_chosen ON keeper (is_chosen) WHERE is_chosen;

-- Where this hub was before it came to be on this machine: what is left of it there may come back.
CREATE TABLE former_place (
    address TEXT PRIMARY KEY, -- HOST:PORT
    left_at_ms INTEGER NOT NULL
) STRICT;
