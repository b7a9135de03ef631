//! Reads the EC2 resources of the VPCs. Lists are filtered by VPC, not by state, so that failed and pending
//! resources are read too.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::Filter;
use futures::future::join_all;
use ipnet::IpNet;

use super::convert;
use super::reader::{Answer, Reader, pages};
use crate::discover::interpret;
use crate::model::{
    Call, EgressOnlyInternetGateway, InternetGateway, NatGateway, NetworkAcl, NetworkInterface,
    PeeringConnection, PrefixList, PrefixListId, RouteTable, SecurityGroup, Subnet, SubnetId, VpcId,
};

/// Maximum number of filter values of one call
/// (<https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html>).
const FILTER_VALUES: usize = 200;
/// Items in a page. Without a number AWS returns all items at once, which takes long in a large account.
const PAGE: i32 = 1000;

/// An EC2 filter.
pub(super) fn by(name: &str, values: impl IntoIterator<Item = String>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().collect())).build()
}

/// The EC2 filter for resources of these VPCs.
pub(super) fn by_vpc(vpcs: &[VpcId]) -> Filter {
    by("vpc-id", vpcs.iter().map(ToString::to_string))
}

/// The VPC ids as the scope of a progress report.
pub(super) fn scope(vpcs: &[VpcId]) -> String {
    vpcs.iter().map(VpcId::as_str).collect::<Vec<_>>().join(" ")
}

/// A VPC and the account that owns it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct OwnedVpc {
    pub id: VpcId,
    pub owner: Option<String>,
}

/// The VPC of each of these subnets.
pub(super) async fn vpcs_of(reader: &Reader, subnets: &BTreeSet<SubnetId>) -> BTreeMap<SubnetId, OwnedVpc> {
    if subnets.is_empty() {
        return BTreeMap::new();
    }
    let ids: Vec<&SubnetId> = subnets.iter().collect();
    let parts = ids.chunks(FILTER_VALUES).map(|part| async move {
        let filter = by("subnet-id", part.iter().map(ToString::to_string));
        let request = reader.ec2.describe_subnets().filters(filter);
        let vpcs: Vec<(SubnetId, OwnedVpc)> =
            pages!(reader, Call::DescribeSubnets, "connector subnets", request.clone(), |page| {
                let subnets = page.subnets.into_iter().flatten();
                let owned = subnets.filter_map(|subnet| {
                    let vpc = OwnedVpc { id: subnet.vpc_id?.into(), owner: subnet.owner_id };
                    Some((subnet.subnet_id?.into(), vpc))
                });
                owned.collect()
            });
        vpcs
    });
    join_all(parts).await.into_iter().flatten().collect()
}

/// All subnets of the VPCs.
pub(super) async fn subnets(reader: &Reader, vpcs: &[VpcId]) -> Vec<Subnet> {
    pages!(
        reader,
        Call::DescribeSubnets,
        &scope(vpcs),
        reader.ec2.describe_subnets().filters(by_vpc(vpcs)),
        |page| {
            page.subnets.into_iter().flatten().filter_map(convert::subnet).map(interpret::subnet).collect()
        }
    )
}

/// Route tables with their routes.
pub(super) async fn route_tables(reader: &Reader, vpcs: &[VpcId]) -> Vec<RouteTable> {
    pages!(
        reader,
        Call::DescribeRouteTables,
        &scope(vpcs),
        reader.ec2.describe_route_tables().filters(by_vpc(vpcs)),
        |page| {
            page.route_tables
                .into_iter()
                .flatten()
                .filter_map(convert::route_table)
                .filter_map(|item| reader.validated(Call::DescribeRouteTables, item))
                .map(interpret::route_table)
                .collect()
        }
    )
}

/// Security groups with their rules.
pub(super) async fn security_groups(reader: &Reader, vpcs: &[VpcId]) -> Vec<SecurityGroup> {
    let request = reader.ec2.describe_security_groups().filters(by_vpc(vpcs)).max_results(PAGE);
    pages!(reader, Call::DescribeSecurityGroups, &scope(vpcs), request.clone(), |page| {
        page.security_groups
            .into_iter()
            .flatten()
            .filter_map(convert::security_group)
            .filter_map(|item| reader.validated(Call::DescribeSecurityGroups, item))
            .filter_map(interpret::security_group)
            .collect()
    })
}

/// Network ACLs with their entries.
pub(super) async fn network_acls(reader: &Reader, vpcs: &[VpcId]) -> Vec<NetworkAcl> {
    let request = reader.ec2.describe_network_acls().filters(by_vpc(vpcs));
    pages!(reader, Call::DescribeNetworkAcls, &scope(vpcs), request.clone(), |page| {
        page.network_acls
            .into_iter()
            .flatten()
            .filter_map(convert::network_acl)
            .filter_map(|item| reader.validated(Call::DescribeNetworkAcls, item))
            .map(interpret::network_acl)
            .collect()
    })
}

