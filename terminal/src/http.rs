//! Speaking to the identity role: JSON over HTTP, problems as typed errors.
//!
//! Nothing is followed and nothing is guessed: no redirects, no system proxy
//! unless asked for, plain http to this machine only, answers up to a fixed
//! size. A signed request carries the session's token and the terminal's
//! Ed25519 signature over method, path, body and session, so that a stolen
//! token alone is worth nothing. Source: RFC 9457 for problems, RFC 9110
//! section 10.2.3 for Retry-After.

use crate::error::{Error, ProblemKind};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use wire::SIGNATURE_HEADER;
use wire::problem::{self, Problem};

/// Largest answer read, bytes: far above a bucket (27 kB) or a roster page.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;
/// Wait when a 429 names no time, seconds.
const DEFAULT_WAIT: u64 = 1;
/// Longest wait believed, seconds.
const LONGEST_WAIT: u64 = 24 * 60 * 60;

/// How to connect.
#[derive(Clone, Debug)]
pub struct Options {
    /// Time for one whole request.
    pub timeout: Duration,
    /// Requests in flight at once from this connection, at least 1.
    pub parallel: usize,
    /// Whether to use the system's proxy settings.
    pub system_proxy: bool,
    /// Whether to allow plain http to other machines (a closed test network).
    pub plain_http: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            parallel: 8,
            system_proxy: false,
            plain_http: false,
        }
    }
}

/// A server to speak to. Cloning shares the pool and the limit.
#[derive(Clone, Debug)]
pub struct Connection {
    base: Url,
    client: reqwest::Client,
    slots: Arc<Semaphore>,
    parallel: usize,
}

/// One answer: status and whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    retry_after: Option<u64>,
    body: Vec<u8>,
}

/// What every request of a session carries.
pub(crate) struct Credentials {
    pub(crate) bearer: HeaderValue,
    pub(crate) signature: HeaderValue,
}

impl Connection {
    /// Prepares a connection to `base`, such as `https://payung.example`.
    ///
    /// # Errors
    /// `Address` when it is no http address or plain http to another machine.
    pub fn open(base: &str, options: &Options) -> Result<Self, Error> {
        let base = Url::parse(base).map_err(|_| Error::Address)?;
        let local = matches!(base.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let allowed = match base.scheme() {
            "https" => true,
            "http" => local || options.plain_http,
            _ => false,
        };
        if !allowed || base.query().is_some() || !matches!(base.path(), "" | "/") {
            return Err(Error::Address);
        }
        let mut builder = reqwest::Client::builder()
            .timeout(options.timeout)
            .connect_timeout(options.timeout)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("payung");
        if !options.system_proxy {
            builder = builder.no_proxy();
        }
        let parallel = options.parallel.max(1);
        Ok(Self {
            base,
            client: builder.build().map_err(|_| Error::Network)?,
            slots: Arc::new(Semaphore::new(parallel)),
            parallel,
        })
    }

    /// How many requests run at once.
    pub(crate) fn parallel(&self) -> usize {
        self.parallel
    }

    /// Whether the server answers and is well.
    ///
    /// # Errors
    /// `Network` and the other transport errors.
    pub async fn health(&self) -> Result<(), Error> {
        let answer = self.send(Method::GET, "/v1/health", None, None).await?;
        answer.checked().map(drop)
    }

    /// POST without a session: registration and login only.
    pub(crate) async fn post_open<A: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<A, Error> {
        let body = to_json(body)?;
        let answer = self.send(Method::POST, path, Some(body), None).await?;
        answer.json()
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        credentials: Option<Credentials>,
    ) -> Result<Answer, Error> {
        let url = self.base.join(path).map_err(|_| Error::Value)?;
        let mut request = self.client.request(method, url);
        if let Some(credentials) = credentials {
            request = request
                .header(AUTHORIZATION, credentials.bearer)
                .header(SIGNATURE_HEADER, credentials.signature);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        self.exchange(request).await
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let _slot = self.slots.acquire().await.map_err(|_| Error::Network)?;
        let response = request.send().await.map_err(|_| Error::Network)?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok())
            .and_then(|text| text.trim().parse().ok());
        let body = read_limited(response).await?;
        Ok(Answer {
            status,
            retry_after,
            body,
        })
    }
}

async fn read_limited(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|_| Error::Network)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Error::Answer);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// The JSON bytes of a request body: what is sent is what is signed.
pub(crate) fn to_json(body: &impl Serialize) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(body).map_err(|_| Error::Value)
}

impl Answer {
    /// The body of a success.
    pub(crate) fn checked(self) -> Result<Vec<u8>, Error> {
        if self.status.is_success() {
            return Ok(self.body);
        }
        let kind = serde_json::from_slice::<Problem>(&self.body)
            .map(|problem| ProblemKind::from_type(&problem.kind))
            .unwrap_or_default();
        match kind.slug() {
            Some(problem::INVITATION) => return Err(Error::Invitation),
            Some(problem::HANDLE_TAKEN) => return Err(Error::HandleTaken),
            _ => {}
        }
        Err(match self.status {
            StatusCode::UNAUTHORIZED => Error::NotSignedIn,
            StatusCode::FORBIDDEN => Error::NotAllowed,
            StatusCode::NOT_FOUND => Error::NotFound,
            StatusCode::CONFLICT => Error::Conflict,
            StatusCode::TOO_MANY_REQUESTS => Error::Limited {
                retry_after: Duration::from_secs(
                    self.retry_after
                        .unwrap_or(DEFAULT_WAIT)
                        .clamp(1, LONGEST_WAIT),
                ),
            },
            status => Error::Refused {
                status: status.as_u16(),
                kind,
            },
        })
    }

    /// The body of a success, read as JSON.
    pub(crate) fn json<A: DeserializeOwned>(self) -> Result<A, Error> {
        serde_json::from_slice(&self.checked()?).map_err(|_| Error::Answer)
    }

    /// Success or not, where the answer has no body.
    pub(crate) fn empty(self) -> Result<(), Error> {
        self.checked().map(drop)
    }
}

#[cfg(test)]
mod tests;
