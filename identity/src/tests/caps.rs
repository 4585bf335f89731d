//! What a provider and the programme may do in a day, and commitments that are signed once.

use std::collections::BTreeSet;

use crypto::b64::Fixed;
use crypto::day::Month;
use crypto::id::ProviderId;
use crypto::rng;
use store::{fetch_all, fetch_one};
use wire::{Allowances, BlanksSigned, Counted, Empty, RaiseCap, Role, SignBlanks};

use super::cards::join_all;
use super::harness::{House, Reply, Seat, houses, houses_with};
use super::people::drawn;
use super::withdrawn::{cards, proof, revoke, withdrawn};
use crate::guard::caps::{self, Account};
use crate::{Caps, Limits};

fn request(house: &House, count: usize) -> SignBlanks {
    let rng = &mut house.app.rng();
    SignBlanks {
        commitments: (0..count).map(|_| Fixed(rng::bytes(rng))).collect(),
        expiry: "2028-03".parse().unwrap(),
    }
}

async fn sign(house: &House, seat: &Seat, asked: &SignBlanks) -> Reply {
    seat.post(house, "/v1/blanks", asked).await
}

/// How many indices are given out.
async fn used(house: &House) -> u32 {
    let mut tx = house.app.store.read().await.unwrap();
    let pages = fetch_all!(&mut tx, (Vec<u8>,), "SELECT used FROM card_index").unwrap();
    let bytes = pages.iter().flat_map(|(page,)| page);
    bytes.map(|byte| byte.count_ones()).sum()
}

/// An administrator, and the four accounts that this person made at four terminals.
async fn puppets(house: &House, provider: ProviderId) -> Vec<Seat> {
    let mut seats = Vec::new();
    for _ in 0..4 {
        seats.push(
            house
                .seat(Role::ProviderAdministrator, Some(provider))
                .await,
        );
    }
    seats
}

async fn allowance(house: &House, seat: &Seat, what: Counted) -> Vec<(bool, u64, u64)> {
    let told: Allowances = seat.get(house, "/v1/allowances").await.good();
    let of = told.today.iter().filter(|it| it.what == what);
    of.map(|it| (it.provider.is_some(), it.taken, it.cap))
        .collect()
}

/// What was written down of blanks, in the order of words.
async fn written(house: &House) -> Vec<(String, String)> {
    const WRITTEN: &str =
        "SELECT act, subject FROM audit WHERE act LIKE 'blanks-%' ORDER BY act, subject";
    let mut tx = house.app.store.read().await.unwrap();
    fetch_all!(&mut tx, (String, String), WRITTEN).unwrap()
}

#[tokio::test]
async fn a_request_for_blanks_that_is_repeated_costs_no_index() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let asked = request(&house, 5);
        let signed: BlanksSigned = sign(&house, &seat, &asked).await.good();
        assert_eq!((signed.blanks.len(), used(&house).await), (5, 5));
        let mut one_of_them = request(&house, 5);
        one_of_them.commitments[3] = asked.commitments[0];
        let mut later = asked.clone();
        later.expiry = "2030-03".parse().unwrap();
        for again in [&asked, &one_of_them, &later] {
            let refused = sign(&house, &seat, again).await.refused();
            assert_eq!(refused, (409, "conflict".to_owned()));
        }
        let mut twice = request(&house, 2);
        twice.commitments[1] = twice.commitments[0];
        let refused = sign(&house, &seat, &twice).await.refused();
        assert_eq!(refused, (422, "bad-value".to_owned()));
        assert_eq!(used(&house).await, 5);
        let taken = allowance(&house, &seat, Counted::Blanks).await;
        assert_eq!(
            taken,
            [(false, 5, 10_000)],
            "what was refused is given back"
        );
        assert_eq!(
            written(&house).await,
            [("blanks-refused", "5"); 3]
                .into_iter()
                .chain([("blanks-signed", "5"); 4])
                .map(|(act, count)| (act.to_owned(), count.to_owned()))
                .collect::<Vec<_>>(),
            "what was refused is taken back there too"
        );
        // What was refused together with it is as good as new.
        one_of_them.commitments.remove(3);
        sign(&house, &seat, &one_of_them)
            .await
            .good::<BlanksSigned>();
        assert_eq!(used(&house).await, 9);
    }
}

#[tokio::test]
async fn eight_at_once_sign_a_commitment_once() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let asked = request(&house, 20);
        let replies = join_all((0..8).map(|_| sign(&house, &seat, &asked))).await;
        let signed = replies.iter().filter(|reply| reply.status.is_success());
        assert_eq!(signed.count(), 1, "{}", house.database.name);
        assert_eq!(used(&house).await, 20, "{}", house.database.name);
        let taken = allowance(&house, &seat, Counted::Blanks).await;
        assert_eq!(taken, [(false, 20, 10_000)]);
    }
}

