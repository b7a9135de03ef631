//! What a remedy does to everybody else, what it needs and what it saves: whole answers on the founding story's network.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::support::network::{OKTA, S3, SECRETS, TestNetwork};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{Change, Met, Proposal, RemedyId};

fn open(world: &TestNetwork, hosts: &[&str]) -> Case {
    let workload = world.0.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    Case::open(Arc::new(world.0.clone()), workload, &Query::for_destinations(wanted))
}

fn proposal(world: &TestNetwork, hosts: &[&str], remedies: &[RemedyId]) -> Proposal {
    open(world, hosts).compose(remedies).unwrap()
}

/// What it does to others, a line each.
fn effect(world: &TestNetwork, hosts: &[&str], remedies: &[RemedyId]) -> String {
    let proposal = proposal(world, hosts, remedies);
    let mut out = String::new();
    for text in &proposal.breaks {
        writeln!(out, "breaks {text}").unwrap();
    }
    for text in proposal.side_effects.iter().filter(|text| text.contains("eni-")) {
        writeln!(out, "{text}").unwrap();
    }
    out
}

fn unmet(proposal: &Proposal) -> Vec<&str> {
    proposal.preconditions.iter().filter(|one| one.met != Met::Yes).map(|one| one.text.as_str()).collect()
}

fn rule(port: u16, peer: &str) -> SecurityGroupRule {
    let peer = match peer.parse() {
        Ok(net) => Peer::Ipv4(net),
        Err(_) => Peer::Group(SecurityGroupId::from(peer)),
    };
    SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::one(port), peer }
}

/// An instance in a subnet, whose group lets out to that range.
fn instance(world: TestNetwork, id: &str, subnet: &str, out: &str, public_address: bool) -> TestNetwork {
    world.with(|network| {
        let group = SecurityGroupId::new(format!("sg-{id}"));
        network.security_groups.insert(SecurityGroup {
            id: group.clone(),
            name: id.to_owned(),
            vpc: VpcId::from("vpc-1"),
            ingress: Vec::new(),
            egress: vec![rule(443, out)],
            tags: std::collections::BTreeMap::default(),
        });
        let net = network.subnets.get(&SubnetId::from(subnet)).unwrap().cidr.unwrap();
        network.network_interfaces.insert(NetworkInterface {
            id: NetworkInterfaceId::new(format!("eni-{id}")),
            vpc: VpcId::from("vpc-1"),
            subnet: SubnetId::from(subnet),
            addresses: vec![net.hosts().nth(20).unwrap().into()],
            security_groups: vec![group],
            kind: InterfaceKind::Interface,
            description: String::new(),
            public_address,
            unattached: false,
            source_dest_check: Some(true),
        });
    })
}

#[test]
fn private_dns_moves_instances_onto_an_endpoint_that_they_may_not_speak_to() {
    // It may speak to a part of the internet only, in which Secrets Manager may be.
    let world = instance(TestNetwork::new(), "batch", "subnet-public", "52.0.0.0/6", true);
    let world = instance(world, "web", "subnet-public", "0.0.0.0/0", true);
    let told = effect(&world, &[SECRETS], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(
        told,
        "breaks eni-batch: secretsmanager.us-west-2.amazonaws.com would be blocked: sg-batch: no outbound rule allows tcp 443 to 10.40.15.254, 10.40.31.254, 10.40.47.254\n"
    );
}

#[test]
fn turning_dns_hostnames_on_wakes_an_endpoint_that_refuses_others() {
    let world =
        TestNetwork::new().interface_endpoint("10.40.0.0/20").vpc(|vpc| vpc.dns.hostnames = Some(false));
    let world = instance(world, "web", "subnet-public", "0.0.0.0/0", true);
    let told = effect(&world, &[SECRETS], &[RemedyId::VpcDns]);
    assert_eq!(
        told,
        "breaks eni-web: secretsmanager.us-west-2.amazonaws.com would be blocked: vpce-secrets, interface endpoint of com.amazonaws.us-west-2.secretsmanager: sg-endpoint: no inbound rule allows tcp 443 from 10.40.96.0/24\n"
    );
}

#[test]
fn a_gateway_endpoint_cuts_open_connections_of_everybody_on_the_table() {
    let world = instance(TestNetwork::new().behind_nat(), "web", "subnet-b", "0.0.0.0/0", false);
    // The service is stopped by its own group.
    let world = world.egress_rules(Vec::new());
    let told = effect(&world, &[S3], &[RemedyId::S3Gateway, RemedyId::SecurityGroupEgress]);
    assert_eq!(
        told,
        "eni-web would reach s3.us-west-2.amazonaws.com by the gateway endpoint: connections open at that moment drop once.\n"
    );
}

#[test]
fn a_default_route_gives_others_on_the_table_a_way_to_the_internet() {
    let world = instance(TestNetwork::new(), "batch", "subnet-b", "0.0.0.0/0", false);
    let told = effect(&world, &[OKTA], &[RemedyId::Nat]);
    assert_eq!(told, "the internet becomes reachable for eni-batch.\n");
}

#[test]
fn default_egress_loses_a_database_that_nobody_named() {
    let world = TestNetwork::new().database(vec![rule(5432, "sg-app")]);
    let told = effect(&world, &[OKTA], &[RemedyId::DefaultEgress]);
    assert_eq!(
        told,
        "breaks eni-db (RDSNetworkInterface) on port 5432 admits this service now and would be cut off\n"
    );
    // One that does not admit it is not lost.
    let world = TestNetwork::new().database(vec![rule(5432, "sg-other")]);
    assert_eq!(effect(&world, &[OKTA], &[RemedyId::DefaultEgress]), "");
}

#[test]
fn an_endpoint_without_private_dns_is_given_it_instead_of_a_second_one() {
    let world = TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
        let EndpointKind::Interface { private_dns, private_names, .. } = &mut endpoint.kind else { panic!() };
        (*private_dns, *private_names) = (false, Vec::new());
    });
    let made = proposal(&world, &[SECRETS], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(made.cures, [SECRETS]);
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "0.00");
    assert_eq!(format!("{:?}", made.changes[0]).split(' ').next().unwrap(), "EnablePrivateDns");
}

