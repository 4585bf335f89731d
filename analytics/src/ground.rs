//! What a booking stands on: definitions, fixed facts, registry and open quarter, as one transaction sees them.

use crypto::day::Quarter;
use indicators::Indicators;
use store::Tx;

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
            registry: Registry::read(tx).await?,
            indicators,
            facts,
            open,
        })
    }
}
