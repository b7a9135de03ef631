//! What must hold of every network, whatever is in it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop at the first surprise"
)]

mod support;

use egress_doctor::evidence::destination;
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Trace, Verdict, egresses};
use egress_doctor::remedy::simulate;
use proptest::prelude::*;
use proptest::sample::select;
use support::random::{Drawn, GROUP, SECRETS, drawn, net, world};

const HOSTS: [&str; 4] = ["s3.us-west-2.amazonaws.com", SECRETS, "bond.okta.com", "8.8.8.8:443"];

fn traces(snapshot: &Snapshot) -> Vec<Trace> {
    let workload = snapshot.workloads.iter().next().unwrap();
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else {
        panic!("the service leaves by its connector")
    };
    let wanted = HOSTS.map(|host| destination(host).unwrap());
    let engine = Engine::new(snapshot);
    wanted.iter().flat_map(|host| sources.iter().map(|source| engine.aim(host).trace(source))).collect()
}

/// Forgets a call's answers, all or some, and says so.
fn forget(snapshot: &mut Snapshot, call: Call, kept: &[bool]) {
    fn thin<T: Keyed + Clone>(table: &mut Table<T>, kept: &[bool]) {
        *table = table
            .iter()
            .cloned()
            .zip(kept.iter().cycle())
            .filter(|(_, keep)| **keep)
            .map(|(item, _)| item)
            .collect();
    }
    let network = &mut snapshot.network;
    match call {
        Call::DescribeVpcs => thin(&mut network.vpcs, kept),
        Call::DescribeSubnets => thin(&mut network.subnets, kept),
        Call::DescribeRouteTables => thin(&mut network.route_tables, kept),
        Call::DescribeSecurityGroups => thin(&mut network.security_groups, kept),
        Call::DescribeNetworkAcls => thin(&mut network.network_acls, kept),
        Call::DescribeVpcEndpoints => thin(&mut network.endpoints, kept),
        Call::DescribeNatGateways => thin(&mut network.nat_gateways, kept),
        Call::DescribeInternetGateways => thin(&mut network.internet_gateways, kept),
        Call::DescribeNetworkInterfaces => thin(&mut network.network_interfaces, kept),
        Call::DescribeManagedPrefixLists => thin(&mut network.prefix_lists, kept),
        Call::GetManagedPrefixListEntries => {
            network.prefix_lists.iter_mut().for_each(|list| list.cidrs = None);
        }
        Call::DescribeVpcAttribute => network.vpcs.iter_mut().for_each(|vpc| vpc.dns.support = None),
        Call::DescribeDhcpOptions => {
            network.vpcs.iter_mut().for_each(|vpc| vpc.dns.resolver = DhcpResolver::Unknown);
        }
        _ => {}
    }
    let kind = if kept.contains(&true) { GapKind::Partial } else { GapKind::Denied };
    snapshot.gaps.push(Gap { call, kind, message: "forgotten".to_owned() });
}

const FORGETTABLE: &[Call] = &[
    Call::DescribeVpcs,
    Call::DescribeSubnets,
    Call::DescribeRouteTables,
    Call::DescribeSecurityGroups,
    Call::DescribeNetworkAcls,
    Call::DescribeVpcEndpoints,
    Call::DescribeNatGateways,
    Call::DescribeInternetGateways,
    Call::DescribeNetworkInterfaces,
    Call::DescribeManagedPrefixLists,
    Call::GetManagedPrefixListEntries,
    Call::DescribeVpcAttribute,
    Call::DescribeDhcpOptions,
];

/// What may be said with less knowledge.
fn is_weaker(before: &Verdict, after: &Verdict) -> bool {
    match (before, after) {
        (_, Verdict::Unknown)
        | (Verdict::Reachable(_), Verdict::Reachable(_))
        | (Verdict::Blocked, Verdict::Blocked)
        // What is stopped for certain stays so; what was known to be stopped beside it may be forgotten.
        | (Verdict::Blocked | Verdict::Partial { .. }, Verdict::Partial { .. }) => true,
        (_, Verdict::Reachable(_) | Verdict::Blocked | Verdict::Partial { .. }) => false,
    }
}

fn check_forgetting(drawn: &Drawn, call: Call, kept: &[bool]) -> Result<(), TestCaseError> {
    let whole = world(drawn);
    let mut less = whole.clone();
    forget(&mut less, call, kept);
    for (before, after) in traces(&whole).iter().zip(traces(&less)) {
        prop_assert!(
            is_weaker(&before.verdict, &after.verdict),
            "without {call}: {before:#?}\nbecame {after:#?}"
        );
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn knowing_less_never_turns_a_verdict_round(drawn in drawn(), call in select(FORGETTABLE)) {
        check_forgetting(&drawn, call, &[false])?;
    }

    #[test]
    fn half_an_answer_never_turns_a_verdict_round(
        drawn in drawn(),
        call in select(FORGETTABLE),
        kept in prop::collection::vec(any::<bool>(), 1..5),
    ) {
        check_forgetting(&drawn, call, &kept)?;
    }

    #[test]
    fn allowing_more_never_breaks_what_works(drawn in drawn()) {
        let before = world(&drawn);
        let mut after = before.clone();
        let group = after.network.security_groups.get_mut(&SecurityGroupId::from(GROUP)).unwrap();
        let all = SecurityGroupRule { protocol: Protocol::All, ports: PortRange::ALL, peer: Peer::Ipv4(net("0.0.0.0/0")) };
        group.egress.push(all);
        for (before, after) in traces(&before).iter().zip(traces(&after)) {
            prop_assert!(!before.is_reachable() || after.is_reachable(), "{before:#?}\nbecame {after:#?}");
        }
    }

    #[test]
    fn the_order_of_what_aws_answers_does_not_matter(drawn in drawn()) {
        let before = world(&drawn);
        let mut after = before.clone();
        let network = &mut after.network;
        network.route_tables.iter_mut().for_each(|table| table.routes.reverse());
        network.network_acls.iter_mut().for_each(|acl| {
            acl.inbound.reverse();
            acl.outbound.reverse();
        });
        network.security_groups.iter_mut().for_each(|group| {
            group.ingress.reverse();
            group.egress.reverse();
        });
        network.prefix_lists.iter_mut().filter_map(|list| list.cidrs.as_mut()).for_each(|cidrs| cidrs.reverse());
        for (before, after) in traces(&before).iter().zip(traces(&after)) {
            prop_assert_eq!(&before.verdict, &after.verdict);
        }
    }

    #[test]
    fn simulating_nothing_changes_nothing(drawn in drawn()) {
        let snapshot = world(&drawn);
        prop_assert_eq!(simulate(&snapshot, &[]), snapshot);
    }
}