/// What stays of a commitment: a keyed tag in the order of tags and the month that the card says, until it is over.
#[tokio::test]
async fn what_stays_of_a_commitment_says_nothing_and_ends_with_the_card() {
    for mut house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let asked = request(&house, 40);
        sign(&house, &seat, &asked).await.good::<BlanksSigned>();
        const ALL: &str = "SELECT tag, month FROM signed_commitment";
        let mut tx = house.app.store.read().await.unwrap();
        let rows = fetch_all!(&mut tx, (Vec<u8>, i64), ALL).unwrap();
        drop(tx);
        let month: Month = "2028-03".parse().unwrap();
        assert!(rows.iter().all(|(_, of)| *of == i64::from(month.number())));
        assert!(rows.is_sorted(), "not in the order of the request");
        let tags: BTreeSet<_> = rows.into_iter().map(|(tag, _)| tag).collect();
        let plain = |it: &Fixed<16>| tags.contains(&it.0[..]);
        assert!(tags.len() == 40 && !asked.commitments.iter().any(plain));
        // A restart forgets nothing; the month after the card's last one does.
        house.restart();
        house.is_sure("2028-03-31").await;
        let seat = house.seat(Role::Operator, None).await;
        assert_eq!(sign(&house, &seat, &asked).await.refused().0, 409);
        house.is_sure("2028-04-01").await;
        let seat = house.seat(Role::Operator, None).await;
        let mut new = request(&house, 1);
        new.expiry = "2029-01".parse().unwrap();
        sign(&house, &seat, &new).await.good::<BlanksSigned>();
        const LEFT: &str = "SELECT COUNT(*) FROM signed_commitment";
        let mut tx = house.app.store.read().await.unwrap();
        assert_eq!(fetch_one!(&mut tx, (i64,), LEFT).unwrap(), (1,));
    }
}

/// An expiry that no card can say is refused before an index is used.
#[tokio::test]
async fn a_month_that_no_card_can_say_costs_no_index() {
    for house in houses().await {
        house.clock.set("2044-01-01".parse().unwrap());
        let seat = house.seat(Role::Operator, None).await;
        let mut asked = request(&house, 3);
        for (expiry, fits) in [("2045-05", false), ("2045-04", true)] {
            asked.expiry = expiry.parse().unwrap();
            let reply = sign(&house, &seat, &asked).await;
            assert_eq!(reply.status.is_success(), fits, "{expiry}");
            assert_eq!(used(&house).await, if fits { 3 } else { 0 });
        }
    }
}

/// Six for a provider and eight for the programme, of everything that is counted but what tests need for themselves.
fn small() -> Limits {
    let caps = Caps {
        terminal: 10,
        provider: 6,
        programme: 8,
    };
    Limits {
        revocations: caps,
        invitations: caps,
        ..Limits::default()
    }
}

#[tokio::test]
async fn four_accounts_of_one_administrator_withdraw_no_more_than_one() {
    for house in houses_with(small()).await {
        let (own, other) = (house.provider("A").await, house.provider("B").await);
        let (seats, rivals) = (puppets(&house, own).await, puppets(&house, other).await);
        let cards = cards(&house, 24).await;
        for (at, card) in cards.iter().take(12).enumerate() {
            revoke(&house, &seats[at % 4], &proof(card)).await;
        }
        assert_eq!(withdrawn(&house, &cards).await, 6, "the provider's");
        for (at, card) in cards.iter().skip(12).enumerate() {
            revoke(&house, &rivals[at % 4], &proof(card)).await;
        }
        assert_eq!(withdrawn(&house, &cards).await, 8, "the programme's");
        let what = Counted::Revocations;
        let seen = allowance(&house, &seats[0], what).await;
        assert_eq!(
            seen,
            [(true, 6, 6)],
            "an administrator sees the own provider"
        );
        let operator = house.seat(Role::Operator, None).await;
        let mut seen = allowance(&house, &operator, what).await;
        seen.sort_unstable();
        assert_eq!(seen, [(false, 8, 8), (true, 2, 6), (true, 6, 6)]);
        house.clock.set("2026-03-11".parse().unwrap());
        let seats = puppets(&house, own).await;
        revoke(&house, &seats[0], &proof(&cards[23])).await;
        assert_eq!(
            withdrawn(&house, &cards).await,
            9,
            "the next day is its own"
        );
    }
}

