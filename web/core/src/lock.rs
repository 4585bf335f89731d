//! Locked: everything is dropped but what a PIN opens again, without a network.

use terminal::error::Error;
use terminal::lock::{Lock, Locking};
use terminal::state::Closed;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wire::typed;

use crate::core::{Core, STATE};
use crate::fault::{Fault, value};

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// Takes a PIN with which locks of this device open; the one before is forgotten.
    ///
    /// # Errors
    /// `closed`, `typed-pin`, `typed-easy-pin`, `typed-unseen`, `memory`, `storage`.
    #[wasm_bindgen(js_name = setPin)]
    pub async fn set_pin(&mut self, pin: &str) -> Result<(), JsValue> {
        self.choose(pin)?;
        Ok(self.save().await?)
    }

    /// Locks of this device need the password again.
    ///
    /// # Errors
    /// `closed`, `storage`.
    #[wasm_bindgen(js_name = dropPin)]
    pub async fn drop_pin(&mut self) -> Result<(), JsValue> {
        self.counter_mut()?.state.drop_pin();
        Ok(self.save().await?)
    }

    /// Drops every key and everything that was read; what is kept stays sealed. Unsent entries stay kept. Where whoever was
    /// signed in has a PIN here, answers what it opens ([`Core::unlock`]): it may lie in the memory of the worker, covered, and
    /// nowhere else.
    pub fn lock(&mut self) -> Option<Vec<u8>> {
        let counter = self.counter.take()?;
        let since = counter.since;
        let locking = counter.state.lock(&counter.session, since, &mut self.rng);
        let Locking { lock, sealed } = locking.ok()??;
        self.lock = Some(lock);
        Some(sealed)
    }

    /// Opens what was locked. Nothing is asked of the service.
    ///
    /// # Errors
    /// `pin-wrong`; `pin-over` when there is no lock, after the fifth wrong one and after twelve hours; `typed-*`, `memory`, `storage*`.
    #[wasm_bindgen(unchecked_return_type = "Me")]
    pub async fn unlock(&mut self, pin: &str, sealed: &[u8]) -> Result<JsValue, JsValue> {
        self.open_again(pin, sealed).await?;
        Ok(value(&self.counter()?.me()))
    }

    /// Forgets the lock: only the password opens now.
    #[wasm_bindgen(js_name = forgetLock)]
    pub fn forget_lock(&mut self) {
        self.lock = None;
    }
}

impl Core {
    fn choose(&mut self, pin: &str) -> Result<(), Fault> {
        let pin = typed::chosen_pin(pin)?;
        let (counter, _, rng) = self.at_work()?;
        counter.state.set_pin(&counter.session, &pin, rng)?;
        Ok(())
    }

    async fn open_again(&mut self, pin: &str, sealed: &[u8]) -> Result<(), Fault> {
        let pin = typed::pin(pin)?;
        let (host, now) = (self.host.clone(), self.host.now());
        let closed = Closed::load(&host.place(STATE)).await?;
        let lock: &mut Lock = self.lock.as_mut().ok_or(Error::PinOver)?;
        let since = lock.since();
        let (session, state) = lock.open(&pin, now, sealed, closed, host.clone())?;
        self.begin(session, state, since).await
    }
}
