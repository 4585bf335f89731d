//! The rules of the privacy ledger: what a release may still debit, and what the debits mean. The rows lie with the statistics
//! store, which asks here and writes what it is told.
//!
//! A debit is made before noise is drawn and is never taken back: a closing that broke off stays spent. Sums are integers of
//! nano-rho; a debit that would pass a table's share or the year's budget is refused, with everything else of its release.

pub mod words;

mod refusal;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::budget::Budget;
use crate::catalogue::{Plan, plans, revisions};
use crate::epsilon::{DELTAS, epsilon};
use crate::rho::NanoRho;
use crate::scope::{BudgetFrom, Budgets, TurnedOff};

pub use refusal::Refusal;

/// What was debited in one calendar year, by the table's letter.
pub type Spent = BTreeMap<String, NanoRho>;

/// Decides whether a release of `year` may debit `plans` after what is `spent` in that year.
///
/// # Errors
/// [`Refusal`] when a table's share or the year's budget would be passed.
pub fn debit(mut spent: Spent, plans: &[Plan], budget: Budget, year: i32) -> Result<(), Refusal> {
    for plan in plans {
        let table = spent.entry(plan.table.code.to_owned()).or_default();
        *table = table.checked_add(plan.cost).ok_or(Refusal::Damaged)?;
        let within = *table <= plan.year;
        let all = sum(spent.values().copied())?;
        if !within && plan.table.counts_again().is_some() {
            return Err(Refusal::ReserveSpent { year });
        }
        if !within || all > budget.per_year() {
            return Err(Refusal::Spent {
                year,
                table: plan.table.code,
            });
        }
    }
    Ok(())
}

/// Debits of one table in one calendar year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Debits {
    /// The calendar year.
    pub year: i32,
    /// The table's letter.
    pub table: String,
    /// True for those of releases that were completed.
    pub released: bool,
    /// Their sum.
    pub cost: NanoRho,
}

/// One table in one year, in nano-rho.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TableView {
    /// The table's letter.
    pub table: String,
    /// What it may debit in the year.
    pub share: NanoRho,
    /// What its releases debited.
    pub released: NanoRho,
    /// What closings debited that were not completed yet; spent all the same.
    pub reserved: NanoRho,
    /// What is left of the share.
    pub left: NanoRho,
}

/// One calendar year, in nano-rho.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct YearView {
    /// The calendar year.
    pub year: i32,
    /// Its budget.
    pub budget: Budget,
    /// Its tables, in the catalogue's order.
    pub tables: Vec<TableView>,
    /// All debits.
    pub spent: NanoRho,
    /// What is left of the budget.
    pub left: NanoRho,
    /// The most that the year's releases can have told about one person. Above `spent` while a bound shared by several
    /// releases is not debited in full (tables D and F); never above the budget.
    pub bound: NanoRho,
    /// `(delta, epsilon)` of `bound`.
    pub epsilon: Vec<(f64, f64)>,
}

/// The whole ledger, for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct View {
    /// The budget of the latest year with debits.
    pub budget: Budget,
    /// The budgets of the programme's years.
    pub budgets: Vec<BudgetFrom>,
    /// Tables that were turned off, and since when.
    pub off: Vec<TurnedOff>,
    /// Its size for one person and calendar year.
    pub per_year: NanoRho,
    /// Debits of a full year of releases of every table.
    pub planned: NanoRho,
    /// Years with debits.
    pub years: Vec<YearView>,
    /// Debits of all years.
    pub lifetime: NanoRho,
    /// The most that all releases together can have told about one person, who took part throughout.
    pub lifetime_bound: NanoRho,
    /// `(delta, epsilon)` of `lifetime_bound`.
    pub lifetime_epsilon: Vec<(f64, f64)>,
}

impl View {
    /// What debits mean under the budgets of the years; `off` are the tables that were turned off.
    ///
    /// # Errors
    /// [`Refusal::Damaged`] when a sum does not fit, [`Refusal::Catalogue`].
    pub fn of(debits: &[Debits], budgets: &Budgets, off: Vec<TurnedOff>) -> Result<Self, Refusal> {
        let mut by_year: BTreeMap<i32, Costs<'_>> = BTreeMap::new();
        for one in debits {
            let costs = by_year.entry(one.year).or_default();
            costs.insert((&one.table, one.released), one.cost);
        }
        let years = by_year
            .iter()
            .map(|(year, costs)| year_view(*year, costs, budgets.at(*year)))
            .collect::<Result<Vec<_>, _>>()?;
        let last = by_year.keys().next_back().copied().unwrap_or_default();
        let budget = budgets.at(last);
        let lifetime_bound = sum(years.iter().map(|year| year.bound))?;
        Ok(Self {
            budget,
            budgets: budgets.all().to_vec(),
            off,
            per_year: budget.per_year(),
            planned: planned(budget)?,
            lifetime: sum(years.iter().map(|year| year.spent))?,
            years,
            lifetime_bound,
            lifetime_epsilon: epsilons(lifetime_bound),
        })
    }
}

