//! Cohorts: how many enrolled, how their episodes ended by day 180, and when.
//!
//! Three things are measured with independent noise: the size, the ends (a partition of the size), and two courses, "dropped
//! out" and "left in another way", through the square-root factorisation, whose last running total is an end measured once
//! more. Size and ends are a tree, reconciled by least squares. The rest of a course learns from its reconciled last point by
//! its covariance with it, and from nothing else: given that point, everything else is independent of it. So every number is
//! the best linear unbiased one, with exact variances and with the covariances that rates need. Only the number shown is
//! isotonic: a course never falls (pool adjacent violators), within the ranges of its points.

use privacy::catalogue::{BINS, DROPPED_OUT, LEFT, MeasuredLevel, Plan};
use privacy::cell::{Cell, CityCode};
use privacy::scope::Scope;
use privacy::toeplitz::Toeplitz;

use crate::decimal::Decimal;
use crate::error::EstimateError;
use crate::measurements::Measurements;
use crate::published::{Published, Series, square};
use crate::wls::{self, Estimate, Node};

/// One point of a course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Point {
    /// Episodes ended in this way until the end of the bin.
    pub(crate) value: f64,
    /// Its variance.
    pub(crate) variance: f64,
    /// Its covariance with the course's last point, as a part of that point's variance.
    slope: f64,
}

/// One cohort, reconciled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cohort {
    /// The service; 0 for the programme.
    pub(crate) service: u8,
    /// How many enrolled.
    pub(crate) size: Estimate,
    /// How many were still there on day 180.
    pub(crate) still: Estimate,
    /// Every other end: its number and how many.
    pub(crate) ends: Vec<(u8, Estimate)>,
    /// Dropped out, by bin.
    pub(crate) dropped: Vec<Point>,
    /// Left in another way, by bin.
    pub(crate) left: Vec<Point>,
    /// Covariance of the last points of the two courses.
    between: f64,
    /// Covariances of the last points with the size: dropped, left.
    with_size: (f64, f64),
}

impl Cohort {
    /// Covariance of the number dropped out by a bin (from 0) with the size.
    #[must_use]
    pub(crate) fn dropped_with_size(&self, bin: usize) -> f64 {
        slope(&self.dropped, bin) * self.with_size.0
    }

    /// Covariance of the number left in another way by a bin with the size.
    #[must_use]
    pub(crate) fn left_with_size(&self, bin: usize) -> f64 {
        slope(&self.left, bin) * self.with_size.1
    }

    /// Covariance of both courses at one bin.
    #[must_use]
    pub(crate) fn between(&self, bin: usize) -> f64 {
        slope(&self.dropped, bin) * slope(&self.left, bin) * self.between
    }
}

fn slope(course: &[Point], bin: usize) -> f64 {
    course.get(bin).map_or(0.0, |point| point.slope)
}

/// A level that every table of cohorts has.
fn named<'a>(plan: &'a Plan, level: &str) -> Result<&'a MeasuredLevel, EstimateError> {
    plan.level(level).ok_or(EstimateError::Missing)
}

/// Reads one cohort's measurements.
struct Reader<'a> {
    plan: &'a Plan,
    scope: &'a Scope,
    values: &'a Measurements,
    service: u8,
}

impl Reader<'_> {
    fn cell(&self, item: u8) -> Cell {
        Cell::new(self.plan.table.source, CityCode::OTHER, self.service, None).with_item(item)
    }

    fn raw(&self, level: &str, item: u8) -> Result<i64, EstimateError> {
        let (period, cell) = (self.scope.period, self.cell(item));
        self.values.get(self.plan, level, period, cell)
    }

    /// A measured count and its variance.
    fn count(&self, level: &str, item: u8) -> Result<(f64, f64), EstimateError> {
        let sigma = named(self.plan, level)?.sigma;
        Ok((self.raw(level, item)? as f64, square(sigma.value())))
    }

    /// Running totals of a course as measured, in counts.
    fn totals(&self, toeplitz: &Toeplitz, end: u8) -> Result<Vec<f64>, EstimateError> {
        let measured = (1..=BINS)
            .map(|bin| self.raw("curve", end << 4 | bin))
            .collect::<Result<Vec<i64>, _>>()?;
        let unit = square(toeplitz.scale() as f64);
        (1..=measured.len())
            .map(|until| Ok(toeplitz.running_total(&measured[..until])? as f64 / unit))
            .collect()
    }

    fn other_ends(&self) -> Vec<u8> {
        let level = self.plan.level("ends");
        let cells = level.map_or_else(Vec::new, |level| {
            level.level.cells(self.plan.table.source, self.scope)
        });
        let ends = cells
            .iter()
            .filter(|cell| cell.service() == self.service)
            .map(|cell| cell.item() >> 4);
        ends.filter(|end| *end > DROPPED_OUT).collect()
    }
}

