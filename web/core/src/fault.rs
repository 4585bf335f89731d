//! What is thrown to a page: one word for each cause, never a text of the server or of the input.

use serde::Serialize;
use terminal::Error;
use terminal::error::StateError;
use wasm_bindgen::JsValue;
use wire::NotClosed;

use crate::view::Problem;

/// An error on its way to a page.
#[derive(Debug)]
pub(crate) struct Fault(Problem);

impl Fault {
    /// One of a cause that only pages have.
    pub(crate) fn named(code: &str) -> Self {
        Self(Problem {
            code: code.to_owned(),
            wait: None,
        })
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self(Problem {
            code: code(&error).to_owned(),
            wait: error.retry_after().map(|wait| wait.as_secs()),
        })
    }
}

impl From<StateError> for Fault {
    fn from(error: StateError) -> Self {
        Error::from(error).into()
    }
}

impl From<wire::typed::TypedError> for Fault {
    fn from(error: wire::typed::TypedError) -> Self {
        Error::from(error).into()
    }
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        value(&fault.0)
    }
}

/// A view as the page sees it.
pub(crate) fn value(view: &impl Serialize) -> JsValue {
    // Views hold text, numbers and lists only: writing them cannot fail, nor can reading them.
    let bytes = crypto::json::write(view).unwrap_or_default();
    let text = std::str::from_utf8(&bytes).unwrap_or_default();
    js_sys::JSON::parse(text).unwrap_or(JsValue::NULL)
}

/// What a page hands in.
///
/// # Errors
/// `input` when it has not the form of its type, which a page that compiles does not do.
pub(crate) fn read<T: serde::de::DeserializeOwned>(given: &JsValue) -> Result<T, Fault> {
    let bad = || Fault::named("input");
    let text = js_sys::JSON::stringify(given).map_err(|_| bad())?;
    let text = zeroize::Zeroizing::new(String::from(text));
    crypto::json::read(text.as_bytes()).map_err(|_| bad())
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Network => "network",
        Error::Address => "address",
        Error::Limited { .. } => "limited",
        Error::Locked => "locked",
        Error::ProviderLimit => "provider-limit",
        Error::ProgrammeLimit => "programme-limit",
        Error::NotSignedIn => "not-signed-in",
        Error::NotAllowed => "not-allowed",
        Error::NotFound => "not-found",
        Error::Conflict => "conflict",
        Error::NotClosed(why) => of_closing(*why),
        Error::Refused { status: 500.., .. } => "server-down",
        Error::Refused { .. } => "refused",
        Error::Answer => "answer",
        Error::Unproven => "unproven",
        Error::Invitation => "invitation",
        Error::HandleTaken => "name-taken",
        Error::Typed(error) => typed(error),
        Error::NoDataKey => "waits-for-key",
        Error::NoProvider => "no-provider",
        Error::TooMany => "too-many",
        Error::Value => "value",
        Error::NotOffered => "not-offered",
        Error::Pin => "pin-wrong",
        Error::PinOver => "pin-over",
        Error::PasswordNeeded => "password-needed",
        Error::Memory(_) => "memory",
        Error::State(StateError::Io) => "storage",
        Error::State(StateError::Format) => "storage-form",
        Error::State(StateError::Closed) => "storage-closed",
        Error::State(StateError::Exists) => "enrolled-already",
        error => of_card(error).unwrap_or_else(|| alarm(error)),
    }
}

/// What is wrong with a card, or with what it is to become.
const fn of_card(error: &Error) -> Option<&'static str> {
    Some(match error {
        Error::Card => "card",
        Error::NotActive => "card-inactive",
        Error::AlreadyActive => "card-active",
        Error::Superseded => "superseded",
        Error::NoClaim => "no-claim",
        Error::Replaced => "replaced",
        Error::NotDeleted => "not-deleted",
        Error::NotKept => "not-kept",
        Error::NoEvent => "no-event",
        _ => return None,
    })
}

/// Why a quarter is not closed.
const fn of_closing(why: NotClosed) -> &'static str {
    match why {
        NotClosed::Early => "closing-early",
        NotClosed::Order => "closing-order",
        NotClosed::Closed => "closing-closed",
        NotClosed::Undelivered => "closing-undelivered",
        NotClosed::Budget => "closing-budget",
        NotClosed::Changed => "closing-changed",
        NotClosed::NotProposed => "closing-not-proposed",
        NotClosed::Proposed => "closing-proposed",
        NotClosed::SamePerson => "closing-same-person",
        NotClosed::NewPerson => "closing-new-person",
        NotClosed::Host => "closing-host",
    }
}

/// What somebody has to be told of: the service or a colleague is not what it should be.
const fn alarm(error: &Error) -> &'static str {
    match error {
        Error::WrongServer => "wrong-server",
        Error::Trust(_) => "trust",
        Error::OtherDataKey => "other-data-key",
        Error::OtherGiver => "other-giver",
        Error::OtherPlace => "other-place",
        Error::Fingerprint => "fingerprint",
        Error::OtherFingerprint => "other-fingerprint",
        Error::NotInvited => "not-invited",
        Error::Directory => "directory",
        Error::Dropped => "dropped",
        Error::Proof => "proof",
        Error::StatusList(_) => "status-list",
        Error::Bucket => "bucket",
        Error::Sealed => "sealed",
        _ => "unknown",
    }
}

fn typed(error: &wire::typed::TypedError) -> &'static str {
    use wire::typed::TypedError;
    match error {
        TypedError::Empty => "typed-empty",
        TypedError::Unseen(..) => "typed-unseen",
        TypedError::Short => "typed-short",
        TypedError::Long => "typed-long",
        TypedError::Common => "typed-common",
        TypedError::Label => "typed-label",
        TypedError::Code => "typed-code",
        TypedError::Name => "typed-name",
        TypedError::Pin => "typed-pin",
        TypedError::EasyPin => "typed-easy-pin",
    }
}
