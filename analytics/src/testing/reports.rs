//! Test support: reports, and reports as they are delivered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::day::Day;
use crypto::id::{ProviderId, ReportId};
use crypto::provider::DataKey;
use crypto::report::Report;
use crypto::rng::Random;
use crypto::sign::ReportKey;
use store::Tx;
use wire::{Deliver, DeliverItem, RegistryProvider, RegistrySite, TellRegistry};

use crate::App;
use crate::error::{Error, Refusal};
use crate::intake::{self, Header, Opened};
use crate::keys::AnalyticsKeys;
use crate::{registry, setup};

/// The provider of every site and report, unless a test says otherwise.
pub(crate) const PROVIDER: ProviderId = ProviderId::from_bytes([0xaa; 16]);

/// The report key of a provider.
pub(crate) fn report_key(provider: ProviderId) -> ReportKey {
    let mut data_key = [0x11; 32];
    data_key[..16].copy_from_slice(provider.as_bytes());
    DataKey::from_bytes(data_key).report_key().unwrap()
}

/// A provider as a delivery tells of it.
pub(crate) fn told(provider: ProviderId) -> RegistryProvider {
    RegistryProvider {
        provider,
        report_key: crypto::b64::Fixed(report_key(provider).public()),
    }
}

/// A site as it is told of, entered on the very day.
pub(crate) fn site_of(provider: ProviderId, site: &str) -> RegistrySite {
    RegistrySite {
        provider,
        city: site.split('/').next().unwrap().to_owned(),
        site: site.to_owned(),
        entered: Day::from_unix(0).plus(100_000),
    }
}

/// The registry and a delivery after it, as they come: the one provider and these sites.
#[derive(Clone)]
pub(crate) struct Whole {
    pub(crate) epoch: u32,
    pub(crate) providers: Vec<RegistryProvider>,
    pub(crate) registry: Vec<RegistrySite>,
    pub(crate) items: Vec<DeliverItem>,
}

impl Whole {
    /// What is told of the registry.
    pub(crate) fn told(&self) -> TellRegistry {
        TellRegistry {
            providers: self.providers.clone(),
            sites: self.registry.clone(),
        }
    }
}

/// Tells of the registry and delivers.
pub(crate) async fn accept(app: &App, whole: Whole) -> Result<Vec<bool>, Error> {
    registry::tell(app, &whole.told()).await?;
    let delivery = Deliver {
        epoch: whole.epoch,
        complete: None,
        items: whole.items,
    };
    intake::accept(app, delivery).await
}

/// The same in one transaction, without its commit; the delivery was opened before.
pub(crate) async fn take(
    tx: &mut Tx,
    app: &App,
    whole: &Whole,
    opened: &[Result<Opened, Refusal>],
) -> Result<Vec<bool>, Error> {
    registry::told::take(tx, app, &whole.told()).await?;
    let header = Header {
        epoch: whole.epoch,
        complete: None,
    };
    intake::take(tx, app, header, opened).await
}

/// Notes that everything was delivered that was ever received, as if no report were on its way.
pub(crate) async fn all_delivered(app: &App) {
    let mut tx = app.store.write().await.unwrap();
    let far = Day::from_unix(0).plus(100_000);
    setup::note_delivered(&mut tx, far).await.unwrap();
    tx.commit().await.unwrap();
}

/// A day that lies before every cut-off that a test is about.
pub(crate) fn in_time() -> Day {
    indicators::testing::day("2026-01-01")
}

/// What tells of the one provider and of these sites.
pub(crate) fn header(sites: &[&str]) -> Whole {
    Whole {
        epoch: 1,
        providers: vec![told(PROVIDER)],
        registry: sites.iter().map(|site| site_of(PROVIDER, site)).collect(),
        items: Vec::new(),
    }
}

/// A report as a terminal would make it.
pub(crate) fn report(
    id: u8,
    site: &str,
    service: &str,
    kind: &str,
    on: Day,
    until: Option<Day>,
) -> Report {
    Report {
        id: ReportId::from_bytes([id; 16]),
        provider: PROVIDER,
        site: site.parse().unwrap(),
        service: service.parse().unwrap(),
        kind: kind.parse().unwrap(),
        day: on,
        covered_until: until,
        group: None,
    }
}

/// The report of the person number `person`, encrypted and sealed to the store.
pub(crate) fn item(
    keys: &AnalyticsKeys,
    person: u8,
    report: &Report,
    rng: &mut Random,
) -> DeliverItem {
    let secret = crypto::envelope::IdentitySecret::from_bytes([person; 32]);
    let (elgamal, hpke) = keys.public();
    let ciphertext = crypto::statistics::encrypt(&secret, &elgamal, rng);
    let body = report.seal(&report_key(report.provider), &hpke, rng);
    DeliverItem {
        provider: report.provider,
        elgamal: crypto::b64::Fixed(*ciphertext.as_bytes()),
        body: crypto::b64::B64(body.unwrap()),
        received: in_time(),
    }
}
