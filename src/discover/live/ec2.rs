//! EC2's answers in the model's terms. Every list is filtered by VPC only, and narrowed here.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use aws_sdk_ec2::types::{self as aws, Filter, Tag};
use ipnet::Ipv4Net;

use super::reader::{Answer, Reader, pages};
use crate::model::{
    AclAction, AclRule, AvailabilityZone, Call, EndpointId, InternetGateway, InternetGatewayId,
    NatConnectivity, NatGateway, NatGatewayId, NatPlacement, NetworkAcl, NetworkAclId, NetworkInterface,
    NetworkInterfaceId, Peer, PortRange, PrefixList, PrefixListId, Protocol, ResourceId, Route,
    RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTableId, RouteTarget, SecurityGroup,
    SecurityGroupId, SecurityGroupRule, Subnet, SubnetId, VpcId, parse_cidr,
};

pub(super) fn by(name: &str, values: impl IntoIterator<Item = String>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().collect())).build()
}

pub(super) fn by_vpc(vpcs: &[VpcId]) -> Filter {
    by("vpc-id", vpcs.iter().map(ToString::to_string))
}

pub(super) fn scope(vpcs: &[VpcId]) -> String {
    vpcs.iter().map(VpcId::as_str).collect::<Vec<_>>().join(" ")
}

pub(super) fn tags(tags: Option<Vec<Tag>>) -> BTreeMap<String, String> {
    tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect()
}

pub(super) fn cidr(text: Option<&str>) -> Option<Ipv4Net> {
    text.and_then(parse_cidr)
}

