//! `egress-doctor fix`: plans a fix as a Terraform diff, prints it, and writes it with `--write`.
//!
//! Exit codes: 0 a change set was planned or written; 1 no proposal fixes all requested destinations (the
//! best partial proposal is used, if there is one), or a part of the fix must be made by hand; 4 nothing to do: no destination is known, all are reachable,
//! or the code already contains the fix; 2 error.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use color_eyre::eyre::{Result, WrapErr as _, bail, eyre};
use strum::VariantArray as _;

use super::emit::{emit, note};
use super::error_text::ByHand;
use super::exit::Exit;
use super::workload;
use crate::case::Case;
use crate::cli::{DiagnosisOptions, Format};
use crate::evidence::Query;
use crate::files::{is_stdout, write_output};
use crate::model::Destination;
use crate::process;
use crate::remedy::{
    ANY_INTERNET_HOST, NoFixReason, NothingToDo, PreconditionStatus, Proposal, RemedyId, served_destinations,
};
use crate::report;
use crate::terraform::{
    ChangeSet, CheckLevel, Config, EditError, Environment, GivenFiles, OwnerChoices, PlannedFix,
    RequestedChecks, Verification, all_questions, cause_in_code, diff, plan_in_parts, read_consent, verify,
    write,
};

/// Options of `fix` in addition to those of the diagnosis.
pub(super) struct FixOptions {
    pub terraform: PathBuf,
    pub files: GivenFiles,
    pub remedy: Vec<String>,
    pub answers: OwnerChoices,
    pub write: bool,
    pub check: Option<CheckLevel>,
    pub patch: Option<PathBuf>,
    pub format: Format,
}

/// Plans the edit, prints it, and writes it if requested. Nothing is written if a check of Terraform fails.
pub(super) fn run(diagnosis: &DiagnosisOptions, options: &FixOptions) -> Result<Exit> {
    let remedies = remedies(&options.remedy)?;
    let mut case = workload::open(diagnosis)?;
    if !remedies.is_empty() && is_nothing_asked(&case) {
        case = for_served_destinations(&case, &remedies)?;
    }
    // What the log shows beside the destinations can be the cause.
    case.diagnosis.remarks.iter().for_each(|remark| note(remark));
    let Some(proposal) = choose(&case, &remedies, options)? else {
        let nothing = case.nothing_to_do().or_else(|| not_recommended(&case));
        let nothing = nothing.ok_or_else(|| eyre!("no proposal fixes a destination"))?;
        return no_fix(&nothing, options.format);
    };
    // Files of an interrupted write are inconsistent: the user must undo or finish it first.
    if write::unfinished(&options.terraform, &write::state_folder()?)?.is_some() {
        bail!("{}", write::unfinished_message(&options.terraform));
    }
    let environment = Environment::of(std::env::vars_os(), options.files.clone());
    let config = Config::open(&options.terraform, &environment, &case.workload.name)?;
    let planned = plan_in_parts(&config, (&case.snapshot, &case.workload), &proposal, &options.answers);
    let changes = match planned {
        Err(error @ (EditError::AlreadyInCode { .. } | EditError::NotApplied { .. })) => {
            emit(&format!("Nothing to do: {error}\n"))?;
            return Ok(Exit::NothingToDo);
        }
        Err(error) if error.question().is_some() => {
            let opened = (&*case.snapshot, &case.workload);
            let all = all_questions(&config, opened, &proposal, &options.answers, &error);
            bail!("{}", all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
        }
        Err(error) => return Err(error.into()),
        Ok(PlannedFix::ByHand(parts)) => {
            return Err(ByHand(report::by_hand_text(&case, &proposal, &parts, false)).into());
        }
        Ok(PlannedFix::Files(changes)) => *changes,
    };
    let proposal = changes.as_planned(proposal);
    if let Some(path) = &options.patch {
        write_output(path, diff::patch(&changes).as_bytes())
            .wrap_err_with(|| format!("cannot write {}", path.display()))?;
    }
    let verification = requested_checks(options, &changes)?.map(|requested| checked(&changes, &requested));
    if options.write {
        // Nothing is written if a check fails.
        let objections = verification.iter().flat_map(Verification::objections).collect::<Vec<_>>();
        if !objections.is_empty() {
            bail!("nothing was written: {}", objections.join("; "));
        }
    }
    // A signal ends the program when the user knows what was written.
    let _change = options.write.then(process::begin_change);
    let receipt = if options.write { Some(write::write(&changes, &write::state_folder()?)?) } else { None };
    // With `--patch -`, standard output has only the patch, so that `git apply` can read it.
    let printed = if options.patch.as_deref().is_some_and(is_stdout) {
        Ok(Exit::Done)
    } else {
        emit(&match options.format {
            Format::Text => report::fix_text(&case, &proposal, &changes),
            Format::Json => {
                let written = receipt.is_some();
                let answer = report::fix_json(&case, &proposal, &changes, verification.as_ref(), written);
                report::json_text(&answer)
            }
            Format::Markdown => report::fix_markdown(&case, &proposal, &changes),
        })
    };
    // The user must learn what was written although standard output is full or closed.
    let root = changes.root.display();
    match receipt {
        Some(receipt) => note(&format!(
            "wrote {} in {root}; next: {}; to undo: {}",
            receipt.files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", "),
            next_commands(&options.terraform, &changes),
            changes.undo_command()
        )),
        None => note(
            "nothing was written: add --write to run the checks and write the files. The checks validate and plan execute \
             provider binaries and external data sources of the Terraform folder; --check fmt skips them",
        ),
    }
    for part in &changes.by_hand {
        note(&format!("not in the files: {}", report::title_by_hand(part, true)));
    }
    printed?;
    if !changes.by_hand.is_empty() {
        return Ok(Exit::Blocked);
    }
    let is_complete = !options.remedy.is_empty() || case.proposals.iter().any(fixes_all);
    Ok(if is_complete { Exit::Done } else { Exit::Blocked })
}

