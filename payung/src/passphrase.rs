//! Where the passphrase of the key files comes from: a file, the environment, or the terminal. All three go through the one door
//! for typed text, so that the same passphrase is the same bytes.

use std::io::IsTerminal;
use std::path::Path;

use crate::edited;
use crypto::secret::SecretBytes;
use server::error::Failure;
use wire::typed::{Chosen, Entered};
use zeroize::Zeroizing;

/// Whose passphrase is wanted, and where it may come from.
pub(crate) struct Wanted {
    /// Name of the environment variable.
    variable: &'static str,
    /// What is asked at a terminal.
    prompt: &'static str,
    /// What to do where it is nowhere.
    missing: &'static str,
}

/// That of the service's key files.
pub(crate) const KEYS: Wanted = Wanted {
    variable: "PAYUNG_PASSPHRASE",
    prompt: "Passphrase of the keys: ",
    missing: "no passphrase: set PAYUNG_PASSPHRASE or give --passphrase-file FILE",
};
/// That of the root keys, which the service never needs.
pub(crate) const ROOT: Wanted = Wanted {
    variable: "PAYUNG_ROOT_PASSPHRASE",
    prompt: "Passphrase of the root key, another one: ",
    missing: "no passphrase for the root key: set PAYUNG_ROOT_PASSPHRASE or give --root-passphrase-file FILE",
};
/// The one that the service's key files get instead.
pub(crate) const NEW: Wanted = Wanted {
    variable: "PAYUNG_NEW_PASSPHRASE",
    prompt: "New passphrase of the keys: ",
    missing: "no new passphrase: set PAYUNG_NEW_PASSPHRASE or give --new-passphrase-file FILE",
};

/// The passphrase of keys that exist.
pub(crate) fn obtain(wanted: &Wanted, file: Option<&Path>) -> Result<SecretBytes, Failure> {
    let text = found(wanted, file)?.map_or_else(|| ask(wanted.prompt), Ok)?;
    entered(&text)
}

/// A passphrase for new keys: hard to guess, and typed twice where it is typed.
pub(crate) fn choose(wanted: &Wanted, file: Option<&Path>) -> Result<SecretBytes, Failure> {
    if let Some(text) = found(wanted, file)? {
        return chosen(&text);
    }
    let first = ask(wanted.prompt)?;
    if *ask("The same again: ")? != *first {
        return Err(Failure::new(
            "the two passphrases differ: nothing was changed, try again",
        ));
    }
    chosen(&first)
}

fn entered(text: &str) -> Result<SecretBytes, Failure> {
    let entered = Entered::parse(text).map_err(|e| Failure::of("the passphrase", e))?;
    Ok(entered.bytes().clone())
}

fn chosen(text: &str) -> Result<SecretBytes, Failure> {
    let chosen = Chosen::parse(text).map_err(|e| Failure::of("the passphrase", e))?;
    Ok(chosen.entered().bytes().clone())
}

/// What a file or the environment holds; `None` when a person must be asked.
fn found(wanted: &Wanted, file: Option<&Path>) -> Result<Option<Zeroizing<String>>, Failure> {
    if let Some(path) = file {
        let text = edited::read(path, "the passphrase file")?;
        return Ok(Some(first_line(&text)));
    }
    if let Some(value) = from_environment(wanted.variable)? {
        return Ok(Some(value));
    }
    if std::io::stdin().is_terminal() {
        return Ok(None);
    }
    Err(Failure::new(wanted.missing))
}

fn first_line(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())
}

#[allow(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn from_environment(variable: &str) -> Result<Option<Zeroizing<String>>, Failure> {
    match std::env::var(variable) {
        Ok(value) => Ok(Some(Zeroizing::new(value))),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Failure::new(format!(
            "{variable} is no UTF-8, perhaps in a code page: write it as UTF-8"
        ))),
    }
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(|_| Failure::new("the terminal cannot be read: give --passphrase-file FILE"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn file_variable_and_keyboard_give_the_same_bytes() {
        let plain = "jalan ke Ühlenhorst".as_bytes();
        let from = |text: &str| entered(text).unwrap().expose().to_vec();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        for file in [
            "jalan ke \u{dc}hlenhorst",
            "\u{feff}jalan ke U\u{308}hlenhorst\r\nwhat it is for\n",
            "jalan ke \u{dc}hlenhorst\n",
        ] {
            std::fs::write(&path, file).unwrap();
            assert_eq!(obtain(&KEYS, Some(&path)).unwrap().expose(), plain);
            assert_eq!(choose(&ROOT, Some(&path)).unwrap().expose(), plain);
        }
        for typed in ["jalan ke U\u{308}hlenhorst", "jalan ke \u{dc}hlenhorst\n"] {
            assert_eq!(from(typed), plain);
        }
    }

    #[test]
    fn an_easy_passphrase_opens_keys_that_have_it_and_seals_no_new_ones() {
        for easy in ["short", "qwerty123456", "абвгдежзикл"] {
            assert!(entered(easy).is_ok());
            assert!(chosen(easy).is_err());
        }
        let said = chosen("kata\u{200b}sandi yang panjang")
            .unwrap_err()
            .to_string();
        assert!(said.contains("zero-width space") && !said.contains("sandi"));
        assert!(entered("").is_err());
    }
}
