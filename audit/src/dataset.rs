//! The people of an audit: rows for the import and, from the same plan, the true counts.
//!
//! Everything happens in 2024, in numbered cities. A *stayer* enrols once with cover beyond the year's end, so is active at
//! the end of every quarter from then on. A *leaver* enrols and is given up by the provider in the same quarter. The second
//! data set has one more person in each city, the *canary*: the worst case that the caps allow, in four shapes that must
//! all count the same.
//!
//! Limit: no true count of a table that needs results, cohorts or transfers is known here.

/// The quarters that are closed, in order.
pub(crate) const QUARTERS: [&str; 4] = ["2024Q1", "2024Q2", "2024Q3", "2024Q4"];
/// First day of the programme.
pub(crate) const START: &str = "2024-01-01";
const HEADER: &str = "person,date,site,service,event,covered_until,gender,age_band\n";
/// Beyond the year's end, and no more than the 366 days that a report may cover from the first enrolment on.
const COVER: &str = "2025-01-05";
/// Gender, age band, and the two as a release names them.
const GROUPS: [(&str, &str, &str); 4] = [
    ("woman", "under 25", "woman, under 25"),
    ("man", "25 and over", "man, 25 and over"),
    ("woman", "25 and over", "woman, 25 and over"),
    ("man", "under 25", "man, under 25"),
];
/// Services that a canary is in all year: as many as count.
const KEPT: [&str; 3] = ["nsp", "support-group", "legal"];
/// Services that a canary drops out of, the earliest first: two count, the rest must be cut.
const LOST: [(&str, &str, &str); 4] = [
    ("oat-methadone", "2024-04-05", "2024-04-25"),
    ("tb", "2024-04-06", "2024-04-26"),
    ("outreach", "2024-04-07", "2024-04-27"),
    ("social", "2024-04-08", "2024-04-28"),
];

/// Which data set a trial runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arm {
    /// Without the canaries.
    Without,
    /// With one canary in each city.
    With,
}

/// One person counted once in one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The table's letter.
    pub table: &'static str,
    /// Number of the quarter.
    pub quarter: usize,
    /// Number of the city.
    pub city: usize,
    /// The service, empty where it has none.
    pub service: &'static str,
    /// The group as a release names it, empty where it has none.
    pub group: &'static str,
}

/// Rows and what is true about them.
#[derive(Debug, Clone)]
pub(crate) struct DataSet {
    /// The CSV file.
    pub rows: String,
    /// What is true about the people of both data sets.
    pub base: Vec<Fact>,
    /// What is true about the canaries, when they are there.
    pub canaries: Vec<Fact>,
}

/// The name of a city.
#[must_use]
pub(crate) fn city(number: usize) -> String {
    format!("city-{number:03}")
}

/// The number of a city's name; `None` for "other" and for places that are not of the data set.
#[must_use]
pub(crate) fn number(name: &str) -> Option<usize> {
    name.strip_prefix("city-")?.parse().ok()
}

/// Writes a data set. `canaries` is how many cities have one: city 0 and up.
#[must_use]
pub(crate) fn build(cities: usize, canaries: usize) -> DataSet {
    let mut set = DataSet {
        rows: HEADER.to_owned(),
        base: Vec::new(),
        canaries: Vec::new(),
    };
    for city in 0..cities {
        for (number, group) in GROUPS.iter().enumerate() {
            for stayer in 0..(city + number) % 4 {
                set.stayer(city, (city + number + stayer) % 4, group, stayer);
            }
        }
        for quarter in 0..QUARTERS.len() {
            for leaver in 0..(city + quarter) % 3 {
                set.leaver(city, quarter, leaver);
            }
        }
    }
    for city in 0..canaries {
        set.canary(city, cities);
    }
    set
}

impl DataSet {
    fn row(&mut self, person: &str, day: &str, city_number: usize, rest: &str) {
        let site = city(city_number);
        self.rows
            .push_str(&format!("{person},{day},{site}/house,{rest}\n"));
    }

