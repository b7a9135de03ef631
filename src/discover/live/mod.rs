//! Discovery by the AWS SDKs.
//!
//! The plan, in rounds of calls that do not wait for each other: (1) identity, services, connectors, prefix lists,
//! endpoint services; (2) each service, the connectors' subnets; (3) everything of the VPCs; (4) the entries of the
//! prefix lists that routes and rules name.

#![allow(clippy::disallowed_methods, reason = "an edge: calls are timed and the snapshot is dated here")]

mod apprunner;
mod convert;
mod ec2;
mod endpoints;
mod failure;
mod logs;
mod prices;
mod reader;
mod role;
mod vpc;
mod zones;

pub use logs::read_service_log;

use std::collections::BTreeSet;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};
use jiff::Timestamp;

use super::{DiscoverError, LiveRequest, Progress, interpret};
use crate::model::{Region, Snapshot, SubnetId, VpcId};
use failure::Failure;
use reader::Reader;

/// Reads one region of an account.
///
/// # Errors
/// Nothing can be read at all: no region, no accepted credentials, or nobody answers.
pub async fn discover(
    request: &LiveRequest,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Snapshot, DiscoverError> {
    let config = configure(request).await;
    let region = config.region().map(ToString::to_string).ok_or(DiscoverError::NoRegion)?;
    let reader = Reader::new(&config, Box::new(progress));
    let mut snapshot = Snapshot::new(Region::new(region.clone()), Timestamp::now());

    let (identity, names, connectors, lists, services, prices) = futures::join!(
        reader.account(),
        apprunner::service_arns(&reader, request.service.as_deref()),
        apprunner::connectors(&reader),
        ec2::prefix_lists(&reader),
        endpoints::endpoint_services(&reader),
        prices::list_prices(&reader, &config, &snapshot.region),
    );
    snapshot.account = identity.map_err(fatal)?;
    reader.report(Progress::Account { account: snapshot.account.clone(), region });
    snapshot.network.connectors = connectors.into_iter().collect();
    snapshot.network.prefix_lists = lists.into_iter().collect();
    snapshot.network.endpoint_services = services;
    snapshot.prices = prices;

    let mut sources: BTreeSet<SubnetId> =
        request.subnets.iter().map(|id| SubnetId::new(id.as_str())).collect();
    sources
        .extend(snapshot.network.connectors.iter().flat_map(|connector| connector.subnets.iter().cloned()));
    let (workloads, vpcs) = futures::join!(
        apprunner::services(&reader, &names, &snapshot.region),
        ec2::vpcs_of(&reader, &sources)
    );
    let workloads = role::fill(&reader, &config, workloads, &snapshot.region).await;
    reader.report(Progress::Workloads(workloads.clone()));
    snapshot.workloads = workloads.into_iter().collect();

    network(&reader, &vpcs, &mut snapshot).await;
    fill_prefix_lists(&reader, &mut snapshot).await;
    snapshot.gaps = reader.gaps();
    Ok(snapshot)
}

/// A failure that every other call would meet too.
fn fatal(failure: Failure) -> DiscoverError {
    match failure {
        Failure::Credentials(message) => DiscoverError::Credentials(message),
        Failure::Unreachable(message) | Failure::Gap(_, message) => DiscoverError::Unreachable(message),
    }
}

async fn configure(request: &LiveRequest) -> SdkConfig {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(4))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_mins(1))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(4))
        .timeout_config(timeouts);
    if let Some(profile) = &request.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &request.region {
        loader = loader.region(aws_config::Region::new(region.clone()));
    }
    if let Some(url) = &request.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

/// Everything that is read by VPC, all at once.
async fn network(reader: &Reader, vpcs: &[VpcId], snapshot: &mut Snapshot) {
    if vpcs.is_empty() {
        return;
    }
    let (vpc_list, subnets, tables, groups, acls, endpoints, nats, gateways, egress_only, interfaces) = futures::join!(
        vpc::vpcs(reader, vpcs, &snapshot.region),
        ec2::subnets(reader, vpcs),
        ec2::route_tables(reader, vpcs),
        ec2::security_groups(reader, vpcs),
        ec2::network_acls(reader, vpcs),
        endpoints::endpoints(reader, vpcs),
        ec2::nat_gateways(reader, vpcs),
        ec2::internet_gateways(reader, vpcs),
        ec2::egress_only_internet_gateways(reader),
        ec2::network_interfaces(reader, vpcs),
    );
    let network = &mut snapshot.network;
    network.vpcs = vpc_list.into_iter().collect();
    network.subnets = subnets.into_iter().collect();
    network.route_tables = tables.into_iter().collect();
    network.security_groups = groups.into_iter().collect();
    network.network_acls = acls.into_iter().collect();
    network.nat_gateways = nats.into_iter().collect();
    network.internet_gateways = gateways.into_iter().collect();
    network.egress_only_internet_gateways = egress_only.into_iter().collect();
    network.network_interfaces = interfaces.into_iter().collect();
    network.endpoints =
        endpoints.into_iter().filter_map(|endpoint| interpret::endpoint(endpoint, network)).collect();
}

/// Entries of the gateway services' lists, and of every list that a route or a rule names.
async fn fill_prefix_lists(reader: &Reader, snapshot: &mut Snapshot) {
    let wanted = interpret::lists_in_use(snapshot);
    let read = wanted.iter().map(|id| ec2::prefix_list_entries(reader, id));
    let answers = futures::future::join_all(read).await;
    for (id, cidrs) in wanted.into_iter().zip(answers) {
        match snapshot.network.prefix_lists.get_mut(&id) {
            Some(list) => list.cidrs = cidrs,
            None => {
                snapshot.network.prefix_lists.insert(crate::model::PrefixList {
                    name: id.to_string(),
                    id,
                    cidrs,
                });
            }
        }
    }
}
