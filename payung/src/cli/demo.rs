//! How the demo is asked for.

use std::path::PathBuf;

use clap::Args;

/// `payung demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Tell the whole story, and end after it instead of serving the pages until Ctrl-C.
    #[arg(long)]
    pub no_serve: bool,
    /// Tell the whole story: the releases with all their numbers, and the ledger.
    #[arg(long)]
    pub story: bool,
    /// Empty folder for the programme, the pictures of cards and demo.json; it stays (otherwise a temporary one, deleted at the end).
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
}
