//! The effects of changes that create or repair paths: internet gateways, NAT instances, private subnets, routes to peering
//! connections and for IPv6.

use std::collections::BTreeMap;

use super::{Change, KeptRoute, NEW_PUBLIC_SUBNET, PlannedSubnet};
use crate::model::{
    BlockPublicAccess, Connector, ConnectorArn, ConnectorStatus, Egress, EgressOnlyInternetGateway,
    EgressOnlyInternetGatewayId, EndpointId, EndpointKind, InternetGateway, InternetGatewayId,
    NatConnectivity, NatGateway, NatGatewayId, NatPlacement, NatState, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTable, RouteTableId, RouteTarget, Snapshot, Subnet, SubnetId, VpcId,
};

/// Applies a change to a path. Other changes have no effect here.
pub(super) fn apply(snapshot: &mut Snapshot, change: &Change) {
    match change {
        Change::AttachInternetGateway { vpc, gateway } => {
            if let Some(gateway) = snapshot.network.internet_gateways.get_mut(gateway) {
                gateway.attached_to = Some(vpc.clone());
            }
            let tables = snapshot.network.route_tables.iter_mut().filter(|table| table.vpc == *vpc);
            let target = RouteTarget::InternetGateway(gateway.clone());
            for route in tables.flat_map(|table| &mut table.routes).filter(|route| route.target == target) {
                route.state = RouteState::Active;
            }
        }
        Change::CreateInternetGateway { vpc, route_tables, public_subnet } => {
            let id = InternetGatewayId::from("igw-planned");
            snapshot.network.internet_gateways.insert(InternetGateway {
                id: id.clone(),
                attached_to: Some(vpc.clone()),
                tags: BTreeMap::new(),
            });
            let internet = RouteDestination::Ipv4(ipnet::Ipv4Net::default());
            let target = RouteTarget::InternetGateway(id);
            add_routes(snapshot, route_tables, &internet, &target);
            if let Some(planned) = public_subnet {
                let table = RouteTableId::from("rtb-public-planned");
                add_subnets(snapshot, vpc, &[(SubnetId::from(NEW_PUBLIC_SUBNET), planned)], &table, &[]);
                add_routes(snapshot, &[table], &internet, &target);
            }
        }
        Change::DisableSourceDestCheck { interface } => {
            if let Some(interface) = snapshot.network.network_interfaces.get_mut(interface) {
                interface.source_dest_check = Some(false);
            }
        }
        Change::AssociateElasticIp { interface } => {
            if let Some(interface) = snapshot.network.network_interfaces.get_mut(interface) {
                interface.public_address = true;
            }
        }
        Change::RouteToPeering { peering, destination, route_tables } => {
            let target = RouteTarget::Peering(peering.clone());
            add_routes(snapshot, route_tables, &RouteDestination::Ipv4(*destination), &target);
        }
        Change::RouteIpv6 { vpc, gateway, route_tables } => {
            let id = gateway.clone().unwrap_or_else(|| EgressOnlyInternetGatewayId::from("eigw-planned"));
            if gateway.is_none() {
                let attached_to = Some(vpc.clone());
                let planned = EgressOnlyInternetGateway { id: id.clone(), attached_to };
                snapshot.network.egress_only_internet_gateways.insert(planned);
            }
            let internet = RouteDestination::Ipv6(ipnet::Ipv6Net::default());
            add_routes(snapshot, route_tables, &internet, &RouteTarget::EgressOnlyInternetGateway(id));
        }
        Change::CreatePrivateSubnets { .. } => private_subnets(snapshot, change),
        _ => {}
    }
}

fn private_subnets(snapshot: &mut Snapshot, change: &Change) {
    let Change::CreatePrivateSubnets {
        vpc,
        workload,
        subnets,
        nat_subnet,
        nat: existing,
        gateway_endpoints,
        routes,
        connector_name,
        security_groups,
    } = change
    else {
        return;
    };
    let of_existing =
        existing.as_ref().and_then(|id| match &snapshot.network.nat_gateways.get(id)?.placement {
            NatPlacement::Subnet(subnet) => Some(subnet.clone()),
            NatPlacement::Regional { .. } => None,
        });
    let nat_subnet = nat_subnet.clone().or(of_existing);
    if nat_subnet.is_none() && existing.is_none() {
        return;
    }
    let table = RouteTableId::from("rtb-private-planned");
    let planned: Vec<(SubnetId, &PlannedSubnet)> = subnets
        .iter()
        .map(|planned| (SubnetId::new(format!("subnet-{}-planned", planned.zone)), planned))
        .collect();
    add_subnets(snapshot, vpc, &planned, &table, routes);
    let ids: Vec<SubnetId> = planned.into_iter().map(|(id, _)| id).collect();
    let network = &mut snapshot.network;
    let arn = ConnectorArn::new(format!("{connector_name}-planned"));
    network.connectors.insert(Connector {
        arn: arn.clone(),
        name: connector_name.clone(),
        status: ConnectorStatus::Active,
        subnets: ids,
        security_groups: security_groups.clone(),
    });
    for id in gateway_endpoints {
        let service = snapshot.network.endpoints.get(id).map(|endpoint| endpoint.service.clone());
        associate(snapshot, &service.unwrap_or_default(), id, std::slice::from_ref(&table));
    }
    if let Some(id) = existing {
        let internet = RouteDestination::Ipv4(ipnet::Ipv4Net::default());
        add_routes(snapshot, &[table], &internet, &RouteTarget::NatGateway(id.clone()));
    } else if let Some(nat_subnet) = nat_subnet {
        let id = NatGatewayId::new(format!("nat-{nat_subnet}-planned"));
        nat(snapshot, vpc, id, NatPlacement::Subnet(nat_subnet), &[table]);
    }
    if let Some(workload) = snapshot.workloads.get_mut(workload) {
        workload.egress = Egress::Vpc(arn);
    }
}

