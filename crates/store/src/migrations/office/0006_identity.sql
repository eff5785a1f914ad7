-- The key by which the hub proves who it is. It stays with the data, so that a move of the hub keeps it.
CREATE TABLE hub_key (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    private_key BLOB NOT NULL, -- PKCS #8
    certificate BLOB NOT NULL -- X.509, DER, signed by this very key
) STRICT;

-- SHA-256 of the public key with which a device must prove that it is the one; null: its token suffices.
ALTER TABLE device ADD COLUMN key_hash BLOB CHECK (key_hash IS NULL OR length(key_hash) = 32);
