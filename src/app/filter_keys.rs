//! The filter of the list shown, or the search in the diff: which one it is, and its keys.

use super::filter::moved;
use super::{Action, App, Choose, Dialog, Filter, Key, Plan, PlannedEdit, Scroll, Step, TraceView};
use crate::diagnose::Finding;
use crate::model::WorkloadId;
use crate::terraform::{OwnerChoice, OwnerQuestion};

impl App {
    /// The filter of the list shown, if it has one.
    #[must_use]
    pub fn filter(&self) -> Option<&Filter> {
        match (&self.dialog, self.step()) {
            (Some(dialog), _) => dialog.filter(),
            (None, Step::Pick) => Some(&self.pick.filter),
            (None, Step::Trace) => self.trace.as_ref().map(|view| &view.filter),
            (None, Step::Choose) => self.choose.as_ref().map(|choose| &choose.filter),
            (None, Step::Preview) => match &self.preview.as_ref()?.plan {
                Plan::Ready(edit) => Some(&edit.search),
                Plan::Running(search) => Some(search),
                Plan::ByHand(_) | Plan::Failed(_) => None,
            },
            (None, Step::Done) => None,
        }
    }

    pub(super) fn filter_mut(&mut self) -> Option<&mut Filter> {
        let step = self.step();
        match (&mut self.dialog, step) {
            (Some(dialog), _) => dialog.filter_mut(),
            (None, Step::Pick) => Some(&mut self.pick.filter),
            (None, Step::Trace) => self.trace.as_mut().map(|view| &mut view.filter),
            (None, Step::Choose) => self.choose.as_mut().map(|choose| &mut choose.filter),
            (None, Step::Preview) => match &mut self.preview.as_mut()?.plan {
                Plan::Ready(edit) => Some(&mut edit.search),
                Plan::Running(search) => Some(search),
                Plan::ByHand(_) | Plan::Failed(_) => None,
            },
            (None, Step::Done) => None,
        }
    }

    /// A key while the user types the filter: movement, the end of typing, or a character.
    pub(super) fn filter_key(&mut self, key: Key, action: Option<Action>) {
        match action {
            Some(Action::Back) => {
                self.clear_filter();
            }
            Some(Action::Forward) => {
                if let Some(filter) = self.filter_mut() {
                    filter.end();
                }
            }
            Some(action) if action.is_movement() => self.move_list(action),
            _ => {
                self.change_filter(|filter| filter.input().edit(key));
            }
        }
    }

    /// Inserts pasted text, if the user types a filter. Returns whether it did.
    pub(super) fn paste_into_filter(&mut self, text: &str) -> bool {
        let is_typing = self.filter().is_some_and(Filter::is_typing);
        if is_typing {
            self.change_filter(|filter| filter.input().insert(text));
        }
        is_typing
    }

    /// Shows all rows again. Returns whether rows were hidden.
    pub(super) fn clear_filter(&mut self) -> bool {
        self.change_filter(Filter::clear).unwrap_or_default()
    }

    /// Changes the filter, and selects a row that is shown.
    fn change_filter<T>(&mut self, change: impl FnOnce(&mut Filter) -> T) -> Option<T> {
        let service = self.pick.current().map(|workload| workload.id.clone());
        let filter = self.filter_mut()?;
        let before = filter.text().to_owned();
        let changed = change(filter);
        if filter.text() != before {
            self.filter_changed(service.as_ref());
        }
        Some(changed)
    }

    fn move_list(&mut self, action: Action) {
        if self.dialog.is_some() {
            self.dialog_action(action);
            return;
        }
        match action {
            Action::Up => self.move_rows(-1),
            Action::Down => self.move_rows(1),
            Action::PageUp => self.move_rows(-super::scroll::PAGE.cast_signed()),
            Action::PageDown => self.move_rows(super::scroll::PAGE.cast_signed()),
            _ => {}
        }
    }

    /// Selects a row that is shown, after the text changed: on Pick the same service, if it is shown.
    fn filter_changed(&mut self, service: Option<&WorkloadId>) {
        match &mut self.dialog {
            Some(Dialog::Owner { question, selected, filter }) => {
                *selected = moved(&answers_shown(question, filter), *selected, 0);
            }
            Some(dialog) => {
                if let Some(scroll) = dialog.scroll() {
                    *scroll = Scroll::default();
                }
            }
            None => match self.step() {
                Step::Pick => {
                    self.pick.selected = 0;
                    self.pick.select(service);
                }
                Step::Trace => {
                    if let Some(view) = &mut self.trace {
                        view.row = moved(&view.shown(), view.row, 0);
                        view.scroll = Scroll::default();
                    }
                }
                Step::Choose => {
                    if let Some(choose) = &mut self.choose {
                        choose.on_steps &= choose.steps().is_some();
                        choose.selected = moved(&choose.shown(), choose.selected, 0);
                        choose.scroll = Scroll::default();
                    }
                }
                Step::Preview => self.with_edit(PlannedEdit::search_from_here),
                Step::Done => {}
            },
        }
    }
}

impl TraceView {
    /// The destinations that the filter shows, as indices.
    #[must_use]
    pub fn shown(&self) -> Vec<usize> {
        let all = self.case.diagnosis.findings.iter().zip(&self.names).enumerate();
        if !self.filter.is_on() {
            return all.map(|(at, _)| at).collect();
        }
        let shows = |finding: &Finding, name: &String| {
            self.filter.shows(&format!("{name} {}", finding.need.destination))
        };
        all.filter(|(_, (finding, name))| shows(finding, name)).map(|(at, _)| at).collect()
    }
}

impl Choose {
    /// The fixes that the filter shows, as indices.
    #[must_use]
    pub fn shown(&self) -> Vec<usize> {
        let row = |proposal: &crate::remedy::Proposal| format!("{} {}", proposal.title, proposal.id());
        let proposals = self.case.proposals.iter().enumerate();
        proposals.filter(|(_, proposal)| self.filter.shows(&row(proposal))).map(|(at, _)| at).collect()
    }
}

/// The words of an answer that the filter finds.
fn words(answer: &OwnerChoice) -> String {
    match answer {
        OwnerChoice::Block(address) => address.to_string(),
        OwnerChoice::Elsewhere => "none other code".to_owned(),
        OwnerChoice::Import => "import".to_owned(),
    }
}

/// The answers of a question that the filter shows, as indices.
#[must_use]
pub fn answers_shown(question: &OwnerQuestion, filter: &Filter) -> Vec<usize> {
    let answers = question.answers();
    let answers = answers.iter().enumerate();
    answers.filter(|(_, answer)| filter.shows(&words(answer))).map(|(at, _)| at).collect()
}
