//! The addresses that a destination sees behind a NAT gateway: the private address of a NAT gateway in front of a peering
//! connection, and several public addresses.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{Change, Proposal, RemedyId};

use crate::support::network::{TestNetwork, tcp};

fn asked(network: &TestNetwork, host: &str) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    Case::open(
        Arc::new(network.0.clone()),
        workload,
        &Query::for_destinations(vec![destination(host).unwrap()]),
    )
}

fn fix(case: &Case, id: RemedyId) -> &Proposal {
    case.proposals.iter().find(|proposal| proposal.remedies == [id]).unwrap()
}

const DATABASE: &str = "10.90.1.20:5432";

/// A private NAT gateway in subnet c in front of a peering connection: the service's subnets have a route for the peer VPC to the NAT
/// gateway, whose subnet has one to the connection.
fn private_nat(rules: Vec<SecurityGroupRule>, addresses: &[&str]) -> TestNetwork {
    let nat = RouteTarget::NatGateway(NatGatewayId::from("nat-1"));
    TestNetwork::peered(rules).nat("available", NatConnectivity::Private, "subnet-c").with(|network| {
        let table = network.route_tables.get_mut(&RouteTableId::from("rtb-private")).unwrap();
        let is_to_peer = |route: &&mut Route| matches!(route.target, RouteTarget::Peering(_));
        table.routes.iter_mut().filter(is_to_peer).for_each(|route| route.target = nat.clone());
        let connector = network.connectors.iter_mut().next().unwrap();
        connector.subnets.retain(|id| id.as_str() != "subnet-c");
        let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
        nat.private_addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    })
}

fn by_group() -> SecurityGroupRule {
    SecurityGroupRule {
        protocol: Protocol::Tcp,
        ports: PortRange::one(5432),
        peer: Peer::Group(SecurityGroupId::from("sg-app")),
    }
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-scenarios.html>: a private NAT gateway replaces the source address by its
/// own private address, so a rule that names the security group of the client does not match.
#[test]
fn a_database_behind_a_private_nat_gateway_sees_its_private_address() {
    let network = private_nat(vec![by_group()], &["10.40.32.20"]);
    let case = asked(&network, DATABASE);
    let causes: Vec<&str> = case.diagnosis.causes.iter().map(|cause| cause.explanation.as_str()).collect();
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert!(
        causes[0].starts_with(
            "Security group sg-db of network interface eni-db (RDSNetworkInterface) has no inbound rule for tcp 5432 from 10.40.32.20, the \
             private address of NAT gateway nat-1."
        ),
        "{causes:?}"
    );
    assert_eq!(
        case.manual_step(&case.diagnosis.causes[0]),
        "Allow the private address of the NAT gateway, which the packets come from: aws ec2 authorize-security-group-ingress --group-id \
         sg-db --protocol tcp --port 5432 --cidr 10.40.32.20/32."
    );
    let made = fix(&case, RemedyId::DestinationIngress);
    assert_eq!(
        made.changes,
        [Change::AllowEndpointIngress {
            group: SecurityGroupId::from("sg-db"),
            port: 5432,
            peer: Peer::Ipv4("10.40.32.20/32".parse().unwrap()),
        }]
    );
    assert_eq!(made.unknown_after, ["10.90.1.20"]);
    assert_eq!(
        made.side_effects,
        [
            "Everything that uses the private address 10.40.32.20/32 can then connect to the network interfaces in sg-db, on these ports \
             only."
        ]
    );
    let recommended = case.proposals.iter().find(|proposal| proposal.recommended.is_some()).unwrap();
    assert_eq!(recommended.id(), "destination-ingress");
    assert_eq!(
        recommended.recommended.as_deref(),
        Some("Removes the known cause; whether the destinations are then reachable is unknown.")
    );
}

/// A rule for the address allows the packets. AWS documents private NAT gateways only in front of transit gateways and virtual private
/// gateways, so the path stays unknown, with the step that decides it. Several addresses, or none that was read, need a rule for the
/// subnet of the NAT gateway.
#[test]
fn a_peering_connection_behind_a_private_nat_gateway_is_never_certainly_reachable() {
    let allowed = asked(&private_nat(vec![tcp(5432, "10.40.32.20/32")], &["10.40.32.20"]), DATABASE);
    assert_eq!(
        allowed.nothing_to_do().unwrap().next_steps,
        [
            "Compare the metrics ConnectionAttemptCount and ConnectionEstablishedCount of the NAT gateway: aws cloudwatch \
             get-metric-statistics --namespace AWS/NATGateway --metric-name ConnectionEstablishedCount --dimensions \
             Name=NatGatewayId,Value=nat-1 --statistics Sum --period 300 --start-time START --end-time END."
        ]
    );
    let word = |case: &Case| case.diagnosis.findings[0].verdict().word();
    let by_address = || vec![tcp(5432, "10.40.32.20/32")];
    assert_eq!(word(&asked(&private_nat(by_address(), &["10.40.32.20"]), DATABASE)), "unknown");
    assert_eq!(word(&asked(&private_nat(by_address(), &[]), DATABASE)), "unknown");
    let several = asked(&private_nat(vec![by_group()], &["10.40.32.20", "10.40.32.21"]), DATABASE);
    assert_eq!(word(&several), "blocked");
    let Change::AllowEndpointIngress { peer, .. } = &fix(&several, RemedyId::DestinationIngress).changes[0]
    else {
        panic!()
    };
    assert_eq!(peer.to_string(), "10.40.32.0/20");
}

/// The route back to the NAT gateway is missing in the peer VPC: the route to the peer VPC stays that to the NAT gateway.
#[test]
fn a_missing_route_back_to_a_private_nat_gateway_needs_no_other_route() {
    let network = private_nat(vec![tcp(5432, "10.40.32.20/32")], &["10.40.32.20"]).with(|network| {
        let table = network.route_tables.get_mut(&RouteTableId::from("rtb-peer")).unwrap();
        table.routes.retain(|route| route.target == RouteTarget::Local);
    });
    let case = asked(&network, DATABASE);
    let made = fix(&case, RemedyId::PeeringRoute);
    let Change::RouteToPeering { route_tables, .. } = &made.changes[0] else { panic!() };
    assert_eq!(
        (made.changes.len(), route_tables.as_slice()),
        (1, [RouteTableId::from("rtb-peer")].as_slice())
    );
    assert_eq!(made.unknown_after, ["10.90.1.20"]);
}

/// AWS does not document which of its addresses a NAT gateway uses for a connection.
#[test]
fn a_destination_that_allows_one_of_two_public_addresses_gets_the_rule_for_the_other() {
    let network = TestNetwork::new()
        .database(vec![tcp(5432, "203.0.113.9/32")])
        .nat("available", NatConnectivity::Public, "subnet-public")
        .default_route(&RouteTarget::NatGateway(NatGatewayId::from("nat-1")))
        .with(|network| {
            let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
            nat.public_addresses = ["203.0.113.9", "203.0.113.10"].map(|one| one.parse().unwrap()).to_vec();
            let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            interface.subnet = SubnetId::from("subnet-public");
            interface.public_addresses = vec!["54.70.1.20".parse().unwrap()];
        });
    let case = asked(&network, "54.70.1.20:5432");
    let step = case.nothing_to_do().unwrap().next_steps;
    assert_eq!(
        step,
        [
            "Allow the other public addresses of the NAT gateway (203.0.113.10) too: aws ec2 authorize-security-group-ingress --group-id \
             sg-db --protocol tcp --port 5432 --cidr 203.0.113.10/32."
        ]
    );
}
