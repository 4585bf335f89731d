//! Requests of whole presentations, made beforehand: what a terminal sends, without a terminal's time.
//!
//! One thing cannot be made beforehand: a session's requests are numbered in the order in which they are sent, within a
//! window. So the MAC is made at sending ([`Call::caller`]) and its two microseconds or so are counted to the service.
//!
//! The blinded elements are those of random inputs. A blinded element is uniformly random whatever its input, so the
//! service's work is the same; only the terminal could tell.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use crypto::b64::{B64, Fixed};
use crypto::domain::Domain;
use crypto::envelope::{self, EnvelopeKeys, IdentitySecret};
use crypto::id::{EntryId, ProviderId};
use crypto::report::Kind;
use crypto::rng::Random;
use crypto::secret::Secret;
use crypto::voprf::Blinded;
use desk::Session;
use serde::Serialize;
use server::error::Failure;
use terminal::present::Person;
use terminal::proof::Prover;
use terminal::report::Event;
use wire::{
    Evaluate, EvaluateItem, FetchBuckets, Prefix, PutEnvelope, REQUEST_HEADER, Submission,
    SubmitReports,
};

use crate::place::{Clients, service};
use crate::watch::cores;

/// Presentations for each envelope that is put, where envelopes change.
const PUT_EVERY: usize = 10;

/// Who sends a request.
#[derive(Debug, Clone)]
pub enum Caller {
    /// A terminal.
    Session(Arc<Prover>),
    /// The identity role, by its header.
    Role(HeaderValue),
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    /// Method.
    pub method: wire::Method,
    /// Path and query.
    pub path: String,
    /// Who sends it.
    pub caller: Caller,
    /// Body, empty for a GET.
    pub body: Vec<u8>,
}

/// Everything one presentation sends, in order, and what its bare operations work on.
#[derive(Debug)]
pub struct Presentation {
    /// Evaluate the card; evaluate provider and mail; submit the report; sometimes put an envelope.
    pub calls: Vec<Call>,
    /// The four blinded elements: of the card, two of the provider under one proof, of mail.
    pub elements: [[u8; 32]; 4],
    /// The statistics ciphertext.
    pub elgamal: [u8; 64],
}

impl Call {
    fn new(session: &Session, method: wire::Method, path: String, body: Vec<u8>) -> Self {
        Self {
            method,
            path,
            caller: Caller::Session(session.prover()),
            body,
        }
    }

    /// A GET.
    #[must_use]
    pub fn get(session: &Session, path: String) -> Self {
        Self::new(session, wire::Method::Get, path, Vec::new())
    }

    fn post(session: &Session, path: &str, body: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body).map_err(|e| Failure::of("writing a request", e))?;
        Ok(Self::new(
            session,
            wire::Method::Post,
            path.to_owned(),
            body,
        ))
    }

    /// Its method, as a router or a client takes it.
    #[must_use]
    pub fn method(&self) -> Method {
        match self.method {
            wire::Method::Get => Method::GET,
            wire::Method::Post => Method::POST,
            wire::Method::Put => Method::PUT,
            wire::Method::Delete => Method::DELETE,
        }
    }

    /// The header that tells who sends; for a session with its next number, so ask for it when the request is sent.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be written.
    pub fn caller(&self) -> Result<(HeaderName, HeaderValue), Failure> {
        match &self.caller {
            Caller::Role(bearer) => Ok((header::AUTHORIZATION, bearer.clone())),
            Caller::Session(prover) => {
                let proof = prover.prove(self.method, &self.path, &self.body);
                let value = HeaderValue::from_str(&proof.to_string())
                    .map_err(|e| Failure::of("proving a request", e))?;
                Ok((HeaderName::from_static(REQUEST_HEADER), value))
            }
        }
    }

    /// The request for the router, all but [`Call::caller`].
    ///
    /// # Errors
    /// [`Failure`] when a part is malformed.
    pub fn request(&self) -> Result<Request<Body>, Failure> {
        Request::builder()
            .method(self.method())
            .uri(&self.path)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(self.body.clone()))
            .map_err(|e| Failure::of("a request", e))
    }
}

/// Lets every tenth presentation end with the envelope of a card that comes to life.
///
/// # Errors
/// [`Failure`] when a request cannot be made.
pub fn put_envelopes(clients: &Clients, all: &mut [Presentation]) -> Result<(), Failure> {
    let mut rng = Random::os();
    for one in all.iter_mut().step_by(PUT_EVERY) {
        one.calls.push(put_envelope(clients, &mut rng)?.0);
    }
    Ok(())
}

