-- As long as the wall clock is not believed for what cannot be undone: what it showed at the last look, and for how
-- long it had held by then, in all runs together.
ALTER TABLE office ADD COLUMN clock_seen_at_ms INTEGER;
ALTER TABLE office ADD COLUMN clock_held_ms INTEGER NOT NULL DEFAULT 0 CHECK (clock_held_ms >= 0);
