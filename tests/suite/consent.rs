//! The user decides which checks may run in a Terraform folder, because `validate` and `plan` execute its code.

use std::fs;
use std::path::{Path, PathBuf};

use super::screens::{Player, isolated};
use crate::support::{doctor, repository, run, terraform};
use egress_doctor::app::{Dialog, Message, RunId, Start, Step};
use egress_doctor::scenario::Scenario;
use egress_doctor::terraform::CheckLevel::{self, Fmt, None as NoCheck, Plan, Validate};
use egress_doctor::terraform::{RequestedChecks, read_consent, save_consent};
use egress_doctor::ui::Theme;
use serde_json::{Value, json};

/// The application on a folder of the user, with an answer from an earlier session and the option `--check`.
fn on_own_folder(stored: Option<CheckLevel>, check: Option<CheckLevel>) -> Player {
    let mut player = Player::start(Start { own_copy: false, check, ..isolated() });
    player.stored = stored;
    player.press("enter enter enter");
    assert_eq!(player.app.step(), Step::Preview);
    player
}

fn asks(player: &Player) -> bool {
    matches!(player.app.dialog, Some(Dialog::Checks { .. }))
}

/// The highest check of each run.
fn levels(player: &Player) -> Vec<CheckLevel> {
    player.requested.iter().map(|requested| requested.highest).collect()
}

#[test]
fn the_first_preview_of_a_folder_asks_before_its_code_is_executed() {
    let mut player = on_own_folder(None, None);
    assert!(asks(&player));
    assert_eq!(levels(&player), [Fmt], "only fmt runs without an answer");
    for (width, height) in [(80, 24), (120, 36)] {
        insta::assert_snapshot!(
            format!("checks-asked-{width}x{height}"),
            player.screen(width, height, &Theme::ansi())
        );
    }
    // The user allows everything; the answer is stored, and the next preview does not ask.
    player.press("down down enter");
    assert_eq!((levels(&player), player.stored), (vec![Fmt, Plan], Some(Plan)));
    player.press("esc enter");
    assert!(!asks(&player));
    assert_eq!(levels(&player), [Fmt, Plan, Plan]);
}

#[test]
fn enter_alone_executes_no_code_of_the_folder_and_the_answer_is_remembered() {
    let mut player = on_own_folder(None, None);
    player.press("enter");
    assert_eq!((levels(&player), player.stored), (vec![Fmt, Fmt], Some(Fmt)));
    insta::assert_snapshot!("checks-fmt-80x24", player.screen(80, 24, &Theme::ansi()));
    // The confirmation of the write names the checks that did not run.
    let confirmation = player.press("w").screen(100, 30, &Theme::ansi());
    assert!(
        confirmation.contains("! validate, plan did not run: your answer for this folder is fmt; press"),
        "{confirmation}"
    );
}

#[test]
fn without_an_answer_the_preview_names_the_key_and_asks_again_next_time() {
    let mut player = on_own_folder(None, None);
    let screen = player.press("esc").screen(80, 24, &Theme::ansi());
    assert!(screen.contains("? not allowed yet: press v to choose the checks"), "{screen}");
    assert_eq!(player.stored, None);
    player.press("esc enter");
    assert!(asks(&player));
    // v opens the same question.
    player.press("esc v");
    assert!(asks(&player));
    player.press("down enter");
    assert_eq!((player.stored, levels(&player)), (Some(Validate), vec![Fmt, Fmt, Validate]));
}

#[test]
fn an_answer_of_an_earlier_session_is_used_and_v_changes_it() {
    for answer in [NoCheck, Fmt, Validate, Plan] {
        let player = on_own_folder(Some(answer), None);
        assert!(!asks(&player));
        assert_eq!(levels(&player), [answer]);
    }
    let mut player = on_own_folder(Some(NoCheck), None);
    player.press("v");
    assert!(matches!(player.app.dialog, Some(Dialog::Checks { selected: NoCheck, .. })));
    player.press("G enter");
    assert_eq!((player.stored, levels(&player)), (Some(Plan), vec![NoCheck, Plan]));
}

#[test]
fn the_option_check_limits_the_checks_but_allows_no_code() {
    let skipped = |player: &Player| player.requested.last().unwrap().skipped.clone();
    for level in [NoCheck, Fmt] {
        let player = on_own_folder(None, Some(level));
        assert!(!asks(&player), "these checks execute no code");
        assert_eq!(player.requested, [RequestedChecks::up_to(level)]);
        assert_eq!(skipped(&player), format!("not requested: --check {level}"));
    }
    let player = on_own_folder(None, Some(Plan));
    assert!(asks(&player));
    assert_eq!(levels(&player), [Fmt]);
    let player = on_own_folder(Some(Plan), Some(Validate));
    assert_eq!(player.requested, [RequestedChecks::up_to(Validate)]);
    let player = on_own_folder(Some(Fmt), Some(Plan));
    assert_eq!(levels(&player), [Fmt]);
    // The choice on the screen replaces the option.
    let mut player = on_own_folder(None, Some(Fmt));
    player.press("v G enter");
    assert_eq!(levels(&player), [Fmt, Plan]);
}

