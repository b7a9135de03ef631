//! Facts of live AWS arrive one after the other: the services, their network, then roles and prices. The screen shows each as soon
//! as it can, and never moves the user to another step.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use egress_doctor::app::{Effect, Message, RunId, Step};
use egress_doctor::discover::Progress;
use egress_doctor::model::{Egress, ListPrices, Permit, Snapshot, Workload, WorkloadId};
use egress_doctor::scenario::Scenario;
use egress_doctor::ui::Theme;

use super::screens::{Player, live_account};

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

/// The network is read, but the second of two services is not described yet.
#[test]
fn a_service_has_its_verdict_before_all_services_are_described() {
    let mut player = Player::start(live_account());
    let whole = {
        let mut snapshot = isolated();
        let service = snapshot.workloads.iter().next().unwrap().clone();
        snapshot.workloads.insert(Workload {
            id: WorkloadId::from("service-later"),
            name: "service-later".to_owned(),
            ..service
        });
        snapshot
    };
    let mut early = whole.clone();
    let later = early.workloads.get_mut(&WorkloadId::from("service-later")).unwrap();
    later.egress = Egress::Unknown("not read".to_owned());
    let row = |player: &Player, name: &str| {
        let screen = player.screen(110, 24, &Theme::ansi());
        screen.lines().find(|line| line.contains(name)).unwrap().to_owned()
    };
    player.send(Message::Progress(DISCOVERY, Progress::Network(Box::new(early))));
    assert!(row(&player, "bond-ai-dev-backend").contains("destinations blocked"));
    let listed = row(&player, "service-later");
    assert!(listed.contains("reading its settings") && !listed.contains("unknown"), "{listed}");
    player.send(Message::Discovered(DISCOVERY, Ok(Box::new(whole))));
    assert!(row(&player, "service-later").contains("destinations blocked"));
}

/// In a large account the user sees the verdicts of the services on the screen first.
#[test]
fn the_services_on_the_screen_are_diagnosed_first() {
    let mut player = Player::start(live_account());
    let mut account = isolated();
    let service = account.workloads.iter().next().unwrap().clone();
    account.workloads = (0..300)
        .map(|number| Workload {
            id: WorkloadId::from(format!("service-{number:03}")),
            name: format!("service-{number:03}"),
            ..service.clone()
        })
        .collect();
    player
        .send(Message::Progress(DISCOVERY, Progress::Workloads(account.workloads.iter().cloned().collect())));
    player.press(&"down ".repeat(250));
    let effects =
        player.app.update(Message::Progress(DISCOVERY, Progress::Network(Box::new(account))), player.now);
    let [Effect::DiagnoseAll(_, _, _, first)] = effects.as_slice() else { panic!("{effects:?}") };
    let first: Vec<&str> = first.iter().map(WorkloadId::as_str).collect();
    assert_eq!((first.len(), first[0], first[49]), (50, "service-250", "service-299"));
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
