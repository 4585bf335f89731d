//! Withdrawing cards: who can, what is answered, what counts.

use std::collections::BTreeSet;

use axum::http::header;
use crypto::b64::B64;
use crypto::card::{Card, CardSecret, IssuerKey, OpenedCard};
use crypto::day::Month;
use crypto::json::HiddenBytes;
use crypto::secret::SecretBytes;
use crypto::status::CheckedStatusList;
use crypto::verdict::{Verdict, verdict};
use rand::RngCore as _;
use store::clock::{Clock as _, Stopwatch};
use store::{execute, fetch_all};
use wire::{RevokeCard, Role};

use super::cards::{blanks, join_all};
use super::harness::{House, Reply, Seat, houses, houses_with};
use super::timing::{FAR, ROUNDS, rank_sum};
use crate::{Caps, Limits};

pub(super) fn proof(card: &OpenedCard) -> RevokeCard {
    let proof = card.revocation();
    RevokeCard {
        blank: B64(proof.blank.as_bytes().to_vec()),
        token: HiddenBytes(SecretBytes::new(proof.token.expose().to_vec())),
    }
}

pub(super) async fn revoke(house: &House, seat: &Seat, asked: &RevokeCard) -> Reply {
    let reply = seat.post(house, "/v1/status/revoke", asked).await;
    assert_eq!((reply.status.as_u16(), &reply.body[..]), (202, &b"{}"[..]));
    reply
}

/// Cards as a terminal opens them.
pub(super) async fn cards(house: &House, count: usize) -> Vec<OpenedCard> {
    let operator = house.seat(Role::Operator, None).await;
    let keys = house.bundle().await.card_keys();
    let cards = blanks(house, &operator, count).await;
    cards.iter().map(|card| card.open(&keys).unwrap()).collect()
}

pub(super) async fn list(house: &House) -> CheckedStatusList {
    let token = crate::cards::status::token(&house.app).await.unwrap();
    CheckedStatusList::from_token(&token, &house.app.keys.status.public()).unwrap()
}

pub(super) async fn withdrawn(house: &House, cards: &[OpenedCard]) -> usize {
    let list = list(house).await;
    let is = |card: &&OpenedCard| list.get(card.index) == Some(true);
    cards.iter().filter(is).count()
}

#[tokio::test]
async fn a_revoked_card_is_on_the_list_and_others_are_not() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let operator = house.seat(Role::Operator, None).await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let (bundle, today) = (house.bundle().await, house.clock.today());
        let keys = bundle.card_keys();
        let cards = blanks(&house, &operator, 2).await;
        let before = seat.get(&house, "/v1/status-list").await;
        assert_eq!(before.headers["content-type"], "application/statuslist+cwt");
        let again = seat.get(&house, "/v1/status-list").await;
        assert_eq!(before.body, again.body, "one token a day and change");
        let first = proof(&cards[0].open(&keys).unwrap());
        revoke(&house, &seat, &first).await;
        revoke(&house, &seat, &first).await;
        let token = seat.get(&house, "/v1/status-list").await.body;
        let (key, programme) = (&bundle.core.status_key.0, &bundle.core.programme);
        let list = CheckedStatusList::take(&token, key, programme, None, today).unwrap();
        assert_eq!((list.issued(), list.list().size()), (today, 131_072));
        let judged = |card: &Card| verdict(&card.to_text(), &keys, Some(&list), today).0;
        assert!(matches!(judged(&cards[0]), Verdict::Revoked { .. }));
        assert!(matches!(
            judged(&cards[1]),
            Verdict::Valid { list_age_days: 0 }
        ));
    }
}

/// A blank with any index, signed by somebody.
fn forged(house: &House, index: u32, expiry: Month) -> RevokeCard {
    let rng = &mut house.app.rng();
    let (issuer, secret) = (IssuerKey::generate(rng).unwrap(), CardSecret::random(rng));
    let blank = issuer.sign_blank(1, index, expiry, &secret.commitment());
    RevokeCard {
        blank: B64(blank.unwrap().as_bytes().to_vec()),
        token: HiddenBytes(SecretBytes::new(secret.revoke_token().expose().to_vec())),
    }
}

/// Everything that is no card of this service: what somebody who scans indices could send.
fn noise(house: &House, card: &OpenedCard) -> Vec<(&'static str, RevokeCard)> {
    let made_up = |index: u32| forged(house, index, card.expiry);
    let good = proof(card);
    let with = |blank: &[u8], token: &[u8]| RevokeCard {
        blank: B64(blank.to_vec()),
        token: HiddenBytes(SecretBytes::new(token.to_vec())),
    };
    let unused = card.index ^ 1;
    let commitment = card.secret.commitment();
    let seen = [commitment.as_bytes().as_slice(), &[0; 16]].concat();
    vec![
        ("a used index, forged", made_up(card.index)),
        ("an unused index, forged", made_up(unused)),
        ("an index beyond the list", made_up(u32::MAX)),
        ("the commitment for a token", with(&good.blank, &seen)),
        ("another token", with(&good.blank, &[7; 32])),
        ("no token", with(&good.blank, &[])),
        ("a longer token", with(&good.blank, &[7; 33])),
        ("no blank", with(&[], good.token.0.expose())),
        (
            "a cut blank",
            with(&good.blank[..83], good.token.0.expose()),
        ),
        ("a longer blank", with(&[1; 85], good.token.0.expose())),
    ]
}

