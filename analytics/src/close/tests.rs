#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
mod agreed;
mod delivered;
mod races;

use store::execute;

use super::*;
use crate::ledger::{self, LedgerError};
use crate::log::{FILE, LogError};
use crate::stored;
use crate::testing::closing::{
    Role, app, at, closing_day, contribute, measurements, number, pilot, quarter, roles, sqlite,
};
use privacy::ledger::Refusal;
use privacy::rho::NanoRho;
use release::log::error::Broken;
use release::seal::SignedRelease;

const DEBITS: &str = "SELECT CAST(COALESCE(SUM(cost_nano), 0) AS BIGINT) FROM reservation";
const COUNTS: &str = "SELECT COUNT(*) FROM reservation";

async fn go(app: &App, period: Quarter) -> Box<Prepared<'_>> {
    match prepare(app, period).await.unwrap() {
        Ready::Go(prepared) => prepared,
        Ready::Finished(_) => panic!("the quarter was finished already"),
    }
}

async fn state(role: &Role) -> (i64, i64, Vec<(String, String, i64, i64, i64)>, Vec<u8>) {
    let store = &role.app.store;
    let log = std::fs::read(role.folder.path().join(FILE)).unwrap_or_default();
    (
        number(store, DEBITS).await,
        number(store, COUNTS).await,
        measurements(store).await,
        log,
    )
}

#[tokio::test]
async fn an_empty_programme_publishes_every_cell() {
    for role in roles().await {
        let closed = close(&role.app, quarter("2026Q1")).await.unwrap();
        let (found, body) = stored::newest(&role.app.store, &role.app.log_dir, quarter("2026Q1"))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(found.hash, closed.hash);
        let release = SignedRelease::from_bytes(&body).unwrap().open().unwrap();
        let cells: Vec<usize> = release
            .tables
            .iter()
            .map(|table| table.cells.len())
            .collect();
        // Four cities and "other", twenty services: 1 + 5 + 30; 1 + 20 + 100; twice 1 + 5 + 100; twice (new, cumulative) 1 + 5.
        let services = release.services.len();
        let (pairs, flows) = (1 + 6 * services, 6 + 5 * services);
        assert_eq!(
            cells,
            [36, pairs, flows, flows, 12],
            "{}",
            role.database.name
        );
        assert!(
            release.tables[0]
                .cells
                .iter()
                .all(|cell| cell.measured.is_some())
        );
        assert!(
            release.tables[0]
                .cells
                .iter()
                .any(|cell| cell.estimate.value() < 0.0),
            "nothing is clipped (chance 2^-36)"
        );
    }
}

#[tokio::test]
async fn a_quarter_closes_once_in_order_and_not_too_early() {
    for role in roles().await {
        let first = quarter("2026Q1");
        let early = at(&role.app, closing_day(first).plus(-1));
        assert!(matches!(
            close(&early, first).await,
            Err(CloseError::TooEarly { .. })
        ));
        assert!(matches!(
            close(&role.app, first.previous()).await,
            Err(CloseError::BeforeStart(_))
        ));
        let late = at(&role.app, closing_day(first.next()));
        assert!(matches!(
            close(&late, first.next()).await,
            Err(CloseError::PreviousOpen(_))
        ));
        assert_eq!(number(&role.app.store, COUNTS).await, 0);
        close(&role.app, first).await.unwrap();
        let before = state(&role).await;
        assert!(matches!(
            close(&role.app, first).await,
            Err(CloseError::AlreadyClosed(_))
        ));
        assert_eq!(state(&role).await, before);
        close(&late, first.next()).await.unwrap();
        heal(&role.app).await.unwrap();
    }
}

