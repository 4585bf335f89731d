//! The status list on a terminal: fetched, checked, kept for offline verdicts.
//!
//! There is one way to get a list, [`crate::local::Local::refresh`], and what it
//! takes it keeps: whoever fetched without keeping could be told that a withdrawn card
//! is good again. Which list may take the place of which is decided by
//! [`CheckedStatusList::take`]. A list that is refused changes nothing: the kept
//! one goes on, and ages until verdicts are `stale`.
//! Source: IETF Token Status List, in its CWT form.

use crate::calls;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::b64::B64;
use crypto::day::Day;
use crypto::status::CheckedStatusList;
use crypto::trust::TrustBundle;
use serde::{Deserialize, Serialize};

/// The newest list's token, as it was signed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeptList(Option<B64>);

impl KeptList {
    /// The list, checked again; `None` when there is none that checks, also
    /// after the bundle has named another status key.
    #[must_use]
    pub fn open(&self, bundle: &TrustBundle) -> Option<CheckedStatusList> {
        let token = self.0.as_ref()?;
        CheckedStatusList::from_token(token, &bundle.core.status_key.0).ok()
    }

    /// Fetches the server's list and keeps it, if it may take the place of the
    /// one that is kept. Save the state file afterwards.
    ///
    /// # Errors
    /// `StatusList` when it may not; transport errors. The kept list stays in
    /// either case.
    pub(crate) async fn refresh(
        &mut self,
        session: &Session<impl Transport>,
        today: Day,
    ) -> Result<CheckedStatusList, Error> {
        let token = calls::status_list(session).await?;
        let bundle = session.bundle();
        let kept = self.open(bundle);
        let taken = CheckedStatusList::take(
            &token,
            &bundle.core.status_key.0,
            &bundle.core.programme,
            kept.as_ref(),
            today,
        )?;
        self.0 = Some(B64(token));
        Ok(taken)
    }
}
