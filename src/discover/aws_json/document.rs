//! The keys of AWS CLI output, and the call that each key belongs to.

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::discover::named_wire;
use crate::discover::wire::{self, List};
use crate::model::Call;

/// Each call with its AWS CLI command and the top-level key of its answer.
pub(super) const CALLS: &[(Call, &str, &str)] = &[
    (Call::ListServices, "list-services", "ServiceSummaryList"),
    (Call::DescribeService, "describe-service", "Service"),
    (Call::ListVpcConnectors, "list-vpc-connectors", "VpcConnectors"),
    (Call::DescribeVpcs, "describe-vpcs", "Vpcs"),
    (Call::DescribeVpcAttribute, "describe-vpc-attribute", "VpcAttributes"),
    (Call::DescribeDhcpOptions, "describe-dhcp-options", "DhcpOptions"),
    (Call::DescribeSubnets, "describe-subnets", "Subnets"),
    (Call::DescribeRouteTables, "describe-route-tables", "RouteTables"),
    (Call::DescribeSecurityGroups, "describe-security-groups", "SecurityGroups"),
    (Call::DescribeNetworkAcls, "describe-network-acls", "NetworkAcls"),
    (Call::DescribeVpcEndpoints, "describe-vpc-endpoints", "VpcEndpoints"),
    (Call::DescribeVpcEndpointServices, "describe-vpc-endpoint-services", "ServiceDetails"),
    (Call::DescribeNatGateways, "describe-nat-gateways", "NatGateways"),
    (Call::DescribeInternetGateways, "describe-internet-gateways", "InternetGateways"),
    (
        Call::DescribeEgressOnlyInternetGateways,
        "describe-egress-only-internet-gateways",
        "EgressOnlyInternetGateways",
    ),
    (Call::DescribeNetworkInterfaces, "describe-network-interfaces", "NetworkInterfaces"),
    (Call::DescribeManagedPrefixLists, "describe-managed-prefix-lists", "PrefixLists"),
    (Call::GetManagedPrefixListEntries, "get-managed-prefix-list-entries", "PrefixListEntries"),
    (Call::DescribeVpcPeeringConnections, "describe-vpc-peering-connections", "VpcPeeringConnections"),
    (Call::DescribeDBInstances, "describe-db-instances", "DBInstances"),
    (Call::DescribeDBClusters, "describe-db-clusters", "DBClusters"),
    (Call::DescribeDBProxies, "describe-db-proxies", "DBProxies"),
    (Call::DescribeDBProxyEndpoints, "describe-db-proxy-endpoints", "DBProxyEndpoints"),
    (Call::DescribeCacheClusters, "describe-cache-clusters", "CacheClusters"),
    (Call::DescribeReplicationGroups, "describe-replication-groups", "ReplicationGroups"),
    (Call::DescribeServerlessCaches, "describe-serverless-caches", "ServerlessCaches"),
    (Call::DescribeCacheSubnetGroups, "describe-cache-subnet-groups", "CacheSubnetGroups"),
    (Call::DescribeLoadBalancers, "describe-load-balancers", "LoadBalancers"),
];

