//! Applies changes to a copy of the snapshot, with the effect that they have in AWS.

use std::collections::BTreeMap;

use crate::evidence::private_names;
use crate::model::{
    AvailabilityZone, Connector, ConnectorArn, ConnectorStatus, Egress, Endpoint, EndpointId,
    EndpointInterface, EndpointKind, EndpointPolicy, EndpointState, NatGatewayId, NatPlacement, Peer,
    PortRange, Protocol, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTableId,
    RouteTarget, SecurityGroup, SecurityGroupId, SecurityGroupRule, Snapshot, SubnetId, VpcId,
};
use crate::reach::stand_in_address;

use super::Change;
use super::endpoint_service::short_name;
use super::simulate_paths::{self, add_routes, associate, gateway_routes, nat};

/// The snapshot after the changes. Ids of resources that do not exist yet end in `-planned`.
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
            let id = EndpointId::new(format!("vpce-{}-planned", short_name(service).replace('.', "-")));
            gateway_routes(snapshot, service, &id, route_tables);
            snapshot.network.endpoints.insert(Endpoint {
                id,
                vpc: vpc.clone(),
                service: service.clone(),
                state: EndpointState::Available,
                kind: EndpointKind::Gateway { route_tables: route_tables.clone() },
                policy: Some(EndpointPolicy::FullAccess),
                tags: BTreeMap::new(),
            });
        }
        Change::AssociateRouteTables { endpoint, service, route_tables } => {
            associate(snapshot, service, endpoint, route_tables);
        }
        Change::AllowEgress { group, port, peer } => {
            if let Some(group) = snapshot.network.security_groups.get_mut(group) {
                group.egress.push(tcp(*port, peer));
            }
        }
        Change::AllowEndpointIngress { group, port, peer } => {
            if let Some(group) = snapshot.network.security_groups.get_mut(group) {
                group.ingress.push(tcp(*port, peer));
            }
        }
        Change::AllowNacl { acl, outbound, rule } => {
            if let Some(acl) = snapshot.network.network_acls.get_mut(acl) {
                let rules = if *outbound { &mut acl.outbound } else { &mut acl.inbound };
                rules.push(rule.clone());
                rules.sort_by_key(|rule| rule.number);
            }
        }
        Change::EnableVpcDns { vpc, support, hostnames } => {
            if let Some(vpc) = snapshot.network.vpcs.get_mut(vpc) {
                if *support {
                    vpc.dns.support = Some(true);
                }
                if *hostnames {
                    vpc.dns.hostnames = Some(true);
                }
            }
        }
        Change::MoveConnector { workload, name, subnets, security_groups, .. } => {
            let arn = ConnectorArn::new(format!("{name}-planned"));
            snapshot.network.connectors.insert(Connector {
                arn: arn.clone(),
                name: name.clone(),
                status: ConnectorStatus::Active,
                subnets: subnets.clone(),
                security_groups: security_groups.clone(),
            });
            if let Some(workload) = snapshot.workloads.get_mut(workload) {
                workload.egress = Egress::Vpc(arn);
            }
        }
        Change::CreateInterfaceEndpoint { .. } => interface_endpoint(snapshot, change),
        Change::CreateNat { vpc, subnet: Some(subnet), route_tables }
        | Change::RepairNat { vpc, subnet: Some(subnet), route_tables, .. } => {
            let id = NatGatewayId::new(format!("nat-{subnet}-planned"));
            nat(snapshot, vpc, id, NatPlacement::Subnet(subnet.clone()), route_tables);
        }
        // A proposal without a subnet is not possible.
        Change::CreateNat { subnet: None, .. } | Change::RepairNat { subnet: None, .. } => {}
        Change::RouteToNat { nat, route_tables } => {
            let internet = RouteDestination::Ipv4(ipnet::Ipv4Net::default());
            add_routes(snapshot, route_tables, &internet, &RouteTarget::NatGateway(nat.clone()));
        }
        Change::RouteToInternet { gateway, route_table } => {
            let internet = RouteDestination::Ipv4(ipnet::Ipv4Net::default());
            let target = RouteTarget::InternetGateway(gateway.clone());
            add_routes(snapshot, std::slice::from_ref(route_table), &internet, &target);
        }
        Change::CreateRegionalNat { vpc, zones, route_tables } => {
            regional_nat(snapshot, vpc, zones, route_tables);
        }
        Change::EnablePrivateDns { endpoint, private_names, .. } => {
            enable_private_dns(snapshot, endpoint, private_names);
        }
        Change::AttachInternetGateway { .. }
        | Change::CreateInternetGateway { .. }
        | Change::DisableSourceDestCheck { .. }
        | Change::AssociateElasticIp { .. }
        | Change::RouteToPeering { .. }
        | Change::RouteIpv6 { .. }
        | Change::CreatePrivateSubnets { .. } => simulate_paths::apply(snapshot, change),
        Change::UseDefaultEgress { workload } => {
            if let Some(workload) = snapshot.workloads.get_mut(workload) {
                workload.egress = Egress::Default;
            }
        }
    }
}

