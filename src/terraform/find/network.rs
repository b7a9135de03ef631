//! The network of the connector in the code: its subnets, their VPC and route tables, and the module that receives blocks for the
//! whole VPC.
//!
//! Follows references only; it compares nothing with AWS.

use crate::terraform::find::chain::Chain;
use crate::terraform::find::express::Express;
use crate::terraform::find::origin::{Instances, Origin, is_same_vpc};
use crate::terraform::find::origins::Origins;
use crate::terraform::find::registry::{call_in_vpc, output_of_vpc};
use crate::terraform::lang::structure::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::module::{Module, ModuleCall};
use crate::terraform::read::place::Place;

/// The type of the connector's block.
pub(in crate::terraform) const CONNECTOR: &str = "aws_apprunner_vpc_connector";

/// The arguments with the subnets and the security groups of a connector: of its resource, or of the call of the App Runner module of
/// the registry; `None` for another block.
pub(in crate::terraform) fn connector_arguments(block: &Block) -> Option<(&'static str, &'static str)> {
    if block.is_resource(CONNECTOR) {
        return Some(("subnets", "security_groups"));
    }
    let subnets = "vpc_connector_subnets";
    let is_call = block.block_type == "module" && block.body.attribute(subnets).is_some();
    is_call.then_some((subnets, "vpc_connector_security_groups"))
}

/// The connector's network, as far as references lead to it.
pub(in crate::terraform) struct Network<'a> {
    pub origins: Origins<'a>,
    connector: Place<'a>,
    /// The connector's subnets; `None` if unknown.
    pub subnets: Option<Vec<Origin<'a>>>,
    /// The id of the VPC; `None` if unknown.
    pub vpc: Option<Origin<'a>>,
    /// The route tables of the subnets; `None` if unknown.
    pub chain: Option<Chain<'a>>,
}

impl<'a> Network<'a> {
    /// Follows the arguments of the connector, or of its instance with a key. Where they do not lead to the subnets, or without a
    /// connector in the code, `searched` has the blocks that are the subnets of AWS.
    pub fn of(
        config: &'a Config,
        connector: Place<'a>,
        key: Option<&str>,
        searched: impl Fn() -> Option<Vec<Origin<'a>>>,
    ) -> Self {
        let origins = Origins::new(config);
        let arguments = connector_arguments(connector.block);
        let subnets = match arguments {
            Some((subnets, _)) => origins.of_instance(connector, key, subnets),
            None => searched(),
        };
        let subnets = subnets.filter(|subnets| !subnets.is_empty());
        let groups = arguments.and_then(|(_, groups)| origins.of_instance(connector, key, groups));
        let known = subnets.iter().flatten().chain(groups.iter().flatten());
        let vpc = known.into_iter().find_map(|origin| vpc_of(&origins, origin));
        let chain = subnets.as_ref().and_then(|subnets| Chain::of(config, &origins, subnets));
        let chain = chain.or_else(|| chain_of_places(config, &origins, (vpc.as_ref()?, &searched()?)));
        Self { origins, connector, subnets, vpc, chain }
    }

