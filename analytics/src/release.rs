//! The release object: what is published about one quarter, its exact bytes and its signature.
//!
//! A release is assembled from public facts and noisy measurements by a pure function, once, and stored as bytes. The signed
//! file is one line of JSON: `{"release":{..},"key":..,"signature":..,"hash":..,"csv_signature":..}`. The bytes of the
//! `release` object are taken as they stand: `hash` is their BLAKE3 (hex), `signature` their Ed25519 signature under the
//! programme's release key. `csv_signature` signs the CSV form, so that no export ever needs the private key.

use crypto::b64::Fixed;
use crypto::day::{Day, Quarter};
use crypto::digest;
use crypto::sign::ReleaseKey;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use thiserror::Error;

use crate::budget::{self, Budget, DELTAS, NanoRho};
use crate::catalogue::{CAPS, CatalogueError, MeasuredLevel, Mechanism, NOTES, Plan};
use crate::contribution::{Cell, CityCode, GroupCode};
use crate::decimal::Decimal;
use crate::estimate::{self, City, EstimateError, Published, Values};
use crate::export::csv;
use crate::noise::NoiseError;

/// The format's name, in every release.
pub const FORMAT: &str = "payung-release/1";

/// The public facts a release is made from, apart from the measurements.
#[derive(Clone, Debug)]
pub struct Facts {
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    pub version: u32,
    /// The day it was closed.
    pub closed: Day,
    /// The first quarter of the series: of the programme's first day, or the first that was closed.
    pub start: Quarter,
    /// Version of the indicator definitions.
    pub indicators: String,
    /// The programme's budget.
    pub budget: Budget,
    /// Debits of the calendar year up to and including this release.
    pub spent_in_year: NanoRho,
    /// The registry as the period's tables see it, "other" first, in code order.
    pub cities: Vec<City>,
}

/// A city in a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CityRelease {
    /// Small number, 0 for "other".
    pub code: u16,
    /// Name.
    pub city: String,
    /// First quarter whose tables show it.
    pub from: Quarter,
}

/// Epsilon at one delta.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guarantee {
    /// delta.
    pub delta: f64,
    /// epsilon of one calendar year's whole budget, rounded up to a thousandth.
    pub epsilon_year: f64,
    /// epsilon of ten such years, rounded up to a thousandth.
    pub epsilon_ten_years: f64,
}

/// The promise a release makes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Privacy {
    /// Whom it protects.
    pub unit: String,
    /// The noise.
    pub mechanism: String,
    /// The budget's name.
    pub budget: Budget,
    /// Nano-rho of one person and calendar year.
    pub year_nano_rho: NanoRho,
    /// Nano-rho debited in the calendar year so far, this release included.
    pub spent_in_year_nano_rho: NanoRho,
    /// What the year's budget means.
    pub guarantees: Vec<Guarantee>,
    /// How one person's contribution is bounded.
    pub caps: Vec<String>,
}

/// The public noise parameters of a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LevelRelease {
    /// Its name.
    pub level: String,
    /// The squared norm of what one person can add over the table's span, in the measurement's own units.
    pub l2_squared: String,
    /// The noise scale `n/d`, in the measurement's own units.
    pub sigma: String,
    /// Nano-rho debited for this level by this release.
    pub nano_rho: NanoRho,
}

/// One published number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellRelease {
    /// `count`, `new` or `cumulative`.
    pub series: String,
    /// Its level.
    pub level: String,
    /// Its city; absent for the whole programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Its group, `gender, age`; absent where groups are not told apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The raw noisy integer, when this number was measured itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<i64>,
    /// Unbiased and consistent; may be negative.
    pub estimate: Decimal,
    /// Standard deviation of the noise in it.
    pub sd: Decimal,
    /// Lower end of the 95 % noise range.
    pub lo: Decimal,
    /// Upper end of the 95 % noise range.
    pub hi: Decimal,
    /// Whole number for reading; never sum these.
    pub display: u64,
    /// `ok`, or `low` when the range is wider than 30 % of the estimate either way.
    pub reliability: String,
}

/// The raw measurements of a running total: they follow from the factorisation, not from one quarter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StreamRelease {
    /// The city.
    pub city: String,
    /// The quarter of the first value.
    pub from: Quarter,
    /// One value a quarter, scaled by 4^19, as decimal text (beyond 2^53).
    pub measured: Vec<String>,
}