/// The envelope of a card that comes to life, and the bucket in which it will lie.
///
/// # Errors
/// [`Failure`] when the request cannot be made.
pub fn put_envelope(clients: &Clients, rng: &mut Random) -> Result<(Call, Prefix), Failure> {
    let keys = EnvelopeKeys::derive(&Secret::random(rng));
    let secret = IdentitySecret::random(rng);
    let sealed = envelope::seal(&keys, &secret, None, rng)
        .map_err(|e| Failure::of("sealing an envelope", e))?;
    let put = PutEnvelope {
        sealed: B64(sealed),
        delete_hash: Fixed(keys.delete_token_hash()),
    };
    let body = serde_json::to_vec(&put).map_err(|e| Failure::of("writing a request", e))?;
    let path = format!("/v1/envelopes/{}", keys.id);
    let call = Call::new(clients.desk.session(), wire::Method::Put, path, body);
    Ok((call, Prefix::of(&keys.id, Prefix::SYNC_BITS)))
}

/// What a terminal asks for that knows of nothing: the digests, then every bucket.
///
/// # Errors
/// [`Failure`] when a request cannot be made.
pub fn all_envelopes(session: &Session) -> Result<Vec<Call>, Failure> {
    let all: Vec<Prefix> = (0..=u8::MAX).map(Prefix::sync).collect();
    let mut calls = vec![digests(session)];
    for part in all.chunks(wire::MOST_BUCKETS) {
        calls.push(buckets(session, part)?);
    }
    Ok(calls)
}

/// The digests of all buckets.
#[must_use]
pub fn digests(session: &Session) -> Call {
    Call::get(session, "/v1/envelopes/digests".to_owned())
}

/// Some buckets.
///
/// # Errors
/// [`Failure`] when the request cannot be made.
pub fn buckets(session: &Session, which: &[Prefix]) -> Result<Call, Failure> {
    let prefixes = which.to_vec();
    Call::post(session, "/v1/envelopes/buckets", &FetchBuckets { prefixes })
}

/// `count` presentations by the provider's clients, in turn; made on all cores.
///
/// # Errors
/// [`Failure`] when a request cannot be made.
pub fn presentations(clients: &Clients, count: usize) -> Result<Vec<Presentation>, Failure> {
    let cores = cores();
    let share = count.div_ceil(cores);
    std::thread::scope(|scope| {
        let parts: Vec<_> = (0..cores)
            .map(|core| {
                let range = core * share..count.min((core + 1) * share);
                scope.spawn(move || {
                    let mut rng = Random::os();
                    let people = clients.people.iter().cycle().skip(range.start);
                    range
                        .zip(people)
                        .map(|(_, person)| one(clients, person, &mut rng))
                        .collect::<Result<Vec<_>, Failure>>()
                })
            })
            .collect();
        let mut all = Vec::with_capacity(count);
        for part in parts {
            let part = part
                .join()
                .map_err(|_| Failure::new("a thread ended early"))?;
            all.extend(part?);
        }
        Ok(all)
    })
}

fn one(clients: &Clients, person: &Person, rng: &mut Random) -> Result<Presentation, Failure> {
    let session = clients.desk.session();
    let own = session
        .provider()
        .ok_or_else(|| Failure::new("the counter has no provider"))?;
    let elements = [blinded(rng)?, blinded(rng)?, blinded(rng)?, blinded(rng)?];
    let item = |domain, elements: &[[u8; 32]]| EvaluateItem {
        domain,
        elements: elements.iter().copied().map(Fixed).collect(),
    };
    let card = Evaluate {
        items: vec![item(Domain::Card, &elements[..1])],
    };
    let person_items = Evaluate {
        items: vec![
            item(Domain::Provider(own), &elements[1..3]),
            item(Domain::Mail, &elements[3..]),
        ],
    };
    let report = report(clients, own, person, rng)?;
    let elgamal = report.elgamal;
    let submit = SubmitReports {
        submissions: vec![report],
    };
    Ok(Presentation {
        calls: vec![
            Call::post(session, "/v1/evaluate", &card)?,
            Call::post(session, "/v1/evaluate", &person_items)?,
            Call::post(session, "/v1/reports", &submit)?,
        ],
        elements,
        elgamal: elgamal.0,
    })
}

/// A report about the person, ready to be handed in.
fn report(
    clients: &Clients,
    own: ProviderId,
    person: &Person,
    rng: &mut Random,
) -> Result<Submission, Failure> {
    let session = clients.desk.session();
    let key = session
        .data_key()
        .ok_or_else(|| Failure::new("the counter has no data key"))?;
    let (entry, event) = (EntryId::random(rng), event(clients)?);
    let made = (&entry, &event);
    let made = terminal::report::make((own, key), person, made, session.bundle(), rng);
    let made = made.map_err(|e| Failure::of("making a report", e))?;
    Ok(Submission {
        id: made.id,
        elgamal: made.elgamal,
        body: made.body,
    })
}

fn blinded(rng: &mut Random) -> Result<[u8; 32], Failure> {
    let input: [u8; 32] = crypto::rng::bytes(rng);
    Blinded::blind(&input, rng)
        .map(|blinded| blinded.element())
        .map_err(|e| Failure::of("blinding", e))
}

fn event(clients: &Clients) -> Result<Event, Failure> {
    Ok(Event {
        site: clients.site.clone(),
        service: service()?,
        kind: Kind::Contact,
        day: clients.today,
        covered_until: None,
        group: None,
        quantity: None,
        consent: true,
    })
}
