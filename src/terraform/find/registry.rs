//! The public registry modules whose calls are read by their arguments, also if their code is not installed.
//!
//! Knows names of arguments and outputs only. Edits no call.

use hcl_edit::expr::Expression;

use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::Origin;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::read::config::Config;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// A module of <https://registry.terraform.io/namespaces/terraform-aws-modules>, or of <https://registry.terraform.io/namespaces/cloudposse>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::terraform) enum RegistryModule {
    Vpc,
    VpcEndpoints,
    AppRunner,
    SecurityGroup,
    RdsAurora,
    CloudposseVpc,
    CloudposseSubnets,
    CloudposseEndpoints,
    CloudposseGroup,
}

/// The kinds of subnets for which the VPC module has an output with their route tables.
const TIERS_WITH_TABLES: [&str; 6] = ["private", "public", "intra", "database", "elasticache", "redshift"];

/// A call of a registry module, or one instance of a call with several ones.
#[derive(Clone)]
pub(in crate::terraform) struct RegistryCall<'a> {
    pub place: Place<'a>,
    /// The key of the instance, `["a"]` or `[0]`; `None` for a call without several instances.
    pub key: Option<String>,
}

impl<'a> RegistryCall<'a> {
    /// The call with this name in a reference, `vpc` or `vpc["shop"]`, if it is of a module; `None` if its instance is unknown.
    pub fn named(module: &'a Module, name: &str, of: RegistryModule) -> Option<Self> {
        let (label, key) = name.split_at(name.find('[').unwrap_or(name.len()));
        let (file, block) = module.block("module", &[label])?;
        Self::of(Place { module, file, block }, Some(key), of)
    }

    /// The instances of a call, if it is of a module; none if they are unknown.
    pub fn instances(place: Place<'a>, of: RegistryModule) -> Vec<Self> {
        match instance_keys(place).filter(|_| place.is_one_of_several()) {
            Some(keys) => keys.iter().filter_map(|key| Self::of(place, Some(key), of)).collect(),
            None => Self::of(place, None, of).into_iter().collect(),
        }
    }

    /// The call in which an output is, if it is of a module.
    pub fn of_output(output: &Origin<'a>, of: RegistryModule) -> Option<Self> {
        let Origin::Output { call, key, .. } = output else { return None };
        Self::of(*call, key.as_deref(), of)
    }

    fn of(place: Place<'a>, key: Option<&str>, of: RegistryModule) -> Option<Self> {
        let key = key.filter(|key| place.is_one_of_several() && !key.is_empty()).map(str::to_owned);
        let is_known = key.is_some() || !place.is_one_of_several();
        (is_known && registry_module(&place) == Some(of)).then_some(Self { place, key })
    }

    /// The name in a reference, `vpc` or `vpc["shop"]`.
    pub fn name(&self) -> String {
        let label = self.place.block.kind().unwrap_or_default().to_owned();
        label + self.key.as_deref().unwrap_or_default()
    }

    /// The address of the module that it calls.
    pub fn address(&self) -> String {
        ResourceAddress::module_of(self.place.module.address.as_deref(), &self.name())
    }

    /// Whether the call has an argument.
    pub fn has(&self, name: &str) -> bool {
        self.place.block.body.attribute(name).is_some()
    }

    /// The expression of an argument, with the values of the instance.
    pub fn argument(&self, name: &str) -> Option<Expression> {
        let tree = self.place.file.expression(self.place.block.body.attribute(name)?).tree()?;
        let key = self.key.as_deref();
        Some(key.map(|key| Bindings::of_instance(self.place, key)).unwrap_or_default().bind(&tree))
    }

    /// The value of an argument as text; `None` if unknown.
    pub fn text(&self, name: &str) -> Option<String> {
        self.place.module.evaluate(Expr::parsed("", &self.argument(name)?))
    }

    /// The first two numbers of the oldest version that the call permits, from its version or from the address on GitHub; `None` if unknown.
    pub fn version(&self) -> Option<(u64, u64)> {
        let source = self.text("source")?;
        let version = self.text("version").or_else(|| Some(source.split_once("?ref=")?.1.to_owned()))?;
        let is_lower = |part: &&str| !part.trim_start().starts_with(['<', '!']);
        let first = version.split(',').find(is_lower)?.trim_start_matches(['=', '>', '~', ' ', 'v']);
        let mut numbers = first.split('.').map(|number| number.trim().parse().ok());
        Some((numbers.next()??, numbers.next().flatten().unwrap_or(0)))
    }

