//! What every sign-in ends with, by password or by PIN: the answer is believed, the log of keys read on, the place checked, and the
//! data key opened.

use crate::answer::Answer;
use crate::calls;
use crate::device::{Device, Handle};
use crate::error::Error;
use crate::handed::{self, Person};
use crate::proof::Prover;
use crate::session::{Kind, Parts, Session};
use crate::transport::Transport;
use crypto::card::WrapKey;
use crypto::day::Day;
use crypto::hpke::HpkeSecret;
use crypto::id::{SessionId, StaffId, TerminalId};
use crypto::json;
use crypto::opaque::SessionKey;
use crypto::request::{LOGIN, RequestKeys};
use crypto::trust::{Trust, TrustBundle};
use serde::de::DeserializeOwned;
use wire::PinLoggedIn;

/// Who enters, and by what.
pub(crate) struct Entrant {
    pub(crate) handle: Handle,
    pub(crate) staff_key: HpkeSecret,
    pub(crate) kind: Kind,
}

/// Reads whose and which session it is, then asks for the proof of that.
///
/// # Errors
/// `Answer`, `Unproven`, and what a refusal says.
pub(crate) fn believe<S: DeserializeOwned>(
    key: &SessionKey,
    terminal: TerminalId,
    answer: Answer,
    who: impl FnOnce(&S) -> (SessionId, StaffId),
) -> Result<(S, Prover), Error> {
    let Ok(said) = json::read::<S>(&answer.body) else {
        // A refusal, which nothing can prove.
        return Err(answer.checked().err().unwrap_or(Error::Answer));
    };
    let (session, staff) = who(&said);
    let prover = Prover::new(session, RequestKeys::derive(key, &terminal, &staff));
    prover.believe(LOGIN, answer)?.empty()?;
    Ok((said, prover))
}

/// What is in force by a log of keys that was read on: only after the log-in, for one that is broken off before its end counts as a
/// guess.
///
/// # Errors
/// `Trust`, transport errors.
pub(crate) async fn read_on(
    transport: &impl Transport,
    device: &Device,
    today: Day,
) -> Result<Trust, Error> {
    let known = device.trust();
    let (entries, head) = calls::trust_log(transport, known.mark().length).await?;
    Ok(known.extended(&entries, &head, today)?)
}

/// The longer log and the wrap keys become the device's.
///
/// # Errors
/// `WrongServer`, `Trust`, `Answer`.
pub(crate) fn take_over(
    device: &mut Device,
    longer: Trust,
    told: &PinLoggedIn,
) -> Result<TrustBundle, Error> {
    let wraps = told.wraps.wraps.iter();
    let wraps = wraps
        .map(|key| WrapKey::from_bytes(*key.expose()))
        .collect();
    device.adopt(longer, wraps, told.role.scans_cards())
}

/// Begins to work.
///
/// # Errors
/// `OtherPlace`, `OtherGiver`, `OtherDataKey`.
pub(crate) fn enter<T>(
    transport: T,
    device: &mut Device,
    (told, prover): (&PinLoggedIn, Prover),
    entrant: Entrant,
    bundle: TrustBundle,
) -> Result<Session<T>, Error> {
    let who = Person {
        handle: &entrant.handle,
        key: &entrant.staff_key,
        role: told.role,
        provider: told.provider,
    };
    let place = (who.role, who.provider);
    device.check_place(who.handle, place, &entrant.staff_key.public())?;
    let sealed = told.data_key_sealed.as_ref().map(|sealed| &sealed.0[..]);
    let known = handed::believe(device, &who, sealed)?;
    Ok(Session::new(Parts {
        transport,
        terminal: device.terminal(),
        prover,
        kind: entrant.kind,
        role: told.role,
        staff: told.staff,
        provider: told.provider,
        handle: entrant.handle,
        staff_key: entrant.staff_key,
        known,
        bundle,
        trust: device.trust().clone(),
        author: device.author(),
        decoys: device.decoys(),
    }))
}
