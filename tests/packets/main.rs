//! Compares the engine with Linux, which forwards real packets. Random networks are built from Linux network
//! namespaces: routes, stateless filters for network ACLs, stateful filters for security groups, address
//! translation for NAT gateways. The test opens real TCP connections; each result must be equal to the
//! verdict of the engine.
//!
//! Needs root, iproute2 and nftables. `EGRESS_DOCTOR_NETWORKS` sets the number of networks (700 by
//! default). It is a separate binary, because it measures time and no other test may run at the same time.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops at the first unexpected result, and this one uses the operating system"
)]

mod namespaces;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Source, Trace, Verdict, egresses};
use namespaces::NamespaceNetwork;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::random::SECRETS;
use support::world::{NAT_INSTANCE, PEER_DATABASE, random_world, snapshot_of_world};

const S3: &str = "s3.us-west-2.amazonaws.com";
/// Addresses of every range of the prefix list and on both sides of every edge of the random rules and
/// routes.
const S3_SAMPLES: [&str; 8] = [
    "3.5.76.7",
    "3.5.77.7",
    "3.5.79.255",
    "18.34.48.1",
    "18.34.63.9",
    "52.218.128.1",
    "52.218.200.9",
    "52.92.130.7",
];
const PUBLIC_SAMPLES: [&str; 4] = ["8.8.8.8", "8.8.8.9", "52.218.130.7", "93.184.216.34"];

const SECRETS_ADDRESSES: [&str; 2] = ["10.40.0.9", "10.40.16.9"];

