//! The tables, as data. Shares are parts of one person's budget of a calendar year; they and the reserve come to 100 %.

use crate::catalogue::table::{Dimension, Every, Level, Mechanism, Part, Shape, Table};
use crate::cell::Tab;

use Dimension::{City, Course, End, Group, Item, Service};

const fn percent(of: u64) -> Part {
    Part { of, in_all: 100 }
}

const THIRD: Part = Part { of: 1, in_all: 3 };

const fn counts(
    code: &'static str,
    dimensions: &'static [Dimension],
    l2_squared: u64,
    part: Part,
) -> Level {
    Level {
        code,
        dimensions,
        shape: Shape::Counts,
        l2_squared,
        part,
    }
}

/// Every table, in the order of releases.
pub const TABLES: &[Table] = &[
    Table {
        code: "A",
        title: "clients active on the last day of the quarter",
        unit: "clients",
        source: Tab::Active,
        share: percent(28),
        every: Every::Quarter,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts("total", &[], 1, percent(15)),
            counts("city", &[City], 1, percent(25)),
            counts("city-group", &[City, Group], 1, percent(60)),
        ],
    },
    Table {
        code: "B",
        title: "clients active in a service on the last day of the quarter",
        unit: "pairs of client and service (at most three services of one client)",
        source: Tab::Service,
        share: percent(23),
        every: Every::Quarter,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: true,
        levels: &[
            counts("service", &[Service], 3, percent(30)),
            counts("city-service", &[City, Service], 3, percent(70)),
        ],
    },
    Table {
        code: "D",
        title: "drop-outs from a service in the quarter",
        unit: "drop-outs (at most two of one client in a year)",
        source: Tab::DropOut,
        share: percent(9),
        every: Every::Quarter,
        span: 4,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts("total", &[], 4, THIRD),
            counts("city", &[City], 4, THIRD),
            counts("city-service", &[City, Service], 2, THIRD),
        ],
    },
    Table {
        code: "DY",
        title: "drop-outs from a service in the calendar year",
        unit: "drop-outs (at most two of one client in a year, one of each service)",
        source: Tab::DropOut,
        share: percent(4),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: true,
        levels: &[
            counts("service", &[Service], 2, percent(30)),
            counts("city-service", &[City, Service], 2, percent(70)),
        ],
    },
    Table {
        code: "E",
        title: "clients back in a service after a drop-out, still active at the quarter's end",
        unit: "returns (at most two of one client in a year)",
        source: Tab::ReEngaged,
        share: percent(5),
        every: Every::Quarter,
        span: 4,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts("total", &[], 4, THIRD),
            counts("city", &[City], 4, THIRD),
            counts("city-service", &[City, Service], 2, THIRD),
        ],
    },
    Table {
        code: "F",
        title: "clients enrolled for the first time ever",
        unit: "clients",
        source: Tab::First,
        share: percent(10),
        every: Every::Quarter,
        span: 4,
        mechanism: Mechanism::RunningTotal,
        derived_total: true,
        levels: &[counts("city", &[City], 1, percent(100))],
    },
    Table {
        code: "G",
        title: "time from enrolment in the programme to drop-out: clients enrolled from April of the year before to March",
        unit: "clients (one enrolment of each)",
        source: Tab::Cohort,
        share: percent(6),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Cohort,
        derived_total: false,
        levels: &[
            counts("cohort", &[], 1, percent(15)),
            counts("ends", &[End], 1, percent(25)),
            Level {
                code: "curve",
                dimensions: &[Course],
                shape: Shape::Course,
                l2_squared: 1,
                part: percent(60),
            },
        ],
    },
    Table {
        code: "GS",
        title: "time from enrolment in a service to drop-out from it: enrolled from April of the year before to March",
        unit: "enrolments (at most two services of one client)",
        source: Tab::ServiceCohort,
        share: percent(2),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Cohort,
        derived_total: false,
        levels: &[
            counts("cohort", &[Service], 2, percent(15)),
            counts("ends", &[Service, End], 2, percent(25)),
            Level {
                code: "curve",
                dimensions: &[Service, Course],
                shape: Shape::Course,
                l2_squared: 2,
                part: percent(60),
            },
        ],
    },
    Table {
        code: "S",
        title: "clients who moved to another site of a service without a recorded transfer, in the calendar year",
        unit: "clients (one move of each)",
        source: Tab::SilentTransfer,
        share: percent(2),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts("total", &[], 1, percent(40)),
            counts("city", &[City], 1, percent(60)),
        ],
    },
    Table {
        code: "L",
        title: "clients with a first positive HIV test from October of the year before to September, by the time until treatment",
        unit: "clients",
        source: Tab::Linkage,
        share: percent(2),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: true,
        levels: &[
            counts("delay", &[Item], 1, percent(40)),
            counts("city-delay", &[City, Item], 1, percent(60)),
        ],
    },
    Table {
        code: "C",
        title: "clients active on the last day of the year who know that they live with HIV, by treatment and suppression",
        unit: "clients",
        source: Tab::Cascade,
        share: percent(4),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: true,
        levels: &[
            counts("stage", &[Item], 1, percent(40)),
            counts("city-stage", &[City, Item], 1, percent(60)),
        ],
    },
];

