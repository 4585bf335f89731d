//! Roster, reports, outbox.

use std::collections::BTreeSet;

use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::envelope::IdentitySecret;
use crypto::id::{EntryId, ProviderId, ReportId, SubmissionId};
use crypto::provider::DataKey;
use crypto::report::Report;
use crypto::sign::ReportKey;
use crypto::statistics::{self, PersonElement};
use wire::{
    AppendRoster, NewEntry, ReportsTaken, Role, RosterAppended, RosterPage, Submission,
    SubmitReports,
};

use super::cards::join_all;
use super::harness::{House, Seat, houses, houses_with};
use crate::Limits;
use crate::records::outbox;

fn entry(n: u8, fill: u8) -> NewEntry {
    NewEntry {
        id: EntryId::from_bytes([n; 16]),
        sealed: B64(vec![fill; 296]),
    }
}

#[tokio::test]
async fn a_roster_batch_sent_twice_is_stored_once_in_order() {
    for house in houses().await {
        let (own, foreign) = (house.provider("A").await, house.provider("B").await);
        let seat = house.seat(Role::OutreachWorker, Some(own)).await;
        let stranger = house.seat(Role::OutreachWorker, Some(foreign)).await;
        let first = AppendRoster {
            entries: vec![entry(9, 1), entry(3, 2), entry(9, 1)],
        };
        let second = AppendRoster {
            entries: vec![entry(5, 4), entry(3, 2), entry(9, 7)],
        };
        let append = async |batch: &AppendRoster| -> Vec<(u8, u64)> {
            let answer: RosterAppended = seat.post(&house, "/v1/roster", batch).await.good();
            answer
                .acks
                .iter()
                .map(|ack| (ack.id.as_bytes()[0], ack.seq))
                .collect()
        };
        assert_eq!(append(&first).await, [(9, 1), (3, 2), (9, 1)]);
        assert_eq!(append(&first).await, [(9, 1), (3, 2), (9, 1)]);
        assert_eq!(
            append(&second).await,
            [(5, 3), (3, 2)],
            "other bytes under a known id are not acknowledged"
        );

        let page: RosterPage = seat.get(&house, "/v1/roster?after=0&limit=2").await.good();
        assert_eq!((page.next, page.entries.len()), (2, 2));
        let page: RosterPage = seat.get(&house, "/v1/roster?after=2").await.good();
        assert_eq!(
            (page.next, page.entries[0].sealed.0.clone()),
            (3, vec![4; 296])
        );
        let page: RosterPage = seat.get(&house, "/v1/roster?after=3").await.good();
        assert_eq!((page.next, page.entries.len()), (3, 0));
        let page: RosterPage = stranger.get(&house, "/v1/roster").await.good();
        assert!(page.entries.is_empty(), "another provider's log");
        for wrong in [
            "?limit=0",
            "?limit=501",
            "?after=-1",
            "?after=99999999999999999999",
            "?name=x",
        ] {
            assert_eq!(
                seat.get(&house, &format!("/v1/roster{wrong}"))
                    .await
                    .refused()
                    .0,
                400,
                "{wrong}"
            );
        }
        let large = AppendRoster {
            entries: vec![NewEntry {
                sealed: B64(vec![0; 4_097]),
                ..entry(1, 0)
            }],
        };
        assert_eq!(
            seat.post(&house, "/v1/roster", &large).await.refused().0,
            422
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_two_terminals_append_and_submit_at_once() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let mut seats = Vec::new();
        for _ in 0..32 {
            seats.push(house.seat(Role::OutreachWorker, Some(provider)).await);
        }
        let (house, person) = (&house, IdentitySecret::random(&mut house.app.rng()));
        let visits = seats.iter().enumerate().map(|(n, seat)| {
            let n = u8::try_from(n).unwrap();
            let reports = SubmitReports {
                submissions: vec![submission(house, &person, n).0],
            };
            async move {
                let roster = AppendRoster {
                    entries: vec![entry(n, n)],
                };
                let appended: RosterAppended = seat.post(house, "/v1/roster", &roster).await.good();
                let taken: ReportsTaken = seat.post(house, "/v1/reports", &reports).await.good();
                assert_eq!(taken.acks.len(), 1);
                appended.acks[0].seq
            }
        });
        let numbers: BTreeSet<u64> = join_all(visits).await.into_iter().collect();
        assert_eq!(numbers, (1..=32).collect(), "{}", house.database.name);
        assert_eq!(
            outbox::waiting(&house.app).await.unwrap(),
            32,
            "{}",
            house.database.name
        );
    }
}

/// The provider named in reports here, and its report key; this role reads neither.
fn signer() -> (ProviderId, ReportKey) {
    let key = DataKey::from_bytes([8; 32]).report_key().unwrap();
    (ProviderId::from_bytes([8; 16]), key)
}

pub(super) fn submission(house: &House, person: &IdentitySecret, n: u8) -> (Submission, Report) {
    let (provider, key) = signer();
    let rng = &mut house.app.rng();
    let report = Report {
        id: ReportId::from_bytes([n; 16]),
        provider,
        site: "medan/drop-in".parse().unwrap(),
        service: "nsp".parse().unwrap(),
        kind: "contact".parse().unwrap(),
        day: "2026-03-10".parse::<Day>().unwrap(),
        covered_until: None,
        group: None,
    };
    let elgamal = statistics::encrypt(person, &house.person_secret.public(), rng);
    let body = report
        .seal(&key, &house.report_secret.public(), rng)
        .unwrap();
    let id = SubmissionId::from_bytes([n; 16]);
    (
        Submission {
            id,
            elgamal: Fixed(*elgamal.as_bytes()),
            body: B64(body),
        },
        report,
    )
}

async fn people(house: &House, items: &[outbox::OutboxItem]) -> Vec<PersonElement> {
    items
        .iter()
        .map(|item| statistics::decrypt(&house.person_secret, &item.elgamal).unwrap())
        .collect()
}

#[tokio::test]
async fn a_report_sent_twice_is_acknowledged_twice_and_stored_once() {
    for mut house in houses().await {
        let provider = house.provider("A").await;
        let person = IdentitySecret::random(&mut house.rng);
        let batch = SubmitReports {
            submissions: vec![submission(&house, &person, 1).0],
        };
        for _ in 0..2 {
            let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
            let taken: ReportsTaken = seat.post(&house, "/v1/reports", &batch).await.good();
            assert_eq!(taken.acks[0].id, batch.submissions[0].id);
            assert_eq!(outbox::waiting(&house.app).await.unwrap(), 1);
            house.restart();
        }
        let items = outbox::take_batch(&house.app, 10).await.unwrap();
        outbox::acknowledge(&house.app, &[items[0].key])
            .await
            .unwrap();
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        seat.post(&house, "/v1/reports", &batch)
            .await
            .good::<ReportsTaken>();
        assert_eq!(
            outbox::waiting(&house.app).await.unwrap(),
            0,
            "also after it was delivered"
        );
    }
}

#[tokio::test]
async fn what_leaves_the_outbox_is_the_person_under_another_name_and_cannot_be_matched() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let persons = [0, 1].map(|_| IdentitySecret::random(&mut house.app.rng()));
        let sent: Vec<_> = (0..20_u8)
            .map(|n| submission(&house, &persons[usize::from(n % 2)], n))
            .collect();
        let batch = SubmitReports {
            submissions: sent.iter().map(|(one, _)| one.clone()).collect(),
        };
        seat.post(&house, "/v1/reports", &batch)
            .await
            .good::<ReportsTaken>();

        let first = outbox::take_batch(&house.app, 100).await.unwrap();
        let second = outbox::take_batch(&house.app, 100).await.unwrap();
        assert_eq!(
            (first.len(), second.len()),
            (20, 20),
            "they stay until acknowledged"
        );
        let wire: BTreeSet<_> = sent.iter().map(|(one, _)| one.elgamal.0).collect();
        let left: BTreeSet<_> = first
            .iter()
            .chain(&second)
            .map(|item| *item.elgamal.as_bytes())
            .collect();
        assert_eq!(
            (left.len(), left.intersection(&wire).count()),
            (40, 0),
            "every leaving is fresh"
        );

        let key = crate::domains::statistics(&house.app).await.unwrap();
        for (item, element) in first.iter().zip(people(&house, &first).await) {
            assert_eq!(item.provider, provider);
            let (named, signer) = signer();
            let report = Report::open(&house.report_secret, &named, &signer.public(), &item.body);
            let report = report.unwrap();
            let (submission, expected) = &sent[usize::from(report.id.as_bytes()[0])];
            assert_eq!(&report, expected);
            let direct = statistics::ElGamal::from_bytes(submission.elgamal.0);
            let direct = statistics::reshuffle(
                &direct,
                &key,
                &house.person_secret.public(),
                &mut house.app.rng(),
            );
            assert_eq!(
                element,
                statistics::decrypt(&house.person_secret, &direct.unwrap()).unwrap()
            );
        }
        assert_eq!(
            people(&house, &second)
                .await
                .into_iter()
                .collect::<BTreeSet<_>>()
                .len(),
            2
        );
        let order =
            |items: &[outbox::OutboxItem]| items.iter().map(|it| it.key).collect::<Vec<_>>();
        assert_ne!(order(&first), order(&second), "shuffled each time");
        outbox::acknowledge(&house.app, &order(&first))
            .await
            .unwrap();
        assert_eq!(outbox::waiting(&house.app).await.unwrap(), 0);
    }
}

