//! What the worker lends: a way to the service, a place for bytes, and the clock.

use std::rc::Rc;

use crypto::day::Day;
use js_sys::{Reflect, Uint8Array};
use terminal::Error;
use terminal::answer::Answer;
use terminal::error::StateError;
use terminal::keep::Keep;
use terminal::transport::{Request, Transport};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wire::proof::read_mac;
use zeroize::Zeroizing;

/// Requests that a browser has under way at once to one origin.
const PARALLEL: usize = 6;
/// Largest answer that is read, bytes: far above a bucket (27 kB) or a roster page.
const LARGEST_ANSWER: u32 = 8 * 1024 * 1024;

#[wasm_bindgen(typescript_custom_section)]
const HOST: &str = r#"
/** What the worker lends to the core. */
export interface Host {
  /** Sends one request as it is; rejects when there is no answer. `proof` goes out and comes back in the headers of the session. */
  exchange(method: string, path: string, body: Uint8Array | undefined, proof: string | undefined):
    Promise<{ status: number; retryAfter: number | undefined; proof: string | undefined; body: Uint8Array }>;
  /** What is kept under a name. */
  load(name: string): Promise<Uint8Array | undefined>;
  /** Keeps bytes under a name, all or none, for good. */
  replace(name: string, bytes: Uint8Array): Promise<void>;
  /** Today at this place, as 2026-11-30. */
  today(): string;
  /** Seconds since 1970, by the clock of this device. */
  now(): number;
  /** Seconds of a clock that only runs forward. */
  seconds(): number;
}
"#;

#[wasm_bindgen]
extern "C" {
    /// The worker's side; its TypeScript form is written above.
    #[wasm_bindgen(typescript_type = "Host")]
    pub type Host;

    #[wasm_bindgen(method, catch)]
    async fn exchange(
        this: &Host,
        method: &str,
        path: &str,
        body: Option<Uint8Array>,
        proof: Option<String>,
    ) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn load(this: &Host, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn replace(this: &Host, name: &str, bytes: Uint8Array) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method)]
    fn today(this: &Host) -> String;

    #[wasm_bindgen(method)]
    fn now(this: &Host) -> f64;

    #[wasm_bindgen(method)]
    fn seconds(this: &Host) -> f64;
}

/// The worker's side, shared by a session and its core.
#[derive(Clone)]
pub(crate) struct Lent(Rc<Host>);

impl Lent {
    pub(crate) fn new(host: Host) -> Self {
        Self(Rc::new(host))
    }

    /// Today's day at this place.
    pub(crate) fn today(&self) -> Result<Day, Error> {
        self.0.today().parse().map_err(|_| Error::Value)
    }

    /// Whole seconds since 1970, by the clock of this device.
    pub(crate) fn now(&self) -> u64 {
        // Saturates, as below.
        self.0.now() as u64
    }

    /// Whole seconds of the clock that only runs forward.
    pub(crate) fn seconds(&self) -> u64 {
        // Saturates, and a clock that says nothing says 0.
        self.0.seconds() as u64
    }

    /// A place for bytes under this name.
    pub(crate) fn place(&self, name: &'static str) -> Place {
        Place {
            host: self.clone(),
            name,
        }
    }
}

impl Transport for Lent {
    async fn exchange(&self, request: Request) -> Result<Answer, Error> {
        let body = request
            .body
            .as_ref()
            .map(|body| Uint8Array::from(&body[..]));
        let proof = request.proof.map(|proof| proof.to_string());
        let method = request.method.as_str();
        let sent = self.0.exchange(method, &request.path, body, proof);
        let answer = sent.await.map_err(|_| Error::Network)?;
        let field = |name: &str| Reflect::get(&answer, &JsValue::from_str(name)).ok();
        let status = field("status").and_then(|it| it.as_f64());
        let status = status.filter(|it| (100.0..600.0).contains(it));
        let proof = field("proof").and_then(|it| it.as_string());
        Ok(Answer {
            status: status.ok_or(Error::Answer)? as u16,
            retry_after: field("retryAfter")
                .and_then(|it| it.as_f64())
                .map(|it| it as u64),
            proof: proof.and_then(|text| read_mac(&text).ok()),
            body: bytes(field("body"))?,
        })
    }

    fn parallel(&self) -> usize {
        PARALLEL
    }
}

/// The bytes of an answer, wiped where the page had them.
fn bytes(field: Option<JsValue>) -> Result<Zeroizing<Vec<u8>>, Error> {
    let body: Uint8Array = field
        .and_then(|it| it.dyn_into().ok())
        .ok_or(Error::Answer)?;
    if body.length() > LARGEST_ANSWER {
        return Err(Error::Answer);
    }
    let read = Zeroizing::new(body.to_vec());
    body.fill(0, 0, body.length());
    Ok(read)
}

/// One entry of the browser's database.
pub(crate) struct Place {
    host: Lent,
    name: &'static str,
}

impl Keep for Place {
    async fn load(&self) -> Result<Option<Vec<u8>>, StateError> {
        let kept = self.host.0.load(self.name).await;
        let kept = kept.map_err(|_| StateError::Io)?;
        if kept.is_undefined() {
            return Ok(None);
        }
        let kept: Uint8Array = kept.dyn_into().map_err(|_| StateError::Io)?;
        Ok(Some(kept.to_vec()))
    }

    async fn replace(&self, bytes: &[u8]) -> Result<(), StateError> {
        let done = self
            .host
            .0
            .replace(self.name, Uint8Array::from(bytes))
            .await;
        done.map(drop).map_err(|_| StateError::Io)
    }
}
