//! Somebody with a real session who sends what no terminal would.

use std::sync::atomic::{AtomicU64, Ordering};

use crypto::b64::{B64, Fixed};
use crypto::hpke::HpkeSecret;
use crypto::id::TerminalId;
use crypto::invitation::Invitation;
use crypto::json::Hidden;
use crypto::login::{DoorKey, Transcript};
use crypto::opaque::{ClientLogin, ClientRegistration};
use crypto::request::{self, RequestKeys};
use crypto::rng::Random;
use crypto::sign::TerminalKey;
use reqwest::{Client, Method, RequestBuilder, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wire::proof::read_mac;
use wire::{
    ANSWER_HEADER, LoggedIn, LoginFinish, LoginStart, LoginStarted, REQUEST_HEADER, RegisterFinish,
    RegisterStart, RegisterStarted, Registered, RequestProof,
};

pub(crate) const PASSWORD: &[u8] = b"a password of an attacker";

/// See the file.
pub(crate) struct Rogue {
    base: String,
    client: Client,
    handle: String,
    key: TerminalKey,
    terminal: TerminalId,
    door: DoorKey,
    keys: RequestKeys,
    /// The number of the last request.
    last: AtomicU64,
    pub(crate) logged_in: LoggedIn,
    pub(crate) private: HpkeSecret,
}

/// A request as somebody in between may have kept it.
#[derive(Clone)]
pub(crate) struct Caught {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) body: Vec<u8>,
    /// The text of the one header.
    pub(crate) proof: String,
}

/// An answer, read to its end.
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The text of the header, if there is one.
    pub(crate) proof: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// Status, the problem's name, and whether somebody proved it.
    pub(crate) fn refused(&self) -> (u16, String, bool) {
        let problem: wire::Problem = serde_json::from_slice(&self.body).unwrap();
        (self.status, problem.slug().to_owned(), self.proof.is_some())
    }
}

fn client() -> Client {
    let builder = Client::builder().no_proxy().pool_max_idle_per_host(0);
    builder.build().unwrap()
}

async fn post<T: DeserializeOwned>(base: &str, path: &str, body: &impl Serialize) -> T {
    let answer = client().post(format!("{base}{path}")).json(body).send();
    answer.await.unwrap().json().await.unwrap()
}

/// Logs in; the session's keys, and what was answered.
async fn log_in(
    base: &str,
    handle: &str,
    terminal: TerminalId,
    (key, door): (&TerminalKey, &DoorKey),
) -> (RequestKeys, LoggedIn) {
    let mut rng = Random::os();
    let (client, ke1) = ClientLogin::start(PASSWORD, &mut rng).unwrap();
    let start = LoginStart {
        handle: handle.to_owned(),
        terminal,
        ke1: Fixed(ke1),
        knock: Fixed(door.knock(handle, &terminal, &ke1)),
    };
    let started: LoginStarted = post(base, "/v1/login/start", &start).await;
    let done = client.finish(&started.ke2.0, &mut rng).unwrap();
    let said = Transcript::new(handle, &terminal, &ke1, &started.ke2.0);
    let finish = LoginFinish {
        attempt: started.attempt,
        ke3: Fixed(done.ke3),
        signature: Fixed(key.sign_login(&said.with(&done.ke3))),
    };
    let logged_in: LoggedIn = post(base, "/v1/login/finish", &finish).await;
    let keys = RequestKeys::derive(&done.session_key, &terminal, &logged_in.staff);
    (keys, logged_in)
}

