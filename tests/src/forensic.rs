//! Somebody who holds the files of a database and no key at all, and asks what was written beside what.
//!
//! SQLite's log of writes is a list of pages with a mark behind every commit. Whoever cuts it off after each mark and opens the
//! database sees it as it was then, and by comparing neighbours learns what each commit wrote. PostgreSQL writes beside every
//! row the number of the transaction that wrote it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, PgPool};

/// What one commit wrote: table to rows, each row as the texts of its columns.
pub type Commit = BTreeMap<String, BTreeSet<Vec<String>>>;

/// Bytes before the first frame of a log, and before the page of each.
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

/// Lengths of the log after each commit that it holds.
fn marks(log: &[u8]) -> Vec<usize> {
    let Some(head) = log.get(..LOG_HEAD) else {
        return Vec::new();
    };
    let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().unwrap()) as usize;
    let frame = FRAME_HEAD + number(&head[8..12]);
    let mut marks = Vec::new();
    for (n, bytes) in log[LOG_HEAD..].chunks_exact(frame).enumerate() {
        // Frames of an earlier round carry other salts.
        if bytes[8..16] != head[16..24] {
            break;
        }
        if number(&bytes[4..8]) != 0 {
            marks.push(LOG_HEAD + (n + 1) * frame);
        }
    }
    marks
}

/// The files of a database, as somebody copied them while it ran.
pub struct Copy {
    main: Vec<u8>,
    log: Vec<u8>,
}

impl Copy {
    /// Copies both files; the log first and again, until nothing moved in between.
    pub fn of(database: &Path) -> Self {
        let read = |path: &Path| std::fs::read(path).unwrap_or_default();
        let beside = database.with_extension("db-wal");
        loop {
            let (log, main) = (read(&beside), read(database));
            if log == read(&beside) && main == read(database) {
                return Self { main, log };
            }
        }
    }

    /// Everything in it.
    pub async fn rows(&self) -> Commit {
        let folder = tempfile::tempdir().unwrap();
        state(folder.path(), &self.main, &self.log).await
    }

    /// The commits that it still tells apart, oldest first.
    pub async fn commits(&self) -> Vec<Commit> {
        let folder = tempfile::tempdir().unwrap();
        let mut before = state(folder.path(), &self.main, &[]).await;
        let mut commits = Vec::new();
        for mark in marks(&self.log) {
            let after = state(folder.path(), &self.main, &self.log[..mark]).await;
            commits.push(difference(&before, &after));
            before = after;
        }
        commits
    }
}

fn difference(before: &Commit, after: &Commit) -> Commit {
    let mut new = Commit::new();
    for (table, rows) in after {
        let old = before.get(table);
        let rows = rows
            .iter()
            .filter(|row| !old.is_some_and(|old| old.contains(*row)));
        let rows: BTreeSet<_> = rows.cloned().collect();
        if !rows.is_empty() {
            new.insert(table.clone(), rows);
        }
    }
    new
}

/// Everything in a database of these files.
async fn state(folder: &Path, main: &[u8], log: &[u8]) -> Commit {
    let path = folder.join("copy.db");
    // What the opening before this one left.
    let _ = std::fs::remove_file(folder.join("copy.db-shm"));
    std::fs::write(&path, main).unwrap();
    std::fs::write(folder.join("copy.db-wal"), log).unwrap();
    let options = SqliteConnectOptions::new().filename(&path);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT t.name, 'CASE typeof(' || c.name || ') WHEN ''blob'' THEN hex(' || c.name || ') ELSE COALESCE(' || c.name || ', '''') END' \
         FROM pragma_table_list t, pragma_table_info(t.name) c \
         WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite%' ORDER BY t.name, c.cid",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut all = Commit::new();
    for (table, texts) in by_table(columns) {
        let sql = format!("SELECT {texts} FROM {table}");
        let rows: Vec<(String,)> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(&pool)
            .await
            .unwrap();
        all.insert(table, rows.iter().map(|(row,)| split(row)).collect());
    }
    pool.close().await;
    all
}

/// Writers by their transactions' numbers, oldest first, as a running server tells them to whoever may ask it.
pub async fn commits_of_postgres(pool: &PgPool) -> Vec<Commit> {
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, CASE data_type WHEN 'bytea' THEN 'COALESCE(upper(encode(' || column_name || ', ''hex'')), '''')' \
         ELSE 'COALESCE(' || column_name || '::text, '''')' END \
         FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position",
    )
    .fetch_all(pool)
    .await
    .unwrap();
    let mut by_number: BTreeMap<i64, Commit> = BTreeMap::new();
    for (table, texts) in by_table(columns) {
        let sql = format!("SELECT xmin::text::bigint, {texts} FROM {table}");
        let rows: Vec<(i64, String)> = sqlx::query_as(AssertSqlSafe(sql))
            .fetch_all(pool)
            .await
            .unwrap();
        for (number, row) in rows {
            let commit = by_number.entry(number).or_default();
            commit.entry(table.clone()).or_default().insert(split(&row));
        }
    }
    by_number.into_values().collect()
}

/// Tables with what to select of them: the text of every column, bytes as upper-case hexadecimal digits, bars in between.
fn by_table(columns: Vec<(String, String)>) -> BTreeMap<String, String> {
    let mut tables: BTreeMap<String, String> = BTreeMap::new();
    for (table, text) in columns {
        let texts = tables.entry(table).or_default();
        if !texts.is_empty() {
            texts.push_str(" || '|' || ");
        }
        texts.push_str(&text);
    }
    tables
}

fn split(row: &str) -> Vec<String> {
    row.split('|').map(str::to_owned).collect()
}

/// For each new row of `client` (by its first column), every text that the commits within `reach` steps write in the tables of
/// `callers`: whoever can be named by it may have been the caller. Nearer commits come first, and of equally near ones the later.
pub fn beside(
    commits: &[Commit],
    client: &str,
    callers: &[&str],
    reach: usize,
) -> BTreeMap<String, Vec<BTreeSet<String>>> {
    let mut found = BTreeMap::new();
    for (at, commit) in commits.iter().enumerate() {
        let rows = commit.get(client).into_iter().flatten();
        for row in rows {
            let mut order = vec![Some(at)];
            for step in 1..=reach {
                order.extend([Some(at + step), at.checked_sub(step)]);
            }
            let near = order.into_iter().flatten().filter_map(|at| commits.get(at));
            let named = near.map(|commit| {
                let rows = callers
                    .iter()
                    .filter_map(|table| commit.get(*table))
                    .flatten();
                rows.flatten().cloned().collect::<BTreeSet<String>>()
            });
            found.insert(row[0].clone(), named.collect());
        }
    }
    found
}

/// The pages of an SQLite file after the first, whose head counts changes.
pub fn pages(database: &Path) -> Vec<Vec<u8>> {
    let bytes = std::fs::read(database).unwrap();
    let size = usize::from(u16::from_be_bytes([bytes[16], bytes[17]]));
    bytes.chunks(size).skip(1).map(<[u8]>::to_vec).collect()
}

/// The same of a copy in which every row is laid anew: where the file differs, it tells an order of arrival.
pub async fn pages_laid_anew(database: &Path) -> Vec<Vec<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(database, &copy).unwrap();
    // As the service does: what a page does not use is zero.
    let options = SqliteConnectOptions::new()
        .filename(&copy)
        .pragma("secure_delete", "ON");
    let pool = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query("VACUUM").execute(&pool).await.unwrap();
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&pool)
        .await
        .unwrap();
    pool.close().await;
    pages(&copy)
}
