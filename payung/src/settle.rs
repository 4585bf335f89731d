//! What a command leaves on the disk: the databases, and no log of what it wrote in which order.

use server::datadir::DataDir;
use store::{DbError, Location, Room, Store};

use crate::output::complain;

/// Empties the logs of writes that lie beside the databases of a data folder.
pub(crate) async fn settle(dir: &DataDir) {
    for room in [Room::Identity, Room::Analytics] {
        let file = dir.path().join(room.file_name());
        let log = file.with_extension("db-wal");
        if !log.metadata().is_ok_and(|about| about.len() > 0) {
            continue;
        }
        if let Err(error) = emptied(&Location::SqliteFile(file), room).await {
            complain(&format!(
                "payung: the log of writes beside {} was not emptied: {error}",
                room.file_name()
            ));
        }
    }
}

async fn emptied(location: &Location, room: Room) -> Result<(), DbError> {
    let store = Store::open(location, room).await?;
    let done = store.tidy().await;
    store.close().await;
    done
}
