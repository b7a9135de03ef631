//! Complete screens, keys and replies in different orders, and all sizes of the terminal.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use egress_doctor::app::{
    After, App, Badge, Editable, Effect, Key, Message, Opening, Origin, PlanFailure, Preferences, RunId,
    Start, StartLog, Step,
};
use egress_doctor::case::Case;
use egress_doctor::discover::{Progress, ServiceLog};
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::{Call, CallFailure, CallRecord, GapKind, Snapshot, Workload, WorkloadId};
use egress_doctor::remedy::Proposal;
use egress_doctor::scenario::Scenario;
use egress_doctor::terraform::write::{Receipt, Undone};
use egress_doctor::terraform::{
    ChangeSet, Check, CheckLevel, Config, Environment, Outcome, PlannedFix, RequestedChecks, Verification,
    plan_in_parts,
};
use egress_doctor::ui::{Theme, draw};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;

/// The application with simulated keys. The test carries out the effects, with fixed paths and times.
pub(super) struct Player {
    pub app: App,
    pub now: Instant,
    /// A file in the demo's Terraform folder: name and text.
    pub extra_file: Option<(&'static str, &'static str)>,
    /// Diagnoses that are requested but not carried out; `None` carries them out at once.
    held: Option<Vec<Effect>>,
    /// The answer in the state folder: which checks may run.
    pub stored: Option<CheckLevel>,
    /// The text of the files that were written in the demo's Terraform folder, by name.
    pub written: Vec<(PathBuf, String)>,
    /// Why the answer cannot be read.
    pub unreadable: Option<String>,
    /// The checks that ran.
    pub requested: Vec<RequestedChecks>,
    /// The results of checks that still run; `None` if they end at once.
    pub late_checks: Option<Vec<Message>>,
    /// The latest request of list prices.
    pub prices: Option<RunId>,
    /// The hosts that the application asks this machine's resolver for.
    pub resolving: Vec<String>,
}

/// The scenario `isolated` as a snapshot that is already read.
pub(super) fn isolated() -> Start {
    scenario("isolated")
}

/// A scenario as a snapshot that is already read.
pub(super) fn scenario(name: &str) -> Start {
    let scenario = Scenario::named(name).unwrap();
    Start {
        origin: Origin::Scenario(scenario.name),
        snapshot: Some(Snapshot::from_json(scenario.snapshot).unwrap()),
        query: Query::with_log(read_log(scenario.log.as_bytes()).unwrap().findings),
        terraform: Some(PathBuf::from("/infra")),
        own_copy: true,
        check: None,
        interrupted: Vec::new(),
        preferences: Preferences::default(),
        log: None,
        opening: Opening::default(),
    }
}

/// A live account that is not read yet.
pub(super) fn live_account() -> Start {
    Start {
        origin: Origin::Live(Box::default()),
        snapshot: None,
        query: Query::default(),
        terraform: None,
        own_copy: false,
        check: None,
        interrupted: Vec::new(),
        preferences: Preferences::default(),
        log: None,
        opening: Opening::default(),
    }
}

/// The replies to a request for a diagnosis.
pub(super) fn diagnose(effect: Effect) -> Vec<Message> {
    match effect {
        Effect::DiagnoseAll(run, snapshot, query, order) => {
            let badges = order.into_iter().map(|id| {
                let badge = Badge::of(&snapshot, snapshot.workloads.get(&id).unwrap(), &query);
                Message::Badge(run, id, badge)
            });
            badges.chain([Message::BadgesDone(run, Ok(()))]).collect()
        }
        Effect::Diagnose(run, snapshot, workload, query) => {
            vec![Message::Diagnosed(run, Ok(Arc::new(Case::open(snapshot, *workload, &query))))]
        }
        _ => Vec::new(),
    }
}

impl Player {
    pub fn demo() -> Self {
        Self::start(isolated())
    }

    pub fn start(start: Start) -> Self {
        Self::begin(start, None)
    }

    /// Delays each diagnosis until [`Player::release`].
    pub fn held(start: Start) -> Self {
        Self::begin(start, Some(Vec::new()))
    }

    fn begin(start: Start, held: Option<Vec<Effect>>) -> Self {
        let now = Instant::now();
        let (app, effects) = App::start(start, now);
        let mut player = Self {
            app,
            now,
            extra_file: None,
            held,
            stored: None,
            written: Vec::new(),
            unreadable: None,
            requested: Vec::new(),
            late_checks: None,
            prices: None,
            resolving: Vec::new(),
        };
        player.carry_out(effects);
        player
    }

    /// Removes and returns the delayed requests for diagnoses.
    pub fn take_held(&mut self) -> Vec<Effect> {
        self.held.as_mut().map(std::mem::take).unwrap_or_default()
    }

    /// Carries out diagnoses at once from now on.
    pub fn held_none(&mut self) -> &mut Self {
        self.held = None;
        self
    }

