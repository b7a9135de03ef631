//! Text edits of a file. The text outside the edited spans does not change.

use std::ops::Range;

use crate::terraform::error::EditError;
use crate::terraform::lang::scan::scan;
use crate::terraform::read::file::File;

/// Replaces a span of a file with a text. An empty span inserts the text.
#[derive(Clone)]
pub(in crate::terraform) struct Splice {
    pub span: Range<usize>,
    pub text: String,
    /// For new blocks: the end of the block after which they are inserted.
    pub after: Option<usize>,
}

/// A literal with its new entries.
pub(in crate::terraform) struct NewEntries {
    /// The literal in the file.
    pub span: Range<usize>,
    /// The literal with the new entries.
    pub text: String,
}

impl Splice {
    /// Replaces a span with a text.
    pub fn new(span: Range<usize>, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), after: None }
    }
}

/// The file's text with all edits. Inserted text gets the file's line ends.
///
/// # Errors
/// Two edits overlap, or the result is not valid HCL.
pub(in crate::terraform) fn apply(file: &File, mut splices: Vec<Splice>) -> Result<String, EditError> {
    // An insertion comes before a replacement that starts at the same position.
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end));
    let error =
        |what: &str| EditError::SelfCheck { file: file.path.display().to_string(), what: what.to_owned() };
    let mut out = String::with_capacity(file.text.len() + 1024);
    let mut copied = 0;
    for splice in splices {
        let before = file.text.get(copied..splice.span.start).ok_or_else(|| error("two edits overlap"))?;
        out.push_str(before);
        out.push_str(&with_line_ends(&splice.text, file.line_end()));
        copied = splice.span.end;
    }
    out.push_str(file.text.get(copied..).ok_or_else(|| error("an edit ends outside the file"))?);
    scan(&out).map_err(|scan_error| error(&scan_error.to_string()))?;
    // The scanner reads the structure of blocks only.
    let parsed = |text: &str| hcl_edit::parser::parse_body(text.trim_start_matches('\u{feff}'));
    match parsed(&out) {
        Err(syntax) if parsed(&file.text).is_ok() => {
            Err(error(&format!("line {}: {}", syntax.location().line(), syntax.message())))
        }
        _ => Ok(out),
    }
}

pub(in crate::terraform) fn with_line_ends(text: &str, line_end: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if line_end == "\n" { text } else { text.replace('\n', line_end) }
}

/// Appends a text to a file, after an empty line.
pub(in crate::terraform) fn append(file: &File, text: &str) -> Splice {
    let end = file.text.len();
    let trimmed = file.text.trim_end_matches(['\n', '\r', ' ', '\t']).len();
    let gap = match file.text.get(trimmed..).map(|rest| rest.matches('\n').count()) {
        _ if trimmed == 0 || file.text == "\u{feff}" => "",
        Some(0) => "\n\n",
        Some(1) => "\n",
        _ => "",
    };
    Splice { span: end..end, text: format!("{gap}{text}"), after: Some(end) }
}

/// Inserts a text below the line on which a block ends, after an empty line.
pub(in crate::terraform) fn insert_after(file: &File, end: usize, text: &str) -> Splice {
    let rest = file.text.get(end..).unwrap_or_default();
    // Do not insert inside a `/*` comment that starts on this line.
    let can_follow = |line: usize| {
        let tail = rest.get(..line).unwrap_or_default().trim();
        tail.is_empty() || tail.starts_with('#') || tail.starts_with("//")
    };
    match rest.find('\n').filter(|line| can_follow(*line)) {
        Some(line) => {
            let at = end + line + 1;
            let is_followed_by_blank = file
                .text
                .get(at..)
                .is_none_or(|rest| rest.trim().is_empty() || rest.starts_with(['\n', '\r']));
            let tail = if is_followed_by_blank { "" } else { "\n" };
            Splice { span: at..at, text: format!("\n{text}{tail}"), after: Some(end) }
        }
        None => append(file, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_that_breaks_an_expression_is_refused() {
        let text = "locals {\n  a = {\n    \"b\" = 1\n  }\n}\n";
        let edited = |more: &str| {
            let file = File::of_text(std::path::Path::new("a.tf"), text.to_owned(), scan(text).ok()?);
            let at = text.find("1\n")? + 1;
            Some(apply(&file, vec![Splice::new(at..at, more)]).map_err(|error| error.to_string()))
        };
        let refused = edited("    c = 2").and_then(Result::err).unwrap_or_default();
        assert!(refused.starts_with("the edit of a.tf failed its self-check (line 3: "), "{refused}");
        let expected = "locals {\n  a = {\n    \"b\" = 1\n    c   = 2\n  }\n}\n".to_owned();
        assert_eq!(edited("\n    c   = 2"), Some(Ok(expected)));
    }
}
