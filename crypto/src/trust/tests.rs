//! The log as an honest service keeps it, and as a hostile one would like to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::bundle::tests::{Roots, core, day, public, roots};
use crate::rng::Random;

/// A service with its log.
struct Service {
    roots: Roots,
    core: Core,
    entries: Vec<LogEntry>,
    today: Day,
}

impl Service {
    fn new() -> Self {
        let mut roots = roots();
        let core = core(&mut roots);
        let entries = vec![LogEntry::Core(core.sign(&roots.root, None).unwrap())];
        let mut service = Self {
            roots,
            core,
            entries,
            today: day("2026-03-10"),
        };
        for _ in 0..3 {
            service.joins();
        }
        service
    }

    fn listing(&mut self, provider: ProviderId, epoch: u32) -> LogEntry {
        let key = public(&mut self.roots.rng);
        let list = &self.roots.list;
        LogEntry::Provider(Listing::sign(
            &self.core.programme,
            provider,
            epoch,
            key,
            list,
        ))
    }

    fn joins(&mut self) -> ProviderId {
        let provider = ProviderId::random(&mut self.roots.rng);
        let entry = self.listing(provider, 1);
        self.entries.push(entry);
        provider
    }

    /// Where these entries end, signed today.
    fn head(&self, entries: &[LogEntry]) -> Head {
        let begin = beginning(&self.core.programme);
        let hash = entries.iter().fold(begin, |hash, entry| entry.chain(&hash));
        let length = u32::try_from(entries.len()).unwrap();
        let mark = Mark { length, hash };
        Head::sign(&self.core.programme, mark, self.today, &self.roots.list)
    }

    fn read(&self, entries: &[LogEntry]) -> Result<Trust, TrustError> {
        let (root, head) = (self.roots.root.public(), self.head(entries));
        Trust::read(&root, entries, &head, self.today)
    }

    fn trust(&self) -> Trust {
        self.read(&self.entries).unwrap()
    }

    /// Offers a whole other log to a terminal that knows `trust`: what comes after as many entries as it has.
    fn offers(&self, trust: &Trust, entries: &[LogEntry]) -> Result<Trust, TrustError> {
        let after = (trust.mark().length as usize).min(entries.len());
        trust.extended(&entries[after..], &self.head(entries), self.today)
    }

    fn renewed(&self, change: impl Fn(&mut Core)) -> LogEntry {
        let mut core = self.core.clone();
        core.serial += 1;
        change(&mut core);
        LogEntry::Core(core.sign(&self.roots.root, None).unwrap())
    }
}

#[test]
fn an_honest_log_is_read_extended_and_kept() {
    let mut service = Service::new();
    let first = service.trust();
    let provider = service.joins();
    let longer = service.offers(&first, &service.entries).unwrap();
    assert_eq!(longer, service.trust(), "read at once or in two steps");
    let bundle = longer.bundle(vec![WrapKey::from_bytes([2; 32])]).unwrap();
    assert!(bundle.domain(&Domain::Provider(provider)).is_some());
    assert!(bundle.domain(&Domain::Card).is_some());
    assert!(bundle.domain(&Domain::Statistics).is_none());
    assert_eq!(bundle.card_keys().wraps.len(), 1);
    let foreign = longer.bundle(vec![WrapKey::from_bytes([3; 32])]);
    assert_eq!(foreign.err(), Some(BundleError::Conflict));
    let kept: Trust = serde_json::from_str(&serde_json::to_string(&longer).unwrap()).unwrap();
    assert_eq!(kept, longer);
    let entries = serde_json::to_string(&service.entries).unwrap();
    let travelled: Vec<LogEntry> = serde_json::from_str(&entries).unwrap();
    assert_eq!(service.read(&travelled).unwrap(), longer);
}