    /// Carries out the delayed diagnoses.
    pub fn release(&mut self) {
        for message in self.take_held().into_iter().flat_map(diagnose) {
            self.send(message);
        }
    }

    /// A copy of the demo's Terraform folder.
    fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let name = match self.app.origin {
            Origin::Scenario(name) => name,
            Origin::Live(_) | Origin::File(_) => "isolated",
        };
        Scenario::named(name).unwrap().copy_terraform(folder.path()).unwrap();
        for (name, text) in &self.written {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        if let Some((name, text)) = self.extra_file {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            let answer = match effect {
                Effect::DiagnoseAll(..) | Effect::Diagnose(..) => {
                    match &mut self.held {
                        Some(held) => held.push(effect),
                        None => diagnose(effect).into_iter().for_each(|message| self.send(message)),
                    }
                    continue;
                }
                Effect::Plan(run, root, case, proposal, answers) => {
                    let folder = self.folder();
                    let config = Config::read(folder.path(), &Environment::default()).unwrap();
                    let planned =
                        plan_in_parts(&config, (&case.snapshot, &case.workload), &proposal, &answers);
                    let with_fixed_root = |planned| match planned {
                        PlannedFix::Files(changes) => {
                            PlannedFix::Files(Box::new(ChangeSet { root, ..*changes }))
                        }
                        by_hand @ PlannedFix::ByHand(_) => by_hand,
                    };
                    Message::Planned(run, planned.map(with_fixed_root).map_err(PlanFailure::from))
                }
                Effect::TryPlans(run, _, case, answers) => {
                    let folder = self.folder();
                    let config = Config::read(folder.path(), &Environment::default()).unwrap();
                    let about = (case.snapshot.as_ref(), &case.workload);
                    let plan =
                        |proposal: &Proposal| Editable::of(plan_in_parts(&config, about, proposal, &answers));
                    let possible = case.proposals.iter().filter(|proposal| proposal.is_possible());
                    let results = possible.map(|proposal| (proposal.id(), plan(proposal))).collect();
                    Message::PlansTried(run, results)
                }
                Effect::ReadStartLog(run, StartLog::Scenario(log)) => {
                    Message::StartLogRead(run, read_log(log.as_bytes()).map_err(|error| error.to_string()))
                }
                Effect::Simulate(run, case, remedies) => Message::Simulated(
                    run,
                    case.compose(&remedies).map(Box::new).map_err(|error| error.to_string()),
                ),
                Effect::ReadFolder(run, folder) => Message::FolderRead(
                    run,
                    if folder.starts_with("/nonexistent") {
                        Err("cannot read it".to_owned())
                    } else {
                        Ok(())
                    },
                ),
                Effect::Undo(_) => {
                    self.written.clear();
                    let mut undone = Undone::default();
                    undone.files = vec![PathBuf::from("data-sources.tf")];
                    Message::Undone(Ok(undone))
                }
                Effect::ReadPrices(run, _) => {
                    self.prices = Some(run);
                    continue;
                }
                Effect::Resolve(hosts) => {
                    self.resolving.extend(hosts);
                    continue;
                }
                Effect::ReadConsent(run, _) => {
                    let answer = self.unreadable.clone().map_or(Ok(self.stored), Err);
                    Message::ConsentRead(run, answer)
                }
                Effect::SaveConsent(_, level) => {
                    self.stored = Some(level);
                    Message::ConsentSaved(Ok(()))
                }
                Effect::Check(run, _, requested) => {
                    match (self.checked(run, requested), &mut self.late_checks) {
                        (checked, Some(late)) => {
                            late.push(checked);
                            continue;
                        }
                        (checked, None) => checked,
                    }
                }
                Effect::Write(changes) => {
                    let files = changes.files.iter();
                    self.written.extend(files.clone().map(|file| (file.path.clone(), file.after.clone())));
                    Message::Written(Ok(Receipt {
                        files: files.map(|file| file.path.clone()).collect(),
                        backup: PathBuf::from("/state/writes/1"),
                    }))
                }
                Effect::Change(run, case, proposal) => {
                    Message::Changed(run, Ok(Arc::new(case.changed(&proposal))))
                }
                _ => continue,
            };
            self.send(answer);
        }
    }

    /// The results of the checks.
    fn checked(&mut self, run: RunId, requested: RequestedChecks) -> Message {
        let reads_state = Outcome::NotRun("it reads your state".to_owned());
        let checks = [
            ("fmt", CheckLevel::Fmt, Outcome::Passed),
            ("validate", CheckLevel::Validate, Outcome::Passed),
            ("plan", CheckLevel::Plan, reads_state),
        ];
        let checks = checks.map(|(name, level, outcome)| {
            let skipped = Outcome::NotRun(requested.skipped.clone());
            let outcome = if level <= requested.highest { outcome } else { skipped };
            Check { name, outcome, notes: Vec::new() }
        });
        self.requested.push(requested);
        Message::Checked(run, Verification { checks: checks.to_vec(), warnings: Vec::new() })
    }

