//! A device that is locked while somebody stays signed in: opened by a PIN, without a network.
//!
//! What locks drops everything but a small sealed piece in memory: the key of what the device keeps, and the session with the
//! person's keys. It opens under the PIN ([`crypto::pin`]), and the host covers it once more with a key that never leaves its memory.
//! Nothing of it is written anywhere (of a device that was closed see [`crate::reopen`]); the PIN's stretched key lies inside the sealed state, so that a lock need not ask for it.
//! Tries are counted before they are answered, five in all; a PIN opens for [`MOST_AGE`] after the sign-in, however often was locked.
//! Limit: whoever copies the memory of a locked device has the host's key too, and then a million guesses at an Argon2id each.

use std::time::Duration;

use crypto::handover::Founding;
use crypto::hpke::HpkeSecret;
use crypto::id::{ProviderId, SessionId, StaffId, TerminalId};
use crypto::json::{self, Hidden};
use crypto::label::LOCK_SEAL;
use crypto::pin::{Pin, PinKey, PinSalt};
use crypto::provider::DataKey;
use crypto::request::RequestKeys;
use crypto::rng::Rng;
use crypto::seal;
use serde::{Deserialize, Serialize};
use wire::Role;
use zeroize::Zeroizing;

use crate::device::Handle;
use crate::error::Error;
use crate::handed::Known;
use crate::pin::HeldPin;
use crate::proof::Prover;
use crate::session::{Kind, Parts, Session};
use crate::state::{Closed, Open};

/// Wrong PINs after which a lock opens no more.
pub const MOST_WRONG: u8 = 5;
/// How long after the sign-in a PIN opens what was locked: the session ends then at the service, too.
pub const MOST_AGE: Duration = Duration::from_secs(12 * 3600);

/// A lock, without what it holds ([`Locking::sealed`]).
#[derive(Debug)]
pub struct Lock {
    terminal: TerminalId,
    salt: PinSalt,
    since: u64,
    wrong: u8,
}

/// What locking comes to.
#[derive(Debug)]
pub struct Locking {
    /// Counts the tries.
    pub lock: Lock,
    /// What the PIN opens, some 600 bytes. For the memory of this process alone.
    pub sealed: Vec<u8>,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Folded {
    body_key: Hidden<32>,
    session: SessionId,
    keys: Hidden<64>,
    last: u64,
    kind: Kind,
    role: Role,
    staff: StaffId,
    provider: Option<ProviderId>,
    handle: Handle,
    staff_key: Hidden<32>,
    known: FoldedKey,
}

/// [`Known`], to be sealed.
#[derive(Serialize, Deserialize)]
enum FoldedKey {
    None,
    Waits,
    Open(Hidden<32>, Founding),
}

impl Open {
    /// Takes a PIN for the locks of this device. Save it afterwards. Argon2id: about a fifth of a second and 64 MiB.
    ///
    /// # Errors
    /// `PasswordNeeded` in a session by PIN, `Memory` when there is too little of it.
    pub fn set_pin<T>(
        &mut self,
        session: &Session<T>,
        pin: &Pin,
        rng: &mut impl Rng,
    ) -> Result<(), Error> {
        if session.kind() == Kind::Pin {
            return Err(Error::PasswordNeeded);
        }
        self.pin = Some(HeldPin::new(session.handle(), pin, rng)?);
        Ok(())
    }

    /// Locks of this device need the password again, and it opens by no PIN when it was closed
    /// ([`Open::reopens`]). Save it afterwards.
    pub fn drop_pin(&mut self) {
        self.pin = None;
    }

    /// Whether whoever is signed in has a PIN here.
    #[must_use]
    pub fn has_pin<T>(&self, session: &Session<T>) -> bool {
        self.pin_of(session).is_some()
    }

    pub(crate) fn pin_of<T>(&self, session: &Session<T>) -> Option<&HeldPin> {
        let held = self.pin.as_ref();
        held.filter(|held| held.is_of(session.handle()))
    }

