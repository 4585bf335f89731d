//! Histories of which something was withdrawn: each quarter counts what stood when it closed.
//!
//! A withdrawal cuts a person's time in two. The quarters before it were counted with the withdrawn report, and keep what they
//! counted; from its own quarter on, the person is counted as if the report had never come. Either part alone keeps to the caps,
//! the two together need not: whoever was counted as a drop-out twice in spring may drop out twice in autumn of the history
//! without the mistake. So what a cap bounds over several quarters is bounded once more, over the union of what all versions
//! gave: earlier quarters first, because they are published. What was counted by mistake uses up the cap; nobody ever adds more
//! than a history without withdrawals could.
//!
//! It stays causal: what a quarter counts depends on events and withdrawals effective by its end, and on what earlier quarters
//! counted.

use crypto::day::Quarter;
use privacy::cell::Tab;

use super::Projector;
use crate::contribution::{CAPS, Contribution};
use crate::history::History;

impl Projector<'_> {
    /// Appends what the versions of a history contribute, each to the quarters up to the next of `turns`, which are in order.
    pub(super) fn versions(
        &mut self,
        person: i64,
        history: &History,
        turns: &[Quarter],
        out: &mut Vec<Contribution>,
    ) {
        let mut all = Vec::new();
        let mut rows = Vec::new();
        // Nothing is withdrawn before the first quarter there is.
        for turn in [Quarter::FIRST].iter().chain(turns) {
            let standing = history.standing(*turn);
            rows.clear();
            self.version(person, &standing, &mut rows);
            all.retain(|row: &Contribution| row.period < *turn);
            all.extend(rows.iter().filter(|row| row.period >= *turn));
        }
        self.bound(person, all, out);
    }

    /// Appends the rows that the caps over several quarters leave: the earliest; in one quarter ties go to the smaller keyed hash.
    fn bound(&self, person: i64, mut all: Vec<Contribution>, out: &mut Vec<Contribution>) {
        all.sort_by_cached_key(|row| {
            let (tab, day) = (row.cell.tab().number(), row.period.first_day().number());
            let tie = self.tie(person, tab, day, u16::from(row.cell.service()));
            (row.period, tab, tie, row.cell)
        });
        let begin = out.len();
        for row in all {
            if fits(&row, &out[begin..]) {
                out.push(row);
            }
        }
    }
}

/// Whether a row keeps to the caps with those of the same and earlier quarters.
fn fits(row: &Contribution, kept: &[Contribution]) -> bool {
    let tab = row.cell.tab();
    let alike = || kept.iter().filter(|one| one.cell.tab() == tab);
    let of_year = || alike().filter(|one| one.period.year() == row.period.year());
    let of_service = || of_year().filter(|one| one.cell.service() == row.cell.service());
    match tab {
        Tab::First => alike().count() < CAPS.first_per_life,
        Tab::Linkage => alike().count() < CAPS.linkage_per_life,
        Tab::DropOut | Tab::ReEngaged => {
            of_year().count() < CAPS.flows_per_year
                && of_service().count() < CAPS.flows_per_service_year
        }
        Tab::SilentTransfer => of_year().count() < CAPS.silent_transfers_per_year,
        // Bounded within one quarter, and all rows of a quarter are of one version.
        Tab::Active | Tab::Service | Tab::Cohort | Tab::ServiceCohort | Tab::Cascade => true,
    }
}

#[cfg(test)]
mod tests;
