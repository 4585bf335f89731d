//! The true count of a measured number, from the plan of the data set alone.
//!
//! Known: A (clients active), B (clients by service), D and DY (drop-outs of the quarter and of the year), F (first
//! enrolments, a running total by the square-root factorisation, arXiv 2202.11205), S (moves without a transfer), and tables
//! of things that happen to nobody in the data (C, E, L). Every other table is reported as not checked.

use crate::dataset::{Fact, QUARTERS, number};
use crate::reading::{Measured, Place};

/// Tables that count something which happens to nobody in the data sets.
const NOBODY: [&str; 3] = ["C", "E", "L"];
/// Running totals are measured in units of 4 to the power of minus this, as the notes of a release say.
const SCALE: u32 = 19;

/// The true count in the measurement's own unit; `None` when this kit does not know it.
#[must_use]
pub(crate) fn truth(measured: &Measured, facts: &[Fact]) -> Option<i64> {
    let place = &measured.place;
    if NOBODY.contains(&place.table.as_str()) {
        return Some(0);
    }
    let source = match (place.table.as_str(), measured.yearly) {
        (known @ ("A" | "B" | "D" | "F"), false) | (known @ "S", true) => known,
        ("DY", true) => "D",
        _ => return None,
    };
    let last = QUARTERS.iter().position(|name| *name == place.quarter)?;
    let plain = place.further.is_none() && place.stream == (source == "F");
    if !plain || !tells(source, place) {
        return None;
    }
    let count = |quarter: usize| {
        let here = |fact: &&Fact| fact.quarter == quarter && in_place(fact, source, place);
        i64::try_from(facts.iter().filter(here).count()).ok()
    };
    if measured.yearly {
        (0..=last).try_fold(0_i64, |sum, quarter| sum.checked_add(count(quarter)?))
    } else if place.stream {
        let units = units();
        (0..=last).try_fold(0_i64, |sum, quarter| {
            let unit = units.get(last - quarter)?;
            sum.checked_add(count(quarter)?.checked_mul(*unit)?)
        })
    } else {
        count(last)
    }
}

/// Whether the facts of a table say what the place asks for.
fn tells(source: &str, place: &Place) -> bool {
    let group = place.group.is_none() || source == "A";
    let service = place.service.is_none() || matches!(source, "B" | "D");
    // Persons by service are never a person's count without the service.
    group && service && (source != "B" || place.service.is_some())
}

fn in_place(fact: &Fact, source: &str, place: &Place) -> bool {
    let same = |wanted: &Option<String>, found: &str| wanted.as_ref().is_none_or(|w| w == found);
    let city = |name: &String| number(name) == Some(fact.city);
    fact.table == source
        && place.city.as_ref().is_none_or(city)
        && same(&place.group, fact.group)
        && same(&place.service, fact.service)
}

/// `C(2k, k) 4^(19 - k)`: what somebody counted `k` quarters ago adds to a running total's measurement.
fn units() -> Vec<i64> {
    let mut unit = 4_i64.pow(SCALE);
    let mut units = vec![unit];
    for k in 1..QUARTERS.len() as i64 {
        // C(2k, k) = C(2k - 2, k - 1) * 2 (2k - 1) / k, and a quarter of it.
        unit = unit * (2 * k - 1) / (2 * k);
        units.push(unit);
    }
    units
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn running_totals_weigh_one_half_three_eighths_five_sixteenths() {
        let units = units();
        let whole = 4_i64.pow(19);
        assert_eq!(units, [whole, whole / 2, whole * 3 / 8, whole * 5 / 16]);
    }

    #[test]
    fn facts_are_summed_over_what_a_place_does_not_tell_apart() {
        let set = crate::dataset::build(8, 8);
        let at = |table: &str, city: Option<&str>, service: Option<&str>| Measured {
            place: Place {
                table: table.to_owned(),
                level: String::new(),
                quarter: "2024Q2".to_owned(),
                city: city.map(str::to_owned),
                group: None,
                service: service.map(str::to_owned),
                further: None,
                stream: false,
            },
            value: None,
            sigma: 1.0,
            span: 1,
            nano_rho: 0,
            yearly: false,
        };
        assert_eq!(truth(&at("A", None, None), &set.canaries), Some(8));
        assert_eq!(
            truth(&at("D", Some("city-003"), None), &set.canaries),
            Some(2)
        );
        assert_eq!(
            truth(&at("D", Some("city-003"), Some("tb")), &set.canaries),
            Some(1)
        );
        assert_eq!(truth(&at("D", Some("other"), None), &set.base), Some(0));
        assert_eq!(truth(&at("B", None, None), &set.base), None);
        assert_eq!(truth(&at("B", None, Some("legal")), &set.canaries), Some(8));
        assert_eq!(truth(&at("E", None, None), &set.base), Some(0));
        assert_eq!(truth(&at("Z", None, None), &set.base), None);
    }
}
