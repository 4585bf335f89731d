//! The commands: each opens what it needs, calls a room and prints the outcome.

pub mod audit;
pub mod bench;
pub mod card;
pub mod doctor;
pub mod export;
pub mod import;
pub mod init;
pub mod ledger;
pub mod log;
pub mod plan;
pub mod release;
pub mod replay;
pub mod serve;
pub mod tables;
