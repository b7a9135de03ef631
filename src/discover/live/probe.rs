//! Checks each permission of the policy by the call itself, all calls at once.
//!
//! EC2 has `DryRun`: AWS checks the permission and does nothing
//! (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonParameters.html>). The other calls ask for the smallest page, or
//! for a resource that does not exist. AWS decides about the permission before it reads the resource, so that "not found" means
//! allowed.

use std::pin::Pin;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_ec2::types::VpcAttributeName;
use futures::future::join_all;

use super::answer_limit::client;
use super::classify;
use super::config::configure;
use crate::discover::error::DiscoverError;
use crate::discover::failure::Failure;
use crate::discover::permission::{CheckedAccess, Permission, PermissionStatus};
use crate::discover::request::LiveRequest;
use crate::model::Call;

/// How long the check waits for an answer.
const LIMIT: Duration = Duration::from_secs(5);
/// The name of resources that do not exist.
const NOBODY: &str = "egress-doctor-check";
/// A policy of AWS that every account has.
const POLICY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

type Probe<'a> = (Call, Pin<Box<dyn Future<Output = Result<(), Failure>> + Send + 'a>>);

/// Checks the permissions of the credentials.
///
/// # Errors
/// No region, an invalid endpoint URL, or no valid credentials.
pub async fn check_access(request: &LiveRequest) -> Result<CheckedAccess, DiscoverError> {
    let config = configure(request).await?;
    let region = config.region().ok_or(DiscoverError::NoRegion)?.to_string();
    let sts = client!(aws_sdk_sts, &config);
    let identity = tokio::time::timeout(LIMIT, sts.get_caller_identity().send());
    let permissions = join_all(probes(&config, &region).into_iter().map(|(call, probe)| async move {
        let status = if let Ok(answer) = tokio::time::timeout(LIMIT, probe).await {
            status(call, answer, request)
        } else {
            let seconds = LIMIT.as_secs();
            PermissionStatus::Unknown(format!(
                "no answer within {seconds} s; check the network and the proxy"
            ))
        };
        Permission { call, status }
    }));
    let (identity, permissions) = Box::pin(futures::future::join(identity, permissions)).await;
    let (account, arn) = match identity {
        Ok(Ok(identity)) => (identity.account, identity.arn),
        Ok(Err(error)) => match classify::failure(&error) {
            Failure::Credentials(failure) => return Err(DiscoverError::Credentials(failure.to_string())),
            failure @ (Failure::Connection | Failure::WebPage | Failure::NotSent) => {
                let sentence = failure.sentence(Call::GetCallerIdentity, request.limits);
                return Err(DiscoverError::Unreachable(sentence));
            }
            _ => (None, None),
        },
        Err(_) => (None, None),
    };
    // On a slow machine, the identity has no answer in time, and the other calls say why.
    let unanswered = permissions.iter().map(|permission| match &permission.status {
        PermissionStatus::Unknown(sentence) => Some(sentence),
        PermissionStatus::Present | PermissionStatus::Missing(_) => None,
    });
    if account.is_none()
        && let Some(sentences) = unanswered.collect::<Option<Vec<_>>>()
        && let Some(sentence) = sentences.first()
    {
        return Err(DiscoverError::Unreachable((*sentence).clone()));
    }
    Ok(CheckedAccess { account, arn, region, permissions })
}

fn status(call: Call, answer: Result<(), Failure>, request: &LiveRequest) -> PermissionStatus {
    match answer {
        // An error about the resource: AWS had allowed the call.
        Ok(()) | Err(Failure::Service { .. }) => PermissionStatus::Present,
        Err(failure @ Failure::Denied { .. }) => {
            PermissionStatus::Missing(failure.sentence(call, request.limits))
        }
        Err(failure) => PermissionStatus::Unknown(failure.sentence(call, request.limits)),
    }
}

macro_rules! probe {
    ($call:ident, $request:expr) => {{
        let request = $request;
        let probe = async move { request.send().await.map(drop).map_err(|error| classify::failure(&error)) };
        (Call::$call, Box::pin(probe) as Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>)
    }};
}

