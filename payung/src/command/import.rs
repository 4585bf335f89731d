//! `payung analytics import`: rows of a file straight into the statistics store.

use std::fs::File;
use std::io::BufReader;

use analytics::after_death;
use analytics::intake::{ImportProgress, Summary};
use analytics::registry::{Register, Unregistered};
use server::error::Failure;

use crate::ask;
use crate::cli::ImportArgs;
use crate::ending::Ending;
use crate::opening::Opening;
use crate::output::{complain, say};
use crate::progress;

/// Rejected rows that are named one by one; the rest are counted.
const NAMED: usize = 50;

/// Imports a file.
pub(crate) async fn run(opening: &Opening, args: &ImportArgs) -> Result<Ending, Failure> {
    let app = opening.analytics(&args.store).await?;
    let file = File::open(&args.table.input)
        .map_err(|_| Failure::new("the input file cannot be read: check its path"))?;
    let reading = progress::bar("reading rows", 0);
    let (mut named, mut unnamed) = (0, 0);
    let refused = |error: wire::rows::RowError| {
        named += 1;
        if named <= NAMED {
            complain(&error.to_string());
        } else {
            unnamed += error.lines;
        }
    };
    let mut ask =
        |new: &Unregistered| reading.suspend(|| ask::enter(&new.cities, &new.sites, &new.services));
    let register = match (args.table.register, args.table.yes) {
        (false, _) => Register::Nothing,
        (true, true) => Register::All,
        (true, false) => Register::Asked(&mut ask),
    };
    let step = |step| match step {
        ImportProgress::Read(rows) => {
            reading.set_length(rows);
            reading.set_position(rows);
        }
        ImportProgress::Booked(done, all) => {
            reading.set_message("booking people");
            reading.set_length(all);
            reading.set_position(done);
        }
    };
    let summary = analytics::intake::import(&app, BufReader::new(file), register, refused, step)
        .await
        .map_err(|e| Failure::of("the import stopped", e))?;
    reading.finish_and_clear();
    report(&summary, unnamed);
    Ok(Ending::of(summary.refused, args.table.allow_refused))
}

fn report(summary: &Summary, unnamed: u64) {
    if unnamed > 0 {
        complain(&format!("{unnamed} more rows were refused"));
    }
    if let Some(band) = after_death::band(summary.after_death) {
        complain(&format!(
            "contacts after a recorded death: {band} are new; the sites should look at their records"
        ));
    }
    if summary.withdrawn > 0 {
        say(&format!(
            "{} rows were withdrawn: quarters that are closed keep them, nothing else does; to count such a row all the same, a file has it once more",
            summary.withdrawn
        ));
    }
    say(&format!(
        "{} rows read, {} refused, {} people, {} events new",
        summary.rows, summary.refused, summary.people, summary.new_events
    ));
}
