//! From the identity role to the statistics role: sealed items, shuffled, in batches, over HTTP.
//!
//! Two deliveries are under way at once, over different items: while the statistics role books the one, it opens the
//! other. A batch leaves when enough items wait that none stands out, or when the day turns; an operator
//! can send it at once before closing a quarter. Items are deleted after the other side has
//! acknowledged them; after a crash they go again and are counted once, by the report's own id.
//!
//! A report is taken only of a provider that the other side knows, so the registry goes before the reports and again whenever
//! it has changed. What the other side refuses as a whole (another epoch of the statistics key, a provider's key that is not
//! the one it knows) stays here, and the log says which.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use crypto::b64::{B64, Fixed};
use identity::Refusal;
use identity::http::{self, Proved, proved};
use identity::records::outbox::{self, OutboxItem, Walk};
use identity::registry::Told;
use tokio::sync::{Mutex, watch};
use wire::problem;
use wire::{Deliver, DeliverItem, Delivered, Empty, Flushed, Problem};

use crate::error::Failure;

/// Items in one request.
const BATCH: u32 = 256;
/// Items that must wait before a batch leaves by itself during the day.
const ENOUGH: u64 = 256;
/// How often the outbox is looked at.
const LOOK: Duration = Duration::from_secs(60);
/// How long the statistics role may take for one batch.
const PATIENCE: Duration = Duration::from_secs(60);
/// Largest answer read, in bytes: one word an item, and room.
const LARGEST_ANSWER: usize = 64 * 1024;

/// What one courier has done.
struct Sent {
    items: usize,
    taken: u64,
}

/// The way from one role to the other.
pub struct Forwarder {
    identity: Arc<identity::App>,
    client: reqwest::Client,
    url: String,
    /// One walk at a time: two would send the same items twice for nothing.
    turn: Mutex<()>,
}

impl Forwarder {
    /// A forwarder to the statistics role at `base`.
    pub fn new(identity: Arc<identity::App>, base: &str) -> Result<Self, Failure> {
        // Neither a proxy of the environment nor a redirect may see the role token and the batches.
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(|e| Failure::of("the forwarder", e))?;
        let url = format!("{}/v1/statistics/deliver", base.trim_end_matches('/'));
        Ok(Self {
            identity,
            client,
            url,
            turn: Mutex::new(()),
        })
    }

    /// Looks every minute until stopped.
    pub async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut day = self.identity.clock.today();
        loop {
            tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => { return; }
                () = tokio::time::sleep(LOOK) => {}
            }
            self.housekeep().await;
            let today = self.identity.clock.today();
            let waiting = outbox::waiting(&self.identity).await.unwrap_or(0);
            if waiting < ENOUGH && today == day {
                continue;
            }
            match self.flush().await {
                Ok(_) => day = today,
                Err(failure) => {
                    tracing::warn!(%failure, "the statistics role was not reached; trying again");
                }
            }
        }
    }

    /// Forgets who was here, ends what another process revoked, reserves for terminals, counts refusals and
    /// empties the write-ahead log.
    async fn housekeep(&self) {
        self.identity.forget_the_ended();
        let counted = self.identity.flush_refusals().await;
        let counted = counted.and(self.identity.reserve_by_the_hour().await);
        let noted = self.identity.note_the_day().await;
        let ended = self.identity.end_the_revoked().await;
        if let Err(error) = counted
            .and(noted)
            .and(ended)
            .and(self.identity.store.tidy().await)
        {
            tracing::warn!(%error, "housekeeping failed; trying again");
        }
    }

    /// Sends everything that waits; returns how many reports the statistics role has taken.
    ///
    /// # Errors
    /// [`Failure`] of the first delivery that did not arrive; what was not acknowledged stays and goes again.
    pub async fn flush(&self) -> Result<u64, Failure> {
        let _turn = self.turn.lock().await;
        let told = Known::default();
        let mut walk = Walk::begin(&self.identity);
        // Alone, because a report counts where its city was known before it.
        let first = self.take(&walk).await?.unwrap_or_default();
        let mut taken = self.deliver(&told, &first).await?;
        loop {
            let (one, other) = tokio::join!(self.courier(&told, &walk), self.courier(&told, &walk));
            let sent = [one?, other?];
            if sent.iter().all(|sent| sent.items == 0) {
                self.housekeep().await;
                return Ok(taken);
            }
            taken += sent.iter().map(|sent| sent.taken).sum::<u64>();
            // Once more, for what arrived behind.
            walk = Walk::begin(&self.identity);
        }
    }

    /// Delivers batches one after another until the walk is over; a failure ends it for the other courier too.
    async fn courier(&self, told: &Known, walk: &Walk) -> Result<Sent, Failure> {
        let mut sent = Sent { items: 0, taken: 0 };
        while let Some(batch) = self.take(walk).await? {
            // Nothing in it could ever be delivered.
            if batch.is_empty() {
                continue;
            }
            match self.deliver(told, &batch).await {
                Ok(taken) => sent.taken += taken,
                Err(failure) => {
                    walk.end().await;
                    return Err(failure);
                }
            }
            sent.items += batch.len();
        }
        Ok(sent)
    }

    async fn take(&self, walk: &Walk) -> Result<Option<Vec<OutboxItem>>, Failure> {
        walk.take(&self.identity, BATCH)
            .await
            .map_err(|e| Failure::of("the outbox cannot be read", e))
    }

    /// One delivery, with the registry unless the other side was told the same: sent, answered, and only then forgotten here.
    /// Returns how many were taken.
    async fn deliver(&self, told: &Known, batch: &[OutboxItem]) -> Result<u64, Failure> {
        // Read after the batch was taken, so that whoever is in the batch is in the registry.
        let now = self.registry().await?;
        let news = told.news(&now);
        if batch.is_empty() && news == Told::default() {
            return Ok(0);
        }
        let body = Deliver {
            epoch: outbox::epoch(&self.identity),
            providers: news.providers,
            registry: news.sites,
            items: batch.iter().map(wire_form).collect(),
        };
        let answer = self.post(&body).await?;
        told.set(now);
        if answer.acks.len() != batch.len() {
            return Err(Failure::new(
                "the statistics role answered something else than was asked",
            ));
        }
        let keys: Vec<_> = batch.iter().map(|item| item.key).collect();
        outbox::acknowledge(&self.identity, &keys)
            .await
            .map_err(|e| Failure::of("the outbox cannot be written", e))?;
        Ok(answer.acks.iter().filter(|ack| **ack).count() as u64)
    }

    async fn registry(&self) -> Result<Told, Failure> {
        identity::registry::told(&self.identity)
            .await
            .map_err(|e| Failure::of("the registry cannot be read", e))
    }

    async fn post(&self, body: &Deliver) -> Result<Delivered, Failure> {
        let away = |()| Failure::new("the statistics role does not answer: check that it runs");
        let token = std::str::from_utf8(self.identity.keys.role_token.expose())
            .map_err(|_| Failure::new("the role token is damaged: restore the key file"))?;
        let mut bearer = header::HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Failure::new("the role token is damaged: restore the key file"))?;
        bearer.set_sensitive(true);
        let answer = self
            .client
            .post(&self.url)
            .header(header::AUTHORIZATION, bearer)
            .json(body)
            .send()
            .await
            .map_err(|_| away(()))?;
        let status = answer.status();
        let body = read_limited(answer).await.map_err(|()| away(()))?;
        if !status.is_success() {
            return Err(refused(status, &body));
        }
        serde_json::from_slice(&body).map_err(|_| away(()))
    }
}

