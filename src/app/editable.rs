//! Whether the edit of a fix can be written in the Terraform folder. Choose shows it before the user selects a fix.

use crate::terraform::{EditError, PlannedFix};

/// Whether the edit of a fix can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Editable {
    /// It changes or adds this number of files.
    Files(usize),
    /// A part of it changes or adds this number of files; the rest must be made by hand.
    Part(usize),
    /// The user must first answer which resource of the code manages an AWS resource.
    AfterQuestion,
    /// It must be made by hand, for this reason.
    ByHand(String),
}

impl Editable {
    /// From the plan of the fix.
    #[must_use]
    pub fn of(planned: Result<PlannedFix, EditError>) -> Self {
        match planned {
            Ok(PlannedFix::Files(changes)) if changes.by_hand.is_empty() => Self::Files(changes.files.len()),
            Ok(PlannedFix::Files(changes)) => Self::Part(changes.files.len()),
            Ok(PlannedFix::ByHand(parts)) => {
                Self::ByHand(parts.iter().map(|part| part.reason.as_str()).collect::<Vec<_>>().join("; "))
            }
            Err(error) if error.question().is_some() => Self::AfterQuestion,
            Err(error) => Self::ByHand(error.to_string()),
        }
    }
}