    /// Types text into the dialog, without a key that ends it.
    pub fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.send(Message::Key(Key::from(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))));
        }
        self
    }

    pub fn send(&mut self, message: Message) {
        let effects = self.app.update(message, self.now);
        self.carry_out(effects);
    }

    pub fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.send(Message::Key(key.parse().unwrap()));
        }
        self
    }

    pub fn screen(&self, width: u16, height: u16, theme: &Theme) -> String {
        self.terminal(width, height, theme).backend().to_string()
    }

    /// The cells of the screen with their styles.
    pub fn cells(&self, width: u16, height: u16, theme: &Theme) -> Buffer {
        self.terminal(width, height, theme).backend().buffer().clone()
    }

    fn terminal(&self, width: u16, height: u16, theme: &Theme) -> Terminal<TestBackend> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(&self.app, theme, self.now, frame)).unwrap();
        terminal
    }
}

/// The five steps, and the keys from the previous step.
pub(super) const STEPS: [(&str, &str); 5] =
    [("pick", ""), ("trace", "enter"), ("choose", "enter"), ("preview", "enter"), ("done", "w y r")];

#[test]
fn marked_fixes_are_simulated_together() {
    let mut player = Player::demo();
    player.press("enter enter space down down down space");
    insta::assert_snapshot!("combined", player.screen(100, 30, &Theme::mono().in_ascii()));
}

#[test]
fn the_tour_ends_with_the_simulated_result() {
    let tour = || {
        let opening = Opening { plays_tour: true, ..Opening::default() };
        Player::start(Start { opening, ..isolated() })
    };
    let mut player = tour();
    let mut dialogs = Vec::new();
    let steps = player.app.tour().unwrap().steps();
    for step in 1..=steps {
        assert!(player.app.tour_pause().is_some());
        let screen = player.screen(80, 24, &Theme::mono());
        let is_whole_screen = matches!(player.app.dialog, Some(egress_doctor::app::Dialog::Map { .. }));
        assert!(
            is_whole_screen
                || screen.contains(&format!("Tour, {step} of {steps}: space pauses, any other key ends it.")),
            "{screen}"
        );
        let before = player.screen(120, 36, &Theme::ansi());
        player.send(Message::TourIsDue);
        assert_ne!(before, player.screen(120, 36, &Theme::ansi()), "step {step} changes the screen");
        dialogs.extend(
            player
                .app
                .dialog
                .as_ref()
                .map(|dialog| format!("{dialog:?}").split([' ', '(']).next().unwrap().to_owned()),
        );
    }
    assert_eq!(dialogs, ["Explain", "Map", "Input", "Confirm", "Confirm"]);
    assert_eq!((player.app.step(), player.app.tour()), (Step::Done, None));
    let done = player.app.done.as_ref().unwrap();
    assert!(
        matches!(done.after, Some(After::Simulated(_))) && done.not_fixed().is_empty(),
        "all destinations are reachable"
    );
    assert!(player.screen(80, 24, &Theme::mono()).contains("Now your keys work"));

    // Space pauses and continues; another key only ends it, and the key that quits quits.
    let mut player = tour();
    player.press("space");
    assert_eq!(player.app.tour_pause(), None);
    assert!(player.screen(80, 24, &Theme::mono()).contains("Tour, 1 of"));
    player.press("space");
    assert!(player.app.tour_pause().is_some());
    player.press("enter");
    assert_eq!((player.app.step(), player.app.tour()), (Step::Pick, None));
    assert!(player.screen(80, 24, &Theme::mono()).contains("The tour ended after 0 of"));
    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    let effects = tour().app.update(Message::Key("q".parse().unwrap()), player.now);
    assert!(matches!(effects.as_slice(), [Effect::Quit]), "{effects:?}");
}

#[test]
fn checks_that_end_after_the_write_leave_nothing_running() {
    let mut player = Player::demo();
    player.press("enter enter enter w y r");
    assert!(!player.app.is_busy());
}

#[test]
fn an_interrupted_write_is_reported_first_and_finished_or_undone() {
    let begin = || {
        let start = Start {
            query: Query::default(),
            interrupted: vec![PathBuf::from("vpc-endpoints.tf")],
            ..isolated()
        };
        App::start(start, Instant::now()).0
    };
    let key = |code| Key { code, ctrl: false };
    let mut app = begin();
    let start =
        Start { query: Query::default(), interrupted: vec![PathBuf::from("vpc-endpoints.tf")], ..isolated() };
    let shown = Player::held(start).screen(80, 24, &Theme::ansi());
    assert!(
        shown.contains("An earlier write in /infra was interrupted:") && shown.contains("vpc-endpoints.tf"),
        "{shown}"
    );
    app.update(Message::Key(key(KeyCode::Tab)), Instant::now());
    let effects = app.update(Message::Key(key(KeyCode::Enter)), Instant::now());
    assert!(
        matches!(effects.as_slice(), [Effect::FinishInterrupted(root)] if root == Path::new("/infra")),
        "{effects:?}"
    );
    let effects = begin().update(Message::Key(key(KeyCode::Enter)), Instant::now());
    assert!(matches!(effects.as_slice(), [Effect::UndoInterrupted(_)]), "{effects:?}");
    let effects = begin().update(Message::Key(key(KeyCode::Esc)), Instant::now());
    assert!(effects.is_empty(), "{effects:?}");
}

