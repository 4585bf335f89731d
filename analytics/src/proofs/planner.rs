//! What the planner promises before a closing is what closings publish.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::too_many_lines, reason = "a test tells one story")]

use privacy::budget::Budget;
use release::decimal::Decimal;
use release::planner::{Sizes, expected};
use release::seal::SignedRelease;

use crate::close::close;
use crate::stored::newest;
use crate::testing::closing::{at, closing_day, contribute, pilot, quarter, sqlite};

fn sizes() -> Sizes {
    Sizes {
        active: 3_000,
        drop_outs: 510,
        first: 800,
        cities: 4,
        services: 20,
        services_each: 1.7,
        quarter: 1,
    }
}

/// Planned before, published after: the standard deviations of two real closings are those of the planner.
#[tokio::test]
async fn the_plan_is_what_closings_publish() {
    let role = sqlite().await;
    for (place, period) in ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
        .into_iter()
        .enumerate()
    {
        let period = quarter(period);
        contribute(&role.app.store, &pilot(period)).await;
        let app = at(&role.app, closing_day(period));
        close(&app, period).await.unwrap();
        let stored = newest(&app.store, &app.log_dir, period).await;
        let release = SignedRelease::from_bytes(&stored.unwrap().unwrap().1)
            .unwrap()
            .open()
            .unwrap();
        let quarter = u16::try_from(place + 1).unwrap();
        let planned = expected(Budget::Default, &Sizes { quarter, ..sizes() }).unwrap();
        let mut compared = 0;
        for table in &release.tables {
            for cell in table
                .cells
                .iter()
                .filter(|cell| cell.level != "curve" && cell.level != "ends")
            {
                let line = planned
                    .iter()
                    .find(|line| {
                        line.table == table.table
                            && line.series == cell.series
                            && line.level == cell.level
                    })
                    .expect("every published level is planned");
                assert_eq!(
                    Decimal::at_least(line.sd),
                    cell.sd,
                    "{} {}",
                    table.table,
                    cell.level
                );
                let half = (cell.hi.value() - cell.lo.value()) / 2.0;
                assert!((line.half_width() - half).abs() < 2e-4);
                compared += 1;
            }
        }
        let quarterly = (1 + 5 + 30) + (1 + 20 + 100) + 2 * (1 + 5 + 100) + 2 * (1 + 5);
        let annual = (1 + 20 + 100) + 1 + 16 + (1 + 5) + (1 + 4 + 20) + (1 + 3 + 15);
        assert_eq!(compared, quarterly + if place == 3 { annual } else { 0 });
    }
}
