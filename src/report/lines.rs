//! Lines of plain text.

use std::fmt;

use crate::text::one_line;

/// Plain text that is built line by line. A line break in a name starts no new line.
#[derive(Default)]
pub(super) struct Lines(String);

impl Lines {
    /// Adds one line.
    pub fn line(&mut self, text: impl fmt::Display) {
        self.0.push_str(&one_line(&text.to_string()));
        self.0.push('\n');
    }

    /// Adds an empty line.
    pub fn blank(&mut self) {
        self.0.push('\n');
    }

    /// Adds a title and a sentence in each of the next lines, and an empty line; nothing if there is no sentence.
    pub fn section(&mut self, title: &str, sentences: impl IntoIterator<Item = String>) {
        let mut sentences = sentences.into_iter().peekable();
        if sentences.peek().is_none() {
            return;
        }
        self.line(title);
        for sentence in sentences {
            self.line(format_args!("  {sentence}"));
        }
        self.blank();
    }

    /// Adds other lines.
    pub fn append(&mut self, lines: &Self) {
        self.0.push_str(&lines.0);
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }
}