/// The top-level keys of AWS CLI output that are read. Other keys are ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Document {
    pub vpcs: List<wire::Vpc>,
    /// The answer of `describe-vpc-encryption-controls`.
    pub vpc_encryption_controls: List<wire::VpcEncryptionControl>,
    pub subnets: List<wire::Subnet>,
    pub route_tables: List<wire::RouteTable>,
    pub security_groups: List<wire::SecurityGroup>,
    pub network_acls: List<wire::NetworkAcl>,
    pub vpc_endpoints: List<wire::VpcEndpoint>,
    pub nat_gateways: List<wire::NatGateway>,
    pub internet_gateways: List<wire::InternetGateway>,
    pub egress_only_internet_gateways: List<wire::EgressOnlyInternetGateway>,
    pub network_interfaces: List<wire::NetworkInterface>,
    pub prefix_lists: List<wire::PrefixList>,
    pub managed_prefix_lists: List<wire::PrefixList>,
    pub prefix_list_entries: List<wire::PrefixListEntries>,
    /// The answer of `get-managed-prefix-list-entries`. It does not contain the id of the list, so the file
    /// name must contain it.
    pub entries: List<wire::PrefixListEntry>,
    pub dhcp_options: List<wire::DhcpOptions>,
    pub vpc_attributes: List<wire::VpcAttribute>,
    /// The answer of `describe-vpc-attribute`: one attribute for each call.
    pub vpc_id: Option<String>,
    pub enable_dns_support: Option<wire::Switch>,
    pub enable_dns_hostnames: Option<wire::Switch>,
    pub service_details: List<wire::ServiceDetail>,
    pub service_summary_list: List<wire::ServiceSummary>,
    #[serde(default, deserialize_with = "one_or_many")]
    pub service: List<wire::Service>,
    pub vpc_connectors: List<wire::VpcConnector>,
    pub vpc_connector: Option<wire::VpcConnector>,
    pub hosted_zone_summaries: List<wire::HostedZone>,
    pub resolver_rules: List<wire::ResolverRule>,
    pub resolver_rule_associations: List<wire::ResolverRuleAssociation>,
    pub vpc_peering_connections: List<named_wire::PeeringConnection>,
    #[serde(rename = "DBInstances")]
    pub db_instances: List<named_wire::DbInstance>,
    #[serde(rename = "DBClusters")]
    pub db_clusters: List<named_wire::DbCluster>,
    #[serde(rename = "DBProxies")]
    pub db_proxies: List<named_wire::DbProxy>,
    #[serde(rename = "DBProxyEndpoints")]
    pub db_proxy_endpoints: List<named_wire::DbProxyEndpoint>,
    pub cache_clusters: List<named_wire::CacheCluster>,
    pub replication_groups: List<named_wire::ReplicationGroup>,
    pub serverless_caches: List<named_wire::ServerlessCache>,
    pub cache_subnet_groups: List<named_wire::SubnetGroup>,
    pub load_balancers: List<named_wire::LoadBalancer>,
    /// The answer of `aws elb describe-load-balancers`.
    pub load_balancer_descriptions: List<named_wire::ClassicLoadBalancer>,
    pub account: Option<String>,
    /// Set if the answer has more pages.
    pub next_token: Option<String>,
}

/// Reads a list, or a single item as a list of one.
fn one_or_many<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<List<T>, D::Error> {
    struct ItemOrList<T>(std::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemOrList<T> {
        type Value = List<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an item or a list of items")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map)).map(|item| Some(vec![item]))
        }

        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            Vec::deserialize(SeqAccessDeserializer::new(list)).map(Some)
        }
    }

    from.deserialize_any(ItemOrList(std::marker::PhantomData))
}

/// Appends the lists of one document to those of another.
macro_rules! append {
    ($into:expr, $from:expr, $($field:ident),+ $(,)?) => {$(
        if let Some(items) = $from.$field {
            $into.$field.get_or_insert_default().extend(items);
        }
    )+};
}

impl Document {
    /// Adds the answers of another document.
    pub fn extend(&mut self, other: Self) {
        append!(
            self,
            other,
            vpcs,
            vpc_encryption_controls,
            subnets,
            route_tables,
            security_groups,
            network_acls,
            vpc_endpoints,
            nat_gateways,
            internet_gateways,
            egress_only_internet_gateways,
            network_interfaces,
            prefix_lists,
            prefix_list_entries,
            dhcp_options,
            vpc_attributes,
            service_details,
            service_summary_list,
            service,
            vpc_connectors,
            hosted_zone_summaries,
            resolver_rules,
            resolver_rule_associations,
            vpc_peering_connections,
            db_instances,
            db_clusters,
            db_proxies,
            db_proxy_endpoints,
            cache_clusters,
            replication_groups,
            serverless_caches,
            cache_subnet_groups,
            load_balancers,
            load_balancer_descriptions,
        );
        self.account = self.account.take().or(other.account);
    }

