//! A forensic reader without any key tries to say which provider gave a client its envelope, by what was written beside it.

use std::collections::{BTreeMap, BTreeSet};

use crypto::card::Card;
use crypto::day::Month;
use crypto::rng::Random;
use desk::replay::Desk;
use store::{Pools, Store};
use tests::forensic::{self, Commit};
use tests::{World, adversary};

const SITES: [&str; 4] = ["bandung/a", "bandung/b", "medan/c", "medan/d"];
/// New clients at each site.
const CLIENTS: usize = 20;
/// With four providers at work a guess is right once in four: of 80, binomial. 43 or more come by chance in 3.7e-8 of all runs.
const BEYOND_CHANCE: usize = 43;
/// How many commits away the reader still looks.
const REACH: usize = 3;

/// A client's first visit: envelope, roster entry, report.
async fn serve(mut desk: Desk, site: String, cards: Vec<String>, today: crypto::day::Day) -> Desk {
    for card in cards {
        let people = desk.meet(&[&card], true, today).await.unwrap();
        let person = people.into_iter().next().unwrap().unwrap();
        let table = format!(
            "person,date,site,service,event,covered_until,gender,age_band\np,{today},{site},nsp,enrolled,,,\n"
        );
        let mut rows = wire::rows::Rows::new(table.as_bytes()).unwrap();
        let row = rows.next_row().unwrap().unwrap().unwrap();
        desk.record(&person, &row).unwrap();
        desk.send().await.unwrap();
    }
    desk
}

/// Clients come to four providers at the same time. Envelope ids with the provider that gave each.
async fn four_busy_providers(world: &mut World) -> BTreeMap<String, String> {
    let stage = world.stage(&SITES).await;
    let today = stage.today;
    let expiry = Month::of(today.plus(700));
    let (mut truth, mut counters) = (BTreeMap::new(), Vec::new());
    for (site, desk) in stage.desks {
        let provider = desk.session().provider().unwrap();
        let cards = terminal::issue::issue(desk.session(), CLIENTS, expiry, &mut world.rng)
            .await
            .unwrap();
        for card in &cards {
            let id = envelope_id(world, card).await;
            truth.insert(id, crypto::hex::encode(provider.as_bytes()).to_uppercase());
        }
        let texts = cards.iter().map(Card::to_text).collect();
        counters.push(tokio::spawn(serve(desk, site.to_string(), texts, today)));
    }
    for counter in counters {
        counter.await.unwrap();
    }
    truth
}

async fn envelope_id(world: &World, card: &Card) -> String {
    let bundle = identity::trust::current(&world.identity).await.unwrap();
    let card_keys = bundle.card_keys();
    let opened = card.open(&card_keys).unwrap();
    let envelope =
        adversary::envelope_keys(&world.identity, opened.secret.expose(), &mut Random::os()).await;
    crypto::hex::encode(envelope.id.as_bytes()).to_uppercase()
}

async fn commits(store: &Store, world: &World) -> Vec<Commit> {
    match store.pools() {
        Pools::Sqlite { .. } => {
            forensic::commits_of_sqlite(&world.dir.path().join("identity.db")).await
        }
        Pools::Postgres(pool) => forensic::commits_of_postgres(pool).await,
    }
}

/// Every name by which a provider stands in the database: its own id and those of its terminals.
fn names(everything: &[Commit]) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for commit in everything {
        for row in commit.get("provider").into_iter().flatten() {
            names.insert(row[0].clone(), row[0].clone());
        }
        for row in commit.get("terminal").into_iter().flatten() {
            names.insert(row[0].clone(), row[2].clone());
        }
    }
    names
}

/// How many envelopes the reader puts down to the right provider; an envelope whose writing is not to be seen is a guess.
fn right(
    commits: &[Commit],
    names: &BTreeMap<String, String>,
    truth: &BTreeMap<String, String>,
) -> usize {
    let near = forensic::beside(commits, "envelope", &["allowance", "roster"], REACH);
    let guess = |id: &String| {
        let named = near.get(id)?.iter().map(|texts| {
            let providers = texts.iter().filter_map(|text| names.get(text));
            providers.collect::<BTreeSet<_>>()
        });
        named
            .into_iter()
            .find_map(|providers| providers.into_iter().next())
    };
    truth
        .iter()
        .filter(|(id, provider)| guess(id) == Some(*provider))
        .count()
}

/// What is open, and that the reader can read: today an envelope is written beside the count of the terminal that put it. When
/// that is mended this test fails, and its last assertion turns round.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_of_a_running_database_still_tells_whose_envelopes_are() {
    for mut world in World::each("2024-01-01").await {
        let before = everything(&world).await;
        let truth = four_busy_providers(&mut world).await;
        let seen = commits(&world.identity.store, &world).await;
        let mut all = before;
        all.extend(seen.iter().cloned());
        let names = names(&all);
        let right = right(&seen, &names, &truth);
        println!("{}: {right} of {} right", world.name, truth.len());
        assert_eq!(truth.len(), SITES.len() * CLIENTS);
        // PostgreSQL keeps the last writer of a row only, and a terminal's count has many.
        assert!(world.name == "postgres" || right >= BEYOND_CHANCE);
        world.stop().await;
    }
}

/// What stood in the database when nobody had come yet.
async fn everything(world: &World) -> Vec<Commit> {
    world.identity.store.tidy().await.unwrap();
    commits(&world.identity.store, world).await
}
