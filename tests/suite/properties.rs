//! Properties that are true for every network, tested on random networks.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use super::screens::{Player, scenario};
use crate::support::random::{
    FORGETTABLE, GROUP, RandomNetwork, SECRETS, forget, net, random_network, snapshot_of,
};
use crate::support::world::{DATABASE_PUBLIC, PEER_DATABASE, World, random_world, snapshot_of_world};
use egress_doctor::app::Start;
use egress_doctor::case::Case;
use egress_doctor::diagnose::{FindingVerdict, diagnose};
use egress_doctor::evidence::{Need, Query, destination};
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Layer, Outcome, Trace, Verdict, egresses};
use egress_doctor::remedy::{Change, Proposal, RemedyId, nat_gateway_faults, simulate};
use egress_doctor::report::{diagnosis_json, diagnosis_markdown, diagnosis_text};
use egress_doctor::ui::Theme;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// Destinations of all kinds. The databases exist in worlds.
fn destinations() -> Vec<Destination> {
    let databases = ["10.40.0.70", "10.40.16.70", "10.40.96.70", DATABASE_PUBLIC, PEER_DATABASE];
    let databases = databases.iter().map(|address| format!("{address}:5432"));
    let others =
        ["s3.us-west-2.amazonaws.com", SECRETS, "bond.okta.com", "8.8.8.8:443", "[2606:4700::1111]:443"];
    let others = others.iter().map(ToString::to_string);
    others.chain(databases).map(|host| destination(&host).unwrap()).collect()
}

fn traces(snapshot: &Snapshot) -> Vec<Trace> {
    let workload = snapshot.workloads.iter().next().unwrap();
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else { panic!("the service uses a connector") };
    let wanted = destinations();
    let engine = Engine::new(snapshot);
    wanted.iter().flat_map(|host| sources.iter().map(|source| engine.tracer(host).trace(source))).collect()
}

/// Whether `after`, the verdict with less data, is consistent with `before`.
fn is_weaker(before: &Verdict, after: &Verdict) -> bool {
    match (before, after) {
        (_, Verdict::Unknown)
        | (Verdict::Reachable(_), Verdict::Reachable(_))
        | (Verdict::Blocked, Verdict::Blocked)
        // With less data, fewer addresses may be known to be blocked.
        | (Verdict::Blocked | Verdict::Partial { .. }, Verdict::Partial { .. }) => true,
        (_, Verdict::Reachable(_) | Verdict::Blocked | Verdict::Partial { .. }) => false,
    }
}

fn check_forgetting(whole: &Snapshot, call: Call, kept: &[bool]) -> Result<(), TestCaseError> {
    let mut less = whole.clone();
    forget(&mut less, call, kept);
    // The order of the subnets depends on their AZs, which `less` can lack.
    let path = |trace: &Trace| (trace.destination.to_string(), trace.subnet.clone());
    let (mut whole, mut less) = (traces(whole), traces(&less));
    whole.sort_by_key(path);
    less.sort_by_key(path);
    for (before, after) in whole.iter().zip(&less) {
        prop_assert_eq!(path(before), path(after));
        prop_assert!(
            is_weaker(&before.verdict, &after.verdict),
            "without {call}: {before:#?}\nbecame {after:#?}"
        );
    }
    Ok(())
}

