//! A signed-in person at an enrolled terminal.
//!
//! Holds what the protocol allows to be in memory while signed in: the token,
//! the terminal's key and the provider's data key; the keys are wiped on drop. Every request is signed over method, path, body and session.
//! A session lives 12 hours on the server; afterwards every call answers
//! `NotSignedIn`.

use crate::error::Error;
use crate::http::{Answer, Connection, Credentials, to_json};
use crypto::bundle::TrustBundle;
use crypto::card::CardKeys;
use crypto::domain::{Domain, DomainPublic};
use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::provider::DataKey;
use crypto::sign::TerminalKey;
use reqwest::Method;
use reqwest::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde::Serialize;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering};
use wire::{Role, SIGNATURE_HEADER};

/// What a sign-in yields; see the module. Share it by reference or in an `Arc`.
pub struct Session {
    connection: Connection,
    terminal: TerminalId,
    key: TerminalKey,
    bearer: HeaderValue,
    token_hash: [u8; 32],
    role: Role,
    staff: StaffId,
    provider: Option<ProviderId>,
    data_key: Option<DataKey>,
    bundle: TrustBundle,
    card_keys: CardKeys,
    bucket_bits: AtomicU8,
}

/// The parts a sign-in brings together.
pub(crate) struct Parts {
    pub(crate) connection: Connection,
    pub(crate) terminal: TerminalId,
    pub(crate) key: TerminalKey,
    pub(crate) bearer: HeaderValue,
    pub(crate) token_hash: [u8; 32],
    pub(crate) role: Role,
    pub(crate) staff: StaffId,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) data_key: Option<DataKey>,
    pub(crate) bundle: TrustBundle,
}

impl Session {
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            card_keys: parts.bundle.card_keys(),
            connection: parts.connection,
            terminal: parts.terminal,
            key: parts.key,
            bearer: parts.bearer,
            token_hash: parts.token_hash,
            role: parts.role,
            staff: parts.staff,
            provider: parts.provider,
            data_key: parts.data_key,
            bundle: parts.bundle,
            bucket_bits: AtomicU8::new(0),
        }
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

    /// The provider's data key, once the administrator has sealed it to this
    /// person.
    #[must_use]
    pub fn data_key(&self) -> Option<&DataKey> {
        self.data_key.as_ref()
    }

    /// The checked trust bundle of this sign-in.
    #[must_use]
    pub fn bundle(&self) -> &TrustBundle {
        &self.bundle
    }

    /// The keys that open cards.
    #[must_use]
    pub fn card_keys(&self) -> &CardKeys {
        &self.card_keys
    }

    /// How many requests this session keeps in flight.
    #[must_use]
    pub fn parallel(&self) -> usize {
        self.connection.parallel()
    }

    /// Takes a newer bundle after [`crate::device::Device::adopt`] checked it.
    pub fn use_bundle(&mut self, bundle: TrustBundle) {
        self.card_keys = bundle.card_keys();
        self.bundle = bundle;
    }

    /// Ends the session on the server and wipes it here.
    ///
    /// # Errors
    /// Transport errors; the session is gone here in any case.
    pub async fn logout(self) -> Result<(), Error> {
        self.post("/v1/logout", &wire::Empty {}).await?.empty()
    }

    /// Provider and data key, or what is missing.
    pub(crate) fn provider_and_key(&self) -> Result<(ProviderId, &DataKey), Error> {
        let provider = self.provider.ok_or(Error::NoProvider)?;
        Ok((provider, self.data_key.as_ref().ok_or(Error::NoDataKey)?))
    }

    /// The pinned public key of a domain.
    pub(crate) fn domain_public(&self, domain: &Domain) -> Result<&DomainPublic, Error> {
        self.bundle.domain(domain).ok_or(Error::Proof)
    }

    pub(crate) fn bucket_bits(&self) -> u8 {
        self.bucket_bits.load(Ordering::Relaxed)
    }

    pub(crate) fn set_bucket_bits(&self, bits: u8) {
        self.bucket_bits.store(bits, Ordering::Relaxed);
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer, Error> {
        self.call(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.call(Method::POST, path, Some(to_json(body)?)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.call(Method::PUT, path, Some(to_json(body)?)).await
    }

    pub(crate) async fn delete(&self, path: &str, body: &impl Serialize) -> Result<Answer, Error> {
        self.call(Method::DELETE, path, Some(to_json(body)?)).await
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Error> {
        let credentials = self.credentials(&method, path, body.as_deref().unwrap_or_default())?;
        self.connection
            .send(method, path, body, Some(credentials))
            .await
    }

    /// The two headers that a request of this session carries: the session's token and the terminal's signature over
    /// method, path with query, body (empty for none) and session. For requests that are sent by other means.
    ///
    /// # Errors
    /// `Value` when the signature cannot be a header, which does not happen.
    pub fn signed_headers(
        &self,
        method: &Method,
        path: &str,
        body: &[u8],
    ) -> Result<[(HeaderName, HeaderValue); 2], Error> {
        let credentials = self.credentials(method, path, body)?;
        Ok([
            (AUTHORIZATION, credentials.bearer),
            (
                HeaderName::from_static(SIGNATURE_HEADER),
                credentials.signature,
            ),
        ])
    }

    /// The headers of one request, also for requests sent from other tasks.
    pub(crate) fn credentials(
        &self,
        method: &Method,
        path: &str,
        body: &[u8],
    ) -> Result<Credentials, Error> {
        let message = wire::request_message(method.as_str(), path, body, &self.token_hash);
        let signature = crypto::b64::encode(&self.key.sign_request(&message));
        Ok(Credentials {
            bearer: self.bearer.clone(),
            signature: HeaderValue::from_str(&signature).map_err(|_| Error::Value)?,
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({:?})", self.role)
    }
}
