//! What a release says in English, found by code or word. What is not known is shown as it stands.

use super::texts::{Counted, Ends, Reasons, Services, Words};
use super::{Language, fill};
use release::published::{Reliability, Series};
use release::reason::Reason;

/// Groups in the words of a release, in the order of [`Words::groups`].
const GROUPS: [&str; 6] = [
    "woman, under 25",
    "woman, 25 and over",
    "man, under 25",
    "man, 25 and over",
    "other or undisclosed, under 25",
    "other or undisclosed, 25 and over",
];
const STAGES: [&str; 3] = [
    "knows status, not on treatment",
    "on treatment, not known to be suppressed",
    "on treatment and suppressed",
];
const DELAYS: [&str; 4] = [
    "within 7 days",
    "within 8 to 28 days",
    "within 29 to 90 days",
    "not within 90 days",
];
const BUDGETS: [&str; 3] = ["strict", "default", "wide"];
const UNIT: &str = "a person with all their reports, added or removed";

impl Language {
    fn words(self) -> Option<&'static Words> {
        self.texts().words.as_ref()
    }

    /// What a table counts and its unit: the release's own words, or this language's for the same code.
    pub(crate) fn table<'a>(self, code: &str, title: &'a str, unit: &'a str) -> (&'a str, &'a str) {
        self.words()
            .and_then(|words| table(words, code))
            .unwrap_or((title, unit))
    }

    /// The same for a rate.
    pub(crate) fn rate<'a>(
        self,
        code: &str,
        title: &'a str,
        denominator: &'a str,
    ) -> (&'a str, &'a str) {
        self.words()
            .and_then(|words| rate(words, code))
            .unwrap_or((title, denominator))
    }

    /// A service's name.
    pub(crate) fn service(self, code: &str) -> &str {
        service(&self.texts().services, code).unwrap_or(code)
    }

    /// A group of people.
    pub(crate) fn group(self, text: &str) -> &str {
        self.words()
            .and_then(|words| same_place(&GROUPS, &words.groups, text))
            .unwrap_or(text)
    }

    /// An end, a stage or a delay.
    pub(crate) fn what(self, text: &str) -> &str {
        let Some(words) = self.words() else {
            return text;
        };
        end(&words.ends, text)
            .or_else(|| same_place(&STAGES, &words.stages, text))
            .or_else(|| same_place(&DELAYS, &words.delays, text))
            .unwrap_or(text)
    }

    /// The most one person counts.
    pub(crate) fn cap(self, text: &str) -> &str {
        self.words()
            .and_then(|words| cap(words, text))
            .unwrap_or(text)
    }

    /// What a revision changed, or why.
    pub(crate) fn reason(self, text: &str) -> String {
        self.words()
            .and_then(|words| reason(self, &words.reasons, text))
            .unwrap_or_else(|| text.to_owned())
    }

    /// Whom the promise protects.
    pub(crate) fn unit(self, text: &str) -> &str {
        let words = self.words().filter(|_| text == UNIT);
        words.map_or(text, |words| words.unit)
    }

    /// A budget's name.
    pub(crate) fn budget(self, text: &str) -> &str {
        self.words()
            .and_then(|words| same_place(&BUDGETS, &words.budgets, text))
            .unwrap_or(text)
    }

    /// A city; `None` is the whole programme.
    pub(crate) fn place(self, city: Option<&str>) -> &str {
        match city {
            None => self.texts().figure.whole,
            Some("other") => self.texts().figure.other,
            Some(name) => name,
        }
    }

    /// Reliability.
    pub(crate) fn reliability(self, word: Reliability) -> &'static str {
        let texts = self.texts();
        match word {
            Reliability::Ok => texts.figure.ok,
            Reliability::Low => texts.figure.low,
            Reliability::NotEstimable => texts.rate.none,
        }
    }

    /// What a series is, after a heading; nothing for plain counts.
    pub(crate) fn series(self, series: Series, start: &str) -> Option<String> {
        let texts = &self.texts().figure;
        Some(match series {
            Series::Count => return None,
            Series::New => texts.new.to_owned(),
            Series::Cumulative => fill(texts.cumulative, &[("quarter", start)]),
            Series::Combined => texts.combined.to_owned(),
            Series::Revised => texts.revised.to_owned(),
            Series::Change => texts.change.to_owned(),
        })
    }
}