    /// Folds what has to outlast a lock; nothing where whoever is signed in has no PIN. They signed in `since`, in seconds of the
    /// device's clock, by password or as the device was closed: [`Lock::since`] of the lock before it. Drop the session and this afterwards.
    ///
    /// # Errors
    /// `Value` when it cannot be sealed, which does not happen.
    pub fn lock<T>(
        &self,
        session: &Session<T>,
        since: u64,
        rng: &mut impl Rng,
    ) -> Result<Option<Locking>, Error> {
        let Some(held) = self.pin_of(session) else {
            return Ok(None);
        };
        let plain = json::write(&Folded::of(self, session)).map_err(|_| Error::Value)?;
        let terminal = self.device.terminal();
        let key = held.key().lock_key();
        let sealed = seal::seal(key.expose(), LOCK_SEAL, terminal.as_bytes(), &plain, rng);
        Ok(Some(Locking {
            lock: Lock {
                terminal,
                salt: held.salt(),
                since,
                wrong: 0,
            },
            sealed: sealed.map_err(|_| Error::Value)?,
        }))
    }
}

impl Lock {
    /// When whoever it is signed in.
    #[must_use]
    pub const fn since(&self) -> u64 {
        self.since
    }

    /// Opens it again with what the device keeps. Nothing is asked of the service. Argon2id: about a fifth of a second and 64 MiB.
    ///
    /// # Errors
    /// `Pin`; `PinOver` from the fifth wrong one on, and when the sign-in is too long ago or later than `now`: then drop everything;
    /// `Memory`; `State` when what the device keeps is not of this lock.
    pub fn open<T>(
        &mut self,
        pin: &Pin,
        now: u64,
        sealed: &[u8],
        closed: Closed,
        transport: T,
    ) -> Result<(Session<T>, Open), Error> {
        let age = now.checked_sub(self.since).map(Duration::from_secs);
        if self.wrong >= MOST_WRONG || age.is_none_or(|age| age > MOST_AGE) {
            return Err(Error::PinOver);
        }
        // Before the answer: who stops the device while it is under way has used a try.
        self.wrong += 1;
        let key = PinKey::stretch(pin, &self.salt)?.lock_key();
        let plain = seal::open(key.expose(), LOCK_SEAL, self.terminal.as_bytes(), sealed);
        let plain = plain.map(Zeroizing::new).map_err(|_| self.refusal())?;
        let folded: Folded = json::read(&plain).map_err(|_| Error::Sealed)?;
        let open = closed.open_body(folded.body_key.0.clone())?;
        let session = folded.session(&open, transport)?;
        Ok((session, open))
    }

    const fn refusal(&self) -> Error {
        match self.wrong >= MOST_WRONG {
            true => Error::PinOver,
            false => Error::Pin,
        }
    }
}

impl Folded {
    fn of<T>(state: &Open, session: &Session<T>) -> Self {
        let prover = session.prover();
        let (id, keys, last) = prover.fold();
        Self {
            body_key: Hidden(state.body_key().clone()),
            session: id,
            keys: Hidden(keys.to_bytes()),
            last,
            kind: session.kind(),
            role: session.role(),
            staff: session.staff(),
            provider: session.provider(),
            handle: session.handle().clone(),
            staff_key: Hidden::of(session.staff_key().expose()),
            known: match session.known() {
                Known::None => FoldedKey::None,
                Known::Waits => FoldedKey::Waits,
                Known::Open(key, founding) => FoldedKey::Open(Hidden::of(key.expose()), *founding),
            },
        }
    }

    fn session<T>(self, state: &Open, transport: T) -> Result<Session<T>, Error> {
        let device = &state.device;
        let keys = RequestKeys::from_bytes(&self.keys.0);
        Ok(Session::new(Parts {
            transport,
            terminal: device.terminal(),
            prover: Prover::unfold(self.session, keys, self.last),
            kind: self.kind,
            role: self.role,
            staff: self.staff,
            provider: self.provider,
            handle: self.handle,
            staff_key: HpkeSecret::new(self.staff_key.0),
            known: match self.known {
                FoldedKey::None => Known::None,
                FoldedKey::Waits => Known::Waits,
                FoldedKey::Open(key, founding) => Known::Open(DataKey::from(key.0), founding),
            },
            bundle: device.bundle()?,
            trust: device.trust().clone(),
            author: device.author(),
            decoys: device.decoys(),
        }))
    }
}
