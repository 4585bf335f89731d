#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream as Plain};

use axum::routing::{get, post};

use super::*;

const ASK: &[u8] = b"GET /quick HTTP/1.1\r\nhost: x\r\n\r\n";
const ASK_ONCE: &[u8] = b"GET /quick HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
const ASK_SLOWLY: &[u8] = b"GET /slow HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
const HALF_A_HEAD: &[u8] = b"GET /quick HTTP/1.1\r\nhost: ";
const HALF_A_BODY: &[u8] = b"POST /eat HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{";
/// More than the system keeps for a reader who does not read.
const LARGE: usize = 64 << 20;

/// A service whose every bound but the given ones is an hour.
struct Service {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

fn wide() -> Bounds {
    let hour = Duration::from_secs(3_600);
    Bounds {
        connections: 64,
        head: hour,
        body: hour,
        idle: hour,
        answer: hour,
    }
}

async fn begin(bounds: Bounds) -> Service {
    let router = Router::new()
        .route("/quick", get(|| async { "done" }))
        .route(
            "/eat",
            post(|body: axum::body::Bytes| async move { drop(body) }),
        )
        .route("/large", get(|| async { vec![0_u8; LARGE] }))
        .route(
            "/slow",
            get(|| async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                "slowly"
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = watch::channel(false);
    let task = tokio::spawn(serve(listener, router, bounds, stopped));
    Service {
        address,
        stop,
        task,
    }
}

impl Service {
    fn say(&self, words: &[u8]) -> Plain {
        let mut plain = Plain::connect(self.address).unwrap();
        let patience = Some(Duration::from_secs(20));
        plain.set_read_timeout(patience).unwrap();
        plain.write_all(words).unwrap();
        plain
    }

    async fn end(self) -> Duration {
        let begun = Instant::now();
        self.stop.send_replace(true);
        self.task.await.unwrap();
        begun.elapsed()
    }
}

/// What still comes until the other side closes; a reset is a close.
fn rest(mut plain: Plain) -> usize {
    let mut all = 0;
    let mut part = vec![0; 1 << 16];
    loop {
        match plain.read(&mut part) {
            Ok(0) => return all,
            Ok(count) => all += count,
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return all,
            Err(error) => panic!("it stays open: {error}"),
        }
    }
}

fn first(plain: &mut Plain) -> String {
    let mut part = [0; 12];
    plain.read_exact(&mut part).unwrap();
    String::from_utf8_lossy(&part).into_owned()
}

const SHORT: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_nothing_or_half_a_head_is_given_up() {
    let service = begin(Bounds {
        head: SHORT,
        ..wide()
    })
    .await;
    assert_eq!(rest(service.say(b"")), 0);
    assert_eq!(rest(service.say(HALF_A_HEAD)), 0);
    // The second request of a connection too.
    let mut second = service.say(ASK);
    assert_eq!(first(&mut second), "HTTP/1.1 200");
    second.write_all(HALF_A_HEAD).unwrap();
    rest(second);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_drips_a_head_is_given_up_all_the_same() {
    let service = begin(Bounds {
        head: SHORT,
        ..wide()
    })
    .await;
    let mut dripping = service.say(HALF_A_HEAD);
    let begun = Instant::now();
    while dripping.write_all(b"x").is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it drips on");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_body_is_given_up() {
    let service = begin(Bounds {
        body: SHORT,
        ..wide()
    })
    .await;
    rest(service.say(HALF_A_BODY));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asks_nothing_more_is_given_up() {
    let service = begin(Bounds {
        idle: SHORT,
        ..wide()
    })
    .await;
    assert!(rest(service.say(ASK)) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_fetches_is_given_up() {
    let service = begin(Bounds {
        answer: SHORT,
        ..wide()
    })
    .await;
    let plain = service.say(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n");
    std::thread::sleep(Duration::from_secs(3));
    assert!(rest(plain) < LARGE);
    // Whoever fetches it gets the whole, though it takes longer than that in all.
    let mut slowly = service.say(b"GET /large HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let (mut all, mut part) = (0, vec![0; 1 << 20]);
    loop {
        let count = slowly.read(&mut part).unwrap();
        if count == 0 {
            break;
        }
        all += count;
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(all > LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_places_are_taken_the_one_that_waits_longest_makes_way() {
    let service = begin(Bounds {
        connections: 4,
        ..wide()
    })
    .await;
    let mut first_one = service.say(ASK);
    assert_eq!(first(&mut first_one), "HTTP/1.1 200");
    let mut held = Vec::new();
    for words in [HALF_A_HEAD, HALF_A_BODY, b"", HALF_A_HEAD, HALF_A_BODY, b""] {
        held.push(service.say(words));
        let mut honest = service.say(ASK_ONCE);
        assert_eq!(first(&mut honest), "HTTP/1.1 200");
        rest(honest);
    }
    rest(first_one);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_being_served_never_makes_way() {
    let service = begin(Bounds {
        connections: 1,
        ..wide()
    })
    .await;
    let mut slow = service.say(ASK_SLOWLY);
    std::thread::sleep(SHORT);
    let mut second = service.say(ASK_ONCE);
    assert_eq!(first(&mut second), "HTTP/1.1 200");
    assert_eq!(first(&mut slow), "HTTP/1.1 200");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_waits_for_whoever_is_being_served_and_for_nobody_else() {
    let service = begin(wide()).await;
    let (nothing, half) = (service.say(b""), service.say(HALF_A_HEAD));
    let mut idle = service.say(ASK);
    assert_eq!(first(&mut idle), "HTTP/1.1 200");
    let mut slow = service.say(ASK_SLOWLY);
    std::thread::sleep(SHORT);
    let took = service.end().await;
    assert!(took < Duration::from_secs(3), "{took:?}");
    assert_eq!(first(&mut slow), "HTTP/1.1 200");
    for open in [nothing, half, idle] {
        rest(open);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_body_keeps_the_end_waiting_no_longer_than_it_may() {
    let service = begin(wide()).await;
    let _half = service.say(HALF_A_BODY);
    std::thread::sleep(SHORT);
    let took = service.end().await;
    assert!(took < DRAIN + Duration::from_secs(1), "{took:?}");
}
