//! The one integration binary: a new test is a module here, not another binary to link.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::too_many_lines,
    reason = "a test says what it expects and tells one story"
)]

mod accounting;
mod attacks;
mod boundaries;
mod cards;
mod closings;
mod commands;
mod crash;
mod deliveries;
mod exports;
mod forensic;
mod founding;
mod full_disk;
mod handed;
mod ledger;
mod memory;
mod methadone;
mod openapi;
mod origin;
mod proof;
mod provenance;
mod put_back;
mod relay;
mod rogue;
mod seized;
mod sequences;
mod tables;
mod thief;
mod tidy;
mod trusted;
mod unlinkable;
mod withdrawn;
mod zones;
