//! A place before a service through which clients speak to it, and where everything that is said is kept.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::net::TcpListener;

/// A request and its answer.
pub struct Heard {
    /// `GET`, `POST`, ..
    pub method: String,
    /// With the query.
    pub path: String,
    /// The request's body.
    pub sent: Vec<u8>,
    /// The answer's status.
    pub status: u16,
    /// The answer's media type, parameters included; empty without one.
    pub kind: String,
    /// Names of the answer's headers, lower case.
    pub headers: Vec<String>,
    /// The answer's body.
    pub answer: Vec<u8>,
}

/// The place.
pub struct Ear {
    address: SocketAddr,
    all: Arc<Mutex<Vec<Heard>>>,
}

#[derive(Clone)]
struct Way {
    base: String,
    client: Client,
    all: Arc<Mutex<Vec<Heard>>>,
}

impl Ear {
    /// Before the service at `base`.
    pub async fn before(base: &str) -> Self {
        let client = Client::builder().no_proxy().redirect(Policy::none());
        let all = Arc::default();
        let way = Way {
            base: base.to_owned(),
            client: client.build().unwrap(),
            all: Arc::clone(&all),
        };
        let router = Router::new().fallback(pass).with_state(way);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, all }
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Everything that was said since the last time.
    #[must_use]
    pub fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.all.lock().unwrap())
    }
}

async fn pass(State(way): State<Way>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let sent = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let path = parts.uri.path_and_query().unwrap().to_string();
    let mut headers = parts.headers;
    headers.remove(header::HOST);
    let url = format!("{}{path}", way.base);
    let asked = way.client.request(parts.method.clone(), url);
    let answer = asked.headers(headers).body(sent.clone()).send().await;
    let answer = answer.unwrap();
    let (status, mut headers) = (answer.status(), answer.headers().clone());
    headers.remove(header::TRANSFER_ENCODING);
    let body = answer.bytes().await.unwrap().to_vec();
    let kind = headers.get(header::CONTENT_TYPE);
    way.all.lock().unwrap().push(Heard {
        method: parts.method.to_string(),
        path,
        sent,
        status: status.as_u16(),
        kind: kind.map_or("", |kind| kind.to_str().unwrap()).to_owned(),
        headers: headers.keys().map(ToString::to_string).collect(),
        answer: body.clone(),
    });
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
