//! Resources that are comments at the top level of a file, in lines or in blocks of them.

use std::ops::Range;

use crate::terraform::lang::address::address;
use crate::terraform::lang::scan::{Block, Item, place, scan};
use crate::terraform::read::config::Workspace;
use crate::terraform::read::file::File;

/// A resource that is commented out at the top level.
pub(in crate::terraform) struct Sleeper<'a> {
    pub file: &'a File,
    /// Its lines, marks and all; `None` where other code is commented out with it.
    pub span: Option<Range<usize>>,
    /// Where it begins.
    start: usize,
    /// What it would be.
    pub code: File,
}

impl Sleeper<'_> {
    pub fn block(&self) -> Option<&Block> {
        self.code.body.blocks("resource").next()
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
    pub fn at(&self) -> String {
        format!("{}:{}", self.file.path.display(), place(&self.file.text, self.start).0)
    }
}

/// Resources of a type that are commented out at the top level.
pub(in crate::terraform) fn sleepers<'a>(workspace: &'a Workspace, of: &str) -> Vec<Sleeper<'a>> {
    let files = workspace.files.iter().filter(|file| !file.is_override());
    files.flat_map(|file| commented_out(file, of)).collect()
}

/// A comment between the blocks of a file.
enum Comment {
    /// A line that is nothing but a comment: its span, and its text behind the mark.
    Line(Range<usize>, String),
    /// `/* … */`: its span, and its text.
    Block(Range<usize>, String),
}

/// The comments at the top level, in their order.
fn comments(file: &File) -> Vec<Comment> {
    let items: Vec<Range<usize>> = file
        .body
        .items
        .iter()
        .map(|item| match item {
            Item::Attribute(attribute) => attribute.span.clone(),
            Item::Block(block) => block.span.clone(),
        })
        .collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(rest) = file.text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(item) = items.iter().find(|item| item.contains(&at)) {
            at = item.end;
        } else if rest.starts_with('#') || rest.starts_with("//") {
            let end = rest.find('\n').map_or(file.text.len(), |end| at + end + 1);
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
            let end = rest.find("*/").map_or(file.text.len(), |end| at + end + 2);
            let text = file.slice(at..end).trim_start_matches("/*").trim_end_matches("*/").trim_matches('*');
            found.push(Comment::Block(at..end, text.to_owned()));
            at = end;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    found
}

/// Resources of a type that are comments, each with its text without the marks.
fn commented_out<'a>(file: &'a File, of: &str) -> Vec<Sleeper<'a>> {
    let head = format!("resource \"{of}\"");
    let all = comments(file);
    let mut found = Vec::new();
    for (number, comment) in all.iter().enumerate() {
        match comment {
            Comment::Line(_, text) if text.trim_start().starts_with(&head) => {
                found.extend(all.get(number..).and_then(|rest| sleeper_of_lines(file, rest)));
            }
            Comment::Block(span, text) if text.contains(&head) => {
                found.extend(sleepers_of_block(file, span, text, of));
            }
            Comment::Line(..) | Comment::Block(..) => {}
        }
    }
    found
}

/// The resource that begins with the first of these comments, to the first line that closes it.
fn sleeper_of_lines<'a>(file: &'a File, comments: &[Comment]) -> Option<Sleeper<'a>> {
    let (mut text, mut span, mut indent) = (String::new(), 0..0, String::new());
    for (number, comment) in comments.iter().enumerate() {
        let Comment::Line(own, line) = comment else { break };
        if number == 0 {
            span = own.clone();
            indent = line.chars().take_while(|c| c.is_whitespace()).collect();
        } else {
            // Editors leave empty lines as they are.
            let gap = file.slice(span.end..own.start);
            if !gap.trim().is_empty() {
                break;
            }
            text.push_str(&"\n".repeat(gap.matches('\n').count()));
        }
        span.end = own.end;
        text.push_str(line.strip_prefix(&indent).unwrap_or(line.trim_start()));
        text.push('\n');
        if let Ok(body) = scan(&text) {
            let is_one = matches!(body.items.as_slice(), [Item::Block(_)]);
            let start = span.start;
            return is_one.then(|| Sleeper {
                file,
                span: Some(span),
                start,
                code: File::of_text(&file.path, text, body),
            });
        }
    }
    None
}

/// The resources of a type in a comment of several lines. One that is alone in it can be taken in.
fn sleepers_of_block<'a>(file: &'a File, span: &Range<usize>, text: &str, of: &str) -> Vec<Sleeper<'a>> {
    let Ok(body) = scan(text) else { return Vec::new() };
    let start = file.slice(0..span.start).rfind('\n').map_or(0, |found| found + 1);
    let start = if start == 0 && file.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { start };
    let rest = file.text.get(span.end..).unwrap_or_default();
    let end = rest.find('\n').map_or(file.text.len(), |end| span.end + end + 1);
    let is_alone = body.items.len() == 1
        && file.slice(start..span.start).trim().is_empty()
        && file.slice(span.end..end).trim().is_empty();
    let is_it = |block: &&Block| matches!(block.labels.as_slice(), [own, _] if own == of);
    let blocks = body.blocks("resource").filter(is_it);
    let mut found = Vec::new();
    for block in blocks {
        let Some(own) = text.get(block.span.clone()).map(|own| format!("{own}\n")) else { continue };
        let Ok(body) = scan(&own) else { continue };
        let code = File::of_text(&file.path, own, body);
        found.push(Sleeper { file, span: is_alone.then_some(start..end), start: span.start, code });
    }
    found
}
