//! A store that is not empty: events of others, imported as a programme brings the years before it.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use analytics::intake::{self, ImportProgress as Step};
use analytics::registry::Register;
use crypto::rng::Random;
use rand::Rng as _;
use server::error::Failure;

use crate::progress::Progress;

/// People, and events of each: a million together.
const PEOPLE: u64 = 30_000;
const EVENTS: u64 = 33;
/// Days back from today in which the events lie.
const DAYS: i32 = 60;

/// Fills the statistics store; the file lies in `folder`.
///
/// # Errors
/// [`Failure`] when a row is refused.
pub(crate) async fn fill(
    app: &analytics::App,
    folder: &Path,
    progress: &dyn Progress,
) -> Result<(), Failure> {
    let path = folder.join("crowd.csv");
    write(app, &path).map_err(|e| Failure::of("writing rows", e.kind()))?;
    let file = File::open(&path).map_err(|e| Failure::of("reading rows", e.kind()))?;
    progress.begin("a million events of others", PEOPLE);
    let mut booked = 0;
    let step = |step| {
        if let Step::Booked(done, _) = step {
            progress.step(done - booked);
            booked = done;
        }
    };
    let done = intake::import(app, BufReader::new(file), Register::All, |_| (), step).await;
    progress.end();
    let summary = done.map_err(|e| Failure::of("importing rows", e))?;
    if summary.new_events == PEOPLE * EVENTS {
        Ok(())
    } else {
        Err(Failure::new("the store refused rows of the benchmark"))
    }
}

fn write(app: &analytics::App, path: &Path) -> std::io::Result<()> {
    let (today, mut rng) = (app.today(), Random::os());
    let services = ["nsp", "art", "oat-methadone"];
    let mut out = BufWriter::new(File::create(path)?);
    out.write_all(b"person,date,site,service,event,covered_until,gender,age_band\n")?;
    for person in 0..PEOPLE {
        for _ in 0..EVENTS {
            let day = today.plus(-rng.gen_range(0..DAYS));
            let service = services[rng.gen_range(0..services.len())];
            writeln!(out, "p{person},{day},medan/counter,{service},contact,,,")?;
        }
    }
    out.flush()
}
