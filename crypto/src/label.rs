//! The only list of domain-separation strings.
//!
//! A [`Label`] can be made nowhere else, so no two purposes can come to share one by accident; a test keeps the list
//! free of duplicates. BLAKE3 `derive_key` contexts and signature labels read `payung 2026-11 v1 <purpose>`.

/// A domain-separation string: printable ASCII, never empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label(&'static str);

impl Label {
    /// The text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The text's bytes.
    #[must_use]
    pub const fn as_bytes(self) -> &'static [u8] {
        self.0.as_bytes()
    }

    /// For conformance vectors, which bring their own context.
    #[cfg(any(test, feature = "vectors"))]
    pub(crate) const fn for_vectors(text: &'static str) -> Self {
        Self(text)
    }
}

/// DST of the hash that maps an identity secret to the group element measured by statistics (RFC 9380).
pub const STATISTICS_H2C_DST: &[u8] = b"payung-v1-statistics-ristretto255_XMD:SHA-512_R255MAP_RO_";

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident = $purpose:literal;)+) => {
        $(
            $(#[$doc])*
            pub const $name: Label = Label(concat!("payung 2026-11 v1 ", $purpose));
        )+

        /// Every label, for the test that keeps them apart.
        #[cfg(test)]
        const ALL: &[Label] = &[$($name),+];
    };
}

