//! `payung backup`: the day of the last copy.

use clap::Subcommand;

/// `payung backup`.
#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Say that everything was copied today: the last line of whatever makes the copy. Today's day is remembered, for the office's page and `doctor`.
    Noted,
    /// Show the day that was noted last, and how long ago that is.
    Last,
}
