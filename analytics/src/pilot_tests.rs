//! Exports, verification and accuracy on a generated pilot: 3,000 active clients in four cities.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]

use crypto::day::Quarter;

use crate::close::{close, heal};
use crate::export::{csv, json};
use crate::release::{Release, SignedRelease};
use crate::stored;
use crate::testing_close::{Role, app, at, closing_day, contribute, pilot, quarter, roles, sqlite};
use crate::verify::{VerifyError, verify};

async fn body(role: &Role, period: Quarter) -> Vec<u8> {
    stored::newest(&role.app.store, &role.app.log_dir, period)
        .await
        .unwrap()
        .unwrap()
        .1
}

fn open(body: &[u8]) -> Release {
    SignedRelease::from_bytes(body).unwrap().open().unwrap()
}

#[tokio::test]
async fn exports_are_byte_identical_a_hundred_times_and_after_reopening() {
    for role in roles().await {
        let period = quarter("2026Q1");
        contribute(&role.app.store, &pilot(period)).await;
        close(&role.app, period).await.unwrap();
        let first = body(&role, period).await;
        let (one, two) = (json::render(&first), csv::render(&first).unwrap());
        for _ in 0..100 {
            let again = body(&role, period).await;
            assert_eq!(
                (json::render(&again), csv::render(&again).unwrap()),
                (one.clone(), two.clone())
            );
        }
        let store = store::Store::open(&role.database.location, store::Room::Analytics)
            .await
            .unwrap();
        let reopened = app(store, role.folder.path(), closing_day(period).plus(400));
        heal(&reopened).await.unwrap();
        let again = stored::newest(&reopened.store, &reopened.log_dir, period)
            .await
            .unwrap()
            .unwrap()
            .1;
        assert_eq!(
            (json::render(&again), csv::render(&again).unwrap()),
            (one, two)
        );
    }
}

#[tokio::test]
async fn verification_refuses_every_flipped_bit_and_other_keys() {
    let role = sqlite().await;
    let mut period = quarter("2026Q1");
    for _ in 0..3 {
        contribute(&role.app.store, &pilot(period)).await;
        close(&at(&role.app, closing_day(period)), period)
            .await
            .unwrap();
        period = period.next();
    }
    let key = role.app.keys.release.public();
    let good = body(&role, quarter("2026Q3")).await;
    let table = csv::render(&good).unwrap();
    let verified = verify(&good, &key).unwrap();
    assert!(verified.recomputed && verified.period == quarter("2026Q3") && verified.version == 1);
    assert_eq!(verify(&table, &key).unwrap().hash, verified.hash);
    let mut other = key;
    other[0] ^= 1;
    for file in [&good, &table] {
        assert!(verify(file, &other).is_err());
        // Every byte of the short file, a prime step through the long one and its ends.
        let step = if file.len() > 12_000 { 11 } else { 3 };
        let ends = (0..400).chain(file.len() - 600..file.len());
        for at in ends.chain((0..file.len()).step_by(step)) {
            let mut bad = file.clone();
            bad[at] ^= 1;
            assert!(verify(&bad, &key).is_err(), "byte {at} of {}", file.len());
        }
        assert!(verify(&file[..file.len() - 1], &key).is_err());
        assert!(verify(&[&file[..], b"\n"].concat(), &key).is_err());
    }
    assert_eq!(verify(b"", &key), Err(VerifyError::Format));
    assert_eq!(verify(b"#", &key), Err(VerifyError::Format));
}

/// Numbers that do not follow from the measurements are refused even when the programme's own key signed them.
#[tokio::test]
async fn verification_computes_the_numbers_again() {
    let role = sqlite().await;
    close(&role.app, quarter("2026Q1")).await.unwrap();
    let mut release = open(&body(&role, quarter("2026Q1")).await);
    release.tables[0].cells[0].display += 1;
    let sealed = crate::release::seal(&release, &role.app.keys.release).unwrap();
    assert_eq!(
        verify(&sealed.body, &role.app.keys.release.public()),
        Err(VerifyError::Numbers)
    );
}

#[tokio::test]
async fn published_parents_are_the_exact_sums_of_their_children() {
    let role = sqlite().await;
    contribute(&role.app.store, &pilot(quarter("2026Q1"))).await;
    close(&role.app, quarter("2026Q1")).await.unwrap();
    for table in open(&body(&role, quarter("2026Q1")).await).tables {
        for series in ["count", "new", "cumulative"] {
            let sum = |level: &str| {
                table
                    .cells
                    .iter()
                    .filter(|cell| cell.series == series && cell.level == level)
                    .fold(crate::decimal::Decimal::default(), |sum, cell| {
                        sum.plus(cell.estimate)
                    })
            };
            assert_eq!(sum("total"), sum("city"), "table {} {series}", table.table);
            if table.table == "A" {
                assert_eq!(sum("city"), sum("city-group"));
            }
        }
        for cell in &table.cells {
            assert!(cell.lo < cell.estimate && cell.estimate < cell.hi);
        }
    }
}

/// Statistics of 25 releases of the pilot: mean absolute error, bias and coverage by table and level.
#[derive(Default)]
struct Tally {
    runs: f64,
    error: f64,
    bias: f64,
    scaled: f64,
    covered: f64,
}