#[test]
fn an_ambiguous_resource_opens_a_question_and_the_answer_is_used() {
    let mut player = Player::demo();
    let twin = "variable \"twin\" {}\n\nresource \"aws_apprunner_service\" \"twin\" {\n  service_name = \"${var.project_name}-${var.environment}-backend\"\n}\n\nresource \"aws_apprunner_service\" \"other\" {\n  service_name = var.twin\n}\n";
    player.extra_file = Some(("twins.tf", twin));
    player.press("enter enter enter");
    insta::assert_snapshot!("asked", player.screen(80, 24, &Theme::ansi()));
    insta::assert_snapshot!(
        "asked-small",
        player.press("down down down").screen(60, 20, &Theme::mono().in_ascii())
    );
    // Without an answer, the reason why no edit is planned stays on the screen.
    player.press("esc");
    assert!(player.app.dialog.is_none() && player.app.planned_edit().is_none());
    assert!(player.screen(80, 24, &Theme::ansi()).contains("may be managed by"));
    player.press("esc enter enter");
    assert!(player.app.planned_edit().is_some(), "the first answer is used");
    assert!(
        player
            .app
            .planned_edit()
            .unwrap()
            .changes
            .files
            .iter()
            .any(|file| file.path == Path::new("vpc-endpoints.tf"))
    );
}

#[test]
fn the_help_starts_with_the_keys_of_the_step() {
    let mut player = Player::demo();
    for (keys, title, key) in [
        ("", "Pick", "open the selected"),
        ("enter", "Trace", "show the fixes"),
        ("enter", "Choose", "show the Terraform diff"),
    ] {
        let screen = player.press(keys).press("?").screen(80, 24, &Theme::mono().in_ascii());
        let lines: Vec<&str> =
            screen.lines().skip_while(|line| !line.contains("+ Keys")).skip(1).take(2).collect();
        assert!(lines[0].contains(title) && lines[1].contains(key), "{screen}");
        player.press("esc");
    }
}

#[test]
fn the_help_lists_the_keymap() {
    let mut player = Player::demo();
    insta::assert_snapshot!("help", player.press("?").screen(80, 44, &Theme::ansi()));
}

#[test]
fn discovery_shows_progress_and_the_denied_call() {
    let mut player = Player::start(live_account());
    let run = RunId(1);
    let started = |call| Progress::Started { call, scope: String::new() };
    player.send(Message::Progress(run, started(Call::ListServices)));
    player.send(Message::Progress(run, started(Call::DescribeRouteTables)));
    let failure = CallFailure { kind: GapKind::Denied, message: "not authorised".to_owned() };
    let denied = CallRecord {
        call: Call::DescribeRouteTables,
        scope: String::new(),
        sent_at: jiff::Timestamp::UNIX_EPOCH,
        milliseconds: 80,
        items: 0,
        pages: 0,
        failure: Some(failure),
    };
    player.send(Message::Progress(run, Progress::Ended(denied)));
    player.now += Duration::from_secs(3);
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(
        screen.contains("0 of 2 calls done, 1 failed (press L), 3 s, waiting for ListServices"),
        "{screen}"
    );
    let calls = player.press("L").screen(80, 24, &Theme::ansi());
    assert!(
        calls.contains("x DescribeRouteTables  ec2:DescribeRouteTables denied: not authorised"),
        "{calls}"
    );

    // A stale reply is dropped.
    player.send(Message::Discovered(RunId(0), Err("too late".to_owned())));
    assert!(player.app.discovery.is_running());
}

