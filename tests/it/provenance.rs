//! A hostile identity role, and a rotation half done, between two real roles over HTTP: what becomes of reports on their way.

use std::sync::Arc;

use crypto::b64::{B64, Fixed};
use crypto::envelope::IdentitySecret;
use crypto::id::{ProviderId, ReportId, SubmissionId};
use crypto::provider::DataKey;
use crypto::report::{Kind, Report};
use identity::records::outbox::{self, OutboxItem};
use reqwest::StatusCode;
use serde::Serialize;
use server::forward::Forwarder;
use store::execute;
use tests::World;
use wire::{
    Deliver, DeliverItem, Delivered, Problem, RegistryProvider, RegistrySite, Role, Submission,
    SubmitReports, TellRegistry,
};

use crate::attacks::{SITES, events, lay_reports};
use crate::rogue::Rogue;

/// Reports in the outbox.
const COUNT: usize = 12;

fn item(body: &OutboxItem, person: &OutboxItem) -> DeliverItem {
    DeliverItem {
        provider: body.provider,
        elgamal: Fixed(*person.elgamal.as_bytes()),
        body: B64(body.body.clone()),
        received: body.received,
    }
}

/// Posts as the identity role does, with the role token and whatever it likes to say.
async fn post(world: &World, path: &str, body: &impl Serialize) -> reqwest::Response {
    let token = String::from_utf8(world.identity.keys.role_token.expose().to_vec()).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/v1/statistics/{path}", world.url());
    let request = client.post(url).bearer_auth(&token).json(body);
    request.send().await.unwrap()
}

/// What was answered about each item.
async fn deliver(world: &World, items: Vec<DeliverItem>) -> Vec<bool> {
    let body = Deliver {
        epoch: outbox::epoch(&world.identity),
        complete: None,
        items,
    };
    let answer = post(world, "deliver", &body).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let body = answer.bytes().await.unwrap();
    serde_json::from_slice::<Delivered>(&body).unwrap().acks
}

/// The registry as the identity role knows it.
async fn registry(world: &World) -> TellRegistry {
    identity::registry::told(&world.identity).await.unwrap()
}

async fn people(world: &World) -> i64 {
    let mut tx = world.analytics.store.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM person";
    store::fetch_one!(&mut tx, (i64,), sql).unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_that_are_copied_moved_or_invented_on_their_way_count_for_nothing() {
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&SITES).await;
        lay_reports(&mut stage, COUNT).await;
        let batch = outbox::take_batch(&world.identity, 100).await.unwrap();
        assert_eq!(batch.len(), COUNT);
        // Every body under every person.
        let all = batch.iter().flat_map(|body| {
            let persons = batch.iter();
            persons.map(|person| item(body, person))
        });
        let answer = post(&world, "registry", &registry(&world).await).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let acks = deliver(&world, all.collect()).await;
        assert_eq!(acks, [true; COUNT * COUNT]);
        assert_eq!(events(&world).await, COUNT as i64, "{}", world.name);
        // Moved to a provider that this role made up, with a key of its own.
        let made_up = ProviderId::from_bytes([0xee; 16]);
        let key = DataKey::from_bytes([0xee; 32]).report_key().unwrap();
        let moved = batch.iter().map(|one| DeliverItem {
            provider: made_up,
            ..item(one, one)
        });
        let mut told = registry(&world).await;
        told.providers.push(RegistryProvider {
            provider: made_up,
            report_key: Fixed(key.public()),
        });
        let answer = post(&world, "registry", &told).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(deliver(&world, moved.collect()).await, [false; COUNT]);
        // Another key for the provider that is known, and its site for another.
        let before = (events(&world).await, people(&world).await);
        let mut other_key = registry(&world).await;
        other_key.providers[0].report_key = Fixed(key.public());
        let mut other_owner = registry(&world).await;
        let site = other_owner.sites[0].clone();
        other_owner.sites.push(RegistrySite {
            provider: made_up,
            ..site
        });
        for wrong in [other_key, other_owner] {
            let answer = post(&world, "registry", &wrong).await;
            assert_eq!(answer.status(), StatusCode::CONFLICT);
            let problem: Problem = answer.json().await.unwrap();
            assert_eq!(problem.slug(), wire::problem::PROVIDER);
        }
        assert_eq!((events(&world).await, people(&world).await), before);
        world.stop().await;
    }
}

