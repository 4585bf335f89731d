//! The log of keys as the service keeps it, and what of the keys each role is told.

use crypto::bundle::{BundleError, MOST_DAYS};
use crypto::domain::Domain;
use crypto::trust::{Trust, TrustError};
use store::clock::Clock as _;
use wire::{LogPage, Role, Wraps};

use super::harness::{House, Reply, houses};
use crate::trust::{self, Unread};

/// As anybody gets it, without a session.
async fn log(house: &House, after: u32) -> LogPage {
    let request = axum::http::Request::builder().uri(format!("/v1/trust/log?after={after}"));
    let reply: Reply = house
        .send(request.body(axum::body::Body::empty()).unwrap())
        .await;
    reply.good()
}

async fn read(house: &House) -> Result<Trust, TrustError> {
    let page = log(house, 0).await;
    let root = house.root.public();
    Trust::read(&root, &page.entries, &page.head, house.clock.today())
}

#[tokio::test]
async fn everybody_reads_the_log_and_its_head_is_signed_each_day() {
    for mut house in houses().await {
        let first = read(&house).await.unwrap();
        assert_eq!((first.mark().length, first.core().serial), (1, 1));
        let provider = house.provider("A").await;
        let page = log(&house, 1).await;
        assert_eq!(page.entries.len(), 1);
        let longer = first.extended(&page.entries, &page.head, house.clock.today());
        let longer = longer.unwrap();
        let bundle = longer.bundle(Vec::new()).unwrap();
        let listed = bundle.domain(&Domain::Provider(provider)).copied();
        let own = crate::domains::identification(&house.app, Domain::Provider(provider)).await;
        assert_eq!(listed, Some(own.unwrap().public()));
        house.clock.set("2026-04-20".parse().unwrap());
        house.restart();
        let page = log(&house, 2).await;
        assert_eq!(
            (page.entries.len(), page.head.day),
            (0, house.clock.today())
        );
        let later = longer.extended(&[], &page.head, house.clock.today());
        assert_eq!(later.unwrap().age_to_tell(house.clock.today()), None);
        assert_eq!(read(&house).await.unwrap().mark(), longer.mark());
    }
}

#[tokio::test]
async fn providers_entered_by_two_processes_at_once_stand_one_after_another() {
    for house in houses().await {
        let tasks = (0..6).map(|number| {
            let other = house.another_service();
            tokio::spawn(async move {
                let name = format!("provider {number}");
                let actor = crate::Actor::CommandLine;
                crate::registry::add_provider(&other, actor, &name).await
            })
        });
        let mut providers = Vec::new();
        for task in tasks.collect::<Vec<_>>() {
            providers.push(task.await.unwrap().unwrap());
        }
        let bundle = read(&house).await.unwrap().bundle(Vec::new()).unwrap();
        for provider in providers {
            assert!(bundle.domain(&Domain::Provider(provider)).is_some());
        }
    }
}

#[tokio::test]
async fn the_wrap_key_is_told_to_those_who_scan_and_is_not_in_the_log() {
    for house in houses().await {
        let provider = house.provider("A").await;
        let wrap = crypto::b64::encode(house.app.keys.wrap.expose());
        for role in Role::ALL {
            let seat = house
                .seat(role, role.has_provider().then_some(provider))
                .await;
            let told: Wraps = seat.get(&house, "/v1/bundle").await.good();
            let scans = matches!(
                role,
                Role::OutreachWorker | Role::Clinician | Role::ProviderAdministrator
            );
            assert_eq!(told.wraps.len(), usize::from(scans), "{role}");
            let text = serde_json::to_string(&told).unwrap();
            assert_eq!(text.contains(&wrap), scans);
        }
        let text = serde_json::to_string(&log(&house, 0).await).unwrap();
        assert!(!text.contains(&wrap));
    }
}

