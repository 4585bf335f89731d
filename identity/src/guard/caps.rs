//! Acts of which there are only so many a day for a terminal, its provider and the whole programme: blanks, withdrawn
//! cards, invitations. An administrator's four accounts share what the provider has.
//!
//! Counting is a transaction of its own, before the act and in the moment of counts (`pen.rs`): what the caller does and
//! which cards it does it to never stand beside each other. What then comes to nothing is given back. An operator can raise a provider's cap for the day that
//! runs; that is written down.

use std::collections::BTreeSet;

use crypto::day::Day;
use crypto::id::{ProviderId, TerminalId};
use store::{DbError, Tx, execute, fetch_all, fetch_one, fetch_optional, parsed, retrying};
use wire::{Allowance, Allowances, Counted};

use super::audit::{self, Act, Actor};
use super::counts::{PROGRAMME, count, within};
use crate::access::session::Session;
use crate::memory::blocks::{What, Whose};
use crate::pen::Phase;
use crate::{App, Refusal, registry};

/// So many times the programme's usual cap is the most that a provider can be given.
const MOST_TIMES: u32 = 10;

const GIVE_BACK: &str = "UPDATE allowance SET taken = taken - $4
    WHERE day = $1 AND whose = $2 AND what = $3 AND taken >= $4";
const RAISED: &str = "SELECT cap FROM allowance WHERE day = $1 AND whose = $2 AND what = $3";
const RAISED_BY: &str = "SELECT CAST(COALESCE(SUM(cap - $3), 0) AS BIGINT) FROM allowance
    WHERE day = $1 AND what = $2 AND cap > $3";
const RAISE: &str =
    "INSERT INTO allowance (day, whose, what, taken, cap) VALUES ($1, $2, $3, 0, $4)
    ON CONFLICT (day, whose, what) DO UPDATE SET cap = $4";
const TAKEN: &str = "SELECT taken FROM allowance WHERE day = $1 AND whose = $2 AND what = $3";
const BUSY: &str = "SELECT DISTINCT whose FROM allowance WHERE day = $1";
const PROVIDERS: &str = "SELECT provider FROM provider ORDER BY provider";

/// Who acts on which day: the counts an act goes to, and comes back from, whatever the clock says by then.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Account {
    day: Day,
    terminal: Option<TerminalId>,
    provider: Option<ProviderId>,
}

impl Account {
    /// Terminal and provider of a session; operators have none of the latter.
    pub(crate) fn of(app: &App, session: &Session) -> Self {
        Self {
            day: app.clock.today(),
            terminal: Some(session.terminal),
            provider: session.provider,
        }
    }

    /// A provider's, whoever acts, or the programme's alone.
    pub(crate) fn provider(app: &App, provider: Option<ProviderId>) -> Self {
        Self {
            day: app.clock.today(),
            terminal: None,
            provider,
        }
    }

    fn all(&self) -> impl Iterator<Item = [u8; 16]> {
        let terminal = self.terminal.map(|id| *id.as_bytes());
        let provider = self.provider.map(|id| *id.as_bytes());
        terminal.into_iter().chain(provider).chain([PROGRAMME])
    }
}

/// Counts an act for terminal, provider and programme inside a transaction; an error must roll it back.
///
/// # Errors
/// [`Refusal::Limit`] of the terminal, [`Refusal::ProviderLimit`], [`Refusal::ProgrammeLimit`].
pub(crate) async fn take(
    tx: &mut Tx,
    app: &App,
    account: Account,
    what: Counted,
    amount: u32,
) -> Result<(), Refusal> {
    let (day, caps) = (account.day, app.limits.caps(what));
    let raised = match account.provider {
        Some(provider) => raised(tx, app, day, provider, what).await?,
        None => None,
    };
    if let Some(terminal) = account.terminal {
        let whose = app.reserve.tags.of(terminal.as_bytes());
        let taken = count(tx, day, &whose, what.as_str(), amount).await?;
        within(taken, i64::from(caps.terminal).max(raised.unwrap_or(0)))?;
    }
    if let Some(provider) = account.provider {
        let whose = app.reserve.tags.of(provider.as_bytes());
        let taken = count(tx, day, &whose, what.as_str(), amount).await?;
        if taken > raised.unwrap_or(caps.provider.into()) {
            return Err(Refusal::ProviderLimit);
        }
    }
    let whose = app.reserve.tags.of(&PROGRAMME);
    let taken = count(tx, day, &whose, what.as_str(), amount).await?;
    if taken > programme_cap(tx, app, day, what).await? {
        return Err(Refusal::ProgrammeLimit);
    }
    Ok(())
}

/// Counts a try for the terminal alone: what it says proves nothing, so nobody else pays for it.
///
/// # Errors
/// [`Refusal::Limit`].
pub(crate) async fn take_in_vain(
    app: &App,
    session: &Session,
    what: Counted,
) -> Result<(), Refusal> {
    let (day, limit) = (app.clock.today(), app.limits.caps(what).terminal);
    let whose = app.reserve.tags.of(session.terminal.as_bytes());
    retrying!(app.store, "count a vain try", &mut app.rng(), |tx| {
        let taken = count(tx, day, &whose, what.as_str(), 1).await?;
        within(taken, limit.into())
    })
}

