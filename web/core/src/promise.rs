//! Calls as promises: each in a box of its own, so that what turns a call into a promise is built once and not for every call.

use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::JsValue;

/// How a call ends.
type Ending = Result<JsValue, JsValue>;

/// A promise of what a call answers. The code that wasm-bindgen writes for `async` names it.
pub(crate) fn future_to_promise(call: impl Future<Output = Ending> + 'static) -> Promise {
    let call: Pin<Box<dyn Future<Output = Ending>>> = Box::pin(call);
    wasm_bindgen_futures::future_to_promise(call)
}
