//! Edits inside a block: sets or adds attributes, adds nested blocks. Keeps the block's indentation and
//! alignment.

use crate::terraform::edit::text::alignment::{equal_sign, set_padding};
use crate::terraform::edit::text::commented_argument::uncommented;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, block as rendered};
use crate::terraform::lang::scan::{Attribute, Block, Body, Item};
use crate::terraform::read::file::File;
use crate::terraform::read::place::{is_ignored, location};

/// Sets an attribute: replaces its expression, or adds the attribute.
pub(in crate::terraform) fn set_attribute(
    file: &File,
    block: &Block,
    name: &str,
    value: &str,
) -> Result<Vec<Splice>, EditError> {
    match block.body.attribute(name) {
        Some(attribute) => Ok(vec![Splice::new(attribute.value.clone(), value)]),
        None => add_attributes(file, block, &[(name, value)]),
    }
}

/// Adds attributes: where a comment has them, or after the first group of adjacent single-line attributes, with the group's alignment.
pub(in crate::terraform) fn add_attributes(
    file: &File,
    block: &Block,
    attributes: &[(&str, &str)],
) -> Result<Vec<Splice>, EditError> {
    if let Some(splices) = uncommented(file, (&block.body, block.inner.clone()), attributes) {
        return Ok(splices);
    }
    let longest = attributes.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let group = first_group(file, &block.body);
    let Some(last) = group.last() else {
        let lines: String =
            attributes.iter().map(|(name, value)| format!("{name:<longest$} = {value}\n")).collect();
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
    if is_aligned(file, &group) {
        width = longest_name(&group).max(longest);
        splices.extend(group.iter().filter_map(|attribute| set_padding(file, attribute, width)));
    }
    let text: String =
        attributes.iter().map(|(name, value)| format!("{indent}{name:<width$} = {value}\n")).collect();
    splices.push(Splice::new(end..end, text));
    Ok(splices)
}

/// Adds an attribute below another one, with the alignment of its group; `None` if the value of that one has several lines.
pub(in crate::terraform) fn add_below(
    file: &File,
    body: &Body,
    beside: &Attribute,
    (name, value): (&str, &str),
) -> Option<Vec<Splice>> {
    let end = line_end(file, beside.span.end).filter(|_| !file.value(beside).contains('\n'))?;
    let indent = file.slice(line_start(file, beside.span.start)..beside.span.start);
    let group = group_of(file, body, beside);
    (indent.trim().is_empty() && !group.is_empty()).then_some(())?;
    let mut splices = Vec::new();
    let mut width = name.len();
    if is_aligned(file, &group) {
        width = longest_name(&group).max(width);
        splices.extend(group.iter().filter_map(|attribute| set_padding(file, attribute, width)));
    }
    splices.push(Splice::new(end..end, format!("{indent}{name:<width$} = {value}\n")));
    Some(splices)
}

/// Adds a nested block before the closing brace, after an empty line.
pub(in crate::terraform) fn add_block(
    file: &File,
    block: &Block,
    head: &str,
    lines: &[Line],
) -> Result<Splice, EditError> {
    let gap = if block.body.items.is_empty() { "" } else { "\n" };
    at_the_end(file, block, &format!("{gap}{}", rendered(head, lines)))
}

/// Adds a nested block before the tags of a block; `None` if no empty line is before them.
pub(in crate::terraform) fn add_block_before_tags(
    file: &File,
    block: &Block,
    head: &str,
    lines: &[Line],
) -> Option<Splice> {
    let start = line_start(file, block.body.attribute("tags")?.span.start);
    let before = file.slice(block.inner.start..start);
    let is_apart = before.ends_with("\n\n") || before.ends_with("\n\r\n");
    let text = indented(&format!("{}\n", rendered(head, lines)), &indent_of(file, block));
    is_apart.then(|| Splice::new(start..start, text))
}

/// Adds attributes: where a comment has them, or before the closing brace, after an empty line.
pub(in crate::terraform) fn add_paragraph(
    file: &File,
    block: &Block,
    attributes: &[(&str, &str)],
) -> Result<Vec<Splice>, EditError> {
    if let Some(splices) = uncommented(file, (&block.body, block.inner.clone()), attributes) {
        return Ok(splices);
    }
    let width = attributes.iter().map(|(name, _)| name.len()).max();
    let Some(width) = width else { return Ok(Vec::new()) };
    let lines: String =
        attributes.iter().map(|(name, value)| format!("{name:<width$} = {value}\n")).collect();
    at_the_end(file, block, &format!("\n{lines}")).map(|splice| vec![splice])
}

/// Adds a nested block after the last block of the same type or the last dynamic block for it, or before the closing brace.
pub(in crate::terraform) fn add_block_after_siblings(
    file: &File,
    block: &Block,
    head: &str,
    lines: &[Line],
) -> Result<Splice, EditError> {
    add_after_siblings(file, block, (head, head), lines)
}

/// The same for a dynamic block that makes blocks of a type.
pub(in crate::terraform) fn add_dynamic_after_siblings(
    file: &File,
    block: &Block,
    kind: &str,
    lines: &[Line],
) -> Result<Splice, EditError> {
    add_after_siblings(file, block, (kind, &format!("dynamic \"{kind}\"")), lines)
}

fn add_after_siblings(
    file: &File,
    block: &Block,
    (kind, head): (&str, &str),
    lines: &[Line],
) -> Result<Splice, EditError> {
    let is_dynamic = |one: &&Block| one.kind() == Some(kind);
    let siblings = block.body.blocks(kind).chain(block.body.blocks("dynamic").filter(is_dynamic));
    let Some(sibling) = siblings.max_by_key(|one| one.span.end) else {
        return add_block(file, block, head, lines);
    };
    let Some(end) = line_end(file, sibling.span.end) else { return Err(shares_its_line(file, block)) };
    let text = indented(&format!("\n{}", rendered(head, lines)), &indent_of(file, block));
    Ok(Splice::new(end..end, text))
}

/// Replaces an attribute that is an empty list of blocks, `route = []`, by a block. A comment on its line, which is about the empty list,
/// is removed with it.
pub(in crate::terraform) fn replace_empty_list(
    file: &File,
    block: &Block,
    list: &Attribute,
    lines: &[Line],
) -> Vec<Splice> {
    let (Some(end), start) = (line_end(file, list.span.end), line_start(file, list.span.start)) else {
        return vec![Splice::new(list.span.clone(), rendered(&list.name, lines).trim_end())];
    };
    let indent = indent_of(file, block);
    let is_blank = |line: Option<&str>| line.is_some_and(|line| line.trim().is_empty());
    let is_first = start <= block.inner.start + 1 || is_blank(file.slice(0..start).lines().last());
    let is_last =
        end >= block.inner.end || is_blank(file.text.get(end..).and_then(|rest| rest.lines().next()));
    let text = indented(&rendered(&list.name, lines), &indent);
    let (before, after) = (if is_first { "" } else { "\n" }, if is_last { "" } else { "\n" });
    let mut splices: Vec<Splice> = Vec::new();
    let group = group_of(file, &block.body, list);
    let others: Vec<&Attribute> =
        group.iter().copied().filter(|one| one.span.start != list.span.start).collect();
    if is_aligned(file, &group) && !others.is_empty() {
        let width = longest_name(&others);
        splices.extend(others.iter().filter_map(|other| set_padding(file, other, width)));
    }
    splices.push(Splice::new(start..end, format!("{before}{text}{after}")));
    splices
}

/// Inserts lines before the closing brace, which must be the only code on its line.
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
            "{} shares a line with other code: put each attribute and brace on its own line first",
            address(block)
        ),
    }
}

