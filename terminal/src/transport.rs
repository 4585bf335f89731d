//! What carries a request to the identity role and brings the answer back: a thing that the host lends.
//!
//! A desk has sockets, a browser has fetch, a test has a function; this crate
//! has none of them and asks for two methods. A transport sends each request
//! as it is, follows nothing, ends in time, and reads no more than it can hold.
//! Whether its futures may move between threads is the host's affair: nothing
//! here asks for it, and nothing here stands in the way.

use crate::answer::Answer;
use crate::error::Error;
use crypto::secret::SecretBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::Method;

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
#[derive(Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// Path and query, from the root: `/v1/roster?after=3`. It goes out as it
    /// stands here, because this is what was signed.
    pub path: String,
    /// JSON bytes, or no body.
    pub body: Option<Vec<u8>>,
    /// What proves the session; registration and log-in have none.
    pub signed: Option<Signed>,
}

/// What a request of a session carries: the session's token, and the
/// terminal's signature, so that a stolen token alone is worth nothing.
#[derive(Debug)]
pub struct Signed {
    /// The value of the header `authorization`.
    pub bearer: Bearer,
    /// The value of [`wire::SIGNATURE_HEADER`]: base64url of 64 bytes over
    /// method, path with query, body (empty for none) and session.
    pub signature: String,
}

/// The value of the header `authorization`. Never printed, wiped on drop.
#[derive(Clone, Debug)]
pub struct Bearer(SecretBytes);

impl Bearer {
    pub(crate) fn of(token: &str) -> Self {
        Self(SecretBytes::from(format!("Bearer {token}")))
    }

    /// The bytes, for the one header.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

/// The JSON bytes of a request body: what is sent is what is signed.
pub(crate) fn to_json(body: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(|_| Error::Value)
}

/// POST without a session: registration and log-in only.
pub(crate) async fn post_open<A: DeserializeOwned>(
    transport: &impl Transport,
    path: &str,
    body: &impl Serialize,
) -> Result<A, Error> {
    let request = Request {
        method: Method::Post,
        path: path.to_owned(),
        body: Some(to_json(body)?),
        signed: None,
    };
    transport.exchange(request).await?.json()
}
