//! What is chosen about a service: where its databases lie, which half of it runs, how much one terminal may ask for.
//!
//! The words and their help are written here, beside their meaning, so that every command that takes one says the same.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};

/// Which database. `init` remembers it in `payung.toml`; later commands need no word about it.
#[derive(Debug, Clone, Default, Args)]
pub struct StoreArgs {
    /// `postgres://user@host/name` of the database, without its password; otherwise SQLite files in the data folder.
    #[arg(long, value_name = "URL")]
    pub database: Option<Address>,
    /// File whose first line is the database's password.
    #[arg(long, value_name = "FILE")]
    pub database_password_file: Option<PathBuf>,
}

/// Address of a database. `Debug` does not print it, because it may hold a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    url: String,
    typed: bool,
}

impl Address {
    /// One that a program made, where no other process reads it.
    #[must_use]
    pub fn made(url: String) -> Self {
        Self { url, typed: false }
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// True when it was typed, where every process of the host can read it, and a password is in it.
    #[must_use]
    pub fn shows_a_password(&self) -> bool {
        let url = reqwest::Url::parse(&self.url).ok();
        self.typed
            && url.is_some_and(|url| {
                url.password().is_some() || url.query_pairs().any(|(name, _)| name == "password")
            })
    }
}

impl FromStr for Address {
    type Err = Infallible;

    fn from_str(url: &str) -> Result<Self, Infallible> {
        Ok(Self {
            url: url.to_owned(),
            typed: true,
        })
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Address(..)")
    }
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
