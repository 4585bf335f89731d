//! `payung ledger`: the privacy budget spent and left, by table and year, in numbers and in words.

use analytics::budget::NanoRho;
use analytics::ledger::{View, YearView};

use crate::cli::StoreArgs;
use crate::error::Failure;
use crate::open::{self, Opening};
use crate::say;

/// Prints the ledger.
pub async fn run(opening: &Opening, store: &StoreArgs) -> Result<(), Failure> {
    let reader = open::reader(opening, store).await?;
    let view = analytics::ledger::view(&reader.store, reader.budget)
        .await
        .map_err(|e| Failure::of("the ledger cannot be read", e))?;
    for line in lines(&view, &[]) {
        say(&line);
    }
    Ok(())
}

/// The ledger as lines; with years given, only those.
pub fn lines(view: &View, only: &[i32]) -> Vec<String> {
    let mut lines = vec![format!(
        "Budget of one person and calendar year: rho {} ({}). A full year of releases debits {}.",
        rho(view.per_year),
        epsilons(&[(1e-6, epsilon_of(view.per_year))]),
        rho(view.planned)
    )];
    if view.years.is_empty() {
        lines.push("Nothing was spent yet.".to_owned());
    }
    for year in view
        .years
        .iter()
        .filter(|year| only.is_empty() || only.contains(&year.year))
    {
        lines.extend(year_lines(year));
    }
    lines.push(format!(
        "Whole life of the programme: rho {} debited ({}). Somebody who took part from the first day to the last \
         loses at most that, plus what table F's five-year block still has to debit: its measurements tell more \
         about the year of enrolment than about later ones (docs/privacy.md).",
        rho(view.lifetime_bound),
        epsilons(&view.lifetime_epsilon)
    ));
    lines
}

fn year_lines(year: &YearView) -> Vec<String> {
    let mut lines = vec![
        format!(
            "{}   spent {}   left {}   told about one person at most {} ({})",
            year.year,
            rho(year.spent),
            rho(year.left),
            rho(year.bound),
            epsilons(&year.epsilon)
        ),
        format!(
            "  {:<6} {:>13} {:>13} {:>13} {:>13}",
            "table", "share", "released", "reserved", "left"
        ),
    ];
    lines.extend(year.tables.iter().map(|table| {
        format!(
            "  {:<6} {:>13} {:>13} {:>13} {:>13}",
            table.table,
            rho(table.share),
            rho(table.released),
            rho(table.reserved),
            rho(table.left)
        )
    }));
    lines
}

fn epsilon_of(rho: NanoRho) -> f64 {
    analytics::noise::epsilon(rho.rho(), 1e-6).unwrap_or(f64::NAN)
}

/// Nine decimals, exactly: the ledger counts in nano-rho.
fn rho(amount: NanoRho) -> String {
    format!(
        "{}.{:09}",
        amount.nano() / 1_000_000_000,
        amount.nano() % 1_000_000_000
    )
}

fn epsilons(pairs: &[(f64, f64)]) -> String {
    let each: Vec<String> = pairs
        .iter()
        .map(|(delta, epsilon)| format!("epsilon {epsilon:.2} at delta {delta:e}"))
        .collect();
    each.join(", ")
}
