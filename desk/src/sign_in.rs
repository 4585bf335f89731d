//! Enrolment and sign-in at this machine: the steps of `terminal`, with a thread for the slow one.
//!
//! Argon2id takes about a fifth of a second and 64 MiB; on a thread of its own
//! it stops nobody else's requests.

use crate::Session;
use crate::file::StateFile;
use crate::http::Connection;
use crypto::day::Day;
use crypto::rng::{Random, Rng};
use terminal::Error;
use terminal::device::{Device, Door, Handle, Label};
use terminal::enroll::{self, Enrolled};
use terminal::fingerprint::Typed;
use terminal::login::{self, Proved};
use terminal::state::{Closed, Open};
use wire::typed::{Chosen, Entered};

/// Registers `handle` with `password` and this terminal, which people will call `label`.
///
/// # Errors
/// `Invitation` when it cannot be read, is spent or unknown, `HandleTaken`,
/// `WrongServer` and `Trust` when the server is not the invitation's;
/// transport errors.
pub async fn register<R: Rng>(
    connection: &Connection,
    invitation: &str,
    handle: &Handle,
    password: &Chosen,
    label: &Label,
    today: Day,
    rng: &mut R,
) -> Result<Enrolled, Error> {
    let begun = enroll::begin(connection, invitation, handle, password, label, rng).await?;
    let mut own = stream(rng);
    let proved = tokio::task::spawn_blocking(move || begun.prove(&mut own))
        .await
        .map_err(|_| Error::Answer)??;
    proved.finish(connection, today).await
}

/// Signs in with a device held in memory.
///
/// # Errors
/// As [`Proved::finish`]; `NotSignedIn` for a wrong password or an unknown handle.
pub async fn login<R: Rng>(
    connection: &Connection,
    device: &mut Device,
    password: &Entered,
    today: Day,
    rng: &mut R,
) -> Result<Session, Error> {
    let handle = device.handle().clone();
    let proved = prove(connection, &device.door(), &handle, password, rng).await?;
    proved.finish(connection.clone(), device, today).await
}

/// Signs in at a terminal with a file; opens what it keeps and saves it.
///
/// # Errors
/// As [`login()`], and the file's errors.
pub async fn sign_in<R: Rng>(
    connection: &Connection,
    file: &StateFile,
    handle: &Handle,
    password: &Entered,
    today: Day,
    rng: &mut R,
) -> Result<(Session, Open), Error> {
    enter(connection, file, handle, password, (None, today), rng).await
}

/// The same, and expects the data key from whoever's terminal shows the fingerprint
/// that was typed. It is kept when the sign-in succeeds.
///
/// # Errors
/// As [`sign_in`]; `OtherGiver` when the data key is not from there.
pub async fn sign_in_expecting<R: Rng>(
    connection: &Connection,
    file: &StateFile,
    handle: &Handle,
    password: &Entered,
    (giver, today): (Typed, Day),
    rng: &mut R,
) -> Result<(Session, Open), Error> {
    enter(
        connection,
        file,
        handle,
        password,
        (Some(giver), today),
        rng,
    )
    .await
}

async fn enter<R: Rng>(
    connection: &Connection,
    file: &StateFile,
    handle: &Handle,
    password: &Entered,
    (giver, today): (Option<Typed>, Day),
    rng: &mut R,
) -> Result<(Session, Open), Error> {
    let closed = Closed::load(file).await?;
    let proved = prove(connection, &closed.door(), handle, password, rng).await?;
    let mut open = closed.open(&proved.state_key())?;
    if let Some(giver) = giver {
        open.device.expect_giver(giver);
    }
    let session = proved
        .finish(connection.clone(), &mut open.device, today)
        .await?;
    open.save(file, rng).await?;
    Ok((session, open))
}

async fn prove<R: Rng>(
    connection: &Connection,
    door: &Door,
    handle: &Handle,
    password: &Entered,
    rng: &mut R,
) -> Result<Proved, Error> {
    let begun = login::begin(connection, door, handle, password, rng).await?;
    let mut own = stream(rng);
    tokio::task::spawn_blocking(move || begun.prove(&mut own))
        .await
        .map_err(|_| Error::NotSignedIn)?
}

/// The other thread gets a stream of its own, seeded from the caller's.
fn stream(rng: &mut impl Rng) -> Random {
    Random::seeded(crypto::rng::bytes(rng))
}
