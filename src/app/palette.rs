//! The lists with a line of text: the palette of all actions, services, destinations and scenarios; the profiles; the Regions; the
//! scenarios of the demo. Opens them, and does what the selected row says.

use std::time::Instant;

use super::picker::{Choice, Entry};
use super::{
    Action, App, Confirmation, Context, Dialog, Effect, Key, Notice, OpenedScenario, Origin, Picker,
    PickerPurpose, RunId, Start, Step,
};
use crate::model::{Destination, WorkloadId};
use crate::remedy::RemedyId;
use crate::scenario::{SCENARIOS, Scenario};

/// The Regions with App Runner.
/// <https://docs.aws.amazon.com/general/latest/gr/apprunner.html>
const REGIONS: [(&str, &str); 11] = [
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-2", "US West (Oregon)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
];

/// The rows by which a page moves.
const PAGE: isize = 10;

impl App {
    /// Opens the palette: the actions of the step with their keys, then destinations, services, fixes and scenarios.
    pub(super) fn open_palette(&mut self) {
        let mut entries = self.actions();
        entries.extend(self.case().into_iter().flat_map(|case| {
            let region = &case.snapshot.region;
            let entry = |finding: &crate::diagnose::Finding| Entry {
                label: finding.need.short_name(region),
                key: "destination".to_owned(),
                about: finding.need.destination.to_string(),
                choice: Choice::Destination(finding.need.destination.clone()),
            };
            case.diagnosis.findings.iter().map(entry).collect::<Vec<_>>()
        }));
        entries.extend(self.pick.rows.iter().map(|row| Entry {
            label: row.workload.name.clone(),
            key: "service".to_owned(),
            about: row.workload.id.to_string(),
            choice: Choice::Service(row.workload.id.clone()),
        }));
        entries.extend(self.case().into_iter().filter(|_| self.step() >= Step::Trace).flat_map(|case| {
            let possible = case.proposals.iter().filter(|proposal| proposal.is_possible());
            possible.map(|proposal| Entry {
                label: proposal.name(),
                key: "fix".to_owned(),
                about: proposal.id(),
                choice: Choice::Fix(proposal.remedies.clone()),
            })
        }));
        if matches!(self.origin, Origin::Scenario(_)) {
            entries.extend(
                SCENARIOS.iter().map(|scenario| Entry { key: "scenario".to_owned(), ..row(scenario) }),
            );
        }
        self.dialog = Some(Dialog::Picker(Box::new(Picker::new(PickerPurpose::Palette, entries))));
    }

    /// The actions of the step, in the order of the table of keys. Movement needs no row, and neither does the palette itself.
    fn actions(&self) -> Vec<Entry> {
        let context = Context::from(self.step());
        let bindings = self.preferences.keymap.bindings_of(context).filter(|binding| {
            !binding.action.is_movement()
                && !matches!(binding.action, Action::Palette | Action::QuitNow | Action::CopyCommand)
        });
        bindings
            .map(|binding| Entry {
                label: binding.help.to_owned(),
                key: binding.keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(" "),
                about: String::new(),
                choice: Choice::Act(binding.action),
            })
            .collect()
    }

    /// Opens the list of profiles; their names are read meanwhile.
    pub(super) fn open_profiles(&mut self) -> Vec<Effect> {
        let run = self.next_run();
        let mut picker = Picker::new(PickerPurpose::Profile, Vec::new());
        picker.reading = Some(run);
        self.dialog = Some(Dialog::Picker(Box::new(picker)));
        vec![Effect::ReadProfiles(run)]
    }

    /// Shows the profiles. A reply after the dialog was closed is stale.
    pub(super) fn profiles_read(&mut self, run: RunId, result: Result<Vec<String>, String>) {
        let Some(Dialog::Picker(picker)) = &mut self.dialog else { return };
        if picker.reading != Some(run) {
            return;
        }
        let names = match result {
            Ok(names) => names,
            Err(reason) => {
                picker.reading = None;
                return self.report_error(reason);
            }
        };
        let entry = |name: String| Entry {
            label: name.clone(),
            key: String::new(),
            about: String::new(),
            choice: Choice::Profile(name),
        };
        picker.replace(names.into_iter().map(entry).collect());
    }

