#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::too_many_lines
)]
//! One honest flow over real HTTP and a real file: what the flows of `terminal` cannot show.

use crate::sign_in::{login, register, sign_in};
use crate::{Connection, Options, Session, StateFile};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use crypto::card::Card;
use crypto::day::Month;
use crypto::report::Kind;
use crypto::rng::Random;
use std::sync::Arc;
use tempfile::TempDir;
use terminal::envelopes::Envelopes;
use terminal::error::{Error, StateError};
use terminal::issue;
use terminal::local::Local;
use terminal::present::{Context, present, present_many};
use terminal::replace::{self, Reason, Replacement};
use terminal::report::Event;
use terminal::state::{Closed, Open};
use terminal::testing::{Fake, Sent, today};
use wire::typed::Chosen;

fn password() -> Chosen {
    Chosen::parse("four plain words here").unwrap()
}

async fn handle(
    State(fake): State<Arc<Fake>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let header = headers.get(wire::REQUEST_HEADER);
    let text = header.and_then(|value| value.to_str().ok());
    let answer = fake.handle(&Sent {
        method: method.as_str(),
        target: uri.path_and_query().unwrap().as_str(),
        proof: text.and_then(|text| text.parse().ok()),
        body: &body,
    });
    let status = StatusCode::from_u16(answer.status).unwrap();
    let mut response = (status, answer.body.to_vec()).into_response();
    if let Some(mac) = &answer.proof {
        let text = wire::proof::mac_text(mac).parse().unwrap();
        response.headers_mut().insert(wire::ANSWER_HEADER, text);
    }
    response
}

async fn serve(fake: &Arc<Fake>) -> Connection {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(handle).with_state(Arc::clone(fake));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Connection::open(&base, &Options::default()).unwrap()
}

fn file(folder: &TempDir) -> StateFile {
    StateFile::new(folder.path().join("one.terminal"))
}

fn event() -> Event {
    Event {
        site: "medan/a".parse().unwrap(),
        service: "art".parse().unwrap(),
        kind: Kind::Enrolled,
        day: today(),
        covered_until: None,
        group: None,
        quantity: None,
        consent: true,
    }
}

#[tokio::test]
async fn a_state_file_opens_by_signing_in_and_keeps_the_queue() {
    let mut rng = Random::seeded([9; 32]);
    let fake = Fake::new(&mut rng);
    let connection = serve(&fake).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, name) = (file(&folder), "staff.one".parse().unwrap());
    let mut enrolled = register(
        &connection,
        &fake.invitation(),
        &name,
        &password(),
        &"desk".parse().unwrap(),
        today(),
        &mut rng,
    )
    .await
    .unwrap();
    let session = login(
        &connection,
        &mut enrolled.device,
        password().entered(),
        today(),
        &mut rng,
    )
    .await
    .unwrap();
    let (device, key) = (enrolled.device, enrolled.state_key);
    let mut open = Open::create(&file, device, &key, &mut rng).await.unwrap();

    let expiry = Month::of(today()).plus(24);
    let cards = issue::issue(&session, 1, expiry, &mut rng).await.unwrap();
    let list = open.local.refresh(&session, today()).await.unwrap();
    let context = Context {
        status: Some(&list),
        roster: &open.local.roster,
        today: today(),
        seconds: 0,
        locker: true,
        withdrawals: &open.local.withdrawals,
    };
    let card = cards.first().map(Card::to_text).unwrap();
    let kept = &mut open.envelopes;
    let person = issue::activate(&session, &card, &context, kept, &mut rng)
        .await
        .unwrap();
    open.local
        .record(&session, &person, &event(), &mut rng)
        .unwrap();
    open.save(&file, &mut rng).await.unwrap();
    open.envelopes.sync(&session, 0).await.unwrap();
    let beside = file.envelopes();
    open.save_envelopes(&beside, &mut rng).await.unwrap();
    drop(open);

    let (session, mut open) = sign_in(
        &connection,
        &file,
        &name,
        password().entered(),
        today(),
        &mut rng,
    )
    .await
    .unwrap();
    assert_eq!(open.local.waiting(), (1, 1));
    open.load_envelopes(&beside).await.unwrap();
    assert_eq!(open.envelopes.len(), 1);
    let again = open.envelopes.sync(&session, 0).await.unwrap();
    assert_eq!(again.buckets, 0, "it was kept");
    // A file that does not open is as good as none.
    std::fs::write(folder.path().join("one.envelopes"), b"anything").unwrap();
    open.load_envelopes(&beside).await.unwrap();
    assert!(open.envelopes.is_empty());
    assert!(open.local.roster.knows(person.pseudonym()));
    let taken = open.local.refresh(&session, today()).await;
    taken.unwrap();
    assert_eq!(open.local.sync(&session).await.unwrap().sent, 2);
    assert!(Closed::load(&file).await.is_ok());
    let kept = open.local.status.open(session.bundle()).unwrap();
    assert_eq!(kept.issued(), today());
    session.logout().await.unwrap();
}

#[tokio::test]
async fn a_file_is_never_overwritten_by_a_new_enrolment() {
    let mut rng = Random::seeded([3; 32]);
    let fake = Fake::new(&mut rng);
    let connection = serve(&fake).await;
    let folder = tempfile::tempdir().unwrap();
    let (file, name) = (file(&folder), "staff.one".parse().unwrap());
    let enrolled = register(
        &connection,
        &fake.invitation(),
        &name,
        &password(),
        &"desk".parse().unwrap(),
        today(),
        &mut rng,
    )
    .await
    .unwrap();
    let (device, key) = (enrolled.device, enrolled.state_key);
    Open::create(&file, device.clone(), &key, &mut rng)
        .await
        .unwrap();
    let again = Open::create(&file, device, &key, &mut rng).await;
    assert!(matches!(again, Err(Error::State(StateError::Exists))));
}

/// A demo or a load test moves these to other tasks.
#[test]
fn the_futures_can_move_between_threads() {
    fn movable<T: Send>(_: impl FnOnce(&'static Session, &'static mut Random) -> T) {}
    fn context() -> Context<'static> {
        unreachable!()
    }
    movable(|session, rng| async move {
        let mut kept = Envelopes::default();
        present(session, "", &context(), &mut kept, rng).await
    });
    movable(|session, rng| async move {
        let mut kept = Envelopes::default();
        present_many(session, &[], &context(), &mut kept, rng).await
    });
    movable(|session, rng| async move {
        let mut kept = Envelopes::default();
        issue::activate_many(session, &[], &context(), &mut kept, rng).await
    });
    movable(|session, rng| async move {
        let (mut kept, reason) = (Envelopes::default(), Reason::Worn);
        let cards = Replacement {
            old: "",
            new: "",
            reason,
        };
        replace::replace(session, &cards, &context(), &mut kept, rng).await
    });
    movable(|session, rng| async move { issue::issue(session, 1, Month::of(today()), rng).await });
    movable(|session, _| async move { Local::default().sync(session).await });
}
