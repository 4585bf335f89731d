//! What operators and provider administrators do: thin calls, typed answers.
//!
//! One thing here needs care: admitting a colleague hands over the provider's
//! data key. The key to seal it to comes from the server, so the administrator
//! compares its fingerprint with the colleague before calling [`admit`].

use crate::device::Label;
use crate::error::Error;
use crate::session::Session;
use crate::staff_key;
use crate::transport::Transport;
use crypto::b64::{B64, Fixed};
use crypto::hpke::HpkePublic;
use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::report::Site;
use crypto::rng::Rng;
use crypto::token::Token;
use wire::{
    Allowances, Colleague, Counted, DataKey, Empty, Enrolled, Flushed, Invite, NewProvider,
    NewSite, ProviderAdded, RaiseCap, Registry, RevokeLabelled, Role, TerminalRevoked,
};

pub use crate::staff_key::fingerprint;

/// Enters a provider; the name is 1 to 80 characters.
///
/// # Errors
/// `Conflict` when the name is taken; `NotAllowed`; transport errors.
pub async fn create_provider(
    session: &Session<impl Transport>,
    name: &str,
) -> Result<ProviderId, Error> {
    let body = NewProvider {
        name: name.to_owned(),
    };
    let added: ProviderAdded = session.post("/v1/providers", &body).await?.json()?;
    Ok(added.provider)
}

/// What was done today of what is limited for provider and programme: of the
/// own provider, or for operators of all that did something.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn allowances(session: &Session<impl Transport>) -> Result<Allowances, Error> {
    session.get("/v1/allowances").await?.json()
}

/// Raises what a provider may do today; it is written down. The usual limit is
/// back tomorrow.
///
/// # Errors
/// `NotAllowed`, `NotFound`, `Refused` when it is no more than usual; transport
/// errors.
pub async fn raise_cap(
    session: &Session<impl Transport>,
    provider: ProviderId,
    what: Counted,
    cap: u32,
) -> Result<(), Error> {
    let path = format!("/v1/providers/{provider}/allowances");
    session.post(&path, &RaiseCap { what, cap }).await?.empty()
}

/// Enters a site of a provider; doing it again changes nothing.
///
/// # Errors
/// `NotFound`, `Conflict` when it is another provider's; transport errors.
pub async fn create_site(
    session: &Session<impl Transport>,
    provider: ProviderId,
    site: &Site,
) -> Result<(), Error> {
    let body = NewSite {
        provider,
        site: site.clone(),
    };
    session.post("/v1/sites", &body).await?.empty()
}

/// All providers with their sites.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn registry(session: &Session<impl Transport>) -> Result<Registry, Error> {
    session.get("/v1/registry").await?.json()
}

/// Tries of [`invite`] when no answer comes.
const TRIES: usize = 3;

/// An invitation drawn here, with the root key that this terminal has pinned: the
/// service never has its text, and can write none into another programme.
pub struct Invitation {
    token: Token,
    body: Invite,
}

impl Invitation {
    /// Draws one; `provider` is given exactly for the roles that belong to one.
    pub fn draw<T>(
        session: &Session<T>,
        role: Role,
        provider: Option<ProviderId>,
        rng: &mut impl Rng,
    ) -> Self {
        let (token, hash) = Token::invitation(session.root(), rng);
        let hash = Fixed(*hash.as_bytes());
        Self {
            token,
            body: Invite {
                role,
                provider,
                hash,
            },
        }
    }

    /// Tells the service of it; again changes nothing. From then on the text is
    /// good, for 14 days and one registration.
    ///
    /// # Errors
    /// `NotAllowed`; transport errors.
    pub async fn enter(&self, session: &Session<impl Transport>) -> Result<(), Error> {
        session.post("/v1/invitations", &self.body).await?.empty()
    }

    /// The text, to be handed over in person.
    #[must_use]
    pub fn text(self) -> Token {
        self.token
    }
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invitation(..)")
    }
}

