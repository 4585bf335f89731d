//! Reports accepted by the statistics store, through its router, beside bare decryption and insertion of the same reports
//! into a database of the same kind.
//!
//! Both sides decrypt on all cores and commit a batch at a time, durably. The bare side keeps no person, no history and no
//! contribution; what the store adds is that every report is counted once and within its person's caps.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use analytics::intake;
use analytics::query::{self, EventRow};
use axum::Router;
use axum::http::{HeaderValue, Method, header};
use crypto::b64::{B64, Fixed};
use crypto::envelope::IdentitySecret;
use crypto::id::ReportId;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use crypto::statistics;
use indicators::Indicators;
use indicators::history::{Event, EventKind};
use privacy::cell::CityCode;
use rand::Rng as _;
use store::{Location, Room, Store};
use wire::{Deliver, DeliverItem};

use super::figure::{Figure, Side};
use super::place::Place;
use super::prepare::Call;
use super::served::send;
use super::watch::{Watch, rate};
use crate::error::Failure;
use crate::progress;

/// Reports in a delivery, as the forwarder sends them.
const BATCH: usize = 256;
/// Deliveries in a round.
const DELIVERIES: usize = 8;
/// Rounds that count, after one that warms.
const ROUNDS: usize = 5;
/// People whom the reports are about.
const PEOPLE: usize = 3_000;
/// Days back from today in which the events lie.
const DAYS: i32 = 60;

/// Measures both rates.
///
/// # Errors
/// [`Failure`] when a delivery is refused.
pub async fn measure(place: &Place, folder: &Path) -> Result<Figure, Failure> {
    let location = Location::SqliteFile(folder.join("bare.db"));
    let store = Store::open(&location, Room::Analytics)
        .await
        .map_err(|e| Failure::of("a second database", e))?;
    let router = place.router()?;
    let maker = Maker::new(place)?;
    let (mut here, mut bare) = (Vec::new(), Vec::new());
    let bar = progress::bar("reports", ROUNDS as u64 + 1);
    for round in 0..=ROUNDS {
        let (mut slow, mut fast) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..DELIVERIES {
            let items = maker.items()?;
            let call = maker.call(&items)?;
            fast += insert(place, &store, items).await?;
            slow += deliver(&router, &call).await?;
        }
        if round > 0 {
            here.push(rate(BATCH * DELIVERIES, slow));
            bare.push(rate(BATCH * DELIVERIES, fast));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    store.close().await;
    Ok(Figure::ratio(
        "reports accepted by the statistics store",
        &Side::new(here, "a second"),
        &Side::new(bare, "a second"),
        0.7,
    ))
}

/// Makes sealed reports.
struct Maker<'a> {
    place: &'a Place,
    people: Vec<[u8; 64]>,
    bearer: HeaderValue,
}

impl<'a> Maker<'a> {
    fn new(place: &'a Place) -> Result<Self, Failure> {
        let keys = &place.identity.keys;
        let mut rng = Random::os();
        let person = |_| {
            let secret = IdentitySecret::random(&mut rng);
            *statistics::encrypt(&secret, &keys.statistics.elgamal, &mut rng).as_bytes()
        };
        let people = (0..PEOPLE).map(person).collect();
        let mut bearer = b"Bearer ".to_vec();
        bearer.extend_from_slice(keys.role_token.expose());
        let bearer = HeaderValue::from_bytes(&bearer)
            .map_err(|_| Failure::new("the role token is damaged: restore the key file"))?;
        Ok(Self {
            place,
            people,
            bearer,
        })
    }

    fn items(&self) -> Result<Vec<DeliverItem>, Failure> {
        let mut rng = Random::os();
        let today = self.place.analytics.today();
        let services = ["nsp", "art", "oat-methadone"];
        let item = |_| {
            let part = |e: &dyn std::fmt::Display| Failure::of("making a report", e);
            let report = Report {
                id: ReportId::random(&mut rng),
                site: "medan/counter".parse().map_err(|e| part(&e))?,
                service: services[rng.gen_range(0..3)]
                    .parse()
                    .map_err(|e| part(&e))?,
                kind: Kind::Contact,
                day: today.plus(-rng.gen_range(0..DAYS)),
                covered_until: None,
                group: None,
            };
            let hpke = &self.place.identity.keys.statistics.hpke;
            Ok(DeliverItem {
                elgamal: Fixed(self.people[rng.gen_range(0..PEOPLE)]),
                body: B64(report.seal(hpke, &mut rng).map_err(|e| part(&e))?),
            })
        };
        (0..BATCH).map(item).collect()
    }

    fn call(&self, items: &[DeliverItem]) -> Result<Call, Failure> {
        let body = Deliver {
            registry: Vec::new(),
            items: items.to_vec(),
        };
        Ok(Call {
            method: Method::POST,
            path: "/v1/statistics/deliver".to_owned(),
            headers: [
                (header::AUTHORIZATION, self.bearer.clone()),
                (header::ACCEPT, HeaderValue::from_static("application/json")),
            ],
            body: serde_json::to_vec(&body).map_err(|e| Failure::of("a delivery", e))?,
        })
    }
}

async fn deliver(router: &Router, call: &Call) -> Result<Duration, Failure> {
    let watch = Watch::start();
    send(router, call).await?;
    Ok(watch.elapsed())
}

/// Everything that cannot be left out: decrypt, open, one row each, one durable transaction.
async fn insert(
    place: &Place,
    store: &Store,
    items: Vec<DeliverItem>,
) -> Result<Duration, Failure> {
    let failed = |e: &dyn std::fmt::Display| Failure::of("the bare insertion", e);
    let indicators = Indicators::shipped().map_err(|e| failed(&e))?;
    let watch = Watch::start();
    let opened = intake::open_all(&Arc::clone(&place.analytics.keys), items)
        .await
        .map_err(|e| failed(&e))?;
    let rows: Option<Vec<EventRow>> = opened
        .into_iter()
        .map(|one| one.ok().and_then(|one| row(&indicators, &one)))
        .collect();
    let rows = rows.ok_or_else(|| Failure::new("a report does not open"))?;
    let mut tx = store.write().await.map_err(|e| failed(&e))?;
    query::insert_events(&mut tx, &rows)
        .await
        .map_err(|e| failed(&e))?;
    tx.commit().await.map_err(|e| failed(&e))?;
    Ok(watch.elapsed())
}

fn row(indicators: &Indicators, opened: &intake::Opened) -> Option<EventRow> {
    let head: [u8; 8] = opened.element[..8].try_into().ok()?;
    let event = Event {
        report: *opened.report.id.as_bytes(),
        day: opened.report.day,
        effective: opened.report.day,
        service: indicators.find(&opened.report.service)?.number,
        kind: EventKind::Contact,
        covered_until: None,
        site: 1,
        city: CityCode::OTHER,
        group: None,
        finding: None,
    };
    Some(EventRow {
        person: i64::from_le_bytes(head),
        event,
        detail: None,
    })
}
