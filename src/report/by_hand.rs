//! The parts of a fix that the user makes by hand: why, the commands of the AWS CLI, and the code.

use serde_json::{Value, json};

use super::lines::Lines;
use super::markdown_text::Markdown;
use crate::case::Case;
use crate::remedy::{AwsCommands, Proposal};
use crate::terraform::{ByHandPart, OtherRoot};
use crate::text::{clean, shell_quote, shell_quote_path};

/// What the commands are for.
pub const COMMANDS_BY_HAND: &str =
    "If no Terraform code manages these resources, run these commands of the AWS CLI in one shell";
/// What the commands of the rollback are for.
pub const ROLLBACK_BY_HAND: &str = "The rollback, in the same shell";
/// What the code is for.
pub const CODE_BY_HAND: &str = "If other Terraform code manages them, change it there";

/// What the code of a part in another root module is.
pub const DIFF_OF_OTHER_ROOT: &str = "The diff of that run:";
/// What the commands of a part in another root module are for.
const RUN_OF_OTHER_ROOT: &str = "egress-doctor writes this part in a run of its own";

/// `NAT gateway by hand, after terraform apply`
#[must_use]
pub fn title_by_hand(part: &ByHandPart, has_files: bool) -> String {
    let when = match (has_files, part.is_first) {
        (false, _) => "",
        (true, true) => ", before terraform apply",
        (true, false) => ", after terraform apply",
    };
    let how = if part.other_root.is_some() { "in a second run of egress-doctor" } else { "by hand" };
    format!("{} {how}{when}", part.title)
}

/// The commands that write and apply a part in another root module; none for the other parts.
fn commands_of_other_root(case: &Case, proposal: &Proposal, part: &ByHandPart) -> Vec<String> {
    let Some(OtherRoot { root, commands }) = &part.other_root else { return Vec::new() };
    let remedies: Vec<String> = part.remedies.iter().map(ToString::to_string).collect();
    let fixed = case.diagnosis.findings.iter().map(|finding| &finding.need);
    let mut to: Vec<String> = Vec::new();
    for need in fixed.filter(|need| proposal.fixes.contains(&need.name())) {
        let one = format!(" --to {}", shell_quote(&need.destination.to_string()));
        if !to.contains(&one) {
            to.push(one);
        }
    }
    let write = format!(
        "egress-doctor fix --region {} --service {}{} --remedy {} --terraform {} --write",
        shell_quote(case.snapshot.region.as_str()),
        shell_quote(&case.workload.name),
        to.concat(),
        remedies.join(","),
        shell_quote_path(root)
    );
    [write].into_iter().chain(commands.iter().cloned()).collect()
}

/// The commands for a part; none if its resources are in the folder, because Terraform manages them.
#[must_use]
pub fn commands_by_hand(case: &Case, proposal: &Proposal, part: &ByHandPart) -> AwsCommands {
    if part.is_elsewhere { case.aws_commands(proposal, &part.remedies) } else { AwsCommands::default() }
}

/// The parts as plain text.
#[must_use]
pub fn by_hand_text(case: &Case, proposal: &Proposal, parts: &[ByHandPart], has_files: bool) -> String {
    let mut text = String::new();
    for part in parts {
        let mut out = Lines::default();
        if has_files {
            out.line(title_by_hand(part, has_files));
        }
        let code = part.code.as_deref().map(clean).unwrap_or_default();
        out.line(format_args!("{}{}", part.reason, if code.is_empty() { "" } else { ":" }));
        text.push_str(&out.into_text());
        text.push_str(&code);
        let commands = commands_by_hand(case, proposal, part);
        let mut out = Lines::default();
        let own = commands_of_other_root(case, proposal, part);
        if !own.is_empty() {
            out.section(&format!("{RUN_OF_OTHER_ROOT}:"), own);
        }
        if !commands.apply.is_empty() {
            out.section(&format!("{COMMANDS_BY_HAND}:"), commands.apply);
            out.section(&format!("{ROLLBACK_BY_HAND}:"), commands.roll_back);
        }
        text.push_str(&out.into_text());
    }
    text
}

/// The parts as JSON.
pub(super) fn by_hand_json(case: &Case, proposal: &Proposal, parts: &[ByHandPart]) -> Vec<Value> {
    let part = |part: &ByHandPart| {
        let commands = commands_by_hand(case, proposal, part);
        json!({
            "remedies": part.remedies.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "title": part.title,
            "reason": part.reason,
            "code": part.code,
            "before_apply": part.is_first,
            "commands": commands.apply,
            "roll_back": commands.roll_back,
            "second_run": commands_of_other_root(case, proposal, part),
        })
    };
    parts.iter().map(part).collect()
}

/// The parts as Markdown.
pub(super) fn put_by_hand(
    out: &mut Markdown,
    case: &Case,
    proposal: &Proposal,
    parts: &[ByHandPart],
    has_files: bool,
) {
    for part in parts {
        out.heading(2, &title_by_hand(part, has_files));
        out.paragraph(&format!("{}.", part.reason.trim_end_matches('.')));
        let own = commands_of_other_root(case, proposal, part);
        if !own.is_empty() {
            out.paragraph(&format!("{RUN_OF_OTHER_ROOT}:"));
            out.code_block("sh", &format!("{}\n", own.join("\n")));
        }
        let commands = commands_by_hand(case, proposal, part);
        if !commands.apply.is_empty() {
            out.paragraph(&format!("{COMMANDS_BY_HAND}:"));
            out.code_block("sh", &format!("{}\n", commands.apply.join("\n")));
            out.paragraph(&format!("{ROLLBACK_BY_HAND}:"));
            out.code_block("sh", &format!("{}\n", commands.roll_back.join("\n")));
        }
        if let Some(code) = &part.code {
            let (head, language) = match part.other_root {
                Some(_) => (DIFF_OF_OTHER_ROOT.to_owned(), "diff"),
                None if part.is_elsewhere => (format!("{CODE_BY_HAND}:"), "hcl"),
                None => ("Write there:".to_owned(), "hcl"),
            };
            out.paragraph(&head);
            out.code_block(language, code);
        }
    }
}
