//! A device that was closed opens by its PIN, with the service's help.
//!
//! When a PIN is chosen the device registers a second OPAQUE record at the service, of this terminal alone
//! ([`Open::register_pin`]), and wraps the key of its state and the person's key under both the export key of that record and a
//! secret that only the device has ([`crypto::reopen`]). The wrap lies beside the sealed state, readable by nobody: a guess at the
//! PIN needs an answer of the service, which counts it on its disk before it answers.
//!
//! The person's key is wrapped and not in the state, because others may be enrolled at the same terminal. Inside the sealed state
//! lies a copy of the wrap: signing out takes the outer one away, so that only the password opens, and the next sign-in by password
//! puts it back ([`Open::reopens`]). The session that begins by PIN may do the daily work alone.

use crate::calls;
use crate::device::{Device, Door, Handle};
use crate::entry::{self, Entrant};
use crate::error::Error;
use crate::session::{Kind, Session};
use crate::state::{Closed, Open};
use crate::transport::Transport;
use crypto::b64::Fixed;
use crypto::day::Day;
use crypto::hpke::HpkeSecret;
use crypto::id::{AttemptId, TerminalId};
use crypto::json::{self, Hidden};
use crypto::login::Transcript;
use crypto::opaque::{ClientLogin, ClientRegistration, ExportKey, Purpose, SessionKey};
use crypto::pin::Pin;
use crypto::reopen::{DeviceSecret, ReopenKey};
use crypto::rng::Rng;
use serde::{Deserialize, Serialize};
use wire::{ChoosePin, KeepPin, LoginFinish, LoginStarted, PinLoggedIn, PinStart};
use zeroize::Zeroizing;

pub use crate::pin::KeptPin;

/// What is wrapped.
#[derive(Serialize, Deserialize)]
struct Wrapped {
    body_key: Hidden<32>,
    handle: Handle,
    staff_key: Hidden<32>,
}

fn wrap<T>(
    state: &Open,
    session: &Session<T>,
    export_key: &ExportKey,
    rng: &mut impl Rng,
) -> Result<KeptPin, Error> {
    let secret = DeviceSecret::random(rng);
    let plain = json::write(&Wrapped {
        body_key: Hidden(state.body_key().clone()),
        handle: session.handle().clone(),
        staff_key: Hidden::of(session.staff_key().expose()),
    })
    .map_err(|_| Error::Value)?;
    let key = ReopenKey::derive(export_key, &secret);
    let wrapped = key.wrap(&session.terminal(), &plain, rng);
    Ok(KeptPin::new(&secret, wrapped.map_err(|_| Error::Value)?))
}

fn unwrap(kept: &KeptPin, terminal: &TerminalId, export_key: &ExportKey) -> Result<Wrapped, Error> {
    let key = ReopenKey::derive(export_key, &kept.secret());
    let plain = key.unwrap(terminal, kept.wrapped()).map(Zeroizing::new);
    let plain = plain.map_err(|_| Error::PinOver)?;
    json::read(&plain).map_err(|_| Error::PinOver)
}

impl Open {
    /// Registers the PIN that [`Open::set_pin`] took, so that it opens this device after it was closed. Save it afterwards, then
    /// keep [`Open::reopens`] outside. Argon2id: about a fifth of a second and 64 MiB.
    ///
    /// # Errors
    /// `PasswordNeeded` in a session by PIN, `NotAllowed` for operators and funders, `WrongServer`, `PinOver` where none was set,
    /// transport errors.
    pub async fn register_pin<T: Transport>(
        &mut self,
        session: &Session<T>,
        pin: &Pin,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        if session.kind() == Kind::Pin {
            return Err(Error::PasswordNeeded);
        }
        let (state, request) =
            ClientRegistration::start(pin.expose(), rng).map_err(|_| Error::Value)?;
        let asked = ChoosePin {
            request: Fixed(request),
        };
        let answered = calls::choose_pin(session, &asked).await?;
        let made = state.finish(&answered.response.0, rng);
        let made = made.map_err(|_| Error::Answer)?;
        self.device.check_server(&made.server_public)?;
        let kept = wrap(self, session, &made.export_key, rng)?;
        let record = KeepPin {
            record: Fixed(made.record),
        };
        calls::keep_pin(session, &record).await?;
        let held = self.pin.as_mut().ok_or(Error::PinOver)?;
        held.kept = Some(kept);
        Ok(())
    }

    /// Has the service destroy the PIN of this device.
    ///
    /// # Errors
    /// Transport errors.
    pub async fn unregister_pin<T: Transport>(&self, session: &Session<T>) -> Result<(), Error> {
        calls::drop_pin(session).await
    }

