//! The schema is documentation: every column is commented, and both databases have the same tables.

use std::collections::BTreeMap;

use super::nothing;
use super::tree::{File, files, read};

/// First words of a line inside `CREATE TABLE` that is no column.
const NOT_COLUMNS: [&str; 9] = [
    "CHECK",
    "COLLATE",
    "CONSTRAINT",
    "DEFAULT",
    "FOREIGN",
    "NOT",
    "PRIMARY",
    "REFERENCES",
    "UNIQUE",
];

/// A column of a `CREATE TABLE` statement and whether a comment stands beside or above it.
#[derive(Debug, PartialEq, Eq)]
struct Column {
    table: String,
    name: String,
    commented: bool,
}

fn columns(sql: &str) -> Vec<Column> {
    let (mut found, mut table, mut depth, mut above) = (Vec::new(), String::new(), 0i32, false);
    for line in sql.lines() {
        let (code, comment) = line
            .split_once("--")
            .map_or((line, None), |(code, comment)| (code, Some(comment)));
        let code = code.trim();
        let first = code
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default();
        if depth == 0 && code.to_uppercase().starts_with("CREATE TABLE") {
            let named = code.split('(').next().unwrap_or_default();
            table = named
                .split_whitespace()
                .last()
                .unwrap_or_default()
                .to_owned();
        } else if depth == 1
            && !first.is_empty()
            && !NOT_COLUMNS.contains(&first.to_uppercase().as_str())
        {
            let commented = above || comment.is_some_and(|text| !text.trim().is_empty());
            found.push(Column {
                table: table.clone(),
                name: first.to_owned(),
                commented,
            });
        }
        if !table.is_empty() {
            depth += count(code, '(') - count(code, ')');
        }
        if depth == 0 && code.ends_with(';') {
            table.clear();
        }
        above = code.is_empty() && comment.is_some_and(|text| !text.trim().is_empty());
    }
    found
}

fn count(text: &str, wanted: char) -> i32 {
    i32::try_from(text.matches(wanted).count()).expect("lines are short")
}

fn migrations() -> Vec<File> {
    let mut files = files(&["sql"]);
    files.retain(|file| file.path.starts_with("store/migrations/"));
    assert!(
        !files.is_empty(),
        "there are no migrations under store/migrations"
    );
    files
}

#[test]
fn the_reader_of_columns_sees_missing_comments() {
    let sql = "-- a table\nCREATE TABLE a (\n  -- said above\n  x INTEGER NOT NULL,\n  y BLOB NOT NULL\n    \
        CHECK (length(y) = 16), -- this is of y's second line\n  z TEXT, -- said beside\n  PRIMARY KEY (x)\n) STRICT;\n";
    let found: Vec<(String, bool)> = columns(sql)
        .into_iter()
        .map(|column| (column.name, column.commented))
        .collect();
    assert_eq!(
        found,
        [
            ("x".to_owned(), true),
            ("y".to_owned(), false),
            ("z".to_owned(), true)
        ]
    );
}

#[test]
fn every_column_is_commented() {
    let mut offenders = Vec::new();
    for file in migrations() {
        let silent = columns(&file.text)
            .into_iter()
            .filter(|column| !column.commented);
        offenders.extend(
            silent.map(|column| format!("{}: {}.{}", file.path, column.table, column.name)),
        );
    }
    nothing("a column without a comment", &offenders);
}

#[test]
fn both_databases_have_the_same_columns() {
    let mut of: BTreeMap<String, Vec<Option<Vec<String>>>> = BTreeMap::new();
    for file in migrations() {
        let Some((dialect, rest)) = file.path["store/migrations/".len()..].split_once('/') else {
            continue;
        };
        let side = usize::from(dialect == "postgres");
        let mut names: Vec<String> = columns(&file.text)
            .iter()
            .map(|c| format!("{}.{}", c.table, c.name))
            .collect();
        names.sort();
        of.entry(rest.to_owned())
            .or_insert_with(|| vec![None, None])[side] = Some(names);
    }
    for (migration, sides) in of {
        assert_eq!(
            sides[0], sides[1],
            "{migration}: SQLite on the left, PostgreSQL on the right"
        );
    }
}

/// In the inventory's tables a column stands as `table.column`, after the first of its line also as `.column`; `table.*`
/// stands for all columns of a table that is explained as a whole.
#[test]
fn every_column_is_in_the_data_inventory() {
    let inventory = read("docs/data-inventory.md");
    let mut offenders = Vec::new();
    for file in migrations() {
        for Column { table, name, .. } in columns(&file.text) {
            let opening = format!("`{table}.");
            let spellings = [
                format!("`{table}.{name}`"),
                format!("`.{name}`"),
                format!("`{table}.*`"),
            ];
            let mut lines = inventory.lines().filter(|line| line.contains(&opening));
            if !lines.any(|line| spellings.iter().any(|spelling| line.contains(spelling))) {
                offenders.push(format!("{table}.{name} ({})", file.path));
            }
        }
    }
    nothing(
        "a column that docs/data-inventory.md does not explain",
        &offenders,
    );
}
