//! The state change of each key while a dialog is open.

use std::path::PathBuf;
use std::time::Instant;

use strum::VariantArray as _;

use super::filter::moved;
use super::filter_keys::answers_shown;
use super::prices::Prices;
use super::{
    Action, App, Button, Confirmation, Context, Dialog, Discovery, Effect, InputPurpose, InputState, Key,
    Origin, Pick, RunId, Scroll, Step, TraceView,
};
use crate::evidence::destination;
use crate::terraform::CheckLevel;

/// The columns by which the path map moves sideways.
const COLUMNS: isize = 8;

impl App {
    pub(super) fn dialog_action(&mut self, action: Action) -> Vec<Effect> {
        if action == Action::Back {
            // The first esc shows all rows again.
            if self.dialog.is_some() && !self.clear_filter() {
                self.dialog = None;
            }
            return Vec::new();
        }
        let Some(dialog) = &mut self.dialog else { return Vec::new() };
        if let Some(scroll) = dialog.scroll() {
            scroll.act(action);
        }
        match (dialog, action) {
            (dialog, Action::Filter) => {
                if let Some(filter) = dialog.filter_mut() {
                    filter.begin();
                }
            }
            (Dialog::Explain { hop, scroll }, Action::Left | Action::Right) => {
                let last = self.trace.as_ref().and_then(TraceView::trace);
                let last = last.map_or(0, |trace| trace.hops.len().saturating_sub(1));
                *hop = hop.saturating_add_signed(if action == Action::Left { -1 } else { 1 }).min(last);
                *scroll = Scroll::default();
            }
            (Dialog::Explain { hop, .. }, Action::Copy) => {
                let hop = *hop;
                return self.copy_explanation(hop);
            }
            (Dialog::Map { column, .. }, Action::Left) => column.by(-COLUMNS),
            (Dialog::Map { column, .. }, Action::Right) => column.by(COLUMNS),
            (Dialog::Confirm { button, .. }, Action::NextPane) => {
                *button = match button {
                    Button::Cancel => Button::Proceed,
                    Button::Proceed => Button::Cancel,
                };
            }
            (Dialog::Owner { question, selected, filter }, action) => {
                let shown = answers_shown(question, filter);
                match action {
                    Action::Up => *selected = moved(&shown, *selected, -1),
                    Action::Down => *selected = moved(&shown, *selected, 1),
                    Action::First => *selected = moved(&shown, *selected, isize::MIN),
                    Action::Last => *selected = moved(&shown, *selected, isize::MAX),
                    Action::Forward if shown.contains(selected) => {
                        let answer = question.answers().into_iter().nth(*selected);
                        self.answers.extend(answer.map(|answer| (question.id.clone(), answer)));
                        self.dialog = None;
                        return self.plan();
                    }
                    _ => {}
                }
            }
            (Dialog::Checks { root, selected }, action) => {
                let levels = CheckLevel::VARIANTS;
                let at = levels.iter().position(|level| level == selected).unwrap_or_default();
                let at = match action {
                    Action::Up => at.saturating_sub(1),
                    Action::Down => at.saturating_add(1).min(levels.len().saturating_sub(1)),
                    Action::First => 0,
                    Action::Last => levels.len().saturating_sub(1),
                    Action::Forward => {
                        let (root, selected) = (root.clone(), *selected);
                        self.dialog = None;
                        return self.checks_chosen(root, selected);
                    }
                    _ => at,
                };
                *selected = levels.get(at).copied().unwrap_or(*selected);
            }
            (Dialog::Confirm { button, confirmation, .. }, Action::Forward | Action::Yes | Action::No) => {
                let button = match action {
                    Action::Yes => Button::Proceed,
                    Action::No => Button::Cancel,
                    _ => *button,
                };
                let confirmation = confirmation.clone();
                self.dialog = None;
                return self.confirmed(button, confirmation);
            }
            _ => {}
        }
        Vec::new()
    }

    fn confirmed(&mut self, button: Button, confirmation: Confirmation) -> Vec<Effect> {
        match (confirmation, button) {
            (Confirmation::Write { .. }, Button::Proceed) => self.write(),
            (Confirmation::Quit { .. }, Button::Proceed) => vec![Effect::Quit],
            (Confirmation::Interrupted { root, .. }, Button::Proceed) => {
                self.restore(Effect::FinishInterrupted(root))
            }
            (Confirmation::Interrupted { root, .. }, Button::Cancel) => {
                self.restore(Effect::UndoInterrupted(root))
            }
            (Confirmation::OtherScenario { name, .. }, Button::Proceed) => self.open_scenario(name),
            (Confirmation::Undo { root, .. }, Button::Proceed) => self.restore(Effect::Undo(root)),
            (
                Confirmation::Write { .. }
                | Confirmation::Quit { .. }
                | Confirmation::OtherScenario { .. }
                | Confirmation::Undo { .. },
                Button::Cancel,
            ) => Vec::new(),
        }
    }

    pub(super) fn input_key(&mut self, key: Key, action: Option<Action>, now: Instant) -> Vec<Effect> {
        let Some(Dialog::Input { purpose, input, state }) = &mut self.dialog else { return Vec::new() };
        *state = InputState::Typing;
        match action {
            Some(Action::Back) => self.dialog = None,
            Some(Action::Forward) => {
                let (purpose, text) = (*purpose, input.text().trim().to_owned());
                return self.submit(purpose, &text, now);
            }
            _ => input.edit(key),
        }
        Vec::new()
    }

