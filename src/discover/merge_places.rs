//! Adds the facts of another account or Region to a snapshot, by the ids of VPCs that the account of the service knows.
//!
//! Owns which facts count. A verdict must not depend on a part of an answer: of a call that failed, nothing is added, and a peer
//! VPC is added only if every call succeeded that a verdict about traffic into it needs. Its gaps then matter to no fact of the
//! snapshot. Sends no calls.

use crate::model::{
    Call, DhcpResolver, EndpointKind, Gap, Keyed, Network, Place, Snapshot, Table, Vpc, VpcId,
};

/// The calls that traffic into a peer VPC depends on.
pub(super) const PEER_CALLS: [Call; 7] = [
    Call::DescribeVpcs,
    Call::DescribeSubnets,
    Call::DescribeRouteTables,
    Call::DescribeSecurityGroups,
    Call::DescribeNetworkAcls,
    Call::DescribeNetworkInterfaces,
    Call::DescribeVpcEndpoints,
];

/// The calls that the path through a central egress VPC depends on.
pub(super) const EGRESS_CALLS: [Call; 7] = [
    Call::DescribeVpcs,
    Call::DescribeSubnets,
    Call::DescribeRouteTables,
    Call::DescribeNetworkAcls,
    Call::DescribeNatGateways,
    Call::DescribeInternetGateways,
    Call::DescribeVpcEndpoints,
];

/// The facts of one account and Region.
pub(super) struct PlaceFacts<'a> {
    pub place: &'a Place,
    /// VPCs that this account owns and shares with the account of the service.
    pub shared: &'a [VpcId],
    /// Peer VPCs.
    pub peers: &'a [VpcId],
    /// VPCs behind a transit gateway.
    pub egress: &'a [VpcId],
    pub network: Network,
    pub gaps: &'a [Gap],
}

impl PlaceFacts<'_> {
    /// Adds the facts that count, and all gaps.
    pub fn add_to(self, snapshot: &mut Snapshot) {
        let is_complete = |call: Call| !self.gaps.iter().any(|gap| gap.call == call);
        let are_peers_complete = PEER_CALLS.into_iter().all(is_complete);
        let is_egress_complete = EGRESS_CALLS.into_iter().all(is_complete);
        let counts = |vpc: &VpcId, call: Call| {
            self.shared.contains(vpc) && is_complete(call)
                || self.peers.contains(vpc) && are_peers_complete
                || self.egress.contains(vpc) && is_egress_complete
        };
        let new = self.network;
        let network = &mut snapshot.network;
        add_vpcs(&mut network.vpcs, &new.vpcs, |vpc| counts(vpc, Call::DescribeVpcs));
        // The account of the service knows its AZs by its own names, so that its facts about a subnet stay.
        keep(&mut network.subnets, &new.subnets, |item| counts(&item.vpc, Call::DescribeSubnets));
        keep(&mut network.security_groups, &new.security_groups, |item| {
            counts(&item.vpc, Call::DescribeSecurityGroups)
        });
        keep(&mut network.network_interfaces, &new.network_interfaces, |item| {
            counts(&item.vpc, Call::DescribeNetworkInterfaces)
        });
        replace(&mut network.route_tables, &new.route_tables, |item| {
            counts(&item.vpc, Call::DescribeRouteTables)
        });
        replace(&mut network.network_acls, &new.network_acls, |item| {
            counts(&item.vpc, Call::DescribeNetworkAcls)
        });
        // The addresses of an endpoint are in other answers.
        let with_parts = is_complete(Call::DescribeSubnets)
            && is_complete(Call::DescribeNetworkInterfaces)
            && is_complete(Call::DescribeSecurityGroups);
        replace(&mut network.endpoints, &new.endpoints, |item| {
            let is_gateway = matches!(item.kind, EndpointKind::Gateway { .. });
            counts(&item.vpc, Call::DescribeVpcEndpoints) && (is_gateway || with_parts)
        });
        replace(&mut network.nat_gateways, &new.nat_gateways, |item| {
            counts(&item.vpc, Call::DescribeNatGateways)
        });
        replace(&mut network.internet_gateways, &new.internet_gateways, |item| {
            item.attached_to.as_ref().is_some_and(|vpc| counts(vpc, Call::DescribeInternetGateways))
        });
        replace(&mut network.egress_only_internet_gateways, &new.egress_only_internet_gateways, |item| {
            let call = Call::DescribeEgressOnlyInternetGateways;
            item.attached_to.as_ref().is_some_and(|vpc| counts(vpc, call))
        });
        keep(&mut network.prefix_lists, &new.prefix_lists, |_| true);
        snapshot.other_places.push(self.place.clone());
        snapshot.gaps.extend(self.gaps.iter().cloned());
    }
}

/// Adds items; an item that is known stays as it is.
fn keep<T: Keyed + Clone>(known: &mut Table<T>, new: &Table<T>, counts: impl Fn(&T) -> bool) {
    let unknown: Vec<T> =
        new.iter().filter(|item| counts(item) && known.get(item.key()).is_none()).cloned().collect();
    known.extend(unknown);
}

/// Adds items; the item of the account that owns it replaces that of another account.
fn replace<T: Keyed + Clone>(known: &mut Table<T>, new: &Table<T>, counts: impl Fn(&T) -> bool) {
    known.extend(new.iter().filter(|item| counts(item)).cloned());
}

