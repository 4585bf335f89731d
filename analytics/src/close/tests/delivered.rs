//! A quarter closes only when everything is here that counts in it.

use store::execute;
use wire::Deliver;

use super::super::*;
use crate::intake::accept;
use crate::testing::closing::{Role, at, closing_day, quarter, roles};
use crypto::day::Day;

/// The last part of a delivery.
async fn complete(role: &Role, before: Day) {
    let last = Deliver {
        epoch: 1,
        complete: Some(before),
        items: Vec::new(),
    };
    assert!(accept(&role.app, last).await.unwrap().is_empty());
}

/// Nothing was ever delivered.
async fn forget(role: &Role) {
    let mut tx = role.app.store.write().await.unwrap();
    execute!(&mut tx, "DELETE FROM meta WHERE key = 'delivered'").unwrap();
    tx.commit().await.unwrap();
}

fn refused(done: &Result<ReleaseHash, CloseError>) -> Option<Day> {
    match done {
        Err(CloseError::Undelivered(before)) => Some(*before),
        _ => None,
    }
}

#[tokio::test]
async fn a_quarter_does_not_close_before_all_of_it_was_delivered() {
    for role in roles().await {
        let name = role.database.name;
        forget(&role).await;
        let today = role.app.today();
        // History, for the programme was founded after its cut-off: everything up to today.
        let first = quarter("2026Q1");
        assert_eq!(
            refused(&close(&role.app, first).await),
            Some(today),
            "{name}"
        );
        complete(&role, today.plus(-1)).await;
        assert_eq!(
            refused(&close(&role.app, first).await),
            Some(today),
            "{name}"
        );
        complete(&role, today).await;
        // What is complete stays so, and tomorrow is not.
        complete(&role, today.plus(-1)).await;
        complete(&role, today.plus(1)).await;
        close(&role.app, first).await.unwrap();
        // The next one has a cut-off of its own, however late somebody closes.
        let next = quarter("2026Q2");
        let cut_off = closing_day(next);
        let late = Role {
            app: std::sync::Arc::new(at(&role.app, cut_off.plus(20))),
            ..role
        };
        assert_eq!(
            refused(&close(&late.app, next).await),
            Some(cut_off),
            "{name}"
        );
        complete(&late, cut_off.plus(-1)).await;
        assert_eq!(
            refused(&close(&late.app, next).await),
            Some(cut_off),
            "{name}"
        );
        complete(&late, cut_off).await;
        close(&late.app, next).await.unwrap();
        // A revision counts what is here today.
        let reasons = [release::reason::Reason::LateReports].into();
        let revised = revise(&late.app, next, &reasons).await;
        assert_eq!(refused(&revised), Some(late.app.today()), "{name}");
        complete(&late, late.app.today()).await;
        revise(&late.app, next, &reasons).await.unwrap();
    }
}