#[test]
fn endpoints_need_free_addresses() {
    let world = TestNetwork::new().with(|network| {
        network.subnets.get_mut(&SubnetId::from("subnet-b")).unwrap().free_addresses = Some(0);
    });
    let made = proposal(&world, &[SECRETS], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(unmet(&made), ["subnet-b has 0 free addresses, and the endpoints take 1"]);
    assert!(made.cures.is_empty(), "what cannot work cures nothing");
}

#[test]
fn a_set_says_what_each_of_its_remedies_alone_would_leave() {
    let made = proposal(
        &TestNetwork::new(),
        &[S3, SECRETS, OKTA],
        &[RemedyId::S3Gateway, RemedyId::InterfaceEndpoints],
    );
    assert_eq!(
        made.why_together,
        [
            "With S3 gateway alone, secretsmanager.us-west-2.amazonaws.com, bond.okta.com would go on failing.",
            "With interface endpoints alone, s3.us-west-2.amazonaws.com, bond.okta.com would go on failing.",
        ]
    );
    assert_eq!(
        made.leaves_because,
        ["no endpoint of AWS serves it; rtb-private: no route matches public addresses"]
    );
}

#[test]
fn a_rule_is_made_for_the_way_that_is_taken_in_the_end() {
    // The ACL lets nothing in: the NAT gateway's replies, and the service's calls to it, need rules once there is one.
    let world = TestNetwork::new().acl(|acl| acl.inbound.clear());
    let made = proposal(&world, &[OKTA], &[RemedyId::Nat, RemedyId::Nacl]);
    assert_eq!(made.cures, [OKTA]);
    assert_eq!(made.id(), "nacl+nat");
}

#[test]
fn a_nat_gateway_in_every_zone_needs_a_table_in_every_zone() {
    let made = proposal(&TestNetwork::new(), &[OKTA], &[RemedyId::NatPerZone]);
    assert_eq!(
        unmet(&made),
        [
            "rtb-private serves several zones, and a table takes one default route: a gateway per zone needs a table per zone",
            "us-west-2b has no public subnet for a gateway to stand in",
            "us-west-2c has no public subnet for a gateway to stand in",
        ]
    );
}

#[test]
fn a_regional_nat_gateway_needs_no_public_subnet_and_is_charged_by_zone() {
    let world = TestNetwork::new().with(|network| {
        network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap().routes.pop();
    });
    let made = proposal(&world, &[OKTA], &[RemedyId::NatRegional]);
    assert_eq!((made.cures.as_slice(), unmet(&made)), ([OKTA.to_owned()].as_slice(), Vec::new()));
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "109.50");
}

#[test]
fn a_nat_gateway_that_nothing_needs_any_more_is_pointed_out() {
    // Mail is stopped by the group; everything else goes through the gateway.
    let world = TestNetwork::new().behind_nat().egress_rules(vec![rule(443, "0.0.0.0/0")]);
    let asked = [OKTA, "smtp.example.com:587"];
    let savings = |world: &TestNetwork| {
        let made = proposal(world, &asked, &[RemedyId::DefaultEgress]);
        made.savings.into_iter().map(|one| (one.what, one.per_month.unwrap().to_string())).collect::<Vec<_>>()
    };
    let what = "nat-1 would carry nothing that is known: if nothing else needs the internet, it can go.";
    assert_eq!(savings(&world), [(what.to_owned(), "36.50".to_owned())]);
    // Somebody else is behind it.
    assert_eq!(savings(&instance(world, "web", "subnet-b", "0.0.0.0/0", false)), []);
}

