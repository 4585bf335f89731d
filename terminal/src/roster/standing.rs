//! Where a client stands with one service: its episodes, walked in order.

use crypto::day::Day;
use crypto::report::{ExitReason, ServiceCode, Site};
use crypto::roster::{EntryKind, RosterEntry};
use indicators::episode::Death;
use indicators::kind::EventKind;
use indicators::{Lapse, Rule};

/// Where a client stands in one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// No contact, or none that opens an episode.
    Never,
    /// Expected on that day or later.
    Active {
        /// Next expected contact.
        expected: Day,
    },
    /// The expected contact has passed, the grace has not.
    Late {
        /// The contact that was expected.
        expected: Day,
    },
    /// A drop-out here.
    Lost {
        /// The contact that was expected.
        expected: Day,
        /// The first day of the loss.
        on: Day,
    },
    /// Activity ended where that is no drop-out.
    Lapsed {
        /// The first day after the grace.
        on: Day,
    },
    /// A recorded exit.
    Exited {
        /// Its day.
        on: Day,
        /// Its reason.
        reason: ExitReason,
    },
}

/// Service and site of an event.
pub(crate) fn placed(kind: &EntryKind) -> Option<(&ServiceCode, &Site)> {
    match kind {
        EntryKind::Enrolled { service, site, .. }
        | EntryKind::Visit { service, site, .. }
        | EntryKind::Result { service, site, .. }
        | EntryKind::Exited { service, site, .. } => Some((service, site)),
        _ => None,
    }
}

pub(super) fn service_of(kind: &EntryKind) -> Option<&ServiceCode> {
    placed(kind).map(|(service, _)| service)
}

pub(crate) fn event_kind(kind: &EntryKind) -> Option<EventKind> {
    match kind {
        EntryKind::Enrolled { .. } => Some(EventKind::Enrolled),
        EntryKind::Visit { .. } => Some(EventKind::Contact),
        EntryKind::Result { .. } => Some(EventKind::Result),
        EntryKind::Exited { reason, .. } => Some(EventKind::Exited((*reason).into())),
        _ => None,
    }
}

/// An open episode: next expected contact, site of the latest contact.
struct Open<'a> {
    expected: Day,
    site: &'a Site,
}

/// One service's episodes, walked in order.
struct Walk<'a> {
    rule: Rule,
    open: Option<Open<'a>>,
    past: Standing,
}

pub(super) fn walk(
    history: &[&RosterEntry],
    service: &ServiceCode,
    rule: Rule,
    as_of: Day,
) -> Standing {
    let mut walk = Walk {
        rule,
        open: None,
        past: Standing::Never,
    };
    let mut death: Option<Death> = None;
    for entry in history.iter().filter(|entry| entry.day <= as_of) {
        // Contacts on two later days outweigh a death; from the second on the client is alive.
        let contact = is_contact(&entry.kind);
        if death
            .as_mut()
            .is_some_and(|death| !death.is_outweighed(entry.day, contact))
        {
            continue;
        }
        death = None;
        walk.settle(entry.day);
        if died(&entry.kind) {
            // Ends everything, whatever service reported it.
            walk.exit(entry.day, None, ExitReason::Died);
            death = Some(Death::on(entry.day));
            continue;
        }
        if service_of(&entry.kind) == Some(service) {
            walk.take(entry);
        }
    }
    walk.standing(as_of)
}

fn is_contact(kind: &EntryKind) -> bool {
    event_kind(kind).is_some_and(|kind| !matches!(kind, EventKind::Exited(_)))
}

fn died(kind: &EntryKind) -> bool {
    matches!(
        kind,
        EntryKind::Exited {
            reason: ExitReason::Died,
            ..
        }
    )
}

impl<'a> Walk<'a> {
    /// Ends the open episode if it ran out before `day`.
    fn settle(&mut self, day: Day) {
        let grace = self.rule.grace;
        let over = |open: &mut Open<'_>| day.since(open.expected) > grace;
        if let Some(open) = self.open.take_if(over) {
            self.past = ran_out(&open, self.rule);
        }
    }

    fn take(&mut self, entry: &'a RosterEntry) {
        match &entry.kind {
            EntryKind::Enrolled {
                site,
                covered_until,
                ..
            }
            | EntryKind::Visit {
                site,
                covered_until,
                ..
            } => self.contact(entry.day, site, *covered_until),
            EntryKind::Result { site, .. } => self.contact(entry.day, site, None),
            EntryKind::Exited { site, reason, .. } => self.exit(entry.day, Some(site), *reason),
            _ => {}
        }
    }

    fn contact(&mut self, day: Day, site: &'a Site, covered_until: Option<Day>) {
        let cover = covered_until.unwrap_or_else(|| day.plus(self.rule.default_cover));
        let before = self.open.as_ref().map_or(day, |open| open.expected);
        self.open = Some(Open {
            expected: cover.max(before).max(day),
            site,
        });
    }

    /// An exit of the open episode; some reasons speak of one site only and
    /// end nothing for a client whose latest contact was at another.
    fn exit(&mut self, on: Day, site: Option<&Site>, reason: ExitReason) {
        let here = |open: &mut Open<'_>| !is_local(reason) || site == Some(open.site);
        if self.open.take_if(here).is_some() {
            self.past = Standing::Exited { on, reason };
        }
    }

    fn standing(self, as_of: Day) -> Standing {
        match self.open {
            None => self.past,
            Some(Open { expected, .. }) if as_of <= expected => Standing::Active { expected },
            Some(Open { expected, .. }) if as_of.since(expected) <= self.rule.grace => {
                Standing::Late { expected }
            }
            Some(open) => ran_out(&open, self.rule),
        }
    }
}

fn ran_out(open: &Open<'_>, rule: Rule) -> Standing {
    let on = open.expected.plus(rule.grace + 1);
    match rule.lapse {
        Lapse::DropOut => Standing::Lost {
            expected: open.expected,
            on,
        },
        Lapse::Lapsed => Standing::Lapsed { on },
    }
}

/// Reasons that speak of one site only.
fn is_local(reason: ExitReason) -> bool {
    matches!(
        reason,
        ExitReason::Transferred | ExitReason::Moved | ExitReason::DroppedOut
    )
}
