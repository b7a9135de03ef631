//! What AWS's answers mean, in the model's terms. Live answers and saved ones come through here alike.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::wire::{self, List};
use crate::evidence::{destination, hosts_in_variables};
use crate::model::{
    AclAction, AclRule, AvailabilityZone, BlockPublicAccess, Connector, ConnectorArn, DhcpResolver,
    DnsSettings, Egress, EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, EncryptionControl, Endpoint,
    EndpointId, EndpointInterface, EndpointKind, EndpointService, Environment, EnvironmentSecret,
    EnvironmentVariable, Ingress, InternetGateway, InternetGatewayId, NatConnectivity, NatGateway,
    NatGatewayId, NatPlacement, Network, NetworkAcl, NetworkAclId, NetworkInterface, NetworkInterfaceId,
    Peer, PortRange, PrefixList, PrefixListId, Protocol, Region, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTable, RouteTableId, RouteTarget, SecurityGroup, SecurityGroupId, SecurityGroupRule,
    Snapshot, Subnet, SubnetId, Vpc, VpcId, Workload, WorkloadId, WorkloadKind,
};

fn each<T>(list: List<T>) -> impl Iterator<Item = T> {
    list.into_iter().flatten()
}

fn tags(list: List<wire::Tag>) -> BTreeMap<String, String> {
    each(list).map(|tag| (tag.key, tag.value.unwrap_or_default())).collect()
}

/// IPv6 ranges in use. Host bits are cleared, as AWS does.
fn ipv6_ranges(list: List<wire::Ipv6CidrBlock>) -> Vec<Ipv6Net> {
    let used = each(list).filter(|block| is_associated(block.ipv6_cidr_block_state.as_ref()));
    used.filter_map(|block| block.ipv6_cidr_block).map(|net| net.trunc()).collect()
}

fn is_associated(state: Option<&wire::BlockState>) -> bool {
    state.and_then(|state| state.state.as_deref()).is_none_or(|state| state == "associated")
}

/// A VPC, with the answers of other calls about it.
pub(super) fn vpc(
    vpc: wire::Vpc,
    attributes: &[wire::VpcAttribute],
    options: &[wire::DhcpOptions],
    private_zones: Option<Vec<String>>,
) -> Vpc {
    let mut cidrs: Vec<Ipv4Net> = vpc.cidr_block.map(|net| net.trunc()).into_iter().collect();
    for more in each(vpc.cidr_block_association_set) {
        let used = is_associated(more.cidr_block_state.as_ref());
        cidrs.extend(more.cidr_block.map(|net| net.trunc()).filter(|net| used && !cidrs.contains(net)));
    }
    let told = |pick: fn(&wire::VpcAttribute) -> Option<wire::Switch>| {
        attributes.iter().filter(|one| one.vpc_id == vpc.vpc_id).find_map(pick).map(wire::Switch::is_on)
    };
    Vpc {
        dns: DnsSettings {
            support: told(|one| one.enable_dns_support),
            hostnames: told(|one| one.enable_dns_hostnames),
            resolver: resolver(vpc.dhcp_options_id.as_deref(), options),
        },
        cidrs,
        ipv6_cidrs: ipv6_ranges(vpc.ipv6_cidr_block_association_set),
        private_zones,
        encryption: match vpc.encryption_control.and_then(|control| control.mode).as_deref() {
            None => EncryptionControl::Off,
            Some("monitor") => EncryptionControl::Monitor,
            Some("enforce") => EncryptionControl::Enforce,
            Some(other) => EncryptionControl::Other(other.to_owned()),
        },
        tags: tags(vpc.tags),
        id: VpcId::new(vpc.vpc_id),
    }
}

/// `default` stands for a VPC without DHCP options, whose resolver is Amazon's: a set created by AWS says the same.
fn resolver(id: Option<&str>, options: &[wire::DhcpOptions]) -> DhcpResolver {
    let Some(id) = id else { return DhcpResolver::Unknown };
    if id == "default" {
        return DhcpResolver::Amazon;
    }
    let Some(found) = options.iter().find(|options| options.dhcp_options_id == id) else {
        return DhcpResolver::Unknown;
    };
    let settings = found.dhcp_configurations.iter().flatten();
    let servers: Vec<String> = settings
        .filter(|entry| entry.key.as_deref() == Some("domain-name-servers"))
        .flat_map(|entry| entry.values.iter().flatten())
        .filter_map(|text| text.value.clone())
        .collect();
    if servers.iter().all(|server| server == "AmazonProvidedDNS") {
        DhcpResolver::Amazon
    } else {
        DhcpResolver::Custom(servers)
    }
}

