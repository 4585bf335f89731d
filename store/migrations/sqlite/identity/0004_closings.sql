-- Closings that one operator proposed and another has to confirm, or has confirmed and that are not finished. Who did so stays in the
-- audit table, as acts named closing-proposed and closing-confirmed.

CREATE TABLE closing (
    period INTEGER NOT NULL PRIMARY KEY,  -- the quarter, year*4 + quarter-1
    digest BLOB NOT NULL,  -- 32 bytes: hash of all that fixes what is published and spent, as it stood then; public once it is
    proposer BLOB NOT NULL REFERENCES staff (staff),  -- the operator who proposed it
    day INTEGER NOT NULL,  -- the day of that; good on it and on the next
    confirmer BLOB REFERENCES staff (staff)  -- the operator who confirmed it; null until then
) STRICT, WITHOUT ROWID;
