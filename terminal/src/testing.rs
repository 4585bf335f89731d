//! A server of one provider, in memory: the protocol's server side and a few
//! faults to switch on. It checks proofs and gives them as the real one does, and answers
//! in the caller's own call: no socket, no thread.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::missing_panics_doc
)]

mod access;
mod keys;
mod pins;

use crate::answer::Answer;
use crate::error::Error;
use crate::transport::{Request, Transport};
use crypto::b64::Fixed;
use crypto::card::{Commitment, IssuerKey, Revocation, RevokeToken, SignedBlank, WrapKey};
use crypto::day::Day;
use crypto::domain::{Domain, DomainKey, Factor, Identification, MasterScalar};
use crypto::envelope::delete_token_hash;
use crypto::hpke::HpkeSecret;
use crypto::id::{AttemptId, EnvelopeId, ProgrammeId, ProviderId, SessionId, StaffId, TerminalId};
use crypto::invitation::Terms;
use crypto::json::{Hidden, Wiped};
use crypto::login::Transcript;
use crypto::opaque::{LoginState, ServerSetup};
use crypto::request::{self, LOGIN, Mac, RequestKeys, Window};
use crypto::rng::Random;
use crypto::sign::{ListKey, RootKey, StatusKey};
use crypto::statistics::StatisticsSecret;
use crypto::trust::LogEntry;
use crypto::voprf;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};
use wire::{Method, RequestProof};
use zeroize::Zeroizing;

/// What the server does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Evaluates under a key of its own.
    WrongKey,
    /// Swaps two evaluated elements.
    Swapped,
    /// Says that nothing was there to be deleted, and deletes nothing; of a
    /// replacement it does the other half.
    KeepsDeleted,
    /// Answers a replacement without keeping the new envelope, once.
    KeepsNothing,
    /// Answers revocations with an error.
    RefusesRevocation,
    /// Answers a replacement with an error after having done it.
    LosesReplaceAnswer,
    /// Answers a PUT with an error after having done it.
    LosesPutAnswer,
    /// Answers roster posts with an error after having done them.
    LosesRosterAnswer,
    /// Takes what withdraws a card and does nothing, as one does that reached a limit.
    WithdrawsNothing,
    /// Answers invitations with an error after having entered them, once.
    LosesInviteAnswer,
    /// Names a roster cursor beyond what it hands out.
    SkipsAhead,
    /// The balance of reports covers one.
    TakesOneReport,
}

/// Another answer to a request for buckets: bits, and the bucket of each prefix.
pub type Forge = Box<dyn FnMut(&[wire::Prefix]) -> (u8, Vec<wire::Bucket>) + Send>;

/// What the server does to its log, and what it then acknowledges.
pub type Append = Box<dyn FnMut(&mut Vec<wire::LoggedEntry>, &mut Vec<wire::RosterAck>) + Send>;

/// Something that happens in between.
pub type Meanwhile = Box<dyn FnOnce(&mut Inner) + Send>;

/// What the server holds, open to be read and bent.
#[derive(Default)]
pub struct Inner {
    /// The fault that is switched on.
    pub fault: Fault,
    /// Makes the answers to requests for buckets instead of the server.
    pub forge: Option<Forge>,
    /// Happens just before the next replacement.
    pub before_replace: Option<Meanwhile>,
    /// Smallest bucket that its bundle names instead of 256.
    pub smallest: Option<u32>,
    /// The digests that it claims instead of the right ones.
    pub digests: Option<Vec<u8>>,
    /// The log of keys it hands out.
    pub log: Vec<LogEntry>,
    /// Wrap keys that it tells instead of its own.
    pub wraps: Option<Vec<Hidden<32>>>,
    /// How long ago it signed the head of that log, in days.
    pub head_age: i32,
    /// The one registration.
    pub registered: Option<wire::RegisterFinish>,
    /// What it says of the invitation that is used, instead of what the last one drawn says.
    pub said: Option<wire::RegisterStarted>,
    /// What the last invitation that was drawn here says.
    terms: Option<Terms>,
    /// The list of staff that it hands out.
    pub staff: Vec<wire::Colleague>,
    /// Data keys that were given, in order.
    pub given: Vec<(StaffId, Vec<u8>)>,
    /// The record of the one terminal's PIN.
    pub pin: Option<[u8; 192]>,
    attempt: Option<(AttemptId, LoginState, Transcript)>,
    session: Option<Live>,
    /// Envelopes as they were put.
    pub envelopes: BTreeMap<EnvelopeId, wire::PutEnvelope>,
    /// Ids of envelopes in the order in which they were first put.
    pub put: Vec<EnvelopeId>,
    /// Buckets that were asked for, request by request.
    pub fetched: Vec<Vec<wire::Prefix>>,
    /// Ids of envelopes that were deleted.
    pub killed: BTreeSet<EnvelopeId>,
    /// Indices on the status list.
    pub revoked: Vec<u32>,
    /// A status list to hand out in place of the true one.
    pub offered: Option<Vec<u8>>,
    next_index: u32,
    /// The provider's log.
    pub roster: Vec<wire::LoggedEntry>,
    /// Bends what comes of a post to the roster.
    pub append: Option<Append>,
    /// Reports in the order of their coming.
    pub reports: Vec<wire::Submission>,
    /// Invitations in the order of their coming.
    pub invited: Vec<wire::Invite>,
    /// Every body that came, one after the other.
    pub heard: Wiped,
    /// Methods and targets seen, in order.
    pub seen: Vec<String>,
}

