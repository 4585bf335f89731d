//! What pages are given and what they hand in: plain values, whose TypeScript forms are generated from these.
//!
//! Days are `2026-11-30`; services, reasons, roles and outcomes are the words of the protocol, for which a page has its own.

pub mod office;

use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wire::RegisteredProvider;

/// What is thrown when a call fails; nothing was changed unless the page is told otherwise.
#[derive(Debug, Serialize, Tsify)]
pub struct Problem {
    /// One word for the cause, such as `network` or `invitation`.
    pub code: String,
    /// Seconds to wait, when the same call can succeed after them.
    pub wait: Option<u64>,
}

/// How this device stands.
#[derive(Debug, Serialize, Tsify)]
pub struct Device {
    /// Somebody was enrolled here.
    pub enrolled: bool,
    /// Somebody is signed in, and lists can be read.
    pub open: bool,
    /// A PIN opens what was locked.
    pub locked: bool,
}

/// What somebody who accepts an invitation says.
#[derive(Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The invitation's text.
    pub invitation: String,
    /// The name to sign in with.
    pub name: String,
    /// The password.
    pub password: String,
    /// What people will call this device.
    pub label: String,
}

/// Who is signed in.
#[derive(Debug, Serialize, Tsify)]
pub struct Me {
    /// The name.
    pub name: String,
    /// The role: `outreach-worker`, `clinician`, `provider-administrator`, `operator` or `funder`.
    pub role: String,
    /// The provider's name; none for operators and funders, and before the registry was read.
    pub provider: Option<String>,
    /// Its sites, `city/name`.
    pub sites: Vec<String>,
    /// What those of them offer that do not offer every service.
    pub offers: Vec<Offer>,
    /// Services of the definitions file, in its order.
    pub services: Vec<String>,
    /// Those of them that are given by the piece.
    pub counted: Vec<String>,
    /// A colleague has to compare fingerprints before clients can be seen.
    pub waits: bool,
    /// This person's own fingerprint, six groups of five digits; none without a provider.
    pub fingerprint: Option<String>,
    /// Where the provider's data key came from, in one English line.
    pub origin: Option<String>,
    /// They have a PIN here.
    pub pin: bool,
    /// Signed in by it, with the daily work alone: the rest needs the password.
    #[serde(rename = "byPin")]
    pub by_pin: bool,
    /// What has to be looked into: `forked`, `dropped`, `forgotten`.
    pub notices: Vec<String>,
}

/// What one site offers.
#[derive(Debug, Serialize, Tsify)]
pub struct Offer {
    /// The site.
    pub site: String,
    /// The services.
    pub services: Vec<String>,
}

/// What a scan came to.
#[derive(Debug, Serialize, Tsify)]
pub struct Scan {
    /// `valid`, `revoked`, `expired`, `unknown` or `stale`.
    pub verdict: String,
    /// Days since the list of withdrawn cards was made.
    pub age: Option<u32>,
    /// The last month in which an expired card was good, `2026-11`.
    pub expiry: Option<String>,
    /// `person`, `refused`, `inactive` (genuine, nobody's), `superseded` or `offline` (nobody can be asked now).
    pub outcome: String,
    /// The client, when there is one.
    pub client: Option<Client>,
}

/// A client of this provider.
#[derive(Debug, Serialize, Tsify)]
pub struct Client {
    /// By which the page names the client in later calls; it means nothing elsewhere.
    pub id: String,
    /// Two words and a number.
    pub alias: String,
    /// Whether this provider has met the client.
    pub known: bool,
    /// The alias that the card says was this client's before; staff who know the client may confirm it.
    pub claims: Option<String>,
    /// The last answer about follow-up.
    pub consent: Option<bool>,
    /// Everything that was entered, the latest first.
    pub history: Vec<Line>,
    /// Where the client stands in each service.
    pub standings: Vec<Standing>,
    /// What *Same as last time* would record today: the services of the latest day with a visit.
    pub again: Option<Again>,
}

/// A visit like the last one.
#[derive(Debug, Serialize, Tsify)]
pub struct Again {
    /// What was given.
    pub services: Vec<Given>,
    /// The next appointment, as many days from today as it was then; none when there was none.
    pub until: Option<String>,
}

