//! Rows that withdraw others: the entry that such a row names in the provider's own record of the client.

use crypto::day::Day;
use crypto::id::EntryId;
use crypto::report::Kind;
use crypto::roster::{EntryKind, RosterEntry};
use wire::rows::Row;

use super::plan::Reason;

/// The entry that a row names, among the client's events that stand: of those that say the same, the first.
///
/// # Errors
/// `NothingWithdrawn`, `SeveralWithdrawn`.
pub(super) fn find(
    events: &[(EntryId, &RosterEntry)],
    row: &Row,
    kind: Option<&Kind>,
) -> Result<EntryId, Reason> {
    let named = |entry: &RosterEntry| {
        let (here, until) = said(&entry.kind)?;
        let fits = entry.day == row.day
            && is_at(&entry.kind, row)
            && kind.is_none_or(|kind| *kind == here)
            && row.covered_until.is_none_or(|day| until == Some(day));
        fits.then_some((here, until))
    };
    let found = events
        .iter()
        .filter_map(|(id, entry)| named(entry).map(|said| (*id, said)));
    let mut found: Vec<(EntryId, (Kind, Option<Day>))> = found.collect();
    let exact = |until: Option<Day>| kind.is_some() && until == row.covered_until;
    if found.iter().any(|(_, said)| exact(said.1)) {
        found.retain(|(_, said)| exact(said.1));
    }
    let (first, says) = found.first().ok_or(Reason::NothingWithdrawn)?;
    if found.iter().any(|(_, said)| said != says) {
        return Err(Reason::SeveralWithdrawn);
    }
    Ok(*first)
}

fn is_at(kind: &EntryKind, row: &Row) -> bool {
    match kind {
        EntryKind::Enrolled { service, site, .. }
        | EntryKind::Visit { service, site, .. }
        | EntryKind::Result { service, site, .. }
        | EntryKind::Exited { service, site, .. } => (service, site) == (&row.service, &row.site),
        _ => false,
    }
}

/// What a row would have said of an event.
fn said(kind: &EntryKind) -> Option<(Kind, Option<Day>)> {
    match kind {
        EntryKind::Enrolled { covered_until, .. } => Some((Kind::Enrolled, *covered_until)),
        EntryKind::Visit { covered_until, .. } => Some((Kind::Contact, *covered_until)),
        EntryKind::Result { code, .. } => Some((Kind::Result(code.clone()), None)),
        EntryKind::Exited { reason, .. } => Some((Kind::Exited(*reason), None)),
        _ => None,
    }
}
