//! A filter that works while the user types: only rows that contain the text are shown.

use super::Input;

/// The filter of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    input: Input,
    is_typing: bool,
}

impl Filter {
    /// The text before the cursor and after it.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        self.input.split()
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.input.text()
    }

    /// Whether it hides rows.
    #[must_use]
    pub fn is_on(&self) -> bool {
        !self.text().is_empty()
    }

    /// Whether the next characters are its text.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// Whether a row with this text is shown. Upper and lower case are alike.
    #[must_use]
    pub fn shows(&self, row: &str) -> bool {
        row.to_lowercase().contains(&self.text().to_lowercase())
    }

    /// The byte range of the text in a row, to highlight it.
    #[must_use]
    pub fn found_in(&self, row: &str) -> Option<std::ops::Range<usize>> {
        let wanted = self.text().to_lowercase();
        if wanted.is_empty() {
            return None;
        }
        // Compares character by character, because the lower case of a character can have another length.
        row.char_indices().find_map(|(start, _)| {
            let rest = row.get(start..)?;
            let mut lower = String::new();
            for (at, c) in rest.char_indices() {
                lower.extend(c.to_lowercase());
                if lower.len() >= wanted.len() {
                    return (lower == wanted).then(|| start..start + at + c.len_utf8());
                }
            }
            None
        })
    }

    /// Begins to type; the text stays.
    pub(super) fn begin(&mut self) {
        self.is_typing = true;
    }

    /// Ends typing; the text stays.
    pub(super) fn end(&mut self) {
        self.is_typing = false;
    }

    /// Ends typing and shows all rows again. Returns whether it was on.
    pub(super) fn clear(&mut self) -> bool {
        let was_on = self.is_on() || self.is_typing;
        *self = Self::default();
        was_on
    }

    /// The text that the user edits.
    pub(super) fn input(&mut self) -> &mut Input {
        &mut self.input
    }
}

/// The row to select among those shown, after a move from the selected one. If the selected row is hidden, the first one shown.
pub(super) fn moved(shown: &[usize], selected: usize, by: isize) -> usize {
    let last = shown.len().saturating_sub(1);
    let at = match shown.iter().position(|row| *row == selected) {
        Some(at) => at.saturating_add_signed(by).min(last),
        None => 0,
    };
    shown.get(at).copied().unwrap_or(selected)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails at the first error")]

    use super::*;

    fn filter(text: &str) -> Filter {
        Filter { input: Input::with(text), is_typing: true }
    }

    #[test]
    fn upper_and_lower_case_are_alike() {
        assert!(filter("s3").shows("S3 gateway endpoint"));
        assert!(filter("").shows("anything") && !filter("").is_on());
        assert!(!filter("okta").shows("S3"));
    }

    #[test]
    fn the_found_text_is_a_range_of_the_row() {
        assert_eq!(filter("GATE").found_in("S3 gateway"), Some(3..7));
        assert_eq!(filter("x").found_in("S3"), None);
        assert_eq!(filter("").found_in("S3"), None);
        // The lower case of İ has two characters.
        for row in ["İstanbul ab", "ß ab", "…ab"] {
            let range = filter("ab").found_in(row).unwrap();
            assert_eq!(&row[range], "ab");
        }
    }

    #[test]
    fn movement_skips_hidden_rows() {
        let shown = [1, 4, 6];
        assert_eq!(moved(&shown, 4, 1), 6);
        assert_eq!(moved(&shown, 6, 1), 6);
        assert_eq!(moved(&shown, 6, isize::MIN), 1);
        assert_eq!(moved(&shown, 0, 0), 1);
        assert_eq!(moved(&[], 3, 1), 3);
    }
}
