//! To whom staff and terminals belong: one provider, the operators, or the funders.
//!
//! A role or a class alone leaves the provider open, and two absent providers are equal to each other and mean nothing: so
//! whoever asks whether somebody belongs somewhere compares parties.

use crypto::id::ProviderId;
use store::{DbError, parsed_option};
use wire::{Class, Role};

use crate::Refusal;

/// Where somebody or something belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Party {
    /// One provider.
    Provider(ProviderId),
    /// The operators.
    Operators,
    /// The funders.
    Funders,
}

impl Party {
    /// Reads a class and the provider beside it; `None` when they do not fit each other.
    pub(crate) fn of(class: Class, provider: Option<ProviderId>) -> Option<Self> {
        match (class, provider) {
            (Class::Provider, Some(provider)) => Some(Self::Provider(provider)),
            (Class::Operator, None) => Some(Self::Operators),
            (Class::Funder, None) => Some(Self::Funders),
            _ => None,
        }
    }

    /// Sixteen bytes that no other party has.
    pub(crate) fn tag(self) -> [u8; 16] {
        match self {
            Self::Provider(provider) => *provider.as_bytes(),
            Self::Operators => [0; 16],
            Self::Funders => [1; 16],
        }
    }

    /// Reads a stored role and provider.
    pub(crate) fn of_staff(role: &str, provider: Option<&Vec<u8>>) -> Result<Self, DbError> {
        let role: Role = role.parse().map_err(|_| DbError::Corrupt)?;
        Self::of(role.class(), parsed_option(provider)?).ok_or(DbError::Corrupt)
    }

    /// Reads a stored class and provider.
    pub(crate) fn of_terminal(class: &str, provider: Option<&Vec<u8>>) -> Result<Self, DbError> {
        let class: Class = class.parse().map_err(|_| DbError::Corrupt)?;
        Self::of(class, parsed_option(provider)?).ok_or(DbError::Corrupt)
    }
}

/// Passes a row that exists and lies within the provider, if one is given.
pub(crate) fn in_reach(
    row: Option<(Option<Vec<u8>>,)>,
    within: Option<ProviderId>,
) -> Result<(), Refusal> {
    let (provider,) = row.ok_or(Refusal::NotFound)?;
    let provider: Option<ProviderId> = parsed_option(provider.as_ref())?;
    let reach = within.is_none_or(|own| provider == Some(own));
    reach.then_some(()).ok_or(Refusal::NotFound)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_class_without_its_provider_is_nobodys_and_two_absences_are_not_equal() {
        let own = ProviderId::from_bytes([1; 16]);
        assert_eq!(Party::of(Class::Provider, None), None);
        assert_eq!(Party::of(Class::Operator, Some(own)), None);
        assert_eq!(Party::of(Class::Funder, Some(own)), None);
        assert_ne!(
            Party::of(Class::Operator, None),
            Party::of(Class::Funder, None)
        );
        for role in Role::ALL {
            let provider = role.has_provider().then(|| own.as_bytes().to_vec());
            let staff = Party::of_staff(role.as_str(), provider.as_ref()).unwrap();
            let class = role.class().as_str();
            assert_eq!(Party::of_terminal(class, provider.as_ref()).unwrap(), staff);
        }
    }
}
