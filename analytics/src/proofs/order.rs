//! Nothing that is published depends on the order of rows, nor its order on one person.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use crypto::rng::Random;
use indicators::contribution::Contribution;
use rand::Rng as _;
use rand::seq::SliceRandom as _;
use wire::rows::COLUMNS;

use super::neighbours::seen;
use crate::close::close;
use crate::intake::import;
use crate::query;
use crate::registry::Register;
use crate::testing::closing::{Role, quarter, roles, sqlite};

/// People over cities and services that nobody entered before, some days and places often, so that the order of one day matters.
fn rows(rng: &mut Random) -> Vec<String> {
    let mut rows = Vec::new();
    for person in 0..40 {
        for _ in 0..rng.gen_range(1..8) {
            let city = ["zamboanga", "ambon", "kupang"][rng.gen_range(0..3)];
            let site = ["x", "a"][rng.gen_range(0..2)];
            let service = ["yoga", "art", "bread", "oat-methadone"][rng.gen_range(0..4)];
            let kind = [
                "contact",
                "exited:dropped_out",
                "exited:transferred",
                "enrolled",
            ][rng.gen_range(0..4)];
            let day = rng.gen_range(1..4);
            rows.push(format!(
                "p{person},2026-01-{day:02},{city}/{site},{service},{kind},,,"
            ));
        }
    }
    rows
}

/// Imports rows and closes the first quarter; what is counted of each person, and everything published but its noise.
async fn published(role: &Role, rows: &[String]) -> (Vec<(Contribution, i64)>, Vec<String>) {
    let text = format!("{}\n{}\n", COLUMNS.join(","), rows.join("\n"));
    let refused = |error| panic!("{error}");
    import(&role.app, text.as_bytes(), Register::All, refused, |_| {})
        .await
        .unwrap();
    close(&role.app, quarter("2026Q1")).await.unwrap();
    let counted = query::contributions(&mut role.app.store.read().await.unwrap())
        .await
        .unwrap();
    (counted, seen(role).await)
}

#[tokio::test]
async fn the_order_of_rows_changes_nothing_that_is_counted_or_published() {
    for seed in 0..6 {
        let mut rng = Random::seeded([seed; 32]);
        let mut rows = rows(&mut rng);
        let first = published(&sqlite().await, &rows).await;
        rows.shuffle(&mut rng);
        for role in roles().await {
            let again = published(&role, &rows).await;
            assert!(first == again, "{}, seed {seed}", role.database.name);
        }
    }
}

#[tokio::test]
async fn one_person_less_changes_no_order() {
    let mut rng = Random::seeded([9; 32]);
    let rows = rows(&mut rng);
    let all = published(&sqlite().await, &rows).await.1;
    for person in 0..3 {
        let gone = format!("p{person},");
        let fewer: Vec<String> = rows
            .iter()
            .filter(|row| !row.starts_with(&gone))
            .cloned()
            .collect();
        assert!(fewer.len() < rows.len());
        assert_eq!(
            published(&sqlite().await, &fewer).await.1,
            all,
            "without p{person}"
        );
    }
}

/// Cities are published by name, also one that was entered later than another.
#[tokio::test]
async fn cities_are_published_in_the_order_of_their_names() {
    let role = sqlite().await;
    let rows = [
        "p1,2026-01-02,zamboanga/x,art,contact,,,",
        "p2,2026-01-02,ambon/x,art,contact,,,",
    ];
    for row in rows {
        let text = format!("{}\n{row}\n", COLUMNS.join(","));
        import(&role.app, text.as_bytes(), Register::All, |_| {}, |_| {})
            .await
            .unwrap();
    }
    close(&role.app, quarter("2026Q1")).await.unwrap();
    let folder = &role.app.log_dir;
    let found = crate::stored::newest(&role.app.store, folder, quarter("2026Q1")).await;
    let (_, body) = found.unwrap().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let release = json.get("payload").unwrap_or(&json);
    let text = release.to_string();
    let place = |name: &str| text.find(name).unwrap();
    let names = [
        "ambon",
        "bandung",
        "makassar",
        "medan",
        "pontianak",
        "zamboanga",
    ];
    assert!(
        names.windows(2).all(|pair| place(pair[0]) < place(pair[1])),
        "{text:.400}"
    );
}
