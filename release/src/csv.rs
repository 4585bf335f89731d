//! CSV: one row a published number, between comment lines that carry what vouches for it.
//!
//! ```text
//! # payung release 2026Q1 version 1
//! # hash <hex BLAKE3 of the JSON release>
//! # key <base64url Ed25519 public key>
//! # quarter 2026-01-01 to 2026-03-31, series since 2026Q1, closed 2026-04-30
//! # table A: clients active on the last day of the quarter; unit: clients
//! # estimate: the best unbiased number; ..
//! period,version,table,series,level,city,service,gender,age_band,what,day,measured,estimate,sd,lo,hi,display,reliability
//! 2026Q1,1,A,count,total,,,,,,,3012,3009.5512,17.0312,2976.1703,3042.9321,3010,ok
//! 2026Q1,1,,rate,drop-out,medan,,,,,,,17.0012,,11.0313,23.9321,,low
//! # signature <base64url Ed25519 signature over all bytes before this line>
//! ```
//!
//! The comment lines after the key say what the tables and columns mean, in the words of the JSON release.
//!
//! Lines end in a line feed; only `what` needs quotes (all other names are `[a-z0-9-]`); empty fields mean "not told apart" or
//! "not measured". `display` is for reading: sum `estimate`. Rates follow the tables, in per cent, with their name as level; an
//! empty estimate is not estimable.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crypto::{b64, hex};

use super::object::{CellRelease, RateRelease, Release};

/// The column names.
pub(crate) const HEADER: &str = "period,version,table,series,level,city,service,gender,age_band,what,day,measured,estimate,sd,lo,hi,display,reliability";
/// What the last line begins with.
pub(crate) const SIGNATURE: &str = "# signature ";

/// Everything before the signature line: these bytes are signed.
#[must_use]
pub(crate) fn unsigned(release: &Release, hash: &[u8; 32], key: &[u8; 32]) -> String {
    let Release {
        period, version, ..
    } = release;
    let (hash, key) = (hex::encode(hash), b64::encode(key));
    let mut text =
        format!("# payung release {period} version {version}\n# hash {hash}\n# key {key}\n");
    explain(&mut text, release);
    text.push_str(HEADER);
    text.push('\n');
    for table in &release.tables {
        for cell in &table.cells {
            let _ = write!(text, "{period},{version},{},", table.table);
            row(&mut text, cell);
        }
    }
    for one in &release.rates {
        let _ = write!(text, "{period},{version},,");
        rate(&mut text, one);
    }
    text
}

/// What the tables and columns mean. Writing to a String cannot fail.
fn explain(text: &mut String, release: &Release) {
    let (first, last) = (release.period.first_day(), release.period.last_day());
    let Release { start, closed, .. } = release;
    let _ = writeln!(
        text,
        "# quarter {first} to {last}, series since {start}, closed {closed}"
    );
    for table in &release.tables {
        let (title, unit) = (&table.title, &table.unit);
        let _ = writeln!(text, "# table {}: {title}; unit: {unit}", table.table);
    }
    let mut told = BTreeSet::new();
    for one in &release.rates {
        if told.insert(&one.rate) {
            let RateRelease {
                rate,
                title,
                denominator,
                ..
            } = one;
            let _ = writeln!(text, "# rate {rate}: {title}; of: {denominator}");
        }
    }
    for note in &release.notes {
        let _ = writeln!(text, "# {note}");
    }
}

fn row(text: &mut String, cell: &CellRelease) {
    let (gender, age) = cell
        .group
        .as_deref()
        .and_then(|group| group.split_once(", "))
        .unwrap_or_default();
    let city = cell.city.as_deref().unwrap_or_default();
    let service = cell.service.as_deref().unwrap_or_default();
    let what = cell.what.as_deref().map(quoted).unwrap_or_default();
    let (day, measured) = (optional(cell.day), optional(cell.measured));
    let CellRelease {
        series,
        level,
        estimate,
        sd,
        lo,
        hi,
        display,
        reliability,
        ..
    } = cell;
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "{series},{level},{city},{service},{gender},{age},{what},{day},{measured},{estimate},{sd},{lo},{hi},{display},{reliability}"
    );
}

fn rate(text: &mut String, rate: &RateRelease) {
    let city = rate.city.as_deref().unwrap_or_default();
    let service = rate.service.as_deref().unwrap_or_default();
    let (day, estimate) = (optional(rate.day), optional(rate.estimate));
    let (lo, hi) = (optional(rate.lo), optional(rate.hi));
    let RateRelease {
        rate, reliability, ..
    } = rate;
    let _ = writeln!(
        text,
        "rate,{rate},{city},{service},,,,{day},,{estimate},,{lo},{hi},,{reliability}"
    );
}

fn optional(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// A text with quotes around it where it holds a comma (RFC 4180); it holds no quotes itself.
fn quoted(text: &str) -> String {
    if text.contains(',') {
        format!("\"{text}\"")
    } else {
        text.to_owned()
    }
}
