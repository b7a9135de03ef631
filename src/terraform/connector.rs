//! The edit for a connector in other subnets: a new one under a new name, since a connector cannot be changed in place.

use super::EditError;
use super::default_egress::is_ignored;
use super::edit::Draft;
use super::locate::{address, at, egress_configuration};
use super::render::{attribute, quoted};
use super::splice::Splice;
use crate::model::SubnetId;

/// A connector beside the old one, and the service on it.
pub(super) fn moved(
    draft: &mut Draft<'_>,
    name: &str,
    subnets: &[SubnetId],
    snippet: String,
) -> Result<(), EditError> {
    let (file, service) = draft.site.service;
    let by_hand = |what: &str| EditError::ByHand {
        place: at(file, service),
        what: what.to_owned(),
        snippet: snippet.clone(),
    };
    if is_ignored(file, service) {
        return Err(by_hand(
            "lifecycle.ignore_changes hides network_configuration, so an edit would have no effect",
        ));
    }
    let arn = egress_configuration(service).and_then(|egress| egress.body.attribute("vpc_connector_arn"));
    let Some(arn) = arn else {
        return Err(by_hand("the service has no egress_configuration with a vpc_connector_arn"));
    };
    let (home, old) = draft.site.connector;
    let kind = "aws_apprunner_vpc_connector";
    let label = old.labels.get(1).map_or("app_runner", String::as_str);
    let label = draft.free_name(kind, label);
    let old_name = old.body.attribute("vpc_connector_name").map(|attribute| home.value(attribute));
    let new_name = match old_name.and_then(|text| text.strip_suffix('"')).filter(|text| text.starts_with('"'))
    {
        Some(text) => format!("{text}-2\""),
        None => quoted(name),
    };
    let Some(groups) = old.body.attribute("security_groups").map(|attribute| home.value(attribute)) else {
        return Err(by_hand("the connector has no security_groups"));
    };
    let list = subnets.iter().map(|id| quoted(id.as_str())).collect::<Vec<_>>().join(", ");
    let lines = [
        attribute("vpc_connector_name", new_name),
        attribute("subnets", format!("[{list}]")),
        attribute("security_groups", groups.to_owned()),
    ];
    let mut lines = lines.to_vec();
    lines.extend(draft.tags("connector-2"));
    let comment =
        "# In subnets that lead out. A connector cannot be changed in place, so it has a name of its own\n";
    draft.add_resource(kind, &label, "apprunner.tf", comment, &lines);
    draft.splice(file, Splice { span: arn.value.clone(), text: format!("{kind}.{label}.arn") });
    draft.change(&address(service));
    draft.note(&format!(
        "{} stays: other services may use it. Take it away in a later change, once nothing does.",
        address(old)
    ));
    Ok(())
}
