//! The plan of calls, in rounds. The calls of a round are concurrent.
//!
//! 1. identity, services, connectors, prefix lists, endpoint services, prices
//! 2. the description of each service, and the VPCs of the connectors' subnets; then the instance roles
//! 3. all resources of these VPCs
//! 4. the entries of the prefix lists that routes and rules use

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::config::configure;
use super::failure::Failure;
use super::reader::Reader;
use super::{apprunner, ec2, endpoints, prices, role, vpc};
use crate::discover::error::DiscoverError;
use crate::discover::interpret;
use crate::discover::request::{LiveRequest, Progress};
use crate::model::{PrefixList, Region, Snapshot, SubnetId, VpcId};

/// Reads one region of an account. `progress` is called for every call that is sent, finishes or fails.
///
/// # Errors
/// Nothing can be read: no region, an invalid endpoint URL, no valid credentials, or no connection.
pub async fn discover(
    request: &LiveRequest,
    progress: impl Fn(Progress) + Send + Sync + 'static,
) -> Result<Snapshot, DiscoverError> {
    let config = configure(request).await?;
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

/// Converts a failure that affects every call (no credentials, no connection) to an error.
fn fatal(failure: Failure) -> DiscoverError {
    match failure {
        Failure::Credentials(message) => DiscoverError::Credentials(message),
        Failure::Unreachable(message) | Failure::Gap(_, message) => DiscoverError::Unreachable(message),
    }
}

/// Reads all resources of the VPCs, with concurrent calls.
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

/// Reads the entries of the gateway services' prefix lists and of every prefix list in a route or rule.
async fn fill_prefix_lists(reader: &Reader, snapshot: &mut Snapshot) {
    let ids = interpret::lists_in_use(snapshot);
    let read = ids.iter().map(|id| ec2::prefix_list_entries(reader, id));
    let answers = futures::future::join_all(read).await;
    for (id, cidrs) in ids.into_iter().zip(answers) {
        match snapshot.network.prefix_lists.get_mut(&id) {
            Some(list) => list.cidrs = cidrs,
            None => {
                snapshot.network.prefix_lists.insert(PrefixList { name: id.to_string(), id, cidrs });
            }
        }
    }
}
