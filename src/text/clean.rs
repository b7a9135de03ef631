//! Replaces characters that control a terminal, reorder text or are invisible.

/// The replacement of an unsafe character.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a character controls a terminal, reorders text, separates lines or is invisible: control and format characters, the
/// line and paragraph separator, and the code points that Unicode lists as ignorable
/// (<https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point>).
#[must_use]
pub fn is_unsafe(c: char) -> bool {
    match c {
        ' '..='~' => false,
        _ => {
            c.is_control()
                || matches!(c,
                    '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}'
                    | '\u{8e2}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                    | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
                    | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
                    | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                    | '\u{e0000}'..='\u{e0fff}')
        }
    }
}

/// Text of several lines for a terminal or a file that a person reads. Replaces each unsafe character, and keeps tabs, LF and
/// CRLF.
#[must_use]
pub fn clean(text: &str) -> String {
    replaced(text, |c| c)
}

/// The text in one line: replaces each unsafe character, and LF, CRLF and tabs by a space. A name, a path or a log line can
/// then start no new line of output.
#[must_use]
pub fn one_line(text: &str) -> String {
    replaced(text, |_| ' ')
}

/// Replaces each unsafe character. Passes LF and tabs to `space`, and the CR of CRLF if it keeps the LF.
fn replaced(text: &str, space: impl Fn(char) -> char) -> String {
    let mut chars = text.chars().peekable();
    let mut out = String::with_capacity(text.len());
    while let Some(c) = chars.next() {
        match c {
            '\n' | '\t' => out.push(space(c)),
            '\r' if chars.peek() == Some(&'\n') => out.extend(Some(c).filter(|_| space('\n') == '\n')),
            c if is_unsafe(c) => out.push(REPLACEMENT),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;

    #[test]
    fn the_table_has_every_control_format_and_ignorable_character_of_unicode() {
        let class =
            regex::Regex::new(r"^[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]$").unwrap();
        let differs = |c: &char| class.is_match(&c.to_string()) != is_unsafe(*c);
        let wrong: Vec<String> =
            ('\0'..=char::MAX).filter(differs).map(|c| format!("{:x}", c as u32)).collect();
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn unsafe_characters_are_replaced_and_line_breaks_are_kept_only_in_text_of_several_lines() {
        let hostile =
            "a\u{1b}[2J\u{9b}1m\u{7f}\u{202e}\u{200b}\u{feff}\u{e0041}\u{2028}\u{85}b\tc\r\nd\re\nf — ü 漢";
        assert_eq!(clean(hostile), "a�[2J�1m�������b\tc\r\nd�e\nf — ü 漢");
        assert_eq!(one_line(hostile), "a�[2J�1m�������b c d�e f — ü 漢");
    }
}
