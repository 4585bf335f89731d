#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;
use crate::intake::{Opened, import};
use crate::query;
use crate::registry::{Register, known, register};
use crate::testing::closing::{EVENTS, Role, number, roles};
use crate::testing::reports::{header, in_time, report, take};
use indicators::contribution::Contribution;
use indicators::testing::day;
use privacy::cell::Tab;

fn code(text: &str) -> ServiceCode {
    text.parse().unwrap()
}

const FILE: &str = "\
person,date,site,service,event,covered_until,gender,age_band
p1,2026-01-05,medan/a,needle-van,enrolled,,,
p1,2026-01-06,medan/a,nsp,contact,,,
p2,2026-01-07,medan/a,day-shelter,contact,2026-02-06,,
";

async fn rows(role: &Role) -> Vec<Contribution> {
    let mut tx = role.app.store.read().await.unwrap();
    let rows = query::contributions(&mut tx).await.unwrap();
    rows.into_iter().map(|row| row.0).collect()
}

async fn refused(role: &Role, register: bool) -> Vec<(u64, &'static str)> {
    let mut refused = Vec::new();
    let note = |error: wire::rows::RowError| refused.push((error.line, error.column));
    let register = if register {
        Register::All
    } else {
        Register::Nothing
    };
    import(&role.app, FILE.as_bytes(), register, note, |_| {})
        .await
        .unwrap();
    refused
}

#[tokio::test]
async fn unknown_services_are_refused_until_they_are_registered() {
    for role in roles().await {
        let name = role.database.name;
        assert_eq!(
            refused(&role, false).await,
            [(2, "service"), (4, "service")]
        );
        assert_eq!(refused(&role, true).await, [], "{name}");
        assert_eq!(refused(&role, false).await, [], "{name}: known from now on");
        let sql = "SELECT COUNT(*) FROM service WHERE code BETWEEN 128 AND 129 AND grace_days = 90 AND lapse = 'dropout'";
        assert_eq!(number(&role.app.store, sql).await, 2, "{name}");
        assert_eq!(number(&role.app.store, EVENTS).await, 3, "{name}");
        let known = known(&role.app).await.unwrap();
        assert_eq!(
            known[known.len() - 2..],
            [code("day-shelter"), code("needle-van")]
        );
        // Day 91 after the last contact or the end of cover, which the default rule lets count.
        let drops: Vec<(String, u8)> = rows(&role)
            .await
            .into_iter()
            .filter(|row| row.cell.tab() == Tab::DropOut)
            .map(|row| (row.period.to_string(), row.cell.service()))
            .collect();
        let expected = [("2026Q2", 1), ("2026Q2", 128), ("2026Q2", 129)];
        assert_eq!(
            drops,
            expected.map(|(period, number)| (period.to_owned(), number)),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_registered_service_keeps_its_number_and_is_taken_by_delivery() {
    for role in roles().await {
        let app = &role.app;
        let made = |id| {
            let on = day("2026-01-05");
            let report = report(id, "medan/a", "needle-van", "contact", on, None);
            [Ok(Opened {
                element: [1; 32],
                report,
                received: in_time(),
            })]
        };
        let mut tx = app.store.write().await.unwrap();
        assert_eq!(
            take(&mut tx, app, &header(&[]), &made(1)).await.unwrap(),
            [true]
        );
        // Not committed: what was not yet registered counts under other.
        tx.rollback().await.unwrap();
        assert_eq!(
            register(app, &[code("needle-van"), code("nsp")])
                .await
                .unwrap(),
            1
        );
        let again = [code("day-shelter"), code("needle-van"), code("day-shelter")];
        assert_eq!(register(app, &again).await.unwrap(), 1);
        let mut tx = app.store.write().await.unwrap();
        assert_eq!(
            take(&mut tx, app, &header(&[]), &made(1)).await.unwrap(),
            [true]
        );
        tx.commit().await.unwrap();
        let first = rows(&role)
            .await
            .into_iter()
            .find(|row| row.cell.tab() == Tab::Service);
        assert_eq!(first.unwrap().cell.service(), 128, "{}", role.database.name);
    }
}

#[tokio::test]
async fn the_registry_of_services_fills_up_with_an_error() {
    let role = crate::testing::closing::sqlite().await;
    let many: Vec<ServiceCode> = (0..129).map(|n| code(&format!("service-{n}"))).collect();
    assert_eq!(register(&role.app, &many[..128]).await.unwrap(), 128);
    assert!(matches!(
        register(&role.app, &many).await,
        Err(Error::RegistryFull)
    ));
}
