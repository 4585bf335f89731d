//! From the rows of a file to waves of presentations.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crypto::day::Day;
use crypto::report::{ServiceCode, Site};
use thiserror::Error;
use wire::rows::{Row, RowKind, RowReason, Rows};

use super::error::ReplayError;
use super::issued::Tags;
use super::keep::Keeper;

/// A row that was not replayed.
#[derive(Debug)]
pub struct Rejected {
    /// Line in the file, 1 for the header.
    pub line: u64,
    /// Lines that stand and fall with it: 1, or more where a quotation mark is open over line ends.
    pub lines: u64,
    /// Why.
    pub reason: Reason,
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines {
            1 => write!(f, "line {}: {}", self.line, self.reason),
            more => {
                let last = self.line + more - 1;
                write!(f, "lines {} to {last}: {}", self.line, self.reason)
            }
        }
    }
}

/// Why a row was not replayed; as text it never repeats the row's content.
#[derive(Debug, Error)]
pub enum Reason {
    /// It cannot be read.
    #[error("column {column}: {reason}")]
    Unreadable {
        /// The column's name.
        column: &'static str,
        /// What is wrong there.
        reason: RowReason,
    },
    /// The registry does not know its site.
    #[error("column site: not in the registry")]
    Site,
    /// The statistics store cannot count its service.
    #[error("column service: not in the service catalogue")]
    Service,
    /// Its day has not come.
    #[error("column date: lies in the future")]
    Future,
    /// Its day is before the programme began.
    #[error("column date: lies before the programme's start")]
    BeforeStart,
    /// It withdraws a row, and there is none.
    #[error(
        "column event: names no event that stands: person, date, site, service and what else is filled in must be those of the row"
    )]
    NothingWithdrawn,
    /// It withdraws a row, and several could be meant.
    #[error(
        "column event: names several events that say different things: write withdrawn: and the event, such as withdrawn:exited:died, and fill in covered_until"
    )]
    SeveralWithdrawn,
    /// The terminal refused it.
    #[error(transparent)]
    Terminal(terminal::Error),
}

/// The rows of a file, and those that could not be read.
#[derive(Debug, Default)]
pub struct Plan {
    /// Readable rows, in the order of the file.
    pub rows: Vec<Row>,
    /// Unreadable rows.
    pub rejected: Vec<Rejected>,
}

/// What rows are held against before anybody is presented.
#[derive(Debug, Clone)]
pub struct Known {
    /// Codes of the services that can be counted.
    pub services: BTreeSet<String>,
    /// The latest day anywhere on Earth: a row dated after it has not happened.
    pub latest: Day,
    /// First day of the programme, when it has one and this side knows it.
    pub start: Option<Day>,
}

impl Known {
    fn fault(&self, row: &Row, open: &BTreeSet<Site>) -> Option<Reason> {
        if !open.contains(&row.site) {
            Some(Reason::Site)
        } else if !self.services.contains(row.service.as_str()) {
            Some(Reason::Service)
        } else if row.day > self.latest {
            Some(Reason::Future)
        } else if self.start.is_some_and(|start| row.day < start) {
            Some(Reason::BeforeStart)
        } else {
            None
        }
    }
}

/// A row that waits to be presented, and by which it is known again.
pub(super) struct Waiting {
    pub(super) row: Row,
    pub(super) tag: String,
}

/// What of a file is to be presented.
#[derive(Default)]
pub(super) struct Split {
    /// Rows by person, each person's in the order of days.
    pub(super) people: BTreeMap<String, Vec<Waiting>>,
    /// Everybody of whom a row can be presented, or was before.
    pub(super) codes: BTreeSet<String>,
    /// Rows that were presented before.
    pub(super) before: usize,
    /// Refused rows.
    pub(super) rejected: Vec<Rejected>,
}

/// Everybody's n-th row, by site.
pub(super) type Wave = BTreeMap<Site, Vec<Waiting>>;

impl Plan {
    /// Reads a file to its end.
    ///
    /// # Errors
    /// `Table` when it is no table of rows, or ends early.
    pub fn read<R: std::io::Read>(mut file: Rows<R>) -> Result<Self, ReplayError> {
        let mut plan = Self::default();
        while let Some(row) = file.next_row()? {
            match row {
                Ok(row) => plan.rows.push(row),
                Err(error) => {
                    let (column, reason) = (error.column, error.reason);
                    plan.rejected.push(Rejected {
                        line: error.line,
                        lines: error.lines,
                        reason: Reason::Unreadable { column, reason },
                    });
                }
            }
        }
        Ok(plan)
    }

    /// Every service that the rows name, in the order of their letters.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceCode> {
        let found: BTreeSet<&ServiceCode> = self.rows.iter().map(|row| &row.service).collect();
        found.into_iter().cloned().collect()
    }

    /// Every site that the rows name.
    #[must_use]
    pub fn sites(&self) -> BTreeSet<Site> {
        self.rows.iter().map(|row| row.site.clone()).collect()
    }

    /// Rows by person in the order of days, without those that were presented before; rows that the statistics store would
    /// refuse are refused here.
    pub(super) fn split(self, known: &Known, open: &BTreeSet<Site>, keeper: &Keeper) -> Split {
        let tags = Tags(&keeper.key);
        let mut split = Split {
            rejected: self.rejected,
            ..Split::default()
        };
        let mut equal: BTreeMap<String, u32> = BTreeMap::new();
        for row in self.rows {
            if let Some(reason) = known.fault(&row, open) {
                split.rejected.push(Rejected {
                    line: row.line,
                    lines: 1,
                    reason,
                });
                continue;
            }
            let number = equal.entry(tags.row(&row, 0)).or_default();
            let tag = tags.row(&row, *number);
            *number += 1;
            split.codes.insert(row.person.clone());
            if keeper.issued.has(&tag) {
                split.before += 1;
            } else {
                let waiting = Waiting { tag, row };
                let rows = split.people.entry(waiting.row.person.clone());
                rows.or_default().push(waiting);
            }
        }
        for rows in split.people.values_mut() {
            // What is withdrawn is entered before, wherever the file says so.
            let withdraws = |row: &Row| matches!(row.kind, RowKind::Withdrawn(_));
            rows.sort_by_key(|it| (it.row.day, withdraws(&it.row), it.row.line));
        }
        split
    }
}

/// Everybody's first rows, then everybody's second rows, and so on.
pub(super) fn waves(people: BTreeMap<String, Vec<Waiting>>) -> impl Iterator<Item = Wave> {
    let mut left: Vec<std::vec::IntoIter<Waiting>> =
        people.into_values().map(Vec::into_iter).collect();
    std::iter::from_fn(move || {
        let mut wave = Wave::new();
        for waiting in left.iter_mut().filter_map(Iterator::next) {
            wave.entry(waiting.row.site.clone())
                .or_default()
                .push(waiting);
        }
        left.retain(|rows| rows.len() > 0);
        (!wave.is_empty()).then_some(wave)
    })
}
