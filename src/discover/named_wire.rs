//! The answers of RDS, `ElastiCache` and Elastic Load Balancing in the structure in which the AWS CLI prints them.
//!
//! Contains only the fields that are used. Every field except the id of an item may be missing.

use serde::Deserialize;

use super::wire::List;

/// `{"Address": "…", "Port": 5432}`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct Endpoint {
    pub address: Option<String>,
    pub port: Option<u16>,
}

/// A security group of RDS.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct VpcSecurityGroup {
    pub vpc_security_group_id: Option<String>,
}

/// A subnet group of RDS or `ElastiCache`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct SubnetGroup {
    /// The name of a subnet group of `ElastiCache`.
    pub cache_subnet_group_name: Option<String>,
    pub vpc_id: Option<String>,
    pub subnets: List<SubnetOfGroup>,
}

/// A subnet of a subnet group.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct SubnetOfGroup {
    pub subnet_identifier: Option<String>,
}

/// `DescribeDBInstances`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct DbInstance {
    #[serde(rename = "DBInstanceIdentifier")]
    pub identifier: String,
    #[serde(rename = "DBInstanceArn")]
    pub arn: Option<String>,
    pub engine: Option<String>,
    #[serde(rename = "DBInstanceStatus")]
    pub status: Option<String>,
    pub endpoint: Option<Endpoint>,
    pub availability_zone: Option<String>,
    pub secondary_availability_zone: Option<String>,
    pub vpc_security_groups: List<VpcSecurityGroup>,
    #[serde(rename = "DBSubnetGroup")]
    pub subnet_group: Option<SubnetGroup>,
    pub publicly_accessible: Option<bool>,
    pub master_user_secret: Option<MasterUserSecret>,
    pub network_type: Option<String>,
}

/// The secret that RDS manages for the master user. AWS returns its ARN, never its value.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MasterUserSecret {
    pub secret_arn: Option<String>,
}

/// `DescribeDBClusters`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct DbCluster {
    #[serde(rename = "DBClusterIdentifier")]
    pub identifier: String,
    #[serde(rename = "DBClusterArn")]
    pub arn: Option<String>,
    pub engine: Option<String>,
    pub status: Option<String>,
    pub endpoint: Option<String>,
    pub reader_endpoint: Option<String>,
    pub custom_endpoints: List<String>,
    pub port: Option<u16>,
    pub vpc_security_groups: List<VpcSecurityGroup>,
    #[serde(rename = "DBClusterMembers")]
    pub members: List<DbClusterMember>,
    pub publicly_accessible: Option<bool>,
    pub master_user_secret: Option<MasterUserSecret>,
    pub network_type: Option<String>,
}

/// An instance of a DB cluster.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct DbClusterMember {
    #[serde(rename = "DBInstanceIdentifier")]
    pub instance: Option<String>,
    #[serde(rename = "IsClusterWriter")]
    pub is_writer: Option<bool>,
}

/// `DescribeDBProxies`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct DbProxy {
    #[serde(rename = "DBProxyName")]
    pub name: String,
    #[serde(rename = "DBProxyArn")]
    pub arn: Option<String>,
    pub status: Option<String>,
    pub engine_family: Option<String>,
    pub vpc_id: Option<String>,
    pub vpc_security_group_ids: List<String>,
    pub vpc_subnet_ids: List<String>,
    #[serde(rename = "RequireTLS")]
    pub require_tls: Option<bool>,
    pub endpoint: Option<String>,
}

/// `DescribeDBProxyEndpoints`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct DbProxyEndpoint {
    #[serde(rename = "DBProxyEndpointName")]
    pub name: String,
    #[serde(rename = "DBProxyEndpointArn")]
    pub arn: Option<String>,
    #[serde(rename = "DBProxyName")]
    pub proxy: Option<String>,
    pub status: Option<String>,
    pub vpc_id: Option<String>,
    pub vpc_security_group_ids: List<String>,
    pub vpc_subnet_ids: List<String>,
    pub endpoint: Option<String>,
}

/// `DescribeCacheClusters`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct CacheCluster {
    pub cache_cluster_id: String,
    #[serde(rename = "ARN")]
    pub arn: Option<String>,
    pub engine: Option<String>,
    pub cache_cluster_status: Option<String>,
    pub cache_nodes: List<CacheNode>,
    pub configuration_endpoint: Option<Endpoint>,
    pub cache_subnet_group_name: Option<String>,
    pub security_groups: List<CacheSecurityGroup>,
    pub replication_group_id: Option<String>,
    pub transit_encryption_enabled: Option<bool>,
    pub transit_encryption_mode: Option<String>,
}

