//! A row that withdraws another, as it is kept until all other rows are booked.

use crypto::day::Day;
use crypto::digest;
use crypto::report::{Kind, ServiceCode, Site};
use privacy::cell::GroupCode;
use wire::rows::Row;

/// A row that withdraws another. Ordered by what it says, the line last.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Back {
    /// Place among the people of the file.
    pub(super) person: u32,
    pub(super) day: Day,
    pub(super) site: Site,
    pub(super) service: ServiceCode,
    pub(super) kind: Option<Kind>,
    pub(super) covered_until: Option<Day>,
    pub(super) group: Option<GroupCode>,
    /// Line of the file.
    pub(super) line: u64,
}

impl Back {
    /// Of a row that withdraws one of this kind, or of any.
    pub(super) fn of(person: u32, row: &Row, kind: Option<Kind>) -> Self {
        Self {
            person,
            day: row.day,
            site: row.site.clone(),
            service: row.service.clone(),
            kind,
            covered_until: row.covered_until,
            group: row.group.map(GroupCode::of),
            line: row.line,
        }
    }

    /// Whether both say the same, wherever they stand.
    pub(super) fn says_as(&self, other: &Self) -> bool {
        let line = self.line;
        Self {
            line,
            ..other.clone()
        } == *self
    }

    /// The same row of the same person always has the same id; `equal` are before it.
    pub(super) fn id(&self, key: &[u8; 32], person: &[u8; 16], equal: u32) -> [u8; 16] {
        let kind = self.kind.as_ref().map(Kind::to_string).unwrap_or_default();
        let until = self.covered_until.map_or(i32::MIN, Day::number);
        let group = self.group.map_or(0, GroupCode::number);
        let hash = digest::keyed_parts(
            key,
            &[
                b"withdrawn",
                person,
                &self.day.number().to_le_bytes(),
                self.site.as_str().as_bytes(),
                self.service.as_str().as_bytes(),
                kind.as_bytes(),
                &until.to_le_bytes(),
                &[group],
                &equal.to_le_bytes(),
            ],
        );
        let mut id = [0; 16];
        id.copy_from_slice(&hash[..16]);
        id
    }
}
