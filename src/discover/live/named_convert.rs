//! Converts the types of the SDKs of RDS, `ElastiCache` and Elastic Load Balancing to `named_wire` types. Copies fields only; an
//! item without an id is skipped.

use aws_sdk_elasticache::types as cache;
use aws_sdk_elasticloadbalancingv2::types as elb;
use aws_sdk_rds::types as rds;

use super::convert::{list, word};
use crate::discover::named_wire as wire;

fn port(port: Option<i32>) -> Option<u16> {
    port.and_then(|port| port.try_into().ok())
}

fn db_groups(groups: Option<Vec<rds::VpcSecurityGroupMembership>>) -> Option<Vec<wire::VpcSecurityGroup>> {
    list(groups, |group| Some(wire::VpcSecurityGroup { vpc_security_group_id: group.vpc_security_group_id }))
}

fn secret(secret: Option<rds::MasterUserSecret>) -> Option<wire::MasterUserSecret> {
    secret.map(|secret| wire::MasterUserSecret { secret_arn: secret.secret_arn })
}

pub(super) fn db_instance(instance: rds::DbInstance) -> Option<wire::DbInstance> {
    Some(wire::DbInstance {
        identifier: instance.db_instance_identifier?,
        arn: instance.db_instance_arn,
        engine: instance.engine,
        status: instance.db_instance_status,
        endpoint: instance
            .endpoint
            .map(|endpoint| wire::Endpoint { address: endpoint.address, port: port(endpoint.port) }),
        availability_zone: instance.availability_zone,
        secondary_availability_zone: instance.secondary_availability_zone,
        vpc_security_groups: db_groups(instance.vpc_security_groups),
        subnet_group: instance.db_subnet_group.map(|group| wire::SubnetGroup {
            cache_subnet_group_name: None,
            vpc_id: group.vpc_id,
            subnets: list(group.subnets, |subnet| {
                Some(wire::SubnetOfGroup { subnet_identifier: subnet.subnet_identifier })
            }),
        }),
        publicly_accessible: instance.publicly_accessible,
        master_user_secret: secret(instance.master_user_secret),
        network_type: instance.network_type,
    })
}

pub(super) fn db_cluster(cluster: rds::DbCluster) -> Option<wire::DbCluster> {
    Some(wire::DbCluster {
        identifier: cluster.db_cluster_identifier?,
        arn: cluster.db_cluster_arn,
        engine: cluster.engine,
        status: cluster.status,
        endpoint: cluster.endpoint,
        reader_endpoint: cluster.reader_endpoint,
        custom_endpoints: cluster.custom_endpoints,
        port: port(cluster.port),
        vpc_security_groups: db_groups(cluster.vpc_security_groups),
        members: list(cluster.db_cluster_members, |member| {
            Some(wire::DbClusterMember {
                instance: member.db_instance_identifier,
                is_writer: member.is_cluster_writer,
            })
        }),
        publicly_accessible: cluster.publicly_accessible,
        master_user_secret: secret(cluster.master_user_secret),
        network_type: cluster.network_type,
    })
}

pub(super) fn db_proxy(proxy: rds::DbProxy) -> Option<wire::DbProxy> {
    Some(wire::DbProxy {
        name: proxy.db_proxy_name?,
        arn: proxy.db_proxy_arn,
        status: word!(proxy.status),
        engine_family: proxy.engine_family,
        vpc_id: proxy.vpc_id,
        vpc_security_group_ids: proxy.vpc_security_group_ids,
        vpc_subnet_ids: proxy.vpc_subnet_ids,
        require_tls: proxy.require_tls,
        endpoint: proxy.endpoint,
    })
}

pub(super) fn db_proxy_endpoint(endpoint: rds::DbProxyEndpoint) -> Option<wire::DbProxyEndpoint> {
    Some(wire::DbProxyEndpoint {
        name: endpoint.db_proxy_endpoint_name?,
        arn: endpoint.db_proxy_endpoint_arn,
        proxy: endpoint.db_proxy_name,
        status: word!(endpoint.status),
        vpc_id: endpoint.vpc_id,
        vpc_security_group_ids: endpoint.vpc_security_group_ids,
        vpc_subnet_ids: endpoint.vpc_subnet_ids,
        endpoint: endpoint.endpoint,
    })
}