/// The commands that plan and apply the edit, with the folder if it is the code of another root module than the user's.
fn next_commands(opened: &Path, changes: &ChangeSet) -> String {
    let is_opened = std::fs::canonicalize(opened).is_ok_and(|opened| opened == changes.root);
    if is_opened || changes.run.unit.is_some() {
        return changes.run.next();
    }
    changes.run.commands(&changes.root).join(", ")
}

/// The checks to run; `None` if none was requested. Without `--write`, no check runs that executes code of the folder.
/// With `--write`, an answer that the user gave in the interactive application applies unless `--check` is given.
fn requested_checks(options: &FixOptions, changes: &ChangeSet) -> Result<Option<RequestedChecks>> {
    Ok(match (options.check, options.write) {
        (Some(level), false) if level.executes_code() => Some(RequestedChecks {
            highest: CheckLevel::Fmt,
            skipped: "without --write, fix executes no code of the Terraform folder".to_owned(),
        }),
        (None, false) => None,
        (Some(level), _) => Some(RequestedChecks::up_to(level)),
        (None, true) => {
            let answer = read_consent(&write::state_folder()?, &changes.root)?;
            let answered = |highest| RequestedChecks {
                highest,
                skipped: format!("your answer for this folder is {highest}; --check plan runs all checks"),
            };
            Some(answer.map_or_else(|| RequestedChecks::up_to(CheckLevel::Plan), answered))
        }
    })
}

/// Runs checks of Terraform on a copy with the edit, and reports which ones ran and their results.
fn checked(changes: &ChangeSet, requested: &RequestedChecks) -> Verification {
    let checks = requested.highest.checks();
    if requested.highest.executes_code() {
        note(&format!(
            "running terraform {checks} on a copy; this executes {} of {}; --check fmt skips it",
            requested.highest.executed_code(),
            changes.root.display()
        ));
    } else if !checks.is_empty() {
        note(&format!("running terraform {checks} on a copy"));
    }
    let mut verification = verify(changes, requested);
    verification.warnings.extend(write::losses(changes));
    for check in &verification.checks {
        let reason = check.outcome.why().map_or(String::new(), |reason| format!(": {reason}"));
        note(&format!("{} {}{reason}", check.name, check.outcome.word()));
        for text in &check.notes {
            note(text);
        }
    }
    for warning in &verification.warnings {
        note(warning);
    }
    verification
}

fn fixes_all(proposal: &Proposal) -> bool {
    proposal.is_possible() && proposal.still_blocked.is_empty() && !proposal.fixes.is_empty()
}

/// The requested remedies.
///
/// # Errors
/// No remedy has this id.
fn remedies(words: &[String]) -> Result<Vec<RemedyId>> {
    let ids = || RemedyId::VARIANTS.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let words = words.iter().flat_map(|word| word.split('+'));
    words.map(|word| word.parse().map_err(|_| eyre!("no fix `{word}`: existing fixes: {}", ids()))).collect()
}

fn is_nothing_asked(case: &Case) -> bool {
    case.nothing_to_do().is_some_and(|nothing| nothing.reason == NoFixReason::NothingAsked)
}

