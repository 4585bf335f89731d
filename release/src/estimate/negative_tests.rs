//! Estimates are never made prettier: measurements that agree with each other come out as they are, also below zero and in a
//! course that falls. Only `display` is clipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use privacy::budget::Budget;
use privacy::catalogue::plans_of;
use privacy::testing::{exact, leaves, scope};

use super::*;

/// What every cell that people can be in seems to hold.
const EACH: i64 = -3;

#[test]
fn numbers_below_zero_are_published_as_they_are() {
    let scope = scope("2026Q4", 2, Budget::Default);
    let (mut compared, mut points) = (0, 0);
    for plan in plans_of(&scope).unwrap() {
        let leaves = leaves(&plan, &scope);
        let values = exact(&plan, &scope, &leaves, |_, _| EACH).into();
        for one in table(&plan, &scope, &values).unwrap() {
            let name = format!("{} {} {:?}", plan.table.code, one.level, one.cell);
            let bin = i64::from(one.cell.item() & 0x0f);
            let expected = match (plan.table.mechanism, one.measured) {
                (Mechanism::Independent | Mechanism::Cohort, Some(measured)) => measured,
                (Mechanism::Cohort, None) if one.cell.item() >> 4 == 1 => EACH * bin,
                _ => continue,
            };
            assert!(expected < 0, "{name}");
            let gap = one.estimate.value() - expected as f64;
            assert!(gap.abs() < 0.002, "{name}: {:?}", one.estimate);
            assert_eq!(one.display(), 0, "{name}");
            compared += 1;
            points += usize::from(one.measured.is_none());
        }
    }
    assert!(compared > 500 && points >= 12, "{compared} {points}");
}
