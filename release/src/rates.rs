//! Rates: ratios of published numbers with the 95 % range of their noise.
//!
//! Numerator and denominator are noisy, so the range is Fieller's: all ratios that a test at 5 % does not refuse. It is exact for
//! normal noise and uses the variances and the covariance of the noise and nothing else. Nothing is clipped.
//!
//! **Which rates are shown.** The range is unbounded when the denominator cannot be told from zero. To show every rate with a bounded
//! range would let the noise choose: of many places where nobody is, one in forty would get a rate, and its range would hold
//! nothing. So a rate is shown only where its denominator is more than [`FLOOR`] standard deviations of its noise above zero,
//! which where nobody is happens once in 30,000 times; otherwise it is *not estimable*. Among the rates shown the range holds 95 of 100
//! times over sizes of all kinds; at a size at which a rate is shown more often than not, at least so often; at sizes far below
//! the floor, where a rate is shown by chance alone, less. The place "other" has no rates: it is no place.
//!
//! Citation: E. C. Fieller, "Some Problems in Interval Estimation", J. R. Stat. Soc. B 16 (1954).

use privacy::catalogue::Plan;
use privacy::cell::item::BIN_DAYS;
use privacy::cell::{CityCode, Tab};
use privacy::scope::Scope;

use crate::error::EstimateError;
use crate::estimate::cohort::{Cohort, cohorts};
use crate::measurements::Measurements;
use crate::published::{Published, TOTAL, Z, square};

/// Standard deviations of its noise by which a denominator must exceed zero for its rate to be shown.
pub(crate) const FLOOR: f64 = 4.0;
/// Days at which retention is published.
const RETENTION_DAYS: [u16; 3] = [30, 90, 180];

/// Two noisy numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Ratio {
    /// Numerator.
    above: f64,
    /// Denominator.
    below: f64,
    /// Variance of the numerator's noise.
    above_variance: f64,
    /// Variance of the denominator's noise.
    below_variance: f64,
    /// Their covariance.
    covariance: f64,
}

/// A ratio and its 95 % range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// Numerator over denominator.
    pub(crate) estimate: f64,
    /// Lower end.
    pub(crate) lo: f64,
    /// Upper end.
    pub(crate) hi: f64,
}

impl Ratio {
    /// Fieller's 95 % range; `None` when the denominator is not above the floor. Above it the range is bounded.
    #[must_use]
    fn fieller(&self) -> Option<Interval> {
        if self.below <= FLOOR * self.below_variance.sqrt() {
            return None;
        }
        let z = square(Z);
        let a = square(self.below) - z * self.below_variance;
        let b = self.above * self.below - z * self.covariance;
        let c = square(self.above) - z * self.above_variance;
        let root = (b * b - a * c).max(0.0).sqrt();
        Some(Interval {
            estimate: self.above / self.below,
            lo: (b - root) / a,
            hi: (b + root) / a,
        })
    }
}

/// One published rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    /// Its name for machines.
    pub(crate) rate: &'static str,
    /// What it says.
    pub(crate) title: &'static str,
    /// Of whom.
    pub(crate) denominator: &'static str,
    /// The city; none for the whole programme.
    pub(crate) city: Option<CityCode>,
    /// The service; none for the programme.
    pub(crate) service: Option<u8>,
    /// Days since enrolment or test.
    pub(crate) day: Option<u16>,
    /// Its value; none when its denominator is not above the floor.
    pub(crate) interval: Option<Interval>,
}

