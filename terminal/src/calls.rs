//! One function per call of the interface, in the protocol's own types.
//!
//! Nothing here decides anything: it writes and reads the wire's structures and
//! checks lengths and counts. Calls that concern many envelopes run side by
//! side, as many as the connection allows.

use crate::device::Handle;
use crate::error::Error;
use crate::http::{Answer, Connection, to_json};
use crate::queue::{QueuedEntry, QueuedReport};
use crate::session::Session;
use crypto::b64::{B64, Fixed};
use crypto::card::{Commitment, SignedBlank};
use crypto::day::Month;
use crypto::domain::Domain;
use crypto::envelope::{self, EnvelopeKeys, IdentitySecret};
use crypto::id::{AttemptId, EntryId, EnvelopeId, SubmissionId, TerminalId};
use crypto::rng::Rng;
use crypto::voprf::Evaluation;
use reqwest::Method;
use tokio::task::JoinSet;
use wire;

pub(crate) async fn register_start(
    connection: &Connection,
    invitation: &str,
    request: &[u8; 32],
) -> Result<wire::RegisterStarted, Error> {
    let body = wire::RegisterStart {
        invitation: invitation.to_owned(),
        request: Fixed(*request),
    };
    connection.post_open("/v1/register/start", &body).await
}

pub(crate) async fn register_finish(
    connection: &Connection,
    body: &wire::RegisterFinish,
) -> Result<wire::Registered, Error> {
    connection.post_open("/v1/register/finish", body).await
}

pub(crate) async fn login_start(
    connection: &Connection,
    handle: &Handle,
    terminal: TerminalId,
    ke1: &[u8; 96],
) -> Result<wire::LoginStarted, Error> {
    let body = wire::LoginStart {
        handle: handle.as_str().to_owned(),
        terminal,
        ke1: Fixed(*ke1),
    };
    connection.post_open("/v1/login/start", &body).await
}

pub(crate) async fn login_finish(
    connection: &Connection,
    attempt: AttemptId,
    ke3: &[u8; 64],
    signature: &[u8; 64],
) -> Result<wire::LoggedIn, Error> {
    let body = wire::LoginFinish {
        attempt,
        ke3: Fixed(*ke3),
        signature: Fixed(*signature),
    };
    connection.post_open("/v1/login/finish", &body).await
}

/// One answer a domain, in order; the elements are as many as were asked.
pub(crate) async fn evaluate(
    session: &Session,
    asked: Vec<(Domain, Vec<[u8; 32]>)>,
) -> Result<Vec<Evaluation>, Error> {
    if asked
        .iter()
        .any(|(_, elements)| elements.len() > wire::MOST_ELEMENTS)
    {
        return Err(Error::TooMany);
    }
    let items = asked
        .into_iter()
        .map(|(domain, elements)| wire::EvaluateItem {
            domain,
            elements: elements.into_iter().map(Fixed).collect(),
        })
        .collect();
    let body = wire::Evaluate { items };
    let answer: wire::Evaluated = session.post("/v1/evaluate", &body).await?.json()?;
    let evaluation = |item: wire::EvaluatedItem| Evaluation {
        elements: item.elements.into_iter().map(|element| element.0).collect(),
        proof: item.proof.0,
    };
    Ok(answer.items.into_iter().map(evaluation).collect())
}

/// Signed blanks in the order of the commitments.
pub(crate) async fn blanks(
    session: &Session,
    commitments: &[Commitment],
    expiry: Month,
) -> Result<Vec<SignedBlank>, Error> {
    let body = wire::SignBlanks {
        commitments: commitments.iter().map(|c| Fixed(*c.as_bytes())).collect(),
        expiry,
    };
    let answer: wire::BlanksSigned = session.post("/v1/blanks", &body).await?.json()?;
    let blank = |blank: wire::Blank| SignedBlank::parse(&blank.signed.0).ok_or(Error::Answer);
    answer.blanks.into_iter().map(blank).collect()
}

/// Several buckets, in the order of the prefixes.
pub(crate) async fn buckets(
    session: &Session,
    prefixes: &[wire::Prefix],
) -> Result<Vec<wire::Bucket>, Error> {
    let requests = prefixes
        .iter()
        .map(|prefix| (Method::GET, format!("/v1/envelopes/{prefix}"), None))
        .collect();
    let answers = together(session, requests).await?;
    answers.into_iter().map(|answer| answer?.json()).collect()
}

/// A sealed envelope on its way, so that trying again sends the same bytes.
pub(crate) struct NewEnvelope {
    id: EnvelopeId,
    body: Vec<u8>,
}

