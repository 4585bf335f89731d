//! Two programmes that differ by one person more at every boundary of time and number, through terminals, outbox, delivery and both
//! roles over HTTP: nothing public differs but noise, and nobody else is counted anywhere else.

use std::collections::BTreeMap;
use std::sync::Arc;

use crypto::card::Card;
use crypto::day::{Day, Month, Quarter};
use crypto::report::Site;
use identity::records::outbox;
use privacy::cell::{Cell, CityCode, Tab};
use server::forward::Forwarder;
use store::clock::FixedClock;
use store::fetch_all;
use tests::World;

/// Reports that wait before the one more. There is no number at which anything leaves; this one is a part's.
const WAITING: usize = 255;
/// Whose they are.
const PEOPLE: usize = 5;
/// From noon to the last minute of a day.
const TO_THE_LAST_MINUTE: i64 = 12 * 3_600 - 30;

/// What both programmes let see, and who counts where.
#[derive(Debug, Default)]
struct Seen {
    public: Vec<String>,
    counted: BTreeMap<(i64, i64), i64>,
}

/// A programme, its days and the way between its roles.
struct Play {
    world: World,
    clock: Arc<FixedClock>,
    forwarder: Forwarder,
    done: Option<Day>,
    /// One person more at every boundary.
    more: bool,
}

fn quarter(text: &str) -> Quarter {
    text.parse().unwrap()
}

impl Play {
    fn begin((world, clock): (World, Arc<FixedClock>), more: bool) -> Self {
        let forwarder = Forwarder::new(Arc::clone(&world.identity), &world.url()).unwrap();
        Self {
            world,
            clock,
            forwarder,
            done: None,
            more,
        }
    }

    fn on(&self, day: &str) {
        self.clock.set(day.parse().unwrap());
    }

    /// What the service does by the minute.
    async fn look(&mut self) {
        self.forwarder.look(&mut self.done).await;
    }

    async fn waiting(&self) -> usize {
        let waiting = outbox::waiting(&self.world.identity).await.unwrap();
        usize::try_from(waiting).unwrap()
    }

    /// Reports of a day at a site, of few people; at the day's last minute the one more. Returns how many.
    async fn lay(&mut self, site: &str, on: &str) -> usize {
        let mut stage = self.world.stage(&[site]).await;
        let expiry = Month::of(stage.today.plus(300));
        let cards = stage.cards(PEOPLE + 1, expiry).await.unwrap();
        let texts: Vec<String> = cards.iter().map(Card::to_text).collect();
        let mut texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let last = texts.pop().unwrap();
        let (today, place) = (stage.today, site.parse::<Site>().unwrap());
        let row = row(site, on);
        let desk = stage.desk(&place).unwrap();
        let people = desk.meet(&texts, true, today).await.unwrap();
        let people: Vec<_> = people.into_iter().map(Result::unwrap).collect();
        for number in 0..WAITING {
            desk.record(&people[number % PEOPLE], &row).unwrap();
        }
        desk.send().await.unwrap();
        self.clock.advance(TO_THE_LAST_MINUTE);
        if self.more {
            let person = desk.meet(&[last], true, today).await.unwrap().remove(0);
            desk.record(&person.unwrap(), &row).unwrap();
            desk.send().await.unwrap();
        }
        WAITING + usize::from(self.more)
    }

    async fn closes(&self, period: &str) -> Result<(), String> {
        let closed = analytics::close::close(&self.world.analytics, quarter(period)).await;
        closed.map(drop).map_err(|error| error.to_string())
    }

    async fn seen(&self) -> Seen {
        let app = &self.world.analytics;
        let mut seen = Seen::default();
        let releases = analytics::stored::list(&app.store, &app.log_dir).await;
        for release in releases.unwrap() {
            let period = release.subject.period;
            let found = analytics::stored::newest(&app.store, &app.log_dir, period);
            let table = release::seal::as_csv(&found.await.unwrap().unwrap().1).unwrap();
            let table = String::from_utf8(table).unwrap();
            let lines = table.lines().filter(|line| !line.starts_with('#'));
            seen.public.extend(lines.map(|line| {
                let fields: Vec<&str> = line.split(',').take(8).collect();
                format!("{period} {}", fields.join(","))
            }));
        }
        let mut tx = app.store.read().await.unwrap();
        let sql = "SELECT city, code, from_period FROM city ORDER BY city";
        let rows = fetch_all!(&mut tx, (String, i64, i64), sql).unwrap();
        seen.public
            .extend(rows.iter().map(|row| format!("{row:?}")));
        let sql = "SELECT tab, period, cost_nano, parameters FROM reservation ORDER BY tab, period";
        let rows = fetch_all!(&mut tx, (String, i64, i64, Vec<u8>), sql).unwrap();
        seen.public
            .extend(rows.iter().map(|row| format!("{row:?}")));
        let sql = "SELECT period, cell, COUNT(*) FROM contribution GROUP BY period, cell";
        let rows = fetch_all!(&mut tx, (i64, i64, i64), sql).unwrap();
        let rows = rows.into_iter().map(|row| ((row.0, row.1), row.2));
        seen.counted.extend(rows);
        seen
    }

