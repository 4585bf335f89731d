//! Made-up and replayed people: dice with a fixed seed, and events of one person after another.

use crypto::day::Day;
use indicators::history::{Event, History};
use indicators::kind::EventKind;
use indicators::{Indicators, ServiceNumber};
use privacy::cell::{CityCode, GroupCode};

/// Dice that fall the same way everywhere and for ever (SplitMix64). For made-up people, never for noise.
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice of one person.
    pub(crate) const fn of(person: u64) -> Self {
        Self(person.wrapping_mul(0xa076_1d64_78bd_642f) ^ 0x5041_5955_4e47)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Strictly between 0 and 1.
    pub(crate) fn part(&mut self) -> f64 {
        ((self.next() >> 12) as f64 + 0.5) / (1u64 << 52) as f64
    }

    /// 0..`below`.
    pub(crate) fn below(&mut self, below: i32) -> i32 {
        (self.part() * f64::from(below)) as i32
    }

    /// True with this probability.
    pub(crate) fn falls(&mut self, probability: f64) -> bool {
        self.part() < probability
    }

    /// Exponential waiting time in whole days.
    pub(crate) fn wait(&mut self, mean: f64) -> i32 {
        (-mean * self.part().ln()) as i32
    }
}

/// The service of that code.
pub(crate) fn service(indicators: &Indicators, code: &str) -> ServiceNumber {
    let code = code.parse().expect("a code of the shipped file");
    indicators
        .find(&code)
        .expect("a service of the shipped file")
        .number
}

/// One person's events as they are added. Reports arrive on the day they speak of.
pub(crate) struct Person {
    number: u32,
    city: CityCode,
    group: GroupCode,
    events: Vec<Event>,
}

impl Person {
    pub(crate) fn new(number: u32, city: u16, group: u8) -> Self {
        Self {
            number,
            city: CityCode::new(city).expect("a small number"),
            group: GroupCode::new(group).expect("1..=6"),
            events: Vec::new(),
        }
    }

    /// Adds an event at the one site of the person's city.
    pub(crate) fn add(
        &mut self,
        on: Day,
        service: ServiceNumber,
        kind: EventKind,
        covered_until: Option<Day>,
    ) {
        let mut report = [0; 16];
        report[..4].copy_from_slice(&self.number.to_le_bytes());
        report[4..12].copy_from_slice(&(self.events.len() as u64).to_le_bytes());
        self.events.push(Event {
            report,
            day: on,
            effective: on,
            service,
            kind,
            rank: kind.number(),
            covered_until,
            site: u32::from(self.city.number()),
            city: self.city,
            group: Some(self.group),
            finding: None,
        });
    }

    /// The person's number in the store, and the history.
    pub(crate) fn history(self) -> (i64, History) {
        (i64::from(self.number), History::new(self.events))
    }
}