impl Inner {
    /// A bucket as it is.
    pub fn bucket(&self, prefix: wire::Prefix) -> wire::Bucket {
        let mut bucket = wire::Bucket::default();
        let (first, last) = prefix.range();
        for (id, put) in self.envelopes.range(first..=last) {
            bucket.insert(id, put.sealed[..].try_into().unwrap());
        }
        bucket
    }

    fn kill(&mut self, id: &EnvelopeId, token: &[u8; 32]) -> Result<(), u16> {
        let hash = delete_token_hash(token);
        let right = |put: &wire::PutEnvelope| put.delete_hash.0 == hash;
        if !self.envelopes.get(id).is_some_and(right) {
            return Err(404);
        }
        if self.fault != Fault::KeepsDeleted {
            self.envelopes.remove(id);
            self.killed.insert(*id);
        }
        Ok(())
    }

    /// Loses one answer, if this fault is switched on.
    fn lost(&mut self, fault: Fault) -> Result<(), u16> {
        if self.fault != fault {
            return Ok(());
        }
        self.fault = Fault::None;
        Err(503)
    }
}

/// The server.
pub struct Fake {
    master: MasterScalar<Identification>,
    factors: BTreeMap<Domain, Factor<Identification>>,
    opaque: ServerSetup,
    /// The programme's root key.
    pub root: RootKey,
    /// The root key that may replace it.
    pub next_root: RootKey,
    /// Signs providers' keys and the log's head.
    pub list: ListKey,
    issuer: IssuerKey,
    wrap: WrapKey,
    status: StatusKey,
    /// Key that opens who a report is about.
    pub statistics: StatisticsSecret,
    /// Key that opens a report's body.
    pub bodies: HpkeSecret,
    programme: ProgrammeId,
    /// The one provider.
    pub provider: ProviderId,
    terminal: TerminalId,
    rng: Random,
    inner: Mutex<Inner>,
}

/// The one session at a time.
#[derive(Clone)]
struct Live {
    id: SessionId,
    keys: RequestKeys,
    window: Window,
}

impl Live {
    fn answer(&self, number: u64, status: u16, body: &[u8]) -> Mac {
        self.keys.answer(&request::Answer {
            session: &self.id,
            number,
            status,
            body,
        })
    }
}

/// A body, or the status of a refusal.
type Reply = Result<Zeroizing<Vec<u8>>, u16>;

/// What the server has been sent, as it came.
pub struct Sent<'a> {
    /// Upper case.
    pub method: &'a str,
    /// Path and query.
    pub target: &'a str,
    /// The header [`wire::REQUEST_HEADER`].
    pub proof: Option<RequestProof>,
    /// The body, empty for none.
    pub body: &'a [u8],
}

