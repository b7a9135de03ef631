//! The edit for a connector in other subnets: a new one under a new name, since a connector cannot be changed in place.

use crate::model::SubnetId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::{attribute, create_before_destroy, quoted};
use crate::terraform::read::place::Place;
use crate::terraform::read::place::{is_ignored, location};

/// A connector beside the old one, and the service on it.
pub(in crate::terraform) fn moved(
    draft: &mut Draft<'_>,
    name: &str,
    subnets: &[SubnetId],
    snippet: &str,
) -> Result<(), EditError> {
    let Place { file, block: service, module } = draft.finder.code.service;
    let by_hand = |what: &str| EditError::ByHand {
        place: location(file, service),
        what: what.to_owned(),
        snippet: snippet.to_owned(),
    };
    if draft.finder.code.service.is_one_of_several() {
        return Err(by_hand("the service is one of several that one block makes"));
    }
    if is_ignored(file, service, "network_configuration") {
        return Err(by_hand(
            "lifecycle.ignore_changes hides network_configuration, so an edit would have no effect",
        ));
    }
    let arn = egress_configuration(service).and_then(|egress| egress.body.attribute("vpc_connector_arn"));
    let Some(arn) = arn else {
        return Err(by_hand("the service has no egress_configuration with a vpc_connector_arn"));
    };
    let Place { file: home, block: old, module: old_module } = draft.finder.code.connector;
    if module.address != draft.finder.target.address || old_module.address != module.address {
        return Err(by_hand(
            "the service and its connector are not in the same code, or in code that is called more than once",
        ));
    }
    if ["count", "for_each"].iter().any(|name| old.body.attribute(name).is_some()) {
        return Err(by_hand("the connector is one of several that one block makes"));
    }
    if !file.value(arn).trim().starts_with("aws_apprunner_vpc_connector.") || file.value(arn).contains('?') {
        return Err(by_hand("vpc_connector_arn is an expression: change the value that it takes"));
    }
    let kind = "aws_apprunner_vpc_connector";
    let label = old.labels.get(1).map_or("app_runner", String::as_str);
    let label = draft.free_name(kind, label);
    let old_name = old.body.attribute("vpc_connector_name").map(|attribute| home.value(attribute));
    let new_name = match old_name.and_then(|text| text.strip_suffix('"')).filter(|text| text.starts_with('"'))
    {
        Some(text) => format!("{text}-2\""),
        None => quoted(name),
    };
    let length = draft.finder.target.evaluate(&new_name).map_or(new_name.len() - 2, |text| text.len());
    if length > 40 {
        return Err(by_hand("the new connector's name would have more than 40 characters"));
    }
    let Some(groups) = old.body.attribute("security_groups").map(|attribute| home.value(attribute)) else {
        return Err(by_hand("the connector has no security_groups"));
    };
    let lines = [
        attribute("vpc_connector_name", new_name),
        attribute("subnets", draft.finder.list_of_subnets(subnets)),
        // A list that goes on over lines is taken from the old one, which has it in its own form.
        if groups.contains('\n') {
            attribute("security_groups", format!("{}.security_groups", address(old)))
        } else {
            attribute("security_groups", groups.to_owned())
        },
    ];
    let mut lines = lines.to_vec();
    lines.extend(draft.tags("connector-2"));
    lines.extend(create_before_destroy());
    let comment =
        "# In subnets that lead out. A connector cannot be changed in place, so it has a name of its own\n";
    draft.add_resource_behind((home, old), kind, &label, comment, &lines);
    draft.splice(file, Splice::new(arn.value.clone(), format!("{kind}.{label}.arn")));
    draft.change(&draft.finder.code.service.address_in_root());
    draft.note(&format!(
        "{} stays: other services may use it. Take it away in a later change, once nothing does.",
        address(old)
    ));
    Ok(())
}
