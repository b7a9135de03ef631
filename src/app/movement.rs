//! Movement of the selection and of the scroll position on the steps.

use super::filter::moved as moved_among;
use super::{App, Pane, Plan, PlannedEdit, Scroll, Step};

impl App {
    /// Changes the planned edit, if there is one.
    pub(super) fn with_edit(&mut self, change: impl FnOnce(&mut PlannedEdit)) {
        if let Some(ready) = self.planned_edit_mut() {
            change(ready);
        }
    }

    /// The focused pane of the step; `None` if the step has one pane.
    #[must_use]
    pub fn focused(&self) -> Option<Pane> {
        match self.step() {
            Step::Trace => self.trace.as_ref().map(|view| view.pane),
            Step::Choose => self.choose.as_ref().map(|choose| choose.pane),
            Step::Preview => self.planned_edit().map(|edit| edit.pane),
            Step::Pick | Step::Done => None,
        }
    }

    /// The step whose list has the focus.
    pub(super) fn focused_list(&self) -> Option<Step> {
        (self.focused() == Some(Pane::List)).then(|| self.step())
    }

    /// Focuses a pane. It is shown from its start.
    pub(super) fn focus(&mut self, pane: Pane) {
        if self.focused() == Some(pane) {
            return;
        }
        match self.step() {
            Step::Trace => {
                if let Some(view) = &mut self.trace {
                    (view.pane, view.scroll) = (pane, Scroll::default());
                }
            }
            Step::Choose => {
                if let Some(choose) = &mut self.choose {
                    (choose.pane, choose.scroll) = (pane, Scroll::default());
                }
            }
            Step::Preview => self.with_edit(|edit| edit.pane = pane),
            Step::Pick | Step::Done => {}
        }
    }

    /// Moves the selection, or the scroll position, by rows.
    pub(super) fn move_rows(&mut self, by: isize) {
        let moved = |at: usize, count: usize| at.saturating_add_signed(by).min(count.saturating_sub(1));
        match self.step() {
            Step::Pick => {
                self.pick.selected = moved(self.pick.selected, self.pick.shown().count());
            }
            Step::Trace => {
                if let Some(view) = &mut self.trace {
                    if view.pane == Pane::List {
                        view.row = moved_among(&view.shown(), view.row, by);
                        view.scroll = Scroll::default();
                    } else {
                        view.scroll.by(by);
                    }
                }
            }
            Step::Choose => {
                if let Some(choose) = self.choose.as_mut().filter(|choose| choose.pane != Pane::List) {
                    choose.scroll.by(by);
                } else if let Some(choose) = &mut self.choose {
                    choose.move_selection(by);
                }
            }
            Step::Preview if self.by_hand_fix().is_some() => {
                if let Some(Plan::ByHand(fix)) = self.preview.as_mut().map(|preview| &mut preview.plan) {
                    fix.scroll.by(by);
                }
            }
            Step::Preview => self.with_edit(|edit| {
                if edit.pane == Pane::List {
                    edit.file = moved(edit.file, edit.diffs.len());
                    edit.scroll = 0;
                } else {
                    edit.scroll_by(by);
                }
            }),
            Step::Done => {
                if let Some(done) = &mut self.done {
                    done.scroll.by(by);
                }
            }
        }
    }

    /// Selects another subnet or another file.
    pub(super) fn move_columns(&mut self, by: isize) {
        match self.step() {
            Step::Trace => {
                if let Some(view) = &mut self.trace {
                    let columns = match view.finding() {
                        Some(finding) if finding.traces.len() > 1 => view.columns.len(),
                        _ => 1,
                    };
                    view.column = view.column.min(columns.saturating_sub(1));
                    view.column = view.column.saturating_add_signed(by).min(columns.saturating_sub(1));
                    view.scroll = Scroll::default();
                }
            }
            Step::Preview => self.with_edit(|edit| {
                edit.file = edit.file.saturating_add_signed(by).min(edit.diffs.len().saturating_sub(1));
                edit.scroll = 0;
            }),
            Step::Pick | Step::Choose | Step::Done => {}
        }
    }
}
