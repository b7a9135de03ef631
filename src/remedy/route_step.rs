//! The manual steps that add routes or replace them.
//!
//! Owns the sentences with `create-route` and `replace-route`. Does not decide which routes block.

use std::net::IpAddr;

use super::other_vpc::{self, place_of, source_tables, vpc_of};
use super::private_dns_step;
use crate::diagnose::Cause;
use crate::evidence::destination;
use crate::model::{
    Addresses, Call, DestinationKind, NatConnectivity, NatGateway, NatState, NetworkInterfaceId, PUBLIC,
    PeeringState, ResourceId, Route, RouteDestination, RouteState, RouteTableId, RouteTarget, Snapshot,
    VpcId,
};

/// The route tables of a cause.
fn tables_of(cause: &Cause) -> Vec<&str> {
    let is_id = |text: &&str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    cause.blockers.iter().map(ResourceId::as_str).filter(is_id).collect()
}

/// Whether all destinations of a cause are IPv6 addresses.
pub(super) fn is_ipv6(cause: &Cause) -> bool {
    let mut destinations = cause.paths.iter().flat_map(|paths| &paths.destinations).peekable();
    destinations.peek().is_some()
        && destinations.all(|text| {
            destination(text).is_ok_and(|found| matches!(found.kind, DestinationKind::Address(IpAddr::V6(_))))
        })
}

/// The option of `aws ec2 create-route` and `replace-route` for a range.
pub(super) fn range_option(is_ipv6: bool) -> &'static str {
    if is_ipv6 { "--destination-ipv6-cidr-block" } else { "--destination-cidr-block" }
}

/// How to add the missing routes to the network of the destination.
pub(super) fn add_routes(snapshot: &Snapshot, cause: &Cause) -> String {
    let tables = tables_of(cause);
    let (place, table) = match tables.as_slice() {
        [] | [_] => (String::new(), tables.first().copied().unwrap_or("TABLE")),
        _ => {
            let (place, table) = place_of(&tables, "");
            (format!(" in {place}"), table)
        }
    };
    if let Some(step) = other_vpc::connect(snapshot, cause) {
        return step;
    }
    if has_public_destination(cause) && is_ipv6(cause) {
        let vpc = vpc_of(snapshot, cause);
        let mut gateways = snapshot.network.egress_only_internet_gateways.iter();
        let gateway =
            gateways.find(|gateway| gateway.attached_to.as_ref().is_some_and(|id| id.as_str() == vpc));
        let create = match gateway {
            Some(_) => String::new(),
            None => format!(
                " (aws ec2 create-egress-only-internet-gateway --vpc-id {vpc} creates one, at no hourly charge)"
            ),
        };
        return format!(
            "Add a route for IPv6{place} to an egress-only internet gateway{create}: aws ec2 create-route --route-table-id \
             {table} --destination-ipv6-cidr-block ::/0 --egress-only-internet-gateway-id {}. A NAT gateway does not help.",
            gateway.map_or("EIGW", |gateway| gateway.id.as_str())
        );
    }
    if has_public_destination(cause) {
        let (endpoints, is_enough) = private_dns_step::steps(snapshot, cause);
        if is_enough {
            return endpoints.join(" ");
        }
        let or = endpoints.iter().map(|step| format!("{step} ")).collect::<String>();
        let or = format!("{or}{}", first_internet_gateway(snapshot, vpc_of(snapshot, cause)));
        return format!(
            "{or}Add a default route{place} to a NAT gateway in a public subnet (aws ec2 create-nat-gateway creates one): aws ec2 \
             create-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id NAT. For AWS services, a VPC \
             endpoint also works: aws ec2 create-vpc-endpoint."
        );
    }
    format!(
        "Add a route{place} to the network that contains the destination (peering connection, transit gateway), and a route back \
         there: aws ec2 create-route --route-table-id {table} {} RANGE --transit-gateway-id TGW.",
        range_option(is_ipv6(cause))
    )
}

