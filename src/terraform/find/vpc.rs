//! The workload's VPC and subnets, and the expression that the code uses for the VPC.

use std::collections::BTreeSet;

use crate::model::{Egress, Snapshot, SubnetId, VpcId, Workload};
use crate::reach::{Egresses, egresses};
use crate::terraform::error::EditError;
use crate::terraform::find::reference::managed_expression;
use crate::terraform::find::score::name_tag;
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Block;
use crate::terraform::lang::tags::Tag;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::{Place, location};
use crate::terraform::read::state::State;

/// The VPC that the workload's connector is in.
pub(in crate::terraform) fn vpc_of<'s>(snapshot: &'s Snapshot, workload: &Workload) -> Option<&'s VpcId> {
    let subnets = subnets_of(snapshot, workload);
    subnets.iter().find_map(|id| snapshot.network.subnets.get(id)).map(|subnet| &subnet.vpc)
}

/// The connector's name in AWS.
pub(in crate::terraform) fn connector_name<'s>(
    snapshot: &'s Snapshot,
    workload: &Workload,
) -> Option<&'s str> {
    match &workload.egress {
        Egress::Vpc(arn) => snapshot.network.connectors.get(arn).map(|connector| connector.name.as_str()),
        Egress::Default | Egress::Direct { .. } | Egress::Unknown(_) => None,
    }
}

/// The connector's subnets, as discovered.
pub(in crate::terraform) fn subnets_of(snapshot: &Snapshot, workload: &Workload) -> Vec<SubnetId> {
    match egresses(snapshot, workload) {
        Egresses::Vpc(sources) => sources.into_iter().map(|source| source.subnet).collect(),
        Egresses::Public(_) | Egresses::Unknown(_) => Vec::new(),
    }
}

/// The expression that the code uses for the workload's VPC. If the code uses several expressions, the
/// expression that is known to be this VPC: by the state, by its value, or because the connector's security
/// group uses it.
pub(in crate::terraform) fn vpc_id(
    module: &Module,
    (state, snapshot): (&State, &Snapshot),
    vpc: Option<&VpcId>,
    connector: Option<Place<'_>>,
) -> Result<String, EditError> {
    let literal = vpc.map(|vpc| quoted(vpc.as_str()));
    let kinds = ["aws_vpc", "aws_default_vpc"];
    if let Some(expression) = vpc.and_then(|vpc| managed_expression(state, module, &kinds, vpc.as_str())) {
        return Ok(expression);
    }
    let of = |kind: &'static str| module.resources(kind);
    let is_this_vpc = |text: &str| vpc.and_then(|vpc| is_vpc(module, state, snapshot, vpc, Expr::from(text)));
    let mut used: Vec<(String, String)> = Vec::new();
    // Most blocks have the same expression: each is examined once.
    let mut seen = BTreeSet::new();
    for (file, block) in of("aws_security_group").chain(of("aws_vpc_endpoint")) {
        let Some(attribute) = block.body.attribute("vpc_id") else { continue };
        let text = file.expression(attribute).as_code();
        if !seen.insert(text.clone()) {
            continue;
        }
        // Exclude other VPCs, and expressions that differ by instance.
        let is_excluded = is_this_vpc(&text) == Some(false) || Expr::from(&text).differs_by_instance();
        if !is_excluded {
            used.push((text, location(file, block)));
        }
    }
    let declared = module.data("aws_vpc").chain(module.resources("aws_vpc"));
    let declared: Vec<_> =
        declared.map(|(file, block)| (format!("{}.id", address(block)), location(file, block))).collect();
    if used.is_empty() {
        used.extend(declared.into_iter().filter(|(text, _)| is_this_vpc(text) != Some(false)));
    }
    let of_group = || {
        let connector = connector?;
        let groups = connector.file.expression(connector.block.body.attribute("security_groups")?);
        let group = of("aws_security_group")
            .find(|(_, group)| groups.refers_to("aws_security_group", group.name().unwrap_or_default()))?;
        let text = group.0.expression(group.1.body.attribute("vpc_id")?).as_code();
        used.iter().any(|(known, _)| *known == text).then_some(text)
    };
    let certain = used.iter().find(|(text, _)| is_this_vpc(text) == Some(true)).map(|(text, _)| text.clone());
    let certain = certain.or_else(of_group);
    match (certain, used.as_slice(), literal) {
        (Some(text), ..) => Ok(text),
        (None, [(only, _)], _) => Ok(only.clone()),
        // The code has no expression, or several possible ones: use the id.
        (None, _, Some(literal)) => Ok(literal),
        (None, several, None) => {
            let several =
                several.iter().map(|(text, place)| format!("{} ({place})", Expr::from(text).in_one_line()));
            let several = several.collect::<Vec<_>>().join(", ");
            Err(EditError::NotFound { what: format!("the connector's VPC. Possible expressions: {several}") })
        }
    }
}

/// Whether an expression is the id of this VPC: by its value, by the state, or by the attributes of the
/// block that it refers to; `None` if unknown.
pub(in crate::terraform) fn is_vpc(
    module: &Module,
    state: &State,
    snapshot: &Snapshot,
    vpc: &VpcId,
    expression: Expr<'_>,
) -> Option<bool> {
    if let Some(id) = module.evaluate(expression) {
        return Some(id == vpc.as_str());
    }
    let reference = expression.reference()?;
    let named = reference.strip_suffix(".id")?;
    let in_module: Option<ResourceAddress> = named.parse().ok();
    let in_root = in_module.map(|address| ResourceAddress { module: module.address.clone(), ..address });
    if let Some(id) = in_root.and_then(|address| state.id_at(&address)) {
        return Some(id == vpc.as_str());
    }
    let mut blocks = module.data("aws_vpc").chain(module.resources("aws_vpc"));
    let (file, block) = blocks.find(|(_, block)| address(block) == named)?;
    let value = |name: &str| module.evaluate(file.expression(block.body.attribute(name)?));
    if let Some(id) = value("id") {
        return Some(id == vpc.as_str());
    }
    let known = snapshot.network.vpcs.get(vpc)?;
    // Evaluate the filters of a data source against the snapshot.
    let fails = |filter: &Block| {
        let name = module.evaluate(file.expression(filter.body.attribute("name")?))?;
        let values = module.texts(file.expression(filter.body.attribute("values")?))?;
        // AWS matches `*` and `?` as wildcards, which is not simulated here.
        if values.iter().any(|value| value.contains(['*', '?'])) {
            return None;
        }
        let has = |actual: &str| values.iter().any(|value| value == actual);
        match name.as_str() {
            "vpc-id" => Some(!has(vpc.as_str())),
            "cidr" | "cidr-block" => Some(!known.cidrs.first().is_some_and(|net| has(&net.to_string()))),
            tag => Some(!known.tags.get(tag.strip_prefix("tag:")?).is_some_and(|value| has(value))),
        }
    };
    if block.body.blocks("filter").any(|filter| fails(filter) == Some(true)) {
        return Some(false);
    }
    let other_range =
        value("cidr_block").is_some_and(|range| !known.cidrs.iter().any(|net| net.to_string() == range));
    let other_name = match name_tag(&Place { module, file, block }) {
        Tag::Known(name) if block.block_type == "data" && name.contains(['*', '?']) => false,
        Tag::Known(name) => known.tags.get("Name") != Some(&name),
        Tag::Unknown(pattern, _) => !known.tags.get("Name").is_some_and(|name| pattern.fits(name)),
        Tag::Absent => false,
    };
    (other_range || other_name).then_some(false)
}
