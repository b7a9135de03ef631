//! Notes about comments of the user beside code that an edit changes: a comment can say the opposite of the new code.

use crate::terraform::edit::splice::Splice;
use crate::terraform::read::file::File;

/// The notes for the comments on the lines that the edits change.
pub(super) fn notes(file: &File, splices: &[Splice]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for splice in splices.iter().filter(|splice| splice.after.is_none()) {
        let Some((place, comment, is_covered)) = comment_beside(file, splice) else { continue };
        let note = if is_covered && !splice.text.contains(comment) {
            format!(
                "This edit removes the comment \"{comment}\" ({place}) together with the code on its line."
            )
        } else if is_covered {
            continue;
        } else {
            format!(
                "The comment \"{comment}\" ({place}) stays beside code that this edit changes. Check that it is still right."
            )
        };
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// The comment at the end of the line on which an edit begins, its place, and whether the edit covers it. `None` for an edit that only
/// changes spaces, and for one that inserts lines.
fn comment_beside<'f>(file: &'f File, splice: &Splice) -> Option<(String, &'f str, bool)> {
    let start = file.slice(0..splice.span.start).rfind('\n').map_or(0, |at| at + 1);
    let is_insertion_of_lines = splice.span.is_empty() && splice.span.start == start;
    let is_padding = splice.text.trim().is_empty() && file.slice(splice.span.clone()).trim().is_empty();
    if is_insertion_of_lines || is_padding {
        return None;
    }
    let line = file.text.get(start..)?.lines().next()?;
    let at = start_of_comment(line)?;
    let covered = file.slice(splice.span.clone()).trim_end_matches(['\n', '\r']);
    let is_in_first_line = !covered.contains('\n') && splice.span.start <= start + at;
    let comment = line.get(at..)?.trim_end();
    let place = format!("{}:{}", file.path.display(), file.line(splice.span.start));
    is_in_first_line
        .then(|| (place, comment, splice.span.start + covered.len() >= start + line.trim_end().len()))
}

/// The position of a comment that ends a line with code. A `#` in a string is no comment.
fn start_of_comment(line: &str) -> Option<usize> {
    let (mut is_in_string, mut is_escaped, mut has_code) = (false, false, false);
    for (at, character) in line.char_indices() {
        let is_comment = character == '#' || line.get(at..).is_some_and(|rest| rest.starts_with("//"));
        if is_comment && !is_in_string {
            return has_code.then_some(at);
        }
        is_in_string ^= character == '"' && !is_escaped;
        is_escaped = character == '\\' && !is_escaped;
        has_code |= !character.is_whitespace();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_ends_a_line_with_code() {
        for (line, comment) in [
            ("route = [] # no way out", Some("# no way out")),
            ("a = \"#\" // b", Some("// b")),
            ("a = \"\\\"#\" # b", Some("# b")),
            ("a = \"https://x\"", None),
            ("  # only a comment", None),
            ("", None),
        ] {
            assert_eq!(start_of_comment(line).and_then(|at| line.get(at..)), comment, "{line}");
        }
    }
}
