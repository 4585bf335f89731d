//! What is called done is done, also on the disk.

use crypto::b64::{B64, Fixed};
use crypto::envelope::{SEALED_BYTES, delete_token_hash};
use crypto::id::EnvelopeId;
use crypto::json::Hidden;
use store::fetch_one;
use wire::{PutEnvelope, Role};

use super::harness::{House, houses};
use crate::Refusal;
use crate::cards::envelopes;

/// SQLite keeps old pages in its log for as long as somebody reads an older state. (PostgreSQL has no such log of ours.)
#[tokio::test]
async fn a_deletion_is_not_called_done_while_the_log_still_holds_it() {
    for house in houses().await {
        if format!("{:?}", house.app.store) != "Store(SQLite)" {
            continue;
        }
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let who = house.app.sessions.find(&seat.id, 0).unwrap().session;
        let (id, token) = (EnvelopeId::from_bytes([3; 16]), Hidden::of(&[5; 32]));
        let request = PutEnvelope {
            sealed: B64(vec![7; SEALED_BYTES]),
            delete_hash: Fixed(delete_token_hash(token.expose())),
        };
        envelopes::put(&house.app, &who, id, &request)
            .await
            .unwrap();
        let mut reader = house.app.store.read().await.unwrap();
        let count = "SELECT COUNT(*) FROM envelope";
        let (seen,): (i64,) = fetch_one!(&mut reader, (i64,), count).unwrap();
        assert_eq!(seen, 1);
        let done = envelopes::delete(&house.app, &who, id, &token).await;
        assert!(matches!(done, Err(Refusal::Database(_))), "{done:?}");
        assert_eq!(done.unwrap_err().status(), 503);
        // Asked again, it is not called gone either, as long as it is not.
        let again = envelopes::delete(&house.app, &who, id, &token).await;
        assert_eq!(again.unwrap_err().status(), 503);
        drop(reader);
        let gone = envelopes::delete(&house.app, &who, id, &token).await;
        assert_eq!(gone.unwrap_err().status(), 404);
        assert_eq!(log_of(&house), 0);
    }
}

/// Bytes in the log of writes.
fn log_of(house: &House) -> u64 {
    let store::Location::SqliteFile(file) = &house.database.location else {
        panic!("not SQLite")
    };
    file.with_extension("db-wal").metadata().unwrap().len()
}

/// A revocation takes sealed keys out of the database: when it is called done they are in no log either.
#[tokio::test]
async fn a_revocation_is_not_called_done_while_the_log_still_holds_the_keys() {
    for house in houses().await {
        if format!("{:?}", house.app.store) != "Store(SQLite)" {
            continue;
        }
        let provider = house.provider("A").await;
        let boss = house
            .seat(Role::ProviderAdministrator, Some(provider))
            .await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        for path in [
            format!("/v1/staff/{}/revoke", seat.staff),
            format!("/v1/terminals/{}/revoke", seat.terminal),
        ] {
            let mut reader = house.app.store.read().await.unwrap();
            let count = "SELECT COUNT(*) FROM envelope";
            let (_,): (i64,) = fetch_one!(&mut reader, (i64,), count).unwrap();
            let reply = boss.post(&house, &path, &wire::Empty {}).await;
            assert_eq!(reply.status.as_u16(), 503, "{path}");
            drop(reader);
            let reply = boss.post(&house, &path, &wire::Empty {}).await;
            assert_eq!((reply.status.as_u16(), log_of(&house)), (200, 0), "{path}");
        }
    }
}
