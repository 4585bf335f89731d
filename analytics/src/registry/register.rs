//! What an operator does to the registry, in transactions of its own, and what it holds then.

use crypto::report::ServiceCode;
use store::retrying;

use super::services::enter;
use crate::App;
use crate::error::Error;
use crate::ground::Ground;

/// Enters services in a transaction of its own: for commands that run on the data folder. Returns how many were new.
///
/// # Errors
/// [`Error::ClosingUnderWay`], [`Error::RegistryFull`], [`Error::Database`].
pub async fn register(app: &App, services: &[ServiceCode]) -> Result<usize, Error> {
    let (mut rng, today) = (app.rng.clone(), app.today());
    retrying!(app.store, "register services", &mut rng, |tx| {
        let mut ground = Ground::hold(tx).await?;
        let entered = enter(tx, services, &mut ground.indicators, &ground.facts, today).await?;
        Ok(entered)
    })
}

/// Codes of every service that reports may name, in the catalogue's order, those of the registry last.
///
/// # Errors
/// The states of the database.
pub async fn known(app: &App) -> Result<Vec<ServiceCode>, Error> {
    let ground = Ground::read(&mut app.store.read().await?).await?;
    let services = ground.indicators.services().iter();
    Ok(services.map(|service| service.code.clone()).collect())
}
