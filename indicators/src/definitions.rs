//! The indicator definitions, read from one versioned data file that terminals execute too.
//!
//! `data/indicators.json` holds, for every service: its code, its number inside cells, the days of cover an event without
//! an appointment gives, the days of grace after the expected contact `E`, and whether running out is a drop-out or only
//! the end of activity. Deployments extend the catalogue by data: services that the file lacks are rows of the registry,
//! with numbers of their own. `data/indicator-vectors.json` is the boundary cases that every executor of the file must
//! pass. "results" says which result codes mean a positive HIV test or a suppressed viral load; every other code is only a
//! contact. Reports of services that nobody knows are counted under the service `other`. "same_day" is the order of kinds among the
//! events of one day.

use std::collections::BTreeMap;

use crypto::report::ServiceCode;
use serde::Deserialize;
use serde::de::IgnoredAny;
use thiserror::Error;

use crate::kind::EventKind;

/// The definitions shipped with this version.
const SHIPPED: &str = include_str!("../data/indicators.json");
/// Days of default cover and grace within which a cohort is mature.
const MATURE: i32 = 275 - 180 - 1;
/// More cover or grace than this is a mistake in the file, in days.
const LONGEST: i32 = 3660;

/// Version of the choices that `project` makes. Raise it with any change to what a history contributes: stored rows of open
/// quarters would otherwise stand beside new ones, and one person would count twice.
pub const BOUNDING: u32 = 2;
/// The lowest number of a service that the registry adds; the file's own numbers stay below it.
pub const FIRST_REGISTERED: u8 = 128;
/// The rule of a service about which nothing is known but its code: a drop-out on day 91 after the last contact.
pub const REGISTERED_RULE: Rule = Rule {
    default_cover: 0,
    grace: 90,
    lapse: Lapse::DropOut,
};

/// Code of the service that stands for all that nobody knows.
const OTHER: &str = "other";
/// Code of the service whose results may be positive.
const TEST: &str = "hts";
/// Code of the service whose results are viral loads.
const TREATMENT: &str = "art";

/// The catalogue of services and the programme's own rule.
#[derive(Clone, Debug)]
pub struct Indicators {
    version: String,
    /// BLAKE3 of the file.
    fingerprint: [u8; 32],
    programme_grace: i32,
    services: Vec<Service>,
    /// Position in `services` by number; 0 means none.
    by_number: [u8; 256],
    results: Results,
    /// Every kind, in the order of one day.
    same_day: Vec<EventKind>,
    other: ServiceNumber,
    test: ServiceNumber,
    treatment: ServiceNumber,
}

/// What a coded result says, as far as tables care.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    /// HIV test positive.
    Positive,
    /// Viral load suppressed.
    Suppressed,
    /// Viral load not suppressed.
    Unsuppressed,
}

/// One service of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Code in reports, for example `art`.
    pub code: ServiceCode,
    /// Number inside cells and stored events.
    pub number: ServiceNumber,
    /// Plain name for a release.
    pub name: String,
    /// When its episodes end by themselves.
    pub rule: Rule,
}

/// A service's number, 1..=255.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceNumber(u8);

impl ServiceNumber {
    /// The number, 1..=255.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// When an episode ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Days of cover given by an event that has no `covered_until`, 0..=3660.
    pub default_cover: i32,
    /// Days after `E` on which the person still counts as active, 0..=3660.
    pub grace: i32,
    /// What running out means.
    pub lapse: Lapse,
}

impl Rule {
    /// True when an episode that was left by day 180 without recorded cover has run out by 31 December, for everybody who
    /// enrolled until 31 March: 275 days lie between, of which 180 are looked at.
    #[must_use]
    pub const fn is_mature(self) -> bool {
        self.default_cover + self.grace <= MATURE
    }
}

/// What it means that nobody came until the grace was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lapse {
    /// The person dropped out.
    DropOut,
    /// Activity ended; nobody was lost (condoms, tests).
    Lapsed,
}

/// The file contradicts itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("indicator definitions: {0}")]
pub struct IndicatorsError(String);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    #[serde(rename = "rules")]
    _rules: BTreeMap<String, IgnoredAny>,
    programme: Programme,
    same_day: Vec<String>,
    results: Results,
    services: Vec<Row>,
}

