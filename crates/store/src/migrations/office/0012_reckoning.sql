-- What the hub made of its clocks: another run of it goes on from there as long as the machine has been on. How the wall
-- clock stands is said by when, going by it, the machine started.
CREATE TABLE reckoning (
    id               INTEGER PRIMARY KEY CHECK (id = 1),
    boot             TEXT NOT NULL, -- which run of the machine
    believed_ms      INTEGER NOT NULL, -- as the wall clock stood when it was last believed
    doubted_ms       INTEGER, -- as it has stood since it leapt, while that is doubted
    doubted_since_ms INTEGER CHECK (doubted_since_ms >= 0), -- when it leapt, by the boot clock
    CHECK ((doubted_ms IS NULL) = (doubted_since_ms IS NULL))
) STRICT;
