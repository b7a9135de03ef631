//! Selects a row of the list shown by its place, as a click of the mouse and the text dialogue do.

use strum::VariantArray as _;

use super::filter_keys::answers_shown;
use super::{App, Button, Dialog, Pane, Step};
use crate::terraform::CheckLevel;

impl App {
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
                    (view.row, view.pane, view.scroll) = (*row, Pane::List, 0);
                }
            }
            Step::Choose => {
                if let Some(choose) = &mut self.choose
                    && let Some(row) = choose.shown().get(row)
                {
                    (choose.selected, choose.scroll) = (*row, 0);
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
