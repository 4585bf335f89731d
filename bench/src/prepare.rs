//! Requests of whole presentations, made and signed beforehand: what a terminal sends, without a terminal's time.
//!
//! The blinded elements are those of random inputs. A blinded element is uniformly random whatever its input, so the
//! service's work is the same; only the terminal could tell.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use crypto::b64::{B64, Fixed};
use crypto::domain::Domain;
use crypto::envelope::{self, EnvelopeKeys, IdentitySecret};
use crypto::id::EnvelopeId;
use crypto::report::Kind;
use crypto::rng::Random;
use crypto::secret::Secret;
use crypto::voprf::Blinded;
use desk::Session;
use serde::Serialize;
use server::error::Failure;
use terminal::present::Person;
use terminal::report::Event;
use wire::{
    Evaluate, EvaluateItem, Prefix, PutEnvelope, SIGNATURE_HEADER, Submission, SubmitReports,
};

use crate::place::{Clients, service};
use crate::watch::cores;

/// Presentations for each envelope that is put, where envelopes change.
const PUT_EVERY: usize = 10;

/// One signed request.
#[derive(Debug, Clone)]
pub struct Call {
    /// Method.
    pub method: Method,
    /// Path.
    pub path: String,
    /// Session and signature.
    pub headers: [(HeaderName, HeaderValue); 2],
    /// Body, empty for a GET.
    pub body: Vec<u8>,
}

/// Everything one presentation sends, in order, and what its bare operations work on.
#[derive(Debug)]
pub struct Presentation {
    /// Evaluate the card; fetch the bucket; evaluate provider and mail; submit the report; sometimes put an envelope.
    pub calls: Vec<Call>,
    /// The three blinded elements.
    pub elements: [[u8; 32]; 3],
    /// The statistics ciphertext.
    pub elgamal: [u8; 64],
}

impl Call {
    fn sign(
        session: &Session,
        method: wire::Method,
        path: String,
        body: Vec<u8>,
    ) -> Result<Self, Failure> {
        let failed = |e| Failure::of("signing a request", e);
        let signed = session.signed(method, &path, &body);
        let bearer = HeaderValue::from_bytes(signed.bearer.expose()).map_err(failed)?;
        let signature = HeaderValue::from_str(&signed.signature).map_err(failed)?;
        Ok(Self {
            method: Method::from_bytes(method.as_str().as_bytes())
                .map_err(|e| Failure::of("a request", e))?,
            path,
            headers: [
                (header::AUTHORIZATION, bearer),
                (HeaderName::from_static(SIGNATURE_HEADER), signature),
            ],
            body,
        })
    }

    /// A signed GET.
    ///
    /// # Errors
    /// [`Failure`] when it cannot be signed.
    pub fn get(session: &Session, path: String) -> Result<Self, Failure> {
        Self::sign(session, wire::Method::Get, path, Vec::new())
    }

    fn post(session: &Session, path: &str, body: &impl Serialize) -> Result<Self, Failure> {
        let body = serde_json::to_vec(body).map_err(|e| Failure::of("writing a request", e))?;
        Self::sign(session, wire::Method::Post, path.to_owned(), body)
    }

    /// The request for the router.
    ///
    /// # Errors
    /// [`Failure`] when a part is malformed.
    pub fn request(&self) -> Result<Request<Body>, Failure> {
        let mut request = Request::builder()
            .method(self.method.clone())
            .uri(&self.path)
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request
            .body(Body::from(self.body.clone()))
            .map_err(|e| Failure::of("a request", e))
    }
}

/// Lets every tenth presentation end with the envelope of a card that comes to life.
///
/// # Errors
/// [`Failure`] when a request cannot be made.
pub fn put_envelopes(clients: &Clients, all: &mut [Presentation]) -> Result<(), Failure> {
    let (session, mut rng) = (clients.desk.session(), Random::os());
    for one in all.iter_mut().step_by(PUT_EVERY) {
        let keys = EnvelopeKeys::derive(&Secret::random(&mut rng));
        let secret = IdentitySecret::random(&mut rng);
        let sealed = envelope::seal(&keys, &secret, None, &mut rng)
            .map_err(|e| Failure::of("sealing an envelope", e))?;
        let put = PutEnvelope {
            sealed: B64(sealed),
            delete_hash: Fixed(keys.delete_token_hash()),
        };
        let body = serde_json::to_vec(&put).map_err(|e| Failure::of("writing a request", e))?;
        let path = format!("/v1/envelopes/{}", keys.id);
        one.calls
            .push(Call::sign(session, wire::Method::Put, path, body)?);
    }
    Ok(())
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
    let elements = [blinded(rng)?, blinded(rng)?, blinded(rng)?];
    let item = |domain, element| EvaluateItem {
        domain,
        elements: vec![Fixed(element)],
    };
    let card = Evaluate {
        items: vec![item(Domain::Card, elements[0])],
    };
    let bucket = Prefix::of(&EnvelopeId::random(rng), bits(clients));
    let person_items = Evaluate {
        items: vec![
            item(Domain::Provider(own), elements[1]),
            item(Domain::Mail, elements[2]),
        ],
    };
    let report = terminal::report::make(person, &event(clients)?, session.bundle(), rng)
        .map_err(|e| Failure::of("making a report", e))?;
    let elgamal = report.elgamal.0;
    let submit = SubmitReports {
        submissions: vec![Submission {
            id: report.id,
            elgamal: report.elgamal,
            body: report.body,
        }],
    };
    Ok(Presentation {
        calls: vec![
            Call::post(session, "/v1/evaluate", &card)?,
            Call::get(session, format!("/v1/envelopes/{bucket}"))?,
            Call::post(session, "/v1/evaluate", &person_items)?,
            Call::post(session, "/v1/reports", &submit)?,
        ],
        elements,
        elgamal,
    })
}

fn blinded(rng: &mut Random) -> Result<[u8; 32], Failure> {
    let input: [u8; 32] = crypto::rng::bytes(rng);
    Blinded::blind(&input, rng)
        .map(|blinded| blinded.element())
        .map_err(|e| Failure::of("blinding", e))
}

/// Bits of a bucket's prefix, as the service allows for this many clients.
fn bits(clients: &Clients) -> u8 {
    let least = clients.desk.session().bundle().envelope_min_bucket.max(1) as usize;
    let buckets = (clients.people.len() / least).max(1);
    u8::try_from(buckets.ilog2()).unwrap_or(0)
}

fn event(clients: &Clients) -> Result<Event, Failure> {
    Ok(Event {
        site: clients.site.clone(),
        service: service()?,
        kind: Kind::Contact,
        day: clients.today,
        covered_until: None,
        group: None,
        consent: true,
    })
}
