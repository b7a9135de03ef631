//! Selects a row of the list shown by its place, as a click of the mouse and the text dialogue do.

use strum::VariantArray as _;

use super::filter_keys::answers_shown;
use super::{App, Button, Dialog, Effect, Hit, Pane, Scroll, Step};
use crate::terraform::CheckLevel;

impl App {
    /// Selects the next cause on Trace, and says which.
    pub(super) fn select_next_cause(&mut self) {
        let Some(view) = &mut self.trace else { return };
        view.mark_next_cause();
        let total = view.case.diagnosis.causes.len();
        let text = match view.marked_cause() {
            Some(cause) => format!("Cause {} of {total} explains the cells in brackets", cause.number),
            None => "No cause is selected".to_owned(),
        };
        self.inform(text);
    }

    /// A click: focuses the pane, and selects the row and the column.
    pub(super) fn clicked(&mut self, hit: Hit) -> Vec<Effect> {
        if let Some(pane) = hit.pane.filter(|_| self.dialog.is_none()) {
            self.focus(pane);
        }
        if let Some(row) = hit.row {
            self.select_row(row);
        }
        if let Some(choose) = self.choose.as_mut().filter(|_| hit.is_steps) {
            choose.select_steps();
        }
        if let (Some(column), Some(view)) = (hit.column, &mut self.trace)
            && column < view.columns.len()
        {
            view.column = column;
        }
        Vec::new()
    }

    /// Selects a row. A place without a row changes nothing.
    pub(super) fn select_row(&mut self, row: usize) {
        match &mut self.dialog {
            Some(Dialog::Confirm { button, .. }) => {
                *button = [Button::Cancel, Button::Proceed].get(row).copied().unwrap_or(*button);
            }
            Some(Dialog::Owner { question, selected, filter }) => {
                *selected = answers_shown(question, filter).get(row).copied().unwrap_or(*selected);
            }
            Some(Dialog::Checks { selected, .. }) => {
                *selected = CheckLevel::VARIANTS.get(row).copied().unwrap_or(*selected);
            }
            Some(Dialog::Picker(picker)) => {
                if row < picker.shown().count() {
                    picker.selected = row;
                }
            }
            Some(_) => {}
            None => self.select_row_of_step(row),
        }
    }

    fn select_row_of_step(&mut self, row: usize) {
        match self.step() {
            Step::Pick => {
                if row < self.pick.shown().count() {
                    self.pick.selected = row;
                }
            }
            Step::Trace => {
                if let Some(view) = &mut self.trace
                    && let Some(row) = view.shown().get(row)
                {
                    (view.row, view.pane, view.scroll) = (*row, Pane::List, Scroll::default());
                }
            }
            Step::Choose => {
                if let Some(choose) = &mut self.choose
                    && let Some(row) = choose.shown().get(row)
                {
                    (choose.selected, choose.pane, choose.scroll) = (*row, Pane::List, Scroll::default());
                    choose.on_steps = false;
                }
            }
            Step::Preview => self.with_edit(|edit| {
                if row < edit.diffs.len() {
                    (edit.file, edit.scroll) = (row, 0);
                }
            }),
            Step::Done => {}
        }
    }
}
