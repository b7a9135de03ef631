//! Errors as one line of text.

use color_eyre::eyre::Report;

/// An error with its causes in one line. A cause that the text before it contains is skipped.
#[must_use]
pub fn error_text(error: &Report) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.contains(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
