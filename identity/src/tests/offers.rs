//! Which services a site offers.

use serde_json::json;
use store::fetch_all;
use wire::{Empty, MOST_OFFERED, NewSite, Registry, Role, SiteServices};

use super::harness::{House, Seat, houses};

const SITE: &str = "medan/a";

async fn say(house: &House, boss: &Seat, services: Option<&[&str]>) {
    let said = SiteServices {
        site: SITE.parse().unwrap(),
        services: services.map(|all| all.iter().map(|code| code.parse().unwrap()).collect()),
    };
    boss.post(house, "/v1/sites/services", &said)
        .await
        .good::<Empty>();
}

/// What the staff of the first provider are told of its site: every service, or these.
async fn told(house: &House, worker: &Seat) -> Option<Vec<String>> {
    let seen: Registry = worker.get(house, "/v1/registry").await.good();
    let own = seen.providers.into_iter().next().unwrap();
    let offered = own.offers.get(&SITE.parse().unwrap());
    offered.map(|all| all.iter().map(ToString::to_string).collect())
}

/// What each site offered before something else was said, by the acts that are written down.
async fn notes(house: &House) -> Vec<String> {
    const NOTES: &str = "SELECT subject FROM audit WHERE act = 'services-set'";
    let mut tx = house.app.store.read().await.unwrap();
    let rows = fetch_all!(&mut tx, (String,), NOTES).unwrap();
    let said = rows.into_iter().map(|(subject,)| subject);
    let mut said: Vec<String> = said.collect();
    said.sort();
    said
}

/// Two sites of two providers, an operator, and somebody who works at the first.
async fn peopled(house: &House) -> (Seat, Seat) {
    let (own, other) = (house.provider("A").await, house.provider("B").await);
    let boss = house.seat(Role::Operator, None).await;
    for (provider, site) in [(own, SITE), (other, "medan/b")] {
        let site = NewSite {
            provider,
            site: site.parse().unwrap(),
            zone: None,
        };
        boss.post(house, "/v1/sites", &site).await.good::<Empty>();
    }
    let worker = house.seat(Role::OutreachWorker, Some(own)).await;
    (boss, worker)
}

#[tokio::test]
async fn a_site_offers_everything_until_an_operator_says_otherwise() {
    for house in houses().await {
        let (boss, worker) = peopled(&house).await;
        assert_eq!(told(&house, &worker).await, None);
        say(&house, &boss, Some(&["nsp", "condoms"])).await;
        let two = Some(vec!["condoms".to_owned(), "nsp".to_owned()]);
        assert_eq!(told(&house, &worker).await, two, "{}", house.database.name);
        // Said again it is no act.
        say(&house, &boss, Some(&["condoms", "nsp"])).await;
        assert_eq!(notes(&house).await, ["medan/a every service"]);
        say(&house, &boss, Some(&["hts"])).await;
        assert_eq!(told(&house, &worker).await, Some(vec!["hts".to_owned()]));
        say(&house, &boss, None).await;
        assert_eq!(told(&house, &worker).await, None);
        let before = ["condoms,nsp", "every service", "hts"];
        assert_eq!(notes(&house).await, before.map(|it| format!("{SITE} {it}")));
        // Of the other provider's site nothing was ever said.
        let all: Registry = boss.get(&house, "/v1/registry").await.good();
        assert!(all.providers.iter().all(|one| one.offers.is_empty()));
    }
}

#[tokio::test]
async fn no_site_offers_nothing_and_what_is_refused_changes_nothing() {
    for house in houses().await {
        let (boss, worker) = peopled(&house).await;
        say(&house, &boss, Some(&["nsp"])).await;
        let many: Vec<String> = (0..=MOST_OFFERED).map(|n| format!("s{n}")).collect();
        for (body, refused) in [
            (json!({ "site": SITE, "services": [] }), (422, "bad-value")),
            (
                json!({ "site": SITE, "services": many }),
                (422, "bad-value"),
            ),
            (
                json!({ "site": SITE, "services": ["NSP"] }),
                (400, "malformed"),
            ),
            (
                json!({ "site": "medan/c", "services": ["nsp"] }),
                (404, "not-found"),
            ),
        ] {
            let reply = boss.post(&house, "/v1/sites/services", &body).await;
            let (status, slug) = reply.refused();
            assert_eq!((status, &*slug), refused);
        }
        assert_eq!(told(&house, &worker).await, Some(vec!["nsp".to_owned()]));
        assert_eq!(notes(&house).await, ["medan/a every service"]);
    }
}
