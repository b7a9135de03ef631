//! Makes text from outside (tags, log lines, file names) safe to print.

/// Replaces control characters and characters that reorder text (bidirectional overrides), so that the text
/// cannot control the terminal. Keeps tabs, LF and CRLF.
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
