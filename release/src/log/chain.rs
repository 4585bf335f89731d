//! The chain of the log's lines.
//!
//! A line is one JSON object: `previous` (hash of the line before, zeros for the first), `kind` (`reserved` or `released`),
//! `period`, `version`, `parameters` (hash of the public noise parameters, or of the release) and `hash` (BLAKE3 of `previous`
//! and the four fields). It counts once its newline is written.

use std::collections::BTreeMap;

use crypto::b64::Fixed;
use crypto::day::Quarter;
use crypto::digest;
use privacy::scope::Subject;
use serde::{Deserialize, Serialize};

use super::error::Broken;
use super::head::Head;

/// What a line says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The budget was debited; noise may have been drawn.
    Reserved,
    /// The release is public.
    Released,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    previous: Fixed<32>,
    kind: Kind,
    period: Quarter,
    version: u32,
    parameters: Fixed<32>,
    hash: Fixed<32>,
}

impl Line {
    fn after(previous: [u8; 32], subject: Subject, kind: Kind, parameters: [u8; 32]) -> Self {
        let Subject { period, version } = subject;
        let line = Self {
            previous: Fixed(previous),
            kind,
            period,
            version,
            parameters: Fixed(parameters),
            hash: Fixed([0; 32]),
        };
        let hash = Fixed(line.digest());
        Self { hash, ..line }
    }

    /// The one way it is written, with its newline.
    fn text(&self) -> Option<Vec<u8>> {
        let mut text = serde_json::to_vec(self).ok()?;
        text.push(b'\n');
        Some(text)
    }

    fn digest(&self) -> [u8; 32] {
        let mut bytes = Vec::with_capacity(80);
        bytes.extend_from_slice(&self.previous.0);
        bytes.push(match self.kind {
            Kind::Reserved => 1,
            Kind::Released => 2,
        });
        bytes.extend_from_slice(&self.period.number().to_be_bytes());
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&self.parameters.0);
        digest::hash(&bytes)
    }
}

/// What the log says, checked from its first line to its last.
#[derive(Clone, Debug, Default)]
pub struct Entries {
    known: BTreeMap<(Subject, Kind), [u8; 32]>,
    head: [u8; 32],
    /// Length in bytes of the whole lines.
    length: u64,
}

impl Entries {
    /// The hash a line of this kind carries, if there is one.
    #[must_use]
    pub fn get(&self, subject: Subject, kind: Kind) -> Option<[u8; 32]> {
        self.known.get(&(subject, kind)).copied()
    }

    /// Every line, by release and kind.
    pub fn iter(&self) -> impl Iterator<Item = (Subject, Kind, [u8; 32])> + '_ {
        self.known
            .iter()
            .map(|((subject, kind), hash)| (*subject, *kind, *hash))
    }

    /// Where the chain ends.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            length: self.length,
            lines: self.known.len() as u64,
            hash: self.head,
        }
    }

    /// Reads every whole line: it is written the one way it is written, and follows from the line before. A tail without a
    /// newline is left out; [`Head::length`] says where it begins.
    ///
    /// # Errors
    /// [`Broken`] with the first line that does not fit.
    pub fn read(bytes: &[u8]) -> Result<Self, Broken> {
        let mut entries = Self::default();
        for (number, text) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let Some(whole) = text.strip_suffix(b"\n") else {
                break;
            };
            let line = serde_json::from_slice::<Line>(whole).ok();
            let line = line.filter(|line| line.text().as_deref() == Some(text));
            let taken = line.and_then(|line| entries.take(&line, text.len()));
            taken.ok_or(Broken { line: number + 1 })?;
        }
        Ok(entries)
    }

    /// The line that comes next when the log is to say this, with its newline, and what the log says then; `None` when it says
    /// so already.
    ///
    /// # Errors
    /// [`Broken`] when the log has such a line with another hash.
    pub fn next(
        &self,
        subject: Subject,
        kind: Kind,
        parameters: [u8; 32],
    ) -> Result<Option<(Vec<u8>, Self)>, Broken> {
        match self.get(subject, kind) {
            Some(known) if known == parameters => return Ok(None),
            Some(_) => {
                let line = self.known.len();
                return Err(Broken { line });
            }
            None => {}
        }
        let line = Line::after(self.head, subject, kind, parameters);
        let mut entries = self.clone();
        let text = line.text();
        let text = text.filter(|text| entries.take(&line, text.len()).is_some());
        let line = self.known.len() + 1;
        Ok(Some((text.ok_or(Broken { line })?, entries)))
    }

    /// Adds a line of so many bytes, if it fits.
    fn take(&mut self, line: &Line, length: usize) -> Option<()> {
        let subject = Subject {
            period: line.period,
            version: line.version,
        };
        let fits = line.previous.0 == self.head && line.hash.0 == line.digest();
        let new = self
            .known
            .insert((subject, line.kind), line.parameters.0)
            .is_none();
        self.head = line.hash.0;
        self.length += length as u64;
        (fits && new).then_some(())
    }
}