fn same_place(
    english: &[&str],
    other: &'static [&'static str],
    text: &str,
) -> Option<&'static str> {
    let place = english.iter().position(|one| *one == text)?;
    other.get(place).copied()
}

fn table(words: &Words, code: &str) -> Option<Counted> {
    let tables = &words.tables;
    Some(match code {
        "A" => tables.a,
        "B" => tables.b,
        "D" => tables.d,
        "DY" => tables.dy,
        "E" => tables.e,
        "F" => tables.f,
        "G" => tables.g,
        "GS" => tables.gs,
        "S" => tables.s,
        "L" => tables.l,
        "C" => tables.c,
        "RA" => tables.ra,
        "RD" => tables.rd,
        _ => return None,
    })
}

fn rate(words: &Words, code: &str) -> Option<Counted> {
    let rates = &words.rates;
    Some(match code {
        "drop-out" => rates.drop_out,
        "on-treatment" => rates.on_treatment,
        "suppressed" => rates.suppressed,
        "linked" => rates.linked,
        "dropped-out" => rates.dropped_out,
        "retained" => rates.retained,
        "retained-others" => rates.retained_others,
        _ => return None,
    })
}

fn service(names: &Services, code: &str) -> Option<&'static str> {
    Some(match code {
        "nsp" => names.nsp,
        "oat-methadone" => names.methadone,
        "oat-buprenorphine" => names.buprenorphine,
        "hts" => names.hts,
        "art" => names.art,
        "sti" => names.sti,
        "condoms" => names.condoms,
        "iec" => names.iec,
        "hbv" => names.hbv,
        "hcv" => names.hcv,
        "tb" => names.tb,
        "naloxone" => names.naloxone,
        "prep" => names.prep,
        "mental-health" => names.mental_health,
        "behavioural" => names.behavioural,
        "support-group" => names.support_group,
        "legal" => names.legal,
        "social" => names.social,
        "outreach" => names.outreach,
        "other" => names.other,
        _ => return None,
    })
}

fn end(ends: &Ends, text: &str) -> Option<&'static str> {
    Some(match text {
        "still there" => ends.still_there,
        "dropped out" => ends.dropped_out,
        "completed" => ends.completed,
        "transferred" => ends.transferred,
        "died" => ends.died,
        "imprisoned" => ends.imprisoned,
        "moved" => ends.moved,
        "withdrew" => ends.withdrew,
        "lapsed" => ends.lapsed,
        "left in another way" => ends.left,
        _ => return None,
    })
}

fn cap(words: &Words, text: &str) -> Option<&'static str> {
    let caps = &words.caps;
    Some(match text.split(':').next()? {
        "active" => caps.active,
        "services" => caps.services,
        "drop-outs" => caps.dropouts,
        "returns" => caps.returns,
        "first enrolment" => caps.first,
        "time to drop-out" => caps.time,
        "moves without a recorded transfer" => caps.moves,
        "linkage to treatment" => caps.linkage,
        "cascade" => caps.cascade,
        _ => return None,
    })
}

/// "tables A and D were counted again with everything known on 2026-09-01; other tables are unchanged", or a reason.
fn reason(language: Language, texts: &Reasons, text: &str) -> Option<String> {
    if let Some(reason) = Reason::of_sentence(text) {
        let text = match reason {
            Reason::LateReports => texts.late,
            Reason::Corrections => texts.corrections,
            Reason::Merges => texts.merges,
        };
        return Some(text.to_owned());
    }
    let (tables, rest) = text.split_once(" counted again with everything known on ")?;
    let (_, tables) = tables.split_once(' ')?;
    let (tables, _) = tables.rsplit_once(' ')?;
    let day = rest.split(';').next()?.parse().ok()?;
    let (tables, day) = (tables.replace(" and ", ", "), language.day(day));
    let values = [("tables", tables.as_str()), ("day", day.as_str())];
    Some(fill(texts.changed, &values))
}
