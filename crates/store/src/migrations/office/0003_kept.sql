ALTER TABLE office ADD COLUMN forgot_at_ms INTEGER; -- when what is older than is kept last went

-- What may go is found, and what refers to it ruled out, without reading everything.
CREATE INDEX event_deleted ON event (deleted_at_ms) WHERE deleted_at_ms IS NOT NULL;
CREATE INDEX notification_by_event ON notification (event_id);
CREATE INDEX notification_by_parent ON notification (parent_id) WHERE parent_id IS NOT NULL;