/// How to replace the blackhole routes of one target that does not work.
pub(super) fn replace_routes(snapshot: &Snapshot, cause: &Cause) -> String {
    let network = &snapshot.network;
    let tables = tables_of(cause);
    let target = RouteTarget::of(cause.component.as_str());
    let (place, table) = match tables.as_slice() {
        [] | [_] => (String::new(), tables.first().copied().unwrap_or("TABLE")),
        _ => {
            let (place, table) = place_of(&tables, "");
            (format!(" in {place}"), table)
        }
    };
    let each = if tables.len() > 1 { ", for each table" } else { "" };
    let found = tables.iter().filter_map(|id| network.route_tables.get(&RouteTableId::from(*id)));
    let mut routes = found.clone().flat_map(|table| &table.routes).filter(|route| route.target == target);
    let range = match routes.next().map(|route| &route.destination) {
        Some(RouteDestination::Ipv4(range)) => format!("--destination-cidr-block {range}"),
        Some(RouteDestination::Ipv6(range)) => format!("--destination-ipv6-cidr-block {range}"),
        Some(RouteDestination::PrefixList(list)) => format!("--destination-prefix-list-id {list}"),
        _ => "--destination-cidr-block RANGE".to_owned(),
    };
    if let Some(step) = less_specific_route(snapshot, &tables, &target) {
        return step;
    }
    let vpc = found.map(|table| &table.vpc).next();
    let replace = |option: &str, id: &str| {
        format!(
            "Replace the route{place}{each}: aws ec2 replace-route --route-table-id {table} {range} {option} {id}."
        )
    };
    let own_gateway = network.internet_gateways.iter().find(|gateway| gateway.attached_to.as_ref() == vpc);
    let free_gateway = network.internet_gateways.iter().find(|gateway| gateway.attached_to.is_none());
    let attach = format!(
        "aws ec2 attach-internet-gateway --internet-gateway-id {} --vpc-id {}",
        free_gateway.map_or("IGW", |gateway| gateway.id.as_str()),
        vpc.map_or("VPC", VpcId::as_str)
    );
    match &target {
        RouteTarget::InternetGateway(_) => {
            let before = match own_gateway {
                Some(_) => String::new(),
                None => format!("Attach an internet gateway to the VPC: {attach}. "),
            };
            let id = own_gateway.or(free_gateway).map_or("IGW", |gateway| gateway.id.as_str());
            format!("{before}{}", replace("--gateway-id", id))
        }
        RouteTarget::EgressOnlyInternetGateway(_) => replace("--egress-only-internet-gateway-id", "EIGW"),
        RouteTarget::Peering(id) => accept(snapshot, id).unwrap_or_else(|| {
            format!(
                "Create the peering connection again (aws ec2 create-vpc-peering-connection). {}",
                replace("--vpc-peering-connection-id", "PCX")
            )
        }),
        RouteTarget::NetworkInterface(id) => {
            let interface = network.network_interfaces.get(id);
            if interface.is_none() && snapshot.gap(Call::DescribeNetworkInterfaces).is_none() {
                return format!(
                    "The network interface {id} of the instance that forwarded the packets does not exist. Create a NAT gateway in a \
                     public subnet. {}",
                    replace("--nat-gateway-id", "NAT")
                );
            }
            let instance = interface.and_then(|interface| interface.instance.as_ref());
            let instance = instance.map_or("INSTANCE", ResourceId::as_str);
            format!(
                "Start the instance that forwards the packets: aws ec2 start-instances --instance-ids {instance}. Or use a NAT \
                 gateway in a public subnet. {}",
                replace("--nat-gateway-id", "NAT")
            )
        }
        RouteTarget::NatGateway(_) => {
            let usable = network.nat_gateways.iter().find(|nat| {
                Some(&nat.vpc) == vpc
                    && nat.state == NatState::Available
                    && nat.connectivity == NatConnectivity::Public
            });
            let before = match (usable, own_gateway) {
                (Some(_), _) => String::new(),
                (None, Some(_)) => {
                    "Create a NAT gateway in a public subnet: aws ec2 create-nat-gateway. ".to_owned()
                }
                (None, None) => format!(
                    "Attach an internet gateway to the VPC ({attach}): without one, each new NAT gateway fails. Then create a NAT \
                     gateway in a public subnet: aws ec2 create-nat-gateway. "
                ),
            };
            format!("{before}{}", replace("--nat-gateway-id", usable.map_or("NAT", |nat| nat.id.as_str())))
        }
        RouteTarget::Other(id) if id.as_str().starts_with("tgw-") => {
            format!("{} {}", attach_again(id, vpc), replace("--nat-gateway-id", "NAT"))
        }
        RouteTarget::Local | RouteTarget::Endpoint(_) | RouteTarget::Other(_) => {
            format!("Use a target that works. {}", replace("--nat-gateway-id", "NAT"))
        }
    }
}

