//! Invitations that a terminal draws: the service learns a hash, and the same hash again changes nothing.

use crypto::invitation::Invitation;
use wire::{Empty, Role};

use super::harness::{House, houses};
use super::people::{drawn, register};

/// Invitations, used or not, and how many were written down.
async fn counted(house: &House) -> (i64, i64) {
    const ALL: &str = "SELECT (SELECT COUNT(*) FROM invitation), (SELECT COUNT(*) FROM audit WHERE act = 'invited')";
    let mut tx = house.app.store.read().await.unwrap();
    store::fetch_one!(&mut tx, (i64, i64), ALL).unwrap()
}

#[tokio::test]
async fn an_invitation_told_again_changes_nothing_before_and_after_its_use() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        let provider = house.provider("A").await;
        let (token, asked) = drawn(&house, Role::Clinician, Some(provider)).await;
        let path = "/v1/invitations";
        for _ in 0..3 {
            seat.post(&house, path, &asked).await.good::<Empty>();
        }
        assert_eq!(counted(&house).await, (1, 1), "{}", house.database.name);
        let mut other = asked.clone();
        other.role = Role::OutreachWorker;
        assert_eq!(seat.post(&house, path, &other).await.refused().0, 409);
        other.provider = Some(house.provider("B").await);
        other.role = Role::Clinician;
        assert_eq!(seat.post(&house, path, &other).await.refused().0, 409);
        let mut other = asked.clone();
        other.day = asked.day.plus(1);
        assert_eq!(seat.post(&house, path, &other).await.refused().0, 409);
        let person = register(&house, token.text(), "budi").await;
        assert_eq!(person.registered.role, Role::Clinician);
        // Its answer comes late, and it is told again: nobody else gets in with it.
        seat.post(&house, path, &asked).await.good::<Empty>();
        assert_eq!(counted(&house).await, (1, 1));
        let start = wire::RegisterStart {
            opener: super::people::opener(token.text()),
            request: crypto::b64::Fixed([1; 32]),
        };
        let refused = house.plain("/v1/register/start", &start).await.refused();
        assert_eq!(refused.1, "invitation");
    }
}

/// What the database keeps opens nothing, and what opens it is no text that could be handed to somebody.
#[tokio::test]
async fn neither_hash_nor_opener_is_the_invitation() {
    for house in houses().await {
        let (token, asked) = drawn(&house, Role::Operator, None).await;
        let seat = house.seat(Role::Operator, None).await;
        let reply = seat.post(&house, "/v1/invitations", &asked).await;
        reply.good::<Empty>();
        let opener = Invitation::read(token.text()).unwrap().opener();
        assert_ne!(opener.expose(), &asked.hash.0);
        let start = wire::RegisterStart {
            opener: crypto::json::Hidden::of(&asked.hash.0),
            request: crypto::b64::Fixed([1; 32]),
        };
        let refused = house.plain("/v1/register/start", &start).await.refused();
        assert_eq!(refused.1, "invitation", "the hash opens nothing");
    }
}

/// The day stands in the list of staff for ever, so it is the service's own, give or take what clocks differ.
#[tokio::test]
async fn an_invitation_bears_the_day_on_which_it_is_made() {
    for house in houses().await {
        let seat = house.seat(Role::Operator, None).await;
        for (days, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let (_, mut asked) = drawn(&house, Role::Operator, None).await;
            asked.day = asked.day.plus(days);
            let reply = seat.post(&house, "/v1/invitations", &asked).await;
            assert_eq!(reply.status.is_success(), good, "{days}");
        }
    }
}
