//! Whoever ends TLS in between: sees all, can withhold, repeat, alter, exchange and invent. A terminal believes none of it.

use super::{activate, enrol, newest, password, run, today};
use crate::answer::Answer;
use crate::envelopes::Envelopes;
use crate::error::Error;
use crate::local::Local;
use crate::present::Context;
use crate::session::Session;
use crate::testing::Fake;
use crate::transport::{Request, Transport};
use crate::{calls, issue, login, replace};
use crypto::card::Card;
use crypto::day::Month;
use crypto::request::Mac;
use crypto::rng::Random;
use crypto::status::CheckedStatusList;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use wire::problem::PROBLEM_PREFIX;

/// What is done with a request on its way; `None` withholds the answer.
type Trick = Box<dyn FnMut(&Fake, Request) -> Option<Answer>>;

#[derive(Clone)]
struct Between {
    fake: Arc<Fake>,
    trick: Rc<RefCell<Trick>>,
}

impl Transport for Between {
    async fn exchange(&self, request: Request) -> Result<Answer, Error> {
        let mut trick = self.trick.borrow_mut();
        trick(&self.fake, request).ok_or(Error::Network)
    }

    fn parallel(&self) -> usize {
        4
    }
}

impl Between {
    fn plays(&self, trick: impl FnMut(&Fake, Request) -> Option<Answer> + 'static) {
        *self.trick.borrow_mut() = Box::new(trick);
    }

    /// Lets everything pass but what the answers become.
    fn makes_of_answers(&self, mut made: impl FnMut(Answer) -> Answer + 'static) {
        self.plays(move |fake, request| Some(made(fake.pass(&request))));
    }

    fn is_honest(&self) {
        self.makes_of_answers(|answer| answer);
    }
}

/// A terminal that is signed in through somebody.
struct Scene {
    between: Between,
    device: crate::device::Device,
    session: Session<Between>,
    rng: Random,
}

impl Scene {
    async fn new() -> Self {
        let mut rng = Random::seeded([8; 32]);
        let fake = Fake::new(&mut rng);
        let handle = "staff.one".parse().unwrap();
        let enrolled = enrol(&fake, &fake.invitation(), &handle, &mut rng).await;
        let mut device = enrolled.unwrap().device;
        let between = Between {
            fake,
            trick: Rc::new(RefCell::new(Box::new(|_, _| None))),
        };
        between.is_honest();
        let session = sign_in(&between, &mut device, &mut rng).await.unwrap();
        Self {
            between,
            device,
            session,
            rng,
        }
    }

    async fn card(&mut self) -> String {
        let expiry = Month::of(today()).plus(24);
        let cards = issue::issue(&self.session, 1, expiry, &mut self.rng).await;
        cards.unwrap().first().map(Card::to_text).unwrap()
    }

    /// A call that reads.
    async fn read(&self) -> Result<wire::RosterPage, Error> {
        calls::roster(&self.session, 0, 10).await
    }
}

async fn sign_in(
    between: &Between,
    device: &mut crate::device::Device,
    rng: &mut Random,
) -> Result<Session<Between>, Error> {
    let (door, handle) = (device.door(), device.handle().clone());
    let begun = login::begin(between, &door, &handle, &password(), rng).await?;
    begun
        .prove(rng)?
        .finish(between.clone(), device, today())
        .await
}

fn context<'a>(list: &'a CheckedStatusList, local: &'a Local) -> Context<'a> {
    Context {
        status: Some(list),
        roster: &local.roster,
        today: today(),
        seconds: 0,
        locker: false,
        withdrawals: &local.withdrawals,
    }
}

fn bare(status: u16, slug: &str) -> Answer {
    let problem = wire::Problem {
        kind: format!("{PROBLEM_PREFIX}{slug}"),
        title: "made up".to_owned(),
        status,
        detail: None,
    };
    Answer {
        status,
        retry_after: Some(7),
        proof: None,
        body: serde_json::to_vec(&problem).unwrap().into(),
    }
}

