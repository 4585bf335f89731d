//! A statistics role whose clock is wrong: what is done for good waits.

use super::*;
use crate::choices::{self, ChoiceError};
use crate::close::{CloseError, close};
use crate::testing::closing::closing_day;
use privacy::budget::Budget;
use store::days;

const CITIES_THERE: &str = "SELECT COUNT(*) FROM city";

async fn is_sure(role: &Role, day: Day) {
    let mut tx = role.app.store.write().await.unwrap();
    days::confirm(&mut tx, day).await.unwrap();
    tx.commit().await.unwrap();
}

/// A report of yesterday, at a clock that was set back, was refused for ever as one of a day to come.
#[tokio::test]
async fn a_clock_that_is_set_back_loses_no_report() {
    for role in roles().await {
        let (name, today) = (role.database.name, role.app.today());
        is_sure(&role, today).await;
        let one = report(1, "medan/a", "nsp", "enrolled", today.plus(-1), None);
        let batch = vec![sealed(&role, 1, &one)];
        for back in [1, 2, 400, 9_000] {
            let wrong = at(&role.app, today.plus(-back));
            let answer = accept(&wrong, delivery(batch.clone())).await;
            assert!(matches!(answer, Err(Error::ClockBehind)), "{name}: {back}");
        }
        assert_eq!(number(&role.app.store, REFUSALS).await, 0, "{name}");
        let acks = accept(&role.app, delivery(batch)).await.unwrap();
        assert_eq!(
            (acks, number(&role.app.store, EVENTS).await),
            (vec![true], 1)
        );
    }
}

#[tokio::test]
async fn a_clock_far_ahead_takes_enters_and_closes_nothing() {
    for role in roles().await {
        let (name, today) = (role.database.name, role.app.today());
        is_sure(&role, today).await;
        let cities = number(&role.app.store, CITIES_THERE).await;
        let wrong = at(&role.app, "2036-01-01".parse().unwrap());
        let site = site_of(PROVIDER, "padang/a");
        let one = report(1, "medan/a", "nsp", "enrolled", today.plus(90), None);
        let batch = of_sites(vec![site], vec![sealed(&role, 1, &one)]);
        let answer = accept(&wrong, batch).await;
        assert!(matches!(answer, Err(Error::ClockAhead)), "{name}");
        assert_eq!(number(&role.app.store, CITIES_THERE).await, cities);
        let closed = close(&wrong, "2026Q1".parse().unwrap()).await;
        let doubted = matches!(closed, Err(CloseError::Role(Error::ClockAhead)));
        assert!(doubted, "{name}: {:?}", closed.err());
        let changed = choices::change_budget(&wrong, Budget::Wide).await;
        let doubted = matches!(changed, Err(ChoiceError::Role(Error::ClockAhead)));
        assert!(doubted, "{name}");
        // A month is nothing: a service may have stood still for so long.
        is_sure(&role, closing_day("2026Q1".parse().unwrap()).plus(-31)).await;
        close(&role.app, "2026Q1".parse().unwrap()).await.unwrap();
    }
}