/// One entry about a client.
#[derive(Debug, Clone, Serialize, Tsify)]
pub struct Line {
    /// By which the page names it.
    pub id: String,
    /// Its day.
    pub day: String,
    /// `enrolled`, `visit`, `result`, `exited`, `attempt`, `consent`, `note`, `continued`, `separated` or `withdrawn`.
    pub kind: String,
    /// The service.
    pub service: Option<String>,
    /// Where.
    pub site: Option<String>,
    /// How many pieces.
    pub quantity: Option<u16>,
    /// The next appointment or the last day of cover.
    pub until: Option<String>,
    /// The reason of an exit, the code of a result, the outcome of an attempt, the text of a note.
    pub detail: Option<String>,
    /// Whether it can be withdrawn while the client's card is here: an event that stands, entered under this card's identity.
    pub withdrawable: bool,
}

/// A client in one service.
#[derive(Debug, Serialize, Tsify)]
pub struct Standing {
    /// The service.
    pub service: String,
    /// `active`, `late`, `lost`, `lapsed` or `exited`.
    pub state: String,
    /// When the client is or was expected, or the day of the end.
    pub day: String,
    /// The reason of an exit.
    pub reason: Option<String>,
}

/// One service of a visit.
#[derive(Debug, Clone, Serialize, Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// The service.
    pub service: String,
    /// How many pieces, where they are counted; 1 to 65,535.
    #[tsify(optional)]
    #[serde(default)]
    pub quantity: Option<u16>,
}

/// A visit of the client whose card was scanned last.
#[derive(Debug, Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    /// Where.
    pub site: String,
    /// What was given, at least one.
    pub services: Vec<Given>,
    /// The next appointment or the last day of cover, at most 366 days ahead.
    #[tsify(optional)]
    #[serde(default)]
    pub until: Option<String>,
}

/// What a closed device can do without a network.
#[derive(Debug, Serialize, Tsify)]
pub struct Closed {
    /// Visits that were noted and nobody has collected.
    pub waiting: u32,
    /// As of [`Me`].
    pub services: Vec<String>,
    /// As of [`Me`].
    pub counted: Vec<String>,
}

/// A visit that is noted while the device is closed.
#[derive(Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub struct Jot {
    /// The card's text.
    pub card: String,
    /// What was given, at least one.
    pub services: Vec<Given>,
    /// The next appointment or the last day of cover, at most 366 days ahead.
    #[tsify(optional)]
    #[serde(default)]
    pub until: Option<String>,
}

/// An enrolment of the client whose card was scanned last.
#[derive(Debug, Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    /// Where, and in what.
    pub visit: Visit,
    /// `woman`, `man` or `other`; none when it was skipped.
    #[tsify(optional)]
    #[serde(default)]
    pub gender: Option<String>,
    /// `under 25` or `25 and over`; none when it was skipped.
    #[tsify(optional)]
    #[serde(default)]
    pub age: Option<String>,
    /// Whether the client agrees to be followed up.
    pub consent: bool,
}

/// A client who leaves a service.
#[derive(Debug, Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// Where.
    pub site: String,
    /// The service.
    pub service: String,
    /// `completed`, `transferred`, `died`, `imprisoned`, `moved`, `withdrew` or `dropped_out`.
    pub reason: String,
}

/// What was recorded, to be taken back while it has not been sent.
#[derive(Debug, Serialize, Deserialize, Tsify)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// Opaque names of the entries.
    pub ids: Vec<String>,
    /// The client is not known yet: the visit waits for the network.
    pub later: bool,
}

/// One row of a list of clients.
#[derive(Debug, Serialize, Tsify)]
pub struct Row {
    /// The client.
    pub id: String,
    /// Two words and a number.
    pub alias: String,
    /// The service; the first one for those who were seen.
    pub service: String,
    /// All services of today, for those who were seen.
    pub services: Vec<String>,
    /// When the client is or was expected; today for those who were seen.
    pub day: String,
    /// Days late; 0 for those who are expected or were seen.
    pub days: i32,
    /// Counts as a drop-out here.
    pub lost: bool,
    /// The last answer about follow-up.
    pub consent: Option<bool>,
    /// Attempts to reach the client since the expected day.
    pub attempts: u32,
    /// Where the client was last seen.
    pub site: Option<String>,
}

