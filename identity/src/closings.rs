//! Closing a quarter takes two operators: one proposes what was read, another confirms just that.
//!
//! **Model.** A proposal names a quarter and the digest of what would be published and spent; it is good on its day and the next, as long
//! as its proposer is an operator. Confirming names the same digest, so that nobody agrees to what they did not read. Whoever proposed it
//! cannot confirm it, at whatever device. Both must have registered, by the service's own clock, before the last day of the quarter:
//! else one operator would invite the second, or be invited to be it. A confirmation counts once more only for a closing that has
//! begun, and only as long as the confirmer is an operator. Any operator takes a proposal back. All acts are in the audit table; the
//! proposal itself goes when the quarter is closed.
//!
//! **Limits.** This room knows a digest, not what it stands for: whoever asks compares it with the statistics role. One person who has had
//! two names for longer is two people here; who invited whom is in the audit table. Whoever has the host closes without anybody.

use crypto::b64::Fixed;
use crypto::day::{Day, Quarter};
use crypto::id::StaffId;
use store::{DbError, Tx, execute, fetch_all, fetch_optional, parsed, retrying};
use wire::{ClosingProposal, NotClosed};

use crate::access::handle::Handle;
use crate::access::invitation;
use crate::access::session::Session;
use crate::guard::audit::{self, Act, Actor};
use crate::pen::Phase;
use crate::{App, Refusal};

/// Days after its own on which a proposal is good.
const GOOD_DAYS: i32 = 1;

const GOOD: &str = "SELECT closing.period, closing.digest, closing.proposer, closing.day, staff.handle_sealed, staff.registered,
    CASE WHEN other.staff IS NULL THEN 0 ELSE 1 END FROM closing
    JOIN staff ON staff.staff = closing.proposer
    LEFT JOIN staff other ON other.staff = closing.confirmer AND other.revoked = 0
    WHERE closing.day >= $1 AND closing.day <= $2 AND staff.revoked = 0 ORDER BY closing.period";
const DELETE: &str = "DELETE FROM closing WHERE period = $1";
const DELETE_OTHER: &str = "DELETE FROM closing WHERE period = $1 AND digest <> $2";
const DELETE_OLD: &str = "DELETE FROM closing WHERE day < $1";
const PROPOSE: &str = "INSERT INTO closing (period, digest, proposer, day) VALUES ($1, $2, $3, $4)";
const CONFIRM: &str = "UPDATE closing SET confirmer = $1 WHERE period = $2";
const REGISTERED: &str = "SELECT registered FROM staff WHERE staff = $1 AND revoked = 0";

/// A row: quarter, digest, who proposed it, on which day, their sealed name, the day they registered, whether an operator confirmed it.
type Row = (i64, Vec<u8>, Vec<u8>, i64, Vec<u8>, Option<i64>, i32);

/// A proposal that is good today.
struct Proposal {
    period: Quarter,
    digest: [u8; 32],
    proposer: StaffId,
    day: Day,
    handle: Vec<u8>,
    registered: Day,
    confirmed: bool,
}

impl Proposal {
    fn read(
        (period, digest, proposer, day, handle, registered, confirmed): Row,
    ) -> Result<Self, DbError> {
        let period = i32::try_from(period).map(Quarter::from_number);
        Ok(Self {
            period: period.ok().and_then(Result::ok).ok_or(DbError::Corrupt)?,
            digest: parsed(&digest)?,
            proposer: parsed(&proposer)?,
            day: invitation::day(day)?,
            handle,
            registered: invitation::day(registered.ok_or(DbError::Corrupt)?)?,
            confirmed: confirmed == 1,
        })
    }

    /// As somebody sees it.
    fn seen_by(&self, app: &App, staff: StaffId) -> ClosingProposal {
        ClosingProposal {
            period: self.period,
            digest: Fixed(self.digest),
            day: self.day,
            until: self.day.plus(GOOD_DAYS),
            proposer: Handle::open(app, &self.proposer, &self.handle),
            registered: self.registered,
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
    Ok(good
        .iter()
        .map(|one| one.seen_by(app, caller.staff))
        .collect())
}

/// Proposes to close a quarter as it was read. The same again by the same person changes nothing; another digest takes the place of an
/// earlier one.
///
/// # Errors
/// [`NotClosed::NewPerson`]; [`NotClosed::Proposed`] when another operator proposed just that.
pub async fn propose(
    app: &App,
    caller: &Session,
    period: Quarter,
    digest: [u8; 32],
) -> Result<ClosingProposal, Refusal> {
    let (staff, today) = (caller.staff, app.clock.today());
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "propose closing", &mut app.rng(), |tx| {
        was_there(tx, staff, period).await?;
        if let Some(there) = find(tx, today, period).await?
            && there.digest == digest
        {
            return match there.proposer == staff {
                true => Ok(there.seen_by(app, staff)),
                false => Err(NotClosed::Proposed.into()),
            };
        }
        put(tx, period, &digest, staff, today).await?;
        note(tx, app, staff, Act::ClosingProposed, period, &digest).await?;
        let there = find(tx, today, period).await?;
        Ok(there.ok_or(Refusal::Internal)?.seen_by(app, staff))
    });
    pen.put_down().await;
    done
}

/// Confirms what somebody else proposed. What was confirmed and has `begun` may be confirmed again, by anybody: its closing broke off and
/// is to go on.
///
/// # Errors
/// [`NotClosed::NotProposed`], [`NotClosed::Changed`] when something else was proposed, [`NotClosed::SamePerson`],
/// [`NotClosed::NewPerson`] for either of the two.
pub async fn confirm(
    app: &App,
    caller: &Session,
    period: Quarter,
    digest: [u8; 32],
    begun: bool,
) -> Result<(), Refusal> {
    let (staff, today) = (caller.staff, app.clock.today());
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "confirm closing", &mut app.rng(), |tx| {
        let there = proposed(tx, today, period, &digest).await?;
        if there.confirmed && begun {
            return Ok(());
        }
        if there.proposer == staff {
            return Err(NotClosed::SamePerson.into());
        }
        was_there(tx, there.proposer, period).await?;
        was_there(tx, staff, period).await?;
        let id = &staff.as_bytes()[..];
        execute!(tx, CONFIRM, id, i64::from(period.number()))?;
        note(tx, app, staff, Act::ClosingConfirmed, period, &digest).await?;
        Ok(())
    });
    pen.put_down().await;
    done
}

