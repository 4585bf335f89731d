//! A role on a fresh database, with a clock in the hand of the test and people already seated at terminals.
//!
//! Registration and log-in cost a password hash each, so only their own tests go through them; elsewhere `House::seat`
//! enters staff, terminal and session directly.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use crypto::bundle::StatisticsKeys;
use crypto::digest;
use crypto::hpke::HpkeSecret;
use crypto::id::{ProviderId, SessionId, StaffId, TerminalId};
use crypto::label::Label;
use crypto::opaque::SessionKey;
use crypto::request::{self, RequestKeys};
use crypto::rng::Random;
use crypto::secret::Secret;
use crypto::sign::{RootKey, TerminalKey};
use crypto::statistics::StatisticsSecret;
use crypto::trust::TrustBundle;
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::clock::FixedClock;
use store::fixture::{TestDatabase, databases};
use store::{DbError, Room, Store, execute, retrying};
use tower::ServiceExt as _;
use wire::proof::read_mac;
use wire::{ANSWER_HEADER, REQUEST_HEADER, RequestProof, Role};

use crate::access::session::{Kind, LIFETIME, Live, Prover, Session};
use crate::keys::Founding;
use crate::{Actor, App, IdentityKeys, Limits, registry, trust};

pub(super) struct House {
    pub(super) app: Arc<App>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) router: Router,
    pub(super) database: TestDatabase,
    pub(super) person_secret: StatisticsSecret,
    pub(super) report_secret: HpkeSecret,
    pub(super) root: RootKey,
    pub(super) next: RootKey,
    pub(super) rng: Random,
}

/// One house a dialect.
pub(super) async fn houses() -> Vec<House> {
    houses_with(Limits::default()).await
}

pub(super) async fn houses_with(limits: Limits) -> Vec<House> {
    let mut all = Vec::new();
    for database in databases(Room::Identity).await {
        all.push(House::on(database, limits).await);
    }
    all
}

pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: axum::http::HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Reply {
    /// The body, after checking that the call went well.
    pub(super) fn good<T: DeserializeOwned>(&self) -> T {
        assert!(
            self.status.is_success(),
            "{} {}",
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Status and slug of a refusal.
    pub(super) fn refused(&self) -> (u16, String) {
        assert!(!self.status.is_success(), "went well, but should not");
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
        let problem: wire::Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.status, self.status.as_u16());
        (problem.status, problem.slug().to_owned())
    }
}

impl House {
    async fn on(database: TestDatabase, limits: Limits) -> Self {
        let mut rng = Random::os();
        let (person_secret, report_secret) = (
            StatisticsSecret::random(&mut rng),
            HpkeSecret::generate(&mut rng),
        );
        let statistics = StatisticsKeys {
            elgamal: person_secret.public(),
            hpke: report_secret.public(),
        };
        let founding = Founding {
            statistics,
            release_key: [7; 32],
            role_token: None,
        };
        let keys = IdentityKeys::generate(founding, &mut rng).unwrap();
        let clock = Arc::new(FixedClock::at("2026-03-10".parse().unwrap()));
        let root = RootKey::generate(&mut rng).unwrap();
        let next = RootKey::generate(&mut rng).unwrap();
        let founding = trust::Founding {
            root: &root,
            next_root: next.public(),
            envelope_min_bucket: limits.envelope_min_bucket,
            today: store::clock::Clock::today(&*clock),
        };
        trust::found(&database.store, &keys, &founding, &mut rng)
            .await
            .unwrap();
        let app = Arc::new(App::new(
            database.store.clone(),
            clock.clone(),
            rng.clone(),
            keys,
            limits,
        ));
        let router = crate::router(Arc::clone(&app)).into();
        Self {
            app,
            clock,
            router,
            database,
            person_secret,
            report_secret,
            root,
            next,
            rng,
        }
    }

    /// The same keys and database in a process of its own: everything in memory is gone.
    pub(super) fn restart(&mut self) {
        self.app = Arc::new(self.another_service());
        self.router = crate::router(Arc::clone(&self.app)).into();
    }

    /// A second process beside this one, on the same keys and database.
    pub(super) fn another_service(&self) -> App {
        let keys = IdentityKeys::from_bytes(&self.app.keys.to_bytes().unwrap()).unwrap();
        let store: Store = self.database.store.clone();
        App::new(
            store,
            self.clock.clone(),
            self.rng.clone(),
            keys,
            self.app.limits,
        )
    }

    /// That day has come, and is sure.
    pub(super) async fn is_sure(&self, day: &str) {
        let day = day.parse().unwrap();
        self.clock.set(day);
        let done: Result<(), DbError> =
            retrying!(self.app.store, "confirm", &mut self.app.rng(), |tx| {
                store::days::confirm(tx, day).await
            });
        done.unwrap();
        self.app.look_at_the_day().await.unwrap();
    }

    pub(super) async fn provider(&self, name: &str) -> ProviderId {
        registry::add_provider(&self.app, Actor::CommandLine, name)
            .await
            .unwrap()
    }

    pub(super) async fn bundle(&self) -> TrustBundle {
        trust::current(&self.app).await.unwrap()
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX)
            .await
            .unwrap()
            .to_vec();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// A call without session.
    pub(super) async fn plain(&self, path: &str, body: &impl Serialize) -> Reply {
        let request = Request::builder().method(Method::POST).uri(path);
        self.send(
            request
                .body(Body::from(serde_json::to_vec(body).unwrap()))
                .unwrap(),
        )
        .await
    }

    /// Somebody in a role, logged in at a terminal.
    pub(super) async fn seat(&self, role: Role, provider: Option<ProviderId>) -> Seat {
        let rng = &mut self.app.rng();
        let (staff, terminal) = (StaffId::random(rng), TerminalId::random(rng));
        let key = TerminalKey::generate(rng).unwrap();
        let log_in = SessionKey(Secret::random(rng));
        let seat = Seat::new(SessionId::random(rng), &log_in, staff, terminal);
        const STAFF: &str = "INSERT INTO staff (staff, handle_tag, handle_sealed, role, provider, credential, record, public, private_sealed,
                proof, inviter, invited, registered)
            VALUES ($1, $2, $2, $3, $4, $2, $2, $5, $2, $5, 'operator', 20000, 20000)";
        const TERMINAL: &str =
            "INSERT INTO terminal (terminal, class, provider, public, door_sealed, label_sealed)
            VALUES ($1, $2, $3, $4, $4, $4)";
        let owner = provider.as_ref().map(|id| &id.as_bytes()[..]);
        let mut tx = self.app.store.write().await.unwrap();
        let id = &staff.as_bytes()[..];
        execute!(
            &mut tx,
            STAFF,
            id,
            id,
            role.as_str(),
            owner,
            &[1_u8; 32][..]
        )
        .unwrap();
        execute!(
            &mut tx,
            TERMINAL,
            &terminal.as_bytes()[..],
            role.class().as_str(),
            owner,
            &key.public()[..]
        )
        .unwrap();
        tx.commit().await.unwrap();
        let now = store::clock::Clock::unix_seconds(&*self.clock);
        let session = Session {
            staff,
            terminal,
            role,
            provider,
            kind: Kind::Password,
            ends: now + LIFETIME,
        };
        let live = Live {
            session,
            prover: Arc::new(Prover::new(seat.id, seat.keys.clone())),
        };
        self.app.sessions.begin(live, now);
        seat
    }
}

