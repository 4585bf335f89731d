//! Who has the provider's data key, as the provider's own roster says.
//!
//! Whoever gives the data key writes a line about it first, under the provider's seal and in its log, and with the
//! first such line one about who made the key. No service takes them away or changes them without an alarm. So an
//! operator who let somebody in, as the first administrator or later, is seen by everybody who works there, for ever.
//! Limit: a giver with other software can leave the line out; then the comparison with the list of staff finds a holder without one.

use crate::error::Error;
use crypto::b64::Fixed;
use crypto::handover::Founding;
use crypto::hpke::HpkePublic;
use crypto::id::EntryId;
use crypto::roster::staff::{How, StaffAct, StaffEntry, StaffName};
use crypto::sorted::{Map, Set};
use serde::{Deserialize, Serialize};
use wire::Colleague;

/// The lines about staff that were read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holders {
    lines: Map<EntryId, StaffEntry>,
    /// Once true, always: something contradicted them.
    pub(crate) alarm: bool,
}

impl Holders {
    /// Takes a line; false when it is here already.
    pub(crate) fn insert(&mut self, id: EntryId, line: StaffEntry) -> bool {
        self.lines.insert(id, line).is_none()
    }

    /// The ids of all lines.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &EntryId> {
        self.lines.keys()
    }

    /// Every line: who made the data key, and who was given it, when, by whom, and who had invited them. By day.
    #[must_use]
    pub fn lines(&self) -> Vec<&StaffEntry> {
        let mut all: Vec<&StaffEntry> = self.lines.values().collect();
        all.sort_by_key(|line| line.day);
        all
    }

    /// Whether a line says that the data key comes from there.
    pub(crate) fn tells(&self, founding: &Founding) -> bool {
        self.lines
            .values()
            .any(|line| line.founding() == Some(*founding))
    }

    /// Whether a line says that this key was given the data key.
    pub(crate) fn given(&self, key: &HpkePublic) -> bool {
        let to = |line: &StaffEntry| line.key == *key && line.act != StaffAct::Founded;
        self.lines.values().any(to)
    }

    /// Whether a line says that this name, or this invitation, came with another key.
    pub(crate) fn answered_by_another(
        &self,
        name: &StaffName,
        key: &HpkePublic,
        invitation: Fixed<16>,
    ) -> bool {
        let same = |line: &&StaffEntry| match line.act {
            StaffAct::Given { how, .. } if how == How::Invitation(invitation) => true,
            _ => line.name == *name,
        };
        let mut lines = self.lines.values().filter(same);
        lines.any(|line| line.key != *key)
    }

    /// What came to this terminal by another's hand must stand in the roster: who made it, and that it was given here.
    /// A line that names another maker is an alarm in any case.
    pub(crate) fn agree(&mut self, founding: &Founding, own: &HpkePublic) {
        let other = |made: Founding| made != *founding;
        let lines = self.lines.values();
        let second = lines.filter_map(StaffEntry::founding).any(other);
        let told = founding.key == *own || (self.tells(founding) && self.given(own));
        self.alarm |= second || !told;
    }

    /// The keys that stand in a line.
    pub(crate) fn keys(&self) -> Set<HpkePublic> {
        self.lines.values().map(|line| line.key).collect()
    }

    /// Compares the service's list of staff with the provider's own lines. `known` are the keys of lines that were read
    /// before the list was asked for.
    ///
    /// # Errors
    /// `Directory`, and an alarm for ever, when the list leaves out or changes somebody who has the data key, or who
    /// made it; or says that somebody has it of whom no line speaks, or that a second person made it.
    pub(crate) fn check(
        &mut self,
        founding: &Founding,
        known: &Set<HpkePublic>,
        listed: &[Colleague],
    ) -> Result<(), Error> {
        let made = |it: &Colleague| Founding {
            key: HpkePublic::from_bytes(it.public.0),
            invited: it.invited,
            on: it.on,
        };
        let first: Vec<Founding> = listed.iter().filter(|it| it.first).map(made).collect();
        let mut lines = self.lines.values().filter(|line| known.contains(&line.key));
        let all_listed = lines.all(|line| listed.iter().any(|it| says_the_same(line, it)));
        let keys = self.keys();
        let written = |it: &Colleague| {
            let key = HpkePublic::from_bytes(it.public.0);
            !it.has_data_key || key == founding.key || keys.contains(&key)
        };
        let good = first == [*founding] && all_listed && listed.iter().all(written);
        self.alarm |= !good;
        good.then_some(()).ok_or(Error::Directory)
    }
}

fn says_the_same(line: &StaffEntry, it: &Colleague) -> bool {
    line.key == HpkePublic::from_bytes(it.public.0)
        && line.name.as_str() == it.handle
        && line.role == it.role.code()
        && line.invited == it.invited
        && line.on == it.on
}
