//! The effects of a remedy on other workloads, its preconditions and its savings: complete results on one
//! test network.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::support::network::{OKTA, S3, SECRETS, TestNetwork, tcp};
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::{Change, PreconditionStatus, Proposal, RemedyId};
use egress_doctor::report::labels;
use egress_doctor::terraform::{Config, Environment, OwnerChoices, plan_edit};

fn open(test_network: &TestNetwork, hosts: &[&str]) -> Case {
    let workload = test_network.0.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    Case::open(Arc::new(test_network.0.clone()), workload, &Query::for_destinations(wanted))
}

fn proposal(test_network: &TestNetwork, hosts: &[&str], remedies: &[RemedyId]) -> Proposal {
    open(test_network, hosts).compose(remedies).unwrap()
}

/// The effects on other workloads, one per line.
fn effect(test_network: &TestNetwork, hosts: &[&str], remedies: &[RemedyId]) -> String {
    let proposal = proposal(test_network, hosts, remedies);
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
    proposal
        .preconditions
        .iter()
        .filter(|one| one.status != PreconditionStatus::Met)
        .map(|one| one.text.as_str())
        .collect()
}

fn rule(port: u16, peer: &str) -> SecurityGroupRule {
    let peer = match peer.parse() {
        Ok(net) => Peer::Ipv4(net),
        Err(_) => Peer::Group(SecurityGroupId::from(peer)),
    };
    SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::one(port), peer }
}

/// An instance in a subnet, whose security group allows outbound 443 to that range.
fn instance(
    test_network: TestNetwork,
    id: &str,
    subnet: &str,
    out: &str,
    public_address: bool,
) -> TestNetwork {
    test_network.with(|network| {
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
            public_addresses: Vec::new(),
            instance: None,
            state: InterfaceState::InUse,
            requester: None,
            source_dest_check: Some(true),
        });
    })
}

#[test]
fn private_dns_sends_instances_to_an_endpoint_that_their_security_group_does_not_allow() {
    // The instance's security group allows only a part of the internet, which may contain Secrets Manager.
    let test_network = instance(TestNetwork::new(), "batch", "subnet-public", "52.0.0.0/6", true);
    let test_network = instance(test_network, "web", "subnet-public", "0.0.0.0/0", true);
    let effects = effect(&test_network, &[SECRETS], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(
        effects,
        "breaks eni-batch: secretsmanager.us-west-2.amazonaws.com becomes blocked: sg-batch: no outbound rule allows tcp 443 to 10.40.15.254, 10.40.31.254, 10.40.47.254\n"
    );
}

#[test]
fn turning_dns_hostnames_on_activates_an_endpoint_that_does_not_allow_others() {
    let test_network =
        TestNetwork::new().interface_endpoint("10.40.0.0/20").vpc(|vpc| vpc.dns.hostnames = Some(false));
    let test_network = instance(test_network, "web", "subnet-public", "0.0.0.0/0", true);
    let effects = effect(&test_network, &[SECRETS], &[RemedyId::VpcDns]);
    assert_eq!(
        effects,
        "breaks eni-web: secretsmanager.us-west-2.amazonaws.com becomes blocked: vpce-secrets, interface endpoint of com.amazonaws.us-west-2.secretsmanager: sg-endpoint: no inbound rule allows tcp 443 from 10.40.96.0/24\n"
    );
}

#[test]
fn a_gateway_endpoint_drops_open_connections_of_all_workloads_on_the_route_table() {
    let test_network = instance(TestNetwork::new().behind_nat(), "web", "subnet-b", "0.0.0.0/0", false);
    // The security group of the service blocks S3.
    let test_network = test_network.egress_rules(Vec::new());
    let effects = effect(&test_network, &[S3], &[RemedyId::S3Gateway, RemedyId::SecurityGroupEgress]);
    assert_eq!(
        effects,
        "Traffic from eni-web to s3.us-west-2.amazonaws.com then goes through the new gateway endpoint; open connections drop once.\n"
    );
}

#[test]
fn a_default_route_gives_other_workloads_on_the_route_table_internet_access() {
    let test_network = instance(TestNetwork::new(), "batch", "subnet-b", "0.0.0.0/0", false);
    let effects = effect(&test_network, &[OKTA], &[RemedyId::Nat]);
    assert_eq!(effects, "the internet becomes reachable for eni-batch.\n");
}

#[test]
fn default_egress_breaks_a_database_that_the_user_did_not_name() {
    let test_network = TestNetwork::new().database(vec![rule(5432, "sg-app")]);
    let effects = effect(&test_network, &[OKTA], &[RemedyId::DefaultEgress]);
    assert_eq!(
        effects,
        "breaks eni-db (RDSNetworkInterface) on port 5432 allows this service now and becomes unreachable\n"
    );
    // A database that does not allow the service does not break.
    let test_network = TestNetwork::new().database(vec![rule(5432, "sg-other")]);
    assert_eq!(effect(&test_network, &[OKTA], &[RemedyId::DefaultEgress]), "");
}

#[test]
fn an_endpoint_without_private_dns_gets_it_instead_of_a_second_endpoint() {
    let test_network = TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let endpoint = network.endpoints.get_mut(&EndpointId::from("vpce-secrets")).unwrap();
        let EndpointKind::Interface { private_dns, private_names, .. } = &mut endpoint.kind else { panic!() };
        (*private_dns, *private_names) = (false, Vec::new());
    });
    let made = proposal(&test_network, &[SECRETS], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(made.fixes, [SECRETS]);
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "0.00");
    assert_eq!(format!("{:?}", made.changes[0]).split(' ').next().unwrap(), "EnablePrivateDns");
}

