-- The office's own certificate authority, by which browsers know the hub. It stays with the data, so that a
-- move of the hub keeps what people installed on their devices.
CREATE TABLE authority (
    id            INTEGER PRIMARY KEY CHECK (id = 1),
    private_key   BLOB NOT NULL, -- PKCS #8
    certificate   BLOB NOT NULL, -- X.509, DER, signed by this very key
    name          TEXT NOT NULL, -- its subject's and issuer's common name
    host_names    TEXT NOT NULL CHECK (json_valid(host_names)), -- for which it may vouch, beside private addresses
    expires_at_ms INTEGER NOT NULL
) STRICT;

-- Whether browsers are served over HTTPS as well.
ALTER TABLE office ADD COLUMN is_secure INTEGER NOT NULL DEFAULT 0 CHECK (is_secure IN (0, 1));
-- Whether other machines may still use plain HTTP where they are.
ALTER TABLE office ADD COLUMN takes_plain_http INTEGER NOT NULL DEFAULT 1 CHECK (takes_plain_http IN (0, 1));
