//! Import of a file of rows straight into the statistics store: history from before the programme, and benchmarks.
//!
//! Person keys become elements by a keyed hash, so the file's keys are stored nowhere and the same file twice is the same
//! people; report ids are keyed hashes of a row's content and its number among equal rows of the person, so importing
//! twice changes nothing. Rows are kept in memory (`gathered.rs`), grouped by person, and booked in chunks of people by the same code
//! as delivered reports: a file gives exactly the contributions that its reports would give. Rows that withdraw others come last
//! (`withdrawn.rs`).
//!
//! Limits: 4,294,967,295 rows, people and sites. Each chunk is one transaction; a run that broke off is run again.

mod back;
mod gathered;
mod interned;
mod withdrawn;

use std::io::Read;

use crypto::day::Day;
use store::retrying;
use wire::rows::RowError;

use crate::App;
use crate::days;
use crate::error::Error;
use crate::ground::Ground;
use crate::intake::accept::note_after_death;
use crate::intake::book::{self, Booked, Incoming};
use crate::registry::{self, Register, Unregistered};

use gathered::{Gathered, PEOPLE};
pub use gathered::{ImportProgress, Summary};

/// Imports a CSV file. `register` says what is done about sites and services that the registry lacks, before the first row
/// counts. Refused rows go to `refused`, the others stand.
///
/// # Errors
/// [`Error::Rows`] when the header is wrong or the file cannot be read, [`Error::NotEntered`] when what the file names was not
/// to be entered, [`Error::Database`] and the database's states.
pub async fn import(
    app: &App,
    input: impl Read,
    register: Register<'_>,
    mut refused: impl FnMut(RowError),
    mut progress: impl FnMut(ImportProgress),
) -> Result<Summary, Error> {
    let (today, latest) = (app.today(), app.latest());
    let ground = Ground::read(&mut app.store.read().await?).await?;
    let mut file = Gathered::new(app.keys.import.expose());
    let takes_unknown = register.takes_unknown();
    file.read(
        &ground,
        latest,
        takes_unknown,
        input,
        &mut refused,
        &mut progress,
    )?;
    if takes_unknown {
        let named = Unregistered::of(&ground, &file.sites.items, &file.services.items);
        if !register.allows(&named) {
            return Err(Error::NotEntered);
        }
        enter(app, &named, today).await?;
    }
    let mut summary = file.summary;
    summary.people = file.people.len() as u64;
    let people = file.order();
    let numbers = numbers(app, people.len());
    for (index, chunk) in people.chunks(PEOPLE).enumerate() {
        let booked = book_chunk(app, &file, chunk, &numbers[index * PEOPLE..]).await?;
        summary.new_events += booked.events;
        summary.new_people += booked.people;
        summary.after_death += u64::try_from(booked.after_death).unwrap_or(0);
        progress(ImportProgress::Booked(
            (index * PEOPLE + chunk.len()) as u64,
            summary.people,
        ));
    }
    let (withdrawn, wrong) = withdrawn::book(app, &mut file).await?;
    summary.withdrawn = withdrawn;
    summary.refused += wrong.len() as u64;
    wrong.into_iter().for_each(refused);
    Ok(summary)
}

/// Random numbers for so many people, in order.
fn numbers(app: &App, count: usize) -> Vec<i64> {
    let mut rng = app.rng.clone();
    let number = |_| crate::intake::accept::person_number(&mut rng);
    let mut numbers: Vec<i64> = (0..count).map(number).collect();
    numbers.sort_unstable();
    numbers
}

async fn enter(app: &App, named: &Unregistered, today: Day) -> Result<(), Error> {
    let mut rng = app.rng.clone();
    retrying!(app.store, "import sites and services", &mut rng, |tx| {
        days::believed(tx, today).await?;
        let mut ground = Ground::hold(tx).await?;
        let facts = ground.facts;
        registry::enter(tx, &named.sites, &facts, today).await?;
        let indicators = &mut ground.indicators;
        registry::services::enter(tx, &named.services, indicators, &facts, today).await?;
        Ok(())
    })
}

/// Books the people of one chunk in one transaction; new ones get `numbers` in order, so that the tree grows at its end.
async fn book_chunk(
    app: &App,
    file: &Gathered<'_>,
    people: &[std::ops::Range<usize>],
    numbers: &[i64],
) -> Result<Booked, Error> {
    let mut rng = app.rng.clone();
    retrying!(app.store, "import events", &mut rng, |tx| {
        let ground = Ground::hold(tx).await?;
        let incoming = gather(file, &ground, people);
        let mut next = numbers.iter();
        let mut spare = app.rng.clone();
        let mut number = || {
            next.next().map_or_else(
                || crate::intake::accept::person_number(&mut spare),
                |number| *number,
            )
        };
        let booked = book::book(
            tx,
            &ground,
            app.keys.bounding.expose(),
            &mut number,
            &incoming,
        )
        .await?;
        note_after_death(tx, app.today(), booked.after_death).await?;
        Ok(booked)
    })
}

/// Elements cost a hash to the group each, so the chunk is shared among the machine's cores.
fn gather(
    file: &Gathered<'_>,
    ground: &Ground,
    people: &[std::ops::Range<usize>],
) -> Vec<Incoming> {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let share = people.len().div_ceil(cores).max(1);
    let numbers = file.numbers(ground);
    let part = |people: &[std::ops::Range<usize>]| {
        let mut out = Vec::new();
        for range in people {
            file.incoming(ground, &numbers, &file.rows[range.clone()], &mut out);
        }
        out
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = people
            .chunks(share)
            .map(|people| scope.spawn(move || part(people)))
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| {
                // A worker that panicked must not take its rows with it silently.
                worker
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            })
            .collect()
    })
}

#[cfg(test)]
mod tests;
