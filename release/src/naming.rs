//! The words of a cell: how a release says which number a number is, and back.

use std::collections::BTreeMap;

use privacy::catalogue::{DROPPED_OUT, Dimension, Table};
use privacy::cell::item::{BIN_DAYS, Delay, Ending, Stage};
use privacy::cell::{Cell, GroupCode, Tab};
use privacy::scope::Scope;

/// The words of one cell; what its level does not tell apart is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The city's name.
    pub city: Option<String>,
    /// The service's code.
    pub service: Option<String>,
    /// Gender and age.
    pub group: Option<String>,
    /// A stage, a delay, or how an episode ended.
    pub what: Option<String>,
    /// Days since enrolment.
    pub day: Option<u16>,
}

/// The word of every end but drop-out, together.
pub const LEFT_OTHERWISE: &str = "left in another way";

/// The words of a cell of a level; levels that the table does not have (derived totals) have none.
#[must_use]
pub fn name(scope: &Scope, table: &Table, level: &str, cell: Cell) -> Name {
    let Some(level) = table.levels.iter().find(|one| one.code == level) else {
        return Name::default();
    };
    let mut name = Name::default();
    for dimension in level.dimensions {
        match dimension {
            Dimension::City => name.city = city(scope, cell),
            Dimension::Service => name.service = service(scope, cell.service()),
            Dimension::Group => {
                name.group = cell.group().map(|one| GroupCode::text(one).to_owned());
            }
            Dimension::Item => name.what = item(table.source, cell.item()),
            Dimension::End => name.what = ending(cell.item() >> 4).map(str::to_owned),
            Dimension::Course => {
                name.what = Some(course(cell.item() >> 4).to_owned());
                name.day = Some(u16::from(cell.item() & 0x0f) * BIN_DAYS);
            }
        }
    }
    name
}

fn city(scope: &Scope, cell: Cell) -> Option<String> {
    let found = scope.cities.iter().find(|city| city.code == cell.city());
    found.map(|city| city.name.clone())
}

/// The code of a service by its number.
#[must_use]
pub fn service(scope: &Scope, number: u8) -> Option<String> {
    let found = scope.services.iter().find(|one| one.code == number);
    found.map(|one| one.service.clone())
}

fn item(source: Tab, item: u8) -> Option<String> {
    let text = match source {
        Tab::Cascade => Stage::parse(item).map(Stage::text),
        _ => Delay::parse(item).map(Delay::text),
    };
    text.ok().map(str::to_owned)
}

fn ending(number: u8) -> Option<&'static str> {
    let found = Ending::ALL.into_iter().find(|one| *one as u8 == number);
    found.map(Ending::text)
}

const fn course(end: u8) -> &'static str {
    if end == DROPPED_OUT {
        Ending::DroppedOut.text()
    } else {
        LEFT_OTHERWISE
    }
}

/// Every cell of a table by level and words.
#[must_use]
pub fn cells(scope: &Scope, table: &'static Table) -> BTreeMap<(&'static str, Name), Cell> {
    let mut all = BTreeMap::new();
    for level in table.levels {
        for cell in level.cells(table.source, scope) {
            all.insert((level.code, name(scope, table, level.code, cell)), cell);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use privacy::budget::Budget;
    use privacy::catalogue::TABLES;
    use privacy::testing::scope;

    #[test]
    fn words_tell_the_cells_of_a_table_apart() {
        let scope = scope("2026Q4", 4, Budget::Default);
        for table in TABLES {
            let levels = table.levels.iter();
            let all: usize = levels
                .map(|level| level.cells(table.source, &scope).len())
                .sum();
            assert_eq!(cells(&scope, table).len(), all, "{}", table.code);
        }
    }
}
