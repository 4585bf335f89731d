//! One function per call of the interface, in the protocol's own types.
//!
//! Nothing here decides anything: it writes and reads the wire's structures and
//! checks lengths and counts. Calls that concern many envelopes run side by
//! side, as many as the connection allows.

use crate::answer::Answer;
use crate::error::Error;
use crate::queue::{QueuedEntry, QueuedReport};
use crate::session::Session;
use crate::transport::{self, Transport, get_open, post_open};
use crypto::b64::{B64, Fixed};
use crypto::card::{Commitment, Revocation, SignedBlank};
use crypto::day::Month;
use crypto::domain::Domain;
use crypto::envelope::{self, DIGEST_BYTES, EnvelopeKeys, IdentitySecret};
use crypto::id::{EntryId, EnvelopeId, SubmissionId};
use crypto::json::{Hidden, HiddenBytes};
use crypto::rng::Rng;
use crypto::secret::SecretBytes;
use crypto::trust::{Head, LogEntry};
use crypto::voprf::Evaluation;
use futures_util::stream::{self, StreamExt};
use wire::{Fetched, MOST_LOG_ENTRIES, Prefix};

/// Most entries that are read at once: more than there are providers anywhere.
const MOST_READ: usize = 1 << 16;

/// The log of keys after some entries, to its end, and the head that it ends
/// with. Nothing of it is verified here.
pub(crate) async fn trust_log(
    transport: &impl Transport,
    after: u32,
) -> Result<(Vec<LogEntry>, Head), Error> {
    let mut entries = Vec::new();
    loop {
        let had = after as usize + entries.len();
        let page: wire::LogPage = get_open(transport, format!("/v1/trust/log?after={had}")).await?;
        let full = page.entries.len() >= MOST_LOG_ENTRIES;
        entries.extend(page.entries);
        if entries.len() > MOST_READ {
            return Err(Error::Answer);
        }
        if !full {
            return Ok((entries, page.head));
        }
    }
}

pub(crate) async fn register_start(
    transport: &impl Transport,
    body: &wire::RegisterStart,
) -> Result<wire::RegisterStarted, Error> {
    post_open(transport, "/v1/register/start", body).await
}

pub(crate) async fn register_finish(
    transport: &impl Transport,
    body: &wire::RegisterFinish,
) -> Result<wire::Registered, Error> {
    post_open(transport, "/v1/register/finish", body).await
}

pub(crate) async fn login_start(
    transport: &impl Transport,
    body: &wire::LoginStart,
) -> Result<wire::LoginStarted, Error> {
    post_open(transport, "/v1/login/start", body).await
}

/// Not read yet: its proof needs what it says.
pub(crate) async fn login_finish(
    transport: &impl Transport,
    body: &wire::LoginFinish,
) -> Result<Answer, Error> {
    transport::open(transport, "/v1/login/finish", body).await
}

pub(crate) async fn choose_pin(
    session: &Session<impl Transport>,
    body: &wire::ChoosePin,
) -> Result<wire::PinAnswered, Error> {
    session.post("/v1/pin/choose/start", body).await?.json()
}

pub(crate) async fn keep_pin(
    session: &Session<impl Transport>,
    body: &wire::KeepPin,
) -> Result<(), Error> {
    session.post("/v1/pin/choose/finish", body).await?.empty()
}

pub(crate) async fn drop_pin(session: &Session<impl Transport>) -> Result<(), Error> {
    let nothing = wire::Empty {};
    session.post("/v1/pin/drop", &nothing).await?.empty()
}

pub(crate) async fn pin_login_start(
    transport: &impl Transport,
    body: &wire::PinStart,
) -> Result<wire::LoginStarted, Error> {
    post_open(transport, "/v1/pin/login/start", body).await
}

/// Not read yet: its proof needs what it says.
pub(crate) async fn pin_login_finish(
    transport: &impl Transport,
    body: &wire::LoginFinish,
) -> Result<Answer, Error> {
    transport::open(transport, "/v1/pin/login/finish", body).await
}

