//! From the rows of a file to waves of presentations.

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Day;
use crypto::report::{ServiceCode, Site};
use thiserror::Error;
use wire::rows::{Row, Rows};

use super::error::ReplayError;

/// A row that was not replayed.
#[derive(Debug)]
pub struct Rejected {
    /// Line in the file, 1 for the header.
    pub line: u64,
    /// Why.
    pub reason: Reason,
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
        reason: &'static str,
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
    /// Today's programme day.
    pub today: Day,
    /// First day of the programme, when it has one and this side knows it.
    pub start: Option<Day>,
}

impl Known {
    fn fault(&self, row: &Row, open: &BTreeSet<Site>) -> Option<Reason> {
        if !open.contains(&row.site) {
            Some(Reason::Site)
        } else if !self.services.contains(row.service.as_str()) {
            Some(Reason::Service)
        } else if row.day > self.today {
            Some(Reason::Future)
        } else if self.start.is_some_and(|start| row.day < start) {
            Some(Reason::BeforeStart)
        } else {
            None
        }
    }
}

/// Everybody's n-th row, by site.
pub(super) struct Wave {
    /// True for the first wave, in which cards come to life.
    pub first: bool,
    /// Rows by site.
    pub by_site: BTreeMap<Site, Vec<Row>>,
}

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
                        reason: Reason::Unreadable { column, reason },
                    });
                }
            }
        }
        Ok(plan)
    }

    /// Every service that the rows name, in the order of the file.
    #[must_use]
    pub fn services(&self) -> Vec<ServiceCode> {
        let mut found: Vec<ServiceCode> = Vec::new();
        for row in &self.rows {
            if !found.contains(&row.service) {
                found.push(row.service.clone());
            }
        }
        found
    }

    /// Every site that the rows name.
    #[must_use]
    pub fn sites(&self) -> BTreeSet<Site> {
        self.rows.iter().map(|row| row.site.clone()).collect()
    }

    /// Rows by person in the order of days; rows that the statistics store would refuse are refused here.
    pub(super) fn split(
        self,
        known: &Known,
        open: &BTreeSet<Site>,
    ) -> (BTreeMap<String, Vec<Row>>, Vec<Rejected>) {
        let mut rejected = self.rejected;
        let mut people: BTreeMap<String, Vec<Row>> = BTreeMap::new();
        for row in self.rows {
            match known.fault(&row, open) {
                None => people.entry(row.person.clone()).or_default().push(row),
                Some(reason) => rejected.push(Rejected {
                    line: row.line,
                    reason,
                }),
            }
        }
        for rows in people.values_mut() {
            rows.sort_by_key(|row| (row.day, row.line));
        }
        (people, rejected)
    }
}

/// Everybody's first rows, then everybody's second rows, and so on.
pub(super) fn waves(people: BTreeMap<String, Vec<Row>>) -> impl Iterator<Item = Wave> {
    let mut left: Vec<std::vec::IntoIter<Row>> = people.into_values().map(Vec::into_iter).collect();
    let mut first = true;
    std::iter::from_fn(move || {
        let mut by_site: BTreeMap<Site, Vec<Row>> = BTreeMap::new();
        for row in left.iter_mut().filter_map(Iterator::next) {
            by_site.entry(row.site.clone()).or_default().push(row);
        }
        left.retain(|rows| rows.len() > 0);
        let wave = Wave {
            first: std::mem::replace(&mut first, false),
            by_site,
        };
        (!wave.by_site.is_empty()).then_some(wave)
    })
}
