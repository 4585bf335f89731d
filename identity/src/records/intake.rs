//! Reports on their way to the statistics store: taken, sealed once more, laid into the outbox.
//!
//! Which terminal or member of staff sent a report is checked and forgotten. A submission is remembered by a keyed hash
//! of its id, so that sending twice stores once; the hash says nothing to whoever holds the database alone.

use crypto::digest;
use crypto::label;
use crypto::report;
use crypto::statistics::ElGamal;
use wire::{MOST_SUBMISSIONS, ReportsTaken, Submission, SubmissionAck};

use super::{laying, outbox};
use crate::memory::laying::Prepared;
use crate::{App, Refusal};

/// Takes reports; every one of them is durable when this returns.
///
/// # Errors
/// [`Refusal::Malformed`] for none or too many, [`Refusal::BadValue`] when any could never be delivered (nothing is
/// taken then).
pub(crate) async fn take(app: &App, submissions: &[Submission]) -> Result<ReportsTaken, Refusal> {
    if submissions.is_empty() || submissions.len() > MOST_SUBMISSIONS {
        return Err(Refusal::Malformed);
    }
    let waiting = submissions
        .iter()
        .map(|one| prepare(app, one))
        .collect::<Result<Vec<_>, Refusal>>()?;
    laying::lay(app, waiting).await?;
    let acks = submissions
        .iter()
        .map(|one| SubmissionAck { id: one.id })
        .collect();
    Ok(ReportsTaken { acks })
}

fn prepare(app: &App, submission: &Submission) -> Result<Prepared, Refusal> {
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
        waiting: outbox::seal(app, &elgamal, &submission.body)?,
    })
}
