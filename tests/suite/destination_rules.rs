//! One test for each rule of AWS about destinations in a VPC and the paths to them, named after the rule, with the AWS page that
//! documents it. Each test changes the default test network and compares the complete trace.

use crate::support::network::{OKTA, TestNetwork, tcp};
use egress_doctor::model::*;

const DATABASE: &str = "10.40.16.7:5432";
const PEER_DATABASE: &str = "10.90.1.20:5432";
const PUBLIC_DATABASE: &str = "54.70.1.20:5432";

/// Compares the traces, each with a title, with the snapshot of the test's name.
macro_rules! assert_traces {
    ($($case:literal: $trace:expr),+ $(,)?) => {
        insta::assert_snapshot!([$(format!("# {}\n{}", $case, $trace)),+].join("\n"))
    };
}

fn interface(network: TestNetwork, id: &str, change: impl FnOnce(&mut NetworkInterface)) -> TestNetwork {
    network.with(|network| {
        change(network.network_interfaces.get_mut(&NetworkInterfaceId::from(id)).unwrap());
    })
}

fn of_group(group: &str) -> SecurityGroupRule {
    let ports = PortRange::one(5432);
    SecurityGroupRule { protocol: Protocol::Tcp, ports, peer: Peer::Group(SecurityGroupId::from(group)) }
}

