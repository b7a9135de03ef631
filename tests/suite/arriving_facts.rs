//! Facts of live AWS arrive one after the other: the services, their network, then roles and prices. The screen shows each as soon
//! as it can, and never moves the user to another step.

use std::path::PathBuf;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use egress_doctor::app::{Effect, Message, RunId, Step};
use egress_doctor::diagnose::{Finding, FindingVerdict};
use egress_doctor::discover::Progress;
use egress_doctor::evidence::Caller;
use egress_doctor::model::{Egress, Ingress, ListPrices, Permit, Snapshot, Workload, WorkloadId};
use egress_doctor::scenario::Scenario;
use egress_doctor::terraform::write::Receipt;
use egress_doctor::ui::Theme;

use super::screens::{Player, diagnose, live_account, several_services};

/// The discovery that the application starts first.
const DISCOVERY: RunId = RunId(1);

fn isolated() -> Snapshot {
    Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap()
}

/// The same snapshot with a permission of the role of each service.
fn with_permit(mut snapshot: Snapshot) -> Snapshot {
    for workload in snapshot.workloads.iter_mut() {
        let permit =
            Permit { action: "sqs:SendMessage".to_owned(), host: "sqs.us-west-2.amazonaws.com".to_owned() };
        workload.environment.permits = Some(vec![permit]);
    }
    snapshot
}

#[test]
fn services_their_verdicts_and_more_destinations_appear_as_they_arrive() {
    let mut player = Player::start(live_account());
    let services: Vec<_> = isolated().workloads.iter().cloned().collect();
    player.send(Message::Progress(DISCOVERY, Progress::Workloads(services)));
    let listed = player.screen(100, 24, &Theme::ansi());
    assert!(listed.contains("bond-ai-dev-backend") && listed.contains("reading its network"), "{listed}");
    player.send(Message::Progress(DISCOVERY, Progress::Network(Box::new(isolated()))));
    let judged = player.screen(100, 24, &Theme::ansi());
    assert!(judged.contains("destinations blocked"), "{judged}");
    assert!(player.app.discovery.is_running(), "roles are still being read");

    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    assert!(!player.screen(100, 30, &Theme::ansi()).contains("SQS"));
    player.send(Message::Discovered(DISCOVERY, Ok(Box::new(with_permit(isolated())))));
    let refined = player.screen(100, 30, &Theme::ansi());
    assert!(refined.contains("SQS"), "{refined}");
}

/// The account of the scenario with more services, `service-000` and so on.
fn with_services(count: usize) -> Snapshot {
    let mut account = isolated();
    let service = account.workloads.iter().next().unwrap().clone();
    account.workloads = (0..count)
        .map(|number| Workload {
            id: WorkloadId::from(format!("service-{number:03}")),
            name: format!("service-{number:03}"),
            ..service.clone()
        })
        .collect();
    account
}

/// The account, in which the network of these services is not read yet.
fn without_network(mut account: Snapshot, services: &[usize]) -> Box<Snapshot> {
    for number in services {
        let id = WorkloadId::from(format!("service-{number:03}"));
        account.workloads.get_mut(&id).unwrap().egress = Egress::Unknown("not read".to_owned());
    }
    Box::new(account)
}

/// The services whose diagnosis is requested.
fn requested(effects: &[Effect]) -> Vec<&str> {
    let [Effect::DiagnoseAll(_, _, _, order)] = effects else { panic!("{effects:?}") };
    order.iter().map(WorkloadId::as_str).collect()
}

/// The network arrives VPC by VPC, and the second of three services is not described yet.
#[test]
fn a_service_has_its_verdict_as_soon_as_its_network_is_read() {
    let mut player = Player::held(live_account());
    let row = |player: &Player, name: &str| {
        let screen = player.screen(110, 24, &Theme::ansi());
        screen.lines().find(|line| line.contains(name)).unwrap().to_owned()
    };
    let is_judged = |player: &Player, name: &str| row(player, name).contains("destinations blocked");
    let mut part = without_network(with_services(3), &[1, 2]);
    part.workloads.get_mut(&WorkloadId::from("service-001")).unwrap().ingress = Ingress::Unknown;
    player.send(Message::Progress(DISCOVERY, Progress::Part(part)));
    player.release();
    assert!(is_judged(&player, "service-000"));
    for (name, text) in [("service-001", "reading its settings"), ("service-002", "reading its network")] {
        let row = row(&player, name);
        assert!(row.contains(text) && !row.contains("unknown"), "{row}");
    }
    // The badges that are there stay.
    let part = without_network(with_services(3), &[1]);
    player.send(Message::Progress(DISCOVERY, Progress::Part(part)));
    assert!(is_judged(&player, "service-000"));
    let held = player.take_held();
    assert_eq!(requested(&held), ["service-002"]);
    held.into_iter().flat_map(diagnose).for_each(|reply| player.send(reply));
    assert!(is_judged(&player, "service-002"));
    player.send(Message::Progress(DISCOVERY, Progress::Network(Box::new(with_services(3)))));
    assert!(is_judged(&player, "service-000") && is_judged(&player, "service-002"));
    let held = player.take_held();
    assert_eq!(requested(&held), ["service-000", "service-001", "service-002"], "all facts can matter");
    held.into_iter().flat_map(diagnose).for_each(|reply| player.send(reply));
    assert!(is_judged(&player, "service-001"));

    // A complete snapshot stays until the next one is complete.
    let part = without_network(with_services(3), &[0, 1, 2]);
    player.send(Message::Progress(DISCOVERY, Progress::Part(part)));
    assert!(player.take_held().is_empty() && is_judged(&player, "service-000"));
}