/// Enough reports for what a test lays down.
fn many() -> Limits {
    Limits {
        reports_per_day: 100,
        ..Limits::default()
    }
}

/// Lays reports of one person down, numbered from `first`.
async fn lay(house: &House, seat: &Seat, numbers: std::ops::Range<u8>) {
    let person = IdentitySecret::random(&mut house.app.rng());
    let batch = SubmitReports {
        submissions: numbers.map(|n| submission(house, &person, n).0).collect(),
    };
    seat.post(house, "/v1/reports", &batch)
        .await
        .good::<ReportsTaken>();
}

async fn everything(house: &House, walk: &outbox::Walk) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    while let Some(items) = walk.take(&house.app, 7).await.unwrap() {
        bodies.extend(items.into_iter().map(|item| item.body));
    }
    bodies
}

#[tokio::test]
async fn a_walk_hands_out_every_report_once_however_many_take() {
    for house in houses_with(many()).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        lay(&house, &seat, 0..40).await;
        let walk = outbox::Walk::begin(&house.app, outbox::tomorrow(&house.app));
        let shares = join_all((0..3).map(|_| everything(&house, &walk))).await;
        let all: BTreeSet<_> = shares.iter().flatten().collect();
        let handed: usize = shares.iter().map(Vec::len).sum();
        assert_eq!((handed, all.len()), (40, 40), "{}", house.database.name);
        assert!(walk.take(&house.app, 7).await.unwrap().is_none());
        assert_eq!(outbox::waiting(&house.app).await.unwrap(), 40);
        let again = everything(
            &house,
            &outbox::Walk::begin(&house.app, outbox::tomorrow(&house.app)),
        )
        .await;
        assert_eq!(again.len(), 40, "they stay until acknowledged");
    }
}

