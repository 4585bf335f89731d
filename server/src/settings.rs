//! What `init` decided once and every later command keeps to: `payung.toml` in the data folder.
//!
//! **Model.** One line a setting, `name = "value"`, a subset of TOML that people edit; `#` begins a comment line. A command line may
//! say the same or what the file leaves open; it may not name another database, so that a word forgotten or mistyped can neither
//! found nor serve an empty twin.
//!
//! **Privacy.** `init` writes no password into it: the database's lies in a file of its own, or is handed over by systemd.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use zeroize::Zeroizing;
use zones::Zone;

use crate::error::Failure;
use crate::options::{Address, Role, StoreArgs};

/// The file's name in the data folder.
pub const FILE: &str = "payung.toml";
/// Where a service listens that was told nothing else.
const LISTEN: ([u8; 4], u16) = ([127, 0, 0, 1], 8080);
const NAMES: &str = "there is no such setting; there are role, listen, database, database-password-file, analytics-url, time-zone \
     and release-log";
const HEAD: &str = "# Written by `payung init`. Change it only while nothing runs.\n";

/// The settings of a data folder. `Debug` does not print them: who edits the file may write a password into the address.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which half of the service runs here.
    pub role: Role,
    /// Where it listens.
    pub listen: SocketAddr,
    /// `postgres://` address; without it SQLite files in the data folder.
    pub database: Option<String>,
    /// File whose first line is the password of that address.
    pub database_password_file: Option<PathBuf>,
    /// Where the statistics role answers, when it runs on another host.
    pub analytics_url: Option<String>,
    /// The programme's time zone: its days are the programme's.
    pub time_zone: Zone,
    /// Folder of the release log, from the root of the file system on: a copy of the data folder names the same one.
    pub release_log: Option<PathBuf>,
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settings(..)")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            role: Role::All,
            listen: LISTEN.into(),
            database: None,
            database_password_file: None,
            analytics_url: None,
            time_zone: Zone::utc(),
            release_log: None,
        }
    }
}

impl Settings {
    /// Reads the file's text.
    ///
    /// # Errors
    /// [`Failure`] with the number of the first line that is not understood.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let mut settings = Self::default();
        let mut seen = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let taken = match pair(line) {
                None => Err("a line is  name = \"value\""),
                Some((name, _)) if seen.contains(&name) => Err("this was said on an earlier line"),
                Some((name, value)) => {
                    seen.push(name);
                    settings.take(name, value)
                }
            };
            taken.map_err(|why| Failure::new(format!("{FILE}, line {}: {why}", number + 1)))?;
        }
        Ok(settings)
    }

    /// Takes one setting, or says what its value must be.
    fn take(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        match name {
            "role" => {
                let role = Role::from_str(value, false);
                self.role = role.map_err(|_| "role is all, identity or analytics")?;
            }
            "listen" => {
                let address = value.parse();
                self.listen = address
                    .map_err(|_| "listen is an address and a port, such as 127.0.0.1:8080")?;
            }
            "database" => self.database = Some(value.to_owned()),
            "database-password-file" => self.database_password_file = Some(value.into()),
            "analytics-url" if shows_a_password(value) => {
                return Err("analytics-url is without user and password");
            }
            "analytics-url" => self.analytics_url = Some(value.to_owned()),
            "time-zone" => {
                let zone = value.parse();
                self.time_zone = zone.map_err(
                    |_| "time-zone is a name of the IANA database, such as Asia/Makassar",
                )?;
            }
            "release-log" if !Path::new(value).is_absolute() => {
                return Err("release-log is a path from the root of the file system on");
            }
            "release-log" => self.release_log = Some(value.into()),
            _ => return Err(NAMES),
        }
        Ok(())
    }

    /// The file's text.
    ///
    /// # Errors
    /// [`Failure`] when a value has a character that the file cannot hold.
    pub fn text(&self) -> Result<String, Failure> {
        let role = self.role.to_possible_value();
        let file = self.database_password_file.as_deref();
        let log = self.release_log.as_deref();
        let all = [
            ("role", role.map(|role| role.get_name().to_owned())),
            ("listen", Some(self.listen.to_string())),
            ("time-zone", Some(self.time_zone.name().to_owned())),
            ("database", self.database.clone()),
            (
                "database-password-file",
                file.map(|path| path.display().to_string()),
            ),
            ("analytics-url", self.analytics_url.clone()),
            ("release-log", log.map(|path| path.display().to_string())),
        ];
        let mut text = HEAD.to_owned();
        for (name, value) in all {
            let Some(value) = value else { continue };
            if !plain(&value) {
                return Err(Failure::new(format!(
                    "{FILE} cannot hold the value of {name}: it has a quotation mark, a backslash or a control character"
                )));
            }
            text += &format!("{name} = \"{value}\"\n");
        }
        Ok(text)
    }

    /// What is kept of a command line's words about the database.
    #[must_use]
    pub fn remember(mut self, store: &StoreArgs) -> Self {
        self.database = store.database.as_ref().map(|it| it.as_str().to_owned());
        self.database_password_file = store.database_password_file.clone();
        self
    }
}

