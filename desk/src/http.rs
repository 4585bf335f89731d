//! Speaking to the identity role from this machine: one request and its answer over HTTP.
//!
//! Nothing is followed and nothing is guessed: no redirects, no system proxy
//! unless asked for, plain http to this machine only, answers up to a fixed
//! size. What a request must carry, and what an answer means, `terminal` says.

use crypto::json::Wiped;
use reqwest::header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, Url};
use std::sync::Arc;
use std::time::Duration;
use terminal::Error;
use terminal::answer::Answer;
use terminal::transport::{Request, Transport};
use tokio::sync::Semaphore;
use wire::proof::read_mac;
use wire::{ANSWER_HEADER, Method, REQUEST_HEADER};
use zeroize::Zeroizing;

/// Largest answer read, bytes: far above a bucket (27 kB) or a roster page.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;

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

    /// Whether the server answers and is well.
    ///
    /// # Errors
    /// `Network` and the other transport errors.
    pub async fn health(&self) -> Result<(), Error> {
        let request = Request {
            method: Method::Get,
            path: "/readyz".to_owned(),
            body: None,
            proof: None,
        };
        self.exchange(request).await?.checked().map(drop)
    }

    async fn send(&self, request: RequestBuilder) -> Result<Answer, Error> {
        let _slot = self.slots.acquire().await.map_err(|_| Error::Network)?;
        let response = request.send().await.map_err(|_| Error::Network)?;
        let status = response.status().as_u16();
        let said = |name| text(response.headers(), name);
        let retry_after = said(RETRY_AFTER.as_str()).and_then(|text| text.trim().parse().ok());
        let proof = said(ANSWER_HEADER).and_then(|text| read_mac(text).ok());
        let body = read_limited(response).await?;
        Ok(Answer {
            status,
            retry_after,
            proof,
            body,
        })
    }
}

impl Transport for Connection {
    async fn exchange(&self, request: Request) -> Result<Answer, Error> {
        let url = self.base.join(&request.path).map_err(|_| Error::Value)?;
        let mut out = self.client.request(method(request.method), url);
        if let Some(proof) = request.proof {
            out = out.header(REQUEST_HEADER, proof.to_string());
        }
        if let Some(body) = request.body {
            // From here on it is the connection's, which copies it as it likes.
            out = out
                .header(CONTENT_TYPE, "application/json")
                .body(body.to_vec());
        }
        self.send(out).await
    }

    fn parallel(&self) -> usize {
        self.parallel
    }
}

fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
    }
}

/// A header that is there once, as text.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    }
}

async fn read_limited(mut response: Response) -> Result<Zeroizing<Vec<u8>>, Error> {
    let mut body = Wiped::default();
    while let Some(chunk) = response.chunk().await.map_err(|_| Error::Network)? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(Error::Answer);
        }
        body.push(&chunk);
    }
    Ok(body.into_bytes())
}

#[cfg(test)]
mod tests;
