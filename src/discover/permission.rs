//! The interface of the check of permissions.

use crate::model::Call;

/// Whether the credentials allow a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The call.
    pub call: Call,
    /// What its answer shows.
    pub status: PermissionStatus,
}

/// What the answer to a call shows about its permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PermissionStatus {
    /// AWS allows the call.
    Present,
    /// AWS denies it; what came back and what helps.
    Missing(String),
    /// The answer does not show it: no answer, throttled, an error of AWS; the reason.
    Unknown(String),
}

/// The credentials in use and their permissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedAccess {
    /// The account number.
    pub account: Option<String>,
    /// The ARN of the user or role.
    pub arn: Option<String>,
    /// The Region.
    pub region: String,
    /// Each permission of the policy, in the order of the calls.
    pub permissions: Vec<Permission>,
}
