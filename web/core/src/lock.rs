//! Locked: everything is dropped but what a PIN opens again, without a network. Closed: a PIN opens it with the service's help.

use terminal::Session;
use terminal::error::Error;
use terminal::keep::Keep as _;
use terminal::lock::{Lock, Locking};
use terminal::reopen::{self, KeptPin};
use terminal::state::{Closed, Open};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wire::typed;

use crate::core::{Core, PIN, STATE};
use crate::fault::{Fault, value};
use crate::host::Lent;

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// Takes a PIN with which this device opens when it is locked and, where the service could be asked, after it was closed; the
    /// one before is forgotten.
    ///
    /// # Errors
    /// `closed`, `typed-pin`, `typed-easy-pin`, `typed-unseen`, `password-needed`, `memory`, `storage`.
    #[wasm_bindgen(js_name = setPin)]
    pub async fn set_pin(&mut self, pin: &str) -> Result<(), JsValue> {
        Ok(self.choose(pin).await?)
    }

    /// This device needs the password again.
    ///
    /// # Errors
    /// `closed`, `storage`.
    #[wasm_bindgen(js_name = dropPin)]
    pub async fn drop_pin(&mut self) -> Result<(), JsValue> {
        self.counter_mut()?.state.drop_pin();
        self.keep_pin().await?;
        self.save().await?;
        let counter = self.counter()?;
        // Without what lay here the service's half opens nothing.
        let _ = counter.state.unregister_pin(&counter.session).await;
        Ok(())
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

    /// Opens what was closed. The service counts the try before it answers.
    ///
    /// # Errors
    /// `pin-wrong`; `pin-over` when no PIN opens this device any more; `password-needed` when the last sign-in by password is too
    /// long ago; `typed-*`, `limited`, `network`, `memory`, `storage*`, and as [`Core::sign_in`].
    #[wasm_bindgen(js_name = openByPin, unchecked_return_type = "Me")]
    pub async fn open_by_pin(&mut self, pin: &str) -> Result<JsValue, JsValue> {
        self.reopen(pin).await?;
        Ok(value(&self.counter()?.me()))
    }

    /// Forgets the lock: only the password opens now, or the PIN with the service's help.
    #[wasm_bindgen(js_name = forgetLock)]
    pub fn forget_lock(&mut self) {
        self.lock = None;
    }
}

impl Core {
    async fn choose(&mut self, pin: &str) -> Result<(), Fault> {
        let pin = typed::chosen_pin(pin)?;
        let (counter, _, rng) = self.at_work()?;
        counter.state.set_pin(&counter.session, &pin, rng)?;
        // The one before opens nothing from here on.
        self.keep_pin().await?;
        self.save().await?;
        let (counter, _, rng) = self.at_work()?;
        // Only a provider's staff work where pages are closed in their hands; an operator's page locks.
        if !counter.session.role().has_provider() {
            return Ok(());
        }
        let registered = counter
            .state
            .register_pin(&counter.session, &pin, rng)
            .await;
        match registered {
            Ok(()) => {}
            // Without a network it opens what was locked, and what was closed needs the password.
            Err(error) if error.is_passing() => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        self.save().await?;
        self.keep_pin().await
    }

    /// Puts outside what a PIN opens after this device was closed, or takes it away.
    pub(crate) async fn keep_pin(&mut self) -> Result<(), Fault> {
        let counter = self.counter()?;
        let kept = counter.state.reopens(&counter.session);
        let kept = kept.as_ref().map_or(&[][..], |kept| kept);
        Ok(self.host.place(PIN).replace(kept).await?)
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

    async fn reopen(&mut self, pin: &str) -> Result<(), Fault> {
        let opened = self.ask(pin).await;
        if let Err(Error::PinOver) = opened {
            self.host.place(PIN).replace(&[]).await?;
        }
        let (session, state) = opened?;
        state.save(&self.host.place(STATE), &mut self.rng).await?;
        let now = self.host.now();
        self.begin(session, state, now).await?;
        let _ = self.put_outside().await;
        Ok(())
    }

    async fn ask(&mut self, pin: &str) -> Result<(Session<Lent>, Open), Error> {
        let pin = typed::pin(pin)?;
        let (host, today) = (self.host.clone(), self.host.today()?);
        let kept = host.place(PIN).load().await?.unwrap_or_default();
        let kept = KeptPin::from_bytes(&kept).ok_or(Error::PinOver)?;
        let closed = Closed::load(&host.place(STATE)).await?;
        let begun = reopen::begin(&host, &closed.door(), &pin, &mut self.rng).await?;
        let (opened, mut state) = begun.prove(&mut self.rng)?.open(&kept, closed)?;
        let session = opened.finish(host, &mut state.device, today).await?;
        Ok((session, state))
    }
}
