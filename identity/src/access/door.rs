//! Whether a log-in comes from a live terminal: one whose row is there, is not revoked, and whose key made the knock.
//!
//! Of a terminal that is not there a row of nobody's is read, opened and tried instead.

use crypto::id::TerminalId;
use crypto::login::DoorKey;
use store::{DbError, fetch_one, parsed};
use wire::{Class, LoginStart, PinStart};

use super::party::Party;
use crate::{App, Refusal};

/// The terminal, or the row that stands in for one.
const TERMINAL: &str = "SELECT 1, terminal, class, provider, public, door_sealed FROM terminal
        WHERE terminal = $1 AND revoked = 0
    UNION ALL SELECT 0, $2, $3, NULL, $4, $5 ORDER BY 1 DESC LIMIT 1";

type Row = (i32, Vec<u8>, String, Option<Vec<u8>>, Vec<u8>, Vec<u8>);

/// Where a log-in comes from.
pub(crate) struct Door {
    /// False: from a stranger.
    pub(crate) live: bool,
    pub(crate) party: Party,
    /// What the terminal signs with.
    pub(crate) public: [u8; 32],
    terminal: TerminalId,
}

impl Door {
    /// Under what the log-ins of a minute are counted: those of a live terminal apart from those that name it.
    pub(crate) fn window(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key[..16].copy_from_slice(self.terminal.as_bytes());
        key[16] = 1 + u8::from(self.live);
        key
    }

    /// The same of log-ins by PIN.
    pub(crate) fn pin_window(&self) -> [u8; 32] {
        let mut key = self.window();
        key[17] = 1;
        key
    }
}

/// Looks the terminal up and tries the knock, whether there is one or not.
///
/// # Errors
/// Database errors.
pub(crate) async fn look(app: &App, request: &LoginStart) -> Result<Door, Refusal> {
    let (name, ke1, knock) = (&request.handle, &request.ke1.0, &request.knock.0);
    let knows = |door: &DoorKey| door.knows(name, &request.terminal, ke1, knock);
    try_knock(app, request.terminal, knows).await
}

/// The same for a log-in by PIN.
///
/// # Errors
/// Database errors.
pub(crate) async fn look_for_pin(app: &App, request: &PinStart) -> Result<Door, Refusal> {
    let (ke1, knock) = (&request.ke1.0, &request.knock.0);
    let knows = |door: &DoorKey| door.knows_pin(&request.terminal, ke1, knock);
    try_knock(app, request.terminal, knows).await
}

async fn try_knock(
    app: &App,
    terminal: TerminalId,
    knows: impl FnOnce(&DoorKey) -> bool,
) -> Result<Door, Refusal> {
    let nobody = &app.nobody;
    let mut tx = app.store.read().await?;
    let (found, id, class, provider, public, sealed) = fetch_one!(
        &mut tx,
        Row,
        TERMINAL,
        &terminal.as_bytes()[..],
        &nobody.terminal.as_bytes()[..],
        Class::Operator.as_str(),
        &nobody.terminal_public[..],
        &nobody.door_sealed[..]
    )?;
    drop(tx);
    let door = app.keys.open_door(&parsed(&id)?, &sealed)?;
    let knocked = knows(&door);
    Ok(Door {
        live: (found == 1) & knocked,
        party: Party::of_terminal(&class, provider.as_ref())?,
        public: public.try_into().map_err(|_| DbError::Corrupt)?,
        terminal,
    })
}