/// What a revision measures again, out of the reserve: each once for a calendar year.
pub const REVISION_TABLES: &[Table] = &[
    Table {
        code: "RA",
        title: "clients active on the last day of the quarter, counted again",
        unit: "clients",
        source: Tab::Active,
        share: percent(3),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts("total", &[], 1, percent(15)),
            counts("city", &[City], 1, percent(25)),
            counts("city-group", &[City, Group], 1, percent(60)),
        ],
    },
    Table {
        code: "RD",
        title: "drop-outs from a service in the quarter, counted again",
        unit: "drop-outs (at most two of one client in a year)",
        source: Tab::DropOut,
        share: percent(2),
        every: Every::Year,
        span: 1,
        mechanism: Mechanism::Independent,
        derived_total: false,
        levels: &[
            counts("total", &[], 4, percent(50)),
            counts("city", &[City], 4, percent(50)),
        ],
    },
];

/// The caps that bound what one person adds, in the words of the release.
pub const CAPS: &[&str] = &[
    "active: one cell per quarter (city of the latest contact, group on record)",
    "services: at most three per quarter, in the city of the latest contact",
    "drop-outs: at most two per calendar year, at most one per service and year",
    "returns: at most two per calendar year, at most one per service and year",
    "first enrolment: one per life",
    "time to drop-out: one enrolment per cohort; by service at most two services per cohort, one enrolment of each",
    "moves without a recorded transfer: at most one per calendar year",
    "linkage to treatment: one per life",
    "cascade: one stage per year",
];

/// How to read a release, in plain words; part of every release.
pub const NOTES: &[&str] = &[
    "every number is a true count plus random noise drawn once; the true counts are not kept",
    "estimate: the best unbiased number; it may be negative; only estimates may be summed or compared over time",
    "sd: standard deviation of the noise; lo and hi: the true count lies between them in 95 of 100 cases",
    "display: a whole number for reading only, within lo and hi; 0 where the whole range lies below zero, because nobody is fewer than none; never sum it",
    "reliability: low when the noise range is wider than 30 % of the estimate to either side",
    "rates: in per cent; lo and hi are the 95 % range of the noise (Fieller); shown where the denominator is more than 4 standard deviations of its noise, not estimable elsewhere; the place other has none",
    "measured: the raw noisy number, where this very number was measured; all estimates are computed from these",
    "series: count is of the quarter or year; new is what the quarter added to a running total; cumulative is all since the first quarter of the series",
    "other: places and services that the registry did not show when the report was taken",
    "one client may be in several services: the total of pairs is not a number of clients",
    "table F is measured in units of 1/274877906944 (4 to the power of -19) of a client: its sigma, bounds and streams are in that unit",
    "the curves of tables G and GS are measured in units of 1/4194304 (4 to the power of -11) of a client",
    "tables G and GS: days run from enrolment to the last contact or recorded exit; whoever was seen after day 180 counts as still there, and so does whoever was still covered, or within the grace, on 31 December",
    "table GS shows services whose cover and grace end in time; for HIV tests, condoms, information and naloxone there is no cohort",
];
