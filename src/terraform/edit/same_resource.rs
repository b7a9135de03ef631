//! Finds a resource of the code that a new resource would repeat, for example from an earlier run of the same fix.

use crate::terraform::error::EditError;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::Line;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::location;

/// The arguments that do not identify a resource.
const OTHER: [&str; 4] = ["depends_on", "description", "lifecycle", "tags"];
/// The types of which AWS accepts one resource with the same arguments.
const KINDS: [&str; 9] = [
    "aws_egress_only_internet_gateway",
    "aws_internet_gateway",
    "aws_internet_gateway_attachment",
    "aws_network_acl_rule",
    "aws_route",
    "aws_security_group_rule",
    "aws_vpc_endpoint_route_table_association",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
];
/// The arguments of `aws_route` for its target. A route table has one route to a destination.
const TARGET: &str = "_id";

/// The error for a resource of the module that has the arguments of a new one.
pub(super) fn same_resource(module: &Module, kind: &str, lines: &[Line]) -> Option<EditError> {
    KINDS.contains(&kind).then_some(())?;
    let is_identity = |name: &str| {
        let is_target = kind == "aws_route" && name.ends_with(TARGET) && name != "route_table_id";
        !OTHER.contains(&name) && !is_target
    };
    let wanted: Vec<(&str, &str)> = lines
        .iter()
        .filter_map(|line| match line {
            Line::Attribute(name, value) => Some((name.as_str(), value.as_str())),
            Line::Blank | Line::Block(..) => None,
        })
        .filter(|(name, _)| is_identity(name))
        .collect();
    let (file, block) = module.resources(kind).find(|(file, block)| {
        let own = || block.body.attributes().filter(|attribute| is_identity(&attribute.name));
        let is_wanted = |name: &str, value: Expr<'_>| {
            wanted.iter().any(|(other, wanted)| *other == name && value.is_same(Expr::from(*wanted)))
        };
        own().count() == wanted.len()
            && own().all(|attribute| is_wanted(&attribute.name, file.expression(attribute)))
            && module.is_disabled(file, block) != Some(true)
    })?;
    Some(EditError::AlreadyInCode {
        address: module.address_of(block).to_string(),
        place: location(file, block),
    })
}