pub(super) fn subnet(subnet: wire::Subnet) -> Subnet {
    let block = subnet.block_public_access_states.and_then(|states| states.internet_gateway_block_mode);
    Subnet {
        id: SubnetId::new(subnet.subnet_id),
        vpc: VpcId::new(subnet.vpc_id),
        zone: AvailabilityZone::new(subnet.availability_zone.unwrap_or_default()),
        cidr: subnet.cidr_block.map(|net| net.trunc()),
        ipv6_cidrs: ipv6_ranges(subnet.ipv6_cidr_block_association_set),
        block_public_access: match block.as_deref() {
            None | Some("off") => BlockPublicAccess::Off,
            Some("block-bidirectional") => BlockPublicAccess::BlockBidirectional,
            Some("block-ingress") => BlockPublicAccess::BlockIngress,
            Some(other) => BlockPublicAccess::Other(other.to_owned()),
        },
        free_addresses: subnet.available_ip_address_count.and_then(|count| u32::try_from(count).ok()),
        map_public_ip: subnet.map_public_ip_on_launch.unwrap_or_default(),
        owner: subnet.owner_id,
        tags: tags(subnet.tags),
    }
}

pub(super) fn route_table(table: wire::RouteTable) -> RouteTable {
    let associations = table.associations.unwrap_or_default();
    RouteTable {
        id: RouteTableId::new(table.route_table_id),
        vpc: VpcId::new(table.vpc_id),
        main: associations.iter().any(|association| association.main == Some(true)),
        subnets: associations
            .into_iter()
            .filter_map(|association| association.subnet_id.map(SubnetId::from))
            .collect(),
        routes: each(table.routes).map(route).collect(),
        tags: tags(table.tags),
    }
}

fn route(route: wire::Route) -> Route {
    let destination = if let Some(net) = route.destination_cidr_block {
        RouteDestination::Ipv4(net.trunc())
    } else if let Some(net) = route.destination_ipv6_cidr_block {
        RouteDestination::Ipv6(net.trunc())
    } else if let Some(id) = route.destination_prefix_list_id {
        RouteDestination::PrefixList(PrefixListId::new(id))
    } else {
        RouteDestination::Other("(none)".to_owned())
    };
    // A route to an instance names its interface too, which is what packets meet.
    let target = route
        .gateway_id
        .or(route.nat_gateway_id)
        .or(route.transit_gateway_id)
        .or(route.vpc_peering_connection_id)
        .or(route.egress_only_internet_gateway_id)
        .or(route.core_network_arn)
        .or(route.local_gateway_id)
        .or(route.carrier_gateway_id)
        .or(route.network_interface_id)
        .or(route.instance_id);
    Route {
        destination,
        target: RouteTarget::of(target.as_deref().unwrap_or("a target not known here")),
        state: match route.state.as_deref() {
            Some("active") | None => RouteState::Active,
            Some("blackhole") => RouteState::Blackhole,
            Some(state) => RouteState::Other(state.to_owned()),
        },
        origin: match route.origin.as_deref() {
            Some("CreateRouteTable") => RouteOrigin::Table,
            Some("EnableVgwRoutePropagation") => RouteOrigin::Propagated,
            Some("CreateRoute") | None => RouteOrigin::Static,
            Some(origin) => RouteOrigin::Other(origin.to_owned()),
        },
    }
}

/// `None` for a group of EC2-Classic, which is in no VPC.
pub(super) fn security_group(group: wire::SecurityGroup) -> Option<SecurityGroup> {
    let rules = |list: List<wire::Permission>| each(list).flat_map(rules_of).collect();
    Some(SecurityGroup {
        id: SecurityGroupId::new(group.group_id),
        name: group.group_name.unwrap_or_default(),
        vpc: VpcId::new(group.vpc_id?),
        ingress: rules(group.ip_permissions),
        egress: rules(group.ip_permissions_egress),
        tags: tags(group.tags),
    })
}

