//! One case: reads its folder, plans the edit, and compares it with the expected file.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use egress_doctor::case::Case as OpenCase;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::Destination;
use egress_doctor::remedy::RemedyId;
use egress_doctor::report::title_by_hand;
use egress_doctor::terraform::{
    Config, Environment, MadeBy, OwnerChoices, PlannedFix, all_questions, diff, plan_edit, plan_in_parts,
};
use libtest_mimic::Failed;
use serde::Deserialize;
use similar::TextDiff;

use crate::advice::Advice;
use crate::{networks, support};

/// Regenerates the expected files.
const UPDATE: &str = "EGRESS_DOCTOR_UPDATE_EXPECTED";
const EDIT: &str = "expected.diff";
const REFUSAL: &str = "refusal.txt";

/// `request.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Request {
    /// Changes of the base network, by their names in [`networks::network`].
    #[serde(default)]
    network: Vec<String>,
    /// Destinations in the format of `--to`. The fixes must make all of them reachable.
    destinations: Vec<String>,
    /// Ids of the fixes to write.
    remedies: Vec<String>,
    /// The root module, if it is a folder below `before`.
    #[serde(default)]
    root: PathBuf,
    /// The folder that egress-doctor opens, if it is not `root`: a Terragrunt unit, or a root module that reads the state of another one.
    /// `root` is then the module that the edit changes.
    #[serde(default)]
    opened: Option<PathBuf>,
    /// The folders below `before` that are git repositories; `.` is `before` itself. git cannot store a folder `.git`, so the
    /// copy gets it.
    #[serde(default)]
    repositories: Vec<PathBuf>,
    /// Why Terraform cannot validate the configuration: a tool, a provider or a module is not available to the tests.
    #[serde(default)]
    not_validated: Option<String>,
    /// A variable that switches the network on and off: the edited configuration has a plan with both values.
    #[serde(default)]
    switch: Option<String>,
    /// Other root modules of the repository, folders below `before`: they have a plan with the edit too.
    #[serde(default)]
    other_roots: Vec<PathBuf>,
    /// A state, or the JSON of a plan, in the format of `--state`: a path below `before`.
    #[serde(default)]
    state: Option<PathBuf>,
    /// The files of `--var-file`, below `before`.
    #[serde(default)]
    var_files: Vec<PathBuf>,
    /// `TF_WORKSPACE`
    #[serde(default)]
    workspace: Option<String>,
    /// What a second run says about the edit: a part of the sentence.
    #[serde(default)]
    recognised: Option<String>,
    /// Whether the parts of the fix that the files do not contain are printed too.
    #[serde(default)]
    in_parts: bool,
    /// The user's answers, in the format of `--made-by`.
    #[serde(default)]
    made_by: Vec<String>,
}

pub struct Case {
    /// `SUBJECT/CASE`.
    pub name: String,
    folder: PathBuf,
    request: Request,
}

