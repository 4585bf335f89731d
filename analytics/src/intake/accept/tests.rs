//! Intake on every available database: once, all or nothing, closed quarters untouched, refusals counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

mod clock;
mod provenance;
mod withdrawn;

use crypto::b64::{B64, Fixed};
use crypto::rng::Random;
use store::{execute, fetch_all};
use wire::RegistrySite;

use super::*;
use crate::query::Owned;
use crate::testing::closing::{CITIES, EVENTS, Role, at, number, roles};
use crate::testing::reports::{PROVIDER, Whole, accept, header, item, report, site_of, take, told};
use indicators::testing::day;
use privacy::cell::Tab;

const PEOPLE: &str = "SELECT COUNT(*) FROM person";
const CONTRIBUTIONS: &str = "SELECT COUNT(*) FROM contribution";
const REFUSALS: &str = "SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT) FROM refusal";

fn sites() -> Vec<RegistrySite> {
    header(&CITIES).registry
}

fn delivery(items: Vec<DeliverItem>) -> Whole {
    of_sites(sites(), items)
}

fn of_sites(registry: Vec<RegistrySite>, items: Vec<DeliverItem>) -> Whole {
    Whole {
        epoch: 1,
        providers: vec![told(PROVIDER)],
        registry,
        items,
    }
}

async fn open_of(role: &Role, items: Vec<DeliverItem>) -> Vec<Result<Opened, Refusal>> {
    let keys = report_keys(&role.app, 1).await.unwrap();
    open_all(&role.app.keys, keys, items).await.unwrap()
}

fn sealed(role: &Role, person: u8, report: &Report) -> DeliverItem {
    item(
        &role.app.keys,
        person,
        report,
        &mut Random::seeded([person; 32]),
    )
}

async fn stored(role: &Role) -> Vec<Owned> {
    query::contributions(&mut role.app.store.read().await.unwrap())
        .await
        .unwrap()
}

