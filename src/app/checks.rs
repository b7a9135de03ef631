//! Which of Terraform's checks run on the planned edit.
//!
//! `validate` and `plan` execute code of the user's folder. They run only after the user allowed it: in this session, or earlier (the
//! answer is read from the state folder). Without an answer only `fmt` runs and a question opens. In the demo, they run only
//! if the user chooses them: the copy of a scenario has no AWS provider.

use std::path::PathBuf;

use super::{Action, App, Dialog, Effect, Step};
use crate::terraform::{CheckLevel, RequestedChecks};

/// The checks that run while there is no answer. Also the selected answer when the question opens, because it executes no code.
const SAFE: CheckLevel = CheckLevel::Fmt;

impl App {
    /// Starts the checks of the planned edit. Reads the user's answer first if they execute code.
    pub(super) fn start_checks(&mut self) -> Vec<Effect> {
        let Some(root) = self.planned_root() else { return Vec::new() };
        if self.own_copy && !self.answers_on_checks.contains_key(&root) {
            let skipped = "skipped in the demo: needs the AWS provider (press {checks} to choose)";
            let skipped = self.preferences.keymap.fill(skipped);
            return self.run_checks(RequestedChecks { highest: SAFE, skipped });
        }
        match (self.check, self.answers_on_checks.get(&root)) {
            (Some(level), _) if !level.executes_code() => self.run_checks(RequestedChecks::up_to(level)),
            (_, Some(&answer)) => self.run_answered(answer),
            (_, None) => {
                self.checking_run = self.next_run();
                vec![Effect::ReadConsent(self.checking_run, root)]
            }
        }
    }

    /// Uses the answer of an earlier session. Without one, opens the question and runs the checks that execute no code.
    pub(super) fn consent_read(&mut self, result: Result<Option<CheckLevel>, String>) -> Vec<Effect> {
        let answer = result.unwrap_or_else(|reason| {
            self.report_error(reason);
            None
        });
        let Some(root) = self.planned_root() else { return Vec::new() };
        if let Some(answer) = answer {
            self.answers_on_checks.insert(root, answer);
            return self.run_answered(answer);
        }
        if self.step() == Step::Preview && self.dialog.is_none() {
            self.dialog = Some(Dialog::Checks { root, selected: SAFE });
        }
        let skipped = self.preferences.keymap.fill("not allowed yet: press {checks} to choose the checks");
        self.run_checks(RequestedChecks { highest: SAFE, skipped })
    }

    /// Opens the choice of checks. The selected level is the one in force.
    pub(super) fn choose_checks(&mut self) {
        let Some(root) = self.planned_root() else { return };
        let requested = self.planned_edit().and_then(|edit| edit.requested.as_ref());
        let selected = requested.map_or(SAFE, |requested| requested.highest);
        self.dialog = Some(Dialog::Checks { root, selected });
    }

    /// Stores the user's choice for the folder and runs these checks. The choice replaces the option `--check`.
    pub(super) fn checks_chosen(&mut self, root: PathBuf, level: CheckLevel) -> Vec<Effect> {
        self.check = None;
        self.answers_on_checks.insert(root.clone(), level);
        let mut effects = vec![Effect::SaveConsent(root, level)];
        effects.extend(self.run_answered(level));
        effects
    }

    /// Runs the checks that the answer allows, and of these not more than the option `--check` requests.
    fn run_answered(&mut self, answer: CheckLevel) -> Vec<Effect> {
        self.run_checks(match self.check {
            Some(level) if level < answer => RequestedChecks::up_to(level),
            _ => RequestedChecks {
                highest: answer,
                skipped: format!(
                    "your answer for this folder is {answer}; press {} to change it",
                    self.preferences.keymap.name(Action::Checks)
                ),
            },
        })
    }

    fn run_checks(&mut self, requested: RequestedChecks) -> Vec<Effect> {
        self.checking_run = self.next_run();
        let run = self.checking_run;
        let Some(edit) = self.planned_edit_mut() else { return Vec::new() };
        edit.verification = None;
        edit.requested = Some(requested.clone());
        vec![Effect::Check(run, edit.changes.clone(), requested)]
    }

    fn planned_root(&self) -> Option<PathBuf> {
        self.planned_edit().map(|edit| edit.changes.root.clone())
    }
}
