#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use super::*;

const URL: &str = "postgres://payung@db.example/payung?sslmode=verify-full";

fn full() -> Settings {
    Settings {
        role: Role::Identity,
        listen: "127.0.0.1:9090".parse().unwrap(),
        database: Some(URL.to_owned()),
        database_password_file: Some("/run/credentials/payung.service/database".into()),
        analytics_url: Some("https://statistics.example".to_owned()),
        time_zone: "Asia/Makassar".parse().unwrap(),
        release_log: Some("/var/lib/payung-release-log".into()),
    }
}

fn typed(url: &str) -> StoreArgs {
    StoreArgs {
        database: Some(url.parse().unwrap()),
        database_password_file: None,
    }
}

#[test]
fn settings_come_back_as_they_were_written() {
    assert_eq!(format!("{:?}", full()), "Settings(..)");
    for settings in [full(), Settings::default()] {
        let text = settings.text().unwrap();
        assert_eq!(Settings::parse(&text).unwrap(), settings);
        let edited = format!("\u{feff}{}\r\n# a note\r\n", text.replace('\n', "\r\n"));
        let edited = wire::edited::text(edited.as_bytes()).unwrap();
        assert_eq!(Settings::parse(&edited).unwrap(), settings);
    }
}

#[test]
fn a_line_that_is_not_understood_is_named_by_its_number_and_not_repeated() {
    for line in [
        "needle = \"x\"",
        "role = \"needle\"",
        "listen = needle",
        "listen = \"needle\"",
        "database = \"a\"\ndatabase = \"needle\"",
        "needle",
        "time-zone = \"Asia/needle\"",
        "analytics-url = \"https://payung:needle@statistics.example\"",
        "release-log = \"needle/log\"",
    ] {
        let said = Settings::parse(line).unwrap_err().to_string();
        assert!(said.contains("line ") && !said.contains("needle"), "{said}");
    }
}

#[test]
fn what_a_value_must_be_is_said() {
    for (line, word) in [
        ("role = \"statistics\"", "analytics"),
        ("listen = \"0.0.0.0\"", "a port"),
        ("time-zone = \"Asia/Makasar\"", "IANA"),
        ("zone = \"UTC\"", "time-zone"),
        ("role = \"all\"\nrole = \"all\"", "earlier line"),
        ("role: all", "name = \"value\""),
    ] {
        let said = Settings::parse(line).unwrap_err().to_string();
        assert!(said.contains(word), "{said}");
    }
}

#[test]
fn a_command_line_names_the_remembered_database_or_none() {
    let remembered = Settings {
        database_password_file: None,
        ..full()
    };
    let nothing = StoreArgs::default();
    let opened = |given: &StoreArgs, remembered: Option<&Settings>| {
        address(given, remembered).map(|url| url.map(|url| url.to_string()))
    };
    for given in [nothing.clone(), typed(URL)] {
        let url = opened(&given, Some(&remembered)).unwrap();
        assert_eq!(url.as_deref(), Some(URL));
    }
    let other = typed("postgres://payung@db.example/other?sslmode=verify-full");
    assert!(opened(&other, Some(&remembered)).is_err());
    // A programme that was founded on SQLite is not on a server, and the other way round.
    assert!(opened(&typed(URL), Some(&Settings::default())).is_err());
    assert_eq!(opened(&nothing, Some(&Settings::default())).unwrap(), None);
    assert_eq!(opened(&typed(URL), None).unwrap().as_deref(), Some(URL));
}

#[test]
fn a_password_comes_from_a_file_and_from_no_command_line() {
    let said = address(&typed("postgres://u:needle@127.0.0.1/x"), None).unwrap_err();
    assert!(said.to_string().contains("--database-password-file"));
    assert!(!said.to_string().contains("needle"));
    let query = typed("postgres://u@127.0.0.1/x?password=needle");
    assert!(address(&query, None).is_err());

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("password");
    std::fs::write(&file, "p@ss:w/o#r?d%\r\n").unwrap();
    let given = StoreArgs {
        database_password_file: Some(file),
        ..typed("postgres://u@127.0.0.1/x")
    };
    let url = address(&given, None).unwrap().unwrap();
    let url = reqwest::Url::parse(&url).unwrap();
    assert_eq!(url.host_str(), Some("127.0.0.1"));
    assert_eq!(url.path(), "/x");
    let coded: String = "p@ss:w/o#r?d%"
        .bytes()
        .map(|it| format!("%{it:02X}"))
        .collect();
    assert_eq!(url.password(), Some(coded.as_str()));
}
