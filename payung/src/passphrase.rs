//! Where the passphrase of the key files comes from: a file, the environment, or the terminal.

use std::io::IsTerminal;
use std::path::Path;

use crypto::secret::SecretBytes;
use server::error::Failure;
use zeroize::Zeroizing;

/// Name of the environment variable.
pub(crate) const VARIABLE: &str = "PAYUNG_PASSPHRASE";
/// Shortest passphrase accepted for new keys, in bytes. Four random words are about 20.
pub(crate) const MINIMUM: usize = 12;

/// Finds the passphrase; `confirm` asks twice when it is typed.
pub(crate) fn obtain(file: Option<&Path>, confirm: bool) -> Result<SecretBytes, Failure> {
    if let Some(path) = file {
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|_| {
            Failure::new("the passphrase file cannot be read: check its path and permissions")
        })?);
        let line = text.lines().next().unwrap_or_default();
        return checked(line.as_bytes());
    }
    if let Some(value) = from_environment() {
        return checked(value.as_bytes());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(
            "no passphrase: set PAYUNG_PASSPHRASE or give --passphrase-file FILE",
        ));
    }
    let first = ask("Passphrase of the keys: ")?;
    if confirm && *ask("The same again: ")? != *first {
        return Err(Failure::new(
            "the two passphrases differ: nothing was changed, try again",
        ));
    }
    checked(first.as_bytes())
}

/// Refuses a passphrase that is too short to protect a seized disk.
pub(crate) fn strong_enough(passphrase: &SecretBytes) -> Result<(), Failure> {
    if passphrase.expose().len() < MINIMUM {
        return Err(Failure::new(
            "the passphrase is too short: use at least 12 characters, better four random words",
        ));
    }
    Ok(())
}

#[allow(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
fn from_environment() -> Option<Zeroizing<String>> {
    std::env::var(VARIABLE).ok().map(Zeroizing::new)
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    rpassword::prompt_password(prompt)
        .map(Zeroizing::new)
        .map_err(|_| Failure::new("the terminal cannot be read: give --passphrase-file FILE"))
}

fn checked(bytes: &[u8]) -> Result<SecretBytes, Failure> {
    if bytes.is_empty() {
        return Err(Failure::new("the passphrase is empty: nothing was changed"));
    }
    Ok(SecretBytes::new(bytes.to_vec()))
}