#[test]
fn the_founding_story_to_the_cent() {
    let bedrock = "bedrock-runtime.us-west-2.amazonaws.com";
    let case = open(&TestNetwork::new(), &[S3, SECRETS, bedrock, OKTA]);
    let told = |remedies: &[RemedyId]| {
        let made = case.compose(remedies).unwrap();
        let estimate = &made.estimate;
        let mut out = format!(
            "${} + ${}/GB, cures {}",
            estimate.fixed_per_month.unwrap(),
            estimate.per_gb().unwrap(),
            made.cures.len()
        );
        for apart in &estimate.apart {
            write!(out, "; {apart}").unwrap();
        }
        out
    };
    assert_eq!(told(&[RemedyId::S3Gateway]), "$0.00 + $0/GB, cures 1");
    assert_eq!(told(&[RemedyId::InterfaceEndpoints]), "$43.80 + $0.01/GB, cures 2");
    assert_eq!(
        told(&[RemedyId::Nat]),
        "$36.50 + $0.045/GB, cures 4; data transfer out to the internet: $0.09/GB for the first 10 TB, 100 GB free; traffic from the other zones to the one NAT gateway: $0.01/GB each way"
    );
    assert_eq!(
        told(&[RemedyId::DefaultEgress]),
        "$0.00 + $0/GB, cures 4; data transfer out to the internet: $0.09/GB for the first 10 TB, 100 GB free"
    );
}