/// `L` shows how a saved snapshot was read, and that another one does not say it.
#[test]
fn a_loaded_snapshot_shows_the_calls_that_read_it() {
    let mut start = isolated();
    let snapshot = start.snapshot.as_mut().unwrap();
    let record = |call, scope: &str, items, pages, failure| CallRecord {
        call,
        scope: scope.to_owned(),
        sent_at: snapshot.taken_at,
        milliseconds: 312,
        items,
        pages,
        failure,
    };
    let failure = |kind, message: &str| Some(CallFailure { kind, message: message.to_owned() });
    snapshot.calls = vec![
        record(Call::ListServices, "", 25, 2, None),
        record(Call::DescribeVpcs, "vpc-1", 0, 0, failure(GapKind::Denied, "not authorised")),
        record(Call::DescribeSubnets, "vpc-1", 1000, 1, failure(GapKind::Partial, "no answer")),
    ];
    let saved = snapshot.to_json().unwrap();
    assert_eq!(&Snapshot::from_json(&saved).unwrap(), snapshot);
    let calls = Player::start(start).press("L").screen(80, 24, &Theme::ansi());
    for line in [
        "+ ListServices  25 items in 2 pages, 312 ms",
        "x DescribeVpcs vpc-1  ec2:DescribeVpcs denied: not authorised, 312 ms",
        "x DescribeSubnets vpc-1  ec2:DescribeSubnets incomplete: no answer, after",
    ] {
        assert!(calls.contains(line), "{line} in {calls}");
    }
    let demo = Player::start(isolated()).press("L").screen(80, 24, &Theme::ansi());
    assert!(demo.contains("+ DescribeRouteTables vpc-0b5d2c1e7f9a83640  3 items, 147 ms"), "{demo}");
    let mut start = isolated();
    start.snapshot.as_mut().unwrap().calls.clear();
    let none = Player::start(start).press("L").screen(80, 24, &Theme::ansi());
    assert!(none.contains("This snapshot has no record of its AWS calls"), "{none}");
}

#[test]
fn going_back_keeps_the_selection() {
    let mut player = Player::demo();
    player.press("enter down right enter down enter esc esc");
    assert_eq!(player.app.step(), Step::Trace);
    let view = player.app.trace.as_ref().unwrap();
    assert_eq!((view.row, view.column), (1, 1));
    assert_eq!(player.app.choose.as_ref().unwrap().selected, 1);
}

#[test]
fn an_invalid_destination_is_rejected_with_a_reason_and_stays_editable() {
    let mut player = Player::demo();
    player.press("enter a 1 : x enter");
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("is not a TCP port"), "{screen}");
    assert!(player.app.dialog.is_some(), "the typed text is still there");
}

#[test]
fn control_characters_of_names_do_not_reach_the_terminal() {
    let snapshot = Scenario::named("isolated").unwrap().snapshot;
    let hostile = snapshot.replace("bond-ai-dev-backend", "evil\\u001b[2Jname\\u202e");
    let start = Start {
        snapshot: Some(Snapshot::from_json(&hostile).unwrap()),
        query: Query::default(),
        terraform: None,
        ..isolated()
    };
    let mut player = Player::start(start);
    for (_, keys) in STEPS {
        let screen = player.press(keys).screen(120, 36, &Theme::ansi());
        assert!(!screen.contains(['\u{1b}', '\u{202e}']), "{screen}");
    }
}

#[test]
fn every_screen_is_drawn_at_every_size() {
    let mut player = Player::demo();
    let sizes = |player: &Player| {
        for width in (1..140).step_by(6) {
            for height in (1..50).step_by(3) {
                player.screen(width, height, &Theme::ansi());
            }
        }
        player.screen(500, 200, &Theme::ansi());
    };
    for (_, keys) in STEPS {
        sizes(player.press(keys));
        for dialog in ["?", "a"] {
            sizes(player.press(dialog));
            player.press("esc");
        }
    }
}

/// The scenario `isolated` with several services that differ only in name and id.
pub(super) fn several_services() -> Start {
    let mut start = isolated();
    let snapshot = start.snapshot.as_mut().unwrap();
    let first = snapshot.workloads.iter().next().unwrap().clone();
    for name in ["orders", "payments"] {
        let id = WorkloadId::from(format!("{}-{name}", first.id));
        snapshot.workloads.insert(Workload { id, name: name.to_owned(), ..first.clone() });
    }
    start
}

#[test]
fn the_list_is_shown_at_once_and_badges_fill_it() {
    let mut player = Player::held(several_services());
    player.now += Duration::from_millis(300);
    insta::assert_snapshot!("badges-pending", player.screen(80, 24, &Theme::ansi()));
    let mut replies = player.take_held().into_iter().flat_map(diagnose).collect::<Vec<_>>().into_iter();
    player.send(replies.next().unwrap());
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("Diagnosing the services: 1 of 3 done"), "{screen}");
    assert!(screen.matches("x 4 of 4 destinations blocked").count() == 1, "{screen}");
    replies.for_each(|reply| player.send(reply));
    assert!(!player.app.is_busy());
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.matches("x 4 of 4 destinations blocked").count() == 3, "{screen}");
}

