//! Lists: the palette, the profiles, the Regions, the scenarios, and filters that work while the user types; and the steps that open by
//! options.

use egress_doctor::app::{
    Context, Dialog, Effect, KEYMAP, Message, Notice, OpenedScenario, Opening, Origin, Start, Step,
};
use egress_doctor::evidence::destination;
use egress_doctor::model::Snapshot;
use egress_doctor::scenario::{SCENARIOS, Scenario};
use egress_doctor::ui::{Theme, hit};
use ratatui::layout::{Position, Rect};

use super::screens::{Player, isolated, live_account, scenario};

fn shown(player: &Player) -> String {
    player.screen(100, 30, &Theme::mono().in_ascii())
}

/// The selected row of the list in front.
fn selected(player: &Player) -> String {
    let Some(Dialog::Picker(picker)) = &player.app.dialog else { panic!("no list is open") };
    picker.current().map(|entry| entry.label.clone()).unwrap_or_default()
}

#[test]
fn the_palette_has_every_action_of_the_step_with_its_key() {
    let mut player = Player::demo();
    for (keys, step) in [
        ("", Context::Pick),
        ("enter", Context::Trace),
        ("enter", Context::Choose),
        ("enter", Context::Preview),
    ] {
        player.press(keys).press(":");
        let Some(Dialog::Picker(picker)) = &player.app.dialog else { panic!("no palette on {step:?}") };
        let rows: Vec<(String, String)> =
            picker.shown().map(|(entry, _)| (entry.key.clone(), entry.label.clone())).collect();
        for binding in
            KEYMAP.iter().filter(|binding| binding.contexts.contains(&step) && !binding.hint.is_empty())
        {
            let keys = binding.keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" ");
            let is_left_out = ["palette", "copy command", "switch pane"].contains(&binding.hint);
            assert_ne!(rows.contains(&(keys, binding.help.to_owned())), is_left_out, "{}", binding.help);
        }
        player.press("esc");
        assert_eq!(player.app.dialog, None);
    }
}

#[test]
fn the_palette_finds_an_action_a_destination_and_a_service() {
    let mut player = Player::demo();
    player.press("enter :").type_text("add dest");
    assert_eq!(selected(&player), "add a destination");
    assert!(shown(&player).contains("add a destination"), "{}", shown(&player));
    player.press("enter");
    assert_eq!(player.app.context(), Context::Input);
    player.press("esc :").type_text("okta");
    player.press("enter");
    let view = player.app.trace.as_ref().unwrap();
    assert_eq!(view.finding().unwrap().need.short_name(&view.case.snapshot.region), "Okta");
    // From a later step, the palette goes back to Trace.
    player.press("enter :").type_text("bedrock");
    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    // An action without an effect says why.
    player.press(":").type_text("again hidden last").press("enter");
    assert_eq!(player.app.notice, Some(Notice::Info("No destination is hidden".to_owned())));
    player.press(":").type_text("backend").press("enter");
    assert_eq!(player.app.step(), Step::Trace);
}

#[test]
fn a_filter_shows_only_matching_rows_while_the_user_types() {
    let mut player = Player::demo();
    player.press("enter /").type_text("SECR");
    let screen = shown(&player);
    assert!(screen.contains("+ /SECR_  2 of 7 "), "{screen}");
    assert!(!screen.contains("> S3"), "{screen}");
    // The selection is a row that is shown, and stays after the filter ends.
    let name = |player: &Player| {
        let view = player.app.trace.as_ref().unwrap();
        view.finding().unwrap().need.short_name(&view.case.snapshot.region)
    };
    assert_eq!(name(&player), "Secrets Manager");
    assert_eq!(player.app.context(), Context::Filter);
    player.press("enter");
    assert_eq!(player.app.context(), Context::Trace);
    player.press("esc");
    assert_eq!((player.app.step(), name(&player)), (Step::Trace, "Secrets Manager".to_owned()));
    assert!(shown(&player).contains("  S3"), "{}", shown(&player));
    player.press("/").type_text("zzz");
    assert!(shown(&player).contains("no match; esc shows all rows"), "{}", shown(&player));
    player.press("esc");
    // The fixes.
    player.press("enter /").type_text("nat gate");
    let choose = player.app.choose.as_ref().unwrap();
    assert!(choose.shown().iter().all(|at| choose.case.proposals[*at].title.contains("NAT gateway")));
    assert!(choose.current().unwrap().title.contains("NAT gateway"), "{}", shown(&player));
    player.press("enter enter");
    assert_eq!(player.app.step(), Step::Preview);
    assert!(player.app.preview.as_ref().unwrap().proposal.title.contains("NAT gateway"));
    // The help.
    player.press("? /").type_text("side by side");
    let screen = shown(&player);
    assert!(screen.contains("Keys  /side by side_") && !screen.contains("hide the selected"), "{screen}");
    player.press("esc esc");
    assert_eq!(player.app.dialog, None);
}