#[test]
fn mail_by_an_endpoint_is_admitted_on_its_own_ports() {
    let host = "email-smtp.us-west-2.amazonaws.com:587";
    let world = TestNetwork::new().with(|network| {
        let mut service = network
            .endpoint_services
            .iter()
            .find(|one| one.kind == EndpointServiceKind::Interface)
            .unwrap()
            .clone();
        service.name = "com.amazonaws.us-west-2.email-smtp".to_owned();
        service.private_names = vec!["email-smtp.us-west-2.amazonaws.com".to_owned()];
        network.endpoint_services.push(service);
    });
    let made = proposal(&world, &[host], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(made.cures, ["email-smtp.us-west-2.amazonaws.com"]);
    // On a port that nobody answers on an endpoint is no cure, and no rule of a planned group is offered either.
    let case = open(&TestNetwork::new(), &["secretsmanager.us-west-2.amazonaws.com:8443"]);
    let cures = case.proposals.iter().filter(|one| one.remedies.contains(&RemedyId::InterfaceEndpoints));
    assert_eq!(cures.map(|one| one.cures.len()).sum::<usize>(), 0);
}

#[test]
fn an_endpoint_of_api_gateway_is_not_offered_for_what_may_be_a_public_api() {
    let case = open(&TestNetwork::new(), &["abc123.execute-api.us-west-2.amazonaws.com"]);
    assert!(!case.proposals.iter().any(|one| one.remedies.contains(&RemedyId::InterfaceEndpoints)));
    assert!(case.futile.iter().any(|one| one.reason.contains("private ones only")), "{:?}", case.futile);
}

#[test]
fn acl_rules_come_before_what_denies_the_internet_and_behind_what_denies_a_range() {
    let deny = |number, remote: &str| AclRule {
        number,
        protocol: Protocol::Tcp,
        ports: PortRange::ALL,
        remote: remote.parse().unwrap(),
        action: AclAction::Deny,
    };
    let world = TestNetwork::new().behind_nat().acl(|acl| {
        acl.inbound = vec![deny(10, "198.51.100.0/24"), deny(90, "0.0.0.0/0")];
    });
    let made = proposal(&world, &[OKTA], &[RemedyId::Nacl]);
    let numbers: Vec<u16> = made
        .changes
        .iter()
        .map(|change| match change {
            egress_doctor::remedy::Change::AllowNacl { rule, .. } => rule.number,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((numbers.as_slice(), made.cures.len()), ([88, 89].as_slice(), 1));
    assert!(made.side_effects.iter().any(|text| text.contains("acl-1 rule 90")), "{:?}", made.side_effects);
    // No number is left.
    let full = TestNetwork::new().behind_nat().acl(|acl| acl.inbound = vec![deny(1, "0.0.0.0/0")]);
    let made = proposal(&full, &[OKTA], &[RemedyId::Nacl]);
    assert!(unmet(&made).iter().any(|text| text.contains("renumber")), "{:?}", unmet(&made));
}

#[test]
fn a_gateway_that_works_is_used_and_not_doubled() {
    let world = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").route(
        "rtb-private",
        "0.0.0.0/0",
        crate::support::network::nat(),
    );
    let made = proposal(&world, &[OKTA], &[RemedyId::Nat]);
    assert_eq!((made.title.as_str(), made.cures.len()), ("Routes to nat-1", 1));
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "0.00");
    // One that is pending is waited for.
    let pending = TestNetwork::new()
        .nat("pending", NatConnectivity::Public, "subnet-public")
        .default_route(&crate::support::network::nat());
    let case = open(&pending, &[OKTA]);
    assert!(!case.proposals.iter().any(|one| one.remedies.contains(&RemedyId::NatRepair)));
}

#[test]
fn dns_hostnames_and_endpoints_go_together() {
    let world = TestNetwork::new().vpc(|vpc| vpc.dns.hostnames = Some(false));
    let case = open(&world, &[SECRETS]);
    let set = case.proposals.iter().find(|one| one.id() == "vpc-dns+interface-endpoints").unwrap();
    assert_eq!(set.cures, [SECRETS]);
    assert!(set.is_possible());
}

#[test]
fn others_that_could_not_be_read_are_said_to_be_unknown() {
    let world = TestNetwork::new().denied(Call::DescribeNetworkInterfaces, |network| {
        network.network_interfaces = Table::default();
    });
    let made = proposal(&world, &[OKTA], &[RemedyId::Nat]);
    assert!(made.side_effects.iter().any(|text| text.contains("Who else is in the VPC was not read")));
}

#[test]
fn a_database_in_the_connectors_own_group_is_lost_too() {
    let world = TestNetwork::new().database(vec![SecurityGroupRule {
        protocol: Protocol::All,
        ports: PortRange::ALL,
        peer: Peer::Group(SecurityGroupId::from("sg-app")),
    }]);
    let told = effect(&world, &[OKTA], &[RemedyId::DefaultEgress]);
    assert!(told.starts_with("breaks eni-db (RDSNetworkInterface) on port "), "{told}");
}

#[test]
fn the_acl_of_an_endpoints_subnet_is_opened_for_calls_that_come_in() {
    let world = TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        acl.subnets.retain(|id| id.as_str() != "subnet-a");
        let shut = NetworkAcl {
            id: NetworkAclId::from("acl-endpoint"),
            subnets: vec![SubnetId::from("subnet-a")],
            inbound: Vec::new(),
            outbound: Vec::new(),
            ..acl.clone()
        };
        network.network_acls.insert(shut);
        for connector in network.connectors.iter_mut() {
            connector.subnets = vec![SubnetId::from("subnet-b"), SubnetId::from("subnet-c")];
        }
    });
    let made = proposal(&world, &[SECRETS], &[RemedyId::Nacl]);
    let rules: Vec<String> = made
        .changes
        .iter()
        .map(|change| match change {
            egress_doctor::remedy::Change::AllowNacl { acl, outbound, rule } => {
                format!("{acl} {} {}", if *outbound { "out" } else { "in" }, rule.ports)
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(rules, ["acl-endpoint out 1024-65535", "acl-endpoint in 443"]);
    assert_eq!(made.cures, [SECRETS]);
}

#[test]
fn a_gateway_whose_own_table_lacks_the_way_out_gets_it_instead_of_a_second_gateway() {
    // The public subnet's table lost its default route.
    let lost = || {
        TestNetwork::new().behind_nat().with(|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap();
            table.routes.retain(|route| !matches!(route.target, RouteTarget::InternetGateway(_)));
        })
    };
    let made = proposal(&lost(), &[OKTA], &[RemedyId::NatRepair]);
    let route = Change::RouteToInternet {
        gateway: InternetGatewayId::from("igw-1"),
        route_table: RouteTableId::from("rtb-public"),
    };
    assert_eq!(
        (made.changes.as_slice(), made.cures.as_slice()),
        ([route].as_slice(), [OKTA.to_owned()].as_slice())
    );
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "0.00");
    assert_eq!(unmet(&made), Vec::<&str>::new());
    // Where a table of the connector's own would become public, and another public subnet is there, a gateway there is the cure.
    let own = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-c").route(
        "rtb-private",
        "0.0.0.0/0",
        crate::support::network::nat(),
    );
    let made = proposal(&own, &[OKTA], &[RemedyId::NatRepair]);
    assert!(matches!(made.changes.as_slice(), [Change::RepairNat { .. }]), "{:?}", made.changes);
}
