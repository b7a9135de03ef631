//! Reads a part of an account again and merges it into an earlier snapshot: one service with its network, or the calls that failed.
//!
//! The VPCs of the earlier snapshot are known, so that a failed call is sent again without the calls before it. If it is not known
//! which VPCs to read, everything is read.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::{OptionFuture, join_all};
use jiff::Timestamp;

use super::config::configure;
use super::network::{Network, Regional};
use super::plan::{Plan, read_account};
use super::{apprunner, ec2, endpoints, named, role};
use crate::discover::error::DiscoverError;
use crate::discover::interpret;
use crate::discover::merge::{Extent, merge};
use crate::discover::request::{Discovered, LiveRequest, Progress};
use crate::model::{Call, NamedResourceKind, PrefixListId, Region, ServiceStatus, Snapshot, VpcId, Workload};

/// The calls whose answers are parts of a VPC.
const VPC_CALLS: [Call; 4] =
    [Call::DescribeVpcs, Call::DescribeVpcAttribute, Call::DescribeDhcpOptions, Call::ListHostedZonesByVPC];
/// The calls whose answers are parts of an endpoint.
const ENDPOINT_CALLS: [Call; 5] = [
    Call::DescribeVpcEndpoints,
    Call::DescribeSubnets,
    Call::DescribeNetworkInterfaces,
    Call::DescribeSecurityGroups,
    Call::DescribeVpcEndpointServices,
];
const ROLE_CALLS: [Call; 5] = [
    Call::ListAttachedRolePolicies,
    Call::ListRolePolicies,
    Call::GetPolicy,
    Call::GetPolicyVersion,
    Call::GetRolePolicy,
];

