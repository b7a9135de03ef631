//! Properties that are true for every network, tested on random networks.

use std::sync::Arc;

use crate::support::random::{
    FORGETTABLE, GROUP, RandomNetwork, SECRETS, forget, net, random_network, snapshot_of,
};
use egress_doctor::case::Case;
use egress_doctor::diagnose::{FindingVerdict, diagnose};
use egress_doctor::evidence::{Need, Query, destination};
use egress_doctor::model::*;
use egress_doctor::reach::{Egresses, Engine, Layer, Outcome, Trace, Verdict, egresses};
use egress_doctor::remedy::{Change, Proposal, RemedyId, nat_gateway_faults, simulate};
use proptest::prelude::*;
use proptest::sample::select;

const HOSTS: [&str; 4] = ["s3.us-west-2.amazonaws.com", SECRETS, "bond.okta.com", "8.8.8.8:443"];

fn traces(snapshot: &Snapshot) -> Vec<Trace> {
    let workload = snapshot.workloads.iter().next().unwrap();
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else { panic!("the service uses a connector") };
    let wanted = HOSTS.map(|host| destination(host).unwrap());
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

fn check_forgetting(random: &RandomNetwork, call: Call, kept: &[bool]) -> Result<(), TestCaseError> {
    let whole = snapshot_of(random);
    let mut less = whole.clone();
    forget(&mut less, call, kept);
    // The order of the subnets depends on their AZs, which `less` can lack.
    let path = |trace: &Trace| (trace.destination.to_string(), trace.subnet.clone());
    let (mut whole, mut less) = (traces(&whole), traces(&less));
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

/// All proposals without an unmet precondition.
fn proposals(snapshot: &Snapshot) -> Vec<Proposal> {
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = HOSTS.iter().map(|host| destination(host).unwrap()).collect();
    let case = Case::open(Arc::new(snapshot.clone()), workload, &Query::for_destinations(wanted));
    case.proposals.into_iter().filter(Proposal::is_possible).collect()
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
        }
        Change::DisableSourceDestCheck { interface } | Change::AssociateElasticIp { interface } => {
            let old = before.network.network_interfaces.get(interface).unwrap().clone();
            network.network_interfaces.insert(old);
        }
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
                if let Some(place) = old.iter().position(|route| route.destination == everywhere) {
                    let place = place.min(table.routes.len());
                    table.routes.insert(
                        place,
                        old.iter().find(|route| route.destination == everywhere).unwrap().clone(),
                    );
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
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn missing_data_never_reverses_a_verdict(random in random_network(), call in select(FORGETTABLE)) {
        check_forgetting(&random, call, &[false])?;
    }

    #[test]
    fn partial_data_never_reverses_a_verdict(
        random in random_network(),
        call in select(FORGETTABLE),
        kept in prop::collection::vec(any::<bool>(), 1..5),
    ) {
        check_forgetting(&random, call, &kept)?;
    }

    #[test]
    fn an_additional_allow_rule_never_blocks_a_destination(random in random_network()) {
        let before = snapshot_of(&random);
        let mut after = before.clone();
        let group = after.network.security_groups.get_mut(&SecurityGroupId::from(GROUP)).unwrap();
        let all = SecurityGroupRule { protocol: Protocol::All, ports: PortRange::ALL, peer: Peer::Ipv4(net("0.0.0.0/0")) };
        group.egress.push(all);
        for (before, after) in traces(&before).iter().zip(traces(&after)) {
            prop_assert!(!before.is_reachable() || after.is_reachable(), "{before:#?}\nbecame {after:#?}");
        }
    }

    #[test]
    fn the_order_of_items_has_no_effect(random in random_network()) {
        let before = snapshot_of(&random);
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
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn undoing_a_simulation_restores_the_snapshot(random in random_network()) {
        let snapshot = snapshot_of(&random);
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
    fn a_proposal_fixes_its_announced_destinations(random in random_network()) {
        let snapshot = snapshot_of(&random);
        for proposal in proposals(&snapshot) {
            let after = simulate(&snapshot, &proposal.changes);
            for host in &proposal.fixes {
                let wanted = destination(host).unwrap();
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
    let seen = std::cell::RefCell::new(Seen::default());
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
    proptest::test_runner::TestRunner::new(config).run(&networks, check).unwrap();
    let seen = seen.into_inner();
    assert!(
        [seen.working, seen.blocked, seen.pending, seen.unknown].iter().all(|count| *count > 20),
        "{seen:?}"
    );
}
