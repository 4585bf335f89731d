//! Where the passphrase of the key files comes from: a file, the environment, or the terminal.

use std::io::IsTerminal;
use std::path::Path;

use crypto::secret::SecretBytes;
use server::error::Failure;
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
/// Shortest passphrase accepted for new keys, in bytes. Four random words are about 20.
pub(crate) const MINIMUM: usize = 12;

/// Finds the passphrase; `confirm` asks twice when it is typed.
pub(crate) fn obtain(
    wanted: &Wanted,
    file: Option<&Path>,
    confirm: bool,
) -> Result<SecretBytes, Failure> {
    if let Some(path) = file {
        let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|_| {
            Failure::new("the passphrase file cannot be read: check its path and permissions")
        })?);
        let line = text.lines().next().unwrap_or_default();
        return checked(line.as_bytes());
    }
    if let Some(value) = from_environment(wanted.variable) {
        return checked(value.as_bytes());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new(wanted.missing));
    }
    let first = ask(wanted.prompt)?;
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
fn from_environment(variable: &str) -> Option<Zeroizing<String>> {
    std::env::var(variable).ok().map(Zeroizing::new)
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