const WRONG: Mac = Mac::from_bytes([9; 32]);

#[test]
fn a_success_is_believed_only_with_its_proof() {
    run(async {
        let scene = Scene::new().await;
        let tricks: [fn(Answer) -> Answer; 6] = [
            |answer| Answer {
                proof: None,
                ..answer
            },
            |answer| Answer {
                proof: Some(WRONG),
                ..answer
            },
            |answer| Answer {
                status: 201,
                ..answer
            },
            |answer| Answer {
                body: br#"{"entries":[],"next":1}"#.to_vec().into(),
                ..answer
            },
            |mut answer| {
                answer.body.push(b' ');
                answer
            },
            |answer| Answer {
                body: Vec::new().into(),
                ..answer
            },
        ];
        for (at, trick) in tricks.into_iter().enumerate() {
            scene.between.makes_of_answers(trick);
            assert!(
                matches!(scene.read().await, Err(Error::Unproven)),
                "change {at}"
            );
        }
        scene.between.is_honest();
        scene.read().await.unwrap();
    });
}

#[test]
fn answers_of_two_requests_cannot_be_exchanged() {
    run(async {
        let scene = Scene::new().await;
        let mut kept: Option<Answer> = None;
        // Everybody gets the answer to the same request before.
        scene
            .between
            .makes_of_answers(move |answer| kept.replace(answer.clone()).unwrap_or(answer));
        scene.read().await.unwrap();
        for _ in 0..3 {
            assert!(matches!(scene.read().await, Err(Error::Unproven)));
        }
        scene.between.is_honest();
        scene.read().await.unwrap();
    });
}

/// A request that is turned into another one is refused, and a log of what passed is worth nothing afterwards.
#[test]
fn what_was_sent_is_done_once_and_only_as_it_was_sent() {
    run(async {
        let scene = Scene::new().await;
        let (seen, kept) = (Rc::new(RefCell::new(Vec::new())), Rc::default());
        let (log, all): (_, Rc<RefCell<Vec<Request>>>) = (Rc::clone(&seen), Rc::clone(&kept));
        scene.between.plays(move |fake, request| {
            all.borrow_mut().push(request.clone());
            let honest = fake.pass(&request);
            // Each of them once more.
            log.borrow_mut().push(fake.pass(&request));
            Some(honest)
        });
        for _ in 0..3 {
            scene.read().await.unwrap();
        }
        assert_eq!(seen.borrow().len(), 3);
        for again in seen.borrow().iter() {
            assert_eq!((again.status, again.proof), (409, None));
        }
        scene.between.plays(|fake, mut request| {
            request.path = request.path.replace("limit=10", "limit=11");
            Some(fake.pass(&request))
        });
        assert!(matches!(scene.read().await, Err(Error::NotSignedIn)));
        let (between, kept) = (scene.between, kept.take());
        between.is_honest();
        scene.session.logout().await.unwrap();
        for request in &kept {
            let again = between.fake.pass(request);
            assert_eq!((again.status, again.proof), (401, None));
        }
    });
}

/// "Somebody else's" is acted upon: the blank is thrown away.
#[test]
fn a_refusal_that_is_acted_upon_needs_its_proof_too() {
    run(async {
        let mut scene = Scene::new().await;
        let card = scene.card().await;
        let list = newest(&scene.session).await;
        let mut local = Local::default();
        local.sync(&scene.session).await.unwrap();
        let context = context(&list, &local);
        let rng = &mut scene.rng;
        scene.between.plays(|fake, request| {
            let answer = fake.pass(&request);
            let puts = request.method == wire::Method::Put;
            Some(if puts { bare(409, "conflict") } else { answer })
        });
        let refused = activate(&scene.session, &card, &context, rng).await;
        assert!(matches!(refused, Err(Error::Unproven)));
        assert_eq!(local.withdrawals.waiting(), 0);
        scene.between.is_honest();
        let refused = activate(&scene.session, &card, &context, rng).await;
        assert!(matches!(refused, Err(Error::AlreadyActive)), "it was done");
        assert_eq!(local.withdrawals.waiting(), 1);
    });
}

