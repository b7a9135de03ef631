//! Matches the route tables of AWS with the route tables that the code gives to the connector's subnets.

use crate::model::{RouteTable, RouteTableId, Subnet};
use crate::reach::route_table_of;
use crate::terraform::error::EditError;
use crate::terraform::find::chain::Chain;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::found::Found;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::registry::{output_of_vpc, searched_modules};
use crate::terraform::find::score::{Clues, name_tag};
use crate::terraform::lang::tags::Tag;
use crate::terraform::read::place::Place;

impl<'a> Finder<'a> {
    /// The block that manages a route table.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn route_table(&self, id: &RouteTableId) -> Result<Option<Found<'a>>, EditError> {
        let known = self.snapshot.network.route_tables.get(id);
        if self.state.is_empty()
            && !self.answers.contains_key(id.as_str())
            && let Some(Origin::Block(mut block)) = self.chained_table(id)
        {
            if block.instance == Instances::All
                && let Some(Origin::Block(instance)) = self.table_instance(id)
                && instance.is_same_block(&block)
            {
                block = instance;
            }
            if block.place.block.kind().is_some_and(|kind| kind.ends_with("_vpc")) {
                return Ok(None);
            }
            let why = "the associations of the connector's subnets lead to it";
            return self.found_by_reference(id.as_str(), &block, why).map(Some);
        }
        let tag = known.and_then(|table| table.tags.get("Name"));
        let clues = Clues { id: id.as_str(), tag, attributes: &[] };
        // A table that is not the main one is not the default table of its VPC.
        let kinds: &[&str] = match known {
            Some(table) if !table.main => &["aws_route_table"],
            _ => &["aws_route_table", "aws_default_route_table"],
        };
        self.find(kinds, &clues)
    }

    /// The route table with this id in the code, by the associations of the connector's subnets; a list of tables if the code has
    /// one block for several. `None` if the code does not decide it.
    pub fn chained_table(&self, id: &RouteTableId) -> Option<Origin<'a>> {
        let (explicit, main) = self.workload_tables();
        if self.snapshot.network.route_tables.get(id).is_some_and(|table| table.main) {
            return self.main_table();
        }
        let chain = self.network.chain.as_ref().filter(|chain| chain.uses_main == main.is_some())?;
        explicit.iter().any(|table| table.id == *id).then_some(())?;
        let tables = chain.tables();
        let Some(single) = chain.single_tables() else {
            // One block or output for all tables.
            let only = tables.into_iter().next().filter(|_| chain.tables().len() == 1);
            return only.or_else(|| self.table_instance(id));
        };
        if single.len() != explicit.len() {
            return None;
        }
        if let [only] = single.as_slice() {
            return Some(Origin::Block(only.clone()));
        }
        let subnets = self.snapshot.network.subnets.iter().filter(|subnet| {
            self.workload_subnets().contains(&subnet.id)
                && route_table_of(self.snapshot, subnet).is_some_and(|(table, _)| table.id == *id)
        });
        let of_subnet = |subnet: &Subnet| {
            let mut pairs = chain.pairs.iter().filter(|pair| Self::may_be_subnet(&pair.subnet, subnet));
            let found = pairs.next()?;
            pairs.all(|pair| pair.table.is_same_value(&found.table)).then(|| found.table.clone())
        };
        let mut found = subnets.map(of_subnet);
        let Some(first) = found.next().flatten() else { return self.table_instance(id) };
        found.all(|table| table.is_some_and(|table| table.is_same_value(&first))).then_some(first)
    }

    /// The block of a route table with its key, where one block creates several: by the ranges of the subnets that use it.
    pub fn table_instance(&self, id: &RouteTableId) -> Option<Origin<'a>> {
        let subnets = &self.snapshot.network.route_tables.get(id)?.subnets;
        let own = self.workload_subnets();
        let places =
            subnets.iter().filter(|subnet| own.contains(subnet)).map(|subnet| self.subnet_origin(subnet));
        let places = places.collect::<Option<Vec<_>>>()?;
        let chain = Chain::by_instance(self.config, &self.network.origins, &places)?;
        match chain.single_tables()?.as_slice() {
            [only] if !chain.uses_main => Some(Origin::Block(only.clone())),
            _ => None,
        }
    }

    /// Whether the tables of a list are exactly these.
    pub fn are_all_tables(&self, ids: &[RouteTableId]) -> bool {
        let (explicit, _) = self.workload_tables();
        explicit.iter().all(|table| ids.contains(&table.id))
    }

    /// Whether a block can be a subnet of AWS: by its range, or else by its name.
    fn may_be_subnet(origin: &Origin<'_>, subnet: &Subnet) -> bool {
        let Some(BlockOrigin { place, .. }) = origin.block_of(&["aws_subnet"]) else { return false };
        let range = place.block.body.attribute("cidr_block").map(|range| place.file.expression(range));
        if let Some(range) = range.and_then(|range| place.module.evaluate(range)) {
            return subnet.cidr.is_some_and(|cidr| cidr.to_string() == range);
        }
        match name_tag(place) {
            Tag::Known(name) => subnet.tags.get("Name") == Some(&name),
            Tag::Unknown(pattern, _) => subnet.tags.get("Name").is_some_and(|name| pattern.fits(name)),
            Tag::Absent => false,
        }
    }

    /// The main route table of the VPC: its own block, the table that is made the main one, or the attribute of the VPC.
    fn main_table(&self) -> Option<Origin<'a>> {
        let vpc = self.network.vpc.as_ref()?;
        let origins = &self.network.origins;
        let places = |kind: &'static str| {
            searched_modules(self.config).into_iter().flat_map(move |module| {
                module.resources(kind).map(move |(file, block)| Place { module, file, block })
            })
        };
        let is_of_vpc = |place: &Place<'a>, name: &str| {
            origins.single(*place, name).is_some_and(|origin| match (&origin, vpc) {
                (Origin::Block(one), Origin::Block(vpc)) => one.is_same_block(vpc),
                (Origin::Output { call, key, .. }, Origin::Output { call: vpc, key: same, .. }) => {
                    call.is_same_block(vpc) && key == same
                }
                _ => false,
            })
        };
        if let Some(association) =
            places("aws_main_route_table_association").find(|place| is_of_vpc(place, "vpc_id"))
        {
            return origins.single(association, "route_table_id");
        }
        let own = places("aws_default_route_table").find(|place| is_of_vpc(place, "default_route_table_id"));
        if let Some(place) = own {
            let instance =
                if place.block.repeats() { Instances::Key("[0]".to_owned()) } else { Instances::Only };
            return Some(Origin::Block(BlockOrigin { place, instance, attribute: "id".to_owned() }));
        }
        match vpc {
            Origin::Block(vpc) => {
                let attribute = "main_route_table_id".to_owned();
                Some(Origin::Block(BlockOrigin { attribute, ..vpc.clone() }))
            }
            other => output_of_vpc(other, "vpc_main_route_table_id"),
        }
    }

    /// The route tables with an explicit association to one of the workload's subnets, each once, and the main route table
    /// if a subnet uses it.
    pub fn workload_tables(&self) -> (Vec<&'a RouteTable>, Option<&'a RouteTable>) {
        let (mut explicit, mut main): (Vec<&RouteTable>, Option<&RouteTable>) = (Vec::new(), None);
        let subnets = self.workload_subnets();
        let subnets = subnets.iter().filter_map(|id| self.snapshot.network.subnets.get(id));
        for (table, is_main) in subnets.filter_map(|subnet| route_table_of(self.snapshot, subnet)) {
            if is_main {
                main = Some(table);
            } else if !explicit.iter().any(|known| known.id == table.id) {
                explicit.push(table);
            }
        }
        (explicit, main)
    }
}
