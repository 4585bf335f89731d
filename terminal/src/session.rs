//! A signed-in person at an enrolled terminal.
//!
//! Holds what the protocol allows to be in memory while signed in: the session's
//! keys, the person's HPKE key and the provider's data key; all of them are wiped on drop. Every request
//! proves the session, every answer that is acted upon too ([`crate::proof`]).
//! A session lives 12 hours on the server; afterwards every call answers
//! `NotSignedIn`.

use crate::answer::Answer;
use crate::decoy::DecoyKey;
use crate::device::Handle;
use crate::error::Error;
use crate::fingerprint::Shown;
use crate::handed::Known;
use crate::proof::Prover;
use crate::transport::{Request, Transport, to_json};
use crypto::card::CardKeys;
use crypto::domain::{Domain, DomainPublic};
use crypto::handover::Founding;
use crypto::hpke::HpkeSecret;
use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::invitation::InviterKind;
use crypto::provider::DataKey;
use crypto::request;
use crypto::trust::{Trust, TrustBundle};
use crypto::witness::AuthorKey;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use wire::{Method, Prefix, Role};
use zeroize::Zeroizing;

/// Most requests under way at once.
const MOST_PARALLEL: usize = (request::SIZE / 2) as usize;

/// What a session began with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The password.
    Password,
    /// The PIN of this device: daily work alone.
    Pin,
}

/// What a sign-in yields; see the module. Share it by reference or in an `Arc`.
pub struct Session<T> {
    transport: T,
    terminal: TerminalId,
    prover: Arc<Prover>,
    kind: Kind,
    role: Role,
    staff: StaffId,
    provider: Option<ProviderId>,
    handle: Handle,
    staff_key: HpkeSecret,
    known: Known,
    bundle: TrustBundle,
    trust: Trust,
    author: AuthorKey,
    decoys: DecoyKey,
    pin: bool,
    card_keys: CardKeys,
    bucket_bits: AtomicU8,
}

/// The parts a sign-in brings together.
pub(crate) struct Parts<T> {
    pub(crate) transport: T,
    pub(crate) terminal: TerminalId,
    pub(crate) prover: Prover,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) staff: StaffId,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) handle: Handle,
    pub(crate) staff_key: HpkeSecret,
    pub(crate) known: Known,
    pub(crate) bundle: TrustBundle,
    pub(crate) trust: Trust,
    pub(crate) author: AuthorKey,
    pub(crate) decoys: DecoyKey,
}

impl<T> Session<T> {
    pub(crate) fn new(parts: Parts<T>) -> Self {
        Self {
            card_keys: parts.bundle.card_keys(),
            transport: parts.transport,
            terminal: parts.terminal,
            prover: Arc::new(parts.prover),
            kind: parts.kind,
            role: parts.role,
            staff: parts.staff,
            provider: parts.provider,
            handle: parts.handle,
            staff_key: parts.staff_key,
            known: parts.known,
            bundle: parts.bundle,
            trust: parts.trust,
            author: parts.author,
            decoys: parts.decoys,
            pin: false,
            bucket_bits: AtomicU8::new(Prefix::SYNC_BITS),
        }
    }

    /// With what the service said at the sign-in: whether it has a PIN of this person for this terminal.
    pub(crate) fn with_pin(self, pin: bool) -> Self {
        Self { pin, ..self }
    }

    /// Whether the service had a PIN of this person for this terminal at the sign-in by password.
    #[must_use]
    pub const fn had_pin(&self) -> bool {
        self.pin
    }

    /// By what it began: the service refuses what a PIN is not enough for with `PasswordNeeded`.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The person's role.
    #[must_use]
    pub fn role(&self) -> Role {
        self.role
    }

    /// The person's id.
    #[must_use]
    pub fn staff(&self) -> StaffId {
        self.staff
    }

    /// The terminal's id.
    #[must_use]
    pub fn terminal(&self) -> TerminalId {
        self.terminal
    }

    /// The provider the person works for; operators have none.
    #[must_use]
    pub fn provider(&self) -> Option<ProviderId> {
        self.provider
    }

    /// The provider's data key, once a colleague has given it to this person.
    #[must_use]
    pub fn data_key(&self) -> Option<&DataKey> {
        match &self.known {
            Known::Open(key, _) => Some(key),
            Known::None | Known::Waits => None,
        }
    }

    /// Whether a colleague has given the data key whom nobody has compared yet: type
    /// the fingerprint that the colleague's terminal shows
    /// ([`crate::device::Device::expect_giver`]), and sign in again.
    #[must_use]
    pub fn waits_for_comparison(&self) -> bool {
        matches!(self.known, Known::Waits)
    }

    /// Who made the provider's data key, where it is open.
    #[must_use]
    pub fn founding(&self) -> Option<&Founding> {
        match &self.known {
            Known::Open(_, founding) => Some(founding),
            Known::None | Known::Waits => None,
        }
    }

