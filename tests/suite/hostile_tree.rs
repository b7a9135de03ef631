//! A Terraform folder whose author attacks the user: a cloned repository with programs in every place from which `git` and Terraform
//! may execute one. Each program creates a file with its name. Nothing runs before the user allows it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::screen::Screen;
use crate::support::{doctor, repository, skip, terraform};
use egress_doctor::scenario::Scenario;

/// Code that Terraform executes: an `external` data source, and two providers.
const CODE: &str = r#"
data "external" "hostile" {
  program = ["sh", "MARKS/data-source.sh"]
}
"#;

/// Without hashes, Terraform accepts any provider binary of this version.
const LOCK: &str = r#"
provider "registry.terraform.io/hashicorp/aws" {
  version = "VERSION"
}

provider "registry.terraform.io/hashicorp/external" {
  version = "2.3.5"
}
"#;

struct Tree {
    home: tempfile::TempDir,
}

impl Tree {
    /// The tree, or `None` if this machine has no Terraform.
    fn new(test: &str) -> Option<Self> {
        if !terraform::is_available(test) {
            return None;
        }
        if Command::new("git").arg("version").output().is_err() {
            skip(test, "git is not installed");
            return None;
        }
        let tree = Self { home: tempfile::tempdir().unwrap() };
        fs::create_dir_all(tree.infra()).unwrap();
        fs::create_dir(tree.marks()).unwrap();
        let scenario = Scenario::named("isolated").unwrap();
        scenario.copy_terraform(&tree.infra()).unwrap();
        fs::write(tree.home.path().join("snapshot.json"), scenario.snapshot).unwrap();
        tree.add_terraform_programs();
        tree.add_repositories();
        tree.add_programs_in_path();
        tree.assert_hostile();
        Some(tree)
    }

    fn infra(&self) -> PathBuf {
        self.home.path().join("clone/infra")
    }

    fn marks(&self) -> PathBuf {
        self.home.path().join("marks")
    }

    /// The names of the programs that ran since the last call.
    fn ran(&self) -> Vec<String> {
        let entries = fs::read_dir(self.marks()).unwrap().map(|entry| entry.unwrap().path());
        let mut names = Vec::new();
        for path in entries {
            names.push(path.file_name().unwrap().to_string_lossy().into_owned());
            fs::remove_file(path).unwrap();
        }
        names.sort();
        names
    }