    /// Opens the list of Regions; the Region in use is selected.
    pub(super) fn open_regions(&mut self) {
        let entries = REGIONS.map(|(region, name)| Entry {
            label: region.to_owned(),
            key: String::new(),
            about: name.to_owned(),
            choice: Choice::Region(region.to_owned()),
        });
        let mut picker = Picker::new(PickerPurpose::Region, entries.to_vec());
        if let Some(snapshot) = &self.pick.snapshot {
            picker.select(snapshot.region.as_str());
        }
        self.dialog = Some(Dialog::Picker(Box::new(picker)));
    }

    /// Opens the list of scenarios; the one in use is selected.
    pub(super) fn open_scenarios(&mut self) {
        let mut picker = Picker::new(PickerPurpose::Scenario, SCENARIOS.iter().map(row).collect());
        if let Origin::Scenario(name) = self.origin {
            picker.select(name);
        }
        self.dialog = Some(Dialog::Picker(Box::new(picker)));
    }

    /// A key in such a list: movement, the end of the dialog, or a character of the text.
    pub(super) fn picker_key(&mut self, key: Key, action: Option<Action>, now: Instant) -> Vec<Effect> {
        let Some(Dialog::Picker(picker)) = &mut self.dialog else { return Vec::new() };
        match action {
            Some(Action::Back) => self.dialog = None,
            Some(Action::Forward) => return self.picked(now),
            Some(Action::Up) => picker.step(-1),
            Some(Action::Down) => picker.step(1),
            Some(Action::PageUp) => picker.step(-PAGE),
            Some(Action::PageDown) => picker.step(PAGE),
            Some(Action::First) => picker.step(isize::MIN),
            Some(Action::Last) => picker.step(isize::MAX),
            // The key of the filter elsewhere: here the user types at once.
            _ if key == Key::char('/') && picker.input.text().is_empty() => {
                self.inform("Type to search: this list needs no key for that");
            }
            _ => {
                let before = picker.input.text().to_owned();
                picker.input.edit(key);
                if picker.input.text() != before {
                    picker.search();
                }
            }
        }
        Vec::new()
    }

    /// Does what the selected row says. Without a row, a profile or a Region is the typed text.
    fn picked(&mut self, now: Instant) -> Vec<Effect> {
        let Some(Dialog::Picker(picker)) = &self.dialog else { return Vec::new() };
        let typed = picker.input.text().trim().to_owned();
        let choice = match (picker.current(), picker.purpose) {
            (Some(entry), _) => entry.choice.clone(),
            (None, PickerPurpose::Profile) if !typed.is_empty() => Choice::Profile(typed),
            (None, PickerPurpose::Region) if !typed.is_empty() => Choice::Region(typed),
            (None, _) => return Vec::new(),
        };
        self.dialog = None;
        match choice {
            Choice::Act(action) => self.perform(action, now),
            Choice::Service(id) => self.open_service(&id, now),
            Choice::Fix(remedies) => self.show_fix(&remedies, now),
            Choice::Destination(destination) => self.show_destination(&destination, now),
            Choice::Scenario(name) => self.ask_before_scenario(name),
            Choice::Profile(name) => self.switch_account(Some(name), None, now),
            Choice::Region(name) => self.switch_account(None, Some(name), now),
            Choice::Copy { what, text } => self.copied(&what, text),
        }
    }

    /// Carries out an action on the step, or says why it has no effect.
    pub(super) fn perform(&mut self, action: Action, now: Instant) -> Vec<Effect> {
        if action == Action::Suspend {
            return vec![Effect::Suspend];
        }
        if self.can(action) || action == Action::Forward {
            return self.act(action, now);
        }
        self.notice = self.why_not(action).map(|reason| Notice::Info(self.preferences.keymap.fill(reason)));
        Vec::new()
    }

