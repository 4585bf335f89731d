-- Identity room, first schema. Ids are 16 random bytes. Days are days since 1970-01-01; nothing finer than a day is stored.
-- "sealed" columns are XChaCha20-Poly1305 under a key that is never in this database, bound to purpose and row.

CREATE TABLE setting (
    name TEXT NOT NULL PRIMARY KEY,  -- status_revision or envelope_stamp
    value BIGINT NOT NULL            -- status_revision: random, drawn anew whenever a card is revoked; envelope_stamp: random, drawn anew whenever an envelope is put or deleted
);

CREATE TABLE calendar (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),  -- there is one row
    seen BIGINT NOT NULL,   -- the day that a process noted, to be sure of it when the clock has gone on from there
    hours BIGINT NOT NULL,  -- whole hours for which processes ran since
    sure BIGINT             -- the last day that is sure, by which things are forgotten; null in the first days
);

CREATE TABLE trust_log (
    seq BIGINT NOT NULL PRIMARY KEY,  -- position in the public log of keys, from 1, without gaps
    entry BYTEA NOT NULL,  -- the entry as it is handed out: a core that the root key signed, or the key of a provider's domain
    hash BYTEA NOT NULL  -- 32 bytes: hash of the log up to here
);

CREATE TABLE domain_factor (
    domain TEXT NOT NULL,   -- name of the domain: card, mail, handle, recover, short, pin, anal, prov/<provider>
    epoch BIGINT NOT NULL,  -- epoch of that key
    sealed BYTEA NOT NULL,   -- 72 bytes: its random factor under a key of the key file; without this row the domain's key is gone
    PRIMARY KEY (domain, epoch)
);

CREATE TABLE provider (
    provider BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes, random
    name TEXT NOT NULL UNIQUE,            -- name of the organisation, as the operator entered it
    public BYTEA,                         -- 32 bytes: public key of its inbox; null until its first administrator registers
    report_key BYTEA                      -- 32 bytes: public half of the key that signs its reports; null until then
);

CREATE TABLE site (
    site TEXT NOT NULL PRIMARY KEY,  -- "city/name", lower case
    provider BYTEA NOT NULL REFERENCES provider (provider),  -- the organisation that runs it
    entered BIGINT NOT NULL,  -- the day on which it was entered; the statistics role counts its city from then on
    zone TEXT  -- name of its time zone (IANA); null for the programme's
);

CREATE TABLE invitation (
    hash BYTEA NOT NULL PRIMARY KEY,  -- 32 bytes: hash of the one-time invitation; its text never comes here
    role TEXT NOT NULL,               -- role the invited person gets
    provider BYTEA REFERENCES provider (provider),  -- organisation of that role; null for operators and funders
    inviter TEXT NOT NULL,            -- who made it: command-line, operator or administrator
    drawn BIGINT NOT NULL,            -- the day that its text bears
    last_day BIGINT NOT NULL,         -- last day on which it can be used
    used BIGINT NOT NULL DEFAULT 0    -- 1 once somebody registered with it
);

CREATE TABLE staff (
    staff BYTEA NOT NULL PRIMARY KEY,   -- 16 bytes, random
    handle_tag BYTEA NOT NULL UNIQUE,   -- 32 bytes: keyed hash of the log-in name, to find it
    handle_sealed BYTEA NOT NULL,       -- log-in name, sealed, to show it to the provider's administrator
    role TEXT NOT NULL,                 -- outreach-worker, clinician, provider-administrator, operator or funder
    provider BYTEA REFERENCES provider (provider),  -- null for operators and funders
    credential BYTEA NOT NULL,          -- 16 bytes: OPAQUE credential identifier, derived from the invitation
    record BYTEA NOT NULL,              -- OPAQUE record, first byte names the suite
    public BYTEA NOT NULL,              -- 32 bytes: public key to which the data key is sealed
    private_sealed BYTEA NOT NULL,      -- the private half, sealed by the person's terminal under the password
    proof BYTEA NOT NULL,               -- 32 bytes: what tells the inviter's terminal that the public key is the invited person's
    inviter TEXT NOT NULL,             -- who invited them: command-line, operator or administrator
    invited BIGINT NOT NULL,          -- the day of that invitation
    made_key BIGINT NOT NULL DEFAULT 0, -- 1 for whoever made the provider's data key
    data_key_sealed BYTEA,              -- the provider's data key, handed on to this person; null until a colleague gives it
    revoked BIGINT NOT NULL DEFAULT 0   -- 1 once revoked, for ever
);

