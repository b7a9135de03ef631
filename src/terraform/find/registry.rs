//! The public registry modules whose calls are read by their arguments, also if their code is not installed.
//!
//! Knows names of arguments and outputs only. Edits no call.

use crate::terraform::find::origin::Origin;
use crate::terraform::read::place::Place;

/// A module of <https://registry.terraform.io/namespaces/terraform-aws-modules>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::terraform) enum RegistryModule {
    Vpc,
    VpcEndpoints,
    AppRunner,
    SecurityGroup,
}

/// The registry module that a call uses, by its source.
pub(in crate::terraform) fn registry_module(call: &Place<'_>) -> Option<RegistryModule> {
    let source = call.block.body.attribute("source")?;
    let source = call.module.evaluate(call.file.expression(source))?;
    of_source(&source)
}

/// The registry address, and the address of the repository on GitHub.
fn of_source(source: &str) -> Option<RegistryModule> {
    let source = source.split(['?']).next().unwrap_or_default();
    let source =
        source.trim_start_matches("registry.terraform.io/").trim_start_matches("registry.opentofu.org/");
    let source =
        source.trim_start_matches("git::").trim_start_matches("https://").trim_start_matches("ssh://git@");
    let (module, folder) = match source.split_once("//") {
        Some((module, folder)) => (module, folder.trim_end_matches('/')),
        None => (source, ""),
    };
    let name = match module.strip_prefix("github.com/terraform-aws-modules/terraform-aws-") {
        Some(name) => name.trim_end_matches(".git"),
        None => module.strip_prefix("terraform-aws-modules/")?.strip_suffix("/aws")?,
    };
    match (name, folder) {
        ("vpc", "") => Some(RegistryModule::Vpc),
        ("vpc", "modules/vpc-endpoints") => Some(RegistryModule::VpcEndpoints),
        ("app-runner", "") => Some(RegistryModule::AppRunner),
        ("security-group", "") => Some(RegistryModule::SecurityGroup),
        _ => None,
    }
}

/// The output of the VPC module with the route tables of an output with subnets: `private_route_table_ids` of `private_subnets`.
pub(in crate::terraform) fn tables_of_subnets<'a>(subnets: &Origin<'a>) -> Option<Origin<'a>> {
    let Origin::Output { call, name } = subnets else { return None };
    let name = name.split('[').next()?.strip_suffix("_subnets")?;
    let has_tables = ["private", "public", "intra", "database", "elasticache", "redshift"].contains(&name);
    let is_vpc = registry_module(call) == Some(RegistryModule::Vpc);
    (is_vpc && has_tables).then(|| Origin::Output { call: *call, name: format!("{name}_route_table_ids") })
}

/// Another output of the VPC module of an output.
pub(in crate::terraform) fn output_of_vpc<'a>(known: &Origin<'a>, name: &str) -> Option<Origin<'a>> {
    let Origin::Output { call, .. } = known else { return None };
    let is_vpc = registry_module(call) == Some(RegistryModule::Vpc);
    is_vpc.then(|| Origin::Output { call: *call, name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_a_module_of_the_registry_or_of_github() {
        for (source, module) in [
            ("terraform-aws-modules/vpc/aws", Some(RegistryModule::Vpc)),
            ("registry.terraform.io/terraform-aws-modules/vpc/aws", Some(RegistryModule::Vpc)),
            ("terraform-aws-modules/vpc/aws//modules/vpc-endpoints", Some(RegistryModule::VpcEndpoints)),
            (
                "git::https://github.com/terraform-aws-modules/terraform-aws-vpc.git//modules/vpc-endpoints?ref=v5.8.1",
                Some(RegistryModule::VpcEndpoints),
            ),
            ("github.com/terraform-aws-modules/terraform-aws-vpc", Some(RegistryModule::Vpc)),
            ("terraform-aws-modules/app-runner/aws", Some(RegistryModule::AppRunner)),
            ("terraform-aws-modules/security-group/aws", Some(RegistryModule::SecurityGroup)),
            ("terraform-aws-modules/vpc/aws//modules/flow-log", None),
            ("cloudposse/vpc/aws", None),
            ("./vpc", None),
        ] {
            assert_eq!(of_source(source), module, "{source}");
        }
    }
}