/// The case for the destinations that the remedies serve, if no destination of the application is known.
///
/// # Errors
/// The destinations of a remedy depend on the application.
fn for_served_destinations(case: &Case, remedies: &[RemedyId]) -> Result<Case> {
    let mut requested: Vec<Destination> = Vec::new();
    for remedy in remedies {
        let served = served_destinations(&case.snapshot, *remedy);
        if served.is_empty() {
            bail!(
                "no destination of {} is known, and {remedy} depends on it: give --to HOST:PORT",
                case.workload.name
            );
        }
        requested.extend(served);
    }
    requested.dedup();
    let names = requested.iter().map(|destination| match destination.host.as_str() {
        ANY_INTERNET_HOST => format!("{ANY_INTERNET_HOST} (it stands for every host on the internet)"),
        host => host.to_owned(),
    });
    note(&format!(
        "no destination of {} is known: the fix is planned for {}; --to HOST:PORT names others",
        case.workload.name,
        names.collect::<Vec<_>>().join(", ")
    ));
    let query = Query::for_destinations(requested);
    Ok(Case::open(Arc::clone(&case.snapshot), case.workload.clone(), &query))
}

/// Prints why there is no change set.
fn no_fix(nothing: &NothingToDo, format: Format) -> Result<Exit> {
    emit(&match format {
        Format::Text => report::no_fix_text(nothing),
        Format::Json => report::json_text(&report::no_fix_json(nothing)),
        Format::Markdown => report::no_fix_markdown(nothing),
    })?;
    Ok(match nothing.reason {
        NoFixReason::NothingAsked | NoFixReason::AllReachable => Exit::NothingToDo,
        NoFixReason::NoFixKnown | NoFixReason::Unknown => Exit::Blocked,
    })
}

/// The case in which fixes make a destination reachable and none is recommended: the user must request one.
fn not_recommended(case: &Case) -> Option<NothingToDo> {
    let useful = |proposal: &&Proposal| proposal.is_possible() && !proposal.fixes.is_empty();
    let request = |proposal: &Proposal| {
        format!(
            "{} fixes {}: request it with --remedy {}.",
            proposal.title,
            proposal.fixes.join(", "),
            proposal.id()
        )
    };
    let requests: Vec<String> = case.proposals.iter().filter(useful).map(request).collect();
    if requests.is_empty() {
        return None;
    }
    Some(NothingToDo {
        reason: NoFixReason::NoFixKnown,
        has_failures: false,
        message: format!("None of the possible fixes is recommended: {}", case.not_recommended()?),
        next_steps: requests,
    })
}

/// The proposal of the requested remedies; without a request, the recommended proposal. `None` if there is nothing to do, or no
/// proposal is recommended.
///
/// # Errors
/// A requested remedy does not apply to this network, or has an unmet precondition.
fn choose(case: &Case, remedies: &[RemedyId], options: &FixOptions) -> Result<Option<Proposal>> {
    let nothing = case.nothing_to_do().map(|nothing| nothing.reason);
    if matches!(nothing, Some(NoFixReason::NothingAsked | NoFixReason::AllReachable)) {
        return Ok(None);
    }
    if remedies.is_empty() {
        let best = case.proposals.iter().find(|proposal| proposal.recommended.is_some());
        return Ok(best.cloned());
    }
    let proposal = match case.compose(remedies) {
        Ok(proposal) => proposal,
        Err(others) => {
            let possible = case.proposals.iter().filter(|proposal| proposal.is_possible());
            let applicable = possible.map(Proposal::id).collect::<Vec<_>>().join(", ");
            match case.nothing_to_do() {
                Some(nothing) if applicable.is_empty() => bail!("{others}. {}", nothing.text()),
                _ => bail!("{others}; these fixes apply: {applicable}"),
            }
        }
    };
    if let Some(unmet) =
        proposal.preconditions.iter().find(|condition| condition.status == PreconditionStatus::NotMet)
    {
        let in_code = cause_of(case, options, &unmet.text);
        let in_code = in_code.map_or_else(String::new, |error| format!(". {}", error.to_string().trim_end()));
        bail!("{} cannot work: requirement not met: {}{in_code}", proposal.id(), unmet.text);
    }
    Ok(Some(proposal))
}

/// The value in the code that causes an unmet requirement.
fn cause_of(case: &Case, options: &FixOptions, requirement: &str) -> Option<EditError> {
    let environment = Environment::of(std::env::vars_os(), options.files.clone());
    let config = Config::open(&options.terraform, &environment, &case.workload.name).ok()?;
    cause_in_code(&config, (&case.snapshot, &case.workload), requirement)
}
