//! The answers of AWS in the structure in which the API returns them and the AWS CLI prints them.
//!
//! Contains only the fields that are used. Every field except the id of an item may be missing. Enum values
//! are text, so that values that AWS adds later are kept.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

/// A list that may be missing or null.
pub(super) type List<T> = Option<Vec<T>>;

macro_rules! wire {
    ($($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty,)* })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(rename_all = "PascalCase")]
        #[allow(clippy::struct_field_names, reason = "AWS's names")]
        pub(super) struct $name { $(pub $field: $type,)* }
    )+};
}

wire! {
    /// A tag.
    Tag { key: String, value: Option<String>, }

    /// `DescribeVpcs`
    Vpc {
        vpc_id: String,
        cidr_block: Option<Ipv4Net>,
        cidr_block_association_set: List<CidrBlock>,
        ipv6_cidr_block_association_set: List<Ipv6CidrBlock>,
        dhcp_options_id: Option<String>,
        encryption_control: Option<EncryptionControl>,
        tags: List<Tag>,
    }
    /// An IPv4 CIDR block of a VPC.
    CidrBlock { cidr_block: Option<Ipv4Net>, cidr_block_state: Option<BlockState>, }
    /// An IPv6 CIDR block of a VPC or subnet.
    Ipv6CidrBlock { ipv6_cidr_block: Option<Ipv6Net>, ipv6_cidr_block_state: Option<BlockState>, }
    /// The association state of a CIDR block.
    BlockState { state: Option<String>, }
    /// A VPC's encryption control.
    EncryptionControl { mode: Option<String>, }
    /// `DescribeVpcEncryptionControls`: the encryption control of one VPC.
    VpcEncryptionControl { vpc_id: Option<String>, mode: Option<String>, state: Option<String>, }

    /// `DescribeVpcAttribute`: one attribute, or both attributes merged.
    VpcAttribute {
        vpc_id: String,
        enable_dns_support: Option<Switch>,
        enable_dns_hostnames: Option<Switch>,
    }

    /// `DescribeDhcpOptions`
    DhcpOptions { dhcp_options_id: String, dhcp_configurations: List<DhcpConfiguration>, }
    /// One option of a DHCP option set.
    DhcpConfiguration { key: Option<String>, values: List<Text>, }
    /// `{"Value": "…"}`
    Text { value: Option<String>, }

    /// `DescribeSubnets`
    Subnet {
        subnet_id: String,
        vpc_id: String,
        availability_zone: Option<String>,
        cidr_block: Option<Ipv4Net>,
        ipv6_cidr_block_association_set: List<Ipv6CidrBlock>,
        available_ip_address_count: Option<i64>,
        map_public_ip_on_launch: Option<bool>,
        default_for_az: Option<bool>,
        owner_id: Option<String>,
        block_public_access_states: Option<BlockPublicAccessStates>,
        tags: List<Tag>,
    }
    /// VPC Block Public Access for a subnet.
    BlockPublicAccessStates { internet_gateway_block_mode: Option<String>, }

    /// `DescribeRouteTables`
    RouteTable {
        route_table_id: String,
        vpc_id: String,
        associations: List<Association>,
        routes: List<Route>,
        tags: List<Tag>,
    }
    /// An association of a route table.
    Association { main: Option<bool>, subnet_id: Option<String>, }
    /// A route.
    Route {
        destination_cidr_block: Option<Ipv4Net>,
        destination_ipv6_cidr_block: Option<Ipv6Net>,
        destination_prefix_list_id: Option<String>,
        gateway_id: Option<String>,
        nat_gateway_id: Option<String>,
        transit_gateway_id: Option<String>,
        vpc_peering_connection_id: Option<String>,
        egress_only_internet_gateway_id: Option<String>,
        core_network_arn: Option<String>,
        odb_network_arn: Option<String>,
        local_gateway_id: Option<String>,
        carrier_gateway_id: Option<String>,
        network_interface_id: Option<String>,
        instance_id: Option<String>,
        state: Option<String>,
        origin: Option<String>,
    }

    /// `DescribeSecurityGroups`
    SecurityGroup {
        group_id: String,
        group_name: Option<String>,
        vpc_id: Option<String>,
        ip_permissions: List<Permission>,
        ip_permissions_egress: List<Permission>,
        tags: List<Tag>,
    }
    /// Security group rules of one protocol and port range.
    Permission {
        ip_protocol: Option<String>,
        from_port: Option<i32>,
        to_port: Option<i32>,
        ip_ranges: List<IpRange>,
        ipv6_ranges: List<Ipv6Range>,
        prefix_list_ids: List<PrefixListId>,
        user_id_group_pairs: List<GroupPair>,
    }
    /// An IPv4 CIDR block of a rule.
    IpRange { cidr_ip: Option<Ipv4Net>, }
    /// An IPv6 CIDR block of a rule.
    Ipv6Range { cidr_ipv6: Option<Ipv6Net>, }
    /// A prefix list of a rule.
    PrefixListId { prefix_list_id: Option<String>, }
    /// A security group, as a peer of a rule or attached to a resource.
    GroupPair { group_id: Option<String>, }

    /// `DescribeNetworkAcls`
    NetworkAcl {
        network_acl_id: String,
        vpc_id: String,
        is_default: Option<bool>,
        associations: List<AclAssociation>,
        entries: List<AclEntry>,
        tags: List<Tag>,
    }
    /// A subnet that uses a network ACL.
    AclAssociation { subnet_id: Option<String>, }
    /// A network ACL rule.
    AclEntry {
        rule_number: Option<i32>,
        egress: Option<bool>,
        protocol: Option<String>,
        port_range: Option<Ports>,
        cidr_block: Option<Ipv4Net>,
        ipv6_cidr_block: Option<Ipv6Net>,
        rule_action: Option<String>,
    }
    /// Port range of a network ACL rule.
    Ports { from: Option<i32>, to: Option<i32>, }

    /// `DescribeVpcEndpoints`
    VpcEndpoint {
        vpc_endpoint_id: String,
        vpc_id: String,
        vpc_endpoint_type: Option<String>,
        service_name: Option<String>,
        state: Option<String>,
        route_table_ids: List<String>,
        subnet_ids: List<String>,
        groups: List<GroupPair>,
        private_dns_enabled: Option<bool>,
        policy_document: Option<String>,
        dns_options: Option<DnsOptions>,
        network_interface_ids: List<String>,
        tags: List<Tag>,
    }
    /// DNS options of an interface endpoint.
    DnsOptions {
        dns_record_ip_type: Option<String>,
        private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    }

    /// `DescribeVpcEndpointServices`
    ServiceDetail {
        service_name: String,
        service_type: List<ServiceType>,
        availability_zones: List<String>,
        private_dns_name: Option<String>,
        private_dns_names: List<PrivateDnsName>,
    }
    /// An endpoint type that the service supports.
    ServiceType { service_type: Option<String>, }
    /// A DNS name that private DNS resolves to the endpoint.
    PrivateDnsName { private_dns_name: Option<String>, }

    /// `DescribeNatGateways`
    NatGateway {
        nat_gateway_id: String,
        vpc_id: String,
        subnet_id: Option<String>,
        state: Option<String>,
        failure_code: Option<String>,
        failure_message: Option<String>,
        connectivity_type: Option<String>,
        availability_mode: Option<String>,
        auto_provision_zones: Option<String>,
        nat_gateway_addresses: List<NatAddress>,
        attached_appliances: List<Appliance>,
        route_table_id: Option<String>,
        tags: List<Tag>,
    }
    /// An IP address of a NAT gateway.
    NatAddress {
        availability_zone: Option<String>,
        private_ip: Option<String>,
        public_ip: Option<String>,
        status: Option<String>,
    }
    /// An appliance that is attached to a NAT gateway.
    Appliance { attachment_state: Option<String>, }

    /// `DescribeInternetGateways`
    InternetGateway {
        internet_gateway_id: String,
        attachments: List<GatewayAttachment>,
        tags: List<Tag>,
    }
    /// `DescribeEgressOnlyInternetGateways`
    EgressOnlyInternetGateway {
        egress_only_internet_gateway_id: String,
        attachments: List<GatewayAttachment>,
    }
    /// The VPC that a gateway is attached to.
    GatewayAttachment { state: Option<String>, vpc_id: Option<String>, }

    /// `DescribeNetworkInterfaces`
    NetworkInterface {
        network_interface_id: String,
        vpc_id: Option<String>,
        subnet_id: Option<String>,
        private_ip_address: Option<Ipv4Addr>,
        private_ip_addresses: List<PrivateIp>,
        ipv6_addresses: List<Ipv6Address>,
        groups: List<GroupPair>,
        interface_type: Option<String>,
        description: Option<String>,
        requester_id: Option<String>,
        association: Option<PublicIp>,
        attachment: Option<InterfaceAttachment>,
        source_dest_check: Option<bool>,
        status: Option<String>,
    }
    /// A private IPv4 address.
    PrivateIp { private_ip_address: Option<Ipv4Addr>, association: Option<PublicIp>, }
    /// The attachment of a network interface.
    InterfaceAttachment { instance_id: Option<String>, }
    /// An IPv6 address.
    Ipv6Address { ipv6_address: Option<Ipv6Addr>, }
    /// A public IPv4 address.
    PublicIp { public_ip: Option<String>, }

    /// `DescribeManagedPrefixLists`; `DescribePrefixLists` also returns the CIDR blocks.
    PrefixList {
        prefix_list_id: String,
        prefix_list_name: Option<String>,
        cidrs: List<IpNet>,
    }
    /// `GetManagedPrefixListEntries` with the id of the list, which the answer of AWS does not contain.
    PrefixListEntries { prefix_list_id: String, entries: Vec<PrefixListEntry>, }
    /// A CIDR block of a prefix list.
    PrefixListEntry { cidr: Option<IpNet>, }

    /// `ListHostedZonesByVPC`
    HostedZone { name: Option<String>, }

    /// `ListResolverRules`
    ResolverRule { id: String, domain_name: Option<String>, rule_type: Option<String>, }

    /// `ListVpcConnectors`
    VpcConnector {
        vpc_connector_arn: String,
        vpc_connector_name: Option<String>,
        status: Option<String>,
        subnets: List<String>,
        security_groups: List<String>,
    }
    /// `ListServices`
    ServiceSummary {
        service_arn: String,
        service_name: Option<String>,
        status: Option<String>,
    }
    /// `DescribeService`
    Service {
        service_arn: String,
        service_name: Option<String>,
        service_url: Option<String>,
        status: Option<String>,
        network_configuration: Option<NetworkConfiguration>,
        health_check_configuration: Option<HealthCheck>,
        source_configuration: Option<SourceConfiguration>,
        instance_configuration: Option<InstanceConfiguration>,
    }
    /// Instance settings of a service.
    InstanceConfiguration { instance_role_arn: Option<String>, }
    /// Network settings of a service.
    NetworkConfiguration {
        egress_configuration: Option<EgressConfiguration>,
        ingress_configuration: Option<IngressConfiguration>,
        ip_address_type: Option<String>,
    }
    /// Outgoing traffic of a service.
    EgressConfiguration { egress_type: Option<String>, vpc_connector_arn: Option<String>, }
    /// Incoming traffic of a service.
    IngressConfiguration { is_publicly_accessible: Option<bool>, }
    /// Health check of a service.
    HealthCheck { protocol: Option<String>, path: Option<String>, }
    /// Source of the code of a service.
    SourceConfiguration {
        image_repository: Option<ImageRepository>,
        code_repository: Option<CodeRepository>,
    }
    /// A container image.
    ImageRepository { image_identifier: Option<String>, image_configuration: Option<Settings>, }
    /// A source code repository.
    CodeRepository { code_configuration: Option<CodeConfiguration>, }
    /// Build and run settings of source code.
    CodeConfiguration {
        configuration_source: Option<String>,
        code_configuration_values: Option<Settings>,
    }
    /// Environment of a service. `interpret` keeps only host names of the values, not the values.
    Settings {
        runtime_environment_variables: Option<BTreeMap<String, String>>,
        runtime_environment_secrets: Option<BTreeMap<String, String>>,
    }
}

/// `{"Value": true}`, or a plain boolean.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Switch {
    /// The format of the API.
    Wrapped {
        /// Whether the attribute is on.
        #[serde(rename = "Value")]
        value: bool,
    },
    /// A plain boolean.
    Plain(bool),
}

impl Switch {
    /// Whether the attribute is on.
    pub fn is_on(self) -> bool {
        match self {
            Self::Wrapped { value } | Self::Plain(value) => value,
        }
    }
}

/// `ListResolverRuleAssociations`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ResolverRuleAssociation {
    pub resolver_rule_id: Option<String>,
    #[serde(rename = "VPCId")]
    pub vpc_id: Option<String>,
    pub status: Option<String>,
}
