//! A central egress VPC of another account behind a transit gateway. One test for each rule, with the AWS page that documents it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::support::network::{OKTA, TestNetwork, tcp};
use egress_doctor::case::Case;
use egress_doctor::diagnose::FindingVerdict;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;

const OWN: &str = "123456789012";
const OTHER: &str = "210987654321";

/// The default routes lead to `tgw-1`, which account 210987654321 owns with the egress VPC `vpc-2`.
pub(super) fn central() -> TestNetwork {
    let target = RouteTarget::of("tgw-1");
    let mut network = TestNetwork::new().default_route(&target).with(|network| {
        let subnet = network.subnets.get(&SubnetId::from("subnet-a")).unwrap().clone();
        let acl = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
        let vpc = network.vpcs.get(&VpcId::from("vpc-1")).unwrap().clone();
        network.vpcs.insert(Vpc { id: "vpc-2".into(), cidrs: vec!["10.99.0.0/16".parse().unwrap()], ..vpc });
        let mut add = |id: &str, vpc: &str, zone: &str, cidr: &str| {
            network.subnets.insert(Subnet {
                id: id.into(),
                vpc: vpc.into(),
                zone: zone.into(),
                cidr: Some(cidr.parse().unwrap()),
                owner: Some(if vpc == "vpc-1" { OWN } else { OTHER }.to_owned()),
                ..subnet.clone()
            });
        };
        for (number, zone) in ["a", "b", "c"].into_iter().enumerate() {
            let name = format!("us-west-2{zone}");
            add(&format!("subnet-tgw-{zone}"), "vpc-1", &name, &format!("10.40.250.{}/28", number * 16));
        }
        add("subnet-in-a", "vpc-2", "us-west-2a", "10.99.1.0/28");
        add("subnet-in-b", "vpc-2", "us-west-2b", "10.99.2.0/28");
        add("subnet-nat", "vpc-2", "us-west-2a", "10.99.3.0/24");
        let own: Vec<SubnetId> = ["a", "b", "c"].map(|zone| format!("subnet-tgw-{zone}").into()).to_vec();
        network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap().subnets.extend(own.clone());
        for (id, subnets) in [("acl-in", &["subnet-in-a", "subnet-in-b"][..]), ("acl-nat", &["subnet-nat"])] {
            let subnets = subnets.iter().map(|id| (*id).into()).collect();
            network.network_acls.insert(NetworkAcl {
                id: id.into(),
                vpc: "vpc-2".into(),
                subnets,
                ..acl.clone()
            });
        }
        let local = route("10.99.0.0/16", RouteTarget::Local);
        let inside = ["subnet-in-a", "subnet-in-b"];
        add_table(
            network,
            "rtb-in",
            &inside,
            vec![local.clone(), route("0.0.0.0/0", RouteTarget::of("nat-2"))],
        );
        let back = route("10.40.0.0/16", RouteTarget::of("tgw-1"));
        let out = route("0.0.0.0/0", RouteTarget::of("igw-2"));
        add_table(network, "rtb-nat", &["subnet-nat"], vec![local, out, back]);
        network.internet_gateways.insert(InternetGateway {
            id: "igw-2".into(),
            attached_to: Some("vpc-2".into()),
            tags: BTreeMap::new(),
        });
        network.nat_gateways.insert(NatGateway {
            id: "nat-2".into(),
            vpc: "vpc-2".into(),
            state: NatState::Available,
            failure: None,
            connectivity: NatConnectivity::Public,
            has_appliance: false,
            unusable_addresses: None,
            private_addresses: Vec::new(),
            placement: NatPlacement::Subnet("subnet-nat".into()),
            public_addresses: vec!["203.0.113.9".parse().unwrap()],
            tags: BTreeMap::new(),
        });
        network.transit_attachments.insert(attachment("app", "vpc-1", OWN, own));
        let inside = inside.map(SubnetId::from).to_vec();
        network.transit_attachments.insert(attachment("egress", "vpc-2", OTHER, inside));
        let to = |id: &str| RouteTarget::Other(format!("tgw-attach-{id}").into());
        for (id, destination, target, origin) in [
            ("app", "0.0.0.0/0", "egress", RouteOrigin::Static),
            ("egress", "10.40.0.0/16", "app", RouteOrigin::Propagated),
        ] {
            let routes = vec![Route { origin, ..route(destination, to(target)) }];
            network
                .transit_route_tables
                .insert(TransitRouteTable { id: format!("tgw-rtb-{id}").into(), routes });
        }
    });
    network.0.account = Some(OWN.to_owned());
    network.0.other_places = vec![Place { account: OTHER.to_owned(), region: "us-west-2".into() }];
    network
}