/// Debits by table, and whether they were completed.
type Costs<'a> = BTreeMap<(&'a str, bool), NanoRho>;

/// What a calendar year of releases of every table debits.
fn planned(budget: Budget) -> Result<NanoRho, Refusal> {
    let of_year = |plan: &Plan| NanoRho::new(plan.cost.nano() * plan.table.every.releases());
    sum(plans(budget)?.iter().map(of_year))
}

/// The most that a table's debited releases can have told about one person: a bound that the releases of a year share counts in
/// full from the first of them on.
fn bound(plan: &Plan, debited: NanoRho) -> Result<NanoRho, Refusal> {
    if plan.table.span == 1 || debited == NanoRho::ZERO {
        return Ok(debited);
    }
    Ok(debited.max(sum(plan.levels.iter().map(|level| level.span_cost))?))
}

fn year_view(year: i32, costs: &Costs<'_>, budget: Budget) -> Result<YearView, Refusal> {
    let of = |table, released| costs.get(&(table, released)).copied().unwrap_or_default();
    let (mut tables, mut bounds) = (Vec::new(), Vec::new());
    for plan in plans(budget)?.iter().chain(&revisions(budget)?) {
        let code = plan.table.code;
        let (released, reserved) = (of(code, true), of(code, false));
        let debited = released.checked_add(reserved).ok_or(Refusal::Damaged)?;
        bounds.push(bound(plan, debited)?);
        tables.push(TableView {
            table: code.to_owned(),
            share: plan.year,
            released,
            reserved,
            left: plan.year.left_after(debited),
        });
    }
    let spent = sum(costs.values().copied())?;
    let bound = sum(bounds)?;
    Ok(YearView {
        year,
        budget,
        tables,
        spent,
        left: budget.per_year().left_after(spent),
        bound,
        epsilon: epsilons(bound),
    })
}

fn sum(costs: impl IntoIterator<Item = NanoRho>) -> Result<NanoRho, Refusal> {
    costs
        .into_iter()
        .try_fold(NanoRho::ZERO, NanoRho::checked_add)
        .ok_or(Refusal::Damaged)
}

fn epsilons(spent: NanoRho) -> Vec<(f64, f64)> {
    DELTAS.map(|delta| (delta, epsilon(spent, delta))).to_vec()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn debits(year: i32, table: &str, released: bool, cost: u64) -> Debits {
        Debits {
            year,
            table: table.to_owned(),
            released,
            cost: NanoRho::new(cost),
        }
    }

    #[test]
    fn a_share_is_spent_before_the_budget_is() {
        let tables = plans(Budget::Default).unwrap();
        let mut spent = Spent::new();
        for plan in &tables {
            assert_eq!(debit(spent.clone(), &tables, Budget::Default, 2026), Ok(()));
            spent.insert(plan.table.code.to_owned(), plan.year);
            let refused = Err(Refusal::Spent {
                year: 2026,
                table: plan.table.code,
            });
            let found = debit(spent.clone(), &tables, Budget::Default, 2026);
            assert_eq!(found, refused);
            spent.remove(plan.table.code);
        }
    }

    #[test]
    fn the_budget_is_spent_even_where_no_share_is() {
        let tables = plans(Budget::Default).unwrap();
        let other = NanoRho::new(Budget::Default.per_year().nano());
        let spent = Spent::from([("of another catalogue".to_owned(), other)]);
        let found = debit(spent, &tables[..1], Budget::Default, 2027);
        assert_eq!(
            found,
            Err(Refusal::Spent {
                year: 2027,
                table: "A"
            })
        );
    }

    #[test]
    fn a_year_has_one_revision() {
        let again = revisions(Budget::Default).unwrap();
        assert_eq!(debit(Spent::new(), &again, Budget::Default, 2026), Ok(()));
        let once = again
            .iter()
            .map(|plan| (plan.table.code.to_owned(), plan.cost));
        let found = debit(once.collect(), &again, Budget::Default, 2026);
        assert_eq!(found, Err(Refusal::ReserveSpent { year: 2026 }));
    }

    #[test]
    fn debits_that_are_not_completed_are_spent_all_the_same() {
        let rows = [
            debits(2026, "A", true, 6_000_000),
            debits(2026, "A", false, 1_000_000),
            debits(2027, "A", true, 2_000_000),
        ];
        let budgets = Budgets::one(2026, Budget::Default);
        let view = View::of(&rows, &budgets, Vec::new()).unwrap();
        let first = &view.years[0];
        assert_eq!(first.spent, NanoRho::new(7_000_000));
        assert_eq!(first.tables[0].reserved, NanoRho::new(1_000_000));
        assert_eq!(view.lifetime, NanoRho::new(9_000_000));
        let most = [
            debits(2026, "A", true, u64::MAX),
            debits(2027, "A", true, 1),
        ];
        assert_eq!(View::of(&most, &budgets, Vec::new()), Err(Refusal::Damaged));
    }
}
