//! The balance of reports of a terminal, and pairs at the edge.

use crypto::b64::Fixed;
use crypto::envelope::IdentitySecret;
use crypto::id::{ProviderId, SubmissionId};
use crypto::voprf::Blinded;
use wire::{Evaluate, EvaluateItem, ReportsTaken, Role, Submission, SubmitReports};

use super::cards::join_all;
use super::harness::{House, Reply, Seat, houses};
use super::records::submission;
use crate::access::session::Live;
use crate::guard::allowance::some;
use crate::memory::blocks::What;
use crate::records::outbox;

/// Seconds.
const DAY: i64 = 86_400;

/// Fresh submissions about people who need not exist.
fn invented(house: &House, count: u32) -> SubmitReports {
    let person = IdentitySecret::random(&mut house.app.rng());
    let (one, _) = submission(house, &person, 1);
    let submissions = (0..count).map(|_| Submission {
        id: SubmissionId::random(&mut house.app.rng()),
        ..one.clone()
    });
    SubmitReports {
        submissions: submissions.collect(),
    }
}

/// How many of a batch are taken; they are the first of it.
async fn hand_in(house: &House, seat: &Seat, count: u32) -> usize {
    let batch = invented(house, count);
    let reply: Reply = seat.post(house, "/v1/reports", &batch).await;
    if reply.status == 429 {
        assert_eq!(reply.refused(), (429, "limit".to_owned()));
        assert!(reply.headers.contains_key("retry-after"));
        return 0;
    }
    let taken: ReportsTaken = reply.good();
    let acks: Vec<SubmissionId> = taken.acks.iter().map(|ack| ack.id).collect();
    let first: Vec<SubmissionId> = batch.submissions.iter().map(|one| one.id).collect();
    assert_eq!(acks, first[..acks.len()]);
    acks.len()
}

/// As many as will be taken, as fast as they go.
pub(super) async fn flood(house: &House, seat: &Seat) -> usize {
    let mut all = 0;
    loop {
        match hand_in(house, seat, 500).await {
            0 => return all,
            more => all += more,
        }
    }
}

async fn present(house: &House, seat: &Seat, cards: u32) {
    let blinded = |_| {
        let one = Blinded::blind(b"a card", &mut house.app.rng()).unwrap();
        Fixed(one.element())
    };
    let item = EvaluateItem {
        domain: crypto::domain::Domain::Card,
        elements: (0..cards).map(blinded).collect(),
    };
    let asked = Evaluate { items: vec![item] };
    let reply = seat.post(house, "/v1/evaluate", &asked).await;
    reply.good::<wire::Evaluated>();
}

/// Somebody whose session does not end.
pub(super) async fn outreach(house: &House, provider: ProviderId) -> (Seat, Live) {
    let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
    let mut live = house.app.sessions.find(&seat.id, 0).unwrap();
    live.session.ends = i64::MAX;
    house.app.sessions.begin(live.clone(), 0);
    (seat, live)
}

/// A minute passes, as far as the database is concerned.
async fn a_minute(house: &House) {
    house.app.settle_counts().await.unwrap();
}

#[tokio::test]
async fn a_terminal_that_presents_nobody_reports_twenty_a_day() {
    for house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let (seat, _) = outreach(&house, provider).await;
        assert_eq!(flood(&house, &seat).await, 20, "{name}");
        assert_eq!(outbox::waiting(&house.app).await.unwrap(), 20, "{name}");
        let (other, _) = outreach(&house, provider).await;
        assert_eq!(flood(&house, &other).await, 20, "{name}: each its own");
    }
}

#[tokio::test]
async fn four_reports_come_with_each_presentation() {
    for house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let (seat, _) = outreach(&house, provider).await;
        present(&house, &seat, 3).await;
        assert_eq!(flood(&house, &seat).await, 20 + 12, "{name}");
        present(&house, &seat, 1).await;
        assert_eq!(flood(&house, &seat).await, 4, "{name}");
    }
}

/// A commit may be done although its answer was lost.
#[tokio::test]
async fn presentations_whose_commit_was_not_answered_count_once() {
    for house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let (seat, _) = outreach(&house, provider).await;
        present(&house, &seat, 3).await;
        let (reserve, day) = (&house.app.reserve, house.app.clock.today());
        let batch = reserve.presented.take(day, &mut house.app.rng());
        let mut tx = house.app.store.write().await.unwrap();
        reserve.write_down(&mut tx, batch.as_ref()).await.unwrap();
        tx.commit().await.unwrap();
        // Nobody heard of it. Meanwhile others are presented.
        present(&house, &seat, 1).await;
        a_minute(&house).await;
        a_minute(&house).await;
        assert_eq!(flood(&house, &seat).await, 20 + 16, "{name}");
    }
}