fn cache_endpoint(endpoint: Option<cache::Endpoint>) -> Option<wire::Endpoint> {
    endpoint.map(|endpoint| wire::Endpoint { address: endpoint.address, port: port(endpoint.port) })
}

pub(super) fn cache_cluster(cluster: cache::CacheCluster) -> Option<wire::CacheCluster> {
    Some(wire::CacheCluster {
        cache_cluster_id: cluster.cache_cluster_id?,
        arn: cluster.arn,
        engine: cluster.engine,
        cache_cluster_status: cluster.cache_cluster_status,
        cache_nodes: list(cluster.cache_nodes, |node| {
            Some(wire::CacheNode { endpoint: cache_endpoint(node.endpoint) })
        }),
        configuration_endpoint: cache_endpoint(cluster.configuration_endpoint),
        cache_subnet_group_name: cluster.cache_subnet_group_name,
        security_groups: list(cluster.security_groups, |group| {
            Some(wire::CacheSecurityGroup { security_group_id: group.security_group_id })
        }),
        replication_group_id: cluster.replication_group_id,
        transit_encryption_enabled: cluster.transit_encryption_enabled,
        transit_encryption_mode: word!(cluster.transit_encryption_mode),
    })
}

pub(super) fn replication_group(group: cache::ReplicationGroup) -> Option<wire::ReplicationGroup> {
    Some(wire::ReplicationGroup {
        replication_group_id: group.replication_group_id?,
        arn: group.arn,
        engine: group.engine,
        status: group.status,
        member_clusters: group.member_clusters,
        node_groups: list(group.node_groups, |shard| {
            Some(wire::NodeGroup {
                primary_endpoint: cache_endpoint(shard.primary_endpoint),
                reader_endpoint: cache_endpoint(shard.reader_endpoint),
                node_group_members: list(shard.node_group_members, |member| {
                    Some(wire::NodeGroupMember {
                        read_endpoint: cache_endpoint(member.read_endpoint),
                        cache_cluster_id: member.cache_cluster_id,
                        current_role: member.current_role,
                    })
                }),
            })
        }),
        configuration_endpoint: cache_endpoint(group.configuration_endpoint),
        transit_encryption_enabled: group.transit_encryption_enabled,
        transit_encryption_mode: word!(group.transit_encryption_mode),
        network_type: word!(group.network_type),
    })
}

pub(super) fn serverless_cache(cache: cache::ServerlessCache) -> Option<wire::ServerlessCache> {
    Some(wire::ServerlessCache {
        serverless_cache_name: cache.serverless_cache_name?,
        arn: cache.arn,
        engine: cache.engine,
        status: cache.status,
        endpoint: cache_endpoint(cache.endpoint),
        reader_endpoint: cache_endpoint(cache.reader_endpoint),
        security_group_ids: cache.security_group_ids,
        subnet_ids: cache.subnet_ids,
    })
}

pub(super) fn cache_subnet_group(group: cache::CacheSubnetGroup) -> Option<wire::SubnetGroup> {
    Some(wire::SubnetGroup {
        cache_subnet_group_name: Some(group.cache_subnet_group_name?),
        vpc_id: group.vpc_id,
        subnets: list(group.subnets, |subnet| {
            Some(wire::SubnetOfGroup { subnet_identifier: subnet.subnet_identifier })
        }),
    })
}

pub(super) fn load_balancer(balancer: elb::LoadBalancer) -> Option<wire::LoadBalancer> {
    Some(wire::LoadBalancer {
        load_balancer_arn: balancer.load_balancer_arn?,
        dns_name: balancer.dns_name,
        load_balancer_name: balancer.load_balancer_name,
        scheme: word!(balancer.scheme),
        vpc_id: balancer.vpc_id,
        state: balancer.state.map(|state| wire::LoadBalancerState { code: word!(state.code) }),
        kind: word!(balancer.r#type),
        availability_zones: list(balancer.availability_zones, |zone| {
            Some(wire::LoadBalancerZone { subnet_id: zone.subnet_id })
        }),
        security_groups: balancer.security_groups,
    })
}
