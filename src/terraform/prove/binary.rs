//! Runs `terraform` or `tofu`.

use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::files::TemporaryFolder;
use crate::process::{Batch, ChildError, Limits, program};

/// The limits of a command. `plan` reads every resource of the configuration from AWS.
const COMMAND: Limits =
    Limits { time: Duration::from_mins(5), stdout: 64 * 1024 * 1024, stderr: 1024 * 1024 };
/// The limits of `version`.
const VERSION: Limits = Limits { time: Duration::from_secs(10), stdout: 1024 * 1024, stderr: 64 * 1024 };

/// `terraform` or `tofu`. [`cancel`](crate::process::cancel) stops its commands.
pub(in crate::terraform) struct Binary {
    name: &'static str,
    path: PathBuf,
    /// The first line of `version`.
    version: String,
    batch: Batch,
    /// The folder for the temporary files of the commands, such as the sockets of providers.
    temporary: TemporaryFolder,
}

/// Why there is no program for the checks.
#[derive(Debug, thiserror::Error)]
pub(in crate::terraform) enum BinaryError {
    #[error("neither terraform nor tofu is in PATH")]
    NotInPath,
    #[error("the code has .tofu files, which only OpenTofu reads, and tofu is not in PATH: install OpenTofu")]
    TofuNotInPath,
    #[error("{} version gives no answer within {} seconds; run it to see the reason", .0.display(), VERSION.time.as_secs())]
    NoAnswer(PathBuf),
    #[error("{} version fails: {why}; run it to see the reason", path.display())]
    Fails { path: PathBuf, why: String },
    #[error("the checks were cancelled")]
    Cancelled,
    #[error("cannot create a temporary folder: {0}")]
    NoTemporaryFolder(io::Error),
}

/// The output and the exit status of a command.
pub(in crate::terraform) struct CommandOutput {
    pub stdout: String,
    pub stderr: String,
    pub success: bool,
    /// `None` if a signal ended the command.
    pub exit_code: Option<i32>,
}

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Binary {
    /// The installed program that works. `data` is the folder of `terraform init` (`TF_DATA_DIR`): if `tofu init` created it, `tofu`
    /// is preferred. Code with `.tofu` files is checked by `tofu` only.
    ///
    /// # Errors
    /// Neither program is in `PATH`, or none works: then the error of the preferred one.
    pub fn find(data: &Path, has_tofu_files: bool) -> Result<Self, BinaryError> {
        let batch = Batch::begin();
        let is_tofu_root = data.join("providers/registry.opentofu.org").is_dir();
        // Terraform does not read `.tofu` files, so it would check other code.
        let names: &[&'static str] = match (has_tofu_files, is_tofu_root) {
            (true, _) => &["tofu"],
            (false, true) => &["tofu", "terraform"],
            (false, false) => &["terraform", "tofu"],
        };
        let mut first_error = None;
        for (name, path) in names.iter().filter_map(|name| Some((*name, program(name)?))) {
            let temporary = TemporaryFolder::new("terraform-").map_err(BinaryError::NoTemporaryFolder)?;
            let mut binary = Self { name, path, version: String::new(), batch, temporary };
            match binary.read_version() {
                Ok(version) => {
                    binary.version = version;
                    return Ok(binary);
                }
                Err(error) => _ = first_error.get_or_insert(error),
            }
        }
        let absent = if has_tofu_files { BinaryError::TofuNotInPath } else { BinaryError::NotInPath };
        Err(first_error.unwrap_or(absent))
    }

    /// The path of the program.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The first line of `version`, `Terraform v1.11.4`.
    pub fn version(&self) -> &str {
        &self.version
    }

    fn read_version(&self) -> Result<String, BinaryError> {
        let path = self.path.clone();
        match self.batch.run(self.command().arg("version"), VERSION) {
            Ok(output) if output.status.success() => {
                Ok(text(output.stdout).lines().next().unwrap_or_default().to_owned())
            }
            Ok(output) => Err(BinaryError::Fails { path, why: output.status.to_string() }),
            Err(ChildError::TimedOut(_)) => Err(BinaryError::NoAnswer(path)),
            Err(ChildError::Cancelled) => Err(BinaryError::Cancelled),
            Err(error) => Err(BinaryError::Fails { path, why: error.to_string() }),
        }
    }

    /// Runs a command in a folder.
    ///
    /// # Errors
    /// The command does not start, exceeds the limit of its time or its output, or is cancelled.
    pub fn run(&self, dir: &Path, arguments: &[&str]) -> io::Result<CommandOutput> {
        let mut chdir = OsStr::new("-chdir=").to_owned();
        chdir.push(dir);
        let output =
            self.batch.run(self.command().arg(chdir).args(arguments), COMMAND).map_err(
                |error| match error {
                    ChildError::Io(error) => error,
                    error => io::Error::other(error),
                },
            )?;
        Ok(CommandOutput {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            success: output.status.success(),
            exit_code: output.status.code(),
        })
    }

    /// Without prompts, the look-up of newer versions and the user's extra arguments.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.path);
        command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").env("TF_INPUT", "0");
        command.env("TMPDIR", self.temporary.path());
        for subcommand in ["", "_plan", "_validate", "_fmt", "_show", "_version"] {
            command.env_remove(format!("TF_CLI_ARGS{subcommand}"));
        }
        command
    }

    #[cfg(test)]
    pub fn terraform() -> io::Result<Self> {
        let temporary = TemporaryFolder::new("terraform-")?;
        Ok(Self {
            name: "terraform",
            path: PathBuf::from("/none"),
            version: String::new(),
            batch: Batch::begin(),
            temporary,
        })
    }
}

/// The bytes as text, without a copy if they are UTF-8.
fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
