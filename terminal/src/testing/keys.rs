//! The server's keys and the log that they stand in, to be read and bent.

use super::{Fake, Reply, json, today};
use crypto::b64::Fixed;
use crypto::bundle::{Core, Issuer, MOST_DAYS, StatisticsKeys, root_id, wrap_id};
use crypto::day::Day;
use crypto::domain::{Domain, DomainKey, DomainPublic, Factor};
use crypto::id::ProviderId;
use crypto::rng::Random;
use crypto::status::{self, StatusList};
use crypto::trust::{Head, Listing, LogEntry, Mark, Trust, beginning};

impl Fake {
    /// The core with its keys under a serial.
    #[must_use]
    pub fn core(&self, serial: u32) -> Core {
        let own = |fixed: Domain| match self.factors.get(&fixed) {
            Some(_) => self.key(&fixed).public(),
            None => self.nobodys(fixed.to_string().as_bytes()),
        };
        let smallest = self.inner().smallest;
        Core {
            programme: self.programme,
            serial,
            issued: today(),
            expires: today().plus(MOST_DAYS),
            epoch: 1,
            issuers: vec![Issuer {
                kid: 1,
                key: Fixed(self.issuer.public()),
            }],
            wraps: vec![Fixed(wrap_id(&self.wrap))],
            status_key: Fixed(self.status.public()),
            domains: Domain::FIXED
                .map(|fixed| (fixed.to_string(), own(fixed)))
                .into(),
            statistics: StatisticsKeys {
                elgamal: self.statistics.public(),
                hpke: self.bodies.public(),
            },
            release_key: Fixed([1; 32]),
            opaque_key: Fixed(self.opaque.public_key()),
            envelope_min_bucket: smallest.unwrap_or(256),
            list_key: Fixed(self.list.public()),
            next_root: Fixed(root_id(&self.next_root.public())),
        }
    }

    /// A key that no other name has, always the same for this one.
    fn nobodys(&self, name: &[u8]) -> DomainPublic {
        let mut seed = [0; 32];
        seed[..name.len()].copy_from_slice(name);
        let factor = Factor::random(&mut Random::seeded(seed));
        let key = DomainKey::compose(&self.master, &factor).unwrap();
        key.public()
    }

    /// A provider that joined and does nothing here.
    #[must_use]
    pub fn joined(&self, provider: ProviderId) -> LogEntry {
        let key = self.nobodys(provider.as_bytes());
        LogEntry::Provider(Listing::sign(&self.programme, provider, 1, key, &self.list))
    }

    /// The key of one of its domains as if it were a provider's.
    #[must_use]
    pub fn listed(&self, provider: ProviderId, domain: &Domain) -> LogEntry {
        let key = self.key(domain).public();
        LogEntry::Provider(Listing::sign(&self.programme, provider, 1, key, &self.list))
    }

    /// Adds a core that the root signed.
    pub fn renew(&self) {
        let serial = self.inner().log.len() as u32 + 1;
        let core = self.core(serial).sign(&self.root, None).unwrap();
        self.inner().log.push(LogEntry::Core(core));
    }

    /// Where a log of this programme ends.
    #[must_use]
    pub fn mark(&self, log: &[LogEntry]) -> Mark {
        let begin = beginning(&self.programme);
        Mark {
            length: log.len() as u32,
            hash: log.iter().fold(begin, |hash, entry| entry.chain(&hash)),
        }
    }

    /// Its log as an honest terminal reads it.
    #[must_use]
    pub fn trust(&self) -> Trust {
        let log = self.inner().log.clone();
        let head = Head::sign(&self.programme, self.mark(&log), today(), &self.list);
        Trust::read(&self.root.public(), &log, &head, today()).unwrap()
    }

    /// A list under the right key, of this programme unless it is called otherwise.
    #[must_use]
    pub fn sign_list(&self, size: u32, set: &[u32], issued: Day, called: Option<&str>) -> Vec<u8> {
        let mut list = StatusList::new(size).unwrap();
        for index in set {
            list.set(*index, true).unwrap();
        }
        let own = status::subject(&self.programme);
        let subject = called.unwrap_or(&own);
        list.to_token(&self.status, subject, issued, 7).unwrap()
    }

    pub(super) fn trust_log(&self, query: &str) -> Reply {
        let after = query.strip_prefix("after=").and_then(|n| n.parse().ok());
        let inner = self.inner();
        let mark = self.mark(&inner.log);
        let day = today().plus(-inner.head_age);
        json(&wire::LogPage {
            entries: inner.log.iter().skip(after.unwrap_or(0)).cloned().collect(),
            head: Head::sign(&self.programme, mark, day, &self.list),
        })
    }
}