/// The words of a rate.
struct Words(&'static str, &'static str, &'static str);

impl Words {
    const fn rate(&self) -> Rate {
        Rate {
            rate: self.0,
            title: self.1,
            denominator: self.2,
            city: None,
            service: None,
            day: None,
            interval: None,
        }
    }
}

const DROP_OUT: Words = Words(
    "drop-out",
    "drop-outs from a service in the quarter for 100 active clients",
    "clients active on the last day of the quarter",
);
const ON_TREATMENT: Words = Words(
    "on-treatment",
    "clients on HIV treatment on the last day of the year",
    "active clients who know that they live with HIV",
);
const SUPPRESSED: Words = Words(
    "suppressed",
    "clients with a suppressed viral load",
    "active clients on HIV treatment",
);
const LINKED: Words = Words(
    "linked",
    "clients on HIV treatment within so many days of a first positive test",
    "clients with a first positive test",
);
const DROPPED: Words = Words(
    "dropped-out",
    "clients who dropped out by that day",
    "everybody who enrolled in the cohort",
);
const RETAINED: Words = Words(
    "retained",
    "clients still there after that day",
    "everybody who enrolled in the cohort",
);
const RETAINED_OTHERS: Words = Words(
    "retained-others",
    "clients still there after that day",
    "everybody who enrolled in the cohort, without those who left otherwise than by drop-out",
);

/// A table of the release and its numbers.
pub(crate) type Estimated<'a> = (&'a Plan, Vec<Published>);

