//! The text that `y` and the numbers copy, and the notice about it.

use crossterm::event::KeyCode;

use super::{App, Choose, Effect, Key, Notice, Step};
use crate::report;
use crate::terraform::diff::patch;

/// The end of the notice until tmux confirms the copy. Terminals confirm nothing.
const UNCONFIRMED: &str = " (if the terminal supports OSC 52)";

impl App {
    /// Copies a text to the clipboard and says what was copied.
    pub(super) fn copied(&mut self, what: &str, text: String) -> Vec<Effect> {
        self.inform(format!("Copied {what}{UNCONFIRMED}"));
        vec![Effect::Copy(text)]
    }

    /// Says that tmux has the text, if the notice about the copy is still shown.
    pub(super) fn copied_to_tmux(&mut self, is_copied: bool) {
        let Some(Notice::Info(text)) = self.notice.as_mut().filter(|_| is_copied) else { return };
        if let Some(what) = text.strip_suffix(UNCONFIRMED) {
            *text = format!("{what}; tmux has it too");
        }
    }

    /// Copies the command with this number on Done.
    pub(super) fn copy_command(&mut self, key: Key) -> Vec<Effect> {
        let KeyCode::Char(digit) = key.code else { return Vec::new() };
        let index = digit.to_digit(10).and_then(|number| usize::try_from(number).ok()?.checked_sub(1));
        let command = index.and_then(|index| self.done.as_ref()?.commands().into_iter().nth(index));
        let Some(command) = command else {
            self.inform(format!("There is no command {digit}"));
            return Vec::new();
        };
        self.copied(&format!("command {digit}"), command)
    }

    /// What the user runs or writes for the fix on Preview, which is made by hand, and the name of it.
    fn by_hand_text(&self) -> Option<(String, String)> {
        let commands = self.commands_of_preview().apply;
        if commands.is_empty() {
            let code: Vec<&str> =
                self.by_hand_fix()?.parts.iter().filter_map(|part| part.code.as_deref()).collect();
            return (!code.is_empty()).then(|| (code.join("\n"), "the code to write".to_owned()));
        }
        Some((format!("{}\n", commands.join("\n")), "the commands of the AWS CLI".to_owned()))
    }

    /// Copies what the step shows.
    pub(super) fn copy(&mut self) -> Vec<Effect> {
        let copied = match self.step() {
            Step::Trace => self
                .trace
                .as_ref()
                .and_then(|view| Some((report::finding_text(view.finding()?), "the destination".to_owned()))),
            Step::Choose => self
                .choose
                .as_ref()
                .and_then(Choose::planned)
                .map(|proposal| (report::proposal_text(proposal), format!("the fix {}", proposal.title))),
            Step::Preview => match self.planned_edit() {
                Some(edit) => Some((patch(&edit.changes), "the diff as a patch".to_owned())),
                None => self.by_hand_text(),
            },
            Step::Done => self.done.as_ref().filter(|done| !done.undone).map(|done| {
                let commands = done.commands().join("\n");
                (format!("{commands}\n"), "all commands".to_owned())
            }),
            Step::Pick => None,
        };
        let Some((text, what)) = copied else { return Vec::new() };
        self.copied(&what, text)
    }
}
