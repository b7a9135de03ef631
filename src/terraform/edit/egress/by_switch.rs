//! Sets the variable of a module that decides `egress_type`, and announces the resources that exist for VPC egress only.

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::network::CONNECTOR;
use crate::terraform::find::one_environment::{OneEnvironment, of_file};
use crate::terraform::find::switch::{SwitchValue, egress_values_with};
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::{Attribute, Block};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// The resources that a connector may have of its own.
const OF_THE_CONNECTOR: [&str; 4] = [
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
];

/// A block that has no instance with DEFAULT egress.
struct Lost {
    /// `aws_apprunner_vpc_connector.this`
    block: String,
    instances: Vec<ResourceAddress>,
}

/// Sets the value of a variable with which `egress_type` is DEFAULT and the connector's ARN is `null`.
pub(in crate::terraform::edit) fn set_switch<'a>(
    draft: &mut Draft<'a>,
    service: Place<'a>,
    (egress_type, arn): (Expr<'_>, Option<&Attribute>),
) -> bool {
    let Place { file, module, block } = service;
    let Some(tree) = egress_type.tree() else { return false };
    let arn = arn.map(|arn| file.expression(arn));
    let is_default = |found: &SwitchValue| is_default_with(draft, module, (egress_type, arn), found);
    let found = egress_values_with(draft.finder.config, module, &tree, is_default);
    found.iter().any(|found| {
        let lost = lost_with(draft, module, found);
        let blocks = lost.iter().map(|lost| lost.block.clone());
        let own: Vec<String> = [address(block)].into_iter().chain(blocks).collect();
        let is_set = draft.set_switch(module, found, &own) || replace_argument(draft, module, found, &own);
        if is_set {
            let gone = lost.into_iter().flat_map(|lost| lost.instances);
            announce_lost(draft, gone.collect(), &found.reference());
        }
        is_set
    })
}

/// Leaves out the argument in the call of this module that gives a variable its value: puts `null`, or an empty value, in the place of an
/// expression. Returns `false`, and edits nothing, if the call does not set it, the expression depends on variables, or other blocks
/// of the module use it.
fn replace_argument<'a>(
    draft: &mut Draft<'a>,
    module: &'a Module,
    found: &SwitchValue,
    own: &[String],
) -> bool {
    let config = draft.finder.config;
    let is_absent = ["null", "\"\"", "[]"].contains(&found.value.as_str());
    let is_whole = found.root == "var" && found.attributes.is_empty();
    let call = config.caller(module).filter(|call| is_absent && is_whole && draft.is_editable_call(*call));
    let Some(call) = call.filter(|call| !call.file.is_json()) else { return false };
    let Some(argument) = call.block.body.attribute(&found.name) else { return false };
    let present = call.file.value(argument).trim();
    let is_given = |used: &String| used.starts_with("var.") || used.starts_with("terraform.");
    let depends = references(&format!("x = {present}\n")).iter().any(is_given);
    if depends || found.other_use(module, own).is_some() || draft.is_changed(call.file, &argument.value) {
        return false;
    }
    let workspace = match of_file(config, call.file) {
        None | Some(OneEnvironment::Unit { .. } | OneEnvironment::Links { .. }) => None,
        Some(OneEnvironment::Workspace(name)) => Some(name),
        Some(_) => return false,
    };
    match (module.instance_key(), workspace) {
        (Some(key), None) => draft.set_argument_of_instance((call, key), &found.name, &found.value),
        (None, _) if call.is_one_of_several() => false,
        (None, None) => {
            draft.splice(call.file, Splice::new(argument.value.clone(), found.value.as_str()));
            true
        }
        (None, Some(name)) if !present.contains(['\n', '?']) => {
            let value = format!("terraform.workspace == {} ? {} : {present}", quoted(name), found.value);
            draft.splice(call.file, Splice::new(argument.value.clone(), value));
            true
        }
        _ => false,
    }
}

/// Whether `egress_type` is DEFAULT and the connector's ARN is `null` with a value.
pub(in crate::terraform::edit) fn is_default_with(
    draft: &Draft<'_>,
    module: &Module,
    (egress_type, arn): (Expr<'_>, Option<Expr<'_>>),
    found: &SwitchValue,
) -> bool {
    let connector = address(draft.finder.code.connector.block);
    found.evaluate(egress_type).is_some_and(|kind| kind.as_str() == Some("DEFAULT"))
        && arn.is_none_or(|arn| {
            let loses = || lost_with(draft, module, found).iter().any(|lost| lost.block == connector);
            found.evaluate(arn).is_some_and(|arn| arn.is_null()) || is_arn_or_null(arn, &connector) && loses()
        })
}

/// The connector in the module of the service, and the groups that only it uses, if a value disables them.
fn lost_with(draft: &Draft<'_>, module: &Module, found: &SwitchValue) -> Vec<Lost> {
    let connector = draft.finder.code.connector;
    if connector.module.address != module.address || !connector.block.is_resource(CONNECTOR) {
        return Vec::new();
    }
    let mut lost = Vec::new();
    for (file, block) in module.blocks("resource") {
        let is_own = block == connector.block
            || block.labels.first().is_some_and(|kind| OF_THE_CONNECTOR.contains(&kind.as_str()));
        let is_lost = is_own
            && block.repeats()
            && module.is_disabled(file, block) == Some(false)
            && found.instances(module, file, block).is_some_and(|keys| keys.is_empty());
        let keys = is_lost.then(|| module.instance_keys(&module.values, file, block)).flatten();
        let place = Place { module, file, block };
        let of_key = |key: String| place.address_in_root().with_key(key);
        if let Some(keys) = keys {
            lost.push(Lost { block: address(block), instances: keys.into_iter().map(of_key).collect() });
        }
    }
    let names: Vec<String> = lost.iter().map(|lost| lost.block.clone()).collect();
    lost.retain(|one| one.block == address(connector.block) || is_used_by_only(module, &one.block, &names));
    lost
}

/// Whether only blocks with these addresses refer to a block.
fn is_used_by_only(module: &Module, block: &str, names: &[String]) -> bool {
    let kinds = ["resource", "data", "module", "output", "locals"];
    let mut all = kinds.into_iter().flat_map(|kind| module.blocks(kind));
    all.all(|(file, other): (_, &Block)| {
        let is_own = other.block_type == "resource" && names.contains(&address(other));
        let refers = || {
            references(&format!("{}\n", file.slice(other.span.clone()))).iter().any(|used| {
                used == block || used.strip_prefix(block).is_some_and(|rest| rest.starts_with(['.', '[']))
            })
        };
        is_own || !refers()
    })
}

/// Whether an expression is the ARN of a connector with `count`, or `null` without an instance.
fn is_arn_or_null(arn: Expr<'_>, connector: &str) -> bool {
    let forms = [
        format!("one({connector}[*].arn)"),
        format!("one({connector}.*.arn)"),
        format!("try({connector}[0].arn, null)"),
    ];
    forms.iter().any(|form| arn.is_same(Expr::from(form)))
}

/// Announces resources that Terraform destroys with the edit.
pub(in crate::terraform::edit) fn announce_lost(
    draft: &mut Draft<'_>,
    lost: Vec<ResourceAddress>,
    decided_by: &str,
) {
    let names: Vec<String> = lost.iter().map(ToString::to_string).collect();
    let (exist, them) = if names.len() == 1 { ("exists", "it") } else { ("exist", "them") };
    if !names.is_empty() {
        let names = listed(&names, "and");
        draft.note(&format!("{decided_by} also decides whether {names} {exist}: Terraform destroys {them}."));
    }
    draft.destroys.extend(lost);
}
