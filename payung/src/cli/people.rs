//! What can be typed about people, their devices and the passphrase.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use crypto::id::TerminalId;
use server::options::StoreArgs;

/// `payung terminal`.
#[derive(Debug, Args)]
pub struct TerminalArgs {
    /// Where the pages' calls go.
    #[command(flatten)]
    pub counter: Option<CounterArgs>,
    /// What to do with enrolled terminals.
    #[command(subcommand)]
    pub command: Option<TerminalCommand>,
}

/// `payung terminal --server URL`.
#[derive(Debug, Args)]
pub struct CounterArgs {
    /// Address of the service, https (or http on this machine): the pages of this program are shown on 127.0.0.1, their calls go there.
    #[arg(long, value_name = "URL")]
    pub server: String,
    /// Port on 127.0.0.1. Keep it: a browser keeps a terminal's sealed state for this very address.
    #[arg(long, value_name = "PORT", default_value_t = 7300)]
    pub port: u16,
}

/// What can be done with enrolled terminals.
#[derive(Debug, Subcommand)]
pub enum TerminalCommand {
    /// List every enrolled terminal: what it is called, whose it is, who signed in there and on which day last.
    List {
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
    /// Revoke a terminal for good: its disk stays ciphertext, its sessions end within a minute.
    Revoke {
        /// What people call it, or `-` for standard input; exactly one live terminal must be called so.
        #[arg(required_unless_present = "id", conflicts_with = "id")]
        label: Option<String>,
        /// The terminal's id, as the list shows it.
        #[arg(long, value_name = "ID")]
        id: Option<TerminalId>,
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `payung staff`.
#[derive(Debug, Subcommand)]
pub enum StaffCommand {
    /// Open a log-in name again that too many wrong passwords have closed. Asks for the name, which is not shown.
    Open {
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `payung operator`.
#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Make an invitation, good once and for 14 days; it is printed here and nowhere else.
    Invite {
        /// Where the data lie.
        #[command(flatten)]
        store: StoreArgs,
    },
}

/// `payung passphrase`.
#[derive(Debug, Subcommand)]
pub enum PassphraseCommand {
    /// Seal identity.keys and analytics.keys under another passphrase. Copies that lie elsewhere keep the old one.
    Change {
        /// File whose first line is the new one (otherwise PAYUNG_NEW_PASSPHRASE, otherwise asked for, twice).
        #[arg(long, value_name = "FILE")]
        new_passphrase_file: Option<PathBuf>,
    },
}