impl NewEnvelope {
    pub(crate) fn seal<R: Rng>(
        keys: &EnvelopeKeys,
        current: &IdentitySecret,
        previous: Option<&IdentitySecret>,
        rng: &mut R,
    ) -> Result<Self, Error> {
        let sealed = envelope::seal(keys, current, previous, rng).map_err(|_| Error::Value)?;
        let body = to_json(&wire::PutEnvelope {
            sealed: B64(sealed),
            delete_hash: Fixed(keys.delete_token_hash()),
        })?;
        Ok(Self { id: keys.id, body })
    }
}

/// Puts envelopes side by side; those that fail in passing are tried again, up
/// to `tries` times in all. One result an envelope.
pub(crate) async fn put_envelopes(
    session: &Session,
    envelopes: &[NewEnvelope],
    tries: u32,
) -> Result<Vec<Result<(), Error>>, Error> {
    let mut results: Vec<Result<(), Error>> =
        envelopes.iter().map(|_| Err(Error::Network)).collect();
    for _ in 0..tries {
        let again: Vec<usize> = (0..envelopes.len())
            .filter(|at| matches!(&results[*at], Err(error) if error.is_passing() && error.retry_after().is_none()))
            .collect();
        let requests = again
            .iter()
            .map(|at| &envelopes[*at])
            .map(|new| {
                (
                    Method::PUT,
                    format!("/v1/envelopes/{}", new.id),
                    Some(new.body.clone()),
                )
            })
            .collect();
        let answers = together(session, requests).await?;
        for (at, answer) in again.into_iter().zip(answers) {
            results[at] = answer.and_then(Answer::empty);
        }
    }
    Ok(results)
}

pub(crate) async fn delete_envelope(session: &Session, keys: &EnvelopeKeys) -> Result<(), Error> {
    let body = wire::DeleteEnvelope {
        delete_token: Fixed(*keys.delete_token.expose()),
    };
    let path = format!("/v1/envelopes/{}", keys.id);
    session.delete(&path, &body).await?.empty()
}

pub(crate) async fn revoke_index(session: &Session, index: u32) -> Result<(), Error> {
    let body = wire::RevokeCard { index };
    session.post("/v1/status/revoke", &body).await?.empty()
}

pub(crate) async fn status_list(session: &Session) -> Result<Vec<u8>, Error> {
    session.get("/v1/status-list").await?.checked()
}

/// One page of the roster log after `after`.
pub(crate) async fn roster(
    session: &Session,
    after: u64,
    limit: usize,
) -> Result<wire::RosterPage, Error> {
    session
        .get(&format!("/v1/roster?after={after}&limit={limit}"))
        .await?
        .json()
}

pub(crate) async fn send_entries(
    session: &Session,
    entries: &[QueuedEntry],
) -> Result<Vec<EntryId>, Error> {
    let entry = |entry: &QueuedEntry| wire::NewEntry {
        id: entry.id,
        sealed: entry.sealed.clone(),
    };
    let body = wire::AppendRoster {
        entries: entries.iter().map(entry).collect(),
    };
    let answer: wire::RosterAppended = session.post("/v1/roster", &body).await?.json()?;
    Ok(answer.acks.iter().map(|ack| ack.id).collect())
}

pub(crate) async fn send_reports(
    session: &Session,
    reports: &[QueuedReport],
) -> Result<Vec<SubmissionId>, Error> {
    let submission = |report: &QueuedReport| wire::Submission {
        id: report.id,
        elgamal: report.elgamal,
        body: report.body.clone(),
    };
    let body = wire::SubmitReports {
        submissions: reports.iter().map(submission).collect(),
    };
    let answer: wire::ReportsTaken = session.post("/v1/reports", &body).await?.json()?;
    Ok(answer.acks.iter().map(|ack| ack.id).collect())
}

type Request = (Method, String, Option<Vec<u8>>);

/// Sends requests side by side; the answers keep the order.
async fn together(
    session: &Session,
    requests: Vec<Request>,
) -> Result<Vec<Result<Answer, Error>>, Error> {
    let mut tasks = JoinSet::new();
    let mut answers: Vec<Result<Answer, Error>> =
        requests.iter().map(|_| Err(Error::Network)).collect();
    for (at, (method, path, body)) in requests.into_iter().enumerate() {
        let credentials =
            session.credentials(&method, &path, body.as_deref().unwrap_or_default())?;
        let connection = session.connection().clone();
        tasks.spawn(async move {
            (
                at,
                connection
                    .send(method, &path, body, Some(credentials))
                    .await,
            )
        });
    }
    while let Some(done) = tasks.join_next().await {
        if let Ok((at, answer)) = done {
            answers[at] = answer;
        }
    }
    Ok(answers)
}
