//! The resolver of this machine: which destinations its answers identify, and which they leave unknown.

use std::sync::Arc;

use egress_doctor::app::{Message, Origin, RunId, Start, Step};
use egress_doctor::case::Case;
use egress_doctor::discover::{LiveRequest, Progress};
use egress_doctor::evidence::{Query, ResolvedHost, destination};
use egress_doctor::model::*;
use egress_doctor::reach::{Layer, Verdict};
use egress_doctor::scenario::Scenario;
use egress_doctor::ui::Theme;

use super::screens::{Player, live_account};
use crate::support::network::{TestNetwork, tcp};

const ORDERS: &str = "orders.abc123.us-west-2.rds.amazonaws.com";
const SOURCE: &str = "10.40.0.0/16";

fn answer(host: &str, addresses: &[&str]) -> ResolvedHost {
    ResolvedHost {
        host: host.to_owned(),
        addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        at: "2026-11-20T10:02:11.5Z".parse().unwrap(),
    }
}

/// The verdict from subnet a of a destination whose host has these addresses on this machine, with the rules that block it, or the
/// unknown rule about its name.
fn verdict(network: &TestNetwork, to: &str, addresses: &[&str]) -> Vec<String> {
    let destination = destination(to).unwrap();
    let resolved = vec![answer(&destination.host, addresses)];
    let query = Query { resolved, ..Query::for_destinations([destination]) };
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let case = Case::open(Arc::new(network.0.clone()), workload, &query);
    let trace = &case.diagnosis.findings[0].traces[0];
    let rules: Vec<String> = match trace.verdict {
        Verdict::Unknown => {
            let of_name = trace.unknowns().filter(|(hop, _)| hop.layer == Layer::Dns);
            of_name.map(|(hop, _)| hop.rule.to_string()).collect()
        }
        _ => trace.blockers().map(|(hop, _)| hop.rule.to_string()).collect(),
    };
    [trace.verdict.word().to_owned()].into_iter().chain(rules).collect()
}

/// Two databases whose network interfaces do not show their names: `eni-db` (10.40.16.7) allows these rules, `eni-db2`
/// (10.40.0.77) nothing.
fn two_databases(allowed: Vec<SecurityGroupRule>) -> TestNetwork {
    TestNetwork::new().database(allowed).with(|network| {
        let first = network.network_interfaces.get(&NetworkInterfaceId::from("eni-db")).unwrap().clone();
        network.network_interfaces.insert(NetworkInterface {
            id: NetworkInterfaceId::from("eni-db2"),
            subnet: SubnetId::from("subnet-a"),
            addresses: vec!["10.40.0.77".parse().unwrap()],
            security_groups: vec![SecurityGroupId::from("sg-db2")],
            ..first
        });
        let group = network.security_groups.get(&SecurityGroupId::from("sg-db")).unwrap().clone();
        let id = SecurityGroupId::from("sg-db2");
        network.security_groups.insert(SecurityGroup { id, ingress: Vec::new(), ..group });
    })
}

/// The name of a database that is not publicly accessible has its private address outside its VPC too:
/// <https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.Hiding>.
#[test]
fn the_private_address_of_a_network_interface_identifies_a_database() {
    let network = two_databases(vec![tcp(5432, SOURCE)]);
    let to = format!("{ORDERS}:5432");
    assert_eq!(verdict(&network, &to, &[])[0], "unknown");
    assert_eq!(verdict(&network, &to, &["10.40.16.7"]), ["reachable"]);
    assert_eq!(
        verdict(&network, &to, &["10.40.0.77"]),
        ["blocked", "eni-db2: sg-db2: no inbound rule allows tcp 5432 from 10.40.0.0/20"]
    );
    // An address of no network interface that was read, and one of a filter of names.
    assert_eq!(
        verdict(&network, &to, &["10.90.1.20"]),
        [
            "unknown",
            "the name belongs to network interfaces eni-db (10.40.16.7) or eni-db2 (10.40.0.77) if its database is in vpc-1: no other \
             network interface there has the description RDSNetworkInterface, but this machine resolves the name to 10.90.1.20, of no \
             network interface that was read"
        ]
    );
    assert_eq!(verdict(&network, &to, &["127.0.0.1"]), verdict(&network, &to, &[]));
}

