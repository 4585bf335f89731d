//! What is called done is done, also on the disk.

use crypto::b64::{B64, Fixed};
use crypto::envelope::{SEALED_BYTES, delete_token_hash};
use crypto::id::EnvelopeId;
use store::fetch_one;
use wire::{PutEnvelope, Role};

use super::harness::houses;
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
        let (id, token) = (EnvelopeId::from_bytes([3; 16]), Fixed([5; 32]));
        let request = PutEnvelope {
            sealed: B64(vec![7; SEALED_BYTES]),
            delete_hash: Fixed(delete_token_hash(&token.0)),
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
        drop(reader);
        house.app.store.tidy().await.unwrap();
    }
}
