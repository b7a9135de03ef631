//! Transit gateways: reads the attachments and route tables behind the routes of the services' VPCs.
//!
//! Only if a route with public addresses leads to a transit gateway, and only with the profiles that the user gives. The owner of a
//! transit gateway sees its route tables; the owner of an attached VPC sees its own attachment
//! (<https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-share.html>). Each fact counts by itself: what was not read stays
//! unknown. Does not read the VPC behind an attachment.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_ec2::types as ec2;
use futures::future::join_all;
use ipnet::IpNet;

use super::ec2::by;
use super::reader::{Answer, Reader, pages};
use crate::model::{
    Addresses, Call, Network, PUBLIC_V4, PrefixListId, ResourceId, Route, RouteDestination, RouteOrigin,
    RouteState, RouteTarget, SubnetId, TransitAssociation, TransitAttachment, TransitRouteTable, VpcId,
};

/// An account that is read in the Region of the service.
pub(super) struct Site<'r> {
    pub reader: &'r Reader,
    /// `None` if the account is unknown.
    pub account: Option<String>,
}

/// The facts about transit gateways.
#[derive(Default)]
pub(super) struct TransitFacts {
    attachments: BTreeMap<ResourceId, TransitAttachment>,
    tables: Vec<TransitRouteTable>,
}