/// The mode of VPC Block Public Access in a new subnet. A subnet of the VPC with another mode has an exclusion of its own, which a new
/// subnet does not have (<https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>).
fn mode_of_new_subnets(snapshot: &Snapshot, vpc: &VpcId) -> BlockPublicAccess {
    let own = snapshot.network.subnets.iter().filter(|subnet| subnet.vpc == *vpc);
    let strictest = own.max_by_key(|subnet| match subnet.block_public_access {
        BlockPublicAccess::Off => 0,
        BlockPublicAccess::BlockIngress => 1,
        BlockPublicAccess::Other(_) => 2,
        BlockPublicAccess::BlockBidirectional => 3,
    });
    strictest.map(|subnet| subnet.block_public_access.clone()).unwrap_or_default()
}

/// Adds subnets with a route table of their own. They use the default network ACL of the VPC, as AWS associates it.
fn add_subnets(
    snapshot: &mut Snapshot,
    vpc: &VpcId,
    planned: &[(SubnetId, &PlannedSubnet)],
    table: &RouteTableId,
    routes: &[KeptRoute],
) {
    let mode = mode_of_new_subnets(snapshot, vpc);
    for (id, planned) in planned {
        snapshot.network.subnets.insert(Subnet {
            id: id.clone(),
            vpc: vpc.clone(),
            zone: planned.zone.clone(),
            cidr: Some(planned.cidr),
            ipv6_cidrs: Vec::new(),
            block_public_access: mode.clone(),
            free_addresses: None,
            map_public_ip: false,
            default_for_az: None,
            owner: snapshot.account.clone(),
            tags: BTreeMap::new(),
        });
    }
    let ids: Vec<SubnetId> = planned.iter().map(|(id, _)| id.clone()).collect();
    let network = &mut snapshot.network;
    let acls = network.network_acls.iter_mut().filter(|acl| acl.vpc == *vpc && acl.default);
    acls.for_each(|acl| acl.subnets.extend(ids.iter().cloned()));
    let cidrs = network.vpcs.get(vpc).map(|vpc| vpc.cidrs.clone()).unwrap_or_default();
    let local = |net| Route {
        destination: RouteDestination::Ipv4(net),
        target: RouteTarget::Local,
        state: RouteState::Active,
        origin: RouteOrigin::Table,
    };
    let kept = routes.iter().map(|route| Route {
        destination: RouteDestination::Ipv4(route.destination),
        target: route.target.clone(),
        state: RouteState::Active,
        origin: RouteOrigin::Static,
    });
    network.route_tables.insert(RouteTable {
        id: table.clone(),
        vpc: vpc.clone(),
        main: false,
        subnets: ids,
        routes: cidrs.into_iter().map(local).chain(kept).collect(),
        tags: BTreeMap::new(),
    });
}

/// Adds a public NAT gateway, and a default route to it in each route table.
pub(super) fn nat(
    snapshot: &mut Snapshot,
    vpc: &VpcId,
    id: NatGatewayId,
    placement: NatPlacement,
    tables: &[RouteTableId],
) {
    snapshot.network.nat_gateways.insert(NatGateway {
        id: id.clone(),
        vpc: vpc.clone(),
        state: NatState::Available,
        failure: None,
        connectivity: NatConnectivity::Public,
        has_appliance: false,
        unusable_addresses: None,
        private_addresses: Vec::new(),
        placement,
        public_addresses: Vec::new(),
        tags: BTreeMap::new(),
    });
    let internet = RouteDestination::Ipv4(ipnet::Ipv4Net::default());
    add_routes(snapshot, tables, &internet, &RouteTarget::NatGateway(id));
}

pub(super) fn add_routes(
    snapshot: &mut Snapshot,
    tables: &[RouteTableId],
    destination: &RouteDestination,
    target: &RouteTarget,
) {
    for id in tables {
        if let Some(table) = snapshot.network.route_tables.get_mut(id) {
            table.routes.retain(|old| old.destination != *destination);
            table.routes.push(Route {
                destination: destination.clone(),
                target: target.clone(),
                state: RouteState::Active,
                origin: RouteOrigin::Static,
            });
        }
    }
}

/// Adds a gateway endpoint's route, to the service's prefix list, to each route table.
pub(super) fn gateway_routes(
    snapshot: &mut Snapshot,
    service: &str,
    endpoint: &EndpointId,
    tables: &[RouteTableId],
) {
    let list = snapshot.network.prefix_lists.iter().find(|list| list.name == service);
    if let Some(list) = list.map(|list| list.id.clone()) {
        add_routes(
            snapshot,
            tables,
            &RouteDestination::PrefixList(list),
            &RouteTarget::Endpoint(endpoint.clone()),
        );
    }
}

/// Adds route tables to a gateway endpoint.
pub(super) fn associate(
    snapshot: &mut Snapshot,
    service: &str,
    endpoint: &EndpointId,
    route_tables: &[RouteTableId],
) {
    gateway_routes(snapshot, service, endpoint, route_tables);
    let endpoint = snapshot.network.endpoints.get_mut(endpoint).map(|endpoint| &mut endpoint.kind);
    if let Some(EndpointKind::Gateway { route_tables: known }) = endpoint {
        known.extend(route_tables.iter().cloned());
    }
}
