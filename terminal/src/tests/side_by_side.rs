//! Calls that run side by side: as many as the transport takes, each answer in its place.

use super::{activate, activate_many, enrol, newest, password, run, today};
use crate::answer::Answer;
use crate::calls::NewEnvelope;
use crate::error::Error;
use crate::local::Local;
use crate::present::Context;
use crate::session::Session;
use crate::testing::Fake;
use crate::transport::{Request, Transport};
use crate::{calls, issue, login};
use crypto::card::Card;
use crypto::day::Month;
use crypto::envelope::{EnvelopeKeys, IdentitySecret};
use crypto::request::SIZE;
use crypto::rng::Random;
use crypto::secret::Secret;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context as Polling, Poll};

/// Most requests under way at once.
const PARALLEL: usize = 3;

/// A way to the server on which the first of those under way come back last. It holds what no thread may share.
#[derive(Clone)]
struct Slow {
    fake: Arc<Fake>,
    under_way: Rc<Cell<usize>>,
    most: Rc<Cell<usize>>,
}

/// Ready at the n-th time of asking.
struct Turns(usize);

impl Future for Turns {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, polling: &mut Polling<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        polling.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Transport for Slow {
    async fn exchange(&self, request: Request) -> Result<Answer, Error> {
        let already = self.under_way.get();
        self.under_way.set(already + 1);
        self.most.set(self.most.get().max(already + 1));
        Turns(7 * (PARALLEL - already.min(PARALLEL))).await;
        let answer = self.fake.exchange(request).await;
        self.under_way.set(self.under_way.get() - 1);
        answer
    }

    fn parallel(&self) -> usize {
        PARALLEL
    }
}

async fn sign_in(fake: &Arc<Fake>, rng: &mut Random) -> (Slow, Session<Slow>) {
    let handle = "staff.one".parse().unwrap();
    let enrolled = enrol(fake, &fake.invitation(), &handle, rng).await;
    let mut device = enrolled.unwrap().device;
    let slow = Slow {
        fake: Arc::clone(fake),
        under_way: Rc::default(),
        most: Rc::default(),
    };
    let door = device.door();
    let begun = login::begin(&slow, &door, &handle, &password(), rng).await;
    let proved = begun.unwrap().prove(rng).unwrap();
    let session = proved.finish(slow.clone(), &mut device, today()).await;
    (slow, session.unwrap())
}

#[test]
#[allow(clippy::too_many_lines)]
fn answers_keep_their_order_and_the_limit_holds() {
    run(async {
        let mut rng = Random::seeded([4; 32]);
        let fake = Fake::new(&mut rng);
        let (slow, session) = sign_in(&fake, &mut rng).await;
        let expiry = Month::of(today()).plus(24);
        let cards = issue::issue(&session, 9, expiry, &mut rng).await.unwrap();
        let texts: Vec<String> = cards.iter().map(Card::to_text).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let list = newest(&session).await;
        let local = Local::default();
        let context = Context {
            status: Some(&list),
            roster: &local.roster,
            today: today(),
            seconds: 0,
            locker: false,
            withdrawals: &local.withdrawals,
        };
        // Two of the nine are in use: theirs, and only theirs, are refused.
        for taken in [2, 5] {
            activate(&session, texts[taken], &context, &mut rng)
                .await
                .unwrap();
        }
        let all = activate_many(&session, &texts, &context, &mut rng).await;
        let refused: Vec<usize> = all
            .unwrap()
            .iter()
            .enumerate()
            .filter(|(_, one)| matches!(one, Err(Error::AlreadyActive)))
            .map(|(at, _)| at)
            .collect();
        assert_eq!(refused, [2, 5]);
        assert_eq!(slow.most.get(), PARALLEL);
        assert_eq!(fake.inner().envelopes.len(), texts.len());
    });
}

/// Each takes its number when its turn comes, not when all of them are asked for.
#[test]
fn more_calls_than_the_window_holds_pass_side_by_side() {
    run(async {
        let mut rng = Random::seeded([5; 32]);
        let fake = Fake::new(&mut rng);
        let (slow, session) = sign_in(&fake, &mut rng).await;
        let mut new = Vec::new();
        for _ in 0..3 * SIZE {
            let keys = EnvelopeKeys::derive(&Secret::random(&mut rng));
            let secret = IdentitySecret::random(&mut rng);
            new.push(NewEnvelope::seal(&keys, &secret, None, &mut rng).unwrap());
        }
        let new: Vec<&NewEnvelope> = new.iter().collect();
        let done = calls::put_envelopes(&session, &new).await;
        assert!(done.len() == new.len() && done.iter().all(Result::is_ok));
        assert_eq!(slow.most.get(), PARALLEL);
    });
}