fn enable_private_dns(snapshot: &mut Snapshot, endpoint: &EndpointId, names: &[String]) {
    let endpoint = snapshot.network.endpoints.get_mut(endpoint).map(|endpoint| &mut endpoint.kind);
    if let Some(EndpointKind::Interface { private_dns, private_dns_only_inbound, private_names, .. }) =
        endpoint
    {
        *private_dns = true;
        *private_dns_only_inbound = Some(false);
        names.clone_into(private_names);
    }
}

/// Adds an interface endpoint with private DNS, and the security group that all new endpoints share.
fn interface_endpoint(snapshot: &mut Snapshot, change: &Change) {
    let Change::CreateInterfaceEndpoint {
        vpc,
        service,
        private_names: names,
        subnets,
        allowed_ranges,
        ports,
    } = change
    else {
        return;
    };
    let group = SecurityGroupId::from("sg-vpc-endpoints-planned");
    let existing = snapshot.network.security_groups.get(&group).map(|group| group.ingress.clone());
    let mut ingress = existing.unwrap_or_default();
    for (net, port) in allowed_ranges.iter().flat_map(|net| ports.iter().map(move |port| (net, port))) {
        let rule = tcp(*port, &Peer::Ipv4(*net));
        if !ingress.contains(&rule) {
            ingress.push(rule);
        }
    }
    snapshot.network.security_groups.insert(SecurityGroup {
        id: group.clone(),
        name: "vpc-endpoints".to_owned(),
        vpc: vpc.clone(),
        ingress,
        egress: Vec::new(),
        tags: BTreeMap::new(),
    });
    let interface = |id| EndpointInterface {
        subnet: SubnetId::clone(id),
        address: snapshot.network.subnets.get(id).and_then(stand_in_address),
        ipv6_address: None,
    };
    let names = if names.is_empty() { private_names(service, &snapshot.region) } else { names.clone() };
    let endpoint = Endpoint {
        id: EndpointId::new(format!("vpce-{}-planned", short_name(service).replace('.', "-"))),
        vpc: vpc.clone(),
        service: service.to_owned(),
        state: EndpointState::Available,
        kind: EndpointKind::Interface {
            private_dns: true,
            private_dns_only_inbound: Some(false),
            private_names: names,
            ipv6_records: false,
            security_groups: vec![group],
            interfaces: subnets.iter().map(interface).collect(),
        },
        policy: Some(EndpointPolicy::FullAccess),
        tags: BTreeMap::new(),
    };
    snapshot.network.endpoints.insert(endpoint);
}

/// Adds a regional NAT gateway with its own route table, which has a default route to the VPC's internet
/// gateway.
fn regional_nat(snapshot: &mut Snapshot, vpc: &VpcId, zones: &[AvailabilityZone], tables: &[RouteTableId]) {
    let network = &mut snapshot.network;
    let own = RouteTableId::from("rtb-regional-nat-planned");
    let route = |destination, target| Route {
        destination: RouteDestination::Ipv4(destination),
        target,
        state: RouteState::Active,
        origin: RouteOrigin::Table,
    };
    let cidrs = network.vpcs.get(vpc).map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
    let mut routes: Vec<Route> = cidrs.into_iter().map(|net| route(net, RouteTarget::Local)).collect();
    let gateway = network.internet_gateways.iter().find(|gateway| gateway.attached_to.as_ref() == Some(vpc));
    routes.extend(
        gateway.map(|gateway| {
            route(ipnet::Ipv4Net::default(), RouteTarget::InternetGateway(gateway.id.clone()))
        }),
    );
    network.route_tables.insert(RouteTable {
        id: own.clone(),
        vpc: vpc.clone(),
        main: false,
        subnets: Vec::new(),
        routes,
        tags: BTreeMap::new(),
    });
    let placement = NatPlacement::Regional { route_table: Some(own), zones: zones.to_vec(), expands: true };
    nat(snapshot, vpc, NatGatewayId::from("nat-regional-planned"), placement, tables);
}

fn tcp(port: u16, peer: &Peer) -> SecurityGroupRule {
    SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::one(port), peer: peer.clone() }
}

/// The first subnet in each AZ, or in each of the `offered` AZs. An endpoint cannot use two subnets in one
/// AZ.
pub(super) fn one_per_az(
    snapshot: &Snapshot,
    subnets: &[SubnetId],
    offered: Option<&[AvailabilityZone]>,
) -> Vec<SubnetId> {
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