    /// The described services.
    pub fn services(&self) -> impl Iterator<Item = &wire::Service> {
        self.service.iter().flatten()
    }

    /// Every call, and whether its answer is in the document.
    pub fn present_calls(&self) -> Vec<(Call, bool)> {
        vec![
            (Call::ListServices, self.service_summary_list.is_some()),
            (Call::DescribeService, self.service.is_some()),
            (Call::ListVpcConnectors, self.vpc_connectors.is_some()),
            (Call::DescribeVpcs, self.vpcs.is_some()),
            (Call::DescribeVpcAttribute, self.vpc_attributes.is_some()),
            (Call::DescribeDhcpOptions, self.dhcp_options.is_some()),
            (Call::DescribeSubnets, self.subnets.is_some()),
            (Call::DescribeRouteTables, self.route_tables.is_some()),
            (Call::DescribeSecurityGroups, self.security_groups.is_some()),
            (Call::DescribeNetworkAcls, self.network_acls.is_some()),
            (Call::DescribeVpcEndpoints, self.vpc_endpoints.is_some()),
            (Call::DescribeVpcEndpointServices, self.service_details.is_some()),
            (Call::DescribeNatGateways, self.nat_gateways.is_some()),
            (Call::DescribeInternetGateways, self.internet_gateways.is_some()),
            (Call::DescribeEgressOnlyInternetGateways, self.egress_only_internet_gateways.is_some()),
            (Call::DescribeNetworkInterfaces, self.network_interfaces.is_some()),
            (Call::DescribeManagedPrefixLists, self.prefix_lists.is_some()),
            (Call::GetManagedPrefixListEntries, self.prefix_list_entries.is_some()),
            (Call::DescribeVpcPeeringConnections, self.vpc_peering_connections.is_some()),
            (Call::DescribeDBInstances, self.db_instances.is_some()),
            (Call::DescribeDBClusters, self.db_clusters.is_some()),
            (Call::DescribeDBProxies, self.db_proxies.is_some()),
            (Call::DescribeDBProxyEndpoints, self.db_proxy_endpoints.is_some()),
            (Call::DescribeCacheClusters, self.cache_clusters.is_some()),
            (Call::DescribeReplicationGroups, self.replication_groups.is_some()),
            (Call::DescribeServerlessCaches, self.serverless_caches.is_some()),
            (Call::DescribeCacheSubnetGroups, self.cache_subnet_groups.is_some()),
            (Call::DescribeLoadBalancers, self.load_balancers.is_some()),
        ]
    }

    /// Whether the document contains any answer of the AWS CLI.
    pub fn has_answer(&self) -> bool {
        self.account.is_some()
            || self.vpc_encryption_controls.is_some()
            || self.hosted_zone_summaries.is_some()
            || self.resolver_rules.is_some()
            || self.resolver_rule_associations.is_some()
            || self.load_balancer_descriptions.is_some()
            || self.present_calls().iter().any(|(_, present)| *present)
    }

    /// Whether the answer of this call is not needed because another answer contains the same data.
    ///
    /// Prefix list entries are checked for each list in use, after all files are read.
    pub fn is_redundant(&self, call: Call) -> bool {
        match call {
            Call::ListServices => self.service.is_some(),
            Call::DescribeService => self.service_summary_list.as_ref().is_none_or(Vec::is_empty),
            // Without a peering connection, no verdict needs its answer. The routes of a peer VPC name the connection.
            Call::GetManagedPrefixListEntries | Call::DescribeVpcPeeringConnections => true,
            // Only a name that needs such an answer asks for it.
            call => call.has_host_names(),
        }
    }
}
