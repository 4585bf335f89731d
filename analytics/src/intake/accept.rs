//! Intake: a delivered batch of sealed reports, each counted exactly once.
//!
//! Decrypt, open and check signatures outside the transaction, on the blocking pool; validate, book and count refusals in one
//! transaction of about a dozen statements, whatever the batch's size. A batch that was delivered before changes nothing and
//! gets the same answers; a crash leaves either all of a batch or nothing. What is refused is counted by reason and day and
//! not kept.
//!
//! A report's id counts once in the whole store, whoever's person it is delivered with: it is remembered by a tag (`tags.rs`).
//! What is known is answered like what is taken: else whoever delivers one body with two pairs would learn from the answers
//! whether both are of one person.
//!
//! A delivery under another epoch of the pseudonyms' key is refused as a whole: its people would be others.
//!
//! In which quarter a report can count at the earliest follows the day on which the identity role received it (`calendar.rs`), never
//! the moment of its delivery or what came with it.
//!
//! A withdrawal is taken like a report and counts from the quarter in which its report would count if it came now, also where the report that it names comes
//! later or was never taken. It finds reports of its own provider and person alone.
//!
//! A report never fails for naming what only the operators can enter: of an unknown city it counts under the city "other",
//! of an unknown service under the service `other`, and stays there when the name is entered later. An event after a
//! recorded death is kept, answered like any other and counted by day under [`AFTER_DEATH`], for operators alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::day::{Day, Quarter};
use crypto::report::{Kind, MAX_COVER_DAYS, Report, ReportError, Statement};
use crypto::statistics::{self, StatisticsError};
use indicators::history::{Event, Withdrawal};
use indicators::kind::EventKind;
use privacy::cell::{CityCode, GroupCode};
use store::{Tx, retrying};
use wire::{Deliver, DeliverItem};

use crate::App;
use crate::blocking::blocking;
use crate::days;
use crate::error::{AFTER_DEATH, Error, Refusal};
use crate::ground::Ground;
use crate::intake::book::{self, Incoming};
use crate::intake::tags;
use crate::keys::AnalyticsKeys;
use crate::packed::{Said, Told};
use crate::query;
use crate::registry::{self, ReportKeys};
use crate::setup;

/// Reports opened by one task.
const SLICE: usize = 64;

/// The element of nobody: the identity. A pair of it is the difference of two pairs of one person, so whoever delivers it is
/// answered as for anybody, and nothing is booked.
const NOBODY: [u8; 32] = [0; 32];

/// A report that opened and is its provider's, not yet validated.
#[derive(Debug, Clone)]
pub struct Opened {
    /// `N_a`, 32 bytes.
    pub element: [u8; 32],
    /// The report.
    pub report: Report,
    /// The day on which the identity role received it.
    pub received: Day,
}

/// What a delivery says besides its items.
#[derive(Debug, Clone, Copy, Default)]
pub struct Header {
    /// Epoch of the pseudonyms' key.
    pub epoch: u32,
    /// Everything received before this day was delivered.
    pub complete: Option<Day>,
}

/// Takes a delivery. The answers are in the order of the items: true = taken or known, false = refused for ever.
///
/// # Errors
/// [`Error::Epoch`] when the delivery does not fit what this store holds, [`Error::Stopping`] while the service shuts down,
/// [`Error::Database`] and the other states of the database; then nothing was taken and the same delivery may come again.
pub async fn accept(app: &App, deliver: Deliver) -> Result<Vec<bool>, Error> {
    let header = Header {
        epoch: deliver.epoch,
        complete: deliver.complete,
    };
    let keys = report_keys(app, header.epoch).await?;
    let opened = open_all(&app.keys, keys, deliver.items).await?;
    let mut rng = app.rng.clone();
    retrying!(app.store, "take reports", &mut rng, |tx| {
        let answers = take(tx, app, header, &opened).await?;
        Ok(answers)
    })
}

/// Every report key that is kept. A kept key never changes, so what is checked under it outside the transaction holds inside.
///
/// # Errors
/// [`Error::Epoch`], so that a delivery which cannot be taken is not opened either; [`Error::Database`].
pub async fn report_keys(app: &App, epoch: u32) -> Result<Arc<ReportKeys>, Error> {
    let mut tx = app.store.read().await?;
    if setup::epoch(&mut tx).await? != epoch {
        return Err(Error::Epoch);
    }
    Ok(Arc::new(registry::report_keys(&mut tx).await?))
}

/// Decrypts, opens and checks every item on the blocking pool, in order.
///
/// # Errors
/// [`Error::Stopping`] when the pool no longer runs tasks.
pub async fn open_all(
    keys: &Arc<AnalyticsKeys>,
    providers: Arc<ReportKeys>,
    items: Vec<DeliverItem>,
) -> Result<Vec<Result<Opened, Refusal>>, Error> {
    let items = Arc::new(items);
    let tasks: Vec<_> = (0..items.len().div_ceil(SLICE))
        .map(|slice| {
            let (keys, items) = (Arc::clone(keys), Arc::clone(&items));
            let providers = Arc::clone(&providers);
            blocking(move || {
                let end = items.len().min((slice + 1) * SLICE);
                items[slice * SLICE..end]
                    .iter()
                    .map(|item| open(&keys, &providers, item))
                    .collect::<Vec<_>>()
            })
        })
        .collect();
    let mut opened = Vec::with_capacity(items.len());
    for task in tasks {
        opened.extend(task.await?);
    }
    Ok(opened)
}

