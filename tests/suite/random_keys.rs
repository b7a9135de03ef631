//! Random keys, pastes, sizes and replies: no panic, Esc leads back to the list, and nothing is lost without a question. Each state is drawn
//! at a random size from 1x1 to 250x80, in each theme with and without ASCII.
//!
//! After the replies to all requests, nothing waits. A long run reaches every step and dialog of `every_key.rs`.
//!
//! `EGRESS_DOCTOR_RANDOM_KEYS=100000` sets the number of events, `EGRESS_DOCTOR_RANDOM_SEED` the seed. A failure prints the seed and the last events.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egress_doctor::app::{
    Action, App, Confirmation, Dialog, Editable, Effect, KEYMAP, Key, Message, OpenedScenario, Opening,
    PlanFailure, Start, StartLog, Step, WATCH,
};
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::remedy::Proposal;
use egress_doctor::scenario::{SCENARIOS, Scenario};
use egress_doctor::terraform::write::{Receipt, Undone};
use egress_doctor::terraform::{
    Candidate, ChangeSet, Config, Environment, OwnerQuestion, PlannedFix, ResourceAddress, Verification,
    plan_in_parts,
};
use egress_doctor::ui::{Theme, draw, hit, page};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::{Position, Rect};

use strum::VariantArray as _;

use crate::every_key::{Place, place};
use crate::screens::{diagnose, live_account, scenario, several_services};
use crate::support::say;

/// The events of a run without the environment variable.
const EVENTS: usize = 2000;
/// The events after which the application starts again, with the next start.
const SESSION: usize = 400;
/// The presses of Esc that lead from every state to the list of services.
const BACK: usize = 12;
/// The largest screen.
const LARGEST: (u16, u16) = (250, 80);
/// The events of a run that reaches every step and dialog.
const LONG: usize = 50_000;

/// The xorshift generator: the same seed gives the same events.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % end
    }

    fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }
}

/// All themes, each with and without ASCII.
fn themes() -> Vec<Theme> {
    let all = || [Theme::ansi(), Theme::high_contrast(), Theme::colour_blind(), Theme::mono()];
    all().into_iter().chain(all().map(Theme::in_ascii)).collect()
}

/// The user and the rest of the world.
struct World {
    random: Random,
    app: App,
    now: Instant,
    /// The requests without a reply.
    pending: Vec<Effect>,
    themes: Vec<Theme>,
    keys: Vec<Key>,
    edits: BTreeMap<String, Result<PlannedFix, String>>,
    folder: tempfile::TempDir,
    events: VecDeque<String>,
    starts: usize,
    /// The steps and dialogs that were drawn.
    places: BTreeSet<Place>,
    /// The themes and the sizes in which a state was drawn.
    drawn: (BTreeSet<usize>, BTreeSet<(u16, u16)>),
}

fn start(number: usize) -> Start {
    match number % (8 + SCENARIOS.len()) {
        0 => scenario("isolated"),
        1 => {
            let log = Some(StartLog::Scenario(Scenario::named("mixed-subnets").unwrap().log));
            Start { log, query: Query::default(), ..scenario("mixed-subnets") }
        }
        2 => live_account(),
        3 => scenario("private-database"),
        // A folder of the user: its checks need an answer.
        4 => Start { own_copy: false, ..several_services() },
        5 => Start { interrupted: vec![PathBuf::from("vpc-endpoints.tf")], ..scenario("isolated") },
        6 => {
            let snapshot = scenario("isolated").snapshot;
            Start { snapshot, terraform: Some(PathBuf::from("/infra")), ..live_account() }
        }
        7 => {
            let opening = Opening { plays_tour: true, ..Opening::default() };
            Start { opening, ..scenario("isolated") }
        }
        other => scenario(SCENARIOS[other - 8].name),
    }
}

impl World {
    fn new(seed: u64) -> Self {
        let now = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        Scenario::named("isolated").unwrap().copy_terraform(folder.path()).unwrap();
        let (app, pending) = App::start(start(0), now);
        let mut keys: Vec<Key> = KEYMAP.iter().flat_map(|binding| binding.keys.to_vec()).collect();
        // Keys without an action, and editing of text.
        keys.extend(
            ["x", "Z", ".", "F1", "backspace", "Ctrl-x", "insert"].map(|name| name.parse::<Key>().unwrap()),
        );
        // Keys that lead onward are pressed more often.
        keys.extend(["enter"; 25].map(|name| name.parse::<Key>().unwrap()));
        keys.retain(|key| key.name() != "Ctrl-Z");
        Self {
            random: Random(seed),
            app,
            now,
            pending,
            themes: themes(),
            keys,
            edits: BTreeMap::new(),
            folder,
            events: VecDeque::new(),
            starts: 0,
            places: BTreeSet::new(),
            drawn: (BTreeSet::new(), BTreeSet::new()),
        }
    }