#[tokio::test]
async fn debits_are_those_of_the_catalogue_and_never_pass_the_year() {
    let role = sqlite().await;
    let mut period = quarter("2026Q1");
    for _ in 0..8 {
        close(&at(&role.app, closing_day(period)), period)
            .await
            .unwrap();
        period = period.next();
    }
    let view = ledger::view(&role.app.store, privacy::budget::Budget::Default)
        .await
        .unwrap();
    // All but the reserve of 5 %.
    let by_hand = 88_200_000 / 100 * 95;
    assert_eq!(view.years.len(), 2);
    for year in &view.years {
        assert!(
            year.spent.nano() <= by_hand && year.spent.nano() * 100 >= by_hand * 99,
            "{}",
            year.spent
        );
        assert!(year.spent <= view.per_year && year.spent == view.planned);
        let tables: u64 = year.tables.iter().map(|table| table.released.nano()).sum();
        assert_eq!(tables, year.spent.nano());
        assert!(
            year.tables
                .iter()
                .all(|table| table.reserved == NanoRho::ZERO)
        );
        assert_eq!(year.left.nano(), view.per_year.nano() - year.spent.nano());
    }
    assert_eq!(view.lifetime.nano(), 2 * view.planned.nano());
}

/// What the ledger says the releases can have told: after one quarter more than was debited, because the bounds of D (a year)
/// and F (a block) are shared with releases still to come; never above the year's budget.
#[tokio::test]
async fn the_ledger_says_what_releases_can_have_told_not_only_what_was_debited() {
    let role = sqlite().await;
    let mut period = quarter("2026Q1");
    let budget = privacy::budget::Budget::Default;
    for closed in 1..=20_usize {
        close(&at(&role.app, closing_day(period)), period)
            .await
            .unwrap();
        period = period.next();
        let view = ledger::view(&role.app.store, budget).await.unwrap();
        for year in &view.years {
            assert!(year.spent <= year.bound && year.bound <= view.per_year);
        }
        // In parts of a hundred: A and B a quarter of 28 + 23 each release; D, E and F all of 9 + 5 + 10 from a year's first
        // release on; the annual tables 4 + 6 + 2 + 2 + 2 + 4 with its last.
        let (years, begun) = ((closed / 4) as f64, closed.div_ceil(4) as f64);
        let by_hand = 0.882 * (12.75 * closed as f64 + 24.0 * begun + 20.0 * years);
        let found = view.lifetime_bound.nano() as f64 / 1e6;
        assert!(
            (found - by_hand).abs() < 0.01 * by_hand,
            "{closed}: {found} {by_hand}"
        );
    }
}

#[tokio::test]
async fn a_spent_budget_refuses_and_debits_nothing() {
    for role in roles().await {
        let mut tx = role.app.store.write().await.unwrap();
        let sql =
            "INSERT INTO reservation (year, tab, period, version, cost_nano, parameters, state)
            VALUES (2026, 'X', 8105, 9, 70000000, $1, 'released')";
        execute!(&mut tx, sql, &[0u8; 32][..]).unwrap();
        tx.commit().await.unwrap();
        // 88.2 million less 70 leaves room for one release of 10.29 million, not for two.
        close(&role.app, quarter("2026Q1")).await.unwrap();
        let late = at(&role.app, closing_day(quarter("2026Q2")));
        let refused = close(&late, quarter("2026Q2")).await;
        assert!(matches!(
            refused,
            Err(CloseError::Ledger(LedgerError::Refused(Refusal::Spent {
                year: 2026,
                ..
            })))
        ));
        assert_eq!(
            number(
                &role.app.store,
                "SELECT COUNT(*) FROM reservation WHERE period = 8105 AND version = 1"
            )
            .await,
            0
        );
        assert_eq!(
            number(&role.app.store, "SELECT COUNT(*) FROM closed_period").await,
            1
        );
    }
}

/// Stops after `steps` steps, as a crash would.
async fn stop_after(app: &App, steps: usize) {
    let period = quarter("2026Q1");
    let prepared = go(app, period).await;
    if steps == 1 {
        return;
    }
    let reserved = prepared.reserve().await.unwrap();
    if steps == 2 {
        return;
    }
    let logged = reserved.log().await.unwrap();
    if steps == 3 {
        return;
    }
    let measured = logged.measure().await.unwrap();
    if steps == 4 {
        return;
    }
    let _ = measured.store().await.unwrap();
}

