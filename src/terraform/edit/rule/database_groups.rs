//! The security group that the Aurora module of the registry creates for its database.
//!
//! <https://registry.terraform.io/modules/terraform-aws-modules/rds-aurora/aws/latest>

use crate::model::SecurityGroupId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::read::place::Place;

/// The call of the module that creates a group, by the name in it.
pub(in crate::terraform::edit) fn call_of_group<'a>(
    draft: &Draft<'a>,
    group: &SecurityGroupId,
) -> Option<Place<'a>> {
    let name = draft.finder.snapshot.network.security_groups.get(group)?.name.as_str();
    let modules = draft.finder.config.modules().into_iter().filter(|module| module.is_editable());
    let calls = modules
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    let has_name = |call: &Place<'a>| {
        let has_prefix = value(*call, "security_group_use_name_prefix").as_deref() != Some("false");
        let own = value(*call, "security_group_name").or_else(|| value(*call, "name"));
        own.is_some_and(|own| name == own || has_prefix && name.starts_with(&format!("{own}-")))
    };
    let mut found = calls.filter(|call| {
        registry_module(call) == Some(RegistryModule::RdsAurora)
            && !call.is_one_of_several()
            && value(*call, "create_security_group").as_deref() != Some("false")
            && has_name(call)
    });
    found.next().filter(|_| found.next().is_none())
}

/// The port of the database, which its rules have.
pub(in crate::terraform::edit) fn port_of(call: Place<'_>) -> Option<u16> {
    if call.block.body.attribute("port").is_some() {
        return value(call, "port")?.parse().ok();
    }
    match value(call, "engine")?.as_str() {
        "aurora-postgresql" => Some(5432),
        "aurora-mysql" | "aurora" => Some(3306),
        _ => None,
    }
}

fn value(call: Place<'_>, name: &str) -> Option<String> {
    call.module.evaluate(call.module.expression(call.file, call.block, name)?)
}