#[test]
fn endpoints_need_free_addresses() {
    let test_network = TestNetwork::new().with(|network| {
        network.subnets.get_mut(&SubnetId::from("subnet-b")).unwrap().free_addresses = Some(0);
    });
    let made = proposal(&test_network, &[SECRETS], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(unmet(&made), ["subnet-b has 0 free addresses; the endpoints need 1"]);
    assert!(made.fixes.is_empty(), "an impossible proposal fixes nothing");
}

#[test]
fn a_combination_states_what_each_of_its_remedies_alone_does_not_fix() {
    let made = proposal(
        &TestNetwork::new(),
        &[S3, SECRETS, OKTA],
        &[RemedyId::S3Gateway, RemedyId::InterfaceEndpoints],
    );
    assert_eq!(
        made.why_combined,
        [
            "With only the S3 endpoint, Secrets Manager is still blocked.",
            "With only the interface endpoints, S3 is still blocked.",
        ]
    );
    assert_eq!(
        made.still_blocked_because,
        [
            "AWS has no VPC endpoint for it; rtb-private: no route to public addresses; rtb-main: no route to public addresses \
          (the VPC's main route table: the subnet has no explicit association)"
        ]
    );
}

#[test]
fn rules_match_the_path_after_the_other_remedies() {
    // The network ACL allows nothing inbound: replies to the NAT gateway and the service's packets to it
    // need rules.
    let test_network = TestNetwork::new().acl(|acl| acl.inbound.clear());
    let made = proposal(&test_network, &[OKTA], &[RemedyId::Nat, RemedyId::Nacl]);
    assert_eq!(made.fixes, [OKTA]);
    assert_eq!(made.id(), "nacl+nat");
}

#[test]
fn a_nat_gateway_per_az_needs_a_route_table_per_az() {
    let made = proposal(&TestNetwork::new(), &[OKTA], &[RemedyId::NatPerZone]);
    assert_eq!(
        unmet(&made),
        [
            "subnets in several AZs share rtb-private; one NAT gateway per AZ needs one route table per AZ",
            "us-west-2b has no public subnet for a NAT gateway",
            "us-west-2c has no public subnet for a NAT gateway",
        ]
    );
}

#[test]
fn a_regional_nat_gateway_needs_no_public_subnet_and_is_charged_per_az() {
    let test_network = TestNetwork::new().with(|network| {
        network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap().routes.pop();
    });
    let made = proposal(&test_network, &[OKTA], &[RemedyId::NatRegional]);
    assert_eq!((made.fixes.as_slice(), unmet(&made)), ([OKTA.to_owned()].as_slice(), Vec::new()));
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "109.50");
    // Nor with the first internet gateway of the VPC.
    let isolated = TestNetwork::new().isolated_from_the_internet();
    let made = proposal(&isolated, &[OKTA], &[RemedyId::InternetGateway, RemedyId::NatRegional]);
    let has_subnet =
        |change: &Change| matches!(change, Change::CreateInternetGateway { public_subnet: Some(_), .. });
    assert!(!made.changes.iter().any(has_subnet), "{:?}", made.changes);
    assert_eq!((made.fixes.as_slice(), unmet(&made)), ([OKTA.to_owned()].as_slice(), Vec::new()));
    assert_eq!(made.title, "Internet gateway + Regional NAT gateway");
    assert_eq!(made.rollback, "delete the internet gateway, the routes and the NAT gateway");
}