#[test]
fn a_diagnosis_shows_a_spinner_and_keys_work_meanwhile() {
    let mut player = Player::held(several_services());
    player.release();
    player.press("enter");
    assert_eq!(player.app.step(), Step::Pick);
    player.now += Duration::from_millis(150);
    insta::assert_snapshot!("diagnosing", player.screen(80, 24, &Theme::ansi()));
    let before = player.screen(80, 24, &Theme::ansi());
    player.now += Duration::from_millis(150);
    assert_ne!(before, player.screen(80, 24, &Theme::ansi()), "the spinner moves");

    player.press("down ?");
    assert_eq!(player.app.pick.selected, 1);
    assert!(player.screen(80, 24, &Theme::ansi()).contains("Keys"));
    player.press("esc");
    player.release();
    assert_eq!(player.app.step(), Step::Trace);
    assert_eq!(player.app.case().unwrap().workload.name, "bond-ai-dev-backend");
    assert!(!player.app.is_busy());
}

/// The first frame does not wait for the log of the scenario; a service that is opened before is diagnosed again with it.
#[test]
fn the_log_of_a_scenario_is_read_after_the_first_frame() {
    let log = Scenario::named("isolated").unwrap().log;
    let start = Start { log: Some(StartLog::Scenario(log)), query: Query::default(), ..isolated() };
    let (mut app, effects) = App::start(start, Instant::now());
    let [Effect::ReadStartLog(run, read)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(*read, StartLog::Scenario(log));
    let mut player = Player::held(isolated());
    std::mem::swap(&mut player.app, &mut app);
    player.take_held();
    assert!(player.screen(80, 24, &Theme::ansi()).contains("bond-ai-dev-backend"));
    player.press("enter");
    assert_eq!(player.take_held().len(), 1, "without the log");
    player.send(Message::StartLogRead(*run, Ok(read_log(log.as_bytes()).unwrap())));
    player.release();
    assert_eq!(player.app.step(), Step::Trace);
    let trace = player.screen(80, 24, &Theme::ansi());
    assert!(trace.contains("connect timeout"), "{trace}");
    // Nothing that the user would lose.
    let effects = player.app.update(Message::Key("q".parse().unwrap()), player.now);
    assert!(matches!(effects.as_slice(), [Effect::Quit]), "{effects:?}");
}

/// A log file that has a request to be read.
fn with_log_file(start: Start) -> (Player, RunId) {
    let path = PathBuf::from("many.log");
    let start = Start { log: Some(StartLog::File(path.clone())), query: Query::default(), ..start };
    let (app, effects) = App::start(start, Instant::now());
    let [Effect::ReadStartLog(run, log)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(*log, StartLog::File(path));
    let mut player = Player::held(isolated());
    player.take_held();
    player.app = app;
    (player, *run)
}

/// The services are shown before a log file is read, with the progress. What the reading did not use is said.
#[test]
fn a_log_file_is_read_after_the_first_frame() {
    const READING: &str = "Reading the log many.log (press esc to stop)";
    let file = || Start { origin: Origin::File(PathBuf::from("many.json")), ..several_services() };
    let (mut player, run) = with_log_file(file());
    let before = player.screen(80, 24, &Theme::ansi());
    assert!(before.contains("bond-ai-dev-backend") && before.contains(READING), "{before}");
    assert!(player.app.is_busy());
    player.now += Duration::from_millis(150);
    assert_ne!(before, player.screen(80, 24, &Theme::ansi()), "the spinner moves");
    let mut reading = read_log(Scenario::named("isolated").unwrap().log.as_bytes()).unwrap();
    reading.truncated_lines = 2;
    let findings = reading.findings.clone();
    player.send(Message::StartLogRead(run, Ok(reading)));
    player.release();
    assert!(!player.app.is_busy());
    assert_eq!(player.app.findings_in_log().cloned().collect::<Vec<_>>(), findings);
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("2 lines of many.log longer than 64 KiB"), "{screen}");
    assert!(!screen.contains(READING) && screen.contains("x 4 of 4 destinations blocked"), "{screen}");
    // The log is not work of the user that quitting loses.
    let effects = player.app.update(Message::Key("q".parse().unwrap()), player.now);
    assert!(matches!(effects.as_slice(), [Effect::Quit]), "{effects:?}");

    // A log that cannot be read is an error, and the services are diagnosed without it.
    let (mut player, run) = with_log_file(file());
    player.send(Message::StartLogRead(run, Err("Permission denied (os error 13)".to_owned())));
    player.release();
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("x cannot read the log many.log: Permission denied (os error 13)"), "{screen}");
    assert!(!player.app.is_busy());
    assert!(screen.contains("destinations blocked"), "{screen}");
}

#[test]
fn esc_stops_the_reading_of_a_log_and_its_stale_reply_is_dropped() {
    let (mut player, run) = with_log_file(isolated());
    player.press("esc");
    player.release();
    assert!(!player.app.is_busy());
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("Stopped reading the log many.log"), "{screen}");
    let reading = read_log(Scenario::named("isolated").unwrap().log.as_bytes()).unwrap();
    player.send(Message::StartLogRead(run, Ok(reading)));
    assert_eq!(player.app.findings_in_log().count(), 0);
}

