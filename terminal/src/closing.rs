//! Closing a quarter by two operators: reading what would be done, proposing it, confirming it. Thin calls, typed answers.

use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::b64::Fixed;
use crypto::day::Quarter;
use wire::{ClosingDigest, ClosingPlan, ClosingProposal, Closings, Empty, QuarterClosed};

/// Closings that wait for a second person, or for their end.
///
/// # Errors
/// `NotFound` where the statistics have another host; `NotAllowed`; transport errors.
pub async fn waiting(session: &Session<impl Transport>) -> Result<Vec<ClosingProposal>, Error> {
    let all: Closings = session.get("/v1/closings").await?.json()?;
    Ok(all.proposals)
}

/// What closing a quarter would publish and spend, as it stands.
///
/// # Errors
/// `NotClosed` with the cause when it cannot close; `NotFound`, `NotAllowed`; transport errors.
pub async fn plan(
    session: &Session<impl Transport>,
    period: Quarter,
) -> Result<ClosingPlan, Error> {
    let path = format!("/v1/closings/{period}");
    session.get(&path).await?.json()
}

/// Proposes to close a quarter as it was read; the digest is [`plan`]'s.
///
/// # Errors
/// As [`plan`].
pub async fn propose(
    session: &Session<impl Transport>,
    period: Quarter,
    digest: [u8; 32],
) -> Result<ClosingProposal, Error> {
    let path = format!("/v1/closings/{period}/proposal");
    let body = ClosingDigest {
        digest: Fixed(digest),
    };
    session.post(&path, &body).await?.json()
}

/// Confirms what another operator proposed: the quarter is closed and published for good. The digest is that of the plan that was read.
///
/// # Errors
/// As [`plan`]; after a lost answer the same again goes on, or says `NotClosed` with `Closed`.
pub async fn confirm(
    session: &Session<impl Transport>,
    period: Quarter,
    digest: [u8; 32],
) -> Result<QuarterClosed, Error> {
    let path = format!("/v1/closings/{period}/confirmation");
    let body = ClosingDigest {
        digest: Fixed(digest),
    };
    session.post(&path, &body).await?.json()
}

/// Takes back what was proposed, whoever proposed it.
///
/// # Errors
/// `NotClosed` with `NotProposed` or `Changed`; `NotFound`, `NotAllowed`; transport errors.
pub async fn withdraw(
    session: &Session<impl Transport>,
    period: Quarter,
    digest: [u8; 32],
) -> Result<(), Error> {
    let path = format!("/v1/closings/{period}/withdrawal");
    let body = ClosingDigest {
        digest: Fixed(digest),
    };
    let Empty {} = session.post(&path, &body).await?.json()?;
    Ok(())
}
