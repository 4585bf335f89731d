//! Finding a device by what people know about it, and shutting it out.

use std::sync::Arc;

use wire::{Class, Empty, Enrolled, RevokeLabelled, Role, TerminalRevoked};

use super::harness::{House, Seat, houses};
use super::people::{Person, invite, log_in, opens, register};
use crate::Actor;
use crate::access::{staff, terminals};

/// Two of a provider at their own laptops, a funder, and an administrator and an operator who are logged in.
struct Town {
    sri: Person,
    budi: Person,
    funder: Person,
    boss: Seat,
    above: Seat,
}

async fn town(house: &House) -> Town {
    let own = Some(house.provider("A").await);
    let other = Some(house.provider("B").await);
    let text = invite(house, Role::ProviderAdministrator, own).await;
    let sri = register(house, &text, "sri").await;
    let text = invite(house, Role::Clinician, own).await;
    let budi = register(house, &text, "budi").await;
    let text = invite(house, Role::ProviderAdministrator, other).await;
    register(house, &text, "foreign").await;
    let text = invite(house, Role::Funder, None).await;
    Town {
        funder: register(house, &text, "funder").await,
        boss: house.seat(Role::ProviderAdministrator, own).await,
        above: house.seat(Role::Operator, None).await,
        sri,
        budi,
    }
}

async fn listed(house: &House, seat: &Seat) -> Vec<Enrolled> {
    let mut all: Vec<Enrolled> = seat.get(house, "/v1/terminals").await.good();
    // Seats have no label.
    all.retain(|one| !one.label.is_empty());
    all.sort_by(|a, b| a.label.cmp(&b.label));
    all
}

#[tokio::test]
async fn a_device_is_found_by_what_it_is_called_and_who_signed_in_there_and_when() {
    for house in houses().await {
        let town = town(&house).await;
        let all = listed(&house, &town.boss).await;
        let labels: Vec<&str> = all.iter().map(|one| one.label.as_str()).collect();
        assert_eq!(
            labels,
            ["laptop of budi", "laptop of sri"],
            "of the own provider"
        );
        assert_eq!(all[0].people[0].handle, "budi");
        let enrolled = all[0].last_day().unwrap();
        // Somebody signs in two days later: the process knows at once, the disk when the day is over.
        house.clock.advance(2 * 86_400);
        log_in(&house, &town.budi).await;
        let boss = house
            .seat(Role::ProviderAdministrator, all[0].provider)
            .await;
        let last = |all: &[Enrolled]| all[0].last_day().unwrap().since(enrolled);
        assert_eq!(last(&listed(&house, &boss).await), 2);
        let elsewhere = house.another_service();
        let reach = terminals::Reach::Provider(all[0].provider.unwrap());
        let day = async || {
            let all = terminals::list(&elsewhere, reach).await.unwrap();
            let one = all.iter().find(|one| one.label == "laptop of budi");
            one.and_then(Enrolled::last_day).unwrap().since(enrolled)
        };
        assert_eq!(day().await, 0);
        house.clock.advance(86_400);
        house.app.note_the_day().await.unwrap();
        assert_eq!(day().await, 2);
        // An operator sees the terminals of operators and funders, and no provider's.
        let above = house.seat(Role::Operator, None).await;
        let all = listed(&house, &above).await;
        assert_eq!(all.len(), 1);
        assert_eq!(
            (all[0].label.as_str(), all[0].class),
            ("laptop of funder", Class::Funder)
        );
    }
}

#[tokio::test]
async fn a_device_is_revoked_by_what_it_is_called_and_never_a_wrong_one() {
    for house in houses().await {
        let town = town(&house).await;
        let by = |label: &str| RevokeLabelled {
            label: label.to_owned(),
        };
        let path = "/v1/terminals/revoke";
        for (who, label, status) in [
            (&town.boss, "laptop of nobody", 404),
            (&town.boss, "laptop of foreign", 404),
            (&town.boss, "laptop of funder", 404),
            (&town.above, "laptop of budi", 404),
            (&town.boss, "", 400),
        ] {
            let refused = who.post(&house, path, &by(label)).await.refused();
            assert_eq!(refused.0, status, "{label}");
        }
        let (_, session) = log_in(&house, &town.budi).await;
        let reply = town.boss.post(&house, path, &by(" LAPTOP of Budi ")).await;
        let revoked: TerminalRevoked = reply.good();
        assert_eq!(revoked.terminal, town.budi.registered.terminal);
        assert_eq!(session.get(&house, "/v1/bundle").await.refused().0, 401);
        assert!(!opens(&house, |ke1| town.budi.start("budi", ke1)).await);
        // Gone from those that can be named, not from the list.
        let again = town.boss.post(&house, path, &by("laptop of budi")).await;
        assert_eq!(again.refused().0, 404);
        let all = listed(&house, &town.boss).await;
        assert!(all[0].revoked && !all[1].revoked);
        // Two that are called the same are told apart by id alone.
        let text = invite(&house, Role::Clinician, all[0].provider).await;
        let key = crypto::sign::TerminalKey::generate(&mut house.app.rng()).unwrap();
        let mut finish = super::people::prepared(&house, &text, "adi", &key).await;
        finish.label = "laptop of sri".to_owned();
        house
            .plain("/v1/register/finish", &finish)
            .await
            .good::<wire::Registered>();
        let refused = town.boss.post(&house, path, &by("laptop of sri")).await;
        assert_eq!(refused.refused().0, 409);
        let id = format!("/v1/terminals/{}/revoke", town.sri.registered.terminal);
        town.boss.post(&house, &id, &Empty {}).await.good::<Empty>();
        let reply = town.boss.post(&house, path, &by("laptop of sri")).await;
        reply.good::<TerminalRevoked>();
    }
}

#[tokio::test]
async fn a_revocation_reaches_other_processes_within_a_minute() {
    for house in houses().await {
        let town = town(&house).await;
        let elsewhere = Arc::new(house.another_service());
        let (_, one) = log_in(&house, &town.sri).await;
        let (_, other) = log_in(&house, &town.funder).await;
        let actor = Actor::CommandLine;
        terminals::revoke(&elsewhere, actor, None, one.terminal)
            .await
            .unwrap();
        staff::revoke(&elsewhere, actor, None, other.staff)
            .await
            .unwrap();
        assert!(one.get(&house, "/v1/bundle").await.status.is_success());
        house.app.end_the_revoked().await.unwrap();
        for seat in [&one, &other] {
            assert_eq!(seat.get(&house, "/v1/bundle").await.refused().0, 401);
        }
        assert!(
            town.boss
                .get(&house, "/v1/bundle")
                .await
                .status
                .is_success()
        );
    }
}

#[tokio::test]
async fn what_a_terminal_is_called_lies_sealed_and_of_one_length() {
    for house in houses().await {
        town(&house).await;
        const SEALED: &str = "SELECT label_sealed FROM terminal";
        let mut tx = house.app.store.read().await.unwrap();
        let all = store::fetch_all!(&mut tx, (Vec<u8>,), SEALED).unwrap();
        for (sealed,) in all.iter().filter(|(sealed,)| sealed.len() != 32) {
            assert_eq!(sealed.len(), 200);
            assert!(!sealed.windows(6).any(|it| it == b"laptop"));
        }
    }
}
