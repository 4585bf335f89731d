//! The rows of a file in memory: 28 bytes each, without texts, and the ids and elements that follow from them.

use std::collections::{BTreeSet, HashMap};
use std::io::Read;

use crypto::day::Day;
use crypto::digest;
use crypto::report::{Kind, ResultCode, ServiceCode, Site};
use crypto::statistics::PersonElement;
use indicators::ServiceNumber;
use indicators::history::Event;
use indicators::kind::EventKind;
use privacy::cell::{CityCode, GroupCode};
use wire::rows::{Row, RowError, RowKind, Rows};

use super::back::Back;
use super::interned::Interned;
use crate::error::{Error, Refusal};
use crate::ground::Ground;
use crate::intake::accept::check_days;
use crate::intake::book::Incoming;
use crate::packed::{Said, Told};

/// Most people in one transaction.
pub(super) const PEOPLE: usize = 50_000;
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
    /// Rows that were withdrawn and had not been before.
    pub withdrawn: u64,
    /// New events after a recorded death of their person.
    pub after_death: u64,
}

/// One row, without its person's key and without text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Compact {
    person: u32,
    day: Day,
    kind: EventKind,
    service: u32,
    site: u32,
    covered_until: Option<Day>,
    code: Option<u32>,
    group: Option<GroupCode>,
}

/// The whole file in memory.
pub(super) struct Gathered<'a> {
    pub(super) key: &'a [u8; 32],
    pub(super) rows: Vec<Compact>,
    /// Keyed hash of each person key.
    pub(super) people: Vec<[u8; 16]>,
    places: HashMap<[u8; 16], u32>,
    pub(super) sites: Interned<Site>,
    pub(super) services: Interned<ServiceCode>,
    codes: Interned<ResultCode>,
    pub(super) withdrawn: Vec<Back>,
    pub(super) summary: Summary,
}

impl<'a> Gathered<'a> {
    pub(super) fn new(key: &'a [u8; 32]) -> Self {
        Self {
            key,
            rows: Vec::new(),
            people: Vec::new(),
            places: HashMap::new(),
            sites: Interned::new(),
            services: Interned::new(),
            codes: Interned::new(),
            withdrawn: Vec::new(),
            summary: Summary::default(),
        }
    }

    pub(super) fn read(
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
        check(ground, latest, register, row)?;
        let person = self.person(&row.person);
        let kind = match &row.kind {
            RowKind::Event(kind) => kind,
            RowKind::Withdrawn(kind) => {
                self.withdrawn.push(Back::of(person, row, kind.clone()));
                return Ok(());
            }
        };
        let code = match kind {
            Kind::Result(code) => Some(self.codes.place(code)),
            _ => None,
        };
        self.rows.push(Compact {
            person,
            day: row.day,
            kind: EventKind::from(kind),
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
    pub(super) fn order(&mut self) -> Vec<std::ops::Range<usize>> {
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
    pub(super) fn numbers(&self, ground: &Ground) -> Vec<Option<ServiceNumber>> {
        let number = |code| ground.indicators.find(code).map(|service| service.number);
        self.services.items.iter().map(number).collect()
    }

    /// The events of one person, as reports would have brought them.
    pub(super) fn incoming(
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
                said: Said::Told(Told { event, code }),
            });
        }
    }

    /// The ids of one person's rows. The rows are in order.
    pub(super) fn reports(&self, ground: &Ground, person: u32) -> BTreeSet<[u8; 16]> {
        let begin = self.rows.partition_point(|row| row.person < person);
        let end = self.rows.partition_point(|row| row.person <= person);
        let mut events = Vec::new();
        let numbers = self.numbers(ground);
        self.incoming(ground, &numbers, &self.rows[begin..end], &mut events);
        events.iter().map(|one| *one.said.report()).collect()
    }

    fn city(&self, ground: &Ground, site: &Site) -> CityCode {
        ground.registry.city(site.city())
    }

    pub(super) fn element(&self, person: &[u8; 16]) -> Option<[u8; 32]> {
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

/// What of a row can be told without its person.
fn check(ground: &Ground, today: Day, register: bool, row: &Row) -> Result<(), RowError> {
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
    check_days(row.day, row.covered_until, ground.facts.start, today).map_err(|refusal| {
        let (column, reason) = about_days(refusal);
        refuse(column, reason)
    })?;
    if !register && ground.registry.site(&row.site.to_string()).is_none() {
        return Err(refuse(
            "site",
            "is not in the registry: enter it, or pass --register",
        ));
    }
    Ok(())
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
