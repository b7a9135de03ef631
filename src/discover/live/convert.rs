//! Converts the SDKs' types to `wire` types. Copies fields only; an item without an id is skipped.

use aws_sdk_apprunner::types as apprunner;
use aws_sdk_ec2::types as ec2;

use crate::discover::named_wire;
use crate::discover::wire::{self, List};

/// The converted items; an item without an id is skipped.
pub(super) fn list<A, B>(items: Option<Vec<A>>, convert: impl Fn(A) -> Option<B>) -> List<B> {
    items.map(|items| items.into_iter().filter_map(convert).collect())
}

/// The text of an SDK enum. It also works for values that the SDK does not define.
macro_rules! word {
    ($value:expr) => {
        $value.map(|value| value.as_str().to_owned())
    };
}
pub(super) use word;

/// Parses an address or range. Invalid text becomes `None`.
fn net<T: std::str::FromStr>(text: Option<String>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

fn tags(tags: Option<Vec<ec2::Tag>>) -> List<wire::Tag> {
    list(tags, |tag| Some(wire::Tag { key: tag.key?, value: tag.value }))
}

pub(super) fn vpc(vpc: ec2::Vpc) -> Option<wire::Vpc> {
    Some(wire::Vpc {
        vpc_id: vpc.vpc_id?,
        cidr_block: net(vpc.cidr_block),
        cidr_block_association_set: list(vpc.cidr_block_association_set, |block| {
            Some(wire::CidrBlock {
                cidr_block: net(block.cidr_block),
                cidr_block_state: block
                    .cidr_block_state
                    .map(|state| wire::BlockState { state: word!(state.state) }),
            })
        }),
        ipv6_cidr_block_association_set: list(vpc.ipv6_cidr_block_association_set, |block| {
            Some(wire::Ipv6CidrBlock {
                ipv6_cidr_block: net(block.ipv6_cidr_block),
                ipv6_cidr_block_state: block
                    .ipv6_cidr_block_state
                    .map(|state| wire::BlockState { state: word!(state.state) }),
            })
        }),
        dhcp_options_id: vpc.dhcp_options_id,
        encryption_control: vpc
            .encryption_control
            .map(|control| wire::EncryptionControl { mode: word!(control.mode) }),
        tags: tags(vpc.tags),
    })
}

pub(super) fn dhcp_options(options: ec2::DhcpOptions) -> Option<wire::DhcpOptions> {
    Some(wire::DhcpOptions {
        dhcp_options_id: options.dhcp_options_id?,
        dhcp_configurations: list(options.dhcp_configurations, |setting| {
            Some(wire::DhcpConfiguration {
                key: setting.key,
                values: list(setting.values, |text| Some(wire::Text { value: text.value })),
            })
        }),
    })
}

pub(super) fn subnet(subnet: ec2::Subnet) -> Option<wire::Subnet> {
    Some(wire::Subnet {
        subnet_id: subnet.subnet_id?,
        vpc_id: subnet.vpc_id?,
        availability_zone: subnet.availability_zone,
        cidr_block: net(subnet.cidr_block),
        ipv6_cidr_block_association_set: list(subnet.ipv6_cidr_block_association_set, |block| {
            Some(wire::Ipv6CidrBlock {
                ipv6_cidr_block: net(block.ipv6_cidr_block),
                ipv6_cidr_block_state: block
                    .ipv6_cidr_block_state
                    .map(|state| wire::BlockState { state: word!(state.state) }),
            })
        }),
        available_ip_address_count: subnet.available_ip_address_count.map(i64::from),
        map_public_ip_on_launch: subnet.map_public_ip_on_launch,
        default_for_az: subnet.default_for_az,
        owner_id: subnet.owner_id,
        block_public_access_states: subnet.block_public_access_states.map(|states| {
            wire::BlockPublicAccessStates {
                internet_gateway_block_mode: word!(states.internet_gateway_block_mode),
            }
        }),
        tags: tags(subnet.tags),
    })
}

pub(super) fn route_table(table: ec2::RouteTable) -> Option<wire::RouteTable> {
    Some(wire::RouteTable {
        route_table_id: table.route_table_id?,
        vpc_id: table.vpc_id?,
        associations: list(table.associations, |association| {
            Some(wire::Association { main: association.main, subnet_id: association.subnet_id })
        }),
        routes: list(table.routes, |route| Some(self::route(route))),
        tags: tags(table.tags),
    })
}

fn route(route: ec2::Route) -> wire::Route {
    wire::Route {
        destination_cidr_block: net(route.destination_cidr_block),
        destination_ipv6_cidr_block: net(route.destination_ipv6_cidr_block),
        destination_prefix_list_id: route.destination_prefix_list_id,
        gateway_id: route.gateway_id,
        nat_gateway_id: route.nat_gateway_id,
        transit_gateway_id: route.transit_gateway_id,
        vpc_peering_connection_id: route.vpc_peering_connection_id,
        egress_only_internet_gateway_id: route.egress_only_internet_gateway_id,
        core_network_arn: route.core_network_arn,
        odb_network_arn: route.odb_network_arn,
        local_gateway_id: route.local_gateway_id,
        carrier_gateway_id: route.carrier_gateway_id,
        network_interface_id: route.network_interface_id,
        instance_id: route.instance_id,
        state: word!(route.state),
        origin: word!(route.origin),
    }
}

pub(super) fn security_group(group: ec2::SecurityGroup) -> Option<wire::SecurityGroup> {
    Some(wire::SecurityGroup {
        group_id: group.group_id?,
        group_name: group.group_name,
        vpc_id: group.vpc_id,
        ip_permissions: list(group.ip_permissions, permission),
        ip_permissions_egress: list(group.ip_permissions_egress, permission),
        tags: tags(group.tags),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "`list` expects an `Option`")]
fn permission(permission: ec2::IpPermission) -> Option<wire::Permission> {
    Some(wire::Permission {
        ip_protocol: permission.ip_protocol,
        from_port: permission.from_port,
        to_port: permission.to_port,
        ip_ranges: list(permission.ip_ranges, |range| Some(wire::IpRange { cidr_ip: net(range.cidr_ip) })),
        ipv6_ranges: list(permission.ipv6_ranges, |range| {
            Some(wire::Ipv6Range { cidr_ipv6: net(range.cidr_ipv6) })
        }),
        prefix_list_ids: list(permission.prefix_list_ids, |list| {
            Some(wire::PrefixListId { prefix_list_id: list.prefix_list_id })
        }),
        user_id_group_pairs: list(permission.user_id_group_pairs, |pair| {
            Some(wire::GroupPair { group_id: pair.group_id })
        }),
    })
}

pub(super) fn network_acl(acl: ec2::NetworkAcl) -> Option<wire::NetworkAcl> {
    Some(wire::NetworkAcl {
        network_acl_id: acl.network_acl_id?,
        vpc_id: acl.vpc_id?,
        is_default: acl.is_default,
        associations: list(acl.associations, |association| {
            Some(wire::AclAssociation { subnet_id: association.subnet_id })
        }),
        entries: list(acl.entries, |entry| {
            Some(wire::AclEntry {
                rule_number: entry.rule_number,
                egress: entry.egress,
                protocol: entry.protocol,
                port_range: entry.port_range.map(|range| wire::Ports { from: range.from, to: range.to }),
                cidr_block: net(entry.cidr_block),
                ipv6_cidr_block: net(entry.ipv6_cidr_block),
                rule_action: word!(entry.rule_action),
            })
        }),
        tags: tags(acl.tags),
    })
}

pub(super) fn vpc_endpoint(endpoint: ec2::VpcEndpoint) -> Option<wire::VpcEndpoint> {
    Some(wire::VpcEndpoint {
        vpc_endpoint_id: endpoint.vpc_endpoint_id?,
        vpc_id: endpoint.vpc_id?,
        vpc_endpoint_type: word!(endpoint.vpc_endpoint_type),
        service_name: endpoint.service_name,
        state: word!(endpoint.state),
        route_table_ids: endpoint.route_table_ids,
        subnet_ids: endpoint.subnet_ids,
        groups: list(endpoint.groups, |group| Some(wire::GroupPair { group_id: group.group_id })),
        private_dns_enabled: endpoint.private_dns_enabled,
        policy_document: endpoint.policy_document,
        dns_options: endpoint.dns_options.map(|options| wire::DnsOptions {
            dns_record_ip_type: word!(options.dns_record_ip_type),
            private_dns_only_for_inbound_resolver_endpoint: options
                .private_dns_only_for_inbound_resolver_endpoint,
        }),
        network_interface_ids: endpoint.network_interface_ids,
        tags: tags(endpoint.tags),
    })
}

pub(super) fn service_detail(detail: ec2::ServiceDetail) -> Option<wire::ServiceDetail> {
    Some(wire::ServiceDetail {
        service_name: detail.service_name?,
        service_type: list(detail.service_type, |kind| {
            Some(wire::ServiceType { service_type: word!(kind.service_type) })
        }),
        availability_zones: detail.availability_zones,
        private_dns_name: detail.private_dns_name,
        private_dns_names: list(detail.private_dns_names, |name| {
            Some(wire::PrivateDnsName { private_dns_name: name.private_dns_name })
        }),
    })
}

pub(super) fn nat_gateway(nat: ec2::NatGateway) -> Option<wire::NatGateway> {
    Some(wire::NatGateway {
        nat_gateway_id: nat.nat_gateway_id?,
        vpc_id: nat.vpc_id?,
        subnet_id: nat.subnet_id,
        state: word!(nat.state),
        failure_code: nat.failure_code,
        failure_message: nat.failure_message,
        connectivity_type: word!(nat.connectivity_type),
        availability_mode: word!(nat.availability_mode),
        auto_provision_zones: word!(nat.auto_provision_zones),
        nat_gateway_addresses: list(nat.nat_gateway_addresses, |address| {
            Some(wire::NatAddress {
                availability_zone: address.availability_zone,
                private_ip: address.private_ip,
                public_ip: address.public_ip,
                status: word!(address.status),
            })
        }),
        attached_appliances: list(nat.attached_appliances, |appliance| {
            Some(wire::Appliance { attachment_state: word!(appliance.attachment_state) })
        }),
        route_table_id: nat.route_table_id,
        tags: tags(nat.tags),
    })
}

fn attachments(list: Option<Vec<ec2::InternetGatewayAttachment>>) -> List<wire::GatewayAttachment> {
    self::list(list, |attachment| {
        Some(wire::GatewayAttachment { state: word!(attachment.state), vpc_id: attachment.vpc_id })
    })
}

pub(super) fn internet_gateway(gateway: ec2::InternetGateway) -> Option<wire::InternetGateway> {
    Some(wire::InternetGateway {
        internet_gateway_id: gateway.internet_gateway_id?,
        attachments: attachments(gateway.attachments),
        tags: tags(gateway.tags),
    })
}

pub(super) fn egress_only_internet_gateway(
    gateway: ec2::EgressOnlyInternetGateway,
) -> Option<wire::EgressOnlyInternetGateway> {
    Some(wire::EgressOnlyInternetGateway {
        egress_only_internet_gateway_id: gateway.egress_only_internet_gateway_id?,
        attachments: attachments(gateway.attachments),
    })
}

pub(super) fn network_interface(interface: ec2::NetworkInterface) -> Option<wire::NetworkInterface> {
    Some(wire::NetworkInterface {
        network_interface_id: interface.network_interface_id?,
        vpc_id: interface.vpc_id,
        subnet_id: interface.subnet_id,
        private_ip_address: net(interface.private_ip_address),
        private_ip_addresses: list(interface.private_ip_addresses, |address| {
            Some(wire::PrivateIp {
                private_ip_address: net(address.private_ip_address),
                association: address
                    .association
                    .map(|association| wire::PublicIp { public_ip: association.public_ip }),
            })
        }),
        ipv6_addresses: list(interface.ipv6_addresses, |address| {
            Some(wire::Ipv6Address { ipv6_address: net(address.ipv6_address) })
        }),
        groups: list(interface.groups, |group| Some(wire::GroupPair { group_id: group.group_id })),
        interface_type: word!(interface.interface_type),
        description: interface.description,
        requester_id: interface.requester_id,
        association: interface
            .association
            .map(|association| wire::PublicIp { public_ip: association.public_ip }),
        attachment: interface
            .attachment
            .map(|attachment| wire::InterfaceAttachment { instance_id: attachment.instance_id }),
        source_dest_check: interface.source_dest_check,
        status: word!(interface.status),
    })
}

pub(super) fn peering_connection(
    connection: ec2::VpcPeeringConnection,
) -> Option<named_wire::PeeringConnection> {
    let side = |info: ec2::VpcPeeringConnectionVpcInfo| named_wire::PeeredVpc {
        vpc_id: info.vpc_id,
        owner_id: info.owner_id,
        region: info.region,
        peering_options: info.peering_options.map(|options| named_wire::PeeringOptions {
            allow_dns_resolution_from_remote_vpc: options.allow_dns_resolution_from_remote_vpc,
        }),
    };
    Some(named_wire::PeeringConnection {
        vpc_peering_connection_id: connection.vpc_peering_connection_id?,
        accepter_vpc_info: connection.accepter_vpc_info.map(side),
        requester_vpc_info: connection.requester_vpc_info.map(side),
        status: connection.status.map(|status| named_wire::PeeringStatus { code: word!(status.code) }),
    })
}

pub(super) fn prefix_list(list: ec2::ManagedPrefixList) -> Option<wire::PrefixList> {
    Some(wire::PrefixList {
        prefix_list_id: list.prefix_list_id?,
        prefix_list_name: list.prefix_list_name,
        cidrs: None,
    })
}

pub(super) fn prefix_list_entry(entry: ec2::PrefixListEntry) -> wire::PrefixListEntry {
    wire::PrefixListEntry { cidr: net(entry.cidr) }
}

pub(super) fn connector(connector: apprunner::VpcConnector) -> Option<wire::VpcConnector> {
    Some(wire::VpcConnector {
        vpc_connector_arn: connector.vpc_connector_arn?,
        vpc_connector_name: connector.vpc_connector_name,
        status: word!(connector.status),
        subnets: connector.subnets,
        security_groups: connector.security_groups,
    })
}

pub(super) fn service_summary(summary: apprunner::ServiceSummary) -> Option<wire::ServiceSummary> {
    Some(wire::ServiceSummary {
        service_arn: summary.service_arn?,
        service_name: summary.service_name,
        status: word!(summary.status),
    })
}

pub(super) fn service(service: apprunner::Service) -> wire::Service {
    wire::Service {
        service_arn: service.service_arn,
        service_name: Some(service.service_name),
        service_url: service.service_url,
        status: Some(service.status.as_str().to_owned()),
        network_configuration: service.network_configuration.map(|network| wire::NetworkConfiguration {
            egress_configuration: network.egress_configuration.map(|egress| wire::EgressConfiguration {
                egress_type: word!(egress.egress_type),
                vpc_connector_arn: egress.vpc_connector_arn,
            }),
            ingress_configuration: network.ingress_configuration.map(|ingress| wire::IngressConfiguration {
                is_publicly_accessible: Some(ingress.is_publicly_accessible),
            }),
            ip_address_type: word!(network.ip_address_type),
        }),
        health_check_configuration: service
            .health_check_configuration
            .map(|check| wire::HealthCheck { protocol: word!(check.protocol), path: check.path }),
        instance_configuration: service
            .instance_configuration
            .map(|instance| wire::InstanceConfiguration { instance_role_arn: instance.instance_role_arn }),
        source_configuration: service.source_configuration.map(|source| wire::SourceConfiguration {
            image_repository: source.image_repository.map(|image| wire::ImageRepository {
                image_identifier: Some(image.image_identifier),
                image_configuration: image.image_configuration.map(|image| wire::Settings {
                    runtime_environment_variables: sorted(image.runtime_environment_variables),
                    runtime_environment_secrets: sorted(image.runtime_environment_secrets),
                }),
            }),
            code_repository: source.code_repository.map(|code| wire::CodeRepository {
                code_configuration: code.code_configuration.map(|code| wire::CodeConfiguration {
                    configuration_source: Some(code.configuration_source.as_str().to_owned()),
                    code_configuration_values: code.code_configuration_values.map(|values| wire::Settings {
                        runtime_environment_variables: sorted(values.runtime_environment_variables),
                        runtime_environment_secrets: sorted(values.runtime_environment_secrets),
                    }),
                }),
            }),
        }),
    }
}

fn sorted(
    map: Option<std::collections::HashMap<String, String>>,
) -> Option<std::collections::BTreeMap<String, String>> {
    map.map(|map| map.into_iter().collect())
}