/// All cases, by name.
pub fn all() -> Vec<Case> {
    let trees = support::repository("tests/trees");
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let mut cases: Vec<Case> = folders(&trees)
        .iter()
        .flat_map(|subject| folders(subject))
        .map(|folder| {
            let path = folder.join("request.toml");
            let text =
                fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let request = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            Case { name: folder.strip_prefix(&trees).unwrap().to_str().unwrap().to_owned(), folder, request }
        })
        .collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

impl Case {
    /// Name of the test that compares the formatting.
    pub fn fmt(&self) -> String {
        format!("{}/fmt", self.name)
    }

    /// Name of the test that runs `terraform validate`.
    pub fn validate(&self) -> String {
        format!("{}/validate", self.name)
    }

    /// Name of the test that plans with the switch on and off.
    pub fn plan(&self) -> String {
        format!("{}/plan", self.name)
    }

    /// Name of the test that checks the code of the refusal.
    pub fn advised(&self) -> String {
        format!("{}/advice", self.name)
    }

    /// The code of the expected refusal; `None` without code.
    pub fn advice(&self) -> Option<Advice> {
        Advice::of(&fs::read_to_string(self.folder.join(REFUSAL)).ok()?)
    }

    /// Why Terraform cannot validate it.
    pub fn not_validated(&self) -> Option<&str> {
        self.request.not_validated.as_deref()
    }

    /// The variable that switches the network on and off.
    pub fn switch(&self) -> Option<&str> {
        self.request.switch.as_deref()
    }

    /// The other root modules that have a plan with the edit, below the folder of the copy.
    pub fn other_roots(&self) -> &[PathBuf] {
        &self.request.other_roots
    }

    /// Whether Terraform plans the edited configuration.
    pub fn has_plan(&self) -> bool {
        self.switch().is_some() || !self.other_roots().is_empty()
    }

    /// Whether the expected result is an edit, not a refusal.
    pub fn expects_edit(&self) -> bool {
        self.folder.join(EDIT).exists()
    }

    /// The root module in a copy of the configuration.
    pub fn root(&self, copy: &Path) -> PathBuf {
        copy.join(&self.request.root)
    }

    /// Copies the configuration.
    pub fn copy(&self, to: &Path) {
        support::copy_folder(&self.folder.join("before"), to);
        for repository in &self.request.repositories {
            fs::create_dir(to.join(repository).join(".git")).unwrap();
        }
    }

    /// Edits a copy of the configuration. Returns the edit, or the refusal, in the format of the expected
    /// file.
    pub fn edit(&self, copy: &Path) -> String {
        let opened = copy.join(self.request.opened.as_ref().unwrap_or(&self.request.root));
        let network = networks::network(&self.request.network);
        let workload = network.0.workloads.iter().next().unwrap().clone();
        let wanted: Vec<Destination> =
            self.request.destinations.iter().map(|host| destination(host).unwrap()).collect();
        let case = OpenCase::open(Arc::new(network.0), workload, &Query::for_destinations(wanted));
        let remedies: Vec<RemedyId> = self
            .request
            .remedies
            .iter()
            .map(|id| id.parse().unwrap_or_else(|_| panic!("{id} is no remedy")))
            .collect();
        let proposal = case.compose(&remedies).expect("the fixes apply to this network");
        assert!(proposal.is_possible() && proposal.still_blocked.is_empty(), "{proposal:#?}");
        let state = self.request.state.as_ref().map(|path| copy.join(path));
        let var_files = self.request.var_files.iter().map(|path| copy.join(path)).collect();
        let environment = Environment {
            state,
            var_files,
            workspace: self.request.workspace.clone(),
            ..Environment::default()
        };
        // The folder of the copy differs from run to run. A carriage return is written as a visible symbol.
        let shown = |text: String| {
            let text = text.replace(&format!("{}/", copy.display()), "");
            format!("{}\n", text.trim_end_matches('\n').replace('\r', "\u{240d}"))
        };
        let config = match Config::open(&opened, &environment, &case.workload.name) {
            Ok(config) => config,
            Err(error) => return shown(format!("refused: {error}")),
        };
        let answers = self.request.made_by.iter().map(|answer| answer.parse::<MadeBy>().unwrap());
        let answers: OwnerChoices = answers.map(|answer| (answer.id, answer.answer)).collect();
        let opened = (&*case.snapshot, &case.workload);
        let planned = if self.request.in_parts {
            match plan_in_parts(&config, opened, &proposal, &answers) {
                Ok(PlannedFix::Files(changes)) => Ok(*changes),
                Ok(PlannedFix::ByHand(parts)) => panic!("no part is in files: {parts:#?}"),
                Err(error) => Err(error),
            }
        } else {
            plan_edit(&config, opened, &proposal, &answers)
        };
        let text = match planned {
            Ok(changes) => {
                let mut text = changes.tally();
                for note in &changes.notes {
                    write!(text, "\nnote: {note}").unwrap();
                }
                write!(text, "\n\n{}", diff::patch(&changes)).unwrap();
                for part in &changes.by_hand {
                    let code = part.code.as_deref().unwrap_or_default();
                    write!(text, "\n{}:\n{}:\n{code}", title_by_hand(part, true), part.reason).unwrap();
                }
                for file in &changes.files {
                    fs::write(changes.root.join(&file.path), &file.after).unwrap();
                }
                text
            }
            Err(refusal) => {
                let all =
                    all_questions(&config, (&case.snapshot, &case.workload), &proposal, &answers, &refusal);
                let texts: Vec<String> = all.iter().map(ToString::to_string).collect();
                format!("refused: {}", texts.join("\n"))
            }
        };
        shown(text)
    }

    /// The same fix for the edited configuration: nothing is written twice.
    fn ensure_recognised(&self, copy: &Path) -> Result<(), Failed> {
        let again = self.edit(copy);
        let is_expected = self.request.recognised.as_ref().is_none_or(|part| again.contains(part));
        let is_refused = again.starts_with("refused: ") || self.request.in_parts;
        if is_refused && again.contains(" is already in the code ") && is_expected {
            return Ok(());
        }
        Err(format!("{}: a second run does not recognise the edit:\n\n{again}", self.name).into())
    }

    /// Compares the edit with the expected file.
    pub fn compare(&self) -> Result<(), Failed> {
        let copy = tempfile::tempdir().unwrap();
        self.copy(copy.path());
        let text = self.edit(copy.path());
        let (file, other) = if text.starts_with("refused: ") { (REFUSAL, EDIT) } else { (EDIT, REFUSAL) };
        let path = self.folder.join(file);
        if std::env::var_os(UPDATE).is_some() {
            fs::write(path, text).unwrap();
            let _ = fs::remove_file(self.folder.join(other));
            return Ok(());
        }
        let expected =
            [file, other].map(|name| fs::read_to_string(self.folder.join(name)).unwrap_or_default());
        let expected = expected.concat();
        if text == expected {
            return if file == EDIT { self.ensure_recognised(copy.path()) } else { Ok(()) };
        }
        let lines = TextDiff::from_lines(&expected, &text);
        let shown = lines.unified_diff().header("expected", "actual").to_string();
        Err(format!(
            "{}: the edit is not the expected one. If the new one is right: {UPDATE}=1 cargo test --test trees {}\n\n{shown}",
            path.display(),
            self.name
        )
        .into())
    }
}
