//! Test 4: around the noise nothing tells whether one more person is there.
//!
//! Two copies of one programme take the same rows, one of them with one worst-case person more, and do the same things. All
//! that they say must be the same once noise and what is computed from it are masked: cells, order, parameters, exit codes,
//! texts, ledger, logs at the finest level. Sizes and times of the data folder are not compared: who sees those holds the
//! keys. The import's own summary counts rows and is for the operator alone.

use std::path::Path;

use serde_json::Value;

use crate::dataset::{QUARTERS, build};
use crate::instance::{Binary, Instance, Said};
use crate::no_verdict::NoVerdict;
use crate::verdict::{Test, Verdict};

const TEST: Test = Test::Leaks;
/// Fields that carry noise, or vouch for bytes that do.
const NOISY: [&str; 9] = [
    "measured",
    "estimate",
    "lo",
    "hi",
    "display",
    "reliability",
    "hash",
    "signature",
    "csv_signature",
];

/// Compares the two.
///
/// # Errors
/// [`NoVerdict`] when an instance does not work.
pub(crate) fn run(
    binary: &Binary,
    folder: &Path,
    cities: usize,
) -> Result<Vec<Verdict>, NoVerdict> {
    let fewer = binary.found(folder.join("fewer"))?;
    let more = fewer.copy(folder.join("more"))?;
    fewer.import(&build(cities, 0).rows)?;
    more.import(&build(cities, 1).rows)?;
    Ok(vec![compare(
        TEST,
        "one person more changes nothing but noise",
        &fewer,
        &more,
    )?])
}

/// Lets both do the same things and compares what they say.
///
/// # Errors
/// [`NoVerdict`] when an instance does not work.
pub(crate) fn compare(
    test: Test,
    what: &str,
    fewer: &Instance<'_>,
    more: &Instance<'_>,
) -> Result<Verdict, NoVerdict> {
    let (left, right) = (story(fewer)?, story(more)?);
    let mut different: Vec<String> = left
        .iter()
        .zip(&right)
        .filter(|(left, right)| left.1 != right.1)
        .map(|(left, _)| left.0.clone())
        .collect();
    if left.len() != right.len() {
        different.push("the number of answers".to_owned());
    }
    let good = different.is_empty();
    let found = if good {
        format!("{} answers alike with noise masked", left.len())
    } else {
        format!("different: {}", different.join(", "))
    };
    Ok(Verdict::certain(test, what, good, found))
}

/// Everything an instance says over a year, named and masked.
fn story(instance: &Instance<'_>) -> Result<Vec<(String, String)>, NoVerdict> {
    let mut told = Vec::new();
    let mut tell = |name: String, said: &Said| told.push((name, masked(said, &instance.data)));
    tell(
        "export before closing".to_owned(),
        &instance.run_loud(&["release", "export", "--period", QUARTERS[0]])?,
    );
    tell(
        "closing out of order".to_owned(),
        &instance.run_loud(&["release", "close", "--period", QUARTERS[1]])?,
    );
    for period in QUARTERS {
        for _ in 0..2 {
            tell(
                format!("closing {period}"),
                &instance.run_loud(&["release", "close", "--period", period])?,
            );
        }
        tell("ledger".to_owned(), &instance.run_loud(&["ledger"])?);
        tell("list".to_owned(), &instance.run_loud(&["release", "list"])?);
        tell(
            "mapping".to_owned(),
            &instance.run_loud(&["release", "mapping", "--period", period])?,
        );
    }
    tell("doctor".to_owned(), &instance.run_loud(&["doctor"])?);
    for period in QUARTERS {
        let json = instance.export(period, "json")?;
        told.push((format!("json {period}"), masked_json(&json)?));
        let csv = instance.export(period, "csv")?;
        told.push((format!("csv {period}"), masked_csv(&csv)));
    }
    Ok(told)
}

/// Code and texts, with digests, times and the folder's name masked.
fn masked(said: &Said, data: &Path) -> String {
    let folder = data.display().to_string();
    let text = |bytes: &[u8]| {
        let text = without_chance(&String::from_utf8_lossy(bytes).replace(&folder, "DATA"));
        let words = text.split_inclusive(|c: char| !c.is_ascii_hexdigit());
        words
            .map(|word| if word.len() >= 64 { "HASH" } else { word })
            .collect::<String>()
    };
    format!("{:?}\n{}\n{}", said.code, text(&said.out), text(&said.err))
}

/// How long a check took is different every time, whoever is in the data; so is the fingerprint of a log in which keys were drawn.
fn without_chance(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let masked = words.iter().enumerate().map(|(at, word)| {
        let time = words.get(at + 1) == Some(&"ms");
        match (time, is_fingerprint(word.trim_end_matches(';'))) {
            (true, _) => "TIME",
            (_, true) => "FINGERPRINT",
            _ => *word,
        }
    });
    masked.collect::<Vec<_>>().join(" ")
}

/// A number, a colon, and five groups of four hexadecimal digits.
fn is_fingerprint(word: &str) -> bool {
    let hex = |group: &str| group.len() == 4 && group.bytes().all(|it| it.is_ascii_hexdigit());
    word.split_once(':').is_some_and(|(number, groups)| {
        number.parse::<u32>().is_ok() && groups.split('-').filter(|it| hex(it)).count() == 5
    })
}

/// The names of the fields in the file's order, and its structure with noisy fields left out.
fn masked_json(bytes: &[u8]) -> Result<String, NoVerdict> {
    let mut value: Value =
        serde_json::from_slice(bytes).map_err(|_| NoVerdict::new("an export is no JSON"))?;
    mask(&mut value);
    let text = String::from_utf8_lossy(bytes);
    let parts: Vec<&str> = text.split('"').collect();
    let names = parts
        .windows(2)
        .filter(|two| two[1].starts_with(':') && !NOISY.contains(&two[0]))
        .map(|two| two[0]);
    Ok(format!("{}\n{value}", names.collect::<Vec<_>>().join(" ")))
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            // How many values a running total has is no noise.
            let lengths = fields
                .get("measured")
                .and_then(Value::as_array)
                .map(Vec::len);
            fields.retain(|name, _| !NOISY.contains(&name.as_str()));
            if let Some(length) = lengths {
                fields.insert("measured values".to_owned(), Value::from(length));
            }
            fields.values_mut().for_each(mask);
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Comment lines but those that vouch for bytes, then rows with the noisy columns emptied.
fn masked_csv(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let vouches = |line: &&str| {
        NOISY
            .iter()
            .any(|name| line.starts_with(&format!("# {name} ")))
    };
    let comments = text
        .lines()
        .filter(|line| line.starts_with('#') && !vouches(line));
    let mut lines: Vec<String> = comments.map(str::to_owned).collect();
    let mut noisy: Vec<bool> = Vec::new();
    let mut reader = csv::ReaderBuilder::new();
    reader.comment(Some(b'#')).has_headers(false).flexible(true);
    for record in reader.from_reader(bytes).records().map_while(Result::ok) {
        if noisy.is_empty() {
            noisy = record.iter().map(|name| NOISY.contains(&name)).collect();
        }
        let kept = record
            .iter()
            .zip(noisy.iter().chain(std::iter::repeat(&false)));
        let kept: Vec<&str> = kept
            .map(|(field, noisy)| if *noisy { "" } else { field })
            .collect();
        lines.push(kept.join("|"));
    }
    lines.join("\n")
}
