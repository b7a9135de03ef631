//! Runs `terraform` or `tofu` with a time limit.

use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use shared_child::SharedChild;

/// Time limit of one command. `plan` reads every resource of the configuration from AWS.
const COMMAND_TIMEOUT: Duration = Duration::from_mins(5);
/// Time limit of `version`, and grace period of a command after an interrupt.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// `terraform` or `tofu`.
pub(in crate::terraform) struct Binary(&'static str);

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
        f.write_str(self.0)
    }
}

impl Binary {
    #[cfg(test)]
    pub const TERRAFORM: Self = Self("terraform");

    /// The installed program. `data` is the folder of `terraform init` (`TF_DATA_DIR`): if `tofu init`
    /// created it, `tofu` is preferred.
    pub fn find(data: &Path) -> Option<Self> {
        let is_tofu_root = data.join("providers/registry.opentofu.org").is_dir();
        let names = if is_tofu_root { ["tofu", "terraform"] } else { ["terraform", "tofu"] };
        names.into_iter().find(|name| is_installed(name)).map(Self)
    }

    /// Runs a command in a folder. Its output is written to files, because a full pipe would block it.
    ///
    /// # Errors
    /// The command does not start, or exceeds the time limit and is stopped.
    pub fn run(&self, dir: &Path, arguments: &[&str]) -> io::Result<CommandOutput> {
        let output = tempfile::tempdir()?;
        let (stdout, stderr) = (output.path().join("stdout"), output.path().join("stderr"));
        let mut command = Command::new(self.0);
        command.arg(format!("-chdir={}", dir.display())).args(arguments).stdin(Stdio::null());
        command.stdout(File::create(&stdout)?).stderr(File::create(&stderr)?);
        let child = SharedChild::spawn(set_environment(&mut command))?;
        let Some(status) = child.wait_timeout(COMMAND_TIMEOUT)? else {
            stop(&child, STOP_TIMEOUT);
            let minutes = COMMAND_TIMEOUT.as_secs() / 60;
            return Err(io::Error::new(
                io::ErrorKind::TimedOut,
                format!("no result after {minutes} minutes"),
            ));
        };
        let read = |path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(CommandOutput {
            stdout: read(stdout)?,
            stderr: read(stderr)?,
            success: status.success(),
            exit_code: status.code(),
        })
    }
}

fn is_installed(name: &str) -> bool {
    let mut command = Command::new(name);
    command.arg("version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    SharedChild::spawn(set_environment(&mut command)).is_ok_and(|child| {
        if let Ok(Some(status)) = child.wait_timeout(STOP_TIMEOUT) {
            return status.success();
        }
        stop(&child, STOP_TIMEOUT);
        false
    })
}

/// Disables prompts, the look-up of newer versions and the user's extra arguments.
fn set_environment(command: &mut Command) -> &mut Command {
    command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").env("TF_INPUT", "0");
    for subcommand in ["", "_plan", "_validate", "_fmt", "_show", "_version"] {
        command.env_remove(format!("TF_CLI_ARGS{subcommand}"));
    }
    command
}

/// Interrupts the command, because a killed Terraform leaves its provider processes running. Kills it if it
/// still runs after the grace period.
fn stop(child: &SharedChild, grace_period: Duration) {
    #[cfg(unix)]
    {
        use shared_child::unix::SharedChildExt as _;
        let interrupted = child.send_signal(signal_hook::consts::SIGINT);
        if interrupted.is_ok() && child.wait_timeout(grace_period).is_ok_and(|status| status.is_some()) {
            return;
        }
    }
    let _ = child.kill();
    let _ = child.wait();
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use super::*;
    use std::os::unix::process::ExitStatusExt as _;

    #[test]
    fn a_command_over_its_time_limit_is_interrupted_not_killed() {
        let child = SharedChild::spawn(Command::new("sleep").arg("60")).unwrap();
        assert_eq!(child.wait_timeout(Duration::from_millis(50)).unwrap(), None);
        stop(&child, STOP_TIMEOUT);
        assert_eq!(child.wait().unwrap().signal(), Some(signal_hook::consts::SIGINT));
    }

    #[test]
    fn a_command_that_ignores_the_interrupt_is_killed() {
        let ignores = "trap '' INT; echo ready; while :; do sleep 1; done";
        let mut command = Command::new("sh");
        let child = SharedChild::spawn(command.args(["-c", ignores]).stdout(Stdio::piped())).unwrap();
        let mut ready = [0; 5];
        std::io::Read::read_exact(&mut child.take_stdout().unwrap(), &mut ready).unwrap();
        stop(&child, Duration::from_millis(50));
        assert_eq!(child.wait().unwrap().signal(), Some(signal_hook::consts::SIGKILL));
    }
}
