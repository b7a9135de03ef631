//! The manual step for a destination in another VPC that was read.
//!
//! Owns the sentences that name this VPC, its ranges and its route tables.

use ipnet::Ipv4Net;

use crate::diagnose::Cause;
use crate::evidence::destination;
use crate::model::{NetworkInterface, PeeringState, RouteTableId, Snapshot, Vpc, VpcId};
use crate::reach::{Code, known_interfaces, route_table_of};

/// The network interface of the first destination of a cause.
fn interface_of<'a>(snapshot: &'a Snapshot, cause: &Cause) -> Option<&'a NetworkInterface> {
    let mut destinations = cause.paths.iter().flat_map(|paths| &paths.destinations);
    destinations.find_map(|text| known_interfaces(snapshot, &destination(text).ok()?).into_iter().next())
}

/// The VPC that contains the destinations of a cause, if it was read.
pub(super) fn of_destination<'a>(snapshot: &'a Snapshot, cause: &Cause) -> Option<&'a VpcId> {
    interface_of(snapshot, cause).map(|interface| &interface.vpc)
}

fn own_vpc<'a>(snapshot: &'a Snapshot, cause: &Cause) -> Option<&'a Vpc> {
    snapshot.network.vpcs.get(&VpcId::from(vpc_of(snapshot, cause)))
}

/// `10.1.0.0/16`, or `RANGE` and the ranges in words if there are several.
fn range_of(vpc: &Vpc) -> (String, String) {
    match vpc.cidrs.as_slice() {
        [one] => (one.to_string(), String::new()),
        several => {
            let list: Vec<String> = several.iter().map(Ipv4Net::to_string).collect();
            ("RANGE".to_owned(), format!(", for each range of {}: {}", vpc.id, list.join(", ")))
        }
    }
}

/// How to connect the VPC of the service with the VPC that contains the destination; `None` if that VPC is not known, or is the
/// service's own. <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html>
pub(super) fn connect(snapshot: &Snapshot, cause: &Cause) -> Option<String> {
    let own = own_vpc(snapshot, cause)?;
    let interface = interface_of(snapshot, cause)?;
    // A missing route to a public address is not a missing route to its VPC.
    if cause.code == Code::NoRouteToDestination && interface.public_address {
        return None;
    }
    let other = snapshot.network.vpcs.get(&interface.vpc).filter(|vpc| vpc.id != own.id)?;
    let address = interface.addresses.first()?;
    let description = match interface.description.as_str() {
        "" => String::new(),
        description => format!(" ({description})"),
    };
    let is_there = format!(
        "The address {address} is that of network interface {}{description} in {}, another VPC than {} of the connector.",
        interface.id, other.id, own.id
    );
    let connector = format!(
        "a connector with subnets of {} (aws apprunner create-vpc-connector, update-service); all destinations of the service then use \
         that VPC",
        other.id
    );
    let overlaps = own.addresses().and(&other.addresses());
    if !overlaps.is_empty() {
        return Some(format!(
            "{is_there} Use {connector}. A peering connection is not possible: the ranges of the VPCs overlap."
        ));
    }
    let tables = source_tables(snapshot, cause);
    let (place, table) = place_of(&tables, "the route tables of the connector's subnets");
    let (range, each) = range_of(other);
    let (back, each_back) = range_of(own);
    let mut peerings = snapshot.network.peering_connections.iter();
    let peering = peerings
        .find(|peering| peering.peer_of(&own.id) == Some(&other.id) && peering.state == PeeringState::Active);
    let (connect, peering) = if let Some(peering) = peering {
        (format!("{} connects the VPCs: add", peering.id), peering.id.as_str())
    } else {
        let owner = snapshot.owner_of(&other.id);
        let owner = owner.map_or(String::new(), |owner| format!(" --peer-owner-id {}", owner.account));
        let create = format!(
            "Connect the VPCs: aws ec2 create-vpc-peering-connection --vpc-id {} --peer-vpc-id {}{owner}, then accept it, then add",
            own.id, other.id
        );
        (create, "PCX")
    };
    let subnet = snapshot.network.subnets.get(&interface.subnet);
    let back_table = subnet.and_then(|subnet| route_table_of(snapshot, subnet)).map(|(table, _)| &table.id);
    Some(format!(
        "{is_there} {connect} a route in {place}{each}: aws ec2 create-route --route-table-id {table} --destination-cidr-block {range} \
         --vpc-peering-connection-id {peering}, and the route back{each_back}: aws ec2 create-route --route-table-id {} \
         --destination-cidr-block {back} --vpc-peering-connection-id {peering}. Or use {connector}. A NAT gateway does not help.",
        back_table.map_or("TABLE", RouteTableId::as_str)
    ))
}

