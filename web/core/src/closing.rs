//! Closing a quarter by two operators.

use crypto::day::Quarter;
use crypto::hex;
use terminal::closing;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wire::{ClosingPlan, ClosingProposal};

use crate::core::Core;
use crate::fault::{Fault, value};
use crate::view::office::{Closing, Plan};

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// Closings that wait for a second person, or for their end.
    ///
    /// # Errors
    /// `closed`, `not-found` where the statistics have another host, `not-allowed`, `network`.
    #[wasm_bindgen(unchecked_return_type = "Closing[]")]
    pub async fn closings(&mut self) -> Result<JsValue, JsValue> {
        let all = closing::waiting(&self.counter()?.session).await;
        let all: Vec<Closing> = all.map_err(Fault::from)?.iter().map(waiting).collect();
        Ok(value(&all))
    }

    /// What closing a quarter would publish and spend, as it stands.
    ///
    /// # Errors
    /// `closing-early`, `closing-order`, `closing-closed`, `closing-undelivered`, `closing-budget`, `closing-host`; `closed`, `input`,
    /// `not-found`, `not-allowed`, `network`.
    #[wasm_bindgen(js_name = closingPlan, unchecked_return_type = "Plan")]
    pub async fn closing_plan(&mut self, period: &str) -> Result<JsValue, JsValue> {
        let plan = closing::plan(&self.counter()?.session, quarter(period)?).await;
        Ok(value(&view(&plan.map_err(Fault::from)?)))
    }

    /// Proposes to close a quarter as it was read.
    ///
    /// # Errors
    /// As [`Core::closing_plan`]; `closing-changed`, `closing-proposed`, `closing-new-person`.
    #[wasm_bindgen(js_name = proposeClosing)]
    pub async fn propose_closing(&mut self, period: &str, digest: &str) -> Result<(), JsValue> {
        let session = &self.counter()?.session;
        let done = closing::propose(session, quarter(period)?, bytes(digest)?).await;
        Ok(done.map(drop).map_err(Fault::from)?)
    }

    /// Confirms what another operator proposed: the quarter is closed and published for good.
    ///
    /// # Errors
    /// As [`Core::closing_plan`]; `closing-changed`, `closing-not-proposed`, `closing-same-person`, `closing-new-person`.
    #[wasm_bindgen(js_name = confirmClosing)]
    pub async fn confirm_closing(&mut self, period: &str, digest: &str) -> Result<(), JsValue> {
        let session = &self.counter()?.session;
        let done = closing::confirm(session, quarter(period)?, bytes(digest)?).await;
        Ok(done.map(drop).map_err(Fault::from)?)
    }

    /// Takes back what was proposed, whoever proposed it.
    ///
    /// # Errors
    /// `closing-not-proposed`, `closing-changed`; `closed`, `input`, `not-found`, `not-allowed`, `network`.
    #[wasm_bindgen(js_name = withdrawClosing)]
    pub async fn withdraw_closing(&mut self, period: &str, digest: &str) -> Result<(), JsValue> {
        let session = &self.counter()?.session;
        let done = closing::withdraw(session, quarter(period)?, bytes(digest)?).await;
        Ok(done.map_err(Fault::from)?)
    }
}

fn quarter(text: &str) -> Result<Quarter, Fault> {
    text.parse().map_err(|_| Fault::named("input"))
}

fn bytes(digest: &str) -> Result<[u8; 32], Fault> {
    hex::decode(digest).ok_or_else(|| Fault::named("input"))
}

fn view(plan: &ClosingPlan) -> Plan {
    let nano = |amount: u64| u32::try_from(amount).unwrap_or(u32::MAX);
    Plan {
        period: plan.period.to_string(),
        digest: hex::encode(&plan.digest.0),
        tables: plan.tables,
        cities: plan.cities,
        services: plan.services,
        spends: nano(plan.spends),
        spent: nano(plan.spent),
        budget: nano(plan.budget),
    }
}

fn waiting(one: &ClosingProposal) -> Closing {
    Closing {
        period: one.period.to_string(),
        digest: hex::encode(&one.digest.0),
        day: one.day.to_string(),
        until: one.until.to_string(),
        proposer: one.proposer.clone(),
        registered: one.registered.to_string(),
        own: one.own,
        confirmed: one.confirmed,
    }
}
