//! The engine against an operating system that forwards packets: random networks are built of Linux network namespaces
//! (routes, stateless filters for ACLs, stateful ones for groups, translation for NAT gateways), TCP connections are made
//! for real, and both must agree.
//!
//! Needs root, iproute2 and nftables. `EGRESS_DOCTOR_WORLDS` sets how many networks (1,000 without it).
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests stop at the first surprise, and this one meets the operating system"
)]

#[path = "packets/namespaces.rs"]
mod namespaces;
mod support;

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Trace, Verdict, egresses};
use namespaces::World;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use support::random::{SECRETS, drawn, world};

const S3: &str = "s3.us-west-2.amazonaws.com";
/// Of every range of the list and of every edge that the drawn rules and routes have.
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

/// How many connections were compared, and how many of them succeeded.
#[derive(Default)]
struct Tally {
    all: AtomicUsize,
    passed: AtomicUsize,
}

/// IPv4, and what can be told of packets alone.
fn network_of(seed: u64) -> Snapshot {
    let config =
        Config { failure_persistence: None, rng_algorithm: RngAlgorithm::ChaCha, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let mut snapshot = world(&drawn().new_tree(&mut runner).unwrap().current());
    snapshot.workloads.iter_mut().for_each(|workload| workload.dual_stack = false);
    snapshot
        .network
        .subnets
        .iter_mut()
        .for_each(|subnet| subnet.block_public_access = BlockPublicAccess::Off);
    snapshot
}

/// What the engine says of one address.
fn says(verdict: &Verdict, address: IpAddr) -> bool {
    match verdict {
        Verdict::Reachable(_) => true,
        Verdict::Blocked => false,
        Verdict::Partial { stopped } => !stopped.contains(address),
        Verdict::Unknown => panic!("everything is known here"),
    }
}

fn compare(seed: u64, name: &str, tally: &Tally) {
    let snapshot = network_of(seed);
    let workload = snapshot.workloads.iter().next().unwrap();
    let Egresses::Vpc(sources) = egresses(&snapshot, workload) else {
        panic!("the service leaves by its connector")
    };
    let has_endpoint =
        snapshot.network.endpoints.iter().any(|endpoint| endpoint.id.as_str() == "vpce-secrets");
    let mut asked: Vec<(String, Vec<Ipv4Addr>)> =
        vec![(S3.to_owned(), S3_SAMPLES.map(|text| text.parse().unwrap()).to_vec())];
    asked.extend(PUBLIC_SAMPLES.map(|text| (text.to_owned(), vec![text.parse().unwrap()])));
    if has_endpoint {
        asked.push((
            SECRETS.to_owned(),
            ["10.40.0.9", "10.40.16.9"].map(|text| text.parse().unwrap()).to_vec(),
        ));
    }
    let engine = Engine::new(&snapshot);
    let real = World::build(&snapshot, name);
    for source in &sources {
        let expected: Vec<(Ipv4Addr, bool, Trace)> = asked
            .iter()
            .flat_map(|(host, addresses)| {
                let wanted = destination(host).unwrap();
                let trace = engine.aim(&wanted).trace(source);
                let judged = |to: &Ipv4Addr| (*to, says(&trace.verdict, IpAddr::V4(*to)), trace.clone());
                addresses.iter().map(judged).collect::<Vec<_>>()
            })
            .collect();
        let addresses: Vec<Ipv4Addr> = expected.iter().map(|(to, ..)| *to).collect();
        let mut connected = real.connect(&source.subnet, &addresses, Duration::from_millis(120));
        // A busy machine may need longer; what still fails was really dropped.
        if expected.iter().zip(&connected).any(|((_, expected, _), connected)| *expected && !connected) {
            connected = real.connect(&source.subnet, &addresses, Duration::from_secs(3));
        }
        for ((to, expected, trace), connected) in expected.into_iter().zip(connected) {
            tally.all.fetch_add(1, Ordering::Relaxed);
            tally.passed.fetch_add(usize::from(connected), Ordering::Relaxed);
            assert_eq!(
                expected, connected,
                "network {seed} (EGRESS_DOCTOR_FIRST_WORLD={seed}): from {} to {to} the engine says {expected}, the packets \
                 {connected}: {trace:#?}",
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
    let (worlds, first) = (number("EGRESS_DOCTOR_WORLDS", 1_000), number("EGRESS_DOCTOR_FIRST_WORLD", 0));
    let (next, tally) = (AtomicUsize::new(0), Tally::default());
    let process = std::process::id();
    std::thread::scope(|scope| {
        for worker in 0..8 {
            let (next, tally) = (&next, &tally);
            scope.spawn(move || {
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed) as u64;
                    if place >= worlds {
                        break;
                    }
                    compare(first + place, &format!("ed{process}w{worker}"), tally);
                }
            });
        }
    });
    let (all, passed) = (tally.all.into_inner(), tally.passed.into_inner());
    let share = passed * 100 / all;
    support::say(&format!(
        "{worlds} networks, {all} connections compared, {share} % of them made, no disagreement"
    ));
    assert!(worlds < 100 || (20..=80).contains(&share), "{share} % of {all} connections were made");
}