    /// Whether the call permits no version from this major version on.
    pub fn is_before(&self, major: u64) -> bool {
        let text = self.text("version").unwrap_or_default();
        let parts = || text.split(',').map(str::trim);
        let number = |part: &str| {
            part.trim_start_matches(['<', '=', '>', '~', ' ', 'v']).split('.').next()?.parse::<u64>().ok()
        };
        let is_bound = |part: &str| {
            let is_exact =
                !part.starts_with(['>', '!', '<', '~']) || part.starts_with("~>") && part.contains('.');
            let has_number = |limit: u64| number(part).is_some_and(|number| number < limit);
            is_exact && has_number(major)
                || part.starts_with('<') && has_number(major + u64::from(!part.starts_with("<=")))
        };
        let is_below = self.version().is_some_and(|(own, _)| own < major);
        is_below && (text.is_empty() || parts().any(is_bound))
    }

    /// Whether the call permits the last versions before a major version, which `terraform init` then installs: `~> 2.0` or `>= 2.1, < 3.0`.
    pub fn permits_last_before(&self, major: u64) -> bool {
        let text = self.text("version").unwrap_or_default();
        let is_open = |part: &str| {
            let number = part.trim_start_matches(['<', '=', '>', '~', ' ']);
            let mut numbers = number.split('.').map(|number| number.trim().parse::<u64>());
            let first = numbers.next().and_then(Result::ok);
            match part.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.' || c == ' ') {
                "~>" => first.map(|first| first + 1) == Some(major) && number.split('.').count() == 2,
                ">=" | ">" => true,
                "<" => first == Some(major) && numbers.all(|number| number == Ok(0)),
                _ => false,
            }
        };
        self.is_before(major) && text.split(',').map(str::trim).all(is_open)
    }

    /// The number of elements of a list; `None` if unknown.
    pub fn length(&self, name: &str) -> Option<usize> {
        let list = self.argument(name)?;
        match without_parentheses(&list) {
            Expression::Array(elements) => Some(elements.len()),
            _ => self.place.module.length(&list),
        }
    }
}

/// The modules whose blocks are searched: all except the well-known registry modules, whose calls are read by their arguments.
pub(in crate::terraform) fn searched_modules(config: &Config) -> Vec<&Module> {
    let mut open = vec![&config.root_module];
    let mut all = Vec::new();
    while let Some(module) = open.pop() {
        all.push(module);
        open.extend(
            module.calls.iter().rev().map(|call| &call.module).filter(|called| has_code(module, called)),
        );
    }
    all
}

/// Whether the code of a called module is read.
pub(in crate::terraform) fn has_code(module: &Module, called: &Module) -> bool {
    let call = module.calls.iter().find(|call| call.module.address == called.address);
    let block = call.and_then(|call| module.block("module", &[&call.name]));
    let place = block.map(|(file, block)| Place { module, file, block });
    !called.is_installed || place.is_some_and(|place| registry_module(&place).is_none())
}

/// The registry module that a call uses, by its source.
pub(in crate::terraform) fn registry_module(call: &Place<'_>) -> Option<RegistryModule> {
    let source = call.block.body.attribute("source")?;
    let source = call.module.evaluate(call.file.expression(source))?;
    of_source(&source)
}

/// The module of a registry address, of Terragrunt's form of it, or of the address of the repository on GitHub.
pub(in crate::terraform) fn of_source(source: &str) -> Option<RegistryModule> {
    let source = source.split(['?']).next().unwrap_or_default();
    let source = source.trim_start_matches("tfr://").trim_start_matches('/');
    let source =
        source.trim_start_matches("registry.terraform.io/").trim_start_matches("registry.opentofu.org/");
    let source =
        source.trim_start_matches("git::").trim_start_matches("https://").trim_start_matches("ssh://git@");
    let (module, folder) = match source.split_once("//") {
        Some((module, folder)) => (module, folder.trim_end_matches('/')),
        None => (source, ""),
    };
    let (owner, name) = match module.strip_prefix("github.com/").and_then(|name| name.split_once('/')) {
        Some((owner, name)) => (owner, name.strip_prefix("terraform-aws-")?.trim_end_matches(".git")),
        None => module.strip_suffix("/aws")?.split_once('/')?,
    };
    match (owner, name, folder) {
        ("terraform-aws-modules", "vpc", "") => Some(RegistryModule::Vpc),
        ("terraform-aws-modules", "vpc", "modules/vpc-endpoints") => Some(RegistryModule::VpcEndpoints),
        ("terraform-aws-modules", "app-runner", "") => Some(RegistryModule::AppRunner),
        ("terraform-aws-modules", "security-group", "") => Some(RegistryModule::SecurityGroup),
        ("terraform-aws-modules", "rds-aurora", "") => Some(RegistryModule::RdsAurora),
        ("cloudposse", "vpc", "") => Some(RegistryModule::CloudposseVpc),
        ("cloudposse", "dynamic-subnets", "") => Some(RegistryModule::CloudposseSubnets),
        ("cloudposse", "vpc", "modules/vpc-endpoints") => Some(RegistryModule::CloudposseEndpoints),
        ("cloudposse", "security-group", "") => Some(RegistryModule::CloudposseGroup),
        _ => None,
    }
}