fn second_group(network: TestNetwork, rules: Vec<SecurityGroupRule>) -> TestNetwork {
    let network = network.with(|network| {
        let mut group = network.security_groups.get(&SecurityGroupId::from("sg-db")).unwrap().clone();
        group.id = SecurityGroupId::from("sg-second");
        group.ingress = rules;
        network.security_groups.insert(group);
    });
    interface(network, "eni-db", |one| one.security_groups.push(SecurityGroupId::from("sg-second")))
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>: the rules of all security groups of a network
/// interface are combined, and a rule with a security group allows the network interfaces in that group.
#[test]
fn the_rules_of_all_security_groups_of_the_destination_are_combined() {
    let closed = || TestNetwork::new().database(vec![tcp(5432, "10.99.0.0/16")]);
    assert_traces!(
        "no group allows the connector": closed().trace("a", DATABASE),
        "the second group allows it": second_group(closed(), vec![of_group("sg-app")]).trace("a", DATABASE),
        "a rule for another group": second_group(closed(), vec![of_group("sg-db")]).trace("a", DATABASE),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html>: the network ACL of the destination's subnet filters
/// the request inbound and the reply outbound.
#[test]
fn the_network_acl_of_the_destinations_subnet_filters_both_directions() {
    let with_acl = |inbound: PortRange, outbound: PortRange| {
        TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
            let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
            acl.subnets.retain(|id| id.as_str() != "subnet-b");
            let mut own = acl.clone();
            own.id = NetworkAclId::from("acl-db");
            own.subnets = vec![SubnetId::from("subnet-b")];
            own.inbound.iter_mut().for_each(|rule| (rule.protocol, rule.ports) = (Protocol::Tcp, inbound));
            own.outbound.iter_mut().for_each(|rule| (rule.protocol, rule.ports) = (Protocol::Tcp, outbound));
            network.network_acls.insert(own);
        })
    };
    let range = |from, to| PortRange { from, to };
    assert_traces!(
        "both": with_acl(PortRange::one(5432), range(1024, 65535)).trace("a", DATABASE),
        "no request": with_acl(PortRange::one(3306), range(1024, 65535)).trace("a", DATABASE),
        "no reply": with_acl(PortRange::one(5432), PortRange::one(5432)).trace("a", DATABASE),
        "in the same subnet": with_acl(PortRange::one(3306), PortRange::one(1)).trace("b", DATABASE),
    );
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html>: the status `available` means that the
/// network interface is not attached.
#[test]
fn a_network_interface_that_is_not_attached_accepts_no_connection() {
    let database = TestNetwork::new().database(vec![tcp(5432, "10.40.0.0/16")]);
    let detached = interface(database, "eni-db", |one| one.state = InterfaceState::Available);
    assert_traces!("detached": detached.trace("a", DATABASE));
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html>: a Network Load Balancer
/// can have no security groups; then it accepts all traffic.
#[test]
fn a_network_load_balancer_without_security_groups_accepts_all_traffic() {
    let without = |kind: InterfaceKind| {
        let database = TestNetwork::new().database(Vec::new());
        interface(database, "eni-db", |one| {
            one.kind = kind;
            one.description = "ELB net/orders/50dc6c495c0c9188".to_owned();
            one.security_groups.clear();
        })
    };
    assert_traces!(
        "a Network Load Balancer": without(InterfaceKind::NetworkLoadBalancer).trace("a", DATABASE),
        "another network interface": without(InterfaceKind::Interface).trace("a", DATABASE),
    );
}

/// The database in the public subnet with a public address, behind the NAT gateway 35.160.1.10.
fn public_database(rule: SecurityGroupRule) -> TestNetwork {
    let network = TestNetwork::new().behind_nat().database(vec![rule]).with(|network| {
        let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
        nat.public_addresses = vec!["35.160.1.10".parse().unwrap()];
    });
    interface(network, "eni-db", |one| {
        one.subnet = SubnetId::from("subnet-public");
        one.addresses = vec!["10.40.96.7".parse().unwrap()];
        one.public_address = true;
        one.public_addresses = vec!["54.70.1.20".parse().unwrap()];
    })
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.Scenarios.html>: a DB instance that is accessed over the
/// internet must allow the public address of the client, here that of the NAT gateway. A rule with a security group does not match it
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html>).
#[test]
fn a_public_database_must_allow_the_public_address_of_the_nat_gateway() {
    assert_traces!(
        "the address of the NAT gateway": public_database(tcp(5432, "35.160.1.10/32")).trace("a", PUBLIC_DATABASE),
        "another address": public_database(tcp(5432, "35.160.1.11/32")).trace("a", PUBLIC_DATABASE),
        "the security group of the connector": public_database(of_group("sg-app")).trace("a", PUBLIC_DATABASE),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html>: block-ingress blocks connections from the
/// internet to a public address.
#[test]
fn block_public_access_blocks_a_public_database() {
    let blocked = public_database(tcp(5432, "0.0.0.0/0")).with(|network| {
        network
            .subnets
            .iter_mut()
            .for_each(|subnet| subnet.block_public_access = BlockPublicAccess::BlockIngress);
    });
    assert_traces!("block-ingress": blocked.trace("a", PUBLIC_DATABASE));
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html>: source/destination checks off, a security
/// group that allows the traffic of the private subnets, a public subnet, a public address.
#[test]
fn a_nat_instance_needs_a_rule_a_public_subnet_and_a_public_address() {
    let instance = |change: fn(&mut NetworkInterface)| {
        interface(TestNetwork::new().nat_instance(), "eni-nat", |one| {
            one.source_dest_check = Some(false);
            change(one);
        })
    };
    let closed = instance(|_| {}).with(|network| {
        network.security_groups.get_mut(&SecurityGroupId::from("sg-nat")).unwrap().ingress.clear();
    });
    assert_traces!(
        "only its software is not known": instance(|_| {}).trace("a", OKTA),
        "no inbound rule": closed.trace("a", OKTA),
        "no public address": instance(|one| {
            one.public_address = false;
            one.public_addresses.clear();
        })
        .trace("a", OKTA),
        "in a subnet that routes to the instance itself":
            instance(|one| one.subnet = SubnetId::from("subnet-b")).trace("a", OKTA),
        "a private address of another network": instance(|one| one.subnet = SubnetId::from("subnet-b"))
            .trace("a", PEER_DATABASE),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-routing.html>: the route tables of both VPCs need a route to the
/// peering connection, which must be active
/// (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html#vpc-peering-lifecycle>).
#[test]
fn a_peering_connection_must_be_active_and_needs_routes_in_both_vpcs() {
    let peered = || TestNetwork::peered(vec![of_group("sg-app")]);
    let in_state = |state: PeeringState| {
        peered().with(|network| {
            network.peering_connections.get_mut(&ResourceId::from("pcx-1")).unwrap().state = state;
        })
    };
    let one_way = peered().with(|network| {
        network.route_tables.get_mut(&RouteTableId::from("rtb-peer")).unwrap().routes.truncate(1);
    });
    assert_traces!(
        "active, with both routes": peered().trace("a", PEER_DATABASE),
        "not accepted": in_state(PeeringState::PendingAcceptance).trace("a", PEER_DATABASE),
        "no route back": one_way.trace("a", PEER_DATABASE),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html>: the internet has no route to private addresses.
#[test]
fn a_route_to_the_internet_does_not_reach_private_addresses_of_other_networks() {
    assert_traces!(
        "through a NAT gateway": TestNetwork::new().behind_nat().trace("a", PEER_DATABASE),
        "through an internet gateway": TestNetwork::new().public_only().trace("a", PEER_DATABASE),
        "without a route": TestNetwork::new().trace("a", PEER_DATABASE),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/working-with-igw.html>: an internet gateway must be attached to the VPC.
#[test]
fn an_internet_gateway_must_be_attached_to_the_vpc() {
    assert_traces!(
        "detached": TestNetwork::new().behind_nat().without_internet_gateway().trace("a", OKTA),
    );
}

/// A public address can be that of a database that refuses the packets: without the network interfaces this is unknown.
#[test]
fn a_public_address_is_unknown_if_the_network_interfaces_were_not_read() {
    let whole = || {
        TestNetwork::new().behind_nat().database(vec![tcp(5432, "10.40.0.0/16")]).with(|network| {
            let interface = network.network_interfaces.get_mut(&NetworkInterfaceId::from("eni-db")).unwrap();
            interface.public_address = true;
            interface.public_addresses = vec!["54.70.1.20".parse().unwrap()];
            let nat = network.nat_gateways.get_mut(&NatGatewayId::from("nat-1")).unwrap();
            nat.public_addresses = vec!["35.160.1.10".parse().unwrap()];
        })
    };
    assert!(whole().ask(PUBLIC_DATABASE).starts_with("a blocked"));
    let unread = whole()
        .denied(Call::DescribeNetworkInterfaces, |network| network.network_interfaces = Table::default());
    let text = unread.ask(PUBLIC_DATABASE);
    let rule = "needs ec2:DescribeNetworkInterfaces: it is unknown whether 54.70.1.20 is the public address of a network interface";
    assert!(text.starts_with("a unknown") && text.contains(rule), "{text}");
    assert!(unread.ask(OKTA).starts_with("a reachable"), "a name is not an address of this account");
}
