//! The application as text for a dialogue with numbered choices: for screen readers, and for terminals without a screen.
//!
//! Every step is a page of lines from top to bottom. There are no colours, no boxes and no cursor.

use ratatui::text::Line;
use strum::VariantArray as _;

use super::{Theme, by_hand, dialog, done, explain, map, pick};
use crate::app::{
    Action, After, App, Button, Choose, Context, Dialog, Done, InputState, Mark, MarkedSet, Notice, Picker,
    Plan, Step, TraceView, answers_shown,
};
use crate::model::Egress;
use crate::report::{finding_text, labels, money, title_by_hand};
use crate::terraform::diff::patch;
use crate::terraform::{CheckLevel, Outcome, OwnerChoice};
use crate::text::clean;

/// A width in which no line is wrapped: the terminal wraps them, and a screen reader reads them as one.
const WIDTH: usize = 10_000;

/// A page of the dialogue.
#[derive(Debug)]
pub struct Page {
    /// The text above the question. Its lines end with a line feed.
    pub text: String,
    /// The question.
    pub question: Question,
}

/// What the user is asked.
#[derive(Debug)]
pub enum Question {
    /// To type the number of a choice.
    Choices(Vec<Choice>),
    /// To type a line of text.
    Text(String),
}

/// A numbered choice.
#[derive(Debug)]
pub struct Choice {
    /// Its words.
    pub text: String,
    /// What it does.
    pub answer: Answer,
}

/// What a choice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Carries out an action.
    Act(Action),
    /// Selects a row.
    Select(usize),
    /// Selects a row, then carries out the action.
    SelectAndAct(usize, Action),
}

/// The actions that the dialogue offers, in this order. The others move a cursor or change the screen.
const ACTIONS: &[Action] = &[
    Action::Forward,
    Action::Explain,
    Action::Map,
    Action::Add,
    Action::Unhide,
    Action::Refresh,
    Action::Traffic,
    Action::Folder,
    Action::Checks,
    Action::Undo,
    Action::Export,
    Action::Profile,
    Action::Region,
    Action::Scenarios,
    Action::Back,
    Action::Quit,
];

/// The page of the state: the notice, then the dialog or the step.
#[must_use]
pub fn page(app: &App) -> Page {
    let mut lines = Vec::new();
    match &app.notice {
        Some(Notice::Info(text) | Notice::Delayed(text)) => lines.push(text.clone()),
        Some(Notice::Error(text)) => lines.push(format!("Error: {text}")),
        None => {}
    }
    let question = match &app.dialog {
        Some(dialog) => of_dialog(app, dialog, &mut lines),
        None => Question::Choices(of_step(app, &mut lines)),
    };
    let text = lines.iter().map(|line| format!("{}\n", clean(line))).collect();
    Page { text, question }
}

/// Lines of the screen as text.
fn plain(lines: Vec<Line<'_>>) -> impl Iterator<Item = String> {
    lines.into_iter().map(|line| line.to_string().trim().to_owned())
}

fn of_dialog(app: &App, dialog: &Dialog, lines: &mut Vec<String>) -> Question {
    let keymap = &app.preferences.keymap;
    let mut choices = Vec::new();
    match dialog {
        Dialog::Confirm { confirmation, .. } => {
            let (title, text) = dialog::question(confirmation, WIDTH, keymap, &Theme::mono().in_ascii());
            lines.push(title.to_owned());
            lines.extend(plain(text));
            for (row, button) in [Button::Cancel, Button::Proceed].into_iter().enumerate() {
                let text = confirmation.label(button).to_owned();
                choices.push(Choice { text, answer: Answer::SelectAndAct(row, Action::Forward) });
            }
            return Question::Choices(choices);
        }
        Dialog::Owner { question, filter, .. } => {
            lines.push(format!("Which resource manages {}?", question.id));
            let answers = question.answers();
            for (row, at) in answers_shown(question, filter).into_iter().enumerate() {
                let text = match answers.get(at) {
                    Some(OwnerChoice::Block(address)) => address.to_string(),
                    Some(OwnerChoice::Elsewhere) => "None of these: other code manages it".to_owned(),
                    Some(OwnerChoice::Import) => "No code manages it: import it".to_owned(),
                    None => continue,
                };
                choices.push(Choice { text, answer: Answer::SelectAndAct(row, Action::Forward) });
            }
        }
        Dialog::Checks { root, .. } => {
            lines.push(format!("Which checks may run in {}?", root.display()));
            lines.push(
                "validate and plan execute code of this folder, with your environment and AWS credentials. Allow them only if \
                 you trust the code."
                    .to_owned(),
            );
            for (row, level) in CheckLevel::VARIANTS.iter().enumerate() {
                let text = format!("{}: {}", level.name(), level.description());
                choices.push(Choice { text, answer: Answer::SelectAndAct(row, Action::Forward) });
            }
        }
        Dialog::Picker(picker) => {
            lines.push(picker.purpose.title().to_owned());
            choices.extend(rows(picker));
            if choices.is_empty() {
                lines.push("No name is known. Start egress-doctor with --profile or --region.".to_owned());
            }
        }
        Dialog::Input { purpose, state, .. } => {
            if let InputState::Rejected(reason) = state {
                lines.push(format!("Not accepted: {reason}"));
            }
            return Question::Text(format!("{}. An empty line cancels", purpose.prompt()));
        }
        Dialog::Map { .. } => {
            lines.push("Path map".to_owned());
            lines.extend(map::text(app));
        }
        Dialog::Explain { hop, .. } => {
            let theme = Theme::mono().in_ascii();
            lines.push(explain::title(app, *hop));
            lines.extend(explain::lines(app, *hop, WIDTH, &theme).iter().map(Line::to_string));
            let hops = app.trace.as_ref().and_then(TraceView::trace).map_or(0, |trace| trace.hops.len());
            let moves = [
                (hop + 1 < hops, "show the next hop", Action::Right),
                (*hop > 0, "show the previous hop", Action::Left),
            ];
            for (_, text, action) in moves.into_iter().filter(|(is_possible, ..)| *is_possible) {
                choices.push(Choice { text: text.to_owned(), answer: Answer::Act(action) });
            }
        }
        Dialog::Help { .. } | Dialog::Calls { .. } => {}
    }
    let text = match dialog {
        Dialog::Map { .. } | Dialog::Explain { .. } => "Close",
        _ => "Cancel",
    };
    choices.push(Choice { text: text.to_owned(), answer: Answer::Act(Action::Back) });
    Question::Choices(choices)
}

