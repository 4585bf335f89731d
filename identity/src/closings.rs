//! Closing a quarter takes two operators: one proposes what was read, another confirms just that.
//!
//! **Model.** A proposal names a quarter and the digest of what would be published and spent; it is good on its day and the next, as long
//! as its proposer is an operator. Confirming names the same digest, so that nobody agrees to what they did not read. Whoever proposed it
//! cannot confirm it, at whatever device, nor can anybody who was invited on that day or later: else one operator would invite the
//! second. Both acts are in the audit table; the proposal itself goes when the quarter is closed.
//!
//! **Limits.** This room knows a digest, not what it stands for: whoever asks compares it with the statistics role. One person who has had
//! two names for longer is two people here; who invited whom is in the audit table. Whoever has the host closes without anybody.

use crypto::b64::Fixed;
use crypto::day::{Day, Quarter};
use crypto::id::StaffId;
use store::{DbError, Tx, execute, fetch_all, fetch_optional, parsed, retrying};
use wire::{ClosingProposal, NotClosed};

use crate::access::invitation;
use crate::access::session::Session;
use crate::guard::audit::{self, Act, Actor};
use crate::{App, Refusal};

/// Days after its own on which a proposal is good.
const GOOD_DAYS: i32 = 1;

const GOOD: &str = "SELECT closing.period, closing.digest, closing.proposer, closing.day, closing.confirmer FROM closing
    JOIN staff ON staff.staff = closing.proposer
    WHERE closing.day >= $1 AND closing.day <= $2 AND staff.revoked = 0 ORDER BY closing.period";
const DELETE: &str = "DELETE FROM closing WHERE period = $1";
const DELETE_OLD: &str = "DELETE FROM closing WHERE day < $1";
const PROPOSE: &str = "INSERT INTO closing (period, digest, proposer, day) VALUES ($1, $2, $3, $4)";
const CONFIRM: &str = "UPDATE closing SET confirmer = $1 WHERE period = $2";
const INVITED: &str = "SELECT invited FROM staff WHERE staff = $1 AND revoked = 0";

/// A row: quarter, digest, who proposed it, on which day, who confirmed it.
type Row = (i64, Vec<u8>, Vec<u8>, i64, Option<Vec<u8>>);

/// A proposal that is good today.
struct Proposal {
    period: Quarter,
    digest: [u8; 32],
    proposer: StaffId,
    day: Day,
    confirmed: bool,
}

impl Proposal {
    fn read((period, digest, proposer, day, confirmer): Row) -> Result<Self, DbError> {
        let period = i32::try_from(period).map(Quarter::from_number);
        Ok(Self {
            period: period.ok().and_then(Result::ok).ok_or(DbError::Corrupt)?,
            digest: parsed(&digest)?,
            proposer: parsed(&proposer)?,
            day: invitation::day(day)?,
            confirmed: confirmer.is_some(),
        })
    }

    /// As somebody sees it.
    fn seen_by(&self, staff: StaffId) -> ClosingProposal {
        ClosingProposal {
            period: self.period,
            digest: Fixed(self.digest),
            day: self.day,
            until: self.day.plus(GOOD_DAYS),
            own: self.proposer == staff,
            confirmed: self.confirmed,
        }
    }
}

/// Every proposal that is good today, as the caller sees it.
///
/// # Errors
/// Database errors.
pub async fn all(app: &App, caller: &Session) -> Result<Vec<ClosingProposal>, Refusal> {
    let good = good(&mut app.store.read().await?, app.clock.today()).await?;
    Ok(good.iter().map(|one| one.seen_by(caller.staff)).collect())
}

