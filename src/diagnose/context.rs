//! The names of components and of their owners in sentences.
//!
//! Owns how a sentence names the source, a network interface and the owner of a component. Contains no clause
//! about what blocks: see `blocker`.

use crate::model::{
    Egress, EndpointKind, NamedResource, NetworkInterfaceId, ResourceId, SecurityGroupId, Snapshot, SubnetId,
    Workload,
};
use crate::reach::{Owner, route_table_of};
use crate::text::listed;

/// The source of the packets, and the data that names components.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub snapshot: &'a Snapshot,
    pub workload: &'a Workload,
    /// All subnets of the workload.
    pub subnets: &'a [SubnetId],
}

impl<'a> Context<'a> {
    /// `the connector's`, or `the source's` for subnets from the command line.
    pub fn source(&self) -> &'static str {
        match self.workload.egress {
            Egress::Direct { .. } => "the source's",
            _ => "the connector's",
        }
    }

    pub fn source_groups(&self) -> &'a [SecurityGroupId] {
        match &self.workload.egress {
            Egress::Vpc(arn) => {
                let connector = self.snapshot.network.connectors.get(arn);
                connector.map_or(&[], |connector| &connector.security_groups)
            }
            Egress::Direct { security_groups, .. } => security_groups,
            Egress::Default | Egress::Unknown(_) => &[],
        }
    }

    /// `network interface eni-… (RDSNetworkInterface)`
    pub fn interface(&self, id: &NetworkInterfaceId) -> String {
        let interface = self.snapshot.network.network_interfaces.get(id);
        match interface.map(|interface| interface.description.as_str()).filter(|text| !text.is_empty()) {
            Some(description) => format!("network interface {id} ({description})"),
            None => format!("network interface {id}"),
        }
    }

    /// The owner of a security group or subnet: `network interface eni-…`; `None` for the source.
    pub fn owner(&self, owner: &Owner) -> Option<String> {
        match owner {
            Owner::Source => None,
            Owner::Nat(id) => Some(format!("NAT gateway {id}")),
            Owner::Appliance(id) => Some(format!("NAT instance {id}")),
            Owner::Endpoint(id) => Some(format!("interface endpoint {id}")),
            Owner::Destination(id) => Some(self.interface(id)),
            Owner::Resource(id) => {
                Some(self.resource(id).map_or_else(|| id.to_string(), NamedResource::described))
            }
            Owner::Attachment(id) => Some(format!("transit gateway attachment {id}")),
        }
    }

    /// The route tables of the workload's subnets with a route to a gateway.
    pub fn tables_to(&self, gateway: &str) -> Vec<String> {
        let tables = self.subnets.iter().filter_map(|id| {
            let (table, _) = route_table_of(self.snapshot, self.snapshot.network.subnets.get(id)?)?;
            let is_target = table.routes.iter().any(|route| route.target.to_string() == gateway);
            is_target.then(|| table.id.to_string())
        });
        let mut distinct: Vec<String> = Vec::new();
        for table in tables {
            if !distinct.contains(&table) {
                distinct.push(table);
            }
        }
        distinct
    }

    /// `the connector's subnets`, or `the subnet of NAT gateway nat-…`.
    pub fn subnet_of(&self, owner: &Owner) -> String {
        match self.owner(owner) {
            None => {
                let noun = if self.subnets.len() == 1 { "subnet" } else { "subnets" };
                format!("{} {noun}", self.source())
            }
            Some(owner) => format!("the subnet of {owner}"),
        }
    }

    /// The resource whose network interfaces were not read.
    fn resource(&self, id: &ResourceId) -> Option<&'a NamedResource> {
        self.snapshot.network.named_resources.get(id)
    }

    pub fn groups_of(&self, owner: &Owner) -> &'a [SecurityGroupId] {
        let network = &self.snapshot.network;
        match owner {
            Owner::Source => self.source_groups(),
            Owner::Nat(_) | Owner::Attachment(_) => &[],
            Owner::Endpoint(id) => match network.endpoints.get(id).map(|endpoint| &endpoint.kind) {
                Some(EndpointKind::Interface { security_groups, .. }) => security_groups,
                _ => &[],
            },
            Owner::Resource(id) => self.resource(id).map_or(&[], |resource| &resource.security_groups),
            Owner::Appliance(id) | Owner::Destination(id) => {
                network.network_interfaces.get(id).map_or(&[], |interface| &interface.security_groups)
            }
        }
    }
}

/// `security groups sg-1 and sg-2`; `None` without a group.
pub(super) fn groups(ids: &[SecurityGroupId]) -> Option<String> {
    match ids {
        [] => None,
        [id] => Some(format!("security group {id}")),
        ids => Some(format!("security groups {}", separated(ids.iter().map(ToString::to_string), ", "))),
    }
}

/// The distinct items in their order, as a sentence lists them: up to three, and the number of the others.
pub(super) fn list(items: impl IntoIterator<Item = String>) -> String {
    listed(&distinct(items), "and")
}

/// The same with `separator` between the items, for values in parentheses and for clauses.
pub(super) fn separated(items: impl IntoIterator<Item = String>, separator: &str) -> String {
    distinct(items).join(separator)
}

fn distinct(items: impl IntoIterator<Item = String>) -> Vec<String> {
    const SHOWN: usize = 3;
    let mut distinct: Vec<String> = Vec::new();
    for item in items {
        if !distinct.contains(&item) {
            distinct.push(item);
        }
    }
    let more = distinct.len().saturating_sub(SHOWN);
    if more > 1 {
        distinct.truncate(SHOWN);
        distinct.push(format!("{more} more"));
    }
    distinct
}
