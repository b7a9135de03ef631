//! `snapshot --redact`: the file gives the same verdicts, and nothing in it identifies the account.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::central_egress::central;
use crate::support::doctor;
use crate::support::random::{SECRETS, random_network, snapshot_of};
use egress_doctor::case::Case;
use egress_doctor::discover::redact;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Verdict, egresses};
use egress_doctor::scenario::SCENARIOS;
use ipnet::IpNet;
use proptest::prelude::*;

const HOSTS: [&str; 6] = [
    "s3.us-west-2.amazonaws.com",
    SECRETS,
    "bond-files.s3.us-west-2.amazonaws.com",
    "bond.okta.com",
    "8.8.8.8",
    "10.40.16.9",
];

/// The verdict of each host from each subnet, without the ids in it. The blockers are sorted, because those of one layer are in the
/// order of their addresses, which are others after a redaction.
fn verdicts(snapshot: &Snapshot, hosts: &[String]) -> Vec<String> {
    let workload = snapshot.workloads.iter().next().unwrap();
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else { panic!("the service uses a connector") };
    let engine = Engine::new(snapshot);
    let wanted: Vec<Destination> = hosts.iter().map(|host| destination(host).unwrap()).collect();
    let traces =
        wanted.iter().flat_map(|host| sources.iter().map(|source| engine.tracer(host).trace(source)));
    let verdict = |verdict: &Verdict| match verdict {
        Verdict::Reachable(_) => "reachable".to_owned(),
        Verdict::Blocked => "blocked".to_owned(),
        Verdict::Partial { .. } => "partial".to_owned(),
        Verdict::Unknown => "unknown".to_owned(),
    };
    traces
        .map(|trace| {
            let mut codes: Vec<&str> = trace.blockers().map(|(_, code)| code.word()).collect();
            codes.sort_unstable();
            format!("{} {}", verdict(&trace.verdict), codes.join(" "))
        })
        .collect()
}

/// What identifies the account in a snapshot: ids, names, the account number.
fn identifying(snapshot: &Snapshot) -> BTreeSet<String> {
    fn ids<T: Keyed>(table: &Table<T>) -> Vec<String> {
        table.iter().map(|item| item.key().to_string()).collect()
    }
    let network = &snapshot.network;
    let mut all: BTreeSet<String> = [
        ids(&network.vpcs),
        ids(&network.subnets),
        ids(&network.route_tables),
        ids(&network.security_groups),
        ids(&network.network_acls),
        ids(&network.endpoints),
        ids(&network.nat_gateways),
        ids(&network.internet_gateways),
        ids(&network.egress_only_internet_gateways),
        ids(&network.network_interfaces),
        ids(&network.prefix_lists),
        ids(&network.connectors),
        ids(&snapshot.workloads),
    ]
    .concat()
    .into_iter()
    .collect();
    all.extend(snapshot.account.clone());
    all.extend(network.connectors.iter().map(|connector| connector.name.clone()));
    all.extend(
        network.security_groups.iter().map(|group| group.name.clone()).filter(|name| name != "default"),
    );
    for workload in snapshot.workloads.iter() {
        all.insert(workload.name.clone());
        all.extend(workload.environment.variables.iter().map(|variable| variable.name.clone()));
        all.extend(workload.environment.secrets.iter().map(|secret| secret.name.clone()));
        all.extend(workload.url.iter().filter_map(|url| Some(url.split('.').next()?.to_owned())));
    }
    let tags = |tags: &BTreeMap<String, String>| tags.values().cloned().collect::<Vec<_>>();
    all.extend(network.subnets.iter().flat_map(|item| tags(&item.tags)));
    all.extend(network.vpcs.iter().flat_map(|item| tags(&item.tags)));
    all.remove("");
    all
}

/// The addresses of a text, and the first addresses of its ranges.
fn addresses(text: &str) -> BTreeSet<IpAddr> {
    let words = text.split(['"', ' ', ',', '[', ']']);
    let first =
        |word: &str| word.parse::<IpNet>().map(|net| net.network()).or_else(|_| word.parse::<IpAddr>());
    words.filter_map(|word| first(word).ok()).collect()
}

/// Ranges that are not of one account: those of AWS with what contains them, and special ranges.
fn is_general(address: IpAddr, of_aws: &[IpNet]) -> bool {
    let general: [IpAddr; 6] = ["0.0.0.0", "10.0.0.0", "172.16.0.0", "192.168.0.0", "100.64.0.0", "::"]
        .map(|text| text.parse().unwrap());
    general.contains(&address) || of_aws.iter().any(|net| net.contains(&address))
}

