//! What only a host on this machine answers: devices that it offers to a browser, and pages whose calls it forwards.
//!
//! **Model.** [`Devices`] are sealed states of terminals that somebody enrolled here; a page that has no device asks
//! `/local/devices` once and opens the one of the name and password that were typed. [`Relay`] serves the pages of this very
//! program and forwards the calls of the interface, unread and unchanged, to a service: whoever works at such a page
//! runs no code that the service sends.
//!
//! A page from elsewhere whose name was pointed at this machine is told nothing: only names of the machine itself are answered.
//!
//! **Limits.** Whoever may talk to the loopback of this machine is offered the same; a state opens with its password at the service only,
//! where wrong ones are counted.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use crypto::b64::B64;
use reqwest::Url;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wire::{ANSWER_HEADER, REQUEST_HEADER};

use crate::connections::{self, Bounds};
use crate::error::Failure;
use crate::http::page;

/// Largest body that is forwarded, bytes: as the service takes for records.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Largest answer, bytes.
const LARGEST_ANSWER: usize = 8 * 1024 * 1024;
/// How long the service may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What this machine calls itself.
const OWN_NAMES: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// A device that is enrolled, sealed.
#[derive(Clone, Serialize)]
pub struct Device {
    /// The name that its person signs in with.
    pub name: String,
    /// What the terminal keeps.
    pub state: B64,
}

/// Devices that this host offers.
#[derive(Clone, Default)]
pub struct Devices(Arc<Mutex<Vec<Device>>>);

impl Devices {
    /// Offers these from now on.
    pub fn offer(&self, devices: Vec<Device>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = devices;
    }

    /// `/local/devices`.
    pub fn router(&self) -> Router {
        let devices = self.clone();
        let answer = || async move {
            let all = devices.0.lock().unwrap_or_else(PoisonError::into_inner);
            Json(all.clone())
        };
        Router::new().route("/local/devices", get(answer))
    }
}

/// A way to the service for pages of this machine.
#[derive(Clone)]
pub struct Relay {
    base: Url,
    client: reqwest::Client,
}

impl Relay {
    /// To the service at `base`.
    ///
    /// # Errors
    /// [`Failure`] when it is no https address, or http on another machine.
    pub fn to(base: &str) -> Result<Self, Failure> {
        let refused = || {
            Failure::new(
                "--server must be https, or http on this machine, without a path: correct it",
            )
        };
        let base = Url::parse(base).map_err(|_| refused())?;
        let near = base
            .host_str()
            .is_some_and(|name| OWN_NAMES.contains(&name));
        let safe = base.scheme() == "https" || (base.scheme() == "http" && near);
        if !safe || base.query().is_some() || !matches!(base.path(), "" | "/") {
            return Err(refused());
        }
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .user_agent("payung")
            .build()
            .map_err(|_| Failure::new("a connection cannot be prepared"))?;
        Ok(Self { base, client })
    }

    /// The pages, and the interface behind them.
    pub fn router(self) -> Router {
        let ways = Router::new()
            .route("/v1/{*rest}", any(forward))
            .route("/readyz", get(forward))
            .with_state(self);
        let all = crate::pages::router().merge(ways);
        let all = all.method_not_allowed_fallback(page::other_method);
        crate::http::headers::wrap(all.layer(from_fn(called_by_an_own_name)))
    }

    /// Serves them on this machine alone.
    ///
    /// # Errors
    /// [`Failure`] when the port is taken, or the system allows the process too few files.
    pub async fn start(self, port: u16) -> Result<Here, Failure> {
        let bounds = Bounds::of_this_process()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        let taken = |e: std::io::Error| {
            Failure::of("the port cannot be used; choose another --port", e.kind())
        };
        let listener = listener.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let (stop, stopped) = watch::channel(false);
        let serving = connections::serve(listener, self.router(), bounds, stopped);
        Ok(Here {
            address,
            stop,
            task: tokio::spawn(serving),
        })
    }

    async fn ask(&self, request: Request) -> Option<Response> {
        let path = request.uri().path_and_query()?.as_str().to_owned();
        let mut out = self
            .client
            .request(method(request.method())?, self.base.join(&path).ok()?);
        for name in [REQUEST_HEADER, header::CONTENT_TYPE.as_str()] {
            if let Some(value) = request.headers().get(name) {
                out = out.header(name, value.as_bytes());
            }
        }
        let body = to_bytes(request.into_body(), MOST_BYTES).await.ok()?;
        let answer = out.body(body).send().await.ok()?;
        let status = StatusCode::from_u16(answer.status().as_u16()).ok()?;
        let headers = told(answer.headers());
        let body = limited(answer).await?;
        Some((status, headers, Body::from(body)).into_response())
    }
}

/// Pages that are served on this machine.
pub struct Here {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Here {
    /// Where.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Finishes what is under way.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A task that panicked has nothing left to finish.
        let _ = self.task.await;
    }
}

async fn called_by_an_own_name(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok()).unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    match OWN_NAMES.contains(&name) {
        true => next.run(request).await,
        false => StatusCode::MISDIRECTED_REQUEST.into_response(),
    }
}

async fn forward(State(relay): State<Relay>, request: Request) -> Response {
    relay.ask(request).await.unwrap_or_else(|| {
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        let said = "{\"type\":\"urn:payung:problem:relay\",\"title\":\"The service cannot be reached\",\"status\":502}";
        (StatusCode::BAD_GATEWAY, kind, said).into_response()
    })
}

fn method(method: &Method) -> Option<reqwest::Method> {
    reqwest::Method::from_bytes(method.as_str().as_bytes()).ok()
}

/// What a page reads of an answer.
fn told(headers: &reqwest::header::HeaderMap) -> HeaderMap {
    let mut told = HeaderMap::new();
    for name in [
        ANSWER_HEADER,
        header::CONTENT_TYPE.as_str(),
        header::RETRY_AFTER.as_str(),
        // A page compares its clock with the service's.
        header::DATE.as_str(),
    ] {
        let value = headers
            .get(name)
            .and_then(|it| it.as_bytes().try_into().ok());
        if let (Some(value), Ok(name)) = (value, name.parse::<HeaderName>()) {
            told.insert(name, value);
        }
    }
    told
}

async fn limited(mut answer: reqwest::Response) -> Option<Bytes> {
    let mut body = Vec::new();
    while let Some(part) = answer.chunk().await.ok()? {
        if body.len() + part.len() > LARGEST_ANSWER {
            return None;
        }
        body.extend_from_slice(&part);
    }
    Some(body.into())
}