#[tokio::test]
async fn a_core_is_taken_only_as_it_was_proposed_and_the_root_signed_it() {
    for house in houses().await {
        house.provider("A").await;
        let known = read(&house).await.unwrap();
        house.clock.set("2026-12-01".parse().unwrap());
        let core = trust::propose(&house.app).await.unwrap();
        assert_eq!((core.serial, core.issued), (2, house.clock.today()));
        // By another key, with another content, with what no terminal takes.
        let stranger = core.sign(&house.next, None).unwrap();
        let refused = trust::take(&house.app, &stranger).await;
        let signature = TrustError::Core(BundleError::Signature);
        assert!(matches!(refused, Err(Unread::Trust(error)) if error == signature));
        let mut other = core.clone();
        other.list_key.0[0] ^= 1;
        let refused = trust::take(&house.app, &other.sign(&house.root, None).unwrap()).await;
        assert!(refused.is_err());
        let mut other = core.clone();
        other.release_key.0[0] ^= 1;
        let refused = trust::take(&house.app, &other.sign(&house.root, None).unwrap()).await;
        assert!(matches!(refused, Err(Unread::OtherContent)));
        assert_eq!(
            read(&house).await.unwrap().mark(),
            known.mark(),
            "nothing was entered"
        );
        // The control, and the same once more.
        let signed = core.sign(&house.root, None).unwrap();
        trust::take(&house.app, &signed).await.unwrap();
        assert!(trust::take(&house.app, &signed).await.is_err());
        let page = log(&house, known.mark().length).await;
        let longer = known.extended(&page.entries, &page.head, house.clock.today());
        assert_eq!(longer.unwrap().core(), &core);
    }
}

#[tokio::test]
async fn an_expired_core_is_renewed_by_the_root_alone() {
    for house in houses().await {
        let last = house.clock.today().plus(MOST_DAYS);
        house.clock.set(last);
        assert!(read(&house).await.is_ok());
        house.clock.set(last.plus(1));
        assert_eq!(read(&house).await.err(), Some(TrustError::Expired));
        let core = trust::propose(&house.app).await.unwrap();
        let signed = core.sign(&house.root, None).unwrap();
        trust::take(&house.app, &signed).await.unwrap();
        assert!(read(&house).await.is_ok());
    }
}

#[tokio::test]
async fn a_replaced_root_is_the_one_that_invitations_carry() {
    for house in houses().await {
        let root = |token: &crypto::token::Token| {
            let read = crypto::invitation::Invitation::read(token.text());
            read.unwrap().terms().root
        };
        let invite = || {
            crate::access::invitation::invite(
                &house.app,
                crate::Actor::CommandLine,
                Role::Operator,
                None,
            )
        };
        assert_eq!(root(&invite().await.unwrap()), house.root.public());
        let mut core = trust::propose(&house.app).await.unwrap();
        core.next_root.0[0] ^= 1;
        let signed = core.sign(&house.root, Some(&house.next)).unwrap();
        trust::take(&house.app, &signed).await.unwrap();
        assert_eq!(root(&invite().await.unwrap()), house.next.public());
        assert_eq!(read(&house).await.unwrap().root(), &house.next.public());
    }
}

/// The key file of the service does not hold what signs a core: with all of it, nothing but a listing and a head is made.
#[tokio::test]
async fn the_key_file_of_the_service_signs_no_core() {
    for house in houses().await {
        let bytes = house.app.keys.to_bytes().unwrap();
        let known = read(&house).await.unwrap();
        let mut core = trust::propose(&house.app).await.unwrap();
        core.opaque_key.0[0] ^= 1;
        let form: serde_json::Value = serde_json::from_slice(bytes.expose()).unwrap();
        let mut tried = 0;
        for secret in form.as_object().unwrap().values() {
            let Some(text) = secret.as_str() else {
                continue;
            };
            let Ok(seed) = crypto::b64::decode(text) else {
                continue;
            };
            let Ok(seed) = crypto::secret::Secret::<32>::try_from(&seed[..]) else {
                continue;
            };
            let key = crypto::sign::RootKey::from_seed(&seed).unwrap();
            assert_ne!(key.public(), house.root.public());
            let entry = crypto::trust::LogEntry::Core(core.sign(&key, None).unwrap());
            let page = log(&house, 0).await;
            let refused = known.extended(&[entry], &page.head, house.clock.today());
            assert_eq!(
                refused.err(),
                Some(TrustError::Core(BundleError::Signature))
            );
            tried += 1;
        }
        assert!(
            tried >= 8,
            "every secret of the file was tried as a root key"
        );
    }
}