/// One rule for each other side. For ICMP the ports mean type and code, which no TCP packet has.
fn rules_of(permission: wire::Permission) -> Vec<SecurityGroupRule> {
    let protocol = protocol(permission.ip_protocol.as_deref());
    let ports = ports(permission.from_port, permission.to_port);
    let ranges = each(permission.ip_ranges).filter_map(|range| range.cidr_ip);
    let ranges6 = each(permission.ipv6_ranges).filter_map(|range| range.cidr_ipv6);
    let lists = each(permission.prefix_list_ids).filter_map(|list| list.prefix_list_id);
    let groups = each(permission.user_id_group_pairs).filter_map(|pair| pair.group_id);
    ranges
        .map(|net| Peer::Ipv4(net.trunc()))
        .chain(ranges6.map(|net| Peer::Ipv6(net.trunc())))
        .chain(lists.map(|id| Peer::PrefixList(PrefixListId::new(id))))
        .chain(groups.map(|id| Peer::Group(SecurityGroupId::new(id))))
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

pub(super) fn network_acl(acl: wire::NetworkAcl) -> NetworkAcl {
    let entries = acl.entries.unwrap_or_default();
    let rules = |egress: bool| {
        let mut rules: Vec<AclRule> =
            entries.iter().filter(|entry| entry.egress == Some(egress)).filter_map(acl_rule).collect();
        rules.sort_by_key(|rule| rule.number);
        rules
    };
    NetworkAcl {
        inbound: rules(false),
        outbound: rules(true),
        id: NetworkAclId::new(acl.network_acl_id),
        vpc: VpcId::new(acl.vpc_id),
        default: acl.is_default.unwrap_or_default(),
        subnets: each(acl.associations).filter_map(|one| one.subnet_id.map(SubnetId::from)).collect(),
        tags: tags(acl.tags),
    }
}

fn acl_rule(entry: &wire::AclEntry) -> Option<AclRule> {
    let range = entry.port_range.as_ref();
    let four = entry.cidr_block.map(|net| IpNet::V4(net.trunc()));
    Some(AclRule {
        number: u16::try_from(entry.rule_number?).ok()?,
        protocol: protocol(entry.protocol.as_deref()),
        ports: ports(range.and_then(|range| range.from), range.and_then(|range| range.to)),
        remote: four.or(entry.ipv6_cidr_block.map(|net| IpNet::V6(net.trunc())))?,
        action: if entry.rule_action.as_deref() == Some("allow") {
            AclAction::Allow
        } else {
            AclAction::Deny
        },
    })
}

/// Whether a resource is listed although it is gone: AWS shows some for a while.
pub(super) fn is_gone(state: Option<&str>) -> bool {
    state.is_some_and(|state| state.eq_ignore_ascii_case("deleted"))
}

/// A NAT gateway; `None` for a deleted one.
pub(super) fn nat_gateway(nat: wire::NatGateway) -> Option<NatGateway> {
    if is_gone(nat.state.as_deref()) {
        return None;
    }
    let zones = || each(nat.nat_gateway_addresses.clone()).filter_map(|address| address.availability_zone);
    Some(NatGateway {
        connectivity: match nat.connectivity_type.as_deref() {
            Some("public") | None => NatConnectivity::Public,
            Some("private") => NatConnectivity::Private,
            Some(other) => NatConnectivity::Other(other.to_owned()),
        },
        has_appliance: each(nat.attached_appliances)
            .any(|one| one.attachment_state.as_deref() != Some("detached")),
        placement: match nat.subnet_id {
            Some(id) if nat.availability_mode.as_deref() != Some("regional") => {
                NatPlacement::Subnet(SubnetId::new(id))
            }
            _ => NatPlacement::Regional {
                zones: zones().map(AvailabilityZone::new).collect(),
                expands: nat.auto_provision_zones.as_deref() != Some("disabled"),
                route_table: nat.route_table_id.map(RouteTableId::from),
            },
        },
        id: NatGatewayId::new(nat.nat_gateway_id),
        vpc: VpcId::new(nat.vpc_id),
        state: nat.state.unwrap_or_default(),
        tags: tags(nat.tags),
    })
}

/// The VPC that a gateway is attached to.
fn attached_to(attachments: List<wire::GatewayAttachment>) -> Option<VpcId> {
    let works = |one: &wire::GatewayAttachment| {
        one.state.as_deref().is_some_and(|state| ["available", "attached"].contains(&state))
    };
    each(attachments).find(works).and_then(|attachment| attachment.vpc_id.map(VpcId::from))
}

pub(super) fn internet_gateway(gateway: wire::InternetGateway) -> InternetGateway {
    InternetGateway {
        id: InternetGatewayId::new(gateway.internet_gateway_id),
        attached_to: attached_to(gateway.attachments),
        tags: tags(gateway.tags),
    }
}

pub(super) fn egress_only_internet_gateway(
    gateway: wire::EgressOnlyInternetGateway,
) -> EgressOnlyInternetGateway {
    EgressOnlyInternetGateway {
        id: EgressOnlyInternetGatewayId::new(gateway.egress_only_internet_gateway_id),
        attached_to: attached_to(gateway.attachments),
    }
}

/// `None` for an interface that is in no VPC.
pub(super) fn network_interface(interface: wire::NetworkInterface) -> Option<NetworkInterface> {
    let four = each(interface.private_ip_addresses).filter_map(|one| one.private_ip_address);
    let four = four.chain(interface.private_ip_address).map(IpAddr::V4);
    let six = each(interface.ipv6_addresses).filter_map(|one| one.ipv6_address).map(IpAddr::V6);
    let mut addresses: Vec<IpAddr> = four.chain(six).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Some(NetworkInterface {
        id: NetworkInterfaceId::new(interface.network_interface_id),
        vpc: VpcId::new(interface.vpc_id?),
        subnet: SubnetId::new(interface.subnet_id?),
        addresses,
        security_groups: group_ids(interface.groups),
        kind: interface.interface_type.unwrap_or_default(),
        description: interface.description.unwrap_or_default(),
        public_address: interface.association.and_then(|association| association.public_ip).is_some(),
        source_dest_check: interface.source_dest_check,
        unattached: interface.status.as_deref() == Some("available"),
    })
}

fn group_ids(groups: List<wire::GroupPair>) -> Vec<SecurityGroupId> {
    each(groups).filter_map(|group| group.group_id.map(SecurityGroupId::from)).collect()
}

/// An endpoint; `None` for a deleted one. What other calls tell about it (interfaces, groups, endpoint services) is taken
/// from `network`.
pub(super) fn endpoint(endpoint: wire::VpcEndpoint, network: &Network) -> Option<Endpoint> {
    if is_gone(endpoint.state.as_deref()) {
        return None;
    }
    let vpc = VpcId::new(endpoint.vpc_id);
    let service = endpoint.service_name.unwrap_or_default();
    let kind = match endpoint.vpc_endpoint_type.as_deref() {
        Some("Gateway") => EndpointKind::Gateway {
            route_tables: each(endpoint.route_table_ids).map(RouteTableId::from).collect(),
        },
        Some("Interface") => {
            let offered =
                network.endpoint_services.iter().find(|row| row.name == service && row.kind == "Interface");
            let interfaces: Vec<NetworkInterfaceId> =
                each(endpoint.network_interface_ids).map(NetworkInterfaceId::from).collect();
            let options = endpoint.dns_options.as_ref();
            EndpointKind::Interface {
                private_dns: endpoint.private_dns_enabled.unwrap_or_default(),
                private_dns_only_inbound: options
                    .and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint)
                    // Only S3's have the option.
                    .or_else(|| (service.rsplit('.').next() != Some("s3")).then_some(false)),
                private_names: offered.map(|row| row.private_names.clone()).unwrap_or_default(),
                ipv6_records: options
                    .and_then(|options| options.dns_record_ip_type.as_deref())
                    .is_some_and(|kind| ["dualstack", "ipv6"].contains(&kind)),
                security_groups: guards(group_ids(endpoint.groups), &vpc, network),
                interfaces: each(endpoint.subnet_ids)
                    .map(|subnet| foot(network, SubnetId::new(subnet), &interfaces))
                    .collect(),
            }
        }
        Some(other) => EndpointKind::Other(other.to_owned()),
        None => EndpointKind::Other("not told".to_owned()),
    };
    Some(Endpoint {
        id: EndpointId::new(endpoint.vpc_endpoint_id),
        vpc,
        service,
        state: endpoint.state.unwrap_or_default(),
        kind,
        tags: tags(endpoint.tags),
    })
}