    /// After a sign-in by password: a PIN that the service has destroyed is forgotten here too. Save it afterwards.
    pub fn compare_pin<T>(&mut self, session: &Session<T>) {
        let registered = self.pin_of(session).is_some_and(|it| it.kept.is_some());
        if registered && !session.had_pin() {
            self.drop_pin();
        }
    }

    /// What has to lie outside while whoever is signed in has not signed out, for [`KeptPin::from_bytes`]: some 500 bytes, or none
    /// where no PIN opens this device when it was closed.
    #[must_use]
    pub fn reopens<T>(&self, session: &Session<T>) -> Option<Zeroizing<Vec<u8>>> {
        let kept = self.pin_of(session)?.kept.as_ref()?;
        json::write(kept).ok()
    }
}

/// A sign-in by PIN that the service has answered and the PIN has not met yet.
pub struct Begun {
    terminal: TerminalId,
    state: ClientLogin,
    started: LoginStarted,
    transcript: Transcript,
}

/// A sign-in whose PIN is proved here; the service has not been answered yet.
pub struct Proved {
    terminal: TerminalId,
    attempt: AttemptId,
    transcript: Transcript,
    ke3: [u8; 64],
    export_key: ExportKey,
    session_key: SessionKey,
    server_key: [u8; 32],
}

/// The same with what the PIN opens in hand.
pub struct Opened {
    proved: Proved,
    handle: Handle,
    staff_key: HpkeSecret,
}

/// Asks the service; the try counts from here on.
///
/// # Errors
/// `PinOver` when no PIN opens this device any more, `PasswordNeeded` when the last sign-in by password is too long ago, `Limited`;
/// transport errors.
pub async fn begin<R: Rng>(
    transport: &impl Transport,
    door: &Door,
    pin: &Pin,
    rng: &mut R,
) -> Result<Begun, Error> {
    let terminal = door.terminal;
    let started = ClientLogin::start_for(Purpose::Pin, pin.expose(), rng);
    let (state, ke1) = started.map_err(|_| Error::Value)?;
    let asked = PinStart {
        terminal,
        ke1: Fixed(ke1),
        knock: Fixed(door.key.knock_pin(&terminal, &ke1)),
    };
    let started = calls::pin_login_start(transport, &asked).await?;
    Ok(Begun {
        terminal,
        state,
        transcript: Transcript::of_pin(&terminal, &ke1, &started.ke2.0),
        started,
    })
}

impl Begun {
    /// Checks the PIN here. Argon2id: about a fifth of a second and 64 MiB.
    ///
    /// # Errors
    /// `Pin`.
    pub fn prove(self, rng: &mut impl Rng) -> Result<Proved, Error> {
        let finished = self.state.finish(&self.started.ke2.0, rng);
        let finished = finished.map_err(|_| Error::Pin)?;
        Ok(Proved {
            terminal: self.terminal,
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
    /// Opens what the device keeps.
    ///
    /// # Errors
    /// `PinOver` when the wrap is not of this PIN and device, `State`.
    pub fn open(self, kept: &KeptPin, closed: Closed) -> Result<(Opened, Open), Error> {
        let wrapped = unwrap(kept, &self.terminal, &self.export_key)?;
        let open = closed.open_body(wrapped.body_key.0)?;
        let opened = Opened {
            proved: self,
            handle: wrapped.handle,
            staff_key: HpkeSecret::new(wrapped.staff_key.0),
        };
        Ok((opened, open))
    }
}

impl Opened {
    /// Proves the terminal and begins a session of lesser rights. The device keeps the longer log: save it afterwards.
    ///
    /// # Errors
    /// As [`crate::login::Proved::finish`].
    pub async fn finish<T: Transport>(
        self,
        transport: T,
        device: &mut Device,
        today: Day,
    ) -> Result<Session<T>, Error> {
        let proved = self.proved;
        device.check_server(&proved.server_key)?;
        let message = proved.transcript.with(&proved.ke3);
        let asked = LoginFinish {
            attempt: proved.attempt,
            ke3: Fixed(proved.ke3),
            signature: Fixed(device.key()?.sign_login(&message)),
        };
        let answer = calls::pin_login_finish(&transport, &asked).await?;
        let who = |said: &PinLoggedIn| (said.session, said.staff);
        let (told, prover) = entry::believe(&proved.session_key, device.terminal(), answer, who)?;
        let longer = entry::read_on(&transport, device, today).await?;
        let bundle = entry::take_over(device, longer, &told)?;
        let entrant = Entrant {
            handle: self.handle,
            staff_key: self.staff_key,
            kind: Kind::Pin,
        };
        entry::enter(transport, device, (&told, prover), entrant, bundle)
    }
}