/// Result codes by meaning.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Results {
    positive: Vec<String>,
    suppressed: Vec<String>,
    unsuppressed: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Programme {
    grace_days: i32,
    #[serde(rename = "source")]
    _source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    id: u8,
    name: String,
    default_cover_days: i32,
    grace_days: i32,
    lapse: Lapse,
    #[serde(rename = "source")]
    _source: String,
}

/// Every kind of event once, from its words.
fn same_day(words: &[String]) -> Result<Vec<EventKind>, IndicatorsError> {
    let wrong = || IndicatorsError("same_day: every kind of event stands there once".to_owned());
    let kinds: Vec<EventKind> = words
        .iter()
        .map(|word| EventKind::from_word(word).ok_or_else(wrong))
        .collect::<Result<_, _>>()?;
    let each = EventKind::ALL
        .iter()
        .all(|kind| kinds.iter().filter(|one| *one == kind).count() == 1);
    let complete = each && kinds.len() == EventKind::ALL.len();
    complete.then_some(kinds).ok_or_else(wrong)
}

impl Indicators {
    /// The definitions shipped with this version.
    ///
    /// # Errors
    /// [`IndicatorsError`] when the shipped file is wrong; a test keeps it right.
    pub fn shipped() -> Result<Self, IndicatorsError> {
        // Where it is wrong is not said: that would be a second parser for a browser to load.
        let file = crypto::json::read(SHIPPED.as_bytes());
        Self::read(
            SHIPPED,
            file.map_err(|_| IndicatorsError("not readable".to_owned()))?,
        )
    }

    /// Reads a definitions file (JSON).
    ///
    /// # Errors
    /// [`IndicatorsError`] names the field: unknown or missing field, number 0 or used twice, code used twice or not
    /// `[a-z0-9-]{1,24}`, days outside 0..=3660, no service `other`, `hts` or `art`, a kind of event missing or twice in `same_day`.
    pub fn parse(json: &str) -> Result<Self, IndicatorsError> {
        let file: File = serde_json::from_str(json).map_err(|error| {
            IndicatorsError(format!(
                "not readable at line {} column {}",
                error.line(),
                error.column()
            ))
        })?;
        Self::read(json, file)
    }

    fn read(json: &str, file: File) -> Result<Self, IndicatorsError> {
        let mut indicators = Self {
            version: file.version,
            fingerprint: crypto::digest::hash(json.as_bytes()),
            programme_grace: days("programme.grace_days", file.programme.grace_days)?,
            services: Vec::new(),
            by_number: [0; 256],
            results: file.results,
            same_day: same_day(&file.same_day)?,
            other: ServiceNumber(0),
            test: ServiceNumber(0),
            treatment: ServiceNumber(0),
        };
        for row in file.services {
            indicators.add(row)?;
        }
        indicators.other = indicators.needed(OTHER)?;
        indicators.test = indicators.needed(TEST)?;
        indicators.treatment = indicators.needed(TREATMENT)?;
        Ok(indicators)
    }

    fn needed(&self, code: &str) -> Result<ServiceNumber, IndicatorsError> {
        let found = self
            .services
            .iter()
            .find(|service| service.code.as_str() == code);
        found
            .map(|service| service.number)
            .ok_or_else(|| IndicatorsError(format!("the service {code} is missing")))
    }

    fn add(&mut self, row: Row) -> Result<(), IndicatorsError> {
        let code: ServiceCode = row.code.parse().map_err(|_| {
            IndicatorsError(format!(
                "service {}: the code is not a-z, 0-9 and hyphens",
                row.id
            ))
        })?;
        let rule = Rule {
            default_cover: days("default_cover_days", row.default_cover_days)?,
            grace: days("grace_days", row.grace_days)?,
            lapse: row.lapse,
        };
        if row.id >= FIRST_REGISTERED {
            return Err(IndicatorsError(format!(
                "service {}: numbers from 128 on are the registry's",
                row.id
            )));
        }
        self.put(row.id, code, row.name, rule)
    }