fn route(destination: &str, target: RouteTarget) -> Route {
    let destination = RouteDestination::Ipv4(destination.parse().unwrap());
    Route { destination, target, state: RouteState::Active, origin: RouteOrigin::Static }
}

fn add_table(network: &mut Network, id: &str, subnets: &[&str], routes: Vec<Route>) {
    network.route_tables.insert(RouteTable {
        id: id.into(),
        vpc: "vpc-2".into(),
        main: false,
        subnets: subnets.iter().map(|id| (*id).into()).collect(),
        routes,
        tags: BTreeMap::new(),
    });
}

fn attachment(id: &str, vpc: &str, owner: &str, subnets: Vec<SubnetId>) -> TransitAttachment {
    TransitAttachment {
        id: format!("tgw-attach-{id}").into(),
        gateway: "tgw-1".into(),
        gateway_owner: Some(OTHER.to_owned()),
        vpc: Some(vpc.into()),
        owner: Some(owner.to_owned()),
        state: AttachmentState::Available,
        subnets,
        association: TransitAssociation::Table(format!("tgw-rtb-{id}").into()),
    }
}

fn attached(network: TestNetwork, id: &str, change: impl FnOnce(&mut TransitAttachment)) -> TestNetwork {
    network.with(|network| {
        change(network.transit_attachments.get_mut(&format!("tgw-attach-{id}").into()).unwrap());
    })
}

/// Changes the routes of a transit gateway's route table.
fn routes(id: &str, change: impl FnOnce(&mut Vec<Route>)) -> TestNetwork {
    central().with(|network| {
        change(&mut network.transit_route_tables.get_mut(&format!("tgw-rtb-{id}").into()).unwrap().routes);
    })
}

/// Changes the routes of a route table of the egress VPC.
fn vpc_routes(id: &str, change: impl FnOnce(&mut Vec<Route>)) -> TestNetwork {
    central().with(|network| change(&mut network.route_tables.get_mut(&id.into()).unwrap().routes))
}

/// Changes one network ACL.
fn acl(network: TestNetwork, id: &str, change: impl FnOnce(&mut NetworkAcl)) -> TestNetwork {
    network.with(|network| change(network.network_acls.get_mut(&id.into()).unwrap()))
}

fn deny(remote: &str, ports: PortRange) -> AclRule {
    AclRule {
        number: 1,
        protocol: Protocol::Tcp,
        ports,
        remote: remote.parse().unwrap(),
        action: AclAction::Deny,
    }
}

fn case(network: &TestNetwork) -> Case {
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let query = Query::for_destinations([destination(OKTA).unwrap()]);
    Case::open(Arc::new(network.0.clone()), workload, &query)
}

