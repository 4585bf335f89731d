//! People agree to what a closing would do, and it does just that.

use super::super::*;
use super::{go, state};
use crate::choices;
use crate::ledger::LedgerError;
use crate::testing::closing::{at, closing_day, number, quarter, roles};

#[tokio::test]
async fn a_look_changes_nothing_and_says_what_is_debited() {
    for role in roles().await {
        let period = quarter("2026Q1");
        let seen = outlook(&role.app, period).await.unwrap();
        let before = state(&role).await;
        assert_eq!(outlook(&role.app, period).await.unwrap(), seen);
        assert_eq!(state(&role).await, before, "{}", role.database.name);
        assert_eq!((seen.tables, seen.cities, seen.spent.nano()), (5, 4, 0));
        close_agreed(&role.app, period, &seen.digest).await.unwrap();
        let debited = number(&role.app.store, super::DEBITS).await;
        assert_eq!(u64::try_from(debited).unwrap(), seen.cost.nano());
        // The next one says what this one took.
        let next = quarter("2026Q2");
        let later = at(&role.app, closing_day(next));
        let then = outlook(&later, next).await.unwrap();
        assert_eq!(then.spent, seen.cost);
        assert!(then.digest != seen.digest && then.budget > then.spent);
    }
}

#[tokio::test]
async fn nothing_else_is_closed_than_what_was_agreed_to() {
    for role in roles().await {
        let period = quarter("2026Q1");
        let agreed = outlook(&role.app, period).await.unwrap().digest;
        choices::turn_off(&role.app, "E").await.unwrap();
        let before = state(&role).await;
        let refused = close_agreed(&role.app, period, &agreed).await;
        assert!(matches!(refused, Err(CloseError::OtherPlan(one)) if one == period));
        assert_eq!(state(&role).await, before, "{}", role.database.name);
        let now = outlook(&role.app, period).await.unwrap();
        assert!(now.digest != agreed && now.tables == 4);
        close_agreed(&role.app, period, &now.digest).await.unwrap();
        for refused in [
            close_agreed(&role.app, period, &now.digest).await.map(drop),
            outlook(&role.app, period).await.map(drop),
        ] {
            assert!(matches!(refused, Err(CloseError::AlreadyClosed(_))));
        }
    }
}

#[tokio::test]
async fn what_broke_off_is_the_same_plan_and_goes_on() {
    for role in roles().await {
        let period = quarter("2026Q1");
        let agreed = outlook(&role.app, period).await.unwrap();
        drop(go(&role.app, period).await.reserve().await.unwrap());
        assert!(!agreed.begun && has_begun(&role.app, period).await.unwrap());
        let again = outlook(&role.app, period).await.unwrap();
        let begun = Outlook {
            begun: true,
            ..agreed.clone()
        };
        assert_eq!(again, begun, "{}: paid once", role.database.name);
        let other = close_agreed(&role.app, period, &[1; 32]).await;
        assert!(matches!(other, Err(CloseError::OtherPlan(_))));
        close_agreed(&role.app, period, &agreed.digest)
            .await
            .unwrap();
        assert_eq!(number(&role.app.store, super::COUNTS).await, 5);
    }
}

#[tokio::test]
async fn nobody_agrees_to_what_the_budget_does_not_cover() {
    for role in roles().await {
        let mut tx = role.app.store.write().await.unwrap();
        let sql =
            "INSERT INTO reservation (year, tab, period, version, cost_nano, parameters, state)
            VALUES (2026, 'X', 8105, 9, 85000000, $1, 'released')";
        store::execute!(&mut tx, sql, &[0u8; 32][..]).unwrap();
        tx.commit().await.unwrap();
        let refused = outlook(&role.app, quarter("2026Q1")).await;
        assert!(matches!(
            refused,
            Err(CloseError::Ledger(LedgerError::Refused(_)))
        ));
    }
}

#[tokio::test]
async fn a_look_waits_for_no_closing() {
    for role in roles().await {
        let period = quarter("2026Q1");
        let free = outlook(&role.app, period).await.unwrap();
        // Whoever closes holds the lock of the log.
        let closing = go(&role.app, period).await;
        let looks = tokio::time::timeout(
            std::time::Duration::from_secs(20),
            outlook(&role.app, period),
        );
        assert_eq!(looks.await.unwrap().unwrap(), free);
        drop(closing);
    }
}

#[tokio::test]
async fn a_look_at_a_stored_release_leaves_its_last_step_to_a_closing() {
    for role in roles().await {
        let period = quarter("2026Q1");
        let logged = go(&role.app, period).await.reserve().await.unwrap().log();
        let measured = logged.await.unwrap().measure().await.unwrap();
        drop(measured.store().await.unwrap());
        let before = state(&role).await;
        let seen = outlook(&role.app, period).await;
        assert!(matches!(seen, Err(CloseError::AlreadyClosed(_))));
        assert_eq!(state(&role).await, before, "{}", role.database.name);
        last_step(&role.app, period).await.unwrap();
        let again = last_step(&role.app, period).await;
        assert!(matches!(again, Err(CloseError::AlreadyClosed(_))));
    }
}

#[tokio::test]
async fn a_begun_closing_is_not_shown_as_another() {
    for role in roles().await {
        let period = quarter("2026Q1");
        drop(go(&role.app, period).await.reserve().await.unwrap());
        let mut tx = role.app.store.write().await.unwrap();
        let sql = "INSERT INTO city (city, code, from_period) VALUES ('jayapura', 5, 8104)";
        store::execute!(&mut tx, sql).unwrap();
        tx.commit().await.unwrap();
        let refused = outlook(&role.app, period).await;
        assert!(matches!(
            refused,
            Err(CloseError::Ledger(LedgerError::OtherParameters))
        ));
    }
}

#[tokio::test]
async fn what_is_agreed_to_names_the_definitions_and_the_start() {
    for role in roles().await {
        let subject = Subject {
            period: quarter("2026Q1"),
            version: 1,
        };
        let mut tx = role.app.store.read().await.unwrap();
        let facts = facts::facts(&mut tx, &role.app, subject).await.unwrap();
        let digest = |facts: &release::facts::Facts| outlook::digest(facts, &[1; 32]).unwrap();
        let mut defined = facts.clone();
        defined.indicators.push('1');
        let mut started = facts.clone();
        started.scope.start = facts.scope.start.next();
        assert!(digest(&facts) != digest(&defined) && digest(&facts) != digest(&started));
        assert!(digest(&facts) != outlook::digest(&facts, &[2; 32]).unwrap());
    }
}