#[test]
fn the_demo_skips_the_checks_that_need_a_provider_until_the_user_chooses_them() {
    let mut player = Player::start(isolated());
    player.press("enter enter enter");
    assert!(!asks(&player));
    assert_eq!((levels(&player), player.stored), (vec![Fmt], None));
    assert_eq!(
        player.requested[0].skipped,
        "skipped in the demo: needs the AWS provider (press v to choose)"
    );
    // The dialog contains the folder of the demo: enter plans the same folder again.
    player.press("f enter");
    assert!(!asks(&player));
    player.press("f end / x enter");
    assert_eq!(player.app.terraform, Some(PathBuf::from("/infra/x")));
    assert!(asks(&player));
    assert_eq!(levels(&player), [Fmt, Fmt, Fmt]);
    let mut player = Player::start(isolated());
    player.press("enter enter enter v G enter");
    assert_eq!(levels(&player), [Fmt, Plan]);
}

#[test]
fn a_stale_reply_starts_no_checks() {
    let mut player = on_own_folder(Some(Fmt), None);
    player.send(Message::ConsentRead(RunId(0), Ok(Some(Plan))));
    assert_eq!(levels(&player), [Fmt]);
}

#[test]
fn an_answer_that_cannot_be_read_is_reported_and_executes_no_code() {
    let mut player = Player::start(Start { own_copy: false, ..isolated() });
    player.unreadable = Some("the file is broken; delete it".to_owned());
    player.press("enter enter enter");
    assert_eq!(levels(&player), [Fmt]);
    assert!(asks(&player));
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("x the file is broken; delete it"), "{screen}");
}

/// A home folder with a copy of the Terraform configuration of the scenario `isolated`.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let infra = home.path().join("infra");
    fs::create_dir(&infra).unwrap();
    Scenario::named("isolated").unwrap().copy_terraform(&infra).unwrap();
    (home, infra)
}

/// `fix` for S3: its answer as JSON, and what it prints to standard error.
fn fix(home: &Path, arguments: &[&str]) -> (Value, String) {
    let mut command = doctor(home);
    command.current_dir(home).args(["fix", "--scenario", "isolated", "--terraform", "infra", "--log"]);
    command.arg(repository("assets/scenarios/isolated/application.log")).args(["--format", "json"]);
    command.envs(terraform::environment());
    let output = command.args(arguments).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    (serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{errors}")), errors)
}

fn outcomes(fix: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let checks = fix["checks"].as_array().unwrap().iter();
    checks.map(|check| (text(&check["name"]), text(&check["outcome"]), text(&check["why"]))).collect()
}

#[test]
fn fix_runs_the_requested_checks_and_says_which_ones_ran() {
    if !terraform::is_available("fix_runs_the_requested_checks_and_says_which_ones_ran") {
        return;
    }
    let not_run = |name: &str, why: &str| (name.to_owned(), "not run".to_owned(), why.to_owned());
    let passed = ("fmt".to_owned(), "passed".to_owned(), String::new());

    // Without --write nothing runs that executes code, even if it is requested.
    let (home, infra) = folder();
    let (answer, errors) = fix(home.path(), &[]);
    assert_eq!((outcomes(&answer), &answer["written"]), (vec![], &json!(false)));
    assert!(errors.contains("nothing was written") && errors.contains("--check fmt"), "{errors}");
    let (answer, errors) = fix(home.path(), &["--check", "plan"]);
    let why = "without --write, fix executes no code of the Terraform folder";
    assert_eq!(outcomes(&answer), [passed.clone(), not_run("validate", why), not_run("plan", why)]);
    assert!(errors.contains("running terraform fmt on a copy\n"), "{errors}");
    assert_eq!(answer["written"], json!(false));
    assert!(!infra.join("vpc-endpoints.tf").exists());

    // With --write the option is the limit.
    let (answer, errors) = fix(home.path(), &["--write", "--check", "none"]);
    let why = "not requested: --check none";
    assert_eq!(
        outcomes(&answer),
        [not_run("fmt", why), not_run("validate", why), not_run("plan", why)],
        "{errors}"
    );
    assert_eq!(answer["written"], json!(true));

    // The default is all checks, and the message says what they execute.
    let (home, infra) = folder();
    let (answer, errors) = fix(home.path(), &["--write"]);
    let why = "this folder is not initialised: run terraform init first";
    assert_eq!(outcomes(&answer), [passed.clone(), not_run("validate", why), not_run("plan", why)]);
    let root = fs::canonicalize(&infra).unwrap();
    let line = format!(
        "egress-doctor: running terraform fmt, validate and plan on a copy; this executes provider binaries and external \
         data sources of {}; --check fmt skips it\n",
        root.display()
    );
    assert!(errors.contains(&line), "{errors}");

    // An answer that the user gave on the screen is the default of the folder.
    let (home, infra) = folder();
    let (state, root) = (home.path().join("state/egress-doctor"), fs::canonicalize(&infra).unwrap());
    save_consent(&state, &root, Fmt).unwrap();
    let (answer, _) = fix(home.path(), &["--write"]);
    let why = "your answer for this folder is fmt; --check plan runs all checks";
    assert_eq!(outcomes(&answer), [passed, not_run("validate", why), not_run("plan", why)]);
    assert_eq!(read_consent(&state, &root).unwrap(), Some(Fmt), "fix stores no answer");
}

#[test]
fn the_help_says_which_checks_execute_code() {
    let (home, _) = folder();
    for arguments in [&["fix", "--help"][..], &["open", "--help"], &["--help"]] {
        let (_, help) = run(doctor(home.path()).args(arguments));
        let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
        let option = help.split("--check <CHECK>").nth(1).unwrap_or_else(|| panic!("{help}"));
        assert!(
            option.contains(
                "`validate` and `plan` execute code of the folder (provider binaries, external data sources)"
            ),
            "{help}"
        );
        for level in [NoCheck, Fmt, Validate, Plan] {
            assert!(option.contains(&format!("- {level}: {}", level.description())), "{help}");
        }
    }
}
