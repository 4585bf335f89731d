//! Counts of a day, in the database so that a restart does not reset them.
//!
//! Whose a count is stands there as a keyed tag: a disk without the key file tells no terminal and no provider. No row
//! says when within the day, and rows older than a month are deleted (`forget.rs`). Frequent acts are reserved ahead (`reserve.rs`), rare
//! ones counted exactly, before they are done (`caps.rs`).

use std::collections::HashMap;

use crypto::day::Day;
use crypto::secret::Secret;
use crypto::{digest, label};
use sqlx::QueryBuilder;
use store::{DbError, Tx, fetch_all, fetch_one, on, parsed};

use crate::Refusal;
use crate::error::DAY_WAIT;
use crate::keys::IdentityKeys;

/// The programme's key among those who are counted; random ids are never this.
pub(super) const PROGRAMME: [u8; 16] = [0; 16];
/// Days for which a count says something.
pub(super) const CARRIED: i32 = 30;
/// Rows of one statement.
const ROWS: usize = 64;
const TAKE: &str = "INSERT INTO allowance (day, whose, what, taken) VALUES ($1, $2, $3, $4)
    ON CONFLICT (day, whose, what) DO UPDATE SET taken = allowance.taken + $4 RETURNING taken";
const KNOWN: &str = "SELECT whose, day, what, taken, cap FROM allowance WHERE day > $1";

/// A count to add: day, whose, what, how many.
pub(super) type Row = (Day, [u8; 16], &'static str, u32);

/// A count as it is stored.
pub(super) struct Counted {
    pub(super) day: Day,
    pub(super) what: String,
    pub(super) taken: i64,
    /// What a provider may take on that day, where an operator raised it.
    pub(super) cap: Option<i64>,
}

type Columns = (Vec<u8>, i64, String, i64, Option<i64>);

/// Under what somebody's counts stand.
pub(crate) struct CountTags(Secret<32>);

impl CountTags {
    pub(crate) fn new(keys: &IdentityKeys) -> Self {
        let key = digest::derive_secret(label::IDENTITY_COUNT_TAG, keys.sealing.expose());
        Self(key)
    }

    /// Of a terminal, a provider or the programme.
    pub(crate) fn of(&self, whose: &[u8; 16]) -> [u8; 16] {
        let mut tag = [0; 16];
        tag.copy_from_slice(&digest::keyed(self.0.expose(), whose)[..16]);
        tag
    }
}

/// Refuses what goes beyond a terminal's limit.
pub(super) fn within(taken: i64, limit: i64) -> Result<(), Refusal> {
    let wait = Refusal::Limit {
        retry_after: DAY_WAIT,
    };
    (taken <= limit).then_some(()).ok_or(wait)
}

/// Counts for somebody: a terminal, a provider, or the programme. Answers how many there are then.
pub(super) async fn count(
    tx: &mut Tx,
    day: Day,
    whose: &[u8; 16],
    what: &str,
    amount: u32,
) -> Result<i64, DbError> {
    let (day, amount) = (i64::from(day.number()), i64::from(amount));
    let (taken,): (i64,) = fetch_one!(tx, (i64,), TAKE, day, &whose[..], what, amount)?;
    Ok(taken)
}

/// Adds many counts, in the order of their tags.
pub(super) async fn add(tx: &mut Tx, rows: &[Row]) -> Result<(), DbError> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_unstable();
    for chunk in rows.chunks(ROWS) {
        on!(tx, |t| {
            let mut query = QueryBuilder::new("INSERT INTO allowance (day, whose, what, taken) ");
            query.push_values(chunk, |mut row, (day, whose, what, amount)| {
                row.push_bind(i64::from(day.number()))
                    .push_bind(whose.to_vec())
                    .push_bind(*what)
                    .push_bind(i64::from(*amount));
            });
            query.push(
                " ON CONFLICT (day, whose, what) DO UPDATE SET taken = allowance.taken + excluded.taken",
            );
            query.build().execute(&mut **t).await.map(drop)
        })?;
    }
    Ok(())
}

/// Every count of the last [`CARRIED`] days.
pub(super) async fn known(
    tx: &mut Tx,
    today: Day,
) -> Result<HashMap<[u8; 16], Vec<Counted>>, DbError> {
    let after = i64::from(today.number() - CARRIED);
    let mut known: HashMap<_, Vec<Counted>> = HashMap::new();
    for (whose, day, what, taken, cap) in fetch_all!(tx, Columns, KNOWN, after)? {
        let day = i32::try_from(day).map_err(|_| DbError::Corrupt)?;
        let day = Day::from_number(day).map_err(|_| DbError::Corrupt)?;
        let counted = Counted {
            day,
            what,
            taken,
            cap,
        };
        known.entry(parsed(&whose)?).or_default().push(counted);
    }
    Ok(known)
}
