//! From the identity role to the statistics role: sealed items, shuffled, in parts, over HTTP.
//!
//! **When.** A delivery leaves when the programme's day turns, and takes everything that was received on the days before, in as many
//! parts as that needs; a day on which nobody came is delivered like any other. What leaves when is so decided by the calendar and by
//! nobody's report: a count that delivered would let one report decide whether others still count in a quarter. Two acts of
//! people deliver at other times: an operator's word, which takes everything there is, and the closing of a quarter, which takes
//! what a delivery would. Parts are of one length, whatever they hold; how many there are tells how many times 256 reports came.
//!
//! **The registry** goes on its own, as soon as it has changed, and before every delivery: no report brings a city.
//!
//! **Crashes.** Three parts are under way at once, over different items: while the statistics role books the one, it opens the
//! others. Items are deleted after the other side has acknowledged them; after a crash they go again and are counted once, by the
//! report's own id. The last part says that everything received before a day was delivered; until then no quarter closes that
//! needs it. What the other side refuses as a whole (another epoch of the statistics key, a provider's key that is not
//! the one it knows) stays here, and the log says which.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use axum::http::header;
use axum::{Extension, Json};
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use identity::Refusal;
use identity::http::{Proved, proved, session};
use identity::records::outbox::{self, OutboxItem, Walk};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, sleep_until};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::problem;
use wire::{Deliver, DeliverItem, Delivered, Empty, Flushed, Problem, TellRegistry};

use crate::error::Failure;