/// A node of a cache cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct CacheNode {
    pub endpoint: Option<Endpoint>,
}

/// A security group of a cache cluster.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct CacheSecurityGroup {
    pub security_group_id: Option<String>,
}

/// `DescribeReplicationGroups`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct ReplicationGroup {
    pub replication_group_id: String,
    #[serde(rename = "ARN")]
    pub arn: Option<String>,
    pub engine: Option<String>,
    pub status: Option<String>,
    pub member_clusters: List<String>,
    pub node_groups: List<NodeGroup>,
    pub configuration_endpoint: Option<Endpoint>,
    pub transit_encryption_enabled: Option<bool>,
    pub transit_encryption_mode: Option<String>,
    pub network_type: Option<String>,
}

/// A shard of a replication group.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct NodeGroup {
    pub primary_endpoint: Option<Endpoint>,
    pub reader_endpoint: Option<Endpoint>,
    pub node_group_members: List<NodeGroupMember>,
}

/// A node of a shard.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct NodeGroupMember {
    pub read_endpoint: Option<Endpoint>,
    pub cache_cluster_id: Option<String>,
    pub current_role: Option<String>,
}

/// `DescribeServerlessCaches`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct ServerlessCache {
    pub serverless_cache_name: String,
    #[serde(rename = "ARN")]
    pub arn: Option<String>,
    pub engine: Option<String>,
    pub status: Option<String>,
    pub endpoint: Option<Endpoint>,
    pub reader_endpoint: Option<Endpoint>,
    pub security_group_ids: List<String>,
    pub subnet_ids: List<String>,
}

/// `DescribeLoadBalancers` of Elastic Load Balancing v2
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct LoadBalancer {
    pub load_balancer_arn: String,
    #[serde(rename = "DNSName")]
    pub dns_name: Option<String>,
    pub load_balancer_name: Option<String>,
    pub scheme: Option<String>,
    pub vpc_id: Option<String>,
    pub state: Option<LoadBalancerState>,
    #[serde(rename = "Type")]
    pub kind: Option<String>,
    pub availability_zones: List<LoadBalancerZone>,
    pub security_groups: List<String>,
}

/// `DescribeLoadBalancers` of the first version of Elastic Load Balancing: a Classic Load Balancer
/// (<https://docs.aws.amazon.com/elasticloadbalancing/2012-06-01/APIReference/API_LoadBalancerDescription.html>)
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct ClassicLoadBalancer {
    pub load_balancer_name: String,
    #[serde(rename = "DNSName")]
    pub dns_name: Option<String>,
    pub scheme: Option<String>,
    #[serde(rename = "VPCId")]
    pub vpc_id: Option<String>,
    pub subnets: List<String>,
    pub security_groups: List<String>,
    pub listener_descriptions: List<ListenerDescription>,
}

/// A listener of a Classic Load Balancer, with its policies.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct ListenerDescription {
    pub listener: Option<Listener>,
}

/// A listener of a Classic Load Balancer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct Listener {
    pub load_balancer_port: Option<u16>,
}

/// The state of a load balancer.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct LoadBalancerState {
    pub code: Option<String>,
}

/// The subnet of a load balancer in an AZ.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct LoadBalancerZone {
    pub subnet_id: Option<String>,
}

/// `DescribeVpcPeeringConnections`
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct PeeringConnection {
    pub vpc_peering_connection_id: String,
    pub accepter_vpc_info: Option<PeeredVpc>,
    pub requester_vpc_info: Option<PeeredVpc>,
    pub status: Option<PeeringStatus>,
}

/// One VPC of a peering connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct PeeredVpc {
    pub vpc_id: Option<String>,
    pub owner_id: Option<String>,
    pub region: Option<String>,
    pub peering_options: Option<PeeringOptions>,
}

/// The options of one VPC of a peering connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PeeringOptions {
    pub allow_dns_resolution_from_remote_vpc: Option<bool>,
}

/// The state of a peering connection.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
#[allow(clippy::struct_field_names, reason = "AWS's names")]
pub(super) struct PeeringStatus {
    pub code: Option<String>,
}
