-- The edition of the time zone data by which the instants of all events were derived; null: not known.
ALTER TABLE office ADD COLUMN zone_data TEXT;
