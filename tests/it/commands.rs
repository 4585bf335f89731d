//! The command line as a newcomer types it: founding, importing, closing, exporting, verifying, and what bad input gets.

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use payung::cli::Cli;
use tests::World;

/// Runs a command. True when it exits with 0.
pub(super) fn payung(folder: &Path, words: &[&str]) -> bool {
    ends_with(folder, words, 0)
}

/// Runs a command in a thread of its own, because it starts its own runtime. True when it exits with this code.
pub(super) fn ends_with(folder: &Path, words: &[&str], code: u8) -> bool {
    let secret = folder.join("passphrase");
    if !secret.exists() {
        std::fs::write(&secret, "quiet ladder amber tunnel\n").unwrap();
    }
    let data = folder.join("data");
    let mut line = vec![
        "payung".to_owned(),
        "--data-dir".into(),
        data.display().to_string(),
    ];
    line.extend(["--passphrase-file".into(), secret.display().to_string()]);
    line.extend(words.iter().map(|word| (*word).to_owned()));
    if words.contains(&"init") {
        let root = folder.join("root-passphrase");
        std::fs::write(&root, "amber tunnel quiet ladder\n").unwrap();
        line.extend(["--root-passphrase-file".into(), root.display().to_string()]);
    }
    let ended = std::thread::spawn(move || payung::run(Cli::try_parse_from(line).unwrap()))
        .join()
        .unwrap();
    format!("{ended:?}") == format!("{:?}", ExitCode::from(code))
}

const HEADER: &str = "person,date,site,service,event,covered_until,gender,age_band\n";

pub(super) fn history(folder: &Path) -> String {
    let path = folder.join("history.csv");
    let mut text = HEADER.to_owned();
    for person in 0..40 {
        text.push_str(&format!(
            "p{person},2024-01-{:02},medan/north,nsp,enrolled,,woman,under 25\n",
            person % 28 + 1
        ));
        text.push_str(&format!(
            "p{person},2024-02-10,medan/north,oat-methadone,enrolled,2024-05-01,,\n"
        ));
    }
    text.push_str("x,2024-13-40,medan/north,nsp,enrolled,,,\n");
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn a_programme_is_founded_fed_closed_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    assert!(
        !payung(at, &["init"]),
        "a folder with a programme is not founded twice"
    );
    assert!(payung(
        at,
        &[
            "analytics",
            "import",
            "--input",
            &history(at),
            "--register",
            "--yes",
            "--allow-refused"
        ]
    ));
    assert!(
        !payung(at, &["release", "close", "--period", "2024Q2"]),
        "the quarter before is still open"
    );
    assert!(payung(at, &["release", "close", "--period", "2024Q1"]));
    assert!(
        !payung(at, &["release", "close", "--period", "2024Q1"]),
        "a quarter closes once"
    );
    assert!(payung(at, &["release", "list"]));
    assert!(payung(at, &["ledger"]));
    assert!(payung(at, &["doctor"]));
    assert!(
        !payung(at, &["release", "export", "--period", "2024Q2"]),
        "nothing to export"
    );
    assert!(payung(
        at,
        &["release", "export", "--period", "2024Q1", "--format", "csv"]
    ));
}

#[test]
fn a_programme_without_a_first_day_begins_with_its_first_closing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--budget", "wide"]));
    assert!(payung(
        at,
        &[
            "analytics",
            "import",
            "--input",
            &history(at),
            "--register",
            "--yes",
            "--allow-refused"
        ]
    ));
    assert!(payung(at, &["release", "close", "--period", "2024Q1"]));
    assert!(
        !payung(at, &["release", "close", "--period", "2023Q4"]),
        "the series has begun"
    );
    assert!(
        !payung(at, &["release", "close", "--period", "2024Q3"]),
        "no quarter is left out"
    );
    assert!(payung(at, &["release", "close", "--period", "2024Q2"]));
}

#[test]
fn a_replay_presents_every_good_row_and_can_be_repeated() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    let input = history(at);
    let (data, people) = (at.join("data"), "SELECT COUNT(*) FROM person");
    let bytes = "SELECT CAST(SUM(LENGTH(history)) AS INTEGER) FROM person";
    assert!(
        ends_with(at, &["replay", "--input", &input], 3),
        "unknown sites refuse their rows, not the run"
    );
    let register = ["replay", "--input", &input, "--register", "--yes"];
    assert!(ends_with(at, &register, 3));
    let once = counted(&data, bytes);
    assert_eq!(counted(&data, people), 40);
    assert!(
        ends_with(at, &["replay", "--input", &input], 3),
        "the counters of the first run serve again"
    );
    assert_eq!(counted(&data, people), 40, "nobody is two");
    assert_eq!(counted(&data, bytes), once, "nothing is new");
    // More of the same people, two equal rows among it.
    let more = "p1,2024-03-01,medan/north,nsp,contact,,,\n".repeat(2);
    let longer = std::fs::read_to_string(&input).unwrap() + &more;
    std::fs::write(&input, longer).unwrap();
    let allowed = ["replay", "--input", &input, "--allow-refused"];
    assert!(ends_with(at, &allowed, 0));
    assert_eq!(counted(&data, people), 40);
    assert_eq!(counted(&data, bytes), once + 2 * 36);
    assert!(payung(at, &["release", "close", "--period", "2024Q1"]));
}

