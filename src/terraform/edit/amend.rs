//! Edits inside a block: an attribute set or added, a block added; in the block's own indentation and alignment.

use std::ops::Range;

use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, block as rendered};
use crate::terraform::lang::scan::{Attribute, Block, Body, Item, line_and_column};
use crate::terraform::read::file::File;
use crate::terraform::read::place::{is_ignored, location};

/// Sets an attribute: its expression is replaced, or the attribute is added behind the first run of attributes.
pub(in crate::terraform) fn set_attribute(
    file: &File,
    block: &Block,
    name: &str,
    value: &str,
) -> Result<Vec<Splice>, EditError> {
    match block.body.attribute(name) {
        Some(known) => Ok(vec![Splice::new(known.value.clone(), value)]),
        None => add_attributes(file, block, &[(name, value)]),
    }
}

/// Adds attributes behind the first run of single-line attributes, aligned as the run is.
pub(in crate::terraform) fn add_attributes(
    file: &File,
    block: &Block,
    wanted: &[(&str, &str)],
) -> Result<Vec<Splice>, EditError> {
    let longest = wanted.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let run = first_run(file, &block.body);
    let Some(last) = run.last() else {
        let lines: String =
            wanted.iter().map(|(name, value)| format!("{name:<longest$} = {value}\n")).collect();
        let gap = if block.body.items.is_empty() { "" } else { "\n" };
        return Ok(vec![at_the_end(file, block, &format!("{gap}{lines}"))?]);
    };
    let Some(end) = line_end(file, last.span.end) else {
        return Err(shares_its_line(file, block));
    };
    let start = line_start(file, last.span.start);
    let indent = file.slice(start..last.span.start);
    if !indent.trim().is_empty() {
        return Err(shares_its_line(file, block));
    }
    let mut splices = Vec::new();
    let mut width = longest;
    if is_aligned(file, &run) {
        width = run.iter().map(|one| one.name.len()).max().unwrap_or_default().max(longest);
        splices.extend(run.iter().filter_map(|one| padded(file, one, width)));
    }
    let text: String =
        wanted.iter().map(|(name, value)| format!("{indent}{name:<width$} = {value}\n")).collect();
    splices.push(Splice::new(end..end, text));
    Ok(splices)
}

/// Adds a block before the closing brace, an empty line apart.
pub(in crate::terraform) fn add_block(
    file: &File,
    block: &Block,
    head: &str,
    lines: &[Line],
) -> Result<Splice, EditError> {
    let gap = if block.body.items.is_empty() { "" } else { "\n" };
    at_the_end(file, block, &format!("{gap}{}", rendered(head, lines)))
}

/// Adds attributes before the closing brace, an empty line apart.
pub(in crate::terraform) fn add_paragraph(
    file: &File,
    block: &Block,
    wanted: &[(&str, &str)],
) -> Result<Option<Splice>, EditError> {
    let width = wanted.iter().map(|(name, _)| name.len()).max();
    let Some(width) = width else { return Ok(None) };
    let lines: String = wanted.iter().map(|(name, value)| format!("{name:<width$} = {value}\n")).collect();
    at_the_end(file, block, &format!("\n{lines}")).map(Some)
}

/// Adds a block behind the last one of its kind, or before the closing brace.
pub(in crate::terraform) fn add_block_beside(
    file: &File,
    block: &Block,
    head: &str,
    lines: &[Line],
) -> Result<Splice, EditError> {
    let Some(sibling) = block.body.blocks(head).last() else { return add_block(file, block, head, lines) };
    let Some(end) = line_end(file, sibling.span.end) else { return Err(shares_its_line(file, block)) };
    let text = indented(&format!("\n{}", rendered(head, lines)), &indent_of(file, block));
    Ok(Splice::new(end..end, text))
}

/// Puts lines before the closing brace, which must stand on a line of its own.
fn at_the_end(file: &File, block: &Block, text: &str) -> Result<Splice, EditError> {
    let brace = block.span.end - 1;
    let start = line_start(file, brace);
    if start <= block.inner.start || !file.slice(start..brace).trim().is_empty() {
        return Err(shares_its_line(file, block));
    }
    Ok(Splice::new(start..start, indented(text, &indent_of(file, block))))
}

fn shares_its_line(file: &File, block: &Block) -> EditError {
    EditError::NotUnderstood {
        place: location(file, block),
        what: format!(
            "{} is written on one line with other code: spread it over lines first",
            address(block)
        ),
    }
}

