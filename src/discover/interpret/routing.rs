//! Route tables with their routes.

use super::fields::{each, tags};
use crate::discover::wire;
use crate::model::{
    PrefixListId, Route, RouteDestination, RouteOrigin, RouteState, RouteTable, RouteTableId, RouteTarget,
    SubnetId, VpcId,
};

pub(in crate::discover) fn route_table(table: wire::RouteTable) -> RouteTable {
    let associations = table.associations.unwrap_or_default();
    RouteTable {
        id: RouteTableId::new(table.route_table_id),
        vpc: VpcId::new(table.vpc_id),
        main: associations.iter().any(|association| association.main == Some(true)),
        subnets: associations
            .into_iter()
            .filter_map(|association| association.subnet_id.map(SubnetId::from))
            .collect(),
        routes: each(table.routes).map(route).collect(),
        tags: tags(table.tags),
    }
}

fn route(route: wire::Route) -> Route {
    let destination = if let Some(net) = route.destination_cidr_block {
        RouteDestination::Ipv4(net.trunc())
    } else if let Some(net) = route.destination_ipv6_cidr_block {
        RouteDestination::Ipv6(net.trunc())
    } else if let Some(id) = route.destination_prefix_list_id {
        RouteDestination::PrefixList(PrefixListId::new(id))
    } else {
        RouteDestination::Unspecified
    };
    // A route to an instance also contains the id of its network interface. The network interface receives
    // the packets, so its id has precedence.
    let target = route
        .gateway_id
        .or(route.nat_gateway_id)
        .or(route.transit_gateway_id)
        .or(route.vpc_peering_connection_id)
        .or(route.egress_only_internet_gateway_id)
        .or(route.core_network_arn)
        .or(route.odb_network_arn)
        .or(route.local_gateway_id)
        .or(route.carrier_gateway_id)
        .or(route.network_interface_id)
        .or(route.instance_id);
    Route {
        destination,
        target: RouteTarget::of(target.as_deref().unwrap_or("unknown target")),
        state: match route.state.as_deref() {
            Some("active") | None => RouteState::Active,
            Some("blackhole") => RouteState::Blackhole,
            Some(state) if state.eq_ignore_ascii_case("filtered") => RouteState::Filtered,
            Some(state) => RouteState::Other(state.to_owned()),
        },
        origin: match route.origin.as_deref() {
            Some("CreateRouteTable") => RouteOrigin::Table,
            Some("EnableVgwRoutePropagation") => RouteOrigin::Propagated,
            Some("CreateRoute") | None => RouteOrigin::Static,
            Some(origin) => RouteOrigin::Other(origin.to_owned()),
        },
    }
}