    /// Adds a service of the registry; its code is its name.
    ///
    /// # Errors
    /// [`IndicatorsError`] when the number is below [`FIRST_REGISTERED`] or number or code are there already.
    pub fn register(
        &mut self,
        number: u8,
        code: ServiceCode,
        rule: Rule,
    ) -> Result<(), IndicatorsError> {
        if number < FIRST_REGISTERED {
            return Err(IndicatorsError(format!(
                "service {number}: numbers below 128 are the file's"
            )));
        }
        let name = code.to_string();
        self.put(number, code, name, rule)
    }

    fn put(
        &mut self,
        number: u8,
        code: ServiceCode,
        name: String,
        rule: Rule,
    ) -> Result<(), IndicatorsError> {
        if number == 0 || self.by_number[usize::from(number)] != 0 || self.find(&code).is_some() {
            return Err(IndicatorsError(format!(
                "service {number}: number 0, or number or code used twice"
            )));
        }
        self.services.push(Service {
            code,
            number: ServiceNumber(number),
            name,
            rule,
        });
        // At most 255 services fit, because numbers are unique and not 0.
        self.by_number[usize::from(number)] = u8::try_from(self.services.len()).unwrap_or(0);
        Ok(())
    }

    /// The file's version, stored with the database.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What was counted with these definitions by this version of the bounding code must not be mixed with anything else: the
    /// file's version and digest, and [`BOUNDING`]. A database holds it from its founding on.
    #[must_use]
    pub fn pin(&self) -> String {
        let digest = crypto::hex::encode(&self.fingerprint[..8]);
        format!("{} {digest} bounding {BOUNDING}", self.version)
    }

    /// Services in the file's order.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The service with that code.
    #[must_use]
    pub fn find(&self, code: &ServiceCode) -> Option<&Service> {
        self.services.iter().find(|service| service.code == *code)
    }

    /// The service with that stored number.
    #[must_use]
    pub fn by_number(&self, number: u8) -> Option<&Service> {
        self.services
            .get(usize::from(self.by_number[usize::from(number)]).checked_sub(1)?)
    }

    /// The rule of a service of this catalogue.
    #[must_use]
    pub fn rule(&self, service: ServiceNumber) -> Rule {
        self.by_number(service.0)
            .map_or(self.programme(), |service| service.rule)
    }

    /// The place of a kind among the events of one day, from 0.
    #[must_use]
    pub fn rank(&self, kind: EventKind) -> u8 {
        let place = self.same_day.iter().position(|one| *one == kind);
        place
            .and_then(|place| u8::try_from(place).ok())
            .unwrap_or(u8::MAX)
    }

    /// The service under which reports of unknown services are counted.
    #[must_use]
    pub const fn other(&self) -> ServiceNumber {
        self.other
    }

    /// HIV testing.
    #[must_use]
    pub const fn test(&self) -> ServiceNumber {
        self.test
    }

    /// HIV treatment.
    #[must_use]
    pub const fn treatment(&self) -> ServiceNumber {
        self.treatment
    }

    /// What a result code of a service says; `None` for codes that mean nothing to a table.
    #[must_use]
    pub fn finding(&self, service: ServiceNumber, code: &str) -> Option<Finding> {
        let among = |codes: &[String]| codes.iter().any(|one| one == code);
        if service == self.test {
            among(&self.results.positive).then_some(Finding::Positive)
        } else if service != self.treatment {
            None
        } else if among(&self.results.unsuppressed) {
            Some(Finding::Unsuppressed)
        } else {
            among(&self.results.suppressed).then_some(Finding::Suppressed)
        }
    }

    /// The programme's own rule: no cover by default, a drop-out when the grace is over.
    #[must_use]
    pub const fn programme(&self) -> Rule {
        Rule {
            default_cover: 0,
            grace: self.programme_grace,
            lapse: Lapse::DropOut,
        }
    }
}

fn days(field: &str, days: i32) -> Result<i32, IndicatorsError> {
    if (0..=LONGEST).contains(&days) {
        Ok(days)
    } else {
        Err(IndicatorsError(format!("{field} is outside 0..=3660")))
    }
}

#[cfg(test)]
mod tests;
