//! Databases, caches, proxies and load balancers with their host names, and VPC peering connections.

use super::fields::{each, is_gone};
use crate::discover::named_wire as wire;
use crate::discover::wire::List;
use crate::model::{
    AvailabilityZone, NamedResource, NamedResourceKind, PeeringConnection, Place, ResourceHost, ResourceId,
    SecurityGroupId, SubnetId, VpcId,
};

/// The answers that describe named resources. They refer to each other.
#[derive(Clone, Default)]
pub(in crate::discover) struct NamedAnswers {
    pub db_instances: List<wire::DbInstance>,
    pub db_clusters: List<wire::DbCluster>,
    pub db_proxies: List<wire::DbProxy>,
    pub db_proxy_endpoints: List<wire::DbProxyEndpoint>,
    pub cache_clusters: List<wire::CacheCluster>,
    pub replication_groups: List<wire::ReplicationGroup>,
    pub serverless_caches: List<wire::ServerlessCache>,
    pub cache_subnet_groups: List<wire::SubnetGroup>,
    pub load_balancers: List<wire::LoadBalancer>,
    pub classic_load_balancers: List<wire::ClassicLoadBalancer>,
}

/// A VPC peering connection; `None` if it is deleted or has not two VPCs.
pub(in crate::discover) fn peering_connection(peering: wire::PeeringConnection) -> Option<PeeringConnection> {
    let state = peering.status.and_then(|status| status.code);
    if is_gone(state.as_deref()) {
        return None;
    }
    let side = |info: Option<wire::PeeredVpc>| {
        let wire::PeeredVpc { vpc_id, owner_id, region, peering_options } = info?;
        let place = owner_id.zip(region).map(|(account, region)| Place { account, region: region.into() });
        let resolves = peering_options.and_then(|options| options.allow_dns_resolution_from_remote_vpc);
        Some((VpcId::from(vpc_id?), place, resolves))
    };
    let (requester, accepter) = (side(peering.requester_vpc_info)?, side(peering.accepter_vpc_info)?);
    Some(PeeringConnection {
        id: ResourceId::new(peering.vpc_peering_connection_id),
        vpcs: [requester.0, accepter.0],
        places: [requester.1, accepter.1],
        resolves_names: [requester.2, accepter.2],
        state: state.as_deref().map(Into::into).unwrap_or_default(),
    })
}

impl NamedAnswers {
    /// These answers, and those of another reading that are not among them.
    #[cfg(feature = "live")]
    pub fn or(self, other: Self) -> Self {
        Self {
            db_instances: self.db_instances.or(other.db_instances),
            db_clusters: self.db_clusters.or(other.db_clusters),
            db_proxies: self.db_proxies.or(other.db_proxies),
            db_proxy_endpoints: self.db_proxy_endpoints.or(other.db_proxy_endpoints),
            cache_clusters: self.cache_clusters.or(other.cache_clusters),
            replication_groups: self.replication_groups.or(other.replication_groups),
            serverless_caches: self.serverless_caches.or(other.serverless_caches),
            cache_subnet_groups: self.cache_subnet_groups.or(other.cache_subnet_groups),
            load_balancers: self.load_balancers.or(other.load_balancers),
            classic_load_balancers: self.classic_load_balancers.or(other.classic_load_balancers),
        }
    }

    /// The resources that the answers describe.
    pub fn resources(self) -> Vec<NamedResource> {
        let mut resources: Vec<NamedResource> = Vec::new();
        resources.extend(each(self.db_instances.clone()).map(db_instance));
        let instances = self.db_instances.unwrap_or_default();
        resources.extend(each(self.db_clusters).map(|cluster| db_cluster(cluster, &instances)));
        let proxies = self.db_proxies.unwrap_or_default();
        resources.extend(each(self.db_proxy_endpoints).map(|endpoint| proxy_endpoint(endpoint, &proxies)));
        resources.extend(proxies.into_iter().map(db_proxy));
        let groups = self.cache_subnet_groups.unwrap_or_default();
        let clusters = self.cache_clusters.unwrap_or_default();
        let replication = each(self.replication_groups);
        resources.extend(replication.map(|group| replication_group(group, &clusters, &groups)));
        resources.extend(clusters.into_iter().map(|cluster| cache_cluster(cluster, &groups)));
        resources.extend(each(self.serverless_caches).map(serverless_cache));
        resources.extend(each(self.load_balancers).map(load_balancer));
        resources.extend(each(self.classic_load_balancers).map(classic_load_balancer));
        resources
    }
}