fn of(rows: &[Owned], tab: Tab) -> Vec<(String, u16, u8)> {
    let wanted = rows.iter().filter(|row| row.0.cell.tab() == tab);
    wanted
        .map(|(row, _)| {
            (
                row.period.to_string(),
                row.cell.city().number(),
                row.cell.service(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_report_counts_once_however_often_it_comes() {
    for role in roles().await {
        let name = role.database.name;
        let one = report(1, "medan/a", "nsp", "enrolled", day("2026-01-10"), None);
        let two = report(2, "medan/a", "nsp", "contact", day("2026-02-10"), None);
        let batch = vec![
            sealed(&role, 1, &one),
            sealed(&role, 1, &two),
            sealed(&role, 1, &one),
        ];
        let mut before = Vec::new();
        for round in 0..3 {
            let acks = accept(&role.app, delivery(batch.clone())).await.unwrap();
            assert_eq!(acks, [true, true, true], "{name}");
            assert_eq!(number(&role.app.store, EVENTS).await, 2, "{name}");
            assert_eq!(number(&role.app.store, PEOPLE).await, 1, "{name}");
            let rows = stored(&role).await;
            assert_eq!(
                of(&rows, Tab::First),
                [("2026Q1".to_owned(), 1, 0)],
                "{name}"
            );
            // Day 91 after 10 February is 12 May.
            assert_eq!(
                of(&rows, Tab::DropOut),
                [("2026Q2".to_owned(), 1, 1)],
                "{name}"
            );
            assert!(round == 0 || rows == before, "{name}");
            before = rows;
        }
    }
}

#[tokio::test]
async fn one_by_one_gives_the_same_as_all_at_once() {
    for role in roles().await {
        let visits = [
            ("2026-01-10", "nsp"),
            ("2026-03-01", "art"),
            ("2026-02-01", "nsp"),
            ("2026-04-20", "art"),
        ];
        let reports = (1u8..)
            .zip(visits)
            .map(|(id, (on, service))| report(id, "bandung/a", service, "contact", day(on), None));
        let items: Vec<DeliverItem> = reports.map(|one| sealed(&role, 7, &one)).collect();
        for one in &items {
            accept(&role.app, delivery(vec![one.clone()]))
                .await
                .unwrap();
        }
        let one_by_one: Vec<_> = stored(&role).await.into_iter().map(|row| row.0).collect();
        let other = at(&role.app, role.app.today());
        wipe(&role).await;
        accept(&other, delivery(items)).await.unwrap();
        let at_once: Vec<_> = stored(&role).await.into_iter().map(|row| row.0).collect();
        assert_eq!(one_by_one, at_once, "{}", role.database.name);
        assert!(!at_once.is_empty());
    }
}

async fn wipe(role: &Role) {
    let mut tx = role.app.store.write().await.unwrap();
    for sql in [
        "DELETE FROM contribution",
        "DELETE FROM person",
        "DELETE FROM report",
    ] {
        execute!(&mut tx, sql).unwrap();
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_crash_before_the_commit_leaves_nothing_half() {
    for role in roles().await {
        let name = role.database.name;
        let one = report(
            1,
            "medan/a",
            "art",
            "enrolled",
            day("2026-01-10"),
            Some(day("2026-02-10")),
        );
        // Before the programme's start.
        let bad = report(2, "medan/a", "nsp", "contact", day("2025-12-31"), None);
        let batch = vec![sealed(&role, 1, &one), sealed(&role, 2, &bad)];
        let opened = open_of(&role, batch.clone()).await;
        let mut tx = role.app.store.write().await.unwrap();
        let acks = take(&mut tx, &role.app, &header(&CITIES), &opened)
            .await
            .unwrap();
        assert_eq!(acks, [true, false], "{name}");
        tx.rollback().await.unwrap();
        for sql in [EVENTS, PEOPLE, CONTRIBUTIONS, REFUSALS] {
            assert_eq!(number(&role.app.store, sql).await, 0, "{name}: {sql}");
        }
        assert_eq!(
            accept(&role.app, delivery(batch)).await.unwrap(),
            [true, false],
            "{name}"
        );
        assert_eq!(
            (
                number(&role.app.store, EVENTS).await,
                number(&role.app.store, REFUSALS).await
            ),
            (1, 1),
            "{name}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_and_counted_without_content() {
    for role in roles().await {
        let today = role.app.today();
        let made = |id, service: &str, on: Day, until| {
            sealed(
                &role,
                id,
                &report(id, "medan/a", service, "contact", on, until),
            )
        };
        let good = made(1, "nsp", today, None);
        let mut wrong_element = good.clone();
        wrong_element.elgamal = Fixed([0xff; 64]);
        let mut wrong_body = good.clone();
        wrong_body.body = B64(vec![0; good.body.0.len()]);
        let batch = vec![
            wrong_element,
            wrong_body,
            made(2, "no-such-service", today, None),
            made(3, "nsp", today.plus(2), None),
            made(7, "nsp", today.plus(1), None),
            made(4, "nsp", day("2025-12-31"), None),
            made(5, "nsp", today, Some(today.plus(MAX_COVER_DAYS + 1))),
            made(6, "nsp", today, Some(today.plus(MAX_COVER_DAYS))),
            good,
        ];
        let acks = accept(&role.app, delivery(batch)).await.unwrap();
        // It is noon in the zone of the programme: somewhere on Earth the next day has begun.
        let expected = [false, false, true, false, true, false, false, true, true];
        assert_eq!(acks, expected);
        let mut tx = role.app.store.read().await.unwrap();
        let rows = fetch_all!(
            &mut tx,
            (i64, String, i64),
            "SELECT day, reason, count FROM refusal ORDER BY reason"
        )
        .unwrap();
        let words: Vec<&str> = rows.iter().map(|row| row.1.as_str()).collect();
        assert_eq!(
            words,
            ["before-start", "body", "cover", "element", "future"]
        );
        assert!(
            rows.iter()
                .all(|row| row.0 == i64::from(today.number()) && row.2 == 1)
        );
    }
}

#[tokio::test]
async fn late_reports_leave_closed_quarters_as_they_were() {
    for role in roles().await {
        let name = role.database.name;
        let early = report(
            1,
            "medan/a",
            "art",
            "enrolled",
            day("2026-01-10"),
            Some(day("2026-02-09")),
        );
        accept(&role.app, delivery(vec![sealed(&role, 1, &early)]))
            .await
            .unwrap();
        close(&role, 2026 * 4).await;
        let closed = |rows: Vec<Owned>| {
            rows.into_iter()
                .filter(|row| row.0.period.number() == 2026 * 4)
                .collect::<Vec<_>>()
        };
        let before = closed(stored(&role).await);
        // Cover to 9 February, drop-out on 10 March: the quarter closed with it.
        assert_eq!(
            of(&before, Tab::DropOut),
            [("2026Q1".to_owned(), 1, 5)],
            "{name}"
        );
        let late = report(
            2,
            "bandung/a",
            "art",
            "contact",
            day("2026-02-09"),
            Some(day("2026-05-10")),
        );
        let first = report(3, "medan/a", "nsp", "enrolled", day("2026-02-20"), None);
        let acks = accept(
            &role.app,
            delivery(vec![sealed(&role, 1, &late), sealed(&role, 2, &first)]),
        )
        .await
        .unwrap();
        assert_eq!(acks, [true, true], "{name}");
        let rows = stored(&role).await;
        assert_eq!(closed(rows.clone()), before, "{name}");
        assert_eq!(
            of(&rows, Tab::First),
            [("2026Q1".to_owned(), 1, 0), ("2026Q2".to_owned(), 1, 0)],
            "{name}"
        );
        assert_eq!(
            of(&rows, Tab::ReEngaged).len(),
            0,
            "{name}: not active at the quarter's end"
        );
    }
}

async fn close(role: &Role, period: i64) {
    let mut tx = role.app.store.write().await.unwrap();
    execute!(
        &mut tx,
        "INSERT INTO closed_period (period) VALUES ($1)",
        period
    )
    .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_change_of_a_closed_quarter_is_never_written() {
    for role in roles().await {
        let early = report(1, "medan/a", "art", "enrolled", day("2026-01-10"), None);
        let opened = open_of(&role, vec![sealed(&role, 1, &early)]).await;
        close(&role, 2026 * 4).await;
        let mut tx = role.app.store.write().await.unwrap();
        let ground = Ground::read(&mut tx).await.unwrap();
        let mut one = validate(&ground, &role.app, opened[0].as_ref().unwrap()).unwrap();
        let Said::Told(told) = &mut one.said else {
            panic!("no event");
        };
        assert_eq!(told.event.effective, day("2026-04-01"));
        // A defect that forgets the effective day must not reach the table.
        told.event.effective = told.event.day;
        let booked = book::book(&mut tx, &ground, &[0; 32], &mut || 1, &[one]).await;
        assert!(
            matches!(booked, Err(Error::ClosedPeriod)),
            "{}",
            role.database.name
        );
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn cities_count_as_other_until_their_quarter() {
    for role in roles().await {
        let name = role.database.name;
        let unknown = report(1, "jayapura/a", "nsp", "enrolled", day("2026-01-10"), None);
        accept(&role.app, delivery(vec![sealed(&role, 1, &unknown)]))
            .await
            .unwrap();
        close(&role, 2026 * 4).await;
        let mut more = sites();
        more.push(site_of(PROVIDER, "denpasar/a"));
        let known = report(2, "denpasar/a", "nsp", "enrolled", day("2026-04-20"), None);
        let deliver = of_sites(more, vec![sealed(&role, 2, &known)]);
        accept(&role.app, deliver).await.unwrap();
        let rows = stored(&role).await;
        // Entered in 2026Q2 after the first closing: its cells begin with 2026Q3.
        assert_eq!(
            of(&rows, Tab::First),
            [("2026Q1".to_owned(), 0, 0), ("2026Q2".to_owned(), 0, 0)],
            "{name}"
        );
        assert_eq!(
            of(&rows, Tab::DropOut),
            [("2026Q2".to_owned(), 0, 1), ("2026Q3".to_owned(), 5, 1)],
            "{name}"
        );
        let wrong = RegistrySite {
            city: "medan".to_owned(),
            ..site_of(PROVIDER, "bandung/b")
        };
        let refused = accept(&role.app, of_sites(vec![wrong], Vec::new())).await;
        assert!(matches!(refused, Err(Error::Name)), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_delivery_from_many_sides_counts_once() {
    for role in roles().await {
        let reports = (1u8..=12).map(|id| {
            report(
                id,
                "medan/a",
                "nsp",
                "contact",
                day("2026-01-10").plus(i32::from(id)),
                None,
            )
        });
        let items: Vec<DeliverItem> = reports
            .map(|one| sealed(&role, one.id.as_bytes()[0] % 3 + 1, &one))
            .collect();
        let tasks: Vec<_> = (0..8)
            .map(|_| {
                let (app, deliver) = (Arc::clone(&role.app), delivery(items.clone()));
                tokio::spawn(async move { accept(&app, deliver).await })
            })
            .collect();
        for task in tasks {
            assert_eq!(
                task.await.unwrap().unwrap(),
                [true; 12],
                "{}",
                role.database.name
            );
        }
        assert_eq!(
            number(&role.app.store, EVENTS).await,
            12,
            "{}",
            role.database.name
        );
        assert_eq!(
            number(&role.app.store, PEOPLE).await,
            3,
            "{}",
            role.database.name
        );
    }
}

/// Events of the service `other`.
async fn of_other(role: &Role) -> usize {
    let mut tx = role.app.store.read().await.unwrap();
    let indicators = Ground::read(&mut tx).await.unwrap().indicators;
    let all = query::histories(&mut tx, i64::MIN, i64::MAX, &indicators);
    let all = all.await.unwrap();
    let events = all.iter().flat_map(|(_, history)| history.events());
    events
        .filter(|event| event.service == indicators.other())
        .count()
}

#[tokio::test]
async fn a_service_that_nobody_knows_counts_under_other() {
    for role in roles().await {
        let name = role.database.name;
        let made =
            |id, service| report(id, "medan/a", service, "enrolled", day("2026-01-10"), None);
        let batch = vec![
            sealed(&role, 1, &made(1, "boat-clinic")),
            sealed(&role, 1, &made(2, "night-bus")),
        ];
        for _ in 0..2 {
            let acks = accept(&role.app, delivery(batch.clone())).await.unwrap();
            assert_eq!(acks, [true, true], "{name}");
            assert_eq!(of_other(&role).await, 2, "{name}");
        }
        let rows = stored(&role).await;
        // One service to the tables: day 91 after 10 January is 11 April.
        for (tab, period) in [(Tab::Service, "2026Q1"), (Tab::DropOut, "2026Q2")] {
            assert_eq!(of(&rows, tab), [(period.to_owned(), 1, 127)], "{name}");
        }
        // Registered later, the same reports stay what they are.
        crate::registry::register(&role.app, &["night-bus".parse().unwrap()])
            .await
            .unwrap();
        let acks = accept(&role.app, delivery(batch)).await.unwrap();
        assert_eq!(acks, [true, true], "{name}");
        assert_eq!(stored(&role).await, rows, "{name}");
    }
}

#[tokio::test]
async fn an_event_after_death_is_kept_and_counted_for_operators() {
    for role in roles().await {
        let name = role.database.name;
        let made = |id, kind, on| report(id, "medan/a", "nsp", kind, day(on), None);
        let batch = vec![
            sealed(&role, 1, &made(1, "enrolled", "2026-01-10")),
            sealed(&role, 1, &made(2, "exited:died", "2026-01-20")),
            sealed(&role, 1, &made(3, "contact", "2026-01-20")),
            sealed(&role, 1, &made(4, "contact", "2026-01-21")),
            sealed(&role, 1, &made(5, "exited:moved", "2026-01-25")),
            sealed(&role, 2, &made(6, "contact", "2026-01-25")),
        ];
        for _ in 0..2 {
            let acks = accept(&role.app, delivery(batch.clone())).await.unwrap();
            assert_eq!(acks, [true; 6], "{name}");
        }
        let more = sealed(&role, 1, &made(7, "contact", "2026-01-21"));
        assert_eq!(
            accept(&role.app, delivery(vec![more])).await.unwrap(),
            [true]
        );
        assert_eq!(number(&role.app.store, EVENTS).await, 7, "{name}");
        let sql = "SELECT COUNT(*) FROM refusal";
        assert_eq!(number(&role.app.store, sql).await, 1, "{name}");
        let sql = "SELECT count FROM refusal WHERE reason = 'after-death'";
        assert_eq!(number(&role.app.store, sql).await, 3, "{name}");
    }
}

#[tokio::test]
async fn results_are_read_back_with_what_they_say() {
    for role in roles().await {
        let name = role.database.name;
        let made = |id, service, kind, on| report(id, "medan/a", service, kind, day(on), None);
        let first = vec![
            sealed(&role, 1, &made(1, "hts", "result:positive", "2026-01-10")),
            sealed(&role, 1, &made(2, "art", "result:suppressed", "2026-02-01")),
            sealed(&role, 2, &made(3, "hts", "result:negative", "2026-01-10")),
            sealed(&role, 2, &made(4, "art", "enrolled", "2026-01-11")),
        ];
        accept(&role.app, delivery(first)).await.unwrap();
        // The second delivery books again from the stored rows.
        let later = |person, id| sealed(&role, person, &made(id, "nsp", "contact", "2026-02-02"));
        accept(&role.app, delivery(vec![later(1, 5), later(2, 6)]))
            .await
            .unwrap();
        let rows = stored(&role).await;
        let items = rows
            .iter()
            .filter(|row| row.0.cell.tab() == Tab::Linkage)
            .map(|row| (row.0.period.to_string(), row.0.cell.item()));
        // 22 days after the only positive test.
        assert_eq!(
            items.collect::<Vec<_>>(),
            [("2026Q4".to_owned(), 2)],
            "{name}"
        );
    }
}

/// A contact of person `number` on the day with that number, its report's id made of both.
fn contact(number: u8, on: u16) -> book::Incoming {
    let mut event = indicators::testing::event(
        number,
        day("2026-01-01").plus(i32::from(on % 80)),
        "nsp",
        indicators::testing::kind("contact"),
    );
    event.report[..2].copy_from_slice(&on.to_le_bytes());
    book::Incoming {
        element: [number; 32],
        said: Said::Told(Told { event, code: None }),
    }
}

#[tokio::test]
async fn a_history_longer_than_a_page_is_kept_whole() {
    for role in roles().await {
        let name = role.database.name;
        for part in 0..3 {
            // Neighbours of two parts are there twice.
            let some: Vec<_> = (part * 200..=part * 200 + 250)
                .map(|on| contact(1, on))
                .collect();
            let mut tx = role.app.store.write().await.unwrap();
            let ground = Ground::hold(&mut tx).await.unwrap();
            let booked = book::book(&mut tx, &ground, &[0; 32], &mut || 7, &some).await;
            let expected = if part == 0 { 251 } else { 200 };
            assert_eq!(booked.unwrap().events, expected, "{name}");
            tx.commit().await.unwrap();
        }
        assert_eq!(number(&role.app.store, EVENTS).await, 651, "{name}");
        assert_eq!(number(&role.app.store, PEOPLE).await, 1, "{name}");
    }
}

#[tokio::test]
async fn a_number_that_somebody_has_is_given_to_nobody_else() {
    for role in roles().await {
        let name = role.database.name;
        for (person, fits) in [(1, true), (2, false), (1, true)] {
            let mut tx = role.app.store.write().await.unwrap();
            let ground = Ground::hold(&mut tx).await.unwrap();
            let one = [contact(person, 1), contact(person, 2)];
            let booked = book::book(&mut tx, &ground, &[0; 32], &mut || 7, &one).await;
            match booked {
                Ok(_) if fits => tx.commit().await.unwrap(),
                Err(Error::Database(store::DbError::Conflict { .. })) if !fits => {
                    tx.rollback().await.unwrap();
                }
                other => panic!("{name}: {other:?}"),
            }
        }
        assert_eq!(number(&role.app.store, EVENTS).await, 2, "{name}");
    }
}
