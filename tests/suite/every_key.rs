//! Every key in every step and dialog: the whole result of each one, compared with an expected text.
//!
//! Each scene is a state that real messages lead to. In each scene, every key is pressed on a copy of the state. A line of the expected
//! text has all keys with the same result: what changes, and the effects. A field of the application without a line of its own is
//! named after `also`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use egress_doctor::app::{
    After, App, Button, Choose, Confirmation, Context, Dialog, Done, Effect, Filter, Input, InputPurpose,
    InputState, KEYMAP, Key, MarkedSet, Message, Notice, Opening, Picker, PickerPurpose, Plan, Preview,
    RunId, Start, Step, TraceView,
};
use egress_doctor::model::Snapshot;
use egress_doctor::scenario::Scenario;
use strum::VariantArray as _;

use crate::screens::{Player, isolated, live_account, scenario, several_services};

/// Where a key is pressed. A new step or dialog needs a place here, and a scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::VariantArray)]
pub(super) enum Place {
    Pick,
    Trace,
    Choose,
    Preview,
    Done,
    Help,
    Calls,
    Map,
    Explain,
    ConfirmWrite,
    ConfirmInterrupted,
    ConfirmUndo,
    ConfirmScenario,
    ConfirmQuit,
    Owner,
    Checks,
    Palette,
    Profile,
    Region,
    Scenario,
    CopyList,
    Destination,
    Folder,
    Traffic,
}

/// Where the next key is pressed.
pub(super) fn place(app: &App) -> Place {
    let Some(dialog) = &app.dialog else {
        return match app.step() {
            Step::Pick => Place::Pick,
            Step::Trace => Place::Trace,
            Step::Choose => Place::Choose,
            Step::Preview => Place::Preview,
            Step::Done => Place::Done,
        };
    };
    match dialog {
        Dialog::Help { .. } => Place::Help,
        Dialog::Calls { .. } => Place::Calls,
        Dialog::Map { .. } => Place::Map,
        Dialog::Explain { .. } => Place::Explain,
        Dialog::Confirm { confirmation, .. } => match confirmation {
            Confirmation::Write { .. } => Place::ConfirmWrite,
            Confirmation::Interrupted { .. } => Place::ConfirmInterrupted,
            Confirmation::Undo { .. } => Place::ConfirmUndo,
            Confirmation::OtherScenario { .. } => Place::ConfirmScenario,
            Confirmation::Quit { .. } => Place::ConfirmQuit,
        },
        Dialog::Owner { .. } => Place::Owner,
        Dialog::Checks { .. } => Place::Checks,
        Dialog::Picker(picker) => match picker.purpose {
            PickerPurpose::Palette => Place::Palette,
            PickerPurpose::Profile => Place::Profile,
            PickerPurpose::Region => Place::Region,
            PickerPurpose::Scenario => Place::Scenario,
            PickerPurpose::Copy => Place::CopyList,
        },
        Dialog::Input { purpose, .. } => match purpose {
            InputPurpose::Destination => Place::Destination,
            InputPurpose::Folder => Place::Folder,
            InputPurpose::Traffic => Place::Traffic,
        },
    }
}

