-- An invitation for everybody: a link and a short code that are good for many, and by which one may
-- only ask to be let in.
CREATE TABLE open_invitation (
    id                 BLOB PRIMARY KEY CHECK (length(id) = 16),
    secret_hash        BLOB NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    link_expires_at_ms INTEGER NOT NULL,
    code_selector      TEXT NOT NULL,
    code_hash          BLOB NOT NULL CHECK (length(code_hash) = 32),
    code_expires_at_ms INTEGER NOT NULL,
    wrong_tries        INTEGER NOT NULL DEFAULT 0,
    revoked_at_ms      INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX open_invitation_by_selector ON open_invitation (code_selector) WHERE revoked_at_ms IS NULL;
