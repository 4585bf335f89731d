//! Bookings against closings: what is counted when a quarter is frozen is all that the quarter ever holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use std::sync::Arc;

use crypto::day::Day;
use crypto::report::Report;
use indicators::contribution::Contribution;
use store::retrying;

use crate::App;
use crate::close::{Ready, prepare};
use crate::intake::Opened;
use crate::query;
use crate::testing::closing::{at, closing_day, quarter, roles};
use crate::testing::reports::{header, in_time, report, take};

/// Quarters closed while bookings run, on each database.
const ROUNDS: u8 = 24;
/// Bookings at once.
const WRITERS: u8 = 6;
/// Bookings by each.
const EACH: u8 = 4;

fn opened(round: u8, writer: u8, number: u8, day: Day) -> Result<Opened, crate::error::Refusal> {
    let mut report: Report = report(0, "medan/a", "nsp", "contact", day, None);
    let mut id = [0; 16];
    id[..3].copy_from_slice(&[round, writer, number]);
    report.id = crypto::id::ReportId::from_bytes(id);
    // Somebody new every time: a first enrolment, active and a drop-out later on.
    let mut element = [7; 32];
    element[..3].copy_from_slice(&[round, writer, number]);
    Ok(Opened {
        element,
        report,
        received: in_time(),
    })
}

async fn write(app: &App, round: u8, writer: u8, day: Day) {
    let mut rng = app.rng.clone();
    for number in 0..EACH {
        let one = [opened(round, writer, number, day)];
        let acks = retrying!(app.store, "take reports", &mut rng, |tx| {
            let acks = take(tx, app, &header(&[]), &one).await?;
            tokio::task::yield_now().await;
            Ok::<_, crate::error::Error>(acks)
        })
        .unwrap();
        assert_eq!(acks, [true]);
    }
}

async fn counted(app: &App, period: crypto::day::Quarter) -> Vec<(Contribution, i64)> {
    let mut tx = app.store.read().await.unwrap();
    let mut rows = query::contributions(&mut tx).await.unwrap();
    rows.retain(|row| row.0.period == period);
    rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_booking_reaches_a_quarter_after_it_was_counted() {
    for role in roles().await {
        let name = role.database.name;
        let mut period = quarter("2026Q1");
        let (mut before, mut after) = (0, 0);
        for round in 0..ROUNDS {
            let app = Arc::new(at(&role.app, closing_day(period)));
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let (app, day) = (Arc::clone(&app), period.first_day());
                    tokio::spawn(async move { write(&app, round, writer, day).await })
                })
                .collect();
            tokio::time::sleep(std::time::Duration::from_millis(u64::from(round % 12))).await;
            let Ready::Go(prepared) = prepare(&app, period).await.unwrap() else {
                panic!("open")
            };
            let reserved = prepared.reserve().await.unwrap();
            // From here on the quarter may be counted.
            let frozen = counted(&app, period).await;
            let logged = reserved.log().await.unwrap();
            for writer in writers {
                writer.await.unwrap();
            }
            assert!(
                counted(&app, period).await == frozen,
                "{name} {period}: something was booked after the count"
            );
            let people = usize::from(WRITERS * EACH);
            let firsts = |rows: &[(Contribution, i64)]| {
                let first =
                    |row: &&(Contribution, i64)| row.0.cell.tab() == privacy::cell::Tab::First;
                rows.iter().filter(first).count()
            };
            let (here, late) = (firsts(&frozen), firsts(&counted(&app, period.next()).await));
            // The next quarter's own writers have not begun, so all of it is late; what was late before counts here.
            assert!(here + late >= people, "{name} {period}: nobody is lost");
            before += here;
            after += late;
            logged
                .measure()
                .await
                .unwrap()
                .store()
                .await
                .unwrap()
                .publish()
                .await
                .unwrap();
            period = period.next();
        }
        assert!(
            before > 0 && after > 0,
            "{name}: {before} before, {after} after: the race did not happen"
        );
    }
}
