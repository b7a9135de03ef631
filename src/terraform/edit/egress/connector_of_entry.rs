//! The refusal to move one of several services that a block creates to another connector: the entry or the condition for this service only.

use std::collections::BTreeSet;

use crate::model::SubnetId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::entry_text::{entry_text, fields_of};
use crate::terraform::error::EditError;
use crate::terraform::find::app_runner_code::egress_configuration;
use crate::terraform::find::instances::{instance_keys, service_key};
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::address::address;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// The refusal, with the new connector where no block creates it. `ids` are its subnets, if they exist.
pub(in crate::terraform::edit) fn refusal(
    draft: &Draft<'_>,
    ids: Option<&[SubnetId]>,
    new: &str,
) -> EditError {
    let service = draft.finder.code.service;
    let place = service.location();
    let workload = &draft.finder.workload.name;
    let arn =
        egress_configuration(service.block).and_then(|egress| egress.body.attribute("vpc_connector_arn"));
    let arn = arn.map(|arn| service.file.expression(arn));
    let Some((arn, key)) = arn.zip(service_key(service, workload)) else {
        let what = format!(
            "the block of the service creates several services, and it is unknown which instance is {workload}: give only that one another \
             connector"
        );
        return EditError::Answer { place, what };
    };
    let owner = address(service.block);
    if let ([field], Some(ids)) = (fields_of(arn.text).as_slice(), ids) {
        let shown: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let what = format!(
            "vpc_connector_arn of {owner} ({place}) is `{}`, so {field} of the entry {} decides the connector of {workload}",
            arn.in_one_line(),
            quoted(&key)
        );
        let connector = draft.finder.code.connector;
        let found = connector_in(draft, connector, ids);
        let entry = found.as_ref().and_then(|found| {
            let own = found.trim_start_matches('[').trim_end_matches(']');
            entry_text(draft.finder.config, (service, &key), field, own)
        });
        return match (entry, found) {
            (Some(entry), Some(found)) => EditError::Given {
                place: entry.place,
                what: format!(
                    "{what}. {}{found} is in {}: change the entry, then run {}",
                    address(connector.block),
                    listed(&shown, "and"),
                    draft.finder.config.tool().apply()
                ),
                values: format!("{}\n", entry.text),
            },
            _ => EditError::Answer {
                place,
                what: format!("{what}. Give it the value of a connector in {}", listed(&shown, "and")),
            },
        };
    }
    let what = "the block of the service creates several services".to_owned();
    if arn.text.contains('\n') {
        return EditError::Answer { place, what: format!("{what}: give only {workload} another connector") };
    }
    let new = new.split("\n# And in").next().unwrap_or_default();
    let snippet = format!(
        "{new}\n# And in egress_configuration of {owner} ({place}), so that the other services keep their connector:\n# vpc_connector_arn = \
         each.key == {} ? aws_apprunner_vpc_connector.moved.arn : {}\n",
        quoted(&key),
        arn.text.trim()
    );
    EditError::ByHand { place, what, snippet }
}

/// The `for_each` key of the service, without quotes, if a condition on the key can give only it another connector; `None` for a block of one
/// service, and if a field of its entry decides the connector.
pub(in crate::terraform::edit) fn key_of_only(draft: &Draft<'_>) -> Option<String> {
    let service = draft.finder.code.service;
    let arn = egress_configuration(service.block)?.body.attribute("vpc_connector_arn")?;
    let arn = service.file.expression(arn);
    let is_open = service.is_one_of_several()
        && service.block.is_resource("aws_apprunner_service")
        && service.block.body.attribute("for_each").is_some()
        && fields_of(arn.text).is_empty()
        && !arn.text.contains('\n')
        && arn.tree().is_some();
    is_open.then(|| service_key(service, &draft.finder.workload.name))?
}

/// The key of the only connector of a block whose subnets are these.
fn connector_in(draft: &Draft<'_>, connector: Place<'_>, wanted: &[SubnetId]) -> Option<String> {
    let finder = &draft.finder;
    let modules = finder.config.modules();
    let module = modules.into_iter().find(|module| module.address == connector.module.address)?;
    let (file, block) = module.block("resource", &[connector.block.kind()?, connector.block.name()?])?;
    let place = Place { module, file, block };
    let wanted: BTreeSet<&SubnetId> = wanted.iter().collect();
    let has_these = |key: &&String| {
        let Some(origins) = finder.network.origins.of_instance(place, Some(key), "subnets") else {
            return false;
        };
        finder.snapshot.network.subnets.iter().all(|subnet| {
            let id = &subnet.id;
            let is_written = |one: &Origin<'_>| matches!(one, Origin::Text(text) if text == id.as_str());
            let known = finder.subnet_origin(id);
            let is_in = |one: &Origin<'_>| {
                is_written(one) || known.as_ref().is_some_and(|known| one.is_same_resource(known))
            };
            origins.iter().any(is_in) == wanted.contains(id)
        })
    };
    let keys = instance_keys(place)?;
    let mut found = keys.iter().filter(has_these);
    found.next().filter(|_| found.next().is_none()).cloned()
}
