//! The engine: a snapshot, with what many traces share found once.

use std::net::IpAddr;
use std::rc::Rc;

use super::judgement::Judgement;
use super::memo::Memo;
use super::nacl::{self, Crossing, Direction, Filter};
use super::route::{Chart, route_table_of};
use super::trace::Layer;
use super::ways::Ways;
use crate::model::{
    AddressFamily, Addresses, Destination, Endpoint, EndpointKind, NetworkAcl, NetworkAclId,
    NetworkInterface, PortRange, PrefixListId, RouteTable, RouteTableId, SecurityGroupId, Snapshot, Subnet,
    SubnetId, Vpc, VpcId,
};

/// Traces over one snapshot. Route tables, ACLs and groups are read into a searchable form when first asked about.
pub struct Engine<'a> {
    pub(super) snapshot: &'a Snapshot,
    tables: Memo<&'a SubnetId, Option<(&'a RouteTable, bool)>>,
    charts: Memo<&'a RouteTableId, Chart<'a>>,
    acls: Memo<&'a SubnetId, Option<&'a NetworkAcl>>,
    filters: Memo<(&'a NetworkAclId, Direction, PortRange), Filter<'a>>,
    members: Memo<SecurityGroupId, Addresses>,
    lists: Memo<&'a PrefixListId, Addresses>,
    owners: Memo<&'a VpcId, Vec<(IpAddr, Owner<'a>)>>,
    ways: Memo<(&'a VpcId, Addresses, u16), Ways<'a>>,
    pub(super) entries: Memo<Border, Vec<Judgement>>,
    pub(super) returns: Memo<Return, Vec<Judgement>>,
}

/// A border between two subnets, as a layer meets it: from where, to where, and the packets.
pub(super) type Border = (Layer, SubnetId, SubnetId, AddressFamily, u16);

/// The way back over it.
pub(super) type Return = (Layer, SubnetId, SubnetId, AddressFamily);

/// Who has a private address.
#[derive(Clone, Copy)]
pub(super) enum Owner<'a> {
    /// An interface endpoint, in this subnet.
    Endpoint(&'a Endpoint, &'a Subnet),
    /// Any other interface.
    Interface(&'a NetworkInterface),
}

impl<'a> Engine<'a> {
    /// An engine over a snapshot.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            tables: Memo::default(),
            charts: Memo::default(),
            acls: Memo::default(),
            filters: Memo::default(),
            members: Memo::default(),
            lists: Memo::default(),
            owners: Memo::default(),
            ways: Memo::default(),
            entries: Memo::default(),
            returns: Memo::default(),
        }
    }

    /// Aims at a destination; then trace from any number of sources.
    #[must_use]
    pub fn aim<'e>(&'e self, destination: &Destination) -> super::Aim<'e, 'a> {
        super::Aim::new(self, destination)
    }

    /// As [`Engine::aim`], for a name that was seen to have these addresses: where its answer cannot be known otherwise, they
    /// are taken for it.
    #[must_use]
    pub fn aim_seen<'e>(&'e self, destination: &Destination, seen: &'e [IpAddr]) -> super::Aim<'e, 'a> {
        super::Aim::seen(self, destination, seen)
    }

    /// The subnet's route table, and whether it is the main one by default.
    pub(super) fn table_of(&self, subnet: &'a Subnet) -> Option<(&'a RouteTable, bool)> {
        *self.tables.get(&subnet.id, || route_table_of(self.snapshot, subnet))
    }

    /// The ways to some addresses.
    pub(super) fn ways(&self, vpc: &'a Vpc, addresses: &Addresses, port: u16) -> Rc<Ways<'a>> {
        let key = (&vpc.id, addresses.clone(), port);
        self.ways.get(key, || Ways::new(vpc, addresses.clone(), port))
    }

    pub(super) fn chart(&self, table: &'a RouteTable) -> Rc<Chart<'a>> {
        self.charts.get(&table.id, || Chart::new(self.snapshot, table))
    }

    pub(super) fn acl_of(&self, subnet: &Subnet) -> Option<&'a NetworkAcl> {
        let own = self.snapshot.network.subnets.get(&subnet.id)?;
        *self.acls.get(&own.id, || nacl::acl_of(self.snapshot, subnet))
    }

    pub(super) fn filter(&self, acl: &'a NetworkAcl, crossing: Crossing) -> Rc<Filter<'a>> {
        let Crossing { direction, ports, .. } = crossing;
        self.filters.get((&acl.id, direction, ports), || Filter::new(acl, direction, ports))
    }

    /// A prefix list's addresses; `None` when they were not read.
    pub(super) fn list(&self, id: &PrefixListId) -> Option<Addresses> {
        let list = self.snapshot.network.prefix_lists.get(id)?;
        let cidrs = list.cidrs.as_ref()?;
        Some((*self.lists.get(&list.id, || cidrs.iter().copied().collect())).clone())
    }

    /// The private addresses of the interfaces in a group, endpoints' among them.
    pub(super) fn members(&self, group: &SecurityGroupId) -> Addresses {
        let find = || {
            let network = &self.snapshot.network;
            let interfaces = network
                .network_interfaces
                .iter()
                .filter(|interface| interface.security_groups.contains(group))
                .flat_map(|interface| interface.addresses.iter().copied());
            let endpoints = network.endpoints.iter().filter_map(|endpoint| match &endpoint.kind {
                EndpointKind::Interface { security_groups, interfaces, .. }
                    if security_groups.contains(group) =>
                {
                    Some(interfaces.iter().flat_map(addresses_of))
                }
                _ => None,
            });
            interfaces.chain(endpoints.flatten()).map(ipnet::IpNet::from).collect()
        };
        (*self.members.get(group.clone(), find)).clone()
    }

    /// Who has which private address in a VPC, ascending; an endpoint's foot comes before its interface.
    pub(super) fn owners(&self, vpc: &'a VpcId) -> Rc<Vec<(IpAddr, Owner<'a>)>> {
        self.owners.get(vpc, || {
            let network = &self.snapshot.network;
            let mut owners: Vec<(IpAddr, Owner<'a>)> = Vec::new();
            for endpoint in network.endpoints.iter().filter(|endpoint| endpoint.vpc == *vpc) {
                let EndpointKind::Interface { interfaces, .. } = &endpoint.kind else { continue };
                for foot in interfaces {
                    if let Some(subnet) = network.subnets.get(&foot.subnet) {
                        let own =
                            addresses_of(foot).map(|address| (address, Owner::Endpoint(endpoint, subnet)));
                        owners.extend(own);
                    }
                }
            }
            for interface in network.network_interfaces.iter().filter(|interface| interface.vpc == *vpc) {
                owners.extend(interface.addresses.iter().map(|own| (*own, Owner::Interface(interface))));
            }
            owners.sort_by_key(|(address, _)| *address);
            owners
        })
    }
}

/// The addresses of an endpoint's foot.
fn addresses_of(foot: &crate::model::EndpointInterface) -> impl Iterator<Item = IpAddr> {
    foot.address.map(IpAddr::V4).into_iter().chain(foot.ipv6_address.map(IpAddr::V6))
}