/// Without groups of its own an interface endpoint has the VPC's default one.
fn guards(own: Vec<SecurityGroupId>, vpc: &VpcId, network: &Network) -> Vec<SecurityGroupId> {
    if !own.is_empty() {
        return own;
    }
    let default = network.security_groups.iter().filter(|group| group.vpc == *vpc && group.name == "default");
    default.map(|group| group.id.clone()).collect()
}

/// The endpoint's interface in a subnet. An address outside the subnet cannot be right and is taken as not read.
fn foot(network: &Network, subnet: SubnetId, interfaces: &[NetworkInterfaceId]) -> EndpointInterface {
    let known = network.subnets.get(&subnet);
    let mine = interfaces.iter().filter_map(|id| network.network_interfaces.get(id));
    let addresses: Vec<IpAddr> = mine
        .filter(|interface| interface.subnet == subnet)
        .flat_map(|interface| interface.addresses.iter().copied())
        .filter(|address| known.is_some_and(|known| known.addresses().contains(*address)))
        .collect();
    EndpointInterface {
        address: addresses.iter().find_map(|address| match address {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        }),
        ipv6_address: addresses.iter().find_map(|address| match address {
            IpAddr::V6(address) => Some(*address),
            IpAddr::V4(_) => None,
        }),
        subnet,
    }
}

