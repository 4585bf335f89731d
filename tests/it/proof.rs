//! Requests prove their session, once each, and answers theirs: over real sockets, by somebody who keeps what passes.

use std::sync::{Arc, Mutex};

use crypto::request::SIZE;
use desk::replay::hire;
use desk::{Connection, Options};
use rand::seq::SliceRandom as _;
use terminal::Error;
use tests::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wire::Role;

use crate::rogue::{Caught, Rogue};

const BUNDLE: &str = "/v1/bundle";
const HASH: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

async fn operator(world: &World, handle: &str) -> Rogue {
    let invitation = world.invitation(Role::Operator).await;
    Rogue::enter(&world.url(), &invitation, handle).await
}

async fn invitations(world: &World) -> i64 {
    let mut tx = world.identity.store.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM invitation";
    let (count,) = store::fetch_one!(&mut tx, (i64,), sql).unwrap();
    count
}

fn unauthorised() -> (u16, String, bool) {
    (401, "unauthorised".to_owned(), false)
}

fn repeated() -> (u16, String, bool) {
    (409, "repeated".to_owned(), false)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caught_request_is_worth_nothing() {
    for world in World::each("2024-01-01").await {
        let rogue = operator(&world, "one").await;
        let before = invitations(&world).await;
        let today = world.identity.clock.today();
        let body = format!(r#"{{"role":"operator","hash":"{HASH}","day":"{today}"}}"#);
        let caught = rogue.makes(1, "POST", "/v1/invitations", body.as_bytes());
        let reply = rogue.throws(&caught).await;
        assert_eq!(reply.status, 200, "{}", world.name);
        assert!(rogue.believes(1, &reply));
        for _ in 0..3 {
            assert_eq!(rogue.throws(&caught).await.refused(), repeated());
        }
        assert_eq!(invitations(&world).await, before + 1, "{}", world.name);
        // Not even when it failed.
        let failed = rogue.makes(2, "POST", "/v1/providers", b"{}");
        let reply = rogue.throws(&failed).await;
        assert_eq!(reply.refused(), (400, "malformed".to_owned(), true));
        assert!(rogue.believes(2, &reply));
        assert_eq!(rogue.throws(&failed).await.refused(), repeated());
        // Nor at the route of the forwarder, which is not the role's own.
        let flush = rogue.makes(3, "POST", "/v1/outbox/flush", b"");
        let reply = rogue.throws(&flush).await;
        assert!(reply.status == 200 && rogue.believes(3, &reply));
        assert_eq!(rogue.throws(&flush).await.refused(), repeated());
        // Nor after the end.
        let held_back = rogue.makes(4, "GET", BUNDLE, b"");
        let logout = rogue.makes(5, "POST", "/v1/logout", b"{}");
        let reply = rogue.throws(&logout).await;
        assert!(reply.status == 200 && rogue.believes(5, &reply));
        for old in [&caught, &failed, &flush, &held_back, &logout] {
            assert_eq!(rogue.throws(old).await.refused(), unauthorised());
        }
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_altered_on_the_way_is_refused() {
    let world = World::sqlite("2024-01-01").await;
    let rogue = operator(&world, "one").await;
    let target = "/v1/roster?after=1&limit=2";
    let good = rogue.makes(1, "POST", target, b"{}");
    let altered = |with: &dyn Fn(&mut Caught)| {
        let mut caught = good.clone();
        with(&mut caught);
        caught
    };
    let all = [
        altered(&|it| it.method = "PUT"),
        altered(&|it| it.target = "/v1/reports?after=1&limit=2".to_owned()),
        altered(&|it| it.target = "/v1/roster?after=0&limit=2".to_owned()),
        altered(&|it| it.target = "/v1/roster?limit=2&after=1".to_owned()),
        altered(&|it| it.target = "/v1/roster".to_owned()),
        altered(&|it| it.target.push('&')),
        altered(&|it| it.body = b"{ }".to_vec()),
        altered(&|it| it.body.clear()),
        altered(&|it| it.proof = it.proof.replace(".1.", ".2.")),
        altered(&|it| it.proof = it.proof.replace(".1.", ".0.")),
        altered(&|it| it.proof = it.proof.replace(".1.", ".01.")),
        altered(&|it| it.proof.push('=')),
        altered(&|it| it.proof.clear()),
        altered(&|it| it.proof = rogue.makes(0, "POST", target, b"{}").proof),
        altered(&|it| it.proof = rogue.makes(1, "GET", target, b"{}").proof),
    ];
    for (at, caught) in all.iter().enumerate() {
        assert_eq!(rogue.throws(caught).await.refused(), unauthorised(), "{at}");
    }
    // None of it has used the number up: this one is looked at, and is not for operators.
    let reply = rogue.throws(&good).await;
    assert!(reply.status != 401 && rogue.believes(1, &reply));
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neither_another_session_nor_another_terminal_can_use_it() {
    let world = World::sqlite("2024-01-01").await;
    let one = operator(&world, "one").await;
    let (again, other) = (one.again().await, operator(&world, "other").await);
    let all = [&one, &again, &other];
    for from in all {
        for to in all {
            let caught = from.makes(1, "GET", BUNDLE, b"");
            let (own, theirs) = (from.logged_in.session, to.logged_in.session);
            if own == theirs {
                continue;
            }
            let proof = caught.proof.replace(&own.to_string(), &theirs.to_string());
            let reply = from.throws(&Caught { proof, ..caught }).await;
            assert_eq!(reply.refused(), unauthorised());
        }
    }
    // Numbers are counted for each, and the same answer is proved to each apart.
    let mut replies = Vec::new();
    for rogue in all {
        replies.push(rogue.throws(&rogue.makes(1, "GET", BUNDLE, b"")).await);
    }
    for (at, rogue) in all.iter().enumerate() {
        for (of, reply) in replies.iter().enumerate() {
            assert_eq!(rogue.believes(1, reply), at == of, "{at} {of}");
        }
        assert_eq!(replies[at].body, replies[0].body);
    }
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_at_once_in_any_order_pass_once_each() {
    for mut world in World::each("2024-01-01").await {
        let rogue = Arc::new(operator(&world, "one").await);
        let mut numbers: Vec<u64> = (1..=SIZE).chain(1..=SIZE).collect();
        numbers.shuffle(&mut world.rng);
        let tasks: Vec<_> = numbers
            .into_iter()
            .map(|number| {
                let rogue = Arc::clone(&rogue);
                tokio::spawn(async move {
                    let caught = rogue.makes(number, "GET", BUNDLE, b"");
                    (number, rogue.throws(&caught).await)
                })
            })
            .collect();
        let mut passed = Vec::new();
        for task in tasks {
            let (number, reply) = task.await.unwrap();
            if reply.status == 200 {
                assert!(rogue.believes(number, &reply));
                passed.push(number);
            } else {
                assert_eq!(reply.refused(), repeated());
            }
        }
        passed.sort_unstable();
        assert_eq!(passed, (1..=SIZE).collect::<Vec<_>>(), "{}", world.name);
        // What lies behind the window was never sent, and is refused all the same.
        let ahead = rogue.makes(10 * SIZE, "GET", BUNDLE, b"");
        assert_eq!(rogue.throws(&ahead).await.status, 200);
        let last = rogue.makes(9 * SIZE + 1, "GET", BUNDLE, b"");
        assert_eq!(rogue.throws(&last).await.status, 200);
        let behind = rogue.makes(9 * SIZE, "GET", BUNDLE, b"");
        assert_eq!(rogue.throws(&behind).await.refused(), repeated());
        world.stop().await;
    }
}

/// What somebody who ends TLS does with what passes.
#[derive(Clone, Copy)]
enum Way {
    Honest,
    /// Sends every request twice and gives the first answer.
    Repeats,
    /// Takes the proof from every answer.
    Strips,
    /// Gives every caller the answer before.
    Exchanges,
    /// Turns a bit in the middle of every body.
    Alters,
}

/// A proxy that reads what passes; one request a connection.
struct Proxy {
    base: String,
    way: Arc<Mutex<Way>>,
}

/// Reads one message of HTTP to its end.
async fn message(socket: &mut TcpStream) -> Vec<u8> {
    let (mut all, mut bytes) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let end = all.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&all[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.parse().unwrap());
            if all.len() >= end + 4 + length {
                return all;
            }
        }
        let read = socket.read(&mut bytes).await.unwrap_or(0);
        if read == 0 {
            return all;
        }
        all.extend_from_slice(&bytes[..read]);
    }
}

async fn ask(server: &str, request: &[u8]) -> Vec<u8> {
    let mut socket = TcpStream::connect(server).await.unwrap();
    socket.write_all(request).await.unwrap();
    message(&mut socket).await
}

/// The same message without one header, and told to close.
fn without(message: &[u8], header: &str) -> Vec<u8> {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, rest) = message.split_at(end.unwrap());
    let head = String::from_utf8(head.to_vec()).unwrap();
    let kept: Vec<&str> = head
        .split("\r\n")
        .filter(|line| !line.to_lowercase().starts_with(header))
        .collect();
    [kept.join("\r\n").as_bytes(), rest].concat()
}

impl Proxy {
    async fn before(world: &World) -> Self {
        let server = world.url().replace("http://", "");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let way = Arc::new(Mutex::new(Way::Honest));
        let chosen = Arc::clone(&way);
        tokio::spawn(async move {
            let mut last: Option<Vec<u8>> = None;
            while let Ok((mut socket, _)) = listener.accept().await {
                let way = *chosen.lock().unwrap();
                let request = message(&mut socket).await;
                if request.is_empty() {
                    continue;
                }
                let mut answer = ask(&server, &request).await;
                match way {
                    Way::Honest => {}
                    Way::Repeats => {
                        ask(&server, &request).await;
                    }
                    Way::Strips => answer = without(&answer, wire::ANSWER_HEADER),
                    Way::Exchanges => {
                        answer = last.clone().unwrap_or(answer);
                    }
                    Way::Alters => {
                        let head = answer.windows(4).position(|four| four == b"\r\n\r\n");
                        let middle = usize::midpoint(head.unwrap() + 4, answer.len());
                        answer[middle] ^= 1;
                    }
                }
                last = Some(answer.clone());
                // A connection is good for one request, or the order would be its own.
                let end = answer.windows(2).position(|two| two == b"\r\n").unwrap();
                answer.splice(end..end, *b"\r\nconnection: close");
                let _ = socket.write_all(&answer).await;
                let _ = socket.shutdown().await;
            }
        });
        Self { base, way }
    }

    fn goes(&self, way: Way) {
        *self.way.lock().unwrap() = way;
    }
}

/// The terminal that everybody has, behind a proxy that does not keep to its trade.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_believes_no_proxy() {
    let mut world = World::sqlite("2024-01-01").await;
    let proxy = Proxy::before(&world).await;
    let connection = Connection::open(&proxy.base, &Options::default()).unwrap();
    let invitation = world.invitation(Role::Operator).await;
    let today = world.identity.clock.today();
    let session = hire::operator(&connection, &invitation, today, &mut world.rng)
        .await
        .unwrap();
    let invite = async || {
        let kept = &mut terminal::invited::Invited::default();
        let (place, mut rng) = ((Role::Operator, None), crypto::rng::Random::os());
        terminal::colleagues::invite(&session, place, kept, today, &mut rng).await
    };
    let before = invitations(&world).await;
    invite().await.unwrap();
    assert_eq!(invitations(&world).await, before + 1);
    proxy.goes(Way::Repeats);
    invite().await.unwrap();
    assert_eq!(invitations(&world).await, before + 2, "once for each");
    for way in [Way::Strips, Way::Exchanges, Way::Alters] {
        proxy.goes(way);
        let mut local = terminal::Local::default();
        let refused = local.refresh(&session, today).await;
        assert!(matches!(refused, Err(Error::Unproven)));
        let refused = invite().await;
        assert!(matches!(refused, Err(Error::Unproven)));
    }
    proxy.goes(Way::Honest);
    let mut local = terminal::Local::default();
    local.refresh(&session, today).await.unwrap();
    // A log-in through it is believed no more than any other answer.
    for way in [Way::Strips, Way::Alters] {
        proxy.goes(Way::Honest);
        let invitation = world.invitation(Role::Operator).await;
        let name = if matches!(way, Way::Strips) {
            "sri"
        } else {
            "adi"
        };
        let mut rng = world.rng.clone();
        let word = wire::typed::Chosen::parse("four plain words here").unwrap();
        let (handle, label) = (name.parse().unwrap(), "desk".parse().unwrap());
        let today = world.identity.clock.today();
        let step = desk::sign_in::register(
            &connection,
            &invitation,
            &handle,
            &word,
            &label,
            today,
            &mut rng,
        );
        let mut device = step.await.unwrap().device;
        proxy.goes(way);
        let refused =
            desk::sign_in::login(&connection, &mut device, word.entered(), today, &mut rng).await;
        assert!(refused.is_err());
        proxy.goes(Way::Honest);
        let signed_in =
            desk::sign_in::login(&connection, &mut device, word.entered(), today, &mut rng).await;
        signed_in.unwrap();
    }
    world.stop().await;
}
