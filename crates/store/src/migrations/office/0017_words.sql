-- What is told to several people in the same words is kept once for all but the first.
CREATE TABLE words (
    number     INTEGER PRIMARY KEY,
    told_of    BLOB NOT NULL, -- the event
    told_at_ms INTEGER NOT NULL,
    of_title   TEXT NOT NULL,
    of_message TEXT NOT NULL,
    of_event   TEXT NOT NULL -- JSON: the event as it was
) STRICT;
ALTER TABLE notification ADD COLUMN words_number INTEGER; -- of words; then there is nothing in title, message and event
