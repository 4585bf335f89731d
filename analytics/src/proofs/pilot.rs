//! Exports and verification on a generated pilot: 3,000 active clients in four cities.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]

use crypto::day::Quarter;

use crate::close::{close, heal};
use crate::stored;
use crate::testing::closing::{
    Role, app, at, closing_day, contribute, pilot, quarter, roles, sqlite,
};
use release::object::Release;
use release::published::Series;
use release::seal::{SignedRelease, as_csv};
use release::verify::{VerifyError, verify};

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
        let (one, two) = (first.clone(), as_csv(&first).unwrap());
        for _ in 0..100 {
            let again = body(&role, period).await;
            assert_eq!(
                (again.clone(), as_csv(&again).unwrap()),
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
        assert_eq!((again.clone(), as_csv(&again).unwrap()), (one, two));
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
    let table = as_csv(&good).unwrap();
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
    let sealed = release::seal::seal(&release, &role.app.keys.release).unwrap();
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
        for series in [Series::Count, Series::New, Series::Cumulative] {
            let sum = |level: &str| {
                table
                    .cells
                    .iter()
                    .filter(|cell| cell.series == series && cell.level == level)
                    .fold(release::decimal::Decimal::default(), |sum, cell| {
                        sum.plus(cell.estimate)
                    })
            };
            let code = table.table.as_str();
            let levels: &[&str] = match code {
                "A" => &["total", "city", "city-group"],
                "D" | "E" => &["total", "city", "city-service"],
                "B" => &["total", "service", "city-service"],
                _ => &["total", "city"],
            };
            for pair in levels.windows(2) {
                assert_eq!(sum(pair[0]), sum(pair[1]), "table {code} {series}");
            }
        }
        for cell in &table.cells {
            assert!(cell.lo < cell.estimate && cell.estimate < cell.hi);
        }
    }
}

/// Two draws of one quarter share nothing. Two equal numbers of city and group have a chance below 0.03 (noise of 11 and more):
/// half of 24 equal, below 2e-12. How accurate draws are is measured in `examples/accuracy`.
#[tokio::test]
async fn two_draws_of_a_quarter_share_no_noise() {
    let role = sqlite().await;
    let period = quarter("2026Q1");
    contribute(&role.app.store, &pilot(period)).await;
    let crate::close::Ready::Go(prepared) = crate::close::prepare(&role.app, period).await.unwrap()
    else {
        panic!("open")
    };
    let (one, other) = (prepared.rehearse().await, prepared.rehearse().await);
    let measured = |drawn: &[(String, release::object::CellRelease)]| -> Vec<i64> {
        let cells = drawn.iter().filter(|(table, cell)| {
            table == "A" && cell.level == "city-group" && cell.city.as_deref() != Some("other")
        });
        cells.map(|(_, cell)| cell.measured.unwrap()).collect()
    };
    let (one, other) = (measured(&one), measured(&other));
    assert_eq!((one.len(), other.len()), (24, 24));
    let equal = one.iter().zip(&other).filter(|(a, b)| a == b).count();
    assert!(equal < 12, "{equal} of 24 numbers are equal");
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
        for cell in &running_totals(&file) {
            let a_quarter = match cell.city.as_deref() {
                None => 800.0,
                Some("other") => 0.0,
                Some(_) => 200.0,
            };
            let truth = if cell.series == Series::New {
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
    let last = running_totals(&body(&role, period.previous()).await);
    let sd = |series: Series| {
        last.iter()
            .find(|cell| cell.series == series && cell.level == "city")
            .unwrap()
            .sd
            .value()
    };
    // 10 % of 0.0882 a year, of which one person moves at most 1.488; a whole block's total, then two quarters of the next.
    let sigma = (1.488_281_25f64 / (2.0 * 0.008_82)).sqrt();
    let expected = sigma * (2.016f64 + 1.25).sqrt();
    assert!(
        (sd(Series::Cumulative) - expected).abs() < 0.02,
        "{} {expected}",
        sd(Series::Cumulative)
    );
    let expected = sigma * 1.25f64.sqrt();
    assert!(
        (sd(Series::New) - expected).abs() < 0.02,
        "{} {expected}",
        sd(Series::New)
    );
}

fn running_totals(file: &[u8]) -> Vec<release::object::CellRelease> {
    let tables = open(file).tables.into_iter();
    tables
        .filter(|table| table.table == "F")
        .flat_map(|table| table.cells)
        .collect()
}