/// A resource without any fact but its id, kind and name.
fn resource(arn: Option<String>, kind: NamedResourceKind, name: String) -> NamedResource {
    let id = arn.unwrap_or_else(|| format!("{kind} {name}"));
    NamedResource {
        id: ResourceId::new(id),
        kind,
        name,
        hosts: Vec::new(),
        engine: None,
        state: None,
        vpc: None,
        subnets: Vec::new(),
        zone: None,
        standby: None,
        security_groups: Vec::new(),
        public: None,
        requires_tls: None,
        descriptions: Vec::new(),
        secret: None,
        dual_stack: None,
    }
}

fn secret_of(secret: Option<wire::MasterUserSecret>) -> Option<ResourceId> {
    secret.and_then(|secret| secret.secret_arn).map(ResourceId::new)
}

fn host(name: &str, port: Option<u16>) -> ResourceHost {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    ResourceHost { name, port, ..ResourceHost::default() }
}

/// Whether the names have addresses of both families
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.IP_addressing>).
/// `None` if no type was read.
fn is_dual_stack(network_type: Option<&str>) -> Option<bool> {
    network_type.map(|kind| kind.eq_ignore_ascii_case("DUAL") || kind == "dual_stack")
}

fn host_of(endpoint: &wire::Endpoint) -> Option<ResourceHost> {
    Some(host(endpoint.address.as_deref()?, endpoint.port))
}

fn groups_of(groups: List<wire::VpcSecurityGroup>) -> Vec<SecurityGroupId> {
    each(groups).filter_map(|group| group.vpc_security_group_id).map(SecurityGroupId::from).collect()
}

fn subnets_of(group: Option<&wire::SubnetGroup>) -> Vec<SubnetId> {
    let subnets = group.and_then(|group| group.subnets.clone());
    each(subnets).filter_map(|subnet| subnet.subnet_identifier).map(SubnetId::from).collect()
}

fn vpc_of(group: Option<&wire::SubnetGroup>) -> Option<VpcId> {
    group.and_then(|group| group.vpc_id.clone()).map(VpcId::from)
}

fn db_instance(instance: wire::DbInstance) -> NamedResource {
    let group = instance.subnet_group.as_ref();
    NamedResource {
        hosts: instance.endpoint.iter().filter_map(host_of).collect(),
        engine: instance.engine,
        state: instance.status,
        vpc: vpc_of(group),
        subnets: subnets_of(group),
        zone: instance.availability_zone.map(AvailabilityZone::from),
        standby: instance.secondary_availability_zone.map(AvailabilityZone::from),
        security_groups: groups_of(instance.vpc_security_groups),
        public: instance.publicly_accessible,
        secret: secret_of(instance.master_user_secret),
        dual_stack: is_dual_stack(instance.network_type.as_deref()),
        ..resource(instance.arn, NamedResourceKind::DbInstance, instance.identifier)
    }
}

/// A DB cluster. Its VPC and subnets are those of its instances. Its endpoint means the writer, and its reader endpoint the other
/// instances, if there are any
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Reader.html>).
fn db_cluster(cluster: wire::DbCluster, instances: &[wire::DbInstance]) -> NamedResource {
    let members: Vec<&str> =
        cluster.members.iter().flatten().filter_map(|member| member.instance.as_deref()).collect();
    let own = || instances.iter().filter(|instance| members.contains(&instance.identifier.as_str()));
    let member = own().next();
    let zones_of = |is_meant: &dyn Fn(&wire::DbClusterMember) -> bool| -> Vec<AvailabilityZone> {
        let meant: Vec<&wire::DbClusterMember> =
            cluster.members.iter().flatten().filter(|member| is_meant(member)).collect();
        let zone = |member: &&wire::DbClusterMember| {
            let instance = own().find(|one| Some(&one.identifier) == member.instance.as_ref())?;
            instance.availability_zone.clone().map(AvailabilityZone::from)
        };
        meant.iter().map(zone).collect::<Option<Vec<_>>>().unwrap_or_default()
    };
    let writer = zones_of(&|member| member.is_writer == Some(true));
    let readers = zones_of(&|member| member.is_writer == Some(false));
    let named = |name: &String, zones: &[AvailabilityZone]| ResourceHost {
        zones: zones.to_vec(),
        ..host(name, cluster.port)
    };
    let reader_zones = if readers.is_empty() { &writer } else { &readers };
    let mut hosts: Vec<ResourceHost> = cluster.endpoint.iter().map(|name| named(name, &writer)).collect();
    hosts.extend(cluster.reader_endpoint.iter().map(|name| named(name, reader_zones)));
    hosts.extend(cluster.custom_endpoints.iter().flatten().map(|name| host(name, cluster.port)));
    let group = member.and_then(|instance| instance.subnet_group.as_ref());
    NamedResource {
        hosts,
        engine: cluster.engine,
        state: cluster.status,
        vpc: vpc_of(group),
        subnets: subnets_of(group),
        security_groups: groups_of(cluster.vpc_security_groups),
        public: cluster.publicly_accessible.or(member.and_then(|instance| instance.publicly_accessible)),
        secret: secret_of(cluster.master_user_secret),
        dual_stack: is_dual_stack(cluster.network_type.as_deref()),
        ..resource(cluster.arn, NamedResourceKind::DbCluster, cluster.identifier)
    }
}

