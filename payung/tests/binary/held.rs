//! Many connections that ask for nothing, against the real process: what an honest caller, the databases and the end notice.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crypto::day::Day;
use crypto::rng::Random;
use desk::sign_in::{login, register};
use desk::{Connection, Options};
use store::clock::Stopwatch;
use terminal::device::Device;
use wire::typed::{Chosen, Entered};

use super::serve::{Service, length, open};

/// Connections that one machine holds.
const HELD: usize = 1_000;
/// Log-ins of one measurement.
const ASKED: usize = 20;
/// Devices that take turns.
const DEVICES: usize = 5;

/// Devices at which somebody signs in one after another, on a connection of its own each time: one takes ten in a minute.
struct Honest {
    url: String,
    devices: VecDeque<Device>,
    password: &'static str,
    today: Day,
    rng: Random,
}

impl Honest {
    async fn enrol(service: &Service) -> Self {
        let app = open(service.folder.path()).await;
        let url = format!("http://{}", service.address);
        let mut honest = Self {
            url,
            devices: VecDeque::new(),
            password: "nine umbrellas 4417",
            today: app.clock.today(),
            rng: Random::os(),
        };
        for number in 0..DEVICES {
            let (actor, role) = (identity::Actor::CommandLine, wire::Role::Operator);
            let invited = identity::access::invitation::invite(&app, actor, role, None);
            honest.add(number, invited.await.unwrap().text()).await;
        }
        honest
    }

    async fn add(&mut self, number: usize, invitation: &str) {
        let connection = Connection::open(&self.url, &Options::default()).unwrap();
        let handle = format!("honest.{number}").parse().unwrap();
        let label = format!("office {number}").parse().unwrap();
        let chosen = Chosen::parse(self.password).unwrap();
        let (today, rng) = (self.today, &mut self.rng);
        let enrolled = register(
            &connection,
            invitation,
            &handle,
            &chosen,
            &label,
            today,
            rng,
        );
        self.devices.push_back(enrolled.await.unwrap().device);
    }

    /// A whole log-in, with what the device computes for it.
    async fn log_in(&mut self) -> Duration {
        let begun = Stopwatch::start();
        let connection = Connection::open(&self.url, &Options::default()).unwrap();
        let password = Entered::parse(self.password).unwrap();
        let mut device = self.devices.pop_front().unwrap();
        let session = login(
            &connection,
            &mut device,
            &password,
            self.today,
            &mut self.rng,
        )
        .await;
        session.expect("an honest caller is let in");
        self.devices.push_back(device);
        begun.elapsed()
    }

    /// The 95th percentile of log-ins.
    async fn p95(&mut self) -> Duration {
        let mut all = Vec::new();
        for _ in 0..ASKED {
            all.push(self.log_in().await);
        }
        all.sort();
        all[ASKED * 95 / 100]
    }
}