/// One table of a release.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableRelease {
    /// Its letter.
    pub table: String,
    /// What it counts.
    pub title: String,
    /// What one of its numbers is a number of.
    pub unit: String,
    /// Nano-rho debited for it by this release.
    pub nano_rho: NanoRho,
    /// How many releases share the bound `l2_squared`.
    pub releases_in_bound: u32,
    /// Its levels.
    pub levels: Vec<LevelRelease>,
    /// Every cell of the registry, zero or not.
    pub cells: Vec<CellRelease>,
    /// Raw measurements of running totals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<StreamRelease>,
}

/// Everything published about one quarter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// [`FORMAT`].
    pub format: String,
    /// The quarter.
    pub period: Quarter,
    /// 1 for the quarter's first release.
    pub version: u32,
    /// The day it was closed.
    pub closed: Day,
    /// The first quarter of the series: of the programme's first day, or the first that was closed.
    pub start: Quarter,
    /// Version of the indicator definitions.
    pub indicators: String,
    /// How to read the numbers, in plain words.
    pub notes: Vec<String>,
    /// The promise.
    pub privacy: Privacy,
    /// The registry.
    pub cities: Vec<CityRelease>,
    /// The tables.
    pub tables: Vec<TableRelease>,
}

/// A release cannot be assembled or read.
#[derive(Debug, Error)]
pub enum ReleaseError {
    /// Estimation failed.
    #[error(transparent)]
    Estimate(#[from] EstimateError),
    /// Epsilon cannot be told.
    #[error(transparent)]
    Noise(#[from] NoiseError),
    /// The catalogue is wrong.
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
    /// The bytes are no release.
    #[error("this is not a release of this programme's format: fetch it again")]
    Format,
}

/// Assembles a release: a pure function of public facts and noisy measurements.
///
/// # Errors
/// [`ReleaseError`] when a measurement is missing.
pub fn assemble(facts: &Facts, plans: &[Plan], values: &Values) -> Result<Release, ReleaseError> {
    let tables = plans
        .iter()
        .map(|plan| table(facts, plan, values))
        .collect::<Result<Vec<_>, _>>()?;
    let city = |city: &City| CityRelease {
        code: city.code.number(),
        city: city.name.clone(),
        from: city.from,
    };
    Ok(Release {
        format: FORMAT.to_owned(),
        period: facts.period,
        version: facts.version,
        closed: facts.closed,
        start: facts.start,
        indicators: facts.indicators.clone(),
        notes: NOTES.iter().map(|note| (*note).to_owned()).collect(),
        privacy: privacy(facts)?,
        cities: facts.cities.iter().map(city).collect(),
        tables,
    })
}

fn privacy(facts: &Facts) -> Result<Privacy, ReleaseError> {
    let year = facts.budget.per_year();
    let ten = NanoRho::new(year.nano() * 10);
    let up = |epsilon: f64| (epsilon * 1000.0).ceil() / 1000.0;
    let guarantee = |delta: f64| -> Result<Guarantee, NoiseError> {
        let (one, many) = (budget::epsilon(year, delta)?, budget::epsilon(ten, delta)?);
        Ok(Guarantee {
            delta,
            epsilon_year: up(one),
            epsilon_ten_years: up(many),
        })
    };
    Ok(Privacy {
        unit: "a person with all their reports, added or removed".to_owned(),
        mechanism: "zCDP; exact discrete Gaussian noise on integers".to_owned(),
        budget: facts.budget,
        year_nano_rho: year,
        spent_in_year_nano_rho: facts.spent_in_year,
        guarantees: DELTAS
            .into_iter()
            .map(guarantee)
            .collect::<Result<_, _>>()?,
        caps: CAPS.iter().map(|cap| (*cap).to_owned()).collect(),
    })
}

fn table(facts: &Facts, plan: &Plan, values: &Values) -> Result<TableRelease, ReleaseError> {
    let published = estimate::table(plan, facts.period, facts.start, &facts.cities, values)?;
    let streams = match plan.table.mechanism {
        Mechanism::Independent => Vec::new(),
        Mechanism::RunningTotal => facts
            .cities
            .iter()
            .map(|city| stream(facts, plan, city, values))
            .collect::<Result<_, _>>()?,
    };
    Ok(TableRelease {
        table: plan.table.code.to_owned(),
        title: plan.table.title.to_owned(),
        unit: plan.table.unit.to_owned(),
        nano_rho: plan.cost,
        releases_in_bound: plan.table.span,
        levels: plan.levels.iter().map(level).collect(),
        cells: published
            .iter()
            .map(|published| cell(facts, published))
            .collect(),
        streams,
    })
}

/// The public parameters of a level, as a release shows them.
#[must_use]
pub fn level(measured: &MeasuredLevel) -> LevelRelease {
    LevelRelease {
        level: measured.level.code.to_owned(),
        l2_squared: measured.l2_squared.to_string(),
        sigma: measured.sigma.to_string(),
        nano_rho: measured.cost,
    }
}

fn cell(facts: &Facts, published: &Published) -> CellRelease {
    let (lo, hi) = published.range();
    let name = |code: CityCode| {
        facts
            .cities
            .iter()
            .find(|city| city.code == code)
            .map(|city| city.name.clone())
    };
    CellRelease {
        series: published.series.word().to_owned(),
        level: published.level.to_owned(),
        city: if published.level == "total" {
            None
        } else {
            name(published.cell.city())
        },
        group: published
            .cell
            .group()
            .map(|group| GroupCode::text(group).to_owned()),
        measured: published.measured,
        estimate: published.estimate,
        sd: Decimal::at_least(published.sd),
        lo,
        hi,
        display: published.estimate.display(),
        reliability: if published.low_reliability() {
            "low"
        } else {
            "ok"
        }
        .to_owned(),
    }
}

fn stream(
    facts: &Facts,
    plan: &Plan,
    city: &City,
    values: &Values,
) -> Result<StreamRelease, EstimateError> {
    let level = plan
        .levels
        .first()
        .ok_or(EstimateError::Missing)?
        .level
        .code;
    let cell = Cell::new(plan.table.source, city.code, 0, None);
    let from = city.from.max(facts.start);
    let quarters = std::iter::successors(Some(from), |quarter| Some(quarter.next()))
        .take_while(|quarter| *quarter <= facts.period);
    let value = |quarter| {
        values
            .get(&(plan.table.code, level, quarter, cell))
            .map(i64::to_string)
            .ok_or(EstimateError::Missing)
    };
    Ok(StreamRelease {
        city: city.name.clone(),
        from,
        measured: quarters.map(value).collect::<Result<_, _>>()?,
    })
}

/// The file as exported: the release's own bytes, untouched, and what vouches for them.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedRelease {
    /// The bytes that are hashed and signed.
    pub release: Box<RawValue>,
    /// The release key's public half.
    pub key: Fixed<32>,
    /// Ed25519 over the release's bytes.
    pub signature: Fixed<64>,
    /// BLAKE3 of the release's bytes, hex.
    pub hash: String,
    /// Ed25519 over the CSV form.
    pub csv_signature: Fixed<64>,
}

/// A signed release as stored: the file's bytes and the release's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The JSON file, one line with its newline.
    pub body: Vec<u8>,
    /// BLAKE3 of the inner release.
    pub hash: [u8; 32],
}

