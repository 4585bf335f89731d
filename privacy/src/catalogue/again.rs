//! Which tables a revision measures again.

use crate::catalogue::plan::{CatalogueError, Plan, plans_of, revisions};
use crate::catalogue::table::Table;
use crate::catalogue::tables::REVISION_TABLES;
use crate::scope::Scope;

impl Table {
    /// The letter of the table that this one measures again; `None` for tables of a quarter's first release.
    #[must_use]
    pub fn counts_again(&self) -> Option<&'static str> {
        let again = REVISION_TABLES.iter().any(|one| one.code == self.code);
        self.code.strip_prefix('R').filter(|_| again)
    }
}

/// What a revision of a quarter measures and debits: the tables to be measured again, without those that are turned off.
///
/// # Errors
/// As [`super::plan::plans`].
pub fn plans_again(scope: &Scope) -> Result<Vec<Plan>, CatalogueError> {
    let mut all = revisions(scope.budget())?;
    all.retain(|plan| {
        let first = plan.table.counts_again();
        first.is_some_and(|first| !scope.off.iter().any(|off| off == first))
    });
    Ok(all)
}

/// The tables that this version of a quarter's release shows.
///
/// # Errors
/// As [`super::plan::plans`].
pub fn plans_shown(scope: &Scope, version: u32) -> Result<Vec<Plan>, CatalogueError> {
    let mut all = plans_of(scope)?;
    if version > 1 {
        all.extend(plans_again(scope)?);
    }
    Ok(all)
}
