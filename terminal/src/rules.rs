//! The indicator definitions, as far as a terminal needs them.
//!
//! The same versioned data file that the statistics store executes: the days
//! after which a client counts as lost are written down once. A terminal uses
//! the service rules only, because it cannot see other providers.

use crypto::report::ServiceCode;
use indicators::kind::EventKind;
use indicators::{Indicators, Rule};

use crate::error::Error;

/// The rules of one version of the file.
#[derive(Clone, Debug)]
pub struct Rules(Indicators);

impl Rules {
    /// The file this version was built with.
    ///
    /// # Errors
    /// None for a released build: a test reads it.
    pub fn built_in() -> Result<Self, Error> {
        Indicators::shipped().map(Self).map_err(|_| Error::Value)
    }

    /// The file's version.
    #[must_use]
    pub fn version(&self) -> &str {
        self.0.version()
    }

    /// The place of a kind among the events of one day.
    #[must_use]
    pub fn rank(&self, kind: EventKind) -> u8 {
        self.0.rank(kind)
    }

    /// The services that the file defines, in its order.
    pub fn services(&self) -> impl Iterator<Item = &ServiceCode> {
        self.0.services().iter().map(|service| &service.code)
    }

    /// A service's rule; `None` for services that the file does not define.
    #[must_use]
    pub fn of(&self, service: &ServiceCode) -> Option<Rule> {
        self.0.find(service).map(|found| found.rule)
    }
}
