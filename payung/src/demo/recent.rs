//! Visits of the last weeks, so that the lists of the pages are not empty: some people are late, some are expected this week.
//!
//! The table ends in 1991; these visits are invented, spread by rule over the first people of each clinic.

use crypto::day::Day;
use crypto::report::{Kind, Site};
use server::error::Failure;
use terminal::report::Event;

use super::stage::{Told, card_of, clinics};
use super::table::{self, Patient};

/// People of each clinic.
const PEOPLE: usize = 24;
/// Services, days since the visit, and days from the visit to the next appointment, one after the other.
const PLAN: [(&str, i32, i32, u16); 8] = [
    ("nsp", 1, 14, 20),
    ("oat-methadone", 16, 7, 0),
    ("nsp", 3, 7, 10),
    ("art", 45, 30, 0),
    ("condoms", 6, 7, 12),
    ("oat-methadone", 2, 3, 0),
    ("nsp", 24, 14, 30),
    ("hts", 9, 90, 0),
];

/// Records them at both clinics.
pub(super) async fn visits(told: &mut Told) -> Result<(), Failure> {
    let patients = table::patients()?;
    let today = told.stage.today;
    for (clinic, site) in clinics()?.into_iter().enumerate() {
        // The first person of the table has another card by now.
        let people = patients.iter().skip(1).filter(|it| it.clinic == clinic);
        let people: Vec<&Patient> = people.take(PEOPLE).collect();
        let cards = people.iter().map(|it| card_of(&told.replayed, it));
        let cards = cards.collect::<Result<Vec<_>, _>>()?;
        let desk = told.stage.desk(&site).map_err(Failure::said)?;
        let failed = |e: terminal::Error| Failure::of("recording a visit", e);
        let met = desk.meet(&cards, false, today).await.map_err(failed)?;
        for (at, person) in met.into_iter().enumerate() {
            let person = person.map_err(failed)?;
            let event = event(at, &site, today)?;
            desk.enter(&person, &event).map_err(Failure::said)?;
        }
        desk.send().await.map_err(failed)?;
        desk.save().await.map_err(Failure::said)?;
    }
    Ok(())
}

fn event(at: usize, site: &Site, today: Day) -> Result<Event, Failure> {
    let (service, ago, ahead, pieces) = PLAN[at % PLAN.len()];
    // A day apart for each round, so that no two lines of a list are the same.
    let ago = ago + i32::try_from(at / PLAN.len()).unwrap_or(0);
    let day = today.plus(-ago);
    Ok(Event {
        site: site.clone(),
        service: service.parse().map_err(|e| Failure::of("a service", e))?,
        kind: Kind::Contact,
        day,
        covered_until: Some(day.plus(ahead)),
        group: None,
        quantity: std::num::NonZeroU16::new(pieces),
        consent: true,
    })
}
