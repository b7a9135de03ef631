//! Quotes text of a command that a user can paste into a shell.

/// Quotes text for the shell if it contains anything but letters, digits and safe punctuation.
#[must_use]
pub fn shell_quote(text: &str) -> String {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_./:@=,+%".contains(c);
    if !text.is_empty() && text.chars().all(is_safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_aws_is_quoted_for_the_shell() {
        assert_eq!(shell_quote("vpc-0a1"), "vpc-0a1");
        assert_eq!(shell_quote(""), "''");
        assert_eq!(shell_quote("a b; rm -rf $HOME 'x'"), r"'a b; rm -rf $HOME '\''x'\'''");
    }
}