/// One answer a domain, in order; the elements are as many as were asked.
pub(crate) async fn evaluate(
    session: &Session<impl Transport>,
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
    session: &Session<impl Transport>,
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

/// The digests of all buckets that are kept, in order.
pub(crate) async fn envelope_digests(
    session: &Session<impl Transport>,
) -> Result<Vec<[u8; DIGEST_BYTES]>, Error> {
    let answer: wire::EnvelopeDigests = session.get("/v1/envelopes/digests").await?.json()?;
    let (digests, rest) = answer.digests.as_chunks();
    if digests.len() != Prefix::SYNC_BUCKETS || !rest.is_empty() {
        return Err(Error::Answer);
    }
    Ok(digests.to_vec())
}

/// Several buckets, in the order of the prefixes: as many, and nothing else.
pub(crate) async fn buckets(
    session: &Session<impl Transport>,
    prefixes: &[Prefix],
) -> Result<Fetched, Error> {
    let body = wire::FetchBuckets {
        prefixes: prefixes.to_vec(),
    };
    let answer = session.post("/v1/envelopes/buckets", &body).await?;
    Fetched::read(prefixes, &answer.checked()?).map_err(|_| Error::Answer)
}

/// A sealed envelope on its way, so that trying again sends the same bytes.
pub(crate) struct NewEnvelope {
    id: EnvelopeId,
    put: wire::PutEnvelope,
}

impl NewEnvelope {
    pub(crate) fn seal<R: Rng>(
        keys: &EnvelopeKeys,
        current: &IdentitySecret,
        previous: Option<&IdentitySecret>,
        rng: &mut R,
    ) -> Result<Self, Error> {
        let sealed = envelope::seal(keys, current, previous, rng).map_err(|_| Error::Value)?;
        let put = wire::PutEnvelope {
            sealed: B64(sealed),
            delete_hash: Fixed(keys.delete_token_hash()),
        };
        Ok(Self { id: keys.id, put })
    }
}

/// Puts envelopes side by side; one result an envelope.
pub(crate) async fn put_envelopes(
    session: &Session<impl Transport>,
    envelopes: &[&NewEnvelope],
) -> Vec<Result<(), Error>> {
    let calls = envelopes
        .iter()
        .map(|new| async move {
            let path = format!("/v1/envelopes/{}", new.id);
            session.put(&path, &new.put).await
        })
        .collect();
    let answers = together(session.parallel(), calls).await;
    let done = |answer: Result<Answer, Error>| answer.and_then(Answer::empty);
    answers.into_iter().map(done).collect()
}

/// Deletes one envelope and puts another in one call.
pub(crate) async fn replace_envelope(
    session: &Session<impl Transport>,
    old: &EnvelopeKeys,
    new: &NewEnvelope,
) -> Result<(), Error> {
    let body = wire::ReplaceEnvelope {
        old: old.id,
        delete_token: Hidden(old.delete_token.clone()),
        new: new.id,
        put: new.put.clone(),
    };
    session.post("/v1/envelopes/replace", &body).await?.empty()
}

pub(crate) async fn delete_envelope(
    session: &Session<impl Transport>,
    keys: &EnvelopeKeys,
) -> Result<(), Error> {
    let body = wire::DeleteEnvelope {
        delete_token: Hidden(keys.delete_token.clone()),
    };
    let path = format!("/v1/envelopes/{}", keys.id);
    session.delete(&path, &body).await?.empty()
}

/// Answers alike whatever comes of it: the status list says what was done.
pub(crate) async fn revoke(
    session: &Session<impl Transport>,
    card: &Revocation,
) -> Result<(), Error> {
    let body = wire::RevokeCard {
        blank: B64(card.blank.as_bytes().to_vec()),
        token: HiddenBytes(SecretBytes::from(&card.token.expose()[..])),
    };
    session.post("/v1/status/revoke", &body).await?.empty()
}

pub(crate) async fn status_list(session: &Session<impl Transport>) -> Result<Vec<u8>, Error> {
    let token = session.get("/v1/status-list").await?.checked()?;
    Ok(token.to_vec())
}

/// One page of the roster log after `after`.
pub(crate) async fn roster(
    session: &Session<impl Transport>,
    after: u64,
    limit: usize,
) -> Result<wire::RosterPage, Error> {
    session
        .get(&format!("/v1/roster?after={after}&limit={limit}"))
        .await?
        .json()
}

pub(crate) async fn send_entries(
    session: &Session<impl Transport>,
    entries: &[QueuedEntry],
) -> Result<Vec<(EntryId, u64)>, Error> {
    let entry = |entry: &QueuedEntry| wire::NewEntry {
        id: entry.id,
        sealed: entry.sealed.clone(),
    };
    let body = wire::AppendRoster {
        entries: entries.iter().map(entry).collect(),
    };
    let answer: wire::RosterAppended = session.post("/v1/roster", &body).await?.json()?;
    Ok(answer.acks.iter().map(|ack| (ack.id, ack.seq)).collect())
}

pub(crate) async fn send_reports(
    session: &Session<impl Transport>,
    reports: &[QueuedReport],
) -> Result<Vec<(SubmissionId, ())>, Error> {
    let submission = |report: &QueuedReport| wire::Submission {
        id: report.id,
        elgamal: report.elgamal,
        body: report.body.clone(),
    };
    let body = wire::SubmitReports {
        submissions: reports.iter().map(submission).collect(),
    };
    let answer: wire::ReportsTaken = session.post("/v1/reports", &body).await?.json()?;
    Ok(answer.acks.iter().map(|ack| (ack.id, ())).collect())
}

/// Runs calls side by side, at most `parallel` at once; the answers keep the
/// order. A call takes its number when its turn comes.
async fn together<C: Future<Output = Result<Answer, Error>>>(
    parallel: usize,
    calls: Vec<C>,
) -> Vec<Result<Answer, Error>> {
    stream::iter(calls).buffered(parallel).collect().await
}
