//! `payung serve` as the system sees it: signals, its memory, what it leaves on the disk.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crypto::secret::SecretBytes;
use rustix::process::{Pid, Signal, kill_process};
use server::datadir::DataDir;
use server::options::StoreArgs;
use tempfile::TempDir;

const PASSPHRASE: &str = "quiet ladder amber tunnel 4417";

/// A programme in a folder, and the process that serves it; killed when it is dropped.
pub(crate) struct Service {
    pub(crate) folder: TempDir,
    pub(crate) child: Child,
    said: BufReader<ChildStdout>,
    pub(crate) address: String,
}

fn payung(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_payung"));
    command
        .env_remove("PAYUNG_PASSPHRASE")
        .arg("--data-dir")
        .arg(folder.join("data"))
        .arg("--passphrase-file")
        .arg(folder.join("passphrase"))
        .stdout(Stdio::piped());
    command
}

/// The same command under a limit of open files.
fn limited(command: &Command, most: u64) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -n \"$0\" && exec \"$@\""])
        .arg(most.to_string())
        .arg(command.get_program())
        .args(command.get_args())
        .stdout(Stdio::piped());
    shell
}

impl Service {
    pub(crate) fn start() -> Self {
        Self::start_with_files(None)
    }

    /// With no more than this many open files.
    pub(crate) fn start_with_files(most: Option<u64>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
        assert!(
            payung(folder.path())
                .arg("init")
                .env("PAYUNG_ROOT_PASSPHRASE", "four other quiet words")
                .status()
                .unwrap()
                .success()
        );
        let mut serve = payung(folder.path());
        serve.args(["serve", "--listen", "127.0.0.1:0"]);
        let mut child = match most {
            None => serve,
            Some(most) => limited(&serve, most),
        }
        .spawn()
        .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let line = next_line(&mut said);
        let url = line.split_whitespace().nth(2).unwrap();
        let address = url.strip_prefix("http://").unwrap().to_owned();
        Self {
            folder,
            child,
            said,
            address,
        }
    }

    pub(crate) fn signal(&self) {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
    }

    /// Waits for its end; a test that hangs here is ended by the runner.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has ended already in most tests.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn next_line(said: &mut impl BufRead) -> String {
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    line
}

/// Somebody else writes into the database, and keeps it open as long as the answer lives: whoever closes it last empties the log.
async fn write(folder: &Path) -> Arc<identity::App> {
    let app = open(folder).await;
    let actor = identity::Actor::CommandLine;
    identity::access::invitation::invite(&app, actor, wire::Role::Operator, None)
        .await
        .unwrap();
    app
}

/// The identity role of a folder, opened a second time.
pub(crate) async fn open(folder: &Path) -> Arc<identity::App> {
    let dir = DataDir::new(&folder.join("data"));
    let passphrase = SecretBytes::new(PASSPHRASE.as_bytes().to_vec());
    let store = StoreArgs::default();
    let app = server::open::identity(&dir, &store, &passphrase, identity::Limits::default());
    app.await.unwrap()
}

pub(crate) fn length(folder: &Path, log: &str) -> u64 {
    let about = std::fs::metadata(folder.join("data").join(log));
    about.map_or(0, |about| about.len())
}

#[tokio::test]
async fn sigterm_empties_the_log_of_writes() {
    let mut service = Service::start();
    let _open = write(service.folder.path()).await;
    assert!(length(service.folder.path(), "identity.db-wal") > 0);
    service.signal();
    assert_eq!(service.ended().code(), Some(0));
    assert_eq!(length(service.folder.path(), "identity.db-wal"), 0);
}

#[tokio::test]
async fn a_command_leaves_no_log_of_writes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("passphrase"), PASSPHRASE).unwrap();
    let done = |words: &[&str]| {
        let mut command = payung(at);
        command.env("PAYUNG_ROOT_PASSPHRASE", "four other quiet words");
        command.args(words).status().unwrap().success()
    };
    assert!(done(&["init"]));
    for log in ["identity.db-wal", "analytics.db-wal"] {
        assert_eq!(length(at, log), 0, "{log}");
    }
    // Nor one that somebody else left.
    let _open = write(at).await;
    assert!(length(at, "identity.db-wal") > 0);
    assert!(done(&["doctor"]));
    assert_eq!(length(at, "identity.db-wal"), 0);
}

