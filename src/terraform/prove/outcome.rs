//! The results of the checks of an edit. Runs no check.

/// One check of the edited configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Terraform's subcommand: `fmt`, `validate` or `plan`.
    pub name: &'static str,
    /// The result.
    pub outcome: Outcome,
    /// More facts for the user, in whole sentences.
    pub notes: Vec<String>,
}

/// The result of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Terraform reports no error.
    Passed,
    /// Terraform reports an error; its message.
    Failed(String),
    /// The check did not run; the reason.
    NotRun(String),
}

impl Outcome {
    /// The outcome as a word for the screen and for JSON.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::NotRun(_) => "not run",
        }
    }

    /// The reason why the check failed or did not run.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Passed => None,
            Self::Failed(why) | Self::NotRun(why) => Some(why),
        }
    }
}

/// All checks of an edit that is not written yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The results of `fmt`, `validate` and `plan`.
    pub checks: Vec<Check>,
    /// Warnings that the user should read before the write, in whole sentences.
    pub warnings: Vec<String>,
}

impl Verification {
    /// One sentence for each reason why checks did not run.
    #[must_use]
    pub fn not_run(&self) -> Vec<String> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for check in &self.checks {
            let Outcome::NotRun(why) = &check.outcome else { continue };
            match reasons.iter_mut().find(|(reason, _)| reason == why) {
                Some((_, names)) => names.push(check.name),
                None => reasons.push((why, vec![check.name])),
            }
        }
        reasons.into_iter().map(|(why, names)| format!("{} did not run: {why}", names.join(", "))).collect()
    }

    /// One sentence for each failed check.
    #[must_use]
    pub fn objections(&self) -> Vec<String> {
        let failed = self.checks.iter().filter_map(|check| match &check.outcome {
            Outcome::Failed(why) => Some(format!("{} failed: {why}", check.name)),
            Outcome::Passed | Outcome::NotRun(_) => None,
        });
        failed.collect()
    }
}