/// Adds VPCs; of a known VPC, only what is not known about it.
fn add_vpcs(known: &mut Table<Vpc>, new: &Table<Vpc>, counts: impl Fn(&VpcId) -> bool) {
    for vpc in new.iter().filter(|vpc| counts(&vpc.id)).cloned() {
        let Some(own) = known.get_mut(&vpc.id) else {
            known.insert(vpc);
            continue;
        };
        own.dns.support = own.dns.support.or(vpc.dns.support);
        own.dns.hostnames = own.dns.hostnames.or(vpc.dns.hostnames);
        if own.dns.resolver == DhcpResolver::Unknown {
            own.dns.resolver = vpc.dns.resolver;
        }
        own.private_zones = own.private_zones.take().or(vpc.private_zones);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop at the first error")]

    use super::*;
    use crate::model::{GapKind, Region, Subnet, SubnetId};
    use crate::scenario::SCENARIOS;

    fn place() -> Place {
        Place { account: "210987654321".to_owned(), region: Region::from("us-west-2") }
    }

    fn denied(call: Call) -> Gap {
        Gap { place: Some(place()), ..Gap::new(call, GapKind::Denied, "denied".to_owned()) }
    }

    /// A snapshot of an account that knows nothing about the network of the scenario but `known`, and the scenario.
    fn accounts(known: impl Fn(&Network) -> Network) -> (Snapshot, Network, VpcId) {
        let other = Snapshot::from_json(SCENARIOS[0].snapshot).unwrap();
        let vpc = other.network.vpcs.iter().next().unwrap().id.clone();
        let mut own = Snapshot::new(other.region.clone(), other.taken_at);
        own.network = known(&other.network);
        (own, other.network, vpc)
    }

    /// The snapshot with the facts of the other account.
    fn added(
        own: &Snapshot,
        network: &Network,
        (shared, peers): (&[VpcId], &[VpcId]),
        gaps: &[Gap],
    ) -> Snapshot {
        let mut snapshot = own.clone();
        PlaceFacts { place: &place(), shared, peers, egress: &[], network: network.clone(), gaps }
            .add_to(&mut snapshot);
        snapshot
    }

    #[test]
    fn a_peer_vpc_counts_only_if_every_call_that_decides_about_it_succeeded() {
        let (own, other, vpc) = accounts(|_| Network::default());
        let peers = (&[][..], &[vpc][..]);
        let whole = added(&own, &other, peers, &[]);
        assert_eq!(whole.network.route_tables, other.route_tables);
        assert_eq!(whole.network.security_groups, other.security_groups);
        assert_eq!((whole.other_places, whole.gaps.len()), (vec![place()], 0));
        for call in PEER_CALLS {
            let partial = added(&own, &other, peers, &[denied(call)]);
            assert!(partial.network.vpcs.is_empty() && partial.network.subnets.is_empty(), "{call}");
            assert_eq!(partial.gap(call), None, "the gap is not one of the account itself");
            assert_eq!(partial.gaps_of(&place()).count(), 1);
        }
        // No verdict about traffic into the peer VPC needs its private hosted zones.
        let zones = added(&own, &other, peers, &[denied(Call::ListHostedZonesByVPC)]);
        assert_eq!(zones.network.vpcs.len(), 1);
        // A VPC that the account does not know is never added.
        let unknown = added(&own, &other, (&[], &[VpcId::from("vpc-other")]), &[]);
        assert!(unknown.network.vpcs.is_empty());
    }

    #[test]
    fn the_owner_of_a_shared_vpc_adds_what_each_complete_answer_contains() {
        let (own, other, vpc) = accounts(|network| Network {
            subnets: network.subnets.clone(),
            vpcs: network.vpcs.clone(),
            ..Network::default()
        });
        let shared = (&[vpc.clone()][..], &[][..]);
        let whole = added(&own, &other, shared, &[]);
        assert_eq!(whole.network.route_tables, other.route_tables);
        let denied = added(&own, &other, shared, &[denied(Call::DescribeRouteTables)]);
        assert!(denied.network.route_tables.is_empty());
        assert_eq!(denied.network.network_acls, other.network_acls, "the other answers count");

        // The names of AZs differ between accounts: those of the service's account stay.
        let mut renamed = other.clone();
        let first = other.subnets.iter().next().unwrap().clone();
        renamed.subnets.insert(Subnet { zone: "us-west-2d".into(), ..first.clone() });
        let new = Subnet { id: SubnetId::from("subnet-not-shared"), ..first.clone() };
        renamed.subnets.insert(new.clone());
        let merged = added(&own, &renamed, shared, &[]);
        assert_eq!(merged.network.subnets.get(&first.id), Some(&first));
        assert_eq!(merged.network.subnets.get(&new.id), Some(&new));

        // DNS settings that the account could not read come from the owner.
        let mut blind = own.clone();
        let mine = blind.network.vpcs.get_mut(&vpc).unwrap();
        mine.dns.support = None;
        mine.private_zones = None;
        let merged = added(&blind, &other, shared, &[]);
        let (merged, known) = (merged.network.vpcs.get(&vpc), other.vpcs.get(&vpc));
        assert_eq!(merged.unwrap().dns, known.unwrap().dns);
    }
}
