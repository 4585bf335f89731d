//! Requests that no client of this house makes just so.

use crypto::b64::Fixed;
use crypto::id::TerminalId;
use crypto::opaque::{self, ClientLogin, ClientRegistration, Purpose, ServerSetup};
use crypto::rng::Random;
use desk::Session;
use serde_json::{Value, json};
use wire::Method;

/// A proved request that no client makes.
pub(super) async fn proved(base: &str, session: &Session, method: Method, path: &str, body: &[u8]) {
    let proof = session.prover().prove(method, path, body).to_string();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let method: reqwest::Method = method.as_str().parse().unwrap();
    let asked = client.request(method, format!("{base}{path}"));
    let asked = asked
        .header(wire::REQUEST_HEADER, proof)
        .body(body.to_vec());
    asked.send().await.unwrap();
}

/// A PIN is chosen, dropped, and tried from elsewhere.
pub(super) async fn pins(base: &str, session: &Session) {
    let rng = &mut Random::os();
    let (client, request) = ClientRegistration::start(b"271828", rng).unwrap();
    let response = opaque::register(&ServerSetup::generate(rng), &request, b"pin").unwrap();
    let record = client.finish(&response, rng).unwrap().record;
    for (path, body) in [
        ("/v1/pin/choose/start", json!({ "request": Fixed(request) })),
        ("/v1/pin/choose/finish", json!({ "record": Fixed(record) })),
        ("/v1/pin/drop", json!({})),
    ] {
        let body = serde_json::to_vec(&body).unwrap();
        proved(base, session, Method::Post, path, &body).await;
    }
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let post = |path: &str, body: Value| client.post(format!("{base}{path}")).json(&body).send();
    let (_, ke1) = ClientLogin::start_for(Purpose::Pin, b"271828", rng).unwrap();
    let (terminal, knock) = (TerminalId::from_bytes([7; 16]), Fixed([7; 32]));
    let start = json!({ "terminal": terminal, "ke1": Fixed(ke1), "knock": knock });
    let begun = post("/v1/pin/login/start", start).await.unwrap();
    let attempt = begun.json::<Value>().await.unwrap()["attempt"].clone();
    let finish = json!({ "attempt": attempt, "ke3": Fixed([7; 64]), "signature": Fixed([7; 64]) });
    post("/v1/pin/login/finish", finish).await.unwrap();
}