/// Fixes need the destinations of the log, so they wait for it.
#[test]
fn the_fixes_open_when_a_late_log_is_diagnosed() {
    let (mut player, run) = with_log_file(isolated());
    player.press("enter");
    player.release();
    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    let trace = player.screen(80, 24, &Theme::ansi());
    assert!(trace.contains("The log is still being read"), "{trace}");
    let reading = read_log(Scenario::named("isolated").unwrap().log.as_bytes()).unwrap();
    player.send(Message::StartLogRead(run, Ok(reading)));
    player.release();
    assert_eq!(player.app.step(), Step::Choose);
    assert!(!player.app.is_busy());
    let fixes = player.screen(80, 24, &Theme::ansi());
    assert!(fixes.contains("* S3 gateway endpoint"), "{fixes}");
}

/// The discovery reads facts about the hosts of the log too, so it begins after the log.
#[test]
fn live_aws_is_read_with_the_hosts_of_the_log() {
    let (mut player, run) = with_log_file(live_account());
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("Reading the log many.log"), "{screen}");
    assert!(screen.contains("Reading the App Runner services of the region."), "{screen}");
    let reading = read_log(Scenario::named("isolated").unwrap().log.as_bytes()).unwrap();
    let hosts: Vec<String> = reading
        .findings
        .iter()
        .filter_map(|finding| Some(finding.destination.as_ref()?.host.clone()))
        .collect();
    assert!(!hosts.is_empty());
    let effects = player.app.update(Message::StartLogRead(run, Ok(reading)), player.now);
    let [Effect::Discover(_, request)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(request.hosts, hosts);

    let (mut player, _) = with_log_file(live_account());
    let effects = player.app.update(Message::Key("esc".parse().unwrap()), player.now);
    let [Effect::Discover(_, request)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(request.hosts, Vec::<String>::new());
}

#[test]
fn esc_stops_a_diagnosis_and_its_stale_reply_is_dropped() {
    let mut player = Player::held(several_services());
    player.release();
    player.press("enter esc");
    assert!(!player.app.is_busy());
    player.release();
    assert_eq!(player.app.step(), Step::Pick);
    assert!(player.app.trace.is_none());
}

#[test]
fn the_reply_for_another_service_is_stale() {
    let mut player = Player::held(several_services());
    player.release();
    player.press("enter");
    let stale = player.take_held();
    player.press("down enter");
    stale.into_iter().flat_map(diagnose).for_each(|reply| player.send(reply));
    assert_eq!(player.app.step(), Step::Pick);
    player.release();
    assert_eq!(player.app.case().unwrap().workload.name, player.app.pick.current().unwrap().name);
}

#[test]
fn a_failed_diagnosis_is_an_error_on_the_screen() {
    let mut player = Player::held(isolated());
    for effect in player.take_held() {
        let Effect::DiagnoseAll(run, ..) = effect else { panic!("{effect:?}") };
        player.send(Message::BadgesDone(run, Err("out of memory".to_owned())));
    }
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("x The services could not be diagnosed: out of memory"), "{screen}");
    assert!(screen.contains("not diagnosed"), "{screen}");
    player.press("esc enter");
    for effect in player.take_held() {
        let Effect::Diagnose(run, ..) = effect else { panic!("{effect:?}") };
        player.send(Message::Diagnosed(run, Err("out of memory".to_owned())));
    }
    let screen = player.screen(80, 24, &Theme::ansi());
    assert!(screen.contains("x bond-ai-dev-backend could not be diagnosed: out of memory"), "{screen}");
    assert!(!player.app.is_busy());
}

#[test]
fn the_notice_about_a_running_diagnosis_is_removed_when_the_diagnosis_ends() {
    let mut player = Player::held(isolated());
    player.release();
    player.press("enter enter");
    assert!(
        player
            .screen(80, 24, &Theme::ansi())
            .contains("The diagnosis is still running; press esc to stop it")
    );
    player.release();
    assert_eq!(player.app.step(), Step::Trace);
    assert_eq!(player.app.notice, None);
}

