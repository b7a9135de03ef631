//! Code that is there and does nothing: commented out, or switched off by `count`. It is woken up instead of doubled.

use std::ops::Range;

use super::EditError;
use super::amend::extended;
use super::edit::Draft;
use super::file::File;
use super::locate::{address, at, differs_by_instance};
use super::scan::{Block, Item, place, scan};
use super::splice::Splice;

/// A resource that is wanted: its type, and an attribute with what its text ends on.
pub(super) struct Wanted<'w> {
    pub of: &'w str,
    pub attribute: &'w str,
    pub ends: &'w str,
    /// A list that it must hold besides, `route_table_ids` and what belongs there.
    pub list: Option<(&'w str, &'w str)>,
}

/// Wakes a dormant resource. `false` when there is none.
///
/// # Errors
/// It is in the code and at work already, or switched off by something that cannot be turned here.
pub(super) fn wake(draft: &mut Draft<'_>, wanted: &Wanted<'_>) -> Result<bool, EditError> {
    if let Some((file, block)) = in_code(draft, wanted)? {
        return switched_on(draft, wanted, file, block);
    }
    let Some((file, span, text)) = asleep(draft, wanted) else { return Ok(false) };
    let line = place(&file.text, span.start).0;
    let body = scan(&text).unwrap_or_default();
    let Some(block) = body.blocks("resource").next() else { return Ok(false) };
    let text = with_list(&text, block, wanted);
    draft.adds.push(address(block));
    draft.note(&format!(
        "{} was commented out ({}:{line}): it is taken in again, not written anew.",
        address(block),
        file.path.display()
    ));
    draft.splice(file, Splice::new(span, text));
    Ok(true)
}

/// Refuses where the resource is in the code, at work or not: a second one beside it is none that anybody wants.
///
/// # Errors
/// It is, and the error says whether it is applied, switched off or commented out.
pub(super) fn refuse_double(draft: &Draft<'_>, wanted: &Wanted<'_>) -> Result<(), EditError> {
    if let Some((file, block)) = in_code(draft, wanted)? {
        let count = block.body.attribute("count").map(|count| file.value(count).trim().to_owned());
        let is_off = |count: &String| {
            let (condition, cases) = count.split_once('?')?;
            let value = draft.workspace.evaluate(condition)?;
            match (value.as_str(), cases.replace(' ', "").as_str()) {
                ("false", "1:0") | ("true", "0:1") => Some(()),
                _ => None,
            }
        };
        let off = count.filter(|count| count == "0" || is_off(count).is_some());
        return Err(match off {
            Some(count) => EditError::NotUnderstood {
                place: at(file, block),
                what: format!(
                    "{} is there and switched off by `count = {count}`: turn that on",
                    address(block)
                ),
            },
            None => EditError::AlreadyInCode { address: address(block), place: at(file, block) },
        });
    }
    match asleep(draft, wanted) {
        None => Ok(()),
        Some((file, span, _)) => Err(EditError::NotUnderstood {
            place: format!("{}:{}", file.path.display(), place(&file.text, span.start).0),
            what: format!("such an {} is commented out here: take it in again, or take it away", wanted.of),
        }),
    }
}

/// The block of the code that is the wanted resource, in the workload's VPC.
///
/// # Errors
/// There is one of a VPC that cannot be told, or one among others that one block makes.
fn in_code<'a>(draft: &Draft<'a>, wanted: &Wanted<'_>) -> Result<Option<(&'a File, &'a Block)>, EditError> {
    let workspace = draft.workspace;
    let mut doubt = None;
    for (file, block) in workspace.resources(wanted.of) {
        let Some(text) = block.body.attribute(wanted.attribute).map(|attribute| file.value(attribute)) else {
            continue;
        };
        let own = wanted.ends.trim_start_matches('.');
        let among = block.body.attribute("for_each").is_some_and(|list| {
            differs_by_instance(text) && file.value(list).contains(&format!("\"{own}\""))
        });
        let is_it = text.trim_matches('"').ends_with(wanted.ends);
        if !is_it && !among {
            continue;
        }
        let vpc = block.body.attribute("vpc_id").map(|vpc| draft.is_ours(workspace, file.value(vpc)));
        // What is applied and not seen in the workload's VPC is in another one.
        let applied = draft.state.id_at(&workspace.address_of(&address(block))).is_some();
        match vpc {
            Some(Some(false)) => {}
            Some(Some(true)) if is_it => return Ok(Some((file, block))),
            _ if applied => {}
            _ => doubt = doubt.or(Some((file, block, among))),
        }
    }
    let Some((file, block, among)) = doubt else { return Ok(None) };
    let why =
        if among { "makes several, this one among them" } else { "may be it: its VPC cannot be told here" };
    Err(EditError::NotUnderstood { place: at(file, block), what: format!("{} {why}", address(block)) })
}

