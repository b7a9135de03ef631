//! What users of other terminal programs expect: sorted services, a list of what can be copied, the own editor, and reading AWS
//! again until the fix works.

use std::time::Duration;

use egress_doctor::app::{
    After, Dialog, Effect, Key, Message, Notice, Opening, Origin, Preferences, RunId, Start, Step, WATCH,
};
use egress_doctor::evidence::Query;
use egress_doctor::model::Snapshot;
use egress_doctor::scenario::Scenario;
use egress_doctor::ui::Theme;
use serde_json::{Value, json};

use super::screens::{Player, isolated};
use crate::support::screen::Screen;

/// Three services in the network of `isolated`: `aa-web` outside the VPC, `bond-ai-dev-backend`, and `cc-worker` with one destination.
fn three_services() -> Snapshot {
    let mut snapshot: Value = serde_json::from_str(Scenario::named("isolated").unwrap().snapshot).unwrap();
    let first = snapshot["workloads"][0].clone();
    let with_name = |name: &str| {
        let mut service = first.clone();
        let id = first["id"].as_str().unwrap().replace("bond-ai-dev-backend", name);
        (service["id"], service["name"]) = (json!(id), json!(name));
        service
    };
    let mut outside = with_name("aa-web");
    outside["egress"] = json!("default");
    let mut worker = with_name("cc-worker");
    worker["environment"]["variables"].as_array_mut().unwrap().truncate(1);
    snapshot["workloads"] = json!([outside, first, worker]);
    Snapshot::from_json(&snapshot.to_string()).unwrap()
}

fn names(player: &Player) -> Vec<&str> {
    player.app.pick.shown().map(|row| row.workload.name.as_str()).collect()
}

fn selected(player: &Player) -> &str {
    &player.app.pick.current().unwrap().name
}

#[test]
fn services_are_sorted_by_their_result_and_the_selected_one_stays_selected() {
    let start = || Start { snapshot: Some(three_services()), query: Query::default(), ..isolated() };
    let mut player = Player::held(start());
    player.press("s");
    assert_eq!(names(&player), ["aa-web", "bond-ai-dev-backend", "cc-worker"], "no service has a result yet");
    player.release();
    assert_eq!(names(&player), ["bond-ai-dev-backend", "cc-worker", "aa-web"]);
    assert_eq!(selected(&player), "aa-web");
    let screen = player.screen(100, 30, &Theme::mono().in_ascii());
    assert!(screen.contains("App Runner services, blocked first"), "{screen}");
    player.press("g");
    assert_eq!(selected(&player), "bond-ai-dev-backend");
    player.press("s");
    assert_eq!(names(&player), ["aa-web", "bond-ai-dev-backend", "cc-worker"]);
    assert_eq!(selected(&player), "bond-ai-dev-backend");
    // A filter keeps the service too, and Enter opens it.
    player.press("s / w o r enter");
    assert_eq!(names(&player), ["cc-worker"]);
    player.press("esc");
    assert_eq!(selected(&player), "cc-worker");
    player.held_none().press("enter");
    assert_eq!(player.app.case().unwrap().workload.name, "cc-worker");
}

/// The rows of the list in front: what, and the text about it.
fn rows(player: &Player) -> Vec<(String, String)> {
    let Some(Dialog::Picker(picker)) = &player.app.dialog else { panic!("no list is open") };
    picker.shown().map(|(entry, _)| (entry.label.clone(), entry.about.clone())).collect()
}

/// The text that the selected row copies.
fn copied(player: &mut Player) -> String {
    let effects = player.app.update(Message::Key("enter".parse().unwrap()), player.now);
    let [Effect::Copy(text)] = effects.as_slice() else { panic!("{effects:?}") };
    text.clone()
}

#[test]
fn the_path_the_rule_the_command_and_each_id_can_be_copied() {
    let mut player = Player::demo();
    player.press("enter Y");
    let of_list = rows(&player);
    let about = |what: &str| of_list.iter().find(|row| row.0 == what).map(|row| row.1.as_str());
    assert_eq!(
        about("the command that shows its component"),
        Some("aws ec2 describe-route-tables --route-table-ids rtb-0d4e5f6a7b8c90123 --region us-west-2")
    );
    assert_eq!(about("the security group"), Some("sg-0a1b2c3d4e5f60718"));
    assert!(about("the ARN of the VPC connector").unwrap().contains(":vpcconnector/"), "{of_list:?}");
    let mut labels: Vec<&str> = of_list.iter().map(|row| row.0.as_str()).collect();
    labels.sort_unstable();
    labels.dedup();
    assert_eq!(labels.len(), of_list.len(), "each row has its own name: {of_list:?}");
    assert_eq!(about("the selected path"), Some("blocked"));
    assert!(about("the rule that decides").unwrap().starts_with("rtb-0d4e5f6a7b8c90123"), "{of_list:?}");
    player.type_text("selected path");
    let path = copied(&mut player);
    assert!(path.starts_with("    from subnet-") && path.contains("[NO_ROUTE_TO_DESTINATION]"), "{path}");
    assert!(
        matches!(&player.app.notice, Some(Notice::Info(text)) if text.starts_with("Copied the selected path"))
    );
    // Preview: the diff, the file and its path.
    player.press("enter enter Y");
    assert_eq!(rows(&player)[0].0, "the diff as a patch");
    player.type_text("with the change");
    assert!(copied(&mut player).contains("data \"aws_"));
}

