#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

mod withdrawn;

use std::collections::BTreeSet;

use crypto::day::{Day, Quarter};

use super::*;
use crate::close::{close, heal};
use crate::intake::Opened;
use crate::ledger::{self, LedgerError};
use crate::log::FILE;
use crate::measure::as_if_on_time;
use crate::query;
use crate::registry;
use crate::stored;
use crate::testing::closing::{
    Role, at, closing_day, measurements, number, quarter, roles, sqlite,
};
use crate::testing::reports::{header, in_time, report, take};
use indicators::contribution::Contribution;
use indicators::project::project;
use indicators::testing::day;
use privacy::budget::Budget;
use privacy::catalogue::Every;
use privacy::cell::Tab;
use privacy::ledger::Refusal;
use release::object::{CellRelease, Release as Published};
use release::published::Series;
use release::reason::{Reason, UnknownReason};
use release::seal::{SignedRelease, seal};
use release::verify::{VerifyError, verify};

const DEBITS: &str = "SELECT CAST(COALESCE(SUM(cost_nano), 0) AS BIGINT) FROM reservation";
const COUNTS: &str = "SELECT COUNT(*) FROM reservation";
const RELEASES: &str = "SELECT COUNT(*) FROM release";

fn why() -> BTreeSet<Reason> {
    [Reason::LateReports].into()
}

/// Contacts of people numbered from `first`, all on one day at one place, taken on the day that `app` stands at.
async fn contacts(app: &App, first: u16, people: u16, on: &str) {
    let opened = |number: u16| {
        let mut made = report(0, "medan/a", "nsp", "contact", day(on), None);
        let mut id = [9; 16];
        let mut element = [7; 32];
        id[..2].copy_from_slice(&number.to_be_bytes());
        element[..2].copy_from_slice(&number.to_be_bytes());
        made.id = crypto::id::ReportId::from_bytes(id);
        Ok(Opened {
            element,
            report: made,
            received: in_time(),
        })
    };
    let all: Vec<_> = (first..first + people).map(opened).collect();
    let mut tx = app.store.write().await.unwrap();
    let acks = take(&mut tx, app, &header(&[]), &all).await.unwrap();
    assert!(acks.iter().all(|taken| *taken));
    tx.commit().await.unwrap();
}

/// Five clients in time, the first quarter closed, and `late` more who come to be known in the second.
async fn closed_with_late(role: &Role, late: u16) -> App {
    contacts(&role.app, 1, 5, "2026-03-20").await;
    close(&role.app, quarter("2026Q1")).await.unwrap();
    let later = at(&role.app, closing_day(quarter("2026Q1")).plus(20));
    if late > 0 {
        contacts(&later, 1_000, late, "2026-03-21").await;
    }
    later
}

async fn stored_rows(app: &App, period: Quarter) -> Vec<(Contribution, i64)> {
    let mut tx = app.store.read().await.unwrap();
    let mut rows = query::contributions(&mut tx).await.unwrap();
    rows.retain(|row| row.0.period == period);
    rows
}

/// What a revision counts, by another way: everybody at once, straight from the histories.
async fn revised_truth(app: &App, period: Quarter, tab: Tab) -> i64 {
    let indicators = indicators::Indicators::shipped().unwrap();
    let mut tx = app.store.read().await.unwrap();
    let histories = query::histories(&mut tx, i64::MIN, i64::MAX, &indicators);
    let histories = histories.await.unwrap();
    let cities = registry::Registry::read(&mut tx).await.unwrap().periods();
    let key = app.keys.bounding.expose();
    let rows = histories.into_iter().flat_map(|(person, history)| {
        project(person, &as_if_on_time(&history), &indicators, &cities, key)
    });
    let counted = rows.filter(|row| row.period == period && row.cell.tab() == tab);
    i64::try_from(counted.count()).unwrap()
}

async fn version(app: &App, period: &str, number: u32) -> (Vec<u8>, Published) {
    let found = stored::version(&app.store, &app.log_dir, quarter(period), number).await;
    let body = found.unwrap().unwrap().1;
    let open = SignedRelease::from_bytes(&body).unwrap().open().unwrap();
    (body, open)
}

fn find<'a>(
    release: &'a Published,
    table: &str,
    series: Series,
    city: Option<&str>,
) -> &'a CellRelease {
    let table = release
        .tables
        .iter()
        .find(|one| one.table == table)
        .unwrap();
    let level = if city.is_some() { "city" } else { "total" };
    let found = table
        .cells
        .iter()
        .find(|cell| cell.series == series && cell.level == level && cell.city.as_deref() == city);
    found.unwrap()
}

