//! The accounting of a release, computed again by a script that shares no code with the programme.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use analytics::App;
use analytics::keys::AnalyticsKeys;
use analytics::setup::{self, Founding};
use crypto::day::Quarter;
use crypto::rng::Random;
use privacy::budget::Budget;
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

/// The releases of a programme that began in the middle of a year: the third is another year's, whose debits are counted alone.
async fn releases(budget: Budget) -> Vec<String> {
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
    setup::set_up(&app, Founding { start, budget })
        .await
        .unwrap();
    let nothing = wire::Deliver {
        epoch: 1,
        complete: Some(app.today()),
        items: Vec::new(),
    };
    analytics::intake::accept(&app, nothing).await.unwrap();
    let mut bodies = Vec::new();
    for period in ["2024Q3", "2024Q4", "2025Q1"] {
        let period: Quarter = period.parse().unwrap();
        analytics::close::close(&app, period).await.unwrap();
        let newest = analytics::stored::newest(&app.store, &app.log_dir, period);
        let body = newest.await.unwrap().unwrap().1;
        bodies.push(String::from_utf8(body).unwrap());
    }
    bodies
}

#[tokio::test]
async fn an_independent_script_finds_the_same_losses() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("release.json");
    for budget in Budget::ALL {
        for text in releases(budget).await {
            std::fs::write(&file, &text).unwrap();
            let Some(code) = account(&file) else {
                println!("skipped: there is no python3 here");
                return;
            };
            assert_eq!(code, 0, "{budget}");
        }
    }
}

/// The script can fail: a halved scale, a bound of 2 instead of 4, a smaller debit, another cap, a kinder epsilon.
#[tokio::test]
async fn the_script_notices_what_would_break_the_promise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("release.json");
    // The second release closes a year and holds every table.
    let text = releases(Budget::Default).await.swap_remove(1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    let release = &value["release"];
    let mut wrong: Vec<(String, String)> = [
        (r#""l2_squared":"4""#, r#""l2_squared":"2""#),
        (r#""l2_squared":"3""#, r#""l2_squared":"1""#),
        (
            "at most two per calendar year",
            "at most three per calendar year",
        ),
        (r#""epsilon_year":2."#, r#""epsilon_year":1."#),
    ]
    .map(|(right, wrong)| (right.to_owned(), wrong.to_owned()))
    .to_vec();
    let spent = format!(
        r#""spent_in_year_nano_rho":{}"#,
        release["privacy"]["spent_in_year_nano_rho"]
    );
    wrong.push((spent, r#""spent_in_year_nano_rho":0"#.to_owned()));
    // A smaller debit and half the noise of each level of each table.
    for table in release["tables"].as_array().unwrap() {
        for level in table["levels"].as_array().unwrap() {
            let (sigma, debit) = (
                level["sigma"].as_str().unwrap(),
                level["nano_rho"].as_u64().unwrap(),
            );
            let (above, below) = sigma.split_once('/').unwrap();
            let half = above.parse::<u64>().unwrap() / 2;
            let whole = format!(r#""sigma":"{sigma}","nano_rho":{debit}"#);
            wrong.push((
                whole.clone(),
                format!(r#""sigma":"{half}/{below}","nano_rho":{debit}"#),
            ));
            wrong.push((
                whole,
                format!(r#""sigma":"{sigma}","nano_rho":{}"#, debit - 100),
            ));
        }
    }
    for (right, wrong) in wrong {
        let changed = text.replacen(&right, &wrong, 1);
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
