//! Every text of the forms for people. `{gaps}` are filled by the writer; a test holds each language to the same gaps.

/// The texts of one language.
#[derive(Debug)]
pub(in crate::export) struct Texts {
    /// Its own name, for the links to the other languages.
    pub(in crate::export) name: &'static str,
    /// What the links are.
    pub(in crate::export) languages: &'static str,
    /// Months as they stand in a date, January first.
    pub(in crate::export) months: [&'static str; 12],
    /// `{day} {month} {year}` in order.
    pub(in crate::export) day: &'static str,
    /// The quarters of `{year}`.
    pub(in crate::export) quarters: [&'static str; 4],
    pub(in crate::export) head: Head,
    pub(in crate::export) figure: FigureTexts,
    pub(in crate::export) rate: RateTexts,
    pub(in crate::export) limits: Limits,
    pub(in crate::export) proof: Proof,
    pub(in crate::export) services: Services,
    /// What the release says in English; `None` for English itself.
    pub(in crate::export) words: Option<Words>,
}

/// Before the first table, and the headings of tables.
#[derive(Debug)]
pub(in crate::export) struct Head {
    /// `{quarter}` in words, `{period}` as a code.
    pub(in crate::export) title: &'static str,
    /// `{from}`, `{to}`, `{closed}`.
    pub(in crate::export) published: &'static str,
    /// `{version}`, for the second and later.
    pub(in crate::export) again: &'static str,
    pub(in crate::export) reasons: &'static str,
    pub(in crate::export) reading: [&'static str; 3],
    /// `{table}`, `{title}`.
    pub(in crate::export) table: &'static str,
    /// `{unit}`.
    pub(in crate::export) counted: &'static str,
    pub(in crate::export) yearly: &'static str,
    /// `{tables}`.
    pub(in crate::export) off: &'static str,
}

/// Charts and tables of counts.
#[derive(Debug)]
pub(in crate::export) struct FigureTexts {
    pub(in crate::export) whole: &'static str,
    pub(in crate::export) other: &'static str,
    pub(in crate::export) together: &'static str,
    pub(in crate::export) by_city: &'static str,
    pub(in crate::export) by_service: &'static str,
    pub(in crate::export) by_group: &'static str,
    pub(in crate::export) by_kind: &'static str,
    pub(in crate::export) by_day: &'static str,
    pub(in crate::export) by_city_and_service: &'static str,
    pub(in crate::export) by_city_and_kind: &'static str,
    pub(in crate::export) by_service_and_kind: &'static str,
    pub(in crate::export) new: &'static str,
    /// `{quarter}`.
    pub(in crate::export) cumulative: &'static str,
    pub(in crate::export) combined: &'static str,
    pub(in crate::export) revised: &'static str,
    pub(in crate::export) change: &'static str,
    /// `{range}`.
    pub(in crate::export) noise: &'static str,
    pub(in crate::export) low_noise: &'static str,
    /// `{lo}`, `{hi}`.
    pub(in crate::export) range: &'static str,
    /// `{title}`.
    pub(in crate::export) caption: &'static str,
    pub(in crate::export) cell: &'static str,
    pub(in crate::export) number: &'static str,
    pub(in crate::export) interval: &'static str,
    pub(in crate::export) reliability: &'static str,
    pub(in crate::export) day: &'static str,
    /// `{day}`.
    pub(in crate::export) on_day: &'static str,
    pub(in crate::export) ok: &'static str,
    pub(in crate::export) low: &'static str,
    pub(in crate::export) described: &'static str,
    pub(in crate::export) described_curve: &'static str,
    pub(in crate::export) days: &'static str,
    /// `{shown}`, `{count}`.
    pub(in crate::export) largest: &'static str,
    /// `{title}`, `{count}`.
    pub(in crate::export) details: &'static str,
}

/// Rates.
#[derive(Debug)]
pub(in crate::export) struct RateTexts {
    pub(in crate::export) title: &'static str,
    pub(in crate::export) about: &'static str,
    /// `{denominator}`.
    pub(in crate::export) of: &'static str,
    pub(in crate::export) percent: &'static str,
    pub(in crate::export) none: &'static str,
    pub(in crate::export) why_none: &'static str,
    pub(in crate::export) described: &'static str,
}

/// What numbers can and cannot tell, and the promise.
#[derive(Debug)]
pub(in crate::export) struct Limits {
    pub(in crate::export) title: &'static str,
    pub(in crate::export) can_title: &'static str,
    pub(in crate::export) can: [&'static str; 3],
    pub(in crate::export) cannot_title: &'static str,
    pub(in crate::export) cannot: [&'static str; 5],
    pub(in crate::export) adding: &'static str,
    pub(in crate::export) promise_title: &'static str,
    /// `{unit}`, `{budget}`, `{rho}`.
    pub(in crate::export) promise: &'static str,
    pub(in crate::export) means: &'static str,
    pub(in crate::export) one_year: &'static str,
    pub(in crate::export) ten_years: &'static str,
    pub(in crate::export) after: &'static str,
    pub(in crate::export) caps_title: &'static str,
    /// `{version}`.
    pub(in crate::export) indicators: &'static str,
}

/// How to check it.
#[derive(Debug)]
pub(in crate::export) struct Proof {
    pub(in crate::export) title: &'static str,
    pub(in crate::export) text: &'static str,
    /// In PDF: the signed release rides inside.
    pub(in crate::export) attached: &'static str,
    pub(in crate::export) hash: &'static str,
    pub(in crate::export) key: &'static str,
    pub(in crate::export) signature: &'static str,
    pub(in crate::export) own_key: &'static str,
    /// `{page}`, `{pages}`.
    pub(in crate::export) page: &'static str,
}

/// Names of services, by code.
#[derive(Debug)]
pub(in crate::export) struct Services {
    pub(in crate::export) nsp: &'static str,
    pub(in crate::export) methadone: &'static str,
    pub(in crate::export) buprenorphine: &'static str,
    pub(in crate::export) hts: &'static str,
    pub(in crate::export) art: &'static str,
    pub(in crate::export) sti: &'static str,
    pub(in crate::export) condoms: &'static str,
    pub(in crate::export) iec: &'static str,
    pub(in crate::export) hbv: &'static str,
    pub(in crate::export) hcv: &'static str,
    pub(in crate::export) tb: &'static str,
    pub(in crate::export) naloxone: &'static str,
    pub(in crate::export) prep: &'static str,
    pub(in crate::export) mental_health: &'static str,
    pub(in crate::export) behavioural: &'static str,
    pub(in crate::export) support_group: &'static str,
    pub(in crate::export) legal: &'static str,
    pub(in crate::export) social: &'static str,
    pub(in crate::export) outreach: &'static str,
    pub(in crate::export) other: &'static str,
}

/// What a table counts and what one of its numbers is a number of.
pub(in crate::export) type Counted = (&'static str, &'static str);

/// What a release says in English, in another language.
#[derive(Debug)]
pub(in crate::export) struct Words {
    pub(in crate::export) tables: Tables,
    pub(in crate::export) groups: [&'static str; 6],
    pub(in crate::export) ends: Ends,
    pub(in crate::export) stages: [&'static str; 3],
    pub(in crate::export) delays: [&'static str; 4],
    pub(in crate::export) caps: Caps,
    pub(in crate::export) unit: &'static str,
    /// Strict, default, wide.
    pub(in crate::export) budgets: [&'static str; 3],
    pub(in crate::export) rates: Rates,
    pub(in crate::export) reasons: Reasons,
}

/// By the table's code.
#[derive(Debug)]
pub(in crate::export) struct Tables {
    pub(in crate::export) a: Counted,
    pub(in crate::export) b: Counted,
    pub(in crate::export) d: Counted,
    pub(in crate::export) dy: Counted,
    pub(in crate::export) e: Counted,
    pub(in crate::export) f: Counted,
    pub(in crate::export) g: Counted,
    pub(in crate::export) gs: Counted,
    pub(in crate::export) s: Counted,
    pub(in crate::export) l: Counted,
    pub(in crate::export) c: Counted,
    pub(in crate::export) ra: Counted,
    pub(in crate::export) rd: Counted,
}

/// How an episode ended.
#[derive(Debug)]
pub(in crate::export) struct Ends {
    pub(in crate::export) still_there: &'static str,
    pub(in crate::export) dropped_out: &'static str,
    pub(in crate::export) completed: &'static str,
    pub(in crate::export) transferred: &'static str,
    pub(in crate::export) died: &'static str,
    pub(in crate::export) imprisoned: &'static str,
    pub(in crate::export) moved: &'static str,
    pub(in crate::export) withdrew: &'static str,
    pub(in crate::export) lapsed: &'static str,
    /// Ended in any way but drop-out.
    pub(in crate::export) left: &'static str,
}

/// The most one person counts, by the sentence's first words.
#[derive(Debug)]
pub(in crate::export) struct Caps {
    pub(in crate::export) active: &'static str,
    pub(in crate::export) services: &'static str,
    pub(in crate::export) dropouts: &'static str,
    pub(in crate::export) returns: &'static str,
    pub(in crate::export) first: &'static str,
    pub(in crate::export) time: &'static str,
    pub(in crate::export) moves: &'static str,
    pub(in crate::export) linkage: &'static str,
    pub(in crate::export) cascade: &'static str,
}

/// What a rate says and of whom, by its name for machines.
#[derive(Debug)]
pub(in crate::export) struct Rates {
    pub(in crate::export) drop_out: Counted,
    pub(in crate::export) on_treatment: Counted,
    pub(in crate::export) suppressed: Counted,
    pub(in crate::export) linked: Counted,
    pub(in crate::export) dropped_out: Counted,
    pub(in crate::export) retained: Counted,
    pub(in crate::export) retained_others: Counted,
}

/// Why a quarter was measured again.
#[derive(Debug)]
pub(in crate::export) struct Reasons {
    /// `{tables}`, `{day}`.
    pub(in crate::export) changed: &'static str,
    pub(in crate::export) late: &'static str,
    pub(in crate::export) corrections: &'static str,
    pub(in crate::export) merges: &'static str,
}