fn check(snapshot: &Snapshot) -> (Snapshot, Vec<String>) {
    let (redacted, mut redaction) = redact(snapshot);
    let text = redacted.to_json().unwrap();
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && !"-_:/".contains(c)).collect();
    for word in identifying(snapshot) {
        // Some names of the test networks are words of the format.
        let remains =
            if word.contains(['-', '_', '/']) { text.contains(&word) } else { words.contains(&*word) };
        assert!(!remains || word == "endpoint", "{word} remains in {text}");
    }
    let lists = snapshot.network.prefix_lists.iter().filter(|list| list.name.starts_with("com.amazonaws."));
    let of_aws: Vec<IpNet> = lists.flat_map(|list| list.cidrs.iter().flatten().copied()).collect();
    // A range that contains addresses of AWS says nothing about the account: `52.0.0.0/8`.
    let original = snapshot.to_json().unwrap();
    let wide = |address: &IpAddr| {
        let ranges = original.split(['"', ' ', ',', '[', ']']).filter_map(|word| word.parse::<IpNet>().ok());
        ranges.filter(|net| net.network() == *address).any(|net| of_aws.iter().any(|aws| net.contains(aws)))
    };
    let new = addresses(&text);
    let remaining: Vec<IpAddr> = addresses(&original)
        .into_iter()
        .filter(|address| new.contains(address) && !is_general(*address, &of_aws) && !wide(address))
        .collect();
    assert_eq!(remaining, Vec::<IpAddr>::new(), "addresses of the original in {text}");
    let hosts = HOSTS.iter().map(|host| redaction.host(host)).collect();
    (redacted, hosts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn a_redacted_network_gives_the_same_verdicts_and_nothing_of_the_original_remains(network in random_network()) {
        let snapshot = snapshot_of(&network);
        let (redacted, hosts) = check(&snapshot);
        let own: Vec<String> = HOSTS.map(str::to_owned).to_vec();
        prop_assert_eq!(verdicts(&snapshot, &own), verdicts(&redacted, &hosts));
        // The file can be read again.
        prop_assert_eq!(&Snapshot::from_json(&redacted.to_json().unwrap()).unwrap(), &redacted);
    }
}

#[test]
fn a_redacted_scenario_has_the_same_destinations_verdicts_and_fixes() {
    let answers = |snapshot: &Snapshot, number: usize| {
        let workload = snapshot.workloads.iter().nth(number).unwrap().clone();
        let case = Case::open(Arc::new(snapshot.clone()), workload, &Query::default());
        let findings = case.diagnosis.findings.iter().map(|finding| {
            let destination = &finding.need.destination;
            format!(
                "{:?} {} {:?} {:?}",
                destination.kind.word(),
                destination.port,
                finding.need.caller,
                finding.verdict()
            )
        });
        let fixes =
            case.proposals.iter().map(|proposal| format!("{} {}", proposal.id(), proposal.fixes.len()));
        findings.chain(fixes).collect::<Vec<_>>()
    };
    for scenario in SCENARIOS {
        let snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
        let (redacted, _) = check(&snapshot);
        for number in 0..snapshot.workloads.len() {
            assert_eq!(answers(&snapshot, number), answers(&redacted, number), "{}", scenario.name);
        }
    }
}

#[test]
fn a_host_keeps_what_kind_of_host_it_is() {
    let (_, mut redaction) = redact(&Snapshot::from_json(SCENARIOS[0].snapshot).unwrap());
    let hosts = [
        ("secretsmanager.us-west-2.amazonaws.com", "secretsmanager.us-west-2.amazonaws.com"),
        ("acme.okta.com:8443", "LABEL.okta.com:8443"),
        ("acme-data.s3.us-west-2.amazonaws.com", "LABEL.s3.us-west-2.amazonaws.com"),
        ("db.cluster-c1x2.us-west-2.rds.amazonaws.com", "LABEL.cluster-LABEL.us-west-2.rds.amazonaws.com"),
        ("api.acme.example", "LABEL.LABEL.example"),
        ("redis", "LABEL"),
        ("vpc-acme-logs-a1b2.us-west-2.es.amazonaws.com", "vpc-LABEL-LABEL.us-west-2.es.amazonaws.com"),
        ("abcdefghij.us-west-2.awsapprunner.com", "LABEL.us-west-2.awsapprunner.com"),
        ("fs-0a1b2c3d.efs.us-west-2.amazonaws.com", "fs-00000000000000001.efs.us-west-2.amazonaws.com"),
        ("333344445555.dkr.ecr.us-west-2.amazonaws.com", "000000000002.dkr.ecr.us-west-2.amazonaws.com"),
    ];
    let numbers = regex::Regex::new(r"name\d{3}").unwrap();
    for (host, expected) in hosts {
        let new = redaction.host(host);
        assert_eq!(numbers.replace_all(&new, "LABEL"), expected, "{host} became {new}");
        assert_eq!(redaction.host(host), new, "the same host has the same replacement");
    }
}

