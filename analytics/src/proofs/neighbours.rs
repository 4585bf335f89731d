//! Two stores that differ by one person differ in nothing that leaves them but noise: the same cells in the same order, the
//! same parameters, debits, hashes of parameters and registry, and texts of the same shape.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use indicators::testing::day;
use privacy::budget::Budget;
use serde_json::Value;
use store::fetch_all;

use crate::close::{close, revise};
use crate::intake::Opened;
use crate::ledger;

use crate::stored;
use crate::testing::closing::{Role, at, closing_day, quarter, roles};
use crate::testing::reports::{header, in_time, report, take};
use release::reason::Reason;
use release::seal::as_csv;

/// Everything one person can do within the caps and beyond: four services, drop-outs, returns, moves, late and repeated reports.
/// Enters a cohort, the cascade and a linkage too.
async fn add_person(role: &Role, element: u8, late: bool) {
    let visits: &[(&str, &str, &str, &str)] = if late {
        &[
            ("makassar/a", "2026-01-20", "art", "contact"),
            ("nowhere/a", "2026-05-01", "unheard-of", "contact"),
            ("makassar/a", "2026-06-20", "art", "result:suppressed"),
        ]
    } else {
        &[
            ("medan/a", "2026-01-05", "oat-methadone", "contact"),
            ("medan/a", "2026-01-05", "nsp", "contact"),
            ("medan/a", "2026-01-10", "hts", "result:positive"),
            ("bandung/a", "2026-02-01", "prep", "contact"),
            ("bandung/a", "2026-02-01", "legal", "contact"),
            ("medan/a", "2026-02-20", "oat-methadone", "contact"),
            ("bandung/a", "2026-02-21", "oat-methadone", "contact"),
        ]
    };
    let made = (0u8..)
        .zip(visits)
        .map(|(number, (site, on, service, kind))| {
            let id = number + if late { 100 } else { 0 };
            let cover = (*kind == "result:suppressed").then(|| day("2027-06-01"));
            let mut made = report(id, site, service, kind, day(on), cover);
            let mut own = [element; 16];
            own[0] = id;
            made.id = crypto::id::ReportId::from_bytes(own);
            Ok(Opened {
                element: [element; 32],
                report: made,
                received: in_time(),
            })
        });
    let mut made: Vec<_> = made.collect();
    made.extend(made.clone());
    let mut tx = role.app.store.write().await.unwrap();
    let acks = take(&mut tx, &role.app, &header(&[]), &made).await.unwrap();
    assert!(acks.iter().all(|taken| *taken));
    tx.commit().await.unwrap();
}

/// A city registered while the first quarter is open.
async fn register(role: &Role, site: &str) {
    let mut tx = role.app.store.write().await.unwrap();
    take(&mut tx, &role.app, &header(&[site]), &[])
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// Numbers that hold noise, hashes and signatures over it are struck out; everything else stays, in its order.
fn masked(value: &mut Value) {
    const NOISY: [&str; 7] = [
        "measured",
        "estimate",
        "lo",
        "hi",
        "display",
        "reliability",
        "hash",
    ];
    match value {
        Value::Object(fields) => {
            // Whether a rate is estimable is decided from noisy numbers.
            if fields.contains_key("rate") {
                for noisy in ["estimate", "lo", "hi"] {
                    fields.remove(noisy);
                }
            }
            for (name, field) in fields.iter_mut() {
                let signed = name.ends_with("signature");
                if signed || NOISY.contains(&name.as_str()) {
                    let length = field.as_array().map_or(0, Vec::len);
                    *field = Value::from(length);
                } else {
                    masked(field);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(masked),
        _ => {}
    }
}

/// Everything but noise that a reader or an operator gets to see.
pub(super) async fn seen(role: &Role) -> Vec<String> {
    let mut all = Vec::new();
    let store = &role.app.store;
    for release in stored::list(store, &role.app.log_dir).await.unwrap() {
        let period = release.subject.period;
        let (_, body) = stored::newest(store, &role.app.log_dir, period)
            .await
            .unwrap()
            .unwrap();
        let mut json: Value = serde_json::from_slice(&body).unwrap();
        masked(&mut json);
        all.push(format!("{period} {json}"));
        let table = String::from_utf8(as_csv(&body).unwrap()).unwrap();
        for line in table
            .lines()
            .filter(|line| !line.starts_with("# hash") && !line.starts_with("# signature"))
        {
            let fields: Vec<&str> = line.split(',').collect();
            let kept = if line.starts_with('#') {
                line.to_owned()
            } else {
                fields[..8.min(fields.len())].join(",")
            };
            all.push(kept);
        }
    }
    let view = ledger::view(store, Budget::Default).await.unwrap();
    all.push(serde_json::to_string(&view).unwrap());
    let mut tx = store.read().await.unwrap();
    let sql = "SELECT period, cell, tab FROM measurement ORDER BY tab, level, period, cell";
    let rows = fetch_all!(&mut tx, (i64, i64, String), sql).unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let sql = "SELECT tab, period, cost_nano, parameters FROM reservation ORDER BY tab, period";
    let rows = fetch_all!(&mut tx, (String, i64, i64, Vec<u8>), sql).unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    let sql = "SELECT city, code, from_period FROM city ORDER BY code";
    let rows = fetch_all!(&mut tx, (String, i64, i64), sql).unwrap();
    all.extend(rows.iter().map(|row| format!("{row:?}")));
    all
}

/// With nobody else in the store the difference would be easiest to see; so that is the case tried, and one with company.
#[tokio::test]
async fn one_person_more_changes_nothing_but_noise() {
    for company in [0u8, 5] {
        for (without, with) in roles().await.into_iter().zip(roles().await) {
            for role in [&without, &with] {
                for one in 0..company {
                    add_person(role, 10 + one, false).await;
                }
            }
            add_person(&with, 1, false).await;
            for role in [&without, &with] {
                register(role, "denpasar/a").await;
                let first = quarter("2026Q1");
                close(&at(&role.app, closing_day(first)), first)
                    .await
                    .unwrap();
                register(role, "jayapura/a").await;
            }
            // Late, from a site nobody registered.
            let later = |role: &Role| at(&role.app, closing_day(quarter("2026Q2")));
            let moved = Role {
                app: std::sync::Arc::new(later(&with)),
                ..with
            };
            add_person(&moved, 1, true).await;
            for role in [&without, &moved] {
                close(&later(role), quarter("2026Q2")).await.unwrap();
                // The late report is of the first quarter, which is counted again.
                let reasons = [Reason::LateReports].into();
                revise(&later(role), quarter("2026Q1"), &reasons)
                    .await
                    .unwrap();
                // The year's end: annual tables too.
                for period in ["2026Q3", "2026Q4"].map(quarter) {
                    close(&at(&role.app, closing_day(period)), period)
                        .await
                        .unwrap();
                }
            }
            let (left, right) = (seen(&without).await, seen(&moved).await);
            assert_eq!(left, right, "{} with {company} others", moved.database.name);
            assert!(left.len() > 100);
        }
    }
}
