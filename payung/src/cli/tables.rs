//! `payung replay` and `payung analytics`: what reads the rows of a file.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use server::options::StoreArgs;

/// A file of rows, and what is done about those that cannot be taken.
#[derive(Debug, Args)]
pub struct TableArgs {
    /// CSV file: person,date,site,service,event,covered_until,gender,age_band (commas, semicolons or tabs; UTF-8)
    #[arg(long, value_name = "FILE")]
    pub input: PathBuf,
    /// Enter every city, site and service that the file names into the registry first; shows the new ones and asks.
    #[arg(long)]
    pub register: bool,
    /// Enter them without asking.
    #[arg(long, requires = "register")]
    pub yes: bool,
    /// End with code 0 although rows were refused (otherwise 3; the other rows stand either way).
    #[arg(long)]
    pub allow_refused: bool,
}

/// `payung replay`.
#[derive(Debug, Args)]
pub struct ReplayArgs {
    /// What to read.
    #[command(flatten)]
    pub table: TableArgs,
    /// A running server; without it one is started in this process on the data folder.
    #[arg(long, value_name = "URL")]
    pub server: Option<String>,
    /// File with an operator's invitation, for a server whose data folder is elsewhere.
    #[arg(long, value_name = "FILE")]
    pub invitation_file: Option<PathBuf>,
    /// Where the data lie (when no server is given).
    #[command(flatten)]
    pub store: StoreArgs,
}

/// `payung analytics`.
#[derive(Debug, Subcommand)]
pub enum AnalyticsCommand {
    /// Put the rows of a CSV file straight into the statistics store, person keys hashed.
    Import(ImportArgs),
}

/// `payung analytics import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// What to read.
    #[command(flatten)]
    pub table: TableArgs,
    /// Where the data lie.
    #[command(flatten)]
    pub store: StoreArgs,
}