impl Sent<'_> {
    fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    fn query(&self) -> &str {
        self.target.split_once('?').unwrap_or_default().1
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, u16> {
    crypto::json::read(body).map_err(|_| 400)
}

fn json(value: &impl Serialize) -> Reply {
    Ok(crypto::json::write(value).unwrap())
}

/// The day on which this server lives.
#[must_use]
pub fn today() -> Day {
    "2026-11-22".parse().unwrap()
}

impl Fake {
    /// A server with fresh keys, without a registration.
    pub fn new(rng: &mut Random) -> Arc<Self> {
        let provider = ProviderId::random(rng);
        let domains = [Domain::Card, Domain::Mail, Domain::Provider(provider)];
        let fake = Self {
            master: MasterScalar::random(rng),
            factors: domains.map(|domain| (domain, Factor::random(rng))).into(),
            opaque: ServerSetup::generate(rng),
            root: RootKey::generate(rng).unwrap(),
            next_root: RootKey::generate(rng).unwrap(),
            list: ListKey::generate(rng).unwrap(),
            issuer: IssuerKey::generate(rng).unwrap(),
            wrap: WrapKey::random(rng),
            status: StatusKey::generate(rng).unwrap(),
            statistics: StatisticsSecret::random(rng),
            bodies: HpkeSecret::generate(rng),
            programme: ProgrammeId::random(rng),
            provider,
            terminal: TerminalId::random(rng),
            rng: rng.clone(),
            inner: Mutex::default(),
        };
        let core = LogEntry::Core(fake.core(1).sign(&fake.root, None).unwrap());
        let listed = fake.listed(fake.provider, &Domain::Provider(fake.provider));
        fake.inner().log = vec![core, listed];
        Arc::new(fake)
    }

    /// What it holds; keep the guard for no longer than a statement.
    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    fn key(&self, domain: &Domain) -> DomainKey<Identification> {
        DomainKey::compose(&self.master, &self.factors[domain]).unwrap()
    }

    /// The session that a request proves, and its number, taken once.
    fn admit(&self, sent: &Sent<'_>) -> Result<(Live, u64), u16> {
        let refused = 401_u16;
        let proof = sent.proof.ok_or(refused)?;
        let mut inner = self.inner();
        let live = inner.session.as_mut().filter(|it| it.id == proof.session);
        let live = live.ok_or(refused)?;
        let asked = request::Request {
            session: &live.id,
            number: proof.number,
            method: sent.method,
            target: sent.target,
            body: sent.body,
        };
        live.keys
            .check_request(&asked, &proof.mac)
            .map_err(|_| refused)?;
        let fresh = live.window.take(proof.number);
        fresh.then_some((live.clone(), proof.number)).ok_or(409)
    }

    fn evaluate(&self, body: &[u8]) -> Reply {
        let asked: wire::Evaluate = read(body)?;
        let fault = self.inner().fault;
        let answer = |item: wire::EvaluateItem| {
            let own = MasterScalar::random(&mut self.rng.clone());
            let key = match fault {
                Fault::WrongKey => DomainKey::compose(&own, &self.factors[&item.domain]).unwrap(),
                _ => self.key(&item.domain),
            };
            let elements: Vec<[u8; 32]> = item.elements.iter().map(|e| e.0).collect();
            let mut done = voprf::evaluate(&key, &mut self.rng.clone(), &elements).unwrap();
            if fault == Fault::Swapped && done.elements.len() > 1 {
                done.elements.swap(0, 1);
            }
            wire::EvaluatedItem {
                elements: done.elements.into_iter().map(Fixed).collect(),
                proof: Fixed(done.proof),
            }
        };
        json(&wire::Evaluated {
            items: asked.items.into_iter().map(answer).collect(),
        })
    }

    fn digests(&self) -> Reply {
        let inner = self.inner();
        let right = (0..=u8::MAX).flat_map(|n| inner.bucket(wire::Prefix::sync(n)).digest(n));
        let digests = inner.digests.clone().unwrap_or_else(|| right.collect());
        json(&wire::EnvelopeDigests {
            digests: digests.into(),
        })
    }

    fn buckets(&self, body: &[u8]) -> Reply {
        let asked: wire::FetchBuckets = read(body)?;
        let mut inner = self.inner();
        inner.fetched.push(asked.prefixes.clone());
        if let Some(forge) = &mut inner.forge {
            let (bits, buckets) = forge(&asked.prefixes);
            return Ok(wire::Fetched::write(bits, &buckets).into());
        }
        let buckets: Vec<_> = asked.prefixes.iter().map(|it| inner.bucket(*it)).collect();
        Ok(wire::Fetched::write(wire::Prefix::SYNC_BITS, &buckets).into())
    }

    fn replace(&self, body: &[u8]) -> Reply {
        let asked: wire::ReplaceEnvelope = read(body)?;
        let mut inner = self.inner();
        if let Some(meanwhile) = inner.before_replace.take() {
            meanwhile(&mut inner);
        }
        let same = |there: &wire::PutEnvelope| there.sealed == asked.put.sealed;
        let there = inner.envelopes.get(&asked.new).map(same);
        if inner.killed.contains(&asked.old) {
            return there
                .filter(|same| *same)
                .map(|_| b"{}".to_vec().into())
                .ok_or(409);
        }
        if there.is_some() || inner.killed.contains(&asked.new) {
            return Err(409);
        }
        inner.kill(&asked.old, asked.delete_token.expose())?;
        if inner.fault == Fault::KeepsNothing {
            inner.fault = Fault::None;
        } else {
            inner.envelopes.insert(asked.new, asked.put);
        }
        inner.lost(Fault::LosesReplaceAnswer)?;
        json(&wire::Empty {})
    }

    fn envelope(&self, method: &str, id: &str, body: &[u8]) -> Reply {
        let id: EnvelopeId = id.parse().map_err(|_| 400_u16)?;
        let mut inner = self.inner();
        if method == Method::Delete.as_str() {
            let asked: wire::DeleteEnvelope = read(body)?;
            inner.kill(&id, asked.delete_token.expose())?;
            let kept = inner.fault == Fault::KeepsDeleted;
            return if kept {
                Err(404)
            } else {
                Ok(Zeroizing::default())
            };
        }
        let put: wire::PutEnvelope = read(body)?;
        if inner.killed.contains(&id) {
            return Err(409);
        }
        if !inner.envelopes.contains_key(&id) {
            inner.put.push(id);
        }
        let there = inner.envelopes.entry(id).or_insert_with(|| put.clone());
        if there.sealed != put.sealed {
            return Err(409);
        }
        inner.lost(Fault::LosesPutAnswer)?;
        json(&wire::Empty {})
    }

    fn blanks(&self, body: &[u8]) -> Reply {
        let asked: wire::SignBlanks = read(body)?;
        let mut inner = self.inner();
        let sign = |commitment: &Fixed<16>| {
            inner.next_index += 1;
            let commitment = Commitment::from_bytes(commitment.0);
            let blank = self
                .issuer
                .sign_blank(1, inner.next_index, asked.expiry, &commitment);
            wire::Blank {
                signed: Fixed(*blank.unwrap().as_bytes()),
            }
        };
        let blanks = asked.commitments.iter().map(sign).collect();
        json(&wire::BlanksSigned { blanks })
    }

    fn status_list(&self) -> Reply {
        if let Some(token) = self.inner().offered.clone() {
            return Ok(token.into());
        }
        let set = self.inner().revoked.clone();
        Ok(self.sign_list(1024, &set, today(), None).into())
    }

    /// The index of a card that is proved. A terminal sends nothing else, so this server refuses where the real one says
    /// nothing.
    fn proven(&self, asked: &wire::RevokeCard) -> Option<u32> {
        let proof = Revocation {
            blank: SignedBlank::parse(&asked.blank)?,
            token: RevokeToken::from_bytes(asked.token.0.expose().try_into().ok()?),
        };
        proof.check(&[(1, self.issuer.public())]).ok()
    }

    fn append(&self, body: &[u8]) -> Reply {
        let asked: wire::AppendRoster = read(body)?;
        let mut inner = self.inner();
        let mut acks = Vec::new();
        for entry in asked.entries {
            if !inner.roster.iter().any(|known| known.id == entry.id) {
                let seq = inner.roster.len() as u64 + 1;
                let (id, sealed) = (entry.id, entry.sealed);
                inner.roster.push(wire::LoggedEntry { seq, id, sealed });
            }
            let seq = inner
                .roster
                .iter()
                .find(|known| known.id == entry.id)
                .unwrap()
                .seq;
            acks.push(wire::RosterAck { id: entry.id, seq });
        }
        if let Some(mut bend) = inner.append.take() {
            bend(&mut inner.roster, &mut acks);
            inner.append = Some(bend);
        }
        if inner.fault == Fault::LosesRosterAnswer {
            inner.fault = Fault::None;
            return Err(503);
        }
        json(&wire::RosterAppended { acks })
    }

    fn page(&self, query: &str) -> Reply {
        let after = query
            .split('&')
            .find_map(|part| part.strip_prefix("after="));
        let after: u64 = after.and_then(|n| n.parse().ok()).unwrap_or(0);
        let inner = self.inner();
        let entries: Vec<_> = inner
            .roster
            .iter()
            .filter(|e| e.seq > after)
            .cloned()
            .collect();
        let skipped = u64::from(inner.fault == Fault::SkipsAhead) << 40;
        let next = entries.last().map_or(after, |e| e.seq) + skipped;
        json(&wire::RosterPage { entries, next })
    }

    fn invite(&self, body: &[u8]) -> Reply {
        let asked: wire::Invite = read(body)?;
        let mut inner = self.inner();
        inner.invited.push(asked);
        if inner.fault == Fault::LosesInviteAnswer {
            inner.fault = Fault::None;
            return Err(503);
        }
        json(&wire::Empty {})
    }

    fn reports(&self, body: &[u8]) -> Reply {
        let mut asked: wire::SubmitReports = read(body)?;
        let mut inner = self.inner();
        if inner.fault == Fault::TakesOneReport {
            asked
                .submissions
                .truncate(usize::from(inner.reports.is_empty()));
            if asked.submissions.is_empty() {
                return Err(429);
            }
        }
        let acks = asked
            .submissions
            .iter()
            .map(|s| wire::SubmissionAck { id: s.id })
            .collect();
        inner.reports.extend(asked.submissions);
        json(&wire::ReportsTaken { acks })
    }

    fn route(&self, sent: &Sent<'_>) -> Reply {
        let (path, body) = (sent.path(), sent.body);
        match (sent.method, path) {
            ("POST", "/v1/evaluate") => self.evaluate(body),
            ("POST", "/v1/invitations") => self.invite(body),
            ("POST", "/v1/blanks") => self.blanks(body),
            ("POST", "/v1/status/revoke") => {
                let asked: wire::RevokeCard = read(body)?;
                if self.inner().fault == Fault::RefusesRevocation {
                    return Err(503);
                }
                let index = self.proven(&asked).ok_or(400_u16)?;
                let mut inner = self.inner();
                if inner.fault != Fault::WithdrawsNothing {
                    inner.revoked.push(index);
                }
                json(&wire::Empty {})
            }
            ("GET", "/v1/status-list") => self.status_list(),
            ("POST", "/v1/roster") => self.append(body),
            ("GET", "/v1/roster") => self.page(sent.query()),
            ("POST", "/v1/reports") => self.reports(body),
            ("GET", "/v1/staff") => json(&self.inner().staff),
            ("PUT", path) if path.ends_with("/data-key") => self.give(path, body),
            ("POST", path) if path.starts_with("/v1/pin/") => self.keep_pin(path, body),
            ("POST", "/v1/logout") => {
                self.inner().session = None;
                json(&wire::Empty {})
            }
            (method, other) => match (method, other.strip_prefix("/v1/envelopes/")) {
                ("GET", Some("digests")) => self.digests(),
                ("POST", Some("buckets")) => self.buckets(body),
                ("POST", Some("replace")) => self.replace(body),
                (_, Some(id)) => self.envelope(method, id, body),
                _ => Err(404),
            },
        }
    }

    /// Answers one request, which may have come any way.
    pub fn handle(&self, sent: &Sent<'_>) -> Answer {
        self.inner().heard.push(sent.body);
        self.inner()
            .seen
            .push(format!("{} {}", sent.method, sent.target));
        let path = sent.path();
        let open = ["/v1/register/", "/v1/login/", "/v1/pin/login/"];
        let open = open.iter().any(|it| path.starts_with(it));
        let (reply, by) = if path == "/v1/trust/log" {
            (self.trust_log(sent.query()), None)
        } else if open {
            let reply = self.access(path, sent.body);
            let begun = path.ends_with("/login/finish") && reply.is_ok();
            let live = self.inner().session.clone().filter(|_| begun);
            (reply, live.map(|live| (live, LOGIN)))
        } else {
            match self.admit(sent) {
                Ok(by) => (self.route(sent), Some(by)),
                Err(status) => (Err(status), None),
            }
        };
        let status = reply.as_ref().err().copied().unwrap_or(200);
        let body = reply.or_else(refusal).unwrap_or_default();
        Answer {
            status,
            retry_after: None,
            proof: by.map(|(live, number)| live.answer(number, status, &body)),
            body,
        }
    }
}

/// What stands in a refusal: of a PIN that is not there its own word, of everything else nothing.
fn refusal(status: u16) -> Reply {
    if status != 410 {
        return Err(status);
    }
    json(&wire::Problem {
        kind: format!("urn:payung:problem:{}", wire::problem::NO_PIN),
        title: String::new(),
        status,
        detail: None,
    })
}

impl Fake {
    /// Answers one request as it left the terminal.
    pub fn pass(&self, request: &Request) -> Answer {
        self.handle(&Sent {
            method: request.method.as_str(),
            target: &request.path,
            proof: request.proof,
            body: request.body.as_ref().map_or(&[][..], |body| body),
        })
    }
}

impl Transport for Arc<Fake> {
    async fn exchange(&self, request: Request) -> Result<Answer, Error> {
        Ok(self.pass(&request))
    }

    fn parallel(&self) -> usize {
        8
    }
}
