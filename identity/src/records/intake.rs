//! Reports on their way to the statistics store: taken, sealed once more, laid into the outbox.
//!
//! Which terminal or member of staff sent a report is checked and forgotten; of whom it came, the provider alone goes on. A submission is remembered by a keyed hash
//! of its id, so that sending twice stores once; the hash says nothing to whoever holds the database alone.

use crypto::digest;
use crypto::id::ProviderId;
use crypto::label;
use crypto::report;
use crypto::statistics::ElGamal;
use wire::{MOST_SUBMISSIONS, ReportsTaken, Submission, SubmissionAck};

use super::{laying, outbox};
use crate::access::session::Session;
use crate::guard::allowance;
use crate::memory::blocks::What;
use crate::memory::laying::Prepared;
use crate::{App, Refusal};

/// Takes a terminal's reports, in their order, as many as its balance covers; what is acknowledged is durable when this
/// returns, and the terminal keeps the others.
///
/// # Errors
/// [`Refusal::Malformed`] for none or too many, [`Refusal::BadValue`] when any could never be delivered (nothing is
/// taken then), [`Refusal::Limit`] when the balance covers none.
pub(crate) async fn take(
    app: &App,
    session: &Session,
    submissions: &[Submission],
) -> Result<ReportsTaken, Refusal> {
    let provider = session.provider()?;
    if submissions.is_empty() || submissions.len() > MOST_SUBMISSIONS {
        return Err(Refusal::Malformed);
    }
    let mut waiting = submissions
        .iter()
        .map(|one| prepare(app, provider, one))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let covered = allowance::some(app, session, What::Report, waiting.len()).await?;
    waiting.truncate(covered);
    laying::lay(app, waiting).await?;
    let acks = submissions[..covered]
        .iter()
        .map(|one| SubmissionAck { id: one.id })
        .collect();
    Ok(ReportsTaken { acks })
}

fn prepare(app: &App, provider: ProviderId, submission: &Submission) -> Result<Prepared, Refusal> {
    let elgamal = ElGamal::from_bytes(submission.elgamal.0);
    if submission.body.len() != report::SEALED_BYTES || elgamal.check().is_err() {
        return Err(Refusal::BadValue);
    }
    let key = digest::derive_secret(label::IDENTITY_SUBMISSION_TAG, app.keys.sealing.expose());
    let tag = digest::keyed(key.expose(), submission.id.as_bytes());
    let mut hash = [0; 16];
    hash.copy_from_slice(&tag[..16]);
    Ok(Prepared {
        hash,
        waiting: outbox::seal(app, provider, &elgamal, &submission.body)?,
    })
}
