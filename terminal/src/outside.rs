//! Write-only: a device that was closed judges cards and takes visits down without a network, and reads nothing of what it keeps.
//!
//! Beside the sealed state lies what that needs ([`Outside`]): the programme's keys and the newest status list, which are public, the keys
//! that open a card's wrap, a public key, and the notes that were taken. A note is sealed (HPKE) to that public key, whose private half
//! lies in the sealed state, and chained to the ones before ([`crypto::chain`]). A key of the provider's would do as well
//! and is not taken: every colleague's device could open what only this one has to. Whoever opens the state next collects
//! the notes into the ordinary queue ([`Open::collect`]), and they go from here.
//!
//! Limits: whoever holds the closed device can ask it whether a code is one of the programme's cards, and whether it is good.
//! Signing out takes all of it away. Where a visit was made is not in its note, because no place stands outside: it is
//! the place at which the notes are collected.

use crate::error::Error;
use crate::jotted::Inside;
use crate::state::Open;
use crypto::report::Site;
use crypto::rng::Rng;

pub use crate::jotted::{Done, Jotted, MOST_NOTES, Outside};

/// What collecting came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Visits that wait in the ordinary queue now.
    pub visits: usize,
    /// Notes were changed, left out or added by somebody else: what was not proved was not taken.
    pub broken: bool,
}

impl Open {
    /// Moves the notes that were taken outside to the visits that wait for their clients, as made at this place. Save this, then keep
    /// [`Open::outside`]: broken off in between, the same again takes none twice. What was not proved is not taken, and is told
    /// until somebody has looked into it ([`crate::notice::Notice::Altered`]).
    ///
    /// # Errors
    /// `TooMany` when more visits wait than are kept: nothing was moved, synchronise first.
    pub fn collect(
        &mut self,
        outside: Option<&Outside>,
        site: &Site,
        rng: &mut impl Rng,
    ) -> Result<Collected, Error> {
        let Some(inside) = self.inside.as_mut() else {
            return Ok(Collected::default());
        };
        let terminal = self.device.terminal();
        let outside = outside.filter(|it| it.is_of(inside, terminal));
        let waiting = outside.map_or(0, Outside::waiting);
        if !self.local.later.has_room(waiting) {
            return Err(Error::TooMany);
        }
        // What ought to lie there and does not was taken away.
        let (visits, whole) = outside.map_or((Vec::new(), false), |it| inside.read(it));
        if !whole {
            // Nobody who saw the old keys goes on with the new ones.
            self.inside = None;
            self.local.altered = true;
        }
        for visit in &visits {
            let (card, events) = (visit.card.expose(), visit.events(site));
            self.local.later.keep(card, false, events, rng)?;
        }
        Ok(Collected {
            visits: visits.len(),
            broken: !whole,
        })
    }

    /// Makes the keys of what lies outside, where there are none; whether there were none. Save this before anything is kept outside.
    pub fn prepare_outside(&mut self, rng: &mut impl Rng) -> bool {
        let fresh = self.inside.is_none();
        self.inside.get_or_insert_with(|| Inside::new(rng));
        fresh
    }

    /// Whether something ought to lie outside: where it does not, [`Open::collect`] tells it.
    #[must_use]
    pub const fn expects_outside(&self) -> bool {
        self.inside.is_some()
    }

    /// What lies outside from now on, with the notes of what lay there where they were not collected yet; nothing before
    /// [`Open::prepare_outside`].
    #[must_use]
    pub fn outside(&self, before: Option<&Outside>) -> Option<Outside> {
        let inside = self.inside.as_ref()?;
        Some(Outside::new(
            inside,
            before,
            &self.device,
            &self.local.status,
        ))
    }

    /// Nothing lies outside from now on: somebody signs out. Save this, then take away what lies there.
    pub fn nothing_outside(&mut self) {
        self.inside = None;
    }
}