/// A central egress VPC behind a transit gateway, and faults in it.
#[test]
fn a_redacted_central_egress_vpc_gives_the_same_verdicts() {
    let routes = |network: &mut Network, id: &str| {
        network.transit_route_tables.get_mut(&ResourceId::from(id)).unwrap().routes.clear();
    };
    let changes: [&dyn Fn(&mut Network); 6] = [
        &|_| {},
        &|network| routes(network, "tgw-rtb-app"),
        &|network| routes(network, "tgw-rtb-egress"),
        &|network| network.nat_gateways = Table::default(),
        &|network| network.transit_attachments = Table::default(),
        &|network| {
            let table = network.route_tables.get_mut(&RouteTableId::from("rtb-nat")).unwrap();
            table.routes.retain(|route| route.target != RouteTarget::of("tgw-1"));
        },
    ];
    let mut all = BTreeSet::new();
    for change in changes {
        let snapshot = central().with(|network| change(network)).0;
        let (redacted, hosts) = check(&snapshot);
        let own = verdicts(&snapshot, &HOSTS.map(str::to_owned));
        assert_eq!(own, verdicts(&redacted, &hosts));
        all.extend(own);
    }
    let starts = |word: &str| all.iter().any(|verdict| verdict.starts_with(word));
    assert!(starts("reachable") && starts("blocked") && starts("unknown"), "{all:?}");
}

/// A user pastes a saved snapshot into a public issue.
#[test]
fn a_saved_snapshot_is_redacted_by_the_command() {
    let home = tempfile::tempdir().unwrap();
    let mut snapshot = Snapshot::from_json(SCENARIOS[0].snapshot).unwrap();
    let vpc = snapshot.network.vpcs.iter().next().unwrap().id.clone();
    let other = Place { account: "888877776666".to_owned(), region: snapshot.region.clone() };
    snapshot.gaps = vec![Gap {
        call: Call::DescribeVpcs,
        kind: GapKind::Denied,
        message: "UnauthorizedOperation: arn:aws:iam::999988887777:user/jane is not authorized".to_owned(),
        place: Some(other.clone()),
    }];
    snapshot.other_places = vec![other];
    snapshot.calls = vec![CallRecord {
        call: Call::DescribeVpcs,
        scope: vpc.to_string(),
        sent_at: snapshot.taken_at,
        milliseconds: 12,
        items: 0,
        pages: 0,
        failure: Some(snapshot.gaps[0].clone().into()),
    }];
    std::fs::write(home.path().join("own.json"), snapshot.to_json().unwrap()).unwrap();
    let command = |arguments: &[&str]| {
        let mut command = doctor(home.path());
        let output = command.current_dir(home.path()).args(arguments).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let (code, text, notes) = command(&["snapshot", "--from", "own.json", "--redact", "-o", "new.json"]);
    let name = &snapshot.workloads.iter().next().unwrap().name;
    assert_eq!(
        (code, text.as_str(), notes.as_str()),
        (
            0,
            "Saved 1 service of us-west-2 with their network to new.json\n",
            format!("egress-doctor: {name} is service-001 in the file\n").as_str()
        )
    );
    let saved = std::fs::read_to_string(home.path().join("new.json")).unwrap();
    let redacted = Snapshot::from_json(&saved).unwrap();
    assert_eq!(redacted.gaps[0].message, "UnauthorizedOperation: details redacted");
    assert_eq!(redacted.calls[0].scope, redacted.network.vpcs.iter().next().unwrap().id.as_str());
    assert_eq!(redacted.other_places[0].account, "000000000002");
    assert_eq!(redacted.gaps[0].place.as_ref(), redacted.other_places.first());
    for word in ["999988887777", "888877776666", "jane", vpc.as_str(), name] {
        assert!(!saved.contains(word), "{word} remains");
    }
    let (code, _, error) = command(&["snapshot", "--from", "own.json", "-o", "new.json"]);
    assert_eq!(code, 2, "{error}");
}
