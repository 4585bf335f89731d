//! A PostgreSQL server for the length of one test run.
//!
//! It listens on the loopback interface at a free port, asks for a random password, writes nothing to disk that it
//! can avoid writing, and lives in its own temporary folder. A shell supervises it and reads from a pipe that this
//! process holds: when the pipe closes, for whatever reason this process ended, the shell stops the server and removes
//! the folder.

use std::fmt::Write as _;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::path::on_path;
use crate::tool::{Tool, is_root};

/// Started with `BIN FOLDER PORT`; all three come in as arguments, so nothing is quoted into the text.
const SUPERVISE: &str = r#"
bin=$1 folder=$2 port=$3
trap '' INT HUP TERM
cd "$folder" || exit 1
if "$bin/initdb" --pgdata=data --username=payung --pwfile=password --auth=scram-sha-256 \
    --encoding=UTF8 --locale=C --no-sync >log 2>&1; then
  "$bin/postgres" -D data -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 >>log 2>&1 </dev/null &
  server=$!
  cat >/dev/null
  kill -QUIT "$server" 2>/dev/null
  wait "$server"
else
  cat >/dev/null
fi
cd / && rm -rf "$folder"
"#;

/// Waits at most this many times [`PAUSE`] for the server to answer.
const PATIENCE: u32 = 600;
const PAUSE: Duration = Duration::from_millis(100);

/// A running server; dropping it stops it and removes its files.
pub(crate) struct Server {
    supervisor: Child,
    url: String,
}

impl Server {
    /// Makes a cluster, starts it and waits until it answers.
    pub(crate) fn start() -> Result<Self, String> {
        let bin = Tool::Postgres
            .find()
            .ok_or("PostgreSQL's programs are missing")?;
        let user = unprivileged_user()?;
        let folder = temporary_folder()?;
        let password = random_hex()?;
        let prepared = write_password(&folder, &password, user.as_deref());
        let port = free_port()?;
        prepared?;
        let mut supervisor = supervise(&bin, &folder, port, user.as_deref())?;
        match wait_until_ready(&bin, port, &mut supervisor) {
            Ok(()) => {
                let url = format!("postgres://payung:{password}@127.0.0.1:{port}/postgres");
                Ok(Self { supervisor, url })
            }
            Err(message) => {
                let log =
                    std::fs::read_to_string(Path::new(&folder).join("log")).unwrap_or_default();
                stop(&mut supervisor);
                Err(format!("{message}\n{log}"))
            }
        }
    }

    /// Where it is, with its user and password.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        stop(&mut self.supervisor);
    }
}

fn stop(supervisor: &mut Child) {
    drop(supervisor.stdin.take());
    if let Err(error) = supervisor.wait() {
        eprintln!("the PostgreSQL server could not be awaited: {error}");
    }
}

/// PostgreSQL refuses to run as root; Debian's package brings a user for it.
fn unprivileged_user() -> Result<Option<String>, String> {
    if !is_root() {
        return Ok(None);
    }
    let known = |name: &str| {
        Command::new("id")
            .arg("-u")
            .arg(name)
            .output()
            .is_ok_and(|out| out.status.success())
    };
    let user = ["postgres", "nobody"].into_iter().find(|name| known(name));
    match (user, on_path("runuser")) {
        (Some(user), Some(_)) => Ok(Some(user.to_owned())),
        _ => Err(
            "PostgreSQL does not run as root: run this as another user, or with --without postgres"
                .to_owned(),
        ),
    }
}

fn temporary_folder() -> Result<String, String> {
    let template = std::env::temp_dir().join("payung-postgres-XXXXXXXX");
    let made = Command::new("mktemp").arg("-d").arg(template).output();
    let made = made.map_err(|error| format!("mktemp cannot be started: {error}"))?;
    let folder =
        String::from_utf8(made.stdout).map_err(|_| "the temporary folder's name is not text")?;
    if made.status.success() {
        Ok(folder.trim_end().to_owned())
    } else {
        Err("no temporary folder".to_owned())
    }
}

fn random_hex() -> Result<String, String> {
    let mut bytes = [0u8; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    read.map_err(|error| format!("no randomness: {error}"))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

fn write_password(folder: &str, password: &str, user: Option<&str>) -> Result<(), String> {
    std::fs::write(Path::new(folder).join("password"), password)
        .map_err(|error| format!("no password file: {error}"))?;
    let Some(user) = user else { return Ok(()) };
    let owned = Command::new("chown").args(["-R", user, folder]).status();
    match owned {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("cannot give the temporary folder to {user}")),
    }
}

fn free_port() -> Result<u16, String> {
    let listener =
        TcpListener::bind("127.0.0.1:0").map_err(|error| format!("no free port: {error}"))?;
    listener
        .local_addr()
        .map(|address| address.port())
        .map_err(|error| format!("no free port: {error}"))
}

fn supervise(bin: &Path, folder: &str, port: u16, user: Option<&str>) -> Result<Child, String> {
    let mut command = match user {
        Some(user) => {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--", "sh"]);
            command
        }
        None => Command::new("sh"),
    };
    command
        .args(["-c", SUPERVISE, "sh"])
        .arg(bin)
        .arg(folder)
        .arg(port.to_string());
    // A process group of its own: Ctrl-C ends this process, the closing pipe then ends the server in good order.
    command
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .current_dir("/");
    command
        .spawn()
        .map_err(|error| format!("PostgreSQL cannot be started: {error}"))
}

fn wait_until_ready(bin: &Path, port: u16, supervisor: &mut Child) -> Result<(), String> {
    for _ in 0..PATIENCE {
        let answer = Command::new(bin.join("pg_isready"))
            .args([
                "--quiet",
                "--host=127.0.0.1",
                "--username=payung",
                "--dbname=postgres",
            ])
            .arg(format!("--port={port}"))
            .status();
        if answer.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        if !matches!(supervisor.try_wait(), Ok(None)) {
            return Err("PostgreSQL ended at once".to_owned());
        }
        std::thread::sleep(PAUSE);
    }
    Err("PostgreSQL did not answer within a minute".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_long_and_differ() {
        let (first, second) = (random_hex().unwrap(), random_hex().unwrap());
        assert_eq!(first.len(), 32);
        assert_ne!(first, second);
    }

    #[test]
    fn a_server_comes_up_and_leaves_nothing_behind() {
        if Tool::Postgres.find().is_none() {
            println!("skipped: PostgreSQL's programs are not installed");
            return;
        }
        let server = Server::start().unwrap();
        let port: u16 = server
            .url()
            .rsplit([':', '/'])
            .nth(1)
            .unwrap()
            .parse()
            .unwrap();
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
        drop(server);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    }
}