/// The VPCs that these subnets are in.
pub(super) async fn vpcs_of(reader: &Reader, subnets: &BTreeSet<SubnetId>) -> Vec<VpcId> {
    if subnets.is_empty() {
        return Vec::new();
    }
    let filter = by("subnet-id", subnets.iter().map(ToString::to_string));
    let vpcs: Vec<VpcId> = pages!(
        reader,
        Call::DescribeSubnets,
        "connector subnets",
        reader.ec2.describe_subnets().filters(filter.clone()),
        |page| {
            page.subnets.into_iter().flatten().filter_map(|subnet| subnet.vpc_id.map(VpcId::from)).collect()
        }
    );
    vpcs.into_iter().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Subnets.
pub(super) async fn subnets(reader: &Reader, vpcs: &[VpcId]) -> Vec<Subnet> {
    pages!(
        reader,
        Call::DescribeSubnets,
        &scope(vpcs),
        reader.ec2.describe_subnets().filters(by_vpc(vpcs)),
        |page| { page.subnets.into_iter().flatten().filter_map(subnet).collect() }
    )
}

fn subnet(subnet: aws::Subnet) -> Option<Subnet> {
    Some(Subnet {
        id: SubnetId::new(subnet.subnet_id?),
        vpc: VpcId::new(subnet.vpc_id?),
        zone: AvailabilityZone::new(subnet.availability_zone.unwrap_or_default()),
        cidr: cidr(subnet.cidr_block.as_deref()),
        free_addresses: subnet.available_ip_address_count.and_then(|count| u32::try_from(count).ok()),
        map_public_ip: subnet.map_public_ip_on_launch.unwrap_or_default(),
        owner: subnet.owner_id,
        tags: tags(subnet.tags),
    })
}

/// Route tables with their routes.
pub(super) async fn route_tables(reader: &Reader, vpcs: &[VpcId]) -> Vec<RouteTable> {
    pages!(
        reader,
        Call::DescribeRouteTables,
        &scope(vpcs),
        reader.ec2.describe_route_tables().filters(by_vpc(vpcs)),
        |page| { page.route_tables.into_iter().flatten().filter_map(route_table).collect() }
    )
}

fn route_table(table: aws::RouteTable) -> Option<RouteTable> {
    let associations = table.associations.unwrap_or_default();
    Some(RouteTable {
        id: RouteTableId::new(table.route_table_id?),
        vpc: VpcId::new(table.vpc_id?),
        main: associations.iter().any(|association| association.main == Some(true)),
        subnets: associations
            .into_iter()
            .filter_map(|association| association.subnet_id.map(SubnetId::from))
            .collect(),
        routes: table.routes.into_iter().flatten().map(route).collect(),
        tags: tags(table.tags),
    })
}

fn route(route: aws::Route) -> Route {
    let destination = if let Some(text) = route.destination_cidr_block {
        parse_cidr(&text).map_or(RouteDestination::Other(text), RouteDestination::Ipv4)
    } else if let Some(text) = route.destination_ipv6_cidr_block {
        RouteDestination::Ipv6(text)
    } else if let Some(id) = route.destination_prefix_list_id {
        RouteDestination::PrefixList(PrefixListId::new(id))
    } else {
        RouteDestination::Other("(none)".to_owned())
    };
    let gateway = route.gateway_id.map(|id| match id.as_str() {
        "local" => RouteTarget::Local,
        id if id.starts_with("igw-") => RouteTarget::InternetGateway(InternetGatewayId::new(id)),
        id if id.starts_with("vpce-") => RouteTarget::Endpoint(EndpointId::new(id)),
        id => RouteTarget::Other(ResourceId::new(id)),
    });
    let nat = route.nat_gateway_id.map(|id| RouteTarget::NatGateway(NatGatewayId::new(id)));
    let other = route
        .transit_gateway_id
        .or(route.vpc_peering_connection_id)
        .or(route.egress_only_internet_gateway_id)
        .or(route.core_network_arn)
        .or(route.local_gateway_id)
        .or(route.carrier_gateway_id)
        .or(route.network_interface_id)
        .or(route.instance_id);
    let other =
        RouteTarget::Other(ResourceId::new(other.unwrap_or_else(|| "a target not known here".to_owned())));
    Route {
        destination,
        target: gateway.or(nat).unwrap_or(other),
        state: match route.state {
            Some(aws::RouteState::Active) | None => RouteState::Active,
            Some(aws::RouteState::Blackhole) => RouteState::Blackhole,
            Some(state) => RouteState::Other(state.as_str().to_owned()),
        },
        origin: match route.origin {
            Some(aws::RouteOrigin::CreateRouteTable) => RouteOrigin::Table,
            Some(aws::RouteOrigin::EnableVgwRoutePropagation) => RouteOrigin::Propagated,
            Some(aws::RouteOrigin::CreateRoute) | None => RouteOrigin::Static,
            Some(origin) => RouteOrigin::Other(origin.as_str().to_owned()),
        },
    }
}

/// Security groups with their rules.
pub(super) async fn security_groups(reader: &Reader, vpcs: &[VpcId]) -> Vec<SecurityGroup> {
    let request = reader.ec2.describe_security_groups().filters(by_vpc(vpcs));
    pages!(reader, Call::DescribeSecurityGroups, &scope(vpcs), request.clone(), |page| {
        page.security_groups.into_iter().flatten().filter_map(security_group).collect()
    })
}

fn security_group(group: aws::SecurityGroup) -> Option<SecurityGroup> {
    let rules =
        |list: Option<Vec<aws::IpPermission>>| list.into_iter().flatten().flat_map(rules_of).collect();
    Some(SecurityGroup {
        id: SecurityGroupId::new(group.group_id?),
        name: group.group_name.unwrap_or_default(),
        vpc: VpcId::new(group.vpc_id?),
        ingress: rules(group.ip_permissions),
        egress: rules(group.ip_permissions_egress),
        tags: tags(group.tags),
    })
}

/// One rule for each other side. For ICMP the ports mean type and code, which no TCP packet has.
fn rules_of(permission: aws::IpPermission) -> Vec<SecurityGroupRule> {
    let protocol = protocol(permission.ip_protocol.as_deref());
    let ports = ports(permission.from_port, permission.to_port);
    let ranges = permission
        .ip_ranges
        .into_iter()
        .flatten()
        .filter_map(|range| cidr(range.cidr_ip.as_deref()).map(Peer::Ipv4));
    let ranges6 =
        permission.ipv6_ranges.into_iter().flatten().filter_map(|range| range.cidr_ipv6.map(Peer::Ipv6));
    let lists = permission
        .prefix_list_ids
        .into_iter()
        .flatten()
        .filter_map(|list| list.prefix_list_id.map(|id| Peer::PrefixList(PrefixListId::new(id))));
    let groups = permission
        .user_id_group_pairs
        .into_iter()
        .flatten()
        .filter_map(|pair| pair.group_id.map(|id| Peer::Group(SecurityGroupId::new(id))));
    ranges
        .chain(ranges6)
        .chain(lists)
        .chain(groups)
        .map(|peer| SecurityGroupRule { protocol, ports, peer })
        .collect()
}

fn protocol(text: Option<&str>) -> Protocol {
    match text.unwrap_or("-1") {
        "-1" | "all" => Protocol::All,
        "tcp" | "6" => Protocol::Tcp,
        "udp" | "17" => Protocol::Udp,
        "icmp" => Protocol::Number(1),
        "icmpv6" => Protocol::Number(58),
        number => Protocol::Number(number.parse().unwrap_or(u8::MAX)),
    }
}

fn ports(from: Option<i32>, to: Option<i32>) -> PortRange {
    match (from.and_then(|port| u16::try_from(port).ok()), to.and_then(|port| u16::try_from(port).ok())) {
        (Some(from), Some(to)) => PortRange { from, to },
        _ => PortRange::ALL,
    }
}

/// Network ACLs with their IPv4 entries.
pub(super) async fn network_acls(reader: &Reader, vpcs: &[VpcId]) -> Vec<NetworkAcl> {
    let request = reader.ec2.describe_network_acls().filters(by_vpc(vpcs));
    pages!(reader, Call::DescribeNetworkAcls, &scope(vpcs), request.clone(), |page| {
        page.network_acls.into_iter().flatten().filter_map(network_acl).collect()
    })
}

fn network_acl(acl: aws::NetworkAcl) -> Option<NetworkAcl> {
    let entries = acl.entries.unwrap_or_default();
    let rules = |egress: bool| {
        let mut rules: Vec<AclRule> =
            entries.iter().filter(|entry| entry.egress == Some(egress)).filter_map(acl_rule).collect();
        rules.sort_by_key(|rule| rule.number);
        rules
    };
    Some(NetworkAcl {
        inbound: rules(false),
        outbound: rules(true),
        id: NetworkAclId::new(acl.network_acl_id?),
        vpc: VpcId::new(acl.vpc_id?),
        default: acl.is_default.unwrap_or_default(),
        subnets: acl
            .associations
            .into_iter()
            .flatten()
            .filter_map(|one| one.subnet_id.map(SubnetId::from))
            .collect(),
        tags: tags(acl.tags),
    })
}

fn acl_rule(entry: &aws::NetworkAclEntry) -> Option<AclRule> {
    let range = entry.port_range.as_ref();
    Some(AclRule {
        number: u16::try_from(entry.rule_number?).ok()?,
        protocol: protocol(entry.protocol.as_deref()),
        ports: ports(range.and_then(|range| range.from), range.and_then(|range| range.to)),
        remote: cidr(entry.cidr_block.as_deref())?,
        action: if entry.rule_action == Some(aws::RuleAction::Allow) {
            AclAction::Allow
        } else {
            AclAction::Deny
        },
    })
}

/// NAT gateways that exist; deleted ones are left out.
pub(super) async fn nat_gateways(reader: &Reader, vpcs: &[VpcId]) -> Vec<NatGateway> {
    let request = reader.ec2.describe_nat_gateways().filter(by_vpc(vpcs));
    pages!(reader, Call::DescribeNatGateways, &scope(vpcs), request.clone(), |page| {
        page.nat_gateways.into_iter().flatten().filter_map(nat_gateway).collect()
    })
}

fn nat_gateway(nat: aws::NatGateway) -> Option<NatGateway> {
    let state = nat.state.map(|state| state.as_str().to_owned()).unwrap_or_default();
    if state == "deleted" {
        return None;
    }
    Some(NatGateway {
        id: NatGatewayId::new(nat.nat_gateway_id?),
        vpc: VpcId::new(nat.vpc_id?),
        state,
        connectivity: match nat.connectivity_type {
            Some(aws::ConnectivityType::Public) | None => NatConnectivity::Public,
            Some(aws::ConnectivityType::Private) => NatConnectivity::Private,
            Some(other) => NatConnectivity::Other(other.as_str().to_owned()),
        },
        placement: match nat.subnet_id {
            Some(id) => NatPlacement::Subnet(SubnetId::new(id)),
            None => NatPlacement::Regional { route_table: nat.route_table_id.map(RouteTableId::from) },
        },
        tags: tags(nat.tags),
    })
}

/// Internet gateways attached to the VPCs.
pub(super) async fn internet_gateways(reader: &Reader, vpcs: &[VpcId]) -> Vec<InternetGateway> {
    let filter = by("attachment.vpc-id", vpcs.iter().map(ToString::to_string));
    let request = reader.ec2.describe_internet_gateways().filters(filter);
    pages!(reader, Call::DescribeInternetGateways, &scope(vpcs), request.clone(), |page| {
        page.internet_gateways.into_iter().flatten().filter_map(internet_gateway).collect()
    })
}

fn internet_gateway(gateway: aws::InternetGateway) -> Option<InternetGateway> {
    let attached = gateway.attachments.into_iter().flatten().find(|attachment| {
        attachment.state.as_ref().is_some_and(|state| ["available", "attached"].contains(&state.as_str()))
    });
    Some(InternetGateway {
        id: InternetGatewayId::new(gateway.internet_gateway_id?),
        attached_to: attached.and_then(|attachment| attachment.vpc_id.map(VpcId::from)),
        tags: tags(gateway.tags),
    })
}

/// Network interfaces of the VPCs.
pub(super) async fn network_interfaces(reader: &Reader, vpcs: &[VpcId]) -> Vec<NetworkInterface> {
    let request = reader.ec2.describe_network_interfaces().filters(by_vpc(vpcs));
    pages!(reader, Call::DescribeNetworkInterfaces, &scope(vpcs), request.clone(), |page| {
        page.network_interfaces.into_iter().flatten().filter_map(network_interface).collect()
    })
}

fn network_interface(interface: aws::NetworkInterface) -> Option<NetworkInterface> {
    let addresses =
        interface.private_ip_addresses.into_iter().flatten().filter_map(|one| one.private_ip_address);
    let mut addresses: Vec<Ipv4Addr> =
        addresses.chain(interface.private_ip_address).filter_map(|text| text.parse().ok()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Some(NetworkInterface {
        id: NetworkInterfaceId::new(interface.network_interface_id?),
        vpc: VpcId::new(interface.vpc_id?),
        subnet: SubnetId::new(interface.subnet_id?),
        addresses,
        security_groups: interface
            .groups
            .into_iter()
            .flatten()
            .filter_map(|group| group.group_id.map(SecurityGroupId::from))
            .collect(),
        kind: interface.interface_type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
        description: interface.description.unwrap_or_default(),
        public_address: interface.association.and_then(|association| association.public_ip).is_some(),
    })
}

/// The prefix lists' names; their entries are read apart.
pub(super) async fn prefix_lists(reader: &Reader) -> Vec<PrefixList> {
    pages!(reader, Call::DescribeManagedPrefixLists, "", reader.ec2.describe_managed_prefix_lists(), |page| {
        let lists = page.prefix_lists.into_iter().flatten();
        lists
            .filter_map(|list| {
                Some(PrefixList {
                    id: PrefixListId::new(list.prefix_list_id?),
                    name: list.prefix_list_name.unwrap_or_default(),
                    cidrs: None,
                })
            })
            .collect()
    })
}

/// A prefix list's IPv4 ranges; `None` when they could not be read to the end.
pub(super) async fn prefix_list_entries(reader: &Reader, id: &PrefixListId) -> Option<Vec<Ipv4Net>> {
    let request = reader.ec2.get_managed_prefix_list_entries().prefix_list_id(id.as_str());
    let complete = std::sync::atomic::AtomicBool::new(false);
    let call = async {
        let mut answer = Answer::new();
        let mut stream = request.into_paginator().send();
        while let Some(page) = stream.next().await {
            let entries = |page: aws_sdk_ec2::operation::get_managed_prefix_list_entries::GetManagedPrefixListEntriesOutput| {
                page.entries.into_iter().flatten().filter_map(|entry| cidr(entry.cidr.as_deref())).collect()
            };
            if !answer.page(page, entries) {
                return answer;
            }
        }
        complete.store(true, std::sync::atomic::Ordering::Relaxed);
        answer
    };
    let ranges = reader.read(Call::GetManagedPrefixListEntries, id.as_str(), call).await;
    complete.into_inner().then_some(ranges)
}
