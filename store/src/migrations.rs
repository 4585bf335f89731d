//! The schemas of both rooms on both databases, as SQL in the binary.
//!
//! A list by hand instead of `sqlx::migrate!`: that macro alone would build both database drivers a second time, for the
//! compiler's own machine. A test compares the list with the folder.

use std::borrow::Cow;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::room::Room;

/// One file: its number, its name without it, its text.
type Step = (i64, &'static str, &'static str);

const SQLITE_IDENTITY: &[Step] = &[
    (
        1,
        "initial",
        include_str!("../migrations/sqlite/identity/0001_initial.sql"),
    ),
    (
        2,
        "pin",
        include_str!("../migrations/sqlite/identity/0002_pin.sql"),
    ),
    (
        3,
        "offers",
        include_str!("../migrations/sqlite/identity/0003_offers.sql"),
    ),
    (
        4,
        "closings",
        include_str!("../migrations/sqlite/identity/0004_closings.sql"),
    ),
    (
        5,
        "registered",
        include_str!("../migrations/sqlite/identity/0005_registered.sql"),
    ),
];
const SQLITE_ANALYTICS: &[Step] = &[(
    1,
    "initial",
    include_str!("../migrations/sqlite/analytics/0001_initial.sql"),
)];
const POSTGRES_IDENTITY: &[Step] = &[
    (
        1,
        "initial",
        include_str!("../migrations/postgres/identity/0001_initial.sql"),
    ),
    (
        2,
        "pin",
        include_str!("../migrations/postgres/identity/0002_pin.sql"),
    ),
    (
        3,
        "offers",
        include_str!("../migrations/postgres/identity/0003_offers.sql"),
    ),
    (
        4,
        "closings",
        include_str!("../migrations/postgres/identity/0004_closings.sql"),
    ),
    (
        5,
        "registered",
        include_str!("../migrations/postgres/identity/0005_registered.sql"),
    ),
];
const POSTGRES_ANALYTICS: &[Step] = &[(
    1,
    "initial",
    include_str!("../migrations/postgres/analytics/0001_initial.sql"),
)];

/// What a file of this room needs.
pub(crate) fn sqlite(room: Room) -> Migrator {
    migrator(match room {
        Room::Identity => SQLITE_IDENTITY,
        Room::Analytics => SQLITE_ANALYTICS,
    })
}

/// What a schema of this room needs.
pub(crate) fn postgres(room: Room) -> Migrator {
    migrator(match room {
        Room::Identity => POSTGRES_IDENTITY,
        Room::Analytics => POSTGRES_ANALYTICS,
    })
}

fn migrator(steps: &[Step]) -> Migrator {
    let migration = |&(number, name, sql): &Step| {
        let (name, sql) = (Cow::Borrowed(name), sql.into_sql_str());
        Migration::new(number, name, MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(steps.iter().map(migration).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::path::Path;

    #[test]
    fn every_file_of_the_folder_is_in_the_binary() {
        for (folder, steps) in [
            ("sqlite/identity", SQLITE_IDENTITY),
            ("sqlite/analytics", SQLITE_ANALYTICS),
            ("postgres/identity", POSTGRES_IDENTITY),
            ("postgres/analytics", POSTGRES_ANALYTICS),
        ] {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("migrations")
                .join(folder);
            let files = std::fs::read_dir(&folder).unwrap().map(|file| {
                let path = file.unwrap().path();
                let name = path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, std::fs::read_to_string(&path).unwrap())
            });
            let mut files: Vec<(String, String)> = files.collect();
            files.sort();
            let listed = steps.iter();
            let listed = listed
                .map(|(number, name, sql)| (format!("{number:04}_{name}.sql"), (*sql).to_owned()));
            assert_eq!(files, listed.collect::<Vec<_>>());
        }
    }
}
