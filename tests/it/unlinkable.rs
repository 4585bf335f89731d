//! Two providers put everything together that they hold, with the server's databases and all service keys. No client is
//! linked, because every stored pseudonym is a hash over the identity secret itself, and that is behind the card.

use std::collections::BTreeSet;

use crypto::domain::Domain;
use crypto::pseudonym::Pseudonym;
use crypto::report::Site;
use sqlx::Row;
use store::{Store, on};
use tests::{World, adversary};

const CLIENTS: usize = 12;
const SITES: [&str; 2] = ["medan/north", "medan/south"];

/// Clients served at both sites: pseudonyms at each, in the same order, and the identity secrets for the control.
struct Seen {
    at: [Vec<Pseudonym>; 2],
    cards: Vec<String>,
}

async fn serve_everybody_at_both(stage: &mut desk::replay::Stage) -> Seen {
    let today = stage.today;
    let expiry = crypto::day::Month::of(today.plus(700));
    let cards = stage.cards(CLIENTS, expiry).await.unwrap();
    let cards: Vec<String> = cards.iter().map(crypto::card::Card::to_text).collect();
    let texts: Vec<&str> = cards.iter().map(String::as_str).collect();
    let mut at = [Vec::new(), Vec::new()];
    for (place, site) in SITES.iter().enumerate() {
        let site: Site = site.parse().unwrap();
        let desk = stage.desk(&site).unwrap();
        let people = desk.meet(&texts, place == 0, today).await.unwrap();
        for person in people {
            let person = person.unwrap();
            let line = format!(
                "person,date,site,service,event,covered_until,gender,age_band\np,{today},{site},nsp,contact,,,\n"
            );
            let row = wire::rows::Rows::new(line.as_bytes())
                .unwrap()
                .next_row()
                .unwrap()
                .unwrap()
                .unwrap();
            desk.record(&person, &row).unwrap();
            at[place].push(*person.pseudonym());
        }
        desk.send().await.unwrap();
    }
    stage.flush().await.unwrap();
    Seen { at, cards }
}

/// Every value of every column of every table, as bytes.
async fn everything(store: &Store, tables: &[&'static str]) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut tx = store.read().await.unwrap();
    for table in tables {
        let rows: Result<Vec<Vec<u8>>, _> = on!(&mut tx, |t| {
            let rows = sqlx::query(*table).fetch_all(&mut **t).await;
            rows.map(|rows| rows.iter().map(|row| row.get::<Vec<u8>, _>(0)).collect())
        });
        let rows = rows.unwrap();
        found.extend(rows);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn two_providers_with_all_service_keys_link_nobody() {
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&SITES).await;
        let seen = serve_everybody_at_both(&mut stage).await;
        let (first, second): (BTreeSet<_>, BTreeSet<_>) =
            (seen.at[0].iter().collect(), seen.at[1].iter().collect());
        assert_eq!((first.len(), second.len()), (CLIENTS, CLIENTS));
        assert!(
            first.is_disjoint(&second),
            "{}: a pseudonym at both providers",
            world.name
        );
        let materials = materials(&world).await;
        assert!(materials.len() > 2 * CLIENTS);
        let linked = links(&mut world, &mut stage, &seen, &materials).await;
        assert_eq!(
            linked, 0,
            "{}: stored values lead from one provider to the other",
            world.name
        );
        // The control: with the cards, which neither provider keeps, the same computation links everybody.
        let secrets = secrets(&mut world, &seen).await;
        assert_eq!(
            links(&mut world, &mut stage, &seen, &secrets).await,
            2 * CLIENTS,
            "{}: the attack itself works",
            world.name
        );
    }
}

/// What the attackers can feed into the service keys: all stored bytes of both roles.
async fn materials(world: &World) -> Vec<Vec<u8>> {
    let identity = [
        "SELECT envelope FROM envelope",
        "SELECT sealed FROM envelope",
        "SELECT delete_hash FROM envelope",
        "SELECT entry FROM roster",
        "SELECT hash FROM submission",
    ];
    let mut all = everything(&world.identity.store, &identity).await;
    let (elements, histories) = ("SELECT element FROM person", "SELECT history FROM person");
    let statistics = everything(&world.analytics.store, &[elements, histories]).await;
    // The reports' ids: the first 16 of each event's 36 bytes, after five.
    let events = statistics
        .iter()
        .flat_map(|row| row.get(5..))
        .flat_map(|row| row.chunks_exact(36));
    all.extend(events.map(|event| event[..16].to_vec()));
    all.extend(statistics);
    // M = N_a / k_a, which all service keys together give.
    let key = identity::domains::statistics(&world.identity)
        .await
        .unwrap();
    let elements = everything(&world.analytics.store, &[elements]).await;
    all.extend(
        elements
            .iter()
            .map(|element| tests::adversary::divided(element, &key)),
    );
    all
}

/// How many pseudonyms of either provider come out when `inputs` go through both providers' whole computation, and
/// when each provider's pseudonyms go through the other's.
async fn links(
    world: &mut World,
    stage: &mut desk::replay::Stage,
    seen: &Seen,
    inputs: &[Vec<u8>],
) -> usize {
    let mut linked = 0;
    for (place, site) in SITES.iter().enumerate() {
        let desk = stage.desk(&site.parse().unwrap()).unwrap();
        let provider = desk.session().provider().unwrap();
        let key = adversary::domain_key(&world.identity, Domain::Provider(provider)).await;
        let data_key = desk.session().data_key().unwrap().clone();
        let foreign = seen.at[1 - place]
            .iter()
            .map(|pseudonym| pseudonym.as_bytes().to_vec());
        for input in inputs.iter().cloned().chain(foreign) {
            let made = adversary::pseudonym(&key, &data_key, &input, &mut world.rng);
            linked += usize::from(seen.at[place].contains(&made));
        }
    }
    linked
}

/// The identity secrets, which only the cards open.
async fn secrets(world: &mut World, seen: &Seen) -> Vec<Vec<u8>> {
    let sealed = everything(&world.identity.store, &["SELECT sealed FROM envelope"]).await;
    let bundle = identity::trust::current(&world.identity).await.unwrap();
    let keys = bundle.card_keys();
    let mut found = Vec::new();
    for text in &seen.cards {
        let card = crypto::card::Card::from_text(text)
            .unwrap()
            .open(&keys)
            .unwrap();
        let envelope =
            adversary::envelope_keys(&world.identity, card.secret.expose(), &mut world.rng).await;
        let opened = sealed
            .iter()
            .find_map(|bytes| adversary::open(&envelope, bytes))
            .unwrap();
        found.push(opened.current.expose().to_vec());
    }
    found
}