/// Trace of a service whose network is not read yet is unknown. It is diagnosed again when its network arrives.
#[test]
fn trace_shows_the_network_when_it_arrives() {
    let mut player = Player::start(live_account());
    let verdicts = |player: &Player| {
        let findings = player.app.case().unwrap().diagnosis.findings.iter();
        let own = findings.filter(|finding| finding.need.caller == Caller::Application);
        own.map(Finding::verdict).collect::<Vec<_>>()
    };
    player.send(Message::Progress(DISCOVERY, Progress::Part(without_network(with_services(2), &[0]))));
    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    assert_eq!(verdicts(&player), [FindingVerdict::Unknown; 3]);
    player.send(Message::Progress(DISCOVERY, Progress::Part(without_network(with_services(2), &[1]))));
    assert_eq!(verdicts(&player), [FindingVerdict::Blocked; 3]);
    let part = Message::Progress(DISCOVERY, Progress::Part(Box::new(with_services(2))));
    let effects = player.app.update(part, player.now);
    assert_eq!(requested(&effects), ["service-001"], "Trace needs no other diagnosis");
    player.send(Message::Discovered(DISCOVERY, Ok(Box::new(with_services(2)))));
    assert_eq!((verdicts(&player), player.app.step()), (vec![FindingVerdict::Blocked; 3], Step::Trace));
}

/// In a large account the user sees the verdicts of the services on the screen first, also after moving to others.
#[test]
fn the_services_on_the_screen_are_diagnosed_first() {
    let mut player = Player::held(live_account());
    let account = with_services(300);
    player
        .send(Message::Progress(DISCOVERY, Progress::Workloads(account.workloads.iter().cloned().collect())));
    player.press(&"down ".repeat(250));
    player.send(Message::Progress(DISCOVERY, Progress::Network(Box::new(account))));
    let held = player.take_held();
    let order = requested(&held);
    assert_eq!(
        (order.len(), order[0], order[49], order[50]),
        (300, "service-250", "service-299", "service-000")
    );
    let mut replies = held.into_iter().flat_map(diagnose);
    replies.by_ref().take(9).for_each(|reply| player.send(reply));
    let stale = replies.next().unwrap();
    player.press("home");
    let held = player.take_held();
    let order = requested(&held);
    assert_eq!((order.len(), order[0], order[290]), (291, "service-000", "service-299"));
    // The earlier request ends, and its last reply is not used.
    player.send(stale);
    assert_eq!(player.app.pick.diagnosed(), 9);
    // Nothing is requested if the same service stays selected.
    player.press("home");
    assert!(player.take_held().is_empty());
    held.into_iter().flat_map(diagnose).for_each(|reply| player.send(reply));
    assert_eq!((player.app.pick.diagnosed(), player.app.pick.diagnosing_since()), (300, None));
}

/// `r` on Trace reads only the service shown again; on Pick it reads everything.
#[test]
fn one_service_is_read_again_from_trace() {
    let mut player = Player::start(live_account());
    player.send(Message::Discovered(DISCOVERY, Ok(Box::new(isolated()))));
    player.press("enter");
    let id = isolated().workloads.iter().next().unwrap().id.to_string();
    let key = || Message::Key(KeyEvent::from(KeyCode::Char('r')).into());
    let requested = |effects: Vec<Effect>| match effects.as_slice() {
        [Effect::Discover(run, request)] => (*run, request.service.clone(), request.base.is_some()),
        other => panic!("{other:?}"),
    };
    let effects = player.app.update(key(), player.now);
    let (run, service, is_part) = requested(effects);
    assert_eq!((service, is_part), (Some(id), true));
    player.send(Message::Discovered(run, Ok(Box::new(with_permit(isolated())))));
    assert_eq!(player.app.step(), Step::Trace);
    assert!(player.screen(100, 30, &Theme::ansi()).contains("SQS"));
    // The first one stops reading the log of the service.
    player.press("esc esc");
    let effects = player.app.update(key(), player.now);
    let (_, service, is_part) = requested(effects);
    assert_eq!((service, is_part), (None, false));
}

