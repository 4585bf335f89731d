//! Write-only: a device that is closed and has no network judges cards and takes visits down, and reads nothing.

use std::num::NonZeroU16;

use crypto::day::Day;
use crypto::json::HiddenText;
use crypto::report::{MAX_COVER_DAYS, Site};
use crypto::verdict::Verdict;
use terminal::error::Error;
use terminal::keep::Keep as _;
use terminal::outside::{Done, Jotted, Outside};
use terminal::rules::Rules;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::core::{COUNTED, Core, OUTSIDE};
use crate::fault::{Fault, read, value};
use crate::scan::view;
use crate::view::{Closed, Jot, Scan};

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// What this device can do while it is closed, without a network; `undefined` where nobody has signed in or somebody has
    /// signed out.
    ///
    /// # Errors
    /// `storage`.
    #[wasm_bindgen(unchecked_return_type = "Closed | undefined")]
    pub async fn outside(&self) -> Result<JsValue, JsValue> {
        let outside = self.load_outside().await?;
        let Some(outside) = outside else {
            return Ok(JsValue::UNDEFINED);
        };
        Ok(value(&closed(&outside)?))
    }

    /// Judges a card while this device is closed: the verdict alone.
    ///
    /// # Errors
    /// `closed` where nothing lies outside, `storage`.
    #[wasm_bindgen(js_name = judgeOutside, unchecked_return_type = "Scan")]
    pub async fn judge_outside(&self, text: &str) -> Result<JsValue, JsValue> {
        Ok(value(&self.judged(text).await?))
    }

    /// Takes a visit down while this device is closed. Nothing of it can be read here before somebody signs in.
    ///
    /// # Errors
    /// `closed` where nothing lies outside, `card`, `input`, `too-many`, `storage`.
    #[wasm_bindgen(unchecked_return_type = "Closed")]
    pub async fn jot(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Jot")] jot: JsValue,
    ) -> Result<JsValue, JsValue> {
        let jot: Jot = read(&jot)?;
        Ok(value(&self.jotted(jot).await?))
    }

    /// Moves what was taken down while this device was closed to what waits, as made at this place; how many visits.
    ///
    /// # Errors
    /// `closed`, `input`, `too-many`, `storage`.
    pub async fn collect(&mut self, site: &str) -> Result<u32, JsValue> {
        Ok(self.collected(site).await?)
    }
}

impl Core {
    pub(crate) async fn load_outside(&self) -> Result<Option<Outside>, Fault> {
        let kept = self.host.place(OUTSIDE).load().await?.unwrap_or_default();
        Ok(Outside::from_bytes(&kept))
    }

    async fn judged(&self, text: &str) -> Result<Scan, Fault> {
        let outside = self.load_outside().await?;
        let outside = outside.ok_or_else(|| Fault::named("closed"))?;
        let said = outside.verdict(text, self.host.today()?)?;
        let outcome = match said {
            Verdict::Valid { .. } | Verdict::Expired { .. } => "offline",
            _ => "refused",
        };
        Ok(view(&said, outcome))
    }

    async fn jotted(&mut self, jot: Jot) -> Result<Closed, Fault> {
        let today = self.host.today()?;
        let outside = self.load_outside().await?;
        let mut outside = outside.ok_or_else(|| Fault::named("closed"))?;
        let said = outside.verdict(&jot.card, today)?;
        if matches!(said, Verdict::Revoked { .. } | Verdict::Unknown) {
            return Err(Error::Card.into());
        }
        outside.jot(&jot.visit(today)?, &mut self.rng)?;
        let bytes = outside.to_bytes()?;
        self.host.place(OUTSIDE).replace(&bytes).await?;
        closed(&outside)
    }

    async fn collected(&mut self, site: &str) -> Result<u32, Fault> {
        let site: Site = site.parse().map_err(|_| Fault::named("input"))?;
        let before = self.load_outside().await?;
        let (counter, _, rng) = self.at_work()?;
        let got = counter.state.collect(before.as_ref(), &site, rng)?;
        if got.visits > 0 || got.broken {
            self.save().await?;
        }
        self.put_outside().await?;
        Ok(u32::try_from(got.visits).unwrap_or(u32::MAX))
    }

    /// Keeps outside what a closed device needs, with the notes that lie there.
    pub(crate) async fn put_outside(&mut self) -> Result<(), Fault> {
        let before = self.load_outside().await?;
        let (counter, _, rng) = self.at_work()?;
        if !counter.session.role().scans_cards() {
            return Ok(());
        }
        // Until that was told, what lies there stays as it is.
        if before.is_none() && counter.state.expects_outside() {
            return Ok(());
        }
        if counter.state.prepare_outside(rng) {
            self.save().await?;
        }
        let counter = self.counter()?;
        let Some(outside) = counter.state.outside(before.as_ref()) else {
            return Ok(());
        };
        let bytes = outside.to_bytes()?;
        let same = before.is_some_and(|it| it.to_bytes().is_ok_and(|it| it == bytes));
        match same {
            true => Ok(()),
            false => Ok(self.host.place(OUTSIDE).replace(&bytes).await?),
        }
    }

    /// Takes away what lies outside; notes that nobody has collected yet stay.
    pub(crate) async fn nothing_outside(&mut self) -> Result<(), Fault> {
        let waits = self
            .load_outside()
            .await?
            .is_some_and(|it| it.waiting() > 0);
        if waits {
            return Ok(());
        }
        self.counter_mut()?.state.nothing_outside();
        self.save().await?;
        Ok(self.host.place(OUTSIDE).replace(&[]).await?)
    }
}

fn closed(outside: &Outside) -> Result<Closed, Fault> {
    let rules = Rules::built_in()?;
    Ok(Closed {
        waiting: u32::try_from(outside.waiting()).unwrap_or(u32::MAX),
        services: rules.services().map(ToString::to_string).collect(),
        counted: COUNTED.map(str::to_owned).into(),
    })
}

impl Jot {
    fn visit(self, day: Day) -> Result<Jotted, Fault> {
        let bad = || Fault::named("input");
        let until = self.until.as_ref().map(|text| text.parse::<Day>());
        let until = until.transpose().map_err(|_| bad())?;
        let ahead = until.map(|until| until.since(day));
        if self.services.is_empty()
            || ahead.is_some_and(|days| !(0..=MAX_COVER_DAYS).contains(&days))
        {
            return Err(bad());
        }
        let done = self.services.iter().map(|given| {
            Ok(Done {
                service: given.service.parse().map_err(|_| bad())?,
                quantity: given.quantity.and_then(NonZeroU16::new),
            })
        });
        Ok(Jotted {
            card: HiddenText::new(self.card),
            done: done.collect::<Result<_, Fault>>()?,
            day,
            until,
        })
    }
}