    /// Starts the application again.
    fn restart(&mut self) {
        self.starts += 1;
        (self.app, self.pending) = App::start(start(self.starts), self.now);
        self.events.clear();
    }

    fn event(&mut self) {
        self.now += Duration::from_millis(40);
        match self.random.below(100) {
            0..70 => {
                let key = *self.random.pick(&self.keys);
                self.press(key);
            }
            70 => {
                self.now += WATCH;
                self.send(Message::WatchIsDue, "a reading is due");
            }
            71 => {
                self.send(Message::TourIsDue, "the tour is due");
            }
            72..74 => {
                let text = *self.random.pick(&[
                    "Connect timeout on endpoint URL: \"https://sts.us-west-2.amazonaws.com/\"\rall is well\r",
                    "\u{1b}[31mhost.example.com:99999\u{7}\0",
                    "db.example.com, 10.40.1.5:5432",
                    "",
                    "５０\u{202e}gb\u{300}\u{300}",
                ]);
                self.send(Message::Paste(text.to_owned()), &format!("paste {text:?}"));
            }
            74..78 => {
                let (columns, rows) = self.size();
                // Most of the time the screen is large enough for the keys.
                let size =
                    if self.random.below(4) == 0 { (columns, rows) } else { (columns.max(60), rows.max(20)) };
                self.send(Message::Resized(size.0, size.1), &format!("resize {size:?}"));
            }
            _ => self.reply(),
        }
        if self.pending.len() > 6 {
            self.reply();
        }
        self.draw();
    }

    /// A random size of the terminal.
    fn size(&mut self) -> (u16, u16) {
        let mut length = |longest: u16| u16::try_from(self.random.below(usize::from(longest)) + 1).unwrap();
        (length(LARGEST.0), length(LARGEST.1))
    }

    /// Draws the state at a random size, and at the two ends from time to time.
    fn draw(&mut self) {
        let (width, height) = match self.random.below(20) {
            0 => (1, 1),
            1 => LARGEST,
            _ => self.size(),
        };
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        let theme = self.random.below(self.themes.len());
        self.drawn.0.insert(theme);
        self.drawn.1.insert((width, height));
        self.places.insert(place(&self.app));
        let theme = &self.themes[theme];
        terminal.draw(|frame| draw(&self.app, theme, self.now, frame)).unwrap();
        // The text dialogue, and a click.
        let text = page(&self.app).text;
        assert!(!text.contains('\u{1b}'), "{text:?}");
        let x = u16::try_from(self.random.below(usize::from(width))).unwrap();
        let y = u16::try_from(self.random.below(usize::from(height))).unwrap();
        let area = Rect::new(0, 0, width, height);
        let hit = hit(&self.app, theme, self.now, area, Position::new(x, y));
        if x % 4 == 0 {
            self.send(Message::Click(hit), &format!("click {hit:?}"));
            self.send(Message::Wheel(hit.pane, Action::Down), "wheel");
        }
    }

    /// What a user would lose by quitting now, as far as the screen shows it.
    fn has_work(&self) -> bool {
        let is_planned = self.app.step() == Step::Preview && self.app.planned_edit().is_some();
        let is_unapplied = self.app.done.as_ref().is_some_and(|done| !done.undone && done.after.is_none());
        self.app.has_hidden() || is_unapplied || (is_planned && !self.app.is_written())
    }

    fn press(&mut self, key: Key) {
        let had_work = self.has_work();
        let asks = |app: &App| {
            matches!(&app.dialog, Some(Dialog::Confirm { confirmation: Confirmation::Quit { .. }, .. }))
        };
        let asked = asks(&self.app);
        let ended = self.send(Message::Key(key), &key.name());
        if ended {
            assert!(asked || !had_work, "quit without a question");
            self.restart();
        }
    }

    /// Sends a message; whether the application ends.
    fn send(&mut self, message: Message, name: &str) -> bool {
        self.events.push_back(name.to_owned());
        if self.events.len() > 40 {
            self.events.pop_front();
        }
        let effects = self.app.update(message, self.now);
        let ended = effects.iter().any(|effect| matches!(effect, Effect::Quit));
        self.pending.extend(effects);
        ended
    }

