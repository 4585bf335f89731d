//! Inviting colleagues, and giving them the provider's data key.
//!
//! The server names a colleague's key, and could name one of its own. So the data key is given to a [`Compared`] only,
//! and there are two ways to one: the colleague proved to hold an invitation that was drawn at this terminal, or
//! somebody typed the fingerprint that the colleague's own terminal shows. Before the data key leaves, a line about it
//! stands in the provider's roster ([`crate::holders`]).

use crate::error::Error;
use crate::fingerprint::Typed;
use crate::invited::Invited;
use crate::local::Local;
use crate::session::Session;
use crate::staff_key;
use crate::transport::Transport;
use crypto::b64::{B64, Fixed};
use crypto::day::Day;
use crypto::hpke::HpkePublic;
use crypto::id::{ProviderId, StaffId};
use crypto::invitation::{self, Inviter, InviterKind, Terms};
use crypto::rng::Rng;
use crypto::roster::staff::{How, StaffAct, StaffEntry, StaffName};
use crypto::token::Token;
use wire::{Colleague, DataKey, Invite, Role};

/// Tries of [`invite`] when no answer comes.
const TRIES: usize = 3;

/// An invitation drawn here, with the root key that this terminal has pinned and
/// the staff key of who invites: the service never has its text, and can write
/// none into another programme or in another name.
pub struct Invitation {
    drawn: invitation::Invitation,
    body: Invite,
}

impl Invitation {
    /// Draws one; `provider` is given exactly for the roles that belong to one.
    pub fn draw<T>(
        session: &Session<T>,
        role: Role,
        provider: Option<ProviderId>,
        today: Day,
        rng: &mut impl Rng,
    ) -> Self {
        let key = session.staff_key().public();
        let inviter = match session.role() {
            Role::Operator => Inviter::Operator(key),
            _ => Inviter::Administrator(key),
        };
        let terms = Terms {
            root: *session.root(),
            role: role.code(),
            provider,
            inviter,
            day: today,
        };
        let drawn = invitation::Invitation::draw(terms, rng);
        let body = Invite {
            role,
            provider,
            hash: Fixed(*drawn.hash().as_bytes()),
            day: today,
        };
        Self { drawn, body }
    }

    /// Tells the service of it; again changes nothing. From then on the text is
    /// good, for 14 days and one registration.
    ///
    /// # Errors
    /// `NotAllowed`; transport errors.
    pub async fn enter(&self, session: &Session<impl Transport>) -> Result<(), Error> {
        session.post("/v1/invitations", &self.body).await?.empty()
    }

    /// The text, to be handed over in person.
    #[must_use]
    pub fn text(&self) -> Token {
        self.drawn.text()
    }
}

impl std::fmt::Debug for Invitation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Invitation(..)")
    }
}

/// Makes an invitation, to be handed over in person, and keeps in `invited` by
/// what its holder will be known: save that before the text leaves. When no
/// answer comes, the same is told again, and there is one all the same.
///
/// # Errors
/// As [`Invitation::enter`].
pub async fn invite<R: Rng>(
    session: &Session<impl Transport>,
    (role, provider): (Role, Option<ProviderId>),
    invited: &mut Invited,
    today: Day,
    rng: &mut R,
) -> Result<Token, Error> {
    let invitation = Invitation::draw(session, role, provider, today, rng);
    invited.keep(&invitation.drawn);
    for _ in 1..TRIES {
        match invitation.enter(session).await {
            Err(Error::Network | Error::Unproven) => {}
            Err(Error::Refused { status: 500.., .. }) => {}
            done => return done.map(|()| invitation.text()),
        }
    }
    invitation.enter(session).await?;
    Ok(invitation.text())
}

/// All colleagues of the own provider, as the service lists them. Whoever has the
/// data key compares the list with the provider's own lines, which are read for
/// that.
///
/// # Errors
/// `Directory` when they contradict each other: an alarm that stays; `NotAllowed`;
/// transport errors.
pub async fn colleagues(
    session: &Session<impl Transport>,
    local: &mut Local,
) -> Result<Vec<Colleague>, Error> {
    let Some(founding) = session.founding().copied() else {
        return list(session).await;
    };
    local.sync(session).await?;
    let known = local.holders.keys();
    let listed = list(session).await?;
    // Again: a line that was written meanwhile comes before what the list says of it.
    local.sync(session).await?;
    local.holders.check(&founding, &known, &listed)?;
    Ok(listed)
}

async fn list(session: &Session<impl Transport>) -> Result<Vec<Colleague>, Error> {
    let listed: Vec<Colleague> = session.get("/v1/staff").await?.json()?;
    let own = session.staff_key().public();
    let mine = |it: &&Colleague| it.staff == session.staff();
    // Colleagues are shown this key too: another one would be the service's.
    match listed.iter().find(mine) {
        Some(me) if me.public.0 == *own.as_bytes() => Ok(listed),
        _ => Err(Error::Directory),
    }
}