#[tokio::test]
async fn stopping_after_any_step_and_running_again_completes_without_a_second_debit() {
    for steps in 1..=5 {
        for role in roles().await {
            contribute(&role.app.store, &pilot(quarter("2026Q1"))).await;
            stop_after(&role.app, steps).await;
            let shown = stored::list(&role.app.store, &role.app.log_dir)
                .await
                .unwrap();
            assert!(shown.is_empty(), "after step {steps} nothing is public");
            let (debits, drawn) = (
                number(&role.app.store, DEBITS).await,
                measurements(&role.app.store).await,
            );
            assert_eq!(debits > 0, steps >= 2);
            // A day later, as after a repair.
            let later = at(&role.app, closing_day(quarter("2026Q1")).plus(1));
            let closed = close(&later, quarter("2026Q1")).await.unwrap();
            let once = privacy::catalogue::plans(privacy::budget::Budget::Default)
                .unwrap()
                .iter()
                .filter(|plan| plan.table.every == privacy::catalogue::Every::Quarter)
                .map(|plan| plan.cost.nano())
                .sum::<u64>();
            assert_eq!(
                number(&role.app.store, DEBITS).await,
                i64::try_from(once).unwrap(),
                "step {steps}"
            );
            if steps == 5 {
                assert_eq!(
                    measurements(&role.app.store).await,
                    drawn,
                    "stored noise is never drawn again"
                );
            }
            assert_eq!(
                stored::list(&role.app.store, &role.app.log_dir)
                    .await
                    .unwrap()[0]
                    .hash,
                closed.hash
            );
            assert!(matches!(
                close(&later, quarter("2026Q1")).await,
                Err(CloseError::AlreadyClosed(_))
            ));
        }
    }
}

/// Another service would be more cells than were debited: it is refused until the closing is finished, and then the next
/// quarter shows it.
#[tokio::test]
async fn no_service_is_entered_while_a_closing_is_under_way() {
    for role in roles().await {
        let code = ["needle-van".parse().unwrap()];
        stop_after(&role.app, 2).await;
        let refused = crate::registry::register(&role.app, &code).await;
        assert!(
            matches!(refused, Err(crate::error::Error::ClosingUnderWay)),
            "{}",
            role.database.name
        );
        close(&role.app, quarter("2026Q1")).await.unwrap();
        crate::registry::register(&role.app, &code).await.unwrap();
        let next = quarter("2026Q2");
        close(&at(&role.app, closing_day(next)), next)
            .await
            .unwrap();
        let found = stored::newest(&role.app.store, &role.app.log_dir, next).await;
        let release = SignedRelease::from_bytes(&found.unwrap().unwrap().1)
            .unwrap()
            .open()
            .unwrap();
        assert_eq!(release.services.last().unwrap().service, "needle-van");
    }
}

#[tokio::test]
async fn the_service_heals_the_log_when_it_starts() {
    let role = sqlite().await;
    stop_after(&role.app, 5).await;
    heal(&role.app).await.unwrap();
    assert_eq!(
        stored::list(&role.app.store, &role.app.log_dir)
            .await
            .unwrap()
            .len(),
        1
    );
}

