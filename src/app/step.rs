//! The five steps of the application.

use strum::{IntoStaticStr, VariantArray};

/// A step, in the order of the breadcrumb.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr, VariantArray)]
pub enum Step {
    /// Select a service.
    Pick,
    /// View the blocked destinations and their causes.
    Trace,
    /// Select a fix.
    Choose,
    /// Read the Terraform diff.
    Preview,
    /// View the written files and the next commands.
    Done,
}

impl Step {
    /// Its name in the breadcrumb and in the help.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.into()
    }
}
