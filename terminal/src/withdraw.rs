//! Cards that are to be withdrawn, with what proves each, until the status list shows it.
//!
//! The service answers every such request alike, so that nobody can ask which
//! indices are given out; what was done is said by the list alone. Therefore a
//! withdrawal is kept here, sealed with the state, and sent again on a later day
//! until a list shows it: an answer that was lost, a limit that was reached or a
//! card that its holder took along lose nothing. What is kept withdraws a card
//! and does nothing else: neither its secret nor its envelope follows from it.

use crate::calls;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::card::Revocation;
use crypto::day::Day;
use crypto::status::CheckedStatusList;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Withdrawals on their way. Save the state file after adding any.
#[derive(Default, Serialize, Deserialize)]
pub struct Withdrawals(Mutex<Vec<Waiting>>);

#[derive(Clone, Serialize, Deserialize)]
struct Waiting {
    #[serde(with = "proof")]
    card: Revocation,
    /// The day on which it was sent last.
    sent: Option<Day>,
}

impl fmt::Debug for Withdrawals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Withdrawals({})", self.waiting())
    }
}

impl Withdrawals {
    fn all(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many cards no list has shown as withdrawn yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.all().len()
    }

    /// Adds a card; one that waits already is not added twice.
    pub(crate) fn add(&self, card: Revocation) {
        let mut all = self.all();
        if !all.iter().any(|known| known.card == card) {
            all.push(Waiting { card, sent: None });
        }
    }

    /// Forgets what `list` shows, and what no issuer of this programme signed;
    /// sends the rest, each at most once a day.
    ///
    /// # Errors
    /// Transport errors; what was not sent waits.
    pub(crate) async fn send(
        &self,
        session: &Session<impl Transport>,
        list: Option<&CheckedStatusList>,
        today: Day,
    ) -> Result<(), Error> {
        let issuers = &session.card_keys().issuers;
        self.all().retain(|it| match it.card.check(issuers) {
            Ok(index) => list.and_then(|list| list.get(index)) != Some(true),
            Err(_) => false,
        });
        let due: Vec<Revocation> = self
            .all()
            .iter()
            .filter(|it| it.sent != Some(today))
            .map(|it| it.card.clone())
            .collect();
        let mut refused = Ok(());
        for card in due {
            match calls::revoke(session, &card).await {
                Ok(()) => {}
                // One that is refused for itself keeps no other one back.
                Err(error @ Error::Refused { .. }) => {
                    refused = Err(error);
                    continue;
                }
                Err(error) => return Err(error),
            }
            let mut all = self.all();
            if let Some(it) = all.iter_mut().find(|it| it.card == card) {
                it.sent = Some(today);
            }
        }
        refused
    }
}

/// The proof inside the sealed state only: a secret is never serialised by itself.
mod proof {
    use crypto::b64::Fixed;
    use crypto::card::{Revocation, RevokeToken, SIGNED_BLANK_BYTES, SignedBlank};
    use crypto::json::Hidden;
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    type Form = (Fixed<SIGNED_BLANK_BYTES>, Hidden<32>);

    pub(super) fn serialize<S: Serializer>(card: &Revocation, to: S) -> Result<S::Ok, S::Error> {
        let form: Form = (
            Fixed(*card.blank.as_bytes()),
            Hidden::of(card.token.expose()),
        );
        form.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Revocation, D::Error> {
        let (blank, token) = Form::deserialize(from)?;
        Ok(Revocation {
            blank: SignedBlank::parse(&blank.0).ok_or_else(|| D::Error::custom("no blank"))?,
            token: RevokeToken::from_bytes(*token.expose()),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crypto::card::{CardSecret, IssuerKey};
    use crypto::day::Month;
    use crypto::secret::Secret;

    #[test]
    fn what_waits_is_kept_once_and_printed_as_a_number() {
        let issuer = IssuerKey::from_seed(&Secret::new([1; 32])).unwrap();
        let secret = CardSecret::from_bytes([7; 16]);
        let expiry = Month::from_number(46).unwrap();
        let blank = issuer.sign_blank(1, 9, expiry, &secret.commitment());
        let card = Revocation {
            blank: blank.unwrap(),
            token: secret.revoke_token(),
        };
        let waiting = Withdrawals::default();
        waiting.add(card.clone());
        waiting.add(card.clone());
        let text = crypto::json::write(&waiting).unwrap();
        let read: Withdrawals = crypto::json::read(&text).unwrap();
        assert_eq!(read.waiting(), 1);
        assert_eq!(read.all()[0].card, card);
        assert_eq!(format!("{read:?}"), "Withdrawals(1)");
    }
}
