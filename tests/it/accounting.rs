//! The accounting of a release, computed again by a script that shares no code with the programme.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use analytics::App;
use analytics::budget::Budget;
use analytics::keys::AnalyticsKeys;
use analytics::setup::{self, Facts};
use crypto::day::Quarter;
use crypto::rng::Random;
use store::clock::FixedClock;
use store::{Room, fixture};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/accounting.py");

/// Exit code of the script, `None` where there is no Python.
fn account(file: &Path) -> Option<i32> {
    let output = Command::new("python3")
        .arg(SCRIPT)
        .arg(file)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    output.status.code()
}

/// The third release of a programme that began in the middle of a year: another year's debits are not counted with it.
async fn release(budget: Budget) -> String {
    let database = fixture::sqlite(Room::Analytics).await;
    let folder = tempfile::tempdir().unwrap();
    let (keys, _) = AnalyticsKeys::generate(&mut Random::seeded([1; 32])).unwrap();
    let app = App {
        store: database.store.clone(),
        clock: Arc::new(FixedClock::at("2026-01-15".parse().unwrap())),
        rng: Random::os(),
        keys: Arc::new(keys),
        log_dir: folder.path().to_owned(),
    };
    let start = Some("2024-07-20".parse().unwrap());
    setup::set_up(&app, Facts { start, budget }).await.unwrap();
    let mut body = Vec::new();
    for period in ["2024Q3", "2024Q4", "2025Q1"] {
        let period: Quarter = period.parse().unwrap();
        analytics::close::close(&app, period).await.unwrap();
        let newest = analytics::stored::newest(&app.store, &app.log_dir, period);
        body = analytics::export::json::render(&newest.await.unwrap().unwrap().1);
    }
    String::from_utf8(body).unwrap()
}

#[tokio::test]
async fn an_independent_script_finds_the_same_losses() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("release.json");
    for budget in Budget::ALL {
        let text = release(budget).await;
        std::fs::write(&file, &text).unwrap();
        let Some(code) = account(&file) else {
            println!("skipped: there is no python3 here");
            return;
        };
        assert_eq!(code, 0, "{budget}");
    }
}

/// The script can fail: a halved scale, a bound of 2 instead of 4, a smaller debit, another cap, a kinder epsilon.
#[tokio::test]
async fn the_script_notices_what_would_break_the_promise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("release.json");
    let text = release(Budget::Default).await;
    for (right, wrong) in [
        (r#""sigma":"1437/64""#, r#""sigma":"718/64""#),
        (r#""l2_squared":"4""#, r#""l2_squared":"2""#),
        (r#""nano_rho":734340}"#, r#""nano_rho":634340}"#),
        (
            "at most two per calendar year",
            "at most three per calendar year",
        ),
        (
            r#""spent_in_year_nano_rho":10280333"#,
            r#""spent_in_year_nano_rho":0"#,
        ),
        (r#""epsilon_year":2."#, r#""epsilon_year":1."#),
    ] {
        let changed = text.replacen(right, wrong, 1);
        assert_ne!(changed, text, "{right}");
        std::fs::write(&file, changed).unwrap();
        match account(&file) {
            None => println!("skipped: there is no python3 here"),
            Some(code) => assert_eq!(code, 1, "{right}"),
        }
    }
    std::fs::write(&file, "{}").unwrap();
    assert!(account(&file).is_none_or(|code| code == 2));
}
