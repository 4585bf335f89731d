-- PINs that open a device after it was closed. Whose a row is stands there as keyed hashes alone.

CREATE TABLE pin (
    tag BLOB NOT NULL PRIMARY KEY,  -- 32 bytes: keyed hash of the terminal; it has one PIN at most
    person BLOB NOT NULL,           -- 32 bytes: keyed hash of the member of staff, to delete it with them
    sealed BLOB NOT NULL,           -- staff, OPAQUE credential identifier and OPAQUE record, sealed, of one length
    wrong INTEGER NOT NULL           -- log-ins begun since the last that succeeded; the row of the tenth is deleted
) STRICT, WITHOUT ROWID;

INSERT INTO setting (name, value) VALUES ('pin_stamp', 0);  -- random, drawn anew whenever a service starts or ends