/// NAT gateways, without deleted NAT gateways.
pub(super) async fn nat_gateways(reader: &Reader, vpcs: &[VpcId]) -> Vec<NatGateway> {
    let request = reader.ec2.describe_nat_gateways().filter(by_vpc(vpcs));
    pages!(reader, Call::DescribeNatGateways, &scope(vpcs), request.clone(), |page| {
        page.nat_gateways
            .into_iter()
            .flatten()
            .filter_map(convert::nat_gateway)
            .filter_map(|item| reader.validated(Call::DescribeNatGateways, item))
            .filter_map(interpret::nat_gateway)
            .collect()
    })
}

/// The internet gateways that are attached to the VPCs, and those that are not attached: a fix can attach them. No filter finds both.
pub(super) async fn internet_gateways(reader: &Reader, vpcs: &[VpcId]) -> Vec<InternetGateway> {
    let is_wanted =
        |gateway: &InternetGateway| gateway.attached_to.as_ref().is_none_or(|vpc| vpcs.contains(vpc));
    let request = reader.ec2.describe_internet_gateways();
    pages!(reader, Call::DescribeInternetGateways, &scope(vpcs), request.clone(), |page| {
        page.internet_gateways
            .into_iter()
            .flatten()
            .filter_map(convert::internet_gateway)
            .filter_map(|item| reader.validated(Call::DescribeInternetGateways, item))
            .map(interpret::internet_gateway)
            .filter(is_wanted)
            .collect()
    })
}

/// Egress-only internet gateways of the region. The call has no filter for the VPC.
pub(super) async fn egress_only_internet_gateways(reader: &Reader) -> Vec<EgressOnlyInternetGateway> {
    let request = reader.ec2.describe_egress_only_internet_gateways();
    pages!(reader, Call::DescribeEgressOnlyInternetGateways, "", request.clone(), |page| {
        let gateways = page.egress_only_internet_gateways.into_iter().flatten();
        gateways
            .filter_map(convert::egress_only_internet_gateway)
            .filter_map(|item| reader.validated(Call::DescribeEgressOnlyInternetGateways, item))
            .map(interpret::egress_only_internet_gateway)
            .collect()
    })
}

/// VPC peering connections of the region. A filter can only name one side of a connection.
pub(super) async fn peering_connections(reader: &Reader) -> Vec<PeeringConnection> {
    let request = reader.ec2.describe_vpc_peering_connections();
    pages!(reader, Call::DescribeVpcPeeringConnections, "", request.clone(), |page| {
        let connections = page.vpc_peering_connections.into_iter().flatten();
        connections
            .filter_map(convert::peering_connection)
            .filter_map(interpret::peering_connection)
            .collect()
    })
}

/// Network interfaces of the VPCs.
pub(super) async fn network_interfaces(reader: &Reader, vpcs: &[VpcId]) -> Vec<NetworkInterface> {
    let request = reader.ec2.describe_network_interfaces().filters(by_vpc(vpcs)).max_results(PAGE);
    pages!(reader, Call::DescribeNetworkInterfaces, &scope(vpcs), request.clone(), |page| {
        page.network_interfaces
            .into_iter()
            .flatten()
            .filter_map(convert::network_interface)
            .filter_map(interpret::network_interface)
            .collect()
    })
}

/// The names of the prefix lists. [`prefix_list_entries`] reads their entries.
pub(super) async fn prefix_lists(reader: &Reader) -> Vec<PrefixList> {
    pages!(reader, Call::DescribeManagedPrefixLists, "", reader.ec2.describe_managed_prefix_lists(), |page| {
        let lists = page.prefix_lists.into_iter().flatten();
        lists.filter_map(convert::prefix_list).map(interpret::prefix_list).collect()
    })
}

/// The ranges of a prefix list; `None` if a page could not be read.
pub(super) async fn prefix_list_entries(reader: &Reader, id: &PrefixListId) -> Option<Vec<IpNet>> {
    let request = reader.ec2.get_managed_prefix_list_entries().prefix_list_id(id.as_str());
    let complete = std::sync::atomic::AtomicBool::new(false);
    let call = async {
        let mut answer = Answer::new();
        let mut stream = request.into_paginator().send();
        while let Some(page) = stream.next().await {
            let entries = |page: aws_sdk_ec2::operation::get_managed_prefix_list_entries::GetManagedPrefixListEntriesOutput| {
                page.entries.into_iter().flatten().map(convert::prefix_list_entry).collect()
            };
            if !answer.page(page, entries) {
                return answer;
            }
        }
        complete.store(true, std::sync::atomic::Ordering::Relaxed);
        answer
    };
    let entries = reader.read(Call::GetManagedPrefixListEntries, id.as_str(), call).await;
    complete.into_inner().then(|| interpret::ranges(entries))
}
