//! Test support: reports, and reports as they are delivered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::day::Day;
use crypto::id::{ProviderId, ReportId};
use crypto::provider::DataKey;
use crypto::report::Report;
use crypto::rng::Random;
use crypto::sign::ReportKey;
use wire::{DeliverItem, RegistryProvider, RegistrySite};

use crate::intake::Header;
use crate::keys::AnalyticsKeys;

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

/// A site as a delivery tells of it.
pub(crate) fn site_of(provider: ProviderId, site: &str) -> RegistrySite {
    RegistrySite {
        provider,
        city: site.split('/').next().unwrap().to_owned(),
        site: site.to_owned(),
    }
}

/// A delivery that tells of the one provider and of these sites.
pub(crate) fn header(sites: &[&str]) -> Header {
    Header {
        epoch: 1,
        providers: vec![told(PROVIDER)],
        sites: sites.iter().map(|site| site_of(PROVIDER, site)).collect(),
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
    }
}