impl TransitFacts {
    /// Reads these transit gateways, which the routes of the VPCs lead to.
    pub async fn read(sites: &[Site<'_>], gateways: &BTreeSet<ResourceId>, vpcs: &[VpcId]) -> Self {
        let mut facts = Self::default();
        let answers = join_all(sites.iter().map(|site| attachments(site, gateways))).await;
        answers.into_iter().flatten().for_each(|attachment| facts.add(attachment));
        let is_own = |one: &&TransitAttachment| one.vpc.as_ref().is_some_and(|vpc| vpcs.contains(vpc));
        let own: BTreeSet<ResourceId> =
            facts.attachments.values().filter(is_own).map(|attachment| attachment.id.clone()).collect();
        facts.read_tables(sites, &own).await;
        let ends = facts.ends();
        facts.read_tables(sites, &ends).await;
        facts.attachments.retain(|id, _| own.contains(id) || ends.contains(id));
        facts
    }

    /// The VPCs behind the transit gateways with the accounts that own them, without `known`.
    pub fn vpcs(&self, known: &[VpcId]) -> BTreeMap<VpcId, Option<String>> {
        let others = self.attachments.values().filter_map(|one| Some((one.vpc.clone()?, one.owner.clone())));
        others.filter(|(vpc, _)| !known.contains(vpc)).collect()
    }

    /// Adds the facts to a network.
    pub fn add_to(self, network: &mut Network) {
        network.transit_attachments = self.attachments.into_values().collect();
        network.transit_route_tables = self.tables.into_iter().collect();
    }

    /// Adds what one account says about an attachment to what others say.
    fn add(&mut self, new: TransitAttachment) {
        let Some(known) = self.attachments.get_mut(&new.id) else {
            self.attachments.insert(new.id.clone(), new);
            return;
        };
        known.gateway_owner = known.gateway_owner.take().or(new.gateway_owner);
        known.owner = known.owner.take().or(new.owner);
        if known.subnets.is_empty() {
            known.subnets = new.subnets;
        }
        if matches!(known.association, TransitAssociation::NotRead) {
            known.association = new.association;
        }
    }

    /// The attachments that public addresses can be routed to.
    fn ends(&self) -> BTreeSet<ResourceId> {
        let routes = self.tables.iter().flat_map(|table| &table.routes).filter(|route| is_public(route));
        let ends = routes.filter_map(|route| match &route.target {
            RouteTarget::Other(id) if route.state == RouteState::Active => Some(id.clone()),
            _ => None,
        });
        ends.collect()
    }

    /// Reads the route tables of these attachments in the accounts that own them.
    async fn read_tables(&mut self, sites: &[Site<'_>], attachments: &BTreeSet<ResourceId>) {
        let mut wanted: BTreeMap<&ResourceId, &Option<String>> = BTreeMap::new();
        for attachment in attachments.iter().filter_map(|id| self.attachments.get(id)) {
            if let TransitAssociation::Table(table) = &attachment.association
                && !self.tables.iter().any(|known| known.id == *table)
            {
                wanted.insert(table, &attachment.gateway_owner);
            }
        }
        let reads = wanted.into_iter().filter_map(|(table, owner)| {
            let site = sites.iter().find(|site| owner.is_some() && site.account == *owner)?;
            Some(route_table(site.reader, table))
        });
        let tables: Vec<TransitRouteTable> = join_all(reads).await.into_iter().flatten().collect();
        self.tables.extend(tables);
    }
}

/// The transit gateways that public addresses are routed to in the VPCs.
pub(super) fn gateways<'n>(
    networks: impl Iterator<Item = &'n Network>,
    vpcs: &[VpcId],
) -> BTreeSet<ResourceId> {
    let tables = networks.flat_map(|network| network.route_tables.iter());
    let tables = tables.filter(|table| vpcs.contains(&table.vpc));
    let routes = tables.flat_map(|table| &table.routes).filter(|route| is_public(route));
    let gateways = routes.filter_map(|route| match &route.target {
        RouteTarget::Other(id) if id.as_str().starts_with("tgw-") => Some(id.clone()),
        _ => None,
    });
    gateways.collect()
}

/// Whether a route can match public IPv4 addresses.
fn is_public(route: &Route) -> bool {
    match &route.destination {
        RouteDestination::Ipv4(net) => !Addresses::from(*net).and(&PUBLIC_V4).is_empty(),
        RouteDestination::PrefixList(_) => true,
        RouteDestination::Ipv6(_) | RouteDestination::Unspecified => false,
    }
}

/// The attachments of the transit gateways, as one account sees them.
async fn attachments(site: &Site<'_>, gateways: &BTreeSet<ResourceId>) -> Vec<TransitAttachment> {
    let reader = site.reader;
    let filter = by("transit-gateway-id", gateways.iter().map(ToString::to_string));
    let scope = gateways.iter().map(ResourceId::as_str).collect::<Vec<_>>().join(" ");
    let request = reader.ec2.describe_transit_gateway_attachments().filters(filter.clone());
    let all = async {
        pages!(reader, Call::DescribeTransitGatewayAttachments, &scope, request.clone(), |page| {
            let items = page.transit_gateway_attachments.into_iter().flatten();
            items.filter_map(|item| attachment(item, site.account.as_deref())).collect()
        })
    };
    let request = reader.ec2.describe_transit_gateway_vpc_attachments().filters(filter);
    let of_vpcs = async {
        pages!(reader, Call::DescribeTransitGatewayVpcAttachments, &scope, request.clone(), |page| {
            let items = page.transit_gateway_vpc_attachments.into_iter().flatten();
            items
                .filter_map(|item| {
                    let subnets = item.subnet_ids.into_iter().flatten().map(SubnetId::from).collect();
                    Some((ResourceId::new(item.transit_gateway_attachment_id?), subnets))
                })
                .collect()
        })
    };
    let (mut all, of_vpcs): (Vec<TransitAttachment>, Vec<(ResourceId, Vec<SubnetId>)>) =
        futures::join!(all, of_vpcs);
    let mut subnets: BTreeMap<ResourceId, Vec<SubnetId>> = of_vpcs.into_iter().collect();
    for attachment in &mut all {
        attachment.subnets = subnets.remove(&attachment.id).unwrap_or_default();
    }
    all
}

/// An attachment as an account sees it; `None` if it is deleted.
fn attachment(item: ec2::TransitGatewayAttachment, account: Option<&str>) -> Option<TransitAttachment> {
    let state = item.state.map(|state| state.as_str().to_owned()).unwrap_or_default();
    if state == "deleted" {
        return None;
    }
    let is_vpc = item.resource_type == Some(ec2::TransitGatewayAttachmentResourceType::Vpc);
    let is_owner = account.is_some() && item.transit_gateway_owner_id.as_deref() == account;
    let association = match item.association {
        Some(association) => match association.transit_gateway_route_table_id {
            Some(table) if association.state == Some(ec2::TransitGatewayAssociationState::Associated) => {
                TransitAssociation::Table(ResourceId::new(table))
            }
            Some(table) => TransitAssociation::Pending(ResourceId::new(table)),
            None => TransitAssociation::NotRead,
        },
        None if is_owner => TransitAssociation::None,
        None => TransitAssociation::NotRead,
    };
    Some(TransitAttachment {
        id: ResourceId::new(item.transit_gateway_attachment_id?),
        gateway: ResourceId::new(item.transit_gateway_id?),
        gateway_owner: item.transit_gateway_owner_id,
        vpc: item.resource_id.filter(|_| is_vpc).map(VpcId::from),
        owner: item.resource_owner_id,
        state: state.as_str().into(),
        subnets: Vec::new(),
        association,
    })
}

/// A route table with all its routes; `None` if some of them were not read.
async fn route_table(reader: &Reader, id: &ResourceId) -> Option<TransitRouteTable> {
    let request = reader
        .ec2
        .search_transit_gateway_routes()
        .transit_gateway_route_table_id(id.as_str())
        .filters(by("state", ["active", "blackhole", "pending"].map(str::to_owned)));
    let complete = AtomicBool::new(false);
    let call = async {
        let mut answer = Answer::new();
        let mut stream = request.into_paginator().send();
        let mut has_more = false;
        while let Some(page) = stream.next().await {
            let routes = |page: aws_sdk_ec2::operation::search_transit_gateway_routes::SearchTransitGatewayRoutesOutput| {
                has_more = page.additional_routes_available == Some(true) && page.next_token.is_none();
                page.routes.into_iter().flatten().flat_map(|route| self::routes(id, route)).collect()
            };
            if !answer.page(page, routes) {
                return answer;
            }
        }
        complete.store(!has_more, Ordering::Relaxed);
        answer
    };
    let routes: Vec<Route> = reader.read(Call::SearchTransitGatewayRoutes, id.as_str(), call).await;
    if !complete.into_inner() {
        if !reader.has_gap(Call::SearchTransitGatewayRoutes) {
            let message = format!("{id} has more routes than AWS returns");
            reader.past_limit(Call::SearchTransitGatewayRoutes, message);
        }
        return None;
    }
    Some(TransitRouteTable { id: id.clone(), routes })
}

/// A route of an answer, once for each of its attachments.
fn routes(table: &ResourceId, route: ec2::TransitGatewayRoute) -> Vec<Route> {
    let destination = match route.destination_cidr_block.as_deref().map(str::parse) {
        Some(Ok(IpNet::V4(net))) => RouteDestination::Ipv4(net),
        Some(Ok(IpNet::V6(net))) => RouteDestination::Ipv6(net),
        Some(Err(_)) | None => match route.prefix_list_id {
            Some(list) => RouteDestination::PrefixList(PrefixListId::from(list)),
            None => RouteDestination::Unspecified,
        },
    };
    let state = match route.state {
        Some(ec2::TransitGatewayRouteState::Active) => RouteState::Active,
        Some(ec2::TransitGatewayRouteState::Blackhole) => RouteState::Blackhole,
        state => RouteState::Other(state.map(|state| state.as_str().to_owned()).unwrap_or_default()),
    };
    let origin = match route.r#type {
        Some(ec2::TransitGatewayRouteType::Static) => RouteOrigin::Static,
        Some(ec2::TransitGatewayRouteType::Propagated) => RouteOrigin::Propagated,
        kind => RouteOrigin::Other(kind.map(|kind| kind.as_str().to_owned()).unwrap_or_default()),
    };
    let attachments = route.transit_gateway_attachments.into_iter().flatten();
    let mut targets: Vec<ResourceId> =
        attachments.filter_map(|one| one.transit_gateway_attachment_id).map(ResourceId::new).collect();
    if targets.is_empty() {
        targets.push(table.clone());
    }
    let route = |id| Route {
        destination: destination.clone(),
        target: RouteTarget::Other(id),
        state: state.clone(),
        origin: origin.clone(),
    };
    targets.into_iter().map(route).collect()
}
