//! Finds blocks that are commented out, with `#`, `//` or `/* … */`: resources at the top level of a file, and blocks inside a resource.

use std::ops::Range;

use crate::terraform::lang::address::address;
use crate::terraform::lang::scan::{FirstItem, first_item, scan};
use crate::terraform::lang::structure::{Block, Item};
use crate::terraform::lang::work::visit;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;

/// The largest number of lines of a resource in line comments. A longer one is not found.
const LINES: usize = 128;

/// The number of comment lines after which their text is scanned for the first time. Each later scan has twice as many.
const FIRST_SCAN: usize = 16;

/// A block that is commented out.
pub(in crate::terraform) struct CommentedOut<'a> {
    pub file: &'a File,
    /// The span of its lines, with the comment markers; `None` if the same comment contains other code.
    pub span: Option<Range<usize>>,
    /// The offset where the comment begins.
    start: usize,
    /// The code without the comment markers.
    pub code: File,
}

impl CommentedOut<'_> {
    pub fn block(&self) -> Option<&Block> {
        self.code.body.items.iter().find_map(|item| match item {
            Item::Block(block) => Some(block),
            Item::Attribute(_) => None,
        })
    }

    /// `aws_eip.nat`
    pub fn address(&self) -> String {
        self.block().map(address).unwrap_or_default()
    }

    /// An attribute's expression.
    pub fn value(&self, name: &str) -> Option<&str> {
        Some(self.code.value(self.block()?.body.attribute(name)?))
    }

    /// `file:line`
    pub fn location(&self) -> String {
        format!("{}:{}", self.file.path.display(), self.file.line(self.start))
    }
}

/// Resources of a type that are commented out at the top level.
pub(in crate::terraform) fn commented_out<'a>(module: &'a Module, of: &str) -> Vec<CommentedOut<'a>> {
    let files = module.files.iter().filter(|file| !file.is_override());
    files.flat_map(|file| in_file(file, of)).collect()
}

/// Blocks of a type that are commented out inside a block: `route` in a route table.
pub(in crate::terraform) fn commented_out_inside<'a>(
    file: &'a File,
    block: &Block,
    of: &str,
) -> Vec<CommentedOut<'a>> {
    let start = block.span.start + file.slice(block.span.clone()).find('{').map_or(0, |open| open + 1);
    let all = comments(file, start..block.span.end, &block.body.items);
    let is_head = |text: &str| text.trim_start().strip_prefix(of).is_some_and(|rest| rest.trim() == "{");
    let found = all.iter().enumerate().filter_map(|(number, comment)| match comment {
        Comment::Line(_, text) if is_head(text) => from_lines(file, all.get(number..)?),
        Comment::Block(span, text) => {
            let is_of_kind = |block: &Block| block.block_type == of && block.labels.is_empty();
            let found = from_block_comment(file, span, text, &is_of_kind).into_iter().next()?;
            let code = without_indent(&found.code.text);
            let body = scan(&code).ok()?;
            Some(CommentedOut { code: File::of_text(&file.path, code, body), ..found })
        }
        Comment::Line(..) => None,
    });
    found.collect()
}

/// The text of a block with its last line at the margin. The first line has no indentation.
fn without_indent(text: &str) -> String {
    let last = text.trim_end().rsplit('\n').next().unwrap_or_default();
    let indent = &last[..last.len() - last.trim_start().len()];
    let line = |line: &str| format!("{}\n", line.strip_prefix(indent).unwrap_or(line.trim_start()));
    text.lines().map(line).collect()
}

/// A comment between the items of a file or a block.
enum Comment {
    /// A line with nothing but a comment: its span, and its text after the marker.
    Line(Range<usize>, String),
    /// `/* … */`: its span, and its text.
    Block(Range<usize>, String),
}

