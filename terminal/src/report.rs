//! A report to the statistics store, or its withdrawal, made where the client is.
//!
//! Two ciphertexts that only the store can read: the person as `M = H(s)`
//! under its ElGamal key, the body under its HPKE key, one fixed length for
//! all. The body names the provider and is signed with its report key. Each report is encrypted afresh, so that two of the same person look
//! unrelated on their way. The report's id is inside: it follows from that
//! of the roster entry and the provider's data key, so that every terminal of the
//! provider can withdraw the report. The submission's id, by which the queue and
//! the service know it, is a random one.

use crate::error::Error;
use crate::present::Person;
use crate::queue::QueuedReport;
use crate::roster::placed;
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::id::{EntryId, ProviderId, SubmissionId};
use crypto::provider::DataKey;
use crypto::report::{Group, Kind, MAX_COVER_DAYS, Report, ServiceCode, Site, Statement};
use crypto::rng::Rng;
use crypto::roster::{EntryKind, RosterEntry};
use crypto::statistics;
use crypto::trust::TrustBundle;
use serde::{Deserialize, Serialize};
use std::num::NonZeroU16;

/// What happened, as staff enter it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Where.
    pub site: Site,
    /// Which service.
    pub service: ServiceCode,
    /// Enrolled, contact, exited with a reason, or a result.
    pub kind: Kind,
    /// On which programme day.
    pub day: Day,
    /// Last day of cover or the next appointment.
    pub covered_until: Option<Day>,
    /// The coarse group, at enrolment only and only if the client agrees.
    pub group: Option<Group>,
    /// At a contact: how many pieces were given, where they are counted. It stays in
    /// the provider's roster.
    pub quantity: Option<NonZeroU16>,
    /// At enrolment: whether the client agrees to be followed up. It stays in
    /// the provider's roster.
    pub consent: bool,
}

impl Event {
    /// The roster entry of this event.
    pub(crate) fn entry(&self, person: &Person) -> RosterEntry {
        let (service, site) = (self.service.clone(), self.site.clone());
        let covered_until = self.covered_until;
        let kind = match &self.kind {
            Kind::Enrolled => EntryKind::Enrolled {
                service,
                site,
                consent: self.consent,
                group: self.group,
                covered_until,
            },
            Kind::Contact => EntryKind::Visit {
                service,
                site,
                quantity: self.quantity,
                covered_until,
            },
            Kind::Result(code) => EntryKind::Result {
                service,
                site,
                code: code.clone(),
            },
            Kind::Exited(reason) => EntryKind::Exited {
                service,
                site,
                reason: *reason,
            },
        };
        RosterEntry {
            pseudonym: *person.pseudonym(),
            day: self.day,
            kind,
        }
    }
}

/// Makes the two ciphertexts of an event, whose roster entry has that id.
///
/// # Errors
/// `Value` when a field does not fit the fixed length, or the cover ends before the event or more than
/// [`MAX_COVER_DAYS`] after it.
pub fn make(
    (provider, data_key): (ProviderId, &DataKey),
    person: &Person,
    (entry, event): (&EntryId, &Event),
    bundle: &TrustBundle,
    rng: &mut impl Rng,
) -> Result<QueuedReport, Error> {
    // The store would refuse it, and nobody would hear of that.
    let covered = event.covered_until.map(|until| until.since(event.day));
    if covered.is_some_and(|days| !(0..=MAX_COVER_DAYS).contains(&days)) {
        return Err(Error::Value);
    }
    let report = Report {
        id: data_key.report_id(entry),
        provider,
        site: event.site.clone(),
        service: event.service.clone(),
        kind: event.kind.clone().into(),
        day: event.day,
        covered_until: event.covered_until,
        group: event.group,
    };
    seal(&report, data_key, person, bundle, rng)
}

/// Makes the two ciphertexts that withdraw the report made with the roster entry `target`; `entry` is the one that says so.
///
/// # Errors
/// `NoEvent` when `target` is not about an event.
pub(crate) fn withdraw(
    (provider, data_key): (ProviderId, &DataKey),
    person: &Person,
    entry: &EntryId,
    (target, event): (&EntryId, &RosterEntry),
    bundle: &TrustBundle,
    rng: &mut impl Rng,
) -> Result<QueuedReport, Error> {
    let (service, site) = placed(&event.kind).ok_or(Error::NoEvent)?;
    let report = Report {
        id: data_key.report_id(entry),
        provider,
        site: site.clone(),
        service: service.clone(),
        kind: Statement::Withdrawn(data_key.report_id(target)),
        day: event.day,
        covered_until: None,
        group: None,
    };
    seal(&report, data_key, person, bundle, rng)
}

fn seal(
    report: &Report,
    data_key: &DataKey,
    person: &Person,
    bundle: &TrustBundle,
    rng: &mut impl Rng,
) -> Result<QueuedReport, Error> {
    let keys = &bundle.core.statistics;
    let key = data_key.report_key().map_err(|_| Error::Value)?;
    let body = report.seal(&key, &keys.hpke, rng);
    let body = body.map_err(|_| Error::Value)?;
    let element = statistics::encrypt(person.secret(), &keys.elgamal, rng);
    Ok(QueuedReport {
        id: SubmissionId::random(rng),
        elgamal: Fixed(*element.as_bytes()),
        body: B64(body),
    })
}