/// Writes and signs a release. Ed25519 is deterministic: the same release under the same key gives the same bytes.
///
/// # Errors
/// [`ReleaseError::Format`] when JSON cannot be written (does not happen for these fields).
pub fn seal(release: &Release, key: &ReleaseKey) -> Result<Sealed, ReleaseError> {
    let text = serde_json::to_string(release).map_err(|_| ReleaseError::Format)?;
    let hash = digest::hash(text.as_bytes());
    let signature = Fixed(key.sign(text.as_bytes()));
    let csv_signature = Fixed(key.sign(csv::unsigned(release, &hash, &key.public()).as_bytes()));
    let release = RawValue::from_string(text).map_err(|_| ReleaseError::Format)?;
    let signed = SignedRelease {
        release,
        key: Fixed(key.public()),
        signature,
        hash: hex(&hash),
        csv_signature,
    };
    Ok(Sealed {
        body: signed.to_bytes()?,
        hash,
    })
}

impl SignedRelease {
    /// Reads a file written by [`seal`]; nothing is verified yet.
    ///
    /// # Errors
    /// [`ReleaseError::Format`] when it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ReleaseError> {
        serde_json::from_slice(bytes).map_err(|_| ReleaseError::Format)
    }

    /// The file's bytes, one line.
    ///
    /// # Errors
    /// [`ReleaseError::Format`] when JSON cannot be written (does not happen for these fields).
    pub fn to_bytes(&self) -> Result<Vec<u8>, ReleaseError> {
        let mut bytes = serde_json::to_vec(self).map_err(|_| ReleaseError::Format)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The release inside.
    ///
    /// # Errors
    /// [`ReleaseError::Format`] when it is of another format.
    pub fn open(&self) -> Result<Release, ReleaseError> {
        let release: Release =
            serde_json::from_str(self.release.get()).map_err(|_| ReleaseError::Format)?;
        if release.format == FORMAT {
            Ok(release)
        } else {
            Err(ReleaseError::Format)
        }
    }
}

/// Lowercase hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