/// Within 6.5 standard deviations: a false alarm is rarer than one in ten thousand million.
fn near(cell: &CellRelease, truth: i64) -> bool {
    (cell.estimate.value() - truth as f64).abs() < 6.5 * cell.sd.value() + 1.0
}

async fn state(app: &App) -> (i64, i64, i64, Vec<(String, String, i64, i64, i64)>, Vec<u8>) {
    (
        number(&app.store, DEBITS).await,
        number(&app.store, COUNTS).await,
        number(&app.store, RELEASES).await,
        measurements(&app.store).await,
        std::fs::read(app.log_dir.join(FILE)).unwrap_or_default(),
    )
}

#[tokio::test]
async fn late_reports_move_the_revision_and_nothing_of_version_one() {
    for role in roles().await {
        let (name, period) = (role.database.name, quarter("2026Q1"));
        let later = closed_with_late(&role, 600).await;
        let (rows, (first, one)) = (
            stored_rows(&later, period).await,
            version(&later, "2026Q1", 1).await,
        );
        let active = |row: &&(Contribution, i64)| row.0.cell.tab() == Tab::Active;
        assert_eq!(rows.iter().filter(active).count(), 5, "{name}");
        assert_eq!(revised_truth(&later, period, Tab::Active).await, 605);

        let closed = revise(&later, period, &why()).await.unwrap();
        assert_eq!(closed.subject.version, 2);
        assert_eq!(stored_rows(&later, period).await, rows, "{name}");
        assert_eq!(version(&later, "2026Q1", 1).await.0, first, "{name}");
        let newest = stored::newest(&later.store, &later.log_dir, period).await;
        assert_eq!(newest.unwrap().unwrap().0.hash, closed.hash);

        let (body, two) = version(&later, "2026Q1", 2).await;
        assert!(near(find(&one, "A", Series::Count, None), 5));
        assert!(near(find(&two, "RA", Series::Revised, None), 605), "{name}");
        assert!(near(find(&two, "RA", Series::Revised, Some("medan")), 605));
        assert!(near(find(&two, "RA", Series::Revised, Some("bandung")), 0));
        assert!(near(find(&two, "RA", Series::Change, None), 600), "{name}");
        assert!(near(find(&two, "RD", Series::Revised, None), 0));
        let combined = find(&two, "A", Series::Combined, None);
        assert_eq!(
            combined.measured,
            find(&one, "A", Series::Count, None).measured
        );
        assert!(combined.sd < find(&one, "A", Series::Count, None).sd);
        assert!(combined.sd < find(&two, "RA", Series::Revised, None).sd);
        assert!(find(&two, "RA", Series::Change, None).measured.is_none());
        assert!(
            verify(&body, &later.keys.release.public())
                .unwrap()
                .recomputed
        );
    }
}

#[tokio::test]
async fn a_revision_holds_every_table_and_says_what_changed() {
    let role = sqlite().await;
    let later = closed_with_late(&role, 3).await;
    let reasons = Reason::ALL.into_iter().collect();
    revise(&later, quarter("2026Q1"), &reasons).await.unwrap();
    let ((_, one), (_, two)) = (
        version(&later, "2026Q1", 1).await,
        version(&later, "2026Q1", 2).await,
    );
    let letters = |release: &Published| -> Vec<String> {
        release.tables.iter().map(|one| one.table.clone()).collect()
    };
    let mut expected = letters(&one);
    expected.extend(["RA", "RD"].map(str::to_owned));
    assert_eq!(letters(&two), expected);
    for (before, after) in one.tables.iter().zip(&two.tables) {
        if ["A", "D"].contains(&before.table.as_str()) {
            assert!(
                after
                    .cells
                    .iter()
                    .all(|cell| cell.series == Series::Combined)
            );
            assert_eq!(before.levels, after.levels);
        } else {
            assert_eq!(before, after, "table {}", before.table);
        }
    }
    assert!(one.reasons.is_empty() && one.version == 1);
    let day = later.today();
    let first = format!(
        "tables A and D were counted again with everything known on {day}; other tables are unchanged"
    );
    let mut said = vec![first];
    said.extend(Reason::ALL.map(|reason| reason.sentence().to_owned()));
    assert_eq!(two.reasons, said);
    assert_eq!(two.closed, day);
    assert!(two.notes.len() > one.notes.len());
    let spent = |release: &Published| release.privacy.spent_in_year_nano_rho;
    assert!(spent(&two) > spent(&one));
    // Rates rest on the combined numbers.
    assert_eq!(one.rates.len(), two.rates.len());
    let view = ledger::view(&later.store, Budget::Default).await.unwrap();
    for letter in ["RA", "RD"] {
        let shown = view.years[0]
            .tables
            .iter()
            .find(|one| one.table == letter)
            .unwrap();
        assert!(shown.released.nano() > 0 && shown.released <= shown.share);
        assert_eq!(shown.reserved.nano(), 0);
    }
    // Whole shares but for rounding: a second one cannot fit.
    assert!(view.years[0].bound <= view.per_year);
}

