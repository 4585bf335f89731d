//! How accurate releases are: a generated pilot and two real tables, measured over many fresh draws of the real noise.
//!
//! `accuracy [RUNS]` prints the tables of docs/privacy.md, "Measured accuracy". The people of the pilot are **generated**;
//! the methadone table and the TEDS sample are real, their calendar days assigned. Errors are those of the noise alone.
//! Every draw is new: no two runs print the same figures.
#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a measurement speaks to a person")]
#![allow(
    clippy::expect_used,
    reason = "a measurement without its data has nothing to say"
)]

mod figures;
mod methadone;
mod people;
mod pilot;
mod rivals;
mod tally;
mod teds;
mod world;

use indicators::Indicators;
use tally::tally;
use world::World;

/// Every table of the catalogue.
const ALL: [&str; 11] = ["A", "B", "D", "DY", "E", "F", "G", "GS", "S", "L", "C"];

fn indicators() -> Indicators {
    Indicators::shipped().expect("the shipped file")
}

/// The generated pilot, its year 2026 released; the series began a year earlier.
async fn pilot() -> World {
    World::new(&pilot::people(&indicators()), ("2025Q1", "2026Q4"), &ALL).await
}

/// The methadone table as the cohort of 2026.
async fn methadone() -> World {
    let people = methadone::people(&indicators());
    World::new(&people, ("2026Q1", "2026Q4"), &["G"]).await
}

/// The discharges as the cohort of 2026.
async fn teds() -> World {
    let people = teds::people(&indicators());
    World::new(&people, ("2026Q1", "2026Q4"), &["G"]).await
}

#[tokio::main]
async fn main() {
    let runs = std::env::args()
        .nth(1)
        .and_then(|runs| runs.parse().ok())
        .unwrap_or(200);
    figures::print(&tally(&pilot().await, runs).await);
    println!("Methadone, 238 people\n");
    for day in [90, 180] {
        let known = methadone::known(day);
        println!(
            "Day {day}: {} dropped out, {} left otherwise, {} observed on the day ({} of them left that day); still there of \
             others {:.4}, Kaplan-Meier {:.4}.",
            known.departed,
            known.censored,
            known.observed,
            known.that_day,
            known.others(),
            known.survival
        );
    }
    println!();
    figures::coverage(&tally(&methadone().await, runs).await);
    println!("Discharges, {} people\n", teds::reasons().len());
    figures::coverage(&tally(&teds().await, runs).await);
}

#[cfg(test)]
mod checks;
#[cfg(test)]
mod closed;
