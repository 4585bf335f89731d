//! What a command leaves on the disk: the databases, and nothing that tells in which order it wrote.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use server::datadir::DataDir;
use store::{DbError, Location, Room, Store};

use crate::output::complain;

/// The databases of a data folder as a command found them.
pub(crate) struct Found(Vec<(Room, PathBuf, Option<Mark>)>);

/// Length and time of the last change: what differs when somebody wrote.
type Mark = (u64, SystemTime);

fn mark(file: &Path) -> Option<Mark> {
    let about = file.metadata().ok()?;
    Some((about.len(), about.modified().ok()?))
}

impl Found {
    /// Looks at the files.
    pub(crate) fn look(dir: &DataDir) -> Self {
        let file = |room: Room| {
            let file = dir.path().join(room.file_name());
            let mark = mark(&file);
            (room, file, mark)
        };
        Self([Room::Identity, Room::Analytics].map(file).into())
    }

    /// Empties the logs of writes, and forgets the order of rows where something was written.
    pub(crate) async fn settle(self) {
        for (room, file, before) in self.0 {
            let log = file.with_extension("db-wal");
            let wrote = log.metadata().is_ok_and(|about| about.len() > 0) || mark(&file) != before;
            if !wrote {
                continue;
            }
            if let Err(error) = settled(&Location::SqliteFile(file), room).await {
                complain(&format!(
                    "payung: the log of writes beside {} was not emptied: {error}",
                    room.file_name()
                ));
            }
        }
    }
}

async fn settled(location: &Location, room: Room) -> Result<(), DbError> {
    let store = Store::open(location, room).await?;
    let done = store.forget_order().await;
    store.close().await;
    done
}
