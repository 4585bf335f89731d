//! Cards of every kind as pictures, to be shown to a camera or chosen as a file.

use std::path::{Path, PathBuf};

use crypto::card::{Card, CardSecret, IssuerKey, WrapKey};
use crypto::day::Month;
use crypto::rng::Random;
use server::error::Failure;

use super::stage::{Told, card_of};
use super::table;
use crate::picture;

/// Days that a blank stays good.
const CARD_DAYS: i32 = 730;
/// Days since an expired card was good.
const PAST_DAYS: i32 = 70;

/// The pictures by the words of demo.json.
pub(super) type Pictures = Vec<(&'static str, PathBuf)>;

/// Draws them into `folder`.
pub(super) async fn draw(told: &mut Told, folder: &Path) -> Result<Pictures, Failure> {
    let patients = table::patients()?;
    // Both known where the first person of the list works: at the first site by name. One of them is then shown next door.
    let home = usize::from(table::SITES[1] < table::SITES[0]);
    // The first person's card was replaced: the next.
    let mut there = patients.iter().skip(1).filter(|it| it.clinic == home);
    let mut next = || {
        there
            .next()
            .ok_or_else(|| Failure::new("the table is empty"))
    };
    let text = |card: &str| Card::from_text(card).map_err(|e| Failure::of("a card", e));
    let first = patients
        .first()
        .ok_or_else(|| Failure::new("the table is empty"))?;
    let blank = told
        .stage
        .cards(1, Month::of(told.stage.today.plus(CARD_DAYS)))
        .await;
    let blank = blank.map_err(Failure::said)?.pop();
    let mut rng = told.stage.rng.clone();
    let cards = [
        ("known", text(card_of(&told.replayed, next()?)?)?),
        ("new_at_other", text(card_of(&told.replayed, next()?)?)?),
        ("revoked", text(card_of(&told.replayed, first)?)?),
        ("expired", expired(told, &mut rng)?),
        ("foreign", foreign(told, &mut rng)?),
        (
            "blank",
            blank.ok_or_else(|| Failure::new("no blank was made"))?,
        ),
    ];
    cards
        .into_iter()
        .map(|(word, card)| picture(folder, word, &card))
        .collect()
}

fn picture(
    folder: &Path,
    word: &'static str,
    card: &Card,
) -> Result<(&'static str, PathBuf), Failure> {
    let path = folder.join(format!("{word}.png"));
    let written = files::write(&path, &picture::png(card)?);
    written.map_err(|e| Failure::of("writing a picture", e.kind()))?;
    Ok((word, path))
}

/// Of this programme, and past its month: signed here, because the service signs none in the past.
fn expired(told: &Told, rng: &mut Random) -> Result<Card, Failure> {
    let keys = &told.scene.identity.keys;
    let month = Month::of(told.stage.today.plus(-PAST_DAYS));
    signed(&keys.issuer, keys.issuer_kid, &keys.wrap, month, rng)
}

/// Of another programme.
fn foreign(told: &Told, rng: &mut Random) -> Result<Card, Failure> {
    let issuer = IssuerKey::generate(rng).map_err(|e| Failure::of("a key", e))?;
    let month = Month::of(told.stage.today.plus(CARD_DAYS));
    signed(&issuer, 1, &WrapKey::random(rng), month, rng)
}

fn signed(
    issuer: &IssuerKey,
    kid: u8,
    wrap: &WrapKey,
    month: Month,
    rng: &mut Random,
) -> Result<Card, Failure> {
    let secret = CardSecret::random(rng);
    let index = u32::from_be_bytes(crypto::rng::bytes(rng)) % 1_024;
    let blank = issuer.sign_blank(kid, index, month, &secret.commitment());
    let blank = blank.map_err(|e| Failure::of("signing a card", e))?;
    Ok(Card::assemble(&secret, &blank, wrap))
}