#[test]
fn the_editor_opens_an_existing_file_at_the_change() {
    let mut player = Player::start(super::screens::scenario("endpoint-group"));
    player.press("enter enter enter");
    assert_eq!(player.app.step(), Step::Preview);
    let effects = player.app.update(Message::Key("E".parse().unwrap()), player.now);
    let [Effect::Editor(path, line)] = effects.as_slice() else { panic!("{effects:?}") };
    let edit = player.app.planned_edit().unwrap();
    let before = edit.changes.files[0].before.as_ref().unwrap();
    assert_eq!(*path, edit.changes.root.join(&edit.changes.files[0].path));
    let first_new = edit.changes.files[0]
        .after
        .lines()
        .zip(before.lines())
        .position(|(after, before)| after != before)
        .unwrap_or(before.lines().count());
    assert_eq!(*line, first_new + 1);
    // After the editor ended, the edit is planned again.
    let effects = player.app.update(Message::Edited(Ok(())), player.now);
    assert!(matches!(effects.as_slice(), [Effect::Plan(..)]), "{effects:?}");
}

#[test]
fn a_file_that_does_not_exist_yet_is_not_opened() {
    let mut player = Player::demo();
    player.press("enter enter enter tab down E");
    assert_eq!(
        player.app.notice,
        Some(Notice::Info("vpc-endpoints.tf does not exist yet: press w to write it".to_owned()))
    );
    player.send(Message::Edited(Err("the editor `x` cannot be started: not found".to_owned())));
    assert!(matches!(&player.app.notice, Some(Notice::Error(text)) if text.contains("cannot be started")));
}

/// The editor gets the terminal, and the program takes it back.
#[cfg(target_os = "linux")]
#[test]
fn the_editor_has_the_terminal_until_it_ends() {
    let home = tempfile::tempdir().unwrap();
    let editor = home.path().join("editor with a space");
    std::fs::write(
        &editor,
        "#!/bin/sh\nprintf 'EDITING %s\\n' \"$*\"\nread line\nprintf '\\n# %s\\n' \"$line\" >> \"$1\"\n",
    )
    .unwrap();
    std::process::Command::new("chmod").arg("+x").arg(&editor).status().unwrap();
    let command = format!("'{}'", editor.display());
    let environment = [("EDITOR".to_owned(), command), ("VISUAL".to_owned(), String::new())];
    let arguments = ["demo", "endpoint-group", "--step", "preview"];
    let mut screen = Screen::start(&arguments, &environment, home.path(), (120, 36));
    screen.wait_for("hunk 1 of 1");
    screen.press_for("E", "EDITING ");
    assert!(!screen.text().contains("hunk 1 of 1"), "{}", screen.text());
    // These keys are for the editor, not for the application.
    screen.press("quit and write\r");
    screen.wait_for("hunk 1 of 1");
    screen.press_for("e", "Report saved to");
    screen.press_for("q", "The diff is not written");
    screen.press("y");
    let (code, _) = screen.end();
    assert_eq!(code, 0);
}

/// `isolated` read from AWS, with the fix written.
fn written() -> Player {
    let Start { snapshot, query, terraform, .. } = isolated();
    let start = Start {
        origin: Origin::Live(Box::default()),
        snapshot: None,
        query,
        terraform,
        own_copy: false,
        check: None,
        interrupted: Vec::new(),
        preferences: Preferences::default(),
        log: None,
        opening: Opening::default(),
    };
    let mut player = Player::start(start);
    player.send(Message::Discovered(RunId(1), Ok(Box::new(snapshot.unwrap()))));
    player.press("enter enter down enter esc w y");
    assert_eq!(player.app.step(), Step::Done);
    player
}

/// Presses a key or sends a message, which must start a reading of AWS; the run of the reading.
fn reading(player: &mut Player, message: Message) -> RunId {
    match player.app.update(message, player.now).as_slice() {
        [Effect::Discover(run, _)] => *run,
        other => panic!("{other:?}"),
    }
}