/// Every cohort of a table: the programme's, or one of each service.
///
/// # Errors
/// [`EstimateError`] when a measurement is missing.
pub(crate) fn cohorts(
    plan: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Cohort>, EstimateError> {
    let level = named(plan, "cohort")?;
    let services = level.level.cells(plan.table.source, scope);
    services
        .into_iter()
        .map(|cell| {
            reconcile(&Reader {
                plan,
                scope,
                values,
                service: cell.service(),
            })
        })
        .collect()
}

/// What is measured of one cohort, each with its variance.
struct Measured {
    size: (f64, f64),
    still: (f64, f64),
    /// Dropped out: the end, and the last point of the course.
    gone: (f64, f64),
    /// The last point of the course of all other ends.
    left: (f64, f64),
    others: Vec<(f64, f64)>,
}

impl Measured {
    fn read(
        reader: &Reader<'_>,
        ends: &[u8],
        last: [(f64, f64); 2],
    ) -> Result<Self, EstimateError> {
        let [dropped, left] = last;
        Ok(Self {
            size: reader.count("cohort", 0)?,
            still: reader.count("ends", 0)?,
            gone: combined(reader.count("ends", DROPPED_OUT << 4)?, dropped),
            left,
            others: ends
                .iter()
                .map(|end| reader.count("ends", end << 4))
                .collect::<Result<_, _>>()?,
        })
    }

    /// Pre-order: size, still there, dropped out, left in another way, the other ends.
    fn tree(&self) -> Node {
        let leaf = |measured: &(f64, f64)| Node {
            measured: Some(*measured),
            children: Vec::new(),
        };
        let otherwise = Node {
            measured: Some(self.left),
            children: self.others.iter().map(leaf).collect(),
        };
        Node {
            measured: Some(self.size),
            children: vec![leaf(&self.still), leaf(&self.gone), otherwise],
        }
    }

    /// Variances of the size's three children, each from what lies below it.
    fn variances(&self) -> [f64; 3] {
        let below: f64 = self.others.iter().map(|one| one.1).sum();
        [self.still.1, self.gone.1, parallel(self.left.1, below)]
    }
}

fn reconcile(reader: &Reader<'_>) -> Result<Cohort, EstimateError> {
    let toeplitz = Toeplitz::new(u32::from(BINS))?;
    let curve = named(reader.plan, "curve")?;
    let unit = square(curve.sigma.value() / toeplitz.scale() as f64);
    let courses = [
        reader.totals(&toeplitz, DROPPED_OUT)?,
        reader.totals(&toeplitz, LEFT)?,
    ];
    let noise = unit * toeplitz.running_total_variance(usize::from(BINS));
    let last = |course: &Vec<f64>| (course.last().copied().unwrap_or(0.0), noise);
    let numbers = reader.other_ends();
    let measured = Measured::read(reader, &numbers, [last(&courses[0]), last(&courses[1])])?;
    let found = wls::estimate(&measured.tree())?;
    let [size, still, dropped, left, ends @ ..] = &found[..] else {
        return Err(EstimateError::Missing);
    };
    let variances = measured.variances();
    let all: f64 = variances.iter().sum();
    let share = |index: usize| variances[index] / all;
    Ok(Cohort {
        service: reader.service,
        size: *size,
        still: *still,
        ends: numbers.into_iter().zip(ends.iter().copied()).collect(),
        dropped: course(&toeplitz, unit, &courses[0], *dropped),
        left: course(&toeplitz, unit, &courses[1], *left),
        between: share(1) * share(2) * (size.variance - all),
        with_size: (share(1) * size.variance, share(2) * size.variance),
    })
}

fn parallel(a: f64, b: f64) -> f64 {
    a * b / (a + b)
}

/// Two independent measurements of one number by inverse variance.
fn combined(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    ((a.0 * b.1 + b.0 * a.1) / (a.1 + b.1), parallel(a.1, b.1))
}

/// A course whose last point is known better than it was measured.
fn course(toeplitz: &Toeplitz, unit: f64, totals: &[f64], last: Estimate) -> Vec<Point> {
    let end = totals.len();
    let noise = unit * toeplitz.running_total_variance(end);
    let step = last.value - totals.last().copied().unwrap_or(0.0);
    let point = |(index, total): (usize, &f64)| {
        let until = index + 1;
        let covariance = unit * toeplitz.running_total_covariance(until, end);
        let own = unit * toeplitz.running_total_variance(until);
        let slope = covariance / noise;
        Point {
            value: total + slope * step,
            variance: own - covariance * slope + slope * slope * last.variance,
            slope,
        }
    };
    totals.iter().enumerate().map(point).collect()
}

/// Every number of a cohort table: sizes, ends, courses.
pub(super) fn published(
    plan: &Plan,
    scope: &Scope,
    values: &Measurements,
) -> Result<Vec<Published>, EstimateError> {
    let (mut sizes, mut ends, mut curves) = (Vec::new(), Vec::new(), Vec::new());
    for cohort in cohorts(plan, scope, values)? {
        let reader = Reader {
            plan,
            scope,
            values,
            service: cohort.service,
        };
        let mut size = Decimal::default();
        let kinds = std::iter::once((0, cohort.still))
            .chain(std::iter::once((DROPPED_OUT, last(&cohort.dropped))))
            .chain(cohort.ends.iter().copied());
        for (end, estimate) in kinds {
            let number = number(&reader, "ends", end << 4, estimate)?;
            size = size.plus(number.estimate);
            ends.push(number);
        }
        // The size is the exact sum of its published ends.
        sizes.push(Published {
            estimate: size,
            ..number(&reader, "cohort", 0, cohort.size)?
        });
        curves.extend(curve(&reader, DROPPED_OUT, &cohort.dropped));
        curves.extend(curve(&reader, LEFT, &cohort.left));
    }
    Ok([sizes, ends, curves].concat())
}

fn last(course: &[Point]) -> Estimate {
    course.last().map_or(
        Estimate {
            value: 0.0,
            variance: 0.0,
        },
        |point| Estimate {
            value: point.value,
            variance: point.variance,
        },
    )
}

fn number(
    reader: &Reader<'_>,
    level: &'static str,
    item: u8,
    estimate: Estimate,
) -> Result<Published, EstimateError> {
    Ok(Published {
        series: Series::Count,
        level,
        cell: reader.cell(item),
        measured: Some(reader.raw(level, item)?),
        estimate: Decimal::nearest(estimate.value),
        sd: estimate.variance.sqrt(),
        shown: None,
    })
}

fn curve(reader: &Reader<'_>, end: u8, points: &[Point]) -> Vec<Published> {
    let number = |(bin, point): (u8, &Point)| Published {
        series: Series::Count,
        level: "curve",
        cell: reader.cell(end << 4 | bin),
        measured: None,
        estimate: Decimal::nearest(point.value),
        sd: point.variance.sqrt(),
        shown: None,
    };
    let mut found: Vec<Published> = (1..=BINS).zip(points).map(number).collect();
    let values: Vec<f64> = points.iter().map(|point| point.value).collect();
    let nearest = isotonic(&values);
    let nearest = nearest
        .iter()
        .map(|value| Decimal::nearest(*value).display());
    let shown = within(&found, nearest.collect());
    for (one, shown) in found.iter_mut().zip(shown) {
        one.shown = Some(shown);
    }
    found
}

/// A course that never falls, kept within the range of each of its points as far as one course can be. Where no course that never
/// falls lies within all ranges, each point is brought into its own when it is displayed, and the course falls there.
fn within(points: &[Published], mut course: Vec<u64>) -> Vec<u64> {
    let whole = |point: &Published| point.whole().unwrap_or((0, u64::MAX));
    // From the highest beginning on, and from the lowest end down: both bounds never fall either.
    let least = points.iter().scan(0, |least, point| {
        *least = whole(point).0.max(*least);
        Some(*least)
    });
    let mut most: Vec<u64> = points
        .iter()
        .rev()
        .scan(u64::MAX, |most, point| {
            *most = whole(point).1.min(*most);
            Some(*most)
        })
        .collect();
    most.reverse();
    for ((shown, least), most) in course.iter_mut().zip(least).zip(most) {
        *shown = (*shown).max(least).min(most);
    }
    course
}

/// The nearest sequence that never falls, by least squares (pool adjacent violators).
#[must_use]
fn isotonic(values: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for value in values {
        let mut pool = (*value, 1);
        while let Some((mean, size)) = pools.pop_if(|before| before.0 > pool.0) {
            let both = size + pool.1;
            pool = (
                (mean * size as f64 + pool.0 * pool.1 as f64) / both as f64,
                both,
            );
        }
        pools.push(pool);
    }
    pools
        .into_iter()
        .flat_map(|(mean, size)| std::iter::repeat_n(mean, size))
        .collect()
}

#[cfg(test)]
mod tests;
