//! What a replay issued and presented, so that the same file again makes nobody twice.
//!
//! By person: the text of the card. By row: that it was presented. Both are found by keyed hashes of what the file says; the
//! file's client codes are not kept. Whoever opens this holds the cards of everybody in the file, as the replay itself did.

use std::collections::{BTreeMap, BTreeSet};

use crypto::digest;
use crypto::hex;
use crypto::secret::Secret;
use serde::{Deserialize, Serialize};
use wire::rows::Row;
use zeroize::{Zeroize, Zeroizing};

/// The newest card of a person.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    text: String,
    /// True once it was known to be alive: a card that is not any more was killed, and is never brought to life again.
    alive: bool,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// Cards and rows of all replays on this data folder.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Issued {
    /// By tag of the person.
    cards: BTreeMap<String, Kept>,
    /// Tags of rows.
    rows: BTreeSet<String>,
}

/// Tags of people and rows, under a key that lies sealed beside them.
pub(super) struct Tags<'a>(pub(super) &'a Secret<32>);

impl Tags<'_> {
    fn person(&self, code: &str) -> String {
        self.tag(&[b"person", code.as_bytes()])
    }

    /// Of a row, and how many equal rows of this person stand before it in the file.
    pub(super) fn row(&self, row: &Row, before: u32) -> String {
        let until = row.covered_until.map_or(i32::MIN, |day| day.number());
        let gender = row.group.and_then(|group| group.gender);
        let age = row.group.and_then(|group| group.age);
        self.tag(&[
            b"row",
            row.person.as_bytes(),
            &row.day.number().to_le_bytes(),
            row.site.as_str().as_bytes(),
            row.service.as_str().as_bytes(),
            row.kind.to_string().as_bytes(),
            &until.to_le_bytes(),
            gender
                .map(|it| it.to_string())
                .unwrap_or_default()
                .as_bytes(),
            age.map(|it| it.to_string()).unwrap_or_default().as_bytes(),
            &before.to_le_bytes(),
        ])
    }

    fn tag(&self, parts: &[&[u8]]) -> String {
        hex::encode(&digest::keyed_parts(self.0.expose(), parts)[..16])
    }
}

impl Issued {
    /// The card of a person, when one was issued, and whether it was ever alive.
    pub(super) fn card(&self, tags: &Tags<'_>, code: &str) -> Option<(Zeroizing<String>, bool)> {
        let kept = self.cards.get(&tags.person(code))?;
        Some((Zeroizing::new(kept.text.clone()), kept.alive))
    }

    /// Keeps a card that was made for a person.
    pub(super) fn keep(&mut self, tags: &Tags<'_>, code: &str, text: &str) {
        let (text, alive) = (text.to_owned(), false);
        self.cards.insert(tags.person(code), Kept { text, alive });
    }

    /// Notes that a person's card is alive.
    pub(super) fn alive(&mut self, tags: &Tags<'_>, code: &str) {
        if let Some(kept) = self.cards.get_mut(&tags.person(code)) {
            kept.alive = true;
        }
    }

    /// True when the row of this tag was presented.
    pub(super) fn has(&self, tag: &str) -> bool {
        self.rows.contains(tag)
    }

    /// How many rows were presented.
    pub(super) fn rows(&self) -> usize {
        self.rows.len()
    }

    /// Notes that it was.
    pub(super) fn presented(&mut self, tag: String) {
        self.rows.insert(tag);
    }
}