#[test]
fn facts_that_arrive_later_do_not_move_the_user_to_another_step() {
    let mut player = Player::start(live_account());
    player.send(Message::Progress(DISCOVERY, Progress::Network(Box::new(isolated()))));
    player.press("enter enter");
    assert_eq!(player.app.step(), Step::Choose);
    player.send(Message::Discovered(DISCOVERY, Ok(Box::new(with_permit(isolated())))));
    assert_eq!(player.app.step(), Step::Choose);
    // Trace shows the new facts when the user returns.
    player.press("esc");
    let trace = player.screen(100, 30, &Theme::ansi());
    assert!(trace.contains("SQS"), "{trace}");
}

#[test]
fn fixes_get_the_list_prices_when_they_arrive() {
    let mut player = Player::start(live_account());
    player.send(Message::Discovered(DISCOVERY, Ok(Box::new(isolated()))));
    player.press("enter");
    let run = player.prices.expect("the prices are requested when a fix with a price is shown");
    let price = |text: &str| Some(text.parse().unwrap());
    let prices = ListPrices {
        read_at: Some("2026-11-29T10:00:00Z".parse().unwrap()),
        nat_gateway_hour: price("0.5"),
        ..ListPrices::default()
    };
    let cost = |player: &Player| {
        let proposals = &player.app.case().unwrap().proposals;
        let nat = proposals.iter().find(|proposal| proposal.id() == "nat").unwrap();
        (nat.estimate.fixed_per_month.unwrap().to_string(), nat.estimate.as_of.clone())
    };
    let built_in = cost(&player);
    player.now += Duration::from_secs(1);
    player.send(Message::PricesRead(run, Ok(Some(prices))));
    assert_eq!(cost(&player), ("368.65".to_owned(), "2026-11-29".to_owned()));
    assert_ne!(cost(&player), built_in);
    assert_eq!(player.app.step(), Step::Trace);
}

/// Two services of one network, the first one on Trace; diagnoses are delayed.
fn on_trace() -> Player {
    let mut player = Player::held(several_services());
    player.release();
    player.press("enter");
    player.release();
    assert_eq!(player.app.step(), Step::Trace);
    player
}

/// The user opens another service, and looks at the first one again before it is diagnosed.
#[test]
fn a_diagnosis_that_arrives_while_the_user_types_a_filter_keeps_the_text() {
    let mut player = on_trace();
    player.press(": o r d e r s enter : O k t a enter / s");
    assert_eq!((player.app.step(), player.app.diagnosing().is_some()), (Step::Trace, true));
    player.release();
    player.press("q");
    let view = player.app.trace.as_ref().unwrap();
    assert_eq!((view.case.workload.name.as_str(), view.filter.text()), ("bond-ai-dev-backend", "sq"));
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(!screen.contains("Quit?"), "{screen}");
}

/// The same while a write of the first service ends: the user comes to the diff again.
#[test]
fn a_diagnosis_that_arrives_while_the_user_searches_in_the_diff_keeps_the_diff() {
    let mut player = on_trace();
    player.press("enter enter w");
    let effects = player.app.update(Message::Key("y".parse().unwrap()), player.now);
    let [Effect::Write(changes)] = effects.as_slice() else { panic!("{effects:?}") };
    let files = changes.files.iter().map(|file| file.path.clone()).collect();
    player.press(": o r d e r s enter");
    player.send(Message::Written(Ok(Receipt { files, backup: PathBuf::from("/state/1") })));
    assert_eq!(player.app.step(), Step::Done);
    player.press("esc / a w s");
    assert_eq!((player.app.step(), player.app.diagnosing().is_some()), (Step::Preview, true));
    player.release();
    assert!(player.app.planned_edit().is_some());
    let screen = player.screen(120, 36, &Theme::ansi());
    assert!(screen.contains("orders is diagnosed: select it on Pick to open it"), "{screen}");
    player.press("esc esc");
    assert_eq!(player.app.step(), Step::Choose);
    player.press("esc esc");
    assert_eq!(player.app.step(), Step::Pick);
}
