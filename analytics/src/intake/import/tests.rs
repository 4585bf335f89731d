//! Import equals intake, twice is once, refused rows are named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::query;
use crate::testing::closing::{number, roles};
use crate::testing::reports::{Whole, accept};
use crypto::report::Report;
use crypto::rng::Random;
use indicators::contribution::Contribution;
use privacy::cell::Tab;
use wire::rows::{COLUMNS, RowKind, Rows};

const FILE: &str = "\
person,date,site,service,event,covered_until,gender,age_band
p1,2026-01-05,medan/a,art,enrolled,2026-02-04,woman,under 25
p1,2026-02-03,medan/a,art,contact,2026-03-05,,
p2,2026-01-06,bandung/a,oat-methadone,enrolled,2026-01-20,man,25 and over
p2,2026-01-20,bandung/a,oat-methadone,contact,,,
p2,2026-03-20,bandung/a,oat-methadone,contact,2026-04-20,,
p3,2026-01-07,medan/a,hts,result:negative,,,
p3,2026-01-07,medan/a,hts,result:negative,,,
p3,2026-01-09,medan/a,nsp,contact,,other,
p2,2026-01-06,bandung/a,hts,result:positive,,,
p2,2026-02-06,bandung/a,art,result:suppressed,,,
";

async fn by_person(app: &App) -> BTreeSet<Vec<Contribution>> {
    let mut people: BTreeMap<i64, Vec<Contribution>> = BTreeMap::new();
    for (row, person) in query::contributions(&mut app.store.read().await.unwrap())
        .await
        .unwrap()
    {
        people.entry(person).or_default().push(row);
    }
    people.into_values().collect()
}

#[tokio::test]
async fn a_file_twice_is_a_file_once() {
    for role in roles().await {
        let app = &role.app;
        let mut steps = Vec::new();
        let first = import(
            app,
            FILE.as_bytes(),
            Register::Nothing,
            |error| panic!("{error}"),
            |step| steps.push(step),
        )
        .await
        .unwrap();
        assert_eq!(
            first,
            Summary {
                rows: 10,
                refused: 0,
                people: 3,
                new_events: 10,
                new_people: 3,
                withdrawn: 0,
                after_death: 0
            }
        );
        assert_eq!(
            steps,
            [ImportProgress::Read(10), ImportProgress::Booked(3, 3)]
        );
        let before = by_person(app).await;
        let again = import(
            app,
            FILE.as_bytes(),
            Register::Nothing,
            |error| panic!("{error}"),
            |_| {},
        )
        .await
        .unwrap();
        assert_eq!(
            again,
            Summary {
                new_events: 0,
                new_people: 0,
                ..first
            }
        );
        assert_eq!(by_person(app).await, before, "{}", role.database.name);
        // A longer file adds only what is new, also in another order.
        let mut lines: Vec<&str> = FILE.lines().collect();
        lines.push("p3,2026-02-09,medan/a,nsp,contact,,,");
        lines[1..].reverse();
        let longer = import(
            app,
            lines.join("\n").as_bytes(),
            Register::Nothing,
            |error| panic!("{error}"),
            |_| {},
        )
        .await
        .unwrap();
        assert_eq!((longer.new_events, longer.new_people), (1, 0));
        assert_eq!(number(&app.store, "SELECT COUNT(*) FROM person").await, 3);
    }
}

#[tokio::test]
async fn a_file_gives_what_its_reports_would_give() {
    for (imported, delivered) in roles().await.into_iter().zip(roles().await) {
        import(
            &imported.app,
            FILE.as_bytes(),
            Register::Nothing,
            |error| panic!("{error}"),
            |_| {},
        )
        .await
        .unwrap();
        let mut rng = Random::seeded([3; 32]);
        let mut rows = Rows::new(FILE.as_bytes()).unwrap();
        let mut items = Vec::new();
        while let Some(row) = rows.next_row().unwrap() {
            let row = row.unwrap();
            let RowKind::Event(kind) = row.kind else {
                panic!("an event");
            };
            let report = Report {
                id: crypto::id::ReportId::random(&mut rng),
                provider: crate::testing::reports::PROVIDER,
                site: row.site,
                service: row.service,
                kind: kind.into(),
                day: row.day,
                covered_until: row.covered_until,
                group: row.group,
            };
            items.push(crate::testing::reports::item(
                &delivered.app.keys,
                row.person.as_bytes()[1],
                &report,
                &mut rng,
            ));
        }
        let told = crate::testing::reports::header(&["medan/a"]);
        let deliver = Whole {
            epoch: told.epoch,
            providers: told.providers,
            registry: told.registry,
            items,
        };
        let acks = accept(&delivered.app, deliver).await.unwrap();
        assert!(acks.iter().all(|ack| *ack));
        let (left, right) = (
            by_person(&imported.app).await,
            by_person(&delivered.app).await,
        );
        assert_eq!(left, right, "{}", imported.database.name);
        assert_eq!(left.len(), 3);
        // The codes of results were understood by both.
        let linked = left
            .iter()
            .flatten()
            .filter(|row| row.cell.tab() == Tab::Linkage);
        assert_eq!(linked.map(|row| row.cell.item()).collect::<Vec<_>>(), [3]);
    }
}

