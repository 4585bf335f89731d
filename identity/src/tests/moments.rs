//! What many callers want at the same moment: nobody spoils it for the others, and nobody gets more than is theirs.

use std::time::Duration;

use crypto::b64::{B64, Fixed};
use crypto::envelope::{SEALED_BYTES, delete_token_hash};
use crypto::id::EnvelopeId;
use crypto::json::Hidden;
use store::{execute, fetch_all, fetch_one};
use wire::{DeleteEnvelope, PutEnvelope, Role};

use super::cards::join_all;
use super::harness::{House, Reply, Seat, houses, houses_with};
use super::reports::outreach;
use super::withdrawn::{cards, list, proof, revoke};
use crate::{Beat, Caps, Limits};

const FAST: Beat = Beat {
    every: Duration::from_millis(500),
    apart: Duration::from_millis(100),
};

fn path(id: EnvelopeId) -> String {
    format!("/v1/envelopes/{id}")
}

async fn put(house: &House, seat: &Seat, n: u8, fill: u8) -> u16 {
    let request = PutEnvelope {
        sealed: B64(vec![fill; SEALED_BYTES]),
        delete_hash: Fixed(delete_token_hash(&[fill; 32])),
    };
    let id = EnvelopeId::from_bytes([n; 16]);
    let reply: Reply = seat.put(house, &path(id), &request).await;
    reply.status.as_u16()
}

async fn delete(house: &House, seat: &Seat, id: EnvelopeId, token: u8) -> u16 {
    let request = DeleteEnvelope {
        delete_token: Hidden::of(&[token; 32]),
    };
    let reply = seat.delete(house, &path(id), &request).await;
    reply.status.as_u16()
}

/// Whoever has a copy of the database reads the tags of killed cards in it, and may send one where an id belongs.
#[tokio::test]
async fn the_tag_of_a_killed_card_is_no_id_and_spoils_nobodys_change() {
    let limits = Limits {
        beat: FAST,
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let rogue = house.seat(Role::Clinician, Some(provider)).await;
        assert_eq!(put(&house, &seat, 1, 1).await, 201);
        let id = EnvelopeId::from_bytes([1; 16]);
        assert_eq!(delete(&house, &seat, id, 1).await, 204);
        let mut tx = house.app.store.read().await.unwrap();
        const TAG: &str = "SELECT envelope FROM envelope WHERE length(sealed) = 0";
        let (tag,) = fetch_one!(&mut tx, (Vec<u8>,), TAG).unwrap();
        drop(tx);
        let tag: EnvelopeId = store::parsed(&tag).unwrap();
        let (bad, good) = tokio::join!(delete(&house, &rogue, tag, 7), put(&house, &seat, 2, 1));
        assert_eq!((bad, good), (404, 201), "{}", house.database.name);
    }
}

#[tokio::test]
async fn one_terminal_that_asks_for_much_holds_up_no_other() {
    let limits = Limits {
        beat: FAST,
        waiting: 4,
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let rogue = house.seat(Role::Clinician, Some(provider)).await;
        let nowhere = |n: u8| EnvelopeId::from_bytes([200 + n; 16]);
        let flood = join_all((0..12).map(|n| delete(&house, &rogue, nowhere(n), 7)));
        let (answers, good) = tokio::join!(flood, put(&house, &seat, 1, 1));
        let refused = answers.iter().filter(|status| **status == 429).count();
        // Eight, or fewer where a moment came while they were still arriving.
        assert!((1..=8).contains(&refused), "{refused}");
        assert_eq!(good, 201, "{}", house.database.name);
        // Their places are free again.
        assert_eq!(delete(&house, &rogue, nowhere(1), 7).await, 404);
    }
}

/// What a day's limit was taken for and came to nothing after midnight is not given back to the next day.
#[tokio::test]
async fn midnight_doubles_no_limit() {
    let limits = Limits {
        activations: Caps {
            terminal: 2,
            ..Caps::NONE
        },
        beat: FAST,
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let (seat, _) = outreach(&house, provider).await;
        let other = house.seat(Role::Clinician, Some(provider)).await;
        assert_eq!(put(&house, &other, 1, 1).await, 201);
        // Blocks are there: the next wait for the moment of envelopes only.
        assert_eq!(put(&house, &seat, 1, 2).await, 409);
        let conflicts = join_all((0..2).map(|_| put(&house, &seat, 1, 2)));
        let midnight = async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            house.clock.advance(24 * 3_600);
        };
        let (conflicts, ()) = tokio::join!(conflicts, midnight);
        assert_eq!(conflicts, [409, 409]);
        let tomorrow = join_all((0..5).map(|n| put(&house, &seat, 100 + n, 9))).await;
        let made = tomorrow.iter().filter(|status| **status == 201).count();
        assert_eq!(made, 2, "{}: {tomorrow:?}", house.database.name);
    }
}

/// The list is made anew whenever the database says something else, also when it says something older.
#[tokio::test]
async fn a_database_that_was_put_back_is_not_taken_for_what_came_after_it() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let cards = cards(&house, 2).await;
        const PAGES: &str = "SELECT page, used, revoked FROM card_index";
        const STAMP: &str = "SELECT value FROM setting WHERE name = 'status_revision'";
        let mut tx = house.app.store.read().await.unwrap();
        let pages = fetch_all!(&mut tx, (i64, Vec<u8>, Vec<u8>), PAGES).unwrap();
        let (stamp,) = fetch_one!(&mut tx, (i64,), STAMP).unwrap();
        drop(tx);
        revoke(&house, &seat, &proof(&cards[0])).await;
        assert_eq!(list(&house).await.get(cards[0].index), Some(true));
        let mut tx = house.app.store.write().await.unwrap();
        for (page, used, revoked) in pages {
            const BACK: &str = "UPDATE card_index SET used = $2, revoked = $3 WHERE page = $1";
            execute!(&mut tx, BACK, page, &used[..], &revoked[..]).unwrap();
        }
        const STAMPED: &str = "UPDATE setting SET value = $1 WHERE name = 'status_revision'";
        execute!(&mut tx, STAMPED, stamp).unwrap();
        tx.commit().await.unwrap();
        revoke(&house, &seat, &proof(&cards[1])).await;
        let served = list(&house).await.get(cards[1].index);
        assert_eq!(served, Some(true), "{}", house.database.name);
    }
}