#[test]
fn hiding_adding_and_pasting_diagnose_in_the_background_and_keep_the_old_result_meanwhile() {
    let mut player = Player::held(isolated());
    player.release();
    player.press("enter");
    player.release();
    let hosts = |player: &Player| {
        let findings = &player.app.case().unwrap().diagnosis.findings;
        findings.iter().map(|finding| finding.need.destination.host.clone()).collect::<Vec<_>>()
    };
    let all = hosts(&player);
    player.press("down d");
    insta::assert_snapshot!("refreshing", player.screen(80, 24, &Theme::ansi()));
    assert_eq!(hosts(&player), all, "the old result is shown while the new one is computed");
    // Enter does not show the fixes of the old result. Another key withdraws the request.
    player.press("enter");
    assert_eq!(player.app.step(), Step::Trace);
    assert!(
        player
            .screen(80, 24, &Theme::ansi())
            .contains("The diagnosis is still running; the fixes open when it ends")
    );
    player.press("tab tab tab");
    player.release();
    assert_eq!(player.app.step(), Step::Trace);
    assert_eq!(hosts(&player).len(), all.len() - 1);
    assert_eq!(player.app.trace.as_ref().unwrap().row, 1);

    player.press("a d b . e x a m p l e . c o m enter");
    player.release();
    assert_eq!(player.app.trace.as_ref().unwrap().finding().unwrap().need.destination.host, "db.example.com");

    player.send(Message::Paste(
        "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \"https://sqs.us-west-2.amazonaws.com/\""
            .to_owned(),
    ));
    assert!(!hosts(&player).contains(&"sqs.us-west-2.amazonaws.com".to_owned()));
    player.release();
    assert!(hosts(&player).contains(&"sqs.us-west-2.amazonaws.com".to_owned()));
    assert!(!player.app.is_busy());

    // The fixes of the new result open when it is there.
    player.press("a s l o w . e x a m p l e . c o m enter enter");
    assert_eq!(player.app.step(), Step::Trace);
    player.release();
    assert_eq!(player.app.step(), Step::Choose);
    let hosts_of = |case: &egress_doctor::case::Case| {
        case.diagnosis
            .findings
            .iter()
            .map(|finding| finding.need.destination.host.clone())
            .collect::<Vec<_>>()
    };
    assert!(hosts_of(&player.app.choose.as_ref().unwrap().case).contains(&"slow.example.com".to_owned()));
}

#[test]
fn a_log_pasted_while_a_service_is_opened_belongs_to_its_diagnosis() {
    let mut player = Player::held(isolated());
    player.release();
    player.press("enter");
    let stale = player.take_held();
    player.send(Message::Paste(
        "botocore.exceptions.ConnectTimeoutError: Connect timeout on endpoint URL: \"https://sqs.us-west-2.amazonaws.com/\""
            .to_owned(),
    ));
    stale.into_iter().flat_map(diagnose).for_each(|reply| player.send(reply));
    assert_eq!(player.app.step(), Step::Pick);
    player.release();
    assert_eq!(player.app.step(), Step::Trace);
    let findings = &player.app.case().unwrap().diagnosis.findings;
    assert!(findings.iter().any(|one| one.need.destination.host == "sqs.us-west-2.amazonaws.com"));
}

/// The scenario `isolated` as the result of a live discovery.
fn live(hold: bool) -> Player {
    let Start { snapshot, query, terraform, .. } = isolated();
    let origin = Origin::Live(Box::default());
    let start = Start {
        origin,
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
    let mut player = Player::begin(start, hold.then(Vec::new));
    player.send(Message::Discovered(RunId(1), Ok(Box::new(snapshot.unwrap()))));
    player
}

#[test]
fn discovery_diagnoses_in_the_background() {
    let mut player = live(true);
    assert_eq!(player.app.pick.rows.len(), 1);
    assert!(player.app.pick.rows[0].badge.is_none() && player.app.is_busy());
    player.release();
    assert_eq!(player.app.pick.rows[0].badge.unwrap().blocked, 4);
    assert!(!player.app.is_busy());
}

#[test]
fn the_log_of_a_service_is_diagnosed_in_the_background() {
    let mut player =
        Player::held(Start { origin: Origin::Live(Box::default()), query: Query::default(), ..isolated() });
    player.release();
    player.press("enter");
    player.release();
    let before = player.app.case().unwrap().diagnosis.findings.len();
    let id = player.app.case().unwrap().workload.id.clone();
    let findings = read_log(Scenario::named("isolated").unwrap().log.as_bytes()).unwrap().findings;
    let log = ServiceLog { findings, ..ServiceLog::default() };
    // Without a discovery the run ids are: 1 all services, 2 one service, 3 its log.
    player.send(Message::LogRead(RunId(3), id, Ok(log)));
    assert_eq!(player.app.case().unwrap().diagnosis.findings.len(), before);
    assert!(player.app.diagnosing().is_some());
    player.release();
    assert!(player.app.case().unwrap().diagnosis.findings.len() > before);
}

#[test]
fn the_comparison_on_done_is_diagnosed_in_the_background() {
    let mut player = live(false);
    player.press("enter enter enter esc w y");
    assert_eq!(player.app.step(), Step::Done);
    player.held = Some(Vec::new());
    player.press("r");
    let run = (1..100).map(RunId);
    for run in run {
        let snapshot = isolated().snapshot.unwrap();
        player.send(Message::Discovered(run, Ok(Box::new(snapshot))));
    }
    let after = |player: &Player| matches!(player.app.done.as_ref().unwrap().after, Some(After::Read(_)));
    assert!(!after(&player) && player.app.is_busy());
    player.release();
    assert!(after(&player) && !player.app.is_busy());
}