/// How to accept a peering connection; `None` if it does not wait for this.
fn accept(snapshot: &Snapshot, id: &ResourceId) -> Option<String> {
    let peering = snapshot.network.peering_connections.get(id)?;
    (peering.state == PeeringState::PendingAcceptance).then(|| {
        format!(
            "Accept the peering connection in the account of the peer VPC: aws ec2 accept-vpc-peering-connection \
             --vpc-peering-connection-id {id}. The peer VPC also needs a route back to it."
        )
    })
}

/// How to make the routes of a VPC to a transit gateway active again.
fn attach_again(gateway: &ResourceId, vpc: Option<&VpcId>) -> String {
    format!(
        "If the attachment of the VPC to the transit gateway was deleted, create it again, and the route is active: aws ec2 \
         create-transit-gateway-vpc-attachment --transit-gateway-id {gateway} --vpc-id {} --subnet-ids SUBNETS. Or use a NAT gateway in \
         a public subnet.",
        vpc.map_or("VPC", VpcId::as_str)
    )
}

/// The available public NAT gateway of the connector's VPC, or a new one, with the command that changes the default routes.
pub(super) fn public_nat_gateway(snapshot: &Snapshot, cause: &Cause) -> String {
    let tables = source_tables(snapshot, cause);
    let (_, table) = place_of(&tables, "");
    let vpc = vpc_of(snapshot, cause);
    let mut gateways = snapshot.network.nat_gateways.iter();
    let nat = gateways.find(|nat| nat.vpc.as_str() == vpc && is_usable(nat));
    let (name, id) = match nat {
        Some(nat) => (format!("the NAT gateway {}, which is available in this VPC", nat.id), nat.id.as_str()),
        None => ("a new public NAT gateway of this VPC (aws ec2 create-nat-gateway)".to_owned(), "NAT"),
    };
    format!(
        "{name}: aws ec2 replace-route --route-table-id {table} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {id}"
    )
}

fn is_usable(nat: &NatGateway) -> bool {
    nat.state == NatState::Available && nat.connectivity == NatConnectivity::Public
}

/// The alternative to a NAT instance: the routes of its VPC to it go to an available NAT gateway, or to a new
/// one. `component` is the NAT instance's network interface or the route table of its subnet.
pub(super) fn or_nat_gateway(snapshot: &Snapshot, component: &str) -> String {
    let network = &snapshot.network;
    let interface = network.network_interfaces.get(&NetworkInterfaceId::from(component));
    let table = network.route_tables.iter().find(|table| table.id.as_str() == component);
    let vpc = interface.map(|interface| &interface.vpc).or(table.map(|table| &table.vpc));
    let nat = network.nat_gateways.iter().find(|nat| Some(&nat.vpc) == vpc && is_usable(nat));
    let command = |nat: &str| {
        format!(
            "aws ec2 replace-route --route-table-id TABLE --destination-cidr-block 0.0.0.0/0 --nat-gateway-id {nat}"
        )
    };
    match nat {
        Some(nat) => format!(
            " Or use the NAT gateway {}, which is available in this VPC: replace the default routes to the NAT instance: {}.",
            nat.id,
            command(nat.id.as_str())
        ),
        None => format!(
            " Or create a NAT gateway in a public subnet and replace the default routes to the NAT instance: {}.",
            command("NAT")
        ),
    }
}

