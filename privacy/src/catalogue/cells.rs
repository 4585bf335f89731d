//! The cells of a level: which there are, and to which one a contribution belongs.

use crate::catalogue::table::{Dimension, Level};
use crate::cell::item::{Bin, Delay, Ending, Stage};
use crate::cell::{Cell, CityCode, GroupCode, Tab};
use crate::scope::{Scope, TableService};

/// Bins of a course.
pub const BINS: u8 = Bin::COUNT;
/// In a course: dropped out.
pub const DROPPED_OUT: u8 = Ending::DroppedOut as u8;
/// In a course: every end but drop-out, together.
pub const LEFT: u8 = 15;

impl Level {
    fn has(&self, dimension: Dimension) -> bool {
        self.dimensions.contains(&dimension)
    }

    /// The cell of this level that a contribution belongs to; `None` when the level does not count it.
    #[must_use]
    pub fn cell_of(&self, cell: Cell) -> Option<Cell> {
        let city = if self.has(Dimension::City) {
            cell.city()
        } else {
            CityCode::OTHER
        };
        let service = if self.has(Dimension::Service) {
            cell.service()
        } else {
            0
        };
        let group = cell.group().filter(|_| self.has(Dimension::Group));
        let item = self.item_of(cell.item())?;
        Some(Cell::new(cell.tab(), city, service, group).with_item(item))
    }

    fn item_of(&self, item: u8) -> Option<u8> {
        let (end, bin) = (item >> 4, item & 0x0f);
        if self.has(Dimension::Item) {
            Some(item)
        } else if self.has(Dimension::End) {
            Some(end << 4)
        } else if self.has(Dimension::Course) {
            // A cell of a course stays what it is.
            match end {
                0 => None,
                DROPPED_OUT | LEFT => Some(item),
                _ => Some(LEFT << 4 | bin),
            }
        } else {
            Some(0)
        }
    }

    /// Every cell of this level in the published order: by city, service, group, item.
    #[must_use]
    pub fn cells(&self, source: Tab, scope: &Scope) -> Vec<Cell> {
        let cities = if self.has(Dimension::City) {
            scope.codes()
        } else {
            vec![CityCode::OTHER]
        };
        let services: Vec<u8> = if self.has(Dimension::Service) {
            let shown = |one: &&TableService| one.cohort || source != Tab::ServiceCohort;
            let services = scope.services.iter().filter(shown);
            services.map(|service| service.code).collect()
        } else {
            vec![0]
        };
        let (groups, items) = (self.groups(), self.items(source));
        let mut cells = Vec::new();
        for city in cities {
            for service in &services {
                for group in &groups {
                    let cell = Cell::new(source, city, *service, *group);
                    cells.extend(items.iter().map(|item| cell.with_item(*item)));
                }
            }
        }
        cells
    }

    fn groups(&self) -> Vec<Option<GroupCode>> {
        if self.has(Dimension::Group) {
            let all = (1..=GroupCode::COUNT).filter_map(|number| GroupCode::new(number).ok());
            all.map(Some).collect()
        } else {
            vec![None]
        }
    }

    fn items(&self, source: Tab) -> Vec<u8> {
        if self.has(Dimension::Item) {
            match source {
                Tab::Cascade => Stage::ALL.map(Stage::item).to_vec(),
                _ => Delay::ALL.map(Delay::item).to_vec(),
            }
        } else if self.has(Dimension::End) {
            // Only a service knows "lapsed".
            let known = |end: &Ending| *end != Ending::Lapsed || source == Tab::ServiceCohort;
            let ends = Ending::ALL.into_iter().filter(known);
            ends.map(|end| (end as u8) << 4).collect()
        } else if self.has(Dimension::Course) {
            let bins = |end: u8| (1..=BINS).map(move |bin| end << 4 | bin);
            bins(DROPPED_OUT).chain(bins(LEFT)).collect()
        } else {
            vec![0]
        }
    }
}