/// Every rate of a release, in a fixed order.
///
/// # Errors
/// [`EstimateError`] when a measurement is missing.
pub(crate) fn rates(
    tables: &[Estimated<'_>],
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Rate>, EstimateError> {
    let mut found = drop_outs(tables, scope);
    for (plan, numbers) in tables {
        match plan.table.source {
            Tab::Cascade => found.extend(cascade(numbers, scope)),
            Tab::Linkage => found.extend(linkage(numbers, scope)),
            Tab::Cohort | Tab::ServiceCohort => found.extend(retention(plan, scope, values)?),
            _ => {}
        }
    }
    Ok(found)
}

fn numbers<'a>(tables: &'a [Estimated<'_>], code: &str) -> Option<&'a [Published]> {
    let found = tables.iter().find(|(plan, _)| plan.table.code == code);
    found.map(|(_, numbers)| numbers.as_slice())
}

fn find(numbers: &[Published], level: &str, city: CityCode) -> Option<(f64, f64)> {
    let found = numbers
        .iter()
        .find(|one| one.level == level && one.cell.city() == city)?;
    Some((found.estimate.value(), square(found.sd)))
}

/// Tables A and D share no noise.
fn drop_outs(tables: &[Estimated<'_>], scope: &Scope) -> Vec<Rate> {
    let (Some(active), Some(lost)) = (numbers(tables, "A"), numbers(tables, "D")) else {
        return Vec::new();
    };
    places(scope)
        .filter_map(|place| {
            let level = place.map_or(TOTAL, |_| "city");
            let city = place.unwrap_or(CityCode::OTHER);
            let (above, below) = (find(lost, level, city)?, find(active, level, city)?);
            let ratio = independent(above, below);
            Some(Rate {
                city: place,
                interval: ratio.fieller(),
                ..DROP_OUT.rate()
            })
        })
        .collect()
}

/// The whole programme, then every city of the registry.
fn places(scope: &Scope) -> impl Iterator<Item = Option<CityCode>> {
    let cities = scope.codes().into_iter();
    let cities = cities.filter(|city| *city != CityCode::OTHER).map(Some);
    std::iter::once(None).chain(cities)
}

const fn independent(above: (f64, f64), below: (f64, f64)) -> Ratio {
    Ratio {
        above: above.0,
        below: below.0,
        above_variance: above.1,
        below_variance: below.1,
        covariance: 0.0,
    }
}

/// Some parts of a whole whose parts share no noise: the covariance is the variance of what both hold.
fn part_of(
    parts: &[(f64, f64)],
    chosen: impl Fn(usize) -> bool,
    whole: impl Fn(usize) -> bool,
) -> Ratio {
    let sum = |wanted: &dyn Fn(usize) -> bool| {
        let kept = parts.iter().enumerate().filter(|(index, _)| wanted(*index));
        kept.fold((0.0, 0.0), |(x, v), (_, part)| (x + part.0, v + part.1))
    };
    let (above, below) = (sum(&chosen), sum(&whole));
    Ratio {
        covariance: sum(&|index| chosen(index) && whole(index)).1,
        ..independent(above, below)
    }
}

/// The items of a place, in order; estimates of different items share no noise.
fn items(numbers: &[Published], levels: (&str, &str), place: Option<CityCode>) -> Vec<(f64, f64)> {
    let level = if place.is_some() { levels.1 } else { levels.0 };
    let here =
        |one: &&Published| one.level == level && place.is_none_or(|city| one.cell.city() == city);
    let found = numbers.iter().filter(here);
    found
        .map(|one| (one.estimate.value(), square(one.sd)))
        .collect()
}

fn cascade(numbers: &[Published], scope: &Scope) -> Vec<Rate> {
    let of_place = |place: Option<CityCode>| {
        let parts = items(numbers, ("stage", "city-stage"), place);
        let treated = part_of(&parts, |item| item > 0, |_| true);
        let suppressed = part_of(&parts, |item| item > 1, |item| item > 0);
        [(ON_TREATMENT, treated), (SUPPRESSED, suppressed)].map(|(words, ratio)| Rate {
            city: place,
            interval: ratio.fieller(),
            ..words.rate()
        })
    };
    places(scope).flat_map(of_place).collect()
}

fn linkage(numbers: &[Published], scope: &Scope) -> Vec<Rate> {
    let of_place = |place: Option<CityCode>| {
        let parts = items(numbers, ("delay", "city-delay"), place);
        [7, 28, 90].into_iter().enumerate().map(move |(last, day)| {
            let ratio = part_of(&parts, |item| item <= last, |_| true);
            Rate {
                city: place,
                day: Some(day),
                interval: ratio.fieller(),
                ..LINKED.rate()
            }
        })
    };
    places(scope).flat_map(of_place).collect()
}

fn retention(
    plan: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Rate>, EstimateError> {
    let mut found = Vec::new();
    for cohort in cohorts(plan, scope, values)? {
        for day in RETENTION_DAYS {
            // Of services only the last day: half a year of treatment is what others report too.
            if cohort.service == 0 || day == 180 {
                found.extend(retention_at(&cohort, day));
            }
        }
    }
    Ok(found)
}

fn retention_at(cohort: &Cohort, day: u16) -> Vec<Rate> {
    let bin = usize::from(day / BIN_DAYS) - 1;
    let Some([dropped, retained, others]) = retention_ratios(cohort, bin) else {
        return Vec::new();
    };
    let each = [
        (DROPPED, dropped),
        (RETAINED, retained),
        (RETAINED_OTHERS, others),
    ];
    each.map(|(words, ratio)| Rate {
        service: Some(cohort.service).filter(|service| *service != 0),
        day: Some(day),
        interval: ratio.fieller(),
        ..words.rate()
    })
    .to_vec()
}

/// Dropped out, still there, and still there of those who did not leave otherwise, until the end of a bin.
fn retention_ratios(cohort: &Cohort, bin: usize) -> Option<[Ratio; 3]> {
    let (lost, left) = (cohort.dropped.get(bin)?, cohort.left.get(bin)?);
    let size = cohort.size;
    let lost_size = cohort.dropped_with_size(bin);
    let left_size = cohort.left_with_size(bin);
    let both = cohort.between(bin);
    let dropped = Ratio {
        above: lost.value,
        below: size.value,
        above_variance: lost.variance,
        below_variance: size.variance,
        covariance: lost_size,
    };
    let retained = Ratio {
        above: size.value - lost.value - left.value,
        above_variance: size.variance
            + lost.variance
            + left.variance
            + 2.0 * (both - lost_size - left_size),
        covariance: size.variance - lost_size - left_size,
        ..dropped
    };
    let remaining = size.variance + left.variance - 2.0 * left_size;
    let others = Ratio {
        below: size.value - left.value,
        below_variance: remaining,
        covariance: remaining - lost_size + both,
        ..retained
    };
    Some([dropped, retained, others])
}

#[cfg(test)]
mod tests;
