//! What the demo prints.

use std::path::Path;

use release::object::{CellRelease, Release, TableRelease};
use release::published::Series;
use server::error::Failure;

use super::cards::Pictures;
use super::people::Human;
use super::stage::Told;
use crate::output::say;

/// Before anything happens.
pub(crate) fn opening() {
    say(
        "Payung demo: 238 people of two methadone clinics (Caplehorn & Bell, Med J Aust 1991;154:195-9).",
    );
    say(
        "Each gets one card at one clinic; enrolments and departures travel the statistics path; quarters close.",
    );
    say("Dates of enrolment are assigned, and the table has no visits between first and last day.");
    say("");
}

/// The replay and the releases.
pub(crate) fn releases(told: &Told) -> Result<(), Failure> {
    replay(told);
    say(
        "Active clients at the end of each quarter, and drop-outs in it; 95 % noise range in brackets:",
    );
    say(&format!(
        "  {:<8} {:>22} {:>22} {:>26}",
        "quarter", "active", "drop-outs", "enrolled since the start"
    ));
    for release in &told.releases {
        say(&format!(
            "  {:<8} {:>22} {:>22} {:>26}",
            release.period.to_string(),
            total(release, "A", Series::Count)?,
            total(release, "D", Series::Count)?,
            total(release, "F", Series::Cumulative)?
        ));
    }
    if let Some(release) = fullest(told) {
        whole(release);
    }
    say(
        "Every number above is a true count plus noise. The noise is drawn once, when the quarter closes, and the",
    );
    say(
        "true count is stored nowhere. With 238 people the noise is large beside the counts: that is what protects",
    );
    say("each of them. The same noise on 3,000 clients is about half a percent.");
    say("");
    Ok(())
}

fn replay(told: &Told) {
    let (shown, new) = told.visitors;
    say(&format!(
        "{} cards issued, {} rows presented and recorded, {} refused, {} reports in the statistics store.",
        told.replayed.cards.len(),
        told.replayed.rows,
        told.replayed.rejected.len(),
        told.delivered
    ));
    say(&format!(
        "{shown} people showed the same card at the other clinic: {new} recognised as valid and new there, nobody registered again."
    ));
    say(&format!(
        "One of them is \"{}\" at the first clinic and \"{}\" at the second.",
        told.aliases[0], told.aliases[1]
    ));
    say(&format!(
        "One card was lost and replaced. The old one now: {}.",
        crate::output::verdict(&told.old_card)
    ));
    say("");
}

/// Of the releases that hold every table, a year's last, the one with the largest cohort has the most to look at.
fn fullest(told: &Told) -> Option<&Release> {
    let most = |release: &&Release| {
        let cohort = find(release, "G", Series::Count).map_or(0, |cell| cell.display);
        (release.tables.len(), cohort)
    };
    told.releases.iter().max_by_key(most)
}

/// Numbers of one level that are shown in full; larger levels are counted.
const MOST: usize = 24;

fn whole(release: &Release) {
    say("");
    say(&format!("The release of {}:", release.period));
    for table in &release.tables {
        rows(table);
    }
    rates(release);
}

fn rows(table: &TableRelease) {
    say(&format!("  {}  {}", table.table, table.title));
    say(&format!(
        "     {:<12} {:<34} {:>9} {:>10}   {:<22} {}",
        "series", "cell", "measured", "estimate", "95 % noise range", "reliability"
    ));
    let size = |level: &str| {
        table
            .cells
            .iter()
            .filter(|cell| cell.level == level)
            .count()
    };
    for cell in table.cells.iter().filter(|cell| size(&cell.level) <= MOST) {
        row(cell);
    }
    for level in table.levels.iter().filter(|one| size(&one.level) > MOST) {
        say(&format!(
            "     and {} numbers by {}",
            size(&level.level),
            level.level
        ));
    }
    say("");
}

fn row(cell: &CellRelease) {
    let measured = cell
        .measured
        .map(|value| value.to_string())
        .unwrap_or_default();
    let range = format!("{:.1} to {:.1}", cell.lo.value(), cell.hi.value());
    say(&format!(
        "     {:<12} {:<34} {measured:>9} {:>10}   {range:<22} {}",
        cell.series,
        name(cell),
        format!("{:.1}", cell.estimate.value()),
        cell.reliability
    ));
}

/// What tells the number apart, in the order of the release.
fn name(cell: &CellRelease) -> String {
    let day = cell.day.map(|day| format!("day {day}"));
    let parts = [&cell.city, &cell.service, &cell.group, &cell.what, &day];
    let words: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    if words.is_empty() {
        "all".to_owned()
    } else {
        words.join(", ")
    }
}

