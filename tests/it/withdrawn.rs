//! A row that takes another one back, from a file through terminals, outbox and delivery into the statistics store.

use std::collections::BTreeSet;

use crypto::day::Day;
use desk::replay::{Known, Plan, Reason, Replayed, Stage};
use indicators::Indicators;
use indicators::history::History;
use privacy::cell::Tab;
use tests::World;
use wire::rows::Rows;

const SITES: [&str; 2] = ["medan/north", "bandung/south"];

/// Replays lines `person,days ago,site,event` and sends everything on.
async fn replay(world: &World, stage: &mut Stage, lines: &[(&str, i32, &str, &str)]) -> Replayed {
    let mut text = "person,date,site,service,event,covered_until,gender,age_band\n".to_owned();
    for (person, ago, site, event) in lines {
        let day = stage.today.plus(-ago);
        text.push_str(&format!("{person},{day},{site},nsp,{event},,,\n"));
    }
    let plan = Plan::read(Rows::new(text.as_bytes()).unwrap()).unwrap();
    let known = Known {
        services: BTreeSet::from(["nsp".to_owned()]),
        latest: stage.today,
        start: None::<Day>,
    };
    let done = stage.play(plan, &known, &mut |_| {}).await.unwrap();
    stage.flush().await.unwrap();
    let waiting = identity::records::outbox::waiting(&world.identity).await;
    assert_eq!(waiting.unwrap(), 0, "{}", world.name);
    done
}

/// The histories of all people, the longest first.
async fn histories(world: &World) -> Vec<History> {
    let mut tx = world.analytics.store.read().await.unwrap();
    let indicators = Indicators::shipped().unwrap();
    let found = analytics::query::histories(&mut tx, i64::MIN, i64::MAX, &indicators).await;
    let mut all: Vec<History> = found.unwrap().into_iter().map(|one| one.1).collect();
    all.sort_by_key(|history| std::cmp::Reverse(history.events().len()));
    all
}

async fn active(world: &World) -> usize {
    let mut tx = world.analytics.store.read().await.unwrap();
    let rows = analytics::query::contributions(&mut tx).await.unwrap();
    let active = rows.iter().filter(|row| row.0.cell.tab() == Tab::Active);
    active.count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_of_a_file_takes_another_back_through_both_roles() {
    for mut world in World::each("2024-01-01").await {
        let mut stage = world.stage(&SITES).await;
        let name = world.name;
        let wrong = [
            ("a", 20, SITES[0], "enrolled"),
            ("a", 20, SITES[1], "exited:died"),
            ("b", 20, SITES[0], "enrolled"),
        ];
        let done = replay(&world, &mut stage, &wrong).await;
        assert_eq!((done.rows, done.rejected.len()), (3, 0), "{name}");
        let before = active(&world).await;
        let back = [
            ("a", 20, SITES[1], "withdrawn"),
            // At another provider, on another day, of another client, of another kind.
            ("a", 20, SITES[0], "withdrawn:exited:died"),
            ("a", 21, SITES[1], "withdrawn"),
            ("b", 20, SITES[1], "withdrawn"),
            ("b", 20, SITES[0], "withdrawn:contact"),
        ];
        let done = replay(&world, &mut stage, &back).await;
        let lines: Vec<u64> = done.rejected.iter().map(|one| one.line).collect();
        assert_eq!((done.rows, &lines[..]), (1, &[3, 4, 5, 6][..]), "{name}");
        let nothing = |reason: &Reason| matches!(reason, Reason::NothingWithdrawn);
        assert!(
            done.rejected.iter().all(|one| nothing(&one.reason)),
            "{name}"
        );
        let all = histories(&world).await;
        let counts = |history: &History| {
            (
                history.events().len(),
                history.withdrawals().len(),
                history.true_today().len(),
            )
        };
        assert_eq!(counts(&all[0]), (2, 1, 1), "{name}");
        assert_eq!(counts(&all[1]), (1, 0, 1), "{name}");
        let after = active(&world).await;
        assert_eq!(before * 2, after, "{name}: as many quarters as the other");
        // Both files again, as one: nothing happens twice.
        let again = [&wrong[..], &back[..1]].concat();
        let done = replay(&world, &mut stage, &again).await;
        assert_eq!((done.rows, done.before), (0, 4), "{name}");
        assert_eq!(histories(&world).await, all, "{name}");
        world.stop().await;
    }
}