#[test]
fn a_second_bundle_for_one_terminal_is_seen_by_the_next() {
    let mut service = Service::new();
    let before = service.entries.clone();
    service.joins();
    let honest = service.trust();
    // The same service, with all of its own keys, makes one terminal a log of its own.
    let mut own = before;
    let made_up = service.listing(ProviderId::from_bytes([9; 16]), 1);
    own.push(made_up);
    let deceived = service.read(&own).unwrap();
    assert_eq!(honest.compare(&deceived.mark()), Seen::Forked);
    assert_eq!(deceived.compare(&honest.mark()), Seen::Forked);
    assert_ne!(honest.mark().fingerprint(), deceived.mark().fingerprint());
    // Nor can it bring the two together again.
    let next = service.listing(ProviderId::from_bytes([10; 16]), 1);
    own.push(next);
    let refused = service.offers(&honest, &own);
    assert_eq!(refused.err(), Some(TrustError::Forked));
    // A mark further on than the own log is none to judge yet; an empty one nobody has seen.
    let longer = service.read(&own).unwrap();
    assert_eq!(deceived.compare(&longer.mark()), Seen::Ahead);
    let nothing = Mark {
        length: 0,
        hash: [0; 32],
    };
    assert_eq!(honest.compare(&nothing), Seen::Forked);
}

#[test]
fn a_forked_a_shortened_and_an_older_log_are_refused() {
    let mut service = Service::new();
    let known = service.trust();
    let mut entries = service.entries.clone();
    entries.swap(1, 2);
    let refused = |service: &Service, entries: &[LogEntry]| service.offers(&known, entries).err();
    assert_eq!(refused(&service, &entries), Some(TrustError::Forked));
    let cut = &service.entries[..3];
    assert_eq!(refused(&service, cut), Some(TrustError::Older));
    service.today = service.today.plus(-1);
    assert_eq!(refused(&service, &service.entries), None, "around midnight");
    service.today = service.today.plus(-1);
    let entries = service.entries.clone();
    assert_eq!(refused(&service, &entries), Some(TrustError::Older));
    // The head of a longer log without its entries, and entries beyond the head.
    service.joins();
    let head = service.head(&service.entries);
    let missing = known.extended(&[], &head, service.today.plus(1));
    assert_eq!(
        missing.err(),
        Some(TrustError::Older),
        "it is dated earlier"
    );
    service.today = service.today.plus(1);
    let head = service.head(&service.entries);
    let missing = known.extended(&[], &head, service.today);
    assert_eq!(missing.err(), Some(TrustError::Forked));
}

#[test]
fn a_second_key_for_a_provider_is_refused_whoever_signed_it() {
    let mut service = Service::new();
    let provider = service.joins();
    let known = service.trust();
    let second = service.listing(provider, 1);
    let mut entries = service.entries.clone();
    entries.push(second);
    let refused = service.offers(&known, &entries).err();
    assert_eq!(refused, Some(TrustError::SecondKey));
    assert_eq!(service.read(&entries).err(), Some(TrustError::SecondKey));
    // A key for a later epoch is one for later: it is in force when a core says so.
    let key = *known
        .bundle(Vec::new())
        .unwrap()
        .domain(&Domain::Provider(provider))
        .unwrap();
    let later = service.listing(provider, 2);
    service.entries.push(later);
    let now = service.offers(&known, &service.entries).unwrap();
    let bundle = now.bundle(Vec::new()).unwrap();
    assert_eq!(bundle.domain(&Domain::Provider(provider)), Some(&key));
    let renewed = service.renewed(|core| core.epoch = 2);
    service.entries.push(renewed);
    let then = service.offers(&now, &service.entries).unwrap();
    let bundle = then.bundle(Vec::new()).unwrap();
    assert_ne!(bundle.domain(&Domain::Provider(provider)), Some(&key));
    // The first epoch's key is not brought back under the second.
    let again = service.listing(provider, 2);
    service.entries.push(again);
    let refused = service.offers(&then, &service.entries).err();
    assert_eq!(refused, Some(TrustError::SecondKey));
}

