//! What Terraform itself says of the edited tree, in a scratch copy, before anything is written.

use std::io;
use std::path::{Path, PathBuf};

use crate::terraform::changeset::ChangeSet;
use crate::terraform::prove::binary::Binary;
use crate::terraform::prove::git;
use crate::terraform::prove::planned::plan;
use crate::terraform::prove::scratch::Scratch;

/// One check of the edited tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Terraform's subcommand: `fmt`, `validate`, `plan`
    pub name: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// What a reader should know besides, whole sentences.
    pub notes: Vec<String>,
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to object.
    Passed,
    /// Terraform objects, in its words.
    Failed(String),
    /// It did not run, and why.
    NotRun(String),
}

impl Outcome {
    /// One word for the screen.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::NotRun(_) => "not run",
        }
    }

    /// Why it failed or did not run.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Passed => None,
            Self::Failed(why) | Self::NotRun(why) => Some(why),
        }
    }
}

/// Everything that is known of an edit before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// What Terraform says.
    pub checks: Vec<Check>,
    /// What speaks for a second look before writing, whole sentences.
    pub warnings: Vec<String>,
}

impl Verification {
    /// What Terraform objects to, a sentence for each check.
    #[must_use]
    pub fn objections(&self) -> Vec<String> {
        let failed = self.checks.iter().filter_map(|check| match &check.outcome {
            Outcome::Failed(why) => Some(format!("{} failed: {why}", check.name)),
            Outcome::Passed | Outcome::NotRun(_) => None,
        });
        failed.collect()
    }
}

/// Looks at everything.
#[must_use]
pub fn prove(changes: &ChangeSet) -> Verification {
    let mut warnings = Vec::new();
    let dirty: Vec<String> =
        git::uncommitted(changes).iter().map(|path| path.display().to_string()).collect();
    if !dirty.is_empty() {
        warnings.push(format!(
            "{} has changes that are not committed: they stay, and undo brings them back too.",
            dirty.join(", ")
        ));
    }
    if is_locked(changes) {
        warnings.push(
            "A run of Terraform holds the lock of this folder's state: it may not see the edit.".to_owned(),
        );
    }
    Verification { checks: run(changes), warnings }
}

/// Whether a run of Terraform is at work on the folder's local state.
pub(in crate::terraform) fn is_locked(changes: &ChangeSet) -> bool {
    changes.root.join(".terraform.tfstate.lock.info").exists()
}

/// Runs every check. It takes seconds: `validate` and `plan` load the provider, and `plan` reads what AWS has.
fn run(changes: &ChangeSet) -> Vec<Check> {
    let check = |name, outcome| Check { name, outcome, notes: Vec::new() };
    let all = |fmt, validate, plan| vec![check("fmt", fmt), check("validate", validate), check("plan", plan)];
    let Some(binary) = Binary::find(&changes.data) else {
        let none = Outcome::NotRun("neither terraform nor tofu is on this machine's PATH".to_owned());
        return all(none.clone(), none.clone(), none);
    };
    let scratch = match Scratch::copy(changes, true) {
        Ok(scratch) => scratch,
        Err(error) => {
            let why = Outcome::NotRun(format!("no scratch copy could be made: {error}"));
            return all(why.clone(), why.clone(), why);
        }
    };
    let (fmt, validate) = (fmt(&binary, changes, &scratch), validate(&binary, changes, &scratch));
    if validate != Outcome::Passed {
        // What keeps one from running keeps the other.
        let plan = match &validate {
            Outcome::NotRun(_) => validate.clone(),
            Outcome::Passed | Outcome::Failed(_) => Outcome::NotRun("validate comes first".to_owned()),
        };
        return all(fmt, validate, plan);
    }
    let (outcome, notes) = plan(&binary, changes, &scratch);
    vec![check("fmt", fmt), check("validate", validate), Check { name: "plan", outcome, notes }]
}

/// Only files that were clean before are held to it: the team's own style is not ours to change.
fn fmt(binary: &Binary, changes: &ChangeSet, scratch: &Scratch) -> Outcome {
    let mut ours = Vec::new();
    for file in &changes.files {
        let Some(folder) = file.path.parent() else { continue };
        let dirty = match unformatted(binary, &scratch.root.join(folder)) {
            Ok(list) => list,
            Err(error) => return Outcome::NotRun(format!("{binary} fmt: {error}")),
        };
        let is_dirty =
            |list: &[PathBuf]| list.iter().any(|name| Some(name.as_os_str()) == file.path.file_name());
        let was = || unformatted(binary, &changes.root.join(folder)).unwrap_or_default();
        if is_dirty(&dirty) && !is_dirty(&was()) {
            ours.push(file.path.display().to_string());
        }
    }
    if ours.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("not formatted: {}", ours.join(", ")))
    }
}

fn unformatted(binary: &Binary, dir: &Path) -> io::Result<Vec<PathBuf>> {
    let output = binary.run(dir, &["fmt", "-check", "-list=true", "-no-color"])?;
    // 3 means that there are such files.
    if !matches!(output.code, Some(0 | 3)) {
        return Err(io::Error::other("fmt gave no answer that could be read"));
    }
    Ok(output.out.lines().map(PathBuf::from).collect())
}

fn validate(binary: &Binary, changes: &ChangeSet, scratch: &Scratch) -> Outcome {
    if !changes.data.is_dir() {
        return Outcome::NotRun(format!("the folder is not initialised: run {binary} init there first"));
    }
    let after = validated(binary, scratch);
    if let Outcome::Failed(why) = &after
        && let Ok(scratch) = Scratch::copy(changes, false)
        && matches!(validated(binary, &scratch), Outcome::Failed(_))
    {
        return Outcome::NotRun(format!("the folder is not valid without the edit either: {why}"));
    }
    after
}

fn validated(binary: &Binary, scratch: &Scratch) -> Outcome {
    match binary.run(&scratch.root, &["validate", "-json", "-no-color"]) {
        Ok(output) => verdict(&output.out).unwrap_or_else(|| {
            Outcome::NotRun(format!("{binary} validate gave no answer that could be read"))
        }),
        Err(error) => Outcome::NotRun(format!("{binary} validate was given up: {error}")),
    }
}

/// Reads `terraform validate -json`. A provider that is not installed is no fault of the edit.
fn verdict(json: &str) -> Option<Outcome> {
    let start = json.find('{')?;
    let answer: serde_json::Value = serde_json::from_str(json.get(start..)?).ok()?;
    if answer.get("valid")?.as_bool()? {
        return Some(Outcome::Passed);
    }
    let messages: Vec<String> = answer
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
    let all = messages.join("; ");
    let not_ready =
        ["Missing required provider", "Module not installed", "required plugins are not installed"];
    if not_ready.iter().any(|words| all.contains(words)) {
        return Some(Outcome::NotRun(
            "providers or modules are not installed: run terraform init there first".to_owned(),
        ));
    }
    Some(Outcome::Failed(all))
}
