//! Runs `terraform fmt`, `validate` and `plan` on a copy of the edited configuration, before anything is
//! written. Runs no check above the requested level, because `validate` and `plan` execute code of the user's folder.

use std::io;
use std::path::{Path, PathBuf};

use crate::files::cause;
use crate::terraform::changeset::ChangeSet;
use crate::terraform::prove::binary::Binary;
use crate::terraform::prove::git;
use crate::terraform::prove::level::{CheckLevel, RequestedChecks};
use crate::terraform::prove::outcome::{Check, Outcome, Verification};
use crate::terraform::prove::planned::{is_locked, plan};
use crate::terraform::prove::scratch::Scratch;

/// Runs the requested checks. They take seconds: `validate` and `plan` start the provider, and `plan` reads the
/// resources from AWS. The caller requests them only with the user's consent.
#[must_use]
pub fn verify(changes: &ChangeSet, requested: &RequestedChecks) -> Verification {
    let mut warnings = git::warnings(changes);
    if is_locked(changes) {
        warnings.push(
            "The local state is locked: another Terraform run is in progress and may not include this edit."
                .to_owned(),
        );
    }
    Verification { checks: run(changes, requested), warnings }
}

fn run(changes: &ChangeSet, requested: &RequestedChecks) -> Vec<Check> {
    let check = |name, outcome| Check { name, outcome, notes: Vec::new() };
    let checks =
        |fmt, validate, plan| vec![check("fmt", fmt), check("validate", validate), check("plan", plan)];
    let skipped = || Outcome::NotRun(requested.skipped.clone());
    // The outcomes if no check can run: a check that was not requested keeps that reason.
    let none_runs = |why: String| {
        let outcome = |level| {
            if requested.highest < level { skipped() } else { Outcome::NotRun(why.clone()) }
        };
        checks(outcome(CheckLevel::Fmt), outcome(CheckLevel::Validate), outcome(CheckLevel::Plan))
    };
    if requested.highest == CheckLevel::None {
        return checks(skipped(), skipped(), skipped());
    }
    let binary = match Binary::find(&changes.data, has_tofu_files(changes)) {
        Ok(binary) => binary,
        Err(error) => return none_runs(error.to_string()),
    };
    let scratch = match Scratch::copy(changes, true) {
        Ok(scratch) => scratch,
        Err(error) => {
            return none_runs(format!(
                "cannot copy the configuration to a temporary folder: {}",
                cause(&error)
            ));
        }
    };
    let fmt = fmt(&binary, changes, &scratch);
    if requested.highest < CheckLevel::Validate {
        return checks(fmt, skipped(), skipped());
    }
    let validate = validate(&binary, changes, &scratch);
    if requested.highest < CheckLevel::Plan {
        return checks(fmt, validate, skipped());
    }
    if validate != Outcome::Passed {
        let plan = match &validate {
            // `plan` cannot run for the same reason.
            Outcome::NotRun(_) => validate.clone(),
            Outcome::Passed | Outcome::Failed(_) => Outcome::NotRun("validate did not pass".to_owned()),
        };
        return checks(fmt, validate, plan);
    }
    let (outcome, notes) = plan(&binary, changes, &scratch);
    vec![check("fmt", fmt), check("validate", validate), Check { name: "plan", outcome, notes }]
}

/// Runs `fmt`. Reports only files that were formatted before the edit.
fn fmt(binary: &Binary, changes: &ChangeSet, scratch: &Scratch) -> Outcome {
    let mut unformatted_by_edit = Vec::new();
    for file in &changes.files {
        let Some(folder) = file.path.parent() else { continue };
        let after = match unformatted(binary, &scratch.root.join(folder)) {
            Ok(Some(names)) => names,
            Ok(None) => {
                return match unformatted(binary, &changes.root.join(folder)) {
                    Ok(Some(_)) => Outcome::Failed(format!(
                        "{binary} fmt reports a syntax error in the edited {}",
                        file.path.display()
                    )),
                    Ok(None) | Err(_) => {
                        Outcome::NotRun(format!("{binary} fmt reports a syntax error also without the edit"))
                    }
                };
            }
            Err(error) => return Outcome::NotRun(format!("{binary} fmt: {error}")),
        };
        let contains_file =
            |names: &[PathBuf]| names.iter().any(|name| Some(name.as_os_str()) == file.path.file_name());
        let before = || unformatted(binary, &changes.root.join(folder)).ok().flatten().unwrap_or_default();
        if contains_file(&after) && !contains_file(&before()) {
            unformatted_by_edit.push(file.path.display().to_string());
        }
    }
    if unformatted_by_edit.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("not formatted: {}", unformatted_by_edit.join(", ")))
    }
}

