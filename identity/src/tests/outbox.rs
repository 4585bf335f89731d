//! Whole days leave the outbox: what came before a day, and the moment at which nothing more of it can come.

use std::sync::Arc;

use super::harness::houses;
use crate::memory::laying::{Prepared, Waiting};
use crate::records::{laying, outbox};

/// Seconds.
const DAY: i64 = 86_400;

/// A report that can never be delivered, and is forgotten when it is met.
fn anything(app: &crate::App) -> Prepared {
    Prepared {
        hash: crypto::rng::bytes(&mut app.rng()),
        waiting: Waiting {
            key: crypto::rng::bytes(&mut app.rng()),
            sealed: vec![0; 64],
        },
    }
}

#[tokio::test]
async fn a_delivery_takes_what_came_before_its_day_and_nothing_else() {
    for house in houses().await {
        let (app, name) = (&house.app, house.database.name);
        for count in [3, 5, 7] {
            let reports = (0..count).map(|_| anything(app)).collect();
            laying::lay(app, reports).await.unwrap();
            house.clock.advance(DAY);
        }
        let today = app.clock.today();
        for (before, left) in [(-3, 15), (-2, 12), (-2, 12), (0, 0)] {
            let before = today.plus(before);
            let walk = outbox::Walk::begin(app, before);
            while walk.take(app, 4).await.unwrap().is_some() {}
            assert_eq!(outbox::waiting(app).await.unwrap(), left, "{name}");
            assert!(outbox::delivered(app, before).await.unwrap(), "{name}");
            let all = outbox::delivered(app, today).await.unwrap();
            assert_eq!(all, left == 0, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_day_is_over_when_nothing_more_of_it_can_come() {
    for house in houses().await {
        let name = house.database.name;
        for _ in 0..20 {
            let writers: Vec<_> = (0..6)
                .map(|_| {
                    let app = Arc::clone(&house.app);
                    tokio::spawn(async move {
                        for _ in 0..5 {
                            laying::lay(&app, vec![anything(&app)]).await.unwrap();
                        }
                    })
                })
                .collect();
            tokio::time::sleep(std::time::Duration::from_millis(3)).await;
            house.clock.advance(DAY);
            let today = house.app.clock.today();
            while !outbox::delivered(&house.app, today).await.unwrap() {
                let walk = outbox::Walk::begin(&house.app, today);
                while walk.take(&house.app, 50).await.unwrap().is_some() {}
            }
            for writer in writers {
                writer.await.unwrap();
            }
            let still = outbox::delivered(&house.app, today).await.unwrap();
            assert!(
                still,
                "{name}: a report of yesterday came after its day was over"
            );
        }
    }
}
