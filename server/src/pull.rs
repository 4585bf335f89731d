//! What a closing on this host asks of the identity role: everything that counts must be here before a quarter is counted.

use std::sync::Arc;

use crypto::secret::SecretBytes;

use crate::datadir::{DataDir, KeyFile};
use crate::error::Failure;
use crate::forward::Forwarder;
use crate::open;
use crate::options::{Role, StoreArgs};
use crate::service::{Rooms, Running};

/// Delivers what the identity role of a data folder received before today, for a closing: to this statistics role, over the
/// loopback, as a service would. Nothing is done when the service did so already, and when the identity role has another host;
/// then the closing says what is missing.
///
/// # Errors
/// [`Failure`] when the identity role does not open, or what waits there cannot be delivered.
pub async fn pull(
    dir: &DataDir,
    store: &StoreArgs,
    passphrase: &SecretBytes,
    analytics: &Arc<analytics::App>,
) -> Result<(), Failure> {
    let role = dir.settings()?.map_or(Role::All, |settings| settings.role);
    if role == Role::Analytics || !dir.holds(KeyFile::Identity) {
        return Ok(());
    }
    let delivered = analytics::intake::delivered(analytics)
        .await
        .map_err(|e| Failure::of("the statistics database", e))?;
    if delivered.is_some_and(|delivered| delivered >= analytics.today()) {
        return Ok(());
    }
    let identity = open::identity(dir, store, passphrase, identity::Limits::default()).await?;
    let rooms = Rooms::Analytics(Arc::clone(analytics));
    let running = Running::start(rooms, ([127, 0, 0, 1], 0).into()).await?;
    let forwarder = Forwarder::new(Arc::clone(&identity), &running.url())?;
    let done = forwarder.deliver_before(identity.clock.today()).await;
    let stopped = running.stop().await;
    identity.store.close().await;
    done.and(stopped)
}
