//! Colleagues of a counter: invited here, and given the data key when they have come.

use crypto::day::Day;
use crypto::token::Token;
use terminal::Error;
use terminal::colleagues::{self, Compared};
use wire::Role;

use super::desk::Desk;

impl Desk {
    /// Makes an invitation of a colleague; what its holder will be known by is kept with the next save.
    ///
    /// # Errors
    /// As the terminal's own call.
    pub async fn invite(&mut self, role: Role, today: Day) -> Result<Token, Error> {
        let (session, state, rng) = self.parts();
        let place = (role, session.provider());
        colleagues::invite(session, place, &mut state.local.invited, today, rng).await
    }

    /// Gives the data key to everybody who came with an invitation of this counter and waits; how many.
    ///
    /// # Errors
    /// As the terminal's own calls.
    pub async fn admit_invited(&mut self, today: Day) -> Result<usize, Error> {
        let (session, state, rng) = self.parts();
        let local = &mut state.local;
        let mut admitted = 0;
        for colleague in colleagues::pending(session, local).await? {
            let compared = Compared::by_invitation(session, &mut local.invited, &colleague);
            if let Ok(compared) = compared {
                colleagues::admit(session, local, &compared, today, rng).await?;
                admitted += 1;
            }
        }
        Ok(admitted)
    }
}