/// "Deleted already" is acted upon: the card is withdrawn.
#[test]
fn an_end_that_is_not_proved_withdraws_nothing() {
    run(async {
        let mut scene = Scene::new().await;
        let card = scene.card().await;
        let list = newest(&scene.session).await;
        let local = Local::default();
        let context = context(&list, &local);
        let (kept, rng) = (&mut Envelopes::default(), &mut scene.rng);
        let alive = activate(&scene.session, &card, &context, rng).await;
        drop(alive.unwrap());
        scene.between.plays(|fake, request| {
            let deletes = request.method == wire::Method::Delete;
            let missing = || bare(404, "not-found");
            Some(if deletes {
                missing()
            } else {
                fake.pass(&request)
            })
        });
        let refused = replace::kill(&scene.session, &card, &context, kept, rng).await;
        assert!(matches!(refused, Err(Error::Unproven)));
        let fake = Arc::clone(&scene.between.fake);
        assert!(fake.inner().revoked.is_empty());
        assert_eq!(fake.inner().envelopes.len(), 1);
        scene.between.is_honest();
        // The second time "there is no such thing", and this is proved.
        for _ in 0..2 {
            let killed = replace::kill(&scene.session, &card, &context, kept, rng).await;
            killed.unwrap();
            assert!(fake.inner().envelopes.is_empty());
            assert_eq!(fake.inner().revoked.len(), 1);
        }
    });
}

#[test]
fn a_failure_needs_no_proof_and_says_nothing_else() {
    run(async {
        let scene = Scene::new().await;
        let between = &scene.between;
        let said = async |answer: Answer| {
            between.makes_of_answers(move |_| answer.clone());
            scene.read().await.unwrap_err()
        };
        for slug in ["unauthorised", "invitation", "handle-taken"] {
            let error = said(bare(401, slug)).await;
            assert!(matches!(error, Error::NotSignedIn), "{slug}");
            let error = said(bare(429, slug)).await;
            assert_eq!(error.retry_after().unwrap().as_secs(), 7, "{slug}");
            for status in [413, 500, 502, 503, 504] {
                let error = said(bare(status, slug)).await;
                assert!(
                    matches!(&error, Error::Refused { status: told, kind } if *told == status && kind.slug().is_none()),
                    "{status} {slug}"
                );
            }
        }
        for status in [
            200, 204, 301, 304, 307, 400, 403, 404, 405, 408, 409, 418, 422,
        ] {
            let error = said(bare(status, "conflict")).await;
            assert!(matches!(error, Error::Unproven), "{status}");
        }
        // Who gives a proof must give the right one, whatever it says.
        for status in [200, 401, 404, 413, 429, 503] {
            let answer = Answer {
                proof: Some(WRONG),
                ..bare(status, "limit")
            };
            assert!(matches!(said(answer).await, Error::Unproven), "{status}");
        }
    });
}

#[test]
fn after_a_lost_answer_it_is_asked_again_under_the_next_number() {
    run(async {
        let mut scene = Scene::new().await;
        let card = scene.card().await;
        let list = newest(&scene.session).await;
        let local = Local::default();
        let context = context(&list, &local);
        let seen: Rc<RefCell<Vec<Request>>> = Rc::default();
        let (log, mut lost) = (Rc::clone(&seen), 0);
        scene.between.plays(move |fake, request| {
            let answer = fake.pass(&request);
            let puts = request.method == wire::Method::Put;
            log.borrow_mut().push(request);
            // Two answers to a put are lost, the third arrives.
            lost += usize::from(puts);
            (!puts || lost > 2).then_some(answer)
        });
        activate(&scene.session, &card, &context, &mut scene.rng)
            .await
            .unwrap();
        let seen = seen.borrow();
        let puts: Vec<&Request> = seen
            .iter()
            .filter(|request| request.method == wire::Method::Put)
            .collect();
        assert_eq!(puts.len(), 3);
        assert!(puts.iter().all(|put| put.body == puts[0].body));
        let numbers: Vec<u64> = seen.iter().map(|it| it.proof.unwrap().number).collect();
        // Blanks and status list were the first two.
        let expected: Vec<u64> = (3..).take(numbers.len()).collect();
        assert_eq!(numbers, expected);
        assert_eq!(scene.between.fake.inner().envelopes.len(), 1);
    });
}

