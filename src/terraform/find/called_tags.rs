//! The tags of new resources in a module that has none of its own: as those of the called module that creates the VPC.

use std::fmt::Write as _;

use hcl_edit::expr::Expression;
use hcl_edit::template::Element;

use crate::terraform::find::network::call_towards;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::tag_style::{TagStyle, name_prefix, tag_style};
use crate::terraform::lang::address::address;
use crate::terraform::lang::expression::{Expr, parse, reference};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::module::{Module, ModuleCall};

/// Resources that have tags in a module whose team tags them. A security group has a name without them.
const TAGGABLE: [&str; 7] = [
    "aws_eip",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_route_table",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
];

/// The prefix of the `Name` tags and the other tags of the called module that creates the VPC, with the arguments of the call instead
/// of the variables of that module. `None` if the module has resources without tags, or does not call that module itself.
pub(super) fn tags_of_called(module: &Module, vpc: &Origin<'_>) -> Option<(Option<String>, TagStyle)> {
    let Origin::Block(vpc) = vpc else { return None };
    let called = vpc.place.module;
    let call = call_towards(module, called).filter(|call| call.module.address == called.address)?;
    let is_untagged = TAGGABLE.iter().any(|kind| module.resources(kind).next().is_some());
    if is_untagged {
        return None;
    }
    let block = address(vpc.place.block);
    let prefix = name_prefix(called, Some(&block)).and_then(|prefix| content(module, call, &prefix))?;
    let style = tag_style(called).unwrap_or_default();
    let others =
        style.others.iter().filter_map(|(name, value)| Some((name.clone(), own(module, call, value)?)));
    let style = TagStyle {
        others: others.collect(),
        base: style.base.as_deref().and_then(|base| argument(module, call, base)),
        ..style
    };
    Some((Some(prefix), style))
}

/// The content of a string of the called module, in the module of the call.
fn content(module: &Module, call: &ModuleCall, text: &str) -> Option<String> {
    let tree = parse(&format!("\"{text}\""))?;
    let Expression::StringTemplate(template) = &tree else { return Some(text.to_owned()) };
    let mut content = String::new();
    for element in template {
        match element {
            Element::Literal(literal) => content.push_str(inner(&quoted(literal))?),
            Element::Interpolation(inner_part) => {
                let name = reference(&inner_part.expr)?;
                match argument(module, call, &name).or_else(|| known(call, &name))? {
                    value if value.starts_with('"') => content.push_str(inner(&value)?),
                    value => {
                        let _ = write!(content, "${{{value}}}");
                    }
                }
            }
            Element::Directive(_) => return None,
        }
    }
    Some(content)
}

/// The text between the quotes.
fn inner(quoted: &str) -> Option<&str> {
    quoted.strip_prefix('"')?.strip_suffix('"')
}

/// An expression of the called module, in the module of the call.
fn own(module: &Module, call: &ModuleCall, value: &str) -> Option<String> {
    let value = Expr::from(value);
    if let Some(text) = value.string() {
        return Some(quoted(&text));
    }
    let name = value.reference()?;
    argument(module, call, &name).or_else(|| known(call, &name))
}

/// The argument of the call for a variable of the called module: a reference, or a string without interpolation.
fn argument(module: &Module, call: &ModuleCall, name: &str) -> Option<String> {
    let name = name.strip_prefix("var.").filter(|name| !name.contains(['.', '[']))?;
    let (file, block) = module.block("module", &[&call.name])?;
    let argument = file.expression(block.body.attribute(name)?);
    let reference = || argument.reference().filter(|_| !argument.differs_by_instance());
    argument.string().map(|text| quoted(&text)).or_else(reference)
}

/// A known text of the called module.
fn known(call: &ModuleCall, name: &str) -> Option<String> {
    call.module.evaluate(name).map(|text| quoted(&text))
}