fn key(name: &str) -> Message {
    Message::Key(name.parse::<Key>().unwrap())
}

#[test]
fn aws_is_read_again_until_all_destinations_are_reachable() {
    let mut player = written();
    let run = reading(&mut player, key("W"));
    assert_eq!(player.app.watch_due(), None, "AWS is being read");
    player.send(Message::Discovered(run, Ok(Box::new(isolated().snapshot.unwrap()))));
    assert!(matches!(player.app.done.as_ref().unwrap().after, Some(After::Read(_))));
    assert_eq!(player.app.watch_due(), Some(player.now + WATCH));
    let screen = player.screen(100, 40, &Theme::mono().in_ascii());
    assert!(
        screen.contains("AWS is read every 30 s until all destinations are reachable. Press W to stop."),
        "{screen}"
    );
    assert!(!player.app.is_busy(), "nothing is drawn between two readings");
    // Too early.
    player.now += Duration::from_secs(29);
    assert!(player.app.update(Message::WatchIsDue, player.now).is_empty());
    player.now += Duration::from_secs(1);
    let run = reading(&mut player, Message::WatchIsDue);
    let case = player.app.done.as_ref().unwrap().case.clone();
    let proposal = player.app.done.as_ref().unwrap().proposal.clone();
    player.send(Message::Discovered(run, Ok(Box::new(case.changed(&proposal)))));
    assert_eq!(player.app.watch_due(), None);
    assert_eq!(
        player.app.notice,
        Some(Notice::Info("All destinations are reachable: AWS is no longer read by itself".to_owned()))
    );
}

#[test]
fn a_failed_reading_the_same_key_and_another_step_end_the_watch() {
    let mut player = written();
    let run = reading(&mut player, key("W"));
    player.send(Message::Discovered(run, Err("the credentials expired".to_owned())));
    assert_eq!(player.app.watch_due(), None);
    player.press("esc");
    let run = reading(&mut player, key("W"));
    player.send(Message::Discovered(run, Ok(Box::new(isolated().snapshot.unwrap()))));
    assert!(player.app.watch_due().is_some());
    player.press("W");
    assert_eq!(player.app.watch_due(), None);
    assert_eq!(player.app.notice, Some(Notice::Info("AWS is read again only when you press r".to_owned())));
    // In the demo there is nothing to read again.
    let mut demo = Player::demo();
    demo.press("enter enter enter w y W");
    assert_eq!(demo.app.notice, Some(Notice::Info("Only a live account is read again".to_owned())));
}

/// The log of the scenario has one timeout of S3.
#[test]
fn failures_of_several_logs_are_counted_together() {
    let mut player = Player::demo();
    player.press("enter");
    assert!(player.screen(100, 30, &Theme::mono()).contains("1 timeout "));
    player.send(Message::Paste(Scenario::named("isolated").unwrap().log.repeat(2)));
    assert!(player.screen(100, 30, &Theme::mono()).contains("3 timeouts "));
    // `:` finds the undo by its name.
    player.press("enter enter enter w y esc :").type_text("undo");
    assert!(
        matches!(&player.app.dialog, Some(Dialog::Picker(picker)) if picker.current().unwrap().key == "u")
    );
}

/// The same failure in two logs is one failure with both counts, on Pick as on Trace.
#[test]
fn the_same_failure_in_two_logs_is_counted_together() {
    const LOG: &str = "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \
                       \"https://bond-bedrock-files-eea42686090e4a1ebcb82b36abf98c40.s3.us-west-2.amazonaws.com/a\"";
    let mut player = Player::demo();
    player.send(Message::Paste(LOG.to_owned()));
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(screen.contains(" Log        S3 (2 connect timeouts)  "), "{screen}");
    player.press("enter");
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(screen.contains("2 timeouts"), "{screen}");
}

/// The caption is true while the user types, and in the layout of a narrow screen.
#[test]
fn the_caption_is_true_while_typing_and_on_a_narrow_screen() {
    let mut player = Player::demo();
    player.press("enter");
    let narrow = player.screen(60, 20, &Theme::mono().in_ascii());
    assert!(narrow.contains("Below: each check") && !narrow.contains("Right:"), "{narrow}");
    assert!(player.screen(80, 24, &Theme::mono().in_ascii()).contains("Right: each check"));
    player.press("/").type_text("okta");
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(screen.contains("enter keeps the rows") && !screen.contains("for the fixes"), "{screen}");
}

/// In a list where the user types at once, the key of the filter is no text.
#[test]
fn the_key_of_the_filter_is_no_text_of_a_list() {
    let mut player = Player::demo();
    player.press("S").type_text("/healthy");
    assert_eq!(rows(&player).first().map(|row| row.0.as_str()), Some("healthy"));
}

