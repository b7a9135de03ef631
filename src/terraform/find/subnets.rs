//! Finds the block or module output of a subnet in the workload's VPC.

use crate::model::SubnetId;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::origin::{Origin, is_same_vpc};
use crate::terraform::find::subnet_places::places_of_subnet;
use crate::terraform::read::place::Place;

impl<'a> Finder<'a> {
    /// The origin of a subnet's id; `None` if not exactly one block fits.
    pub fn subnet_origin(&self, id: &SubnetId) -> Option<Origin<'a>> {
        let subnet = self.snapshot.network.subnets.get(id)?;
        let mut found = places_of_subnet(self.config, self.snapshot, subnet);
        found.retain(|origin| match origin {
            Origin::Block(block) => !self.is_in_another_vpc(block.place),
            _ => true,
        });
        (found.len() == 1).then(|| found.pop()).flatten()
    }

    fn is_in_another_vpc(&self, place: Place<'a>) -> bool {
        let vpc = self.network.origins.single(place, "vpc_id");
        vpc.zip(self.network.vpc.as_ref()).is_some_and(|(one, vpc)| is_same_vpc(&one, vpc) == Some(false))
    }
}