/// Makes an invitation, to be handed over in person. When no answer comes, the
/// same is told again, and there is one all the same.
///
/// # Errors
/// As [`Invitation::enter`].
pub async fn invite<R: Rng>(
    session: &Session<impl Transport>,
    role: Role,
    provider: Option<ProviderId>,
    rng: &mut R,
) -> Result<Token, Error> {
    let invitation = Invitation::draw(session, role, provider, rng);
    for _ in 1..TRIES {
        match invitation.enter(session).await {
            Err(Error::Network | Error::Unproven) => {}
            Err(Error::Refused { status: 500.., .. }) => {}
            done => return done.map(|()| invitation.text()),
        }
    }
    invitation.enter(session).await?;
    Ok(invitation.text())
}

/// All colleagues of the own provider.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn colleagues(session: &Session<impl Transport>) -> Result<Vec<Colleague>, Error> {
    session.get("/v1/staff").await?.json()
}

/// Colleagues who wait for the data key. Compare [`fingerprint`] of their
/// public key with them before [`admit`].
///
/// # Errors
/// As [`colleagues`].
pub async fn pending(session: &Session<impl Transport>) -> Result<Vec<Colleague>, Error> {
    let mut all = colleagues(session).await?;
    all.retain(|colleague| !colleague.has_data_key && !colleague.revoked);
    Ok(all)
}

/// Seals the data key to a colleague.
///
/// # Errors
/// `NoDataKey`, `Value` for a public key that cannot be sealed to; transport
/// errors.
pub async fn admit<R: Rng>(
    session: &Session<impl Transport>,
    colleague: &Colleague,
    rng: &mut R,
) -> Result<(), Error> {
    let (_, key) = session.provider_and_key()?;
    let public = HpkePublic::from_bytes(colleague.public.0);
    let body = DataKey {
        sealed: B64(staff_key::seal_data_key(&public, key, rng)?),
    };
    let path = format!("/v1/staff/{}/data-key", colleague.staff);
    session.put(&path, &body).await?.empty()
}

/// Revokes a person: no sign-in any more, all sessions end.
///
/// # Errors
/// `NotAllowed`, `NotFound`; transport errors.
pub async fn revoke_staff(session: &Session<impl Transport>, staff: StaffId) -> Result<(), Error> {
    session
        .post(&format!("/v1/staff/{staff}/revoke"), &Empty {})
        .await?
        .empty()
}

/// Opens a person's log-in name again that too many wrong passwords have closed.
///
/// # Errors
/// `NotAllowed`, `NotFound`, `Limited` when it was opened too often today;
/// transport errors.
pub async fn open_name(session: &Session<impl Transport>, staff: StaffId) -> Result<(), Error> {
    session
        .post(&format!("/v1/staff/{staff}/open"), &Empty {})
        .await?
        .empty()
}

/// Revokes a terminal: its disk stays ciphertext for good.
///
/// # Errors
/// `NotAllowed`, `NotFound`; transport errors.
pub async fn revoke_terminal(
    session: &Session<impl Transport>,
    terminal: TerminalId,
) -> Result<(), Error> {
    session
        .post(&format!("/v1/terminals/{terminal}/revoke"), &Empty {})
        .await?
        .empty()
}

/// The terminals of the own provider, of operators and funders for an operator:
/// what they are called, who signed in there and on which day last.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn terminals(session: &Session<impl Transport>) -> Result<Vec<Enrolled>, Error> {
    session.get("/v1/terminals").await?.json()
}

/// Revokes the one live terminal of [`terminals`] that people call so.
///
/// # Errors
/// `NotFound` when none is called so, `Conflict` when several are: revoke the
/// right one with [`revoke_terminal`]; `NotAllowed`; transport errors.
pub async fn revoke_labelled(
    session: &Session<impl Transport>,
    label: &Label,
) -> Result<TerminalId, Error> {
    let body = RevokeLabelled {
        label: label.as_str().to_owned(),
    };
    let answer = session.post("/v1/terminals/revoke", &body).await?;
    let revoked: TerminalRevoked = answer.json()?;
    Ok(revoked.terminal)
}

/// Hands the waiting reports to the statistics store now; returns how many.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn flush_outbox(session: &Session<impl Transport>) -> Result<u64, Error> {
    let flushed: Flushed = session.post("/v1/outbox/flush", &Empty {}).await?.json()?;
    Ok(flushed.delivered)
}