/// One call for each permission.
fn probes<'a>(config: &SdkConfig, region: &str) -> Vec<Probe<'a>> {
    let ec2 = client!(aws_sdk_ec2, config);
    let apprunner = client!(aws_sdk_apprunner, config);
    let cloudtrail = client!(aws_sdk_cloudtrail, config);
    let iam = client!(aws_sdk_iam, config);
    let logs = client!(aws_sdk_cloudwatchlogs, config);
    let route53 = client!(aws_sdk_route53, config);
    let rds = client!(aws_sdk_rds, config);
    let cache = client!(aws_sdk_elasticache, config);
    let balancers = client!(aws_sdk_elasticloadbalancingv2, config);
    let pricing = super::prices::client(config);
    let service = format!("arn:aws:apprunner:{region}:000000000000:service/{NOBODY}/{:032}", 0);
    let (vpc, list) = ("vpc-00000000000000000", "pl-00000000000000000");
    vec![
        probe!(ListServices, apprunner.list_services().max_results(1)),
        probe!(DescribeService, apprunner.describe_service().service_arn(service)),
        probe!(ListVpcConnectors, apprunner.list_vpc_connectors().max_results(1)),
        probe!(DescribeVpcs, ec2.describe_vpcs().dry_run(true)),
        probe!(
            DescribeVpcAttribute,
            ec2.describe_vpc_attribute()
                .vpc_id(vpc)
                .attribute(VpcAttributeName::EnableDnsSupport)
                .dry_run(true)
        ),
        probe!(DescribeDhcpOptions, ec2.describe_dhcp_options().dry_run(true)),
        probe!(DescribeSubnets, ec2.describe_subnets().dry_run(true)),
        probe!(DescribeRouteTables, ec2.describe_route_tables().dry_run(true)),
        probe!(DescribeSecurityGroups, ec2.describe_security_groups().dry_run(true)),
        probe!(DescribeNetworkAcls, ec2.describe_network_acls().dry_run(true)),
        probe!(DescribeVpcEndpoints, ec2.describe_vpc_endpoints().dry_run(true)),
        probe!(DescribeVpcEndpointServices, ec2.describe_vpc_endpoint_services().dry_run(true)),
        probe!(DescribeNatGateways, ec2.describe_nat_gateways().dry_run(true)),
        probe!(DescribeInternetGateways, ec2.describe_internet_gateways().dry_run(true)),
        probe!(
            DescribeEgressOnlyInternetGateways,
            ec2.describe_egress_only_internet_gateways().dry_run(true)
        ),
        probe!(DescribeNetworkInterfaces, ec2.describe_network_interfaces().dry_run(true)),
        probe!(DescribeVpcPeeringConnections, ec2.describe_vpc_peering_connections().dry_run(true)),
        probe!(DescribeTransitGatewayAttachments, ec2.describe_transit_gateway_attachments().dry_run(true)),
        probe!(
            DescribeTransitGatewayVpcAttachments,
            ec2.describe_transit_gateway_vpc_attachments().dry_run(true)
        ),
        probe!(
            SearchTransitGatewayRoutes,
            ec2.search_transit_gateway_routes()
                .transit_gateway_route_table_id("tgw-rtb-00000000000000000")
                .filters(super::ec2::by("state", ["active".to_owned()]))
                .dry_run(true)
        ),
        probe!(DescribeManagedPrefixLists, ec2.describe_managed_prefix_lists().dry_run(true)),
        probe!(
            GetManagedPrefixListEntries,
            ec2.get_managed_prefix_list_entries().prefix_list_id(list).dry_run(true)
        ),
        probe!(
            ListHostedZonesByVPC,
            route53.list_hosted_zones_by_vpc().vpc_id(vpc).vpc_region(region.into()).max_items(1)
        ),
        probe!(GetProducts, pricing.get_products().service_code("AmazonVPC").max_results(1)),
        probe!(
            FilterLogEvents,
            logs.filter_log_events()
                .log_group_name(format!("/aws/apprunner/{NOBODY}/{:032}/application", 0))
                .limit(1)
        ),
        probe!(LookupEvents, cloudtrail.lookup_events().max_results(1)),
        probe!(ListAttachedRolePolicies, iam.list_attached_role_policies().role_name(NOBODY).max_items(1)),
        probe!(ListRolePolicies, iam.list_role_policies().role_name(NOBODY).max_items(1)),
        probe!(GetPolicy, iam.get_policy().policy_arn(POLICY)),
        probe!(GetPolicyVersion, iam.get_policy_version().policy_arn(POLICY).version_id("v1")),
        probe!(GetRolePolicy, iam.get_role_policy().role_name(NOBODY).policy_name(NOBODY)),
        probe!(DescribeDBInstances, rds.describe_db_instances().max_records(20)),
        probe!(DescribeDBClusters, rds.describe_db_clusters().max_records(20)),
        probe!(DescribeDBProxies, rds.describe_db_proxies().max_records(20)),
        probe!(DescribeDBProxyEndpoints, rds.describe_db_proxy_endpoints().max_records(20)),
        probe!(DescribeCacheClusters, cache.describe_cache_clusters().max_records(20)),
        probe!(DescribeReplicationGroups, cache.describe_replication_groups().max_records(20)),
        probe!(DescribeServerlessCaches, cache.describe_serverless_caches().max_results(1)),
        probe!(DescribeCacheSubnetGroups, cache.describe_cache_subnet_groups().max_records(20)),
        probe!(DescribeLoadBalancers, balancers.describe_load_balancers().page_size(1)),
    ]
}
