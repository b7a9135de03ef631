//! Code that is there and does nothing: commented out, or switched off by `count`. It is enabled instead of doubled, with what the
//! remedy needs of it set right.

use crate::terraform::edit::amend::{add_attributes, extended};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::splice::{Splice, apply};
use crate::terraform::error::EditError;
use crate::terraform::find::commented_out::{CommentedOut, commented_out};
use crate::terraform::find::switch::{Switch, switch_of};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, location};

/// An endpoint that is wanted.
pub(in crate::terraform) struct Wanted<'w> {
    /// Full service name, `com.amazonaws.us-west-2.s3`.
    pub service: &'w str,
    /// What its name ends on however the code writes it, `.s3`.
    pub ends: &'w str,
    /// `Gateway` or `Interface`.
    pub kind: &'w str,
    /// What it must have besides.
    pub with: &'w [With],
}

/// What an attribute must be.
pub(in crate::terraform) enum With {
    /// A list that holds these too.
    Holds(&'static str, String),
    /// This value.
    Is(&'static str, String),
}

const ENDPOINT: &str = "aws_vpc_endpoint";

/// Wakes a dormant endpoint. `false` when there is none.
///
/// # Errors
/// It is in the code and at work already, or switched off by something that cannot be turned here.
pub(in crate::terraform) fn wake(draft: &mut Draft<'_>, wanted: &Wanted<'_>) -> Result<bool, EditError> {
    if let Some((file, block)) = in_code(draft, wanted)? {
        let place = Place { module: draft.finder.target, file, block };
        let with = amended(file, block, wanted.with)?;
        turn_on(draft, place, &guards(draft.finder.target, file, block))?;
        with.note(draft, &address(block));
        draft.splice_all(file, with.splices);
        return Ok(true);
    }
    let Some(commented) = asleep(draft, wanted) else { return Ok(false) };
    take_in(draft, &commented, wanted.with)?;
    Ok(true)
}

/// The security groups that an endpoint names, with their rules: they belong to it, and cost nothing.
fn guards(module: &Module, file: &File, endpoint: &Block) -> Vec<String> {
    let named = references(file.slice(endpoint.span.clone()));
    let groups: Vec<String> =
        named.into_iter().filter(|one| one.starts_with("aws_security_group.")).collect();
    let is_rule = |(file, block): &(&File, &Block)| {
        let of = block.labels.first().map_or("", String::as_str);
        (of.starts_with("aws_security_group_rule") || of.starts_with("aws_vpc_security_group_"))
            && references(file.slice(block.span.clone())).iter().any(|one| groups.contains(one))
    };
    let rules = module.blocks("resource").filter(is_rule).map(|(_, block)| address(block));
    groups.iter().cloned().chain(rules).collect()
}

/// Whether a service name as it is written is the wanted one; `None` where that cannot be told.
fn is_service(module: &Module, written: &str, wanted: &Wanted<'_>) -> Option<bool> {
    if let Some(name) = module.evaluate(written) {
        return Some(name == wanted.service);
    }
    if written.trim_matches('"').ends_with(wanted.ends) {
        return Some(true);
    }
    let asked = written
        .trim()
        .strip_prefix("data.aws_vpc_endpoint_service.")
        .and_then(|rest| rest.strip_suffix(".service_name"));
    if let Some(label) = asked {
        let mut all = module.data("aws_vpc_endpoint_service");
        let (file, block) = all.find(|(_, block)| block.name() == Some(label))?;
        let name = module.evaluate(module.merged(file, block, "service")?)?;
        return Some(name == wanted.ends.trim_start_matches('.'));
    }
    (!module.pattern(written).fits(wanted.service)).then_some(false)
}

/// The kind of endpoint that a block makes; `None` where that cannot be told.
fn kind_of(module: &Module, written: Option<&str>) -> Option<String> {
    written.map_or_else(|| Some("Gateway".to_owned()), |written| module.evaluate(written))
}

/// The block of the code that is the wanted endpoint, in the workload's VPC.
///
/// # Errors
/// There is one of a VPC that cannot be told, or one among others that one block makes.
fn in_code<'a>(draft: &Draft<'a>, wanted: &Wanted<'_>) -> Result<Option<(&'a File, &'a Block)>, EditError> {
    let module = draft.finder.target;
    let mut doubt = None;
    for (file, block) in module.resources(ENDPOINT) {
        let says = |name: &str| module.merged(file, block, name);
        let Some(written) = says("service_name") else { continue };
        let is_of_kind = kind_of(module, says("vpc_endpoint_type")).is_none_or(|kind| kind == wanted.kind);
        if !is_of_kind || draft.finder.is_in_another_region(module, file, block) {
            continue;
        }
        let own = wanted.ends.trim_start_matches('.');
        let why = if Expr::from(written).differs_by_instance() {
            let list = says("for_each").unwrap_or_default();
            let among = match module.keys(list) {
                Some(keys) if !keys.is_empty() => keys.iter().any(|key| key == own),
                Some(_) | None => list.contains(&format!("\"{own}\"")),
            };
            if !among {
                continue;
            }
            Some(match switch_of(module, file, block) {
                Switch::Other(why) => format!("is there and switched off by {why}: turn that on"),
                _ => "makes several, this one among them".to_owned(),
            })
        } else {
            match is_service(module, written, wanted) {
                Some(true) if !draft.finder.has_connector_provider(file, block) => {
                    Some("may be it: it names a provider of its own".to_owned())
                }
                Some(true) => None,
                Some(false) => continue,
                None => Some("may be it: its service cannot be told here".to_owned()),
            }
        };
        let vpc = says("vpc_id").map(|vpc| draft.finder.is_workload_vpc(module, vpc));
        // What is applied and not seen in the workload's VPC is in another one.
        let applied = draft.finder.state.id_at(&module.address_of(block)).is_some();
        match (vpc, why) {
            (Some(Some(false)), _) => {}
            (Some(Some(true)), None) => {
                if let Some(place) = module.overridden(block) {
                    let what = format!(
                        "{} ({}) is overridden here: an edit would be shadowed",
                        address(block),
                        location(file, block)
                    );
                    return Err(EditError::NotUnderstood { place, what });
                }
                return Ok(Some((file, block)));
            }
            _ if applied => {}
            (Some(Some(true)), Some(why)) => doubt = doubt.or(Some((file, block, why))),
            (Some(None) | None, why) => {
                let unknown = || "may be it: its VPC cannot be told here".to_owned();
                doubt = doubt.or(Some((file, block, why.unwrap_or_else(unknown))));
            }
        }
    }
    let Some((file, block, why)) = doubt else { return Ok(None) };
    Err(EditError::NotUnderstood { place: location(file, block), what: format!("{} {why}", address(block)) })
}

/// The comment that is the wanted endpoint, in the workload's VPC: one of another, or of nobody knows which, sleeps on.
fn asleep<'a>(draft: &Draft<'a>, wanted: &Wanted<'_>) -> Option<CommentedOut<'a>> {
    let module = draft.finder.target;
    let is_it = |commented: &CommentedOut<'_>| {
        let name = commented.value("service_name");
        let vpc = commented.value("vpc_id").and_then(|vpc| draft.finder.is_workload_vpc(module, vpc));
        name.is_some_and(|name| is_service(module, name, wanted) == Some(true))
            && kind_of(module, commented.value("vpc_endpoint_type")).is_none_or(|kind| kind == wanted.kind)
            && vpc == Some(true)
    };
    commented_out(module, ENDPOINT).into_iter().find(is_it)
}

