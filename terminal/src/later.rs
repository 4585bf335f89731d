//! Visits of clients whose card could not be presented, because there was no network.
//!
//! Without the service a terminal can judge a card, and cannot say whose it is. So
//! the card's text and what was done are kept together, sealed with everything else,
//! until it is bound ([`crate::bind`]): then the visit becomes entries and reports
//! like any other and the text is wiped. What a card turns out not to be good for is
//! kept for a person to look at, never dropped.
//!
//! Whoever opens what the terminal keeps finds the cards of these visits: synchronise
//! as soon as there is network.

use crate::error::Error;
use crate::report::Event;
use crypto::id::EntryId;
use crypto::json::HiddenText;
use crypto::rng::Rng;
use serde::{Deserialize, Serialize};

/// Most visits that are kept: a very long day of a whole team.
pub const MOST_LATER: usize = 1_000;

/// What keeps a visit from being bound to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// The card is revoked, or not one of the programme's.
    Refused,
    /// The card carries no identity.
    NotActive,
    /// The client's record goes on under another card.
    Superseded,
    /// Something in it the protocol cannot carry.
    Value,
}

/// One visit that waits for its client.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Visit {
    id: EntryId,
    card: HiddenText,
    first: bool,
    events: Vec<Event>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    obstacle: Option<Obstacle>,
}

impl Visit {
    /// By which it is taken back or deleted.
    #[must_use]
    pub const fn id(&self) -> EntryId {
        self.id
    }

    /// The card's text, to be presented.
    pub(crate) fn card(&self) -> &str {
        self.card.expose()
    }

    /// Whether the card is a blank that was given to a new client.
    pub(crate) const fn first(&self) -> bool {
        self.first
    }

    /// What was done.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// What a person has to look into; `None` while it only waits for the network.
    #[must_use]
    pub const fn obstacle(&self) -> Option<Obstacle> {
        self.obstacle
    }
}

/// Visits in the order in which they were recorded.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Later(Vec<Visit>);

impl Later {
    /// Keeps what was done for the holder of a card; `first` when the card is a
    /// blank that was given to a new client. Save afterwards.
    ///
    /// # Errors
    /// `TooMany` above [`MOST_LATER`].
    pub(crate) fn keep(
        &mut self,
        card: &str,
        first: bool,
        events: Vec<Event>,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        if self.0.len() >= MOST_LATER {
            return Err(Error::TooMany);
        }
        let id = EntryId::random(rng);
        self.0.push(Visit {
            id,
            card: HiddenText::new(card.to_owned()),
            first,
            events,
            obstacle: None,
        });
        Ok(id)
    }

    /// Whether so many more can be kept.
    pub(crate) const fn has_room(&self, more: usize) -> bool {
        self.0.len() + more <= MOST_LATER
    }

    /// Deletes one for good; false when it is not here.
    pub fn delete(&mut self, id: &EntryId) -> bool {
        let before = self.0.len();
        self.0.retain(|visit| visit.id != *id);
        self.0.len() < before
    }

    /// Keeps one for a person to look into.
    pub(crate) fn set_aside(&mut self, id: &EntryId, obstacle: Obstacle) {
        if let Some(visit) = self.0.iter_mut().find(|visit| visit.id == *id) {
            visit.obstacle = Some(obstacle);
        }
    }

    /// All of them.
    pub fn visits(&self) -> impl Iterator<Item = &Visit> {
        self.0.iter()
    }

    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Everything that has an obstacle is tried again with the next binding.
    pub fn retry(&mut self) {
        for visit in &mut self.0 {
            visit.obstacle = None;
        }
    }
}
