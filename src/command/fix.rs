//! `egress-doctor fix`.

use std::path::PathBuf;

use color_eyre::eyre::{Result, WrapErr as _, bail, eyre};

use super::emit::{emit, note};
use super::exit::Exit;
use super::workload;
use crate::case::Case;
use crate::cli::{DiagnosisOptions, Format};
use crate::diagnose::FindingVerdict;
use crate::remedy::{Met, Proposal, RemedyId};
use crate::report;
use crate::terraform::{
    Answers, ChangeSet, EditError, Surroundings, Verification, Workspace, diff, plan_edit, verify, write,
};

/// What to do with the fix.
pub(super) struct FixOptions {
    pub terraform: PathBuf,
    pub state: Option<PathBuf>,
    pub remedy: Vec<String>,
    pub answers: Answers,
    pub write: bool,
    pub patch: Option<PathBuf>,
    pub format: Format,
}

/// Plans the edit, prints it, and writes it when that was asked for.
pub(super) fn run(diagnosis: &DiagnosisOptions, options: &FixOptions) -> Result<Exit> {
    let case = workload::open(diagnosis)?;
    let all = case.diagnosis.findings.len();
    if case.diagnosis.count(FindingVerdict::Reachable) == all {
        emit("Nothing to do: everything asked is reachable.\n")?;
        return Ok(Exit::NothingToDo);
    }
    let proposal = choose(&case, &options.remedy)?;
    // Half of an earlier edit is nothing to plan on.
    if write::unfinished(&options.terraform, &write::state_folder()?)
        .wrap_err_with(|| format!("cannot read {}", options.terraform.display()))?
        .is_some()
    {
        bail!("{}", write::unfinished_message(&options.terraform));
    }
    let workspace =
        Workspace::read(&options.terraform, &Surroundings::of(std::env::vars_os(), options.state.clone()))?;
    let changes = match plan_edit(&workspace, (&case.snapshot, &case.workload), &proposal, &options.answers) {
        Err(error @ EditError::AlreadyInCode { .. }) => {
            emit(&format!("Nothing to do: {}\n", report::clean(&error.to_string())))?;
            return Ok(Exit::NothingToDo);
        }
        planned => planned?,
    };
    if let Some(path) = &options.patch {
        std::fs::write(path, diff::patch(&changes))
            .wrap_err_with(|| format!("cannot write {}", path.display()))?;
    }
    let proof = options.write.then(|| proved(&changes)).transpose()?;
    let receipt = if options.write { Some(write::write(&changes, &write::state_folder()?)?) } else { None };
    emit(&match options.format {
        Format::Text => text(&case, &proposal, &changes),
        Format::Json => format!("{:#}\n", report::fix_json(&case, &proposal, &changes, proof.as_ref())),
        Format::Markdown => report::fix_markdown(&case, &proposal, &changes),
    })?;
    let root = changes.root.display();
    match receipt {
        Some(receipt) => note(&format!(
            "wrote {} in {root}; next: terraform plan, terraform apply; take back: egress-doctor undo --terraform {root}",
            receipt.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
        )),
        None => note("nothing is written yet: add --write"),
    }
    let enough = !options.remedy.is_empty() || case.proposals.iter().any(cures_everything);
    Ok(if enough { Exit::Done } else { Exit::Blocked })
}

/// What Terraform says of the edit, before it is written. What it objects to is not written.
fn proved(changes: &ChangeSet) -> Result<Verification> {
    note("checking a copy with terraform fmt, validate and plan");
    let proof = verify(changes);
    for check in &proof.checks {
        let why = check.outcome.why().map_or(String::new(), |why| format!(": {why}"));
        note(&format!("{} {}{why}", check.name, check.outcome.word()));
        for text in &check.notes {
            note(text);
        }
    }
    for warning in &proof.warnings {
        note(warning);
    }
    let objections = proof.objections();
    if !objections.is_empty() {
        bail!("nothing was written: {}", objections.join("; "));
    }
    Ok(proof)
}

fn cures_everything(proposal: &Proposal) -> bool {
    proposal.is_possible() && proposal.leaves.is_empty() && !proposal.cures.is_empty()
}

/// The remedies asked for; the recommended proposal when none was.
fn choose(case: &Case, words: &[String]) -> Result<Proposal> {
    if words.is_empty() {
        let useful = |proposal: &&Proposal| proposal.is_possible() && !proposal.cures.is_empty();
        let best = case.proposals.iter().find(|proposal| proposal.recommended.is_some());
        return best.or_else(|| case.proposals.iter().find(useful)).cloned().ok_or_else(|| {
            eyre!("no remedy that this version knows cures any of it: see egress-doctor diagnose")
        });
    }
    let known = || RemedyId::ALL.iter().map(|id| id.word()).collect::<Vec<_>>().join(", ");
    let remedies: Vec<RemedyId> = words
        .iter()
        .flat_map(|word| word.split('+'))
        .map(|word| {
            RemedyId::from_word(word).ok_or_else(|| eyre!("no remedy `{word}`: there is {}", known()))
        })
        .collect::<Result<_>>()?;
    let Some(proposal) = case.compose(&remedies) else {
        let fitting = case.proposals.iter().map(Proposal::id).collect::<Vec<_>>().join(", ");
        bail!("{} does not fit here: what fits is {fitting}", words.join(", "));
    };
    if let Some(unmet) = proposal.preconditions.iter().find(|condition| condition.met == Met::No) {
        bail!("{} cannot work here: {}", proposal.id(), unmet.text);
    }
    Ok(proposal)
}

fn text(case: &Case, proposal: &Proposal, changes: &ChangeSet) -> String {
    let notes: String = changes.notes.iter().map(|note| format!("note: {note}\n")).collect();
    format!(
        "{}{}\n\n{}{}\n{}",
        report::proposal_text(proposal),
        changes.tally(),
        report::clean(&diff::patch(changes)),
        report::clean(&notes),
        report::follow_up_text(&case.follow_up(proposal, &changes.imports))
    )
}