#[tokio::test]
async fn a_year_has_one_revision_and_a_refusal_changes_nothing() {
    for role in roles().await {
        let first = quarter("2026Q1");
        assert!(matches!(
            revise(&role.app, first, &why()).await,
            Err(CloseError::NotReleased(_))
        ));
        let later = closed_with_late(&role, 3).await;
        let before = state(&later).await;
        assert!(matches!(
            revise(&later, first, &BTreeSet::new()).await,
            Err(CloseError::NoReason)
        ));
        let early = at(&later, closing_day(first).plus(-1));
        assert!(matches!(
            revise(&early, first, &why()).await,
            Err(CloseError::TooEarly { .. })
        ));
        assert_eq!(state(&later).await, before);
        revise(&later, first, &why()).await.unwrap();
        // Later quarters build on version 1: they close, and their running totals follow from their files.
        let later = at(&later, closing_day(first.next()));
        let closed = close(&later, first.next()).await.unwrap();
        let (body, _) = version(&later, "2026Q2", 1).await;
        let checked = verify(&body, &later.keys.release.public()).unwrap();
        assert!(checked.recomputed && checked.hash == crypto::hex::encode(&closed.hash));
        let before = state(&later).await;
        for period in [first, first.next()] {
            let refused = revise(&later, period, &why()).await.unwrap_err();
            assert!(matches!(
                refused,
                CloseError::Ledger(LedgerError::Refused(Refusal::ReserveSpent { year: 2026 }))
            ));
            assert!(
                refused
                    .to_string()
                    .starts_with("the reserve of 2026 is spent")
            );
            assert_eq!(state(&later).await, before, "{}", role.database.name);
        }
    }
}

async fn stop_after(app: &App, steps: u32) {
    let Ready::Go(prepared) = prepare(app, quarter("2026Q1"), &why()).await.unwrap() else {
        panic!("nothing was begun")
    };
    if steps < 2 {
        return;
    }
    let reserved = prepared.reserve().await.unwrap();
    if steps < 3 {
        return;
    }
    let logged = reserved.log().await.unwrap();
    if steps < 4 {
        return;
    }
    let measured = logged.measure().await.unwrap();
    if steps < 5 {
        return;
    }
    let _ = measured.store().await.unwrap();
}

fn cost() -> i64 {
    let plans = privacy::catalogue::revisions(Budget::Default).unwrap();
    let all: u64 = plans.iter().map(|plan| plan.cost.nano()).sum();
    i64::try_from(all).unwrap()
}

#[tokio::test]
async fn a_revision_that_broke_off_is_finished_without_a_second_debit() {
    for steps in 1..=5 {
        for role in roles().await {
            let later = closed_with_late(&role, 3).await;
            let before = number(&later.store, DEBITS).await;
            stop_after(&later, steps).await;
            let shown = stored::newest(&later.store, &later.log_dir, quarter("2026Q1")).await;
            assert_eq!(shown.unwrap().unwrap().0.subject.version, 1);
            let (debits, drawn) = (
                number(&later.store, DEBITS).await,
                measurements(&later.store).await,
            );
            assert_eq!(debits - before, if steps >= 2 { cost() } else { 0 });
            // A day and a report later, as after a repair, and for another reason.
            let later = at(&later, later.today().plus(1));
            contacts(&later, 5_000, 1, "2026-03-21").await;
            let reasons = [Reason::Corrections].into();
            let closed = revise(&later, quarter("2026Q1"), &reasons).await.unwrap();
            assert_eq!(closed.subject.version, 2, "step {steps}");
            assert_eq!(
                number(&later.store, DEBITS).await - before,
                cost(),
                "step {steps}"
            );
            assert_eq!(number(&later.store, RELEASES).await, 2);
            if steps == 5 {
                assert_eq!(measurements(&later.store).await, drawn, "never drawn again");
            }
            let (body, _) = version(&later, "2026Q1", 2).await;
            assert!(
                verify(&body, &later.keys.release.public())
                    .unwrap()
                    .recomputed
            );
        }
    }
}