/// Takes back what was proposed, whoever proposed it.
///
/// # Errors
/// [`NotClosed::NotProposed`], [`NotClosed::Changed`] when something else was proposed.
pub async fn withdraw(
    app: &App,
    caller: &Session,
    period: Quarter,
    digest: [u8; 32],
) -> Result<(), Refusal> {
    let (staff, today) = (caller.staff, app.clock.today());
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "withdraw closing", &mut app.rng(), |tx| {
        proposed(tx, today, period, &digest).await?;
        execute!(tx, DELETE, i64::from(period.number()))?;
        note(tx, app, staff, Act::ClosingWithdrawn, period, &digest).await?;
        Ok(())
    });
    pen.put_down().await;
    done
}

/// Takes a confirmation back of which nothing came: the closing did not begin.
///
/// # Errors
/// Database errors.
pub async fn unconfirm(app: &App, period: Quarter) -> Result<(), Refusal> {
    let (nobody, number) = (None::<&[u8]>, i64::from(period.number()));
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "unconfirm closing", &mut app.rng(), |tx| {
        execute!(tx, CONFIRM, nobody, number)?;
        Ok(())
    });
    pen.put_down().await;
    done
}

/// Forgets the proposal of a quarter that is closed.
///
/// # Errors
/// Database errors.
pub async fn forget(app: &App, period: Quarter) -> Result<(), Refusal> {
    let number = i64::from(period.number());
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "forget closing", &mut app.rng(), |tx| {
        execute!(tx, DELETE, number)?;
        Ok(())
    });
    pen.put_down().await;
    done
}

/// Forgets a proposal of another digest than what would be published now: nobody agreed to that.
///
/// # Errors
/// Database errors.
pub async fn forget_others(app: &App, period: Quarter, digest: &[u8; 32]) -> Result<(), Refusal> {
    let number = i64::from(period.number());
    let pen = app.pen.take(Phase::Counts).await;
    let done = retrying!(app.store, "forget closing", &mut app.rng(), |tx| {
        execute!(tx, DELETE_OTHER, number, &digest[..])?;
        Ok(())
    });
    pen.put_down().await;
    done
}

/// Passes whoever registered, by the service's own clock, before the last day of the quarter.
async fn was_there(tx: &mut Tx, staff: StaffId, period: Quarter) -> Result<(), Refusal> {
    let row = fetch_optional!(tx, (Option<i64>,), REGISTERED, &staff.as_bytes()[..])?;
    let (registered,) = row.ok_or(Refusal::Unauthorised)?;
    match registered.map(invitation::day).transpose()? {
        Some(day) if day < period.last_day() => Ok(()),
        _ => Err(NotClosed::NewPerson.into()),
    }
}

/// The proposal of a quarter, if it is just that.
async fn proposed(
    tx: &mut Tx,
    today: Day,
    period: Quarter,
    digest: &[u8; 32],
) -> Result<Proposal, Refusal> {
    let there = find(tx, today, period).await?;
    let there = there.ok_or(NotClosed::NotProposed)?;
    match there.digest == *digest {
        true => Ok(there),
        false => Err(NotClosed::Changed.into()),
    }
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
async fn put(
    tx: &mut Tx,
    period: Quarter,
    digest: &[u8; 32],
    proposer: StaffId,
    today: Day,
) -> Result<(), DbError> {
    let (period, day) = (i64::from(period.number()), i64::from(today.number()));
    execute!(tx, DELETE, period)?;
    execute!(tx, DELETE_OLD, day - i64::from(GOOD_DAYS))?;
    execute!(
        tx,
        PROPOSE,
        period,
        &digest[..],
        &proposer.as_bytes()[..],
        day
    )?;
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