#[test]
fn a_key_that_another_domain_has_is_refused() {
    let mut service = Service::new();
    let known = service.trust();
    let LogEntry::Provider(first) = service.entries[1].clone() else {
        panic!("a listing");
    };
    let other = ProviderId::from_bytes([9; 16]);
    let fixed = Domain::FIXED.map(|domain| *service.core.domain(&domain).unwrap());
    for key in fixed.into_iter().chain([first.key]) {
        for (provider, epoch) in [(other, 1), (other, 2), (first.provider, 2)] {
            let (programme, list) = (&service.core.programme, &service.roots.list);
            let listing = Listing::sign(programme, provider, epoch, key, list);
            let mut entries = service.entries.clone();
            entries.push(LogEntry::Provider(listing));
            let refused = service.offers(&known, &entries).err();
            assert_eq!(refused, Some(TrustError::SameKey));
            assert_eq!(service.read(&entries).err(), Some(TrustError::SameKey));
        }
    }
    // The control: a next epoch under keys that nobody had.
    let key = public(&mut service.roots.rng.clone());
    let (programme, list) = (&service.core.programme, &service.roots.list);
    let listing = Listing::sign(programme, first.provider, 2, key, list);
    service.entries.push(LogEntry::Provider(listing));
    assert!(service.offers(&known, &service.entries).is_ok());
}

#[test]
fn a_core_under_a_key_that_another_domain_has_is_refused() {
    let service = Service::new();
    let known = service.trust();
    let LogEntry::Provider(first) = service.entries[1].clone() else {
        panic!("a listing");
    };
    let fixed = Domain::FIXED.map(|domain| *service.core.domain(&domain).unwrap());
    // A provider's key for a fixed domain, two fixed domains with one, one moved to another's place.
    let card = Domain::Card.to_string();
    for key in [first.key, fixed[1], fixed[2]] {
        let renewed = service.renewed(|core| {
            core.epoch = 2;
            core.domains.insert(card.clone(), key);
        });
        let mut entries = service.entries.clone();
        entries.push(renewed);
        let refused = service.offers(&known, &entries).err();
        assert_eq!(refused, Some(TrustError::SameKey));
    }
    let mut first_core = service.core.clone();
    first_core.domains.insert(card, fixed[1]);
    let signed = first_core.sign(&service.roots.root, None).unwrap();
    let refused = service.read(&[LogEntry::Core(signed)]).err();
    assert_eq!(refused, Some(TrustError::SameKey));
}

#[test]
fn a_listing_for_a_fixed_domain_has_no_form() {
    let mut service = Service::new();
    let LogEntry::Provider(listing) = service.listing(ProviderId::from_bytes([1; 16]), 1) else {
        panic!("a listing");
    };
    let mut json = serde_json::to_value(LogEntry::Provider(listing)).unwrap();
    assert!(serde_json::from_value::<LogEntry>(json.clone()).is_ok());
    for name in ["card", "mail", "prov/01010101010101010101010101010101", ""] {
        json["provider"] = name.into();
        assert!(serde_json::from_value::<LogEntry>(json.clone()).is_err());
    }
    json["provider"] = "01010101010101010101010101010101".into();
    json["domain"] = "card".into();
    assert!(serde_json::from_value::<LogEntry>(json).is_err());
    // Whatever is listed, a fixed domain's key is the core's.
    let trust = service.trust();
    let bundle = trust.bundle(Vec::new()).unwrap();
    for fixed in Domain::FIXED {
        assert_eq!(bundle.domain(&fixed), service.core.domain(&fixed));
    }
}

#[test]
fn the_list_key_signs_no_core_and_nobody_else_signs_for_it() {
    let mut service = Service::new();
    let known = service.trust();
    // A core under the list key's seed: another kind of key, another label.
    let as_root = crate::sign::RootKey::from_seed(service.roots.list.seed()).unwrap();
    let mut core = service.core.clone();
    core.serial += 1;
    let mut entries = service.entries.clone();
    entries.push(LogEntry::Core(core.sign(&as_root, None).unwrap()));
    let refused = service.offers(&known, &entries).err();
    assert_eq!(refused, Some(TrustError::Core(BundleError::Signature)));
    // Listing and head of a stranger's list key, and of the other's purpose.
    let stranger = ListKey::generate(&mut service.roots.rng).unwrap();
    let key = public(&mut service.roots.rng);
    let provider = ProviderId::from_bytes([3; 16]);
    let listing = Listing::sign(&service.core.programme, provider, 1, key, &stranger);
    let mut entries = service.entries.clone();
    entries.push(LogEntry::Provider(listing));
    let refused = service.offers(&known, &entries).err();
    assert_eq!(refused, Some(TrustError::Signature));
    let head = Head::sign(
        &service.core.programme,
        known.mark(),
        service.today,
        &stranger,
    );
    let refused = known.extended(&[], &head, service.today).err();
    assert_eq!(refused, Some(TrustError::Signature));
    let other = ProgrammeId::random(&mut service.roots.rng);
    let head = Head::sign(&other, known.mark(), service.today, &service.roots.list);
    let refused = known.extended(&[], &head, service.today).err();
    assert_eq!(refused, Some(TrustError::Signature));
}

