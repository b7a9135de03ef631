//! Quotes text for a shell command that the user copies.

use std::fmt::Write as _;
use std::path::Path;

use super::is_unsafe;

/// The text as one word of a shell command, in one line. Letters, digits and safe punctuation need no quotes. A
/// character that output replaces becomes an escape sequence in `$'…'`, which bash, zsh, ksh and POSIX 2024 read.
#[must_use]
pub fn shell_quote(text: &str) -> String {
    quote_bytes(text.as_bytes())
}

/// A path as one word of a shell command, in one line, whatever bytes it has.
#[must_use]
pub fn shell_quote_path(path: &Path) -> String {
    quote_bytes(path.as_os_str().as_encoded_bytes())
}

fn quote_bytes(bytes: &[u8]) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.is_empty() && text.chars().all(is_safe) => text.to_owned(),
        Ok(text) if !text.chars().any(is_unsafe) => format!("'{}'", text.replace('\'', r"'\''")),
        _ => escaped(bytes),
    }
}

/// `$'…'`, with an escape sequence for each byte of an unsafe character or of invalid UTF-8.
fn escaped(bytes: &[u8]) -> String {
    let mut out = String::from("$'");
    let escape = |out: &mut String, bytes: &[u8]| {
        for byte in bytes {
            // Three octal digits end the sequence, whatever follows.
            let _ = write!(out, "\\{byte:03o}");
        }
    };
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\'' | '\\' => out.extend(['\\', c]),
                c if is_unsafe(c) => escape(&mut out, c.encode_utf8(&mut [0; 4]).as_bytes()),
                c => out.push(c),
            }
        }
        escape(&mut out, chunk.invalid());
    }
    out.push('\'');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_only_if_the_shell_would_read_it_differently() {
        assert_eq!(shell_quote("/srv/infra-1"), "/srv/infra-1");
        assert_eq!(shell_quote(""), "''");
        assert_eq!(shell_quote("/srv/my infra"), "'/srv/my infra'");
        assert_eq!(shell_quote("it's"), r"'it'\''s'");
        assert_eq!(shell_quote("a\nb'c\\d\u{202e}"), r"$'a\nb\'c\\d\342\200\256'");
    }
}
