//! How the kept files were made: public facts by hand, true counts and noise from a hash, then the code that publishes.
//!
//! Nothing here asks the system for randomness and no step of it depends on the machine, so the same files come out
//! anywhere and at any time: a file that differs is a published byte that moved.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeSet;

use crypto::day::{Day, Quarter};
use crypto::secret::Secret;
use crypto::sign::ReleaseKey;
use privacy::budget::Budget;
use privacy::catalogue::{Plan, parameters_hash, plans_shown};
use privacy::cell::Cell;
use privacy::rho::NanoRho;
use privacy::scope::{Scope, Subject};
use privacy::testing::{exact, leaves, scope};

use crate::assemble::assemble;
use crate::facts::Facts;
use crate::log::chain::{Entries, Kind};
use crate::measurements::Measurements;
use crate::reason::Reason;
use crate::seal::{Sealed, seal};

/// Services of the kept programmes; two of them have cohorts of their own.
const SERVICES: [&str; 4] = ["nsp", "oat-methadone", "hts", "art"];

/// The key that signed the kept files.
pub(crate) fn key() -> ReleaseKey {
    ReleaseKey::from_seed(&Secret::new([11; 32])).unwrap()
}

/// Another programme's key.
pub(crate) fn other_key() -> ReleaseKey {
    ReleaseKey::from_seed(&Secret::new([12; 32])).unwrap()
}

fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

/// A closed programme of two cities.
fn facts(period: &str) -> Facts {
    let mut scope = scope(period, 2, Budget::Default);
    scope
        .services
        .retain(|one| SERVICES.contains(&one.service.as_str()));
    Facts {
        closed: scope.period.last_day().plus(31),
        scope,
        version: 1,
        indicators: "2026-11".to_owned(),
        spent_in_year: NanoRho::new(41_234_567),
        reasons: BTreeSet::new(),
    }
}

/// An ordinary quarter.
pub(crate) fn ordinary() -> Facts {
    facts("2027Q3")
}

/// A fourth quarter, with every annual table.
pub(crate) fn fourth() -> Facts {
    facts("2027Q4")
}

/// The ordinary quarter counted again.
pub(crate) fn revision() -> Facts {
    Facts {
        version: 2,
        closed: "2028-03-05".parse::<Day>().unwrap(),
        reasons: [Reason::LateReports, Reason::Merges].into(),
        ..ordinary()
    }
}

/// A quarter of the second block of running totals, after a change of the budget, with a late city and a table turned off.
pub(crate) fn later() -> Facts {
    let mut facts = facts("2031Q2");
    facts.scope.budgets.change(2029, Budget::Strict);
    facts.scope.off = vec!["B".to_owned()];
    facts.scope.cities[2].from = quarter("2028Q3");
    facts
}

/// The smallest release: tables A and D alone.
pub(crate) fn smallest() -> Facts {
    let mut facts = facts("2026Q1");
    facts.scope.off = ["B", "DY", "E", "F", "G", "GS", "S", "L", "C"]
        .map(str::to_owned)
        .to_vec();
    facts.scope.services.truncate(1);
    facts
}

/// A hash of a number's name.
pub(crate) fn digest(words: &[&str], quarter: Quarter, cell: Cell) -> [u8; 32] {
    let words = words.join(" ");
    crypto::digest::hash(format!("{words} {quarter} {}", cell.number()).as_bytes())
}

/// Twelve numbers between 0 and 1 less 6: close to a normal draw, by additions alone.
pub(crate) fn draw(hash: &[u8; 32]) -> f64 {
    let parts = hash.chunks_exact(2).take(12);
    parts
        .map(|two| f64::from(u16::from_be_bytes([two[0], two[1]])) / 65_536.0)
        .sum::<f64>()
        - 6.0
}

/// Noisy measurements of everything that a release shows.
fn measurements(plans: &[Plan], scope: &Scope) -> Measurements {
    let mut values = Measurements::new();
    for plan in plans {
        let leaves = leaves(plan, scope);
        let count = |quarter, cell| {
            let hash = digest(&["count"], quarter, cell);
            let late = plan.table.counts_again().map_or(0, |_| hash[1] % 4);
            i64::from(hash[0] % 40 + 12 + late)
        };
        for ((table, level, quarter, cell), value) in exact(plan, scope, &leaves, count) {
            let sigma = plan.level(level).unwrap().sigma.value();
            let noise = sigma * draw(&digest(&["noise", table, level], quarter, cell));
            values.insert((table, level, quarter, cell), value + noise.round() as i64);
        }
    }
    values
}

/// The signed file of these facts.
pub(crate) fn sealed(facts: &Facts) -> Sealed {
    let plans = plans_shown(&facts.scope, facts.version).unwrap();
    let values = measurements(&plans, &facts.scope);
    seal(&assemble(facts, &plans, &values).unwrap(), &key()).unwrap()
}

/// The log of the programme: an ordinary quarter, the fourth, and the revision of the first.
pub(crate) fn log() -> Vec<u8> {
    let (mut bytes, mut entries) = (Vec::new(), Entries::default());
    for facts in [ordinary(), fourth(), revision()] {
        let subject = Subject {
            period: facts.scope.period,
            version: facts.version,
        };
        let plans = plans_shown(&facts.scope, facts.version).unwrap();
        let parameters = parameters_hash(subject, &facts.scope, &plans).unwrap();
        let lines = [
            (Kind::Reserved, parameters),
            (Kind::Released, sealed(&facts).hash),
        ];
        for (kind, hash) in lines {
            let (line, after) = entries.next(subject, kind, hash).unwrap().unwrap();
            bytes.extend(line);
            entries = after;
        }
    }
    bytes
}
