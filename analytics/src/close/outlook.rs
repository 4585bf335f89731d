//! What a closing would publish and spend, for people to agree to before it is done.

use privacy::catalogue::Plan;
use privacy::ledger::{Refusal, Spent};
use privacy::rho::NanoRho;

use super::error::CloseError;
use super::steps::Prepared;
use crate::ledger::{self, LedgerError, Progress};

/// What closing a quarter would publish and spend, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Hash of all that fixes it: the quarter, its places, services and tables, the scales of their noise.
    pub digest: [u8; 32],
    /// How many tables it measures.
    pub tables: usize,
    /// How many cities have cells of their own.
    pub cities: usize,
    /// How many services have cells.
    pub services: usize,
    /// What it debits.
    pub cost: NanoRho,
    /// What other releases of the calendar year debited.
    pub spent: NanoRho,
    /// The year's budget.
    pub budget: NanoRho,
}

impl Prepared<'_> {
    /// What is to be agreed to: the hash that the ledger and the log keep beside the debit.
    pub(super) const fn digest(&self) -> &[u8; 32] {
        &self.0.parameters
    }

    /// What all steps from here on would come to.
    ///
    /// # Errors
    /// [`CloseError::Ledger`] when the budget does not cover it.
    pub(super) async fn outlook(&self) -> Result<Outlook, CloseError> {
        let work = &self.0;
        let (year, scope) = (work.subject.period.year(), &work.facts.scope);
        let mut tx = work.app.store.read().await?;
        let mut spent = ledger::spent_by_table(&mut tx, year).await?;
        if ledger::progress(&mut tx, work.subject).await? == Progress::New {
            let asked = privacy::ledger::debit(spent.clone(), &work.plans, scope.budget(), year);
            asked.map_err(LedgerError::from)?;
        } else {
            give_back(&mut spent, &work.plans);
        }
        Ok(Outlook {
            digest: *self.digest(),
            tables: work.plans.len(),
            cities: scope.cities.len().saturating_sub(1),
            services: scope.services.len(),
            cost: sum(work.plans.iter().map(|plan| plan.cost))?,
            spent: sum(spent.into_values())?,
            budget: scope.budget().per_year(),
        })
    }
}

/// Without what this very closing debited before it broke off.
fn give_back(spent: &mut Spent, plans: &[Plan]) {
    for plan in plans {
        if let Some(table) = spent.get_mut(plan.table.code) {
            *table = table.left_after(plan.cost);
        }
    }
}

fn sum(costs: impl Iterator<Item = NanoRho>) -> Result<NanoRho, LedgerError> {
    let mut costs = costs;
    let all = costs.try_fold(NanoRho::ZERO, NanoRho::checked_add);
    all.ok_or(LedgerError::Refused(Refusal::Damaged))
}
