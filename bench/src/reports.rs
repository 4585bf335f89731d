//! Reports accepted by the statistics store, through its router, beside bare decryption and insertion of the same reports:
//! of people who are new to it, and of people with a history.
//!
//! Two deliveries are under way at once, as the forwarder sends them. What the store adds to the bare side is that every
//! report is counted once and within its person's caps; for that it looks at the person's history, so a slope over the
//! length of the history is a figure of its own.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::http::HeaderValue;
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::envelope::IdentitySecret;
use crypto::hpke::HpkePublic;
use crypto::id::{ProviderId, ReportId};
use crypto::provider::DataKey;
use crypto::report::{Kind, Report};
use crypto::rng::Random;
use crypto::sign::ReportKey;
use crypto::statistics;
use identity::records::outbox;
use rand::Rng as _;
use serde::Serialize;
use server::error::Failure;
use tokio::task::JoinSet;
use wire::{Deliver, DeliverItem, Method, RegistryProvider, RegistrySite, TellRegistry};

use crate::bare_reports::Bare;
use crate::figure::{Figure, Side};
use crate::place::Place;
use crate::prepare::{Call, Caller};
use crate::progress::Progress;
use crate::served::send;
use crate::watch::{Spent, Watch, cores};

/// Reports in a delivery, as the forwarder sends them.
const BATCH: usize = 256;
/// Deliveries under way at once.
const IN_FLIGHT: usize = 3;
/// Deliveries in a round.
const DELIVERIES: usize = 16;
/// Rounds that count, after one that warms.
const ROUNDS: usize = 5;
/// People who are new, and people with a history.
const NEW: usize = 3_000;
const OLD: usize = 1_500;
/// Events of everybody with a history, before anything is measured.
const HISTORY: usize = 30;
/// Days back from today in which the events lie.
const DAYS: i32 = 60;
/// Share of the bare rate to be reached.
const LEAST: f64 = 0.8;
/// How much more a report may take after a history.
const SLOPE: f64 = 1.1;

/// Reports of one delivery.
type Items = Vec<DeliverItem>;

/// Measures the rates and the slope; `where_to` is added to the names of the figures.
///
/// # Errors
/// [`Failure`] when a delivery is refused.
pub(crate) async fn measure(
    place: &Place,
    bare: &Bare,
    where_to: &str,
    progress: &dyn Progress,
) -> Result<Vec<Figure>, Failure> {
    let maker = Maker::new(place)?;
    maker.tell().await?;
    let (new, old) = (maker.people(NEW), maker.people(OLD));
    grow(&maker, &old, progress).await?;
    let per_round = BATCH * DELIVERIES;
    let (mut young, mut long, mut floor) = (
        Side::of(per_round),
        Side::of(per_round),
        Side::of(per_round),
    );
    progress.begin("reports", ROUNDS as u64 + 1);
    for round in 0..=ROUNDS {
        let of_new = maker.round(&new)?;
        let of_old = maker.round(&old)?;
        let least = insert(bare, of_new.clone(), maker.key.public()).await?;
        let few = deliver(&maker, &of_new).await?;
        let many = deliver(&maker, &of_old).await?;
        if round > 0 {
            floor.add(least);
            young.add(few);
            long.add(many);
        }
        progress.step(1);
    }
    progress.end();
    Ok(figures(where_to, [&young, &long, &floor]))
}

fn figures(where_to: &str, [young, long, bare]: [&Side; 3]) -> Vec<Figure> {
    let name = |what: &str| format!("{what}{where_to}");
    let (short, tall) = (young.microseconds(), long.microseconds());
    vec![
        Figure::ratio(
            &name("reports accepted by the statistics store"),
            young,
            bare,
            LEAST,
        ),
        Figure::ratio(
            &name(&format!(
                "the same, of people with {HISTORY} events and more"
            )),
            long,
            bare,
            LEAST,
        ),
        Figure::at_most(
            &name("a report after that history against one without"),
            tall / short.max(f64::MIN_POSITIVE),
            SLOPE,
            "x",
            &format!(" ({short:.0} -> {tall:.0} us)"),
        ),
    ]
}

/// Gives everybody a history, one event after another.
async fn grow(maker: &Maker, people: &[[u8; 64]], progress: &dyn Progress) -> Result<(), Failure> {
    progress.begin("events before", (HISTORY * people.len()) as u64);
    for _ in 0..HISTORY {
        let batches = maker.batches(people)?;
        deliver(maker, &batches).await?;
        progress.step(people.len() as u64);
    }
    progress.end();
    Ok(())
}

/// Makes sealed reports and delivers them.
struct Maker {
    router: Router,
    public: statistics::StatisticsPublic,
    hpke: HpkePublic,
    today: Day,
    bearer: HeaderValue,
    epoch: u32,
    provider: ProviderId,
    key: ReportKey,
}

impl Maker {
    fn new(place: &Place) -> Result<Self, Failure> {
        let keys = &place.identity.keys;
        let mut bearer = b"Bearer ".to_vec();
        bearer.extend_from_slice(keys.role_token.expose());
        let bearer = HeaderValue::from_bytes(&bearer)
            .map_err(|_| Failure::new("the role token is damaged: restore the key file"))?;
        let mut rng = Random::os();
        let key = DataKey::random(&mut rng).report_key();
        Ok(Self {
            epoch: outbox::epoch(&place.identity),
            provider: ProviderId::random(&mut rng),
            key: key.map_err(|e| Failure::of("a report key", e))?,
            router: place.router()?,
            public: keys.statistics.elgamal,
            hpke: keys.statistics.hpke,
            today: place.analytics.today(),
            bearer,
        })
    }