/// Whoever ends a long command, or closes the terminal in which it runs, leaves no more than one who lets it end.
#[test]
fn a_command_that_is_ended_by_a_signal_leaves_no_log_of_writes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("passphrase"), PASSPHRASE).unwrap();
    let mut init = payung(at);
    init.env("PAYUNG_ROOT_PASSPHRASE", "four other quiet words");
    assert!(init.arg("init").status().unwrap().success());
    let mut table = "person,date,site,service,event,covered_until,gender,age_band\n".to_owned();
    for person in 0..400 {
        table += &format!("p{person},2026-03-02,bandung/a,nsp,enrolled,,,\n");
    }
    std::fs::write(at.join("table.csv"), table).unwrap();
    for signal in [Signal::TERM, Signal::HUP] {
        let mut replay = payung(at);
        replay.args(["replay", "--register", "--yes", "--input"]);
        let mut child = replay.arg(at.join("table.csv")).spawn().unwrap();
        while length(at, "identity.db-wal") == 0 {
            assert!(child.try_wait().unwrap().is_none(), "it writes for a while");
            std::thread::sleep(Duration::from_millis(20));
        }
        kill_process(Pid::from_child(&child), signal).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1));
        for log in ["identity.db-wal", "analytics.db-wal"] {
            assert_eq!(length(at, log), 0, "{log} after {signal:?}");
        }
    }
}

#[test]
fn a_connection_that_says_nothing_does_not_keep_it_from_ending() {
    let mut service = Service::start();
    let mut half = TcpStream::connect(&service.address).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").unwrap();
    let mut idle = TcpStream::connect(&service.address).unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .unwrap();
    idle.set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    assert!(idle.read(&mut [0; 64]).unwrap() > 0, "it is being served");
    service.signal();
    assert_eq!(service.ended().code(), Some(0));
}

#[test]
fn a_second_signal_ends_it_at_once_and_says_what_that_means() {
    let mut service = Service::start();
    let mut half = TcpStream::connect(&service.address).unwrap();
    half.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").unwrap();
    service.signal();
    assert!(next_line(&mut service.said).starts_with("ending"));
    service.signal();
    assert_eq!(service.ended().code(), Some(1));
}

/// The parts of a process's memory that it can write to; none where the system does not show them.
#[cfg(target_os = "linux")]
fn memory(of: u32) -> Option<Vec<Vec<u8>>> {
    let maps = std::fs::read_to_string(format!("/proc/{of}/maps")).ok()?;
    let mut file = std::fs::File::open(format!("/proc/{of}/mem")).ok()?;
    let mut parts = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (from, to) = line.split_whitespace().next()?.split_once('-')?;
        let (from, to) = (
            u64::from_str_radix(from, 16).ok()?,
            u64::from_str_radix(to, 16).ok()?,
        );
        let mut part = vec![0; usize::try_from(to - from).ok()?];
        // Some special pages are listed and cannot be read.
        if file.seek(SeekFrom::Start(from)).is_ok() && file.read_exact(&mut part).is_ok() {
            parts.push(part);
        }
    }
    Some(parts)
}

#[cfg(target_os = "linux")]
#[test]
fn the_passphrase_is_not_in_a_services_memory_and_there_is_no_core_file() {
    let service = Service::start();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", service.child.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let words: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "{core}");
    // Where the memory may not even be read by whoever started the process, it is closed: that is as good.
    let Some(parts) = memory(service.child.id()) else {
        return;
    };
    let all: usize = parts.iter().map(Vec::len).sum();
    assert!(all > 1 << 20, "{all} bytes are not a service's memory");
    let needle = PASSPHRASE.as_bytes();
    for part in parts {
        let found = part.windows(needle.len()).any(|bytes| bytes == needle);
        assert!(!found, "the passphrase lies in memory");
    }
}