impl Rogue {
    /// Registers with an invitation and logs in.
    pub(crate) async fn enter(base: &str, invitation: &str, handle: &str) -> Self {
        let mut rng = Random::os();
        let opener = Invitation::read(invitation).unwrap().opener();
        let (client, request) = ClientRegistration::start(PASSWORD, &mut rng).unwrap();
        let start = RegisterStart {
            opener: Hidden::of(opener.expose()),
            request: Fixed(request),
        };
        let started: RegisterStarted = post(base, "/v1/register/start", &start).await;
        let made = client.finish(&started.response.0, &mut rng).unwrap();
        let key = TerminalKey::generate(&mut rng).unwrap();
        let private = HpkeSecret::generate(&mut rng);
        let door = DoorKey::random(&mut rng);
        let finish = RegisterFinish {
            opener: Hidden::of(opener.expose()),
            handle: handle.to_owned(),
            record: Fixed(made.record),
            staff_public: Fixed(*private.public().as_bytes()),
            proof: Fixed([0; 32]),
            staff_private_sealed: B64(vec![1; 72]),
            terminal_public: Fixed(key.public()),
            door: Hidden(door.secret().clone()),
            label: "a rogue's".to_owned(),
            provider_public: None,
            provider_report: None,
            data_key_sealed: None,
        };
        let registered: Registered = post(base, "/v1/register/finish", &finish).await;
        let terminal = registered.terminal;
        Self::at(base, handle, terminal, (key, door), private).await
    }

    /// The same person at the same terminal, in a session more.
    pub(crate) async fn again(&self) -> Self {
        let key = TerminalKey::from_seed(self.key.seed()).unwrap();
        let private = HpkeSecret::generate(&mut Random::os());
        let keys = (key, self.door.clone());
        Self::at(&self.base, &self.handle, self.terminal, keys, private).await
    }

    async fn at(
        base: &str,
        handle: &str,
        terminal: TerminalId,
        (key, door): (TerminalKey, DoorKey),
        private: HpkeSecret,
    ) -> Self {
        let (keys, logged_in) = log_in(base, handle, terminal, (&key, &door)).await;
        Self {
            base: base.to_owned(),
            client: client(),
            handle: handle.to_owned(),
            key,
            door,
            terminal,
            keys,
            last: AtomicU64::new(0),
            logged_in,
            private,
        }
    }

    /// A request under any number, not sent.
    pub(crate) fn makes(
        &self,
        number: u64,
        method: &'static str,
        target: &str,
        body: &[u8],
    ) -> Caught {
        Caught {
            method,
            target: target.to_owned(),
            body: body.to_vec(),
            proof: self.proof(number, method, target, body).to_string(),
        }
    }

    fn proof(&self, number: u64, method: &str, target: &str, body: &[u8]) -> RequestProof {
        let session = self.logged_in.session;
        let mac = self.keys.request(&request::Request {
            session: &session,
            number,
            method,
            target,
            body,
        });
        RequestProof {
            session,
            number,
            mac,
        }
    }

    fn request(&self, method: &str, target: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        let url = format!("{}{target}", self.base);
        self.client.request(method, url)
    }

    /// Sends what somebody caught, as it is.
    pub(crate) async fn throws(&self, caught: &Caught) -> Reply {
        let request = self
            .request(caught.method, &caught.target)
            .header(REQUEST_HEADER, &caught.proof)
            .body(caught.body.clone());
        let answer = request.send().await.unwrap();
        let proof = answer.headers().get(ANSWER_HEADER);
        Reply {
            status: answer.status().as_u16(),
            proof: proof.map(|value| value.to_str().unwrap().to_owned()),
            body: answer.bytes().await.unwrap().to_vec(),
        }
    }

    /// Whether an answer is that to the request of this number.
    pub(crate) fn believes(&self, number: u64, reply: &Reply) -> bool {
        let Some(text) = &reply.proof else {
            return false;
        };
        let said = request::Answer {
            session: &self.logged_in.session,
            number,
            status: reply.status,
            body: &reply.body,
        };
        let mac = read_mac(text).unwrap();
        self.keys.check_answer(&said, &mac).is_ok()
    }

    /// Sends under the next number, or as somebody without a session.
    pub(crate) async fn try_to_send(
        &self,
        method: &str,
        target: &str,
        body: Vec<u8>,
        proved: bool,
    ) -> reqwest::Result<Response> {
        let mut request = self.request(method, target);
        if proved {
            let number = self.last.fetch_add(1, Ordering::Relaxed) + 1;
            let proof = self.proof(number, method, target, &body);
            request = request.header(REQUEST_HEADER, proof.to_string());
        }
        request.body(body).send().await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        target: &str,
        body: Vec<u8>,
        proved: bool,
    ) -> Response {
        let sent = self.try_to_send(method, target, body, proved);
        sent.await.unwrap()
    }
}