#[tokio::test]
async fn what_arrives_during_a_walk_leaves_in_this_one_or_the_next() {
    for house in houses_with(many()).await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        lay(&house, &seat, 0..20).await;
        let walk = outbox::Walk::begin(&house.app, outbox::tomorrow(&house.app));
        let mut seen: Vec<_> = walk.take(&house.app, 10).await.unwrap().unwrap();
        lay(&house, &seat, 20..60).await;
        while let Some(items) = walk.take(&house.app, 10).await.unwrap() {
            seen.extend(items);
        }
        let bodies: BTreeSet<_> = seen.iter().map(|item| item.body.clone()).collect();
        assert_eq!(bodies.len(), seen.len(), "nothing twice");
        let keys: Vec<_> = seen.iter().map(|item| item.key).collect();
        outbox::acknowledge(&house.app, &keys).await.unwrap();
        let rest = everything(
            &house,
            &outbox::Walk::begin(&house.app, outbox::tomorrow(&house.app)),
        )
        .await;
        assert_eq!(seen.len() + rest.len(), 60, "{}", house.database.name);
        let stopped = outbox::Walk::begin(&house.app, outbox::tomorrow(&house.app));
        stopped.end().await;
        assert!(stopped.take(&house.app, 1).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_report_that_could_never_be_delivered_is_refused_at_the_door() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let seat = house.seat(Role::OutreachWorker, Some(provider)).await;
        let person = IdentitySecret::random(&mut house.app.rng());
        let good = submission(&house, &person, 1).0;
        let mut zero = good.clone();
        zero.elgamal.0[..32].fill(0);
        let mut short = good.clone();
        short.body.0.pop();
        for bad in [zero, short] {
            let batch = SubmitReports {
                submissions: vec![good.clone(), bad],
            };
            assert_eq!(
                seat.post(&house, "/v1/reports", &batch).await.refused(),
                (422, "bad-value".to_owned())
            );
            assert_eq!(
                outbox::waiting(&house.app).await.unwrap(),
                0,
                "all or nothing"
            );
        }
    }
}
