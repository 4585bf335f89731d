-- Closings that one operator proposed and another has to confirm, or has confirmed and that are not finished. Who did so stays in the
-- audit table, as acts named closing-proposed and closing-confirmed.

CREATE TABLE closing (
    period BIGINT NOT NULL PRIMARY KEY,  -- the quarter, year*4 + quarter-1
    digest BYTEA NOT NULL,  -- 32 bytes: hash of all that fixes what is published and spent, as it stood then; public once it is
    proposer BYTEA NOT NULL REFERENCES staff (staff),  -- the operator who proposed it
    day BIGINT NOT NULL,  -- the day of that; good on it and on the next
    confirmer BYTEA REFERENCES staff (staff)  -- the operator who confirmed it; null until then
);
