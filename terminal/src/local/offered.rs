//! What can be recorded where: a site's services, as the registry said last.
//!
//! The registry decides what is recorded from now on. What was recorded already waits, is bound and is sent whatever it says since: it
//! happened. And what was offered until the registry said something else is taken as long as the terminal stays open: help is recorded in a form
//! that was opened before, and it was given.

use super::Local;
use crate::error::Error;
use crate::report::Event;
use crate::rules::Rules;
use crypto::id::EntryId;
use crypto::report::{Kind, ServiceCode, Site};
use crypto::rng::Rng;
use wire::RegisteredProvider;

impl Local {
    /// Takes what the registry says of the own provider. A site whose offers name no service that these rules know offers everything:
    /// people come there, and whoever named them meant something else.
    pub fn learn(&mut self, own: Option<&RegisteredProvider>, rules: &Rules) {
        let mut own = own.cloned();
        if let Some(own) = &mut own {
            own.offers
                .retain(|_, said| rules.services().any(|known| said.contains(known)));
        }
        let offers = |it: &Option<RegisteredProvider>| it.as_ref().map(|it| it.offers.clone());
        if offers(&own) == offers(&self.own) {
            self.own = own;
        } else {
            self.before = std::mem::replace(&mut self.own, own);
        }
    }

    /// Whether the own provider offers a service at a site. Before the registry was read, and at a site that it does not name,
    /// everything is offered.
    #[must_use]
    pub fn offers(&self, site: &Site, service: &ServiceCode) -> bool {
        let own = self.own.as_ref();
        own.is_none_or(|own| own.offers(site, service))
    }

    /// Keeps what was done for the holder of a card that could not be presented, until it can be
    /// ([`crate::later`]); `first` when the card is a blank that was given to a new client. Save afterwards.
    ///
    /// # Errors
    /// `NotOffered`; `TooMany` above [`crate::later::MOST_LATER`].
    pub fn record_later(
        &mut self,
        card: &str,
        first: bool,
        events: Vec<Event>,
        rng: &mut impl Rng,
    ) -> Result<EntryId, Error> {
        events.iter().try_for_each(|event| self.may_record(event))?;
        self.later.keep(card, first, events, rng)
    }

    /// Passes what the site offers or offered a moment ago, and every exit: people leave also what is offered no more.
    pub(super) fn may_record(&self, event: &Event) -> Result<(), Error> {
        let leaves = matches!(event.kind, Kind::Exited(_));
        let (site, service) = (&event.site, &event.service);
        let before = self.before.as_ref();
        let offered = before.is_some_and(|before| before.offers(site, service));
        let may = leaves || offered || self.offers(site, service);
        may.then_some(()).ok_or(Error::NotOffered)
    }
}
