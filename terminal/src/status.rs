//! The status list on a terminal: fetched, checked, kept for offline verdicts.
//!
//! Only a list signed by the bundle's status key counts, and never one issued
//! before the one kept: otherwise a server could bring a revoked card back to
//! life. Source: IETF Token Status List, in its CWT form.

use crate::calls;
use crate::error::Error;
use crate::session::Session;
use crate::transport::Transport;
use crypto::b64::B64;
use crypto::bundle::TrustBundle;
use crypto::status::CheckedStatusList;
use serde::{Deserialize, Serialize};

/// The newest list's token, as it was signed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct KeptList(Option<B64>);

impl KeptList {
    /// The list, checked again; `None` when there is none that checks.
    #[must_use]
    pub fn open(&self, bundle: &TrustBundle) -> Option<CheckedStatusList> {
        let token = self.0.as_ref()?;
        CheckedStatusList::from_token(token, &bundle.status_key.0).ok()
    }

    /// Fetches the server's list and keeps it.
    ///
    /// # Errors
    /// `Answer` when it is not signed or older than the kept one; transport
    /// errors. The kept list stays in either case.
    pub async fn refresh(
        &mut self,
        session: &Session<impl Transport>,
    ) -> Result<CheckedStatusList, Error> {
        let token = calls::status_list(session).await?;
        let list = check(&token, session.bundle())?;
        let older = self
            .open(session.bundle())
            .is_some_and(|kept| list.issued() < kept.issued());
        if older {
            return Err(Error::Answer);
        }
        self.0 = Some(B64(token));
        Ok(list)
    }
}

/// Fetches the list without keeping it.
///
/// # Errors
/// `Answer` when it is not signed by the bundle's status key; transport errors.
pub async fn fetch(session: &Session<impl Transport>) -> Result<CheckedStatusList, Error> {
    check(&calls::status_list(session).await?, session.bundle())
}

fn check(token: &[u8], bundle: &TrustBundle) -> Result<CheckedStatusList, Error> {
    CheckedStatusList::from_token(token, &bundle.status_key.0).map_err(|_| Error::Answer)
}
