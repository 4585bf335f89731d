//! What operators and provider administrators do: thin calls, typed answers. What
//! concerns colleagues and the data key is in [`crate::colleagues`].

use crate::device::Label;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::report::{ServiceCode, Site};
use std::collections::BTreeSet;
use wire::{
    Allowances, Counted, Empty, Enrolled, Flushed, NewProvider, NewSite, ProviderAdded, RaiseCap,
    Registry, RevokeLabelled, SiteServices, TerminalRevoked, Upkeep, ZoneName,
};

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

/// Enters a site of a provider, in a time zone of its own when one is given; doing it again changes nothing but the zone.
///
/// # Errors
/// `NotFound`, `Conflict` when it is another provider's, `BadRequest` for a zone that there is not; transport errors.
pub async fn create_site(
    session: &Session<impl Transport>,
    provider: ProviderId,
    site: &Site,
    zone: Option<ZoneName>,
) -> Result<(), Error> {
    let body = NewSite {
        provider,
        site: site.clone(),
        zone,
    };
    session.post("/v1/sites", &body).await?.empty()
}

/// Says what a site offers from now on, every service when `services` is `None`.
///
/// # Errors
/// `NotFound`, `NotAllowed`, `Refused` for no service at all; transport errors.
pub async fn set_services(
    session: &Session<impl Transport>,
    site: &Site,
    services: Option<BTreeSet<ServiceCode>>,
) -> Result<(), Error> {
    let body = SiteServices {
        site: site.clone(),
        services,
    };
    session.post("/v1/sites/services", &body).await?.empty()
}

/// All providers with their sites.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn registry(session: &Session<impl Transport>) -> Result<Registry, Error> {
    session.get("/v1/registry").await?.json()
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

/// What somebody has to look after at the service's computer.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn upkeep(session: &Session<impl Transport>) -> Result<Upkeep, Error> {
    session.get("/v1/upkeep").await?.json()
}

/// Hands the waiting reports to the statistics store now; returns how many.
///
/// # Errors
/// `NotAllowed`; transport errors.
pub async fn flush_outbox(session: &Session<impl Transport>) -> Result<u64, Error> {
    let flushed: Flushed = session.post("/v1/outbox/flush", &Empty {}).await?.json()?;
    Ok(flushed.delivered)
}
