//! The choice of checks, and which of them execute code of the user's folder. Runs no check.

use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr, VariantArray};

/// The highest check that runs. Each level includes the levels before it.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Display,
    IntoStaticStr,
    VariantArray,
    Serialize,
    Deserialize,
)]
#[strum(serialize_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum CheckLevel {
    /// No check.
    None,
    /// `terraform fmt`.
    Fmt,
    /// `terraform validate`. It starts the provider binaries in Terraform's data directory.
    Validate,
    /// `terraform plan`. It also starts the programs of `external` data sources, and reads AWS and the backend.
    Plan,
}

impl CheckLevel {
    /// Its name on the command line, on the screen and in the state folder.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the checks of this level execute code of the user's folder.
    #[must_use]
    pub fn executes_code(self) -> bool {
        self >= Self::Validate
    }

    /// What this level adds to the level before it, for the help and the screen.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::None => "no check",
            Self::Fmt => "terraform fmt; executes no code of the folder",
            Self::Validate => "also terraform validate; executes provider binaries",
            Self::Plan => "also terraform plan; executes external data sources, too",
        }
    }

    /// The code of the user's folder that the checks of this level execute.
    #[must_use]
    pub fn executed_code(self) -> &'static str {
        match self {
            Self::None | Self::Fmt => "no code",
            Self::Validate => "provider binaries",
            Self::Plan => "provider binaries and external data sources",
        }
    }

    /// The names of the checks that run: `fmt, validate and plan`. Empty at the lowest level.
    #[must_use]
    pub fn checks(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Fmt => "fmt",
            Self::Validate => "fmt and validate",
            Self::Plan => "fmt, validate and plan",
        }
    }
}

/// The checks that run, and the reason why the others do not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedChecks {
    /// The highest check that runs.
    pub highest: CheckLevel,
    /// Why the other checks do not run.
    pub skipped: String,
}

impl RequestedChecks {
    /// The checks that the user requested.
    #[must_use]
    pub fn up_to(highest: CheckLevel) -> Self {
        Self { highest, skipped: format!("not requested: --check {highest}") }
    }
}
