//! The invitations that were drawn here, until the data key is given to who came with them.
//!
//! Kept inside the sealed state: the key of each invitation's proofs, and what it gave. Of no use to operators, who
//! have no data key to give. Limit: at most 256 are kept, and for 90 days; afterwards a colleague is compared by typing.

use crate::error::Error;
use crypto::b64::Fixed;
use crypto::day::Day;
use crypto::hpke::HpkePublic;
use crypto::id::ProviderId;
use crypto::invitation::{Invitation, Inviter, InviterKind, ProofKey, Registrant};
use crypto::json::Hidden;
use serde::{Deserialize, Serialize};
use wire::Colleague;

/// Most that are kept.
const MOST: usize = 256;
/// Days that one is kept.
const DAYS: i32 = 90;

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    proof: Hidden<32>,
    role: u8,
    provider: ProviderId,
    on: Day,
    /// Staff key of who invited: from nobody else the invited person expects the data key.
    by: HpkePublic,
    /// The staff key that came with it: one invitation, one key, for ever.
    came: Option<HpkePublic>,
}

/// The invitations of one terminal.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Invited(Vec<Kept>);

impl Invited {
    /// Keeps an invitation into a provider.
    pub(crate) fn keep(&mut self, invitation: &Invitation) {
        let terms = invitation.terms();
        let (Some(provider), Inviter::Administrator(by)) = (terms.provider, terms.inviter) else {
            return;
        };
        self.0.retain(|kept| terms.day.since(kept.on) <= DAYS);
        let over = (self.0.len() + 1).saturating_sub(MOST);
        self.0.drain(..over);
        self.0.push(Kept {
            proof: Hidden(invitation.proof_key().secret().clone()),
            role: terms.role,
            provider,
            on: terms.day,
            by,
            came: None,
        });
    }

    /// How many are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Finds the invitation of this inviter whose holder this colleague proved to be, and binds it to their key.
    /// An older copy of this may have been put back: the roster says, too, with which key an invitation was answered
    /// ([`crate::holders::Holders::answered_by_another`]). Returns the tag by which it does.
    ///
    /// # Errors
    /// `NotInvited` when the proof is of none, or of one with which another key came.
    pub(crate) fn meet(
        &mut self,
        provider: &ProviderId,
        by: &HpkePublic,
        who: &Colleague,
    ) -> Result<Fixed<16>, Error> {
        let key = HpkePublic::from_bytes(who.public.0);
        let registrant = Registrant {
            provider: Some(provider),
            role: who.role.code(),
            handle: &who.handle,
            public: &key,
        };
        let fits = |kept: &&mut Kept| {
            let proof = ProofKey::new(kept.proof.0.clone());
            (kept.provider, kept.by) == (*provider, *by)
                && kept.role == who.role.code()
                && kept.on == who.on
                && who.invited == InviterKind::Administrator
                && proof.proves(&registrant, &who.proof.0)
        };
        let kept = self.0.iter_mut().find(fits).ok_or(Error::NotInvited)?;
        if *kept.came.get_or_insert(key) != key {
            return Err(Error::NotInvited);
        }
        Ok(Fixed(ProofKey::new(kept.proof.0.clone()).line_tag()))
    }
}
