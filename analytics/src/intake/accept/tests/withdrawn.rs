//! Reports that are withdrawn: by whom, when, and what stays, on every available database.

use crypto::id::{ProviderId, ReportId};

use super::*;

const OTHER: ProviderId = ProviderId::from_bytes([0xbb; 16]);

/// Under cover until October, and recorded as dead in February by the report whose id is ten times the person and 2.
fn dead_by_mistake(role: &Role, person: u8) -> Vec<DeliverItem> {
    let until = Some(day("2026-10-20"));
    let enrolled = report(
        10 * person + 1,
        "medan/a",
        "nsp",
        "enrolled",
        day("2026-01-10"),
        until,
    );
    let died = report(
        10 * person + 2,
        "medan/a",
        "nsp",
        "exited:died",
        day("2026-02-10"),
        None,
    );
    vec![sealed(role, person, &enrolled), sealed(role, person, &died)]
}

/// Withdraws the report with the id `target`.
fn withdrawal(id: u8, target: u8) -> Report {
    let kind = format!("withdrawn:{}", ReportId::from_bytes([target; 16]));
    report(id, "medan/a", "nsp", &kind, day("2026-02-10"), None)
}

async fn send(role: &Role, items: Vec<DeliverItem>) -> Vec<bool> {
    accept(&role.app, delivery(items)).await.unwrap()
}

async fn active(role: &Role) -> Vec<String> {
    let rows = of(&stored(role).await, Tab::Active);
    rows.into_iter().map(|row| row.0).collect()
}

const ALL: [&str; 4] = ["2026Q1", "2026Q2", "2026Q3", "2026Q4"];

#[tokio::test]
async fn a_withdrawn_report_leaves_every_open_quarter_and_no_closed_one() {
    for role in roles().await {
        let name = role.database.name;
        assert_eq!(send(&role, dead_by_mistake(&role, 1)).await, [true; 2]);
        assert_eq!(active(&role).await, [""; 0], "{name}");
        close(&role, 2026 * 4).await;
        let before = stored(&role).await;
        let took = send(&role, vec![sealed(&role, 1, &withdrawal(3, 12))]).await;
        assert_eq!(took, [true], "{name}");
        assert_eq!(active(&role).await, ALL[1..], "{name}");
        // Again, by another report, and with the reports themselves once more: nothing changes.
        let rows = stored(&role).await;
        let closed = |rows: &[Owned]| -> Vec<Owned> {
            let first = rows.iter().filter(|row| row.0.period.number() <= 2026 * 4);
            first.copied().collect()
        };
        assert_eq!(closed(&rows), closed(&before), "{name}");
        let mut again = dead_by_mistake(&role, 1);
        again.push(sealed(&role, 1, &withdrawal(3, 12)));
        again.push(sealed(&role, 1, &withdrawal(4, 12)));
        assert_eq!(send(&role, again).await, [true; 4], "{name}");
        assert_eq!(stored(&role).await, rows, "{name}");
        // A withdrawal is no report that could be withdrawn: it stays.
        send(&role, vec![sealed(&role, 1, &withdrawal(5, 3))]).await;
        assert_eq!(stored(&role).await, rows, "{name}");
        // What happened all the same is reported anew.
        let anew = report(6, "medan/a", "nsp", "exited:died", day("2026-02-10"), None);
        send(&role, vec![sealed(&role, 1, &anew)]).await;
        assert_eq!(active(&role).await, [""; 0], "{name}");
    }
}

#[tokio::test]
async fn a_withdrawal_finds_reports_of_its_own_provider_and_person_alone() {
    for role in roles().await {
        let name = role.database.name;
        send(&role, dead_by_mistake(&role, 1)).await;
        let other = |id, site: &str| Report {
            provider: OTHER,
            site: site.parse().unwrap(),
            ..withdrawal(id, 12)
        };
        let foreign = Whole {
            providers: vec![told(PROVIDER), told(OTHER)],
            registry: vec![site_of(OTHER, "medan/b")],
            ..delivery(vec![
                sealed(&role, 1, &other(3, "medan/b")),
                // Neither at a site that nobody knows, nor at one of the provider whose report it is.
                sealed(&role, 1, &other(4, "bogor/c")),
                sealed(&role, 1, &other(5, "medan/a")),
            ])
        };
        let answers = accept(&role.app, foreign).await.unwrap();
        assert_eq!(answers, [true, true, false], "{name}");
        // Of the right provider, delivered with another person.
        send(&role, vec![sealed(&role, 2, &withdrawal(6, 12))]).await;
        assert_eq!(active(&role).await, [""; 0], "{name}");
        // Nor does the other provider's use of an id keep the right one's from counting.
        let right = vec![sealed(&role, 1, &withdrawal(3, 12))];
        assert_eq!(send(&role, right).await, [true], "{name}");
        assert_eq!(active(&role).await, ALL, "{name}");
    }
}

#[tokio::test]
async fn a_withdrawal_counts_also_when_it_comes_before_what_it_withdraws() {
    for role in roles().await {
        let name = role.database.name;
        let first = vec![sealed(&role, 1, &withdrawal(3, 12))];
        assert_eq!(send(&role, first).await, [true], "{name}");
        assert_eq!(stored(&role).await, [], "{name}");
        close(&role, 2026 * 4).await;
        send(&role, dead_by_mistake(&role, 1)).await;
        assert_eq!(active(&role).await, ALL[1..], "{name}");
        // All of one batch, in whatever order.
        let mut batch = dead_by_mistake(&role, 12);
        batch.insert(0, sealed(&role, 2, &withdrawal(3, 12)));
        send(&role, batch).await;
        assert_eq!(active(&role).await.len(), 3, "the ids were taken: {name}");
    }
}
