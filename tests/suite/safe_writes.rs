//! What `fix --write` and `undo` say and keep: full standard output, broken records, changed backups, modes, links.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{doctor, run};
use egress_doctor::scenario::Scenario;

const WRITE: &[&str] = &[
    "fix",
    "--scenario",
    "isolated",
    "--to",
    "s3.us-west-2.amazonaws.com",
    "--remedy",
    "s3-gateway",
    "--terraform",
    "infra",
    "--write",
];
const UNDO: &[&str] = &["undo", "--terraform", "infra"];

/// A home folder with the Terraform code of a scenario in `infra`.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("infra")).unwrap();
        Scenario::named("isolated").unwrap().copy_terraform(&home.path().join("infra")).unwrap();
        Self(home)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// The program without Terraform and git.
    fn doctor(&self, arguments: &[&str]) -> Command {
        let mut command = doctor(self.0.path());
        command.current_dir(self.0.path()).args(arguments).env("PATH", "");
        command
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_full_standard_output_does_not_hide_what_was_written_or_restored() {
    let home = Home::new();
    let into_full = |arguments| {
        let full = fs::File::options().write(true).open(Path::new("/dev/full")).unwrap();
        let output = home.doctor(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };
    let written = into_full(WRITE);
    assert!(written.contains("egress-doctor: wrote data-sources.tf, vpc-endpoints.tf in "), "{written}");
    assert!(home.path("infra/vpc-endpoints.tf").exists());
    let undone = into_full(UNDO);
    assert_eq!(
        undone,
        "egress-doctor: Restored byte for byte in infra: data-sources.tf, vpc-endpoints.tf\n\
         egress-doctor: cannot write to standard output: No space left on device (os error 28)\n"
    );
    run(&mut home.doctor(WRITE));
}