/// The comments of a file or a block that are not inside its items, in order.
fn comments(file: &File, range: Range<usize>, items: &[Item]) -> Vec<Comment> {
    let spans = items.iter().inspect(|_| visit()).map(|item| match item {
        Item::Attribute(attribute) => &attribute.span,
        Item::Block(block) => &block.span,
    });
    let mut spans = spans.peekable();
    let (mut found, mut at) = (Vec::new(), range.start);
    while let Some(rest) = file.text.get(at..range.end).filter(|rest| !rest.is_empty()) {
        visit();
        // The spans are in the order of the text.
        while spans.next_if(|span| span.end <= at).is_some() {}
        if let Some(item) = spans.peek().filter(|span| span.contains(&at)) {
            at = item.end;
        } else if rest.starts_with('#') || rest.starts_with("//") {
            let end = rest.find('\n').map_or(range.end, |end| at + end + 1);
            let start = file.slice(0..at).rfind('\n').map_or(0, |found| found + 1);
            let start =
                if start == 0 && file.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start };
            if file.slice(start..at).trim().is_empty() {
                let text = file.slice(at..end).trim_end_matches(['\n', '\r']);
                let text = text.strip_prefix('#').or_else(|| text.strip_prefix("//")).unwrap_or(text);
                found.push(Comment::Line(start..end, text.to_owned()));
            }
            at = end;
        } else if rest.starts_with("/*") {
            let end = rest.find("*/").map_or(range.end, |end| at + end + 2);
            let text = file.slice(at..end).trim_start_matches("/*").trim_end_matches("*/").trim_matches('*');
            found.push(Comment::Block(at..end, text.to_owned()));
            at = end;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// The commented-out resources of a type in one file.
fn in_file<'a>(file: &'a File, of: &str) -> Vec<CommentedOut<'a>> {
    let head = format!("resource \"{of}\"");
    let all = comments(file, 0..file.text.len(), &file.body.items);
    let mut found = Vec::new();
    for (number, comment) in all.iter().enumerate() {
        match comment {
            Comment::Line(_, text) if text.trim_start().starts_with(&head) => {
                found.extend(all.get(number..).and_then(|rest| from_lines(file, rest)));
            }
            Comment::Block(span, text) if text.contains(&head) => {
                let is_of_kind = |block: &Block| matches!(block.labels.as_slice(), [own, _] if own == of && block.block_type == "resource");
                found.extend(from_block_comment(file, span, text, &is_of_kind));
            }
            Comment::Line(..) | Comment::Block(..) => {}
        }
    }
    found
}

/// The block that begins at the first of these comment lines. It ends at the first line with which the
/// text is valid HCL.
fn from_lines<'a>(file: &'a File, comments: &[Comment]) -> Option<CommentedOut<'a>> {
    let (mut text, mut start, mut indent) = (String::new(), 0, String::new());
    // The end of each line, in `text` and in the file.
    let mut ends: Vec<(usize, usize)> = Vec::new();
    let mut next_scan = FIRST_SCAN;
    let mut comments = comments.iter().take(LINES);
    while let Some(Comment::Line(own, line)) = comments.next() {
        visit();
        if let Some((_, end)) = ends.last() {
            // Editors do not comment out empty lines.
            let gap = file.slice(*end..own.start);
            if !gap.trim().is_empty() {
                break;
            }
            text.push_str(&"\n".repeat(gap.matches('\n').count()));
        } else {
            start = own.start;
            indent = line.chars().take_while(|c| c.is_whitespace()).collect();
        }
        text.push_str(line.strip_prefix(&indent).unwrap_or(line.trim_start()));
        text.push('\n');
        ends.push((text.len(), own.end));
        // A scan after each line would be quadratic work.
        if ends.len() == next_scan {
            match first_item(&text) {
                FirstItem::Incomplete => next_scan *= 2,
                FirstItem::End(_) => break,
                FirstItem::Invalid => return None,
            }
        }
    }
    let FirstItem::End(end) = first_item(&text) else { return None };
    let (length, end) = ends.into_iter().find(|(length, _)| *length >= end)?;
    text.truncate(length);
    let body = scan(&text).ok()?;
    matches!(body.items.as_slice(), [Item::Block(_)]).then(|| CommentedOut {
        file,
        span: Some(start..end),
        start,
        code: File::of_text(&file.path, text, body),
    })
}

/// The blocks of a kind in a `/* … */` comment. Only a block without other code in its comment has a span and can be uncommented.
fn from_block_comment<'a>(
    file: &'a File,
    span: &Range<usize>,
    text: &str,
    is_of_kind: &dyn Fn(&Block) -> bool,
) -> Vec<CommentedOut<'a>> {
    let Ok(body) = scan(text) else { return Vec::new() };
    let start = file.slice(0..span.start).rfind('\n').map_or(0, |found| found + 1);
    let start = if start == 0 && file.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start };
    let rest = file.text.get(span.end..).unwrap_or_default();
    let end = rest.find('\n').map_or(file.text.len(), |end| span.end + end + 1);
    let is_alone = body.items.len() == 1
        && file.slice(start..span.start).trim().is_empty()
        && file.slice(span.end..end).trim().is_empty();
    let blocks = body.items.iter().filter_map(|item| match item {
        Item::Block(block) if is_of_kind(block) => Some(block),
        Item::Block(_) | Item::Attribute(_) => None,
    });
    let mut found = Vec::new();
    for block in blocks {
        let Some(own) = text.get(block.span.clone()).map(|own| format!("{own}\n")) else { continue };
        let Ok(body) = scan(&own) else { continue };
        let code = File::of_text(&file.path, own, body);
        found.push(CommentedOut { file, span: is_alone.then_some(start..end), start: span.start, code });
    }
    found
}
