//! Cards from the counter's side: verdicts with their next step, replacement, pictures that other readers can scan.

use crypto::card::Card;
use crypto::day::Month;
use crypto::report::Site;
use crypto::status::StatusError;
use crypto::verdict::Verdict;
use payung::command::limits::{LimitOf, LimitsArgs};
use payung::opening::Opening;
use payung::picture;
use server::options::StoreArgs;
use terminal::present::Outcome;
use terminal::replace::{Reason, Replacement};
use tests::World;

const SITE: &str = "bandung/alpha";

async fn new_card(stage: &mut desk::replay::Stage) -> String {
    let expiry = Month::of(stage.today.plus(700));
    let cards = stage.cards(1, expiry).await.unwrap();
    cards[0].to_text()
}

fn worn<'a>(old: &'a str, new: &'a str) -> Replacement<'a> {
    Replacement {
        old,
        new,
        reason: Reason::Worn,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_lives_is_replaced_and_dies() {
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&[SITE, "medan/beta"]).await;
        let (site, other): (Site, Site) = (SITE.parse().unwrap(), "medan/beta".parse().unwrap());
        let today = stage.today;
        let (old, new) = (new_card(&mut stage).await, new_card(&mut stage).await);
        let desk = stage.desk(&site).unwrap();
        // A blank is genuine, but nobody's yet.
        let blank = desk.look(&old, today).await.unwrap();
        assert!(matches!(
            (&blank.verdict, &blank.outcome),
            (Verdict::Valid { .. }, Outcome::NotActive)
        ));
        let first = desk
            .meet(&[&old], true, today)
            .await
            .unwrap()
            .remove(0)
            .unwrap();
        let again = desk
            .meet(&[&old], false, today)
            .await
            .unwrap()
            .remove(0)
            .unwrap();
        assert_eq!(first.pseudonym(), again.pseudonym());
        let moved = desk.replace(&worn(&old, &new), today).await.unwrap();
        assert_eq!(
            first.pseudonym(),
            moved.pseudonym(),
            "{}: history goes on with the new card",
            world.name
        );
        // Elsewhere, with a status list from before: not active any more. With a fresh one: revoked.
        let elsewhere = stage.desk(&other).unwrap();
        let stolen = elsewhere.look(&old, today).await.unwrap();
        assert!(
            matches!(stolen.outcome, Outcome::NotActive),
            "{}: a dead envelope opens nothing",
            world.name
        );
        elsewhere.refresh(today).await.unwrap();
        let stolen = elsewhere.look(&old, today).await.unwrap();
        assert!(matches!(stolen.verdict, Verdict::Revoked { .. }));
        assert!(matches!(
            elsewhere.look(&new, today).await.unwrap().outcome,
            Outcome::Person(_)
        ));
        world.stop().await;
    }
}

