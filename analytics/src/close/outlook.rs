//! What a closing would publish and spend, for people to agree to before it is done.

use crypto::hex;
use privacy::catalogue::{CatalogueError, Plan, parameters_hash};
use privacy::ledger::{Refusal, Spent};
use privacy::rho::NanoRho;
use privacy::scope::Subject;
use release::facts::Facts;
use serde::Serialize;

use super::error::CloseError;
use crate::App;
use crate::ledger::{self, LedgerError, Progress};

/// What closing a quarter would publish and spend, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Hash of all that fixes it: the quarter, its places, services and tables, the scales of their noise, the version of the
    /// definitions and the series' start.
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
    /// Whether it was debited: its closing broke off.
    pub begun: bool,
}

/// What is to be agreed to.
#[derive(Serialize)]
struct Agreed<'a> {
    parameters: String,
    indicators: &'a str,
    start: String,
}

/// Hash of what is to be agreed to; `parameters` is the hash that the ledger and the log keep beside the debit.
pub(super) fn digest(facts: &Facts, parameters: &[u8; 32]) -> Result<[u8; 32], CloseError> {
    let agreed = Agreed {
        parameters: hex::encode(parameters),
        indicators: &facts.indicators,
        start: facts.scope.start.to_string(),
    };
    let bytes = serde_json::to_vec(&agreed).map_err(|_| CatalogueError::Overflow)?;
    Ok(crypto::digest::hash(&bytes))
}

/// What all steps of a closing would come to.
///
/// # Errors
/// [`CloseError::Ledger`] when the budget does not cover it, or it was debited as something else.
pub(super) async fn seen(
    app: &App,
    subject: Subject,
    facts: &Facts,
    plans: &[Plan],
) -> Result<Outlook, CloseError> {
    let scope = &facts.scope;
    let parameters = parameters_hash(subject, scope, plans)?;
    let mut tx = app.store.read().await?;
    let mut spent = ledger::spent_by_table(&mut tx, subject.period.year()).await?;
    let progress = ledger::progress(&mut tx, subject).await?;
    if progress.is_due(&parameters)? {
        let (spent, year) = (spent.clone(), subject.period.year());
        let asked = privacy::ledger::debit(spent, plans, scope.budget(), year);
        asked.map_err(LedgerError::from)?;
    } else {
        give_back(&mut spent, plans);
    }
    Ok(Outlook {
        digest: digest(facts, &parameters)?,
        tables: plans.len(),
        cities: scope.cities.len().saturating_sub(1),
        services: scope.services.len(),
        cost: sum(plans.iter().map(|plan| plan.cost))?,
        spent: sum(spent.into_values())?,
        budget: scope.budget().per_year(),
        begun: progress != Progress::New,
    })
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