#[test]
fn a_nat_gateway_without_known_traffic_is_reported() {
    // The security group blocks mail; everything else goes through the NAT gateway.
    let test_network = TestNetwork::new().behind_nat().egress_rules(vec![rule(443, "0.0.0.0/0")]);
    let hosts = [OKTA, "smtp.example.com:587"];
    let savings = |test_network: &TestNetwork| {
        let made = proposal(test_network, &hosts, &[RemedyId::DefaultEgress]);
        made.savings.into_iter().map(|one| (one.what, one.per_month.unwrap().to_string())).collect::<Vec<_>>()
    };
    let what = "After the fix, no known traffic uses nat-1. Check the other workloads of the VPC before you delete it.";
    assert_eq!(savings(&test_network), [(what.to_owned(), "36.50".to_owned())]);
    // Another workload uses the NAT gateway.
    assert_eq!(savings(&instance(test_network, "web", "subnet-b", "0.0.0.0/0", false)), []);
}

#[test]
fn the_cost_of_each_remedy_to_the_cent() {
    let bedrock = "bedrock-runtime.us-west-2.amazonaws.com";
    let case = open(&TestNetwork::new(), &[S3, SECRETS, bedrock, OKTA]);
    let summary = |remedies: &[RemedyId]| {
        let made = case.compose(remedies).unwrap();
        let estimate = &made.estimate;
        let mut out = format!(
            "${} + ${}/GB, fixes {}",
            estimate.fixed_per_month.unwrap(),
            estimate.per_gb().unwrap(),
            made.fixes.len()
        );
        for text in &estimate.not_included {
            write!(out, "; {text}").unwrap();
        }
        out
    };
    assert_eq!(summary(&[RemedyId::S3Gateway]), "$0.00 + $0/GB, fixes 1");
    assert_eq!(summary(&[RemedyId::InterfaceEndpoints]), "$43.80 + $0.01/GB, fixes 2");
    assert_eq!(
        summary(&[RemedyId::Nat]),
        "$36.50 + $0.045/GB, fixes 4; data transfer out to the internet: $0.09/GB for the first 10 TB, 100 GB free; traffic from other AZs to the NAT gateway: $0.01/GB in each direction"
    );
    assert_eq!(
        summary(&[RemedyId::DefaultEgress]),
        "$0.00 + $0/GB, fixes 4; data transfer out to the internet: $0.09/GB for the first 10 TB, 100 GB free"
    );
}

