//! Colleagues and devices of a provider.

use crypto::id::{ProviderId, StaffId, TerminalId};
use terminal::admin;
use terminal::colleagues::{self, Compared};
use terminal::fingerprint::Typed;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wire::Role;

use crate::core::Core;
use crate::fault::{Fault, value};
use crate::view::{Colleague, Terminal};

#[wasm_bindgen(wasm_bindgen_futures = crate::promise)]
impl Core {
    /// Makes an invitation, good for 14 days and one registration; its text is handed over in person. `provider` is given by
    /// operators alone; everybody else invites to their own.
    ///
    /// # Errors
    /// `closed`, `input`, `not-allowed`, `limited`, `provider-limit`, `storage`, `network`.
    pub async fn invite(
        &mut self,
        role: &str,
        provider: Option<String>,
    ) -> Result<String, JsValue> {
        Ok(self.invitation(role, provider).await?)
    }

    /// The colleagues of the own provider.
    ///
    /// # Errors
    /// `closed`, `directory` (an alarm that stays), `not-allowed`, `network`.
    #[wasm_bindgen(unchecked_return_type = "Colleague[]")]
    pub async fn colleagues(&mut self) -> Result<JsValue, JsValue> {
        Ok(value(&self.team().await?))
    }

    /// Gives the provider's data key to a colleague: by the invitation that was made on this device, else by the fingerprint
    /// that the colleague reads out.
    ///
    /// # Errors
    /// `not-invited` without a fingerprint when this device did not invite them, `fingerprint`, `other-fingerprint`, `directory`,
    /// `not-found`, `conflict`, `network`.
    pub async fn admit(&mut self, staff: &str, fingerprint: Option<String>) -> Result<(), JsValue> {
        Ok(self.hand_on(staff, fingerprint).await?)
    }

    /// Revokes a colleague for ever.
    ///
    /// # Errors
    /// `closed`, `input`, `not-allowed`, `not-found`, `limited`, `network`.
    #[wasm_bindgen(js_name = revokeStaff)]
    pub async fn revoke_staff(&mut self, staff: &str) -> Result<(), JsValue> {
        let staff: StaffId = staff.parse().map_err(|_| Fault::named("input"))?;
        let counter = self.counter()?;
        Ok(admin::revoke_staff(&counter.session, staff)
            .await
            .map_err(Fault::from)?)
    }

    /// Opens a colleague's name again that too many wrong passwords have closed.
    ///
    /// # Errors
    /// As [`Core::revoke_staff`].
    #[wasm_bindgen(js_name = openName)]
    pub async fn open_name(&mut self, staff: &str) -> Result<(), JsValue> {
        let staff: StaffId = staff.parse().map_err(|_| Fault::named("input"))?;
        let counter = self.counter()?;
        Ok(admin::open_name(&counter.session, staff)
            .await
            .map_err(Fault::from)?)
    }

    /// The devices of the own provider; for operators those of operators and funders.
    ///
    /// # Errors
    /// `closed`, `not-allowed`, `network`.
    #[wasm_bindgen(unchecked_return_type = "Terminal[]")]
    pub async fn terminals(&mut self) -> Result<JsValue, JsValue> {
        let counter = self.counter()?;
        let here = counter.session.terminal();
        let all = admin::terminals(&counter.session)
            .await
            .map_err(Fault::from)?;
        let view = |it: &wire::Enrolled| Terminal {
            id: it.terminal.to_string(),
            label: it.label.clone(),
            day: it.last_day().map(|day| day.to_string()),
            revoked: it.revoked,
            here: it.terminal == here,
        };
        Ok(value(&all.iter().map(view).collect::<Vec<_>>()))
    }

    /// Revokes a device for ever: what it keeps stays sealed.
    ///
    /// # Errors
    /// As [`Core::revoke_staff`].
    #[wasm_bindgen(js_name = revokeTerminal)]
    pub async fn revoke_terminal(&mut self, terminal: &str) -> Result<(), JsValue> {
        let terminal: TerminalId = terminal.parse().map_err(|_| Fault::named("input"))?;
        let counter = self.counter()?;
        let done = admin::revoke_terminal(&counter.session, terminal).await;
        Ok(done.map_err(Fault::from)?)
    }
}

impl Core {
    async fn invitation(&mut self, role: &str, provider: Option<String>) -> Result<String, Fault> {
        let bad = || Fault::named("input");
        let role: Role = role.parse().map_err(|_| bad())?;
        let named = provider.map(|id| id.parse::<ProviderId>()).transpose();
        let named = named.map_err(|_| bad())?;
        let today = self.host.today()?;
        let (counter, _, rng) = self.at_work()?;
        let provider = match role {
            Role::Operator | Role::Funder => None,
            _ => named.or_else(|| counter.session.provider()),
        };
        let invited = &mut counter.state.local.invited;
        let text =
            colleagues::invite(&counter.session, (role, provider), invited, today, rng).await;
        // By what the newcomer will be known is kept before the text leaves.
        self.save().await?;
        Ok(text?.text().to_owned())
    }

    async fn team(&mut self) -> Result<Vec<Colleague>, Fault> {
        let counter = self.counter_mut()?;
        let listed = colleagues::colleagues(&counter.session, &mut counter.state.local).await;
        self.save().await?;
        let me = self.counter()?.session.staff();
        let view = |it: wire::Colleague| Colleague {
            id: it.staff.to_string(),
            me: it.staff == me,
            name: it.handle,
            role: it.role.as_str().to_owned(),
            admitted: it.has_data_key,
            revoked: it.revoked,
        };
        Ok(listed?.into_iter().map(view).collect())
    }

    async fn hand_on(&mut self, staff: &str, fingerprint: Option<String>) -> Result<(), Fault> {
        let staff: StaffId = staff.parse().map_err(|_| Fault::named("input"))?;
        let typed = fingerprint.map(|text| text.parse::<Typed>()).transpose()?;
        let today = self.host.today()?;
        let (counter, _, rng) = self.at_work()?;
        let (session, local) = (&counter.session, &mut counter.state.local);
        let pending = colleagues::pending(session, local).await?;
        let colleague = pending.iter().find(|it| it.staff == staff);
        let colleague = colleague.ok_or_else(|| Fault::named("not-found"))?;
        let compared = match typed {
            Some(typed) => Compared::by_typing(session, colleague, &typed)?,
            None => Compared::by_invitation(session, &mut local.invited, colleague)?,
        };
        let done = colleagues::admit(session, local, &compared, today, rng).await;
        self.save().await?;
        Ok(done?)
    }
}
