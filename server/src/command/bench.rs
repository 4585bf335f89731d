//! `payung bench`: the figures of this machine, each beside its bare operations.

use crate::error::Failure;
use crate::measure::{self, bare, figure};
use crate::say;

/// Measures and prints one table.
///
/// # Errors
/// [`Failure`] when something cannot be set up.
pub async fn run() -> Result<(), Failure> {
    say(&format!(
        "Measuring on {} cores, in a temporary folder; this takes a minute or two.",
        bare::cores()
    ));
    if cfg!(debug_assertions) {
        say(
            "This is a build without optimisation: the figures mean nothing. Build with --release.",
        );
    }
    let figures = measure::all().await?;
    for line in figure::table(&figures) {
        say(&line);
    }
    Ok(())
}