/// An endpoint service; `None` when its kind is not told.
pub(super) fn endpoint_service(detail: wire::ServiceDetail) -> Option<EndpointService> {
    let names = each(detail.private_dns_names).filter_map(|name| name.private_dns_name);
    let mut private_names: Vec<String> = names.chain(detail.private_dns_name).collect();
    private_names.sort();
    private_names.dedup();
    Some(EndpointService {
        name: detail.service_name,
        kind: each(detail.service_type).find_map(|kind| kind.service_type)?,
        zones: each(detail.availability_zones).map(AvailabilityZone::from).collect(),
        private_names,
    })
}

/// A prefix list; its ranges only where the answer brings them.
pub(super) fn prefix_list(list: wire::PrefixList) -> PrefixList {
    PrefixList {
        name: list.prefix_list_name.unwrap_or_else(|| list.prefix_list_id.clone()),
        id: PrefixListId::new(list.prefix_list_id),
        cidrs: list.cidrs.map(|cidrs| cidrs.into_iter().map(|net| net.trunc()).collect()),
    }
}

/// The gateway services' lists, and every list that a route or a rule names.
pub(super) fn lists_in_use(snapshot: &Snapshot) -> BTreeSet<PrefixListId> {
    let network = &snapshot.network;
    let own =
        ["s3", "dynamodb", "s3express"].map(|service| format!("com.amazonaws.{}.{service}", snapshot.region));
    let own = network.prefix_lists.iter().filter(|list| own.contains(&list.name)).map(|list| &list.id);
    let routes = network.route_tables.iter().flat_map(|table| &table.routes);
    let routes = routes.filter_map(|route| match &route.destination {
        RouteDestination::PrefixList(id) => Some(id),
        _ => None,
    });
    let rules = network.security_groups.iter().flat_map(|group| group.ingress.iter().chain(&group.egress));
    let rules = rules.filter_map(|rule| match &rule.peer {
        Peer::PrefixList(id) => Some(id),
        _ => None,
    });
    own.chain(routes).chain(rules).cloned().collect()
}

/// The ranges among a prefix list's entries.
pub(super) fn ranges(entries: Vec<wire::PrefixListEntry>) -> Vec<IpNet> {
    entries.into_iter().filter_map(|entry| entry.cidr).map(|net| net.trunc()).collect()
}

pub(super) fn connector(connector: wire::VpcConnector) -> Connector {
    Connector {
        arn: ConnectorArn::new(connector.vpc_connector_arn),
        name: connector.vpc_connector_name.unwrap_or_default(),
        status: connector.status.unwrap_or_default(),
        subnets: each(connector.subnets).map(SubnetId::from).collect(),
        security_groups: each(connector.security_groups).map(SecurityGroupId::from).collect(),
    }
}

/// Name and ARN of a service; `None` for a deleted one.
pub(super) fn service_name(summary: wire::ServiceSummary) -> Option<(String, String)> {
    if is_gone(summary.status.as_deref()) {
        return None;
    }
    Some((summary.service_name.unwrap_or_else(|| summary.service_arn.clone()), summary.service_arn))
}

