//! From a scanned text to a verdict and a client; a new card, and one that takes the place of another.

use crypto::day::Month;
use crypto::json::HiddenText;
use crypto::status::CheckedStatusList;
use crypto::verdict::{Verdict, verdict};
use terminal::issue;
use terminal::present::{self, Context, Outcome, Person};
use terminal::replace::{self, Reason, Replacement};
use terminal::{Error, Local};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{Core, Counter};
use crate::fault::{Fault, value};
use crate::host::Lent;
use crate::view::Scan;

/// The card in front of the terminal, and whose it is.
pub(crate) struct Here {
    pub(crate) card: HiddenText,
    /// None while nobody can be asked.
    pub(crate) person: Option<Person>,
    /// A blank that was given to a new client without a network.
    pub(crate) first: bool,
}

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// Judges a card and finds its client. Without a network the verdict comes alone, and what is recorded next waits.
    ///
    /// # Errors
    /// `closed`, `waits-for-key`, `no-provider`, `proof`, `limited` and what the service refuses; never for a bad card.
    #[wasm_bindgen(unchecked_return_type = "Scan")]
    pub async fn scan(&mut self, text: &str) -> Result<JsValue, JsValue> {
        Ok(value(&self.judge(text).await?))
    }

    /// Gives a blank from the pile to a new client, who is in front of the terminal then. Without a network the blank is theirs
    /// all the same, and comes to life with what is recorded next.
    ///
    /// # Errors
    /// `card`, `card-active`, `limited`; as [`Core::scan`].
    #[wasm_bindgen(js_name = newCard, unchecked_return_type = "Scan")]
    pub async fn new_card(&mut self, text: &str) -> Result<JsValue, JsValue> {
        Ok(value(&self.give(text).await?))
    }

    /// Gives the holder of an old card a new one; `taken` when somebody else has had the old one.
    ///
    /// # Errors
    /// `card`, `card-inactive`, `card-active`, `superseded`, `replaced`, `not-deleted`, `not-kept`, `network`: the same call again
    /// finishes what was broken off.
    #[wasm_bindgen(unchecked_return_type = "Scan")]
    pub async fn replace(&mut self, old: &str, new: &str, taken: bool) -> Result<JsValue, JsValue> {
        Ok(value(&self.swap(old, new, taken).await?))
    }

    /// Forgets the card that was scanned last.
    ///
    /// # Errors
    /// `closed`.
    #[wasm_bindgen(js_name = putDown)]
    pub fn put_down(&mut self) -> Result<(), JsValue> {
        self.counter_mut()?.here = None;
        Ok(())
    }
}

impl Core {
    async fn judge(&mut self, text: &str) -> Result<Scan, Fault> {
        let (counter, host, rng) = self.at_work()?;
        counter.here = None;
        let said = counter.verdict(text, host)?;
        if !matches!(said, Verdict::Valid { .. } | Verdict::Expired { .. }) {
            if matches!(said, Verdict::Stale { .. }) {
                counter.hold(text, None, false);
            }
            return Ok(view(&said, "refused"));
        }
        let context = context(&counter.state.local, counter.status.as_ref(), host)?;
        let envelopes = &mut counter.state.envelopes;
        let met = present::present(&counter.session, text, &context, envelopes, rng).await;
        let met = match met {
            Err(Error::Network) => {
                counter.hold(text, None, false);
                return Ok(view(&said, "offline"));
            }
            met => met?,
        };
        let scan = match met.outcome {
            Outcome::Refused => view(&met.verdict, "refused"),
            Outcome::NotActive => view(&met.verdict, "inactive"),
            Outcome::Superseded => view(&met.verdict, "superseded"),
            Outcome::Person(person) => counter.shown(&met.verdict, text, *person, host)?,
        };
        self.save_envelopes().await?;
        Ok(scan)
    }

    async fn give(&mut self, text: &str) -> Result<Scan, Fault> {
        let (counter, host, rng) = self.at_work()?;
        counter.here = None;
        let said = counter.verdict(text, host)?;
        if !matches!(said, Verdict::Valid { .. }) {
            return Err(Error::Card.into());
        }
        let context = context(&counter.state.local, counter.status.as_ref(), host)?;
        let envelopes = &mut counter.state.envelopes;
        let made = issue::activate(&counter.session, text, &context, envelopes, rng).await;
        let person = match made {
            Err(Error::Network) => {
                counter.hold(text, None, true);
                return Ok(view(&said, "offline"));
            }
            made => made?,
        };
        let scan = counter.shown(&said, text, person, host)?;
        self.save_envelopes().await?;
        self.save().await?;
        Ok(scan)
    }

    async fn swap(&mut self, old: &str, new: &str, taken: bool) -> Result<Scan, Fault> {
        let (counter, host, rng) = self.at_work()?;
        counter.here = None;
        let said = counter.verdict(new, host)?;
        let reason = match taken {
            true => Reason::Taken,
            false => Reason::Worn,
        };
        let cards = Replacement { old, new, reason };
        let context = context(&counter.state.local, counter.status.as_ref(), host)?;
        let envelopes = &mut counter.state.envelopes;
        let person = replace::replace(&counter.session, &cards, &context, envelopes, rng).await;
        // Withdrawals that wait are kept whatever came of it.
        self.save().await?;
        let (counter, host, _) = self.at_work()?;
        let scan = counter.shown(&said, new, person?, host)?;
        self.save_envelopes().await?;
        Ok(scan)
    }
}

impl Counter {
    fn verdict(&self, text: &str, host: &Lent) -> Result<Verdict, Fault> {
        let keys = self.session.card_keys();
        let (said, _) = verdict(text, keys, self.status.as_ref(), host.today()?);
        Ok(said)
    }

    fn hold(&mut self, text: &str, person: Option<Person>, first: bool) {
        self.here = Some(Here {
            card: HiddenText::new(text.to_owned()),
            person,
            first,
        });
    }

    /// The client is in front of the terminal from here on.
    fn shown(
        &mut self,
        said: &Verdict,
        text: &str,
        person: Person,
        host: &Lent,
    ) -> Result<Scan, Fault> {
        let known = person.known();
        let claims = person.claim().map(crypto::pseudonym::alias);
        let mut client = self.client(person.pseudonym(), host.today()?);
        client.known = known;
        client.claims = claims;
        self.hold(text, Some(person), false);
        Ok(Scan {
            client: Some(client),
            ..view(said, "person")
        })
    }
}

/// What a presentation needs to know.
fn context<'a>(
    local: &'a Local,
    status: Option<&'a CheckedStatusList>,
    host: &Lent,
) -> Result<Context<'a>, Fault> {
    Ok(Context {
        status,
        roster: &local.roster,
        today: host.today()?,
        seconds: host.seconds(),
        locker: false,
        withdrawals: &local.withdrawals,
    })
}

pub(crate) fn view(said: &Verdict, outcome: &str) -> Scan {
    let (word, expiry) = match said {
        Verdict::Valid { .. } => ("valid", None),
        Verdict::Revoked { .. } => ("revoked", None),
        Verdict::Expired { expiry, .. } => ("expired", Some(month(*expiry))),
        Verdict::Unknown => ("unknown", None),
        Verdict::Stale { .. } => ("stale", None),
    };
    Scan {
        verdict: word.to_owned(),
        age: said.list_age_days(),
        expiry,
        outcome: outcome.to_owned(),
        client: None,
    }
}

fn month(month: Month) -> String {
    month.to_string()
}