/// An older copy of the database knows fewer withdrawn cards; a terminal does not forget them with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_forgot_raises_no_card() {
    const FORGET: &str = "UPDATE card_index SET revoked = $1";
    const CHANGED: &str = "UPDATE setting SET value = value + 1 WHERE name = 'status_revision'";
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&[SITE]).await;
        let today = stage.today;
        let (old, new) = (new_card(&mut stage).await, new_card(&mut stage).await);
        let desk = stage.desk(&SITE.parse().unwrap()).unwrap();
        let met = desk.meet(&[&old], true, today).await.unwrap().remove(0);
        met.unwrap();
        desk.replace(&worn(&old, &new), today).await.unwrap();
        desk.refresh(today).await.unwrap();
        let mut tx = world.identity.store.write().await.unwrap();
        store::execute!(&mut tx, FORGET, &[0_u8; 512][..]).unwrap();
        store::execute!(&mut tx, CHANGED).unwrap();
        tx.commit().await.unwrap();
        let refused = desk.refresh(today).await;
        assert!(matches!(
            refused,
            Err(terminal::Error::StatusList(StatusError::TakenBack))
        ));
        let seen = desk.look(&old, today).await.unwrap();
        assert!(matches!(seen.verdict, Verdict::Revoked { .. }));
        let seen = desk.look(&new, today).await.unwrap();
        assert!(matches!(seen.verdict, Verdict::Valid { list_age_days: 0 }));
        world.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_card_gets_its_verdict_and_a_next_step() {
    let mut world = World::sqlite("2024-01-01").await;
    let mut stage = world.stage(&[SITE]).await;
    let mut abroad = World::sqlite("2024-01-01").await;
    let mut foreign_stage = abroad.stage(&[SITE]).await;
    let (good, foreign) = (
        new_card(&mut stage).await,
        new_card(&mut foreign_stage).await,
    );
    let today = stage.today;
    let desk = stage.desk(&SITE.parse().unwrap()).unwrap();
    let tampered = format!(
        "{}{}",
        if good.starts_with('0') { "1" } else { "0" },
        &good[1..]
    );
    for (text, day, wanted) in [
        (good.as_str(), today, "Valid"),
        (tampered.as_str(), today, "Unknown"),
        (&good[..149], today, "Unknown"),
        ("", today, "Unknown"),
        (foreign.as_str(), today, "Unknown"),
        (good.as_str(), today.plus(800), "Expired"),
        (good.as_str(), today.plus(200), "Stale"),
        (good.as_str(), today.plus(-200), "Stale"),
    ] {
        let seen = desk.look(text, day).await.unwrap();
        assert!(
            format!("{:?}", seen.verdict).starts_with(wanted),
            "{:?} instead of {wanted}",
            seen.verdict
        );
        assert!(seen.verdict.next_step().len() > 20);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_is_raised_at_the_machine_by_the_providers_name() {
    let mut world = World::sqlite("2024-01-01").await;
    let stage = world.stage(&[SITE]).await;
    let secret = tempfile::tempdir().unwrap();
    let words = secret.path().join("words");
    std::fs::write(&words, world.passphrase.expose()).unwrap();
    let opening = Opening {
        dir: world.dir.clone(),
        passphrase_file: Some(words),
    };
    let raise = async |name: &str, to| {
        let args = LimitsArgs {
            raise: Some(name.to_owned()),
            of: Some(LimitOf::Revocations),
            to: Some(to),
            store: StoreArgs::default(),
        };
        payung::command::limits::run(&opening, &args).await
    };
    assert!(raise("nobody", 500).await.is_err());
    assert!(raise(SITE, 50).await.is_err(), "no more than usual");
    raise(SITE, 500).await.unwrap();
    // The running service knows it, and tells operators.
    let told = terminal::admin::allowances(&stage.operator).await.unwrap();
    let raised = |it: &&wire::Allowance| it.provider.is_some() && it.cap == 500;
    let raised: Vec<_> = told.today.iter().filter(raised).collect();
    assert_eq!(raised.len(), 1);
    assert_eq!(raised[0].what, wire::Counted::Revocations);
    let session = stage.desks.values().next().unwrap().session();
    let own = terminal::admin::allowances(session).await.unwrap();
    assert!(own.today.contains(raised[0]) && own.today.len() == wire::Counted::ALL.len());
    world.stop().await;
}

/// The picture that is printed is read back by our reader and, when it is installed, by zbar.
#[test]
fn pictures_are_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("card.png");
    let mut bytes = [0_u8; 100];
    rand::RngCore::fill_bytes(&mut crypto::rng::Random::seeded([9; 32]), &mut bytes);
    let card = Card::from_text(&crypto::base45::encode(&bytes)).unwrap();
    picture::raster(&card).unwrap().save(&path).unwrap();
    assert_eq!(picture::read(&path).unwrap(), [card.to_text()]);
    let svg = picture::svg(&card).unwrap();
    assert!(svg.contains("width=\"47mm\"") && !svg.contains("<text"));
    let Some(zbar) = setting("PAYUNG_TEST_ZBAR") else {
        println!("no second reader is named: only our own was asked");
        return;
    };
    let output = std::process::Command::new(zbar)
        .args(["--quiet", "--raw", "--nodbus"])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.trim_end_matches('\n'), card.to_text());
}

#[allow(
    clippy::disallowed_methods,
    reason = "where the second reader is, as the test command found it"
)]
fn setting(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name)
}