/// The port of an RDS Proxy: the default port of its engine
/// (<https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-planning.html>).
fn proxy_port(family: Option<&str>) -> Option<u16> {
    match family?.to_ascii_uppercase().as_str() {
        "MYSQL" => Some(3306),
        "POSTGRESQL" => Some(5432),
        "SQLSERVER" => Some(1433),
        _ => None,
    }
}

fn ids<T: From<String>>(ids: List<String>) -> Vec<T> {
    each(ids).map(T::from).collect()
}

fn db_proxy(proxy: wire::DbProxy) -> NamedResource {
    let port = proxy_port(proxy.engine_family.as_deref());
    NamedResource {
        hosts: proxy.endpoint.iter().map(|name| host(name, port)).collect(),
        engine: proxy.engine_family,
        state: proxy.status,
        vpc: proxy.vpc_id.map(VpcId::from),
        subnets: ids(proxy.vpc_subnet_ids),
        security_groups: ids(proxy.vpc_security_group_ids),
        public: Some(false),
        requires_tls: proxy.require_tls,
        ..resource(proxy.arn, NamedResourceKind::DbProxy, proxy.name)
    }
}

/// A further endpoint of an RDS Proxy, with the engine of the proxy.
fn proxy_endpoint(endpoint: wire::DbProxyEndpoint, proxies: &[wire::DbProxy]) -> NamedResource {
    let proxy = proxies.iter().find(|proxy| Some(&proxy.name) == endpoint.proxy.as_ref());
    let port = proxy_port(proxy.and_then(|proxy| proxy.engine_family.as_deref()));
    NamedResource {
        hosts: endpoint.endpoint.iter().map(|name| host(name, port)).collect(),
        engine: proxy.and_then(|proxy| proxy.engine_family.clone()),
        state: endpoint.status,
        vpc: endpoint.vpc_id.map(VpcId::from),
        subnets: ids(endpoint.vpc_subnet_ids),
        security_groups: ids(endpoint.vpc_security_group_ids),
        public: Some(false),
        requires_tls: proxy.and_then(|proxy| proxy.require_tls),
        ..resource(endpoint.arn, NamedResourceKind::DbProxy, endpoint.name)
    }
}

/// Whether a cache refuses connections without TLS. In the mode `preferred` it accepts both
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html>).
fn cache_tls(enabled: Option<bool>, mode: Option<&str>) -> Option<bool> {
    enabled.map(|enabled| enabled && mode != Some("preferred"))
}

fn subnet_group<'a>(groups: &'a [wire::SubnetGroup], name: Option<&str>) -> Option<&'a wire::SubnetGroup> {
    groups.iter().find(|group| name.is_some() && group.cache_subnet_group_name.as_deref() == name)
}

fn cache_groups(cluster: &wire::CacheCluster) -> Vec<SecurityGroupId> {
    let groups = each(cluster.security_groups.clone());
    groups.filter_map(|group| group.security_group_id).map(SecurityGroupId::from).collect()
}

/// The description that AWS gives to the network interface of a node.
fn description_of_cache(cluster: &str) -> String {
    format!("ElastiCache {cluster}")
}

fn cache_cluster(cluster: wire::CacheCluster, groups: &[wire::SubnetGroup]) -> NamedResource {
    let group = subnet_group(groups, cluster.cache_subnet_group_name.as_deref());
    let nodes = cluster.cache_nodes.iter().flatten().filter_map(|node| node.endpoint.as_ref());
    NamedResource {
        hosts: nodes.chain(&cluster.configuration_endpoint).filter_map(host_of).collect(),
        vpc: vpc_of(group),
        subnets: subnets_of(group),
        security_groups: cache_groups(&cluster),
        engine: cluster.engine,
        state: cluster.cache_cluster_status,
        public: Some(false),
        requires_tls: cache_tls(
            cluster.transit_encryption_enabled,
            cluster.transit_encryption_mode.as_deref(),
        ),
        descriptions: vec![description_of_cache(&cluster.cache_cluster_id)],
        ..resource(cluster.arn, NamedResourceKind::CacheCluster, cluster.cache_cluster_id)
    }
}

