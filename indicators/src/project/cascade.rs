//! The cascade of HIV treatment: of the people active on 31 December, who knows the status, who is on treatment, who is
//! suppressed.
//!
//! Only people with a positive test or an event of treatment on record are counted, in the city of table A. Suppressed is
//! who is active in treatment and whose latest viral load, at most 365 days old, says so; of two on one day that disagree
//! the unsuppressed one counts. Source: UNAIDS 95-95-95, restricted to what the programme itself recorded.

use crypto::day::{Day, Quarter};
use privacy::cell::item::Stage;
use privacy::cell::{Cell, CityCode, Tab};

use super::Projector;
use super::care::Care;
use crate::contribution::Contribution;

impl Projector<'_> {
    /// One stage for a person active in `city` on the year's last day.
    pub(super) fn cascade(
        &self,
        period: Quarter,
        end: Day,
        city: CityCode,
        care: &Care,
        out: &mut Vec<Contribution>,
    ) {
        if !care.known {
            return;
        }
        let treatment = self.indicators.treatment().number();
        let treated = self.service_episodes().any(|(episode, service)| {
            service == treatment && episode.from <= end && end < episode.until
        });
        let stage = match (treated, care.suppressed(end)) {
            (false, _) => Stage::KnowsStatus,
            (true, false) => Stage::OnTreatment,
            (true, true) => Stage::Suppressed,
        };
        let cell = Cell::new(Tab::Cascade, city, 0, None);
        out.push(Contribution {
            period,
            cell: cell.with_item(stage.item()),
        });
    }
}

#[cfg(test)]
mod tests;
