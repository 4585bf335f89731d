//! A counter's own pages over a service that is not to be trusted with them.

use std::sync::{Arc, Mutex};

use reqwest::{Client, StatusCode, redirect::Policy};
use server::local::{Here, Relay};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What a service that wants to change pages says to whatever it is asked.
const ANSWER: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/html\r\nset-cookie: who=you\r\n\
     date: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-security-policy: default-src *\r\npayung-answer: proof\r\n\
     retry-after: 7\r\ncontent-length: 24\r\n\r\n<script>steal()</script>";

type Heard = Arc<Mutex<Vec<String>>>;

/// A service on a free port, and the requests that it gets.
async fn service() -> (String, Heard) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let heard = Heard::default();
    let all = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(answer(socket, Arc::clone(&all)));
        }
    });
    (base, heard)
}

async fn answer(mut socket: TcpStream, heard: Heard) {
    let (mut bytes, mut part) = (Vec::new(), [0; 4_096]);
    // Every body here ends with a full stop.
    let whole = |bytes: &[u8]| {
        let end = if bytes.starts_with(b"GET") {
            "\r\n\r\n"
        } else {
            "."
        };
        bytes.ends_with(end.as_bytes())
    };
    while !whole(&bytes) {
        let count = socket.read(&mut part).await.unwrap();
        assert!(count > 0, "the request ends early");
        bytes.extend_from_slice(&part[..count]);
    }
    heard
        .lock()
        .unwrap()
        .push(String::from_utf8(bytes).unwrap());
    socket.write_all(ANSWER.as_bytes()).await.unwrap();
}

async fn counter(base: &str) -> (Here, Client) {
    let here = Relay::to(base).unwrap().start(0).await.unwrap();
    let client = Client::builder().redirect(Policy::none()).no_proxy();
    (here, client.build().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_serves_other_pages_changes_none_at_the_counter() {
    let (base, heard) = service().await;
    let (here, client) = counter(&base).await;
    for path in [
        "/counter/",
        "/operator/",
        "/card/",
        "/counter",
        "/sw.js",
        "/",
        "/assets/x.js",
        "/../counter/",
    ] {
        let answer = client
            .get(format!("{}{path}", here.url()))
            .send()
            .await
            .unwrap();
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .to_owned();
        assert!(
            policy.starts_with("default-src 'self'; script-src 'self' 'wasm-unsafe-eval';"),
            "{path}"
        );
        assert!(!answer.text().await.unwrap().contains("steal"), "{path}");
    }
    assert!(heard.lock().unwrap().is_empty(), "no page was asked for");
    here.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_go_through_as_they_are_and_answers_bring_nothing_that_a_page_keeps() {
    let (base, heard) = service().await;
    let (here, client) = counter(&base).await;
    let call = client
        .post(format!("{}/v1/login?step=1", here.url()))
        .header("payung-request", "1.proof")
        .header("cookie", "who=me")
        .header("content-type", "application/json")
        .body("{\"a\": 1}.");
    let answer = call.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let headers = answer.headers().clone();
    assert_eq!(headers["payung-answer"], "proof");
    assert_eq!(headers["retry-after"], "7");
    assert_eq!(
        headers["date"], "Thu, 01 Jan 2026 00:00:00 GMT",
        "the service's clock"
    );
    assert_eq!(headers["cache-control"], "no-store");
    assert!(!headers.contains_key("set-cookie"));
    let policies: Vec<_> = headers.get_all("content-security-policy").iter().collect();
    assert_eq!(policies.len(), 1);
    assert!(
        policies[0]
            .to_str()
            .unwrap()
            .starts_with("default-src 'self'")
    );
    {
        let heard = heard.lock().unwrap();
        let [sent] = &heard[..] else {
            panic!("{} calls", heard.len());
        };
        assert!(sent.starts_with("POST /v1/login?step=1 HTTP/1.1\r\n"));
        assert!(sent.contains("payung-request: 1.proof\r\n") && sent.ends_with("{\"a\": 1}."));
        assert!(!sent.contains("cookie"));
    }
    here.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_from_elsewhere_that_points_here_is_told_nothing() {
    let (base, heard) = service().await;
    let (here, client) = counter(&base).await;
    for host in [
        "clinic.example",
        "clinic.example:7300",
        "127.0.0.1.example",
        "",
    ] {
        for path in ["/counter/", "/v1/status"] {
            let call = client
                .get(format!("{}{path}", here.url()))
                .header("host", host);
            let status = call.send().await.unwrap().status();
            assert!(status.is_client_error(), "{host}{path}: {status}");
        }
    }
    assert!(heard.lock().unwrap().is_empty());
    here.stop().await;
}

#[test]
fn only_a_service_over_tls_or_on_this_machine_is_relayed() {
    for address in [
        "http://payung.example",
        "https://payung.example/path",
        "ftp://localhost",
        "payung.example",
        "",
    ] {
        assert!(Relay::to(address).is_err(), "{address}");
    }
    for address in [
        "https://payung.example",
        "http://localhost:8443",
        "http://127.0.0.1:1",
    ] {
        assert!(Relay::to(address).is_ok(), "{address}");
    }
}