/// A replication group. Its security groups and subnets are those of its cache clusters. The primary endpoint means the primary node,
/// and the reader endpoint the replicas
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Endpoints.html>).
fn replication_group(
    group: wire::ReplicationGroup,
    clusters: &[wire::CacheCluster],
    groups: &[wire::SubnetGroup],
) -> NamedResource {
    let members: Vec<String> = each(group.member_clusters).collect();
    let is_member = |cluster: &&wire::CacheCluster| {
        members.contains(&cluster.cache_cluster_id)
            || cluster.replication_group_id.as_ref() == Some(&group.replication_group_id)
    };
    let member = clusters.iter().find(is_member);
    let subnets = subnet_group(groups, member.and_then(|member| member.cache_subnet_group_name.as_deref()));
    let mut hosts: Vec<ResourceHost> = group.configuration_endpoint.iter().filter_map(host_of).collect();
    for shard in group.node_groups.iter().flatten() {
        let nodes = || shard.node_group_members.iter().flatten();
        let with_role = |role: &str| -> Vec<String> {
            let meant = nodes().filter(|node| node.current_role.as_deref() == Some(role));
            meant.filter_map(|node| node.cache_cluster_id.as_deref()).map(description_of_cache).collect()
        };
        let named = |endpoint: &Option<wire::Endpoint>, descriptions: Vec<String>| {
            Some(ResourceHost { descriptions, ..endpoint.as_ref().and_then(host_of)? })
        };
        let one = |node: &wire::NodeGroupMember| {
            let own = node.cache_cluster_id.as_deref().map(description_of_cache);
            named(&node.read_endpoint, own.into_iter().collect())
        };
        hosts.extend(named(&shard.primary_endpoint, with_role("primary")));
        hosts.extend(named(&shard.reader_endpoint, with_role("replica")));
        hosts.extend(nodes().filter_map(one));
    }
    NamedResource {
        hosts,
        engine: group.engine.or(member.and_then(|member| member.engine.clone())),
        state: group.status,
        vpc: vpc_of(subnets),
        subnets: subnets_of(subnets),
        security_groups: member.map(cache_groups).unwrap_or_default(),
        public: Some(false),
        requires_tls: cache_tls(group.transit_encryption_enabled, group.transit_encryption_mode.as_deref()),
        descriptions: members.iter().map(|member| description_of_cache(member)).collect(),
        dual_stack: is_dual_stack(group.network_type.as_deref()),
        ..resource(group.arn, NamedResourceKind::ReplicationGroup, group.replication_group_id)
    }
}

/// A serverless cache. It always requires TLS
/// (<https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html>).
fn serverless_cache(cache: wire::ServerlessCache) -> NamedResource {
    NamedResource {
        hosts: cache.endpoint.iter().chain(&cache.reader_endpoint).filter_map(host_of).collect(),
        engine: cache.engine,
        state: cache.status,
        subnets: ids(cache.subnet_ids),
        security_groups: ids(cache.security_group_ids),
        public: Some(false),
        requires_tls: Some(true),
        ..resource(cache.arn, NamedResourceKind::ServerlessCache, cache.serverless_cache_name)
    }
}

/// A load balancer. The descriptions of its network interfaces end with the end of its ARN, `app/NAME/HASH`.
fn load_balancer(balancer: wire::LoadBalancer) -> NamedResource {
    let zones = each(balancer.availability_zones).filter_map(|zone| zone.subnet_id);
    let tail = balancer.load_balancer_arn.split_once(":loadbalancer/").map(|(_, tail)| format!("ELB {tail}"));
    let name = balancer.load_balancer_name.unwrap_or_else(|| balancer.load_balancer_arn.clone());
    NamedResource {
        hosts: balancer.dns_name.iter().map(|name| host(name, None)).collect(),
        engine: balancer.kind,
        state: balancer.state.and_then(|state| state.code),
        vpc: balancer.vpc_id.map(VpcId::from),
        subnets: zones.map(SubnetId::from).collect(),
        security_groups: ids(balancer.security_groups),
        public: balancer.scheme.map(|scheme| scheme == "internet-facing"),
        descriptions: tail.into_iter().collect(),
        ..resource(Some(balancer.load_balancer_arn), NamedResourceKind::LoadBalancer, name)
    }
}

/// A Classic Load Balancer. The description of its network interfaces is `ELB NAME`.
fn classic_load_balancer(balancer: wire::ClassicLoadBalancer) -> NamedResource {
    let listeners = each(balancer.listener_descriptions).filter_map(|one| one.listener?.load_balancer_port);
    let ports: Vec<u16> = listeners.collect();
    let port = if let [port] = ports.as_slice() { Some(*port) } else { None };
    NamedResource {
        hosts: balancer.dns_name.iter().map(|name| host(name, port)).collect(),
        engine: Some("classic".to_owned()),
        vpc: balancer.vpc_id.map(VpcId::from),
        subnets: each(balancer.subnets).map(SubnetId::from).collect(),
        security_groups: ids(balancer.security_groups),
        public: balancer.scheme.map(|scheme| scheme == "internet-facing"),
        descriptions: vec![format!("ELB {}", balancer.load_balancer_name)],
        ..resource(None, NamedResourceKind::LoadBalancer, balancer.load_balancer_name)
    }
}
