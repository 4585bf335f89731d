//! What carries a request to the identity role and brings the answer back: a thing that the host lends.
//!
//! A desk has sockets, a browser has fetch, a test has a function; this crate
//! has none of them and asks for two methods. A transport sends each request
//! as it is, follows nothing, ends in time, and reads no more than it can hold.
//! Whether its futures may move between threads is the host's affair: nothing
//! here asks for it, and nothing here stands in the way.

use crate::answer::Answer;
use crate::error::Error;
use crypto::json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;
use wire::{Method, RequestProof};
use zeroize::Zeroizing;

/// A way to the server.
pub trait Transport {
    /// Sends one request and reads the whole answer, whatever its status.
    ///
    /// # Errors
    /// `Network` when there is no answer, `Answer` when it is too long to be
    /// read, `Value` when the request cannot be sent as it is.
    fn exchange(&self, request: Request) -> impl Future<Output = Result<Answer, Error>>;

    /// How many requests may be under way at once, at least 1.
    fn parallel(&self) -> usize;
}

/// One request.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, from the root: `/v1/roster?after=3`. It goes out as it
    /// stands here, because this is what was proved.
    pub path: String,
    /// JSON bytes, or no body. They may hold a token or a key, and are wiped on drop.
    pub body: Option<Zeroizing<Vec<u8>>>,
    /// What proves the session, in the header [`wire::REQUEST_HEADER`];
    /// registration and log-in have none.
    pub proof: Option<RequestProof>,
}

impl fmt::Debug for Request {
    /// Without the path and the body, which may name a person or hold a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.body.as_ref().map_or(0, |body| body.len());
        write!(f, "Request({}, {bytes} bytes)", self.method)
    }
}

/// The JSON bytes of a request body: what is sent is what is proved.
pub(crate) fn to_json(body: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, Error> {
    json::write(body).map_err(|_| Error::Value)
}

/// POST without a session, whatever is answered: registration and log-in only.
pub(crate) async fn open(
    transport: &impl Transport,
    path: &str,
    body: &impl Serialize,
) -> Result<Answer, Error> {
    let request = Request {
        method: Method::Post,
        path: path.to_owned(),
        body: Some(to_json(body)?),
        proof: None,
    };
    transport.exchange(request).await
}

/// GET without a session: the log of keys only, which is signed for everybody.
pub(crate) async fn get_open<A: DeserializeOwned>(
    transport: &impl Transport,
    path: String,
) -> Result<A, Error> {
    let request = Request {
        method: Method::Get,
        path,
        body: None,
        proof: None,
    };
    transport.exchange(request).await?.json()
}

/// [`open`], of which a success is read without a proof.
pub(crate) async fn post_open<A: DeserializeOwned>(
    transport: &impl Transport,
    path: &str,
    body: &impl Serialize,
) -> Result<A, Error> {
    open(transport, path, body).await?.json()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_answers_print_no_body() {
        let request = Request {
            method: Method::Post,
            path: "/v1/staff/quiet".to_owned(),
            body: Some(b"quiet".to_vec().into()),
            proof: None,
        };
        let answer = Answer {
            status: 200,
            retry_after: None,
            proof: None,
            body: b"quiet".to_vec().into(),
        };
        let shown = format!("{request:?} {answer:?}");
        assert_eq!(shown, "Request(POST, 5 bytes) Answer(200, 5 bytes)");
    }
}