#[test]
fn pasted_text_goes_into_the_filter_and_into_a_list() {
    let mut player = Player::demo();
    player.press("enter /");
    player.send(Message::Paste("okta\nsecond line".to_owned()));
    assert_eq!(player.app.filter().unwrap().text(), "okta");
    player.press("esc :");
    player.send(Message::Paste("path map".to_owned()));
    assert!(selected(&player).contains("path map"));
}

/// Opens the scenario that the application requests.
fn open_requested(player: &mut Player, effects: Vec<Effect>) -> bool {
    let requested = effects.into_iter().find_map(|effect| match effect {
        Effect::OpenScenario(run, name) => Some((run, name)),
        _ => None,
    });
    let Some((run, name)) = requested else { return false };
    let scenario = Scenario::named(name).unwrap();
    let opened = OpenedScenario {
        name: scenario.name,
        snapshot: Snapshot::from_json(scenario.snapshot).unwrap(),
        log: scenario.log,
        terraform: "/infra".into(),
    };
    player.send(Message::ScenarioOpened(run, Ok(Box::new(opened))));
    true
}

fn press_for_effects(player: &mut Player, key: char) -> Vec<Effect> {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    let code = if key == '\n' { KeyCode::Enter } else { KeyCode::Char(key) };
    let key = egress_doctor::app::Key::from(KeyEvent::new(code, KeyModifiers::NONE));
    player.app.update(Message::Key(key), player.now)
}

#[test]
fn the_demo_lists_its_scenarios_and_opens_the_selected_one() {
    let opening = Opening { lists_scenarios: true, ..Opening::default() };
    let mut player = Player::start(Start { opening, ..isolated() });
    let screen = shown(&player);
    assert!(screen.contains(&format!("Scenarios of the demo ({0} of {0})", SCENARIOS.len())), "{screen}");
    assert!(screen.contains("> x 4/4 blocked    isolated "), "{screen}");
    // Enter starts the first one, which is open already.
    player.press("enter");
    assert_eq!((player.app.step(), player.app.dialog.is_none()), (Step::Pick, true));
    player.press("S").type_text("nat-loop");
    let effects = press_for_effects(&mut player, '\n');
    assert!(open_requested(&mut player, effects));
    assert_eq!(player.app.origin, Origin::Scenario("nat-loop"));
    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    let effects = press_for_effects(&mut player, ']');
    assert!(open_requested(&mut player, effects));
    assert_eq!((player.app.origin.clone(), player.app.step()), (Origin::Scenario("blackhole"), Step::Pick));
}

#[test]
fn another_scenario_asks_before_something_is_lost() {
    let mut player = Player::demo();
    player.press("enter d");
    assert!(press_for_effects(&mut player, ']').is_empty());
    let screen = shown(&player);
    assert!(
        screen.contains("Open another scenario?") && screen.contains("You hid 1 destination."),
        "{screen}"
    );
    player.press("n");
    assert_eq!(player.app.origin, Origin::Scenario("isolated"));
    press_for_effects(&mut player, ']');
    let effects = press_for_effects(&mut player, 'y');
    assert!(open_requested(&mut player, effects));
    assert_eq!(player.app.origin, Origin::Scenario("mixed-subnets"));
}

