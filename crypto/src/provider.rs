//! A provider's data key and the keys derived from it.
//!
//! Only the provider's staff can unwrap the data key; the service never has it. From it come the
//! key of the pseudonyms, the key of the roster, the key pair of the inbox and the key that signs
//! reports, so that handing one key to a new member of staff hands over all of them, and a report
//! stays the provider's whoever of its staff made it.

use crate::digest::{derive_secret, keyed};
use crate::hpke::HpkeSecret;
use crate::id::{EntryId, ReportId};
use crate::label::{self, Label};
use crate::secret::{Secret, secrets};
use crate::sign::{ReportKey, SignError};

secrets! {
    /// The data key of a provider, 32 bytes: made once by the provider's first administrator,
    /// sealed to each member of staff.
    DataKey, 32;
}

impl DataKey {
    fn derived(&self, label: Label) -> Secret<32> {
        derive_secret(label, self.expose())
    }

    /// `kappa_p`, the key of the provider's pseudonyms.
    #[must_use]
    pub fn pseudonym_key(&self) -> Secret<32> {
        self.derived(label::PROVIDER_PSEUDONYM_KEY)
    }

    /// The key of the provider's roster.
    #[must_use]
    pub fn roster_key(&self) -> Secret<32> {
        self.derived(label::PROVIDER_ROSTER_KEY)
    }

    /// The secret half of the provider's inbox key pair.
    #[must_use]
    pub fn inbox(&self) -> HpkeSecret {
        HpkeSecret::from_seed(&self.derived(label::PROVIDER_INBOX_SEED))
    }

    /// The key with which the provider signs its reports.
    ///
    /// # Errors
    /// [`SignError::Seed`] if the signing library refuses the seed, which does not happen.
    pub fn report_key(&self) -> Result<ReportKey, SignError> {
        ReportKey::from_seed(&self.derived(label::PROVIDER_REPORT_SEED))
    }

    /// The id of the report that was made with a roster entry. All of the provider's terminals find it from the entry, and so can
    /// withdraw the report; to everybody else it is as good as random.
    #[must_use]
    pub fn report_id(&self, entry: &EntryId) -> ReportId {
        let key = self.derived(label::PROVIDER_REPORT_ID);
        let mut id = [0; 16];
        id.copy_from_slice(&keyed(key.expose(), entry.as_bytes())[..16]);
        ReportId::from_bytes(id)
    }
}

impl From<Secret<32>> for DataKey {
    fn from(secret: Secret<32>) -> Self {
        Self(secret)
    }
}

impl TryFrom<&[u8]> for DataKey {
    type Error = crate::error::FormatError;

    fn try_from(bytes: &[u8]) -> Result<Self, Self::Error> {
        Secret::try_from(bytes).map(Self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn derived_keys_are_all_different() {
        let keys: BTreeSet<[u8; 32]> = [1, 2]
            .into_iter()
            .flat_map(|byte| {
                let key = DataKey::from_bytes([byte; 32]);
                [
                    *key.expose(),
                    *key.pseudonym_key().expose(),
                    *key.roster_key().expose(),
                    *key.inbox().public().as_bytes(),
                    *key.report_key().unwrap().seed().expose(),
                ]
            })
            .collect();
        assert_eq!(keys.len(), 10);
    }

    #[test]
    fn the_id_of_a_report_follows_from_its_entry_and_the_data_key_alone() {
        let key = |byte| DataKey::from_bytes([byte; 32]);
        let entry = |byte| EntryId::from_bytes([byte; 16]);
        let id = key(1).report_id(&entry(1));
        assert_eq!(id, key(1).report_id(&entry(1)));
        assert_ne!(id, key(1).report_id(&entry(2)));
        assert_ne!(id, key(2).report_id(&entry(1)));
        assert_ne!(id.as_bytes(), entry(1).as_bytes());
    }
}