    fn stayer(&mut self, city: usize, from: usize, group: &(&str, &str, &'static str), n: usize) {
        let (gender, age, text) = *group;
        let person = format!("s-{city}-{}-{n}", text.replace([',', ' '], ""));
        let day = format!("2024-{:02}-10", 3 * from + 1);
        let rest = format!("nsp,enrolled,{COVER},{gender},{age}");
        self.row(&person, &day, city, &rest);
        push(&mut self.base, "F", from, city, "", "");
        for quarter in from..QUARTERS.len() {
            push(&mut self.base, "A", quarter, city, "", text);
            push(&mut self.base, "B", quarter, city, "nsp", "");
        }
    }

    fn leaver(&mut self, city: usize, quarter: usize, n: usize) {
        let person = format!("l-{city}-{quarter}-{n}");
        let month = 3 * quarter + 1;
        let first = format!("2024-{month:02}-12");
        let last = format!("2024-{:02}-20", month + 1);
        self.row(&person, &first, city, "nsp,enrolled,,man,25 and over");
        self.row(&person, &last, city, "nsp,exited:dropped_out,,,");
        push(&mut self.base, "F", quarter, city, "", "");
        push(&mut self.base, "D", quarter, city, "nsp", "");
    }

    /// Active all year in three services, two drop-outs in one quarter of one city, first seen in the first quarter: as much
    /// as the caps allow.
    fn canary(&mut self, city: usize, cities: usize) {
        let shape = city % 4;
        let person = format!("canary-{city}");
        for service in KEPT {
            let enrolled = format!("{service},enrolled,{COVER},woman,under 25");
            self.row(&person, "2024-01-05", city, &enrolled);
            if shape == 1 {
                // The same row twice changes nothing.
                self.row(&person, "2024-01-05", city, &enrolled);
            }
        }
        self.lose(&person, shape, city);
        self.canary_facts(city);
        if shape == 3 {
            // Everywhere else in between, back before the quarter ends.
            for away in 1..cities.min(12) {
                let day = format!("2024-02-{:02}", away + 5);
                self.row(&person, &day, (city + away) % cities, "nsp,contact,,,");
            }
            self.row(&person, "2024-03-10", city, "nsp,contact,,,");
            push(&mut self.canaries, "S", 0, (city + 1) % cities, "", "");
        }
    }

    /// The drop-outs, and more than count.
    fn lose(&mut self, person: &str, shape: usize, city: usize) {
        let lost = if shape == 1 { LOST.len() } else { 2 };
        for (service, first, last) in LOST.iter().take(lost) {
            self.row(person, first, city, &format!("{service},enrolled,,,"));
            let exit = format!("{service},exited:dropped_out,,,");
            self.row(person, last, city, &exit);
        }
        if shape == 2 {
            // Back and lost again: a second drop-out from one service in a year must be cut.
            self.row(person, "2024-05-02", city, "oat-methadone,enrolled,,,");
            let again = "oat-methadone,exited:dropped_out,,,";
            self.row(person, "2024-05-20", city, again);
        }
    }

    fn canary_facts(&mut self, city: usize) {
        let facts = &mut self.canaries;
        push(facts, "F", 0, city, "", "");
        for quarter in 0..QUARTERS.len() {
            push(facts, "A", quarter, city, "", GROUPS[0].2);
            for service in KEPT {
                push(facts, "B", quarter, city, service, "");
            }
        }
        for (service, _, _) in LOST.iter().take(2) {
            push(facts, "D", 1, city, service, "");
        }
    }
}

fn push(
    facts: &mut Vec<Fact>,
    table: &'static str,
    quarter: usize,
    city: usize,
    service: &'static str,
    group: &'static str,
) {
    facts.push(Fact {
        table,
        quarter,
        city,
        service,
        group,
    });
}
