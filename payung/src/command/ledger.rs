//! `payung ledger`: the privacy budget spent, reserved and left, by table and year, and what it means in words; the budget of
//! the next year.

use analytics::choices;
use exports::ledger_page;
use privacy::budget::Budget;
use privacy::ledger::words::{meaning, thousandths};
use privacy::ledger::{View, YearView};
use privacy::rho::NanoRho;
use server::error::Failure;

use crate::cli::{BudgetChoice, LedgerArgs};
use crate::opening::Opening;
use crate::output::say;

/// Prints the ledger, or changes the budget of the next calendar year.
pub(crate) async fn run(opening: &Opening, args: &LedgerArgs) -> Result<(), Failure> {
    if let Some(choice) = args.next_budget {
        return change(opening, args, choice).await;
    }
    let reader = opening.reader(&args.store).await?;
    let view = analytics::ledger::view(&reader.store, reader.budget)
        .await
        .map_err(|e| Failure::of("the ledger cannot be read", e))?;
    if args.html {
        return crate::output::write(&ledger_page::page(&view));
    }
    for line in lines(&view, &[]) {
        say(&line);
    }
    Ok(())
}

async fn change(opening: &Opening, args: &LedgerArgs, choice: BudgetChoice) -> Result<(), Failure> {
    let app = opening.analytics(&args.store).await?;
    let budget = super::init::budget(choice);
    let year = choices::change_budget(&app, budget)
        .await
        .map_err(|e| Failure::of("the budget was not changed", e))?;
    say(&format!(
        "from {year} on the budget of one person and calendar year is {budget}: rho {}, {}. Quarters before {year} keep theirs, also \
         those that are closed later.",
        budget.per_year(),
        epsilons(&[(1e-6, epsilon_of(budget.per_year()))])
    ));
    Ok(())
}

/// The ledger as lines; with years given, only those.
pub(crate) fn lines(view: &View, only: &[i32]) -> Vec<String> {
    let mut lines = vec![format!(
        "Budget of one person and calendar year: {}. A full year of releases debits {}.",
        stated(view.budget),
        view.planned
    )];
    lines.extend(chosen(view));
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
    if !view.years.is_empty() {
        lines.push(format!(
            "Whole life of the programme: rho {} debited. Told about one person, who took part throughout: at most {} ({}).",
            view.lifetime,
            view.lifetime_bound,
            epsilons(&view.lifetime_epsilon)
        ));
    }
    lines.push("What this means for a person:".to_owned());
    lines.extend(meaning(view).iter().map(|sentence| format!("  {sentence}")));
    lines
}

fn stated(budget: Budget) -> String {
    let size = budget.per_year();
    format!(
        "{budget}, rho {size} ({})",
        epsilons(&[(1e-6, epsilon_of(size))])
    )
}

/// What was chosen after the founding.
fn chosen(view: &View) -> Vec<String> {
    let changes = view.budgets.iter().skip(1);
    let changes = changes.map(|one| format!("From {} on: {}.", one.year, stated(one.budget)));
    let off = view.off.iter().map(|one| {
        format!(
            "Table {} is turned off; {} was the first quarter without it.",
            one.table, one.from
        )
    });
    changes.chain(off).collect()
}

fn year_lines(year: &YearView) -> Vec<String> {
    let mut lines = vec![
        format!(
            "{}   budget {}   spent or reserved {}   left {}   told about one person at most {} ({})",
            year.year,
            year.budget,
            year.spent,
            year.left,
            year.bound,
            epsilons(&year.epsilon)
        ),
        format!(
            "  {:<6} {:>13} {:>13} {:>13} {:>13}",
            "table", "share", "spent", "reserved", "left"
        ),
    ];
    lines.extend(year.tables.iter().map(|table| {
        format!(
            "  {:<6} {:>13} {:>13} {:>13} {:>13}",
            table.table,
            table.share.to_string(),
            table.released.to_string(),
            table.reserved.to_string(),
            table.left.to_string()
        )
    }));
    lines
}

fn epsilon_of(rho: NanoRho) -> f64 {
    privacy::epsilon::epsilon(rho, 1e-6)
}

fn epsilons(pairs: &[(f64, f64)]) -> String {
    let each: Vec<String> = pairs
        .iter()
        .map(|(delta, epsilon)| format!("epsilon {} at delta {delta:e}", thousandths(*epsilon)))
        .collect();
    each.join(", ")
}