fn rows(picker: &Picker) -> impl Iterator<Item = Choice> {
    picker.shown().enumerate().map(|(row, (entry, _))| {
        let about = if entry.about.is_empty() { String::new() } else { format!(": {}", entry.about) };
        let text = format!("{}{about}", entry.label);
        Choice { text, answer: Answer::SelectAndAct(row, Action::Forward) }
    })
}

fn of_step(app: &App, lines: &mut Vec<String>) -> Vec<Choice> {
    let step = app.step();
    let number = Step::VARIANTS.iter().position(|other| *other == step).unwrap_or_default() + 1;
    lines.push(format!("Step {number} of {}: {}", Step::VARIANTS.len(), step.title()));
    let mut choices = Vec::new();
    let mut hides_forward = false;
    match step {
        Step::Pick => {
            services(app, lines, &mut choices);
            hides_forward = true;
        }
        Step::Trace => {
            if let Some(view) = &app.trace {
                destinations(view, lines, &mut choices);
            }
        }
        Step::Choose => {
            if let Some(choose) = &app.choose {
                fixes(choose, lines, &mut choices);
                // With marked fixes, the diff is that of the marked ones.
                hides_forward = choose.set().is_none();
            }
        }
        Step::Preview => edit(app, lines),
        Step::Done => {
            if let Some(done) = &app.done {
                result(app, done, lines);
            }
        }
    }
    let context = Context::from(step);
    for action in ACTIONS.iter().filter(|action| app.can(**action)) {
        let has_no_step_before = step == Step::Pick && *action == Action::Back;
        if (*action == Action::Forward && hides_forward) || has_no_step_before {
            continue;
        }
        let mut bindings = app.preferences.keymap.bindings_of(context);
        if let Some(binding) = bindings.find(|binding| binding.action == *action) {
            let is_by_hand =
                step == Step::Preview && *action == Action::Forward && app.by_hand_fix().is_some();
            let text = if is_by_hand { "show the result of the change by hand" } else { binding.help };
            choices.push(Choice { text: text.to_owned(), answer: Answer::Act(*action) });
        }
    }
    choices
}

fn services(app: &App, lines: &mut Vec<String>, choices: &mut Vec<Choice>) {
    match &app.pick.snapshot {
        Some(snapshot) => lines.push(format!("Region {}. Select a service.", snapshot.region)),
        None => lines.push("The network is not read.".to_owned()),
    }
    for (row, service) in app.pick.shown().enumerate() {
        let egress = match service.workload.egress {
            Egress::Default => "DEFAULT egress",
            Egress::Vpc(_) | Egress::Direct { .. } => "VPC egress",
            Egress::Unknown(_) => "egress unknown",
        };
        let (result, _) = pick::result(app, service, &Theme::mono().in_ascii());
        let result = result.trim_start_matches(['+', 'x', '~', '?', ' ']);
        choices.push(Choice {
            text: format!("{}, {egress}, {result}", service.workload.name),
            answer: Answer::SelectAndAct(row, Action::Forward),
        });
    }
}

