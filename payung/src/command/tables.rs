//! `payung release tables`: the catalogue of releases, and turning a table off for good.

use analytics::choices;
use privacy::catalogue::{Mechanism, REVISION_TABLES, TABLES, Table};
use privacy::scope::TurnedOff;
use server::error::Failure;

use crate::cli::TablesArgs;
use crate::opening::Opening;
use crate::output::say;

/// Lists the tables or turns one off.
pub(crate) async fn run(opening: &Opening, args: &TablesArgs) -> Result<(), Failure> {
    match &args.off {
        None => list(opening, args).await,
        Some(code) => turn_off(opening, args, code).await,
    }
}

async fn list(opening: &Opening, args: &TablesArgs) -> Result<(), Failure> {
    let reader = opening.reader(&args.store).await?;
    let mut tx = reader
        .store
        .read()
        .await
        .map_err(|e| Failure::of("the tables cannot be read", e))?;
    let off = choices::turned_off(&mut tx)
        .await
        .map_err(|e| Failure::of("the tables cannot be read", e))?;
    for line in lines(&off) {
        say(&line);
    }
    Ok(())
}

/// The catalogue as lines.
fn lines(off: &[TurnedOff]) -> Vec<String> {
    let mut lines = vec![format!(
        "{:<6} {:<8} {:>6}  {:<18} what",
        "table", "every", "share", "state"
    )];
    lines.extend(TABLES.iter().map(|table| {
        let since = off.iter().find(|one| one.table == table.code);
        let state = since.map_or_else(|| "on".to_owned(), |one| format!("off since {}", one.from));
        line(table, &state, table.every.word())
    }));
    lines.extend(
        REVISION_TABLES
            .iter()
            .map(|table| line(table, "when revised", "revision")),
    );
    lines.push(
        "share: part of one person's budget of a calendar year. A table that was turned off stays off; its share is not given to \
         others."
            .to_owned(),
    );
    lines
}

fn line(table: &Table, state: &str, every: &str) -> String {
    let share = table.share.of * 100 / table.share.in_all;
    format!(
        "{:<6} {every:<8} {share:>4} %  {state:<18} {}",
        table.code, table.title
    )
}

/// What turning a table off means, before it is done.
fn warning(table: &Table) -> String {
    let totals = match table.mechanism {
        Mechanism::RunningTotal => " Its running totals end and cannot go on later.",
        _ => "",
    };
    format!(
        "Table {} ({}) will be absent from every release from the first quarter that is not closed yet on, for good: it cannot be \
         turned on again.{totals} Its share of the budget is given to no other table. Releases that are published stay as they are.",
        table.code, table.title
    )
}

async fn turn_off(opening: &Opening, args: &TablesArgs, code: &str) -> Result<(), Failure> {
    let table = TABLES.iter().find(|table| table.code == code);
    let table = table.ok_or_else(|| {
        Failure::new("there is no such table: `payung release tables` lists them")
    })?;
    say(&warning(table));
    if !args.yes {
        return Err(Failure::new(
            "nothing was changed: add --yes to turn the table off",
        ));
    }
    let app = opening.analytics(&args.store).await?;
    let from = choices::turn_off(&app, table.code)
        .await
        .map_err(|e| Failure::of("nothing was changed", e))?;
    say(&format!(
        "table {} is off; {from} is the first quarter without it",
        table.code
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn every_table_is_listed_with_its_state() {
        let off = [TurnedOff {
            table: "DY",
            from: "2027Q1".parse().unwrap(),
        }];
        let lines = lines(&off);
        assert_eq!(lines.len(), TABLES.len() + REVISION_TABLES.len() + 2);
        let of = |code: &str| lines.iter().find(|line| line.starts_with(code)).unwrap();
        assert!(of("A ").contains("quarter") && of("A ").contains(" 28 %  on "));
        assert!(of("DY").contains("year ") && of("DY").contains("off since 2027Q1"));
        assert!(of("RA").contains("when revised"));
    }
}