#[tokio::test]
async fn four_accounts_get_no_more_blanks_and_invitations_than_one() {
    let blanks = Caps {
        terminal: 500,
        provider: 600,
        programme: 700,
    };
    let limits = Limits { blanks, ..small() };
    for house in houses_with(limits).await {
        let (own, other) = (house.provider("A").await, house.provider("B").await);
        let (seats, rivals) = (puppets(&house, own).await, puppets(&house, other).await);
        let ask = async |seat: &Seat, count| {
            let reply = sign(&house, seat, &request(&house, count)).await;
            match reply.status.is_success() {
                true => "signed".to_owned(),
                false => reply.refused().1,
            }
        };
        assert_eq!(ask(&seats[0], 400).await, "signed");
        assert_eq!(ask(&seats[0], 101).await, "limit", "the terminal's own");
        assert_eq!(ask(&seats[1], 200).await, "signed");
        for seat in &seats {
            assert_eq!(ask(seat, 1).await, "provider-limit");
        }
        assert_eq!(ask(&rivals[0], 101).await, "programme-limit");
        assert_eq!(ask(&rivals[0], 100).await, "signed", "nothing was lost");
        assert_eq!(used(&house).await, 700);
        let invite = async |seat: &Seat, provider| {
            let (_, asked) = drawn(&house, Role::Clinician, provider).await;
            let reply = seat.post(&house, "/v1/invitations", &asked).await;
            reply.status.as_u16()
        };
        let mut made = 0;
        for seat in seats.iter().chain(&seats) {
            made += u32::from(invite(seat, Some(own)).await == 200);
        }
        assert_eq!(made, 6);
        for seat in &rivals {
            made += u32::from(invite(seat, Some(other)).await == 200);
        }
        assert_eq!(made, 8);
    }
}

#[tokio::test]
async fn an_operator_raises_a_providers_cap_for_one_day_and_it_is_written_down() {
    for house in houses_with(small()).await {
        let own = house.provider("A").await;
        let seats = puppets(&house, own).await;
        let operator = house.seat(Role::Operator, None).await;
        let cards = cards(&house, 30).await;
        let path = format!("/v1/providers/{own}/allowances");
        let raise = async |seat: &Seat, cap| {
            let what = Counted::Revocations;
            seat.post(&house, &path, &RaiseCap { what, cap }).await
        };
        assert_eq!(raise(&seats[0], 20).await.refused().0, 403);
        assert_eq!(
            raise(&operator, 6).await.refused().0,
            422,
            "no more than usual"
        );
        let nowhere = format!("/v1/providers/{}/allowances", "0".repeat(32));
        let asked = RaiseCap {
            what: Counted::Blanks,
            cap: 9_000,
        };
        let reply = operator.post(&house, &nowhere, &asked).await;
        assert_eq!(reply.refused().0, 404);
        raise(&operator, 20).await.good::<Empty>();
        // One terminal may go as far as the provider then.
        for card in &cards[..22] {
            revoke(&house, &seats[0], &proof(card)).await;
        }
        assert_eq!(withdrawn(&house, &cards).await, 20);
        let seen = allowance(&house, &operator, Counted::Revocations).await;
        assert_eq!(seen, [(false, 20, 22), (true, 20, 20)]);
        const RAISED: &str = "SELECT subject FROM audit WHERE act = 'cap-raised'";
        let mut tx = house.app.store.read().await.unwrap();
        let raised = fetch_all!(&mut tx, (String,), RAISED).unwrap();
        drop(tx);
        assert_eq!(raised, [(format!("{own} revocations 20"),)]);
        house.clock.set("2026-03-11".parse().unwrap());
        let seats = puppets(&house, own).await;
        for card in &cards[22..] {
            revoke(&house, &seats[1], &proof(card)).await;
        }
        assert_eq!(withdrawn(&house, &cards).await, 26, "the usual six");
    }
}

/// A request that ends after midnight frees nothing of the new day.
#[tokio::test]
async fn what_is_given_back_goes_to_the_day_that_paid() {
    for house in houses_with(small()).await {
        let own = house.provider("A").await;
        let what = Counted::Invitations;
        let take = async || {
            let account = Account::provider(&house.app, Some(own));
            let mut tx = house.app.store.write().await.unwrap();
            let taken = caps::take(&mut tx, &house.app, account, what, 5).await;
            taken.unwrap();
            tx.commit().await.unwrap();
            account
        };
        let before = take().await;
        house.clock.set("2026-03-11".parse().unwrap());
        let after = take().await;
        let taken = async || {
            let told = caps::list(&house.app, Some(own)).await.unwrap();
            told.today.iter().find(|it| it.what == what).unwrap().taken
        };
        caps::give_back(&house.app, before, what, 5).await.unwrap();
        assert_eq!(taken().await, 5);
        caps::give_back(&house.app, after, what, 5).await.unwrap();
        assert_eq!(taken().await, 0);
    }
}

/// Those at the machine hold the keys: no limit stands in their way, and none of theirs in anybody's.
#[tokio::test]
async fn the_command_line_is_not_limited_and_signs_no_commitment_twice() {
    let none = Caps {
        terminal: 0,
        provider: 0,
        programme: 0,
    };
    let limits = Limits {
        blanks: none,
        invitations: none,
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let asked = request(&house, 3);
        let commitments: Vec<_> = asked
            .commitments
            .iter()
            .map(|it| crypto::card::Commitment::from_bytes(it.0))
            .collect();
        let sign = async || {
            let signed = crate::cards::blanks::sign(&house.app, &commitments, asked.expiry).await;
            signed.map(|all| all.len())
        };
        assert_eq!(sign().await, Ok(3));
        assert_eq!(sign().await, Err(crate::Refusal::Conflict));
        assert_eq!(used(&house).await, 3);
    }
}