/// The indentation inside a block: the indentation of its first item, or two spaces more than that of the
/// block.
fn indent_of(file: &File, block: &Block) -> String {
    let indent_at = |at: usize| {
        let text = file.slice(line_start(file, at)..at);
        text.trim().is_empty().then(|| text.to_owned())
    };
    let first = block.body.items.first().and_then(|item| match item {
        Item::Attribute(attribute) => indent_at(attribute.span.start),
        Item::Block(block) => indent_at(block.span.start),
    });
    first.unwrap_or_else(|| format!("{}  ", indent_at(block.span.start).unwrap_or_default()))
}

/// Indents a text. Nested lines repeat the indentation, because the edited block is at the top level.
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

/// The position after the line, if only a comment follows on it.
fn line_end(file: &File, at: usize) -> Option<usize> {
    let rest = file.text.get(at..)?;
    let end = rest.find('\n').map(|found| at + found + 1)?;
    let tail = file.slice(at..end).trim();
    (tail.is_empty() || tail.starts_with('#') || tail.starts_with("//")).then_some(end)
}

/// Replaces an attribute by one with another name, and aligns its group as `terraform fmt` does.
pub(in crate::terraform) fn replace_attribute(
    file: &File,
    body: &Body,
    attribute: &Attribute,
    (name, value): (&str, &str),
) -> Vec<Splice> {
    let group = group_of(file, body, attribute);
    let others: Vec<&Attribute> =
        group.iter().copied().filter(|one| one.span.start != attribute.span.start).collect();
    let (width, mut splices) = if is_aligned(file, &group) {
        let width = longest_name(&others).max(name.len());
        (width, others.iter().filter_map(|other| set_padding(file, other, width)).collect())
    } else {
        (name.len(), Vec::new())
    };
    splices.push(Splice::new(attribute.span.clone(), format!("{name:<width$} = {value}")));
    splices
}

