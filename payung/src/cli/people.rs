//! What can be typed about people and their devices.

use clap::Subcommand;
use crypto::id::TerminalId;
use server::options::StoreArgs;

/// `payung terminal`.
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
