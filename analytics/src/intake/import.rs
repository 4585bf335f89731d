//! Import of a file of rows straight into the statistics store: history from before the programme, and benchmarks.
//!
//! Person keys become elements by a keyed hash, so the file's keys are stored nowhere and the same file twice is the same
//! people; report ids are keyed hashes of a row's content and its number among equal rows of the person, so importing
//! twice changes nothing. Rows are kept in memory as 28 bytes each, grouped by person, and booked in chunks of people by
//! the same code as delivered reports: a file gives exactly the contributions that its reports would give.
//!
//! Limits: 4,294,967,295 rows, people and sites. Each chunk is one transaction; a run that broke off is run again.

use std::collections::HashMap;
use std::io::Read;

use crypto::day::Day;
use crypto::digest;
use crypto::report::{Kind, ResultCode, ServiceCode, Site};
use crypto::statistics::PersonElement;
use indicators::ServiceNumber;
use indicators::history::Event;
use indicators::kind::EventKind;
use privacy::cell::{CityCode, GroupCode};
use store::retrying;
use wire::rows::{Row, RowError, Rows};

use crate::App;
use crate::days;
use crate::error::{AFTER_DEATH, Error, Refusal};
use crate::ground::Ground;
use crate::intake::accept::check_days;
use crate::intake::book::{self, Booked, Incoming};
use crate::packed::Told;
use crate::query;
use crate::registry::{self, Register, Unregistered};

/// Most people in one transaction.
const PEOPLE: usize = 50_000;
/// Rows between two calls of the progress callback.
const STEP: u64 = 100_000;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportProgress {
    /// Rows read so far.
    Read(u64),
    /// People booked, of all.
    Booked(u64, u64),
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Rows of the file, without the header and without empty ones.
    pub rows: u64,
    /// Rows refused.
    pub refused: u64,
    /// People the file names.
    pub people: u64,
    /// Events that were not known.
    pub new_events: u64,
    /// People who were not known.
    pub new_people: u64,
    /// New events after a recorded death of their person.
    pub after_death: u64,
}

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

/// One row, without its person's key and without text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Compact {
    person: u32,
    day: Day,
    kind: EventKind,
    service: u32,
    site: u32,
    covered_until: Option<Day>,
    code: Option<u32>,
    group: Option<GroupCode>,
}

/// Distinct values and their places.
#[derive(Debug)]
struct Interned<T> {
    items: Vec<T>,
    places: HashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Interned<T> {
    fn new() -> Self {
        Self {
            items: Vec::new(),
            places: HashMap::new(),
        }
    }

    fn place(&mut self, item: &T) -> u32 {
        if let Some(place) = self.places.get(item) {
            return *place;
        }
        let place = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        self.items.push(item.clone());
        self.places.insert(item.clone(), place);
        place
    }
}

/// The whole file in memory.
struct Gathered<'a> {
    key: &'a [u8; 32],
    rows: Vec<Compact>,
    /// Keyed hash of each person key.
    people: Vec<[u8; 16]>,
    places: HashMap<[u8; 16], u32>,
    sites: Interned<Site>,
    services: Interned<ServiceCode>,
    codes: Interned<ResultCode>,
    summary: Summary,
}

impl<'a> Gathered<'a> {
    fn new(key: &'a [u8; 32]) -> Self {
        Self {
            key,
            rows: Vec::new(),
            people: Vec::new(),
            places: HashMap::new(),
            sites: Interned::new(),
            services: Interned::new(),
            codes: Interned::new(),
            summary: Summary::default(),
        }
    }

    fn read(
        &mut self,
        ground: &Ground,
        latest: Day,
        register: bool,
        input: impl Read,
        refused: &mut impl FnMut(RowError),
        progress: &mut impl FnMut(ImportProgress),
    ) -> Result<(), Error> {
        let mut rows = Rows::new(input)?;
        let mut told = 0;
        while let Some(row) = rows.next_row()? {
            // A row that swallowed others stands for all of them.
            self.summary.rows += row.as_ref().map_or_else(|error| error.lines, |_| 1);
            if let Err(error) = row.and_then(|row| self.add(ground, latest, register, &row)) {
                self.summary.refused += error.lines;
                refused(error);
            }
            if self.summary.rows - told >= STEP {
                told = self.summary.rows;
                progress(ImportProgress::Read(told));
            }
        }
        progress(ImportProgress::Read(self.summary.rows));
        Ok(())
    }

