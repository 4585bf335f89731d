//! What somebody has to look after at this host: room on the data folder's disk, and copies of it.
//!
//! **Model.** Free room is asked of the system each time. Of a backup only the day is remembered, in a file of the data folder, when
//! somebody says that it was made: what a good copy is, and where it goes, no program of this host can see.
//!
//! **Privacy.** Numbers of a disk and a day, for operators; nothing of it is public, and nothing grows finer with who comes.

use std::path::Path;
use std::sync::Arc;

use axum::{Extension, Json};
use crypto::day::Day;
use identity::Refusal;
use identity::http::{Proved, proved, session};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use wire::{Disk, Empty, Upkeep};

use crate::datadir::DataDir;
use crate::error::Failure;

/// The day of the last backup, in the data folder.
const NOTED: &str = "last-backup";
/// Less than this is little on any disk, MiB: a day of a large programme, and room to empty the logs of writes.
const LEAST: u64 = 1024;
/// Less than one part in so many is little on a large one.
const PARTS: u64 = 20;
const MIB: u64 = 1024 * 1024;

/// From so many days on a backup is old.
pub const OLD_BACKUP_DAYS: i32 = 3;

/// Room on the disk of a folder; `None` where the system does not tell.
#[must_use]
pub fn disk(folder: &Path) -> Option<Disk> {
    let (free, all) = room(folder)?;
    Some(judged(free / MIB, all / MIB))
}

const fn judged(free: u64, all: u64) -> Disk {
    Disk {
        free,
        all,
        low: free < LEAST || free < all / PARTS,
    }
}

#[cfg(unix)]
fn room(folder: &Path) -> Option<(u64, u64)> {
    let seen = rustix::fs::statvfs(folder).ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(seen.f_frsize);
    Some((bytes(seen.f_bavail), bytes(seen.f_blocks)))
}

#[cfg(not(unix))]
fn room(_: &Path) -> Option<(u64, u64)> {
    None
}

impl DataDir {
    /// Remembers that everything was copied on that day.
    ///
    /// # Errors
    /// [`Failure`] when the folder cannot be written.
    pub fn note_backup(&self, day: Day) -> Result<(), Failure> {
        files::replace(&self.path().join(NOTED), format!("{day}\n").as_bytes())
            .map_err(|e| Failure::of("the day of the backup was not noted", e.kind()))
    }

    /// The day that was noted last; `None` when none was, or it cannot be read.
    #[must_use]
    pub fn noted_backup(&self) -> Option<Day> {
        let text = std::fs::read_to_string(self.path().join(NOTED)).ok()?;
        text.trim().parse().ok()
    }
}

/// `GET /v1/upkeep`, for operators; without a folder nothing is known.
pub(crate) fn router(app: Arc<identity::App>, folder: Option<DataDir>) -> OpenApiRouter {
    let route = session(routes!(upkeep), &[Refusal::Forbidden]);
    let routes = OpenApiRouter::default()
        .routes(route)
        .layer(Extension(folder));
    proved(Arc::clone(&app), routes).with_state(app)
}

/// Room on the disk, and the last backup.
#[utoipa::path(
    get,
    path = "/v1/upkeep",
    tag = "health",
    responses((status = 200, description = "Of the host of the identity role.", body = Upkeep)),
)]
async fn upkeep(
    Extension(folder): Extension<Option<DataDir>>,
    caller: Proved<Empty>,
) -> Result<Json<Upkeep>, Refusal> {
    caller.session.operator()?;
    let look = move || Upkeep {
        disk: folder.as_ref().and_then(|folder| disk(folder.path())),
        backup: folder.as_ref().and_then(DataDir::noted_backup),
    };
    // A disk that does not answer holds up nobody else.
    let seen = tokio::task::spawn_blocking(look).await;
    seen.map(Json).map_err(|_| Refusal::Internal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn little_is_a_part_of_a_large_disk_and_a_number_on_a_small_one() {
        for (free, all, low) in [
            (1_023, 10_000, true),
            (1_024, 10_000, false),
            (4_999, 100_000, true),
            (5_000, 100_000, false),
            (0, 0, true),
        ] {
            assert_eq!(judged(free, all).low, low, "{free} of {all}");
        }
    }

    #[test]
    fn a_disk_has_no_more_room_than_it_is_large() {
        let folder = tempfile::tempdir().unwrap();
        let seen = disk(folder.path()).unwrap();
        assert!(seen.all > 0 && seen.free <= seen.all);
        assert_eq!(disk(&folder.path().join("nothing")), None);
    }

    #[test]
    fn a_day_is_noted_over_the_one_before_and_nothing_else_is_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let dir = DataDir::new(folder.path());
        assert_eq!(dir.noted_backup(), None);
        for day in ["2026-03-01", "2026-03-02"] {
            let day: Day = day.parse().unwrap();
            dir.note_backup(day).unwrap();
            assert_eq!(dir.noted_backup(), Some(day));
        }
        let text = std::fs::read_to_string(folder.path().join(NOTED)).unwrap();
        assert_eq!(text, "2026-03-02\n", "a day and no more");
        std::fs::write(folder.path().join(NOTED), "yesterday").unwrap();
        assert_eq!(dir.noted_backup(), None);
    }
}