/// The files of a folder that `fmt` would change; `None` if it reports an error in one of them.
fn unformatted(binary: &Binary, dir: &Path) -> io::Result<Option<Vec<PathBuf>>> {
    let output = binary.run(dir, &["fmt", "-check", "-list=true", "-no-color"])?;
    // Exit code 3: some files are not formatted.
    let is_read = matches!(output.exit_code, Some(0 | 3));
    Ok(is_read.then(|| output.stdout.lines().map(PathBuf::from).collect()))
}

fn validate(binary: &Binary, changes: &ChangeSet, scratch: &Scratch) -> Outcome {
    if !changes.data.is_dir() {
        return Outcome::NotRun(format!("this folder is not initialised: run {binary} init first"));
    }
    let after = validate_copy(binary, scratch);
    if let Outcome::Failed(why) = &after
        && let Ok(unedited) = Scratch::copy(changes, false)
        && matches!(validate_copy(binary, &unedited), Outcome::Failed(_))
    {
        return Outcome::NotRun(format!("the configuration is also invalid without the edit: {why}"));
    }
    after
}

fn validate_copy(binary: &Binary, scratch: &Scratch) -> Outcome {
    match binary.run(&scratch.root, &["validate", "-json", "-no-color"]) {
        Ok(output) => parse_validate(binary, &output.stdout)
            .unwrap_or_else(|| Outcome::NotRun(format!("{binary} validate: cannot read its output"))),
        Err(error) => Outcome::NotRun(format!("{binary} validate: {error}")),
    }
}

/// Reads the output of `terraform validate -json`. A provider or module that is not installed is not an
/// error of the edit.
fn parse_validate(binary: &Binary, json: &str) -> Option<Outcome> {
    let start = json.find('{')?;
    let output: serde_json::Value = serde_json::from_str(json.get(start..)?).ok()?;
    if output.get("valid")?.as_bool()? {
        return Some(Outcome::Passed);
    }
    let messages: Vec<String> = output
        .get("diagnostics")?
        .as_array()?
        .iter()
        .filter(|diagnostic| diagnostic.get("severity").is_some_and(|severity| severity == "error"))
        .map(|diagnostic| {
            let text = |field: &str| {
                diagnostic.get(field).and_then(|value| value.as_str()).unwrap_or_default().to_owned()
            };
            let range = diagnostic.get("range");
            let file =
                range.and_then(|range| range.get("filename")).and_then(|name| name.as_str()).unwrap_or("?");
            let line = range
                .and_then(|range| range.pointer("/start/line"))
                .and_then(serde_json::Value::as_u64)
                .unwrap_or(0);
            format!("{file}:{line}: {} {}", text("summary"), text("detail"))
        })
        .collect();
    let messages = messages.join("; ");
    let not_installed =
        ["Missing required provider", "Module not installed", "required plugins are not installed"];
    if not_installed.iter().any(|phrase| messages.contains(phrase)) {
        return Some(Outcome::NotRun(format!(
            "providers or modules are not installed: run {binary} init first"
        )));
    }
    Some(Outcome::Failed(messages))
}

/// Whether the edit or the code that it depends on has `.tofu` files.
fn has_tofu_files(changes: &ChangeSet) -> bool {
    let read = changes.read.iter().map(|(path, _)| path);
    read.chain(changes.files.iter().map(|file| &file.path))
        .any(|path| path.extension().is_some_and(|ending| ending == "tofu"))
}
