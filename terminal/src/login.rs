//! Signing in: OPAQUE, then the terminal's signature, then what it unlocks.
//!
//! The password never leaves; the server proves itself by its OPAQUE key, which
//! is pinned. A wrong password, an unknown handle and a revoked terminal all end
//! in `NotSignedIn`. The export key opens the terminal's state file and the
//! person's HPKE key, and that opens the provider's data key. Source: RFC 9807
//! section 3.3 (KE1, KE2, KE3) and 5 (export key).

use crate::calls;
use crate::device::{Device, Handle};
use crate::error::Error;
use crate::http::Connection;
use crate::session::{Parts, Session};
use crate::staff_key;
use crate::state::{Closed, StateFile, StateKey};
use crypto::id::{AttemptId, TerminalId};
use crypto::opaque::{ClientLogin, ExportKey};
use crypto::rng::{Random, Rng};
use crypto::secret::SecretBytes;
use crypto::token::{self, TokenKind};
use reqwest::header::HeaderValue;
use std::path::Path;
use wire::LoggedIn;

/// A sign-in whose password is already proved locally: the state file can be
/// opened, the server has not been answered yet.
pub struct Attempt {
    connection: Connection,
    handle: Handle,
    attempt: AttemptId,
    ke3: [u8; 64],
    export_key: ExportKey,
    server_key: [u8; 32],
}

impl Attempt {
    /// Asks the server and checks the password here. Argon2id takes about a
    /// fifth of a second and 64 MiB, on a thread of its own.
    ///
    /// # Errors
    /// `NotSignedIn` for a wrong password or an unknown handle; transport errors.
    pub async fn start<R: Rng>(
        connection: &Connection,
        terminal: TerminalId,
        handle: &Handle,
        password: &SecretBytes,
        rng: &mut R,
    ) -> Result<Self, Error> {
        let (state, ke1) = ClientLogin::start(password.expose(), rng).map_err(|_| Error::Value)?;
        let started = calls::login_start(connection, handle, terminal, &ke1).await?;
        // The other thread gets a stream of its own, seeded from the caller's.
        let mut own = Random::seeded(crypto::rng::bytes(rng));
        let finished = tokio::task::spawn_blocking(move || state.finish(&started.ke2.0, &mut own))
            .await
            .map_err(|_| Error::NotSignedIn)?
            .map_err(|_| Error::NotSignedIn)?;
        Ok(Self {
            connection: connection.clone(),
            handle: handle.clone(),
            attempt: started.attempt,
            ke3: finished.ke3,
            export_key: finished.export_key,
            server_key: finished.server_public,
        })
    }

    /// The key of this person's slot in the state file.
    #[must_use]
    pub fn state_key(&self) -> StateKey {
        StateKey::derive(&self.export_key)
    }

    /// Proves the terminal and takes over the session. The device keeps a newer
    /// trust bundle when the server has one: save it afterwards.
    ///
    /// # Errors
    /// `WrongServer`, `BundleUntrusted`, `BundleOlder`, `NotSignedIn`, `Sealed`,
    /// `OtherDataKey`, transport errors.
    pub async fn finish(self, device: &mut Device) -> Result<Session, Error> {
        device.check_server(&self.server_key)?;
        let key = device.key()?;
        let message = wire::login_message(&self.attempt, &self.ke3);
        let signature = key.sign_login(&message);
        let answer =
            calls::login_finish(&self.connection, self.attempt, &self.ke3, &signature).await?;
        self.unlock(device, key, answer)
    }

    fn unlock(
        self,
        device: &mut Device,
        key: crypto::sign::TerminalKey,
        answer: LoggedIn,
    ) -> Result<Session, Error> {
        let bundle = device.adopt(answer.bundle)?;
        let token_hash =
            token::hash_of(&answer.token, TokenKind::Session).map_err(|_| Error::Answer)?;
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", answer.token))
            .map_err(|_| Error::Answer)?;
        bearer.set_sensitive(true);
        let staff_key =
            staff_key::open(&self.export_key, &self.handle, &answer.staff_private_sealed)?;
        let data_key = match &answer.data_key_sealed {
            None => None,
            Some(sealed) => Some(staff_key::open_data_key(&staff_key, sealed)?),
        };
        if let Some(key) = &data_key {
            device.check_data_key(key)?;
        }
        Ok(Session::new(Parts {
            connection: self.connection,
            terminal: device.terminal(),
            key,
            bearer,
            token_hash: *token_hash.as_bytes(),
            role: answer.role,
            staff: answer.staff,
            provider: answer.provider,
            data_key,
            bundle,
        }))
    }
}

/// Signs in with a device held in memory (tests, load, replay).
///
/// # Errors
/// As [`Attempt::start`] and [`Attempt::finish`].
pub async fn login<R: Rng>(
    connection: &Connection,
    device: &mut Device,
    password: &SecretBytes,
    rng: &mut R,
) -> Result<Session, Error> {
    let handle = device.handle().clone();
    let attempt = Attempt::start(connection, device.terminal(), &handle, password, rng).await?;
    attempt.finish(device).await
}

/// Signs in at a terminal with a state file; opens the file and saves it.
///
/// # Errors
/// As [`login`], and the state file's errors.
pub async fn sign_in<R: Rng>(
    connection: &Connection,
    path: &Path,
    handle: &Handle,
    password: &SecretBytes,
    rng: &mut R,
) -> Result<(Session, StateFile), Error> {
    let closed = Closed::read(path)?;
    let attempt = Attempt::start(connection, closed.terminal(), handle, password, rng).await?;
    let mut file = closed.open(&attempt.state_key())?;
    let session = attempt.finish(&mut file.device).await?;
    file.save(rng)?;
    Ok((session, file))
}
