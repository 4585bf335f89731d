//! Registration, log-in and staff: one person, invited as a test wants it.

use super::{Fake, Live, Reply, json, read, today};
use crypto::b64::Fixed;
use crypto::id::{AttemptId, SessionId, StaffId};
use crypto::invitation::{Invitation, Inviter, InviterKind, Terms};
use crypto::json::Hidden;
use crypto::login::Transcript;
use crypto::opaque::{self, Purpose, StoredRecord};
use crypto::request::{RequestKeys, Window};
use crypto::sign::TerminalKey;
use wire::Role;

/// The one person's id.
pub(super) const STAFF: StaffId = StaffId::from_bytes([1; 16]);

impl Fake {
    /// An invitation for the provider's first administrator.
    #[must_use]
    pub fn invitation(&self) -> String {
        self.invited_by(Role::ProviderAdministrator, Inviter::CommandLine)
    }

    /// An invitation of anybody's into the one provider. Who is invited makes the data key unless a colleague invites.
    #[must_use]
    pub fn invited_by(&self, role: Role, inviter: Inviter) -> String {
        let terms = Terms {
            root: self.root.public(),
            role: role.code(),
            provider: Some(self.provider),
            inviter,
            day: today(),
        };
        let drawn = Invitation::draw(terms.clone(), &mut self.rng.clone());
        self.inner().terms = Some(terms);
        drawn.text().text().to_owned()
    }

    /// Takes an invitation that was drawn elsewhere for the last one.
    pub fn says_of(&self, terms: &Terms) {
        self.inner().terms = Some(terms.clone());
    }

    /// What it says of the invitation that is used: of the last one drawn here, unless a test wants it otherwise.
    #[must_use]
    pub fn says(&self) -> wire::RegisterStarted {
        let said = self.inner().said.clone();
        if let Some(said) = said {
            return said;
        }
        let terms = self.inner().terms.clone();
        let role = terms.as_ref().and_then(|it| Role::from_code(it.role));
        let invited = terms.map_or(InviterKind::CommandLine, |it| it.inviter.kind());
        let role = role.unwrap_or(Role::ProviderAdministrator);
        wire::RegisterStarted {
            response: Fixed([0; 64]),
            role,
            provider: Some(self.provider),
            invited,
            on: today(),
            makes_data_key: role == Role::ProviderAdministrator
                && invited != InviterKind::Administrator,
        }
    }

    pub(super) fn give(&self, path: &str, body: &[u8]) -> Reply {
        let asked: wire::DataKey = read(body)?;
        let staff = path.split('/').nth(3).and_then(|id| id.parse().ok());
        let staff = staff.ok_or(404_u16)?;
        self.inner().given.push((staff, asked.sealed.0));
        json(&wire::Empty {})
    }

    pub(super) fn access(&self, path: &str, body: &[u8]) -> Reply {
        match path {
            "/v1/register/start" => {
                let asked: wire::RegisterStart = read(body)?;
                let response = opaque::register(&self.opaque, &asked.request.0, b"one").unwrap();
                json(&wire::RegisterStarted {
                    response: Fixed(response),
                    ..self.says()
                })
            }
            "/v1/register/finish" => {
                let made: wire::RegisterFinish = read(body)?;
                self.inner().registered = Some(made);
                let says = self.says();
                json(&wire::Registered {
                    staff: STAFF,
                    terminal: self.terminal,
                    role: says.role,
                    provider: says.provider,
                })
            }
            "/v1/login/start" => self.start_login(body),
            "/v1/pin/login/start" => self.start_pin(body),
            "/v1/pin/login/finish" => self.finish_pin(body),
            _ => self.finish_login(body),
        }
    }

    fn start_login(&self, body: &[u8]) -> Reply {
        let mut rng = self.rng.clone();

        let asked: wire::LoginStart = read(body)?;
        let record = self
            .inner()
            .registered
            .as_ref()
            .filter(|r| r.handle == asked.handle)
            .map(|r| r.record);
        let record = record.map(|record| StoredRecord::from_upload(&record.0).unwrap());
        let begun = opaque::login_start(
            &self.opaque,
            record.as_ref(),
            &asked.ke1.0,
            b"one",
            &mut rng,
        );
        let (state, ke2) = begun.unwrap();
        let attempt = AttemptId::random(&mut rng);
        let said = Transcript::new(&asked.handle, &asked.terminal, &asked.ke1.0, &ke2);
        self.inner().attempt = Some((attempt, state, said));
        json(&wire::LoginStarted {
            attempt,
            ke2: Fixed(ke2),
        })
    }

    fn finish_login(&self, body: &[u8]) -> Reply {
        let (session, made) = self.admit_person(Purpose::Password, body)?;
        let says = self.says();
        // Its guard would be held while the wraps are asked for.
        let pin = self.inner().pin.is_some();
        json(&wire::LoggedIn {
            session,
            role: says.role,
            staff: STAFF,
            provider: says.provider,
            staff_private_sealed: made.staff_private_sealed,
            data_key_sealed: made.data_key_sealed,
            pin,
            wraps: self.told_wraps(),
        })
    }

    pub(super) fn told_wraps(&self) -> wire::Wraps {
        let bent = self.inner().wraps.clone();
        wire::Wraps {
            wraps: bent.unwrap_or_else(|| vec![Hidden::of(self.wrap.expose())]),
        }
    }

    /// Checks the end of a log-in and begins the one session.
    pub(super) fn admit_person(
        &self,
        purpose: Purpose,
        body: &[u8],
    ) -> Result<(SessionId, wire::RegisterFinish), u16> {
        let refused = 401_u16;
        let asked: wire::LoginFinish = read(body)?;
        let begun = self.inner().attempt.take();
        let (_, state, said) = begun
            .filter(|(attempt, ..)| *attempt == asked.attempt)
            .ok_or(refused)?;
        let log_in = state.finish(purpose, &asked.ke3.0).map_err(|_| refused)?;
        let made = self.inner().registered.clone().ok_or(refused)?;
        let message = said.with(&asked.ke3.0);
        TerminalKey::verify_login(&made.terminal_public.0, &message, &asked.signature.0)
            .map_err(|_| refused)?;
        let id = SessionId::random(&mut self.rng.clone());
        self.inner().session = Some(Live {
            id,
            keys: RequestKeys::derive(&log_in, &self.terminal, &STAFF),
            window: Window::default(),
        });
        Ok((id, made))
    }
}
