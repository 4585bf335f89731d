//! What a booking stands on: definitions, fixed facts, registry and open quarter, as one transaction sees them.

use crypto::day::{Day, Quarter};
use indicators::Indicators;
use store::Tx;

use crate::calendar;
use crate::error::Error;
use crate::registry::{Registry, services};
use crate::setup::{self, Founding};

/// What booking needs to know beside the events, as the transaction sees it.
#[derive(Debug)]
pub(crate) struct Ground {
    /// The catalogue of services, with those of the registry.
    pub indicators: Indicators,
    /// The programme's fixed facts.
    pub facts: Founding,
    /// Cities and sites.
    pub registry: Registry,
    /// The epoch of the pseudonyms' key.
    pub epoch: u32,
    /// The first quarter not closed.
    pub open: Quarter,
    /// The day on which the programme was founded.
    pub founded: Day,
}

impl Ground {
    /// Reads it in a transaction that books or registers, and keeps the open quarter open until that transaction ends.
    /// Nothing may have been read in it before.
    ///
    /// # Errors
    /// As [`Self::read`], and [`store::DbError::Retry`] when a closing came first.
    pub(crate) async fn hold(tx: &mut Tx) -> Result<Self, Error> {
        setup::hold(tx).await?;
        Self::read(tx).await
    }

    /// Reads it to look at; what books uses [`Self::hold`].
    ///
    /// # Errors
    /// [`Error::NotSetUp`], [`Error::IndicatorsDiffer`], [`Error::Damaged`], [`Error::Database`].
    pub(crate) async fn read(tx: &mut Tx) -> Result<Self, Error> {
        let mut indicators = Indicators::shipped()?;
        let facts = setup::read(tx, &indicators).await?;
        services::read(tx, &mut indicators).await?;
        let open = setup::first_open(tx, &facts).await?;
        Ok(Self {
            epoch: setup::epoch(tx).await?,
            founded: setup::founded(tx).await?,
            registry: Registry::read(tx).await?,
            indicators,
            facts,
            open,
        })
    }

    /// The day that decides in which quarters a report counts: its own, or the first day of the first quarter that still takes it.
    /// It follows the day on which the identity role received the report, whenever it was delivered.
    #[must_use]
    pub(crate) fn effective(&self, day: Day, received: Day) -> Day {
        let quarter = Quarter::of(day).max(self.open);
        let from = if calendar::is_history(quarter, self.founded) {
            quarter
        } else {
            quarter.max(calendar::takes(received))
        };
        day.max(from.first_day())
    }
}
