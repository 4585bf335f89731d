//! The methadone table, replayed over HTTP, counted exactly inside the statistics store and noisily outside.

use crypto::rng::Random;
use indicators::Indicators;
use indicators::episode::{End, Episode, Subject, episodes};
use indicators::kind::Exit;
use payung::demo::stage::{self, Scene, Told};
use payung::demo::table;
use privacy::cell::Tab;
use serde_json::Value;

const EXPECTED: &str = include_str!("../data/methadone/expected_results.json");

/// Every person's methadone episode as the statistics store sees it, with the clinic's city.
async fn stored_episodes(told: &Told) -> Vec<(Episode, u16)> {
    let indicators = Indicators::shipped().unwrap();
    let mut tx = told.scene.analytics.store.read().await.unwrap();
    let histories = analytics::query::histories(&mut tx, i64::MIN, i64::MAX, &indicators);
    let histories = histories.await.unwrap();
    let today = told.scene.analytics.today();
    let mut found = Vec::new();
    for (_, history) in histories {
        let list = episodes(&history, &indicators, today).list;
        let service = list
            .iter()
            .find(|one| matches!(one.subject, Subject::Service(_)))
            .unwrap();
        found.push((*service, history.events()[0].city.number()));
    }
    found
}

struct Observed {
    days: i64,
    departed: bool,
}

fn observed(episode: &Episode) -> Observed {
    let (end, how) = episode.end.expect("every episode of the table ends");
    let departed = match how {
        End::DroppedOut => true,
        End::Exited(Exit::Moved) => false,
        other => panic!("an end that the table does not know: {other:?}"),
    };
    Observed {
        days: i64::from(end.since(episode.enrolled)),
        departed,
    }
}

fn count(people: &[Observed], wanted: impl Fn(&Observed) -> bool) -> i64 {
    people.iter().filter(|one| wanted(one)).count() as i64
}

/// Kaplan-Meier: probability of still being in treatment after day `t`.
fn survival(people: &[Observed], t: i64) -> f64 {
    let mut days: Vec<i64> = people
        .iter()
        .filter(|p| p.departed && p.days <= t)
        .map(|p| p.days)
        .collect();
    days.sort_unstable();
    days.dedup();
    days.iter().fold(1.0, |left, day| {
        let at_risk = count(people, |p| p.days >= *day) as f64;
        let lost = count(people, |p| p.departed && p.days == *day) as f64;
        left * (1.0 - lost / at_risk)
    })
}

fn check(people: &[Observed], expected: &Value) {
    assert_eq!(people.len() as i64, expected["n"].as_i64().unwrap());
    assert_eq!(
        count(people, |p| p.departed),
        expected["departed"].as_i64().unwrap()
    );
    assert_eq!(
        count(people, |p| !p.departed),
        expected["censored"].as_i64().unwrap()
    );
    assert_eq!(
        people.iter().map(|p| p.days).sum::<i64>(),
        expected["person_days"].as_i64().unwrap()
    );
    for t in [30_i64, 90, 180, 365] {
        let at = |key: &str| expected[key][t.to_string()].as_i64().unwrap();
        assert_eq!(
            count(people, |p| p.departed && p.days <= t),
            at("departed_by"),
            "departed by {t}"
        );
        assert_eq!(
            count(people, |p| !p.departed && p.days <= t),
            at("censored_by"),
            "censored by {t}"
        );
        assert_eq!(
            count(people, |p| p.days >= t),
            at("still_observed_at"),
            "still observed at {t}"
        );
        let expected_share = expected[format!("S{t}")].as_f64().unwrap();
        assert!(
            (survival(people, t) - expected_share).abs() < 5e-5,
            "S({t})"
        );
    }
}

/// The demo's whole path; then the store is opened and counted.
#[tokio::test(flavor = "multi_thread")]
async fn the_table_is_counted_exactly_inside_and_noisily_outside() {
    let folder = tempfile::tempdir().unwrap();
    let scene = Scene::set(folder.path(), &mut Random::os()).await.unwrap();
    let told = stage::play(scene).await.unwrap();
    let rejected = &told.replayed.rejected;
    assert!(rejected.is_empty(), "{rejected:?}");
    assert_eq!((told.replayed.cards.len(), told.delivered), (238, 632));
    assert_eq!(told.visitors, (24, 24));
    let expected: Value = serde_json::from_str(EXPECTED).unwrap();
    let all = stored_episodes(&told).await;
    for (key, city) in [
        ("all", None),
        ("clinic1", Some("medan")),
        ("clinic2", Some("bandung")),
    ] {
        let mut tx = told.scene.analytics.store.read().await.unwrap();
        let registry = analytics::registry::Registry::read(&mut tx).await.unwrap();
        let code = city.map(|name| registry.city(name).number());
        let people: Vec<Observed> = all
            .iter()
            .filter(|(_, at)| code.is_none_or(|code| code == *at))
            .map(|(one, _)| observed(one))
            .collect();
        check(&people, &expected["computed"][key]);
    }
    contributions_agree(&told).await;
    published_is_noisy(&told).await;
    told.scene.stop().await.unwrap();
}

/// What the releases counted: 150 drop-outs at most capped, 238 first enrolments, and the right people active.
async fn contributions_agree(told: &Told) {
    let mut tx = told.scene.analytics.store.read().await.unwrap();
    let rows = analytics::query::contributions(&mut tx).await.unwrap();
    let of = |tab: Tab| rows.iter().filter(|row| row.0.cell.tab() == tab).count();
    assert_eq!(of(Tab::First), 238);
    assert_eq!(of(Tab::DropOut), 150);
    let patients = table::patients().unwrap();
    for release in &told.releases {
        let end = release.period.last_day();
        let active = patients
            .iter()
            .filter(|p| p.enrolled <= end && end < p.enrolled.plus(p.days))
            .count();
        let counted = rows
            .iter()
            .filter(|row| row.0.cell.tab() == Tab::Active && row.0.period == release.period)
            .count();
        assert_eq!(counted, active, "active at the end of {}", release.period);
    }
}

/// Measured values are integers and are not the true counts; exports are the same bytes every time.
async fn published_is_noisy(told: &Told) {
    let patients = table::patients().unwrap();
    let mut exact = 0;
    for release in &told.releases {
        let end = release.period.last_day();
        let truth = patients
            .iter()
            .filter(|p| p.enrolled <= end && end < p.enrolled.plus(p.days))
            .count();
        let table = release
            .tables
            .iter()
            .find(|table| table.table == "A")
            .unwrap();
        let total = table
            .cells
            .iter()
            .find(|cell| cell.level == "total")
            .unwrap();
        exact += usize::from(total.measured.unwrap() == truth as i64);
    }
    // One equality has probability below 0.02 (sd above 20): five or more among sixteen, below 1e-5 x 4368 x 0.02^5.
    assert!(
        exact < 6,
        "{exact} of {} totals equal the truth",
        told.releases.len()
    );
    let app = &told.scene.analytics;
    for release in &told.releases {
        let (_, first) = analytics::stored::newest(&app.store, &app.log_dir, release.period)
            .await
            .unwrap()
            .unwrap();
        for _ in 0..20 {
            let (_, again) = analytics::stored::newest(&app.store, &app.log_dir, release.period)
                .await
                .unwrap()
                .unwrap();
            assert_eq!(first, again);
        }
        let csv = release::seal::as_csv(&first).unwrap();
        assert_eq!(csv, release::seal::as_csv(&first).unwrap());
        let key = app.keys.release.public();
        assert!(release::verify::verify(&first, &key).unwrap().recomputed);
        release::verify::verify(&csv, &key).unwrap();
    }
}