    /// Selects a fix on Choose.
    fn show_fix(&mut self, remedies: &[RemedyId], now: Instant) -> Vec<Effect> {
        if self.step() > Step::Choose {
            self.enter(Step::Choose);
        }
        let effects = if self.step() == Step::Trace { self.forward(now) } else { Vec::new() };
        let is_shown = self.step() == Step::Choose;
        if let Some(choose) = self.choose.as_mut().filter(|_| is_shown) {
            choose.select(remedies);
        }
        effects
    }

    /// Opens a service of the list.
    pub(super) fn open_service(&mut self, id: &WorkloadId, now: Instant) -> Vec<Effect> {
        if !self.pick.rows.iter().any(|row| row.workload.id == *id) {
            return Vec::new();
        }
        self.pick.filter.clear();
        self.pick.select(Some(id));
        self.enter(Step::Pick);
        self.act(Action::Forward, now)
    }

    /// Selects a destination on Trace.
    fn show_destination(&mut self, destination: &Destination, now: Instant) -> Vec<Effect> {
        if let Some(view) = &mut self.trace {
            view.select(destination);
        }
        if self.step() > Step::Trace {
            self.enter(Step::Trace);
            return self.refresh_outdated(now);
        }
        self.enter(Step::Trace);
        Vec::new()
    }

    /// Opens another scenario; asks first if something would be lost.
    pub(super) fn ask_before_scenario(&mut self, name: &'static str) -> Vec<Effect> {
        if self.origin == Origin::Scenario(name) {
            return Vec::new();
        }
        let lost = self.losses();
        if lost.is_empty() {
            return self.open_scenario(name);
        }
        self.dialog = Some(Dialog::confirm(Confirmation::OtherScenario { name, lost }));
        Vec::new()
    }

    /// Opens the scenario after the one in use, or before it.
    pub(super) fn neighbour_scenario(&mut self, by: isize) -> Vec<Effect> {
        let Origin::Scenario(name) = self.origin else { return Vec::new() };
        let Some(at) = SCENARIOS.iter().position(|scenario| scenario.name == name) else { return Vec::new() };
        let next = at.checked_add_signed(by).and_then(|at| SCENARIOS.get(at));
        if let Some(scenario) = next {
            return self.ask_before_scenario(scenario.name);
        }
        self.inform(if by > 0 { "This is the last scenario" } else { "This is the first scenario" });
        Vec::new()
    }

    pub(super) fn open_scenario(&mut self, name: &'static str) -> Vec<Effect> {
        self.scenario_run = self.next_run();
        vec![Effect::OpenScenario(self.scenario_run, name)]
    }

    /// Starts again with another scenario. The run ids go on, so that no reply of the earlier scenario is used.
    pub(super) fn scenario_opened(
        &mut self,
        run: RunId,
        result: Result<Box<OpenedScenario>, String>,
        now: Instant,
    ) -> Vec<Effect> {
        if run != self.scenario_run {
            return Vec::new();
        }
        match result {
            Ok(opened) => {
                let preferences = self.preferences.clone();
                self.restart(Start::scenario(*opened, preferences), now)
            }
            Err(reason) => {
                self.report_error(reason);
                Vec::new()
            }
        }
    }
}

/// The row of a scenario.
fn row(scenario: &Scenario) -> Entry {
    let (verdict, terraform) =
        scenario.result().map_or(("", ""), |result| (result.verdict, result.terraform));
    let start = if scenario.is_founding() { "Start here. " } else { "" };
    Entry {
        label: scenario.name.to_owned(),
        key: verdict.to_owned(),
        about: format!("{start}{} {terraform}.", scenario.description),
        choice: Choice::Scenario(scenario.name),
    }
}
