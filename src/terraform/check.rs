//! What Terraform itself says of the edited tree, in a scratch copy, before anything is written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::ChangeSet;

/// One check of the edited tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Terraform's subcommand: `fmt`, `validate`, `plan`
    pub name: &'static str,
    /// What came of it.
    pub outcome: Outcome,
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
}

/// Runs every check. It takes seconds: `terraform validate` loads the provider's schema.
#[must_use]
pub fn run(changes: &ChangeSet) -> Vec<Check> {
    let plan = Outcome::NotRun("run terraform plan after writing: it reads your state".to_owned());
    let plan = Check { name: "plan", outcome: plan };
    let both = |fmt, validate| {
        vec![Check { name: "fmt", outcome: fmt }, Check { name: "validate", outcome: validate }, plan.clone()]
    };
    let scratch = match scratch_copy(changes) {
        Ok(scratch) => scratch,
        Err(error) => {
            let why = Outcome::NotRun(format!("no scratch copy could be made: {error}"));
            return both(why.clone(), why);
        }
    };
    both(fmt(changes, scratch.path()), validate(changes, scratch.path()))
}

/// The root's configuration files as they would be after the edit.
fn scratch_copy(changes: &ChangeSet) -> io::Result<tempfile::TempDir> {
    let scratch = tempfile::Builder::new().prefix("egress-doctor-check-").tempdir()?;
    for entry in fs::read_dir(&changes.root)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let wanted =
            [".tf", ".tfvars", ".tf.json", ".terraform.lock.hcl"].iter().any(|ending| name.ends_with(ending));
        if wanted && path.is_file() {
            fs::copy(&path, scratch.path().join(name))?;
        }
    }
    for file in &changes.files {
        fs::write(scratch.path().join(&file.path), &file.after)?;
    }
    Ok(scratch)
}

fn terraform(dir: &Path, arguments: &[&str]) -> io::Result<Output> {
    Command::new("terraform")
        .arg(format!("-chdir={}", dir.display()))
        .args(arguments)
        .env("CHECKPOINT_DISABLE", "1")
        .env("TF_IN_AUTOMATION", "1")
        .stdin(std::process::Stdio::null())
        .output()
}

fn not_started(error: &io::Error) -> Outcome {
    match error.kind() {
        io::ErrorKind::NotFound => Outcome::NotRun("no terraform on this machine's PATH".to_owned()),
        _ => Outcome::NotRun(format!("terraform did not start: {error}")),
    }
}

/// Only files that were clean before are held to it: the team's own style is not ours to change.
fn fmt(changes: &ChangeSet, scratch: &Path) -> Outcome {
    let dirty_after = match unformatted(scratch) {
        Ok(list) => list,
        Err(error) => return not_started(&error),
    };
    let dirty_before = unformatted(&changes.root).unwrap_or_default();
    let ours: Vec<String> = changes
        .files
        .iter()
        .filter(|file| dirty_after.contains(&file.path) && !dirty_before.contains(&file.path))
        .map(|file| file.path.display().to_string())
        .collect();
    if ours.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Failed(format!("not formatted: {}", ours.join(", ")))
    }
}

fn unformatted(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let output = terraform(dir, &["fmt", "-check", "-list=true", "-no-color"])?;
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(PathBuf::from).collect())
}

fn validate(changes: &ChangeSet, scratch: &Path) -> Outcome {
    let data = changes.root.join(".terraform");
    if !data.is_dir() {
        return Outcome::NotRun("the folder is not initialised: run terraform init there first".to_owned());
    }
    let link = scratch.join(".terraform");
    if let Err(error) = link_folder(&data, &link) {
        return Outcome::NotRun(format!("the providers could not be linked: {error}"));
    }
    let output = match terraform(scratch, &["validate", "-json", "-no-color"]) {
        Ok(output) => output,
        Err(error) => return not_started(&error),
    };
    verdict(&String::from_utf8_lossy(&output.stdout))
        .unwrap_or_else(|| Outcome::NotRun("terraform validate gave no answer that could be read".to_owned()))
}

#[cfg(unix)]
fn link_folder(from: &Path, to: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(from, to)
}

#[cfg(not(unix))]
fn link_folder(_from: &Path, _to: &Path) -> io::Result<()> {
    Err(io::Error::other("links to folders are not made on this system"))
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
