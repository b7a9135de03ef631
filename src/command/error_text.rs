//! Errors as text for standard error.

use color_eyre::eyre::Report;

use crate::terraform::EditError;
use crate::text::{clean, one_line};

/// An error with details in lines of their own.
#[derive(Debug, thiserror::Error)]
#[error("{message}{}", details.iter().map(|line| format!("\n  {}", one_line(line))).collect::<String>())]
pub(super) struct Detailed {
    pub message: String,
    pub details: Vec<String>,
}

/// A fix that the user makes by hand: the reason, the code and the commands, in lines of their own.
#[derive(Debug, thiserror::Error)]
#[error("{}", .0.trim_end())]
pub(super) struct ByHand(pub String);

/// An error with its causes in one line, without unsafe characters. A cause that the text before it contains is skipped. Only the
/// details of an error and the code to write by hand are lines of their own.
#[must_use]
pub fn error_text(error: &Report) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let own = cause.to_string();
        let has_lines = cause.is::<EditError>() || cause.is::<Detailed>() || cause.is::<ByHand>();
        let shown = if has_lines { clean(&own) } else { one_line(&own) };
        if text.is_empty() {
            text = shown;
        } else if !text.contains(&shown) {
            text = format!("{text}: {shown}");
        }
    }
    text
}