    /// Half a year with a boundary wherever there is one.
    async fn through(mut self) -> Seen {
        let name = self.world.name;
        self.on("2026-01-10");
        let first = self.lay("medan/north", "2026-01-10").await;
        self.look().await;
        assert_eq!(self.waiting().await, first, "{name}: the day is not over");
        self.on("2026-04-30");
        self.look().await;
        self.closes("2026Q1").await.unwrap();
        // A new city on the last day of a quarter, and a delivery's worth of reports of it, but for one.
        self.on("2026-06-30");
        let new = self.lay("denpasar/east", "2026-06-30").await;
        self.look().await;
        assert_eq!(self.waiting().await, new, "{name}: no number lets them go");
        self.on("2026-07-01");
        self.look().await;
        assert_eq!(self.waiting().await, 0, "{name}: the day lets them go");
        // The last day on which reports of the second quarter count in it, and the first on which they no longer do.
        self.on("2026-07-29");
        let in_time = self.lay("medan/north", "2026-06-15").await;
        self.on("2026-07-30");
        let late = self.lay("medan/north", "2026-06-16").await;
        let refused = self.closes("2026Q2").await.unwrap_err();
        assert!(refused.contains("before 2026-07-30"), "{refused}");
        assert_eq!(self.waiting().await, in_time + late, "{name}");
        self.look().await;
        assert_eq!(self.waiting().await, late, "{name}");
        // At an operator's word they leave before the closing, and are late all the same.
        let taken = self.forwarder.flush().await.unwrap();
        assert_eq!(usize::try_from(taken), Ok(late), "{name}");
        self.closes("2026Q2").await.unwrap();
        self.on("2026-10-30");
        self.look().await;
        self.closes("2026Q3").await.unwrap();
        let seen = self.seen().await;
        self.world.stop().await;
        seen
    }
}

pub(crate) fn row(site: &str, on: &str) -> wire::rows::Row {
    let line = format!(
        "person,date,site,service,event,covered_until,gender,age_band\np,{on},{site},nsp,contact,,,\n"
    );
    let row = wire::rows::Rows::new(line.as_bytes()).unwrap().next_row();
    row.unwrap().unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_person_more_at_every_boundary_moves_nothing_but_noise() {
    let (without, with) = tokio::join!(
        World::each_standing("2026-01-01"),
        World::each_standing("2026-01-01")
    );
    for (without, with) in without.into_iter().zip(with) {
        let name = without.0.name;
        let (without, with) = tokio::join!(
            Play::begin(without, false).through(),
            Play::begin(with, true).through()
        );
        assert_eq!(without.public, with.public, "{name}");
        assert!(without.public.len() > 100, "{name}");
        // Four people more, and everybody else where they were.
        for (place, count) in &without.counted {
            let now = with.counted.get(place).copied().unwrap_or(0);
            assert!((0..=4).contains(&(now - count)), "{name}: {place:?}");
        }
        let only = |one: &(&(i64, i64), &i64)| !without.counted.contains_key(one.0);
        assert_eq!(with.counted.iter().filter(only).count(), 0, "{name}");
        // What came on the last day of the wait counts in the second quarter, what came later in the third; the city of the
        // quarter's last day shows from the next quarter on.
        let first = |period: &str, city: u16| {
            let cell = Cell::new(Tab::First, CityCode::new(city).unwrap(), 0, None);
            let place = (i64::from(quarter(period).number()), cell.number());
            without.counted.get(&place).copied().unwrap_or(0)
        };
        for (period, city) in [("2026Q1", 1), ("2026Q2", 0), ("2026Q2", 1), ("2026Q3", 1)] {
            assert_eq!(
                first(period, city),
                PEOPLE as i64,
                "{name}: {period}, {city}"
            );
        }
    }
}