/// Reads one region of an account, or refreshes the snapshot of the request. `progress` is called for every call that is sent, and
/// that ends, and for the services and the network as soon as they are known.
///
/// # Errors
/// Nothing can be read: no region, an invalid endpoint URL, no valid credentials, or no connection; or the snapshot of the request
/// is of another account or region.
pub async fn discover(
    request: &LiveRequest,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Discovered, DiscoverError> {
    match &request.base {
        None => read_account(request, progress).await,
        Some(base) => refresh(request, base.clone(), progress).await,
    }
}

/// Reads again what the request asks for, and merges it into `base`.
///
/// # Errors
/// As [`read_account`], or the account or Region is another one.
async fn refresh(
    request: &LiveRequest,
    base: Arc<Snapshot>,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Discovered, DiscoverError> {
    let mut request = request.clone();
    request.region.get_or_insert_with(|| base.region.to_string());
    let vpcs = vpcs_of(&base);
    let (extent, fresh) = if request.service.is_some() {
        let known = base.clone();
        let progress = move |step| match step {
            // The list of services stays.
            Progress::Workloads(_) | Progress::Part(_) => {}
            Progress::Network(part) => {
                // An error is that of the end.
                if let Ok(merged) = merge(&known, *part, Extent::Service) {
                    progress(Progress::Network(Box::new(merged)));
                }
            }
            step => progress(step),
        };
        (Extent::Service, Box::pin(read_account(&request, progress)).await?)
    } else if vpcs.is_empty()
        || has_unknown_vpcs(&base)
        || !base.other_places.is_empty()
        || base.gaps.iter().any(|gap| gap.call.reads_transit_gateway())
        || !(request.more_profiles.is_empty() && request.more_regions.is_empty())
    {
        // A snapshot of one service stays one of this service.
        let list = base.calls.iter().find(|record| record.call == Call::ListServices);
        request.service = list.map(|record| record.scope.clone()).filter(|name| !name.is_empty());
        (Extent::Whole, Box::pin(read_account(&request, progress)).await?)
    } else {
        let snapshot = Box::pin(failed_calls(&request, &base, &vpcs, progress)).await?;
        (Extent::FailedCalls, Discovered { snapshot, log: None })
    };
    Ok(Discovered { snapshot: merge(&base, fresh.snapshot, extent)?, log: fresh.log })
}

/// The VPCs that the snapshot knows.
fn vpcs_of(base: &Snapshot) -> Vec<VpcId> {
    let network = &base.network;
    let vpcs: BTreeSet<&VpcId> = network
        .vpcs
        .iter()
        .map(|vpc| &vpc.id)
        .chain(network.subnets.iter().map(|subnet| &subnet.vpc))
        .chain(network.route_tables.iter().map(|table| &table.vpc))
        .chain(network.security_groups.iter().map(|group| &group.vpc))
        .collect();
    vpcs.into_iter().cloned().collect()
}

/// Whether a failed call hides VPCs: the list of connectors, or the VPCs of their subnets.
fn has_unknown_vpcs(base: &Snapshot) -> bool {
    let subnets: BTreeSet<_> =
        base.network.connectors.iter().flat_map(|connector| &connector.subnets).collect();
    let is_unread = |id: &&_| base.network.subnets.get(id).is_none();
    base.gap(Call::ListVpcConnectors).is_some()
        || base.gap(Call::DescribeSubnets).is_some() && subnets.iter().any(is_unread)
}

/// Sends the failed calls of the snapshot again, for the VPCs that it knows.
async fn failed_calls(
    request: &LiveRequest,
    base: &Snapshot,
    vpcs: &[VpcId],
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Snapshot, DiscoverError> {
    let config = configure(request).await?;
    let region = Region::new(config.region().ok_or(DiscoverError::NoRegion)?.to_string());
    let plan = Plan::new(config, request, region.clone(), Arc::new(progress)).await?;
    let (reader, has_gap) = (&plan.reader, |call: Call| base.gap(call).is_some());
    let any = |calls: &[Call]| calls.iter().any(|call| has_gap(*call));
    let (reads_vpcs, reads_endpoints) = (any(&VPC_CALLS), any(&ENDPOINT_CALLS));
    let wanted = |call: Call| match call {
        call if VPC_CALLS.contains(&call) => reads_vpcs,
        Call::DescribeVpcEndpoints => reads_endpoints,
        call => has_gap(call),
    };
    let services = async {
        if has_gap(Call::ListServices) {
            return apprunner::services(reader, None, &region, &|_| {}).await;
        }
        let unread = base.workloads.iter().filter(|workload| workload.status == ServiceStatus::NotRead);
        let unread = unread.map(|workload| {
            let listed = interpret::undescribed(&workload.name, workload.id.as_str());
            apprunner::describe(reader, listed, &region)
        });
        join_all(unread).await
    };
    let described = async {
        let mut workloads: Vec<Workload> = services.await;
        if any(&ROLE_CALLS) && !request.skip_settings {
            let known = |one: &&Workload| !workloads.iter().any(|new| new.id == one.id);
            let rest: Vec<Workload> = base.workloads.iter().filter(known).cloned().collect();
            workloads.extend(rest);
            let permits = role::permits_of_roles(reader, &plan.config, &workloads, &region).await;
            for workload in &mut workloads {
                let role = workload.environment.role.as_ref();
                workload.environment.permits = role.and_then(|role| permits.get(role)).cloned();
            }
        }
        workloads
    };
    let endpoint_services = OptionFuture::from(
        has_gap(Call::DescribeVpcEndpointServices).then(|| endpoints::endpoint_services(reader)),
    );
    // The answers refer to each other, so that all answers about a kind of resource are read again.
    let names: BTreeSet<Call> = NamedResourceKind::ALL
        .iter()
        .map(|kind| kind.calls())
        .filter(|calls| calls.iter().any(|call| has_gap(*call)))
        .flatten()
        .copied()
        .collect();
    let names = Box::pin(named::answers(reader, &plan.config, &names));
    let identity = plan.identity_scope();
    let peerings = OptionFuture::from(
        has_gap(Call::DescribeVpcPeeringConnections).then(|| ec2::peering_connections(reader)),
    );
    let lists = OptionFuture::from(has_gap(Call::DescribeManagedPrefixLists).then(|| plan.prefix_lists()));
    let (account, workloads, network, regional, endpoint_services, peerings, lists, names) = futures::join!(
        reader.account(&identity),
        described,
        Network::read(reader, (vpcs, &[]), &region, &wanted, None),
        Regional::read(reader, &wanted),
        endpoint_services,
        peerings,
        lists,
        names,
    );
    let account = account.map_err(|failure| DiscoverError::Credentials(failure.to_string()))?;
    let mut network: Network = network;
    network.add_regional(regional);
    let mut fresh = Snapshot::new(region, Timestamp::now());
    fresh.account = account;
    fresh.workloads = workloads.into_iter().collect();
    fresh.network = network.tables.clone();
    fresh.network.named_resources = names.resources().into_iter().collect();
    fresh.network.endpoint_services = endpoint_services.unwrap_or_default();
    fresh.network.peering_connections = peerings.unwrap_or_default().into_iter().collect();
    let (lists, of_aws) = lists.unwrap_or_default();
    fresh.network.prefix_lists = lists.into_iter().collect();
    // The ranges of the lists that the merged network uses.
    fresh.calls = reader.calls();
    let merged = merge(base, fresh.clone(), Extent::FailedCalls)?;
    let unread: BTreeSet<PrefixListId> = interpret::lists_in_use(&merged)
        .into_iter()
        .chain(interpret::lists_of_aws(
            &merged.network.prefix_lists.iter().cloned().collect::<Vec<_>>(),
            &merged.region,
        ))
        .filter(|id| !of_aws.contains(id))
        .filter(|id| merged.network.prefix_lists.get(id).is_none_or(|list| list.cidrs.is_none()))
        .collect();
    let known = merged.network.prefix_lists.iter().filter(|list| unread.contains(&list.id)).cloned();
    fresh.network.prefix_lists.extend(known.collect::<Vec<_>>());
    plan.read_ranges(&mut fresh, unread).await;
    // The endpoints refer to the subnets, network interfaces and security groups of the merged network.
    let mut merged = merged.network;
    network.add_endpoints(&mut merged);
    if reads_endpoints {
        fresh.network.endpoints = merged.endpoints;
    }
    fresh.gaps = reader.gaps();
    fresh.calls = reader.calls();
    Ok(fresh)
}