/// Every key of the table, every printable character of ASCII, a letter of another script, the keys that edit text, Ctrl with each
/// letter, and a function key.
fn keys() -> Vec<Key> {
    let words = "enter esc tab shift-tab up down left right home end PgUp PgDn backspace delete insert F1";
    let characters =
        (' '..='~').chain(['é']).map(|c| if c == ' ' { "space".to_owned() } else { c.to_string() });
    let with_control = ('A'..='Z').map(|c| format!("Ctrl-{c}"));
    let names = words.split(' ').map(str::to_owned).chain(characters).chain(with_control);
    let of_table = KEYMAP.iter().flat_map(|binding| binding.keys.iter().copied());
    let mut keys: Vec<Key> = Vec::new();
    for key in names.map(|name| name.parse().unwrap()).chain(of_table) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn at(keys: &str) -> Player {
    let mut player = Player::demo();
    player.press(keys);
    player
}

fn in_scenario(name: &str, keys: &str) -> Player {
    let mut player = Player::start(scenario(name));
    player.press(keys);
    player
}

/// Presses keys whose effects are not carried out: their work runs.
fn without_effects(mut player: Player, keys: &str) -> Player {
    for key in keys.split(' ') {
        player.app.update(Message::Key(key.parse().unwrap()), player.now);
    }
    player
}

/// A live account that is read: the network of `isolated`, and its Terraform folder.
fn live(keys: &str) -> Player {
    let snapshot = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    let terraform = Some(PathBuf::from("/infra"));
    let mut player = Player::start(Start { terraform, query: isolated().query, ..live_account() });
    player.send(Message::Discovered(RunId(1), Ok(Box::new(snapshot))));
    player.press(keys);
    player
}

fn held(keys: &str) -> Player {
    let mut player = Player::held(several_services());
    player.release();
    player.press(keys);
    player
}

fn with_message(mut player: Player, message: Message) -> Player {
    player.send(message);
    player
}

/// Two services of the code can be the one of AWS.
fn asked(keys: &str) -> Player {
    let mut player = Player::demo();
    let twin = "variable \"twin\" {}\n\nresource \"aws_apprunner_service\" \"twin\" {\n  service_name = \"${var.project_name}-${var.environment}-backend\"\n}\n\nresource \"aws_apprunner_service\" \"other\" {\n  service_name = var.twin\n}\n";
    player.extra_file = Some(("twins.tf", twin));
    player.press(keys);
    player
}

fn interrupted() -> Player {
    Player::start(Start { interrupted: vec![PathBuf::from("vpc-endpoints.tf")], ..isolated() })
}

fn tour(keys: &str) -> Player {
    let opening = Opening { plays_tour: true, ..Opening::default() };
    let mut player = Player::start(Start { opening, ..isolated() });
    player.press(keys);
    player
}

type Scene = (&'static str, fn() -> Player);

/// The scenes of the steps.
const STEPS: &[Scene] = &[
    ("Pick, the second of three services", || {
        let mut player = Player::start(several_services());
        player.press("down");
        player
    }),
    ("Pick, a service is being opened", || held("enter")),
    ("Pick, AWS is being read", || Player::start(live_account())),
    ("Pick, AWS is read", || live("")),
    ("Pick, the filter is typed", || held("/ o r")),
    ("Pick, the list is filtered", || held("/ o r enter")),
    ("Pick, the tour plays", || tour("")),
    ("Pick, the tour is paused", || tour("space")),
    ("Trace, the matrix", || at("enter down right")),
    ("Trace, the path", || at("enter tab down")),
    ("Trace, the explanation", || at("enter tab tab down")),
    ("Trace, a destination is hidden", || at("enter down d")),
    ("Trace, one destination", || in_scenario("dns-off", "enter")),
    ("Trace, the diagnosis runs again", || {
        let mut player = held("enter");
        player.release();
        player.press("down d");
        player
    }),
    ("Trace, AWS is read", || live("enter")),
    ("Trace, the filter is typed", || at("enter / s 3")),
    ("Trace, the list is filtered", || at("enter / s 3 enter")),
    ("Trace, an information is shown", || at("enter y")),
    ("Trace, an error is shown", || {
        with_message(at("enter"), Message::Exported(Err("the disk is full".to_owned())))
    }),
    ("Trace, the terminal is too small", || with_message(at("enter"), Message::Resized(40, 10))),
    ("Choose, the second fix", || at("enter enter down")),
    ("Choose, two fixes are marked", || at("enter enter space down down down space")),
    ("Choose, the marked fixes are simulated", || {
        without_effects(at("enter enter space down down down"), "space")
    }),
    ("Choose, a fix that is not possible", || at("enter enter G")),
    ("Choose, the filter is typed", || at("enter enter / n a t")),
    ("Preview, the diff", || at("enter enter enter")),
    ("Preview, the list of files", || at("enter enter enter tab")),
    ("Preview, the edit is planned", || without_effects(at("enter enter"), "enter")),
    ("Preview, the edit must be made by hand", || in_scenario("dns-off", "enter enter enter")),
    ("Preview, the files are being written", || without_effects(at("enter enter enter"), "w y")),
    ("Preview, the fix is written", || at("enter enter enter w y esc")),
    ("Preview, the search is typed", || at("enter enter enter / a w s")),
    ("Preview, a text is searched", || at("enter enter enter / a w s enter")),
    ("Done, before the refresh", || at("enter enter enter w y")),
    ("Done, destinations are still blocked", || at("enter enter enter w y r")),
    ("Done, all destinations are reachable", || in_scenario("no-egress-rule", "enter enter enter w y r")),
    ("Done, the write is undone", || at("enter enter enter w y u")),
    ("Done, AWS is being read", || live("enter enter enter esc w y r")),
];

/// The scenes of the dialogs.
const DIALOGS: &[Scene] = &[
    ("Help", || at("? down down")),
    ("Help, the filter is typed", || at("? / c o p y")),
    ("AWS calls", || at("L down")),
    ("Path map", || at("enter m down right")),
    ("Path map of Choose", || at("enter enter m")),
    ("Configuration of a hop", || at("enter i down")),
    ("Write, the button Write", || at("enter enter enter w")),
    ("Write, the button Cancel", || at("enter enter enter w tab")),
    ("Finish or undo an interrupted write", interrupted),
    ("Undo a write that is not shown", || at("enter enter enter w y esc esc down enter u")),
    ("Open another scenario", || at("enter down d ]")),
    ("Quit", || at("enter down d q")),
    ("Quit, the terminal is too small", || with_message(at("enter down d q"), Message::Resized(40, 10))),
    ("Which resource?", || asked("enter enter enter down")),
    ("Which resource? The filter is typed", || asked("enter enter enter / t w i n")),
    ("Which checks?", || at("enter enter enter v down")),
    ("Palette", || at("enter : down")),
    ("Palette, a text is typed", || at("enter : f i x")),
    ("AWS profile, the list is read", || live("p")),
    ("AWS profile", || {
        let player = live("p");
        (2..40).map(RunId).fold(player, |player, run| {
            with_message(
                player,
                Message::ProfilesRead(run, Ok(vec!["default".to_owned(), "staging".to_owned()])),
            )
        })
    }),
    ("AWS Region", || live("R down")),
    ("Scenarios of the demo", || at("S down")),
    ("What can be copied on Trace", || at("enter Y down")),
    ("What can be copied on Preview", || at("enter enter enter Y down")),
    ("Add destinations, empty", || at("enter a")),
    ("Add destinations, a text is typed", || at("enter a a b . c left")),
    ("Add destinations, the text is rejected", || at("enter a 1 : x enter")),
    ("Terraform folder, the text is selected", || at("enter enter f")),
    ("Terraform folder, the folder is being read", || without_effects(at("enter enter f"), "x enter")),
    ("Expected traffic", || at("enter enter t 2 5")),
];

/// The text with the cursor, as `s3|`.
fn text((before, after): (&str, &str)) -> String {
    format!("`{before}|{after}`")
}

fn input(input: &Input) -> String {
    format!("{}{}", text(input.split()), if input.is_selected() { " selected" } else { "" })
}

fn filter(filter: &Filter) -> String {
    match (filter.is_typing(), filter.is_on()) {
        (true, _) => format!(", filter {} is typed", text(filter.split())),
        (false, true) => format!(", filter `{}`", filter.text()),
        (false, false) => String::new(),
    }
}

fn button(button: Button) -> &'static str {
    match button {
        Button::Cancel => "Cancel",
        Button::Proceed => "Proceed",
    }
}

fn picker(picker: &Picker) -> String {
    let reading = if picker.is_reading() { ", is being read" } else { "" };
    format!("text {}, row {}{reading}", input(&picker.input), picker.selected)
}

fn dialog(dialog: &Dialog) -> String {
    match dialog {
        Dialog::Help { filter: of, scroll } => format!("Help, line {scroll}{}", filter(of)),
        Dialog::Calls { filter: of, scroll } => format!("Calls, line {scroll}{}", filter(of)),
        Dialog::Map { scroll, column } => format!("Map, line {scroll}, column {column}"),
        Dialog::Explain { hop, scroll } => format!("Explain, hop {hop}, line {scroll}"),
        Dialog::Confirm { button: selected, confirmation, scroll } => {
            let about = match confirmation {
                Confirmation::Write { fix, .. } => format!("Write {fix}"),
                Confirmation::Interrupted { root, .. } => format!("Interrupted {}", root.display()),
                Confirmation::Undo { fix, .. } => format!("Undo {fix}"),
                Confirmation::OtherScenario { name, lost } => {
                    format!("OtherScenario {name}: {}", lost.join(" "))
                }
                Confirmation::Quit { lost } => format!("Quit: {}", lost.join(" ")),
            };
            format!("{about}, button {}, line {scroll}", button(*selected))
        }
        Dialog::Owner { question, selected, filter: of } => {
            format!("Owner of {}, answer {selected}{}", question.id, filter(of))
        }
        Dialog::Checks { selected, .. } => format!("Checks {selected}"),
        Dialog::Picker(one) => format!("{}, {}", one.purpose.title(), picker(one)),
        Dialog::Input { purpose, input: one, state } => {
            let state = match state {
                InputState::Typing => String::new(),
                InputState::Checking(_) => ", is being read".to_owned(),
                InputState::Rejected(reason) => format!(", rejected: {reason}"),
            };
            format!("{purpose:?} {}{state}", input(one))
        }
    }
}

fn trace(view: &TraceView) -> String {
    let TraceView { row, column, pane, scroll, filter: of, .. } = view;
    let destinations = view.case.diagnosis.findings.len();
    format!("row {row} of {destinations}, column {column}, {pane:?}, line {scroll}{}", filter(of))
}

fn choose(choose: &Choose) -> String {
    let Choose { selected, traffic, pane, scroll, filter: of, .. } = choose;
    let marked: Vec<String> = choose.marked.iter().map(ToString::to_string).collect();
    let set = match choose.set() {
        None => String::new(),
        Some(MarkedSet::Simulating(..)) => format!(", marked {} (being simulated)", marked.join("+")),
        Some(MarkedSet::Simulated(_)) => format!(", marked {}", marked.join("+")),
        Some(MarkedSet::Impossible(reason)) => format!(", marked {} ({reason})", marked.join("+")),
    };
    format!("row {selected}, {traffic} GB, {pane:?}, line {scroll}{set}{}", filter(of))
}

fn preview(preview: &Preview) -> String {
    let plan = match &preview.plan {
        Plan::Running(search) => format!("being planned{}", filter(search)),
        Plan::ByHand(fix) => format!("by hand, line {}", fix.scroll),
        Plan::Failed(_) => "not planned".to_owned(),
        Plan::Ready(edit) => {
            let checks = match (&edit.requested, &edit.verification) {
                (None, _) => "checks not requested".to_owned(),
                (Some(requested), None) => format!("checks up to {} run", requested.highest),
                (Some(requested), Some(_)) => format!("checks up to {} ended", requested.highest),
            };
            let form = if edit.is_side_by_side { "side by side" } else { "one diff" };
            format!(
                "file {}, line {}, {:?}, context {}, {form}, {checks}{}",
                edit.file,
                edit.scroll,
                edit.pane,
                edit.context,
                filter(&edit.search)
            )
        }
    };
    format!("{}: {plan}", preview.proposal.id())
}

fn done(done: &Done) -> String {
    let after = match &done.after {
        None => "not refreshed",
        Some(After::Running) => "being read",
        Some(After::Read(_)) => "read",
        Some(After::Simulated(_)) => "simulated",
    };
    let undone = if done.undone { ", undone" } else { "" };
    let watch = if done.watch.is_some() { ", read by itself" } else { "" };
    format!(
        "{}: {after}, {} not fixed, line {}{undone}{watch}",
        done.proposal.id(),
        done.not_fixed().len(),
        done.scroll
    )
}

/// What the user sees of the state, by the field of the application.
fn summary(app: &App) -> BTreeMap<&'static str, String> {
    let notice = app.notice.as_ref().map(|notice| match notice {
        Notice::Info(text) | Notice::Delayed(text) => format!("`{text}`"),
        Notice::Error(text) => format!("error `{text}`"),
    });
    let diagnosing = app.diagnosing().map(|diagnosing| diagnosing.service.clone());
    let tour =
        app.tour().map(|tour| format!("{}{}", tour.step, if tour.is_paused { ", paused" } else { "" }));
    let fields = [
        ("step", Some(app.step().title().to_owned())),
        ("dialog", app.dialog.as_ref().map(dialog)),
        ("notice", notice),
        (
            "pick",
            Some(format!(
                "row {}, order {:?}{}",
                app.pick.selected,
                app.pick.order,
                filter(&app.pick.filter)
            )),
        ),
        ("trace", app.trace.as_ref().map(trace)),
        ("choose", app.choose.as_ref().map(choose)),
        ("preview", app.preview.as_ref().map(preview)),
        ("done", app.done.as_ref().map(done)),
        ("captions", Some(if app.captions { "shown" } else { "hidden" }.to_owned())),
        ("tour", tour),
        ("diagnosing", diagnosing),
    ];
    fields.into_iter().map(|(name, value)| (name, value.unwrap_or_else(|| "none".to_owned()))).collect()
}