/// Number of connections and of those that succeeded, by the kind of destination.
#[derive(Default)]
struct Tally(Mutex<BTreeMap<&'static str, (usize, usize)>>);

impl Tally {
    fn count(&self, kind: &'static str, made: bool) {
        let mut all = self.0.lock().unwrap();
        let (count, passed) = all.entry(kind).or_default();
        *count += 1;
        *passed += usize::from(made);
    }
}

/// A random network, reduced to IPv4 and to settings that affect packets.
fn network_of(seed: u64) -> Snapshot {
    let config =
        Config { failure_persistence: None, rng_algorithm: RngAlgorithm::ChaCha, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let mut snapshot = snapshot_of_world(&random_world().new_tree(&mut runner).unwrap().current());
    // The NAT gateway has a public address for each host, so that equal ports do not collide; rules have no edge between them.
    let public = (0..3).map(namespaces::nat_public).collect::<Vec<_>>();
    snapshot.network.nat_gateways.iter_mut().for_each(|nat| nat.public_addresses.clone_from(&public));
    let (one, all) = ("35.160.1.10/32".parse().unwrap(), "35.160.1.8/29".parse().unwrap());
    for rule in snapshot.network.security_groups.iter_mut().flat_map(|group| &mut group.ingress) {
        if rule.peer == Peer::Ipv4(one) {
            rule.peer = Peer::Ipv4(all);
        }
    }
    snapshot.workloads.iter_mut().for_each(|workload| workload.dual_stack = false);
    snapshot
        .network
        .subnets
        .iter_mut()
        .for_each(|subnet| subnet.block_public_access = BlockPublicAccess::Off);
    snapshot
}

/// Whether the engine considers one address reachable; `None` if that is unknown: the software of the NAT instance or another
/// path of the replies decides.
fn is_reachable(trace: &Trace, address: IpAddr) -> Option<bool> {
    let is_unknown = trace.unknowns().next().is_some();
    match &trace.verdict {
        Verdict::Blocked => Some(false),
        Verdict::Partial { stopped } if stopped.contains(address) => Some(false),
        Verdict::Partial { .. } if is_unknown => None,
        Verdict::Reachable(_) | Verdict::Partial { .. } => Some(true),
        Verdict::Unknown => None,
    }
}

/// One connection: from one subnet to one address.
struct Connection {
    to: Ipv4Addr,
    /// The result of the engine; `None` if it is unknown.
    passes: Option<bool>,
    trace: Arc<Trace>,
}

/// Builds the network and opens all connections. Waits at most `timeout` for connections that the engine
/// considers reachable.
fn answers(
    snapshot: &Snapshot,
    name: &str,
    sources: &[Source],
    questions: &[Vec<Connection>],
    timeout: Duration,
) -> Vec<Vec<bool>> {
    let real = NamespaceNetwork::build(snapshot, name);
    let ask = |(source, questions): (&Source, &Vec<Connection>)| {
        let asked: Vec<(Ipv4Addr, bool)> =
            questions.iter().map(|asked| (asked.to, asked.passes == Some(true))).collect();
        real.connect(&source.subnet, &asked, timeout)
    };
    sources.iter().zip(questions).map(ask).collect()
}

fn compare(seed: u64, name: &str, tally: &Tally, turns: &RwLock<()>) {
    let snapshot = network_of(seed);
    let workload = snapshot.workloads.iter().next().unwrap();
    let Egresses::Vpc(sources) = egresses(&snapshot, workload) else {
        panic!("the service uses a connector")
    };
    let has_endpoint =
        snapshot.network.endpoints.iter().any(|endpoint| endpoint.id.as_str() == "vpce-secrets");
    let mut asked: Vec<(String, Vec<Ipv4Addr>)> =
        vec![(S3.to_owned(), S3_SAMPLES.map(|text| text.parse().unwrap()).to_vec())];
    asked.extend(PUBLIC_SAMPLES.map(|text| (text.to_owned(), vec![text.parse().unwrap()])));
    if has_endpoint {
        asked.push((SECRETS.to_owned(), SECRETS_ADDRESSES.map(|text| text.parse().unwrap()).to_vec()));
    }
    let interfaces = snapshot.network.network_interfaces.iter();
    let databases = interfaces.filter(|interface| interface.id.as_str() != NAT_INSTANCE);
    // The namespaces cannot carry packets from the NAT gateway to a public address of the same VPC: the reference model compares these.
    let addresses = databases.flat_map(|one| one.addresses.iter().map(ToString::to_string));
    for address in addresses {
        asked.push((format!("{address}:443"), vec![address.parse().unwrap()]));
    }
    let engine = Engine::new(&snapshot);
    let of_source = |source: &Source| -> Vec<Connection> {
        let of_host = |(host, addresses): &(String, Vec<Ipv4Addr>)| {
            let trace = Arc::new(engine.tracer(&destination(host).unwrap()).trace(source));
            let question = |to: &Ipv4Addr| Connection {
                to: *to,
                passes: is_reachable(&trace, IpAddr::V4(*to)),
                trace: Arc::clone(&trace),
            };
            addresses.iter().map(question).collect::<Vec<_>>()
        };
        asked.iter().flat_map(of_host).collect()
    };
    let questions: Vec<Vec<Connection>> = sources.iter().map(of_source).collect();
    let late = |answers: &[Vec<bool>]| {
        let mut all = questions.iter().flatten().zip(answers.iter().flatten());
        all.any(|(question, made)| question.passes == Some(true) && !made)
    };
    let among_others = {
        let _turn = turns.read();
        answers(&snapshot, name, &sources, &questions, Duration::from_secs(2))
    };
    // A busy machine drops packets too. The test therefore repeats a missing connection alone, in a new
    // network without half-open connections, with enough time for four retransmissions.
    let answers = if late(&among_others) {
        let _alone = turns.write();
        answers(&snapshot, name, &sources, &questions, Duration::from_secs(16))
    } else {
        among_others
    };
    for ((source, questions), answers) in sources.iter().zip(questions).zip(answers) {
        for (Connection { to, passes, trace }, made) in questions.iter().zip(answers) {
            let kind = match to.to_string().as_str() {
                PEER_DATABASE => "peer database",
                _ if to.is_private() && !SECRETS_ADDRESSES.contains(&to.to_string().as_str()) => "database",
                _ if passes.is_none() => "NAT instance",
                _ => "other",
            };
            tally.count(kind, made);
            let Some(passes) = passes else { continue };
            assert_eq!(
                *passes, made,
                "network {seed} (EGRESS_DOCTOR_FIRST_NETWORK={seed}): from {} to {to} the engine gives {passes}, the packets \
                 {made}: {trace:#?}",
                source.subnet
            );
        }
    }
}

#[test]
fn the_engine_and_real_packets_agree_on_random_networks() {
    let test = "the_engine_and_real_packets_agree_on_random_networks";
    let has = |tool: &str, argument: &str| Command::new(tool).arg(argument).output().is_ok();
    if !nix::unistd::geteuid().is_root() {
        return support::skip(test, "it needs root");
    }
    if !has("ip", "-V") || !has("nft", "-v") {
        return support::skip(test, "it needs iproute2 and nftables");
    }
    let number = |name: &str, otherwise: u64| {
        std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
    };
    let (networks, first) = (number("EGRESS_DOCTOR_NETWORKS", 700), number("EGRESS_DOCTOR_FIRST_NETWORK", 0));
    let (next, tally, turns) = (AtomicUsize::new(0), Tally::default(), RwLock::new(()));
    let process = std::process::id();
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let (next, tally, turns) = (&next, &tally, &turns);
            scope.spawn(move || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed) as u64;
                    if place >= networks {
                        break;
                    }
                    compare(first + place, &format!("ed{process}w{worker}"), tally, turns);
                }
            });
        }
    });
    let tally = tally.0.into_inner().unwrap();
    let (all, passed) = tally.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let share = passed * 100 / all;
    support::say(&format!(
        "{networks} networks, {all} connections compared, {share} % of them made, no disagreement: {tally:?}"
    ));
    assert!(networks < 100 || (20..=80).contains(&share), "{share} % of {all} connections were made");
    // Each of these kinds of destination is reached in some networks.
    let reached = ["database", "peer database", "NAT instance", "other"];
    let is_reached = |kind: &&str| tally.get(*kind).is_some_and(|one| one.1 > 5);
    assert!(networks < 100 || reached.iter().all(is_reached), "{tally:?}");
}