/// A service that is listed and was not described.
pub(super) fn undescribed(name: &str, arn: &str) -> Workload {
    Workload {
        id: WorkloadId::new(arn),
        name: name.to_owned(),
        kind: WorkloadKind::AppRunner,
        status: "not read".to_owned(),
        egress: Egress::Unknown("the service could not be described".to_owned()),
        dual_stack: false,
        ingress: Ingress::Unknown,
        url: None,
        health_path: None,
        environment: Environment::default(),
        tags: BTreeMap::new(),
    }
}

pub(super) fn service(service: wire::Service, region: &Region) -> Workload {
    let network = service.network_configuration.as_ref();
    let ingress = network.and_then(|network| network.ingress_configuration.as_ref());
    let address_type = network.and_then(|network| network.ip_address_type.as_deref());
    Workload {
        egress: egress(network),
        dual_stack: address_type == Some("DUAL_STACK"),
        ingress: match ingress.and_then(|ingress| ingress.is_publicly_accessible) {
            Some(true) => Ingress::Public,
            Some(false) => Ingress::Private,
            None => Ingress::Unknown,
        },
        health_path: service
            .health_check_configuration
            .filter(|check| check.protocol.as_deref() == Some("HTTP"))
            .and_then(|check| check.path),
        environment: Environment {
            role: service.instance_configuration.and_then(|instance| instance.instance_role_arn),
            ..service.source_configuration.map(|source| environment(source, region)).unwrap_or_default()
        },
        name: service.service_name.unwrap_or_else(|| service.service_arn.clone()),
        id: WorkloadId::new(service.service_arn),
        kind: WorkloadKind::AppRunner,
        status: service.status.unwrap_or_default(),
        url: service.service_url,
        tags: BTreeMap::new(),
    }
}

fn egress(network: Option<&wire::NetworkConfiguration>) -> Egress {
    let Some(network) = network else {
        return Egress::Unknown("the service's network configuration is not told".to_owned());
    };
    // Without an egress configuration a service uses DEFAULT egress.
    let Some(configured) = &network.egress_configuration else { return Egress::Default };
    match (configured.egress_type.as_deref(), configured.vpc_connector_arn.as_deref()) {
        (Some("VPC"), Some(arn)) => Egress::Vpc(ConnectorArn::new(arn)),
        (Some("VPC"), None) => Egress::Unknown("egress VPC, but no connector is named".to_owned()),
        (None, _) => Egress::Unknown("the service's egress type is not told".to_owned()),
        (Some("DEFAULT"), _) => Egress::Default,
        (Some(other), _) => Egress::Unknown(format!("egress {other}, which is not known here")),
    }
}

/// Names, and the hosts that values name. No value leaves this function.
fn environment(source: wire::SourceConfiguration, region: &Region) -> Environment {
    let code = source.code_repository.and_then(|code| code.code_configuration);
    let in_repository =
        code.as_ref().is_some_and(|code| code.configuration_source.as_deref() == Some("REPOSITORY"));
    let image = source.image_repository;
    // `123456789012.dkr.ecr.us-west-2.amazonaws.com/app:1.4`
    let registry = image.as_ref().and_then(|image| image.image_identifier.as_deref()?.split('/').next());
    let image_registry = registry.and_then(|host| destination(host).ok()).map(|found| found.host);
    let settings = image
        .and_then(|image| image.image_configuration)
        .or(code.and_then(|code| code.code_configuration_values));
    let (variables, secrets) = settings
        .map(|settings| (settings.runtime_environment_variables, settings.runtime_environment_secrets))
        .unwrap_or_default();
    let variables = hosts_in_variables(&variables.unwrap_or_default(), region.as_str());
    Environment {
        variables: variables.into_iter().map(|(name, hosts)| EnvironmentVariable { name, hosts }).collect(),
        secrets: secrets.into_iter().flatten().map(|(name, arn)| secret(name, &arn, region)).collect(),
        image_registry,
        role: None,
        permits: None,
        in_repository,
    }
}

/// Where App Runner fetches a secret: the ARN of a secret or parameter, or a parameter's name.
fn secret(name: String, arn: &str, region: &Region) -> EnvironmentSecret {
    let store = if arn.contains(":secretsmanager:") { "secretsmanager" } else { "ssm" };
    let told = arn.split(':').nth(3).filter(|told| !told.is_empty() && *told != region.as_str());
    EnvironmentSecret { name, store: store.to_owned(), region: told.map(Region::new) }
}