/// Turns a block on that is switched off, and with it those `besides` that the same variable switches or that it names.
///
/// # Errors
/// It is on, its switch cannot be turned here or turns more than that, or it names what stays off.
pub(in crate::terraform) fn turn_on(
    draft: &mut Draft<'_>,
    here: Place<'_>,
    besides: &[String],
) -> Result<(), EditError> {
    let (module, name) = (draft.finder.target, address(here.block));
    let refuse = |what: String| EditError::NotUnderstood { place: here.location(), what };
    let off = |why: &str| refuse(format!("{name} is there and switched off by {why}: turn that on"));
    let count = here.block.body.attribute("count");
    let shown = count.map_or("", |count| here.file.value(count).trim());
    let mut turned = vec![name.clone()];
    match switch_of(module, here.file, here.block) {
        Switch::On => return Err(EditError::AlreadyInCode { address: name, place: here.location() }),
        Switch::Other(why) => return Err(off(&why)),
        Switch::Unknown(why) => {
            return Err(refuse(format!("{name} is there, and whether {why} has it on cannot be told")));
        }
        Switch::Zero => {
            draft.splice_all(here.file, count.map(|count| Splice::new(count.value.clone(), "1")));
            draft.note(&format!(
                "{name} ({}) was switched off by its count: it is turned on.",
                here.location()
            ));
        }
        Switch::Variable(variable, on) => {
            let same = |(file, block): &(&File, &Block)| matches!(switch_of(module, file, block), Switch::Variable(other, turned) if other == variable && turned == on);
            let all: Vec<String> =
                module.blocks("resource").filter(same).map(|(_, block)| address(block)).collect();
            if let Some(other) = all.iter().find(|one| **one != name && !besides.contains(one)) {
                return Err(refuse(format!(
                    "{name} is there and switched off by `count = {shown}`, which switches {other} too: turn on what is wanted"
                )));
            }
            if !draft.set_variable(&variable, on, all.len()) {
                return Err(off(&format!("`count = {shown}`")));
            }
            draft
                .note(&format!("{name} ({}) was switched off: var.{variable} turns it on.", here.location()));
            turned = all;
        }
    }
    let in_root = |address: &String| {
        address
            .parse()
            .ok()
            .map(|address| ResourceAddress { module: module.address.clone(), ..address }.with_key("[0]"))
    };
    draft.reenabled.extend(turned.iter().filter_map(in_root));
    // What it names must be on too.
    for named in references(here.file.slice(here.block.span.clone())) {
        let mut blocks = module.blocks("resource").chain(module.blocks("data"));
        let Some((file, block)) = blocks.find(|(_, block)| address(block) == named) else { continue };
        let switch = switch_of(module, file, block);
        let is_turned = draft.reenabled.contains(&module.address_of(block).with_key("[0]"));
        if switch.is_on() || is_turned {
            continue;
        }
        if matches!(switch, Switch::Zero) && besides.contains(&named) {
            turn_on(draft, Place { module, file, block }, &[])?;
        } else {
            return Err(refuse(format!(
                "{name} is there and switched off, and names {named}, which is off too: turn both on"
            )));
        }
    }
    Ok(())
}