/// The lists of the day.
#[derive(Debug, Serialize, Tsify)]
pub struct Today {
    /// Expected before today and not seen, longest first.
    pub overdue: Vec<Row>,
    /// Expected today and in the next six days, soonest first.
    pub due: Vec<Row>,
    /// Seen today.
    pub seen: Vec<Row>,
}

/// What has not been sent.
#[derive(Debug, Serialize, Tsify)]
pub struct Waiting {
    /// Entries that wait to be sent.
    pub entries: u32,
    /// Reports that wait to be sent.
    pub reports: u32,
    /// Items the service refused for themselves.
    pub refused: u32,
    /// Withdrawals of cards that wait.
    pub withdrawals: u32,
    /// Visits whose client is not known yet.
    pub later: Vec<Held>,
}

/// A visit whose client is not known yet.
#[derive(Debug, Serialize, Tsify)]
pub struct Held {
    /// By which it is deleted.
    pub id: String,
    /// Its day.
    pub day: String,
    /// What was given.
    pub services: Vec<String>,
    /// Whether it enrols a client.
    pub enrols: bool,
    /// `refused`, `inactive`, `superseded` or `value` when somebody has to look into it.
    pub obstacle: Option<String>,
}

/// An entry that was not acknowledged.
#[derive(Debug, Serialize, Tsify)]
pub struct Queued {
    /// By which it is deleted.
    pub id: String,
    /// The service refuses it for itself; else it only waits.
    pub refused: bool,
    /// What it says; none for a line about staff.
    pub line: Option<Line>,
    /// Whom it is about.
    pub alias: Option<String>,
}

/// What was entered today.
#[derive(Debug, Serialize, Tsify)]
pub struct Summary {
    /// Clients who were seen.
    pub people: u32,
    /// Clients who were enrolled.
    pub enrolled: u32,
    /// By service, in the order of the definitions file.
    pub services: Vec<Sum>,
}

/// What was done today of one service.
#[derive(Debug, Serialize, Tsify)]
pub struct Sum {
    /// The service.
    pub service: String,
    /// Visits.
    pub visits: u32,
    /// Pieces.
    pub quantity: u32,
}

/// What a synchronisation did.
#[derive(Debug, Serialize, Tsify)]
pub struct Synced {
    /// Sent and kept by the service.
    pub sent: u32,
    /// Read that was new here.
    pub received: u32,
    /// Visits that found their client.
    pub bound: u32,
    /// Something has to be looked into: see `Me.notices`.
    pub alarm: bool,
    /// What still waits.
    pub waiting: Waiting,
}

/// A colleague.
#[derive(Debug, Serialize, Tsify)]
pub struct Colleague {
    /// By which the page names the colleague.
    pub id: String,
    /// The name that they sign in with.
    pub name: String,
    /// The role.
    pub role: String,
    /// Can see clients.
    pub admitted: bool,
    /// Revoked for ever.
    pub revoked: bool,
    /// The person who is signed in.
    pub me: bool,
}

/// An enrolled device.
#[derive(Debug, Serialize, Tsify)]
pub struct Terminal {
    /// By which it is revoked.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The last day on which anybody signed in there.
    pub day: Option<String>,
    /// Revoked for ever.
    pub revoked: bool,
    /// This very device.
    pub here: bool,
}

/// A provider of the registry.
#[derive(Debug, Serialize, Tsify)]
pub struct Provider {
    /// By which the page names it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its sites, `city/name`.
    pub sites: Vec<String>,
    /// What those of them offer that do not offer every service.
    pub offers: Vec<Offer>,
}

impl Offer {
    /// What a provider's sites offer that do not offer every service.
    pub(crate) fn of(provider: &RegisteredProvider) -> Vec<Self> {
        let offers = provider.offers.iter();
        let view = offers.map(|(site, services)| Self {
            site: site.to_string(),
            services: services.iter().map(ToString::to_string).collect(),
        });
        view.collect()
    }
}
