//! Sessions, roles, revocation.

use axum::http::Method;
use crypto::b64::Fixed;
use serde_json::json;
use store::clock::Clock as _;
use wire::{Empty, Invite, NewSite, Registry, Role};

use super::harness::{House, Seat, houses};
use crate::access::session::LIFETIME;

#[tokio::test]
async fn a_session_ends_by_time_by_logout_and_by_revocation_of_either_half() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let boss = house
            .seat(Role::ProviderAdministrator, Some(provider))
            .await;
        let seats = [
            house.seat(Role::Clinician, Some(provider)).await,
            house.seat(Role::Clinician, Some(provider)).await,
            house.seat(Role::Clinician, Some(provider)).await,
        ];
        for seat in &seats {
            assert!(seat.get(&house, "/v1/bundle").await.status.is_success());
        }
        seats[0]
            .post(&house, "/v1/logout", &Empty {})
            .await
            .good::<Empty>();
        boss.post(
            &house,
            &format!("/v1/staff/{}/revoke", seats[1].staff),
            &Empty {},
        )
        .await
        .good::<Empty>();
        boss.post(
            &house,
            &format!("/v1/terminals/{}/revoke", seats[2].terminal),
            &Empty {},
        )
        .await
        .good::<Empty>();
        for seat in &seats {
            assert_eq!(seat.get(&house, "/v1/bundle").await.refused().0, 401);
        }
        house.clock.advance(LIFETIME - 1);
        assert!(boss.get(&house, "/v1/bundle").await.status.is_success());
        house.clock.advance(1);
        assert_eq!(boss.get(&house, "/v1/bundle").await.refused().0, 401);
    }
}

#[tokio::test]
async fn an_administrator_reaches_no_further_than_the_own_provider() {
    for house in houses().await {
        let (own, foreign) = (house.provider("A").await, house.provider("B").await);
        let boss = house.seat(Role::ProviderAdministrator, Some(own)).await;
        let stranger = house.seat(Role::Clinician, Some(foreign)).await;
        for path in [
            format!("/v1/staff/{}/revoke", stranger.staff),
            format!("/v1/terminals/{}/revoke", stranger.terminal),
            format!("/v1/staff/{}/revoke", "not-an-id"),
        ] {
            assert_eq!(
                boss.post(&house, &path, &Empty {}).await.refused(),
                (404, "not-found".to_owned())
            );
        }
        assert!(stranger.get(&house, "/v1/bundle").await.status.is_success());
        let asked = |role, provider| Invite {
            role,
            provider,
            hash: Fixed([1; 32]),
            day: house.clock.today(),
        };
        for refused in [
            asked(Role::Clinician, Some(foreign)),
            asked(Role::Operator, None),
            asked(Role::Clinician, None),
        ] {
            assert_eq!(
                boss.post(&house, "/v1/invitations", &refused)
                    .await
                    .refused()
                    .0,
                403
            );
        }
        let fine = asked(Role::OutreachWorker, Some(own));
        boss.post(&house, "/v1/invitations", &fine)
            .await
            .good::<Empty>();
    }
}

#[tokio::test]
async fn staff_see_their_own_provider_and_operators_all() {
    for house in houses().await {
        let (own, other) = (house.provider("A").await, house.provider("B").await);
        let boss = house.seat(Role::Operator, None).await;
        for (provider, site) in [(own, "medan/a"), (other, "medan/b")] {
            let site = NewSite {
                provider,
                site: site.parse().unwrap(),
                zone: None,
            };
            boss.post(&house, "/v1/sites", &site).await.good::<Empty>();
        }
        let worker = house.seat(Role::OutreachWorker, Some(own)).await;
        let seen: Registry = worker.get(&house, "/v1/registry").await.good();
        let [only] = &seen.providers[..] else {
            panic!("{} providers", seen.providers.len());
        };
        assert_eq!((only.id, only.sites.len()), (own, 1));
        let all: Registry = boss.get(&house, "/v1/registry").await.good();
        assert_eq!(all.providers.len(), 2);
    }
}