    /// Uses the typed text. If it is invalid, the dialog stays open with the text and the error.
    fn submit(&mut self, purpose: InputPurpose, text: &str, now: Instant) -> Vec<Effect> {
        if let Err(reason) = validate(purpose, text) {
            self.reject_input(&reason);
            return Vec::new();
        }
        if purpose == InputPurpose::Folder {
            return self.read_folder(PathBuf::from(text));
        }
        self.dialog = None;
        match purpose {
            InputPurpose::Destination => return self.add_destinations(text, now),
            // The folder is read before the dialog closes.
            InputPurpose::Folder => {}
            InputPurpose::Traffic => {
                if let (Some(choose), Ok(traffic)) = (&mut self.choose, text.parse()) {
                    choose.traffic = traffic;
                }
            }
        }
        Vec::new()
    }

    /// Shows why the typed text is rejected. The dialog stays open.
    fn reject_input(&mut self, reason: &str) {
        let reason = self.preferences.keymap.fill_in(Context::Input, reason);
        if let Some(Dialog::Input { state, .. }) = &mut self.dialog {
            *state = InputState::Rejected(reason);
        }
    }

    /// Reads the typed folder. Until it is read, the previous folder stays in use.
    fn read_folder(&mut self, folder: PathBuf) -> Vec<Effect> {
        let run = self.next_run();
        if let Some(Dialog::Input { state, .. }) = &mut self.dialog {
            *state = InputState::Checking(run);
        }
        vec![Effect::ReadFolder(run, folder)]
    }

    /// Uses the typed folder if it can be read. A reply after the user typed more, or closed the dialog, is stale.
    pub(super) fn folder_read(&mut self, run: RunId, result: Result<(), String>) -> Vec<Effect> {
        let Some(Dialog::Input { state, input, .. }) = &self.dialog else { return Vec::new() };
        if *state != InputState::Checking(run) {
            return Vec::new();
        }
        if let Err(reason) = result {
            self.reject_input(&reason);
            return Vec::new();
        }
        let folder = PathBuf::from(input.text().trim());
        self.dialog = None;
        // Another folder is not the program's own copy.
        self.own_copy = self.own_copy && self.terraform.as_ref() == Some(&folder);
        self.terraform = Some(folder);
        // The answers are resources of the previous folder.
        self.answers.clear();
        let mut effects = self.try_plans();
        effects.extend(if self.step() == Step::Preview { self.plan_again() } else { self.plan() });
        effects
    }

    /// Adds destinations, or shows hidden ones again.
    fn add_destinations(&mut self, text: &str, now: Instant) -> Vec<Effect> {
        let mut last = None;
        for added in separate(text).filter_map(|part| destination(part).ok()) {
            self.query.hidden.retain(|hidden| *hidden != added);
            if !self.query.requested.contains(&added) {
                self.query.requested.push(added.clone());
            }
            last = Some(added);
        }
        self.refresh(last, now)
    }

    /// Reads AWS with another profile or in another Region. All previous results are discarded.
    pub(super) fn switch_account(
        &mut self,
        profile: Option<String>,
        region: Option<String>,
        now: Instant,
    ) -> Vec<Effect> {
        let Origin::Live(request) = &mut self.origin else { return Vec::new() };
        // The profiles of other accounts, and other Regions, follow after commas.
        let names = |text: String| -> Vec<String> {
            text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        };
        if let Some(text) = profile {
            let mut names = names(text).into_iter();
            request.profile = names.next();
            request.more_profiles = names.collect();
        }
        if let Some(text) = region {
            let mut names = names(text).into_iter();
            request.region = names.next();
            request.more_regions = names.collect();
        }
        self.pick = Pick::default();
        self.prices = Prices::NotNeeded;
        self.trace = None;
        self.choose = None;
        self.preview = None;
        self.diagnosing = None;
        self.comparing = None;
        self.discovery = Discovery::started(now);
        self.enter(Step::Pick);
        self.discover(now)
    }

    pub(super) fn ask_folder(&mut self) {
        let folder = self.terraform.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default();
        self.dialog = Some(Dialog::input(InputPurpose::Folder, &folder));
    }
}

/// The destinations in a typed line, which commas or spaces separate.
fn separate(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', ';']).filter(|part| !part.is_empty())
}

/// Rejects text that cannot be used, with a reason for the user.
fn validate(purpose: InputPurpose, text: &str) -> Result<(), String> {
    match purpose {
        InputPurpose::Destination if separate(text).next().is_none() => {
            Err("type a host, for example s3.us-west-2.amazonaws.com; press {back} to cancel".to_owned())
        }
        InputPurpose::Destination => separate(text)
            .try_for_each(|part| destination(part).map(|_| ()).map_err(|error| error.to_string())),
        InputPurpose::Traffic => text
            .parse::<u32>()
            .map(|_| ())
            .map_err(|_| format!("type a whole number of GB from 0 to {}", u32::MAX)),
        InputPurpose::Folder if text.is_empty() => {
            Err("the text is empty; press {back} to cancel".to_owned())
        }
        InputPurpose::Folder => Ok(()),
    }
}