/// Whether a destination of the cause is on the internet or an AWS service.
fn has_public_destination(cause: &Cause) -> bool {
    let mut destinations = cause.paths.iter().flat_map(|paths| &paths.destinations);
    destinations.any(|text| {
        destination(text).is_ok_and(|destination| match destination.kind {
            DestinationKind::Address(address) => PUBLIC.contains(address),
            DestinationKind::AwsVpc(_) => false,
            DestinationKind::AwsApi(_)
            | DestinationKind::AwsPublic(_)
            | DestinationKind::ThirdParty { .. } => true,
        })
    })
}

/// How to use another route of the route table: without the blackhole, the less specific route applies
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html>). `None` without such a route.
fn less_specific_route(snapshot: &Snapshot, tables: &[&str], target: &RouteTarget) -> Option<String> {
    let network = &snapshot.network;
    let table = tables.iter().find_map(|id| network.route_tables.get(&RouteTableId::from(*id)))?;
    let range = |route: &Route| match route.destination {
        RouteDestination::Ipv4(range) => Some(range),
        _ => None,
    };
    let dead = table.routes.iter().filter(|route| route.target == *target).find_map(range)?;
    let is_private = Addresses::from(dead).and(&PUBLIC).is_empty();
    let is_usable = |route: &&Route| {
        let leads_there = match &route.target {
            RouteTarget::Peering(_) | RouteTarget::Other(_) => true,
            RouteTarget::NatGateway(id) => !is_private && network.nat_gateways.get(id).is_some_and(is_usable),
            _ => false,
        };
        let is_wider = range(route).is_some_and(|wider| wider.contains(&dead) && wider != dead);
        leads_there && is_wider && route.state == RouteState::Active
    };
    let wider = table.routes.iter().filter(is_usable);
    let other = wider.max_by_key(|route| range(route).map(|range| range.prefix_len()))?;
    Some(format!(
        "Delete the route: aws ec2 delete-route --route-table-id {} --destination-cidr-block {dead}. Then the route {} -> {} applies.",
        table.id, other.destination, other.target
    ))
}

/// What a NAT gateway needs first in a VPC without an internet gateway, as a sentence that ends with a space; empty if the VPC has one
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>).
fn first_internet_gateway(snapshot: &Snapshot, vpc: &str) -> String {
    let network = &snapshot.network;
    let is_own = |id: &VpcId| id.as_str() == vpc;
    if network.internet_gateways.iter().any(|gateway| gateway.attached_to.as_ref().is_some_and(is_own))
        || snapshot.gap(Call::DescribeInternetGateways).is_some()
    {
        return String::new();
    }
    let free = network.internet_gateways.iter().find(|gateway| gateway.attached_to.is_none());
    let create = match free {
        Some(_) => String::new(),
        None => "aws ec2 create-internet-gateway, then ".to_owned(),
    };
    let id = free.map_or("IGW", |gateway| gateway.id.as_str());
    format!(
        "The VPC has no internet gateway, which a NAT gateway needs: {create}aws ec2 attach-internet-gateway --internet-gateway-id {id} \
         --vpc-id {vpc}. The subnet of the NAT gateway needs a route table with a default route to it: aws ec2 create-route \
         --route-table-id TABLE --destination-cidr-block 0.0.0.0/0 --gateway-id {id}. "
    )
}
