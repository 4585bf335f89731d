//! The only file that writes to standard output and standard error.

use std::io::Write;

use crypto::verdict::Verdict;
use server::error::Failure;

/// One line for the person at the terminal. Whoever stopped reading (`| head`) wants no more of it.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// One line about something that went wrong but did not stop the work.
#[allow(clippy::print_stderr, reason = "this is the command line's voice")]
pub(crate) fn complain(line: &str) {
    eprintln!("{line}");
}

/// Bytes as they are, for exports.
pub(crate) fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|e| Failure::of("writing to standard output", e.kind()))
}

/// A verdict in a few words, with the age of the list it rests on.
pub(crate) fn verdict(verdict: &Verdict) -> String {
    let word = match verdict {
        Verdict::Valid { .. } => "valid",
        Verdict::Revoked { .. } => "revoked",
        Verdict::Expired { .. } => "expired",
        Verdict::Unknown => "unknown",
        Verdict::Stale { .. } => "stale",
    };
    match verdict.list_age_days() {
        Some(0) => format!("{word} (status list of today)"),
        Some(days) => format!("{word} (status list {days} days old)"),
        None => word.to_owned(),
    }
}