/// The indentation of what is in a block: its first item's, or two blanks more than the block's own.
fn indent_of(file: &File, block: &Block) -> String {
    let lead = |at: usize| {
        let text = file.slice(line_start(file, at)..at);
        text.trim().is_empty().then(|| text.to_owned())
    };
    let first = block.body.items.first().and_then(|item| match item {
        Item::Attribute(attribute) => lead(attribute.span.start),
        Item::Block(block) => lead(block.span.start),
    });
    first.unwrap_or_else(|| format!("{}  ", lead(block.span.start).unwrap_or_default()))
}

/// Under an indentation, which what is nested repeats: the blocks that are edited stand at the top level.
fn indented(text: &str, indent: &str) -> String {
    let line = |line: &str| {
        let code = line.trim_start_matches(' ');
        let depth = (line.len() - code.len()) / 2;
        if code.is_empty() { "\n".to_owned() } else { format!("{indent}{}{code}\n", indent.repeat(depth)) }
    };
    text.lines().map(line).collect()
}

fn line_start(file: &File, at: usize) -> usize {
    file.slice(0..at).rfind('\n').map_or(0, |found| found + 1)
}

/// Past the end of the line, when only a comment follows on it.
fn line_end(file: &File, at: usize) -> Option<usize> {
    let rest = file.text.get(at..)?;
    let end = rest.find('\n').map(|found| at + found + 1)?;
    let tail = file.slice(at..end).trim();
    (tail.is_empty() || tail.starts_with('#') || tail.starts_with("//")).then_some(end)
}

/// The single-line attributes that stand line under line at the beginning of a body.
fn first_run<'b>(file: &File, body: &'b Body) -> Vec<&'b Attribute> {
    let line = |at: usize| line_and_column(&file.text, at).0;
    let mut run: Vec<&Attribute> = Vec::new();
    for item in &body.items {
        let Item::Attribute(attribute) = item else { break };
        let (from, to) = (line(attribute.span.start), line(attribute.span.end));
        let follows = run.last().is_none_or(|last| line(last.span.start) + 1 == from);
        if from != to || !follows {
            break;
        }
        run.push(attribute);
    }
    run
}

/// Where the `=` of an attribute stands.
pub(in crate::terraform) fn equals(file: &File, attribute: &Attribute) -> Option<usize> {
    let text = file.slice(attribute.span.start..attribute.value.start);
    text.rfind('=').map(|found| attribute.span.start + found)
}

/// Whether the equal signs stand in one column, as `terraform fmt` puts them.
fn is_aligned(file: &File, run: &[&Attribute]) -> bool {
    let width = run.iter().map(|one| one.name.len()).max().unwrap_or_default();
    run.iter().all(|one| equals(file, one) == Some(one.span.start + width + 1))
}

/// The edit that pads a name to a width; `None` when it is.
pub(in crate::terraform) fn padded(file: &File, attribute: &Attribute, width: usize) -> Option<Splice> {
    let from = attribute.span.start + attribute.name.len();
    let span: Range<usize> = from..equals(file, attribute)?;
    let text = " ".repeat(width - attribute.name.len() + 1);
    (file.slice(span.clone()) != text).then_some(Splice::new(span, text))
}

/// What stands in for a known list with more in it: `[a, b]` is extended, anything else concatenated.
pub(in crate::terraform) fn extended(list: &str, more: &str) -> String {
    let items = |text: &str| -> Option<String> {
        let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
        let mut depth = 0_i32;
        let is_one = inner.chars().all(|c| {
            depth += i32::from(c == '[') - i32::from(c == ']');
            depth >= 0
        });
        let is_plain = is_one
            && !inner.contains(['\n', '#'])
            && !inner.contains("/*")
            && !inner.contains("//")
            && !inner.trim_start().starts_with("for ");
        is_plain.then(|| inner.trim().trim_end_matches(',').to_owned())
    };
    if list.trim_start().starts_with("toset(") {
        return format!("setunion({}, {more})", list.trim());
    }
    match (items(list), items(more)) {
        (Some(list), Some(more)) if list.is_empty() => format!("[{more}]"),
        (Some(list), None) if list.is_empty() => more.to_owned(),
        (Some(list), Some(more)) => format!("[{list}, {more}]"),
        _ => {
            let more = more.strip_prefix("concat(").and_then(|rest| rest.strip_suffix(')')).unwrap_or(more);
            format!("concat({}, {more})", list.trim())
        }
    }
}

/// Refuses where `lifecycle.ignore_changes` would make an edit without effect.
pub(in crate::terraform) fn refuse_ignored(
    file: &File,
    block: &Block,
    names: &[(&str, &str)],
) -> Result<(), EditError> {
    let ignored = names.iter().find(|(name, _)| is_ignored(file, block, name));
    match ignored {
        None => Ok(()),
        Some((name, _)) => Err(EditError::NotUnderstood {
            place: location(file, block),
            what: format!("lifecycle.ignore_changes hides {name}: an edit would have no effect"),
        }),
    }
}
