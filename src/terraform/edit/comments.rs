//! Notes about comments of the user beside code that an edit changes: a comment can say the opposite of the new code.

use crate::terraform::edit::text::splice::Splice;
use crate::terraform::lang::structure::{Block, Item};
use crate::terraform::read::file::File;

/// Words of a comment that an edit can make wrong.
const NEGATIONS: [&str; 13] = [
    "cannot", "deny", "denied", "disabled", "don't", "isolated", "never", "no", "none", "not", "off", "only",
    "without",
];

/// The notes for the comments on the lines that the edits change.
pub(super) fn notes(file: &File, splices: &[Splice]) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for splice in splices.iter().filter(|splice| splice.after.is_none()) {
        for (place, comment) in comments_above(file, splice) {
            let note = format!(
                "The comment \"{comment}\" ({place}) stays above code that this edit changes. Check that it is still right."
            );
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
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

/// The comments with a negation that are directly above the line on which an edit begins, or above the blocks around it.
fn comments_above<'f>(file: &'f File, splice: &Splice) -> Vec<(String, &'f str)> {
    let line = file.slice(0..splice.span.start).rfind('\n').map_or(0, |at| at + 1);
    let is_comment = file.text.get(line..).is_some_and(|rest| rest.trim_start().starts_with(['#', '/']));
    if is_padding(file, splice) || is_comment {
        return Vec::new();
    }
    let mut starts = Vec::new();
    let mut body = &file.body;
    let is_around =
        |block: &&Block| block.inner.start <= splice.span.start && splice.span.end <= block.inner.end;
    while let Some(block) = body.items.iter().find_map(|item| match item {
        Item::Block(block) => Some(block).filter(is_around),
        Item::Attribute(_) => None,
    }) {
        starts.push(block.span.start);
        body = &block.body;
    }
    if !is_insertion_of_lines(file, splice) {
        starts.push(splice.span.start);
    }
    let mut found = Vec::new();
    for start in starts {
        let lines = file.slice(0..start).lines().collect::<Vec<_>>();
        // The last one is the line itself, unless the code begins at its start.
        let own = usize::from(!file.slice(0..start).ends_with('\n'));
        let above = lines.iter().enumerate().rev().skip(own);
        let comments = above.map_while(|(number, line)| {
            let line = line.trim();
            (line.starts_with('#') || line.starts_with("//")).then_some((number, line))
        });
        let negated = comments.filter(|(_, line)| has_negation(line));
        found.extend(negated.map(|(number, line)| (format!("{}:{}", file.path.display(), number + 1), line)));
    }
    found
}

/// Whether a comment says that something is not so, which an edit can make wrong.
fn has_negation(comment: &str) -> bool {
    let words = comment.split(|c: char| !c.is_alphanumeric() && c != '\'');
    words.map(str::to_lowercase).any(|word| NEGATIONS.contains(&word.as_str()))
}

/// Whether an edit only changes spaces.
fn is_padding(file: &File, splice: &Splice) -> bool {
    splice.text.trim().is_empty() && file.slice(splice.span.clone()).trim().is_empty()
}

/// Whether an edit inserts whole lines.
fn is_insertion_of_lines(file: &File, splice: &Splice) -> bool {
    let is_at_start = splice.span.start == 0 || file.slice(0..splice.span.start).ends_with('\n');
    splice.span.is_empty() && is_at_start
}

/// The comment at the end of the line on which an edit begins, its place, and whether the edit covers it. `None` for an edit that only
/// changes spaces, and for one that inserts lines.
fn comment_beside<'f>(file: &'f File, splice: &Splice) -> Option<(String, &'f str, bool)> {
    let start = file.slice(0..splice.span.start).rfind('\n').map_or(0, |at| at + 1);
    if is_insertion_of_lines(file, splice) || is_padding(file, splice) {
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
    fn a_negation_is_a_whole_word() {
        for (comment, expected) in [
            ("# no way out: by design", true),
            ("// NOT b yet", true),
            ("# don't change", true),
            ("# notes about nothing", false),
            ("# --- VPC ---", false),
        ] {
            assert_eq!(has_negation(comment), expected, "{comment}");
        }
    }

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