    /// The module for blocks of the whole VPC: the module that creates or reads the VPC, or the nearest of its callers that may be
    /// edited and has expressions for the network. `None` if the code does not lead to the VPC.
    pub fn target(&self, config: &'a Config) -> Option<&'a Module> {
        let vpc = self.vpc.as_ref()?;
        let mut module = match vpc {
            Origin::Block(block) => block.place.module,
            Origin::Output { call, .. } => call.module,
            Origin::Variable { module, .. } => module,
            Origin::Text(_) => return None,
        };
        loop {
            let is_ours = module.is_editable() && !config.is_used_more_than_once(module);
            if is_ours && self.is_expressible(config, module) {
                return Some(module);
            }
            module = config.caller(module)?.module;
        }
    }

    fn is_expressible(&self, config: &'a Config, module: &'a Module) -> bool {
        let express = Express { config, origins: &self.origins, module };
        let has = |origin: &Origin<'a>| {
            express.value(origin).is_some()
                || express.list(std::slice::from_ref(origin)).is_some()
                || match origin {
                    Origin::Block(block) => call_towards(module, block.place.module).is_some(),
                    Origin::Output { call, .. } => {
                        !call.block.repeats() && call_towards(module, call.module).is_some()
                    }
                    Origin::Variable { .. } | Origin::Text(_) => false,
                }
        };
        // An id in the code is written once, where the code has it.
        let has_ids = self.subnets.iter().flatten().any(|subnet| matches!(subnet, Origin::Text(_)));
        if has_ids && self.connector.module.address != module.address {
            return false;
        }
        let tables = self.chain.as_ref().map(Chain::tables).unwrap_or_default();
        let subnets = self.subnets.iter().flatten();
        self.vpc.iter().chain(subnets).chain(&tables).all(has)
            || self.vpc.iter().all(has)
                && self.subnets.as_ref().is_none_or(|subnets| express.list(subnets).is_some())
                && tables.iter().all(has)
    }
}

/// The route tables of subnets whose blocks were found by their ranges, if these are in the VPC.
fn chain_of_places<'a>(
    config: &'a Config,
    origins: &Origins<'a>,
    (vpc, subnets): (&Origin<'a>, &[Origin<'a>]),
) -> Option<Chain<'a>> {
    let is_in_vpc =
        |subnet: &Origin<'a>| vpc_of(origins, subnet).is_some_and(|own| is_same_vpc(&own, vpc) == Some(true));
    subnets.iter().all(is_in_vpc).then(|| Chain::of(config, origins, subnets)).flatten()
}

/// The first call on the way from a module to a module that it calls, if outputs can lead back: each call on the way is of a local module,
/// and its instance is known.
pub(in crate::terraform) fn call_towards<'a>(module: &'a Module, called: &Module) -> Option<&'a ModuleCall> {
    let target = called.address.as_deref()?;
    let leads = |call: &&ModuleCall| {
        let own = call.module.address.as_deref();
        own.is_some_and(|own| {
            target.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let call = module.calls.iter().find(leads)?;
    let child = &call.module;
    let is_open = !child.is_installed && !child.is_outside;
    let is_one = !call.is_unknown_instance();
    let is_last = child.address.as_deref() == Some(target);
    (is_open && is_one && (is_last || call_towards(child, called).is_some())).then_some(call)
}

/// The id of the VPC of a subnet or security group.
fn vpc_of<'a>(origins: &Origins<'a>, origin: &Origin<'a>) -> Option<Origin<'a>> {
    if let Some(output) = output_of_vpc(origin, "vpc_id") {
        return Some(output);
    }
    if let Some((call, key)) = call_in_vpc(origin) {
        let mut found = origins.of_instance(call, key.as_deref(), "vpc_id")?;
        return found.pop().filter(|_| found.is_empty());
    }
    let Origin::Block(block) = origin else { return None };
    let found = origins.single_of(block, "vpc_id").or_else(|| vpc_of_filter(origins, block.place))?;
    // One of several VPCs is not followed.
    match &found {
        Origin::Block(vpc) if vpc.instance == Instances::All => None,
        Origin::Text(_) => None,
        _ => Some(found),
    }
}

/// `data "aws_subnets"` with a filter `vpc-id`.
fn vpc_of_filter<'a>(origins: &Origins<'a>, place: Place<'a>) -> Option<Origin<'a>> {
    let value = |filter: &'a Block, name: &str| {
        filter.body.attribute(name).map(|attribute| place.file.expression(attribute))
    };
    let mut filters = place.block.body.blocks("filter");
    let filter = filters
        .find(|filter| value(filter, "name").and_then(|name| name.string()).as_deref() == Some("vpc-id"))?;
    let mut found = origins.of(place, value(filter, "values")?)?;
    (found.len() == 1).then(|| found.pop()).flatten()
}
