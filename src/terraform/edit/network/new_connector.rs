//! The connector in new subnets. Where it is not written, the refusal has all parts of the fix: without its subnets, the connector has no use.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::model::SecurityGroupId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::egress::connector::{ConnectorSubnets, replace_connector};
use crate::terraform::edit::text::splice::{Splice, apply};
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{Line, attribute, block};
use crate::terraform::lang::scan::scan;
use crate::terraform::lang::structure::{Block, Item};
use crate::terraform::read::file::File;
use crate::terraform::read::place::location;

/// Changes the service to a new connector in the subnets of a list.
///
/// # Errors
/// The service or its connector cannot be edited: the error has the edits of the draft too.
pub(in crate::terraform::edit) fn connect(
    draft: &mut Draft<'_>,
    connector: &str,
    list: String,
    groups: &[SecurityGroupId],
) -> Result<(), EditError> {
    let done = draft.splices.clone();
    replace_connector(draft, connector, &ConnectorSubnets::New(list), groups).map_err(|error| match error {
        EditError::ByHand { place, what, snippet } => {
            draft.splices = done;
            let apply = draft.finder.config.tool().apply();
            let what = format!(
                "{what}, so egress-doctor writes no part of this fix. Make all of these changes, then run {apply} once"
            );
            EditError::ByHand { place, what, snippet: parts(draft, &snippet) }
        }
        other => other,
    })
}

/// The edits of a draft as code, the changed arguments of each block and the new blocks, and then the connector. A comment names the folder
/// of new blocks where it is another one than that of the service or of the code before it.
fn parts(draft: &Draft<'_>, connector: &str) -> String {
    let (service, target) = (draft.finder.code.service, draft.finder.target);
    let mut folder = service.file.path.parent().unwrap_or(Path::new("")).to_owned();
    let mut head = |own: &Path| {
        let is_same = folder == own;
        own.clone_into(&mut folder);
        let shown = if own.as_os_str().is_empty() { Path::new(".") } else { own };
        if is_same { String::new() } else { format!("# In {}:\n", shown.display()) }
    };
    let entries = draft.entries.keys().map(|(path, _)| path);
    let paths: BTreeSet<&PathBuf> = draft.splices.keys().chain(entries).collect();
    let mut text = String::new();
    for path in paths {
        let Some(file) = draft.finder.config.local_files().find(|file| file.path == *path) else { continue };
        let (changed, new) = changes_of(draft, file);
        text.push_str(&changed);
        if !new.is_empty() {
            text.push_str(&head(path.parent().unwrap_or(Path::new(""))));
            text.push_str(&new);
        }
    }
    for (path, new) in &draft.new_files {
        text.push_str(&head(path.parent().unwrap_or(Path::new(""))));
        text.push_str(new);
        text.push('\n');
    }
    text.push_str(&head(&target.dir));
    let connector = &with_groups_of_code(draft, connector);
    match connector.split_once("\n# And in the service's egress_configuration") {
        Some((block, _)) if service.module.address != target.address => {
            let arn = egress_configuration(service.block)
                .and_then(|egress| egress.body.attribute("vpc_connector_arn"))
                .map_or_else(String::new, |arn| {
                    format!(", now {}", service.file.expression(arn).in_one_line())
                });
            format!(
                "{text}{block}\n# And in {} ({}), vpc_connector_arn{arn}: the value of aws_apprunner_vpc_connector.moved.arn, by an \
                 output\n",
                address(service.block),
                service.location()
            )
        }
        _ => format!("{text}{connector}"),
    }
}

/// The connector with the security groups of the present one as its code has them.
fn with_groups_of_code(draft: &Draft<'_>, connector: &str) -> String {
    let old = draft.finder.code.connector;
    let is_here = old.module.address == draft.finder.target.address && !old.block.repeats();
    let groups = old.block.body.attribute("security_groups").filter(|_| is_here);
    let groups = groups.map(|groups| old.file.expression(groups).in_one_line());
    let line = |line: &str| match (&groups, line.split_once("security_groups")) {
        (Some(groups), Some((indent, rest))) if indent.trim().is_empty() => {
            let sign = rest.split('=').next().unwrap_or_default();
            format!("{indent}security_groups{sign}= {groups}\n")
        }
        _ => format!("{line}\n"),
    };
    connector.lines().map(line).collect()
}

/// The changed arguments of the blocks of a file, with a comment for each block, and its new blocks.
fn changes_of(draft: &Draft<'_>, file: &File) -> (String, String) {
    let mut splices: Vec<Splice> = draft.splices.get(&file.path).cloned().unwrap_or_default();
    let entries = draft.entries.iter().filter(|((path, _), _)| *path == file.path);
    splices.extend(entries.map(|(_, new)| Splice::new(new.span.clone(), new.text.clone())));
    let (mut changed, mut new) = (String::new(), String::new());
    let Ok(after) = apply(file, splices) else { return (changed, new) };
    let Ok(body) = scan(&after) else { return (changed, new) };
    for item in &body.items {
        let Item::Block(edited) = item else { continue };
        let text = after.get(edited.span.clone()).unwrap_or_default();
        let mut present = file.body.blocks(&edited.block_type).filter(|one| one.labels == edited.labels);
        match present.next() {
            Some(present) if file.slice(present.span.clone()) == text => {}
            Some(present) => {
                let labels: String = edited.labels.iter().map(|label| format!(" \"{label}\"")).collect();
                let place = location(file, present);
                let _ = writeln!(changed, "# In {}{labels} ({place})", edited.block_type);
                changed.push_str(&changed_items((file, present), (&after, edited)));
                changed.push('\n');
            }
            None => {
                let _ = writeln!(new, "{text}\n");
            }
        }
    }
    (changed, new)
}

/// The arguments and nested blocks of a block that are not in the present one.
fn changed_items((file, present): (&File, &Block), (after, edited): (&str, &Block)) -> String {
    let is_present = |text: &str| {
        present.body.items.iter().any(|item| match item {
            // Other spaces before the equal sign are no change.
            Item::Attribute(own) => words(file.slice(own.span.clone())) == words(text),
            Item::Block(own) => file.slice(own.span.clone()) == text,
        })
    };
    let line = |item: &Item| match item {
        Item::Attribute(own) => {
            let text = after.get(own.span.clone()).filter(|text| !is_present(text))?;
            let value = after.get(own.value.clone())?;
            let lines: Vec<&str> =
                value.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect();
            (!text.is_empty()).then(|| attribute(&own.name, lines.join("\n")))
        }
        Item::Block(own) => {
            let text = after.get(own.span.clone()).filter(|text| !is_present(text))?;
            let lines = own
                .body
                .attributes()
                .filter_map(|one| Some(attribute(&one.name, after.get(one.value.clone())?)));
            (!text.is_empty()).then(|| Line::Block(own.block_type.clone(), lines.collect()))
        }
    };
    let lines: Vec<Line> = edited.body.items.iter().filter_map(line).collect();
    let whole = block("block", &lines);
    let inner = whole.lines().skip(1).filter(|line| *line != "}");
    inner.map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line))).collect()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}