/// Compares the traces, each with a title, with the snapshot of the test's name.
macro_rules! assert_traces {
    ($($case:literal: $trace:expr),+ $(,)?) => {
        insta::assert_snapshot!([$(format!("# {}\n{}", $case, $trace)),+].join("\n"))
    };
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html>: a route to the transit gateway, its route table, the
/// route tables of the egress VPC, the NAT gateway, the internet gateway, and the return routes.
#[test]
fn a_destination_behind_a_central_egress_vpc_is_reachable_with_every_hop() {
    let network = central();
    insta::assert_snapshot!(network.trace("a", OKTA));
    assert_eq!(
        network.ask(OKTA),
        ["a", "b", "c"].map(|zone| format!("{zone} reachable by nat nat-2\n")).concat()
    );
    let case = case(&network);
    assert_eq!(case.diagnosis.findings[0].verdict(), FindingVerdict::Reachable);
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html>: resources in AZs in which the attachment has no subnet cannot
/// reach the transit gateway; a NAT gateway in such an AZ cannot answer.
#[test]
fn an_attachment_serves_only_the_azs_of_its_subnets() {
    let without = |id: &str, subnet: &str| {
        attached(central(), id, |one| one.subnets.retain(|id| id.as_str() != subnet))
    };
    assert_traces!(
        "the attachment of the connector's VPC has no subnet in c": without("app", "subnet-tgw-c").ask(OKTA),
        "that of the egress VPC has none in the AZ of the NAT gateway": without("egress", "subnet-in-a").ask(OKTA),
        "a subnet of the attachment was not read": central().with(|network| {
            let subnets = std::mem::take(&mut network.subnets);
            network.subnets = subnets.iter().filter(|one| one.id.as_str() != "subnet-tgw-b").cloned().collect();
        }).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html>: an attachment is associated with one route table, which routes its
/// packets. An attachment without association has no routes.
#[test]
fn the_route_table_of_the_attachment_decides() {
    let association = |id: &str, association: TransitAssociation| {
        attached(central(), id, |one| one.association = association).trace("a", OKTA)
    };
    let pending = || TransitAssociation::Pending("tgw-rtb-app".into());
    assert_traces!(
        "no route table": association("app", TransitAssociation::None),
        "no route table for the replies": association("egress", TransitAssociation::None),
        "an association that is not complete": association("app", pending()),
        "an association that was not read": association("app", TransitAssociation::NotRead),
        "the wrong route table": association("app", TransitAssociation::Table("tgw-rtb-egress".into())),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html#tgw-route-evaluation-overview>: the most specific route;
/// of the same destination, a static before a propagated one. A blackhole drops the packets.
#[test]
fn a_transit_gateway_uses_the_most_specific_route_and_a_static_before_a_propagated_one() {
    let okta = "54.0.0.0/8";
    let other = || RouteTarget::Other("tgw-attach-vpn".into());
    let more = |routes: &mut Vec<Route>, new: Route| routes.push(new);
    let blackhole = |destination: &str| {
        let target = RouteTarget::Other("tgw-rtb-app".into());
        Route { state: RouteState::Blackhole, ..route(destination, target) }
    };
    let propagated = Route { origin: RouteOrigin::Propagated, ..route("0.0.0.0/0", other()) };
    let pending = RouteState::Other("pending".to_owned());
    assert_traces!(
        "no route": routes("app", Vec::clear).trace("a", "54.1.2.3:443"),
        "a blackhole": routes("app", |routes| *routes = vec![blackhole("0.0.0.0/0")]).trace("a", "54.1.2.3:443"),
        "a more specific blackhole": routes("app", |routes| more(routes, blackhole(okta))).trace("a", "54.1.2.3:443"),
        "a more specific route to an attachment that was not read":
            routes("app", |routes| more(routes, route(okta, other()))).trace("a", "54.1.2.3:443"),
        "a propagated route beside the static one":
            routes("app", |routes| more(routes, propagated.clone())).trace("a", "54.1.2.3:443"),
        "two static routes to different attachments":
            routes("app", |routes| more(routes, route("0.0.0.0/0", other()))).trace("a", "54.1.2.3:443"),
        "a route in another state": routes("app", |routes| routes[0].state = pending).trace("a", "54.1.2.3:443"),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html>: the replies need a route in the route table of the NAT
/// gateway's subnet and one in the route table of the egress VPC's attachment.
#[test]
fn the_replies_need_both_return_routes() {
    let back = |routes: &mut Vec<Route>| routes.retain(|one| one.target != RouteTarget::of("tgw-1"));
    let part = |routes: &mut Vec<Route>| routes[0] = route("10.40.0.0/21", routes[0].target.clone());
    assert_traces!(
        "no route in the VPC": vpc_routes("rtb-nat", back).trace("a", OKTA),
        "no route in the transit gateway": routes("egress", Vec::clear).trace("a", OKTA),
        "a blackhole in the transit gateway":
            routes("egress", |routes| routes[0].state = RouteState::Blackhole).trace("a", OKTA),
        "a route for a part of the subnet": routes("egress", part).trace("a", OKTA),
        "a route to another attachment": routes("egress", |routes| {
            routes[0].target = RouteTarget::Other("tgw-attach-firewall".into());
        }).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html> and
/// <https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-nat-igw.html>: the subnets of the attachment route to a public NAT
/// gateway, and its subnet to an internet gateway.
#[test]
fn the_egress_vpc_routes_to_a_working_nat_gateway() {
    let nat = |change: fn(&mut NatGateway)| {
        central().with(|network| change(network.nat_gateways.get_mut(&"nat-2".into()).unwrap())).ask(OKTA)
    };
    let default = |target: &'static str| {
        vpc_routes("rtb-in", move |routes| routes[1].target = RouteTarget::of(target)).trace("a", OKTA)
    };
    assert_traces!(
        "the NAT gateway failed": nat(|nat| nat.state = NatState::Failed),
        "a private NAT gateway": nat(|nat| nat.connectivity = NatConnectivity::Private),
        "no route to the internet gateway":
            vpc_routes("rtb-nat", |routes| drop(routes.remove(1))).trace("a", OKTA),
        "no route to the NAT gateway": vpc_routes("rtb-in", |routes| drop(routes.remove(1))).trace("a", OKTA),
        "a route to the internet gateway without a NAT gateway": default("igw-2"),
        "a firewall endpoint": default("vpce-firewall"),
        "a NAT gateway that was not read": default("nat-3"),
        "the internet gateway is not attached": central().with(|network| {
            network.internet_gateways.get_mut(&"igw-2".into()).unwrap().attached_to = None;
        }).trace("a", OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html>: the network ACL of the transit gateway's subnet filters packets from the
/// instances inbound and those to them outbound, and not the other directions.
#[test]
fn the_network_acls_of_the_transit_gateways_subnets_filter_one_direction_each() {
    let own = |change: fn(&mut NetworkAcl)| {
        let network = central().with(|network| {
            let acl = network.network_acls.get_mut(&"acl-1".into()).unwrap();
            acl.subnets.retain(|id| !id.as_str().starts_with("subnet-tgw"));
            let subnets = ["a", "b", "c"].map(|zone| format!("subnet-tgw-{zone}").into()).to_vec();
            let own = NetworkAcl { id: "acl-tgw".into(), subnets, ..acl.clone() };
            network.network_acls.insert(own);
        });
        acl(network, "acl-tgw", change).ask(OKTA)
    };
    let inside = |id: &str, change: fn(&mut NetworkAcl)| acl(central(), id, change).ask(OKTA);
    let port = PortRange::one(443);
    assert_traces!(
        "own VPC: packets from the connector": own(|acl| acl.inbound.insert(0, deny("10.40.0.0/16", PortRange::one(443)))),
        "own VPC: replies to the connector": own(|acl| acl.outbound.insert(0, deny("10.40.0.0/16", PortRange::ALL))),
        "own VPC: outbound to the internet is not filtered":
            own(|acl| acl.outbound.insert(0, deny("54.0.0.0/8", PortRange::ALL))),
        "egress VPC: packets to the NAT gateway":
            inside("acl-in", |acl| acl.outbound.insert(0, deny("0.0.0.0/0", PortRange::one(443)))),
        "egress VPC: packets from the transit gateway are not filtered":
            inside("acl-in", |acl| acl.inbound.insert(0, deny("10.40.0.0/16", PortRange::ALL))),
        "the subnet of the NAT gateway":
            acl(central(), "acl-nat", |acl| acl.inbound.insert(0, deny("10.40.0.0/16", port))).ask(OKTA),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html>: no rule is evaluated between the transit gateway and the connector in the
/// same subnet.
#[test]
fn a_network_acl_of_a_subnet_that_the_transit_gateway_shares_blocks_nothing_for_certain() {
    let network = attached(central(), "app", |one| {
        one.subnets = ["a", "b", "c"].map(|zone| format!("subnet-{zone}").into()).to_vec();
    });
    let network = acl(network, "acl-1", |acl| acl.outbound.insert(0, deny("0.0.0.0/0", PortRange::one(443))));
    let case = case(&network);
    assert_eq!(case.diagnosis.findings[0].verdict(), FindingVerdict::Unknown);
    let hops = &case.diagnosis.findings[0].traces[0].hops;
    assert!(
        hops.iter().any(|hop| {
            hop.rule.ends_with(
                "; the rules are not evaluated for traffic to tgw-attach-app, which is in the same subnet",
            )
        }),
        "{hops:#?}"
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html#tgw-az-overview>: the transit gateway uses the subnet in the
/// AZ of the source, and in appliance mode another one. The names of AZs differ between accounts. A fault in one subnet is therefore
/// unknown for all sources, and a fault in every subnet certain.
#[test]
fn a_fault_in_one_of_the_subnets_of_the_egress_vpc_is_unknown() {
    let network = central().with(|network| {
        let table = network.route_tables.get_mut(&"rtb-in".into()).unwrap();
        table.subnets.pop();
        let local = table.routes[0].clone();
        add_table(network, "rtb-in-b", &["subnet-in-b"], vec![local]);
    });
    insta::assert_snapshot!(network.ask(OKTA));
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayAttachment.html>: only an available attachment carries packets.
#[test]
fn an_attachment_that_is_not_available_carries_nothing() {
    let state =
        |id: &str, state: AttachmentState| attached(central(), id, |one| one.state = state).trace("a", OKTA);
    assert_traces!(
        "waits for acceptance": state("app", AttachmentState::PendingAcceptance),
        "rejected": state("egress", AttachmentState::Rejected),
        "is modified": state("app", AttachmentState::Modifying),
    );
}

/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.Scenarios.html>: a public database sees the address of the NAT gateway.
#[test]
fn a_public_database_sees_the_address_of_the_central_nat_gateway() {
    let database = |allowed: &str| {
        let rules = vec![tcp(5432, allowed)];
        central().database(rules).with(|network| {
            let interface = network.network_interfaces.get_mut(&"eni-db".into()).unwrap();
            interface.public_address = true;
            interface.public_addresses = vec!["54.70.1.20".parse().unwrap()];
            interface.subnet = "subnet-public".into();
        })
    };
    assert_traces!(
        "allowed": database("203.0.113.9/32").ask("54.70.1.20:5432"),
        "another address": database("203.0.113.10/32").ask("54.70.1.20:5432"),
    );
}

/// <https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-share.html>: the account of the service sees its own attachment, not the
/// route tables. Each unknown part names the account and what reads it.
#[test]
fn what_was_not_read_is_unknown_and_names_its_account() {
    let step = |network: &TestNetwork| {
        let finding = case(network).diagnosis.findings[0].clone();
        assert_eq!(finding.verdict(), FindingVerdict::Unknown);
        (finding.explanation.clone(), finding.next_step.unwrap())
    };
    let alone = || {
        let mut network = attached(central(), "app", |one| one.association = TransitAssociation::NotRead)
            .with(|network| {
                network.transit_route_tables = Table::default();
                let own = network
                    .transit_attachments
                    .iter()
                    .filter(|one| one.owner.as_deref() == Some(OWN))
                    .cloned();
                network.transit_attachments = own.collect();
            });
        network.0.other_places.clear();
        network
    };
    let read =
        format!("Read account {OTHER} too: give --profile a second time, with a profile of account {OTHER}.");
    let (text, next) = step(&alone());
    assert_eq!(next, read);
    let rule = "the route table of tgw-attach-app in transit gateway tgw-1 was not read";
    assert!(text.contains(rule), "{text}");

    let denied = |call: Call| Gap {
        place: Some(Place { account: OTHER.to_owned(), region: "us-west-2".into() }),
        ..Gap::new(call, GapKind::Denied, "no".to_owned())
    };
    let mut routes = central().with(|network| network.transit_route_tables = Table::default());
    routes.0.gaps = vec![denied(Call::SearchTransitGatewayRoutes)];
    let allow = |action: &str| {
        format!("Allow {action} in account {OTHER} (us-west-2), then read the accounts again.")
    };
    assert_eq!(step(&routes).1, allow("ec2:SearchTransitGatewayRoutes"));

    // The egress VPC in a third account.
    let third = "345678901234";
    let mut network =
        attached(central(), "egress", |one| one.owner = Some(third.to_owned())).with(|network| {
            let own: Table<Vpc> =
                network.vpcs.iter().filter(|vpc| vpc.id.as_str() == "vpc-1").cloned().collect();
            network.vpcs = own;
        });
    let (text, next) = step(&network);
    assert_eq!(next, read.replace(OTHER, third));
    let rule = format!("tgw-attach-egress attaches vpc-2 of account {third}, which was not read");
    assert!(text.contains(&rule), "{text}");
    network = attached(network, "egress", |one| one.owner = Some(OTHER.to_owned()));
    network.0.gaps = vec![denied(Call::DescribeNatGateways)];
    assert_eq!(step(&network).1, allow("ec2:DescribeNatGateways"));

    // A VPN connection, and a private address.
    let vpn = attached(central(), "egress", |one| one.vpc = None);
    assert!(
        step(&vpn)
            .0
            .contains("tgw-attach-egress attaches no VPC; egress-doctor checks only attachments of VPCs")
    );
    assert!(central().trace("a", "10.77.1.1:443").contains("tgw-1 is outside this VPC"));

    // Without facts about the transit gateway.
    let mut without = central().denied(Call::DescribeTransitGatewayAttachments, |network| {
        network.transit_attachments = Table::default();
    });
    assert_eq!(step(&without).1, "Allow ec2:DescribeTransitGatewayAttachments, then read the account again.");
    without.0.gaps.clear();
    assert!(step(&without).1.contains("--filters Name=transit-gateway-id,Values=tgw-1"));
}

/// Every cause has a fix or a manual step with a command.
#[test]
fn every_cause_behind_a_transit_gateway_has_a_manual_step() {
    let networks = [
        routes("app", Vec::clear),
        routes("egress", Vec::clear),
        routes("app", |routes| routes[0].state = RouteState::Blackhole),
        attached(central(), "app", |one| one.association = TransitAssociation::None),
        attached(central(), "app", |one| one.state = AttachmentState::PendingAcceptance),
        attached(central(), "app", |one| one.subnets.truncate(1)),
        vpc_routes("rtb-nat", |routes| drop(routes.pop())),
        vpc_routes("rtb-in", |routes| drop(routes.pop())),
        vpc_routes("rtb-nat", |routes| drop(routes.remove(1))),
        central()
            .with(|network| network.nat_gateways.get_mut(&"nat-2".into()).unwrap().state = NatState::Failed),
        central().with(|network| {
            network.internet_gateways.get_mut(&"igw-2".into()).unwrap().attached_to = None;
        }),
        acl(central(), "acl-nat", |acl| acl.inbound.insert(0, deny("10.40.0.0/16", PortRange::ALL))),
        acl(central(), "acl-in", |acl| acl.outbound.insert(0, deny("0.0.0.0/0", PortRange::ALL))),
    ];
    let steps = networks.iter().map(|network| {
        let case = case(network);
        let causes = case.diagnosis.causes.iter().map(|cause| {
            let step = egress_doctor::remedy::manual_step(&case.snapshot, &case.workload, cause);
            let fixes = case
                .proposals
                .iter()
                .filter(|fix| !fix.fixes.is_empty())
                .map(egress_doctor::remedy::Proposal::id);
            format!("{}\n  {step}\n  {:?}", cause.explanation, fixes.collect::<Vec<_>>())
        });
        causes.collect::<Vec<_>>().join("\n")
    });
    insta::assert_snapshot!(steps.collect::<Vec<_>>().join("\n\n"));
}
