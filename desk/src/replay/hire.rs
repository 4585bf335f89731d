//! Opening the counters of a replay: registry entries, invitations, registrations, log-ins.

use std::collections::{BTreeMap, BTreeSet};

use crypto::day::Day;
use crypto::id::ProviderId;
use crypto::json::HiddenText;
use crypto::report::Site;
use crypto::rng::{Random, Rng};
use terminal::device::Handle;
use terminal::invited::Invited;
use terminal::state::Open;
use wire::Role;
use wire::typed::{Chosen, Entered, MOST_LABEL};
use zeroize::Zeroizing;

use super::desk::Desk;
use super::error::ReplayError;
use super::keep::{Keeper, LogIn};
use crate::sign_in as step;
use crate::{Connection, Session, StateFile};

/// Characters of generated passwords: 32, so that a byte picks one without bias.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
/// Characters in a generated password: 26 x 5 bits = 130 bits.
const PASSWORD_LENGTH: usize = 26;

/// A random password, or passphrase.
pub fn password(rng: &mut impl Rng) -> String {
    let mut bytes = [0_u8; PASSWORD_LENGTH];
    rng.fill_bytes(&mut bytes);
    bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect()
}

/// Registers an operator with an invitation and signs in.
///
/// # Errors
/// [`ReplayError`] when a call fails.
pub async fn operator(
    connection: &Connection,
    invitation: &str,
    today: Day,
    rng: &mut Random,
) -> Result<Session, ReplayError> {
    let word = Chosen::parse(&Zeroizing::new(password(rng)))
        .map_err(|e| ReplayError::at("making a password")(e.into()))?;
    let handle = fresh_handle("operator", rng)?;
    let label = "replay"
        .parse()
        .map_err(ReplayError::at("making a label"))?;
    let mut enrolled = step::register(connection, invitation, &handle, &word, &label, today, rng)
        .await
        .map_err(ReplayError::at("registering an operator"))?;
    step::login(connection, &mut enrolled.device, word.entered(), today, rng)
        .await
        .map_err(ReplayError::at("signing the operator in"))
}

/// Opens a counter at every site that the registry knows (all of them with `register`).
///
/// # Errors
/// [`ReplayError`] when a call fails or a file cannot be written; `NotAdmitted` at a provider with staff of its own.
pub async fn desks(
    connection: &Connection,
    operator: &Session,
    sites: &BTreeSet<Site>,
    register: bool,
    keeper: &mut Keeper,
    today: Day,
    rng: &mut Random,
) -> Result<BTreeMap<Site, Desk>, ReplayError> {
    let known = known_sites(operator).await?;
    let mut desks = BTreeMap::new();
    for site in sites {
        let provider = match known.get(site) {
            Some(provider) => *provider,
            None if register => enter(operator, site).await?,
            None => continue,
        };
        let (session, file, state) = match keeper.get(site).cloned() {
            Some(kept) => sign_in(connection, keeper, &kept, today, rng).await?,
            None => hire(connection, operator, (provider, site), keeper, today, rng).await?,
        };
        desks.insert(
            site.clone(),
            Desk::open(session, file, state, today, rng.clone()).await?,
        );
    }
    Ok(desks)
}

/// Which of these sites the registry lacks.
///
/// # Errors
/// [`ReplayError`] when the call fails.
pub async fn unknown_sites(
    operator: &Session,
    sites: &BTreeSet<Site>,
) -> Result<Vec<Site>, ReplayError> {
    let known = known_sites(operator).await?;
    let unknown = sites.iter().filter(|site| !known.contains_key(site));
    Ok(unknown.cloned().collect())
}

async fn known_sites(operator: &Session) -> Result<BTreeMap<Site, ProviderId>, ReplayError> {
    let registry = terminal::admin::registry(operator)
        .await
        .map_err(ReplayError::at("reading the registry"))?;
    Ok(registry
        .providers
        .into_iter()
        .flat_map(|provider| {
            provider
                .sites
                .into_iter()
                .map(move |site| (site, provider.id))
        })
        .collect())
}

/// One provider for a site that nobody entered before.
async fn enter(operator: &Session, site: &Site) -> Result<ProviderId, ReplayError> {
    let failed = ReplayError::at("entering a site into the registry");
    let provider = terminal::admin::create_provider(operator, &site.to_string())
        .await
        .map_err(failed)?;
    terminal::admin::create_site(operator, provider, site, None)
        .await
        .map_err(failed)?;
    Ok(provider)
}

async fn hire(
    connection: &Connection,
    operator: &Session,
    (provider, site): (ProviderId, &Site),
    keeper: &mut Keeper,
    today: Day,
    rng: &mut Random,
) -> Result<(Session, StateFile, Open), ReplayError> {
    let failed = ReplayError::at("opening a counter");
    let place = (Role::ProviderAdministrator, Some(provider));
    let kept = &mut Invited::default();
    let invitation = terminal::colleagues::invite(operator, place, kept, today, rng)
        .await
        .map_err(failed)?;
    let word = password(rng);
    let handle = fresh_handle("counter", rng)?;
    let label = format!("counter {site}")
        .chars()
        .take(MOST_LABEL)
        .collect::<String>();
    let label = label.parse().map_err(failed)?;
    let secret = Chosen::parse(&word).map_err(|e| failed(e.into()))?;
    let enrolled = step::register(
        connection,
        invitation.text(),
        &handle,
        &secret,
        &label,
        today,
        rng,
    )
    .await
    .map_err(failed)?;
    let file = format!("{}.terminal", enrolled.device.terminal());
    let place = StateFile::new(keeper.path(&file));
    Open::create(&place, enrolled.device, &enrolled.state_key, rng)
        .await
        .map_err(failed)?;
    let log_in = LogIn {
        handle: handle.as_str().to_owned(),
        password: HiddenText::new(word),
        file,
    };
    keeper.put(site.clone(), log_in.clone(), rng)?;
    sign_in(connection, keeper, &log_in, today, rng).await
}

async fn sign_in(
    connection: &Connection,
    keeper: &Keeper,
    log_in: &LogIn,
    today: Day,
    rng: &mut Random,
) -> Result<(Session, StateFile, Open), ReplayError> {
    let handle: Handle = log_in
        .handle
        .parse()
        .map_err(ReplayError::at("the replay's log-ins"))?;
    let word = Entered::parse(log_in.password.expose())
        .map_err(|e| ReplayError::at("the replay's log-ins")(e.into()))?;
    let file = StateFile::new(keeper.path(&log_in.file));
    let (session, state) = step::sign_in(connection, &file, &handle, &word, today, rng)
        .await
        .map_err(ReplayError::at("signing a counter in"))?;
    if session.data_key().is_none() {
        return Err(ReplayError::NotAdmitted);
    }
    Ok((session, file, state))
}

fn fresh_handle(word: &str, rng: &mut impl Rng) -> Result<Handle, ReplayError> {
    let mut tail = [0_u8; 8];
    rng.fill_bytes(&mut tail);
    let tail = crypto::hex::encode(&tail);
    format!("{word}-{tail}")
        .parse()
        .map_err(ReplayError::at("making a handle"))
}
