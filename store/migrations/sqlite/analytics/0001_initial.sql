-- Statistics: reports, frozen contributions, the privacy ledger and releases. Days are days since 1970-01-01 (local
-- programme day), periods are quarters as year * 4 + quarter - 1, cells are packed integers (privacy/src/cell.rs).
-- No column holds an address, a device, a card, a member of staff or a time finer than a day.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY, -- name of a fact: start (YYYY-MM-DD), indicators (version), budget (strict|default|wide), epoch (of the key of pseudonyms, from 1), founded (YYYY-MM-DD), delivered (the day before which everything received was delivered)
    value TEXT NOT NULL              -- its value, as text
) STRICT, WITHOUT ROWID;

CREATE TABLE calendar (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),  -- there is one row
    seen INTEGER NOT NULL,   -- the day that a process noted, to be sure of it when the clock has gone on from there
    hours INTEGER NOT NULL,  -- whole hours for which processes ran since
    sure INTEGER             -- the last day that is sure, by which things are forgotten; null in the first days
) STRICT, WITHOUT ROWID;

CREATE TABLE provider (
    provider   BLOB NOT NULL PRIMARY KEY CHECK (length(provider) = 16), -- random id of an organisation; no name
    report_key BLOB NOT NULL CHECK (length(report_key) = 32) -- public half of the key that signs its reports; the first that came stays
) STRICT, WITHOUT ROWID;

CREATE TABLE city (
    city        TEXT    NOT NULL PRIMARY KEY, -- name as in reports, [a-z0-9-]{1,32}; "other" has code 0
    code        INTEGER NOT NULL UNIQUE CHECK (code BETWEEN 0 AND 4095), -- small number inside cells; never reused
    from_period INTEGER NOT NULL              -- first quarter whose tables show this city
) STRICT, WITHOUT ROWID;

CREATE TABLE site (
    site TEXT    NOT NULL PRIMARY KEY, -- "city/name" as in reports
    city TEXT    NOT NULL REFERENCES city (city), -- the part before the slash
    code INTEGER NOT NULL UNIQUE CHECK (code > 0), -- small number inside events; 0 there means a site not registered
    provider BLOB CHECK (length(provider) = 16) -- whose it is, the first that was told; null for a site of an imported file
) STRICT, WITHOUT ROWID;

CREATE TABLE service (
    service     TEXT    NOT NULL PRIMARY KEY, -- code as in reports, [a-z0-9-]{1,24}, of a service that the indicator file lacks
    code        INTEGER NOT NULL UNIQUE CHECK (code BETWEEN 128 AND 255), -- small number inside cells and events; never reused
    from_period INTEGER NOT NULL, -- first quarter whose tables by service show it; totals count it at once
    cover_days  INTEGER NOT NULL CHECK (cover_days BETWEEN 0 AND 3660), -- cover of an event without an appointment
    grace_days  INTEGER NOT NULL CHECK (grace_days BETWEEN 0 AND 3660), -- days after cover on which the person is still active
    lapse       TEXT    NOT NULL CHECK (lapse IN ('dropout', 'lapsed')) -- what running out means; never changed once written
) STRICT, WITHOUT ROWID;

-- A table with its rows by number, for a history may be long; the numbers are random, so rows keep no order of arrival.
CREATE TABLE person (
    person  INTEGER NOT NULL PRIMARY KEY, -- random 63-bit number; means nothing outside this database
    element BLOB    NOT NULL UNIQUE CHECK (length(element) = 32), -- N_a, compressed ristretto255; rotates in place
    history BLOB    NOT NULL CHECK (length(history) >= 5) -- every report about the person, packed (analytics/src/packed.rs)
) STRICT;

-- A rowid table, so that a row is little more than its number: one for each report that was ever taken, for ever.
CREATE TABLE report (
    tag INTEGER NOT NULL PRIMARY KEY -- 64 bits of a keyed hash of the report's id; says nothing without the key file
) STRICT;

CREATE TABLE contribution (
    period INTEGER NOT NULL, -- quarter in which it is counted; rows of closed quarters never change
    cell   INTEGER NOT NULL, -- packed cell: table, city, service, group, slot
    person INTEGER NOT NULL, -- who contributes
    PRIMARY KEY (period, cell, person)
) STRICT, WITHOUT ROWID;

CREATE TABLE closed_period (
    period INTEGER NOT NULL PRIMARY KEY -- a quarter is closed when its row exists; written before its noise is drawn
) STRICT;

CREATE TABLE reservation (
    year       INTEGER NOT NULL, -- calendar year whose budget pays
    tab        TEXT    NOT NULL, -- table of the catalogue
    period     INTEGER NOT NULL, -- quarter released
    version    INTEGER NOT NULL, -- 1 for the first release of the quarter, then 2, ..
    cost_nano  INTEGER NOT NULL CHECK (cost_nano >= 0), -- zCDP cost in units of 1e-9 rho, rounded up
    parameters BLOB    NOT NULL CHECK (length(parameters) = 32), -- hash of the public noise parameters
    state      TEXT    NOT NULL CHECK (state IN ('reserved', 'released')), -- reserved stays spent for ever
    PRIMARY KEY (year, tab, period, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE measurement (
    tab     TEXT    NOT NULL, -- table of the catalogue
    level   TEXT    NOT NULL, -- level of the table, for example total, city, city-group
    period  INTEGER NOT NULL, -- quarter measured
    version INTEGER NOT NULL, -- as in reservation
    cell    INTEGER NOT NULL, -- packed cell, coarser levels with zeros
    value   INTEGER NOT NULL, -- the noisy integer; exact counts are never stored
    PRIMARY KEY (tab, level, period, version, cell)
) STRICT, WITHOUT ROWID;

CREATE TABLE release (
    period  INTEGER NOT NULL, -- quarter released
    version INTEGER NOT NULL, -- as in reservation
    body    BLOB    NOT NULL, -- the signed release, byte for byte as exported
    hash    BLOB    NOT NULL CHECK (length(hash) = 32), -- BLAKE3 of the release; also in the release log
    PRIMARY KEY (period, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE refusal (
    day    INTEGER NOT NULL, -- day of delivery
    reason TEXT    NOT NULL, -- a fixed word (analytics/src/error.rs); never content
    count  INTEGER NOT NULL CHECK (count > 0), -- reports refused for that reason on that day
    PRIMARY KEY (day, reason)
) STRICT, WITHOUT ROWID;

INSERT INTO city (city, code, from_period) VALUES ('other', 0, 0);
