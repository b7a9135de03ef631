//! The list of what can be copied on a step. What the key for copying takes without a question is its first row.

use crate::model::is_planned;
use crate::report::{deciding_hop, explain, path_text};
use crate::terraform::diff::patch;
use crate::text::shell_quote_path;

use super::picker::{Choice, Entry};
use super::{App, Dialog, Picker, PickerPurpose, Step};

impl App {
    /// Opens the list.
    pub(super) fn open_copy_list(&mut self) {
        let rows = match self.step() {
            Step::Trace => self.rows_of_trace(),
            Step::Preview => self.rows_of_preview(),
            Step::Choose => self.rows_of_choose(),
            Step::Done => self.rows_of_done(),
            Step::Pick => Vec::new(),
        };
        self.dialog = Some(Dialog::Picker(Box::new(Picker::new(PickerPurpose::Copy, rows))));
    }

    /// The selected destination, its path, and the components of the path.
    fn rows_of_trace(&self) -> Vec<Entry> {
        let Some(view) = &self.trace else { return Vec::new() };
        let Some(finding) = view.finding() else { return Vec::new() };
        let mut rows = vec![
            row(
                "the destination, its verdict and its paths",
                finding.need.label().clone(),
                crate::report::finding_text(finding),
            ),
            same("the host", finding.need.destination.to_string()),
        ];
        let Some(trace) = view.trace() else { return rows };
        rows.push(row("the selected path", trace.verdict.word().to_owned(), path_text(trace)));
        if let Some(hop) = trace.hops.get(deciding_hop(trace)) {
            let explanation = explain(&view.case.snapshot, hop);
            rows.push(same("the rule that decides", explanation.rule));
            rows.extend(explanation.command.map(|text| same("the command that shows its component", text)));
            rows.extend(explanation.console.map(|text| same("the console address of its component", text)));
        }
        for hop in &trace.hops {
            let id = hop.component.to_string();
            if is_planned(&id) {
                continue;
            }
            if !rows.iter().any(|row| row.about == id) {
                rows.push(same(kind_of(&id), id));
            }
        }
        rows
    }

    /// The fix that Enter plans: its text, and the command that shows its diff.
    fn rows_of_choose(&self) -> Vec<Entry> {
        let Some(choose) = &self.choose else { return Vec::new() };
        let Some(fix) = choose.planned() else { return Vec::new() };
        let folder = self.terraform.as_deref().map_or_else(|| "DIR".to_owned(), shell_quote_path);
        let command = format!("egress-doctor fix --remedy {} --terraform {folder}", fix.id());
        vec![
            row("the fix with its effects and its cost", fix.name(), crate::report::proposal_text(fix)),
            same("its name", fix.name()),
            same("the command that shows its diff", command),
        ]
    }

    /// The commands: the next ones, those by hand, those of the rollback, and the tests.
    fn rows_of_done(&self) -> Vec<Entry> {
        let Some(done) = self.done.as_ref().filter(|done| !done.undone) else { return Vec::new() };
        let commands = done.commands();
        let all = format!("{}\n", commands.join("\n"));
        let mut rows = vec![row("all commands", format!("{} commands", commands.len()), all)];
        let tests = done.follow_up().test;
        rows.extend(commands.into_iter().map(|command| {
            let test = tests.iter().find(|test| test.command.as_ref() == Some(&command));
            let name = match test {
                Some(test) => test.what.clone(),
                None => {
                    command.rsplit(' ').next().filter(|word| is_step(word)).unwrap_or("a command").to_owned()
                }
            };
            same(&name, command)
        }));
        let back = [false, true].into_iter().flat_map(|is_first| done.commands_by_hand(is_first).roll_back);
        rows.extend(back.map(|command| same("a command of the rollback", command)));
        rows
    }

    /// The diff and the selected file.
    fn rows_of_preview(&self) -> Vec<Entry> {
        let Some(edit) = self.planned_edit() else { return self.rows_by_hand() };
        let files = format!("{} files", edit.changes.files.len());
        let mut rows = vec![row("the diff as a patch", files, patch(&edit.changes))];
        let selected = edit.diff().map(|diff| &diff.path);
        if let Some(file) = edit.changes.files.iter().find(|file| Some(&file.path) == selected) {
            let name = file.path.display().to_string();
            rows.push(row("the selected file with the change", name, file.after.clone()));
            rows.push(same(
                "the path of the selected file",
                edit.changes.root.join(&file.path).display().to_string(),
            ));
        }
        rows
    }
}

/// Whether the last word of a command of Terraform names what it does.
fn is_step(word: &str) -> bool {
    ["init", "plan", "apply"].contains(&word)
}

impl App {
    /// The commands and the code of a fix that is made by hand.
    fn rows_by_hand(&self) -> Vec<Entry> {
        let (Some(fix), Some(case)) = (self.by_hand_fix(), self.case()) else { return Vec::new() };
        let commands = self.commands_of_preview();
        let all = |commands: &[String]| format!("{}\n", commands.join("\n"));
        let mut rows = Vec::new();
        if !commands.apply.is_empty() {
            let count = |commands: &[String]| format!("{} commands", commands.len());
            rows.push(row("all commands of the change", count(&commands.apply), all(&commands.apply)));
            rows.extend(commands.apply.iter().map(|command| same("a command", command.clone())));
            let back = &commands.roll_back;
            rows.push(row("all commands of the rollback", count(back), all(back)));
        }
        for part in &fix.parts {
            let code = part.code.iter().cloned();
            rows.extend(code.map(|code| row("the code to write", part.title.clone(), code)));
        }
        let tests = self.preview.iter().flat_map(|preview| case.follow_up(&preview.proposal, None).test);
        rows.extend(tests.filter_map(|step| Some(same("a test", step.command?))));
        rows
    }
}

/// What an id names, by its prefix.
fn kind_of(id: &str) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("acl", "the network ACL"),
        ("dopt", "the DHCP options"),
        ("eigw", "the egress-only internet gateway"),
        ("eni", "the network interface"),
        ("igw", "the internet gateway"),
        ("nat", "the NAT gateway"),
        ("pcx", "the VPC peering connection"),
        ("pl", "the prefix list"),
        ("rtb", "the route table"),
        ("sg", "the security group"),
        ("subnet", "the subnet"),
        ("tgw", "the transit gateway"),
        ("vgw", "the virtual private gateway"),
        ("vpc", "the VPC"),
        ("vpce", "the VPC endpoint"),
    ];
    if id.contains(":vpcconnector/") {
        return "the ARN of the VPC connector";
    }
    if id.starts_with("arn:") {
        return "the ARN of the service";
    }
    let prefix = id.split('-').next().unwrap_or(id);
    KINDS.iter().find(|(known, _)| *known == prefix).map_or("the id of the component", |(_, kind)| kind)
}

/// A row whose text is too long for the list.
fn row(what: &str, about: String, text: String) -> Entry {
    Entry {
        label: what.to_owned(),
        key: String::new(),
        about,
        choice: Choice::Copy { what: what.to_owned(), text },
    }
}

/// A row that shows the text that it copies.
fn same(what: &str, text: String) -> Entry {
    row(what, text.clone(), text)
}
