//! The same facts as text, JSON and Markdown.
//!
//! Owns layout only: the words of findings and causes come from `diagnose`. Text from outside is cleaned of control
//! characters here, before it can reach a terminal.

mod json;
mod markdown;
mod text;

pub use json::{diagnosis as diagnosis_json, fix as fix_json};
pub use markdown::{diagnosis as diagnosis_markdown, fix as fix_markdown};
pub use text::{
    break_even_in_words, diagnosis as diagnosis_text, finding as finding_text, follow_up as follow_up_text,
    money, proposal as proposal_text, span_in_words, without_traffic,
};

/// Text from outside that cannot steer a terminal: control characters and marks that reorder text are replaced. Tabs and
/// line ends stay.
#[must_use]
pub fn clean(text: &str) -> String {
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        let kept = match c {
            '\n' | '\t' => true,
            '\r' => chars.peek() == Some(&'\n'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
            c => !c.is_control(),
        };
        out.push(if kept { c } else { '\u{fffd}' });
    }
    out
}
