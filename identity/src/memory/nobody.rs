//! What stands in for a name or a terminal that does not exist, so that looking for it costs what finding one costs.

use crypto::digest;
use crypto::id::{StaffId, TerminalId};
use crypto::label;
use crypto::login::DoorKey;
use crypto::opaque::StoredRecord;
use crypto::rng::{self, Rng};

use crate::access::tags::Tags;
use crate::keys::IdentityKeys;

/// A person and a terminal of nobody's; drawn when the process starts, written nowhere but for two counts.
pub(crate) struct Nobody {
    /// The tag of a log-in name that nobody can have.
    pub(crate) handle: [u8; 32],
    /// Where strangers are counted, for the work's sake.
    pub(crate) tags: Tags,
    pub(crate) staff: StaffId,
    pub(crate) record: StoredRecord,
    pub(crate) terminal: TerminalId,
    pub(crate) terminal_public: [u8; 32],
    pub(crate) door_sealed: Vec<u8>,
}

impl Nobody {
    pub(crate) fn new(keys: &IdentityKeys, rng: &mut impl Rng) -> Self {
        let terminal = TerminalId::random(rng);
        let door = DoorKey::random(rng);
        // The same rows in every process: a restart leaves no more of them.
        let fixed = |what: &[u8]| {
            let key = digest::derive_secret(label::IDENTITY_GUESS_TAG, keys.sealing.expose());
            digest::keyed(key.expose(), what)
        };
        Self {
            handle: rng::bytes(rng),
            tags: Tags {
                pair: fixed(b"a stranger, here"),
                name: fixed(b"a stranger, anywhere"),
                sign_in: rng::bytes(rng),
            },
            staff: StaffId::random(rng),
            record: StoredRecord::of_nobody(rng),
            terminal,
            terminal_public: keys.list.public(),
            door_sealed: keys.seal_door(&terminal, &door, rng),
        }
    }
}