#[tokio::test]
async fn the_start_of_the_service_finishes_a_stored_revision() {
    let role = sqlite().await;
    let later = closed_with_late(&role, 0).await;
    stop_after(&later, 5).await;
    heal(&later).await.unwrap();
    let all = stored::list(&later.store, &later.log_dir).await.unwrap();
    assert_eq!(all.len(), 2);
    assert!(matches!(
        revise(&later, quarter("2026Q1"), &why()).await,
        Err(CloseError::Ledger(LedgerError::Refused(
            Refusal::ReserveSpent { .. }
        )))
    ));
}

#[tokio::test]
async fn nothing_is_revised_while_another_release_is_under_way() {
    let role = sqlite().await;
    let later = closed_with_late(&role, 0).await;
    let later = at(&later, closing_day(quarter("2026Q2")));
    let Ready::Go(prepared) = crate::close::prepare(&later, quarter("2026Q2"))
        .await
        .unwrap()
    else {
        panic!("the second quarter is open")
    };
    drop(prepared.reserve().await.unwrap());
    let before = state(&later).await;
    assert!(matches!(
        revise(&later, quarter("2026Q1"), &why()).await,
        Err(CloseError::UnderWay(_))
    ));
    assert_eq!(state(&later).await, before);
    close(&later, quarter("2026Q2")).await.unwrap();
    revise(&later, quarter("2026Q1"), &why()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_revisions_make_one_debit_and_one_noise() {
    for role in roles().await {
        let name = role.database.name;
        let later = closed_with_late(&role, 3).await;
        let before = number(&later.store, DEBITS).await;
        let other = tempfile::tempdir().unwrap();
        std::fs::copy(later.log_dir.join(FILE), other.path().join(FILE)).unwrap();
        // The same folder: the lock decides. A copy of it, as from a second host: the ledger decides.
        let apps = [
            later.clone(),
            later.clone(),
            App {
                log_dir: other.path().to_owned(),
                ..later.clone()
            },
        ];
        let tasks: Vec<_> = apps
            .into_iter()
            .map(|app| tokio::spawn(async move { revise(&app, quarter("2026Q1"), &why()).await }))
            .collect();
        let mut good = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(closed) => good.push(closed.hash),
                Err(
                    CloseError::AlreadyRevised(_)
                    | CloseError::LogBehind
                    | CloseError::Ledger(LedgerError::Refused(Refusal::ReserveSpent { .. })),
                ) => {}
                Err(other) => panic!("{name}: {other}"),
            }
        }
        good.dedup();
        assert_eq!(good.len(), 1, "{name}");
        assert_eq!(
            number(&later.store, DEBITS).await - before,
            cost(),
            "{name}"
        );
        assert_eq!(number(&later.store, RELEASES).await, 2, "{name}");
    }
}

#[tokio::test]
async fn a_changed_number_is_refused() {
    let role = sqlite().await;
    let later = closed_with_late(&role, 3).await;
    revise(&later, quarter("2026Q1"), &why()).await.unwrap();
    let (_, good) = version(&later, "2026Q1", 2).await;
    let key = &later.keys.release;
    let place = |release: &Published, table: &str, series: Series| {
        let at = release
            .tables
            .iter()
            .position(|one| one.table == table)
            .unwrap();
        let cells = &release.tables[at].cells;
        (
            at,
            cells.iter().position(|cell| cell.series == series).unwrap(),
        )
    };
    let mut changed = Vec::new();
    for (table, series) in [
        ("A", Series::Combined),
        ("D", Series::Combined),
        ("RA", Series::Revised),
        ("RD", Series::Revised),
    ] {
        let (at, cell) = place(&good, table, series);
        let mut one = good.clone();
        let measured = one.tables[at].cells[cell].measured.unwrap();
        one.tables[at].cells[cell].measured = Some(measured + 1);
        changed.push(one);
    }
    for (table, series) in [
        ("A", Series::Combined),
        ("RA", Series::Revised),
        ("RA", Series::Change),
        ("RD", Series::Change),
    ] {
        let (at, cell) = place(&good, table, series);
        let mut one = good.clone();
        let cells = &mut one.tables[at].cells[cell];
        cells.estimate = cells.estimate.plus(release::decimal::Decimal::nearest(1.0));
        changed.push(one);
    }
    let mut reason = good.clone();
    reason.reasons[1] = "somebody told us".to_owned();
    changed.push(reason);
    let mut silent = good.clone();
    silent.reasons.clear();
    changed.push(silent);
    for one in changed {
        let body = seal(&one, key).unwrap().body;
        assert_eq!(verify(&body, &key.public()), Err(VerifyError::Numbers));
    }
    let body = seal(&good, key).unwrap().body;
    assert!(verify(&body, &key.public()).unwrap().recomputed);
}