/// The comment that is the wanted resource, in the workload's VPC: one of another, or of nobody knows which, sleeps on.
fn asleep<'a>(draft: &Draft<'a>, wanted: &Wanted<'_>) -> Option<(&'a File, Range<usize>, String)> {
    draft.workspace.files.iter().filter(|file| !file.is_override()).find_map(|file| {
        let (span, text) = commented_out(file, wanted)?;
        let body = scan(&text).ok()?;
        let vpc = body.blocks("resource").next()?.body.attribute("vpc_id");
        let vpc = vpc.and_then(|vpc| text.get(vpc.value.clone()));
        (vpc.and_then(|vpc| draft.is_ours(draft.workspace, vpc)) == Some(true)).then_some((file, span, text))
    })
}

/// A block with `count = var.x ? 1 : 0` is turned on at the variable.
fn switched_on(
    draft: &mut Draft<'_>,
    wanted: &Wanted<'_>,
    file: &File,
    block: &Block,
) -> Result<bool, EditError> {
    let count = block.body.attribute("count").map(|attribute| file.value(attribute).trim().to_owned());
    let already = || EditError::AlreadyInCode { address: address(block), place: at(file, block) };
    let Some(count) = count else { return Err(already()) };
    let variable = count
        .strip_prefix("var.")
        .and_then(|rest| rest.split_once('?'))
        .filter(|(_, cases)| cases.replace(' ', "") == "1:0")
        .map(|(name, _)| name.trim().to_owned());
    let off = EditError::NotUnderstood {
        place: at(file, block),
        what: format!("{} is there and switched off by `count = {count}`: turn that on", address(block)),
    };
    let Some(variable) = variable else {
        return Err(if count == "0" { off } else { already() });
    };
    if draft.workspace.evaluate(&format!("var.{variable}")).as_deref() == Some("true") {
        return Err(already());
    }
    if !draft.set_variable(&variable, "true", 1) {
        return Err(off);
    }
    if let Some((name, more)) = wanted.list
        && let Some(list) = block.body.attribute(name)
        && !file.value(list).contains(more)
    {
        draft.splice(file, Splice::new(list.value.clone(), extended(file.value(list), more)));
    }
    draft.woken.push(draft.workspace.address_of(&format!("{}[0]", address(block))));
    draft.note(&format!(
        "{} ({}) was switched off: var.{variable} turns it on.",
        address(block),
        at(file, block)
    ));
    Ok(true)
}

/// The block's text with the list that it must hold.
fn with_list(text: &str, block: &Block, wanted: &Wanted<'_>) -> String {
    let Some((name, more)) = wanted.list else { return text.to_owned() };
    let Some(list) = block.body.attribute(name) else { return text.to_owned() };
    let (head, value, tail) =
        (text.get(..list.value.start), text.get(list.value.clone()), text.get(list.value.end..));
    match (head, value, tail) {
        (Some(head), Some(value), Some(tail)) if !value.contains(more) => {
            format!("{head}{}{tail}", extended(value, more))
        }
        _ => text.to_owned(),
    }
}

/// A run of comment lines at the top level that is the wanted resource: its span, and its text without the marks.
fn commented_out(file: &File, wanted: &Wanted<'_>) -> Option<(Range<usize>, String)> {
    let inside = |at: usize| {
        file.body.items.iter().any(|item| {
            let span = match item {
                Item::Attribute(attribute) => &attribute.span,
                Item::Block(block) => &block.span,
            };
            span.contains(&at)
        })
    };
    // Each comment line with its place and its text without the mark.
    let mut lines: Vec<Option<(Range<usize>, String)>> = Vec::new();
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let span = at..at + line.len();
        at = span.end;
        let code = line.trim_start();
        let rest = code.strip_prefix('#').or_else(|| code.strip_prefix("//"));
        let text = rest.filter(|_| !inside(span.start)).map(|rest| rest.strip_prefix(' ').unwrap_or(rest));
        lines.push(text.map(|text| (span, text.trim_end().to_owned())));
    }
    let head = format!("resource \"{}\"", wanted.of);
    for first in 0..lines.len() {
        let starts = matches!(lines.get(first), Some(Some((_, text))) if text.starts_with(&head));
        if !starts {
            continue;
        }
        let run = lines.get(first..)?.iter().map_while(Option::as_ref);
        let mut text = String::new();
        let mut span = 0..0;
        for (place, (own, line)) in run.enumerate() {
            span = if place == 0 { own.clone() } else { span.start..own.end };
            text.push_str(line);
            text.push('\n');
            let Ok(body) = scan(&text) else { continue };
            let [Item::Block(block)] = body.items.as_slice() else { break };
            let attribute = block.body.attribute(wanted.attribute);
            let value = attribute.and_then(|attribute| text.get(attribute.value.clone()));
            if value.is_some_and(|value| value.trim_matches('"').ends_with(wanted.ends)) {
                return Some((span, text));
            }
            break;
        }
    }
    None
}