fn open(
    keys: &AnalyticsKeys,
    providers: &ReportKeys,
    item: &DeliverItem,
) -> Result<Opened, Refusal> {
    let public = providers.get(&item.provider).ok_or(Refusal::Provider)?;
    let pair = statistics::ElGamal::from_bytes(item.elgamal.0);
    let element = match statistics::decrypt(&keys.elgamal, &pair) {
        Ok(person) => *person.as_bytes(),
        Err(StatisticsError::Nobody) => NOBODY,
        Err(StatisticsError::Element) => return Err(Refusal::Element),
    };
    let report = Report::open(&keys.hpke, &item.provider, public, &item.body.0);
    let report = report.map_err(|error| match error {
        ReportError::Provider => Refusal::Provider,
        _ => Refusal::Body,
    })?;
    Ok(Opened {
        element,
        report,
        received: item.received,
    })
}

/// The transaction's work, without its commit.
///
/// # Errors
/// As [`accept`].
pub async fn take(
    tx: &mut Tx,
    app: &App,
    header: Header,
    opened: &[Result<Opened, Refusal>],
) -> Result<Vec<bool>, Error> {
    let today = app.today();
    let ground = Ground::hold(tx).await?;
    if ground.epoch != header.epoch {
        return Err(Error::Epoch);
    }
    days::believed(tx, today).await?;
    if let Some(before) = header.complete {
        setup::note_delivered(tx, before.min(today)).await?;
    }
    let mut answers = Vec::with_capacity(opened.len());
    let mut incoming = Vec::with_capacity(opened.len());
    let mut refused: BTreeMap<Refusal, i64> = BTreeMap::new();
    let key = app.keys.reports.expose();
    for one in opened {
        let valid = one
            .as_ref()
            .map_err(|reason| *reason)
            .and_then(|one| validate(&ground, app, one));
        answers.push(valid.is_ok());
        match valid {
            Ok(valid) => incoming.extend(Some(valid).filter(|one| one.element != NOBODY)),
            Err(reason) => *refused.entry(reason).or_default() += 1,
        }
    }
    tags::keep_unknown(tx, key, &mut incoming).await?;
    let mut rng = app.rng.clone();
    let booked = book::book(
        tx,
        &ground,
        app.keys.bounding.expose(),
        &mut || person_number(&mut rng),
        &incoming,
    )
    .await?;
    count(tx, today, refused, booked.after_death).await?;
    Ok(answers)
}

/// Counts what was refused, and what is to be looked at.
async fn count(
    tx: &mut Tx,
    today: Day,
    refused: BTreeMap<Refusal, i64>,
    after_death: i64,
) -> Result<(), Error> {
    for (reason, count) in refused {
        query::count_refusal(tx, today, reason.word(), count).await?;
    }
    note_after_death(tx, today, after_death).await
}

/// Counts new events after a recorded death, for operators.
pub(super) async fn note_after_death(tx: &mut Tx, today: Day, count: i64) -> Result<(), Error> {
    if count > 0 {
        query::count_refusal(tx, today, AFTER_DEATH, count).await?;
    }
    Ok(())
}

/// A random person number: 63 bits, so that it fits a signed column and never tells an order.
pub(crate) fn person_number(rng: &mut impl crypto::rng::Rng) -> i64 {
    i64::try_from(rng.next_u64() >> 1).unwrap_or(i64::MAX)
}

/// Checks an opened report against the programme; the only way from a report to a history.
///
/// # Errors
/// The reason why it is refused for ever.
fn validate(ground: &Ground, app: &App, opened: &Opened) -> Result<Incoming, Refusal> {
    let report = &opened.report;
    let (start, latest) = (ground.facts.start, app.latest());
    check_days(report.day, report.covered_until, start, latest)?;
    let place = ground.registry.place(report.provider, &report.site)?;
    let key = app.keys.reports.expose();
    let id = |report_id| tags::id(key, &report.provider, report_id);
    let said = match &report.kind {
        Statement::Event(kind) => Said::Told(told(ground, opened, kind, id(&report.id), place)),
        Statement::Withdrawn(target) => Said::Withdrawn(Withdrawal {
            from: Quarter::of(ground.effective(report.day, opened.received)),
            target: id(target),
            report: id(&report.id),
        }),
    };
    Ok(Incoming {
        element: opened.element,
        said,
    })
}

fn told(
    ground: &Ground,
    opened: &Opened,
    kind: &Kind,
    id: [u8; 16],
    (site, city): (u32, CityCode),
) -> Told {
    let report = &opened.report;
    let service = ground
        .indicators
        .find(&report.service)
        .map_or(ground.indicators.other(), |service| service.number);
    let code = match kind {
        Kind::Result(code) => Some(code.clone()),
        _ => None,
    };
    let finding = code
        .as_ref()
        .and_then(|code| ground.indicators.finding(service, code.as_str()));
    let event = Event {
        report: id,
        day: report.day,
        effective: ground.effective(report.day, opened.received),
        service,
        kind: EventKind::from(kind),
        rank: ground.indicators.rank(EventKind::from(kind)),
        covered_until: report.covered_until,
        site,
        city,
        group: report.group.map(GroupCode::of),
        finding,
    };
    Told { event, code }
}

/// The rules about days that reports and imported rows share; `latest` is the latest day anywhere on Earth.
///
/// # Errors
/// [`Refusal::Future`], [`Refusal::BeforeStart`] or [`Refusal::Cover`].
pub(crate) fn check_days(
    day: Day,
    covered_until: Option<Day>,
    start: Option<Day>,
    latest: Day,
) -> Result<(), Refusal> {
    if day > latest {
        return Err(Refusal::Future);
    }
    if start.is_some_and(|start| day < start) {
        return Err(Refusal::BeforeStart);
    }
    match covered_until {
        Some(until) if until < day || until.since(day) > MAX_COVER_DAYS => Err(Refusal::Cover),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