#[test]
fn an_email_endpoint_allows_the_smtp_ports() {
    let host = "email-smtp.us-west-2.amazonaws.com:587";
    let test_network = TestNetwork::new().with(|network| {
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
    let made = proposal(&test_network, &[host], &[RemedyId::InterfaceEndpoints]);
    assert_eq!(made.fixes, ["email-smtp.us-west-2.amazonaws.com"]);
    // On a port on which the endpoint does not listen, the endpoint fixes nothing. No rule for its planned
    // security group is proposed.
    let case = open(&TestNetwork::new(), &["secretsmanager.us-west-2.amazonaws.com:8443"]);
    let endpoints = case.proposals.iter().filter(|one| one.remedies.contains(&RemedyId::InterfaceEndpoints));
    assert_eq!(endpoints.map(|one| one.fixes.len()).sum::<usize>(), 0);
}

#[test]
fn an_endpoint_of_api_gateway_is_not_offered_for_a_possibly_public_api() {
    let case = open(&TestNetwork::new(), &["abc123.execute-api.us-west-2.amazonaws.com"]);
    assert!(!case.proposals.iter().any(|one| one.remedies.contains(&RemedyId::InterfaceEndpoints)));
    assert!(
        case.ineffective_fixes.iter().any(|one| one.reason.contains("private APIs only")),
        "{:?}",
        case.ineffective_fixes
    );
}

#[test]
fn acl_rules_come_before_a_rule_that_denies_the_internet_and_after_one_that_denies_a_range() {
    let deny = |number, remote: &str| AclRule {
        number,
        protocol: Protocol::Tcp,
        ports: PortRange::ALL,
        remote: remote.parse().unwrap(),
        action: AclAction::Deny,
    };
    let test_network = TestNetwork::new().behind_nat().acl(|acl| {
        acl.inbound = vec![deny(10, "198.51.100.0/24"), deny(90, "0.0.0.0/0")];
    });
    let made = proposal(&test_network, &[OKTA], &[RemedyId::Nacl]);
    let numbers: Vec<u16> = made
        .changes
        .iter()
        .map(|change| match change {
            egress_doctor::remedy::Change::AllowNacl { rule, .. } => rule.number,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!((numbers.as_slice(), made.fixes.len()), ([89, 88].as_slice(), 1));
    assert!(made.side_effects.iter().any(|text| text.contains("acl-1 rule 90")), "{:?}", made.side_effects);
    // No rule number is free.
    let full = TestNetwork::new().behind_nat().acl(|acl| acl.inbound = vec![deny(1, "0.0.0.0/0")]);
    let made = proposal(&full, &[OKTA], &[RemedyId::Nacl]);
    assert!(unmet(&made).iter().any(|text| text.contains("Renumber")), "{:?}", unmet(&made));
}

/// The rules of a network ACL fix, `acl-1 in 89 443 10.40.2.0/24`.
fn acl_rules(made: &Proposal) -> Vec<String> {
    let shown = |change: &Change| match change {
        Change::AllowNacl { acl, outbound, rule } => {
            let direction = if *outbound { "out" } else { "in" };
            format!("{acl} {direction} {} {} {}", rule.number, rule.ports, rule.remote)
        }
        other => panic!("{other:?}"),
    };
    made.changes.iter().map(shown).collect()
}

fn acl_rule(number: u16, action: AclAction, ports: PortRange, remote: &str) -> AclRule {
    AclRule { number, protocol: Protocol::Tcp, ports, remote: remote.parse().unwrap(), action }
}

/// A rule that denies one of the connector's subnets is overridden for the denied packets only.
#[test]
fn acl_rules_come_before_a_rule_that_denies_a_range_of_the_vpc() {
    let test_network = TestNetwork::new().behind_nat().acl(|acl| {
        acl.subnets.retain(|id| id.as_str() == "subnet-public");
        acl.inbound.insert(0, acl_rule(90, AclAction::Deny, PortRange::ALL, "10.40.16.0/20"));
        acl.inbound.insert(0, acl_rule(50, AclAction::Deny, PortRange::one(3389), "0.0.0.0/0"));
    });
    let test_network = test_network.with(|network| {
        let open = network.network_acls.get(&NetworkAclId::from("acl-1")).unwrap().clone();
        let mut inbound = open.inbound.clone();
        inbound.retain(|rule| rule.action == AclAction::Allow);
        let subnets = ["subnet-a", "subnet-b", "subnet-c"].map(SubnetId::from).to_vec();
        network.network_acls.insert(NetworkAcl { id: NetworkAclId::from("acl-2"), subnets, inbound, ..open });
    });
    let made = proposal(&test_network, &[OKTA], &[RemedyId::Nacl]);
    assert_eq!(acl_rules(&made), ["acl-1 in 89 443 10.40.16.0/20"]);
    assert_eq!(made.fixes, [OKTA]);
}

/// The destination is in a subnet of the connector: its network ACL lacks the rule for the replies.
#[test]
fn a_network_acl_of_connector_and_destination_gets_the_rule_that_is_missing() {
    let test_network = TestNetwork::new().interface_endpoint("10.40.0.0/16").acl(|acl| {
        acl.outbound = vec![acl_rule(100, AclAction::Allow, PortRange::one(443), "0.0.0.0/0")];
    });
    let made = proposal(&test_network, &[SECRETS], &[RemedyId::Nacl]);
    assert_eq!(acl_rules(&made), ["acl-1 out 101 1024-65535 10.40.0.0/16"]);
    assert_eq!(made.fixes, [SECRETS]);
}

/// A default route to a NAT instance that was deleted is replaced: no traffic uses it.
#[test]
fn a_new_nat_gateway_replaces_a_nat_instance_that_was_deleted() {
    let test_network = TestNetwork::new().deleted_nat_instance();
    let made = proposal(&test_network, &[OKTA], &[RemedyId::Nat]);
    assert_eq!((unmet(&made), made.fixes.as_slice()), (Vec::new(), [OKTA.to_owned()].as_slice()));
    let replaced = "The default routes to eni-nat are replaced. The destinations see the address of the NAT gateway: add it to access lists.";
    assert!(made.side_effects.iter().any(|text| text == replaced), "{:?}", made.side_effects);
}

/// A NAT instance that is stopped can be started instead.
#[test]
fn a_stopped_nat_instance_can_be_started_instead_of_a_new_nat_gateway() {
    let test_network = TestNetwork::new().nat_instance().with(|network| {
        let target = RouteTarget::NetworkInterface(NetworkInterfaceId::from("eni-nat"));
        for route in network.route_tables.iter_mut().flat_map(|table| &mut table.routes) {
            if route.target == target {
                route.state = RouteState::Blackhole;
            }
        }
    });
    let made = proposal(&test_network, &[OKTA], &[RemedyId::Nat]);
    let start = "Instead of a NAT gateway, the NAT instance can be started: aws ec2 start-instances --instance-ids i-nat.";
    assert!(made.side_effects.iter().any(|text| text == start), "{:?}", made.side_effects);
}

/// The group of the connector blocks a name whose address is unknown: no network interface of the VPC is named as its receiver.
#[test]
fn an_unknown_receiver_is_no_cause() {
    let test_network =
        TestNetwork::new().behind_nat().database(Vec::new()).egress_rules(vec![tcp(443, "0.0.0.0/0")]);
    let case = open(&test_network, &["db.acme.internal:5432"]);
    let causes: Vec<&str> = case.diagnosis.causes.iter().map(|cause| cause.component.as_str()).collect();
    assert_eq!(causes, ["sg-app"]);
    let by_address = open(&test_network, &["10.40.16.7:5432"]);
    let causes: Vec<&str> =
        by_address.diagnosis.causes.iter().map(|cause| cause.component.as_str()).collect();
    assert_eq!(causes, ["sg-app", "eni-db"]);
}

/// A moved connector pays for the NAT gateway only if a destination is outside the VPC.
#[test]
fn a_moved_connector_is_priced_by_its_destinations() {
    let per_gb = |test_network: &TestNetwork, host: &str| {
        let made = proposal(test_network, &[host], &[RemedyId::MoveConnector]);
        assert_eq!(made.fixes.len(), 1, "{host}: {:?}", made.still_blocked_because);
        made.estimate.per_gb().unwrap().to_string()
    };
    let one_table = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").route(
        "rtb-private",
        "0.0.0.0/0",
        crate::support::network::nat(),
    );
    assert_eq!(per_gb(&one_table, OKTA), "0.045");
    let open_group = SecurityGroupRule {
        protocol: Protocol::All,
        ports: PortRange::ALL,
        peer: Peer::Ipv4("10.40.0.0/16".parse().unwrap()),
    };
    let closed_subnet = TestNetwork::new().behind_nat().database(vec![open_group]).with(|network| {
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        acl.subnets.retain(|id| id.as_str() != "subnet-c");
        let closed = NetworkAcl {
            id: NetworkAclId::from("acl-c"),
            subnets: vec![SubnetId::from("subnet-c")],
            outbound: Vec::new(),
            ..acl.clone()
        };
        network.network_acls.insert(closed);
    });
    assert_eq!(per_gb(&closed_subnet, "10.40.16.7:5432"), "0");
}

#[test]
fn a_nat_gateway_that_works_is_used_instead_of_a_second_one() {
    let test_network = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").route(
        "rtb-private",
        "0.0.0.0/0",
        crate::support::network::nat(),
    );
    let made = proposal(&test_network, &[OKTA], &[RemedyId::Nat]);
    assert_eq!((made.title.as_str(), made.fixes.len()), ("Routes to nat-1", 1));
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "0.00");
    // No repair is proposed for a pending NAT gateway.
    let pending = TestNetwork::new()
        .nat("pending", NatConnectivity::Public, "subnet-public")
        .default_route(&crate::support::network::nat());
    let case = open(&pending, &[OKTA]);
    assert!(!case.proposals.iter().any(|one| one.remedies.contains(&RemedyId::NatRepair)));
}

#[test]
fn dns_hostnames_and_endpoints_are_combined() {
    let test_network = TestNetwork::new().vpc(|vpc| vpc.dns.hostnames = Some(false));
    let case = open(&test_network, &[SECRETS]);
    let set = case.proposals.iter().find(|one| one.id() == "vpc-dns+interface-endpoints").unwrap();
    assert_eq!(set.fixes, [SECRETS]);
    assert!(set.is_possible());
}

#[test]
fn effects_on_workloads_that_were_not_read_are_unknown() {
    let test_network = TestNetwork::new().denied(Call::DescribeNetworkInterfaces, |network| {
        network.network_interfaces = Table::default();
    });
    let made = proposal(&test_network, &[OKTA], &[RemedyId::Nat]);
    assert!(made.side_effects.iter().any(|text| text.contains("The effects on other workloads are unknown")));
}

#[test]
fn a_database_in_the_connectors_own_security_group_breaks_too() {
    let test_network = TestNetwork::new().database(vec![SecurityGroupRule {
        protocol: Protocol::All,
        ports: PortRange::ALL,
        peer: Peer::Group(SecurityGroupId::from("sg-app")),
    }]);
    let effects = effect(&test_network, &[OKTA], &[RemedyId::DefaultEgress]);
    assert!(effects.starts_with("breaks eni-db (RDSNetworkInterface) on port "), "{effects}");
}

#[test]
fn the_acl_of_an_endpoints_subnet_gets_inbound_rules_for_requests() {
    let test_network = TestNetwork::new().interface_endpoint("10.40.0.0/16").with(|network| {
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        acl.subnets.retain(|id| id.as_str() != "subnet-a");
        let closed = NetworkAcl {
            id: NetworkAclId::from("acl-endpoint"),
            subnets: vec![SubnetId::from("subnet-a")],
            inbound: Vec::new(),
            outbound: Vec::new(),
            ..acl.clone()
        };
        network.network_acls.insert(closed);
        for connector in network.connectors.iter_mut() {
            connector.subnets = vec![SubnetId::from("subnet-b"), SubnetId::from("subnet-c")];
        }
    });
    let made = proposal(&test_network, &[SECRETS], &[RemedyId::Nacl]);
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
    assert_eq!(made.fixes, [SECRETS]);
}

#[test]
fn a_nat_gateway_whose_route_table_lacks_the_internet_route_gets_it_instead_of_a_second_gateway() {
    // The route table of the public subnet has no default route.
    let without_route = || {
        TestNetwork::new().behind_nat().with(|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-public")).unwrap();
            table.routes.retain(|route| !matches!(route.target, RouteTarget::InternetGateway(_)));
        })
    };
    let made = proposal(&without_route(), &[OKTA], &[RemedyId::NatRepair]);
    let route = Change::RouteToInternet {
        gateway: InternetGatewayId::from("igw-1"),
        route_table: RouteTableId::from("rtb-public"),
    };
    assert_eq!(
        (made.changes.as_slice(), made.fixes.as_slice()),
        ([route].as_slice(), [OKTA.to_owned()].as_slice())
    );
    assert_eq!(made.estimate.fixed_per_month.unwrap().to_string(), "0.00");
    assert_eq!(unmet(&made), Vec::<&str>::new());
    // If the fix would make the connector's own route table public, and another public subnet exists, the
    // fix creates a new NAT gateway in that subnet.
    let own = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-c").route(
        "rtb-private",
        "0.0.0.0/0",
        crate::support::network::nat(),
    );
    let made = proposal(&own, &[OKTA], &[RemedyId::NatRepair]);
    assert!(matches!(made.changes.as_slice(), [Change::RepairNat { .. }]), "{:?}", made.changes);
    assert_eq!(
        made.rollback,
        "set the default routes to nat-1 again, then delete the new NAT gateway and its Elastic IP address"
    );
}

