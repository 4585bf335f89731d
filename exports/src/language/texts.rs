//! Every text of the forms for people. `{gaps}` are filled by the writer; a test holds each language to the same gaps.

/// The texts of one language.
#[derive(Debug)]
pub(crate) struct Texts {
    /// Its own name, for the links to the other languages.
    pub(crate) name: &'static str,
    /// What the links are.
    pub(crate) languages: &'static str,
    /// Months as they stand in a date, January first.
    pub(crate) months: [&'static str; 12],
    /// `{day} {month} {year}` in order.
    pub(crate) day: &'static str,
    /// The quarters of `{year}`.
    pub(crate) quarters: [&'static str; 4],
    pub(crate) head: Head,
    pub(crate) figure: FigureTexts,
    pub(crate) rate: RateTexts,
    pub(crate) limits: Limits,
    pub(crate) proof: Proof,
    pub(crate) services: Services,
    /// What the release says in English; `None` for English itself.
    pub(crate) words: Option<Words>,
}

/// Before the first table, and the headings of tables.
#[derive(Debug)]
pub(crate) struct Head {
    /// `{quarter}` in words, `{period}` as a code.
    pub(crate) title: &'static str,
    /// `{from}`, `{to}`, `{closed}`.
    pub(crate) published: &'static str,
    /// `{version}`, for the second and later.
    pub(crate) again: &'static str,
    pub(crate) reasons: &'static str,
    pub(crate) reading: [&'static str; 3],
    /// `{table}`, `{title}`.
    pub(crate) table: &'static str,
    /// `{unit}`.
    pub(crate) counted: &'static str,
    pub(crate) yearly: &'static str,
    /// `{tables}`.
    pub(crate) off: &'static str,
}

/// Charts and tables of counts.
#[derive(Debug)]
pub(crate) struct FigureTexts {
    pub(crate) whole: &'static str,
    pub(crate) other: &'static str,
    pub(crate) together: &'static str,
    pub(crate) by_city: &'static str,
    pub(crate) by_service: &'static str,
    pub(crate) by_group: &'static str,
    pub(crate) by_kind: &'static str,
    pub(crate) by_day: &'static str,
    pub(crate) by_city_and_service: &'static str,
    pub(crate) by_city_and_kind: &'static str,
    pub(crate) by_service_and_kind: &'static str,
    pub(crate) new: &'static str,
    /// `{quarter}`.
    pub(crate) cumulative: &'static str,
    pub(crate) combined: &'static str,
    pub(crate) revised: &'static str,
    pub(crate) change: &'static str,
    /// `{range}`.
    pub(crate) noise: &'static str,
    pub(crate) low_noise: &'static str,
    /// `{lo}`, `{hi}`.
    pub(crate) range: &'static str,
    /// `{title}`.
    pub(crate) caption: &'static str,
    pub(crate) cell: &'static str,
    pub(crate) number: &'static str,
    pub(crate) interval: &'static str,
    pub(crate) reliability: &'static str,
    pub(crate) day: &'static str,
    /// `{day}`.
    pub(crate) on_day: &'static str,
    pub(crate) ok: &'static str,
    pub(crate) low: &'static str,
    pub(crate) described: &'static str,
    pub(crate) described_curve: &'static str,
    pub(crate) days: &'static str,
    /// `{shown}`, `{count}`.
    pub(crate) largest: &'static str,
    /// `{title}`, `{count}`.
    pub(crate) details: &'static str,
}

/// Rates.
#[derive(Debug)]
pub(crate) struct RateTexts {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    /// `{denominator}`.
    pub(crate) of: &'static str,
    pub(crate) percent: &'static str,
    pub(crate) none: &'static str,
    pub(crate) why_none: &'static str,
    pub(crate) described: &'static str,
}

/// What numbers can and cannot tell, and the promise.
#[derive(Debug)]
pub(crate) struct Limits {
    pub(crate) title: &'static str,
    pub(crate) can_title: &'static str,
    pub(crate) can: [&'static str; 3],
    pub(crate) cannot_title: &'static str,
    pub(crate) cannot: [&'static str; 5],
    pub(crate) adding: &'static str,
    pub(crate) promise_title: &'static str,
    /// `{unit}`, `{budget}`, `{rho}`.
    pub(crate) promise: &'static str,
    pub(crate) means: &'static str,
    pub(crate) one_year: &'static str,
    pub(crate) ten_years: &'static str,
    pub(crate) after: &'static str,
    pub(crate) caps_title: &'static str,
    /// `{version}`.
    pub(crate) indicators: &'static str,
}

/// How to check it.
#[derive(Debug)]
pub(crate) struct Proof {
    pub(crate) title: &'static str,
    pub(crate) text: &'static str,
    /// In PDF: the signed release rides inside.
    pub(crate) attached: &'static str,
    pub(crate) hash: &'static str,
    pub(crate) key: &'static str,
    pub(crate) signature: &'static str,
    pub(crate) own_key: &'static str,
    /// `{page}`, `{pages}`.
    pub(crate) page: &'static str,
}

/// Names of services, by code.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) nsp: &'static str,
    pub(crate) methadone: &'static str,
    pub(crate) buprenorphine: &'static str,
    pub(crate) hts: &'static str,
    pub(crate) art: &'static str,
    pub(crate) sti: &'static str,
    pub(crate) condoms: &'static str,
    pub(crate) iec: &'static str,
    pub(crate) hbv: &'static str,
    pub(crate) hcv: &'static str,
    pub(crate) tb: &'static str,
    pub(crate) naloxone: &'static str,
    pub(crate) prep: &'static str,
    pub(crate) mental_health: &'static str,
    pub(crate) behavioural: &'static str,
    pub(crate) support_group: &'static str,
    pub(crate) legal: &'static str,
    pub(crate) social: &'static str,
    pub(crate) outreach: &'static str,
    pub(crate) other: &'static str,
}

/// What a table counts and what one of its numbers is a number of.
pub(crate) type Counted = (&'static str, &'static str);

/// What a release says in English, in another language.
#[derive(Debug)]
pub(crate) struct Words {
    pub(crate) tables: Tables,
    pub(crate) groups: [&'static str; 6],
    pub(crate) ends: Ends,
    pub(crate) stages: [&'static str; 3],
    pub(crate) delays: [&'static str; 4],
    pub(crate) caps: Caps,
    pub(crate) unit: &'static str,
    /// Strict, default, wide.
    pub(crate) budgets: [&'static str; 3],
    pub(crate) rates: Rates,
    pub(crate) reasons: Reasons,
}

/// By the table's code.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) a: Counted,
    pub(crate) b: Counted,
    pub(crate) d: Counted,
    pub(crate) dy: Counted,
    pub(crate) e: Counted,
    pub(crate) f: Counted,
    pub(crate) g: Counted,
    pub(crate) gs: Counted,
    pub(crate) s: Counted,
    pub(crate) l: Counted,
    pub(crate) c: Counted,
    pub(crate) ra: Counted,
    pub(crate) rd: Counted,
}

/// How an episode ended.
#[derive(Debug)]
pub(crate) struct Ends {
    pub(crate) still_there: &'static str,
    pub(crate) dropped_out: &'static str,
    pub(crate) completed: &'static str,
    pub(crate) transferred: &'static str,
    pub(crate) died: &'static str,
    pub(crate) imprisoned: &'static str,
    pub(crate) moved: &'static str,
    pub(crate) withdrew: &'static str,
    pub(crate) lapsed: &'static str,
    /// Ended in any way but drop-out.
    pub(crate) left: &'static str,
}

/// The most one person counts, by the sentence's first words.
#[derive(Debug)]
pub(crate) struct Caps {
    pub(crate) active: &'static str,
    pub(crate) services: &'static str,
    pub(crate) dropouts: &'static str,
    pub(crate) returns: &'static str,
    pub(crate) first: &'static str,
    pub(crate) time: &'static str,
    pub(crate) moves: &'static str,
    pub(crate) linkage: &'static str,
    pub(crate) cascade: &'static str,
}

/// What a rate says and of whom, by its name for machines.
#[derive(Debug)]
pub(crate) struct Rates {
    pub(crate) drop_out: Counted,
    pub(crate) on_treatment: Counted,
    pub(crate) suppressed: Counted,
    pub(crate) linked: Counted,
    pub(crate) dropped_out: Counted,
    pub(crate) retained: Counted,
    pub(crate) retained_others: Counted,
}

/// Why a quarter was measured again.
#[derive(Debug)]
pub(crate) struct Reasons {
    /// `{tables}`, `{day}`.
    pub(crate) changed: &'static str,
    pub(crate) late: &'static str,
    pub(crate) corrections: &'static str,
    pub(crate) merges: &'static str,
}