/// The palette has the fixes of the service before the scenarios, and selects one.
#[test]
fn the_palette_has_the_fixes_before_the_scenarios() {
    let mut player = Player::demo();
    player.press("enter :").type_text("gateway");
    let Some(Dialog::Picker(picker)) = &player.app.dialog else { panic!("no list is open") };
    let kinds: Vec<&str> = picker.shown().map(|(entry, _)| entry.key.as_str()).collect();
    let place = |kind: &str| kinds.iter().position(|key| *key == kind).unwrap();
    assert!(place("fix") < place("scenario"), "{kinds:?}");
    player.press("esc :").type_text("regional nat").press("enter");
    let choose = player.app.choose.as_ref().unwrap();
    assert_eq!(
        (player.app.step(), choose.current().unwrap().id()),
        (Step::Choose, "nat-regional".to_owned())
    );
    // From Preview too.
    player.press("enter :").type_text("default egress").press("enter");
    assert_eq!(player.app.choose.as_ref().unwrap().current().unwrap().id(), "default-egress");
}

/// The cost chart has DEFAULT egress as other fixes, and says what a cheaper fix leaves blocked.
#[test]
fn the_cost_chart_compares_with_the_reach() {
    for name in ["isolated", "nat-loop"] {
        let mut player = Player::start(super::screens::scenario(name));
        player.press("enter enter");
        let screen = player.screen(200, 60, &Theme::mono().in_ascii());
        assert!(screen.contains("DEFAULT egress (= 1)"), "{screen}");
        let text = screen.replace(['|', '"'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("Okta is still blocked"), "{screen}");
    }
}

/// A small screen says that it has no room for all warnings, and the list on the whole screen keeps the marked set.
#[test]
fn what_does_not_fit_is_said() {
    let mut player = Player::start(super::screens::scenario("mixed-subnets"));
    player.press("enter enter down down down enter");
    let screen = player.screen(60, 20, &Theme::mono().in_ascii());
    assert!(screen.contains("more lines: w shows all warnings"), "{screen}");
    let mut player = Player::demo();
    player.press("enter enter space down space +");
    let screen = player.screen(120, 36, &Theme::mono().in_ascii());
    assert!(screen.contains(" Marked S3 gateway endpoint + NAT gateway: fixes 4 of 4"), "{screen}");
    // The rules of the whole map are complete.
    let mut player = Player::start(super::screens::scenario("mixed-subnets"));
    player.press("enter enter m");
    for (width, height) in [(80, 24), (60, 20)] {
        let screen = player.screen(width, height, &Theme::mono().in_ascii());
        assert!(!screen.contains("...") && !screen.contains('~'), "{screen}");
    }
}

/// On Choose and Done, the list of what can be copied has the fix and the commands.
#[test]
fn the_fix_and_the_commands_can_be_chosen_for_copying() {
    let mut player = Player::demo();
    player.press("enter enter Y");
    let folder = player.app.terraform.clone().unwrap();
    let command = format!("egress-doctor fix --remedy s3-gateway --terraform {}", folder.display());
    assert!(rows(&player).iter().any(|row| row.1 == command), "{:?}", rows(&player));
    player.press("esc enter w y Y");
    assert!(rows(&player).iter().any(|row| row.1.starts_with("terraform -chdir=")), "{:?}", rows(&player));
}

/// No call read a network interface with an address that the user gave: the path says how to look for it.
#[test]
fn an_unread_address_names_the_command_that_finds_it() {
    let mut player = Player::demo();
    player.press("enter a").type_text("10.40.9.12:5432").press("enter i");
    let screen = player.screen(140, 50, &Theme::mono().in_ascii());
    let text = screen.replace(['|', '"', '\\'], " ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("Check aws ec2 describe-network-interfaces --filters"), "{screen}");
    assert!(
        text.contains("Name=addresses.private-ip-address,Values=10.40.9.12 --region us-west-2"),
        "{screen}"
    );
    player.press("esc");
    let screen = player.screen(140, 60, &Theme::mono().in_ascii());
    assert!(!screen.contains("--to ADDRESS"), "{screen}");
}

/// A long path is divided between its folders, not within a name.
#[test]
fn a_long_path_is_divided_between_its_folders() {
    let folder = "/srv/repos/projects/infrastructure/environments/production/us-west-2/terraform";
    let player = Player::start(Start { terraform: Some(folder.into()), ..isolated() });
    let screen = player.screen(80, 24, &Theme::mono().in_ascii());
    assert!(screen.contains("/srv/repos/projects/infrastructure/environments/production/ "), "{screen}");
    assert!(screen.contains(" us-west-2/terraform "), "{screen}");
}