/// Asks once on a connection of its own; `None` when nothing comes.
fn ask(address: &str, method: &str, path: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    let patience = Some(Duration::from_secs(10));
    stream.set_read_timeout(patience).ok()?;
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    stream.write_all((head + body).as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// Half a request: in turn none, half a head, half a body.
fn half(address: &str, number: usize) -> Option<TcpStream> {
    let halves: [&[u8]; 3] = [
        b"",
        b"GET / HTTP/1.1\r\nhost: ",
        b"POST /v1/login/start HTTP/1.1\r\nhost: x\r\ncontent-length: 300\r\n\r\n{",
    ];
    let mut stream = TcpStream::connect(address).ok()?;
    stream.write_all(halves[number % 3]).ok()?;
    Some(stream)
}

/// What the process holds in memory, in KiB.
#[cfg(target_os = "linux")]
fn resident(process: u32) -> u64 {
    let about = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = about
        .lines()
        .find(|line| line.starts_with("VmRSS"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The load of a thousand half-open connections: honest log-ins stay quick, memory small.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_thousand_half_open_connections_cost_honest_callers_and_memory_little() {
    let mut service = Service::start();
    let mut honest = Honest::enrol(&service).await;
    honest.log_in().await;
    let (before, empty) = (honest.p95().await, resident(service.child.id()));
    let held: Vec<_> = (0..HELD)
        .filter_map(|number| half(&service.address, number))
        .collect();
    let (under, full) = (honest.p95().await, resident(service.child.id()));
    println!(
        "p95 {before:?} alone, {under:?} beside {}; {empty} KiB alone, {full} KiB beside them",
        held.len()
    );
    // A service that waited for one of them would wait for seconds; this much may be the machine's own unrest.
    let unrest = Duration::from_millis(500);
    assert!(under <= before * 2 + unrest, "{under:?} after {before:?}");
    assert!(full <= 128 * 1024, "{full} KiB");
    let begun = Stopwatch::start();
    service.signal();
    assert_eq!(service.ended().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(12));
    assert_eq!(length(service.folder.path(), "identity.db-wal"), 0);
}

/// With a limit of 200 files, 300 half-sent requests leave the databases their files and everybody else an answer.
#[test]
fn half_sent_requests_take_no_file_from_the_databases() {
    let mut service = Service::start_with_files(Some(200));
    let _held: Vec<_> = (0..300)
        .filter_map(|number| half(&service.address, number))
        .collect();
    for _ in 0..20 {
        let begun = Stopwatch::start();
        let answer = ask(&service.address, "GET", "/readyz", "").expect("it answers");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(begun.elapsed() < Duration::from_secs(3));
        std::thread::sleep(Duration::from_millis(100));
    }
    let begun = Stopwatch::start();
    service.signal();
    assert_eq!(service.ended().code(), Some(0));
    assert!(begun.elapsed() < Duration::from_secs(12));
    for log in ["identity.db-wal", "analytics.db-wal"] {
        assert_eq!(length(service.folder.path(), log), 0, "{log}");
    }
}

/// Anybody may send a large body and never end it; no more is kept of it than its route takes.
#[cfg(target_os = "linux")]
#[test]
fn large_bodies_of_strangers_are_not_kept() {
    let service = Service::start();
    let empty = resident(service.child.id());
    let part = vec![b' '; 1 << 20];
    let paths = [
        "/v1/roster",
        "/v1/reports",
        "/v1/login/start",
        "/v1/statistics/deliver",
    ];
    let mut held = Vec::new();
    for number in 0..400 {
        let mut stream = TcpStream::connect(&service.address).unwrap();
        let patience = Some(Duration::from_millis(50));
        stream.set_write_timeout(patience).unwrap();
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: x\r\ncontent-length: 2097152\r\n\r\n",
            paths[number % paths.len()]
        );
        // It may be closed in the middle: that is the point.
        let _ = stream.write_all(head.as_bytes());
        let _ = stream.write_all(&part);
        held.push(stream);
    }
    let full = resident(service.child.id());
    println!("{empty} KiB alone, {full} KiB with {} bodies", held.len());
    assert!(full <= 128 * 1024, "{full} KiB after {empty}");
}

#[test]
fn it_says_whether_it_lives_and_whether_it_can_serve() {
    let service = Service::start();
    let alive = ask(&service.address, "GET", "/healthz", "").unwrap();
    assert!(alive.ends_with("{\"status\":\"ok\"}"), "{alive}");
    let ready = ask(&service.address, "GET", "/readyz", "").unwrap();
    let (_, body) = ready.split_once("\r\n\r\n").unwrap();
    let seen: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(seen["ready"], true);
    assert_eq!(seen["identity"]["database"], "writable");
    assert_eq!(seen["statistics"]["database"], "writable");
    assert_eq!(seen["statistics"]["release_log"]["lines"], 0);
    assert!(seen["identity"]["status_list"].is_string());
    // Nothing else stands there: no count of anything about people.
    let names = |part: &serde_json::Value| -> Vec<String> {
        part.as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(
        names(&seen["identity"]),
        ["database", "keys", "status_list"]
    );
    assert_eq!(
        names(&seen["statistics"]),
        ["database", "keys", "release_log"]
    );
}

/// Another process holds the database's one pen: the answer comes all the same, and says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_cannot_be_written_is_told_within_three_seconds() {
    let service = Service::start();
    let app = super::serve::open(service.folder.path()).await;
    let pen = app.store.write().await.unwrap();
    for _ in 0..2 {
        let begun = Stopwatch::start();
        let ready = ask(&service.address, "GET", "/readyz", "").unwrap();
        assert!(begun.elapsed() < Duration::from_secs(3));
        assert!(ready.starts_with("HTTP/1.1 503"), "{ready}");
        assert!(ready.contains("\"database\":\"away\""), "{ready}");
    }
    assert!(ask(&service.address, "GET", "/healthz", "").is_some());
    pen.rollback().await.unwrap();
}
