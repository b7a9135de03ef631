//! The list of what can be copied on Trace and Preview. What the key for copying takes without a question is its first row.

use crate::report::{deciding_hop, explain, path_text};
use crate::terraform::diff::patch;

use super::picker::{Choice, Entry};
use super::{App, Dialog, Picker, PickerPurpose, Step};

impl App {
    /// Opens the list.
    pub(super) fn open_copy_list(&mut self) {
        let rows = match self.step() {
            Step::Trace => self.rows_of_trace(),
            Step::Preview => self.rows_of_preview(),
            Step::Pick | Step::Choose | Step::Done => Vec::new(),
        };
        self.dialog = Some(Dialog::Picker(Box::new(Picker::new(PickerPurpose::Copy, rows))));
    }

    /// The selected destination, its path, and the components of the path.
    fn rows_of_trace(&self) -> Vec<Entry> {
        let Some(view) = &self.trace else { return Vec::new() };
        let Some(finding) = view.finding() else { return Vec::new() };
        let mut rows = vec![
            row(
                "the destination, its verdict and its paths",
                finding.need.label().clone(),
                crate::report::finding_text(finding),
            ),
            same("the host", finding.need.destination.to_string()),
        ];
        let Some(trace) = view.trace() else { return rows };
        rows.push(row("the selected path", trace.verdict.word().to_owned(), path_text(trace)));
        if let Some(hop) = trace.hops.get(deciding_hop(trace)) {
            let explanation = explain(&view.case.snapshot, hop);
            rows.push(same("the rule that decides", explanation.rule));
            rows.extend(explanation.command.map(|text| same("the command that shows its component", text)));
            rows.extend(explanation.console.map(|text| same("the console address of its component", text)));
        }
        for hop in &trace.hops {
            let id = hop.component.to_string();
            if !rows.iter().any(|row| row.about == id) {
                rows.push(same(&format!("the id at {}", hop.layer.word()), id));
            }
        }
        rows
    }

    /// The diff and the selected file.
    fn rows_of_preview(&self) -> Vec<Entry> {
        let Some(edit) = self.planned_edit() else { return Vec::new() };
        let files = format!("{} files", edit.changes.files.len());
        let mut rows = vec![row("the diff as a patch", files, patch(&edit.changes))];
        let selected = edit.diff().map(|diff| &diff.path);
        if let Some(file) = edit.changes.files.iter().find(|file| Some(&file.path) == selected) {
            let name = file.path.display().to_string();
            rows.push(row("the selected file with the change", name, file.after.clone()));
            rows.push(same(
                "the path of the selected file",
                edit.changes.root.join(&file.path).display().to_string(),
            ));
        }
        rows
    }
}

/// A row whose text is too long for the list.
fn row(what: &str, about: String, text: String) -> Entry {
    Entry {
        label: what.to_owned(),
        key: String::new(),
        about,
        choice: Choice::Copy { what: what.to_owned(), text },
    }
}

/// A row that shows the text that it copies.
fn same(what: &str, text: String) -> Entry {
    row(what, text.clone(), text)
}
