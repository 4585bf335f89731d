//! The PIN of the one terminal: kept, tried, dropped. Nothing is counted here.

use super::access::STAFF;
use super::{Fake, Reply, json, read};
use crypto::b64::Fixed;
use crypto::id::AttemptId;
use crypto::login::Transcript;
use crypto::opaque::{self, Purpose, StoredRecord};

impl Fake {
    pub(super) fn keep_pin(&self, path: &str, body: &[u8]) -> Reply {
        match path {
            "/v1/pin/choose/start" => {
                let asked: wire::ChoosePin = read(body)?;
                let response = opaque::register(&self.opaque, &asked.request.0, b"pin").unwrap();
                let response = Fixed(response);
                return json(&wire::PinAnswered { response });
            }
            "/v1/pin/choose/finish" => {
                let kept: wire::KeepPin = read(body)?;
                self.inner().pin = Some(kept.record.0);
            }
            _ => self.inner().pin = None,
        }
        json(&wire::Empty {})
    }

    pub(super) fn start_pin(&self, body: &[u8]) -> Reply {
        let rng = &mut self.rng.clone();
        let asked: wire::PinStart = read(body)?;
        let record = self.inner().pin.ok_or(410_u16)?;
        let record = StoredRecord::from_upload(&record).unwrap();
        let (setup, ke1) = (&self.opaque, &asked.ke1.0);
        let begun =
            opaque::login_start_for(Purpose::Pin, setup, Some(&record), ke1, b"pin", rng).unwrap();
        let (state, ke2) = begun;
        let attempt = AttemptId::random(rng);
        let said = Transcript::of_pin(&asked.terminal, ke1, &ke2);
        self.inner().attempt = Some((attempt, state, said));
        json(&wire::LoginStarted {
            attempt,
            ke2: Fixed(ke2),
        })
    }

    pub(super) fn finish_pin(&self, body: &[u8]) -> Reply {
        let (session, made) = self.admit_person(Purpose::Pin, body)?;
        let says = self.says();
        json(&wire::PinLoggedIn {
            session,
            role: says.role,
            staff: STAFF,
            provider: says.provider,
            data_key_sealed: made.data_key_sealed,
            wraps: self.told_wraps(),
        })
    }
}
