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

use crate::answer::Answer;
use crate::calls;
use crate::device::{Device, Door, Handle};
use crate::error::Error;
use crate::handed::{self, Person};
use crate::proof::Prover;
use crate::session::{Parts, Session};
use crate::staff_key;
use crate::state::StateKey;
use crate::transport::Transport;
use crypto::b64::Fixed;
use crypto::card::WrapKey;
use crypto::day::Day;
use crypto::id::{AttemptId, TerminalId};
use crypto::json;
use crypto::login::Transcript;
use crypto::opaque::{ClientLogin, ExportKey, SessionKey};
use crypto::request::{LOGIN, RequestKeys};
use crypto::rng::Rng;
use crypto::trust::{Trust, TrustBundle};
use wire::typed::Entered;
use wire::{LoggedIn, LoginFinish, LoginStart, LoginStarted};

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
        let (answer, prover) = self.believe(device.terminal(), answer)?;
        // Only now: a log-in that is broken off before its end counts as a guess.
        let known = device.trust();
        let (entries, head) = calls::trust_log(&transport, known.mark().length).await?;
        let longer = known.extended(&entries, &head, today)?;
        let bundle = take_over(device, longer, &answer)?;
        self.unlock(transport, device, prover, &answer, bundle)
    }

    /// Reads whose and which session it is, then asks for the proof of that.
    fn believe(&self, terminal: TerminalId, answer: Answer) -> Result<(LoggedIn, Prover), Error> {
        let Ok(said) = json::read::<LoggedIn>(&answer.body) else {
            // A refusal, which nothing can prove.
            return Err(answer.checked().err().unwrap_or(Error::Answer));
        };
        let keys = RequestKeys::derive(&self.session_key, &terminal, &said.staff);
        let prover = Prover::new(said.session, keys);
        prover.believe(LOGIN, answer)?.empty()?;
        Ok((said, prover))
    }

    fn unlock<T>(
        self,
        transport: T,
        device: &mut Device,
        prover: Prover,
        answer: &LoggedIn,
        bundle: TrustBundle,
    ) -> Result<Session<T>, Error> {
        let sealed = &answer.staff_private_sealed;
        let staff_key = staff_key::open(&self.export_key, &self.handle, sealed)?;
        let who = Person {
            handle: &self.handle,
            key: &staff_key,
            role: answer.role,
            provider: answer.provider,
        };
        let place = (who.role, who.provider);
        device.check_place(who.handle, place, &staff_key.public())?;
        let sealed = answer.data_key_sealed.as_ref().map(|sealed| &sealed.0[..]);
        let known = handed::believe(device, &who, sealed)?;
        Ok(Session::new(Parts {
            transport,
            terminal: device.terminal(),
            prover,
            role: answer.role,
            staff: answer.staff,
            provider: answer.provider,
            handle: self.handle,
            staff_key,
            known,
            bundle,
            trust: device.trust().clone(),
            author: device.author(),
            decoys: device.decoys(),
        }))
    }
}

/// The longer log and the wrap keys become the device's.
fn take_over(device: &mut Device, longer: Trust, answer: &LoggedIn) -> Result<TrustBundle, Error> {
    let wraps = answer.wraps.wraps.iter();
    let wraps = wraps
        .map(|key| WrapKey::from_bytes(*key.expose()))
        .collect();
    device.adopt(longer, wraps, answer.role.scans_cards())
}
