//! Finds the block of a NAT gateway of AWS: by its `Name` tag, or else by the subnet that it is in.

use crate::model::{NatGateway, NatGatewayId, NatPlacement, NatState};
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::found::Found;
use crate::terraform::find::instances::instance_keys;
use crate::terraform::find::origin::{BlockOrigin, Instances, Origin};
use crate::terraform::find::registry::searched_modules;
use crate::terraform::find::score::{Clues, score_block};
use crate::terraform::read::place::Place;

const KIND: &str = "aws_nat_gateway";

impl<'a> Finder<'a> {
    /// The block that manages a NAT gateway.
    ///
    /// # Errors
    /// As [`find`](Self::find).
    pub fn nat_gateway(&self, id: &NatGatewayId) -> Result<Option<Found<'a>>, EditError> {
        let known = self.snapshot.network.nat_gateways.get(id);
        let tag = known.and_then(|nat| nat.tags.get("Name"));
        let clues = Clues { id: id.as_str(), tag, attributes: &[] };
        let found = self.find(&[KIND], &clues);
        let is_decided = match &found {
            Ok(Some(found)) => found.origin().is_some(),
            Ok(None) | Err(EditError::Ambiguous { .. }) => false,
            Err(_) => true,
        };
        let has_other_evidence = !self.state.is_empty() || self.answers.contains_key(id.as_str());
        if is_decided || has_other_evidence {
            return found;
        }
        match known.and_then(|nat| self.gateway_in_its_subnet(nat, &clues)) {
            Some((block, subnet)) => {
                let why = format!("it is the only NAT gateway in {subnet}");
                self.found_by_reference(id.as_str(), &block, &why).map(Some)
            }
            None => found,
        }
    }

    /// The only block instance that creates a NAT gateway in the subnet of this one, with the address of the subnet. `None` if AWS or the
    /// code has several there, if the subnet of one is unknown, and if another attribute contradicts.
    fn gateway_in_its_subnet(
        &self,
        nat: &NatGateway,
        clues: &Clues<'_>,
    ) -> Option<(BlockOrigin<'a>, String)> {
        let NatPlacement::Subnet(id) = &nat.placement else { return None };
        let exists = |nat: &NatGateway| !matches!(nat.state, NatState::Deleted | NatState::Deleting);
        let is_there = |nat: &&NatGateway| matches!(&nat.placement, NatPlacement::Subnet(own) if own == id);
        let gateways = &self.snapshot.network.nat_gateways;
        let is_only = gateways.iter().filter(is_there).filter(|nat| exists(nat)).count() == 1;
        (is_only && exists(nat)).then_some(())?;
        let (subnet, mut found) = (self.subnet_origin(id)?, Vec::new());
        for block in self.code_of_gateways() {
            let origins = &self.network.origins;
            let key = match &block.instance {
                Instances::Key(key) => Some(key.as_str()),
                Instances::Only => None,
                Instances::All => return None,
            };
            let own = origins.of_instance(block.place, key, "subnet_id")?;
            let [Origin::Block(_)] = own.as_slice() else { return None };
            found.extend(own.iter().any(|own| own.is_same_resource(&subnet)).then_some(block));
        }
        let [only] = found.as_slice() else { return None };
        // A call of its module with several instances has one address for all of them.
        let is_one = !self.config.is_unknown_instance(only.place.module);
        score_block(&only.place, clues).filter(|_| is_one)?;
        Some((only.clone(), subnet.address_in_root()?))
    }

    /// Every instance of a NAT gateway in the code of this region; all instances of a block as one if their keys are unknown.
    fn code_of_gateways(&self) -> Vec<BlockOrigin<'a>> {
        let mut all = Vec::new();
        for module in searched_modules(self.config) {
            for (file, block) in module.resources(KIND) {
                if self.is_in_another_region(module, file, block)
                    || module.is_disabled(file, block) == Some(true)
                {
                    continue;
                }
                let place = Place { module, file, block };
                let instances = match instance_keys(place) {
                    None => vec![Instances::Only],
                    Some(keys) if keys.is_empty() => vec![Instances::All],
                    Some(keys) => keys.into_iter().map(Instances::Key).collect(),
                };
                let of = |instance| BlockOrigin { place, instance, attribute: "id".to_owned() };
                all.extend(instances.into_iter().map(of));
            }
        }
        all
    }
}
