//! What terminals take from blocks that their provider and the programme share.

use crypto::b64::{B64, Fixed};
use crypto::envelope::{SEALED_BYTES, delete_token_hash};
use crypto::id::{EntryId, EnvelopeId, ProviderId};
use wire::{
    Allowances, AppendRoster, Counted, Empty, NewEntry, PutEnvelope, RaiseCap, Role, RosterAppended,
};

use super::cards::join_all;
use super::harness::{House, Seat, houses_with};
use crate::{Caps, Limits};

/// Ten for a terminal, six for a provider and eight for the programme.
fn small() -> Limits {
    let caps = Caps {
        terminal: 10,
        provider: 6,
        programme: 8,
    };
    Limits {
        activations: caps,
        entries: caps,
        ..Limits::default()
    }
}

/// A terminal's account, of which an administrator can make many.
async fn accounts(house: &House, provider: ProviderId) -> Vec<Seat> {
    let mut seats = Vec::new();
    for _ in 0..4 {
        seats.push(house.seat(Role::Clinician, Some(provider)).await);
    }
    seats
}

/// How many of so many new entries were taken, or why none was.
async fn write(house: &House, seat: &Seat, count: usize) -> Result<usize, String> {
    let entry = |_| NewEntry {
        id: EntryId::random(&mut house.app.rng()),
        sealed: B64(vec![7; 40]),
    };
    let entries: Vec<NewEntry> = (0..count).map(entry).collect();
    let first: Vec<EntryId> = entries.iter().map(|entry| entry.id).collect();
    let reply = seat
        .post(house, "/v1/roster", &AppendRoster { entries })
        .await;
    if !reply.status.is_success() {
        return Err(reply.refused().1);
    }
    let taken: RosterAppended = reply.good();
    let ids: Vec<EntryId> = taken.acks.iter().map(|ack| ack.id).collect();
    assert_eq!(ids, first[..ids.len()], "in their order");
    Ok(ids.len())
}

async fn put(house: &House, seat: &Seat, n: u8) -> Result<usize, String> {
    let request = PutEnvelope {
        sealed: B64(vec![n; SEALED_BYTES]),
        delete_hash: Fixed(delete_token_hash(&[n; 32])),
    };
    let path = format!("/v1/envelopes/{}", EnvelopeId::from_bytes([n; 16]));
    let reply = seat.put(house, &path, &request).await;
    if reply.status.is_success() {
        return Ok(1);
    }
    Err(reply.refused().1)
}

/// Taken and cap of today, of the provider or of the programme.
async fn told(house: &House, seat: &Seat, what: Counted) -> Vec<(bool, u64, u64)> {
    let told: Allowances = seat.get(house, "/v1/allowances").await.good();
    let of = told.today.iter().filter(|it| it.what == what);
    of.map(|it| (it.provider.is_some(), it.taken, it.cap))
        .collect()
}

#[tokio::test]
async fn a_terminal_writes_so_many_entries_a_day_and_keeps_the_others() {
    let limits = Limits {
        entries: Caps {
            terminal: 5,
            ..Caps::NONE
        },
        ..Limits::default()
    };
    for house in houses_with(limits).await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let seat = house.seat(Role::Clinician, Some(provider)).await;
        assert_eq!(write(&house, &seat, 3).await, Ok(3), "{name}");
        assert_eq!(write(&house, &seat, 3).await, Ok(2), "{name}");
        assert_eq!(write(&house, &seat, 1).await, Err("limit".to_owned()));
        let other = house.seat(Role::Clinician, Some(provider)).await;
        assert_eq!(write(&house, &other, 9).await, Ok(5), "{name}: its own");
        house.clock.set("2026-03-11".parse().unwrap());
        let next = house.seat(Role::Clinician, Some(provider)).await;
        assert_eq!(write(&house, &next, 9).await, Ok(5), "{name}");
    }
}

#[tokio::test]
async fn four_accounts_write_no_more_entries_than_their_provider_may() {
    for house in houses_with(small()).await {
        let name = house.database.name;
        let (own, other) = (house.provider("A").await, house.provider("B").await);
        let (seats, rivals) = (accounts(&house, own).await, accounts(&house, other).await);
        let all = join_all(seats.iter().map(|seat| write(&house, seat, 2))).await;
        let taken: usize = all.iter().flatten().sum();
        assert_eq!(taken, 6, "{name}: {all:?}");
        let refused = write(&house, &seats[0], 1).await;
        assert_eq!(refused, Err("provider-limit".to_owned()), "{name}");
        assert_eq!(write(&house, &rivals[0], 4).await, Ok(2), "{name}");
        let refused = write(&house, &rivals[1], 1).await;
        assert_eq!(refused, Err("programme-limit".to_owned()), "{name}");
        let what = Counted::Entries;
        let operator = house.seat(Role::Operator, None).await;
        let mut seen = told(&house, &operator, what).await;
        seen.sort_unstable();
        assert_eq!(seen, [(false, 8, 8), (true, 2, 6), (true, 6, 6)], "{name}");
        // For one day an operator can give more, and the programme's cap grows by as much.
        let path = format!("/v1/providers/{own}/allowances");
        let asked = RaiseCap { what, cap: 9 };
        operator.post(&house, &path, &asked).await.good::<Empty>();
        assert_eq!(write(&house, &seats[1], 8).await, Ok(3), "{name}");
    }
}

#[tokio::test]
async fn four_accounts_put_no_more_envelopes_than_their_provider_may() {
    for house in houses_with(small()).await {
        let name = house.database.name;
        let (own, other) = (house.provider("A").await, house.provider("B").await);
        let (seats, rivals) = (accounts(&house, own).await, accounts(&house, other).await);
        let mut made = 0;
        for n in 1..=12 {
            match put(&house, &seats[usize::from(n) % 4], n).await {
                Ok(one) => made += one,
                Err(why) => assert_eq!(why, "provider-limit", "{name}"),
            }
        }
        assert_eq!(made, 6, "{name}");
        // What is there may be put again, which changes nothing.
        assert_eq!(put(&house, &seats[0], 1).await, Ok(1), "{name}");
        for n in 21..=24 {
            made += put(&house, &rivals[0], n).await.unwrap_or(0);
        }
        assert_eq!(made, 8, "{name}");
        let refused = put(&house, &rivals[1], 30).await;
        assert_eq!(refused, Err("programme-limit".to_owned()), "{name}");
    }
}

/// What was reserved for a provider and not used is there for its other terminals, and after a clean end for all.
#[tokio::test]
async fn an_idle_terminal_keeps_nothing_from_its_colleagues() {
    for mut house in houses_with(small()).await {
        let (name, own) = (house.database.name, house.provider("A").await);
        let seats = accounts(&house, own).await;
        assert_eq!(write(&house, &seats[0], 1).await, Ok(1), "{name}");
        house.app.settle_counts().await.unwrap();
        house.restart();
        let seat = house.seat(Role::Clinician, Some(own)).await;
        assert_eq!(write(&house, &seat, 6).await, Ok(5), "{name}");
    }
}