/// People whose first event is of service 128, the first that is entered by hand: byte 32 of the event, after five.
const SERVICE: &str = "SELECT COUNT(*) FROM person WHERE substr(history, 42, 1) = X'80'";

#[test]
fn services_that_the_catalogue_lacks_are_entered_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init", "--start", "2024-01-01"]));
    let path = at.join("services.csv");
    let rows = "p1,2024-01-05,medan/north,needle-van,enrolled,,,\np2,2024-01-06,medan/north,nsp,enrolled,,,\n";
    std::fs::write(&path, format!("{HEADER}{rows}")).unwrap();
    let input = path.display().to_string();
    let count = |sql: &'static str| {
        let data = at.join("data");
        std::thread::spawn(move || counted(&data, sql))
            .join()
            .unwrap()
    };
    // The site is entered in the first run with --register, the service too; without it neither.
    assert!(ends_with(at, &["replay", "--input", &input], 3));
    assert_eq!(count("SELECT COUNT(*) FROM service"), 0);
    assert!(payung(
        at,
        &[
            "replay",
            "--input",
            &input,
            "--register",
            "--yes",
            "--allow-refused"
        ]
    ));
    assert_eq!(count("SELECT COUNT(*) FROM service"), 1);
    assert_eq!(count(SERVICE), 1);
    assert_eq!(count("SELECT COUNT(*) FROM refusal"), 0);
}

/// One number of the statistics database of a data folder.
pub(super) fn counted(data: &Path, sql: &'static str) -> i64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let location = store::Location::in_folder(data, store::Room::Analytics);
        let store = store::Store::open(&location, store::Room::Analytics)
            .await
            .unwrap();
        let mut tx = store.read().await.unwrap();
        let (found,) = store::fetch_one!(&mut tx, (i64,), sql).unwrap();
        found
    })
}

#[test]
fn cards_are_drawn_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init"]));
    let out = at.join("cards").display().to_string();
    assert!(payung(
        at,
        &["card", "issue", "--count", "2", "--out", &out]
    ));
    assert!(
        !payung(at, &["card", "issue", "--count", "2", "--out", &out]),
        "no folder is written over"
    );
    assert!(payung(
        at,
        &["card", "read", &format!("{out}/card-0001.png")]
    ));
    let strange = "0".repeat(150);
    assert!(
        payung(at, &["card", "read", &strange]),
        "an unknown card is a verdict, not a failure"
    );
    for missing in ["NOT A CARD", &format!("{out}/card-0003.png"), &out] {
        assert!(
            !payung(at, &["card", "read", missing]),
            "no picture and no card: {missing}"
        );
    }
    assert!(
        !payung(at, &["card", "read", &format!("{out}/../passphrase")]),
        "a file that is no picture"
    );
}

#[test]
fn bad_usage_is_refused_before_anything_happens() {
    for words in [
        &["payung"][..],
        &["payung", "release", "close"],
        &["payung", "release", "close", "--period", "2024Q5"],
        &["payung", "init", "--start", "yesterday"],
        &["payung", "card", "issue", "--count", "0", "--out", "x"],
        &[
            "payung", "release", "export", "--period", "2024Q1", "--format", "doc",
        ],
    ] {
        let error = Cli::try_parse_from(words).err().unwrap();
        assert_eq!(error.exit_code(), 2);
    }
}

#[test]
fn short_passphrases_and_wrong_folders_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    assert!(
        !payung(folder.path(), &["ledger"]),
        "nothing was founded here"
    );
    std::fs::write(folder.path().join("passphrase"), "short\n").unwrap();
    assert!(!payung(folder.path(), &["init"]));
    assert!(!folder.path().join("data").join("programme.json").exists());
}

