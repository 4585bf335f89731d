//! Binding visits that waited for a network to their clients: what [`crate::later`] keeps is presented and recorded.

use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::issue;
use crate::later::{Obstacle, Visit};
use crate::local::Local;
use crate::present::{self, Context, Outcome, Person};
use crate::session::Session;
use crate::transport::Transport;
use crypto::day::Day;
use crypto::rng::Rng;
use crypto::status::CheckedStatusList;

/// What binding needs besides the session.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    /// The signed status list, when the terminal holds one.
    pub status: Option<&'a CheckedStatusList>,
    /// Today's programme day.
    pub today: Day,
    /// Seconds of a clock that only runs forward.
    pub seconds: u64,
}

impl Local {
    /// Presents the cards of visits that wait and records what was done; returns how
    /// many found their client. Save afterwards, then send.
    ///
    /// # Errors
    /// Transport errors; what was bound stays bound, the rest waits.
    pub async fn bind<R: Rng>(
        &mut self,
        session: &Session<impl Transport>,
        now: &Now<'_>,
        envelopes: &mut Envelopes,
        rng: &mut R,
    ) -> Result<usize, Error> {
        let open = self
            .later
            .visits()
            .filter(|visit| visit.obstacle().is_none());
        let open: Vec<Visit> = open.cloned().collect();
        let mut bound = 0;
        for visit in open {
            match self.whose(session, &visit, now, envelopes, rng).await? {
                Ok(person) => {
                    bound += usize::from(self.settle(session, &visit, &person, rng)?);
                }
                Err(obstacle) => self.later.set_aside(&visit.id(), obstacle),
            }
        }
        Ok(bound)
    }

    /// The client of a visit. A new client's blank may have come to life in a try that was broken off: so it is
    /// presented before it is brought to life.
    async fn whose<R: Rng>(
        &self,
        session: &Session<impl Transport>,
        visit: &Visit,
        now: &Now<'_>,
        envelopes: &mut Envelopes,
        rng: &mut R,
    ) -> Result<Result<Person, Obstacle>, Error> {
        let context = Context {
            status: now.status,
            roster: &self.roster,
            today: now.today,
            seconds: now.seconds,
            locker: false,
            withdrawals: &self.withdrawals,
        };
        let card = visit.card();
        let met = present::present(session, card, &context, envelopes, rng).await?;
        match met.outcome {
            Outcome::Person(person) => Ok(Ok(*person)),
            Outcome::Refused => Ok(Err(Obstacle::Refused)),
            Outcome::Superseded => Ok(Err(Obstacle::Superseded)),
            Outcome::NotActive if visit.first() => {
                let made = issue::activate(session, card, &context, envelopes, rng).await;
                match made {
                    Ok(person) => Ok(Ok(person)),
                    Err(Error::Card | Error::AlreadyActive) => Ok(Err(Obstacle::Refused)),
                    Err(error) => Err(error),
                }
            }
            Outcome::NotActive => Ok(Err(Obstacle::NotActive)),
        }
    }

    /// Records a visit for its client: all of it, or nothing.
    fn settle(
        &mut self,
        session: &Session<impl Transport>,
        visit: &Visit,
        person: &Person,
        rng: &mut impl Rng,
    ) -> Result<bool, Error> {
        let mut done = Vec::with_capacity(visit.events().len());
        for event in visit.events() {
            match self.take_down(session, person, event, rng) {
                Ok(id) => done.push(id),
                Err(Error::Value) => {
                    for id in done {
                        self.take_back(&id);
                    }
                    self.later.set_aside(&visit.id(), Obstacle::Value);
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        self.later.delete(&visit.id());
        Ok(true)
    }
}
