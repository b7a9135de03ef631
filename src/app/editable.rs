//! Whether the edit of a fix can be written in the Terraform folder. Choose shows it before the user selects a fix.

/// Whether the edit of a fix can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Editable {
    /// It changes or adds this number of files.
    Files(usize),
    /// The user must first answer which resource of the code manages an AWS resource.
    AfterQuestion,
    /// It must be made by hand, for this reason.
    ByHand(String),
}
