//! The program that reads the code: `terraform`, or `tofu` where that is what the folder was initialised with or all there is.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

/// How long one command may take. A plan reads every resource of the folder.
const PATIENCE: Duration = Duration::from_mins(5);
/// How long it may take to stop once it is asked to.
const FAREWELL: Duration = Duration::from_secs(10);
const LOOK: Duration = Duration::from_millis(25);

/// `terraform` or `tofu`.
pub(in crate::terraform) struct Binary(&'static str);

/// What a command printed, and whether it succeeded.
pub(in crate::terraform) struct Ran {
    pub out: String,
    pub error: String,
    pub success: bool,
    /// The exit code; `None` where a signal ended it.
    pub code: Option<i32>,
}

impl fmt::Display for Binary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Binary {
    #[cfg(test)]
    pub const TERRAFORM: Self = Self("terraform");

    /// The one that starts here: first the one that the folder was initialised with.
    pub fn find(data: &Path) -> Option<Self> {
        let by_tofu = data.join("providers/registry.opentofu.org").is_dir();
        let order = if by_tofu { ["tofu", "terraform"] } else { ["terraform", "tofu"] };
        let starts = |name: &&str| {
            let mut version = Command::new(name);
            let version =
                version.arg("version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let started = quiet(version).spawn();
            started.is_ok_and(|mut child| {
                if let Ok(Some(status)) = wait(&mut child, FAREWELL) {
                    return status.success();
                }
                stop(&mut child);
                false
            })
        };
        order.into_iter().find(starts).map(Self)
    }

    /// Runs a command in a folder. What it prints goes through files, so that nothing it says can block it.
    ///
    /// # Errors
    /// It does not start, or takes too long, and is stopped then.
    pub fn run(&self, dir: &Path, arguments: &[&str]) -> io::Result<Ran> {
        let output = tempfile::tempdir()?;
        let path = |name: &str| output.path().join(name);
        let mut command = Command::new(self.0);
        command.arg(format!("-chdir={}", dir.display())).args(arguments).stdin(Stdio::null());
        command.stdout(File::create(path("out"))?).stderr(File::create(path("error"))?);
        let mut child = quiet(&mut command).spawn()?;
        let Some(status) = wait(&mut child, PATIENCE)? else {
            stop(&mut child);
            return Err(io::Error::new(io::ErrorKind::TimedOut, "it took too long"));
        };
        let read =
            |name: &str| std::fs::read(path(name)).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Ran { out: read("out")?, error: read("error")?, success: status.success(), code: status.code() })
    }
}

/// Without questions, colours and look-ups of newer versions.
fn quiet(command: &mut Command) -> &mut Command {
    command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1").env("TF_INPUT", "0");
    for command_words in ["", "_plan", "_validate", "_fmt", "_show", "_version"] {
        command.env_remove(format!("TF_CLI_ARGS{command_words}"));
    }
    command
}

/// Asks first: killed at once, it would leave its provider behind.
fn stop(child: &mut Child) {
    let asked = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    if asked.is_ok() && wait(child, FAREWELL).is_ok_and(|status| status.is_some()) {
        return;
    }
    let _ = child.kill();
    let _ = child.wait();
}

/// Waits so long at most; `None` where it still runs.
fn wait(child: &mut Child, patience: Duration) -> io::Result<Option<ExitStatus>> {
    let mut left = patience;
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(Some(status)),
            None if left.is_zero() => return Ok(None),
            None => {
                std::thread::sleep(LOOK);
                left = left.saturating_sub(LOOK);
            }
        }
    }
}
