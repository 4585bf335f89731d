//! A terminal's file put back from an older copy, against the real service: what it sends again counts once.

use crypto::day::Month;
use crypto::report::Site;
use desk::replay::{Desk, Stage};
use terminal::notice::Notice;
use tests::World;

const SITE: &str = "medan/north";
const ENTRIES: &str = "SELECT COUNT(*) FROM roster";
const HISTORY: &str = "SELECT history FROM person";

/// A client who came once; nothing of it is sent yet.
async fn visited(stage: &mut Stage) {
    let (today, site): (_, Site) = (stage.today, SITE.parse().unwrap());
    let expiry = Month::of(today.plus(300));
    let card = stage.cards(1, expiry).await.unwrap()[0].to_text();
    let desk = stage.desk(&site).unwrap();
    let person = desk.meet(&[&card], true, today).await.unwrap().remove(0);
    let line = format!(
        "person,date,site,service,event,covered_until,gender,age_band\np,{today},{site},nsp,contact,,,\n"
    );
    let row = wire::rows::Rows::new(line.as_bytes()).unwrap().next_row();
    let row = row.unwrap().unwrap().unwrap();
    desk.record(&person.unwrap(), &row).unwrap();
}

fn notices(stage: &mut Stage) -> Vec<Notice> {
    let desk = stage.desk(&SITE.parse().unwrap()).unwrap();
    desk.local().notices()
}

async fn entries(world: &World) -> i64 {
    let mut tx = world.identity.store.read().await.unwrap();
    store::fetch_one!(&mut tx, (i64,), ENTRIES).unwrap().0
}

/// Everything that was ever booked: one person, whose history would show a second visit.
async fn history(world: &World) -> Vec<u8> {
    let mut tx = world.analytics.store.read().await.unwrap();
    store::fetch_one!(&mut tx, (Vec<u8>,), HISTORY).unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_older_copy_of_a_terminal_sends_again_counts_once() {
    for mut world in World::each("2024-01-01").await {
        let folder = world.dir.path().join("replay");
        let site: Site = SITE.parse().unwrap();
        let mut stage = world.stage(&[SITE]).await;
        let desk = stage.desk(&site).unwrap();
        desk.save().await.unwrap();
        let file = std::fs::read_dir(&folder).unwrap().find_map(|entry| {
            let path = entry.unwrap().path();
            path.extension()
                .is_some_and(|it| it == "terminal")
                .then_some(path)
        });
        let file = file.unwrap();
        // Before the visit, and while it waits.
        let mut copies = vec![(std::fs::read(&file).unwrap(), 1)];
        visited(&mut stage).await;
        let desk: &mut Desk = stage.desk(&site).unwrap();
        desk.save().await.unwrap();
        copies.push((std::fs::read(&file).unwrap(), 0));
        desk.send().await.unwrap();
        desk.save().await.unwrap();
        assert_eq!(stage.flush().await.unwrap(), 1);
        let booked = history(&world).await;
        for (copy, forgotten) in copies {
            std::fs::write(&file, copy).unwrap();
            let mut stage = world.stage(&[SITE]).await;
            let told = [Notice::Forgotten(forgotten)];
            let told = &told[..usize::from(forgotten > 0)];
            assert_eq!(notices(&mut stage), told, "{}", world.name);
            let desk = stage.desk(&site).unwrap();
            desk.send().await.unwrap();
            assert_eq!(desk.local().waiting(), (0, 0));
            stage.flush().await.unwrap();
            assert_eq!(entries(&world).await, 1);
            assert_eq!(history(&world).await, booked);
        }
        world.stop().await;
    }
}
