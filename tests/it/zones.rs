//! Local days: the programme has a zone, a site may have its own, and no row of today is refused anywhere on Earth.

use analytics::registry::Register;
use clap::Parser as _;
use crypto::day::Month;
use crypto::report::Site;
use desk::day::Places;
use payung::cli::Cli;
use server::datadir::DataDir;
use store::clock::Clock as _;
use tests::World;
use wire::ZoneName;

use crate::attacks::events;
use crate::boundaries::row;
use crate::commands::payung;

const EAST: &str = "kiritimati/east";
const WEST: &str = "pago-pago/west";

fn zone(name: &str) -> ZoneName {
    name.to_owned().try_into().unwrap()
}

/// It is noon in UTC: in Kiritimati the next day has begun, in Pago Pago it is one in the morning.
#[tokio::test(flavor = "multi_thread")]
async fn no_row_of_today_is_refused_anywhere_on_earth() {
    for (mut world, clock) in World::each_standing("2026-03-31").await {
        let name = world.name;
        let mut stage = world.stage(&[EAST, WEST]).await;
        let registry = terminal::admin::registry(&stage.operator).await.unwrap();
        let places = registry.providers.iter();
        let places = places.flat_map(|one| one.sites.iter().map(|site| (one.id, site)));
        for (provider, site) in places {
            let own = match site.as_str() {
                EAST => "pacific/kiritimati",
                _ => "Pacific/Pago_Pago",
            };
            let operator = &stage.operator;
            for (zone, taken) in [(zone("Nowhere/Here"), false), (zone(own), true)] {
                let done = terminal::admin::create_site(operator, provider, site, Some(zone)).await;
                assert_eq!(done.is_ok(), taken, "{name}: {site}");
            }
        }
        let cards = stage
            .cards(2, Month::of(stage.today.plus(300)))
            .await
            .unwrap();
        let now = clock.unix_seconds();
        let mut latest = stage.today;
        for (card, (text, day)) in cards
            .iter()
            .zip([(EAST, "2026-04-01"), (WEST, "2026-03-31")])
        {
            let (site, today): (Site, _) = (text.parse().unwrap(), stage.today);
            let desk = stage.desk(&site).unwrap();
            let local = Places::of(desk.session())
                .await
                .unwrap()
                .day(&site, now)
                .unwrap();
            assert_eq!(local.to_string(), day, "{name}");
            latest = latest.max(local);
            let card = card.to_text();
            let person = desk.meet(&[&card], true, today).await.unwrap().remove(0);
            let person = person.unwrap();
            desk.record(&person, &row(text, day)).unwrap();
            // A day that has begun nowhere.
            desk.record(&person, &row(text, "2026-04-02")).unwrap();
            desk.send().await.unwrap();
        }
        assert_eq!(stage.flush().await.unwrap(), 2, "{name}: two are refused");
        assert_eq!(events(&world).await, 2, "{name}");
        let text = format!(
            "person,date,site,service,event,covered_until,gender,age_band\n\
             a,{latest},{EAST},nsp,contact,,,\nb,{},{EAST},nsp,contact,,,\n",
            latest.plus(1)
        );
        let mut refused = 0;
        let done = analytics::intake::import(
            &world.analytics,
            text.as_bytes(),
            Register::All,
            |_| refused += 1,
            |_| {},
        );
        assert_eq!(done.await.unwrap().new_events, 1, "{name}");
        assert_eq!(refused, 1, "{name}");
        world.stop().await;
    }
}

#[test]
fn a_zone_is_remembered_and_one_that_there_is_not_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for unknown in ["Asia/Nowhere", "UTC+8", ""] {
        let line = ["payung", "init", "--time-zone", unknown];
        assert!(Cli::try_parse_from(line).is_err(), "{unknown}");
    }
    assert!(!at.join("data").exists());
    assert!(payung(at, &["init", "--time-zone", "asia/makassar"]));
    let text = std::fs::read_to_string(at.join("data").join("payung.toml")).unwrap();
    assert!(text.contains("time-zone = \"Asia/Makassar\""), "{text}");
    let clock = server::open::clock(&DataDir::new(&at.join("data"))).unwrap();
    assert_eq!(clock.zone(), "Asia/Makassar");
    let makassar: zones::Zone = "Asia/Makassar".parse().unwrap();
    assert_eq!(clock.today(), makassar.day(clock.unix_seconds()));
}
