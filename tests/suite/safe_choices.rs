//! The screen never plans another fix than the one it names, never loses the undo, and asks before something is lost.

use std::path::Path;
use std::time::{Duration, Instant};

use egress_doctor::app::{Button, Confirmation, Dialog, Effect, InputState, Message, Notice, Step};
use egress_doctor::evidence::LogFinding;
use egress_doctor::remedy::RemedyId;
use egress_doctor::ui::Theme;

use super::screens::{Player, isolated, scenario};

/// The screen at 120 columns, with one space between words and without borders.
fn words(player: &Player) -> String {
    let screen = player.screen(120, 40, &Theme::mono().in_ascii());
    screen.replace(['|', '"'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn notice(player: &Player) -> &str {
    match &player.app.notice {
        Some(Notice::Info(text) | Notice::Delayed(text) | Notice::Error(text)) => text,
        None => "",
    }
}

/// Five lines of a log about four destinations.
const LOG: [&str; 5] = [
    "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \"https://sts.us-west-2.amazonaws.com/\"",
    "requests.exceptions.ConnectTimeout: HTTPSConnectionPool(host='api.stripe.com', port=443): Max retries exceeded with url: /v1/charges (Caused by ConnectTimeoutError(<urllib3.connection.HTTPSConnection object at 0x7f>, 'Connection to api.stripe.com timed out. (connect timeout=5)'))",
    "psycopg2.OperationalError: connection to server at \"10.40.2.7\", port 5432 failed: Connection timed out",
    "redis.exceptions.TimeoutError: Timeout connecting to server cache.internal.example:6379",
    "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \"https://sts.us-west-2.amazonaws.com/\"",
];

#[test]
fn a_pasted_log_is_read_line_by_line_with_every_line_end() {
    let mut results = Vec::new();
    for end in ["\n", "\r\n", "\r"] {
        let mut player = Player::demo();
        player.press("enter");
        player.send(Message::Paste(LOG.map(|line| format!("{line}{end}")).concat()));
        let hosts: Vec<String> = player.app.findings_in_log().filter_map(LogFinding::subject).collect();
        results.push((notice(&player).to_owned(), hosts));
    }
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0], results[2]);
    let (text, hosts) = &results[0];
    assert!(text.starts_with("5 lines read: 4 destinations ("), "{text}");
    assert_eq!(hosts.len(), 1 + 4, "the log of the scenario and the pasted one: {hosts:?}");
}

#[test]
fn enter_plans_the_marked_fix_and_every_screen_names_it() {
    let mut player = Player::demo();
    // NAT gateway is marked, the cursor is on the S3 endpoint.
    player.press("enter enter down space g");
    let choose = words(&player);
    assert!(choose.contains("Marked NAT gateway: fixes 4 of 4, breaks -, $36.50/mo + $0.045/GB"), "{choose}");
    assert!(choose.contains("enter diff of the marked fix"), "{choose}");
    // The pane follows the cursor.
    assert!(choose.contains("Fixes the failing calls in the log (S3)"), "{choose}");

    player.press("enter");
    let preview = words(&player);
    assert!(preview.contains("NAT gateway, $36.50/mo + $0.045/GB: "), "{preview}");
    player.press("w");
    let question = words(&player);
    assert!(question.contains("Write this edit? "), "{question}");
    assert!(question.contains("Fix NAT gateway, $36.50/mo + $0.045/GB"), "{question}");
    assert!(question.contains("to add, 0 to change, 0 to destroy"), "{question}");
    assert!(question.contains("enter Write") && question.contains("n Cancel"), "{question}");
    player.press("y");
    let done = words(&player);
    assert!(done.contains("Fix NAT gateway, $36.50/mo + $0.045/GB"), "{done}");
    assert_eq!(player.app.done.as_ref().unwrap().proposal.remedies, [RemedyId::Nat]);
}

#[test]
fn two_marked_fixes_are_simulated_in_the_background_and_enter_waits_for_them() {
    let mut player = Player::held(isolated());
    player.release();
    player.press("enter");
    player.release();
    // Security group rules are not in the list; S3 and NAT are no set of the list.
    player.press("enter space down");
    let start = Instant::now();
    let effects = player.app.update(key(' '), player.now);
    assert!(start.elapsed() < Duration::from_millis(200), "marking does not simulate");
    let [Effect::Simulate(run, case, remedies)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(remedies, &[RemedyId::S3Gateway, RemedyId::Nat]);
    assert!(player.app.is_busy() && words(&player).contains("simulating"), "{}", words(&player));
    player.press("enter");
    assert_eq!(player.app.step(), Step::Choose);
    assert_eq!(notice(&player), "The marked fixes are still being simulated");
    // A result of an earlier set is dropped.
    let stale = Message::Simulated(egress_doctor::app::RunId(run.0 - 1), Err("stale".to_owned()));
    player.app.update(stale, player.now);
    assert!(player.app.is_busy());
    let set = case.compose(remedies).map(Box::new).map_err(|error| error.to_string());
    player.app.update(Message::Simulated(*run, set), player.now);
    assert!(!player.app.is_busy());
    assert!(
        words(&player).contains("Marked S3 gateway endpoint + NAT gateway: fixes 4 of 4"),
        "{}",
        words(&player)
    );
    assert!(words(&player).contains("enter diff of the 2 marked"));
}

#[test]
fn marked_fixes_that_cannot_be_combined_plan_nothing() {
    let mut player = Player::held(isolated());
    player.release();
    player.press("enter");
    player.release();
    player.press("enter space down");
    let effects = player.app.update(key(' '), player.now);
    let [Effect::Simulate(run, case, _)] = effects.as_slice() else { panic!("{effects:?}") };
    let set = case.compose(&[RemedyId::S3Gateway, RemedyId::MoveConnector]).map(Box::new);
    let set = set.map_err(|error| error.to_string());
    player.app.update(Message::Simulated(*run, set), player.now);
    player.press("enter");
    assert_eq!(player.app.step(), Step::Choose, "{}", words(&player));
    let expected = "The marked fixes cannot be combined: move-connector does not apply to this network";
    assert_eq!(notice(&player), expected);
}

#[test]
fn the_undo_is_available_until_something_else_is_written() {
    let mut player = Player::demo();
    player.press("enter enter enter w y");
    assert_eq!(player.app.step(), Step::Done);
    // Preview shows that its diff is written; enter returns to Done and asks nothing.
    player.press("esc");
    assert!(
        words(&player).contains("(written)") && words(&player).contains("enter result")
            || words(&player).contains("w result")
    );
    player.press("enter");
    assert_eq!((player.app.step(), player.app.dialog.is_none()), (Step::Done, true));
    // Choose returns to Done for the written fix.
    player.press("esc esc enter");
    assert_eq!(player.app.step(), Step::Done);
    assert_eq!(notice(&player), "This fix is written; press u to undo it");
    // A new diagnosis keeps the undo.
    player.press("esc esc esc down d");
    assert_eq!(player.app.step(), Step::Trace);
    // This step does not show the write, so a question names it.
    player.press("u");
    assert!(words(&player).contains("Undo this write? "), "{}", words(&player));
    assert!(words(&player).contains("Fix S3 gateway endpoint"), "{}", words(&player));
    player.press("n");
    assert!(!player.app.done.as_ref().unwrap().undone);
    player.press("u y");
    assert!(player.app.done.as_ref().unwrap().undone, "{}", notice(&player));
    assert_eq!(notice(&player), "data-sources.tf restored byte for byte");
    player.press("u");
    assert_eq!(notice(&player), "All writes of this session are undone");
}

/// Two written fixes: the newest one is undone first, then the one before it; the network goes back with them.
#[test]
fn written_fixes_are_undone_in_the_reverse_order() {
    let mut player = Player::demo();
    player.press("enter enter enter w y enter enter enter w y enter");
    let titles = |player: &Player| {
        let title = |done: Option<&egress_doctor::app::Done>| done.map(|done| done.proposal.title.clone());
        (title(player.app.undoable()), title(player.app.undoable_later().next()))
    };
    let (s3, nat) = (Some("S3 gateway endpoint".to_owned()), Some("NAT gateway".to_owned()));
    assert_eq!(titles(&player), (nat.clone(), s3.clone()));
    let shown = words(&player);
    assert!(
        shown.contains("Before S3 gateway endpoint was written before this fix. Press u twice to undo both."),
        "{shown}"
    );
    assert!(shown.contains("VPC egress simulated"), "{shown}");
    player.press("u");
    assert_eq!(titles(&player), (s3.clone(), None));
    assert_eq!(
        notice(&player),
        "data-sources.tf restored byte for byte; press u again to undo the write before it: S3 gateway endpoint"
    );
    let shown = words(&player);
    assert!(shown.contains("Before S3 gateway endpoint is still written. Press u to undo it."), "{shown}");
    assert!(shown.contains("u undo"), "{shown}");
    // The second undo shows the first write as undone, and its network is the first one.
    player.press("u");
    assert_eq!(titles(&player), (None, None));
    assert_eq!(player.app.done.as_ref().unwrap().proposal.title, "S3 gateway endpoint");
    assert!(
        words(&player).contains("Undone data-sources.tf, vpc-endpoints.tf in /infra"),
        "{}",
        words(&player)
    );
    player.press("esc");
    assert_eq!(player.app.step(), Step::Trace, "the fixes for the rest are outdated");
    let diagnosis = &player.app.case().unwrap().diagnosis;
    assert!(diagnosis.headline.starts_with("4 of 4 destinations are blocked"), "{}", diagnosis.headline);
    assert!(!words(&player).contains("simulated"), "{}", words(&player));
    // A new write after an undo: only that one can be undone.
    player.press("enter enter w y");
    assert_eq!(titles(&player), (s3, None));
}

/// While files are being changed, no second change starts, and the written fix is the confirmed one.
#[test]
fn one_change_of_files_runs_at_a_time() {
    let mut player = Player::demo();
    player.press("enter enter enter w");
    let effects = player.app.update(key('y'), player.now);
    let [Effect::Write(changes)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(player.app.is_busy());
    for keys in ["w", "enter", "u"] {
        player.press(keys);
        assert!(player.app.dialog.is_none(), "{keys}");
    }
    assert_eq!(notice(&player), "The files are being changed");
    // Another fix is planned before the reply.
    player.press("esc down enter");
    let receipt =
        egress_doctor::terraform::write::Receipt { files: Vec::new(), backup: "/state/writes/1".into() };
    let effects = player.app.update(key('q'), player.now);
    assert!(effects.is_empty(), "{effects:?}");
    assert!(words(&player).contains("The files are being written."), "{}", words(&player));
    player.press("n").send(Message::Written(Ok(receipt)));
    let done = player.app.done.as_ref().unwrap();
    let written = &done.written.as_ref().unwrap().changes;
    assert_eq!((done.proposal.title.as_str(), written), ("S3 gateway endpoint", changes));
    let undo = |player: &mut Player| player.app.update(key('u'), player.now);
    assert!(matches!(undo(&mut player).as_slice(), [Effect::Undo(_)]));
    assert!(undo(&mut player).is_empty(), "a second undo would undo another write");
    player.send(Message::Undone(Err("no".to_owned())));
    assert!(matches!(undo(&mut player).as_slice(), [Effect::Undo(_)]));
}

/// Ctrl-C works everywhere. It asks as `q` does if something would be lost, and quits when pressed again.
#[test]
fn control_c_asks_before_something_is_lost_and_quits_when_pressed_again() {
    let control_c = || Message::Key("ctrl-c".parse().unwrap());
    for keys in ["", "enter", "enter a", "enter enter t", ":", "?", "/"] {
        let mut player = Player::demo();
        player.press(keys);
        let effects = player.app.update(control_c(), player.now);
        assert!(matches!(effects.as_slice(), [Effect::Quit]), "{keys}: {effects:?}");
    }
    for keys in
        ["enter enter enter", "enter enter enter w", "enter d", "enter d a", "enter enter enter w y ?"]
    {
        let mut player = Player::demo();
        player.press(keys);
        let effects = player.app.update(control_c(), player.now);
        assert!(effects.is_empty(), "{keys}: {effects:?}");
        assert!(words(&player).contains("Quit? (Ctrl-C: quit now)"), "{keys}: {}", words(&player));
        let effects = player.app.update(control_c(), player.now);
        assert!(matches!(effects.as_slice(), [Effect::Quit]), "{keys}: {effects:?}");
    }
}

/// `w` and Enter open the same confirmation: Cancel is selected, except in the demo, whose folder is a copy.
#[test]
fn w_and_enter_select_the_same_button() {
    for own_copy in [true, false] {
        let open = |keys: &str| {
            let mut player = Player::start(egress_doctor::app::Start { own_copy, ..isolated() });
            player.stored = Some(egress_doctor::terraform::CheckLevel::Fmt);
            player.press("enter enter enter").press(keys);
            match &player.app.dialog {
                Some(Dialog::Confirm { button, .. }) => *button,
                other => panic!("{other:?}"),
            }
        };
        let expected = if own_copy { Button::Proceed } else { Button::Cancel };
        assert_eq!((open("w"), open("enter")), (expected, expected));
    }
}

/// After an undo, Done shows no result of the fix and offers no command of it.
#[test]
fn an_undone_fix_has_no_result_and_no_commands() {
    let mut player = Player::demo();
    player.press("enter enter enter w y u");
    assert!(player.app.done.as_ref().unwrap().undone, "{}", notice(&player));
    player.press("enter");
    assert_eq!(notice(&player), "The write is undone: press esc to go back");
    let shown = words(&player);
    assert!(!shown.contains("Before and after") && !shown.contains("copy command"), "{shown}");
    player.press("1");
    assert_eq!(notice(&player), "There is no command 1");
}

/// An edit that must be made by hand names what is missing, and `y` copies the code.
#[test]
fn the_code_of_an_edit_by_hand_can_be_copied() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter");
    let is_repair = |player: &Player| {
        let planned = player.app.choose.as_ref().unwrap().planned().map(|fix| fix.remedies.clone());
        planned == Some(vec![RemedyId::NatRepair])
    };
    for _ in 0..20 {
        if !is_repair(&player) {
            player.press("down");
        }
    }
    assert!(is_repair(&player), "{}", words(&player));
    player.press("enter");
    let missing = "no default route to nat-0a7c5e3d1b9f86420 is managed in this folder, and AWS rejects a second default route";
    assert!(words(&player).contains(missing), "{}", words(&player));
    player.press("y");
    assert!(notice(&player).starts_with("Copied the commands of the AWS CLI"), "{}", notice(&player));
    player.press("Y");
    assert!(words(&player).contains("the code to write"), "{}", words(&player));
    assert!(words(&player).contains("all commands of the rollback"), "{}", words(&player));
}

/// The present value of a dialog is selected: typing replaces it, other keys keep it.
#[test]
fn typing_replaces_the_present_traffic() {
    let mut player = Player::demo();
    let traffic = |player: &Player| player.app.choose.as_ref().unwrap().traffic;
    player.press("enter enter");
    let before = traffic(&player);
    player.press("t 5 0 0 enter");
    assert_eq!((before, traffic(&player)), (100, 500));
    player.press("t end 0 enter");
    assert_eq!(traffic(&player), 5000);
    player.press("t backspace 7 enter");
    assert_eq!(traffic(&player), 7);
}

#[test]
fn default_egress_shows_that_it_may_break_private_resources() {
    let mut player = Player::demo();
    player.press("enter enter G up");
    let row = player.screen(120, 40, &Theme::mono().in_ascii());
    let row = row.lines().find(|line| line.contains("> [ ] DEFAULT egress")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>()[4..8], ["egress", "4/4", "-", "?"], "{row}");
    let lost =
        "May break: The service can no longer reach databases, caches or other private resources in the VPC.";
    player.press("enter");
    assert!(words(&player).contains(&format!("! {lost}")), "{}", words(&player));
    player.press("w");
    let Some(Dialog::Confirm { confirmation: Confirmation::Write { warnings, .. }, .. }) = &player.app.dialog
    else {
        panic!("{}", words(&player))
    };
    assert_eq!(warnings[0], lost);
}

#[test]
fn the_confirmation_repeats_every_warning_and_its_buttons_are_always_visible() {
    let mut player = Player::start(scenario("nacl-return"));
    player.press("enter enter enter");
    let edit = player.app.planned_edit().unwrap();
    let notes = edit.changes.notes.clone();
    assert!(!notes.is_empty());
    player.press("w");
    let Some(Dialog::Confirm { confirmation: Confirmation::Write { warnings, tally, .. }, .. }) =
        &player.app.dialog
    else {
        panic!("{}", words(&player))
    };
    assert!(tally.contains("to add"), "{tally}");
    assert!(notes.iter().all(|note| warnings.contains(note)), "{warnings:?}");
    assert!(warnings.iter().any(|warning| warning.contains("did not run")), "{warnings:?}");
    for (width, height) in [(60, 20), (80, 24)] {
        let screen = player.screen(width, height, &Theme::mono().in_ascii());
        assert!(screen.contains("[ Cancel ]") && screen.contains(">[ Write ]"), "{screen}");
    }
}

#[test]
fn the_matrix_after_a_fix_has_the_columns_that_will_exist() {
    let mut player = Player::start(scenario("mixed-subnets"));
    player.press("enter enter");
    let count = player.app.choose.as_ref().unwrap().case.proposals.len();
    let at = |player: &Player, title: &str| {
        let case = &player.app.choose.as_ref().unwrap().case;
        case.proposals.iter().position(|one| one.title.starts_with(title)).unwrap()
    };
    let moved = at(&player, "Move the connector");
    for _ in 0..moved {
        player.press("down");
    }
    insta::assert_snapshot!("matrix-new-connector", player.screen(80, 30, &Theme::mono().in_ascii()));
    let default = at(&player, "DEFAULT egress");
    for _ in 0..count {
        player.press("up");
    }
    // The row with both recommended steps is above the fixes.
    for _ in 0..=default {
        player.press("down");
    }
    insta::assert_snapshot!("matrix-default-egress", player.screen(80, 30, &Theme::mono().in_ascii()));
}

#[test]
fn a_folder_that_cannot_be_read_is_rejected_and_the_previous_one_stays() {
    let mut player = Player::demo();
    player.press("enter enter f").type_text("/nonexistent");
    // The field contains the present folder: replace it.
    player.send(Message::Key(egress_doctor::app::Key {
        code: crossterm::event::KeyCode::Char('u'),
        ctrl: true,
    }));
    player.type_text("/nonexistent/x").press("enter");
    let Some(Dialog::Input { state, input, .. }) = &player.app.dialog else {
        panic!("the dialog stays open")
    };
    assert_eq!(*state, InputState::Rejected("cannot read it".to_owned()));
    assert_eq!(input.text(), "/nonexistent/x");
    assert_eq!(player.app.terraform.as_deref(), Some(Path::new("/infra")));
    player.press("esc");
    assert_eq!(player.app.step(), Step::Choose);
    player.press("f");
    let Some(Dialog::Input { input, .. }) = &player.app.dialog else { panic!() };
    assert_eq!(input.text(), "/infra");
    // A reply after the dialog was closed changes nothing.
    let effects = player.app.update(enter(), player.now);
    let [Effect::ReadFolder(run, _)] = effects.as_slice() else { panic!("{effects:?}") };
    player.press("esc");
    player.send(Message::FolderRead(*run, Ok(())));
    assert_eq!(player.app.step(), Step::Choose);
}

#[test]
fn confirmations_have_yes_and_no_and_name_the_action() {
    let mut player = Player::demo();
    player.press("enter enter enter w n");
    assert!(player.app.dialog.is_none() && player.app.done.is_none());
    player.press("q");
    let Some(Dialog::Confirm { button: Button::Cancel, .. }) = player.app.dialog else { panic!() };
    assert!(
        words(&player).contains("enter Cancel tab switch y Quit n Cancel esc close"),
        "{}",
        words(&player)
    );
    // q does not have two meanings.
    player.press("q");
    assert!(player.app.dialog.is_some());
    let effects = player.app.update(key('y'), player.now);
    assert!(matches!(effects.as_slice(), [Effect::Quit]), "{effects:?}");
}

#[test]
fn quitting_asks_before_something_is_lost() {
    let lost = |player: &mut Player| match player.app.update(key('q'), player.now).as_slice() {
        [Effect::Quit] => Vec::new(),
        [] => match player.app.dialog.take() {
            Some(Dialog::Confirm { confirmation: Confirmation::Quit { lost }, .. }) => lost,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let mut player = Player::demo();
    player.press("enter enter");
    assert_eq!(lost(&mut player), Vec::<String>::new());
    player.press("esc a").type_text("db.example.com,10.40.1.5:5432").press("enter down d");
    player.send(Message::Paste(LOG.join("\r")));
    let work = ["You added 2 destinations.", "You hid 1 destination.", "You pasted a log."];
    assert_eq!(lost(&mut player), work);
    player.press("enter enter");
    // The pasted log makes NAT gateway the first step.
    let diff = "The diff is not written: NAT gateway, $36.50/mo + $0.045/GB.";
    assert_eq!(lost(&mut player)[0], diff);
    player.press("w y");
    let folder = "The demo's Terraform folder /infra is deleted, with what is written in it.";
    assert_eq!(lost(&mut player)[0], folder);
    player.press("u");
    assert_eq!(lost(&mut player), work);
}

#[test]
fn d_hides_a_destination_and_capital_u_shows_it_again() {
    let mut player = Player::demo();
    player.press("enter");
    let names = |player: &Player| {
        let findings = &player.app.case().unwrap().diagnosis.findings;
        findings.iter().map(|finding| finding.need.destination.to_string()).collect::<Vec<_>>()
    };
    let all = names(&player);
    player.press("x");
    assert_eq!(names(&player), all, "x is the sign for blocked");
    player.press("d delete");
    assert_eq!(names(&player).len(), all.len() - 2);
    assert!(words(&player).contains("U unhide"), "{}", words(&player));
    player.press("U");
    assert_eq!(notice(&player), "Bedrock (runtime) is shown again; 1 more hidden");
    player.press("U");
    assert_eq!(names(&player), all);
    assert_eq!(player.app.trace.as_ref().unwrap().row, 0, "the destination is selected");
    player.press("U");
    assert_eq!(notice(&player), "No destination is hidden");
}

#[test]
fn the_last_destination_cannot_be_hidden_and_the_list_says_where_the_others_are() {
    let mut player = Player::demo();
    player.press("enter");
    for _ in 0..player.app.case().unwrap().diagnosis.findings.len() {
        player.press("d");
    }
    assert_eq!(notice(&player), "The last destination cannot be hidden");
    player.press("esc");
    assert!(words(&player).contains("all hidden: open, then press U"), "{}", words(&player));
}

#[test]
fn a_key_without_an_effect_says_why() {
    let mut start = scenario("isolated");
    start.snapshot.as_mut().unwrap().calls.clear();
    let mut player = Player::start(start);
    for (keys, reason) in [
        ("a", "a works on Trace: add a destination"),
        ("L", "This snapshot has no record of its AWS calls"),
        ("enter p", "p works on Pick: use another AWS profile"),
        ("r", "This data is not from live AWS: start egress-doctor without a subcommand to read an account"),
    ] {
        player.press(keys);
        assert_eq!(notice(&player), reason, "{keys}");
    }
    // A log can be pasted on every step.
    player.press("enter");
    player.send(Message::Paste(LOG.join("\r")));
    assert!(notice(&player).starts_with("5 lines read: 4 destinations (STS"), "{}", notice(&player));
    assert!(notice(&player).ends_with("go back to Trace for their diagnosis"), "{}", notice(&player));
    player.press("esc");
    let findings = &player.app.case().unwrap().diagnosis.findings;
    assert!(findings.iter().any(|finding| finding.need.destination.host == "api.stripe.com"));
    player.send(Message::Paste("all is well".to_owned()));
    assert_eq!(notice(&player), "1 line: no failed connection found in the pasted text");
}

#[test]
fn several_destinations_and_a_pasted_log_are_accepted_in_the_dialog() {
    let mut player = Player::demo();
    let rejected = |player: &Player| match &player.app.dialog {
        Some(Dialog::Input { state: InputState::Rejected(reason), .. }) => reason.clone(),
        other => panic!("{other:?}"),
    };
    player.press("enter a enter");
    assert_eq!(rejected(&player), "type a host, for example s3.us-west-2.amazonaws.com; press esc to cancel");
    player.type_text("one.example.com, two.example.com:x").press("enter");
    assert!(rejected(&player).contains("is not a TCP port"), "{}", rejected(&player));
    // The whole reason is visible.
    player.type_text("y").press("enter");
    let shown = words(&player);
    assert!(shown.contains(&rejected(&player).split_whitespace().collect::<Vec<_>>().join(" ")), "{shown}");
    player.press("esc a").type_text("one.example.com, two.example.com:8443").press("enter");
    let hosts = |player: &Player| {
        let findings = &player.app.case().unwrap().diagnosis.findings;
        findings.iter().map(|finding| finding.need.destination.to_string()).collect::<Vec<_>>()
    };
    let added = hosts(&player);
    assert!(added.iter().any(|host| host.starts_with("one.example.com")), "{added:?}");
    assert!(added.iter().any(|host| host == "two.example.com:8443"), "{added:?}");
    player.press("a");
    player.send(Message::Paste(LOG.join("\r")));
    assert!(player.app.dialog.is_none());
    assert!(notice(&player).starts_with("5 lines read: 4 destinations"), "{}", notice(&player));
    player.press("enter t").send(Message::Paste("1\r2".to_owned()));
    let Some(Dialog::Input { input, .. }) = &player.app.dialog else { panic!() };
    assert_eq!(input.text(), "1", "one line is inserted");
    player.type_text("9999999999").press("enter");
    assert_eq!(rejected(&player), "type a whole number of GB from 0 to 4294967295");
}

#[test]
fn while_the_screen_is_too_small_only_quitting_works() {
    let mut player = Player::demo();
    player.send(Message::Resized(40, 10));
    player.press("enter enter a ?");
    assert_eq!((player.app.step(), player.app.dialog.is_none()), (Step::Pick, true));
    player.send(Message::Resized(80, 24));
    player.press("enter a").type_text("db.example.com").press("enter");
    player.send(Message::Resized(59, 24));
    player.press("q");
    let shown = player.screen(59, 24, &Theme::mono());
    assert!(shown.contains("Quit? y or n. You added 1 destination."), "{shown}");
    let effects = player.app.update(key('y'), player.now);
    assert!(matches!(effects.as_slice(), [Effect::Quit]), "{effects:?}");
}

fn key(c: char) -> Message {
    Message::Key(egress_doctor::app::Key { code: crossterm::event::KeyCode::Char(c), ctrl: false })
}

fn enter() -> Message {
    Message::Key(egress_doctor::app::Key { code: crossterm::event::KeyCode::Enter, ctrl: false })
}

/// A fix that is not possible here cannot be marked, and its details begin with the reason.
#[test]
fn a_fix_that_is_not_possible_cannot_be_marked() {
    let mut player = Player::demo();
    player.press("enter enter");
    let choose = player.app.choose.as_ref().unwrap();
    let at = choose.case.proposals.iter().position(|fix| !fix.is_possible()).unwrap();
    for _ in 0..at {
        player.press("down");
    }
    let before = words(&player);
    assert!(!before.contains("space mark") && !before.contains("enter diff"), "{before}");
    assert!(before.contains("x Not possible: subnets in several AZs share"), "{before}");
    assert!(!before.contains("Cost:") && !before.contains("Takes effect:"), "{before}");
    player.press("space");
    let choose = player.app.choose.as_ref().unwrap();
    assert!(choose.marked.is_empty() && choose.set().is_none());
    assert_eq!(notice(&player), "The selected fix is not possible here, so it cannot be marked");
}

/// Without a recommended fix the screen says why, and the selected fix breaks nothing.
#[test]
fn without_a_recommendation_the_screen_says_why() {
    let mut player = Player::start(scenario("nat-instance"));
    player.press("enter");
    let view = player.app.trace.as_ref().unwrap();
    let mut case = egress_doctor::case::Case::clone(&view.case);
    case.proposals
        .retain(|fix| matches!(fix.remedies[..], [RemedyId::DefaultEgress | RemedyId::NatInstance]));
    assert_eq!(
        case.not_recommended().unwrap(),
        "DEFAULT egress may break connections to private resources in the VPC; Repair the NAT instance \
         eni-0c4a8e6f2b1d3c5e7: the result is unknown."
    );
    assert_eq!(case.proposals[case.first_choice()].remedies, [RemedyId::NatInstance]);
    // The line above the fixes shows it.
    let mut player = Player::held(scenario("nat-instance"));
    player.release();
    let effects = player.app.update(enter(), player.now);
    let run = effects.iter().find_map(|effect| match effect {
        Effect::Diagnose(run, ..) => Some(*run),
        _ => None,
    });
    player.send(Message::Diagnosed(run.unwrap(), Ok(case.into())));
    player.press("enter");
    assert!(
        words(&player).contains("Recommended none. DEFAULT egress may break connections"),
        "{}",
        words(&player)
    );
    assert!(
        words(&player).contains("> [ ] Repair the NAT instance eni-0c4a8e6f2b1d3c5e7"),
        "{}",
        words(&player)
    );
    // Every scenario with a recommendation selects it.
    for story in egress_doctor::scenario::SCENARIOS {
        let mut player = Player::start(scenario(story.name));
        player.press("enter enter");
        let Some(choose) = player.app.choose.as_ref() else { continue };
        let selected = choose.current().unwrap();
        let has_recommended = choose.case.proposals.iter().any(|fix| fix.recommended.is_some());
        assert_eq!(selected.recommended.is_some(), has_recommended, "{}", story.name);
        assert_eq!(choose.case.not_recommended().is_none(), has_recommended, "{}", story.name);
        assert!(selected.breaks.is_empty() && selected.may_break().is_none(), "{}", story.name);
    }
}

/// Done repeats what the written fix may break, because nothing else on that step says it.
#[test]
fn done_repeats_what_the_fix_may_break() {
    let mut player = Player::demo();
    player.press("enter enter G up enter w y");
    assert!(
        words(&player).contains("? May break: The service can no longer reach databases"),
        "{}",
        words(&player)
    );
}

/// Keys that are typed ahead of a slow step are never actions of the next one.
#[test]
fn typing_is_not_moved_to_another_step() {
    // The search of the diff can be typed while the fix is being planned.
    let mut player = Player::demo();
    player.press("enter enter");
    let effects = player.app.update(enter(), player.now);
    let [Effect::Plan(run, ..)] = effects.as_slice() else { panic!("{effects:?}") };
    player.type_text("/end");
    assert!(words(&player).contains("Reading the Terraform folder /end_"), "{}", words(&player));
    let mut other = Player::demo();
    other.press("enter enter enter");
    let changes = other.app.planned_edit().unwrap().changes.clone();
    player.send(Message::Planned(*run, Ok(egress_doctor::terraform::PlannedFix::Files(Box::new(changes)))));
    assert_eq!(player.app.planned_edit().unwrap().search.text(), "end");
    assert!(player.app.filter().unwrap().is_typing());
    // A service that is diagnosed does not open under the filter.
    let mut player = Player::held(super::screens::several_services());
    player.release();
    player.press("enter /").type_text("bo");
    player.release();
    assert_eq!((player.app.step(), player.app.filter().unwrap().text()), (Step::Pick, "bo"));
    assert_eq!(notice(&player), "bond-ai-dev-backend is diagnosed; press enter to open it");
    player.press("enter enter");
    assert_eq!(player.app.step(), Step::Trace);
    // A write that ends does not show Done under a filter.
    let mut player = Player::demo();
    player.press("enter enter enter w");
    player.app.update(key('y'), player.now);
    player.press("esc /").type_text("na");
    let receipt =
        egress_doctor::terraform::write::Receipt { files: Vec::new(), backup: "/state/writes/1".into() };
    player.send(Message::Written(Ok(receipt)));
    assert_eq!((player.app.step(), player.app.filter().unwrap().text()), (Step::Choose, "na"));
    assert_eq!(notice(&player), "The fix is written; press w on Preview for the result");
}

/// Esc closes what is in front: the dialog, then the error below it. The dialog does not cover the error.
#[test]
fn esc_closes_the_dialog_before_the_error_behind_it() {
    let mut player = Player::demo();
    player.press("enter");
    player.send(Message::Exported(Err("cannot save the report".to_owned())));
    player.press("?");
    let shown = words(&player);
    assert!(
        shown.contains("x cannot save the report (press esc to close)") && shown.contains("Keys"),
        "{shown}"
    );
    player.press("esc");
    assert!(player.app.dialog.is_none() && player.app.notice.is_some());
    player.press("esc");
    assert!(player.app.notice.is_none());
    assert_eq!(player.app.step(), Step::Trace);
    // A long error is whole.
    player.send(Message::Exported(Err("word ".repeat(100))));
    let screen = player.screen(80, 24, &Theme::mono());
    assert_eq!(screen.matches("word").count(), 100, "{screen}");
    assert!(screen.contains("(press esc to close)"), "{screen}");
}