/// Colleagues who wait for the data key.
///
/// # Errors
/// As [`colleagues`].
pub async fn pending(
    session: &Session<impl Transport>,
    local: &mut Local,
) -> Result<Vec<Colleague>, Error> {
    let mut all = colleagues(session, local).await?;
    all.retain(|colleague| !colleague.has_data_key && !colleague.revoked);
    Ok(all)
}

/// A colleague whose staff key was compared: the only one to whom the data key is
/// given. There is no other way to make one than the two here, and none to compare
/// by yes or no: the fingerprint of a key that the server names is shown nowhere.
pub struct Compared {
    staff: StaffId,
    key: HpkePublic,
    name: StaffName,
    role: Role,
    invited: InviterKind,
    on: Day,
    how: How,
}

impl Compared {
    /// By the invitation: the colleague's terminal proved to hold one that this
    /// person drew at this terminal.
    ///
    /// # Errors
    /// `NotInvited` when it did not: then [`Compared::by_typing`]. `NoProvider`.
    pub fn by_invitation<T>(
        session: &Session<T>,
        invited: &mut Invited,
        colleague: &Colleague,
    ) -> Result<Self, Error> {
        let provider = session.provider().ok_or(Error::NoProvider)?;
        let own = session.staff_key().public();
        let tag = invited.meet(&provider, &own, colleague)?;
        Self::new(colleague, How::Invitation(tag))
    }

    /// By typing what the colleague's own terminal shows
    /// ([`Session::fingerprint`]), read to the typist by the colleague.
    ///
    /// # Errors
    /// `OtherFingerprint` when the server named another key; `NoProvider`.
    pub fn by_typing<T>(
        session: &Session<T>,
        colleague: &Colleague,
        typed: &Typed,
    ) -> Result<Self, Error> {
        let provider = session.provider().ok_or(Error::NoProvider)?;
        let key = HpkePublic::from_bytes(colleague.public.0);
        if !typed.is(&provider, &key) {
            return Err(Error::OtherFingerprint);
        }
        Self::new(colleague, How::Typed)
    }

    fn new(it: &Colleague, how: How) -> Result<Self, Error> {
        Ok(Self {
            staff: it.staff,
            key: HpkePublic::from_bytes(it.public.0),
            name: StaffName::try_from(it.handle.clone()).map_err(|_| Error::Answer)?,
            role: it.role,
            invited: it.invited,
            on: it.on,
            how,
        })
    }

    fn line(&self, by: HpkePublic, day: Day) -> StaffEntry {
        StaffEntry {
            key: self.key,
            name: self.name.clone(),
            role: self.role.code(),
            invited: self.invited,
            on: self.on,
            day,
            act: StaffAct::Given { by, how: self.how },
        }
    }
}

impl std::fmt::Debug for Compared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Compared(..)")
    }
}

/// Gives the data key to a colleague whose key was compared; a line of the server's
/// list is no such colleague.
///
/// ```compile_fail,E0308
/// use terminal::{Local, Session, colleagues, transport::Transport};
///
/// async fn uncompared(
///     session: &Session<impl Transport>,
///     local: &mut Local,
///     listed: &wire::Colleague,
///     today: crypto::day::Day,
///     rng: &mut crypto::rng::Random,
/// ) {
///     let _ = colleagues::admit(session, local, listed, today, rng).await;
/// }
/// ```
///
/// With a [`Compared`] in its place the same is Rust:
///
/// ```no_run
/// use terminal::{Local, Session, colleagues, transport::Transport};
///
/// async fn compared(
///     session: &Session<impl Transport>,
///     local: &mut Local,
///     compared: &colleagues::Compared,
///     today: crypto::day::Day,
///     rng: &mut crypto::rng::Random,
/// ) {
///     let _ = colleagues::admit(session, local, compared, today, rng).await;
/// }
/// ```
///
/// Writes into the roster that it is given and
/// who made it, reads the log until that stands there, and sends the key: that the
/// service acknowledged it is not enough. Called again after a lost answer it writes
/// nothing twice.
///
/// # Errors
/// `NoDataKey`, `Directory` and `Dropped` while there is an alarm, `Conflict` when the colleague
/// has one already or the server refuses the line, `NotInvited` when the roster says that the name or the invitation
/// came with another key, `Value` for a key that cannot be sealed to; transport errors.
pub async fn admit<R: Rng>(
    session: &Session<impl Transport>,
    local: &mut Local,
    compared: &Compared,
    today: Day,
    rng: &mut R,
) -> Result<(), Error> {
    let sealed = staff_key::hand_on(session, compared.role, compared.invited, &compared.key, rng)?;
    local.sync(session).await?;
    local.agrees()?;
    if let How::Invitation(tag) = compared.how
        && local
            .holders
            .answered_by_another(&compared.name, &compared.key, tag)
    {
        return Err(Error::NotInvited);
    }
    local.tell_founder(session, today, rng)?;
    if !local.holders.given(&compared.key) {
        let own = session.staff_key().public();
        local.enter_line(session, compared.line(own, today), rng)?;
    }
    local.write_and_read_back(session).await?;
    let body = DataKey {
        sealed: B64(sealed),
    };
    let path = format!("/v1/staff/{}/data-key", compared.staff);
    session.put(&path, &body).await?.empty()
}