/// Proposes to close a quarter as it was read. The same again by the same person changes nothing; another digest takes the place of an
/// earlier one.
///
/// # Errors
/// [`NotClosed::Proposed`] when another operator proposed just that.
pub async fn propose(
    app: &App,
    caller: &Session,
    period: Quarter,
    digest: [u8; 32],
) -> Result<ClosingProposal, Refusal> {
    let (staff, today) = (caller.staff, app.clock.today());
    retrying!(app.store, "propose closing", &mut app.rng(), |tx| {
        if let Some(there) = find(tx, today, period).await?
            && there.digest == digest
        {
            return match there.proposer == staff {
                true => Ok(there.seen_by(staff)),
                false => Err(NotClosed::Proposed.into()),
            };
        }
        let proposed = Proposal {
            period,
            digest,
            proposer: staff,
            day: today,
            confirmed: false,
        };
        put(tx, &proposed).await?;
        note(tx, app, staff, Act::ClosingProposed, period, &digest).await?;
        Ok(proposed.seen_by(staff))
    })
}

/// Confirms what somebody else proposed. What was confirmed already may be confirmed again, by anybody: its closing broke off and is to
/// go on.
///
/// # Errors
/// [`NotClosed::NotProposed`], [`NotClosed::Changed`] when something else was proposed, [`NotClosed::SamePerson`],
/// [`NotClosed::NewPerson`].
pub async fn confirm(
    app: &App,
    caller: &Session,
    period: Quarter,
    digest: [u8; 32],
) -> Result<(), Refusal> {
    let (staff, today) = (caller.staff, app.clock.today());
    retrying!(app.store, "confirm closing", &mut app.rng(), |tx| {
        let there = find(tx, today, period).await?;
        let there = there.ok_or(NotClosed::NotProposed)?;
        if there.digest != digest {
            return Err(NotClosed::Changed.into());
        }
        if there.confirmed {
            return Ok(());
        }
        if there.proposer == staff {
            return Err(NotClosed::SamePerson.into());
        }
        let id = &staff.as_bytes()[..];
        let row = fetch_optional!(tx, (i64,), INVITED, id)?;
        let (invited,) = row.ok_or(Refusal::Unauthorised)?;
        if invitation::day(invited)? >= there.day {
            return Err(NotClosed::NewPerson.into());
        }
        execute!(tx, CONFIRM, id, i64::from(period.number()))?;
        note(tx, app, staff, Act::ClosingConfirmed, period, &digest).await?;
        Ok(())
    })
}

/// Forgets the proposal of a quarter: it is closed, or nobody agreed to what would be published now.
///
/// # Errors
/// Database errors.
pub async fn forget(app: &App, period: Quarter) -> Result<(), Refusal> {
    let number = i64::from(period.number());
    retrying!(app.store, "forget closing", &mut app.rng(), |tx| {
        execute!(tx, DELETE, number)?;
        Ok(())
    })
}

async fn good(tx: &mut Tx, today: Day) -> Result<Vec<Proposal>, DbError> {
    let first = i64::from(today.plus(-GOOD_DAYS).number());
    let rows = fetch_all!(tx, Row, GOOD, first, i64::from(today.number()))?;
    rows.into_iter().map(Proposal::read).collect()
}

async fn find(tx: &mut Tx, today: Day, period: Quarter) -> Result<Option<Proposal>, DbError> {
    let all = good(tx, today).await?;
    Ok(all.into_iter().find(|one| one.period == period))
}

/// Writes a proposal in the place of an earlier one of its quarter, and forgets those that are over.
async fn put(tx: &mut Tx, one: &Proposal) -> Result<(), DbError> {
    let (period, day) = (i64::from(one.period.number()), i64::from(one.day.number()));
    execute!(tx, DELETE, period)?;
    execute!(tx, DELETE_OLD, day - i64::from(GOOD_DAYS))?;
    let proposer = &one.proposer.as_bytes()[..];
    execute!(tx, PROPOSE, period, &one.digest[..], proposer, day)?;
    Ok(())
}

async fn note(
    tx: &mut Tx,
    app: &App,
    staff: StaffId,
    act: Act,
    period: Quarter,
    digest: &[u8; 32],
) -> Result<(), DbError> {
    let subject = format!("{period} {}", crypto::hex::encode(digest));
    audit::note(tx, app, Actor::Staff(staff), act, &subject).await
}
