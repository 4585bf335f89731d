-- Statistics: reports, frozen contributions, the privacy ledger and releases. Days are days since 1970-01-01 (local
-- programme day), periods are quarters as year * 4 + quarter - 1, cells are packed integers (privacy/src/cell.rs).
-- No column holds an address, a device, a card, a member of staff or a time finer than a day.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY, -- name of a fact: start (YYYY-MM-DD), indicators (version), budget (strict|default|wide), epoch (of the key of pseudonyms, from 1), founded (YYYY-MM-DD), delivered (the day before which everything received was delivered)
    value TEXT NOT NULL              -- its value, as text
);

CREATE TABLE calendar (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),  -- there is one row
    seen BIGINT NOT NULL,   -- the day that a process noted, to be sure of it when the clock has gone on from there
    hours BIGINT NOT NULL,  -- whole hours for which processes ran since
    sure BIGINT             -- the last day that is sure, by which things are forgotten; null in the first days
);

CREATE TABLE provider (
    provider   BYTEA NOT NULL PRIMARY KEY CHECK (length(provider) = 16), -- random id of an organisation; no name
    report_key BYTEA NOT NULL CHECK (length(report_key) = 32) -- public half of the key that signs its reports; the first that came stays
);

CREATE TABLE city (
    city        TEXT    NOT NULL PRIMARY KEY, -- name as in reports, [a-z0-9-]{1,32}; "other" has code 0
    code        BIGINT NOT NULL UNIQUE CHECK (code BETWEEN 0 AND 4095), -- small number inside cells; never reused
    from_period BIGINT NOT NULL              -- first quarter whose tables show this city
);

CREATE TABLE site (
    site TEXT    NOT NULL PRIMARY KEY, -- "city/name" as in reports
    city TEXT    NOT NULL REFERENCES city (city), -- the part before the slash
    code BIGINT NOT NULL UNIQUE CHECK (code > 0), -- small number inside events; 0 there means a site not registered
    provider BYTEA CHECK (length(provider) = 16) -- whose it is, the first that was told; null for a site of an imported file
);

CREATE TABLE service (
    service     TEXT    NOT NULL PRIMARY KEY, -- code as in reports, [a-z0-9-]{1,24}, of a service that the indicator file lacks
    code        BIGINT NOT NULL UNIQUE CHECK (code BETWEEN 128 AND 255), -- small number inside cells and events; never reused
    from_period BIGINT NOT NULL, -- first quarter whose tables by service show it; totals count it at once
    cover_days  BIGINT NOT NULL CHECK (cover_days BETWEEN 0 AND 3660), -- cover of an event without an appointment
    grace_days  BIGINT NOT NULL CHECK (grace_days BETWEEN 0 AND 3660), -- days after cover on which the person is still active
    lapse       TEXT    NOT NULL CHECK (lapse IN ('dropout', 'lapsed')) -- what running out means; never changed once written
);

-- A history grows in place: room is left in each page for the next version of its rows, and a row stays whole as long as it
-- fits a page.
CREATE TABLE person (
    person  BIGINT NOT NULL PRIMARY KEY, -- random 63-bit number; means nothing outside this database
    element BYTEA  NOT NULL UNIQUE CHECK (length(element) = 32), -- N_a, compressed ristretto255; rotates in place
    history BYTEA  NOT NULL CHECK (length(history) >= 5) -- every report about the person, packed (analytics/src/packed.rs)
) WITH (fillfactor = 70, toast_tuple_target = 8160);

-- Nothing stands beside a tag: one for each report that was ever taken, for ever.
CREATE TABLE report (
    tag BIGINT NOT NULL PRIMARY KEY -- 64 bits of a keyed hash of the report's id; says nothing without the key file
);

CREATE TABLE contribution (
    period BIGINT NOT NULL, -- quarter in which it is counted; rows of closed quarters never change
    cell   BIGINT NOT NULL, -- packed cell: table, city, service, group, slot
    person BIGINT NOT NULL, -- who contributes
    PRIMARY KEY (period, cell, person)
) PARTITION BY HASH (person);

-- Sixteen parts by person: each primary key is a sixteenth as large, and a closing can count the parts side by side. The
-- closing quarter is a contiguous stretch of each part's key, so history costs nothing (docs/scale.md).
CREATE TABLE contribution_00 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 0);
CREATE TABLE contribution_01 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 1);
CREATE TABLE contribution_02 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 2);
CREATE TABLE contribution_03 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 3);
CREATE TABLE contribution_04 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 4);
CREATE TABLE contribution_05 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 5);
CREATE TABLE contribution_06 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 6);
CREATE TABLE contribution_07 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 7);
CREATE TABLE contribution_08 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 8);
CREATE TABLE contribution_09 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 9);
CREATE TABLE contribution_10 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 10);
CREATE TABLE contribution_11 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 11);
CREATE TABLE contribution_12 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 12);
CREATE TABLE contribution_13 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 13);
CREATE TABLE contribution_14 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 14);
CREATE TABLE contribution_15 PARTITION OF contribution FOR VALUES WITH (MODULUS 16, REMAINDER 15);

CREATE TABLE closed_period (
    period BIGINT NOT NULL PRIMARY KEY -- a quarter is closed when its row exists; written before its noise is drawn
);

CREATE TABLE reservation (
    year       BIGINT NOT NULL, -- calendar year whose budget pays
    tab        TEXT    NOT NULL, -- table of the catalogue
    period     BIGINT NOT NULL, -- quarter released
    version    BIGINT NOT NULL, -- 1 for the first release of the quarter, then 2, ..
    cost_nano  BIGINT NOT NULL CHECK (cost_nano >= 0), -- zCDP cost in units of 1e-9 rho, rounded up
    parameters BYTEA    NOT NULL CHECK (length(parameters) = 32), -- hash of the public noise parameters
    state      TEXT    NOT NULL CHECK (state IN ('reserved', 'released')), -- reserved stays spent for ever
    PRIMARY KEY (year, tab, period, version)
);

CREATE TABLE measurement (
    tab     TEXT    NOT NULL, -- table of the catalogue
    level   TEXT    NOT NULL, -- level of the table, for example total, city, city-group
    period  BIGINT NOT NULL, -- quarter measured
    version BIGINT NOT NULL, -- as in reservation
    cell    BIGINT NOT NULL, -- packed cell, coarser levels with zeros
    value   BIGINT NOT NULL, -- the noisy integer; exact counts are never stored
    PRIMARY KEY (tab, level, period, version, cell)
);

CREATE TABLE release (
    period  BIGINT NOT NULL, -- quarter released
    version BIGINT NOT NULL, -- as in reservation
    body    BYTEA    NOT NULL, -- the signed release, byte for byte as exported
    hash    BYTEA    NOT NULL CHECK (length(hash) = 32), -- BLAKE3 of the release; also in the release log
    PRIMARY KEY (period, version)
);

CREATE TABLE refusal (
    day    BIGINT NOT NULL, -- day of delivery
    reason TEXT    NOT NULL, -- a fixed word (analytics/src/error.rs); never content
    count  BIGINT NOT NULL CHECK (count > 0), -- reports refused for that reason on that day
    PRIMARY KEY (day, reason)
);

INSERT INTO city (city, code, from_period) VALUES ('other', 0, 0);