#[tokio::test]
async fn an_answer_says_nothing_about_an_index() {
    let limits = Limits {
        revocations: Caps {
            terminal: 11,
            ..Caps::NONE
        },
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let cards = cards(&house, 2).await;
        let mut replies = Vec::new();
        for (_, asked) in noise(&house, &cards[0]) {
            replies.push(revoke(&house, &seat, &asked).await);
        }
        assert_eq!(
            withdrawn(&house, &cards).await,
            0,
            "noise withdraws nothing"
        );
        // Used, used again, and beyond the limit.
        replies.push(revoke(&house, &seat, &proof(&cards[0])).await);
        replies.push(revoke(&house, &seat, &proof(&cards[0])).await);
        assert_eq!(withdrawn(&house, &cards).await, 1);
        replies.push(revoke(&house, &seat, &proof(&cards[1])).await);
        assert_eq!(
            withdrawn(&house, &cards).await,
            1,
            "eleven were tried before"
        );
        let mut heads: Vec<_> = replies
            .iter()
            .map(|reply| {
                let mut headers = reply.headers.clone();
                headers.remove(wire::ANSWER_HEADER);
                format!("{headers:?}")
            })
            .collect();
        heads.dedup();
        assert_eq!(heads.len(), 1, "{heads:?}");
        assert!(replies[0].headers.contains_key(header::CONTENT_TYPE));
        // Who runs the service sees what was refused, and why; what was withdrawn before is no refusal.
        house.app.flush_refusals().await.unwrap();
        const COUNTED: &str = "SELECT reason, count FROM refusal ORDER BY reason";
        let mut tx = house.app.store.read().await.unwrap();
        let counted = fetch_all!(&mut tx, (String, i64), COUNTED).unwrap();
        assert_eq!(
            counted,
            [("bad-value".to_owned(), 10), ("limit".to_owned(), 1)]
        );
    }
}

/// Compared as log-ins are ([`super::timing`]): a false alarm in fewer than one of ten million runs.
#[tokio::test]
async fn the_time_of_an_answer_says_nothing_about_an_index_either() {
    let limits = Limits {
        revocations: Caps::NONE,
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let cards = cards(&house, ROUNDS).await;
        let used: BTreeSet<u32> = cards.iter().map(|card| card.index).collect();
        let mut times = [Vec::new(), Vec::new()];
        for card in &cards {
            let near = (1..).map(|bits| card.index ^ bits);
            let unused = near.into_iter().find(|index| !used.contains(index));
            let asked = [card.index, unused.unwrap()];
            let asked = asked.map(|index| forged(&house, index, card.expiry));
            let first = usize::from(house.app.rng().next_u32().is_multiple_of(2));
            for which in [first, 1 - first] {
                let watch = Stopwatch::start();
                revoke(&house, &seat, &asked[which]).await;
                times[which].push(watch.elapsed());
            }
        }
        let far = rank_sum(&times[0], &times[1]);
        println!("{}: z = {far:.2}", house.database.name);
        assert!(far.abs() < FAR, "{}: {far}", house.database.name);
    }
}

#[tokio::test]
async fn noise_is_paid_by_its_terminal_and_by_nobody_else() {
    let limits = Limits {
        revocations: Caps {
            terminal: 3,
            provider: 3,
            programme: 100,
        },
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let thief = house.seat(Role::Clinician, Some(provider)).await;
        let honest = house.seat(Role::Clinician, Some(provider)).await;
        let cards = cards(&house, 4).await;
        for _ in 0..2 {
            for (_, asked) in noise(&house, &cards[0]) {
                revoke(&house, &thief, &asked).await;
            }
        }
        revoke(&house, &thief, &proof(&cards[0])).await;
        assert_eq!(withdrawn(&house, &cards).await, 0);
        for card in &cards {
            revoke(&house, &honest, &proof(card)).await;
        }
        assert_eq!(withdrawn(&house, &cards).await, 3);
    }
}

/// The database was restored from a copy that knows less than the cards do.
#[tokio::test]
async fn a_card_that_an_older_copy_does_not_know_is_withdrawn_all_the_same() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let cards = cards(&house, 2).await;
        let mut tx = house.app.store.write().await.unwrap();
        execute!(&mut tx, "DELETE FROM card_index").unwrap();
        tx.commit().await.unwrap();
        revoke(&house, &seat, &proof(&cards[1])).await;
        let list = list(&house).await;
        assert_eq!(list.get(cards[1].index), Some(true));
        assert_eq!(list.get(cards[0].index), Some(false));
    }
}

#[tokio::test]
async fn eight_at_once_withdraw_no_more_than_there_may_be() {
    let limits = Limits {
        revocations: Caps {
            terminal: 20,
            provider: 3,
            programme: 100,
        },
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        let cards = cards(&house, 8).await;
        // The same card eight times is one card, and is counted as one.
        let same = proof(&cards[0]);
        join_all((0..8).map(|_| revoke(&house, &seat, &same))).await;
        assert_eq!(
            withdrawn(&house, &cards).await,
            1,
            "{}",
            house.database.name
        );
        let proofs: Vec<_> = cards[1..].iter().map(proof).collect();
        join_all(proofs.iter().map(|asked| revoke(&house, &seat, asked))).await;
        assert_eq!(
            withdrawn(&house, &cards).await,
            3,
            "{}",
            house.database.name
        );
    }
}
