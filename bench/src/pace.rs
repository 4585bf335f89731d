//! How long a whole presentation takes at a steady pace: HTTP over the loopback, 100 begun every second, whether earlier
//! ones are done or not (an open loop: a slow service cannot slow the clock that measures it).
//!
//! The outbox is delivered to the statistics role every second meanwhile, in the same process.

use std::sync::Arc;
use std::time::Duration;

use server::error::Failure;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::figure::Figure;
use crate::place::{Clients, Place};
use crate::prepare::{self, Presentation};
use crate::progress::Progress;
use crate::watch::{Watch, milliseconds, quantile};

/// Presentations begun in a second.
const PACE: usize = 100;
/// Seconds that count.
const SECONDS: usize = 10;
/// Seconds before, which warm connections and caches.
const WARM: usize = 1;

/// Measures the p95.
///
/// # Errors
/// [`Failure`] when the service refuses a request.
pub(crate) async fn measure(
    place: &Place,
    clients: &Clients,
    progress: &dyn Progress,
) -> Result<Figure, Failure> {
    let all = prepare::presentations(clients, PACE * (SECONDS + WARM))?;
    let running = place.serve().await?;
    let times = keep_pace(&running.url(), all, progress).await;
    running.stop().await?;
    let times = times?;
    let note = format!(
        " (median {:.1}, longest {:.1})",
        quantile(times.clone(), 0.5),
        quantile(times.clone(), 1.0)
    );
    Ok(Figure::at_most(
        "presentation over HTTP on the loopback, 100 a second, p95",
        quantile(times, 0.95),
        50.0,
        "ms",
        &note,
    ))
}

async fn keep_pace(
    url: &str,
    all: Vec<Presentation>,
    progress: &dyn Progress,
) -> Result<Vec<f64>, Failure> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .map_err(|e| Failure::of("the client", e))?;
    progress.begin("100 a second", all.len() as u64);
    let url = Arc::new(url.to_owned());
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / 100);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let start = Watch::start();
    let mut tasks = JoinSet::new();
    for (number, one) in all.into_iter().enumerate() {
        ticks.tick().await;
        let (client, url) = (client.clone(), Arc::clone(&url));
        // Counted from the moment it was due, so that a late start is a longer time.
        let due = Duration::from_secs(1) * u32::try_from(number).unwrap_or(0) / 100;
        tasks.spawn(async move {
            present(&client, &url, &one).await?;
            Ok::<_, Failure>((number, milliseconds(start.elapsed().saturating_sub(due))))
        });
        progress.step(1);
    }
    let mut times = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (number, time) = done.map_err(|_| Failure::new("a task ended early"))??;
        if number >= PACE * WARM {
            times.push(time);
        }
    }
    progress.end();
    Ok(times)
}

async fn present(client: &reqwest::Client, url: &str, one: &Presentation) -> Result<(), Failure> {
    for call in &one.calls {
        let (name, value) = call.caller()?;
        let mut request = client
            .request(call.method(), format!("{url}{}", call.path))
            .header(name, value);
        if !call.body.is_empty() {
            request = request
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(call.body.clone());
        }
        let answer = request
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|e| Failure::of("a presentation", e.without_url()))?;
        answer
            .bytes()
            .await
            .map_err(|e| Failure::of("reading an answer", e.without_url()))?;
    }
    Ok(())
}
