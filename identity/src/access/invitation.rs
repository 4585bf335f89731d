//! One-time invitations: the only way in. The database holds their hashes, and the service never has their texts: whoever invites
//! draws the secret. So a request whose answer was lost is made again, and changes nothing.
//!
//! Whoever reads an invitation before it is used could begin registrations with one password guess after another, keep the
//! answers, and later try them all offline against a single log-in of the person it was meant for. So an invitation is
//! answered a few times only (counted in memory: a restart gives as many again).

use crypto::day::Day;
use crypto::id::ProviderId;
use crypto::invitation::{Inviter, InviterKind, Terms};
use crypto::json::Hidden;
use crypto::token::{Opener, Token, TokenHash};
use store::{DbError, Tx, execute, fetch_optional, parsed_option, retrying};
use wire::{Counted, Role};

use crate::guard::audit::{self, Act, Actor};
use crate::guard::caps::{self, Account};
use crate::pen::Phase;
use crate::{App, Refusal, trust};

/// Days an invitation is good for.
const GOOD_DAYS: i32 = 14;

/// Most days between the day that an invitation bears and the service's own: clocks differ.
const MOST_APART: i32 = 1;

const ADD: &str = "INSERT INTO invitation (hash, role, provider, inviter, drawn, last_day)
    VALUES ($1, $2, $3, $4, $5, $6)";
const THERE: &str = "SELECT role, provider, inviter, drawn FROM invitation WHERE hash = $1";
const PEEK: &str = "SELECT role, provider, inviter, drawn FROM invitation
    WHERE hash = $1 AND last_day >= $2 AND used = 0";
const USE: &str = "UPDATE invitation SET used = 1
    WHERE hash = $1 AND last_day >= $2 AND used = 0 RETURNING role, provider, inviter, drawn";

type Row = (String, Option<Vec<u8>>, String, i64);

/// What an invitation gives, and who made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Invitation {
    pub(crate) role: Role,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) inviter: InviterKind,
    /// The day that its text bears.
    pub(crate) drawn: Day,
}

impl Invitation {
    fn read((role, provider, inviter, drawn): Row) -> Result<Self, DbError> {
        let role = role.parse().map_err(|_| DbError::Corrupt)?;
        Ok(Self {
            role,
            provider: parsed_option(provider.as_ref())?,
            inviter: inviter.parse().map_err(|_| DbError::Corrupt)?,
            drawn: day(drawn)?,
        })
    }
}

/// A day as it is stored.
pub(crate) fn day(number: i64) -> Result<Day, DbError> {
    let number = i32::try_from(number).map_err(|_| DbError::Corrupt)?;
    Day::from_number(number).map_err(|_| DbError::Corrupt)
}

/// Draws an invitation where the keys are, and enters it; the text is shown once. For whoever holds the data folder: the
/// first operator is invited so.
///
/// # Errors
/// [`Refusal::Malformed`] when role and provider do not fit, [`Refusal::NotFound`] for an unknown provider.
pub async fn invite(
    app: &App,
    actor: Actor,
    role: Role,
    provider: Option<ProviderId>,
) -> Result<Token, Refusal> {
    let root = trust::root(&mut app.store.read().await?).await?;
    let drawn = app.clock.today();
    let terms = Terms {
        root,
        role: role.code(),
        provider,
        inviter: Inviter::CommandLine,
        day: drawn,
    };
    let text = crypto::invitation::Invitation::draw(terms, &mut app.rng());
    let wanted = Invitation {
        role,
        provider,
        inviter: InviterKind::CommandLine,
        drawn,
    };
    enter(app, actor, wanted, &text.hash()).await?;
    Ok(text.text())
}

/// Enters an invitation that somebody drew. The same again changes nothing, used or not, within its fourteen days.
///
/// # Errors
/// [`Refusal::Malformed`] when role and provider do not fit, [`Refusal::BadValue`] for a day that is not today's (clocks may differ
/// by one), [`Refusal::NotFound`] for an unknown provider, [`Refusal::Conflict`] when the hash is that of another invitation, the limits': staff make so many a day for one provider and in
/// the programme.
pub(crate) async fn enter(
    app: &App,
    actor: Actor,
    wanted: Invitation,
    hash: &TokenHash,
) -> Result<(), Refusal> {
    let Invitation {
        role,
        provider,
        inviter,
        drawn,
    } = wanted;
    if role.has_provider() != provider.is_some() {
        return Err(Refusal::Malformed);
    }
    let today = app.clock.today();
    if drawn.since(today).abs() > MOST_APART {
        return Err(Refusal::BadValue);
    }
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "invite", &mut app.rng(), |tx| {
        if let Some(provider) = provider {
            crate::registry::must_exist(tx, provider).await?;
        }
        let hash = &hash.as_bytes()[..];
        if let Some(row) = fetch_optional!(tx, Row, THERE, hash)? {
            let same = Invitation::read(row)? == wanted;
            return same.then_some(()).ok_or(Refusal::Conflict);
        }
        if actor != Actor::CommandLine {
            let account = Account::provider(app, provider);
            caps::take(tx, app, account, Counted::Invitations, 1).await?;
        }
        let owner = provider.as_ref().map(|id| &id.as_bytes()[..]);
        let last = i64::from(today.plus(GOOD_DAYS).number());
        let (by, day) = (inviter.as_str(), i64::from(drawn.number()));
        execute!(tx, ADD, hash, role.as_str(), owner, by, day, last)?;
        audit::note(tx, app, actor, Act::Invited, role.as_str()).await?;
        Ok(())
    });
    pen.put_down().await;
    done
}

/// The hash of what opens an invitation.
pub(crate) fn hash(opener: &Hidden<32>) -> TokenHash {
    Opener::from_bytes(*opener.expose()).hash()
}

/// Looks at an invitation without using it up.
pub(crate) async fn peek(tx: &mut Tx, app: &App, hash: &TokenHash) -> Result<Invitation, Refusal> {
    let today = i64::from(app.clock.today().number());
    let row = fetch_optional!(tx, Row, PEEK, &hash.as_bytes()[..], today)?;
    Ok(Invitation::read(row.ok_or(Refusal::Invitation)?)?)
}

/// Uses an invitation up inside the transaction of the registration: both happen or neither.
pub(crate) async fn use_up(
    tx: &mut Tx,
    app: &App,
    hash: &TokenHash,
) -> Result<Invitation, Refusal> {
    let today = i64::from(app.clock.today().number());
    let row = fetch_optional!(tx, Row, USE, &hash.as_bytes()[..], today)?;
    Ok(Invitation::read(row.ok_or(Refusal::Invitation)?)?)
}
