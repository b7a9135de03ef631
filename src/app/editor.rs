//! The user's editor for the selected file on Preview.

use super::{App, Effect};

impl App {
    /// Opens the selected file at the first change shown.
    pub(super) fn open_editor(&mut self) -> Vec<Effect> {
        let is_written = self.is_written();
        let Some(edit) = self.planned_edit() else { return Vec::new() };
        let Some(diff) = edit.diff() else { return Vec::new() };
        if diff.new && !is_written {
            let text = format!("{} does not exist yet: press {{write}} to write it", diff.path.display());
            self.inform(text);
            return Vec::new();
        }
        vec![Effect::Editor(edit.changes.root.join(&diff.path), edit.first_changed_line(is_written))]
    }

    /// After the editor ended, plans the edit again, unless it is written.
    pub(super) fn edited(&mut self, result: Result<(), String>) -> Vec<Effect> {
        match result {
            Err(reason) => {
                self.report_error(reason);
                Vec::new()
            }
            Ok(()) if self.is_written() => Vec::new(),
            Ok(()) => self.plan_again(),
        }
    }
}
