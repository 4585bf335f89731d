//! Reports on their way to the statistics store: taken, sealed once more, laid into the outbox.
//!
//! Which terminal or member of staff sent a report is checked and forgotten. A submission is remembered by a keyed hash
//! of its id, so that sending twice stores once; the hash says nothing to whoever holds the database alone.

use crypto::day::Quarter;
use crypto::digest;
use crypto::label;
use crypto::report;
use crypto::statistics::ElGamal;
use crypto::wire::{MOST_SUBMISSIONS, ReportsTaken, Submission, SubmissionAck};
use store::{DbError, Tx, retrying};

use crate::outbox::Waiting;
use crate::sql::execute;
use crate::{App, Refusal};

/// Quarters a submission is remembered; the statistics store knows repetitions of older ones by itself.
const KEPT: i32 = 2;

const REMEMBER: &str =
    "INSERT INTO submission (hash, quarter) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
const FORGET: &str = "DELETE FROM submission WHERE quarter < $1";
const ADD: &str = "INSERT INTO outbox (item, sealed) VALUES ($1, $2)";

/// Takes reports; every one of them is durable when this returns.
///
/// # Errors
/// [`Refusal::Malformed`] for none or too many, [`Refusal::BadValue`] when any could never be delivered (nothing is
/// taken then).
pub async fn take(app: &App, submissions: &[Submission]) -> Result<ReportsTaken, Refusal> {
    if submissions.is_empty() || submissions.len() > MOST_SUBMISSIONS {
        return Err(Refusal::Malformed);
    }
    let waiting = submissions
        .iter()
        .map(|one| prepare(app, one))
        .collect::<Result<Vec<_>, Refusal>>()?;
    retrying(&mut app.rng(), || lay_down(app, &waiting)).await?;
    let acks = submissions
        .iter()
        .map(|one| SubmissionAck { id: one.id })
        .collect();
    Ok(ReportsTaken { acks })
}

struct Prepared {
    hash: [u8; 32],
    waiting: Waiting,
}

fn prepare(app: &App, submission: &Submission) -> Result<Prepared, Refusal> {
    let elgamal = ElGamal::from_bytes(submission.elgamal.0);
    if submission.body.len() != report::SEALED_BYTES || elgamal.check().is_err() {
        return Err(Refusal::BadValue);
    }
    let key = digest::derive_secret(label::IDENTITY_SUBMISSION_TAG, app.keys.sealing.expose());
    let hash = digest::keyed(key.expose(), submission.id.as_bytes());
    Ok(Prepared {
        hash,
        waiting: Waiting::seal(app, &elgamal, &submission.body)?,
    })
}

async fn lay_down(app: &App, all: &[Prepared]) -> Result<(), DbError> {
    let quarter = Quarter::of(app.clock.today()).number();
    let mut tx = app.store.write().await?;
    execute!(&mut tx, FORGET, i64::from(quarter - KEPT))?;
    for one in all {
        lay_one(&mut tx, one, quarter).await?;
    }
    tx.commit().await
}

async fn lay_one(tx: &mut Tx, one: &Prepared, quarter: i32) -> Result<(), DbError> {
    if execute!(tx, REMEMBER, &one.hash[..16], i64::from(quarter))? == 1 {
        execute!(tx, ADD, &one.waiting.key[..], &one.waiting.sealed[..])?;
    }
    Ok(())
}