/// The single-line attributes on adjacent lines around an attribute.
fn group_of<'b>(file: &File, body: &'b Body, attribute: &Attribute) -> Vec<&'b Attribute> {
    let mut items = body.items.as_slice();
    loop {
        let group = group_at_start(file, items);
        if group.iter().any(|one| one.span.start == attribute.span.start) {
            return group;
        }
        match items.get(group.len().max(1)..) {
            Some(rest) if !rest.is_empty() => items = rest,
            _ => return Vec::new(),
        }
    }
}

/// The arguments that `Terraform` itself reads.
const META: [&str; 7] = ["count", "depends_on", "for_each", "provider", "providers", "source", "version"];

/// The single-line attributes on adjacent lines at the beginning of a body. Meta-arguments are left out if an own group follows them.
fn first_group<'b>(file: &File, body: &'b Body) -> Vec<&'b Attribute> {
    let first = group_at_start(file, &body.items);
    if first.iter().any(|attribute| !META.contains(&attribute.name.as_str())) {
        return first;
    }
    let second = body.items.get(first.len()..).map(|rest| group_at_start(file, rest)).unwrap_or_default();
    if second.is_empty() { first } else { second }
}

fn group_at_start<'b>(file: &File, items: &'b [Item]) -> Vec<&'b Attribute> {
    let line = |at: usize| file.line(at);
    let mut group: Vec<&Attribute> = Vec::new();
    for item in items {
        let Item::Attribute(attribute) = item else { break };
        let (from, to) = (line(attribute.span.start), line(attribute.span.end));
        let is_next_line = group.last().is_none_or(|last| line(last.span.start) + 1 == from);
        if from != to || !is_next_line {
            break;
        }
        group.push(attribute);
    }
    group
}

fn longest_name(attributes: &[&Attribute]) -> usize {
    attributes.iter().map(|attribute| attribute.name.len()).max().unwrap_or_default()
}

/// Whether the equal signs are aligned, as by `terraform fmt`.
fn is_aligned(file: &File, group: &[&Attribute]) -> bool {
    let width = longest_name(group);
    group.iter().all(|attribute| equal_sign(file, attribute) == Some(attribute.span.start + width + 1))
}

/// Ensures that `lifecycle.ignore_changes` lists none of these attributes.
///
/// # Errors
/// It lists one of them, so an edit would have no effect.
pub(in crate::terraform) fn ensure_not_ignored(
    file: &File,
    block: &Block,
    names: &[&str],
) -> Result<(), EditError> {
    let ignored = names.iter().find(|name| is_ignored(file, block, name));
    match ignored {
        None => Ok(()),
        Some(name) => Err(EditError::NotUnderstood {
            place: location(file, block),
            what: format!(
                "lifecycle.ignore_changes lists {name}, so Terraform does not change it, whatever the code has: first remove {name} from the list"
            ),
        }),
    }
}