    /// Answers one of the pending requests, with an error from time to time.
    fn reply(&mut self) {
        if self.pending.is_empty() {
            return;
        }
        let at = self.random.below(self.pending.len());
        let effect = self.pending.remove(at);
        let fails = self.random.below(8) == 0;
        for message in self.messages(effect, fails) {
            self.send(message, if fails { "failure" } else { "reply" });
        }
    }

    fn messages(&mut self, effect: Effect, fails: bool) -> Vec<Message> {
        let error = || "it failed: \u{1b}[2J reason".to_owned();
        let one = |message| vec![message];
        match effect {
            Effect::Diagnose(run, ..) if fails => one(Message::Diagnosed(run, Err(error()))),
            Effect::DiagnoseAll(..) | Effect::Diagnose(..) => diagnose(effect),
            Effect::Discover(run, _) if fails => one(Message::Discovered(run, Err(error()))),
            Effect::Discover(run, _) => {
                let snapshot = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
                one(Message::Discovered(run, Ok(Box::new(snapshot))))
            }
            Effect::ReadStartLog(run, StartLog::Scenario(log)) if !fails => {
                one(Message::StartLogRead(run, Ok(read_log(log.as_bytes()).unwrap())))
            }
            Effect::ReadStartLog(run, _) => one(Message::StartLogRead(run, Err(error()))),
            Effect::ReadLog(run, _, id) => one(Message::LogRead(run, id, Err(error()))),
            Effect::ReadPrices(run, _) if fails => one(Message::PricesRead(run, Err(error()))),
            Effect::ReadPrices(run, _) => one(Message::PricesRead(run, Ok(None))),
            Effect::Change(run, ..) if fails => one(Message::Changed(run, Err(error()))),
            Effect::Change(run, case, proposal) => {
                one(Message::Changed(run, Ok(Arc::new(case.changed(&proposal)))))
            }
            Effect::Simulate(run, ..) if fails => one(Message::Simulated(run, Err(error()))),
            Effect::Simulate(run, case, remedies) => one(Message::Simulated(
                run,
                case.compose(&remedies).map(Box::new).map_err(|error| error.to_string()),
            )),
            Effect::TryPlans(run, _, case, _) => {
                let kinds = [
                    Editable::Files(2),
                    Editable::Part(1),
                    Editable::AfterQuestion,
                    Editable::ByHand(error()),
                ];
                let results = case.proposals.iter().map(Proposal::id);
                let results = results.enumerate().map(|(at, id)| (id, kinds[at % kinds.len()].clone()));
                one(Message::PlansTried(run, results.collect()))
            }
            Effect::ReadFolder(run, _) => {
                one(Message::FolderRead(run, if fails { Err(error()) } else { Ok(()) }))
            }
            Effect::Plan(run, root, case, proposal, answers) => {
                let config = || Config::read(self.folder.path(), &Environment::default()).unwrap();
                let edit = self.edits.entry(proposal.id()).or_insert_with(|| {
                    plan_in_parts(&config(), (&case.snapshot, &case.workload), &proposal, &answers)
                        .map_err(|error| error.to_string())
                });
                let edit = edit.clone().map(|edit| match edit {
                    PlannedFix::Files(edit) => PlannedFix::Files(Box::new(ChangeSet { root, ..*edit })),
                    by_hand @ PlannedFix::ByHand(_) => by_hand,
                });
                let question = answers.is_empty().then(question).filter(|_| fails);
                let edit = if fails { Err(error()) } else { edit };
                one(Message::Planned(run, edit.map_err(|reason| PlanFailure { reason, question })))
            }
            Effect::ReadConsent(run, _) => {
                one(Message::ConsentRead(run, if fails { Err(error()) } else { Ok(None) }))
            }
            Effect::SaveConsent(..) => one(Message::ConsentSaved(if fails { Err(error()) } else { Ok(()) })),
            Effect::Check(run, ..) => {
                one(Message::Checked(run, Verification { checks: Vec::new(), warnings: vec![error()] }))
            }
            Effect::Write(..) if fails => one(Message::Written(Err(error()))),
            Effect::Write(changes) => {
                let files = changes.files.iter().map(|file| file.path.clone()).collect();
                one(Message::Written(Ok(Receipt { files, backup: PathBuf::from("/state/1") })))
            }
            Effect::Undo(_) if fails => one(Message::Undone(Err(error()))),
            Effect::Undo(_) => one(Message::Undone(Ok(Undone::default()))),
            Effect::UndoInterrupted(_) | Effect::FinishInterrupted(_) => one(Message::Recovered(Ok(error()))),
            Effect::ReadProfiles(run) if fails => one(Message::ProfilesRead(run, Err(error()))),
            Effect::ReadProfiles(run) => {
                one(Message::ProfilesRead(run, Ok(vec!["default".to_owned(), error()])))
            }
            Effect::OpenScenario(run, _) if fails => one(Message::ScenarioOpened(run, Err(error()))),
            Effect::OpenScenario(run, name) => {
                let scenario = Scenario::named(name).unwrap();
                one(Message::ScenarioOpened(
                    run,
                    Ok(Box::new(OpenedScenario {
                        name: scenario.name,
                        snapshot: Snapshot::from_json(scenario.snapshot).unwrap(),
                        log: scenario.log,
                        terraform: PathBuf::from("/infra"),
                    })),
                ))
            }
            Effect::ReadHistory(run, ..) => one(Message::HistoryRead(run, Err(error()))),
            Effect::Resolve(_) => one(Message::Resolved(Vec::new())),
            Effect::Export(name, ..) => one(Message::Exported(Ok(PathBuf::from(name)))),
            Effect::Editor(..) => one(Message::Edited(if fails { Err(error()) } else { Ok(()) })),
            Effect::Copy(_) => one(Message::CopiedToTmux(!fails)),
            Effect::CancelDiscovery | Effect::CancelLog | Effect::Suspend | Effect::Quit => Vec::new(),
        }
    }

