//! The commands: each opens what it needs, calls a room and prints the outcome.

pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod bench;
pub(crate) mod bundle;
pub mod card;
pub(crate) mod counter;
pub mod day;
pub(crate) mod doctor;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod ledger;
pub mod limits;
pub(crate) mod log;
pub(crate) mod people;
pub(crate) mod plan;
pub(crate) mod release;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod tables;
