//! The quarters that a running total is made from.

use crypto::day::Quarter;

use super::table::HORIZON;
use crate::scope::TableCity;

/// The first quarter of the block that `period` lies in.
#[must_use]
pub fn block_start(period: Quarter, start: Quarter) -> Quarter {
    let horizon = HORIZON as i32;
    let blocks = (period.number() - start.number()).div_euclid(horizon);
    Quarter::from_number(start.number() + blocks * horizon).unwrap_or(start)
}

/// The quarters of a city's stream in the block of `period`, up to and including it: a city that enters later starts later.
#[must_use]
pub fn stream(period: Quarter, start: Quarter, city: &TableCity) -> Vec<Quarter> {
    let first = block_start(period, start).max(city.from);
    std::iter::successors(Some(first), |quarter| Some(quarter.next()))
        .take_while(|quarter| *quarter <= period)
        .take(HORIZON as usize)
        .collect()
}
