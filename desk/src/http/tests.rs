#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
//! The transport alone, against a small server in this process.

use super::*;
use axum::http::{StatusCode as Code, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};

async fn ask(connection: &Connection, path: &str) -> Error {
    let request = Request {
        method: Method::Post,
        path: path.to_owned(),
        body: Some(b"null".to_vec().into()),
        proof: None,
    };
    let answer = connection.exchange(request).await;
    answer.and_then(Answer::checked).unwrap_err()
}

async fn connect(router: Router, options: &Options) -> Connection {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Connection::open(&base, options).unwrap()
}

fn problem(code: Code, slug: &str) -> impl IntoResponse + use<> {
    let body = serde_json::json!({
        "type": format!("urn:payung:problem:{slug}"), "title": "x", "status": code.as_u16(),
        "detail": "Siti Rahma, Medan",
    });
    (
        code,
        [(header::CONTENT_TYPE, "application/problem+json")],
        Json(body),
    )
}

#[tokio::test]
async fn problems_become_typed_errors_without_the_servers_words() {
    let router = Router::new()
        .route(
            "/v1/a",
            post(|| async { problem(Code::UNPROCESSABLE_ENTITY, "bad-card") }),
        )
        .route(
            "/v1/b",
            post(|| async { problem(Code::UNAUTHORIZED, "sign-in") }),
        )
        .route(
            "/v1/c",
            post(|| async { problem(Code::CONFLICT, "differs") }),
        );
    let connection = connect(router, &Options::default()).await;
    let error = ask(&connection, "/v1/a").await;
    assert!(
        matches!(&error, Error::Refused { status: 422, kind } if kind.slug() == Some("bad-card"))
    );
    assert!(!format!("{error} {error:?}").contains("Siti"));
    assert!(matches!(
        ask(&connection, "/v1/b").await,
        Error::NotSignedIn
    ));
    assert!(matches!(ask(&connection, "/v1/c").await, Error::Conflict));
    assert!(matches!(
        ask(&connection, "/v1/none").await,
        Error::NotFound
    ));
}

#[tokio::test]
async fn a_limit_tells_how_long_to_wait() {
    let router = Router::new()
        .route(
            "/v1/a",
            post(|| async { (Code::TOO_MANY_REQUESTS, [(header::RETRY_AFTER, "17")]) }),
        )
        .route(
            "/v1/b",
            post(|| async {
                (
                    Code::TOO_MANY_REQUESTS,
                    [(header::RETRY_AFTER, "Sun, 22 Nov")],
                )
            }),
        );
    let connection = connect(router, &Options::default()).await;
    let wait = async |path: &str| {
        let error = ask(&connection, path).await;
        error.retry_after().unwrap().as_secs()
    };
    assert_eq!(wait("/v1/a").await, 17);
    assert_eq!(wait("/v1/b").await, 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_a_flood_is_cut() {
    let router = Router::new()
        .route(
            "/v1/a",
            post(|| async { (Code::TEMPORARY_REDIRECT, [(header::LOCATION, "/readyz")]) }),
        )
        .route("/v1/b", post(|| async { vec![b' '; LARGEST_ANSWER + 1] }))
        .route("/readyz", get(|| async { "{}" }).post(|| async { "null" }));
    let connection = connect(router, &Options::default()).await;
    connection.health().await.unwrap();
    let error = ask(&connection, "/v1/a").await;
    assert!(matches!(error, Error::Refused { status: 307, .. }));
    let error = ask(&connection, "/v1/b").await;
    assert!(matches!(error, Error::Answer));
}

#[tokio::test]
async fn a_silent_server_ends_in_a_network_error() {
    let router = Router::new().route(
        "/readyz",
        get(|| async { tokio::time::sleep(Duration::from_secs(5)).await }),
    );
    let options = Options {
        timeout: Duration::from_millis(50),
        ..Options::default()
    };
    let connection = connect(router, &options).await;
    let error = connection.health().await.unwrap_err();
    assert!(matches!(error, Error::Network) && error.is_passing());
}

#[test]
fn only_https_or_this_machine() {
    let open = |base: &str| Connection::open(base, &Options::default());
    for good in [
        "https://payung.example",
        "http://127.0.0.1:80/",
        "http://localhost:8000",
        "http://[::1]:1",
    ] {
        assert!(open(good).is_ok());
    }
    for bad in [
        "http://payung.example",
        "ftp://localhost",
        "https://x.example/path",
        "https://x.example/?a=1",
        "x",
    ] {
        assert!(matches!(open(bad), Err(Error::Address)));
    }
    let options = Options {
        plain_http: true,
        ..Options::default()
    };
    assert!(Connection::open("http://identity:8000", &options).is_ok());
}

/// Echoes a request's proofs and answers with these.
fn with(values: Vec<String>) -> axum::routing::MethodRouter {
    post(async move |asked: axum::http::HeaderMap| {
        let echoed = asked.get_all(REQUEST_HEADER).iter().count();
        let echoed = (echoed, text(&asked, REQUEST_HEADER).map(str::to_owned));
        let mut answer = Json(echoed).into_response();
        for value in &values {
            answer
                .headers_mut()
                .append(ANSWER_HEADER, value.parse().unwrap());
        }
        answer
    })
}

/// What a request carries goes out as it is, once, and of an answer's header nothing is guessed.
#[tokio::test]
async fn a_proof_is_one_header_each_way() {
    let mac = crypto::request::Mac::from_bytes([5; 32]);
    let good = wire::proof::mac_text(&mac);
    let router = Router::new()
        .route("/none", with(Vec::new()))
        .route("/one", with(vec![good.clone()]))
        .route("/two", with(vec![good.clone(), good.clone()]))
        .route("/garbled", with(vec![format!("{good}=")]));
    let connection = connect(router, &Options::default()).await;
    let proof = wire::RequestProof {
        session: crypto::id::SessionId::from_bytes([1; 16]),
        number: 7,
        mac,
    };
    for (path, expected) in [
        ("/none", None),
        ("/one", Some(mac)),
        ("/two", None),
        ("/garbled", None),
    ] {
        let request = Request {
            method: Method::Post,
            path: path.to_owned(),
            body: None,
            proof: Some(proof),
        };
        let answer = connection.exchange(request).await.unwrap();
        assert_eq!(answer.proof, expected, "{path}");
        let (count, text): (usize, String) = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!((count, text), (1, proof.to_string()));
    }
}