/// Takes a resource in again that is commented out.
///
/// # Errors
/// It names what is not there or is off, has a switch of its own, or is commented out with other code.
pub(in crate::terraform) fn take_in(
    draft: &mut Draft<'_>,
    commented: &CommentedOut<'_>,
    with: &[With],
) -> Result<(), EditError> {
    let Some(block) = commented.block() else { return Ok(()) };
    let name = commented.address();
    let refuse = |why: String| {
        let what = format!("{name} is commented out here and {why}: take it in again, or take it away");
        Err(EditError::NotUnderstood { place: commented.location(), what })
    };
    let Some(span) = commented.span.clone() else { return refuse("other code with it".to_owned()) };
    if ["count", "for_each"].iter().any(|name| commented.value(name).is_some()) {
        return refuse("has a switch of its own".to_owned());
    }
    if draft.finder.target.declares(&name) || is_added(draft, &name) {
        return refuse("another one has its name".to_owned());
    }
    let amended = amended(&commented.code, block, with)?;
    amended.note(draft, &name);
    let text = apply(&commented.code, amended.splices)?;
    // What it is given is there, or is drafted with it.
    let given = with
        .iter()
        .flat_map(|(With::Holds(_, value) | With::Is(_, value))| references(&format!("x = {value}")));
    let given: Vec<String> = given.chain([name.clone()]).collect();
    let module = draft.finder.target;
    let own: Vec<String> =
        references(&text).into_iter().filter(|one| !is_added(draft, one) && !given.contains(one)).collect();
    for one in own {
        if !module.declares(&one) {
            return refuse(format!("names {one}, which is not there"));
        }
        let mut blocks = module.blocks("resource").chain(module.blocks("data"));
        if let Some((file, block)) = blocks.find(|(_, block)| address(block) == one) {
            let is_plain = ["count", "for_each"].iter().all(|name| block.body.attribute(name).is_none());
            if !switch_of(module, file, block).is_on() {
                return refuse(format!("names {one}, which is switched off"));
            }
            if !is_plain && text.contains(&format!("{one}.")) {
                return refuse(format!("names {one}, of which there are several"));
            }
        }
    }
    if !draft.finder.has_connector_provider(&commented.code, block) {
        return refuse("names another provider than the connector's".to_owned());
    }
    if draft.finder.is_in_another_region(module, &commented.code, block) {
        return refuse("is of another region".to_owned());
    }
    draft.note(&format!(
        "{name} was commented out ({}): it is taken in again, not written anew.",
        commented.location()
    ));
    draft.adds.extend(name.parse());
    draft.splice(commented.file, Splice::new(span, text));
    Ok(())
}