/// The output with the route tables of an output with subnets: `private_route_table_ids` of `private_subnets`.
pub(in crate::terraform) fn tables_of_subnets<'a>(subnets: &Origin<'a>) -> Option<Origin<'a>> {
    let Origin::Output { call, key, name } = subnets else { return None };
    let name = name.split('[').next()?;
    let tier = match registry_module(call)? {
        RegistryModule::Vpc => {
            name.strip_suffix("_subnets").filter(|tier| TIERS_WITH_TABLES.contains(tier))?
        }
        RegistryModule::CloudposseSubnets => {
            let call = RegistryCall::of(*call, key.as_deref(), RegistryModule::CloudposseSubnets)?;
            let tier = name.strip_suffix("_subnet_ids")?;
            let has_own = !call.has("public_route_table_id")
                && call.text(&format!("{tier}_network_route_enabled")).as_deref() != Some("false");
            Some(tier).filter(|_| has_own)?
        }
        _ => return None,
    };
    Some(Origin::Output { call: *call, key: key.clone(), name: format!("{tier}_route_table_ids") })
}

/// Another output of the VPC module of an output.
pub(in crate::terraform) fn output_of_vpc<'a>(known: &Origin<'a>, name: &str) -> Option<Origin<'a>> {
    let Origin::Output { call, key, .. } = known else { return None };
    let is_vpc = matches!(registry_module(call), Some(RegistryModule::Vpc | RegistryModule::CloudposseVpc));
    is_vpc.then(|| Origin::Output { call: *call, key: key.clone(), name: name.to_owned() })
}

/// The call whose `vpc_id` is the VPC of an output with subnets or a security group.
pub(in crate::terraform) fn call_in_vpc<'a>(output: &Origin<'a>) -> Option<(Place<'a>, Option<String>)> {
    let Origin::Output { call, key, .. } = output else { return None };
    let is_in_vpc = matches!(
        registry_module(call),
        Some(
            RegistryModule::SecurityGroup
                | RegistryModule::CloudposseSubnets
                | RegistryModule::CloudposseGroup
        )
    );
    is_in_vpc.then(|| (*call, key.clone()))
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
            ("tfr:///terraform-aws-modules/vpc/aws?version=5.8.1", Some(RegistryModule::Vpc)),
            (
                "tfr://registry.terraform.io/terraform-aws-modules/vpc/aws?version=5.8.1",
                Some(RegistryModule::Vpc),
            ),
            ("terraform-aws-modules/app-runner/aws", Some(RegistryModule::AppRunner)),
            ("terraform-aws-modules/security-group/aws", Some(RegistryModule::SecurityGroup)),
            ("terraform-aws-modules/vpc/aws//modules/flow-log", None),
            ("cloudposse/vpc/aws", Some(RegistryModule::CloudposseVpc)),
            ("cloudposse/dynamic-subnets/aws", Some(RegistryModule::CloudposseSubnets)),
            (
                "git::https://github.com/cloudposse/terraform-aws-vpc.git//modules/vpc-endpoints?ref=2.1.1",
                Some(RegistryModule::CloudposseEndpoints),
            ),
            ("cloudposse/security-group/aws", Some(RegistryModule::CloudposseGroup)),
            ("cloudposse/rds/aws", None),
            ("./vpc", None),
        ] {
            assert_eq!(of_source(source), module, "{source}");
        }
    }
}
