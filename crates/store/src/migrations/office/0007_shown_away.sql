-- What desktops showed by themselves while they could not reach the hub. The notification need not be there: the hub
-- may have had another one say it, or the event may have moved meanwhile.
CREATE TABLE shown_away (
    notification_id BLOB NOT NULL CHECK (length(notification_id) = 16),
    device_id       BLOB NOT NULL REFERENCES device (id),
    at_ms           INTEGER NOT NULL,
    PRIMARY KEY (notification_id, device_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX shown_away_by_age ON shown_away (at_ms);