#[test]
fn a_connector_in_one_az_is_a_side_effect_and_no_requirement() {
    // Only subnet-c, whose route table is rtb-main, has a route to the NAT gateway.
    let test_network = TestNetwork::new().nat("available", NatConnectivity::Public, "subnet-public").route(
        "rtb-main",
        "0.0.0.0/0",
        RouteTarget::of("nat-1"),
    );
    let made = proposal(&test_network, &[OKTA], &[RemedyId::MoveConnector]);
    assert_eq!(made.title, "Move the connector to subnet-c");
    assert_eq!(
        made.side_effects,
        [
            "Other services keep the old connector.",
            // The ranges do not change: the connector keeps one of its subnets.
            "Single AZ: if that AZ fails, egress fails.",
            "App Runner deploys the service again.",
        ]
    );
    let requirements: Vec<_> = made.preconditions.iter().map(|one| (one.status, one.text.as_str())).collect();
    assert_eq!(
        requirements,
        [
            (PreconditionStatus::Met, "the service is RUNNING; updates need RUNNING or PAUSED"),
            (PreconditionStatus::Met, "these subnets have 4080 free addresses"),
        ]
    );
}

/// A network ACL blocks replies in subnet-a only, so the NAT gateway alone works from two of three subnets.
#[test]
fn a_destination_that_works_from_some_subnets_after_a_fix_is_still_intermittent() {
    let test_network = TestNetwork::new().with(|network| {
        let acl = network.network_acls.get_mut(&NetworkAclId::from("acl-1")).unwrap();
        acl.subnets.retain(|subnet| subnet.as_str() != "subnet-a");
        let mut of_a = acl.clone();
        of_a.id = NetworkAclId::from("acl-a");
        of_a.subnets = vec![SubnetId::from("subnet-a")];
        of_a.inbound.clear();
        network.network_acls.insert(of_a);
    });
    let both = proposal(&test_network, &[OKTA], &[RemedyId::Nat, RemedyId::Nacl]);
    assert_eq!(
        both.why_combined,
        [
            "With only the NAT gateway, Okta is still intermittent.",
            "With only the network ACL rules, Okta is still blocked."
        ]
    );
    let alone = proposal(&test_network, &[OKTA], &[RemedyId::Nat]);
    assert_eq!(alone.still_blocked, [OKTA]);
    let label = |proposal| labels::still(proposal).find(|one| one.host == OKTA).map(|one| one.label);
    assert_eq!(label(&alone), Some("Still intermittent"));
    assert_eq!(label(&both), None);
}