#[test]
fn profiles_and_regions_are_lists_and_any_name_can_be_typed() {
    let mut player = Player::start(live_account());
    let Some(Effect::ReadProfiles(run)) = press_for_effects(&mut player, 'p').pop() else {
        panic!("no request")
    };
    assert!(shown(&player).contains("Reading the names of the profiles"), "{}", shown(&player));
    let names = ["default", "prod-admin", "staging"].map(str::to_owned).to_vec();
    player.send(Message::ProfilesRead(run, Ok(names)));
    player.type_text("prod");
    assert_eq!(selected(&player), "prod-admin");
    let effects = press_for_effects(&mut player, '\n');
    let Some(Effect::Discover(_, request)) = effects.into_iter().next() else { panic!("no discovery") };
    assert_eq!(request.profile.as_deref(), Some("prod-admin"));
    player.press("R").type_text("ireland");
    assert_eq!(selected(&player), "eu-west-1");
    player.press("esc R").type_text("xx-none-9");
    let effects = press_for_effects(&mut player, '\n');
    let Some(Effect::Discover(_, request)) = effects.into_iter().next() else { panic!("no discovery") };
    assert_eq!(
        (request.region.as_deref(), request.profile.as_deref()),
        (Some("xx-none-9"), Some("prod-admin"))
    );
}

#[test]
fn options_open_a_service_a_destination_and_a_step() {
    let host = "bedrock-runtime.us-west-2.amazonaws.com";
    let opening = |step| Opening {
        service: Some("bond-ai-dev-backend".to_owned()),
        destination: Some(destination(host).unwrap()),
        step: Some(step),
        ..Opening::default()
    };
    for step in [Step::Trace, Step::Choose, Step::Preview] {
        let player = Player::start(Start { opening: opening(step), ..isolated() });
        assert_eq!(player.app.step(), step);
        let view = player.app.trace.as_ref().unwrap();
        assert_eq!(view.finding().unwrap().need.destination.host, host);
    }
    // A name that does not exist is an error that lists the services.
    let wrong = Opening { service: Some("nope".to_owned()), ..opening(Step::Trace) };
    let player = Player::start(Start { opening: wrong, ..scenario("isolated") });
    assert_eq!(player.app.step(), Step::Pick);
    let text = "No service has the name nope; the services are: bond-ai-dev-backend".to_owned();
    assert_eq!(player.app.notice, Some(Notice::Error(text)));
}

/// Asserts that a click on each row of the list selects the row with this text.
fn assert_clicks(player: &mut Player, rows: &[String], selected: impl Fn(&Player) -> usize) {
    for (width, height) in [(80, 24), (120, 36), (200, 60)] {
        let theme = Theme::mono().in_ascii();
        let screen = player.screen(width, height, &theme);
        let area = Rect::new(0, 0, width, height);
        let mut found = 0;
        for (y, line) in screen.lines().enumerate() {
            let y = u16::try_from(y).unwrap();
            let row = |x| hit(&player.app, &theme, player.now, area, Position::new(x, y)).row;
            let Some(row) = row(6).or_else(|| row(width / 2)) else { continue };
            let Some(name) = rows.get(row) else { continue };
            let name: String = name.chars().take(8).collect();
            assert!(line.contains(&name), "row {row} `{name}`: `{line}`\n{screen}");
            found += 1;
            player.send(Message::Select(row));
            assert_eq!(selected(player), row);
            player.send(Message::Select(0));
        }
        assert!(found >= rows.len().min(3), "{found} of {} rows\n{screen}", rows.len());
    }
}

#[test]
fn a_click_selects_the_row_under_the_mouse() {
    let mut player = Player::demo();
    assert_clicks(&mut player, &["bond-ai-dev-backend".to_owned()], |player| player.app.pick.selected);
    player.press("enter");
    let view = player.app.trace.as_ref().unwrap();
    let names: Vec<String> = view
        .case
        .diagnosis
        .findings
        .iter()
        .map(|finding| finding.need.short_name(&view.case.snapshot.region))
        .collect();
    assert_clicks(&mut player, &names, |player| player.app.trace.as_ref().unwrap().row);
    player.press("enter");
    let titles: Vec<String> = player
        .app
        .choose
        .as_ref()
        .unwrap()
        .case
        .proposals
        .iter()
        .take(2)
        .map(|fix| fix.title.clone())
        .collect();
    assert_clicks(&mut player, &titles, |player| player.app.choose.as_ref().unwrap().selected);
    player.press("S");
    let names: Vec<String> = SCENARIOS.iter().map(|scenario| scenario.name.to_owned()).collect();
    let at = |player: &Player| match &player.app.dialog {
        Some(Dialog::Picker(picker)) => picker.selected,
        _ => panic!("no list"),
    };
    assert_clicks(&mut player, &names, at);
    // The wheel moves the selection.
    player.send(Message::Act(egress_doctor::app::Action::Down));
    assert_eq!(at(&player), 1);
}
