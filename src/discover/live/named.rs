//! Reads databases, caches, proxies and load balancers with their host names.
//!
//! Owns which of these calls a discovery makes: only those that a destination needs. Their permissions are optional, so a denied
//! call is a gap that affects only the names in its answer.

use std::collections::BTreeSet;

use aws_config::SdkConfig;

use super::answer_limit::client;
use super::named_convert as convert;
use super::network::when;
use super::reader::{Reader, pages};
use crate::discover::interpret::NamedAnswers;
use crate::model::{Call, Workload, calls_for_arn, calls_for_host};

/// The calls whose answers have these hosts: `host` or `host:port`.
pub(super) fn calls_for_hosts<'h>(hosts: impl IntoIterator<Item = &'h String>) -> BTreeSet<Call> {
    let name = |host: &'h String| host.split(':').next().unwrap_or_default();
    hosts.into_iter().flat_map(|host| calls_for_host(name(host))).copied().collect()
}

/// The calls whose answers have the destinations in the settings of these services.
pub(super) fn calls_for_settings(workloads: &[Workload]) -> BTreeSet<Call> {
    let environments = || workloads.iter().map(|workload| &workload.environment);
    let variables = || environments().flat_map(|environment| &environment.variables);
    let secrets = environments().flat_map(|environment| &environment.secrets);
    let arns = variables()
        .flat_map(|variable| &variable.resources)
        .chain(secrets.filter_map(|secret| secret.rds_secret.as_ref()));
    let mut calls = calls_for_hosts(variables().flat_map(|variable| &variable.hosts));
    calls.extend(arns.flat_map(|arn| calls_for_arn(arn.as_str())).copied());
    calls
}

/// The answers of these calls, which are sent at once.
pub(super) async fn answers(reader: &Reader, config: &SdkConfig, calls: &BTreeSet<Call>) -> NamedAnswers {
    if calls.is_empty() {
        return NamedAnswers::default();
    }
    let (rds, cache, balancers) = (
        client!(aws_sdk_rds, config),
        client!(aws_sdk_elasticache, config),
        client!(aws_sdk_elasticloadbalancingv2, config),
    );
    macro_rules! read {
        ($call:ident, $request:expr, $items:ident, $convert:path) => {
            when(calls.contains(&Call::$call), async {
                Some(pages!(reader, Call::$call, "", $request, |page| {
                    page.$items.into_iter().flatten().filter_map($convert).collect()
                }))
            })
        };
    }
    let databases = futures::future::join4(
        read!(DescribeDBInstances, rds.describe_db_instances(), db_instances, convert::db_instance),
        read!(DescribeDBClusters, rds.describe_db_clusters(), db_clusters, convert::db_cluster),
        read!(DescribeDBProxies, rds.describe_db_proxies(), db_proxies, convert::db_proxy),
        read!(
            DescribeDBProxyEndpoints,
            rds.describe_db_proxy_endpoints(),
            db_proxy_endpoints,
            convert::db_proxy_endpoint
        ),
    );
    let caches = futures::future::join4(
        read!(
            DescribeCacheClusters,
            cache.describe_cache_clusters().show_cache_node_info(true),
            cache_clusters,
            convert::cache_cluster
        ),
        read!(
            DescribeReplicationGroups,
            cache.describe_replication_groups(),
            replication_groups,
            convert::replication_group
        ),
        read!(
            DescribeServerlessCaches,
            cache.describe_serverless_caches(),
            serverless_caches,
            convert::serverless_cache
        ),
        read!(
            DescribeCacheSubnetGroups,
            cache.describe_cache_subnet_groups(),
            cache_subnet_groups,
            convert::cache_subnet_group
        ),
    );
    let balancers = read!(
        DescribeLoadBalancers,
        balancers.describe_load_balancers(),
        load_balancers,
        convert::load_balancer
    );
    let (databases, caches, load_balancers) =
        Box::pin(futures::future::join3(databases, caches, balancers)).await;
    let (db_instances, db_clusters, db_proxies, db_proxy_endpoints) = databases;
    let (cache_clusters, replication_groups, serverless_caches, cache_subnet_groups) = caches;
    NamedAnswers {
        db_instances,
        db_clusters,
        db_proxies,
        db_proxy_endpoints,
        cache_clusters,
        replication_groups,
        serverless_caches,
        cache_subnet_groups,
        load_balancers,
        // Their names are recognized by the descriptions of their network interfaces.
        classic_load_balancers: None,
    }
}
