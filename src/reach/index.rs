//! An index over a snapshot: route tables, network ACLs, security groups and addresses in a form that is
//! fast to search.
//!
//! Owns look-ups that many traces share, each computed once, on first use. Does not judge anything.

use std::net::IpAddr;
use std::rc::Rc;

use super::acl_rules::{Crossing, Direction, Filter, acl_of};
use super::judgement::Judgement;
use super::memo::Memo;
use super::route::{RouteIndex, route_table_of};
use super::trace::Layer;
use crate::model::{
    AddressFamily, Addresses, Endpoint, EndpointInterface, EndpointKind, NetworkAcl, NetworkAclId,
    NetworkInterface, PortRange, PrefixListId, RouteTable, RouteTableId, SecurityGroupId, Snapshot, Subnet,
    SubnetId, VpcId,
};

/// An index over one snapshot.
pub(super) struct Index<'a> {
    pub snapshot: &'a Snapshot,
    tables: Memo<&'a SubnetId, Option<(&'a RouteTable, bool)>>,
    route_indexes: Memo<&'a RouteTableId, RouteIndex<'a>>,
    acls: Memo<&'a SubnetId, Option<&'a NetworkAcl>>,
    filters: Memo<(&'a NetworkAclId, Direction, PortRange), Filter<'a>>,
    members: Memo<SecurityGroupId, Addresses>,
    lists: Memo<&'a PrefixListId, Addresses>,
    owners: Memo<&'a VpcId, Vec<(IpAddr, AddressOwner<'a>)>>,
    /// Judgements of packets into a subnet. `border.rs` fills it.
    pub entries: Memo<EntryKey, Vec<Judgement>>,
    /// Judgements of replies out of a subnet. `border.rs` fills it.
    pub returns: Memo<ReturnKey, Vec<Judgement>>,
}

/// Packets that enter a subnet: the layer that checks them, the source's subnet, the receiving subnet,
/// family and port.
pub(super) type EntryKey = (Layer, SubnetId, SubnetId, AddressFamily, u16);

/// Replies to such packets: the layer that checks them, the source's subnet, the receiving subnet and family.
pub(super) type ReturnKey = (Layer, SubnetId, SubnetId, AddressFamily);

/// The owner of a private address.
#[derive(Clone, Copy)]
pub(super) enum AddressOwner<'a> {
    /// An interface endpoint, in this subnet.
    Endpoint(&'a Endpoint, &'a Subnet),
    /// Any other network interface.
    Interface(&'a NetworkInterface),
}

impl<'a> Index<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self {
            snapshot,
            tables: Memo::default(),
            route_indexes: Memo::default(),
            acls: Memo::default(),
            filters: Memo::default(),
            members: Memo::default(),
            lists: Memo::default(),
            owners: Memo::default(),
            entries: Memo::default(),
            returns: Memo::default(),
        }
    }

    /// The subnet's route table, and whether the subnet uses it because it is the VPC's main one.
    pub fn table_of(&self, subnet: &'a Subnet) -> Option<(&'a RouteTable, bool)> {
        *self.tables.get(&subnet.id, || route_table_of(self.snapshot, subnet))
    }

    pub fn routes(&self, table: &'a RouteTable) -> Rc<RouteIndex<'a>> {
        self.route_indexes.get(&table.id, || RouteIndex::new(self.snapshot, table))
    }

    pub fn acl_of(&self, subnet: &Subnet) -> Option<&'a NetworkAcl> {
        let own = self.snapshot.network.subnets.get(&subnet.id)?;
        *self.acls.get(&own.id, || acl_of(self.snapshot, subnet))
    }

    pub fn filter(&self, acl: &'a NetworkAcl, crossing: Crossing) -> Rc<Filter<'a>> {
        let Crossing { direction, ports, .. } = crossing;
        self.filters.get((&acl.id, direction, ports), || Filter::new(acl, direction, ports))
    }

    /// The addresses of a prefix list; `None` when they were not read.
    pub fn list(&self, id: &PrefixListId) -> Option<Addresses> {
        let list = self.snapshot.network.prefix_lists.get(id)?;
        let cidrs = list.cidrs.as_ref()?;
        Some((*self.lists.get(&list.id, || cidrs.iter().copied().collect())).clone())
    }

    /// The private addresses of the network interfaces in a security group, including those of endpoints.
    pub fn members(&self, group: &SecurityGroupId) -> Addresses {
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

    /// The owners of the private addresses of a VPC, in ascending order of the addresses. For an address of
    /// an endpoint, the endpoint comes before its network interface.
    pub fn owners(&self, vpc: &'a VpcId) -> Rc<Vec<(IpAddr, AddressOwner<'a>)>> {
        self.owners.get(vpc, || {
            let network = &self.snapshot.network;
            let mut owners: Vec<(IpAddr, AddressOwner<'a>)> = Vec::new();
            for endpoint in network.endpoints.iter().filter(|endpoint| endpoint.vpc == *vpc) {
                let EndpointKind::Interface { interfaces, .. } = &endpoint.kind else { continue };
                for interface in interfaces {
                    if let Some(subnet) = network.subnets.get(&interface.subnet) {
                        let own = addresses_of(interface)
                            .map(|address| (address, AddressOwner::Endpoint(endpoint, subnet)));
                        owners.extend(own);
                    }
                }
            }
            for interface in network.network_interfaces.iter().filter(|interface| interface.vpc == *vpc) {
                owners
                    .extend(interface.addresses.iter().map(|own| (*own, AddressOwner::Interface(interface))));
            }
            owners.sort_by_key(|(address, _)| *address);
            owners
        })
    }
}

/// The addresses of an endpoint network interface.
fn addresses_of(interface: &EndpointInterface) -> impl Iterator<Item = IpAddr> {
    interface.address.map(IpAddr::V4).into_iter().chain(interface.ipv6_address.map(IpAddr::V6))
}
