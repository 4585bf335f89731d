//! Numbers, days and quarters in a language: no locale data of the machine, so the same everywhere.

use crypto::day::{Day, Quarter};

use super::{Language, fill};

/// Between digits in threes: narrow, and no line breaks there.
const THIN: char = '\u{202f}';

impl Language {
    const fn marks(self) -> (char, char) {
        match self {
            Self::English => (',', '.'),
            Self::Indonesian | Self::Russian | Self::Kyrgyz => (THIN, ','),
        }
    }

    /// Digits in threes, with a real minus sign.
    pub(crate) fn whole(self, value: i64) -> String {
        let digits = value.unsigned_abs().to_string();
        let mut text = String::new();
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(self.marks().0);
            }
            text.push(digit);
        }
        if value < 0 {
            text.insert(0, '\u{2212}');
        }
        text
    }

    /// One place after the mark.
    pub(crate) fn tenths(self, value: f64) -> String {
        let tenths = (value * 10.0).round() as i64;
        let sign = if tenths < 0 { "\u{2212}" } else { "" };
        let whole = self.whole((tenths.unsigned_abs() / 10) as i64);
        format!(
            "{sign}{whole}{}{}",
            self.marks().1,
            tenths.unsigned_abs() % 10
        )
    }

    /// As many places as the number has.
    pub(crate) fn plain(self, value: f64) -> String {
        value.to_string().replace('.', &self.marks().1.to_string())
    }

    /// A day in words.
    pub(crate) fn day(self, day: Day) -> String {
        // Days are written 2026-01-31.
        let iso = day.to_string();
        let parts: Vec<&str> = iso.split('-').collect();
        let [year, month, number] = parts[..] else {
            return iso;
        };
        let texts = self.texts();
        let name = month
            .parse::<usize>()
            .ok()
            .and_then(|month| texts.months.get(month.wrapping_sub(1)));
        match name {
            Some(name) => fill(
                texts.day,
                &[
                    ("day", number.trim_start_matches('0')),
                    ("month", name),
                    ("year", year),
                ],
            ),
            None => iso,
        }
    }

    /// A quarter in words.
    pub(crate) fn quarter(self, quarter: Quarter) -> String {
        let year = quarter.year().to_string();
        let place = usize::try_from(quarter.of_year()).unwrap_or(0);
        match self.texts().quarters.get(place.wrapping_sub(1)) {
            Some(text) => fill(text, &[("year", &year)]),
            None => quarter.to_string(),
        }
    }
}