type Change = Box<dyn FnMut(Answer) -> Answer>;

/// Another value of a field, where the answer has it.
fn alter(field: &'static str, value: &'static str) -> Change {
    Box::new(move |answer: Answer| {
        let mut said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        if said.get(field).is_some() {
            said[field] = value.into();
        }
        Answer {
            body: serde_json::to_vec(&said).unwrap().into(),
            ..answer
        }
    })
}

/// What may be done to the last answer of a log-in.
fn changes() -> [Change; 6] {
    [
        alter("role", "operator"),
        alter("session", "00000000000000000000000000000009"),
        alter("staff", "00000000000000000000000000000009"),
        alter("provider", "00000000000000000000000000000009"),
        Box::new(|answer: Answer| Answer {
            proof: None,
            ..answer
        }),
        Box::new(|answer: Answer| Answer {
            proof: answer.proof.map(|_| WRONG),
            ..answer
        }),
    ]
}

#[test]
fn a_log_in_is_believed_only_with_its_proof() {
    run(async {
        let mut scene = Scene::new().await;
        let before = scene.device.trust().mark();
        scene.between.fake.renew();
        for (at, mut change) in changes().into_iter().enumerate() {
            scene.between.plays(move |fake, request| {
                let ends = request.path == "/v1/login/finish";
                let answer = fake.pass(&request);
                Some(if ends { change(answer) } else { answer })
            });
            let refused = sign_in(&scene.between, &mut scene.device, &mut scene.rng).await;
            assert!(matches!(refused, Err(Error::Unproven)), "change {at}");
            assert_eq!(
                scene.device.trust().mark(),
                before,
                "nothing was taken over"
            );
        }
        scene.between.is_honest();
        sign_in(&scene.between, &mut scene.device, &mut scene.rng)
            .await
            .unwrap();
        assert_eq!(scene.device.trust().mark().length, before.length + 1);
    });
}

/// What a relay holds of one log-in ends no other one.
#[test]
fn the_end_of_one_log_in_is_none_of_another() {
    run(async {
        let mut scene = Scene::new().await;
        let kept: Rc<RefCell<Option<Vec<u8>>>> = Rc::default();
        let first = Rc::clone(&kept);
        scene.between.plays(move |fake, request| {
            if request.path == "/v1/login/finish" {
                *first.borrow_mut() = request.body.as_ref().map(|body| body.to_vec());
                return None;
            }
            Some(fake.pass(&request))
        });
        let lost = sign_in(&scene.between, &mut scene.device, &mut scene.rng).await;
        assert!(matches!(lost, Err(Error::Network)));
        let old: wire::LoginFinish = serde_json::from_slice(&kept.take().unwrap()).unwrap();
        // The signature of the first run in the place of the second's.
        scene.between.plays(move |fake, mut request| {
            if request.path == "/v1/login/finish" {
                let mut body: wire::LoginFinish =
                    serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
                body.signature = old.signature;
                request.body = Some(serde_json::to_vec(&body).unwrap().into());
            }
            Some(fake.pass(&request))
        });
        let refused = sign_in(&scene.between, &mut scene.device, &mut scene.rng).await;
        assert!(matches!(refused, Err(Error::NotSignedIn)));
    });
}