    /// After the reply to every request, nothing runs any more: no spinner moves.
    fn settle(&mut self) {
        for _ in 0..200 {
            if self.pending.is_empty() {
                break;
            }
            self.reply();
        }
        assert!(self.pending.is_empty(), "replies lead to requests without end");
        assert!(!self.app.is_busy(), "something waits although every request has its reply");
    }

    /// Esc leads to the list of services. It keeps the hidden destinations and the write, and it does not quit.
    fn go_back(&mut self) {
        // While the terminal is too small, keys that change something do nothing.
        self.send(Message::Resized(80, 24), "resize (80, 24)");
        let kept = |app: &App| (app.has_hidden(), app.done.as_ref().map(|done| done.undone));
        let before = kept(&self.app);
        let esc: Key = "esc".parse().unwrap();
        for _ in 0..BACK {
            if self.app.step() == Step::Pick && self.app.dialog.is_none() {
                break;
            }
            assert!(!self.send(Message::Key(esc), "esc"), "Esc quits");
        }
        assert!(self.app.step() == Step::Pick && self.app.dialog.is_none(), "Esc does not lead back");
        assert_eq!(kept(&self.app), before, "Esc loses work");
    }
}

/// Two blocks can manage the service.
fn question() -> OwnerQuestion {
    let candidate = |name| Candidate {
        address: ResourceAddress::new(None, "aws_apprunner_service", name),
        place: "backend.tf:1".to_owned(),
        score: 40,
        evidence: vec!["its name is not known".to_owned()],
    };
    let candidates = vec![candidate("this"), candidate("twin")];
    OwnerQuestion { id: "bond-ai-dev-backend".to_owned(), candidates, importable: true }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let events: Vec<&str> = self.events.iter().map(String::as_str).collect();
            say(&format!("start {}, the last events: {}", self.starts, events.join(", ")));
        }
    }
}

#[test]
fn no_order_of_keys_and_replies_panics_or_loses_work() {
    let events = std::env::var("EGRESS_DOCTOR_RANDOM_KEYS").ok().and_then(|count| count.parse().ok());
    let events = events.unwrap_or(EVENTS);
    let seed = std::env::var("EGRESS_DOCTOR_RANDOM_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut world = World::new(seed.unwrap_or(0x5eed_0018));
    let mut steps = [false; 5];
    for number in 1..=events {
        world.event();
        steps[world.app.step() as usize] = true;
        if number.is_multiple_of(60) {
            world.go_back();
        }
        if number.is_multiple_of(100) {
            world.settle();
        }
        if number.is_multiple_of(SESSION) {
            world.restart();
        }
    }
    assert_eq!(steps, [true; 5], "every step was reached");
    assert_eq!(world.drawn.0.len(), themes().len(), "every theme was drawn");
    assert!(world.drawn.1.contains(&(1, 1)) && world.drawn.1.contains(&LARGEST), "the ends were drawn");
    let places: Vec<Place> = world.places.iter().copied().collect();
    say(&format!("{events} events; drawn in {} sizes, at {places:?}", world.drawn.1.len()));
    assert!(events < LONG || places == Place::VARIANTS, "every dialog was reached");
}