/// Gives back what was counted for an act that came to nothing.
///
/// # Errors
/// Database errors: the day then stays that much shorter.
pub(crate) async fn give_back(
    app: &App,
    account: Account,
    what: Counted,
    amount: u32,
) -> Result<(), DbError> {
    let (day, amount) = (i64::from(account.day.number()), i64::from(amount));
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "give back", &mut app.rng(), |tx| {
        for whose in account.all() {
            let whose = app.reserve.tags.of(&whose);
            execute!(tx, GIVE_BACK, day, &whose[..], what.as_str(), amount)?;
        }
        Ok(())
    });
    pen.put_down().await;
    done
}

/// The cap that an operator gave a provider for this day.
async fn raised(
    tx: &mut Tx,
    app: &App,
    day: Day,
    provider: ProviderId,
    what: Counted,
) -> Result<Option<i64>, DbError> {
    let (day, whose) = (
        i64::from(day.number()),
        app.reserve.tags.of(provider.as_bytes()),
    );
    let row = fetch_optional!(tx, (Option<i64>,), RAISED, day, &whose[..], what.as_str())?;
    Ok(row.and_then(|(cap,)| cap))
}

/// The programme's cap of today: the usual one, and what providers were given beyond theirs.
async fn programme_cap(tx: &mut Tx, app: &App, day: Day, what: Counted) -> Result<i64, DbError> {
    let (day, caps) = (i64::from(day.number()), app.limits.caps(what));
    let usual = i64::from(caps.provider);
    let (beyond,) = fetch_one!(tx, (i64,), RAISED_BY, day, what.as_str(), usual)?;
    Ok(i64::from(caps.programme) + beyond)
}

/// Gives a provider another cap for today.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown provider, [`Refusal::BadValue`] for a cap that is none above the usual one, or
/// more than ten times the programme's.
pub async fn raise(
    app: &App,
    actor: Actor,
    provider: ProviderId,
    what: Counted,
    cap: u32,
) -> Result<(), Refusal> {
    let caps = app.limits.caps(what);
    if cap <= caps.provider || cap / MOST_TIMES > caps.programme {
        return Err(Refusal::BadValue);
    }
    let day = i64::from(app.clock.today().number());
    retrying!(app.store, "raise a cap", &mut app.rng(), |tx| {
        registry::must_exist(tx, provider).await?;
        let whose = app.reserve.tags.of(provider.as_bytes());
        execute!(tx, RAISE, day, &whose[..], what.as_str(), i64::from(cap))?;
        let subject = format!("{provider} {} {cap}", what.as_str());
        audit::note(tx, app, actor, Act::CapRaised, &subject).await?;
        Ok(())
    })
}

/// What was done today: of one provider, or of the programme and of every provider that did something.
///
/// # Errors
/// Database errors.
pub async fn list(app: &App, within: Option<ProviderId>) -> Result<Allowances, DbError> {
    let mut tx = app.store.read().await?;
    let mut providers = vec![within];
    if within.is_none() {
        providers.extend(busy(&mut tx, app).await?.into_iter().map(Some));
    }
    let mut today = Vec::new();
    for provider in providers {
        for what in Counted::ALL {
            today.push(of(&mut tx, app, provider, what).await?);
        }
    }
    Ok(Allowances { today })
}

/// Providers of whom something was counted today.
async fn busy(tx: &mut Tx, app: &App) -> Result<Vec<ProviderId>, DbError> {
    let day = i64::from(app.clock.today().number());
    let rows = fetch_all!(tx, (Vec<u8>,), BUSY, day)?;
    let counted: BTreeSet<Vec<u8>> = rows.into_iter().map(|(whose,)| whose).collect();
    let mut busy = Vec::new();
    for (id,) in fetch_all!(tx, (Vec<u8>,), PROVIDERS)? {
        let provider: ProviderId = parsed(&id)?;
        if counted.contains(&app.reserve.tags.of(provider.as_bytes())[..]) {
            busy.push(provider);
        }
    }
    Ok(busy)
}

async fn of(
    tx: &mut Tx,
    app: &App,
    provider: Option<ProviderId>,
    what: Counted,
) -> Result<Allowance, DbError> {
    let day = app.clock.today();
    let cap = match provider {
        Some(provider) => raised(tx, app, day, provider, what)
            .await?
            .unwrap_or_else(|| app.limits.caps(what).provider.into()),
        None => programme_cap(tx, app, day, what).await?,
    };
    let whose = provider.map_or(PROGRAMME, |id| *id.as_bytes());
    let whose = app.reserve.tags.of(&whose);
    let number = i64::from(day.number());
    let row = fetch_optional!(tx, (i64,), TAKEN, number, &whose[..], what.as_str())?;
    // What is counted ahead of use and was not used is nobody's doing.
    let ahead = What::of(what).map_or(0, |what| {
        let whose = provider.map_or(Whose::Programme, Whose::Provider);
        app.reserve.blocks.left((whose, what), day)
    });
    let taken = row.map_or(0, |(taken,)| taken) - i64::from(ahead);
    Ok(Allowance {
        provider,
        what,
        taken: u64::try_from(taken).unwrap_or(0),
        cap: u64::try_from(cap).unwrap_or(0),
    })
}
