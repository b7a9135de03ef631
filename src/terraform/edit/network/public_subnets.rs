//! A public subnet for a NAT gateway where the code does not show which one AWS has: an element of the list of all public subnets.

use crate::model::{Subnet, SubnetId};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::nat::reenable::is_routed_to_internet;
use crate::terraform::edit::network::listed_subnets::{lists_all, present_subnets};
use crate::terraform::find::registry::{RegistryCall, RegistryModule, output_of_vpc};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::place::Place;

impl Draft<'_> {
    /// The id of a public subnet, and whether it is this one.
    pub fn public_subnet(&mut self, id: &SubnetId) -> (String, bool) {
        let subnet = self.written_subnet(id);
        if subnet != quoted(id.as_str()) {
            return (subnet, true);
        }
        let of_module = self.of_vpc_module().map(|list| format!("{list}[0]"));
        // The order in which AWS answers is not defined.
        let any = of_module.or_else(|| Some(format!("sort({})[0]", self.of_data_source()?)));
        any.map_or_else(|| (self.subnet(id), true), |any| (any, false))
    }

    /// The public subnets of the registry module that creates the VPC.
    fn of_vpc_module(&mut self) -> Option<String> {
        let vpc = self.finder.network.vpc.clone()?;
        let call = RegistryCall::of_output(&vpc, RegistryModule::Vpc)?;
        call.length("public_subnets").filter(|number| *number > 0)?;
        self.reference(&output_of_vpc(&vpc, "public_subnets")?)
    }

    /// A data source of the target module that finds public subnets of the VPC only.
    fn of_data_source(&self) -> Option<String> {
        let module = self.finder.target;
        let mut sources = module.data("aws_subnets").filter(|(_, block)| !block.repeats());
        let (_, block) = sources.find(|(file, block)| {
            let found = self.found_by(Place { module, file, block });
            found.is_some_and(|found| {
                !found.is_empty()
                    && found.iter().all(|subnet| is_routed_to_internet(self.finder.snapshot, subnet))
            })
        })?;
        Some(format!("data.aws_subnets.{}.ids", block.name()?))
    }

    /// The subnets that a data source finds in AWS; `None` if it has another filter than the VPC, the name and the default subnets. One
    /// that lists all subnets of the VPC gets a filter for the present ones in an edit that adds subnets.
    fn found_by(&self, place: Place<'_>) -> Option<Vec<&Subnet>> {
        if lists_all(self, place) {
            return Some(present_subnets(self));
        }
        let Place { module, file, block } = place;
        let mut names: Vec<String> = Vec::new();
        let (mut is_of_vpc, mut is_default) = (false, false);
        for filter in block.body.blocks("filter") {
            let value = |name: &str| filter.body.attribute(name).map(|value| file.expression(value));
            match module.evaluate(value("name")?)?.as_str() {
                "vpc-id" => {
                    let of = value("values")?.tree()?;
                    let of = of.as_array().filter(|list| list.len() == 1)?.get(0)?.to_string();
                    is_of_vpc = self.finder.is_workload_vpc(module, Expr::from(of.trim())) == Some(true);
                }
                "tag:Name" => names.extend(module.texts(value("values")?)?),
                "default-for-az" => is_default = module.texts(value("values")?)? == ["true"],
                _ => return None,
            }
        }
        if let Some(tags) = module.expression(file, block, "tags") {
            let tags = module.value(tags)?;
            let tags = tags.as_object()?;
            names.push(tags.get("Name").filter(|_| tags.len() == 1)?.as_str()?.to_owned());
        }
        let network = &self.finder.snapshot.network;
        let own = self.finder.workload_subnets();
        let vpc = own.iter().find_map(|id| network.subnets.get(id)).map(|subnet| &subnet.vpc)?;
        let fits = |subnet: &&Subnet| {
            let name = subnet.tags.get("Name");
            subnet.vpc == *vpc
                && (!is_default || subnet.default_for_az == Some(true))
                && (names.is_empty()
                    || name.is_some_and(|name| names.iter().any(|pattern| matches(pattern, name))))
        };
        (is_of_vpc && (is_default || !names.is_empty()))
            .then(|| network.subnets.iter().filter(fits).collect())
    }
}

/// Whether a name fits a pattern with `*` at its beginning or end.
fn matches(pattern: &str, name: &str) -> bool {
    let inner = pattern.trim_matches('*');
    match (pattern.starts_with('*'), pattern.ends_with('*')) {
        _ if inner.contains(['*', '?']) => false,
        (true, true) => name.contains(inner),
        (true, false) => name.ends_with(inner),
        (false, true) => name.starts_with(inner),
        (false, false) => name == pattern,
    }
}