    /// A site of the provider's own: nobody else's may be reported.
    fn site(&self) -> String {
        format!("medan/bench-{}", &self.provider.to_string()[..8])
    }

    /// Pseudonyms, as reports carry them.
    fn people(&self, count: usize) -> Vec<[u8; 64]> {
        let mut rng = Random::os();
        let person = |_| {
            let secret = IdentitySecret::random(&mut rng);
            *statistics::encrypt(&secret, &self.public, &mut rng).as_bytes()
        };
        (0..count).map(person).collect()
    }

    /// A round of deliveries about people drawn at random.
    fn round(&self, people: &[[u8; 64]]) -> Result<Vec<Items>, Failure> {
        let mut rng = Random::os();
        let drawn: Vec<[u8; 64]> = (0..BATCH * DELIVERIES)
            .map(|_| people[rng.gen_range(0..people.len())])
            .collect();
        self.batches(&drawn)
    }

    /// One report about each, in deliveries; made on all cores.
    fn batches(&self, people: &[[u8; 64]]) -> Result<Vec<Items>, Failure> {
        let share = people.len().div_ceil(cores()).max(1);
        let items = std::thread::scope(|scope| {
            let parts: Vec<_> = people
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || {
                        let mut rng = Random::os();
                        let items = part.iter().map(|person| self.item(person, &mut rng));
                        items.collect::<Result<Items, Failure>>()
                    })
                })
                .collect();
            let mut all = Vec::with_capacity(people.len());
            for part in parts {
                let part = part.join();
                all.extend(part.map_err(|_| Failure::new("a thread ended early"))??);
            }
            Ok::<_, Failure>(all)
        })?;
        Ok(items.chunks(BATCH).map(<[DeliverItem]>::to_vec).collect())
    }

    fn item(&self, person: &[u8; 64], rng: &mut Random) -> Result<DeliverItem, Failure> {
        let part = |e: &dyn std::fmt::Display| Failure::of("making a report", e);
        let services = ["nsp", "art", "oat-methadone"];
        let report = Report {
            id: ReportId::random(rng),
            provider: self.provider,
            site: self.site().parse().map_err(|e| part(&e))?,
            service: services[rng.gen_range(0..3)]
                .parse()
                .map_err(|e| part(&e))?,
            kind: Kind::Contact.into(),
            day: self.today.plus(-rng.gen_range(0..DAYS)),
            covered_until: None,
            group: None,
        };
        let body = report.seal(&self.key, &self.hpke, rng);
        Ok(DeliverItem {
            provider: self.provider,
            elgamal: Fixed(*person),
            body: B64(body.map_err(|e| part(&e))?),
            received: self.today,
        })
    }

    fn call(&self, items: &[DeliverItem]) -> Result<Call, Failure> {
        let body = Deliver {
            epoch: self.epoch,
            complete: None,
            items: items.to_vec(),
        };
        self.post("/v1/statistics/deliver", &body)
    }

    /// Tells of the provider and its site, without which no report counts.
    async fn tell(&self) -> Result<(), Failure> {
        let told = TellRegistry {
            providers: vec![RegistryProvider {
                provider: self.provider,
                report_key: Fixed(self.key.public()),
            }],
            sites: vec![RegistrySite {
                provider: self.provider,
                city: "medan".to_owned(),
                site: self.site(),
                entered: self.today,
            }],
        };
        let call = self.post("/v1/statistics/registry", &told)?;
        send(&self.router, &call).await.map(drop)
    }

    fn post(&self, path: &str, body: &impl Serialize) -> Result<Call, Failure> {
        Ok(Call {
            method: Method::Post,
            path: path.to_owned(),
            caller: Caller::Role(self.bearer.clone()),
            body: serde_json::to_vec(body).map_err(|e| Failure::of("a delivery", e))?,
        })
    }
}

/// What all deliveries take, two at once.
async fn deliver(maker: &Maker, batches: &[Items]) -> Result<Spent, Failure> {
    let calls = batches.iter().map(|items| maker.call(items));
    let calls = calls.collect::<Result<Vec<Call>, Failure>>()?;
    let calls = Arc::new(Mutex::new(calls.into_iter()));
    let watch = Watch::start();
    let mut tasks = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        tasks.spawn(courier(maker.router.clone(), Arc::clone(&calls)));
    }
    while let Some(done) = tasks.join_next().await {
        done.map_err(|_| Failure::new("a task ended early"))??;
    }
    Ok(watch.spent())
}

async fn courier(
    router: Router,
    calls: Arc<Mutex<std::vec::IntoIter<Call>>>,
) -> Result<(), Failure> {
    let next = || calls.lock().unwrap_or_else(PoisonError::into_inner).next();
    while let Some(call) = next() {
        send(&router, &call).await?;
    }
    Ok(())
}

async fn insert(bare: &Bare, batches: Vec<Items>, public: [u8; 32]) -> Result<Spent, Failure> {
    let watch = Watch::start();
    for items in batches {
        bare.take(items, public).await?;
    }
    Ok(watch.spent())
}
