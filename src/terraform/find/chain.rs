//! Follows the chain connector, subnets, route table associations, route tables.
//!
//! The associations in the code decide, not names: a subnet without an association uses the main route table.

use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::origins::Origins;
use crate::terraform::find::registry::{searched_modules, tables_of_subnets};
use crate::terraform::read::config::Config;
use crate::terraform::read::place::Place;

const ASSOCIATION: &str = "aws_route_table_association";

/// The route tables of the connector's subnets.
#[derive(Clone)]
pub(in crate::terraform) struct Chain<'a> {
    /// Each subnet with its route table.
    pub pairs: Vec<SubnetTable<'a>>,
    /// Whether a subnet has no association, so that it uses the main route table.
    pub uses_main: bool,
}

/// A subnet with its route table.
#[derive(Clone)]
pub(in crate::terraform) struct SubnetTable<'a> {
    pub subnet: Origin<'a>,
    pub table: Origin<'a>,
}

impl<'a> Chain<'a> {
    /// The route tables of these subnets; `None` if the code does not decide it.
    pub fn of(config: &'a Config, origins: &Origins<'a>, subnets: &[Origin<'a>]) -> Option<Self> {
        if subnets.is_empty() {
            return None;
        }
        // The instances of an association differ only for subnets that are instances.
        let by_key = subnets.iter().any(
            |subnet| matches!(subnet, Origin::Block(block) if matches!(block.instance, Instances::Key(_))),
        );
        Self::with_associations(origins, subnets, &associations(config, origins, by_key))
    }

    /// The same with the instances of the associations, also for subnets that are no instances.
    pub fn by_instance(config: &'a Config, origins: &Origins<'a>, subnets: &[Origin<'a>]) -> Option<Self> {
        (!subnets.is_empty()).then_some(())?;
        Self::with_associations(origins, subnets, &associations(config, origins, true))
    }

    fn with_associations(
        origins: &Origins<'a>,
        subnets: &[Origin<'a>],
        associations: &[Association<'a>],
    ) -> Option<Self> {
        let is_complete = associations.iter().all(|association| association.subnets.is_some());
        let mut chain = Self { pairs: Vec::new(), uses_main: false };
        for subnet in subnets {
            if let Some(table) = tables_of_subnets(subnet) {
                chain.pairs.push(SubnetTable { subnet: subnet.clone(), table });
                continue;
            }
            subnet.block_of(&["aws_subnet"])?;
            let of_subnet = |association: &&Association<'a>| {
                let ids = association.subnets.iter().flatten();
                ids.into_iter().any(|id| id.is_same_resource(subnet))
            };
            let mut found = associations.iter().filter(of_subnet).peekable();
            if found.peek().is_none() {
                // An association that is not followed may be the one of this subnet.
                is_complete.then_some(())?;
                chain.uses_main = true;
            }
            for association in found {
                let key = association.key.as_deref();
                for table in origins.of_instance(association.place, key, "route_table_id")? {
                    chain.pairs.push(SubnetTable { subnet: subnet.clone(), table });
                }
            }
        }
        Some(chain)
    }

    /// The route tables, each once.
    pub fn tables(&self) -> Vec<Origin<'a>> {
        let mut tables: Vec<Origin<'a>> = Vec::new();
        for pair in &self.pairs {
            if !tables.iter().any(|known| known.is_same_value(&pair.table)) {
                tables.push(pair.table.clone());
            }
        }
        tables
    }

    /// The blocks of the route tables, if each is one instance of a block.
    pub fn single_tables(&self) -> Option<Vec<BlockOrigin<'a>>> {
        let blocks = self.tables().into_iter().map(|table| match table {
            Origin::Block(block) if block.instance != Instances::All => Some(block),
            _ => None,
        });
        blocks.collect()
    }
}

/// An association with the subnets that it can be of; `None` if they are not followed.
struct Association<'a> {
    place: Place<'a>,
    /// Its instance; `None` for all instances.
    key: Option<String>,
    subnets: Option<Vec<Origin<'a>>>,
}

fn associations<'a>(config: &'a Config, origins: &Origins<'a>, by_key: bool) -> Vec<Association<'a>> {
    let modules = searched_modules(config).into_iter();
    let places = modules.flat_map(|module| {
        module.resources(ASSOCIATION).map(move |(file, block)| Place { module, file, block })
    });
    // An association with `gateway_id` is of no subnet.
    let of_subnets = places.filter(|place| place.block.body.attribute("gateway_id").is_none());
    of_subnets
        .flat_map(|place| {
            let keys = instance_keys(place).filter(|keys| by_key && !keys.is_empty());
            let keys: Vec<Option<String>> =
                keys.map_or_else(|| vec![None], |keys| keys.into_iter().map(Some).collect());
            keys.into_iter().map(move |key| (place, key))
        })
        .map(|(place, key)| {
            let subnets = origins.of_instance(place, key.as_deref(), "subnet_id");
            Association { place, key, subnets }
        })
        .collect()
}