    /// Writes a program that creates the file `name` and copies its input to its output.
    fn program(&self, path: &Path, name: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mark = self.marks().join(name);
        fs::write(path, format!("#!/bin/sh\n: > '{}'\ncat\nexit 1\n", mark.display())).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn add_terraform_programs(&self) {
        let programs = self.home.path().join("clone/programs");
        let code = CODE.replace("MARKS", &programs.display().to_string());
        fs::write(self.infra().join("hostile.tf"), code).unwrap();
        self.program(&programs.join("data-source.sh"), "data-source");
        let version = "6.0.0";
        fs::write(self.infra().join(".terraform.lock.hcl"), LOCK.replace("VERSION", version)).unwrap();
        let platform = match std::env::consts::ARCH {
            "aarch64" => "linux_arm64",
            _ => "linux_amd64",
        };
        let providers = self.infra().join(".terraform/providers/registry.terraform.io/hashicorp");
        for (name, version) in [("aws", version), ("external", "2.3.5")] {
            let file = format!("{name}/{version}/{platform}/terraform-provider-{name}_v{version}");
            self.program(&providers.join(file), "provider");
        }
    }

    /// The clone's repository, and a bare repository in the root module: git uses that one inside the folder.
    fn add_repositories(&self) {
        let (clone, infra) = (self.home.path().join("clone"), self.infra());
        fs::write(infra.join(".gitattributes"), "*.tf filter=hostile diff=hostile\n").unwrap();
        git(&clone, &["init", "-q"]);
        git(&clone, &["add", "--", "infra/*.tf", "infra/.gitattributes"]);
        git(&clone, &["commit", "-q", "-m", "Add the network"]);
        git(&infra, &["init", "-q", "--bare", "."]);
        let bare = ["--git-dir=.", "--work-tree=."];
        git(&infra, &[&bare[..], &["add", "--", "*.tf", ".gitattributes"]].concat());
        git(&infra, &[&bare[..], &["commit", "-q", "-m", "Add the network"]].concat());
        for folder in [clone.join(".git"), infra.clone()] {
            let programs = folder.join("programs");
            let set = |key: &str, value: &str| {
                let file = folder.join("config").display().to_string();
                git(&clone, &["config", "--file", &file, key, value]);
            };
            for key in [
                "filter.hostile.clean",
                "filter.hostile.smudge",
                "diff.hostile.command",
                "diff.hostile.textconv",
                "diff.external",
                "core.fsmonitor",
                "core.pager",
                "core.sshCommand",
            ] {
                self.program(&programs.join(key), key);
                set(key, &programs.join(key).display().to_string());
            }
            set("filter.hostile.required", "true");
            set("core.hooksPath", &programs.join("hooks").display().to_string());
            for hook in ["post-index-change", "pre-auto-gc", "fsmonitor-watchman", "reference-transaction"] {
                self.program(&programs.join("hooks").join(hook), "hook");
            }
        }
        let file = infra.join("config").display().to_string();
        git(&clone, &["config", "--file", &file, "core.bare", "false"]);
        git(&clone, &["config", "--file", &file, "core.worktree", &infra.display().to_string()]);
        // git compares the content, and so runs the filter, only of a file whose metadata changed.
        for entry in fs::read_dir(&infra).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.extension().is_some_and(|extension| extension == "tf") {
                let text = fs::read(&entry).unwrap();
                fs::write(&entry, text).unwrap();
                fs::File::options()
                    .write(true)
                    .open(&entry)
                    .unwrap()
                    .set_modified(std::time::UNIX_EPOCH)
                    .unwrap();
            }
        }
    }

    /// Programs with the names of those that egress-doctor runs, in each folder that `.` and `clone` in `PATH` may mean.
    fn add_programs_in_path(&self) {
        for folder in [self.home.path().to_owned(), self.home.path().join("clone"), self.infra()] {
            for name in ["git", "terraform", "tofu"] {
                self.program(&folder.join(name), &format!("{name} of the tree"));
            }
        }
    }

    /// Terraform of this machine, after two entries of `PATH` that are not absolute.
    fn environment() -> Vec<(String, String)> {
        let mut environment = terraform::environment();
        for (_, value) in environment.iter_mut().filter(|(name, _)| name == "PATH") {
            value.insert_str(0, ".:clone:");
        }
        environment
    }

