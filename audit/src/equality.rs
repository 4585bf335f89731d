//! Test 3: a release is the same bytes for ever, and a quarter is drawn once.

use std::collections::BTreeSet;
use std::path::Path;

use crate::dataset::QUARTERS;
use crate::instance::{Binary, Instance, copy};
use crate::no_verdict::NoVerdict;
use crate::progress::Progress;
use crate::verdict::{Test, Verdict};

const TEST: Test = Test::Equality;
/// Times each form is exported.
const EXPORTS: usize = 50;
/// Closings of one quarter at the same time.
const CLOSINGS: usize = 6;
/// Forms that must be among those that need no mapping file.
const ALWAYS: [&str; 2] = ["json", "csv"];
const LOG: &str = "release.log";

/// Tries it all on one instance and its copies; `words` are the forms that the binary can be asked for.
///
/// # Errors
/// [`NoVerdict`] when an instance does not work.
pub(crate) fn run(
    binary: &Binary,
    folder: &Path,
    cities: usize,
    words: &[String],
    progress: &dyn Progress,
) -> Result<Vec<Verdict>, NoVerdict> {
    let rows = crate::dataset::build(cities, 0).rows;
    let fresh = binary.found(folder.join("same"))?;
    fresh.import(&rows)?;
    let raced = fresh.copy(folder.join("raced"))?;
    let restored = fresh.copy(folder.join("restored"))?;
    fresh.close(QUARTERS[0])?;
    let forms = forms(&fresh, words)?;
    let mut verdicts = vec![
        same_bytes(&fresh, folder, &forms, progress)?,
        closed_once(&fresh)?,
    ];
    verdicts.push(race(&raced, &fresh)?);
    verdicts.push(restore(&restored, folder)?);
    Ok(verdicts)
}

fn same_bytes(
    instance: &Instance<'_>,
    folder: &Path,
    forms: &[&String],
    progress: &dyn Progress,
) -> Result<Verdict, NoVerdict> {
    let moved = instance.copy(folder.join("elsewhere"))?;
    progress.begin("exports", (EXPORTS * forms.len()) as u64);
    let mut different = Vec::new();
    for form in forms {
        let mut seen = BTreeSet::new();
        for number in 0..EXPORTS {
            let from = if number % 2 == 0 { instance } else { &moved };
            seen.insert(from.export(QUARTERS[0], form)?);
            progress.step();
        }
        if seen.len() != 1 {
            different.push(format!("{form} in {} forms", seen.len()));
        }
    }
    progress.end();
    let good = different.is_empty() && ALWAYS.iter().all(|one| forms.iter().any(|f| f == one));
    let found = if different.is_empty() {
        let names: Vec<&str> = forms.iter().map(|form| form.as_str()).collect();
        format!("{EXPORTS} exports each of {}", names.join(", "))
    } else {
        different.join(", ")
    };
    Ok(Verdict::certain(
        TEST,
        "exports are the same bytes, here and in a copy",
        good,
        found,
    ))
}

/// The forms that this binary writes without a mapping file.
fn forms<'a>(instance: &Instance<'_>, words: &'a [String]) -> Result<Vec<&'a String>, NoVerdict> {
    let mut written = Vec::new();
    for word in words {
        let export = [
            "release",
            "export",
            "--period",
            QUARTERS[0],
            "--format",
            word,
        ];
        if instance.run(&export)?.good() {
            written.push(word);
        }
    }
    Ok(written)
}

/// What a reader can see of an instance.
fn seen(instance: &Instance<'_>) -> Result<Vec<Vec<u8>>, NoVerdict> {
    let log = std::fs::read(instance.log().join(LOG))
        .map_err(|e| NoVerdict::of("the release log", e.kind()))?;
    Ok(vec![
        log,
        instance.export(QUARTERS[0], "json")?,
        instance.done(&["ledger"])?.out,
        instance.done(&["release", "list"])?.out,
    ])
}

fn closed_once(instance: &Instance<'_>) -> Result<Verdict, NoVerdict> {
    let before = seen(instance)?;
    let again = instance.run(&["release", "close", "--period", QUARTERS[0]])?;
    let unchanged = before == seen(instance)?;
    let good = again.code == Some(1) && unchanged;
    let found = format!(
        "exit code {:?}, everything unchanged: {unchanged}",
        again.code.unwrap_or(-1)
    );
    Ok(Verdict::certain(
        TEST,
        "a second closing changes nothing",
        good,
        found,
    ))
}

/// Many closings at once: one debit, one noise. `calm` closed the same quarter alone.
fn race(instance: &Instance<'_>, calm: &Instance<'_>) -> Result<Verdict, NoVerdict> {
    let children = (0..CLOSINGS)
        .map(|_| instance.start(&["release", "close", "--period", QUARTERS[0]]))
        .collect::<Result<Vec<_>, _>>()?;
    let (mut won, mut told) = (0, BTreeSet::new());
    for child in children {
        let output = child
            .wait_with_output()
            .map_err(|e| NoVerdict::of("a closing", e.kind()))?;
        if output.status.success() {
            won += 1;
            told.insert(output.stdout);
        }
    }
    let (mine, theirs) = (seen(instance)?, seen(calm)?);
    let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
    let one_line_each = lines(&mine[0]) == lines(&theirs[0]);
    let one_debit = mine[2] == theirs[2];
    let good = won >= 1 && told.len() == 1 && one_line_each && one_debit;
    let found = format!(
        "{CLOSINGS} closings: {won} succeeded, {} release(s); ledger as after one: {one_debit}, log too: {one_line_each}",
        told.len()
    );
    Ok(Verdict::certain(
        TEST,
        "closings at the same time draw once",
        good,
        found,
    ))
}

/// An older copy of the data folder, as `cp -r` makes it: it names the log to which the newer one wrote.
fn restore(instance: &Instance<'_>, folder: &Path) -> Result<Verdict, NoVerdict> {
    let older = folder.join("older");
    let failed = |e: std::io::Error| NoVerdict::of("restoring a database", e.kind());
    copy(&instance.data, &older).map_err(failed)?;
    instance.close(QUARTERS[0])?;
    let log = std::fs::read(instance.log().join(LOG)).map_err(failed)?;
    let back = Instance {
        data: older,
        ..instance.clone()
    };
    let mut codes = Vec::new();
    for period in &QUARTERS[..2] {
        codes.push(
            back.run(&["release", "close", "--period", period])?
                .code
                .unwrap_or(-1),
        );
    }
    let exported = back
        .run(&["release", "export", "--period", QUARTERS[0]])?
        .good();
    let untouched = std::fs::read(instance.log().join(LOG)).map_err(failed)? == log;
    let good = codes == [1, 1] && !exported && untouched;
    let found = format!(
        "exit codes {codes:?}, log untouched: {untouched}, nothing exported: {}",
        !exported
    );
    Ok(Verdict::certain(
        TEST,
        "an older database does not close again",
        good,
        found,
    ))
}
