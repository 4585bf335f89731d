//! What a terminal loads, in bytes, and how fast it judges a card without a network.
//!
//! Envelopes are synchronised beside presentations, not in them: what a put costs the terminals that fetch it is a line of
//! its own here.

use crypto::rng::Random;
use crypto::sign::StatusKey;
use crypto::status::{CheckedStatusList, StatusList};
use crypto::verdict::{self, Verdict};
use rand::seq::index;
use server::error::Failure;
use store::clock::Clock as _;
use wire::{MOST_ENTRIES, RosterPage};

use crate::figure::Figure;
use crate::place::{Clients, Place};
use crate::prepare::{self, Call};
use crate::served::send;
use crate::watch::{Watch, milliseconds, quantile};

/// Cards of the status list.
const CARDS: usize = 131_072;
/// Of which are revoked: one per cent.
const REVOKED: usize = CARDS / 100;
/// Days the list is good.
const TTL_DAYS: u32 = 7;
/// Verdicts.
const VERDICTS: usize = 2_000;

/// Syncs after a put that are timed, after one that warms caches.
const SYNCS: usize = 200;
/// Envelopes put before the sync whose size is told.
const FEW: usize = 10;

/// Everything a fresh terminal of the provider loads: wrap keys, log of keys, status list, every envelope, every page of the
/// roster.
///
/// # Errors
/// [`Failure`] when a request is refused.
pub(crate) async fn sync(place: &Place, clients: &Clients) -> Result<Figure, Failure> {
    let (router, session) = (place.router()?, clients.desk.session());
    let mut bytes = 0;
    for path in ["/v1/bundle", "/v1/trust/log", "/v1/status-list"] {
        bytes += send(&router, &Call::get(session, path.to_owned()))
            .await?
            .len();
    }
    for call in prepare::all_envelopes(session)? {
        bytes += send(&router, &call).await?.len();
    }
    let (mut after, mut entries) = (0, 0);
    loop {
        let path = format!("/v1/roster?after={after}&limit={MOST_ENTRIES}");
        let body = send(&router, &Call::get(session, path)).await?;
        let page: RosterPage =
            serde_json::from_slice(&body).map_err(|e| Failure::of("a roster page", e))?;
        bytes += body.len();
        entries += page.entries.len();
        after = page.next;
        if page.entries.len() < MOST_ENTRIES {
            break;
        }
    }
    Ok(Figure::at_most(
        &format!(
            "full sync of a provider with {} clients",
            clients.people.len()
        ),
        kilobytes(bytes),
        2_500.0,
        "kB",
        &format!(" ({entries} roster entries)"),
    ))
}

/// What a put causes at each terminal that knew everything before: the digests, and the one bucket that changed. The
/// service's time for both calls, and the bytes of a sync after [`FEW`] puts.
///
/// # Errors
/// [`Failure`] when a request is refused.
pub(crate) async fn envelopes(
    place: &Place,
    clients: &Clients,
    rng: &mut Random,
) -> Result<[Figure; 2], Failure> {
    let (router, session) = (place.router()?, clients.desk.session());
    let mut times = Vec::with_capacity(SYNCS);
    for number in 0..=SYNCS {
        let (put, bucket) = prepare::put_envelope(clients, rng)?;
        send(&router, &put).await?;
        let calls = [
            prepare::digests(session),
            prepare::buckets(session, &[bucket])?,
        ];
        let watch = Watch::start();
        for call in &calls {
            send(&router, call).await?;
        }
        if number > 0 {
            times.push(milliseconds(watch.elapsed()));
        }
    }
    let mut changed = Vec::with_capacity(FEW);
    for _ in 0..FEW {
        let (put, bucket) = prepare::put_envelope(clients, rng)?;
        send(&router, &put).await?;
        changed.push(bucket);
    }
    changed.sort_unstable();
    changed.dedup();
    let mut bytes = send(&router, &prepare::digests(session)).await?.len();
    bytes += send(&router, &prepare::buckets(session, &changed)?)
        .await?
        .len();
    let what = "a terminal's sync that one put causes, service side, p95";
    let size = format!("sync of envelopes after {FEW} were put");
    Ok([
        Figure::at_most(what, quantile(times, 0.95), 5.0, "ms", ""),
        Figure::at_most(&size, kilobytes(bytes), 50.0, "kB", ""),
    ])
}

#[allow(clippy::cast_precision_loss, reason = "a size of some megabytes")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000.0
}

/// The signed status list of 131,072 cards, 1 % revoked at random.
///
/// # Errors
/// [`Failure`] when it cannot be made.
pub(crate) fn status_list(rng: &mut Random) -> Result<Figure, Failure> {
    let failed = |e| Failure::of("the status list", e);
    let mut list = StatusList::new(u32::try_from(CARDS).unwrap_or(0)).map_err(failed)?;
    for card in index::sample(rng, CARDS, REVOKED) {
        list.set(u32::try_from(card).unwrap_or(0), true)
            .map_err(failed)?;
    }
    let key = StatusKey::generate(rng).map_err(|e| Failure::of("a key", e))?;
    let today = store::clock::SystemClock::default().today();
    let token = list
        .to_token(&key, "urn:payung:status:bench", today, TTL_DAYS)
        .map_err(failed)?;
    Ok(Figure::at_most(
        "status list of 131,072 cards, 1 % revoked",
        kilobytes(token.len()),
        2.5,
        "kB",
        "",
    ))
}

/// Offline verdicts of the clients' cards, from the scanned text on.
///
/// # Errors
/// [`Failure`] when a good card is not judged good.
pub(crate) fn verdict_of(place: &Place, clients: &Clients) -> Result<Vec<f64>, Failure> {
    let session = clients.desk.session();
    let key = &place.identity.keys.status;
    let list = StatusList::new(u32::try_from(CARDS).unwrap_or(0))
        .and_then(|list| list.to_token(key, "urn:payung:status:bench", clients.today, TTL_DAYS))
        .and_then(|token| CheckedStatusList::from_token(&token, &key.public()))
        .map_err(|e| Failure::of("the status list", e))?;
    let mut times = Vec::with_capacity(VERDICTS);
    for card in clients.cards.iter().cycle().take(VERDICTS) {
        let watch = Watch::start();
        let (judged, _) = verdict::verdict(card, session.card_keys(), Some(&list), clients.today);
        times.push(milliseconds(watch.elapsed()));
        if !matches!(judged, Verdict::Valid { .. }) {
            return Err(Failure::new("a good card was not judged good"));
        }
    }
    Ok(times)
}

/// The p95 of offline verdicts. The target is a quarter of the 300 ms that a slow telephone may take.
///
/// # Errors
/// As [`verdict_of`].
pub(crate) fn verdict(place: &Place, clients: &Clients) -> Result<Figure, Failure> {
    Ok(Figure::at_most(
        "offline verdict of a scanned card (no camera), p95",
        quantile(verdict_of(place, clients)?, 0.95),
        75.0,
        "ms",
        "",
    ))
}