fn destinations(view: &TraceView, lines: &mut Vec<String>, choices: &mut Vec<Choice>) {
    let diagnosis = &view.case.diagnosis;
    lines.push(format!("Service {}.", view.case.workload.name));
    lines.push(diagnosis.headline.clone());
    for cause in &diagnosis.causes {
        lines.push(format!("Cause {}: {}", cause.number, cause.explanation));
    }
    lines.extend(diagnosis.remarks.iter().map(|remark| format!("Note: {remark}")));
    lines.extend(diagnosis.misleading.iter().map(|text| format!("{}: {text}", labels::NOT_THE_CAUSE)));
    if let Some(finding) = view.finding() {
        lines.push(String::new());
        lines.push("The selected destination:".to_owned());
        lines.extend(finding_text(finding).lines().map(str::to_owned));
    }
    let region = &view.case.snapshot.region;
    for (row, at) in view.shown().into_iter().enumerate() {
        let Some(finding) = diagnosis.findings.get(at) else { continue };
        let name = finding.need.short_name(region);
        let text = format!("show the path to {name}: {}", finding.verdict().word());
        choices.push(Choice { text, answer: Answer::Select(row) });
    }
}

fn fixes(choose: &Choose, lines: &mut Vec<String>, choices: &mut Vec<Choice>) {
    match choose.set() {
        None => lines.push("Select a fix to see its Terraform diff. Every fix was simulated.".to_owned()),
        Some(MarkedSet::Impossible(reason)) => {
            lines.push(format!("The marked fixes cannot be combined: {reason}"));
        }
        Some(MarkedSet::Simulating(..)) => lines.push("The marked fixes are being simulated.".to_owned()),
        Some(MarkedSet::Simulated(set)) => {
            let all = set.fixes.len() + set.still_blocked.len();
            let price = money(set.estimate.fixed_per_month, set.estimate.per_gb());
            lines.push(format!("Marked: {}, {price}: fixes {} of {all}.", set.title, set.fixes.len()));
            lines.extend(set.may_break().map(str::to_owned));
        }
    }
    let has_marks = choose.set().is_some();
    let mut marks = Vec::new();
    for (row, at) in choose.shown().into_iter().enumerate() {
        let Some(proposal) = choose.case.proposals.get(at) else { continue };
        let all = proposal.fixes.len() + proposal.still_blocked.len();
        let price = money(proposal.estimate.fixed_per_month, proposal.estimate.per_gb());
        let mut parts = vec![format!("{}, {price}: fixes {} of {all}", proposal.title, proposal.fixes.len())];
        if !proposal.breaks.is_empty() {
            parts.push(format!("breaks {}", proposal.breaks.join(", ")));
        }
        parts.extend(proposal.may_break().map(str::to_owned));
        parts.extend(proposal.recommended.iter().map(|why| format!("{}: {why}", labels::RECOMMENDED)));
        let text = parts.join(". ");
        if !has_marks {
            choices.push(Choice { text, answer: Answer::SelectAndAct(row, Action::Forward) });
        }
        if proposal.is_possible() {
            let verb = if choose.mark(proposal) == Mark::Marked { "remove the mark of" } else { "mark" };
            let text = format!("{verb} {}, to combine fixes", proposal.title);
            marks.push(Choice { text, answer: Answer::SelectAndAct(row, Action::Mark) });
        }
    }
    if choose.case.proposals.len() > 1 {
        choices.extend(marks);
    }
}

fn edit(app: &App, lines: &mut Vec<String>) {
    lines.extend(app.previewed_fix());
    match app.preview.as_ref().map(|preview| &preview.plan) {
        Some(Plan::ByHand(fix)) => {
            lines.push("This fix is made by hand.".to_owned());
            if let Some(preview) = &app.preview {
                lines.extend(plain(by_hand::lines(app, (preview, fix), &Theme::mono().in_ascii(), WIDTH)));
            }
        }
        Some(Plan::Failed(reason)) => lines.push(format!("The edit cannot be made: {reason}")),
        Some(Plan::Ready(edit)) => {
            lines.push(edit.changes.tally());
            lines.extend(patch(&edit.changes).lines().map(str::to_owned));
            if let Some(verification) = &edit.verification {
                for check in &verification.checks {
                    lines.push(match &check.outcome {
                        Outcome::Passed => format!("{}: passed", check.name),
                        Outcome::Failed(reason) => format!("{}: failed: {reason}", check.name),
                        Outcome::NotRun(reason) => format!("{}: not run: {reason}", check.name),
                    });
                }
                lines.extend(verification.warnings.iter().map(|warning| format!("Warning: {warning}")));
            }
            lines.extend(edit.changes.notes.iter().map(|note| format!("Note: {note}")));
            let by_hand = edit.changes.by_hand.iter();
            lines.extend(by_hand.map(|part| format!("Not in these files: {}.", title_by_hand(part, true))));
        }
        Some(Plan::Running(_)) | None => {}
    }
}

fn result(app: &App, done: &Done, lines: &mut Vec<String>) {
    lines.extend(plain(done::plan(app, done, &Theme::mono().in_ascii(), WIDTH)));
    let source = match &done.after {
        Some(After::Read(_)) => "Read from AWS",
        Some(After::Simulated(_)) => "Simulated result",
        None | Some(After::Running) => return,
    };
    let left = done.not_fixed();
    lines.push(if left.is_empty() {
        format!("{source}: all destinations are reachable after the fix.")
    } else {
        format!("{source}: the fix does not make these destinations reachable: {}.", left.join(", "))
    });
}
