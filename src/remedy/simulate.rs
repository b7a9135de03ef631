//! Applies changes to a copy of the snapshot, as AWS would.

use std::collections::BTreeMap;

use crate::evidence::private_names;
use crate::model::{
    AvailabilityZone, Egress, Endpoint, EndpointId, EndpointInterface, EndpointKind, NatConnectivity,
    NatGateway, NatGatewayId, NatPlacement, Peer, PortRange, Protocol, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTable, RouteTableId, RouteTarget, SecurityGroup, SecurityGroupId, SecurityGroupRule,
    Snapshot,
};
use crate::reach::stand_in_address;

use super::Change;

/// The snapshot after the changes. Ids of what does not exist yet end in `-planned`.
#[must_use]
pub fn simulate(snapshot: &Snapshot, changes: &[Change]) -> Snapshot {
    let mut after = snapshot.clone();
    for change in changes {
        apply(&mut after, change);
    }
    after
}

fn apply(snapshot: &mut Snapshot, change: &Change) {
    match change {
        Change::CreateGatewayEndpoint { vpc, service, route_tables } => {
            let id = EndpointId::new(format!("vpce-{}-planned", short(service)));
            let list = snapshot.network.prefix_lists.iter().find(|list| list.name == *service);
            if let Some(list) = list.map(|list| list.id.clone()) {
                add_routes(snapshot, route_tables, |_| {
                    (RouteDestination::PrefixList(list.clone()), RouteTarget::Endpoint(id.clone()))
                });
            }
            snapshot.network.endpoints.insert(Endpoint {
                id,
                vpc: vpc.clone(),
                service: service.clone(),
                state: "available".to_owned(),
                kind: EndpointKind::Gateway { route_tables: route_tables.clone() },
                tags: BTreeMap::new(),
            });
        }
        Change::CreateInterfaceEndpoint { vpc, service, private_names: names, subnets, admits } => {
            let group = SecurityGroupId::from("sg-vpc-endpoints-planned");
            snapshot.network.security_groups.insert(SecurityGroup {
                id: group.clone(),
                name: "vpc-endpoints".to_owned(),
                vpc: vpc.clone(),
                ingress: admits
                    .iter()
                    .map(|net| SecurityGroupRule {
                        protocol: Protocol::Tcp,
                        ports: PortRange::one(443),
                        peer: Peer::Ipv4(*net),
                    })
                    .collect(),
                egress: Vec::new(),
                tags: BTreeMap::new(),
            });
            let foot = |id| EndpointInterface {
                subnet: crate::model::SubnetId::clone(id),
                address: snapshot.network.subnets.get(id).and_then(stand_in_address),
                ipv6_address: None,
            };
            let names =
                if names.is_empty() { private_names(service, &snapshot.region) } else { names.clone() };
            let endpoint = Endpoint {
                id: EndpointId::new(format!("vpce-{}-planned", short(service))),
                vpc: vpc.clone(),
                service: service.clone(),
                state: "available".to_owned(),
                kind: EndpointKind::Interface {
                    private_dns: true,
                    private_dns_only_inbound: Some(false),
                    private_names: names,
                    ipv6_records: false,
                    security_groups: vec![group],
                    interfaces: subnets.iter().map(foot).collect(),
                },
                tags: BTreeMap::new(),
            };
            snapshot.network.endpoints.insert(endpoint);
        }
        Change::CreateNat { vpc, subnet, route_tables } => {
            let id = NatGatewayId::from("nat-planned");
            snapshot.network.nat_gateways.insert(NatGateway {
                id: id.clone(),
                vpc: vpc.clone(),
                state: "available".to_owned(),
                connectivity: NatConnectivity::Public,
                has_appliance: false,
                placement: NatPlacement::Subnet(subnet.clone()),
                tags: BTreeMap::new(),
            });
            add_routes(snapshot, route_tables, |_| {
                (RouteDestination::Ipv4(ipnet::Ipv4Net::default()), RouteTarget::NatGateway(id.clone()))
            });
        }
        Change::UseDefaultEgress { workload } => {
            if let Some(workload) = snapshot.workloads.get_mut(workload) {
                workload.egress = Egress::Default;
            }
        }
    }
}

/// The service's own part of an endpoint service's name.
pub(super) fn short(service: &str) -> &str {
    service.rsplit('.').next().unwrap_or(service)
}

fn add_routes(
    snapshot: &mut Snapshot,
    tables: &[RouteTableId],
    route: impl Fn(&RouteTable) -> (RouteDestination, RouteTarget),
) {
    for id in tables {
        if let Some(table) = snapshot.network.route_tables.get_mut(id) {
            let (destination, target) = route(table);
            table.routes.retain(|old| old.destination != destination);
            table.routes.push(Route {
                destination,
                target,
                state: RouteState::Active,
                origin: RouteOrigin::Static,
            });
        }
    }
}

/// One subnet for each zone, in the order given: an endpoint takes no two subnets of one zone.
pub(super) fn one_per_zone(
    snapshot: &Snapshot,
    subnets: &[crate::model::SubnetId],
    offered: Option<&[AvailabilityZone]>,
) -> Vec<crate::model::SubnetId> {
    let mut zones = Vec::new();
    let mut chosen = Vec::new();
    for id in subnets {
        let Some(subnet) = snapshot.network.subnets.get(id) else { continue };
        let possible = offered.is_none_or(|offered| offered.contains(&subnet.zone));
        if possible && !zones.contains(&subnet.zone) {
            zones.push(subnet.zone.clone());
            chosen.push(id.clone());
        }
    }
    chosen
}
