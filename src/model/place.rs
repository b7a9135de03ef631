//! Where facts are read: an account and a Region.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Region;

/// The text between the resources and the account in the scope of a call.
const SCOPE_OF: &str = " in account ";

/// An account and a Region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The account number.
    pub account: String,
    /// The Region.
    pub region: Region,
}

impl Place {
    /// The end of the scope of a call that was sent there.
    #[must_use]
    pub fn suffix(&self) -> String {
        format!("{SCOPE_OF}{} ({})", self.account, self.region)
    }

    /// The scope of a call without its end, and that end; `None` if the call was sent to the account of the snapshot.
    #[must_use]
    pub fn split_scope(scope: &str) -> Option<(&str, Self)> {
        let (ids, place) = scope.split_once(SCOPE_OF)?;
        let (account, region) = place.strip_suffix(')')?.split_once(" (")?;
        Some((ids, Self { account: account.to_owned(), region: region.into() }))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "account {} ({})", self.account, self.region)
    }
}