/// Whether an address has a password before its host.
fn shows_a_password(address: &str) -> bool {
    // No error can come of it.
    address
        .parse()
        .is_ok_and(|it: Address| it.shows_a_password())
}

/// Text that stands between quotation marks as it is.
fn plain(value: &str) -> bool {
    !value.contains(['"', '\\']) && !value.chars().any(char::is_control)
}

fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let value = value.trim().strip_prefix('"')?.strip_suffix('"')?;
    plain(value).then_some((name.trim(), value))
}

/// The address to open: what a command line says, or what is remembered; they may not differ. `None` is SQLite in the folder.
///
/// # Errors
/// [`Failure`] when they differ, when a password stands on a command line, or its file cannot be read.
pub fn address(
    given: &StoreArgs,
    remembered: Option<&Settings>,
) -> Result<Option<Zeroizing<String>>, Failure> {
    if given
        .database
        .as_ref()
        .is_some_and(Address::shows_a_password)
    {
        return Err(Failure::new(
            "a password on a command line is readable by everybody on this host: leave it out of --database and give \
             --database-password-file FILE",
        ));
    }
    let word = given.database.as_ref().map(Address::as_str);
    let url = match (word, remembered) {
        (word, None) => word,
        (None, Some(settings)) => settings.database.as_deref(),
        (Some(word), Some(settings)) if settings.database.as_deref() == Some(word) => Some(word),
        (Some(_), Some(_)) => {
            return Err(Failure::new(format!(
                "--database names another database than {FILE} in the data folder, with which this programme was founded: leave \
                 it away, or choose another --data-dir"
            )));
        }
    };
    let file = given.database_password_file.as_deref();
    let file = file.or_else(|| remembered?.database_password_file.as_deref());
    match (url, file) {
        (Some(url), Some(file)) => with_password(url, file).map(Some),
        (url, _) => Ok(url.map(|url| Zeroizing::new(url.to_owned()))),
    }
}

/// The address with the password that a file's first line holds.
fn with_password(url: &str, file: &Path) -> Result<Zeroizing<String>, Failure> {
    let bytes = std::fs::read(file).map(Zeroizing::new).map_err(|_| {
        Failure::new(
            "the file with the database's password cannot be read: check its path and permissions",
        )
    })?;
    let text = wire::edited::text(&bytes)
        .map_err(|e| Failure::of("the file with the database's password", e))?;
    let password = text.lines().next().unwrap_or_default();
    let unread = || {
        Failure::new("the address of the database cannot be read: it is postgres://user@host/name")
    };
    let mut parsed = reqwest::Url::parse(url).map_err(|_| unread())?;
    // Every byte as %XX: also a percent sign is to be one.
    let coded: Zeroizing<String> = Zeroizing::new(
        password
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect(),
    );
    parsed.set_password(Some(&coded)).map_err(|()| unread())?;
    Ok(Zeroizing::new(parsed.into()))
}

#[cfg(test)]
mod tests;