impl Tally {
    fn add(&mut self, cell: &crate::release::CellRelease, truth: f64) {
        let error = cell.estimate.value() - truth;
        self.runs += 1.0;
        self.error += error.abs();
        self.bias += error;
        self.scaled += (error / cell.sd.value()).powi(2);
        self.covered += f64::from(u8::from(
            cell.lo.value() <= truth && truth <= cell.hi.value(),
        ));
    }

    /// Loose bounds: six standard errors and more, so that false alarms are below 1e-7 in all.
    fn check(&self, name: &str, truth: f64, target: f64) {
        let (mean, cover) = (self.error / self.runs / truth, self.covered / self.runs);
        let slack = 1.0 + 6.0 * 0.76 / self.runs.sqrt();
        assert!(
            mean <= target * slack,
            "{name}: mean absolute error {mean}, target {target}"
        );
        assert!(
            (cover - 0.95).abs() < 6.0 * (0.0475 / self.runs).sqrt() + 0.01,
            "{name}: coverage {cover}"
        );
        let spread = (self.scaled / self.runs).sqrt();
        assert!(
            (spread - 1.0).abs() < 6.0 / (2.0 * self.runs).sqrt(),
            "{name}: error over declared sd {spread}"
        );
    }
}

/// Section 4 of the design study, default budget: A total 0.6 %, city 1.6 %, city x group 7.5 %; D total 4.5 %; coverage 95 %.
/// Measures through the real counting and noise, without the log and the ledger, for speed.
#[tokio::test]
async fn accuracy_and_coverage_reach_the_targets_on_the_pilot() {
    let role = sqlite().await;
    let period = quarter("2026Q1");
    contribute(&role.app.store, &pilot(period)).await;
    let mut tallies: std::collections::BTreeMap<(String, String), Tally> =
        std::collections::BTreeMap::new();
    let crate::close::Ready::Go(prepared) = crate::close::prepare(&role.app, period).await.unwrap()
    else {
        panic!("open")
    };
    for _ in 0..100 {
        for (table, cell) in prepared.rehearse().await {
            let truth = match (table.as_str(), cell.level.as_str(), cell.city.as_deref()) {
                (_, _, Some("other")) => 0.0,
                ("A", "total", _) => 3000.0,
                ("A", "city", _) => 750.0,
                ("A", ..) => 125.0,
                ("D", "total", _) => 510.0,
                ("D", _, Some("medan" | "pontianak")) => 128.0,
                ("D", ..) => 127.0,
                (_, "total", _) => 800.0,
                _ => 200.0,
            };
            if truth > 0.0 {
                tallies
                    .entry((table, cell.level.clone()))
                    .or_default()
                    .add(&cell, truth);
            }
        }
    }
    for (table, level, truth, target) in [
        ("A", "total", 3000.0, 0.006),
        ("A", "city", 750.0, 0.016),
        ("A", "city-group", 125.0, 0.075),
        ("D", "total", 510.0, 0.045),
        ("D", "city", 127.5, 0.14),
        ("F", "city", 200.0, 0.03),
    ] {
        tallies[&(table.to_owned(), level.to_owned())].check(
            &format!("{table} {level}"),
            truth,
            target,
        );
    }
}

/// Running totals over 22 quarters, past the end of the first block: every number within seven declared standard deviations
/// of the truth (chance of a false alarm below 1e-9 in all), and the errors of the last release are as large as declared.
#[tokio::test]
async fn running_totals_stay_true_past_the_end_of_a_block() {
    let role = sqlite().await;
    let mut period = quarter("2026Q1");
    let lines: Vec<_> = (0..22)
        .flat_map(|n| pilot(Quarter::from_number(period.number() + n).unwrap()))
        .collect();
    contribute(&role.app.store, &lines).await;
    let key = role.app.keys.release.public();
    for n in 1..=22 {
        close(&at(&role.app, closing_day(period)), period)
            .await
            .unwrap();
        let file = body(&role, period).await;
        assert!(verify(&file, &key).unwrap().recomputed);
        for cell in &open(&file).tables[2].cells {
            let a_quarter = match cell.city.as_deref() {
                None => 800.0,
                Some("other") => 0.0,
                Some(_) => 200.0,
            };
            let truth = if cell.series == "new" {
                a_quarter
            } else {
                a_quarter * f64::from(n)
            };
            assert!(
                (cell.estimate.value() - truth).abs() < 7.0 * cell.sd.value(),
                "{period} {cell:?}"
            );
        }
        period = period.next();
    }
    let last = open(&body(&role, period.previous()).await);
    let sd = |series: &str| {
        last.tables[2]
            .cells
            .iter()
            .find(|cell| cell.series == series && cell.level == "city")
            .unwrap()
            .sd
            .value()
    };
    // sigma_1 = 1/sqrt(2 * 0.0441) = 3.367; a whole block's total 2.016 of it, two quarters of the next 1.42 * sqrt(1.25).
    let expected = 3.367 * (2.016f64.powi(2) + 2.016 * 1.25).sqrt();
    assert!(
        (sd("cumulative") - expected).abs() < 0.02,
        "{} {expected}",
        sd("cumulative")
    );
    assert!(
        (sd("new") - 3.367 * (2.016f64 * 1.25).sqrt()).abs() < 0.02,
        "{}",
        sd("new")
    );
}