#[test]
fn reasons_have_one_word_and_one_sentence_each() {
    for reason in Reason::ALL {
        assert_eq!(reason.word().parse::<Reason>(), Ok(reason));
        assert_eq!(Reason::of_sentence(reason.sentence()), Some(reason));
    }
    assert_eq!("because".parse::<Reason>(), Err(UnknownReason));
}

#[test]
fn on_time_means_the_day_itself() {
    let mut late = indicators::testing::event(
        1,
        day("2026-02-01"),
        "nsp",
        indicators::testing::kind("contact"),
    );
    late.effective = Day::from_number(late.day.number() + 100).unwrap();
    let history = as_if_on_time(&indicators::history::History::new(vec![late]));
    assert_eq!(history.events()[0].effective, day("2026-02-01"));
}

/// A whole year and the quarter after it: the annual tables of a fourth quarter stay as they were, and the next year has a
/// revision of its own.
#[tokio::test]
async fn annual_tables_stay_and_the_next_year_has_its_own_revision() {
    let role = sqlite().await;
    contacts(&role.app, 1, 5, "2026-03-20").await;
    let mut period = quarter("2026Q1");
    for _ in 0..5 {
        close(&at(&role.app, closing_day(period)), period)
            .await
            .unwrap();
        period = period.next();
    }
    let later = at(&role.app, closing_day(period));
    for name in ["2026Q4", "2027Q1"] {
        let before = measurements(&later.store).await;
        let closed = revise(&later, quarter(name), &why()).await.unwrap();
        assert_eq!(closed.subject.version, 2);
        let mut after = measurements(&later.store).await;
        after.retain(|row| !row.0.starts_with('R'));
        let mut kept = before;
        kept.retain(|row| !row.0.starts_with('R'));
        assert_eq!(after, kept);
        let ((_, one), (body, two)) = (
            version(&later, name, 1).await,
            version(&later, name, 2).await,
        );
        let annual = |release: &Published| {
            let of_year = release
                .tables
                .iter()
                .filter(|one| one.every == Every::Year && !one.table.starts_with('R'));
            of_year.cloned().collect::<Vec<_>>()
        };
        assert_eq!(annual(&one).is_empty(), name != "2026Q4");
        assert_eq!(annual(&one), annual(&two));
        let checked = verify(&body, &later.keys.release.public()).unwrap();
        assert!(checked.recomputed, "{name}");
    }
    // What comes after builds on version 1 still.
    close(&later, period).await.unwrap();
    let (body, _) = version(&later, &period.to_string(), 1).await;
    let checked = verify(&body, &later.keys.release.public()).unwrap();
    assert!(checked.recomputed);
}

#[tokio::test]
async fn a_table_that_is_turned_off_is_not_counted_again() {
    let role = sqlite().await;
    crate::choices::turn_off(&role.app, "A").await.unwrap();
    let later = closed_with_late(&role, 3).await;
    revise(&later, quarter("2026Q1"), &why()).await.unwrap();
    let (body, two) = version(&later, "2026Q1", 2).await;
    let again = two.tables.iter().filter(|one| one.table.starts_with('R'));
    assert_eq!(
        again.map(|one| one.table.as_str()).collect::<Vec<_>>(),
        ["RD"]
    );
    assert!(two.reasons[0].starts_with("table D was counted again"));
    assert!(
        verify(&body, &later.keys.release.public())
            .unwrap()
            .recomputed
    );

    let role = sqlite().await;
    for table in ["A", "D"] {
        crate::choices::turn_off(&role.app, table).await.unwrap();
    }
    let later = closed_with_late(&role, 3).await;
    let before = state(&later).await;
    assert!(matches!(
        revise(&later, quarter("2026Q1"), &why()).await,
        Err(CloseError::NothingToRevise)
    ));
    assert_eq!(state(&later).await, before);
}
