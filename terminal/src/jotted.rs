//! What a closed device takes down, as it lies outside and as it is read inside ([`crate::outside`]).

use crate::device::Device;
use crate::error::Error;
use crate::report::Event;
use crate::status::KeptList;
use crypto::b64::{B64, Fixed};
use crypto::card::WrapKey;
use crypto::chain::{self, ChainKey};
use crypto::day::Day;
use crypto::hpke::{HpkePublic, HpkeSecret};
use crypto::id::TerminalId;
use crypto::json::{self, Hidden, HiddenText};
use crypto::report::{Kind, ServiceCode, Site};
use crypto::rng::Rng;
use crypto::trust::{Trust, TrustBundle, TrustError};
use crypto::verdict::{Verdict, verdict};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::NonZeroU16;
use zeroize::Zeroizing;

const VERSION: u32 = 1;
/// Most notes that wait outside.
pub const MOST_NOTES: usize = 500;

/// What a closed device needs, readable without a key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outside {
    version: u32,
    terminal: TerminalId,
    public: HpkePublic,
    /// Of the next note.
    key: Hidden<32>,
    number: u64,
    notes: Vec<Note>,
    trust: Trust,
    wraps: Vec<Hidden<32>>,
    status: KeptList,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    number: u64,
    mac: Fixed<32>,
    sealed: B64,
}

/// What stays inside.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Inside {
    secret: Hidden<32>,
    /// Of the first note that was not collected.
    key: Hidden<32>,
    number: u64,
}

/// One visit as it was taken down.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jotted {
    /// The card's text.
    pub card: HiddenText,
    /// What was done.
    pub done: Vec<Done>,
    /// On which day.
    pub day: Day,
    /// Last day of cover or the next appointment.
    pub until: Option<Day>,
}

/// One service of a visit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// Which.
    pub service: ServiceCode,
    /// How many pieces, where they are counted.
    pub quantity: Option<NonZeroU16>,
}

impl fmt::Debug for Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outside({})", self.notes.len())
    }
}

impl Outside {
    /// Reads what [`Outside::to_bytes`] wrote; nothing for another form.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let outside: Self = json::read(bytes).ok()?;
        let fits = outside.version == VERSION && outside.notes.len() <= MOST_NOTES;
        fits.then_some(outside)
    }

    /// To be kept beside the sealed state.
    ///
    /// # Errors
    /// `Value` when it cannot be written, which does not happen.
    pub fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        json::write(self).map_err(|_| Error::Value)
    }

    /// How many notes wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.notes.len()
    }

    /// Judges a card by the list that was kept.
    ///
    /// # Errors
    /// `Trust` when what is kept does not fit together, which does not happen.
    pub fn verdict(&self, text: &str, today: Day) -> Result<Verdict, Error> {
        let wraps = self.wraps.iter();
        let wraps = wraps
            .map(|wrap| WrapKey::from_bytes(*wrap.expose()))
            .collect();
        let bundle: TrustBundle = self.trust.bundle(wraps).map_err(TrustError::Core)?;
        let status = self.status.open(&bundle);
        Ok(verdict(text, &bundle.card_keys(), status.as_ref(), today).0)
    }

    /// Takes a visit down; keep [`Outside::to_bytes`] afterwards. Nothing of it can be read here again.
    ///
    /// # Errors
    /// `TooMany` above [`MOST_NOTES`]; `Value` for more than a note holds.
    pub fn jot(&mut self, visit: &Jotted, rng: &mut impl Rng) -> Result<(), Error> {
        if self.notes.len() >= MOST_NOTES {
            return Err(Error::TooMany);
        }
        let plain = json::write(visit).map_err(|_| Error::Value)?;
        let sealed = chain::seal(&self.public, &self.terminal, self.number, &plain, rng);
        let sealed = sealed.map_err(|_| Error::Value)?;
        let key = ChainKey::from_bytes(*self.key.expose());
        self.notes.push(Note {
            number: self.number,
            mac: Fixed(key.mac(&self.terminal, self.number, &sealed)),
            sealed: B64(sealed),
        });
        self.key = Hidden::of(key.next().expose());
        self.number += 1;
        Ok(())
    }
}

impl Inside {
    pub(crate) fn new(rng: &mut impl Rng) -> Self {
        Self {
            secret: Hidden::of(HpkeSecret::generate(rng).expose()),
            key: Hidden::of(ChainKey::random(rng).expose()),
            number: 0,
        }
    }

    pub(crate) fn secret(&self) -> HpkeSecret {
        HpkeSecret::new(self.secret.0.clone())
    }

    /// Every note in its order, as far as it is proved, and whether that is all.
    pub(crate) fn read(&mut self, outside: &Outside) -> (Vec<Jotted>, bool) {
        let (terminal, secret) = (&outside.terminal, self.secret());
        let mut key = ChainKey::from_bytes(*self.key.expose());
        let mut read = Vec::new();
        let mut whole = true;
        // What was collected before a break stands outside still.
        for note in outside.notes.iter().filter(|it| it.number >= self.number) {
            let number = self.number + read.len() as u64;
            let proved =
                note.number == number && key.knows(terminal, number, &note.sealed, &note.mac.0);
            let opened = proved.then(|| open(&secret, terminal, note)).flatten();
            let Some(visit) = opened else {
                whole = false;
                break;
            };
            read.push(visit);
            key = key.next();
        }
        self.number += read.len() as u64;
        let left = ChainKey::from_bytes(*outside.key.expose());
        whole &= (outside.number, left) == (self.number, key.clone());
        self.key = Hidden::of(key.expose());
        (read, whole)
    }
}

fn open(secret: &HpkeSecret, terminal: &TerminalId, note: &Note) -> Option<Jotted> {
    let plain = chain::open(secret, terminal, note.number, &note.sealed);
    json::read(&plain.ok()?).ok()
}

impl Jotted {
    pub(crate) fn events(&self, site: &Site) -> Vec<Event> {
        let event = |done: &Done| Event {
            site: site.clone(),
            service: done.service.clone(),
            kind: Kind::Contact,
            day: self.day,
            covered_until: self.until,
            group: None,
            quantity: done.quantity,
            consent: false,
        };
        self.done.iter().map(event).collect()
    }
}

impl Outside {
    /// With the notes of what lay there before, as far as they were not collected.
    pub(crate) fn new(
        inside: &Inside,
        before: Option<&Self>,
        device: &Device,
        status: &KeptList,
    ) -> Self {
        let (public, first) = (inside.secret().public(), inside.number);
        let before = before.filter(|it| it.public == public && it.number >= first);
        let notes = before.map_or(&[][..], |it| &it.notes).iter();
        Self {
            version: VERSION,
            terminal: device.terminal(),
            public,
            key: before.map_or(&inside.key, |it| &it.key).clone(),
            number: before.map_or(first, |it| it.number),
            notes: notes.filter(|it| it.number >= first).cloned().collect(),
            trust: device.trust().clone(),
            wraps: device.wraps().to_vec(),
            status: status.clone(),
        }
    }

    /// Whether it is of this device and of these keys.
    pub(crate) fn is_of(&self, inside: &Inside, terminal: TerminalId) -> bool {
        self.public == inside.secret().public() && self.terminal == terminal
    }
}