labels! {
    // Card.
    /// What proves to the service that a card was read, to withdraw it.
    CARD_REVOKE_TOKEN = "revoke token";
    /// Commitment to a card's revoke token, signed by the issuer.
    CARD_COMMITMENT = "card commitment";
    /// Nonce of the wrap around a card's signature.
    CARD_WRAP_NONCE = "card wrap nonce";
    // Envelope.
    /// Identifier of an envelope.
    ENVELOPE_ID = "envelope id";
    /// Key of an envelope.
    ENVELOPE_KEY = "envelope key";
    /// Token that deletes an envelope.
    ENVELOPE_DELETE_TOKEN = "envelope delete token";
    /// What the server keeps of that token.
    ENVELOPE_DELETE_HASH = "envelope delete hash";
    /// Sealing purpose of an envelope.
    ENVELOPE_SEAL = "envelope seal";
    /// Digest of a bucket of envelopes.
    ENVELOPE_BUCKET = "envelope bucket digest";
    // Locker.
    /// Identifier of a locker.
    LOCKER_ID = "locker id";
    /// Key of a locker.
    LOCKER_KEY = "locker key";
    /// Access key of a locker.
    LOCKER_ACCESS = "locker access";
    /// Sealing purpose of a locker record.
    LOCKER_SEAL = "locker seal";
    // Provider.
    /// The key under which a provider makes its pseudonyms.
    PROVIDER_PSEUDONYM_KEY = "provider pseudonym key";
    /// The key of a provider's roster.
    PROVIDER_ROSTER_KEY = "provider roster key";
    /// The seed of a provider's inbox key pair.
    PROVIDER_INBOX_SEED = "provider inbox seed";
    /// The seed of the key with which a provider signs its reports.
    PROVIDER_REPORT_SEED = "provider report key seed";
    /// The key of the ids of a provider's reports.
    PROVIDER_REPORT_ID = "provider report id key";
    /// The two words and the number made from a pseudonym.
    PROVIDER_ALIAS = "provider alias";
    /// Sealing purpose of a roster entry.
    ROSTER_SEAL = "roster entry seal";
    /// Hash chain of a provider's roster.
    ROSTER_LOG = "roster log";
    /// Key of the tags by which a terminal knows its own roster entries again.
    ROSTER_AUTHOR = "roster author tag key";
    /// HPKE info of a message in a provider's inbox.
    INBOX_HPKE = "inbox message";
    // Statistics.
    /// HPKE info of a report body.
    REPORT_HPKE = "report body";
    /// A person key imported from a file instead of a card.
    IMPORTED_PERSON = "imported person";
    // Staff.
    /// Key that seals a member of staff's private key, from the OPAQUE export key.
    STAFF_SEAL_KEY = "staff private key seal key";
    /// Sealing purpose of a staff private key.
    STAFF_SEAL = "staff private key seal";
    /// HPKE info of a provider's data key that one member of staff hands on to another.
    DATA_KEY_HANDED = "data key handed on";
    /// What people compare of a member of staff's key.
    STAFF_FINGERPRINT = "staff key fingerprint";
    /// What a registration shows of an invitation.
    TOKEN_OPENER = "invitation opener";
    /// Key of what proves to the inviter who registered with an invitation.
    INVITATION_PROOF = "invitation proof key";
    /// Roster: under which an invitation that was answered stands in a line.
    INVITATION_LINE = "invitation roster tag";
    /// What the server keeps of an invitation.
    TOKEN_INVITATION = "invitation token";
    /// What a role keeps of the other role's token.
    TOKEN_ROLE = "role token";
    /// The OPAQUE credential identifier of a staff handle.
    STAFF_CREDENTIAL = "staff credential identifier";
    /// OPAQUE context of a staff log-in.
    STAFF_LOGIN = "staff log-in";
    /// What a terminal signs in place of a log-in name.
    LOGIN_HANDLE = "log-in handle tag";
    /// Key of the MACs over a session's requests.
    REQUEST_KEY = "request key";
    /// Key of the MACs over the answers to them.
    ANSWER_KEY = "answer key";
    // Terminal.
    /// Key of a terminal's local database.
    TERMINAL_STORE_KEY = "terminal store key";
    /// Sealing purpose of a terminal's local record.
    TERMINAL_SEAL = "terminal store seal";
    // Replay of a table.
    /// Sealing purpose of the cards that a replay issued.
    REPLAY_SEAL = "replay issued cards seal";
    /// Key from which a terminal draws the buckets that it asks for beside a card's.
    TERMINAL_DECOYS = "terminal bucket decoy key";
    /// The key of what a locked device holds in memory, from the stretched PIN.
    LOCK_KEY = "terminal lock key";
    /// Sealing purpose of what a locked device holds in memory.
    LOCK_SEAL = "terminal lock seal";
    // A closed device and its PIN.
    /// OPAQUE context of a log-in by PIN.
    PIN_LOGIN = "PIN log-in";
    /// What a terminal signs in place of a log-in name's tag.
    PIN_TERMINAL = "PIN log-in terminal tag";
    /// The key that a device knocks with for its PIN, from the one that it knocks with.
    PIN_DOOR = "PIN door key";
    /// The key of what a closed device keeps for its PIN.
    PIN_WRAP_KEY = "PIN wrap key";
    /// Sealing purpose of what a closed device keeps for its PIN.
    PIN_WRAP = "PIN wrap seal";
    /// The key of the next note that a closed device takes, from the one before.
    VISIT_CHAIN = "visit chain";
    /// HPKE info of a note that a closed device takes.
    VISIT_HPKE = "visit taken outside";
    /// What stands before sealed bytes that several keys may be tried on.
    KEY_COMMITMENT = "key commitment";
    // Recovery.
    /// Identifier of a recovery handle.
    RECOVERY_HANDLE_ID = "recovery handle id";
    /// Key of a recovery vault.
    RECOVERY_VAULT_KEY = "recovery vault key";
    /// Sealing purpose of a recovery vault.
    RECOVERY_VAULT_SEAL = "recovery vault seal";
    // Domain keys.
    /// Sealing purpose of a domain's factor.
    DOMAIN_FACTOR_SEAL = "domain factor seal";
    // Key files.
    /// Sealing purpose of a key file.
    KEY_FILE_SEAL = "key file seal";
    /// Sealing purpose of a backup.
    BACKUP_SEAL = "backup seal";
    // At rest in the identity store.
    /// Keyed hash by which a log-in name is found.
    IDENTITY_HANDLE_TAG = "identity store handle tag key";
    /// Keyed hash by which a repeated submission is known.
    IDENTITY_SUBMISSION_TAG = "identity store submission tag key";
    /// Keyed hash by which the envelope of a killed card is known.
    IDENTITY_KILLED_TAG = "identity store killed envelope tag key";
    /// Key of the records of the domains' factors.
    IDENTITY_FACTOR_KEY = "identity store domain factor key";
    /// Keyed hash by which a commitment that was signed before is known.
    IDENTITY_BLANK_TAG = "identity store signed commitment tag key";
    /// Keyed hash under which somebody's counts of a day stand.
    IDENTITY_COUNT_TAG = "identity store count tag key";
    /// Keyed hash of the places and entries of rosters.
    IDENTITY_ROSTER_TAG = "identity store roster tag key";
    /// Key of everything else sealed in the identity store.
    IDENTITY_SEAL_KEY = "identity store seal key";
    /// Sealing purpose of a log-in name.
    IDENTITY_HANDLE_SEAL = "identity store handle seal";
    /// Keyed hash under which wrong log-ins are counted.
    IDENTITY_GUESS_TAG = "identity store guess tag key";
    /// Keyed hash of the terminals and people of PINs.
    IDENTITY_PIN_TAG = "identity store PIN tag key";
    /// Keyed hash of the OPAQUE credential identifiers of PINs.
    IDENTITY_PIN_CREDENTIAL = "identity store PIN credential key";
    /// Sealing purpose of the record of a PIN.
    IDENTITY_PIN_SEAL = "identity store PIN record seal";
    /// Keyed hash by which a log-in name is known again at a terminal.
    IDENTITY_SIGN_IN_TAG = "identity store sign-in tag key";
    /// Sealing purpose of the key that a terminal knocks with.
    IDENTITY_DOOR_SEAL = "identity store terminal door seal";
    /// Sealing purpose of what a terminal is called.
    IDENTITY_LABEL_SEAL = "identity store terminal label seal";
    /// Sealing purpose of a place in a roster.
    IDENTITY_ROSTER_SEAL = "identity store roster seal";
    /// Sealing purpose of a report that waits for delivery.
    IDENTITY_OUTBOX_SEAL = "identity store outbox seal";
    // Trust bundle.
    /// What a core says of the root key that may replace its own.
    ROOT_KEY_ID = "root key id";
    /// What a core says of a wrap key.
    WRAP_KEY_ID = "wrap key id";
    /// Hash chain of the log of keys.
    TRUST_LOG = "trust log";
    // Signatures.
    /// Signature of a root key over the core of the trust bundle.
    SIGN_CORE = "signature trust bundle core";
    /// Signature of the list key over the key of a provider's domain.
    SIGN_LISTING = "signature provider domain key";
    /// Signature of the list key over the head of the log of keys.
    SIGN_HEAD = "signature trust log head";
    /// Signature over a status list that is not inside a COSE message.
    SIGN_STATUS = "signature status list";
    /// Signature over a release or an export of it.
    SIGN_RELEASE = "signature release";
    /// Signature of a provider over a report.
    SIGN_REPORT = "signature report";
    /// Signature of a terminal over a log-in.
    SIGN_TERMINAL_LOGIN = "signature terminal login";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_printable_and_all_different() {
        let mut seen = std::collections::BTreeSet::new();
        for label in ALL {
            assert!(label.as_bytes().iter().all(|b| (0x20..0x7f).contains(b)));
            assert!(seen.insert(label.as_str()), "{label:?} is listed twice");
        }
    }
}
