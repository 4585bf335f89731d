//! The indicator definitions, as far as a terminal needs them.
//!
//! The same versioned data file that the statistics store executes: the days
//! after which a client counts as lost are written down once. A terminal uses
//! the service rules only, because it cannot see other providers.

use crate::error::Error;
use crypto::report::ServiceCode;
use serde::Deserialize;
use std::collections::BTreeMap;

const BUILT_IN: &str = include_str!("../../analytics/data/indicators.json");

/// How a service is counted when nobody comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lapse {
    /// A drop-out.
    DropOut,
    /// The end of an activity, not a drop-out.
    Lapsed,
}

/// One service's rule; days, 0 to some hundreds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Days of cover of a contact that names none.
    pub default_cover: i32,
    /// Days after the expected contact that are still no loss.
    pub grace: i32,
    /// What it is afterwards.
    pub lapse: Lapse,
}

/// The rules of one version of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    version: String,
    services: BTreeMap<ServiceCode, Rule>,
}

#[derive(Deserialize)]
struct File {
    version: String,
    services: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    code: ServiceCode,
    default_cover_days: u16,
    grace_days: u16,
    lapse: Lapse,
}

impl Rules {
    /// Reads a definition file.
    ///
    /// # Errors
    /// `Value` when it is not of this form.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let file: File = serde_json::from_str(text).map_err(|_| Error::Value)?;
        let rule = |line: Line| {
            let rule = Rule {
                default_cover: line.default_cover_days.into(),
                grace: line.grace_days.into(),
                lapse: line.lapse,
            };
            (line.code, rule)
        };
        Ok(Self {
            version: file.version,
            services: file.services.into_iter().map(rule).collect(),
        })
    }

    /// The file this version was built with.
    ///
    /// # Errors
    /// None for a released build: a test reads it.
    pub fn built_in() -> Result<Self, Error> {
        Self::from_json(BUILT_IN)
    }

    /// The file's version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// A service's rule; `None` for services that the file does not define.
    #[must_use]
    pub fn of(&self, service: &ServiceCode) -> Option<Rule> {
        self.services.get(service).copied()
    }
}
