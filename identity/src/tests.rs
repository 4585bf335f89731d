//! The role through its router, on SQLite and PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(
    clippy::too_many_lines,
    reason = "a scenario is read from top to bottom"
)]

mod access;
mod buckets;
mod caps;
mod cards;
mod clock;
mod closings;
mod domains;
mod guesses;
mod harness;
mod invitations;
mod login;
mod moments;
mod offers;
mod outbox;
mod people;
mod pins;
mod promises;
mod proof;
mod records;
mod reports;
mod restored;
mod rules;
mod shared;
mod terminals;
mod timing;
mod trust;
mod withdrawn;