/// The fields of the application and their content, from its debug form.
fn fields(app: &App) -> BTreeMap<String, String> {
    let all = format!("{app:?}");
    let inner = all.strip_prefix("App { ").unwrap().strip_suffix(" }").unwrap();
    let (mut fields, mut start, mut depth, mut is_text, mut is_escaped) =
        (BTreeMap::new(), 0, 0, false, false);
    let mut add = |part: &str| {
        let (name, value) = part.split_once(": ").unwrap();
        assert!(fields.insert(name.trim().to_owned(), value.to_owned()).is_none(), "{name} is not a field");
    };
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_text => is_escaped = true,
            b'"' => is_text = !is_text,
            _ if is_text => {}
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' => depth -= 1,
            b',' if depth == 0 => {
                add(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    add(&inner[start..]);
    assert_eq!(depth, 0, "brackets are not in pairs");
    fields
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    if line.len() < text.trim_end().len() { format!("`{line}` and more") } else { format!("`{line}`") }
}

fn effect(effect: &Effect) -> String {
    match effect {
        Effect::Discover(_, request) => format!(
            "Discover profile {:?}, Region {:?}, service {:?}",
            request.profile, request.region, request.service
        ),
        Effect::CancelDiscovery => "CancelDiscovery".to_owned(),
        Effect::DiagnoseAll(_, _, _, order) => format!("DiagnoseAll, {} services", order.len()),
        Effect::Diagnose(_, _, workload, _) => format!("Diagnose {}", workload.name),
        Effect::Change(_, _, proposal) => format!("Change {}", proposal.id()),
        Effect::ReadLog(_, _, id) => format!("ReadLog {id}"),
        Effect::ReadStartLog(..) => "ReadStartLog".to_owned(),
        Effect::Resolve(hosts) => format!("Resolve {}", hosts.join(", ")),
        Effect::ReadPrices(..) => "ReadPrices".to_owned(),
        Effect::ReadHistory(_, _, resources) => format!("ReadHistory, {} resources", resources.len()),
        Effect::CancelLog => "CancelLog".to_owned(),
        Effect::Simulate(_, _, remedies) => {
            format!("Simulate {}", remedies.iter().map(ToString::to_string).collect::<Vec<_>>().join("+"))
        }
        Effect::TryPlans(_, folder, ..) => format!("TryPlans {}", folder.display()),
        Effect::ReadFolder(_, folder) => format!("ReadFolder {}", folder.display()),
        Effect::Plan(_, folder, _, proposal, answers) => {
            format!("Plan {} in {}, {} answers", proposal.id(), folder.display(), answers.len())
        }
        Effect::ReadConsent(_, root) => format!("ReadConsent {}", root.display()),
        Effect::SaveConsent(root, level) => format!("SaveConsent {level} for {}", root.display()),
        Effect::Check(_, _, requested) => format!("Check up to {}", requested.highest),
        Effect::Write(changes) => format!("Write {} files", changes.files.len()),
        Effect::Undo(root) => format!("Undo {}", root.display()),
        Effect::UndoInterrupted(root) => format!("UndoInterrupted {}", root.display()),
        Effect::FinishInterrupted(root) => format!("FinishInterrupted {}", root.display()),
        Effect::ReadProfiles(_) => "ReadProfiles".to_owned(),
        Effect::OpenScenario(_, name) => format!("OpenScenario {name}"),
        Effect::Editor(file, line) => format!("Editor {} at line {line}", file.display()),
        Effect::Copy(text) => format!("Copy {}", first_line(text)),
        Effect::Export(name, ..) => format!("Export {name}"),
        Effect::Suspend => "Suspend".to_owned(),
        Effect::Quit => "Quit".to_owned(),
    }
}

/// A value after a key. A character that was typed is `?`, and the notice about another step does not repeat the help.
fn value(text: &str, key: Key) -> String {
    let name = key.name();
    if let Some((places, _)) =
        text.strip_prefix(&format!("`{name} works on ")).and_then(|rest| rest.split_once(": "))
    {
        return format!("the key works on {places}");
    }
    let typed = if name == "space" { " |" } else { &format!("{name}|") };
    text.replacen(typed, "?|", 1)
}

/// The results of all keys in one scene.
struct Results<'a> {
    player: &'a Player,
    summary: BTreeMap<&'static str, String>,
    fields: BTreeMap<String, String>,
    /// The changed fields without a line of their own, by the action of the key, whether it types, and the rest of the result.
    also: BTreeMap<(Option<&'static str>, bool, String), String>,
}

impl<'a> Results<'a> {
    fn new(player: &'a Player) -> Self {
        let (summary, fields) = (summary(&player.app), fields(&player.app));
        Self { player, summary, fields, also: BTreeMap::new() }
    }

    /// The result of a key as one line.
    fn of(&mut self, key: Key) -> String {
        let mut app = self.player.app.clone();
        let bindings = app.preferences.keymap.bindings_of(app.context());
        let action = bindings.into_iter().find(|binding| binding.keys.contains(&key));
        let action = action.map(|binding| binding.action.name());
        let effects = app.update(Message::Key(key), self.player.now);
        let new = summary(&app);
        let changed = || new.iter().filter(|(name, value)| self.summary[*name] != **value);
        let mut parts: Vec<String> =
            changed().map(|(name, text)| format!("{name}: {}", value(text, key))).collect();
        parts.extend(effects.iter().map(|one| format!("effect {}", effect(one))));
        let visible: BTreeSet<&str> = changed().map(|(name, _)| *name).collect();
        // Keys with the same action and the same visible result change the same fields. Their debug form is long.
        let also = self
            .also
            .entry((action, key.name().chars().count() == 1, parts.join("; ")))
            .or_insert_with(|| {
                let new = fields(&app);
                let is_hidden = |(name, value): &(&String, &String)| {
                    self.fields[*name] != **value && !visible.contains(name.as_str()) && *name != "last_run"
                };
                let names = new.iter().filter(is_hidden).map(|(name, _)| name.as_str());
                names.collect::<Vec<_>>().join(", ")
            });
        if !also.is_empty() {
            parts.push(format!("also {also}"));
        }
        if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") }
    }
}

/// The state of a scene, then a line for each result.
fn lines(title: &str, player: &Player) -> String {
    let mut of_keys = Results::new(player);
    let mut results: Vec<(String, Vec<String>)> = Vec::new();
    for key in keys() {
        let result = of_keys.of(key);
        match results.iter_mut().find(|(known, _)| *known == result) {
            Some((_, names)) => names.push(key.name()),
            None => results.push((result, vec![key.name()])),
        }
    }
    let state = of_keys.summary.iter().filter(|(_, value)| *value != "none");
    let state: String = state.map(|(name, value)| format!("  {name}: {value}\n")).collect();
    let results = results.into_iter().map(|(result, names)| format!("{}\n    {result}\n", names.join(" ")));
    format!("# {title}\n{state}{}\n", results.collect::<String>())
}

#[test]
fn each_key_in_each_step_and_dialog_has_the_expected_result() {
    let (mut places, mut contexts) = (BTreeSet::new(), Vec::new());
    let mut text = |scenes: &[Scene]| {
        let of_scene = |(title, scene): &Scene| {
            let player = scene();
            places.insert(place(&player.app));
            contexts.push(player.app.context());
            lines(title, &player)
        };
        scenes.iter().map(of_scene).collect::<String>()
    };
    let (steps, dialogs) = (text(STEPS), text(DIALOGS));
    insta::assert_snapshot!("every-key-of-the-steps", steps);
    insta::assert_snapshot!("every-key-of-the-dialogs", dialogs);
    assert_eq!(places.into_iter().collect::<Vec<_>>(), Place::VARIANTS, "each step and dialog has a scene");
    let missing: Vec<_> = Context::VARIANTS.iter().filter(|context| !contexts.contains(context)).collect();
    assert!(missing.is_empty(), "no scene has the keys of {missing:?}");
}