/// Why nothing of a delivery was taken, in words of this side.
fn refused(status: reqwest::StatusCode, body: &[u8]) -> Failure {
    let problem: Option<Problem> = serde_json::from_slice(body).ok();
    match problem.as_ref().map(Problem::slug) {
        Some(problem::EPOCH) => Failure::new(
            "the statistics role stands in another epoch of the statistics key and took nothing: finish the rotation in both \
             roles, the reports wait in the outbox",
        ),
        Some(problem::PROVIDER) => Failure::new(
            "the statistics role knows another report key or other sites of a provider and took nothing: one of the two \
             databases is not the programme's, the reports wait in the outbox",
        ),
        _ => Failure::new(format!("the statistics role refused the batch ({status})")),
    }
}

/// What the other side was told of the registry during one flush.
#[derive(Default)]
struct Known(std::sync::Mutex<Option<Told>>);

impl Known {
    /// The registry, or nothing of it when the other side has it.
    fn news(&self, now: &Told) -> Told {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some(known) if known == now => Told::default(),
            _ => now.clone(),
        }
    }

    fn set(&self, now: Told) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(now);
    }
}

/// The answer's body, up to [`LARGEST_ANSWER`].
async fn read_limited(mut answer: reqwest::Response) -> Result<Vec<u8>, ()> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|_| ())? {
        if body.len() + chunk.len() > LARGEST_ANSWER {
            return Err(());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Passes an address that keeps the role token from the network: https, or http on this machine.
pub fn private_address(url: &str) -> Result<(), Failure> {
    let parsed = reqwest::Url::parse(url).ok();
    let private = parsed.is_some_and(|url| match url.scheme() {
        "https" => true,
        "http" => matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")),
        _ => false,
    });
    private.then_some(()).ok_or_else(|| {
        Failure::new("--analytics-url must be https, or http on this machine: the role token travels over it")
    })
}

fn wire_form(item: &OutboxItem) -> DeliverItem {
    DeliverItem {
        provider: item.provider,
        elgamal: Fixed(*item.elgamal.as_bytes()),
        body: B64(item.body.clone()),
    }
}

/// `POST /v1/outbox/flush`, for operators.
pub fn router(app: Arc<identity::App>, forwarder: Arc<Forwarder>) -> Router {
    let handler = move |caller: Proved<Empty>| {
        let forwarder = Arc::clone(&forwarder);
        async move { flush(&forwarder, &caller).await }
    };
    let routes = Router::new().route("/v1/outbox/flush", post(handler));
    proved(Arc::clone(&app), routes).with_state(app)
}

async fn flush(forwarder: &Forwarder, caller: &Proved<Empty>) -> Response {
    if let Err(refusal) = caller.session.operator() {
        return http::problem(&refusal);
    }
    match forwarder.flush().await {
        Ok(delivered) => Json(Flushed { delivered }).into_response(),
        Err(failure) => {
            tracing::warn!(%failure, "the outbox was not delivered");
            http::problem(&Refusal::Internal)
        }
    }
}
