//! The NAT gateway of a VPC that the registry module creates inside a local module with other callers: that module gets a variable, which only
//! the call of this service sets.

use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::number::NatNumber;
use crate::terraform::edit::nat::vpc_module::{announce_tables, gateway_count};
use crate::terraform::edit::text::amend::add_paragraph;
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::{attribute, block, quoted};
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::module::Module;

const SWITCH: &str = "enable_nat_gateway";

/// Gives the module the variable and sets it in its call. Returns `false`, and edits nothing, if the code has another form.
///
/// # Errors
/// The call of the registry module is on one line, or cannot ask for a gateway in each AZ.
pub(in crate::terraform::edit) fn enable_nat(
    draft: &mut Draft<'_>,
    one_per_az: bool,
) -> Result<bool, EditError> {
    let Some(call) = wrapped(draft) else { return Ok(false) };
    let (module, place, address) = (call.place.module, call.place, call.address());
    let gateway = ResourceAddress::new(Some(&address), "aws_nat_gateway", "this");
    if draft.reenabled.contains(&gateway) {
        return Ok(true);
    }
    if call.text(SWITCH).as_deref() == Some("true") {
        return Err(EditError::AlreadyInCode { address: gateway.to_string(), place: place.location() });
    }
    let number = if one_per_az { NatNumber::for_each_zone(&call) } else { Ok(NatNumber::One) };
    let number = number.map_err(|what| EditError::Answer { place: place.location(), what })?;
    if let Some(condition) = number.condition(&call) {
        draft.note(&condition);
    }
    let written = place.block.body.attribute(SWITCH);
    let is_decided = |attribute: &&Attribute| {
        !matches!(place.file.expression(attribute).tree().as_deref(), Some(Expression::Bool(_)))
    };
    if let Some(attribute) = written.filter(is_decided) {
        let own = format!("module.{}", call.name());
        let set = draft.set_span((module, place.file), attribute.value.clone(), "true", &[own]);
        if set.is_ok() {
            announce(draft, &call, (gateway_count(&call), number.of(&call)));
        }
        return Ok(set.is_ok());
    }
    if module.has_variable(SWITCH) {
        return Ok(false);
    }
    let wanted = number.wanted();
    let present = gateway_count(&call);
    let reference = format!("var.{SWITCH}");
    let (mut splices, mut absent) = (Vec::new(), Vec::new());
    for name in [SWITCH].into_iter().chain(wanted) {
        let Some(attribute) = place.block.body.attribute(name) else {
            absent.push((name, reference.as_str()));
            continue;
        };
        // A number of gateways that is chosen already stays.
        match place.file.expression(attribute).tree().as_deref() {
            Some(Expression::Bool(on)) if !on.value() => {
                splices.push(Splice::new(attribute.value.clone(), reference.clone()));
            }
            Some(Expression::Bool(_)) if name != SWITCH => {}
            _ => return Ok(false),
        }
    }
    let paragraph = add_paragraph(place.file, place.block, &absent)?;
    if !draft.add_argument(module, SWITCH, ("true", "false")) {
        return Ok(false);
    }
    draft.splice_all(place.file, splices.into_iter().chain(paragraph));
    add_variable(draft, module);
    announce(draft, &call, (present, number.of(&call)));
    draft.note(&format!(
        "{} gets a variable {SWITCH}. Its default is false, so the other calls of the module do not change.",
        module.dir.display()
    ));
    Ok(true)
}

/// Announces what the registry module creates. `present` is the number of its route tables, and `new` that of its NAT gateways.
fn announce(draft: &mut Draft<'_>, call: &RegistryCall<'_>, (present, new): (Option<usize>, Option<usize>)) {
    let address = call.address();
    announce_tables(draft, (&call.name(), &address), call.length("private_subnets"), (present, new));
    let enabled = [("aws_eip", "nat"), ("aws_nat_gateway", "this"), ("aws_route", "private_nat_gateway")];
    draft.reenabled.extend(enabled.map(|(kind, name)| ResourceAddress::new(Some(&address), kind, name)));
    draft.note(&format!(
        "{address} creates the NAT gateway, its Elastic IP and a default route in each of its private route tables."
    ));
}

/// The call of the registry module that creates the VPC, if it is in a local module with other callers, and the connector is in its private
/// subnets.
fn wrapped<'a>(draft: &Draft<'a>) -> Option<RegistryCall<'a>> {
    let finder = &draft.finder;
    let call = RegistryCall::of_output(finder.network.vpc.as_ref()?, RegistryModule::Vpc)?;
    let module = call.place.module;
    let is_private = |subnet: &Origin<'_>| match subnet {
        Origin::Output { call: of, name, .. } => {
            of.is_same_block(&call.place) && name.split('[').next() == Some("private_subnets")
        }
        Origin::Block(_) | Origin::Variable { .. } | Origin::Text(_) => false,
    };
    let subnets = finder.network.subnets.as_ref()?;
    let has_public = call.length("public_subnets").is_some_and(|number| number > 0);
    let is_open = module.address.is_some()
        && module.is_editable()
        && module.is_shared_module
        && !call.place.block.repeats()
        && module.overridden(call.place.block).is_none()
        && finder.state.is_empty();
    (is_open && has_public && !subnets.is_empty() && subnets.iter().all(is_private)).then_some(call)
}

fn add_variable(draft: &mut Draft<'_>, module: &Module) {
    let variables: Vec<_> = module.blocks("variable").collect();
    let described = variables.iter().filter(|(_, one)| one.body.attribute("description").is_some()).count();
    let mut lines = vec![attribute("type", "bool"), attribute("default", "false")];
    if described * 2 > variables.len() {
        lines.insert(
            0,
            attribute("description", quoted("Internet access of the private subnets through a NAT gateway")),
        );
    }
    let text = block(&format!("variable \"{SWITCH}\""), &lines);
    draft.add_top_level(module, "variable", "variables.tf", &text);
}
