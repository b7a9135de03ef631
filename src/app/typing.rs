//! Keys while a dialog stands over the screen.

use std::path::PathBuf;
use std::time::Instant;

use crossterm::event::KeyCode;

use super::dialog::Wanted;
use super::steps::PAGE;
use super::{Action, App, Choice, Dialog, Effect, Input, Key, Origin, Pick, Question, Reading, Step};
use crate::evidence::destination;

/// The line that scrolling stops at.
const LONGEST: usize = 500;

impl App {
    pub(super) fn dialog_action(&mut self, action: Action) -> Vec<Effect> {
        let Some(dialog) = &mut self.dialog else { return Vec::new() };
        if let Some(scroll) = dialog.scroll() {
            match action {
                Action::Up => *scroll = scroll.saturating_sub(1),
                Action::Down => *scroll = scroll.saturating_add(1).min(LONGEST),
                Action::PageUp => *scroll = scroll.saturating_sub(PAGE),
                Action::PageDown => *scroll = scroll.saturating_add(PAGE).min(LONGEST),
                Action::First => *scroll = 0,
                Action::Last => *scroll = LONGEST,
                _ => {}
            }
        }
        match (dialog, action) {
            (_, Action::Back) => self.dialog = None,
            (Dialog::Help { filter, .. }, Action::Filter) => {
                self.dialog = Some(Dialog::input(Wanted::HelpFilter, &filter.clone()));
            }
            (Dialog::Calls { filter, .. }, Action::Filter) => {
                self.dialog = Some(Dialog::input(Wanted::CallFilter, &filter.clone()));
            }
            (Dialog::Question(choice, _), Action::NextPane) => {
                *choice = match choice {
                    Choice::Cancel => Choice::Proceed,
                    Choice::Proceed => Choice::Cancel,
                };
            }
            (Dialog::Which { asked, selected }, action) => {
                let last = asked.answers().len().saturating_sub(1);
                match action {
                    Action::Up => *selected = selected.saturating_sub(1),
                    Action::Down => *selected = selected.saturating_add(1).min(last),
                    Action::First => *selected = 0,
                    Action::Last => *selected = last,
                    Action::Forward => {
                        let answer = asked.answers().into_iter().nth(*selected);
                        self.answers.extend(answer.map(|answer| (asked.id.clone(), answer)));
                        self.dialog = None;
                        return self.plan();
                    }
                    _ => {}
                }
            }
            (Dialog::Question(choice, question), Action::Forward) => {
                let (choice, question) = (*choice, question.clone());
                self.dialog = None;
                if let Question::Interrupted { root, .. } = question {
                    let effect = match choice {
                        Choice::Proceed => Effect::Finish(root),
                        Choice::Cancel => Effect::RollBack(root),
                    };
                    return vec![effect];
                }
                let agreed = (choice == Choice::Proceed).then_some(question);
                return match agreed {
                    Some(Question::Write { .. }) => {
                        self.ready().map(|ready| Effect::Write(ready.changes.clone())).into_iter().collect()
                    }
                    Some(Question::Quit) => vec![Effect::Quit],
                    Some(Question::Interrupted { .. }) | None => Vec::new(),
                };
            }
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn type_key(&mut self, key: Key, action: Option<Action>, now: Instant) -> Vec<Effect> {
        let Some(Dialog::Input { wanted, input, error }) = &mut self.dialog else { return Vec::new() };
        *error = None;
        match (action, key.code) {
            (Some(Action::Back), _) => self.dialog = None,
            (Some(Action::Forward), _) => {
                let (wanted, text) = (*wanted, input.text().trim().to_owned());
                return self.take(wanted, &text, now);
            }
            (_, KeyCode::Char('u')) if key.ctrl => *input = Input::default(),
            (_, KeyCode::Char(c)) if !key.ctrl => input.insert(c.encode_utf8(&mut [0; 4])),
            (_, KeyCode::Backspace) => input.backspace(),
            (_, KeyCode::Delete) => input.delete(),
            (_, KeyCode::Left) => input.left(),
            (_, KeyCode::Right) => input.right(),
            (_, KeyCode::Home) => input.home(),
            (_, KeyCode::End) => input.end(),
            _ => {}
        }
        Vec::new()
    }

    /// Takes what was typed. What is wrong with it is said beside it, and nothing is lost.
    fn take(&mut self, wanted: Wanted, text: &str, now: Instant) -> Vec<Effect> {
        if let Err(why) = Self::check_typed(wanted, text) {
            if let Some(Dialog::Input { error, .. }) = &mut self.dialog {
                *error = Some(why);
            }
            return Vec::new();
        }
        self.dialog = None;
        match wanted {
            Wanted::Destination => self.add_destination(text),
            Wanted::Folder => {
                self.terraform = Some(PathBuf::from(text));
                // They were about the other code.
                self.answers.clear();
                return self.plan();
            }
            Wanted::Profile | Wanted::Region => return self.switch(wanted, text, now),
            Wanted::ServiceFilter => {
                text.clone_into(&mut self.pick.filter);
                self.pick.selected = 0;
            }
            Wanted::HelpFilter => self.dialog = Some(Dialog::Help { filter: text.to_owned(), scroll: 0 }),
            Wanted::CallFilter => self.dialog = Some(Dialog::Calls { filter: text.to_owned(), scroll: 0 }),
            Wanted::Traffic => {
                if let (Some(choose), Ok(traffic)) = (&mut self.choose, text.parse()) {
                    choose.traffic = traffic;
                }
            }
        }
        Vec::new()
    }

    fn check_typed(wanted: Wanted, text: &str) -> Result<(), String> {
        match wanted {
            Wanted::Destination => destination(text).map(|_| ()).map_err(|error| error.to_string()),
            Wanted::Traffic => {
                text.parse::<u32>().map(|_| ()).map_err(|_| "give a whole number of GB".to_owned())
            }
            Wanted::Folder | Wanted::Region | Wanted::Profile if text.is_empty() => {
                Err("type something, or esc".to_owned())
            }
            Wanted::Folder
            | Wanted::Region
            | Wanted::Profile
            | Wanted::ServiceFilter
            | Wanted::HelpFilter
            | Wanted::CallFilter => Ok(()),
        }
    }

    fn add_destination(&mut self, text: &str) {
        let Ok(wanted) = destination(text) else { return };
        self.query.hidden.retain(|left| *left != wanted);
        if !self.query.requested.contains(&wanted) {
            self.query.requested.push(wanted.clone());
        }
        self.look_again();
        if let Some(view) = &mut self.trace {
            let findings = &view.case.diagnosis.findings;
            view.row =
                findings.iter().position(|finding| finding.need.destination == wanted).unwrap_or(view.row);
        }
    }

    /// Another profile or region: everything is read anew.
    fn switch(&mut self, wanted: Wanted, text: &str, now: Instant) -> Vec<Effect> {
        let Origin::Live(request) = &mut self.origin else { return Vec::new() };
        if wanted == Wanted::Profile {
            request.profile = Some(text.to_owned());
        } else {
            request.region = Some(text.to_owned());
        }
        self.pick = Pick::default();
        self.trace = None;
        self.choose = None;
        self.preview = None;
        self.done = None;
        self.reading = Reading::begun(now);
        self.enter(Step::Pick);
        self.read(now)
    }

    pub(super) fn ask_folder(&mut self) {
        let folder = self.terraform.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default();
        self.dialog = Some(Dialog::input(Wanted::Folder, &folder));
    }
}
