//! Believing a data key that the server hands out: which giver is expected, and whether it is from them.
//!
//! Nothing here comes from the server but the sealed bytes. The giver is whom the invitation named, or whose fingerprint
//! was typed; the maker of a data key expects themselves. Where nobody was named nor compared, the data key waits. The
//! value that was believed once is pinned, with its origin, and another is refused whoever sealed it.

use crate::device::{Device, Handle};
use crate::error::Error;
use crypto::handover::{self, Founding, Place};
use crypto::hpke::{HpkePublic, HpkeSecret};
use crypto::id::ProviderId;
use crypto::invitation::{Inviter, InviterKind};
use crypto::provider::DataKey;
use wire::Role;

/// Who signs in, and where they belong.
pub(crate) struct Person<'a> {
    pub(crate) handle: &'a Handle,
    pub(crate) key: &'a HpkeSecret,
    pub(crate) role: Role,
    pub(crate) provider: Option<ProviderId>,
}

/// What a sign-in learns of the data key.
pub(crate) enum Known {
    /// Nobody has given it.
    None,
    /// Somebody has, and their key was not compared.
    Waits,
    /// It is open.
    Open(DataKey, Founding),
}

/// Opens what the server hands out, and pins it.
///
/// # Errors
/// `OtherGiver` when it is not from whom it is expected, or not for this person and place; `OtherDataKey` when another
/// was believed before; `OtherPlace` for a data key where there is no provider.
pub(crate) fn believe(
    device: &mut Device,
    who: &Person<'_>,
    sealed: Option<&[u8]>,
) -> Result<Known, Error> {
    let Some(sealed) = sealed else {
        return Ok(Known::None);
    };
    let provider = who.provider.ok_or(Error::OtherPlace)?;
    let claimed = handover::claimed(sealed).ok_or(Error::OtherGiver)?;
    let Some(giver) = expected(device, who, &provider, claimed)? else {
        return Ok(Known::Waits);
    };
    let opens = |invited: InviterKind| {
        let place = Place {
            provider,
            role: who.role.code(),
            invited,
        };
        handover::open(who.key, &giver, &place, sealed).ok()
    };
    let opened = match device.is_of(who.handle) {
        true => opens(device.inviter().kind()),
        // Who invited a second person stands at the terminal where that one enrolled; the value is pinned here.
        false => InviterKind::ALL.into_iter().find_map(opens),
    };
    let handed = opened.ok_or(Error::OtherGiver)?;
    let own = who.key.public();
    // A giver who says that the receiver made it would have this terminal vouch for it.
    if handed.founding.key == own && !device.made_by(&own) {
        return Err(Error::OtherGiver);
    }
    device.pin(&handed)?;
    Ok(Known::Open(handed.key, handed.founding))
}

/// The giver that is expected, or nobody.
fn expected(
    device: &Device,
    who: &Person<'_>,
    provider: &ProviderId,
    claimed: HpkePublic,
) -> Result<Option<HpkePublic>, Error> {
    if !device.is_of(who.handle) {
        // Somebody else at this terminal: the data key that was believed here is taken from any hand, another from none.
        return Ok(device.has_pinned().then_some(claimed));
    }
    let own = who.key.public();
    let giver = match (device.made_by(&own), device.typed(), device.inviter()) {
        (true, ..) => own,
        (false, Some(typed), _) if typed.is(provider, &claimed) => claimed,
        (false, Some(_), _) => return Err(Error::OtherGiver),
        (false, None, Inviter::Administrator(key)) => *key,
        (false, None, Inviter::CommandLine | Inviter::Operator(_)) => return Ok(None),
    };
    Ok(Some(giver))
}