/// A member of staff with a session.
pub(super) struct Seat {
    pub(super) staff: StaffId,
    pub(super) terminal: TerminalId,
    pub(super) id: SessionId,
    pub(super) keys: RequestKeys,
    log_in: SessionKey,
    /// The number of the last request.
    last: AtomicU64,
}

impl Seat {
    pub(super) fn new(
        id: SessionId,
        log_in: &SessionKey,
        staff: StaffId,
        terminal: TerminalId,
    ) -> Self {
        Self {
            staff,
            terminal,
            id,
            keys: RequestKeys::derive(log_in, &terminal, &staff),
            log_in: log_in.clone(),
            last: AtomicU64::new(0),
        }
    }

    /// The bytes of one of the keys, to search for.
    pub(super) fn key(&self, label: Label) -> [u8; 32] {
        let parts = [
            &self.log_in.0.expose()[..],
            self.terminal.as_bytes(),
            self.staff.as_bytes(),
        ];
        digest::derive_parts(label, &parts)
    }

    pub(super) fn next(&self) -> u64 {
        self.last.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A request under the next number.
    pub(super) fn sign(&self, method: &Method, target: &str, body: Vec<u8>) -> Request<Body> {
        self.numbered(self.next(), method, target, body)
    }

    /// A request under any number.
    pub(super) fn numbered(
        &self,
        number: u64,
        method: &Method,
        target: &str,
        body: Vec<u8>,
    ) -> Request<Body> {
        let mac = self.keys.request(&request::Request {
            session: &self.id,
            number,
            method: method.as_str(),
            target,
            body: &body,
        });
        let proof = RequestProof {
            session: self.id,
            number,
            mac,
        };
        Request::builder()
            .method(method.clone())
            .uri(target)
            .header(REQUEST_HEADER, proof.to_string())
            .body(Body::from(body))
            .unwrap()
    }

    /// Whether an answer bears the MAC of the request of this number; false when it bears none.
    pub(super) fn proves(&self, number: u64, reply: &Reply) -> bool {
        let Some(text) = reply.headers.get(ANSWER_HEADER) else {
            return false;
        };
        let mac = read_mac(text.to_str().unwrap()).unwrap();
        let answer = request::Answer {
            session: &self.id,
            number,
            status: reply.status.as_u16(),
            body: &reply.body,
        };
        self.keys.check_answer(&answer, &mac).is_ok()
    }

    /// Every answer is proved, unless there is no session any more.
    async fn exchange(&self, house: &House, method: Method, target: &str, body: Vec<u8>) -> Reply {
        let number = self.next();
        let reply = house
            .send(self.numbered(number, &method, target, body))
            .await;
        assert_eq!(self.proves(number, &reply), reply.status != 401);
        reply
    }

    async fn call(
        &self,
        house: &House,
        method: Method,
        target: &str,
        body: &impl Serialize,
    ) -> Reply {
        let body = serde_json::to_vec(body).unwrap();
        self.exchange(house, method, target, body).await
    }

    pub(super) async fn get(&self, house: &House, target: &str) -> Reply {
        self.exchange(house, Method::GET, target, Vec::new()).await
    }

    pub(super) async fn post(&self, house: &House, target: &str, body: &impl Serialize) -> Reply {
        self.call(house, Method::POST, target, body).await
    }

    pub(super) async fn put(&self, house: &House, target: &str, body: &impl Serialize) -> Reply {
        self.call(house, Method::PUT, target, body).await
    }

    pub(super) async fn delete(&self, house: &House, target: &str, body: &impl Serialize) -> Reply {
        self.call(house, Method::DELETE, target, body).await
    }
}
