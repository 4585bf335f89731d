//! Test support: reports, and reports as they are delivered.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::day::Day;
use crypto::id::ReportId;
use crypto::report::Report;
use crypto::rng::Random;
use wire::DeliverItem;

use crate::keys::AnalyticsKeys;

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
    DeliverItem {
        elgamal: crypto::b64::Fixed(*ciphertext.as_bytes()),
        body: crypto::b64::B64(report.seal(&hpke, rng).unwrap()),
    }
}