    /// The programs run if a user calls git and Terraform in the tree.
    fn assert_hostile(&self) {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "git version; terraform version"])
            .current_dir(self.home.path())
            .envs(Self::environment());
        let _ = shell.stdin(Stdio::null()).output().unwrap();
        assert_eq!(self.ran(), ["git of the tree", "terraform of the tree"]);
        let _ =
            Command::new("git").args(["status", "--porcelain"]).current_dir(self.infra()).output().unwrap();
        let ran = self.ran();
        assert!(ran.contains(&"filter.hostile.clean".to_owned()), "git status executes only {ran:?}");
        assert!(ran.contains(&"core.fsmonitor".to_owned()), "git status executes only {ran:?}");
        let mut validate = Command::new("terraform");
        validate.args(["validate", "-no-color"]).current_dir(self.infra()).envs(terraform::environment());
        let output = validate.output().unwrap();
        let (text, errors) =
            (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(self.ran(), ["provider"], "{text}{errors}");
    }

    fn fix(&self, arguments: &[&str]) -> String {
        let mut fix = doctor(self.home.path());
        fix.envs(Self::environment()).current_dir(self.home.path());
        fix.args(["fix", "--from", "snapshot.json", "--terraform", "clone/infra", "--remedy", "s3-gateway"]);
        let output = fix.args(["--to", "s3.us-west-2.amazonaws.com"]).args(arguments).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert_ne!(output.status.code(), Some(2), "{errors}");
        errors
    }

    fn undo(&self) {
        let output =
            doctor(self.home.path()).arg("undo").arg("--terraform").arg(self.infra()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// The interactive application on Preview, after the checks that need no answer.
    fn preview(&self, arguments: &[&str]) -> Screen {
        let log = repository("assets/scenarios/isolated/application.log");
        let mut all =
            vec!["open", "snapshot.json", "--terraform", "clone/infra", "--log", log.to_str().unwrap()];
        all.extend(arguments);
        let mut screen = Screen::start(&all, &Self::environment(), self.home.path(), (100, 30));
        screen.wait_for("x 4 of 4 destinations blocked");
        screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
        screen.press_for("enter", "Recommended first step");
        screen.press("enter");
        screen.wait_for("validate not run");
        screen
    }
}

fn git(folder: &Path, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(folder).args(["-c", "user.name=Test", "-c", "user.email=test@example.com"]);
    let output = command.args(arguments).env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
    assert!(output.status.success(), "git {arguments:?}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn fix_executes_nothing_of_the_tree_without_consent() {
    let Some(tree) = Tree::new("fix_executes_nothing_of_the_tree_without_consent") else { return };
    for arguments in [&[][..], &["--check", "fmt"], &["--check", "plan"], &["--format", "json"]] {
        let errors = tree.fix(arguments);
        assert_eq!(tree.ran(), Vec::<String>::new(), "{arguments:?}\n{errors}");
    }
    for level in ["none", "fmt"] {
        let errors = tree.fix(&["--write", "--check", level]);
        assert_eq!(tree.ran(), Vec::<String>::new(), "{errors}");
        assert!(errors.contains(&format!("validate not run: not requested: --check {level}")), "{errors}");
        tree.undo();
    }
    // fix --write without --check executes the code, and says so before.
    let errors = tree.fix(&["--write"]);
    assert_eq!(tree.ran(), ["provider"], "{errors}");
    assert!(errors.contains("this executes provider binaries and external data sources of"), "{errors}");
}

#[test]
fn the_preview_executes_nothing_of_the_tree_until_the_user_allows_it() {
    let Some(tree) = Tree::new("the_preview_executes_nothing_of_the_tree_until_the_user_allows_it") else {
        return;
    };
    let screen = |arguments: &[&str]| tree.preview(arguments);
    for arguments in [&["--check", "none"][..], &["--check", "fmt"]] {
        let mut screen = screen(arguments);
        screen.press_for("ctrl-c", "Quit?");
        screen.press("ctrl-c");
        screen.end();
        assert_eq!(tree.ran(), Vec::<String>::new(), "{arguments:?}");
    }
    // Without an answer only fmt runs; esc and enter execute nothing either.
    for key in ["esc", "enter"] {
        let mut screen = screen(&[]);
        screen.wait_for("Which checks may run?");
        screen.wait_for("fmt passed");
        assert_eq!(tree.ran(), Vec::<String>::new());
        screen.press_for(
            key,
            if key == "esc" { "not allowed yet" } else { "your answer for this folder is fmt" },
        );
        screen.press_for("ctrl-c", "Quit?");
        screen.press("ctrl-c");
        screen.end();
        assert_eq!(tree.ran(), Vec::<String>::new(), "{key}");
    }
    // The answer is remembered, v changes it, and the next session runs the checks without a question.
    let mut first = screen(&[]);
    first.wait_for("your answer for this folder is fmt");
    first.press_for("v", "Which checks may run?");
    first.press("G");
    first.press("enter");
    first.wait_for("also invalid without the edit");
    first.press_for("ctrl-c", "Quit?");
    first.press("ctrl-c");
    first.end();
    assert_eq!(tree.ran(), ["provider"]);
    let mut second = screen(&[]);
    assert!(!second.text().contains("Which checks may run?"), "{}", second.text());
    second.press_for("ctrl-c", "Quit?");
    second.press("ctrl-c");
    second.end();
    assert_eq!(tree.ran(), ["provider"]);
}