/// Every call of a session, and the roles that may make it; a call that is let in may still be refused for other reasons.
const CALLS: [(&str, &str, &[Role]); 27] = {
    use Role::{Clinician as C, Operator as O, OutreachWorker as W, ProviderAdministrator as A};
    [
        ("POST", "/v1/providers", &[O]),
        ("POST", "/v1/sites", &[O]),
        ("POST", "/v1/sites/services", &[O]),
        ("GET", "/v1/registry", &[O, A, C, W]),
        (
            "POST",
            "/v1/providers/00000000000000000000000000000000/allowances",
            &[O],
        ),
        ("GET", "/v1/allowances", &[O, A]),
        ("POST", "/v1/invitations", &[O, A]),
        ("GET", "/v1/staff", &[A]),
        (
            "PUT",
            "/v1/staff/00000000000000000000000000000000/data-key",
            &[],
        ),
        (
            "POST",
            "/v1/staff/00000000000000000000000000000000/revoke",
            &[O, A],
        ),
        ("GET", "/v1/terminals", &[O, A]),
        ("POST", "/v1/terminals/revoke", &[O, A]),
        (
            "POST",
            "/v1/staff/00000000000000000000000000000000/open",
            &[O, A],
        ),
        (
            "POST",
            "/v1/terminals/00000000000000000000000000000000/revoke",
            &[O, A],
        ),
        ("POST", "/v1/blanks", &[O, A]),
        ("GET", "/v1/bundle", &Role::ALL),
        ("GET", "/v1/status-list", &Role::ALL),
        ("POST", "/v1/evaluate", &[W, C, A]),
        ("GET", "/v1/envelopes/digests", &[W, C, A]),
        ("POST", "/v1/envelopes/buckets", &[W, C, A]),
        ("POST", "/v1/envelopes/replace", &[W, C, A]),
        (
            "PUT",
            "/v1/envelopes/00000000000000000000000000000000",
            &[W, C, A],
        ),
        (
            "DELETE",
            "/v1/envelopes/00000000000000000000000000000000",
            &[W, C, A],
        ),
        ("POST", "/v1/status/revoke", &[W, C, A]),
        ("POST", "/v1/roster", &[W, C, A]),
        ("GET", "/v1/roster", &[W, C, A]),
        ("POST", "/v1/reports", &[W, C, A]),
    ]
};

fn body_of(target: &str, provider: &str) -> serde_json::Value {
    match target {
        "/v1/providers" => json!({ "name": "C" }),
        "/v1/sites" => json!({ "provider": provider, "site": "medan/one" }),
        "/v1/sites/services" => json!({ "site": "medan/one" }),
        "/v1/invitations" => {
            let hash = crypto::b64::encode(&[1; 32]);
            json!({ "role": "clinician", "provider": provider, "hash": hash, "day": "2026-03-10" })
        }
        "/v1/blanks" => json!({ "commitments": [], "expiry": "2027-01" }),
        "/v1/evaluate" => json!({ "items": [] }),
        "/v1/status/revoke" => json!({ "blank": "", "token": "" }),
        path if path.ends_with("allowances") => json!({ "what": "blanks", "cap": 9_000 }),
        "/v1/envelopes/buckets" => json!({ "prefixes": [] }),
        "/v1/envelopes/replace" => replacement(),
        "/v1/roster" => json!({ "entries": [] }),
        "/v1/terminals/revoke" => json!({ "label": "nobody's" }),
        "/v1/reports" => json!({ "submissions": [] }),
        path if path.ends_with("data-key") => json!({ "sealed": "AAAA" }),
        _ => json!({}),
    }
}

fn replacement() -> serde_json::Value {
    let (id, token) = (
        "00000000000000000000000000000000",
        crypto::b64::encode(&[1; 32]),
    );
    let put = json!({ "sealed": "AAAA", "delete_hash": token });
    json!({ "old": id, "delete_token": token, "new": id, "put": put })
}

async fn allowed(house: &House, seat: &Seat, method: &str, target: &str, provider: &str) -> bool {
    let method: Method = method.parse().unwrap();
    let token = crypto::b64::encode(&[1; 32]);
    let body = match method {
        Method::GET => Vec::new(),
        Method::DELETE => serde_json::to_vec(&json!({ "delete_token": token })).unwrap(),
        Method::PUT if target.starts_with("/v1/envelopes") => {
            serde_json::to_vec(&json!({ "sealed": "AAAA", "delete_hash": token })).unwrap()
        }
        _ => serde_json::to_vec(&body_of(target, provider)).unwrap(),
    };
    house.send(seat.sign(&method, target, body)).await.status != 403
}

#[tokio::test]
async fn every_call_is_open_to_its_roles_and_to_no_other() {
    for house in houses().await {
        let provider = house.provider("A").await;
        for role in Role::ALL {
            let seat = house
                .seat(role, role.has_provider().then_some(provider))
                .await;
            for (method, target, roles) in CALLS {
                let open = allowed(&house, &seat, method, target, &provider.to_string()).await;
                assert_eq!(open, roles.contains(&role), "{role} {method} {target}");
            }
        }
    }
}
