//! Rows that withdraw others: which they find, twice is once, and nothing hangs on the order of the file.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use privacy::cell::Tab;
use wire::rows::COLUMNS;

use super::super::{Summary, import};
use super::*;
use crate::registry::Register;
use crate::testing::closing::{EVENTS, number, roles, sqlite};

/// Imports lines; what was done, and the lines that were refused.
async fn take(app: &App, lines: &[&str]) -> (Summary, Vec<(u64, &'static str)>) {
    let text = format!("{}\n{}\n", COLUMNS.join(","), lines.join("\n"));
    let mut refused = Vec::new();
    let note = |error: RowError| refused.push((error.line, error.column));
    let done = import(app, text.as_bytes(), Register::Nothing, note, |_| {}).await;
    (done.unwrap(), refused)
}

/// The quarters in which somebody is counted as active.
async fn active(app: &App) -> Vec<String> {
    let mut tx = app.store.read().await.unwrap();
    let rows = query::contributions(&mut tx).await.unwrap();
    let active = rows.iter().filter(|row| row.0.cell.tab() == Tab::Active);
    active.map(|row| row.0.period.to_string()).collect()
}

const ENROLLED: &str = "p1,2026-01-10,medan/a,nsp,enrolled,2026-07-20,woman,under 25";
const DIED: &str = "p1,2026-02-10,medan/a,nsp,exited:died,,,";
const WITHDRAWN: &str = "p1,2026-02-10,medan/a,nsp,withdrawn,,,";
const ALL: [&str; 3] = ["2026Q1", "2026Q2", "2026Q3"];

#[tokio::test]
async fn a_row_is_withdrawn_by_one_of_another_file_or_of_its_own_in_any_order() {
    for role in roles().await {
        let (app, name) = (&role.app, role.database.name);
        take(app, &[ENROLLED, DIED]).await;
        assert_eq!(active(app).await, [""; 0], "{name}");
        let (done, refused) = take(app, &[WITHDRAWN]).await;
        assert_eq!(
            (done.rows, done.withdrawn, refused),
            (1, 1, vec![]),
            "{name}"
        );
        assert_eq!((done.new_events, done.new_people), (0, 0), "{name}");
        assert_eq!(active(app).await, ALL, "{name}");
        // The same again, alone and with what it withdraws, changes nothing.
        for lines in [&[WITHDRAWN][..], &[WITHDRAWN, DIED, ENROLLED]] {
            let (done, refused) = take(app, lines).await;
            assert_eq!((done.withdrawn, done.new_events), (0, 0), "{name}");
            assert_eq!((refused, done.refused), (vec![], 0), "{name}");
            assert_eq!(active(app).await, ALL, "{name}");
        }
        // To count it all the same, a file has it once more than it was withdrawn.
        let (done, _) = take(app, &[DIED, WITHDRAWN, DIED]).await;
        assert_eq!((done.withdrawn, done.new_events), (0, 1), "{name}");
        assert_eq!(active(app).await, [""; 0], "{name}");
    }
    for lines in [[WITHDRAWN, DIED, ENROLLED], [ENROLLED, DIED, WITHDRAWN]] {
        let role = sqlite().await;
        let (done, refused) = take(&role.app, &lines).await;
        assert_eq!((done.withdrawn, done.new_events, refused), (1, 2, vec![]));
        assert_eq!(active(&role.app).await, ALL);
    }
}

#[tokio::test]
async fn the_same_words_about_another_row_that_came_since_are_refused() {
    let moved = DIED.replace("died", "moved");
    for second in [DIED, &moved] {
        let role = sqlite().await;
        let app = &role.app;
        take(app, &[ENROLLED, DIED]).await;
        take(app, &[WITHDRAWN]).await;
        // The second slip: for the same words it has to be there once more.
        let lines: &[&str] = if second == DIED {
            &[DIED, DIED]
        } else {
            &[second]
        };
        take(app, lines).await;
        assert_eq!(active(app).await, [""; 0]);
        let (done, refused) = take(app, &[WITHDRAWN]).await;
        assert_eq!((done.withdrawn, refused), (0, vec![(2, "event")]));
        // With its event where that tells the two apart, or twice where nothing does, it finds the one that stands.
        let named = second.replace("exited", "withdrawn:exited");
        let good: &[&str] = if second == DIED {
            &[WITHDRAWN, WITHDRAWN]
        } else {
            &[&named]
        };
        let (done, refused) = take(app, good).await;
        assert_eq!(done.withdrawn, 1, "{refused:?}");
        assert_eq!(active(app).await, ALL);
    }
}

#[tokio::test]
async fn a_row_that_finds_none_or_several_withdraws_nothing_and_is_refused() {
    let role = sqlite().await;
    let app = &role.app;
    let right = "p1,2026-02-10,medan/a,nsp,contact,2026-05-01,,";
    take(app, &[ENROLLED, DIED, right]).await;
    let wrong = [
        // Two rows of that day, which say different things.
        WITHDRAWN,
        "p2,2026-02-10,medan/a,nsp,withdrawn,,,",
        "p1,2026-02-11,medan/a,nsp,withdrawn,,,",
        "p1,2026-02-10,bandung/a,nsp,withdrawn,,,",
        "p1,2026-02-10,medan/a,art,withdrawn,,,",
        "p1,2026-02-10,medan/a,nsp,withdrawn:exited:moved,,,",
        "p1,2026-02-10,medan/a,nsp,withdrawn:contact,2026-05-02,,",
        "p1,2026-01-10,medan/a,nsp,withdrawn,,man,",
        "p1,2026-02-10,medan/a,nsp,withdrawn:withdrawn,,,",
        "p1,2026-02-10,medan/x,nsp,withdrawn,,,",
    ];
    let (done, mut refused) = take(app, &wrong).await;
    refused.sort_unstable();
    assert_eq!((done.withdrawn, done.refused), (0, 10));
    let lines: Vec<u64> = refused.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, (2..12).collect::<Vec<_>>());
    assert_eq!(refused[0].1, "event");
    assert_eq!(active(app).await, [""; 0]);
    let (done, refused) = take(app, &["p1,2026-02-10,medan/a,nsp,withdrawn:exited:died,,,"]).await;
    assert_eq!((done.withdrawn, refused), (1, vec![]));
    assert_eq!(active(app).await, ALL);
    // A row may be copied as it is but for its event; of rows that say the same, one goes for each that withdraws.
    let (done, _) = take(app, &[right, right]).await;
    assert_eq!(done.new_events, 1);
    let copied = right.replace("contact", "withdrawn");
    let (done, refused) = take(app, &[&copied, &copied, &copied]).await;
    assert_eq!((done.withdrawn, refused), (2, vec![(4, "event")]));
    // Events and withdrawals are 36 bytes each.
    assert_eq!(number(&app.store, EVENTS).await, 4 + 3);
}