#[tokio::test]
async fn what_was_not_used_is_carried_thirty_days() {
    for house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let (seat, _) = outreach(&house, provider).await;
        present(&house, &seat, 5).await;
        assert_eq!(hand_in(&house, &seat, 10).await, 10, "{name}");
        // A week without network, sent on the day of the return.
        a_minute(&house).await;
        house.clock.advance(7 * DAY);
        assert_eq!(flood(&house, &seat).await, 8 * 20 + 5 * 4 - 10, "{name}");
        assert_eq!(flood(&house, &seat).await, 0, "{name}");
        // No more than thirty days.
        house.clock.advance(300 * DAY);
        assert_eq!(flood(&house, &seat).await, 20, "{name}");
        house.clock.advance(29 * DAY);
        assert_eq!(flood(&house, &seat).await, 29 * 20, "{name}");
    }
}

#[tokio::test]
async fn a_restart_gives_no_report_back_and_takes_no_presentation() {
    for mut house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let (seat, live) = outreach(&house, provider).await;
        assert_eq!(flood(&house, &seat).await, 20, "{name}");
        for _ in 0..3 {
            present(&house, &seat, 1).await;
            a_minute(&house).await;
            house.restart();
            house.app.sessions.begin(live.clone(), 0);
            assert_eq!(flood(&house, &seat).await, 4, "{name}");
        }
    }
}

/// A crash costs what was reserved and not used, of everybody alike: a quarter of the day, never more.
#[tokio::test]
async fn a_crash_costs_no_more_than_a_quarter_of_the_day() {
    for mut house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let (seat, live) = outreach(&house, provider).await;
        let (_, other) = outreach(&house, provider).await;
        assert_eq!(hand_in(&house, &seat, 1).await, 1, "{name}");
        house.restart();
        house.app.sessions.begin(live, 0);
        house.app.sessions.begin(other, 0);
        assert_eq!(flood(&house, &seat).await, 15, "{name}");
    }
}

/// Whoever counts writes for every live terminal at once: nothing tells whose need it was.
#[tokio::test]
async fn what_terminals_may_do_is_reserved_for_all_of_them_together() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let (seat, _) = outreach(&house, provider).await;
        for _ in 0..4 {
            outreach(&house, provider).await;
        }
        const ALL: &str = "SELECT COUNT(*), COUNT(DISTINCT taken) FROM allowance WHERE what = $1";
        hand_in(&house, &seat, 1).await;
        let mut tx = house.app.store.read().await.unwrap();
        for what in ["presentation", "activation", "report"] {
            let counted = store::fetch_one!(&mut tx, (i64, i64), ALL, what).unwrap();
            assert_eq!(counted, (5, 1), "{}: {what}", house.database.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_flood_at_two_services_at_once_gets_one_balance() {
    for house in houses().await {
        let (name, provider) = (house.database.name, house.provider("A").await);
        let (_, live) = outreach(&house, provider).await;
        let two = house.another_service();
        let tries = (0..30).map(|_| async {
            let mut taken = 0;
            for app in [&*house.app, &two] {
                taken += some(app, &live.session, What::Report, 7).await.unwrap_or(0);
            }
            taken
        });
        let taken: usize = join_all(tries).await.into_iter().sum();
        assert_eq!(taken, 20, "{name}");
    }
}

/// Pairs that are malformed, of the identity, or related to each other: what this role says to them.
#[tokio::test]
async fn pairs_at_the_edge_are_taken_or_refused_as_they_must() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crypto/vectors/edge/elgamal.json"
    );
    let file = std::fs::read_to_string(path).unwrap();
    let file: serde_json::Value = serde_json::from_str(&file).unwrap();
    for house in houses().await {
        let provider = house.provider("A").await;
        let (seat, _) = outreach(&house, provider).await;
        for case in file["cases"].as_array().unwrap() {
            let text = case["pair"].as_str().unwrap();
            let byte = |at: usize| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap();
            let mut batch = invented(&house, 1);
            batch.submissions[0].elgamal = Fixed(std::array::from_fn(byte));
            let reply = seat.post(&house, "/v1/reports", &batch).await;
            let taken = case["check"] == "taken";
            assert_eq!(reply.status == 200, taken, "{}", case["what"]);
            assert!(taken || reply.refused() == (422, "bad-value".to_owned()));
        }
    }
}