async fn set_epoch(world: &World, epoch: &str) {
    let mut tx = world.analytics.store.write().await.unwrap();
    const SET: &str = "UPDATE meta SET value = $1 WHERE key = 'epoch'";
    assert_eq!(execute!(&mut tx, SET, epoch).unwrap(), 1);
    tx.commit().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_of_another_epoch_waits_in_the_outbox_and_the_line_says_why() {
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&SITES).await;
        lay_reports(&mut stage, COUNT).await;
        set_epoch(&world, "2").await;
        let forwarder = Forwarder::new(Arc::clone(&world.identity), &world.url()).unwrap();
        let line = forwarder.flush().await.unwrap_err().to_string();
        assert!(
            line.contains("another epoch of the statistics key"),
            "{line}"
        );
        assert_eq!(line.lines().count(), 1);
        let waiting = outbox::waiting(&world.identity).await.unwrap();
        assert_eq!((waiting, events(&world).await), (COUNT as u64, 0));
        set_epoch(&world, "1").await;
        assert_eq!(forwarder.flush().await.unwrap(), COUNT as u64);
        let waiting = outbox::waiting(&world.identity).await.unwrap();
        assert_eq!((waiting, events(&world).await), (0, COUNT as i64));
        world.stop().await;
    }
}

/// One outreach worker puts people who never were at the site of another provider, signed as a terminal of the own would. How many a
/// terminal may report at all is another matter: here nothing is limited.
#[tokio::test(flavor = "multi_thread")]
async fn three_thousand_people_at_another_providers_site_are_refused() {
    for mut world in World::each("2024-01-01").await {
        let name = world.name;
        let mut stage = world.stage(&SITES).await;
        let desk = stage.desk(&SITES[1].parse().unwrap()).unwrap();
        let provider = desk.session().provider().unwrap();
        let key = desk.session().data_key().unwrap().report_key().unwrap();
        let actor = identity::Actor::CommandLine;
        let invited = identity::access::invitation::invite(
            &world.identity,
            actor,
            Role::OutreachWorker,
            Some(provider),
        );
        let invited = invited.await.unwrap();
        let worker = Rogue::enter(&world.url(), invited.text(), "worker").await;
        let rng = &mut world.rng.clone();
        let keys = &world.identity.keys.statistics;
        for _ in 0..6 {
            let submissions = (0..500).map(|_| {
                let report = Report {
                    id: ReportId::random(rng),
                    provider,
                    site: SITES[0].parse().unwrap(),
                    service: "nsp".parse().unwrap(),
                    kind: Kind::Enrolled.into(),
                    day: stage.today,
                    covered_until: None,
                    group: None,
                };
                let person = IdentitySecret::random(rng);
                let pair = crypto::statistics::encrypt(&person, &keys.elgamal, rng);
                Submission {
                    id: SubmissionId::random(rng),
                    elgamal: Fixed(*pair.as_bytes()),
                    body: B64(report.seal(&key, &keys.hpke, rng).unwrap()),
                }
            });
            let body = SubmitReports {
                submissions: submissions.collect(),
            };
            let body = serde_json::to_vec(&body).unwrap();
            let answer = worker.send("POST", "/v1/reports", body, true).await;
            assert_eq!(answer.status(), 200, "{name}");
        }
        assert_eq!(outbox::waiting(&world.identity).await.unwrap(), 3_000);
        let forwarder = Forwarder::new(Arc::clone(&world.identity), &world.url()).unwrap();
        assert_eq!(forwarder.flush().await.unwrap(), 0, "{name}: none is taken");
        assert_eq!(outbox::waiting(&world.identity).await.unwrap(), 0);
        assert_eq!((events(&world).await, people(&world).await), (0, 0));
        let mut tx = world.analytics.store.read().await.unwrap();
        let sql = "SELECT CAST(SUM(count) AS BIGINT) FROM refusal WHERE reason = 'provider'";
        let (refused,) = store::fetch_one!(&mut tx, (i64,), sql).unwrap();
        assert_eq!(refused, 3_000, "{name}");
        drop(tx);
        world.stop().await;
    }
}
