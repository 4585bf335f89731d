//! `payung card`: blanks as pictures, and the offline verdict of a card.

use std::fs;
use std::path::{Path, PathBuf};

use crypto::card::{Card, CardSecret};
use crypto::day::Month;
use crypto::rng::Random;
use crypto::status::CheckedStatusList;
use crypto::verdict::verdict;
use server::error::Failure;
use server::open;
use server::options::StoreArgs;

use crate::cli::CardCommand;
use crate::opening::Opening;
use crate::output::say;
use crate::{ask, picture, progress};

/// Characters of a card's text: 100 bytes as base45 (RFC 9285).
const CARD_TEXT: usize = 150;
/// Days that a card stays good.
const CARD_DAYS: i32 = 730;

/// Runs one of the commands.
pub async fn run(opening: &Opening, command: CardCommand) -> Result<(), Failure> {
    match command {
        CardCommand::Issue { count, out, store } => {
            issue(opening, &store, usize::from(count), &out).await
        }
        CardCommand::Read {
            image_or_text,
            store,
        } => read(opening, &store, &image_or_text).await,
    }
}

async fn identity(
    opening: &Opening,
    store: &StoreArgs,
) -> Result<std::sync::Arc<identity::App>, Failure> {
    opening.dir.programme()?;
    open::identity(
        &opening.dir,
        store,
        &opening.passphrase()?,
        identity::Limits::default(),
    )
    .await
}

/// The secrets are made here, as a printing station makes them; only commitments are signed.
async fn issue(
    opening: &Opening,
    store: &StoreArgs,
    count: usize,
    out: &Path,
) -> Result<(), Failure> {
    must_be_empty(out)?;
    let app = identity(opening, store).await?;
    server::datadir::make_private(out)?;
    let mut rng = Random::os();
    let expiry = Month::of(app.clock.today().plus(CARD_DAYS));
    let secrets: Vec<CardSecret> = (0..count).map(|_| CardSecret::random(&mut rng)).collect();
    let commitments: Vec<_> = secrets.iter().map(CardSecret::commitment).collect();
    let blanks = identity::cards::blanks::sign(&app, &commitments, expiry)
        .await
        .map_err(|e| Failure::of("signing blanks", e))?;
    let bar = progress::bar("drawing cards", count as u64);
    for (number, (secret, blank)) in secrets.iter().zip(&blanks).enumerate() {
        draw(
            &Card::assemble(secret, blank, &app.keys.wrap),
            out,
            number + 1,
        )?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    say(&format!(
        "{count} blank cards drawn. Each comes to life at its first use; destroy the pictures after printing."
    ));
    let trust = identity::trust::trust(&app)
        .await
        .map_err(|e| Failure::of("the log of keys", e))?;
    say(&format!(
        "log of keys {}   to go with the sheet: whoever serves compares it with what the terminal shows",
        trust.mark().fingerprint()
    ));
    Ok(())
}

fn must_be_empty(out: &Path) -> Result<(), Failure> {
    if fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Failure::new(
            "the output folder is not empty: choose another --out",
        ));
    }
    Ok(())
}

fn draw(card: &Card, out: &Path, number: usize) -> Result<(), Failure> {
    let failed = |e: std::io::Error| Failure::of("writing a picture", e.kind());
    let png = picture::png(card)?;
    // A picture is a card: whoever copies it has one.
    files::write(
        &out.join(format!("card-{number:04}.svg")),
        picture::svg(card)?.as_bytes(),
    )
    .and_then(|()| files::write(&out.join(format!("card-{number:04}.png")), &png))
    .map_err(failed)
}

/// The text of a card as it was given. Nothing else is judged: the name of a picture that is not there is no card, and a
/// verdict about it would be believed.
fn typed(text: &str) -> Result<&str, Failure> {
    let ends: &[char] = &[' ', '\r', '\n', '\t'];
    let text = match text.len() {
        CARD_TEXT => text,
        _ => text.trim_matches(ends),
    };
    if text.len() == CARD_TEXT {
        return Ok(text);
    }
    Err(Failure::new(
        "there is no such picture, and it is not the text of a card, which has 150 characters: check the path",
    ))
}

/// The one of a picture's codes that is judged. What is no card of this programme is passed over beside one that is; of two
/// cards none is taken: which is meant, nobody can see.
fn the_one(texts: &[String], ours: impl Fn(&str) -> bool) -> Result<&str, Failure> {
    let cards: Vec<&String> = texts.iter().filter(|text| ours(text)).collect();
    match (cards.as_slice(), texts) {
        ([card], _) => Ok(card),
        ([], [text]) => Ok(text),
        ([], _) => Err(Failure::new(
            "two codes are in the picture, and none is a card of this programme: take one",
        )),
        _ => Err(Failure::new("two cards are in the picture: take one")),
    }
}

async fn read(opening: &Opening, store: &StoreArgs, image_or_text: &str) -> Result<(), Failure> {
    let path = PathBuf::from(image_or_text);
    let texts = if image_or_text == "-" {
        vec![typed(&ask::line("Text of the card: ")?)?.to_owned()]
    } else if path.is_file() {
        picture::read(&path)?
    } else {
        vec![typed(image_or_text)?.to_owned()]
    };
    let app = identity(opening, store).await?;
    let bundle = identity::trust::current(&app)
        .await
        .map_err(|e| Failure::of("the programme's keys", e))?;
    let token = identity::cards::status::token(&app)
        .await
        .map_err(|e| Failure::of("the status list", e))?;
    let today = app.clock.today();
    let core = &bundle.core;
    let list = CheckedStatusList::take(&token, &core.status_key.0, &core.programme, None, today)
        .map_err(|e| Failure::of("the status list", e))?;
    let keys = bundle.card_keys();
    let text = the_one(&texts, |text| verdict(text, &keys, None, today).1.is_some())?;
    let (seen, _) = verdict(text, &keys, Some(&list), today);
    say(&crate::output::verdict(&seen));
    say(seen.next_step());
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn chosen(texts: &[&str]) -> Result<String, String> {
        let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
        let chosen = the_one(&texts, |text| text.starts_with("card"));
        chosen.map(str::to_owned).map_err(|e| e.to_string())
    }

    #[test]
    fn of_two_codes_the_card_counts_and_of_two_cards_none() {
        for texts in [
            &["card 1"][..],
            &["card 1", "poster"],
            &["poster", "card 1"],
            &["poster", "menu", "card 1"],
        ] {
            assert_eq!(chosen(texts).unwrap(), "card 1");
        }
        for texts in [&["card 1", "card 2"][..], &["card 2", "poster", "card 1"]] {
            assert_eq!(
                chosen(texts).unwrap_err(),
                "two cards are in the picture: take one"
            );
        }
        assert_eq!(chosen(&["poster"]).unwrap(), "poster", "to be told unknown");
        let posters = chosen(&["poster", "menu"]).unwrap_err();
        assert!(posters.starts_with("two codes are in the picture"));
    }
}
