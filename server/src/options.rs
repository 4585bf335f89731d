//! What is chosen about a service: where its databases lie, which half of it runs, how much one terminal may ask for.
//!
//! The words and their help are written here, beside their meaning, so that every command that takes one says the same.

use clap::{Args, ValueEnum};

/// Which database.
#[derive(Debug, Clone, Args)]
pub struct StoreArgs {
    /// `postgres://` URL; without it SQLite files in the data folder.
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
}

/// The halves of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Both halves in one process, joined by HTTP.
    All,
    /// Cards, staff, rosters.
    Identity,
    /// Reports and releases.
    Analytics,
}

/// How much one terminal may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LimitChoice {
    /// 30 presentations a minute, 600 a day, 50 activations a day.
    Standard,
    /// No practical limit: for replays only.
    Bulk,
}
