//! Applies edits to a file's text and checks that nothing else changed.

use std::ops::Range;

use crate::terraform::error::EditError;
use crate::terraform::lang::scan::scan;
use crate::terraform::read::file::File;

/// Replaces a span of a file by a text. An empty span inserts.
pub(in crate::terraform) struct Splice {
    pub span: Range<usize>,
    pub text: String,
    /// The end of the block behind which new blocks are put, where that is what it does.
    pub behind: Option<usize>,
}

impl Splice {
    /// A text for a span.
    pub fn new(span: Range<usize>, text: impl Into<String>) -> Self {
        Self { span, text: text.into(), behind: None }
    }
}

/// The file's text with all edits. Line ends of inserted text follow the file's.
pub(in crate::terraform) fn apply(file: &File, mut splices: Vec<Splice>) -> Result<String, EditError> {
    // What is put in at a place comes before what is replaced there.
    splices.sort_by_key(|splice| (splice.span.start, splice.span.end));
    let slip =
        |what: &str| EditError::SelfCheck { file: file.path.display().to_string(), what: what.to_owned() };
    let mut out = String::with_capacity(file.text.len() + 1024);
    let mut kept = 0;
    for splice in splices {
        let before = file.text.get(kept..splice.span.start).ok_or_else(|| slip("two edits overlap"))?;
        out.push_str(before);
        out.push_str(&with_line_ends(&splice.text, file.line_end()));
        kept = splice.span.end;
    }
    out.push_str(file.text.get(kept..).ok_or_else(|| slip("an edit ends outside the file"))?);
    scan(&out).map_err(|error| slip(&error.to_string()))?;
    Ok(out)
}

pub(in crate::terraform) fn with_line_ends(text: &str, line_end: &str) -> String {
    let text = text.replace("\r\n", "\n");
    if line_end == "\n" { text } else { text.replace('\n', line_end) }
}

/// Puts a text at the end of a file, an empty line apart.
pub(in crate::terraform) fn append(file: &File, text: &str) -> Splice {
    let end = file.text.len();
    let trimmed = file.text.trim_end_matches(['\n', '\r', ' ', '\t']).len();
    let gap = match file.text.get(trimmed..).map(|rest| rest.matches('\n').count()) {
        _ if trimmed == 0 || file.text == "\u{feff}" => "",
        Some(0) => "\n\n",
        Some(1) => "\n",
        _ => "",
    };
    Splice { span: end..end, text: format!("{gap}{text}"), behind: Some(end) }
}

/// Puts a text behind the line on which a block ends, an empty line apart.
pub(in crate::terraform) fn insert_after(file: &File, end: usize, text: &str) -> Splice {
    let rest = file.text.get(end..).unwrap_or_default();
    // A comment that goes on over the line end must stay whole.
    let line_is_plain = |line: usize| {
        let tail = rest.get(..line).unwrap_or_default().trim();
        tail.is_empty() || tail.starts_with('#') || tail.starts_with("//")
    };
    match rest.find('\n').filter(|line| line_is_plain(*line)) {
        Some(line) => {
            let at = end + line + 1;
            let next_blank = file
                .text
                .get(at..)
                .is_none_or(|rest| rest.trim().is_empty() || rest.starts_with(['\n', '\r']));
            let tail = if next_blank { "" } else { "\n" };
            Splice { span: at..at, text: format!("\n{text}{tail}"), behind: Some(end) }
        }
        None => append(file, text),
    }
}
