//! The state of a Terraform folder, for `egress-doctor check`. Executes no code of the folder: of `terraform` only `version`.

use std::path::{Path, PathBuf};

use crate::terraform::prove::binary::Binary;
use crate::terraform::read::config::Config;
use crate::terraform::read::environment::Environment;

/// What an edit and its checks find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderState {
    /// The program for the checks, or why there is none.
    pub program: Result<ProgramVersion, String>,
    /// Whether `terraform init` ran: its data directory exists.
    pub is_initialised: bool,
    /// Whether the folder has `.terraform.lock.hcl`.
    pub has_lock_file: bool,
    /// What the code says, or why it cannot be read.
    pub code: Result<CodeState, String>,
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramVersion {
    /// Its path.
    pub path: PathBuf,
    /// The first line of `version`, `Terraform v1.11.4`.
    pub version: String,
}

/// The code of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeState {
    /// Number of files of the root module.
    pub files: usize,
    /// Number of modules that it calls.
    pub modules: usize,
    /// The backend, `s3` or `cloud`; `local` without one.
    pub backend: String,
    /// The selected workspace; `None` if unknown.
    pub workspace: Option<String>,
}

/// Reads the state of a folder.
#[must_use]
pub fn folder_state(folder: &Path, environment: &Environment) -> FolderState {
    let data = folder.join(environment.data.as_deref().unwrap_or(Path::new(".terraform")));
    let config = Config::read(folder, environment);
    let program = Binary::find(&data, config.as_ref().is_ok_and(has_tofu_files));
    let version = |binary: Binary| ProgramVersion {
        path: binary.path().to_owned(),
        version: binary.version().to_owned(),
    };
    FolderState {
        program: program.map(version).map_err(|error| error.to_string()),
        is_initialised: data.is_dir(),
        has_lock_file: folder.join(".terraform.lock.hcl").is_file(),
        code: config.as_ref().map(code).map_err(ToString::to_string),
    }
}

/// Whether a file of the code is read by `tofu` only.
fn has_tofu_files(config: &Config) -> bool {
    let is_tofu = |path: &Path| path.extension().is_some_and(|extension| extension == "tofu");
    config.local_files().any(|file| is_tofu(&file.path))
}

fn code(config: &Config) -> CodeState {
    let files = &config.root_module.files;
    let settings = || files.iter().flat_map(|file| file.body.blocks("terraform"));
    let cloud = settings().any(|block| block.body.blocks("cloud").next().is_some());
    let backend = settings().find_map(|block| block.body.blocks("backend").next()?.labels.first().cloned());
    CodeState {
        files: files.len(),
        modules: config.modules().len().saturating_sub(1),
        backend: if cloud { "cloud".to_owned() } else { backend.unwrap_or_else(|| "local".to_owned()) },
        workspace: config.workspace.clone(),
    }
}
