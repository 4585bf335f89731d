//! What stays in a terminal's memory after it was used: this process is one, with a server beside it that has no socket.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crypto::provider::DataKey;
use crypto::rng::Random;
use terminal::state::{Closed, Open};
use terminal::testing::{Fake, today};
use terminal::{Session, enroll, login};
use wire::typed::Chosen;

const WORDS: &str = "four plain words here";

/// What is looked for, turned over so that it does not find itself.
struct Needle {
    what: &'static str,
    turned: Vec<u8>,
}

fn needles(what: &'static str, secret: &[u8; 32]) -> [Needle; 2] {
    // The text by hand: the coder's own string would stay behind.
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let turned = |bytes: &mut dyn Iterator<Item = u8>| bytes.map(|byte| !byte).collect();
    let bit = |at: usize| usize::from(secret[at / 8] >> (7 - at % 8) & 1);
    // All whole letters: 252 of 256 bits.
    let mut text =
        (0..42).map(|letter| LETTERS[(0..6).fold(0, |sum, n| 2 * sum + bit(6 * letter + n))]);
    [
        Needle {
            what,
            turned: turned(&mut secret.iter().copied()),
        },
        Needle {
            what,
            turned: turned(&mut text),
        },
    ]
}

/// Where this process can write, but for the stack that this very function runs on. A move leaves copies on a stack, which nothing
/// here promises to wipe.
fn heap() -> Option<Vec<(u64, u64)>> {
    let here = 0_u8;
    let here = std::ptr::from_ref(&here).addr() as u64;
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let writable = maps
        .lines()
        .filter(|line| line.contains(" rw") && !line.contains("[stack]"));
    let range = |line: &str| {
        let (from, to) = line.split_whitespace().next()?.split_once('-')?;
        let bound = |text| u64::from_str_radix(text, 16).ok();
        Some((bound(from)?, bound(to)?))
    };
    let all = writable.filter_map(range);
    Some(
        all.filter(|(from, to)| !(*from..*to).contains(&here))
            .collect(),
    )
}

/// How often each needle lies on the heap, raw and as text.
fn found(needles: &[Needle]) -> Option<Vec<(&'static str, usize)>> {
    let mut file = std::fs::File::open("/proc/self/mem").ok()?;
    let mut counts = vec![0; needles.len()];
    // One buffer, which is looked at and never kept; what it holds of itself is turned over too.
    let mut part = vec![0; 1 << 16];
    let overlap = 64;
    for (from, to) in heap()? {
        let own = part.as_ptr().addr() as u64;
        let mut at = from;
        while at < to {
            let most = part.len().min(usize::try_from(to - at).ok()?);
            let inside = at < own + part.len() as u64 && own < at + most as u64;
            file.seek(SeekFrom::Start(at)).ok()?;
            if !inside && file.read_exact(&mut part[..most]).is_ok() {
                for byte in &mut part[..most] {
                    *byte = !*byte;
                }
                for (count, needle) in counts.iter_mut().zip(needles) {
                    let length = needle.turned.len();
                    *count += part[..most]
                        .windows(length)
                        .filter(|it| *it == needle.turned)
                        .count();
                }
            }
            at += (most.saturating_sub(overlap)).max(1) as u64;
            if most < part.len() {
                break;
            }
        }
    }
    // A needle itself is one find: it lies turned over, and so does the buffer.
    Some(needles.iter().map(|one| one.what).zip(counts).collect())
}

/// Runs a flow to its end with all that it holds on this stack: a runtime would lay it on the heap.
fn run<F: Future>(flow: F) -> F::Output {
    let mut flow = pin!(flow);
    let mut polling = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = flow.as_mut().poll(&mut polling) {
            return done;
        }
    }
}

async fn sign_in(fake: &Arc<Fake>, file: &[u8], rng: &mut Random) -> (Session<Arc<Fake>>, Open) {
    let password = Chosen::parse(WORDS).unwrap();
    let closed = Closed::from_bytes(file).unwrap();
    let (door, handle) = (closed.door(), "staff.one".parse().unwrap());
    let begun = login::begin(fake, &door, &handle, password.entered(), rng)
        .await
        .unwrap();
    let proved = begun.prove(rng).unwrap();
    let mut open = closed.open(&proved.state_key()).unwrap();
    let session = proved
        .finish(Arc::clone(fake), &mut open.device, today())
        .await;
    (session.unwrap(), open)
}

/// A key that lies on the heap is found there, and not after it was dropped.
fn control(key: &DataKey, needle: &[Needle]) {
    let there = Box::new(key.clone());
    let Some(seen) = found(needle) else { return };
    assert_eq!(seen[0].1, 1);
    drop(there);
    assert_eq!(found(needle).unwrap()[0].1, 0);
}

/// Enrols, signs in, keeps, signs in from what was kept, locks. Answers what it had in its hands.
async fn a_day(rng: &mut Random) -> Vec<Needle> {
    let fake = Fake::new(rng);
    let password = Chosen::parse(WORDS).unwrap();
    let (invitation, handle) = (fake.invitation(), "staff.one".parse().unwrap());
    let label = "desk".parse().unwrap();
    let begun = enroll::begin(&fake, &invitation, &handle, &password, &label, rng).await;
    let proved = begun.unwrap().prove(rng).unwrap();
    let enrolled = proved.finish(&fake, today()).await.unwrap();
    let open = Open::new(enrolled.device, &enrolled.state_key, rng).unwrap();
    let mut file = open.seal(rng).unwrap();
    drop(open);
    let mut all = Vec::new();
    for _ in 0..2 {
        let (session, mut open) = sign_in(&fake, &file, rng).await;
        open.local.sync(&session).await.unwrap();
        open.local.refresh(&session, today()).await.unwrap();
        file = open.seal(rng).unwrap();
        if all.is_empty() {
            let door = open.device.door().key;
            all.extend(needles("the key it knocks with", door.secret().expose()));
            all.extend(needles("a wrap key", session.bundle().wraps()[0].expose()));
            all.extend(needles(
                "the data key",
                session.data_key().unwrap().expose(),
            ));
            control(session.data_key().unwrap(), &all[4..5]);
        }
        session.logout().await.unwrap();
    }
    all
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_that_is_closed_leaves_no_key_on_the_heap() {
    let mut rng = Random::os();
    let needles = run(a_day(&mut rng));
    let Some(seen) = found(&needles) else { return };
    let left: Vec<_> = seen.iter().filter(|(_, count)| *count > 0).collect();
    assert!(left.is_empty(), "left in memory: {left:?}");
}