/// An emptied log, and one from before the last closing: nothing is closed and nothing healed until somebody says that it was lost.
#[tokio::test]
async fn a_log_that_lost_releases_is_refused_until_somebody_says_so() {
    let role = sqlite().await;
    let (first, second) = (quarter("2026Q1"), quarter("2026Q2"));
    let path = role.folder.path().join(FILE);
    close(&role.app, first).await.unwrap();
    let one = std::fs::read(&path).unwrap();
    let late = at(&role.app, closing_day(second));
    close(&late, second).await.unwrap();
    let both = std::fs::read(&path).unwrap();
    let third = at(&role.app, closing_day(second.next()));
    for log in [Vec::new(), one] {
        std::fs::write(&path, &log).unwrap();
        let refused = close(&third, second.next()).await;
        assert!(matches!(refused, Err(CloseError::LogBehind)));
        assert!(matches!(heal(&third).await, Err(CloseError::LogBehind)));
        assert_eq!(std::fs::read(&path).unwrap(), log, "nothing was written");
        let debits = "SELECT COUNT(*) FROM reservation WHERE period > 8105";
        assert_eq!(number(&role.app.store, debits).await, 0);
    }
    assert_eq!(adopt(&third).await.unwrap().len(), 1);
    assert_eq!(std::fs::read(&path).unwrap(), both, "the same lines again");
    close(&third, second.next()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_closings_make_one_debit_and_one_noise() {
    for role in roles().await {
        let other = tempfile::tempdir().unwrap();
        // The same folder: the lock decides. Another folder, as from a second host: the ledger decides.
        let apps = [
            role.app.as_ref().clone(),
            role.app.as_ref().clone(),
            App {
                log_dir: other.path().to_owned(),
                ..role.app.as_ref().clone()
            },
        ];
        let tasks: Vec<_> = apps
            .into_iter()
            .map(|app| tokio::spawn(async move { close(&app, quarter("2026Q1")).await }))
            .collect();
        let mut good = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(closed) => good.push(closed.hash),
                // The other folder's log never heard of the release.
                Err(CloseError::AlreadyClosed(_) | CloseError::LogBehind) => {}
                Err(other) => panic!("{}: {other}", role.database.name),
            }
        }
        good.dedup();
        assert_eq!(good.len(), 1, "{}", role.database.name);
        assert_eq!(number(&role.app.store, COUNTS).await, 5);
        assert_eq!(
            number(&role.app.store, "SELECT COUNT(*) FROM release").await,
            1
        );
        // Five cities, twenty services: 1 + 5 + 30, 20 + 100, twice 1 + 5 + 100, 5.
        assert_eq!(
            number(&role.app.store, "SELECT COUNT(*) FROM measurement").await,
            373
        );
    }
}

#[tokio::test]
async fn two_hosts_that_both_drew_store_once() {
    for role in roles().await {
        let other = tempfile::tempdir().unwrap();
        let second = App {
            log_dir: other.path().to_owned(),
            ..role.app.as_ref().clone()
        };
        let period = quarter("2026Q1");
        let one = go(&role.app, period)
            .await
            .reserve()
            .await
            .unwrap()
            .log()
            .await
            .unwrap()
            .measure()
            .await
            .unwrap();
        let two = go(&second, period)
            .await
            .reserve()
            .await
            .unwrap()
            .log()
            .await
            .unwrap()
            .measure()
            .await
            .unwrap();
        let stored = two.store().await.unwrap();
        assert!(matches!(
            one.store().await,
            Err(CloseError::AlreadyClosed(_))
        ));
        stored.publish().await.unwrap();
        assert_eq!(number(&role.app.store, COUNTS).await, 5);
        assert_eq!(
            number(&role.app.store, "SELECT COUNT(*) FROM release").await,
            1
        );
    }
}

