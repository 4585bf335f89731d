//! Closing a quarter of ten million events: time and peak memory.
//!
//! A million people with ten events each in the quarter are drawn, and the store's own projection turns each person's
//! history into packed rows, which are written to SQLite. (The event rows themselves are not written: closing never reads
//! them.) Then the quarter closes as `payung release close` closes it: debit, log, count, noise, sign, store, publish.

use std::time::Duration;

use analytics::query::{self, Owned};
use analytics::registry::{self, Registry};
use analytics::setup;
use crypto::day::Quarter;
use crypto::report::Site;
use crypto::rng::Random;
use indicators::contribution::Contribution;
use indicators::history::{Event, History};
use indicators::kind::{EventKind, Exit};
use indicators::project::Projector;
use indicators::{Indicators, ServiceNumber};
use privacy::cell::GroupCode;
use rand::rngs::StdRng;
use rand::{Rng as _, RngCore as _, SeedableRng as _};
use server::error::Failure;
use store::{DbError, retrying};
use wire::Deliver;

use crate::figure::Figure;
use crate::place::closing_quarter;
use crate::progress::Progress;
use crate::watch::Watch;

/// People.
const PEOPLE: usize = 1_000_000;
/// Events of each.
const EVENTS: usize = 10;
/// Cities.
const CITIES: u16 = 40;
/// Rows expected at most, so that they are one allocation that is given back.
const ROWS: usize = 8_000_000;
/// Rows of one transaction.
const CHUNK: usize = 200_000;
/// Days of a quarter in which events are drawn.
const DAYS: i32 = 90;

/// Fills the quarter and closes it.
///
/// # Errors
/// [`Failure`] when the database refuses.
pub(crate) async fn measure(
    app: &analytics::App,
    progress: &dyn Progress,
) -> Result<Vec<Figure>, Failure> {
    let period = closing_quarter(app.today());
    let registry = cities(app).await?;
    let rows = draw(app, &registry, period, progress)?;
    let count = rows.len();
    write(app, rows, progress).await?;
    let (spent, kilobytes) = close(app, period).await?;
    let note = format!(" ({count} packed rows of {} events)", PEOPLE * EVENTS);
    let mut figures = vec![Figure::at_most(
        "closing a quarter of 10 million events",
        spent.as_secs_f64(),
        2.0,
        "s",
        &note,
    )];
    if let Some(kilobytes) = kilobytes {
        figures.push(Figure::at_most(
            "the same, peak memory of the whole process",
            kilobytes / 1_000.0,
            300.0,
            "MB",
            "",
        ));
    }
    Ok(figures)
}

async fn cities(app: &analytics::App) -> Result<Registry, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::of("entering cities", e);
    let sites = (1..=CITIES)
        .map(|number| format!("city-{number}/site").parse::<Site>())
        .collect::<Result<Vec<Site>, _>>()
        .map_err(|e| failed(&e))?;
    let indicators = Indicators::shipped().map_err(|e| failed(&e))?;
    let entered: Result<Registry, analytics::error::Error> =
        retrying!(app.store, "enter cities", &mut Random::os(), |tx| {
            let facts = setup::read(tx, &indicators).await?;
            registry::enter(tx, &sites, &facts, app.today()).await?;
            Registry::read(tx).await
        });
    entered.map_err(|e| failed(&e))
}

/// Draws people, projects each, returns the packed rows in the order of the primary key.
fn draw(
    app: &analytics::App,
    registry: &Registry,
    period: Quarter,
    progress: &dyn Progress,
) -> Result<Vec<Owned>, Failure> {
    let indicators = Indicators::shipped().map_err(|e| Failure::of("the indicators", e))?;
    let services: Vec<ServiceNumber> = indicators.services().iter().map(|s| s.number).collect();
    let periods = registry.periods();
    let key = *app.keys.bounding.expose();
    let mut projector = Projector::new(&indicators, &periods, &key);
    let mut rng = StdRng::seed_from_u64(Random::os().next_u64());
    let mut rows: Vec<Owned> = Vec::with_capacity(ROWS);
    let mut found: Vec<Contribution> = Vec::new();
    progress.begin("projecting people", PEOPLE as u64);
    for number in 0..PEOPLE {
        let person = i64::try_from(rng.next_u64() >> 1).unwrap_or(i64::MAX);
        let history = history(registry, &services, period, &mut rng);
        found.clear();
        projector.project(person, &history, &mut found);
        rows.extend(found.iter().map(|one| (*one, person)));
        if number % 10_000 == 0 {
            progress.step(10_000);
        }
    }
    progress.end();
    rows.sort_unstable();
    Ok(rows)
}

/// Ten events in one city and one to three services: an enrolment, visits, for some an exit.
fn history(
    registry: &Registry,
    services: &[ServiceNumber],
    period: Quarter,
    rng: &mut StdRng,
) -> History {
    let city_number = rng.gen_range(1..=CITIES);
    let city = registry.city(&format!("city-{city_number}"));
    let mut own = [services[0]; 3];
    own.fill_with(|| services[rng.gen_range(0..services.len())]);
    let group = GroupCode::new(rng.gen_range(1..=6)).ok();
    let events = (0..EVENTS).map(|number| {
        let day = period.first_day().plus(rng.gen_range(0..DAYS));
        let mut report = [0; 16];
        rng.fill_bytes(&mut report);
        let kind = match (number, rng.gen_range(0..20)) {
            (0..3, _) => EventKind::Enrolled,
            (_, 0) => EventKind::Exited(Exit::DroppedOut),
            _ => EventKind::Contact,
        };
        Event {
            report,
            day,
            effective: day,
            service: own[number % 3],
            kind,
            rank: kind.number(),
            covered_until: None,
            site: u32::from(city_number),
            city,
            group: group.filter(|_| number < 3),
            finding: None,
        }
    });
    History::new(events.collect())
}

async fn write(
    app: &analytics::App,
    rows: Vec<Owned>,
    progress: &dyn Progress,
) -> Result<(), Failure> {
    let failed = |e: DbError| Failure::of("writing packed rows", e);
    progress.begin("writing packed rows", rows.len() as u64);
    for chunk in rows.chunks(CHUNK) {
        let done: Result<(), DbError> =
            retrying!(app.store, "write packed rows", &mut Random::os(), |tx| {
                query::insert_contributions(tx, chunk).await
            });
        done.map_err(failed)?;
        progress.step(chunk.len() as u64);
    }
    progress.end();
    app.store.tidy().await.map_err(failed)
}

async fn close(app: &analytics::App, period: Quarter) -> Result<(Duration, Option<f64>), Failure> {
    // No report is on its way: there is no identity role.
    let nothing = Deliver {
        epoch: 1,
        complete: Some(app.today()),
        items: Vec::new(),
    };
    analytics::intake::accept(app, nothing)
        .await
        .map_err(|e| Failure::of("an empty delivery", e))?;
    forget_peak();
    let watch = Watch::start();
    analytics::close::close(app, period)
        .await
        .map_err(|e| Failure::of("closing the quarter", e))?;
    Ok((watch.elapsed(), peak_kilobytes()))
}

/// Sets the process's peak memory back to what it holds now; without this file (not Linux) the peak stays the larger one.
fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Peak resident memory in kB, where the system tells.
fn peak_kilobytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