/// The number of networks of a property: 500, or as many as the variable says.
fn cases(default: u32) -> u32 {
    std::env::var("EGRESS_DOCTOR_NETWORKS").ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Destinations of each kind, for which fixes are planned.
fn few_destinations() -> Vec<Destination> {
    let hosts = [
        "s3.us-west-2.amazonaws.com",
        "bond.okta.com",
        "[2606:4700::1111]:443",
        "10.40.16.70:5432",
        "54.70.1.20:5432",
        "10.90.1.20:5432",
    ];
    hosts.iter().map(|host| destination(host).unwrap()).collect()
}

fn open(snapshot: &Snapshot) -> Case {
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    Case::open(Arc::new(snapshot.clone()), workload, &Query::for_destinations(few_destinations()))
}

/// All proposals without an unmet precondition.
fn proposals(snapshot: &Snapshot) -> Vec<Proposal> {
    open(snapshot).proposals.into_iter().filter(Proposal::is_possible).collect()
}

fn without<T: Keyed + Clone>(table: &mut Table<T>, gone: impl Fn(&T) -> bool) {
    *table = table.iter().filter(|item| !gone(item)).cloned().collect();
}

/// Undoes a change of the service, of an endpoint's DNS, or of a gateway.
fn undo_other(after: &mut Snapshot, before: &Snapshot, change: &Change) {
    let network = &mut after.network;
    match change {
        Change::UseDefaultEgress { workload } => {
            after.workloads.get_mut(workload).unwrap().egress =
                before.workloads.get(workload).unwrap().egress.clone();
        }
        Change::EnablePrivateDns { endpoint, .. } => {
            network.endpoints.insert(before.network.endpoints.get(endpoint).unwrap().clone());
        }
        Change::MoveConnector { workload, .. } => {
            without(&mut network.connectors, |connector| connector.arn.as_str().ends_with("-planned"));
            after.workloads.get_mut(workload).unwrap().egress =
                before.workloads.get(workload).unwrap().egress.clone();
        }
        Change::AttachInternetGateway { gateway, .. } => {
            network.internet_gateways.insert(before.network.internet_gateways.get(gateway).unwrap().clone());
            // The routes to it are blackholes again.
            for table in network.route_tables.iter_mut() {
                table.routes.clone_from(&before.network.route_tables.get(&table.id).unwrap().routes);
            }
        }
        Change::DisableSourceDestCheck { interface } | Change::AssociateElasticIp { interface } => {
            let old = before.network.network_interfaces.get(interface).unwrap().clone();
            network.network_interfaces.insert(old);
        }
        Change::CreateInternetGateway { public_subnet: Some(_), .. } => *network = before.network.clone(),
        Change::CreateInternetGateway { route_tables, .. }
        | Change::RouteToPeering { route_tables, .. }
        | Change::RouteIpv6 { route_tables, .. } => {
            without(&mut network.internet_gateways, |gateway| gateway.id.as_str().ends_with("-planned"));
            without(&mut network.egress_only_internet_gateways, |one| one.id.as_str().ends_with("-planned"));
            for id in route_tables {
                network.route_tables.insert(before.network.route_tables.get(id).unwrap().clone());
            }
        }
        Change::CreatePrivateSubnets { workload, .. } => {
            *network = before.network.clone();
            after.workloads.get_mut(workload).unwrap().egress =
                before.workloads.get(workload).unwrap().egress.clone();
        }
        _ => unreachable!("{change:?}"),
    }
}

/// Undoes a change: removes the added items and restores the replaced items.
fn undo(after: &mut Snapshot, before: &Snapshot, change: &Change) {
    let network = &mut after.network;
    let is_planned = |target: &RouteTarget| target.to_string().ends_with("-planned");
    match change {
        Change::CreateGatewayEndpoint { .. } | Change::CreateInterfaceEndpoint { .. } => {
            without(&mut network.endpoints, |endpoint| endpoint.id.as_str().ends_with("-planned"));
            without(&mut network.security_groups, |group| group.id.as_str().ends_with("-planned"));
            network.route_tables.iter_mut().for_each(|table| {
                table.routes.retain(|route| {
                    !(matches!(route.target, RouteTarget::Endpoint(_)) && is_planned(&route.target))
                });
            });
        }
        Change::AssociateRouteTables { endpoint, route_tables, .. } => {
            for id in route_tables {
                network
                    .route_tables
                    .get_mut(id)
                    .unwrap()
                    .routes
                    .retain(|route| route.target != RouteTarget::Endpoint(endpoint.clone()));
            }
            if let EndpointKind::Gateway { route_tables: known } =
                &mut network.endpoints.get_mut(endpoint).unwrap().kind
            {
                known.retain(|table| !route_tables.contains(table));
            }
        }
        Change::AllowEgress { group, .. } => {
            drop(network.security_groups.get_mut(group).unwrap().egress.pop());
        }
        Change::AllowEndpointIngress { group, .. } => {
            drop(network.security_groups.get_mut(group).unwrap().ingress.pop());
        }
        Change::AllowNacl { acl, outbound, rule } => {
            let acl = network.network_acls.get_mut(acl).unwrap();
            let rules = if *outbound { &mut acl.outbound } else { &mut acl.inbound };
            rules.retain(|other| other != rule);
            // The order of the rules has no effect.
            let old = before.network.network_acls.get(&acl.id).unwrap();
            let old = if *outbound { &old.outbound } else { &old.inbound };
            if rules.len() == old.len() && old.iter().all(|rule| rules.contains(rule)) {
                rules.clone_from(old);
            }
        }
        Change::EnableVpcDns { vpc, .. } => {
            network.vpcs.get_mut(vpc).unwrap().dns = before.network.vpcs.get(vpc).unwrap().dns.clone();
        }
        Change::CreateNat { .. } | Change::RepairNat { .. } | Change::CreateRegionalNat { .. } => {
            without(&mut network.route_tables, |table| table.id.as_str().ends_with("-planned"));
            without(&mut network.nat_gateways, |nat| nat.id.as_str().ends_with("-planned"));
            for table in network.route_tables.iter_mut() {
                if table.routes.iter().any(|route| {
                    is_planned(&route.target) && matches!(route.target, RouteTarget::NatGateway(_))
                }) {
                    // Keeps routes of other changes: `undo` removes them with those changes.
                    let old = &before.network.route_tables.get(&table.id).unwrap().routes;
                    let is_nat = |route: &Route| {
                        matches!(route.target, RouteTarget::NatGateway(_)) && is_planned(&route.target)
                    };
                    let added: Vec<Route> = table
                        .routes
                        .iter()
                        .filter(|route| !is_nat(route) && !old.contains(route))
                        .cloned()
                        .collect();
                    table.routes = old.iter().cloned().chain(added).collect();
                }
            }
        }
        Change::RouteToNat { nat, route_tables } => {
            let everywhere = RouteDestination::Ipv4("0.0.0.0/0".parse().unwrap());
            let is_new = |route: &Route| {
                route.destination == everywhere && route.target == RouteTarget::NatGateway(nat.clone())
            };
            for id in route_tables {
                let old = &before.network.route_tables.get(id).unwrap().routes;
                let table = network.route_tables.get_mut(id).unwrap();
                table.routes.retain(|route| !is_new(route) || old.contains(route));
                // The undo of a later change may have restored the whole table.
                if let Some(place) = old.iter().position(|route| route.destination == everywhere)
                    && table.routes != *old
                {
                    table.routes.insert(place.min(table.routes.len()), old[place].clone());
                }
            }
        }
        Change::RouteToInternet { route_table, .. } => {
            let table = before.network.route_tables.get(route_table).unwrap();
            network.route_tables.get_mut(route_table).unwrap().routes.clone_from(&table.routes);
        }
        Change::UseDefaultEgress { .. }
        | Change::EnablePrivateDns { .. }
        | Change::MoveConnector { .. }
        | Change::AttachInternetGateway { .. }
        | Change::DisableSourceDestCheck { .. }
        | Change::AssociateElasticIp { .. }
        | Change::CreateInternetGateway { .. }
        | Change::RouteToPeering { .. }
        | Change::RouteIpv6 { .. }
        | Change::CreatePrivateSubnets { .. } => undo_other(after, before, change),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(500), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn missing_data_never_reverses_a_verdict(world in random_world(), call in select(FORGETTABLE)) {
        check_forgetting(&snapshot_of_world(&world), call, &[false])?;
    }

    #[test]
    fn partial_data_never_reverses_a_verdict(
        world in random_world(),
        call in select(FORGETTABLE),
        kept in prop::collection::vec(any::<bool>(), 1..5),
    ) {
        check_forgetting(&snapshot_of_world(&world), call, &kept)?;
    }

    #[test]
    fn an_additional_allow_rule_never_blocks_a_destination(world in random_world()) {
        let before = snapshot_of_world(&world);
        let mut after = before.clone();
        let group = after.network.security_groups.get_mut(&SecurityGroupId::from(GROUP)).unwrap();
        let all = SecurityGroupRule { protocol: Protocol::All, ports: PortRange::ALL, peer: Peer::Ipv4(net("0.0.0.0/0")) };
        group.egress.push(all);
        for (before, after) in traces(&before).iter().zip(traces(&after)) {
            prop_assert!(!before.is_reachable() || after.is_reachable(), "{before:#?}\nbecame {after:#?}");
        }
    }

    #[test]
    fn the_order_of_items_has_no_effect(world in random_world()) {
        let before = snapshot_of_world(&world);
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
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undoing_a_simulation_restores_the_snapshot(world in random_world()) {
        let snapshot = snapshot_of_world(&world);
        prop_assert_eq!(&simulate(&snapshot, &[]), &snapshot);
        for proposal in proposals(&snapshot) {
            let mut after = simulate(&snapshot, &proposal.changes);
            prop_assert!(after != snapshot, "{} changes nothing", proposal.id());
            // Every fix that claims to fix a destination does so in the simulation.
            let workload = after.workloads.iter().next().unwrap();
            let needs: Vec<Need> = proposal.after.findings.iter().map(|finding| finding.need.clone()).collect();
            let again = diagnose(&after, workload, &needs);
            for finding in again.findings.iter().filter(|finding| proposal.fixes.contains(&finding.need.name())) {
                prop_assert_eq!(finding.verdict(), FindingVerdict::Reachable, "{}", proposal.id());
            }
            for change in proposal.changes.iter().rev() {
                undo(&mut after, &snapshot, change);
            }
            prop_assert_eq!(&after, &snapshot, "{}", proposal.id());
        }
    }

    #[test]
    fn a_proposal_fixes_its_announced_destinations(world in random_world()) {
        let snapshot = snapshot_of_world(&world);
        for proposal in proposals(&snapshot) {
            let after = simulate(&snapshot, &proposal.changes);
            for host in &proposal.fixes {
                let finding = proposal.after.findings.iter().find(|finding| finding.need.name() == *host);
                let wanted = finding.unwrap().need.destination.clone();
                let workload = after.workloads.iter().next().unwrap();
                let reached = match egresses(&after, workload) {
                    Egresses::Vpc(sources) => {
                        let engine = Engine::new(&after);
                        sources.iter().all(|source| engine.tracer(&wanted).trace(source).is_reachable())
                    }
                    Egresses::Public(_) => true,
                    Egresses::Unknown(_) => false,
                };
                prop_assert!(reached, "{} does not make {host} reachable", proposal.id());
            }
        }
    }
}

/// The words of a text, without the marks of Markdown and of frames.
fn words(text: &str) -> String {
    let plain = text.replace(['\\', '│', '"'], "");
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Trace on a large screen.
fn screen(snapshot: &Snapshot) -> String {
    let mut player = Player::start(Start {
        snapshot: Some(snapshot.clone()),
        query: Query::for_destinations(few_destinations()),
        ..scenario("isolated")
    });
    player.press("enter");
    player.screen(150, 300, &Theme::ansi())
}

/// `EGRESS_DOCTOR_CAUSES` sets the number of networks, which then are others in each run.
#[test]
fn every_cause_has_a_fix_or_a_manual_step_in_every_format() {
    let seen: RefCell<BTreeMap<RemedyId, usize>> = RefCell::default();
    let shown = Cell::new(0);
    let requested = std::env::var("EGRESS_DOCTOR_CAUSES").map(|text| text.parse().unwrap());
    let cases = requested.clone().unwrap_or(60);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let check = |world: World| {
        let snapshot = snapshot_of_world(&world);
        let case = open(&snapshot);
        let useful: Vec<&Proposal> = case.proposals.iter().filter(|proposal| proposal.may_fix()).collect();
        for proposal in &useful {
            for id in &proposal.remedies {
                *seen.borrow_mut().entry(*id).or_default() += 1;
            }
            let reasons = proposal.still_blocked.iter().zip(&proposal.still_blocked_because);
            for (host, reason) in reasons.filter(|(host, _)| proposal.unknown_after.contains(host)) {
                prop_assert!(reason.contains(". "), "{host} has no way to decide it: {reason}");
            }
        }
        let inside = |proposal: &&&Proposal| !proposal.remedies.contains(&RemedyId::DefaultEgress);
        let fixed: Vec<&String> = useful.iter().filter(inside).flat_map(|proposal| &proposal.fixes).collect();
        let json = diagnosis_json(&case);
        let (text, markdown) = (words(&diagnosis_text(&case)), words(&diagnosis_markdown(&case)));
        let mut screen_text = None;
        for (number, cause) in case.diagnosis.causes.iter().enumerate() {
            let step = case.manual_step(cause);
            prop_assert!(step.contains("aws ") || step.starts_with("Use "), "{}: {step}", cause.code);
            prop_assert_eq!(json["causes"][number]["manual_step"].as_str(), Some(step.as_str()));
            if cause.destinations.iter().all(|host| fixed.contains(&host)) {
                continue;
            }
            prop_assert!(text.contains(&words(&step)), "{}: {step}\n{text}", cause.code);
            prop_assert!(markdown.contains(&words(&step)), "{}: {step}\n{markdown}", cause.code);
            if shown.get() < 30 {
                shown.set(shown.get() + 1);
                let screen_text = screen_text.get_or_insert_with(|| words(&screen(&snapshot)));
                // The screen wraps long words at hyphens.
                let is_shown = screen_text.replace(' ', "").contains(&words(&step).replace(' ', ""));
                prop_assert!(is_shown, "{}: {step}\n{screen_text}", cause.code);
            }
        }
        Ok(())
    };
    let mut runner = match requested {
        Ok(_) => TestRunner::new(config),
        Err(_) => TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha)),
    };
    runner.run(&random_world(), check).unwrap();
    assert!(shown.get() > 10);
    let seen = seen.into_inner();
    let new = [
        RemedyId::DestinationIngress,
        RemedyId::NatRoute,
        RemedyId::NatInstance,
        RemedyId::InternetGateway,
        RemedyId::PrivateSubnets,
        RemedyId::PeeringRoute,
        RemedyId::Ipv6Egress,
    ];
    let rare: Vec<_> = new.iter().filter(|id| seen.get(id).is_none_or(|count| *count < 2)).collect();
    assert!(rare.is_empty(), "{rare:?} are rare: {seen:?}");
}

/// How often each case occurred.
#[derive(Debug, Default)]
struct Seen {
    working: u32,
    blocked: u32,
    pending: u32,
    unknown: u32,
}

#[test]
fn a_nat_gateway_has_faults_exactly_where_traces_through_it_are_blocked_at_it() {
    let states = select(vec![
        NatState::Available,
        NatState::Available,
        NatState::Available,
        NatState::Failed,
        NatState::Pending,
        NatState::Deleting,
    ]);
    let kinds = select(vec![
        NatConnectivity::Public,
        NatConnectivity::Public,
        NatConnectivity::Private,
        NatConnectivity::Other("new".to_owned()),
    ]);
    let seen = RefCell::new(Seen::default());
    let config = ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() };
    let check = |(random, state, kind, has_appliance): (RandomNetwork, NatState, NatConnectivity, bool)| {
        let mut snapshot = snapshot_of(&random);
        let id = NatGatewayId::from("nat-1");
        let nat = snapshot.network.nat_gateways.get_mut(&id).unwrap();
        (nat.state, nat.connectivity, nat.has_appliance) = (state.clone(), kind, has_appliance);
        let workload = snapshot.workloads.iter().next().unwrap();
        let Egresses::Vpc(sources) = egresses(&snapshot, workload) else {
            panic!("the service uses a connector")
        };
        let engine = Engine::new(&snapshot);
        let host = destination("8.8.8.8:443").unwrap();
        let addresses = Addresses::one("8.8.8.8".parse().unwrap());
        for source in &sources {
            let trace = engine.tracer(&host).trace(source);
            let mut hops = trace.hops.iter().filter(|hop| hop.layer == Layer::Nat).peekable();
            if hops.peek().is_none() {
                continue;
            }
            let hops: Vec<_> = hops.collect();
            let is_blocked = hops.iter().any(|hop| matches!(hop.outcome, Outcome::Block(_)));
            let is_unknown = hops.iter().any(|hop| matches!(hop.outcome, Outcome::Unknown(_)));
            let subnet = snapshot.network.subnets.get(&source.subnet).unwrap();
            let faults = nat_gateway_faults(&engine, &id, subnet, 443, &addresses);
            prop_assert_eq!(faults.is_none(), !is_blocked, "{:#?}", trace);
            let mut seen = seen.borrow_mut();
            match (state == NatState::Pending, is_blocked, is_unknown) {
                (true, ..) => seen.pending += 1,
                (false, true, _) => seen.blocked += 1,
                (false, false, true) => seen.unknown += 1,
                (false, false, false) => seen.working += 1,
            }
        }
        if state == NatState::Pending {
            let offers_repair =
                proposals(&snapshot).iter().any(|proposal| proposal.remedies.contains(&RemedyId::NatRepair));
            let is_deleted = |route: &Route| {
                route.target == RouteTarget::NatGateway(id.clone()) && route.state == RouteState::Blackhole
            };
            let has_blackhole =
                snapshot.network.route_tables.iter().any(|table| table.routes.iter().any(is_deleted));
            prop_assert!(!offers_repair || has_blackhole, "nat-repair is offered for a pending NAT gateway");
        }
        Ok(())
    };
    let networks = (random_network(), states, kinds, prop::bool::weighted(0.2));
    TestRunner::new(config).run(&networks, check).unwrap();
    let seen = seen.into_inner();
    assert!(
        [seen.working, seen.blocked, seen.pending, seen.unknown].iter().all(|count| *count > 20),
        "{seen:?}"
    );
}
