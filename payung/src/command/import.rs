//! `payung analytics import`: rows of a file straight into the statistics store.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use analytics::intake::{ImportProgress, Summary};
use server::error::Failure;
use server::options::StoreArgs;

use crate::opening::Opening;
use crate::output::{complain, say};
use crate::progress;

/// Rejected rows that are named one by one; the rest are counted.
const NAMED: usize = 50;

/// Imports a file.
pub(crate) async fn run(
    opening: &Opening,
    store: &StoreArgs,
    input: &Path,
    register: bool,
) -> Result<(), Failure> {
    let app = opening.analytics(store).await?;
    let file = File::open(input)
        .map_err(|_| Failure::new("the input file cannot be read: check its path"))?;
    let reading = progress::bar("reading rows", 0);
    let mut named = 0;
    let refused = |error: wire::rows::RowError| {
        named += 1;
        if named <= NAMED {
            complain(&error.to_string());
        }
    };
    let summary = analytics::intake::import(
        &app,
        BufReader::new(file),
        register,
        refused,
        |step| match step {
            ImportProgress::Read(rows) => {
                reading.set_length(rows);
                reading.set_position(rows);
            }
            ImportProgress::Booked(done, all) => {
                reading.set_message("booking people");
                reading.set_length(all);
                reading.set_position(done);
            }
        },
    )
    .await
    .map_err(|e| Failure::of("the import stopped", e))?;
    reading.finish_and_clear();
    report(&summary);
    Ok(())
}

fn report(summary: &Summary) {
    if summary.refused > NAMED as u64 {
        complain(&format!(
            "{} more rows were refused",
            summary.refused - NAMED as u64
        ));
    }
    say(&format!(
        "{} rows read, {} refused, {} people, {} events new",
        summary.rows, summary.refused, summary.people, summary.new_events
    ));
}