fn rates(release: &Release) {
    say("  Rates in per cent; not estimable where the denominator is not well above its noise");
    for rate in release.rates.iter().filter(|rate| rate.service.is_none()) {
        let place = rate.city.as_deref().unwrap_or("all");
        let day = rate.day.map(|day| format!(", day {day}"));
        let value = match (rate.estimate, rate.lo, rate.hi) {
            (Some(estimate), Some(lo), Some(hi)) => format!(
                "{:>10.1}   {:.1} to {:.1}",
                estimate.value(),
                lo.value(),
                hi.value()
            ),
            _ => "not estimable".to_owned(),
        };
        let name = format!("{place}{}", day.unwrap_or_default());
        say(&format!("     {:<18} {name:<28} {value}", rate.rate));
    }
    say("");
}

fn find<'a>(release: &'a Release, table: &str, series: Series) -> Option<&'a CellRelease> {
    let table = release.tables.iter().find(|one| one.table == table)?;
    table
        .cells
        .iter()
        .find(|cell| cell.city.is_none() && cell.group.is_none() && cell.series == series)
}

fn total(release: &Release, table: &str, series: Series) -> Result<String, Failure> {
    let cell =
        find(release, table, series).ok_or_else(|| Failure::new("a release lacks a total"))?;
    let (lo, hi) = (cell.lo.value(), cell.hi.value());
    Ok(format!("{} [{lo:.0} to {hi:.0}]", cell.display))
}

/// The privacy ledger of the last full year and of the whole life.
pub(crate) fn ledger(told: &Told) {
    say("The privacy ledger (the last year shown in full):");
    let last: Vec<i32> = told
        .ledger
        .years
        .last()
        .map(|year| year.year)
        .into_iter()
        .collect();
    for line in crate::command::ledger::lines(&told.ledger, &last) {
        say(&format!("  {line}"));
    }
    say("");
}

/// Who sees what, and what they cannot see.
const PARTIES: [[&str; 3]; 7] = [
    [
        "client",
        "a card of 100 random-looking bytes",
        "nothing on it says programme, person or visits",
    ],
    [
        "clinic",
        "its own clients under its own aliases",
        "other clinics' records, or that a client goes there",
    ],
    [
        "identity service",
        "sealed rosters and envelopes, counters by day",
        "card secrets, identities, pseudonyms, visits, reports",
    ],
    [
        "statistics store",
        "pseudonymous enrolments, contacts and exits",
        "cards, clinics' aliases, terminals, staff",
    ],
    [
        "funder",
        "signed noisy figures with their noise ranges",
        "a true count, or whether any one person is in it",
    ],
    [
        "taker of the disk",
        "sealed keys, ciphertext, pseudonymous events",
        "what a card opens, unless the passphrase is given up",
    ],
    [
        "taker of a card",
        "that it is a card, if holding a terminal's keys",
        "anything once it is reported: it is dead then",
    ],
];

/// Who can see what.
pub(crate) fn parties(told: &Told) {
    say(&format!("  {:<18} {:<48} {}", "who", "sees", "cannot see"));
    for [who, sees, blind] in PARTIES {
        say(&format!("  {who:<18} {sees:<48} {blind}"));
    }
    say("");
    say(&format!("Release key: {}", told.scene.facts.release_key));
}

/// How to go on looking while the demo serves: links first.
pub(crate) fn where_to_look(told: &Told, humans: &[Human], cards: &Pictures, file: &Path) {
    let url = told.scene.url();
    say("");
    say(&format!("Counter       {url}/counter/"));
    say(&format!("Operator      {url}/operator/"));
    say(&format!("Client        {url}/card/"));
    say(&format!("Figures       {url}/v1/releases"));
    if !server::pages::are_built() {
        say("The pages are not built: `cargo xtask demo` builds them and starts this demo.");
    }
    say("");
    for human in humans {
        person(human);
    }
    say("");
    for (word, path) in cards {
        say(&format!(
            "Card, {:<14} {}",
            word.replace('_', " "),
            path.display()
        ));
    }
    say("");
    let passphrase = String::from_utf8_lossy(told.scene.passphrase.expose());
    say(&format!("All of this   {}", file.display()));
    say(&format!(
        "Data folder   {}   passphrase {passphrase}",
        told.scene.dir.path().display()
    ));
    say("Releases and ledger in full: --story. Ctrl-C ends the demo.");
}

fn person(human: &Human) {
    let provider = human.provider.as_deref().unwrap_or("programme");
    let who = format!("{} at {provider}", human.role);
    let (name, password) = (&human.name, &human.password);
    say(&format!("{who:<42} name {name}   password {password}"));
    if let Some(link) = &human.invitation {
        say(&format!("  has an open invitation: {link}"));
    }
}