/// How to reach a destination in another VPC to which no route leads.
pub(super) fn join(snapshot: &Snapshot, cause: &Cause) -> String {
    let other = VpcId::from(cause.component.as_str());
    let own = own_vpc(snapshot, cause);
    let peer = snapshot.network.vpcs.get(&other);
    let connector = format!(
        "a connector with subnets of {other} (aws apprunner create-vpc-connector, update-service); all destinations of the service \
         then use that VPC"
    );
    let overlaps =
        own.zip(peer).is_some_and(|(own, peer)| !own.addresses().and(&peer.addresses()).is_empty());
    if overlaps {
        return format!(
            "Use {connector}. A peering connection is not possible: the ranges of the VPCs overlap. AWS PrivateLink also works: a \
             Network Load Balancer and an endpoint service in {other}, and an interface endpoint in {}.",
            vpc_of(snapshot, cause)
        );
    }
    let tables = source_tables(snapshot, cause);
    let (place, table) = place_of(&tables, "the route tables of the connector's subnets");
    let (range, each) =
        peer.map_or_else(|| ("RANGE".to_owned(), format!(", for the range of {other}")), range_of);
    format!(
        "Connect the VPCs: aws ec2 create-vpc-peering-connection --vpc-id {} --peer-vpc-id {other}, then aws ec2 \
         accept-vpc-peering-connection --vpc-peering-connection-id PCX. Add a route in {place}{each}: aws ec2 create-route \
         --route-table-id {table} --destination-cidr-block {range} --vpc-peering-connection-id PCX, and a route back in the route table \
         of the destination's subnet. Its security group must allow the connector. Or use {connector}.",
        vpc_of(snapshot, cause)
    )
}

/// How to reach a private address whose network is not known.
pub(super) fn find_network(snapshot: &Snapshot, cause: &Cause, range_option: &str) -> String {
    let tables = source_tables(snapshot, cause);
    let (place, table) = place_of(&tables, "the route tables of the connector's subnets");
    format!(
        "Find the network that has this private address (another VPC, or on premises), and add a route to it in {place}, and a route \
         back: aws ec2 create-route --route-table-id {table} {range_option} RANGE with --vpc-peering-connection-id PCX, \
         --transit-gateway-id TGW or --gateway-id VGW (VPN). A NAT gateway or an internet gateway does not help."
    )
}

/// The route back over the peering connection, in a route table of the peer VPC.
pub(super) fn return_route(snapshot: &Snapshot, cause: &Cause, table: &str) -> String {
    let network = &snapshot.network;
    let own = own_vpc(snapshot, cause);
    let peer = network.route_tables.get(&RouteTableId::from(table)).map(|table| &table.vpc);
    let peering = own.zip(peer).and_then(|(own, peer)| {
        network.peering_connections.iter().find(|peering| peering.peer_of(&own.id) == Some(peer))
    });
    let (range, each) = own
        .map_or_else(|| ("RANGE".to_owned(), ", with the range of the connector's VPC".to_owned()), range_of);
    format!(
        "Add a route back in the peer VPC{each}: aws ec2 create-route --route-table-id {table} --destination-cidr-block {range} \
         --vpc-peering-connection-id {}.",
        peering.map_or("PCX", |peering| peering.id.as_str())
    )
}

/// The place of several route tables in words, and the route table for the command.
pub(super) fn place_of<'a>(tables: &[&'a str], several: &str) -> (String, &'a str) {
    match tables {
        [] => (several.to_owned(), "TABLE"),
        [table] => (format!("route table {table}"), table),
        tables => (format!("{} route tables ({})", tables.len(), tables.join(", ")), "TABLE"),
    }
}

/// The route tables of the subnets from which a cause blocks, each once.
pub(super) fn source_tables<'a>(snapshot: &'a Snapshot, cause: &Cause) -> Vec<&'a str> {
    let subnets = cause.subnets.iter().filter_map(|id| snapshot.network.subnets.get(id));
    let mut tables: Vec<&str> = Vec::new();
    for table in subnets.filter_map(|subnet| Some(route_table_of(snapshot, subnet)?.0.id.as_str())) {
        if !tables.contains(&table) {
            tables.push(table);
        }
    }
    tables
}

/// The VPC of the first subnet of a cause.
pub(super) fn vpc_of<'a>(snapshot: &'a Snapshot, cause: &Cause) -> &'a str {
    let subnet = cause.subnets.iter().find_map(|id| snapshot.network.subnets.get(id));
    subnet.map_or("VPC", |subnet| subnet.vpc.as_str())
}
