//! Whole presentations through the service's own router, in this process, all cores busy.
//!
//! Four requests each (five where an envelope is put), in order, every one numbered and proved as it leaves, checked, parsed,
//! answered, the answer proved, and written as over a socket. The outbox is emptied meanwhile (reshuffled and acknowledged), and the time ends when it is empty.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use identity::records::outbox::{self, OutboxItem, Walk};
use server::error::Failure;
use tokio::sync::watch as signal;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

use crate::prepare::{Call, Presentation};
use crate::watch::{Spent, Watch};

/// Presentations under way at once.
const IN_FLIGHT: usize = 64;
/// Items taken from the outbox at once, as the forwarder takes them.
const BATCH: u32 = 256;
/// Between two looks at the outbox.
const LOOK: Duration = Duration::from_millis(50);
/// Largest answer read.
const LARGEST: usize = 8 * 1024 * 1024;

/// The requests of one presentation, in order, and what each lacks: its proof.
type Requests = Vec<(Call, Request<Body>)>;

/// Sends one request; the body of a success.
///
/// # Errors
/// [`Failure`] for any other status.
pub async fn send(router: &Router, call: &Call) -> Result<Bytes, Failure> {
    answer(router, call, call.request()?).await
}

async fn answer(
    router: &Router,
    call: &Call,
    mut request: Request<Body>,
) -> Result<Bytes, Failure> {
    let (name, value) = call.caller()?;
    request.headers_mut().insert(name, value);
    let answer = router
        .clone()
        .oneshot(request)
        .await
        .map_err(|e| Failure::of("the router", e))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(Failure::new(format!("a request was refused ({status})")));
    }
    axum::body::to_bytes(answer.into_body(), LARGEST)
        .await
        .map_err(|e| Failure::of("reading an answer", e))
}

/// What all of them take, with emptying the outbox behind them.
///
/// # Errors
/// [`Failure`] when the service refuses one.
pub async fn run(
    router: &Router,
    app: &Arc<identity::App>,
    all: &[Presentation],
) -> Result<Spent, Failure> {
    empty(app).await?;
    let requests = all
        .iter()
        .map(|one| one.calls.iter().map(made).collect())
        .collect::<Result<Vec<Requests>, Failure>>()?;
    let requests = Arc::new(Mutex::new(requests.into_iter()));
    let watch = Watch::start();
    let (stop, stopped) = signal::channel(false);
    let drain = tokio::spawn(drain(Arc::clone(app), stopped));
    let mut tasks = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        tasks.spawn(worker(router.clone(), Arc::clone(&requests)));
    }
    let ended = |_| Failure::new("a task ended early");
    while let Some(done) = tasks.join_next().await {
        done.map_err(ended)??;
    }
    stop.send_replace(true);
    drain.await.map_err(ended)??;
    Ok(watch.spent())
}

fn made(call: &Call) -> Result<(Call, Request<Body>), Failure> {
    Ok((call.clone(), call.request()?))
}

async fn worker(
    router: Router,
    all: Arc<Mutex<std::vec::IntoIter<Requests>>>,
) -> Result<(), Failure> {
    let next = || all.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(requests) = next() {
        for (call, request) in requests {
            answer(&router, &call, request).await?;
        }
    }
    Ok(())
}

/// Takes full batches until told to stop, then everything.
async fn drain(
    app: Arc<identity::App>,
    mut stopped: signal::Receiver<bool>,
) -> Result<(), Failure> {
    while !*stopped.borrow() {
        tokio::select! {
            _ = stopped.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
        while waiting(&app).await? >= u64::from(BATCH) {
            take(&app).await?;
        }
    }
    empty(&app).await
}

/// Takes everything, with two couriers at a time, as the service's forwarder does.
async fn empty(app: &identity::App) -> Result<(), Failure> {
    loop {
        let walk = Walk::begin(app, outbox::tomorrow(app));
        let (one, other) = tokio::try_join!(courier(app, &walk), courier(app, &walk))?;
        if one + other == 0 {
            return Ok(());
        }
    }
}

async fn courier(app: &identity::App, walk: &Walk) -> Result<usize, Failure> {
    let mut taken = 0;
    let failed = |e| Failure::of("the outbox", e);
    while let Some(batch) = walk.take(app, BATCH).await.map_err(failed)? {
        taken += acknowledge(app, &batch).await?;
    }
    Ok(taken)
}

async fn waiting(app: &identity::App) -> Result<u64, Failure> {
    outbox::waiting(app)
        .await
        .map_err(|e| Failure::of("the outbox", e))
}

async fn take(app: &identity::App) -> Result<usize, Failure> {
    let batch = outbox::take_batch(app, BATCH)
        .await
        .map_err(|e| Failure::of("the outbox", e))?;
    acknowledge(app, &batch).await
}

async fn acknowledge(app: &identity::App, batch: &[OutboxItem]) -> Result<usize, Failure> {
    let keys: Vec<_> = batch.iter().map(|item| item.key).collect();
    outbox::acknowledge(app, &keys)
        .await
        .map_err(|e| Failure::of("the outbox", e))?;
    Ok(keys.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::place::Place;
    use crate::prepare;
    use crate::progress::Nobody;
    use crypto::rng::Random;

    /// More requests than a session's window holds, each numbered as it leaves, the puts of envelopes among them.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_prepared_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let mut rng = Random::os();
        let place = Place::found(folder.path(), None, &mut rng).await.unwrap();
        let clients = place.enrol(4, &Nobody, &mut rng).await.unwrap();
        let router = place.router().unwrap();
        let mut all = prepare::presentations(&clients, 120).unwrap();
        prepare::put_envelopes(&clients, &mut all).unwrap();
        run(&router, &place.identity, &all).await.unwrap();
        // The same calls once more are other requests.
        run(&router, &place.identity, &all[..2]).await.unwrap();
        // 4 of the clients, 12 that were put.
        let mut bytes = 0;
        for call in prepare::all_envelopes(clients.desk.session()).unwrap() {
            bytes += send(&router, &call).await.unwrap().len();
        }
        let empty = 256 * 4 + 8 + r#"{"digests":""}"#.len() + (256 * 16 * 4_usize).div_ceil(3);
        assert_eq!(bytes, empty + (4 + 12) * wire::ENVELOPE_BYTES);
        let read = prepare::Call::get(clients.desk.session(), "/v1/bundle".to_owned());
        for _ in 0..2 {
            send(&router, &read).await.unwrap();
        }
        place.close().await;
    }
}