#[tokio::test]
async fn bad_rows_are_named_and_the_others_stand() {
    for role in roles().await {
        let text = format!(
            "{}\n{}",
            COLUMNS.join(","),
            "p1,2026-01-05,medan/a,art,enrolled,,,\n\
             p1,2025-12-31,medan/a,art,contact,,,\n\
             p1,2030-01-01,medan/a,art,contact,,,\n\
             p1,2026-01-06,jayapura/a,art,contact,,,\n\
             p1,2026-01-06,medan/a,dancing,contact,,,\n\
             p1,2026-13-06,medan/a,art,contact,,,\n\
             p1,2026-01-07,medan/a,art,contact,,,\n"
        );
        let mut refused = Vec::new();
        let done = import(
            &role.app,
            text.as_bytes(),
            Register::Nothing,
            |error| refused.push((error.line, error.column)),
            |_| {},
        )
        .await
        .unwrap();
        assert_eq!(
            refused,
            [
                (3, "date"),
                (4, "date"),
                (5, "site"),
                (6, "service"),
                (7, "date")
            ]
        );
        assert_eq!((done.rows, done.refused, done.new_events), (7, 5, 2));
        // With registration the unknown site and the unknown service are entered.
        refused.clear();
        let done = import(
            &role.app,
            text.as_bytes(),
            Register::All,
            |error| refused.push((error.line, error.column)),
            |_| {},
        )
        .await
        .unwrap();
        assert_eq!((refused.len(), done.new_events), (3, 2));
        let sql = "SELECT COUNT(*) FROM city WHERE city = 'jayapura'";
        assert_eq!(
            number(&role.app.store, sql).await,
            1,
            "{}",
            role.database.name
        );
    }
}

#[tokio::test]
async fn a_wrong_header_reads_nothing() {
    let role = crate::testing::closing::sqlite().await;
    let wrong = import(
        &role.app,
        "person,date\n".as_bytes(),
        Register::All,
        |_| {},
        |_| {},
    )
    .await;
    assert!(matches!(wrong, Err(Error::Rows(_))));
}

#[tokio::test]
async fn names_that_the_registry_lacks_are_shown_once_in_order_and_entered_on_yes_alone() {
    for role in roles().await {
        let text = format!(
            "{}\n{}",
            COLUMNS.join(","),
            "p1,2026-01-07,medan/z,kayak,contact,,,\n\
             p1,2026-01-06,jayapura/b,dancing,contact,,,\n\
             p1,2026-01-06,medan/a,art,contact,,,\n\
             p2,2026-01-06,jayapura/a,dancing,contact,,,\n\
             p2,2026-13-06,ambon/a,art,contact,,,\n"
        );
        let mut shown = Vec::new();
        for (answer, entered) in [(false, 0), (true, 3)] {
            let mut ask = |named: &Unregistered| {
                shown.push(named.clone());
                answer
            };
            let register = Register::Asked(&mut ask);
            let done = import(&role.app, text.as_bytes(), register, |_| {}, |_| {}).await;
            assert_eq!(done.is_ok(), answer);
            if let Err(error) = done {
                assert!(matches!(error, Error::NotEntered), "{error}");
            }
            let sql =
                "SELECT COUNT(*) FROM site WHERE site IN ('jayapura/a', 'jayapura/b', 'medan/z')";
            assert_eq!(
                number(&role.app.store, sql).await,
                entered,
                "{}",
                role.database.name
            );
        }
        let named = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(shown.len(), 2);
        for one in &shown {
            assert_eq!(one.cities, named(&["jayapura"]));
            assert_eq!(
                one.sites
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
                ["jayapura/a", "jayapura/b", "medan/z"]
            );
            assert_eq!(
                one.services
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>(),
                ["dancing", "kayak"]
            );
        }
        // Nothing is new any more: nobody is asked.
        let mut never = |_: &Unregistered| panic!("asked about known names");
        let register = Register::Asked(&mut never);
        let again = import(&role.app, text.as_bytes(), register, |_| {}, |_| {}).await;
        assert_eq!(again.unwrap().new_events, 0);
    }
}

#[tokio::test]
async fn lines_that_a_quotation_mark_swallows_are_counted_and_empty_rows_are_not() {
    let role = crate::testing::closing::sqlite().await;
    let text = format!(
        "{}\n{}",
        COLUMNS.join(","),
        "p1,2026-01-05,medan/a,art,enrolled,,,\n\
         ,,,,,,,\n\
         \"p2,2026-01-05,medan/a,art,enrolled,,,\n\
         p3,2026-01-05,medan/a,art,enrolled,,,\n\
         p4,2026-01-05,medan/a,art,enrolled,,,\n"
    );
    let mut refused = Vec::new();
    let note = |error: RowError| refused.push((error.line, error.lines));
    let done = import(&role.app, text.as_bytes(), Register::Nothing, note, |_| {})
        .await
        .unwrap();
    assert_eq!(refused, [(4, 3)]);
    assert_eq!((done.rows, done.refused, done.new_events), (4, 3, 1));
}

#[tokio::test]
async fn rows_after_a_death_stand_and_are_counted() {
    for role in roles().await {
        let text = format!(
            "{}\n{}",
            COLUMNS.join(","),
            "p1,2026-01-05,medan/a,art,enrolled,,,\n\
             p1,2026-01-10,medan/a,art,exited:died,,,\n\
             p1,2026-01-12,medan/a,art,contact,,,\n"
        );
        for new in [3, 0] {
            let done = import(
                &role.app,
                text.as_bytes(),
                Register::Nothing,
                |_| {},
                |_| {},
            )
            .await;
            assert_eq!(done.unwrap().new_events, new);
            let sql = "SELECT count FROM refusal WHERE reason = 'after-death'";
            assert_eq!(
                number(&role.app.store, sql).await,
                1,
                "{}",
                role.database.name
            );
        }
    }
}
