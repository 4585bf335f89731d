//! One wrong row, cloned: what its withdrawal moves in a closed quarter counted again, and in those that are open.

use crypto::id::ReportId;

use super::*;

/// The same report of so many people, one each, taken on the day that `app` stands at. The id is `what` and the person's number.
async fn cloned(app: &App, people: u16, what: u8, kind: impl Fn(u16) -> String, on: &str) {
    let opened = |number: u16| {
        let mut made = report(0, "medan/a", "nsp", &kind(number), day(on), None);
        made.id = id(what, number);
        let mut element = [7; 32];
        element[..2].copy_from_slice(&number.to_be_bytes());
        Ok(Opened {
            element,
            report: made,
            received: in_time(),
        })
    };
    let all: Vec<_> = (1..=people).map(opened).collect();
    let mut tx = app.store.write().await.unwrap();
    let acks = take(&mut tx, app, &header(&[]), &all).await.unwrap();
    assert!(acks.iter().all(|taken| *taken));
    tx.commit().await.unwrap();
}

fn id(what: u8, number: u16) -> ReportId {
    let mut id = [what; 16];
    id[..2].copy_from_slice(&number.to_be_bytes());
    ReportId::from_bytes(id)
}

#[tokio::test]
async fn a_wrong_row_of_sixty_people_leaves_the_quarter_counted_again_and_every_later_one() {
    // 60 to be counted exactly, 900 to be seen through the noise.
    for people in [60, 900] {
        for role in roles().await {
            let (name, first) = (role.database.name, quarter("2026Q1"));
            cloned(&role.app, people, 1, |_| "contact".into(), "2026-03-10").await;
            let wrong = |_| "exited:dropped_out".to_owned();
            cloned(&role.app, people, 2, wrong, "2026-03-20").await;
            close(&role.app, first).await.unwrap();
            let (rows, one) = (
                stored_rows(&role.app, first).await,
                version(&role.app, "2026Q1", 1).await,
            );
            let count = i64::from(people);
            let of = |rows: &[(Contribution, i64)], tab| {
                let wanted = rows.iter().filter(|row| row.0.cell.tab() == tab);
                i64::try_from(wanted.count()).unwrap()
            };
            assert_eq!(
                (of(&rows, Tab::DropOut), of(&rows, Tab::Active)),
                (count, 0)
            );
            let later = at(&role.app, closing_day(first).plus(20));
            assert_eq!(revised_truth(&later, first, Tab::DropOut).await, count);

            let withdrawn = |number| format!("withdrawn:{}", id(2, number));
            cloned(&later, people, 3, withdrawn, "2026-03-20").await;
            // Known again as active, counted again in no closed quarter; lost for good on the 91st day.
            assert_eq!(stored_rows(&later, first).await, rows, "{name}");
            assert_eq!(revised_truth(&later, first, Tab::DropOut).await, 0);
            assert_eq!(revised_truth(&later, first, Tab::Active).await, count);
            let next = stored_rows(&later, first.next()).await;
            assert_eq!(of(&next, Tab::DropOut), 0, "one of each service and year");

            revise(&later, first, &why()).await.unwrap();
            let (body, two) = version(&later, "2026Q1", 2).await;
            assert_eq!(version(&later, "2026Q1", 1).await.0, one.0, "{name}");
            let found = |table, series| find(&two, table, series, None);
            assert!(near(found("RD", Series::Revised), 0), "{name}");
            assert!(near(found("RD", Series::Change), -count), "{name}");
            assert!(near(found("RA", Series::Revised), count), "{name}");
            assert!(near(found("RA", Series::Change), count), "{name}");
            let key = later.keys.release.public();
            assert!(verify(&body, &key).unwrap().recomputed);
        }
    }
}
