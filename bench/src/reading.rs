//! Reading a published release over HTTP on the loopback, one after another.

use server::error::Failure;

use crate::figure::Figure;
use crate::place::{Place, closing_quarter};
use crate::progress::Progress;
use crate::watch::{Watch, milliseconds, quantile};

/// Reads that count.
const READS: usize = 1_000;
/// Reads before, which warm the connection.
const WARM: usize = 50;

/// Measures the p95 and that every answer has the same size.
///
/// # Errors
/// [`Failure`] when a read is refused or sizes differ.
pub(crate) async fn measure(place: &Place, progress: &dyn Progress) -> Result<Figure, Failure> {
    let period = closing_quarter(place.analytics.today());
    let running = place.serve().await?;
    let read = read_many(&format!("{}/v1/releases/{period}", running.url()), progress).await;
    running.stop().await?;
    let (times, bytes) = read?;
    Ok(Figure::at_most(
        "reading a release over HTTP on the loopback, p95",
        quantile(times, 0.95),
        5.0,
        "ms",
        &format!(" ({bytes} bytes each)"),
    ))
}

async fn read_many(url: &str, progress: &dyn Progress) -> Result<(Vec<f64>, usize), Failure> {
    let failed = |e: reqwest::Error| Failure::of("reading a release", e.without_url());
    let client = reqwest::Client::builder()
        .no_proxy()
        .build()
        .map_err(failed)?;
    progress.begin("reading a release", (READS + WARM) as u64);
    let (mut times, mut size) = (Vec::new(), None);
    for number in 0..READS + WARM {
        let watch = Watch::start();
        let answer = client.get(url).send().await.map_err(failed)?;
        let body = answer.error_for_status().map_err(failed)?.bytes().await;
        let bytes = body.map_err(failed)?.len();
        if number >= WARM {
            times.push(milliseconds(watch.elapsed()));
        }
        if *size.get_or_insert(bytes) != bytes {
            return Err(Failure::new("two reads of one release differ in size"));
        }
        progress.step(1);
    }
    progress.end();
    Ok((times, size.unwrap_or(0)))
}