#[tokio::test]
async fn a_database_older_than_the_log_is_refused() {
    for role in roles().await {
        close(&role.app, quarter("2026Q1")).await.unwrap();
        let late = at(&role.app, closing_day(quarter("2026Q2")));
        close(&late, quarter("2026Q2")).await.unwrap();
        // What a backup taken before the second closing holds.
        let undo = [
            "DELETE FROM release WHERE period = 8105",
            "DELETE FROM measurement WHERE period = 8105",
            "DELETE FROM reservation WHERE period = 8105",
            "DELETE FROM closed_period WHERE period = 8105",
        ];
        let mut tx = role.app.store.write().await.unwrap();
        for sql in undo {
            execute!(&mut tx, sql).unwrap();
        }
        tx.commit().await.unwrap();
        assert!(matches!(
            close(&late, quarter("2026Q2")).await,
            Err(CloseError::DatabaseBehind)
        ));
        assert!(matches!(heal(&late).await, Err(CloseError::DatabaseBehind)));
        assert_eq!(
            number(
                &role.app.store,
                "SELECT COUNT(*) FROM reservation WHERE period = 8105"
            )
            .await,
            0
        );
        // The first quarter stays readable.
        assert_eq!(
            stored::list(&role.app.store, &role.app.log_dir)
                .await
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn a_file_copy_of_an_older_database_is_refused() {
    let role = sqlite().await;
    let store::Location::SqliteFile(path) = &role.database.location else {
        panic!("an SQLite file")
    };
    close(&role.app, quarter("2026Q1")).await.unwrap();
    let copy = tempfile::tempdir().unwrap();
    let target = copy.path().join("analytics.db");
    let mut tx = role.app.store.read().await.unwrap();
    execute!(&mut tx, "SELECT 1").unwrap();
    drop(tx);
    for end in ["", "-wal"] {
        let from = format!("{}{end}", path.display());
        if std::path::Path::new(&from).exists() {
            std::fs::copy(from, format!("{}{end}", target.display())).unwrap();
        }
    }
    let late = closing_day(quarter("2026Q2"));
    close(&at(&role.app, late), quarter("2026Q2"))
        .await
        .unwrap();
    let old = store::Store::open(&store::Location::SqliteFile(target), store::Room::Analytics)
        .await
        .unwrap();
    let restored = app(old, role.folder.path(), late);
    assert!(matches!(
        close(&restored, quarter("2026Q2")).await,
        Err(CloseError::DatabaseBehind)
    ));
}

#[tokio::test]
async fn a_changed_log_or_release_is_refused() {
    let role = sqlite().await;
    close(&role.app, quarter("2026Q1")).await.unwrap();
    let late = at(&role.app, closing_day(quarter("2026Q2")));
    let path = role.folder.path().join(FILE);
    let good = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, good.replace("2026Q1", "2026Q3")).unwrap();
    assert!(matches!(
        close(&late, quarter("2026Q2")).await,
        Err(CloseError::Log(LogError::Broken(Broken { line: 1 })))
    ));
    assert!(
        stored::list(&role.app.store, &role.app.log_dir)
            .await
            .is_err()
    );
    std::fs::write(&path, good).unwrap();
    let mut tx = role.app.store.write().await.unwrap();
    let body = "UPDATE release SET body = $1";
    let (_, old) = stored::newest(&role.app.store, &role.app.log_dir, quarter("2026Q1"))
        .await
        .unwrap()
        .unwrap();
    let changed = String::from_utf8(old)
        .unwrap()
        .replace("\"display\":", "\"display\":1")
        .into_bytes();
    execute!(&mut tx, body, &changed[..]).unwrap();
    tx.commit().await.unwrap();
    let read = stored::newest(&role.app.store, &role.app.log_dir, quarter("2026Q1")).await;
    assert!(matches!(read, Err(stored::ReadError::Changed)));
}

#[tokio::test]
async fn another_registry_or_catalogue_does_not_finish_a_reservation() {
    let role = sqlite().await;
    stop_after(&role.app, 3).await;
    let mut tx = role.app.store.write().await.unwrap();
    let sql = "INSERT INTO city (city, code, from_period) VALUES ('jayapura', 5, 8104)";
    execute!(&mut tx, sql).unwrap();
    tx.commit().await.unwrap();
    let refused = close(&role.app, quarter("2026Q1")).await;
    assert!(matches!(
        refused,
        Err(CloseError::Ledger(LedgerError::OtherParameters))
    ));
}

#[tokio::test]
async fn nothing_exact_is_stored_or_logged() {
    let role = sqlite().await;
    let period = quarter("2026Q1");
    contribute(&role.app.store, &pilot(period)).await;
    close(&role.app, period).await.unwrap();
    let found = measurements(&role.app.store).await;
    // 3,000 and 750 exactly in all five cells of the upper levels of table A: chance below 1e-6.
    let exact = found
        .iter()
        .filter(|row| row.0 == "A" && (row.4 == 3000 || row.4 == 750))
        .count();
    assert!(exact < 3, "{found:?}");
    let log = std::fs::read_to_string(role.folder.path().join(FILE)).unwrap();
    assert!(!log.contains("measured") && log.lines().count() == 2);
}