#[test]
fn the_comment_on_a_gateway_endpoint_names_its_service() {
    let case = open(&TestNetwork::new(), &[S3]);
    let folder = crate::support::repository("tests/trees/gateway-endpoint/route-table-in-code/before");
    let config = Config::read(&folder, &Environment::default()).unwrap();
    for (short, name) in [("s3", "S3"), ("dynamodb", "DynamoDB"), ("s3express", "S3 Express One Zone")] {
        let mut proposal = case.compose(&[RemedyId::S3Gateway]).unwrap();
        let Change::CreateGatewayEndpoint { service, .. } = &mut proposal.changes[0] else { panic!() };
        *service = format!("com.amazonaws.us-west-2.{short}");
        let edit =
            plan_edit(&config, (&case.snapshot, &case.workload), &proposal, &OwnerChoices::new()).unwrap();
        let comment =
            format!("# {name} is reachable from the private subnets without a NAT gateway, at no charge");
        let lines = edit.files.iter().flat_map(|file| file.after.lines());
        assert_eq!(lines.filter(|line| *line == comment).count(), 1, "{:?}", edit.files);
    }
}

/// Routes to a NAT gateway that works are one fix, `nat-route`; a combination does not have them under the id of a new NAT gateway.
#[test]
fn routes_to_a_nat_gateway_are_not_combined_as_a_new_one() {
    let nat = RouteTarget::NatGateway(NatGatewayId::from("nat-1"));
    let network = TestNetwork::new()
        .nat("available", NatConnectivity::Public, "subnet-public")
        .route("rtb-main", "0.0.0.0/0", nat)
        .gateway_endpoint(&["rtb-main"]);
    let case = open(&network, &[S3, OKTA]);
    let possible = case.proposals.iter().filter(|proposal| proposal.is_possible());
    let ids: Vec<String> = possible.map(Proposal::id).collect();
    assert_eq!(ids, ["nat-route", "gateway-route-tables", "move-connector", "default-egress"]);
    let recommended = case.proposals.iter().find(|proposal| proposal.recommended.is_some()).unwrap();
    assert_eq!(recommended.id(), "nat-route");
}