    /// The same in words: the provider's first administrator by the key's
    /// fingerprint, who invited them, and on which day.
    #[must_use]
    pub fn origin(&self) -> Option<String> {
        let founding = self.founding()?;
        let key = Shown::of(self.provider.as_ref()?, &founding.key);
        let you = match founding.key == self.staff_key.public() {
            true => " (you)",
            false => "",
        };
        let by = match founding.invited {
            InviterKind::CommandLine => "at the service's machine",
            InviterKind::Operator => "by an operator",
            InviterKind::Administrator => "by an administrator",
        };
        let on = founding.on;
        Some(format!(
            "first administrator {key}{you}, invited {by} on {on}"
        ))
    }

    /// The fingerprint of this person's own key, to be read to a colleague who types
    /// it; `None` for people without a provider.
    #[must_use]
    pub fn fingerprint(&self) -> Option<Shown> {
        let provider = self.provider.as_ref()?;
        Some(Shown::of(provider, &self.staff_key.public()))
    }

    /// The name that this person signed in with.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    pub(crate) const fn known(&self) -> &Known {
        &self.known
    }

    /// The person's HPKE key.
    pub(crate) fn staff_key(&self) -> &HpkeSecret {
        &self.staff_key
    }

    /// The log of keys as this sign-in read it: its fingerprint is to be shown
    /// (`trust().mark().fingerprint()`), and its age where it is one to tell.
    #[must_use]
    pub fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The checked trust bundle of this sign-in.
    #[must_use]
    pub fn bundle(&self) -> &TrustBundle {
        &self.bundle
    }

    /// The programme's root key as this terminal has pinned it, 32 bytes.
    #[must_use]
    pub fn root(&self) -> &[u8; 32] {
        self.trust.root()
    }

    /// The keys that open cards.
    #[must_use]
    pub fn card_keys(&self) -> &CardKeys {
        &self.card_keys
    }

    /// Provider and data key, or what is missing.
    pub(crate) fn provider_and_key(&self) -> Result<(ProviderId, &DataKey), Error> {
        let provider = self.provider.ok_or(Error::NoProvider)?;
        Ok((provider, self.data_key().ok_or(Error::NoDataKey)?))
    }

    /// The pinned public key of a domain.
    pub(crate) fn domain_public(&self, domain: &Domain) -> Result<&DomainPublic, Error> {
        self.bundle.domain(domain).ok_or(Error::Proof)
    }

    /// With which this terminal tags its entries.
    pub(crate) const fn author(&self) -> &AuthorKey {
        &self.author
    }

    /// From which this terminal draws buckets beside a card's.
    pub(crate) const fn decoys(&self) -> &DecoyKey {
        &self.decoys
    }

    pub(crate) fn transport(&self) -> &T {
        &self.transport
    }

    pub(crate) fn bucket_bits(&self) -> u8 {
        self.bucket_bits.load(Ordering::Relaxed)
    }

    pub(crate) fn set_bucket_bits(&self, bits: u8) {
        self.bucket_bits.store(bits, Ordering::Relaxed);
    }

    /// What proves its requests, for requests that are sent by other means.
    #[must_use]
    pub fn prover(&self) -> Arc<Prover> {
        Arc::clone(&self.prover)
    }
}

impl<T: Transport> Session<T> {
    /// How many requests this session keeps in flight, 1 to 128: half of the
    /// numbers that may overtake each other, whatever the transport could take.
    #[must_use]
    pub fn parallel(&self) -> usize {
        self.transport.parallel().clamp(1, MOST_PARALLEL)
    }

    /// Ends the session on the server and wipes it here.
    ///
    /// # Errors
    /// Transport errors; the session is gone here in any case.
    pub async fn logout(self) -> Result<(), Error> {
        self.post("/v1/logout", &wire::Empty {}).await?.empty()
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Error> {
        self.call(Method::Get, path.to_owned(), None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.call(Method::Post, path.to_owned(), Some(to_json(body)?))
            .await
    }

    pub(crate) async fn put(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.call(Method::Put, path.to_owned(), Some(to_json(body)?))
            .await
    }

    pub(crate) async fn delete(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.call(Method::Delete, path.to_owned(), Some(to_json(body)?))
            .await
    }

    /// Proves a request when it is its turn, sends it, and answers what may be
    /// believed.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: String,
        body: Option<Zeroizing<Vec<u8>>>,
    ) -> Result<Answer, Error> {
        let content = body.as_ref().map_or(&[][..], |body| body);
        let proof = self.prover.prove(method, &path, content);
        let number = proof.number;
        let request = Request {
            method,
            path,
            body,
            proof: Some(proof),
        };
        let answer = self.transport.exchange(request).await?;
        self.prover.believe(number, answer)
    }
}

impl<T> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({:?})", self.role)
    }
}