    fn add(
        &mut self,
        ground: &Ground,
        latest: Day,
        register: bool,
        row: &Row,
    ) -> Result<(), RowError> {
        let refuse = |column, reason: &'static str| RowError {
            line: row.line,
            lines: 1,
            column,
            reason: reason.into(),
        };
        if !register && ground.indicators.find(&row.service).is_none() {
            let reason = "is not in the service catalogue: check the code, or pass --register";
            return Err(refuse("service", reason));
        }
        check_days(row.day, row.covered_until, ground.facts.start, latest).map_err(|refusal| {
            let (column, reason) = about_days(refusal);
            refuse(column, reason)
        })?;
        if !register && ground.registry.site(&row.site.to_string()).is_none() {
            return Err(refuse(
                "site",
                "is not in the registry: enter it, or pass --register",
            ));
        }
        let person = self.person(&row.person);
        let code = match &row.kind {
            Kind::Result(code) => Some(self.codes.place(code)),
            _ => None,
        };
        self.rows.push(Compact {
            person,
            day: row.day,
            kind: EventKind::from(&row.kind),
            service: self.services.place(&row.service),
            site: self.sites.place(&row.site),
            covered_until: row.covered_until,
            code,
            group: row.group.map(GroupCode::of),
        });
        Ok(())
    }

    fn person(&mut self, key: &str) -> u32 {
        let hash = short(&digest::keyed(
            self.key,
            &[b"person ", key.as_bytes()].concat(),
        ));
        let next = u32::try_from(self.people.len()).unwrap_or(u32::MAX);
        let people = &mut self.people;
        *self.places.entry(hash).or_insert_with(|| {
            people.push(hash);
            next
        })
    }

    /// Sorts the rows by person and content; the ranges of people in the order of their hashes, which no order of rows changes.
    fn order(&mut self) -> Vec<std::ops::Range<usize>> {
        self.rows.sort_unstable();
        let mut begin = 0;
        let mut people: Vec<_> = self
            .rows
            .chunk_by(|left, right| left.person == right.person)
            .map(|rows| {
                begin += rows.len();
                begin - rows.len()..begin
            })
            .collect();
        people.sort_unstable_by_key(|rows| self.people[self.rows[rows.start].person as usize]);
        people
    }

    /// The numbers of the file's services, by their places; `None` for one that nobody entered.
    fn numbers(&self, ground: &Ground) -> Vec<Option<ServiceNumber>> {
        let number = |code| ground.indicators.find(code).map(|service| service.number);
        self.services.items.iter().map(number).collect()
    }

    /// The events of one person, as reports would have brought them.
    fn incoming(
        &self,
        ground: &Ground,
        numbers: &[Option<ServiceNumber>],
        rows: &[Compact],
        out: &mut Vec<Incoming>,
    ) {
        let Some(first) = rows.first() else { return };
        let hash = self.people[first.person as usize];
        let Some(element) = self.element(&hash) else {
            return;
        };
        let mut occurrence = 0u32;
        for (index, row) in rows.iter().enumerate() {
            occurrence = if index > 0 && rows[index - 1] == *row {
                occurrence + 1
            } else {
                0
            };
            // Every row's service was known or entered before this.
            let Some(service) = numbers[row.service as usize] else {
                continue;
            };
            let site = &self.sites.items[row.site as usize];
            let text = site.to_string();
            let code = row.code.map(|code| &self.codes.items[code as usize]);
            let event = Event {
                report: self.report(&hash, row, &text, code, occurrence),
                day: row.day,
                effective: row.day.max(ground.open.first_day()),
                service,
                kind: row.kind,
                rank: ground.indicators.rank(row.kind),
                covered_until: row.covered_until,
                site: ground.registry.site(&text).unwrap_or(0),
                city: self.city(ground, site),
                group: row.group,
                finding: code.and_then(|code| ground.indicators.finding(service, code.as_str())),
            };
            let code = code.cloned();
            out.push(Incoming {
                element,
                told: Told { event, code },
            });
        }
    }

    fn city(&self, ground: &Ground, site: &Site) -> CityCode {
        ground.registry.city(site.city())
    }

    fn element(&self, person: &[u8; 16]) -> Option<[u8; 32]> {
        let mut uniform = [0; 64];
        for (half, part) in uniform.chunks_exact_mut(32).zip([b'0', b'1']) {
            half.copy_from_slice(&digest::keyed(
                self.key,
                &[b"element ", &person[..], &[part]].concat(),
            ));
        }
        PersonElement::from_uniform(&uniform)
            .ok()
            .map(|element| *element.as_bytes())
    }

    /// The same row always gets the same id, whatever else the file holds.
    fn report(
        &self,
        person: &[u8; 16],
        row: &Compact,
        site: &str,
        code: Option<&ResultCode>,
        occurrence: u32,
    ) -> [u8; 16] {
        let service = self.services.items[row.service as usize].as_str();
        let numbers = [
            row.day.number(),
            row.covered_until.map_or(i32::MIN, Day::number),
            i32::from(row.kind.number()),
            row.group.map_or(0, |group| i32::from(group.number())),
        ];
        let mut input = Vec::with_capacity(128);
        input.extend_from_slice(b"report ");
        input.extend_from_slice(person);
        for number in numbers {
            input.extend_from_slice(&number.to_le_bytes());
        }
        input.extend_from_slice(&occurrence.to_le_bytes());
        // The texts cannot hold a line feed, so their borders are plain.
        for text in [site, service, code.map_or("", ResultCode::as_str)] {
            input.extend_from_slice(text.as_bytes());
            input.push(b'\n');
        }
        short(&digest::keyed(self.key, &input))
    }
}

/// The column and the words for a refusal about days.
const fn about_days(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Future => ("date", "lies in the future"),
        Refusal::BeforeStart => ("date", "lies before the programme's start"),
        _ => (
            "covered_until",
            "must lie between the date and 366 days after it",
        ),
    }
}

fn short(hash: &[u8; 32]) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&hash[..16]);
    out
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
        if booked.after_death > 0 {
            query::count_refusal(tx, app.today(), AFTER_DEATH, booked.after_death).await?;
        }
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