CREATE TABLE terminal (
    terminal BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes, random
    class TEXT NOT NULL,                 -- whose staff may use it: provider, operator or funder
    provider BYTEA REFERENCES provider (provider),  -- which organisation's, when it is a provider's; else null
    public BYTEA NOT NULL,                -- 32 bytes: Ed25519 key that signs every log-in
    door_sealed BYTEA NOT NULL,           -- the key that it knocks with, sealed
    label_sealed BYTEA NOT NULL,          -- what its provider calls it, sealed, padded to one length
    revoked BIGINT NOT NULL DEFAULT 0     -- 1 once revoked, for ever
);

CREATE TABLE guess (
    tag BYTEA NOT NULL PRIMARY KEY,  -- 32 bytes: keyed hash of a log-in name, with a terminal or alone; the name may be nobody's
    wrong BIGINT NOT NULL,           -- log-ins begun since the last that succeeded; a row of none is deleted
    day BIGINT NOT NULL              -- day of the last of them, to forget it after a year
);

CREATE TABLE sign_in (
    terminal BYTEA NOT NULL REFERENCES terminal (terminal),  -- where
    staff BYTEA NOT NULL REFERENCES staff (staff),           -- who
    pair BYTEA NOT NULL UNIQUE,     -- 32 bytes: keyed hash of both, by the log-in name
    day BIGINT NOT NULL,             -- last day of it; written when the day is over
    PRIMARY KEY (terminal, staff)
);

CREATE TABLE envelope (
    envelope BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes, derived from a card; says nothing without it
    sealed BYTEA NOT NULL,                -- identity secret under the card's key, fixed length
    delete_hash BYTEA NOT NULL            -- 32 bytes: hash of the token that deletes it
);

CREATE TABLE card_index (
    page BIGINT NOT NULL PRIMARY KEY,  -- indices page*4096 .. page*4096+4095
    used BYTEA NOT NULL,               -- 512 bytes, 1 bit an index, least significant first: was ever given to a blank
    revoked BYTEA NOT NULL             -- 512 bytes, likewise: card is revoked
);

CREATE TABLE roster (
    place BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes: keyed hash of a provider and a position in its log, from 1, without gaps
    entry BYTEA NOT NULL UNIQUE,       -- 16 bytes: keyed hash of the provider and the id that the terminal chose, which makes sending twice harmless
    sealed BYTEA NOT NULL              -- position, id and entry (under the provider's data key, padded), sealed once more
);

CREATE TABLE outbox (
    item BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes, random and given here: storage order says nothing about arrival
    sealed BYTEA NOT NULL,            -- provider, ElGamal pair and sealed report, sealed once more so that a wire-tap does not match
    received BIGINT NOT NULL          -- the day on which it came: a delivery takes whole days
);

CREATE TABLE submission (
    hash BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes: keyed hash of the submission id, to know a repetition
    quarter BIGINT NOT NULL           -- year*4 + quarter-1 of arrival, to forget it later
);

CREATE TABLE signed_commitment (
    tag BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes: keyed hash of a commitment that a blank was signed for, to sign none twice
    month BIGINT NOT NULL             -- last month of that card, which the card itself says; forgotten when it is over
);

CREATE TABLE allowance (
    day BIGINT NOT NULL,    -- day it counts for
    whose BYTEA NOT NULL,  -- 16 bytes: keyed hash of a terminal, of a provider, or of the whole programme
    what TEXT NOT NULL,  -- presentation, report, activation or entry (reserved) or presented (made), of a terminal; activations and entries (reserved), of a provider and the programme; batch, of presentations, whose id is random; blanks, revocations, invitations
    taken BIGINT NOT NULL,  -- how many it has taken; of what is reserved, ahead by at most one block
    cap BIGINT,             -- how many a provider may take on this day, where an operator raised it; else null
    PRIMARY KEY (day, whose, what)
);

CREATE TABLE audit (
    entry BYTEA NOT NULL PRIMARY KEY,  -- 16 bytes, random: no order within a day
    day BIGINT NOT NULL,               -- day of the act
    actor BYTEA,                       -- staff who acted; null for the operator's command line
    act TEXT NOT NULL,                 -- provider-added, site-added, invited, blanks-signed, staff-revoked, terminal-revoked, data-key-given, name-opened, cap-raised, day-confirmed
    subject TEXT NOT NULL              -- what it was done to: an id, a site, a count, a day, or a provider with what it may do today; never a client
);

CREATE TABLE refusal (
    day BIGINT NOT NULL,    -- day of the refusals
    reason TEXT NOT NULL,   -- stable slug of the answer's type
    count BIGINT NOT NULL,  -- how many
    PRIMARY KEY (day, reason)
);

INSERT INTO setting (name, value) VALUES ('status_revision', 1);
