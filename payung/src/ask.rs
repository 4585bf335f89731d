//! Questions to whoever runs a command. What a script is to answer it says with an option.

use std::io::{BufRead, IsTerminal as _, Write};

use crypto::report::{ServiceCode, Site};
use server::error::Failure;
use zeroize::Zeroizing;

use crate::output::complain;

/// Asks on standard error and reads one line; anything but yes is no.
pub(crate) fn agreed(question: &str) -> bool {
    let mut out = std::io::stderr().lock();
    let _ = write!(out, "{question} [y/N] ").and_then(|()| out.flush());
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && is_yes(&answer)
}

/// One line, without its end, of what does not belong on a command line, where a shell remembers it and every process of the host
/// can read it: asked for at a terminal without showing it, or read from standard input.
///
/// # Errors
/// [`Failure`] when there is none.
pub(crate) fn line(prompt: &str) -> Result<Zeroizing<String>, Failure> {
    let unread = |_| Failure::new("nothing was typed: nothing was changed");
    if std::io::stdin().is_terminal() {
        let line = rpassword::prompt_password(prompt).map_err(unread)?;
        return Ok(Zeroizing::new(line));
    }
    let mut line = Zeroizing::new(String::new());
    std::io::stdin().read_line(&mut line).map_err(unread)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    Ok(line)
}

fn is_yes(answer: &str) -> bool {
    matches!(answer.trim().to_lowercase().as_str(), "y" | "yes")
}

/// Shows names that the registry lacks and asks whether to enter them.
pub(crate) fn enter(cities: &[String], sites: &[Site], services: &[ServiceCode]) -> bool {
    for line in named(cities, sites, services) {
        complain(&line);
    }
    agreed("Enter these into the registry for good?")
}

/// What would be entered, one line each.
fn named(cities: &[String], sites: &[Site], services: &[ServiceCode]) -> Vec<String> {
    let cities = cities.iter().map(|name| format!("new city     {name}"));
    let sites = sites.iter().map(|site| format!("new site     {site}"));
    let services = services.iter().map(|code| format!("new service  {code}"));
    cities.chain(sites).chain(services).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn only_yes_is_yes_and_every_new_name_is_shown() {
        for yes in ["y\n", " Yes\r\n", "YES"] {
            assert!(is_yes(yes), "{yes:?}");
        }
        for no in ["", "\n", "no", "yess", "ja"] {
            assert!(!is_yes(no), "{no:?}");
        }
        let (site, service) = ("medan/a".parse().unwrap(), "nps".parse().unwrap());
        let shown = named(&["medan".to_owned()], &[site], &[service]);
        assert_eq!(
            shown,
            [
                "new city     medan",
                "new site     medan/a",
                "new service  nps"
            ]
        );
    }
}
