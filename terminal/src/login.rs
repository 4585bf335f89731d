//! Signing in, in three steps: OPAQUE, then the terminal's signature, then what it unlocks.
//!
//! [`begin`] asks the server, [`Begun::prove`] does the work (Argon2id, a fifth
//! of a second and 64 MiB) on whatever thread the host has for it, and
//! [`Proved::finish`] takes over the session. The password never leaves; the
//! server proves itself by its OPAQUE key, which is pinned, and the session it
//! answers with by the session key, as every answer of that session. The terminal
//! signs all that both sides said. A wrong password, an
//! unknown handle and a revoked terminal all end in `NotSignedIn`. The export key
//! opens what the terminal keeps and the person's HPKE key, and that opens the
//! provider's data key. Source: RFC 9807 section 3.3 (KE1, KE2, KE3) and 5
//! (export key).

use crate::calls;
use crate::device::{Device, Door, Handle};
use crate::entry::{self, Entrant};
use crate::error::Error;
use crate::session::{Kind, Session};
use crate::staff_key;
use crate::state::StateKey;
use crate::transport::Transport;
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::id::AttemptId;
use crypto::login::Transcript;
use crypto::opaque::{ClientLogin, ExportKey, SessionKey};
use crypto::rng::Rng;
use wire::typed::Entered;
use wire::{LoggedIn, LoginFinish, LoginStart, LoginStarted, PinLoggedIn};

/// A sign-in that the server has answered and the password has not met yet.
pub struct Begun {
    handle: Handle,
    state: ClientLogin,
    started: LoginStarted,
    transcript: Transcript,
}

/// A sign-in whose password is proved here: what the terminal keeps can be
/// opened, the server has not been answered yet.
pub struct Proved {
    handle: Handle,
    attempt: AttemptId,
    transcript: Transcript,
    ke3: [u8; 64],
    export_key: ExportKey,
    session_key: SessionKey,
    server_key: [u8; 32],
}

/// Asks the server for a sign-in.
///
/// # Errors
/// `Locked` after too many wrong passwords in a row, `Limited` while the next
/// must wait; transport errors. An unknown handle is answered like a known one.
pub async fn begin<R: Rng>(
    transport: &impl Transport,
    door: &Door,
    handle: &Handle,
    password: &Entered,
    rng: &mut R,
) -> Result<Begun, Error> {
    let terminal = door.terminal;
    let (state, ke1) =
        ClientLogin::start(password.bytes().expose(), rng).map_err(|_| Error::Value)?;
    let asked = LoginStart {
        handle: handle.as_str().to_owned(),
        terminal,
        ke1: Fixed(ke1),
        knock: Fixed(door.key.knock(handle.as_str(), &terminal, &ke1)),
    };
    let started = calls::login_start(transport, &asked).await?;
    Ok(Begun {
        handle: handle.clone(),
        state,
        transcript: Transcript::new(handle.as_str(), &terminal, &ke1, &started.ke2.0),
        started,
    })
}

impl Begun {
    /// Checks the password here. Argon2id: about a fifth of a second and 64 MiB.
    ///
    /// # Errors
    /// `NotSignedIn` for a wrong password or an unknown handle.
    pub fn prove(self, rng: &mut impl Rng) -> Result<Proved, Error> {
        let finished = self
            .state
            .finish(&self.started.ke2.0, rng)
            .map_err(|_| Error::NotSignedIn)?;
        Ok(Proved {
            handle: self.handle,
            attempt: self.started.attempt,
            transcript: self.transcript,
            ke3: finished.ke3,
            export_key: finished.export_key,
            session_key: finished.session_key,
            server_key: finished.server_public,
        })
    }
}

impl Proved {
    /// The key of this person's slot in what the terminal keeps.
    #[must_use]
    pub fn state_key(&self) -> StateKey {
        StateKey::derive(&self.export_key)
    }

    /// Proves the terminal, reads what is new in the log of keys and takes over the
    /// session. The device keeps the longer log: save it afterwards.
    ///
    /// # Errors
    /// `WrongServer`, `Unproven`, `Trust`, `NotSignedIn`, `Sealed`, `OtherPlace`,
    /// `OtherGiver`, `OtherDataKey`, transport errors.
    pub async fn finish<T: Transport>(
        self,
        transport: T,
        device: &mut Device,
        today: Day,
    ) -> Result<Session<T>, Error> {
        device.check_server(&self.server_key)?;
        let message = self.transcript.with(&self.ke3);
        let asked = LoginFinish {
            attempt: self.attempt,
            ke3: Fixed(self.ke3),
            signature: Fixed(device.key()?.sign_login(&message)),
        };
        let answer = calls::login_finish(&transport, &asked).await?;
        let who = |said: &LoggedIn| (said.session, said.staff);
        let (said, prover) = entry::believe(&self.session_key, device.terminal(), answer, who)?;
        let longer = entry::read_on(&transport, device, today).await?;
        let (told, sealed, has_pin) = split(said);
        let bundle = entry::take_over(device, longer, &told)?;
        let entrant = Entrant {
            staff_key: staff_key::open(&self.export_key, &self.handle, &sealed)?,
            handle: self.handle,
            kind: Kind::Password,
        };
        let session = entry::enter(transport, device, (&told, prover), entrant, bundle)?;
        Ok(session.with_pin(has_pin))
    }
}

/// What both kinds of sign-in are told, the sealed staff key, and whether a PIN opens this terminal.
fn split(said: LoggedIn) -> (PinLoggedIn, B64, bool) {
    let told = PinLoggedIn {
        session: said.session,
        role: said.role,
        staff: said.staff,
        provider: said.provider,
        data_key_sealed: said.data_key_sealed,
        wraps: said.wraps,
    };
    (told, said.staff_private_sealed, said.pin)
}
