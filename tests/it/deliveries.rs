//! From the identity role to a statistics role that looks at what it is sent: three deliveries at once over different reports,
//! and nothing forgotten that it did not take.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crypto::report::Site;
use serde_json::json;
use server::forward::Forwarder;
use tests::World;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use wire::Deliver;

const SITE: &str = "medan/north";
/// More than three deliveries.
const REPORTS: usize = 1_000;
/// How long a delivery waits for two others beside it.
const PATIENCE: Duration = Duration::from_secs(5);

/// What the other side saw.
#[derive(Default)]
struct Seen {
    /// Sealed bodies, one list for each delivery that was answered well.
    taken: Vec<Vec<Vec<u8>>>,
    /// Bytes of every part, in the order in which they came.
    lengths: Vec<usize>,
    /// Deliveries under way, and the most there ever were.
    now: usize,
    most: usize,
}

/// Lays reports of one client into the outbox.
async fn lay(world: &mut World, count: usize) {
    let mut stage = world.stage(&[SITE]).await;
    let today = stage.today;
    let expiry = crypto::day::Month::of(today.plus(300));
    let card = stage.cards(1, expiry).await.unwrap()[0].to_text();
    let site: Site = SITE.parse().unwrap();
    let desk = stage.desk(&site).unwrap();
    let person = desk.meet(&[&card], true, today).await.unwrap().remove(0);
    let person = person.unwrap();
    let line = format!(
        "person,date,site,service,event,covered_until,gender,age_band\np,{today},{site},nsp,contact,,,\n"
    );
    let row = wire::rows::Rows::new(line.as_bytes()).unwrap().next_row();
    let row = row.unwrap().unwrap().unwrap();
    for _ in 0..count {
        desk.record(&person, &row).unwrap();
    }
    desk.send().await.unwrap();
    let waiting = identity::records::outbox::waiting(&world.identity)
        .await
        .unwrap();
    assert_eq!(waiting, count as u64);
}

/// A statistics role on a free port; delivery number `refused`, counted from 0, gets a 500.
async fn role(refused: Option<usize>) -> (String, Arc<Mutex<Seen>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Seen::default()));
    let all = Arc::clone(&seen);
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((socket, _)) = listener.accept().await {
            let good = refused != Some(number);
            tokio::spawn(answer(socket, Arc::clone(&all), good));
            number += 1;
        }
    });
    (base, seen)
}

async fn answer(mut socket: TcpStream, seen: Arc<Mutex<Seen>>, good: bool) {
    let body = request(&mut socket).await;
    let Ok(delivery) = serde_json::from_slice::<Deliver>(&body) else {
        // The registry.
        let ok = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}";
        return socket.write_all(ok).await.unwrap();
    };
    {
        let mut seen = seen.lock().unwrap();
        seen.lengths.push(body.len());
        seen.now += 1;
        seen.most = seen.most.max(seen.now);
    }
    // The first part comes alone, and the last; the others meet.
    let alone = seen.lock().unwrap().taken.is_empty() || delivery.complete.is_some();
    if !alone {
        let others = async {
            while seen.lock().unwrap().most < 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        let _ = tokio::time::timeout(PATIENCE, others).await;
    }
    let text = if good {
        let acks = json!({ "acks": vec![true; delivery.items.len()] }).to_string();
        format!(
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{acks}",
            acks.len()
        )
    } else {
        "HTTP/1.1 500 No\r\nconnection: close\r\ncontent-length: 0\r\n\r\n".to_owned()
    };
    {
        let mut seen = seen.lock().unwrap();
        seen.now -= 1;
        if good {
            let bodies = delivery.items.into_iter().map(|item| item.body.0);
            seen.taken.push(bodies.collect());
        }
    }
    socket.write_all(text.as_bytes()).await.unwrap();
}

/// Reads one request; its body.
async fn request(socket: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut part) = (Vec::new(), [0; 65_536]);
    loop {
        let count = socket.read(&mut part).await.unwrap();
        assert!(count > 0, "the request ends early");
        bytes.extend_from_slice(&part[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap()
            .parse()
            .unwrap();
        if bytes.len() >= end + 4 + length {
            return bytes.split_off(end + 4);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_deliveries_are_under_way_over_different_reports() {
    for mut world in World::each("2024-01-01").await {
        lay(&mut world, REPORTS).await;
        let (base, seen) = role(None).await;
        let forwarder = Forwarder::new(Arc::clone(&world.identity), &base).unwrap();
        assert_eq!(forwarder.flush().await.unwrap(), REPORTS as u64);
        assert_eq!(
            identity::records::outbox::waiting(&world.identity)
                .await
                .unwrap(),
            0
        );
        {
            let seen = seen.lock().unwrap();
            assert_eq!(seen.most, 3, "{}", world.name);
            let all: Vec<&Vec<u8>> = seen.taken.iter().flatten().collect();
            let distinct: BTreeSet<_> = all.iter().collect();
            assert_eq!((all.len(), distinct.len()), (REPORTS, REPORTS));
        }
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_fails_forgets_nothing_of_its_own_and_of_the_others() {
    for mut world in World::each("2024-01-01").await {
        lay(&mut world, REPORTS).await;
        let (base, seen) = role(Some(1)).await;
        let forwarder = Forwarder::new(Arc::clone(&world.identity), &base).unwrap();
        assert!(forwarder.flush().await.is_err());
        let taken = seen.lock().unwrap().taken.iter().flatten().count();
        assert!(taken < REPORTS);
        let waiting = identity::records::outbox::waiting(&world.identity)
            .await
            .unwrap();
        assert_eq!(waiting, (REPORTS - taken) as u64, "{}", world.name);
        // What was left goes with the next flush, and nothing of what was taken goes again.
        assert_eq!(forwarder.flush().await.unwrap(), waiting);
        {
            let seen = seen.lock().unwrap();
            let all: Vec<&Vec<u8>> = seen.taken.iter().flatten().collect();
            let distinct: BTreeSet<_> = all.iter().collect();
            assert_eq!((all.len(), distinct.len()), (REPORTS, REPORTS));
        }
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_without_reports_looks_like_a_day_with_some() {
    for (mut world, clock) in World::each_standing("2026-01-10").await {
        let (base, seen) = role(None).await;
        let forwarder = Forwarder::new(Arc::clone(&world.identity), &base).unwrap();
        let mut all: Vec<usize> = Vec::new();
        for (count, parts) in [(0, 2), (1, 2), (256, 2), (257, 3)] {
            lay(&mut world, count).await;
            clock.advance(24 * 3_600);
            let today = world.identity.clock.today();
            forwarder.deliver_before(today).await.unwrap();
            let lengths = std::mem::take(&mut seen.lock().unwrap().lengths);
            assert_eq!(lengths.len(), parts, "{}: {count}", world.name);
            all.extend(lengths);
            assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
        }
        world.stop().await;
    }
}