/// Items in one part.
const BATCH: u32 = 256;
/// Bytes of a part, white space at its end included: room for a full one.
const PART_BYTES: usize = 64 + BATCH as usize * ITEM_BYTES;
/// Bytes of an item in JSON, at most: two ids, the pair, the sealed report, a day, and the names of all that.
const ITEM_BYTES: usize = 256 + (crypto::report::SEALED_BYTES * 4).div_ceil(3);
/// Walks on which nothing was met although something is there: it arrived behind, which happens once or twice.
const EMPTY_ROUNDS: u32 = 20;
/// How often it is looked whether the day has turned.
const LOOK: Duration = Duration::from_secs(60);
/// How long the statistics role may take for one part.
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
    base: String,
    /// One delivery at a time: two would send the same items twice for nothing.
    turn: Mutex<()>,
    /// What the other side was told of the registry.
    told: std::sync::Mutex<Option<TellRegistry>>,
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
        Ok(Self {
            identity,
            client,
            base: base.trim_end_matches('/').to_owned(),
            turn: Mutex::new(()),
            told: std::sync::Mutex::default(),
        })
    }

    /// Tells of the registry when it changes, and delivers when the day turns, until stopped. What does not arrive is tried again
    /// by the minute; later that day the same items are due.
    pub async fn run(self: Arc<Self>, mut stopped: watch::Receiver<bool>) {
        let mut done = None;
        let mut look = Instant::now() + LOOK;
        loop {
            let changed = tokio::select! {
                _ = stopped.wait_for(|stop| *stop) => { return; }
                () = self.identity.registry_news.notified() => true,
                () = sleep_until(look) => false,
            };
            if changed {
                said(&self.tell().await);
                continue;
            }
            look = Instant::now() + LOOK;
            self.housekeep().await;
            self.look(&mut done).await;
        }
    }

    /// Delivers, if nothing has yet been delivered on the programme's day; `done` is the day of the last delivery. Whatever waits, it
    /// leaves when the day has turned and not before.
    pub async fn look(&self, done: &mut Option<Day>) {
        let today = self.identity.clock.today();
        if *done == Some(today) {
            // Somebody may have entered a site from the command line.
            said(&self.tell().await);
        } else if said(&self.deliver_before(today).await) {
            *done = Some(today);
        }
    }

    /// Forgets who was here and what is over, ends what another process revoked, reserves for terminals, counts refusals and
    /// empties the write-ahead log.
    async fn housekeep(&self) {
        self.identity.forget_the_ended();
        let counted = self.identity.flush_refusals().await;
        let counted = counted.and(self.identity.reserve_by_the_hour().await);
        let noted = self.identity.note_the_day().await;
        let looked = self.identity.look_at_the_day().await;
        let ended = self.identity.end_the_revoked().await;
        if let Err(error) = counted
            .and(noted)
            .and(looked)
            .and(ended)
            .and(self.identity.store.tidy().await)
        {
            tracing::warn!(%error, "housekeeping failed; trying again");
        }
    }

    /// Sends everything that waits, at somebody's word; returns how many reports the statistics role has taken.
    ///
    /// # Errors
    /// [`Failure`] of the first part that did not arrive; what was not acknowledged stays and goes again.
    pub async fn flush(&self) -> Result<u64, Failure> {
        let today = self.identity.clock.today();
        let taken = self
            .deliver(outbox::tomorrow(&self.identity), today)
            .await?;
        self.housekeep().await;
        Ok(taken)
    }

    /// Sends everything that was received before a day, and says that it is complete; returns how many reports the statistics
    /// role has taken.
    ///
    /// # Errors
    /// As [`Forwarder::flush`].
    pub async fn deliver_before(&self, day: Day) -> Result<u64, Failure> {
        self.deliver(day, day).await
    }

    /// Sends what was received before one day and says that it is complete before another, which is no later.
    async fn deliver(&self, before: Day, complete: Day) -> Result<u64, Failure> {
        let _turn = self.turn.lock().await;
        if self.identity.clock.today() < complete {
            return Err(Failure::new(
                "the day before which reports are to be delivered has not begun: check this machine's clock",
            ));
        }
        // A part may find the other side restored from a backup.
        self.told(None);
        self.tell().await?;
        let mut walk = Walk::begin(&self.identity, before);
        // Also when there is nothing: a day without reports looks like a day with some.
        let first = self.take(&walk).await?.unwrap_or_default();
        let mut taken = self.part(&first).await?;
        let mut rounds = 0;
        loop {
            let (one, two, three) = tokio::join!(
                self.courier(&walk),
                self.courier(&walk),
                self.courier(&walk)
            );
            let sent = [one?, two?, three?];
            taken += sent.iter().map(|sent| sent.taken).sum::<u64>();
            if sent.iter().all(|sent| sent.items == 0) {
                if self.complete(complete).await? {
                    return Ok(taken);
                }
                rounds += 1;
                if rounds > EMPTY_ROUNDS {
                    return Err(Failure::new(
                        "the outbox holds rows that cannot be read: restore the identity database from its backup",
                    ));
                }
            }
            // Once more, for what arrived behind.
            walk = Walk::begin(&self.identity, before);
        }
    }

    /// Sends parts one after another until the walk is over; a failure ends it for the other couriers too.
    async fn courier(&self, walk: &Walk) -> Result<Sent, Failure> {
        let mut sent = Sent { items: 0, taken: 0 };
        while let Some(batch) = self.take(walk).await? {
            // Nothing in it could ever be delivered.
            if batch.is_empty() {
                continue;
            }
            match self.part(&batch).await {
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

    /// Tells the other side of the registry, unless it was told the same.
    async fn tell(&self) -> Result<(), Failure> {
        let now = identity::registry::told(&self.identity)
            .await
            .map_err(|e| Failure::of("the registry cannot be read", e))?;
        let same = |known: &std::sync::Mutex<Option<TellRegistry>>| {
            let known = known.lock().unwrap_or_else(PoisonError::into_inner);
            known.as_ref() == Some(&now)
        };
        if same(&self.told) {
            return Ok(());
        }
        let body = json(&now)?;
        let _: Empty = self.post("/v1/statistics/registry", body).await?;
        self.told(Some(now));
        Ok(())
    }

    /// Notes what the other side was told.
    fn told(&self, now: Option<TellRegistry>) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// One part: sent, answered, and only then forgotten here. Returns how many reports were taken.
    async fn part(&self, batch: &[OutboxItem]) -> Result<u64, Failure> {
        let acks = self.send(batch, None).await?;
        let keys: Vec<_> = batch.iter().map(|item| item.key).collect();
        outbox::acknowledge(&self.identity, &keys)
            .await
            .map_err(|e| Failure::of("the outbox cannot be written", e))?;
        Ok(acks.iter().filter(|ack| **ack).count() as u64)
    }

    /// The last part, without reports: everything received before a day was delivered. False when there is more of it.
    async fn complete(&self, before: Day) -> Result<bool, Failure> {
        let done = outbox::delivered(&self.identity, before)
            .await
            .map_err(|e| Failure::of("the outbox cannot be read", e))?;
        if done {
            self.send(&[], Some(before)).await?;
        }
        Ok(done)
    }

    async fn send(
        &self,
        batch: &[OutboxItem],
        complete: Option<Day>,
    ) -> Result<Vec<bool>, Failure> {
        let mut body = json(&Deliver {
            epoch: outbox::epoch(&self.identity),
            complete,
            items: batch.iter().map(wire_form).collect(),
        })?;
        // White space after JSON is nothing.
        body.resize(body.len().max(PART_BYTES), b' ');
        let answer: Delivered = self.post("/v1/statistics/deliver", body).await?;
        if answer.acks.len() != batch.len() {
            return Err(Failure::new(
                "the statistics role answered something else than was asked",
            ));
        }
        Ok(answer.acks)
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: Vec<u8>) -> Result<T, Failure> {
        let away = |()| Failure::new("the statistics role does not answer: check that it runs");
        let token = std::str::from_utf8(self.identity.keys.role_token.expose())
            .map_err(|_| Failure::new("the role token is damaged: restore the key file"))?;
        let mut bearer = header::HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Failure::new("the role token is damaged: restore the key file"))?;
        bearer.set_sensitive(true);
        let answer = self
            .client
            .post(format!("{}{path}", self.base))
            .header(header::AUTHORIZATION, bearer)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
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

/// Whether it went well; if not, the log says so.
fn said<T>(done: &Result<T, Failure>) -> bool {
    if let Err(failure) = done {
        tracing::warn!(%failure, "the statistics role was not reached; trying again");
    }
    done.is_ok()
}

/// What is sent, in a buffer that need not grow again.
fn json(body: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::with_capacity(PART_BYTES);
    serde_json::to_writer(&mut bytes, body).map_err(|e| Failure::of("a delivery", e))?;
    Ok(bytes)
}

/// Why nothing of a delivery was taken, in words of this side.
fn refused(status: reqwest::StatusCode, body: &[u8]) -> Failure {
    let problem: Option<Problem> = serde_json::from_slice(body).ok();
    match problem.as_ref().map(Problem::slug) {
        Some(problem::EPOCH) => Failure::new(
            "the statistics role stands in another epoch of the statistics key and took nothing: finish the rotation in both \
             roles, the reports wait in the outbox",
        ),
        Some(problem::CLOCK) => Failure::new(
            "the clock of the statistics role is behind or far ahead and it took nothing: put the clock right, or confirm the day \
             there (payung day); the reports wait in the outbox",
        ),
        Some(problem::PROVIDER) => Failure::new(
            "the statistics role knows another report key or other sites of a provider and took nothing: one of the two \
             databases is not the programme's, the reports wait in the outbox",
        ),
        _ => Failure::new(format!("the statistics role refused the batch ({status})")),
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
        received: item.received,
    }
}

/// `POST /v1/outbox/flush`, for operators.
pub fn router(app: Arc<identity::App>, forwarder: Arc<Forwarder>) -> OpenApiRouter {
    let route = session(routes!(flush), &[Refusal::Forbidden]);
    let routes = OpenApiRouter::default()
        .routes(route)
        .layer(Extension(forwarder));
    proved(Arc::clone(&app), routes).with_state(app)
}

/// Delivers what waits for the statistics role.
#[utoipa::path(
    post,
    path = "/v1/outbox/flush",
    tag = "records",
    operation_id = "flush_outbox",
    request_body = Empty,
    responses((status = 200, description = "It is delivered.", body = Flushed)),
)]
async fn flush(
    Extension(forwarder): Extension<Arc<Forwarder>>,
    caller: Proved<Empty>,
) -> Result<Json<Flushed>, Refusal> {
    caller.session.operator()?;
    let delivered = forwarder.flush().await.map_err(|failure| {
        tracing::warn!(%failure, "the outbox was not delivered");
        Refusal::Internal
    })?;
    Ok(Json(Flushed { delivered }))
}
