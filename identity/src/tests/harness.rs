//! A role on a fresh database, with a clock in the hand of the test and people already seated at terminals.
//!
//! Registration and log-in cost a password hash each, so only their own tests go through them; elsewhere `House::seat`
//! enters staff, terminal and session directly.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use crypto::b64;
use crypto::bundle::{StatisticsKeys, TrustBundle};
use crypto::hpke::HpkeSecret;
use crypto::id::{ProviderId, StaffId, TerminalId};
use crypto::rng::Random;
use crypto::sign::TerminalKey;
use crypto::statistics::StatisticsSecret;
use crypto::token::{Token, TokenHash, TokenKind};
use serde::Serialize;
use serde::de::DeserializeOwned;
use store::clock::FixedClock;
use store::fixture::{TestDatabase, databases};
use store::{Room, Store, execute};
use tower::ServiceExt as _;
use wire::{Role, SIGNATURE_HEADER, request_message};

use crate::access::session::{LIFETIME, Session};
use crate::keys::Founding;
use crate::{Actor, App, IdentityKeys, Limits, registry};

pub(super) struct House {
    pub(super) app: Arc<App>,
    pub(super) clock: Arc<FixedClock>,
    pub(super) router: Router,
    pub(super) database: TestDatabase,
    pub(super) person_secret: StatisticsSecret,
    pub(super) report_secret: HpkeSecret,
    pub(super) rng: Random,
}

/// One house a dialect.
pub(super) async fn houses() -> Vec<House> {
    houses_with(Limits::default()).await
}

pub(super) async fn houses_with(limits: Limits) -> Vec<House> {
    let mut all = Vec::new();
    for database in databases(Room::Identity).await {
        all.push(House::on(database, limits));
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
    fn on(database: TestDatabase, limits: Limits) -> Self {
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
        let app = Arc::new(App::new(
            database.store.clone(),
            clock.clone(),
            rng.clone(),
            keys,
            limits,
        ));
        let router = crate::router(Arc::clone(&app));
        Self {
            app,
            clock,
            router,
            database,
            person_secret,
            report_secret,
            rng,
        }
    }

    /// The same keys and database in a process of its own: everything in memory is gone.
    pub(super) fn restart(&mut self) {
        self.app = Arc::new(self.another_service());
        self.router = crate::router(Arc::clone(&self.app));
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

    pub(super) async fn provider(&self, name: &str) -> ProviderId {
        registry::add_provider(&self.app, Actor::CommandLine, name)
            .await
            .unwrap()
    }

    pub(super) async fn bundle(&self) -> TrustBundle {
        crate::bundle::current(&self.app)
            .await
            .unwrap()
            .check(&self.app.keys.root.public())
            .unwrap()
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
        let (token, hash) = Token::make(TokenKind::Session, rng);
        const STAFF: &str = "INSERT INTO staff (staff, handle_tag, handle_sealed, role, provider, credential, record, public, private_sealed)
            VALUES ($1, $2, $2, $3, $4, $2, $2, $5, $2)";
        const TERMINAL: &str =
            "INSERT INTO terminal (terminal, provider, public) VALUES ($1, $2, $3)";
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
            owner,
            &key.public()[..]
        )
        .unwrap();
        tx.commit().await.unwrap();
        let now = store::clock::Clock::unix_seconds(&*self.clock);
        let session = Session {
            staff,
            terminal,
            terminal_public: key.public(),
            role,
            provider,
            ends: now + LIFETIME,
        };
        self.app.sessions.begin(&hash, session, now);
        Seat {
            staff,
            terminal,
            key,
            token: token.text().to_owned(),
            hash,
        }
    }
}

/// A member of staff with a session.
pub(super) struct Seat {
    pub(super) staff: StaffId,
    pub(super) terminal: TerminalId,
    pub(super) key: TerminalKey,
    pub(super) token: String,
    pub(super) hash: TokenHash,
}

impl Seat {
    pub(super) fn sign(&self, method: &Method, target: &str, body: Vec<u8>) -> Request<Body> {
        let message = request_message(method.as_str(), target, &body, self.hash.as_bytes());
        Request::builder()
            .method(method.clone())
            .uri(target)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.token))
            .header(
                SIGNATURE_HEADER,
                b64::encode(&self.key.sign_request(&message)),
            )
            .body(Body::from(body))
            .unwrap()
    }

    async fn call(
        &self,
        house: &House,
        method: Method,
        target: &str,
        body: &impl Serialize,
    ) -> Reply {
        house
            .send(self.sign(&method, target, serde_json::to_vec(body).unwrap()))
            .await
    }

    pub(super) async fn get(&self, house: &House, target: &str) -> Reply {
        house
            .send(self.sign(&Method::GET, target, Vec::new()))
            .await
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