/// Whether the draft adds a resource with this address.
fn is_added(draft: &Draft<'_>, address: &str) -> bool {
    draft.adds.iter().any(|added| added.to_string() == address)
}

/// What gives a block what it must have.
struct Amended {
    splices: Vec<Splice>,
    names: Vec<&'static str>,
}

impl Amended {
    fn note(&self, draft: &mut Draft<'_>, name: &str) {
        if !self.names.is_empty() {
            draft.note(&format!("Of {name} is set what the remedy needs: {}.", self.names.join(", ")));
        }
    }
}

/// The edits that give a block what it must have.
fn amended(file: &File, block: &Block, with: &[With]) -> Result<Amended, EditError> {
    let (mut splices, mut names, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    let squeezed = |text: &str| text.split_whitespace().collect::<String>();
    for one in with {
        let (name, value) = match one {
            With::Holds(name, value) | With::Is(name, value) => (*name, value),
        };
        let Some(attribute) = block.body.attribute(name) else {
            absent.push((name, value.as_str()));
            names.push(name);
            continue;
        };
        let now = file.value(attribute);
        let text = match one {
            With::Holds(..) => match lacking(now, value) {
                Some(lacking) => extended(now, &lacking),
                None => continue,
            },
            With::Is(..) if squeezed(now) == squeezed(value) => continue,
            With::Is(..) => value.clone(),
        };
        names.push(name);
        splices.push(Splice::new(attribute.value.clone(), text));
    }
    if !absent.is_empty() {
        splices.extend(add_attributes(file, block, &absent)?);
    }
    Ok(Amended { splices, names })
}

/// What of a list another one does not hold yet; `None` where it holds all of it.
fn lacking(now: &str, wanted: &str) -> Option<String> {
    let inner = wanted.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let plain = inner.filter(|inner| !inner.contains(['(', '{', '[']));
    let Some(inner) = plain else { return (!now.contains(wanted)).then(|| wanted.to_owned()) };
    let is_end = |c: Option<char>| c.is_none_or(|c| c == ',' || c == ']' || c.is_whitespace());
    let holds = |item: &str| {
        now.match_indices(item).any(|(at, _)| {
            let (before, behind) =
                (now.get(..at).unwrap_or_default(), now.get(at + item.len()..).unwrap_or_default());
            let begins = before.chars().next_back().is_none_or(|c| c == ',' || c == '[' || c.is_whitespace());
            begins && is_end(behind.chars().next())
        })
    };
    let items: Vec<&str> = inner.split(',').map(str::trim).filter(|item| !holds(item)).collect();
    (!items.is_empty()).then(|| format!("[{}]", items.join(", ")))
}
