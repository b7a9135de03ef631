//! Code that is there and does nothing: commented out, or switched off by `count`. It is woken up instead of doubled, with what the
//! remedy needs of it set right.

use std::ops::Range;

use super::EditError;
use super::amend::{add_attributes, extended};
use super::edit::Draft;
use super::file::File;
use super::locate::{Place, address, at, differs_by_instance};
use super::scan::{Block, Item, place, scan};
use super::splice::{Splice, apply};
use super::unknown::references;
use super::workspace::Workspace;

/// A resource that is wanted: its type, and an attribute with what its text ends on.
pub(super) struct Wanted<'w> {
    pub of: &'w str,
    pub attribute: &'w str,
    pub ends: &'w str,
    /// What it must have besides.
    pub with: &'w [With],
}

/// What an attribute must be.
pub(super) enum With {
    /// A list that holds these too.
    Holds(&'static str, String),
    /// This value.
    Is(&'static str, String),
}

/// Wakes a dormant resource. `false` when there is none.
///
/// # Errors
/// It is in the code and at work already, or switched off by something that cannot be turned here.
pub(super) fn wake(draft: &mut Draft<'_>, wanted: &Wanted<'_>) -> Result<bool, EditError> {
    if let Some((file, block)) = in_code(draft, wanted)? {
        let place = Place { scope: draft.workspace, file, block };
        let with = amended(file, block, wanted.with)?;
        turn_on(
            draft,
            place,
            &["aws_security_group", "aws_vpc_security_group_ingress_rule", "aws_security_group_rule"],
        )?;
        draft.splice_all(file, with);
        return Ok(true);
    }
    let Some(sleeper) = asleep(draft, wanted) else { return Ok(false) };
    take_in(draft, &sleeper, wanted.with, &[])?;
    Ok(true)
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
fn asleep<'a>(draft: &Draft<'a>, wanted: &Wanted<'_>) -> Option<Sleeper<'a>> {
    sleepers(draft.workspace, wanted.of).into_iter().find(|sleeper| {
        let is_it =
            sleeper.value(wanted.attribute).is_some_and(|text| text.trim_matches('"').ends_with(wanted.ends));
        let vpc = sleeper.value("vpc_id").and_then(|vpc| draft.is_ours(draft.workspace, vpc));
        is_it && vpc == Some(true)
    })
}

/// How `count` makes a block, or does not.
pub(super) enum Switch {
    /// It is at work.
    On,
    /// A variable has it off: its name, and what would turn it on.
    Variable(String, &'static str),
    /// `count = 0`
    Zero,
    /// Something else has it off.
    Other(String),
}

/// What switches a block.
pub(super) fn switch_of(workspace: &Workspace, file: &File, block: &Block) -> Switch {
    let Some(count) = block.body.attribute("count").map(|count| file.value(count).trim()) else {
        return Switch::On;
    };
    if count == "0" {
        return Switch::Zero;
    }
    let squeezed: String = count.split_whitespace().collect();
    let variable = squeezed.strip_prefix("var.").and_then(|rest| rest.split_once('?'));
    let turned = match variable {
        Some((name, "1:0")) => Some((name, "true")),
        Some((name, "0:1")) => Some((name, "false")),
        _ => None,
    };
    match turned {
        Some((name, on)) if workspace.evaluate(&format!("var.{name}")).as_deref() == Some(on) => Switch::On,
        Some((name, on)) => Switch::Variable(name.to_owned(), on),
        None if workspace.evaluate(count).as_deref() == Some("0") => Switch::Other(count.to_owned()),
        None => Switch::On,
    }
}

/// Turns a block on that `count` has off, and with it resources of these types that the same variable switches.
///
/// # Errors
/// It is on, or its switch cannot be turned here, or turns more than that.
pub(super) fn turn_on(draft: &mut Draft<'_>, here: Place<'_>, besides: &[&str]) -> Result<(), EditError> {
    let (workspace, name) = (draft.workspace, address(here.block));
    let off = |why: String| EditError::NotUnderstood {
        place: here.at(),
        what: format!("{name} is there and switched off by {why}: turn that on"),
    };
    let count = here.block.body.attribute("count");
    match switch_of(workspace, here.file, here.block) {
        Switch::On => return Err(EditError::AlreadyInCode { address: name, place: here.at() }),
        Switch::Other(count) => return Err(off(format!("`count = {count}`"))),
        Switch::Zero => {
            draft.splice_all(here.file, count.map(|count| Splice::new(count.value.clone(), "1")));
            draft.woken.push(workspace.address_of(&format!("{name}[0]")));
            draft.note(&format!("{name} ({}) was switched off by its count: it is turned on.", here.at()));
        }
        Switch::Variable(variable, on) => {
            let same = |(file, block): &(&File, &Block)| matches!(switch_of(workspace, file, block), Switch::Variable(other, turned) if other == variable && turned == on);
            let all: Vec<(&File, &Block)> = workspace.blocks("resource").filter(same).collect();
            let other = all.iter().map(|(_, block)| *block).find(|block| {
                let of = block.labels.first().map_or("", String::as_str);
                address(block) != name && !besides.contains(&of)
            });
            let count = count.map_or("", |count| here.file.value(count).trim());
            if let Some(other) = other {
                let what = format!(
                    "{name} is there and switched off by `count = {count}`, which switches {} too: turn on what is wanted",
                    address(other)
                );
                return Err(EditError::NotUnderstood { place: here.at(), what });
            }
            if !draft.set_variable(&variable, on, all.len()) {
                return Err(off(format!("`count = {count}`")));
            }
            for (_, block) in &all {
                draft.woken.push(workspace.address_of(&format!("{}[0]", address(block))));
            }
            draft.note(&format!("{name} ({}) was switched off: var.{variable} turns it on.", here.at()));
        }
    }
    Ok(())
}

/// A resource that is commented out at the top level.
pub(super) struct Sleeper<'a> {
    pub file: &'a File,
    /// Its lines, marks and all.
    span: Range<usize>,
    /// What it would be.
    code: File,
}

impl Sleeper<'_> {
    fn block(&self) -> Option<&Block> {
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
        format!("{}:{}", self.file.path.display(), place(&self.file.text, self.span.start).0)
    }
}

/// Takes a resource in again that is commented out. `others` are addresses that are taken in beside it.
///
/// # Errors
/// It names what is not there.
pub(super) fn take_in(
    draft: &mut Draft<'_>,
    sleeper: &Sleeper<'_>,
    with: &[With],
    others: &[String],
) -> Result<(), EditError> {
    let Some(block) = sleeper.block() else { return Ok(()) };
    let name = sleeper.address();
    let splices = amended(&sleeper.code, block, with)?;
    let text = apply(&sleeper.code, splices)?;
    // What it is given is there, or is drafted with it.
    let given = with
        .iter()
        .flat_map(|(With::Holds(_, value) | With::Is(_, value))| references(&format!("x = {value}")));
    let given: Vec<String> = given.chain(others.iter().cloned()).chain([name.clone()]).collect();
    let absent = references(&text)
        .into_iter()
        .find(|one| !draft.workspace.declares(one) && !draft.adds.contains(one) && !given.contains(one));
    if let Some(absent) = absent {
        return Err(EditError::NotUnderstood {
            place: sleeper.at(),
            what: format!(
                "{name} is commented out here and names {absent}, which is not there: take both in again, or take them away"
            ),
        });
    }
    if draft.workspace.declares(&name) {
        let what = format!("{name} is commented out here, and another one has that name: take it away");
        return Err(EditError::NotUnderstood { place: sleeper.at(), what });
    }
    draft.note(&format!(
        "{name} was commented out ({}): it is taken in again, not written anew.",
        sleeper.at()
    ));
    draft.adds.push(name);
    draft.splice(sleeper.file, Splice::new(sleeper.span.clone(), text));
    Ok(())
}

/// The edits that give a block what it must have.
fn amended(file: &File, block: &Block, with: &[With]) -> Result<Vec<Splice>, EditError> {
    let (mut splices, mut absent) = (Vec::new(), Vec::new());
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    for one in with {
        let (name, value) = match one {
            With::Holds(name, value) | With::Is(name, value) => (*name, value),
        };
        let Some(attribute) = block.body.attribute(name) else {
            absent.push((name, value.as_str()));
            continue;
        };
        let now = file.value(attribute);
        let text = match one {
            With::Holds(..) if now.contains(value.as_str()) => continue,
            With::Holds(..) => extended(now, value),
            With::Is(..) if squeezed(now) == squeezed(value) => continue,
            With::Is(..) => value.clone(),
        };
        splices.push(Splice::new(attribute.value.clone(), text));
    }
    if !absent.is_empty() {
        splices.extend(add_attributes(file, block, &absent)?);
    }
    Ok(splices)
}

/// Resources of a type that are commented out at the top level.
pub(super) fn sleepers<'a>(workspace: &'a Workspace, of: &str) -> Vec<Sleeper<'a>> {
    let files = workspace.files.iter().filter(|file| !file.is_override());
    files.flat_map(|file| commented_out(file, of)).collect()
}

/// Runs of comment lines that are a resource, each with its text without the marks.
fn commented_out<'a>(file: &'a File, of: &str) -> Vec<Sleeper<'a>> {
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
    let head = format!("resource \"{of}\"");
    let starts = |line: &Option<(_, String)>| line.as_ref().is_some_and(|(_, text)| text.starts_with(&head));
    let firsts = lines.iter().enumerate().filter(|(_, line)| starts(line)).map(|(number, _)| number);
    firsts.filter_map(|first| sleeper(file, lines.get(first..)?)).collect()
}

/// The resource that begins with the first of these lines, to the first line that closes it.
fn sleeper<'a>(file: &'a File, lines: &[Option<(Range<usize>, String)>]) -> Option<Sleeper<'a>> {
    let (mut text, mut span) = (String::new(), 0..0);
    for (number, (own, line)) in lines.iter().map_while(Option::as_ref).enumerate() {
        span = if number == 0 { own.clone() } else { span.start..own.end };
        text.push_str(line);
        text.push('\n');
        if let Ok(body) = scan(&text) {
            let is_one = matches!(body.items.as_slice(), [Item::Block(_)]);
            return is_one.then(|| Sleeper { file, span, code: File::of_text(&file.path, text, body) });
        }
    }
    None
}
