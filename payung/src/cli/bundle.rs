//! `payung bundle`: the programme's keys, their log, and the root key's part in them.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use server::options::StoreArgs;

/// `payung bundle`.
#[derive(Debug, Subcommand)]
pub enum BundleCommand {
    /// Show the fingerprint of the log of keys and what is in force.
    Show(StoreArgs),
    /// Print the public log of keys, one entry a line.
    Log(StoreArgs),
    /// Write the next keys of the programme to a file, to be signed where the root key is.
    Propose {
        /// File to write.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Sign a proposal with the root key. Needs neither data folder nor database: do it on another machine.
    Sign(SignArgs),
    /// Take signed keys into the log.
    Take {
        /// What `sign` wrote.
        #[arg(long, value_name = "FILE")]
        signed: PathBuf,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `payung bundle sign`.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// What `propose` wrote.
    #[arg(long, value_name = "FILE")]
    pub proposal: PathBuf,
    /// What was signed the last time: every key that differs from it is named.
    #[arg(long, value_name = "FILE")]
    pub previous: Option<PathBuf>,
    /// The root key.
    #[arg(long, value_name = "FILE")]
    pub root: PathBuf,
    /// File whose first line is its passphrase (otherwise PAYUNG_ROOT_PASSPHRASE, otherwise asked for).
    #[arg(long, value_name = "FILE")]
    pub root_passphrase_file: Option<PathBuf>,
    /// The next root key, to take the root key's place from now on; both sign.
    #[arg(long, value_name = "FILE", requires = "new_next_root")]
    pub next_root: Option<PathBuf>,
    /// File to write the root key after the next one to.
    #[arg(long, value_name = "FILE", requires = "next_root")]
    pub new_next_root: Option<PathBuf>,
    /// File to write.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}