#[test]
fn an_expired_core_is_refused_and_an_old_head_is_said() {
    let mut service = Service::new();
    let known = service.trust();
    let head = service.head(&service.entries);
    assert_eq!(known.age_to_tell(service.today.plus(7)), None);
    assert_eq!(known.age_to_tell(service.today.plus(8)), Some(8));
    let last = service.core.expires;
    assert!(known.extended(&[], &head, last).is_ok());
    let refused = known.extended(&[], &head, last.plus(1)).err();
    assert_eq!(refused, Some(TrustError::Expired));
    let refused = known.extended(&[], &head, service.today.plus(-2)).err();
    assert_eq!(refused, Some(TrustError::Future));
    // A renewed core goes on from there.
    service.today = last.plus(1);
    let renewed = service.renewed(|core| {
        core.issued = core.expires;
        core.expires = core.issued.plus(crate::bundle::MOST_DAYS);
    });
    service.entries.push(renewed);
    assert!(service.offers(&known, &service.entries).is_ok());
}

#[test]
fn a_log_of_another_root_is_refused_and_one_after_a_replacement_taken() {
    let mut service = Service::new();
    let stranger = crate::sign::RootKey::generate(&mut service.roots.rng).unwrap();
    let (entries, head) = (service.entries.clone(), service.head(&service.entries));
    let read = |pinned: &[u8; 32], entries: &[LogEntry], head: &Head| {
        Trust::read(pinned, entries, head, service.today).map(|trust| *trust.root())
    };
    let refused = read(&stranger.public(), &entries, &head).err();
    assert_eq!(refused, Some(TrustError::OtherProgramme));
    let headless = read(&service.roots.root.public(), &entries[1..], &head).err();
    assert_eq!(headless, Some(TrustError::OtherProgramme));
    assert_eq!(
        read(&stranger.public(), &[], &head).err(),
        Some(TrustError::OtherProgramme)
    );
    let mut core = service.core.clone();
    core.serial += 1;
    core.next_root = Fixed([8; 32]);
    let both = core
        .sign(&service.roots.root, Some(&service.roots.next))
        .unwrap();
    let mut entries = entries;
    entries.push(LogEntry::Core(both));
    let head = service.head(&entries);
    let next = service.roots.next.public();
    for pinned in [service.roots.root.public(), next] {
        assert_eq!(read(&pinned, &entries, &head), Ok(next));
    }
}

/// Every bit of every entry counts: an altered log has another hash, or does not verify.
#[test]
fn every_altered_entry_is_refused() {
    let service = Service::new();
    let (root, head) = (service.roots.root.public(), service.head(&service.entries));
    let mut rng = Random::seeded([7; 32]);
    for at in 0..service.entries.len() {
        for _ in 0..50 {
            let mut entries = service.entries.clone();
            let [byte, bit]: [u8; 2] = crate::rng::bytes(&mut rng);
            match &mut entries[at] {
                LogEntry::Core(core) => {
                    let place = usize::from(byte) % core.payload.len();
                    core.payload.0[place] ^= 1 << (bit % 8);
                }
                LogEntry::Provider(listing) => match byte % 3 {
                    0 => listing.signature.0[usize::from(bit) % 64] ^= 1,
                    1 => listing.epoch ^= 1 << (bit % 32),
                    _ => listing.provider = ProviderId::from_bytes([bit; 16]),
                },
            }
            assert!(Trust::read(&root, &entries, &head, service.today).is_err());
        }
    }
}