/// The private hosted zone of the VPC gives the answer there
/// (<https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html>), and the API names the
/// network interface.
#[test]
fn an_answer_that_contradicts_the_snapshot_makes_the_destination_unknown() {
    let to = format!("{ORDERS}:5432");
    let zone = two_databases(vec![tcp(5432, SOURCE)])
        .vpc(|vpc| vpc.private_zones = Some(vec!["us-west-2.rds.amazonaws.com".to_owned()]));
    assert_eq!(
        verdict(&zone, &to, &["10.40.16.7"]),
        [
            "unknown",
            "private hosted zone us-west-2.rds.amazonaws.com resolves this name in the VPC; its records were not read"
        ]
    );
    let by_api = two_databases(vec![tcp(5432, SOURCE)]).with(|network| {
        network.named_resources.insert(NamedResource {
            id: ResourceId::from("arn:aws:rds:us-west-2:123456789012:db:orders"),
            kind: NamedResourceKind::DbInstance,
            name: "orders".to_owned(),
            hosts: vec![ResourceHost {
                name: ORDERS.to_owned(),
                port: Some(5432),
                ..ResourceHost::default()
            }],
            engine: Some("postgres".to_owned()),
            state: Some("available".to_owned()),
            vpc: Some(VpcId::from("vpc-1")),
            subnets: Vec::new(),
            zone: None,
            standby: None,
            security_groups: vec![SecurityGroupId::from("sg-db")],
            public: Some(false),
            requires_tls: None,
            descriptions: Vec::new(),
            secret: None,
            dual_stack: None,
        });
    });
    assert_eq!(verdict(&by_api, &to, &["10.40.16.7"]), ["reachable"]);
    assert_eq!(
        verdict(&by_api, &to, &["10.40.0.77"]),
        [
            "unknown",
            "the name of orders (DB instance, postgres): network interface eni-db (10.40.16.7), but this machine resolves the name \
             to 10.40.0.77 (eni-db2)"
        ]
    );
}

/// A Resolver rule or a private hosted zone can give the VPC another answer:
/// <https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html>. So the answer for a name that AWS does not give never makes a
/// destination reachable.
#[test]
fn the_answer_for_a_name_of_the_user_blocks_or_leaves_unknown() {
    let allowed = two_databases(vec![tcp(5432, SOURCE)]).behind_nat();
    assert_eq!(
        verdict(&allowed, "db.internal:5432", &["10.40.16.7"]),
        [
            "unknown",
            "this machine resolves the name to 10.40.16.7 (eni-db): network interface eni-db (10.40.16.7); unknown whether the VPC's \
             resolver gives the same answer"
        ]
    );
    assert_eq!(verdict(&allowed, "db.internal:5432", &["10.40.0.77"])[0], "blocked");
    assert_eq!(verdict(&allowed, "db.example.com:5432", &[]), ["reachable"]);
    assert_eq!(verdict(&allowed, "db.example.com:5432", &["52.94.1.1"]), ["reachable"]);
    assert_eq!(
        verdict(&allowed, "db.example.com:5432", &["10.40.16.7"]),
        [
            "unknown",
            "this machine resolves the name to 10.40.16.7 (eni-db); unknown whether the VPC's resolver gives this answer or a public \
             address"
        ]
    );
}

/// Trace appears before the answer, and shows it with its time when it arrives. `--no-resolve` asks nothing.
#[test]
fn trace_does_not_wait_for_the_resolver_and_shows_its_answer_with_its_time() {
    let mut snapshot = Snapshot::from_json(Scenario::named("database-group").unwrap().snapshot).unwrap();
    snapshot.network.named_resources = Table::default();
    let database = "bond-db.c9xk2m4p7q1r.us-west-2.rds.amazonaws.com";
    for no_resolve in [true, false] {
        let request = LiveRequest { no_resolve, ..LiveRequest::default() };
        let mut player = Player::start(Start { origin: Origin::Live(Box::new(request)), ..live_account() });
        player.send(Message::Progress(RunId(1), Progress::Network(Box::new(snapshot.clone()))));
        player.press("enter");
        assert_eq!(player.app.step(), Step::Trace);
        let before = player.screen(120, 50, &Theme::ansi());
        assert!(before.contains("bond-db") && !before.contains("this machine"), "{before}");
        if no_resolve {
            assert_eq!(player.resolving, [""; 0]);
            continue;
        }
        assert_eq!(player.resolving, ["bond.okta.com", database]);
        player.send(Message::Resolved(vec![answer(database, &["10.40.16.53"])]));
        player.press("down");
        let after = player.screen(120, 50, &Theme::ansi());
        assert!(after.contains("this machine resolves the name to 10.40.16.53"), "{after}");
        let findings = &player.app.case().unwrap().diagnosis.findings;
        let found = findings.iter().find(|finding| finding.need.destination.host == database).unwrap();
        assert_eq!(
            found.need.evidence.last().unwrap().to_string(),
            "resolved on this machine at 2026-11-20T10:02:11Z: 10.40.16.53"
        );
        // The same hosts are not resolved again.
        assert_eq!(player.resolving.len(), 2);
    }
}