/// Once a year: the service proposes, the root key signs where no data folder is, the service takes.
#[test]
fn keys_are_proposed_signed_elsewhere_and_taken() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    assert!(payung(at, &["init"]));
    let place = |name: &str| at.join(name).display().to_string();
    // Both root keys are carried away; the service runs on without them.
    for name in ["root.key", "next-root.key"] {
        std::fs::rename(at.join("data").join(name), at.join(name)).unwrap();
    }
    let propose = |to: &str| payung(at, &["bundle", "propose", "--out", &place(to)]);
    let take = |file: &str| payung(at, &["bundle", "take", "--signed", &place(file)]);
    let sign = |proposal: &str, more: &[&str], out: &str| {
        let mut words = vec!["bundle", "sign", "--proposal"];
        let files = [place(proposal), place("root-passphrase"), place(out)];
        let [proposal, secret, out] = &files;
        words.extend::<[&str; 5]>([proposal, "--root-passphrase-file", secret, "--out", out]);
        words.extend(more);
        // Whatever else lies there: no programme is opened.
        let nowhere = tempfile::tempdir().unwrap();
        payung(nowhere.path(), &words)
    };
    assert!(propose("one.json"));
    assert!(!take("one.json"), "it is not signed");
    assert!(!sign("one.json", &["--root", &place("next-root.key")], "no.json") || !take("no.json"));
    assert!(sign(
        "one.json",
        &["--root", &place("root.key")],
        "one.signed"
    ));
    assert!(take("one.signed"));
    assert!(!take("one.signed"), "once");
    // The root key is replaced; the old one signs nothing any more.
    let (root, next, third) = (
        place("root.key"),
        place("next-root.key"),
        place("third.key"),
    );
    let before = place("one.signed");
    let both: [&str; 8] = [
        "--root",
        &root,
        "--next-root",
        &next,
        "--new-next-root",
        &third,
        "--previous",
        &before,
    ];
    assert!(propose("two.json"));
    assert!(sign("two.json", &both, "two.signed"));
    assert!(
        !sign("two.json", &both, "two.again"),
        "a key file is never overwritten"
    );
    assert!(take("two.signed"));
    assert!(propose("three.json"));
    assert!(sign("three.json", &["--root", &root], "old.signed"));
    assert!(!take("old.signed"));
    assert!(sign("three.json", &["--root", &next], "three.signed"));
    assert!(take("three.signed"));
    assert!(payung(at, &["bundle", "show"]));
    assert!(payung(at, &["bundle", "log"]));
    assert!(payung(at, &["doctor"]));
    // Terminals read the result from its beginning.
    let invited = payung(
        at,
        &["card", "issue", "--count", "1", "--out", &place("cards")],
    );
    assert!(invited);
}

/// On a host of one role the other role's keys are not there, and that is no fault; on one of both it is.
#[test]
fn doctor_knows_which_role_runs_on_its_host() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("passphrase"), "quiet ladder amber tunnel\n").unwrap();
    assert!(payung(at, &["init"]));
    let place = |name: &str| at.join("data").join(name);
    let settings = std::fs::read_to_string(place("payung.toml")).unwrap();
    let runs = |role: &str| {
        let text = settings.replace("role = \"all\"", &format!("role = \"{role}\""));
        std::fs::write(place("payung.toml"), text).unwrap();
    };
    for (role, own, other) in [
        ("identity", "identity.keys", "analytics.keys"),
        ("analytics", "analytics.keys", "identity.keys"),
    ] {
        std::fs::rename(place(other), at.join(other)).unwrap();
        runs("all");
        assert!(!payung(at, &["doctor"]), "a key file was lost");
        runs(role);
        assert!(payung(at, &["doctor"]), "with {own} alone");
        std::fs::rename(place(own), at.join(own)).unwrap();
        assert!(!payung(at, &["doctor"]), "with neither");
        for name in [own, other] {
            std::fs::rename(at.join(name), place(name)).unwrap();
        }
    }
}

#[test]
fn the_root_key_has_a_passphrase_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    std::fs::write(at.join("passphrase"), "amber tunnel quiet ladder\n").unwrap();
    assert!(!payung(at, &["init"]), "the same words for both");
    assert!(!at.join("data").join("programme.json").exists());
}

/// What a lost laptop and a closed name need when nobody who administers can log in.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_terminal_is_revoked_and_a_closed_name_opened_at_the_command_line() {
    let mut world = World::sqlite("2024-01-01").await;
    let stage = world.stage(&["medan/a"]).await;
    let session = stage.desks.values().next().unwrap().session();
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("passphrase");
    std::fs::write(&secret, world.passphrase.expose()).unwrap();
    let data = world.dir.path().to_owned();
    let run = |words: &[&str]| {
        let mut line = vec!["payung", "--data-dir", data.to_str().unwrap()];
        line.extend(["--passphrase-file", secret.to_str().unwrap()]);
        line.extend(words);
        let cli = Cli::try_parse_from(line).unwrap();
        let code = std::thread::spawn(move || payung::run(cli)).join().unwrap();
        format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS)
    };
    assert!(run(&["terminal", "list"]));
    assert!(!run(&["terminal", "revoke", "laptop of nobody"]));
    let listed = async || {
        let mut local = terminal::Local::default();
        terminal::colleagues::colleagues(session, &mut local).await
    };
    assert!(listed().await.is_ok());
    assert!(run(&["terminal", "revoke", "Counter medan/a"]));
    assert!(!run(&["terminal", "revoke", "counter medan/a"]), "once");
    world.identity.end_the_revoked().await.unwrap();
    assert!(listed().await.is_err());
    let id = stage.operator.terminal().to_string();
    assert!(run(&["terminal", "revoke", "--id", &id]));
    // Standard input of a test is empty: no name, nothing changed.
    assert!(!run(&["staff", "open"]));
    world.stop().await;
}
