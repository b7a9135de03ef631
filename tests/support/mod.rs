//! What the end-to-end tests stand on: the lab (moto and the App Runner emulator), Terraform, and the binary itself.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    reason = "each test file uses its part, and all of them stand at the edge"
)]

pub mod network;
pub mod random;
pub mod screen;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

/// A folder of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The binary under test, in an environment without the machine's AWS settings.
pub fn doctor(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_egress-doctor"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
        .env("HOME", home)
        .env("XDG_STATE_HOME", home.join("state"))
        .env("XDG_CONFIG_HOME", home.join("config"));
    command.stdin(Stdio::null());
    command
}

/// Exit code and standard output.
pub fn run(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    let code = output.status.code().unwrap_or(-1);
    assert!(code != 2 && code != -1, "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    (code, String::from_utf8(output.stdout).unwrap())
}

/// An AWS-like account on the loopback address. It ends with this value.
pub struct Lab {
    process: Child,
    pub endpoint: String,
}

impl Lab {
    pub fn start() -> Self {
        let mut process = Command::new("python3")
            .arg(repository("tests/lab/lab.py"))
            .arg(repository("target/lab"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the lab needs python3");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("the lab did not start; it says why above");
        Self { process, endpoint: ready["endpoint"].as_str().unwrap().to_owned() }
    }

    /// The variables that make any AWS client talk to the lab.
    pub fn environment(&self) -> [(&'static str, &str); 5] {
        [
            ("AWS_ENDPOINT_URL", &self.endpoint),
            ("AWS_ACCESS_KEY_ID", "lab"),
            ("AWS_SECRET_ACCESS_KEY", "lab"),
            ("AWS_REGION", "us-west-2"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
    }

    /// The binary on the lab.
    pub fn doctor(&self, home: &Path) -> Command {
        let mut command = doctor(home);
        command.envs(self.environment());
        command
    }

    pub fn post(&self, path: &str, body: &str) {
        self.http("POST", path, body);
    }

    /// What was called since the last reset.
    pub fn stats(&self) -> Value {
        serde_json::from_str(&self.http("GET", "/lab/stats", "")).unwrap()
    }

    fn http(&self, method: &str, path: &str, body: &str) -> String {
        use std::io::Read as _;
        let address = self.endpoint.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: lab\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A closed standard input ends it, and moto with it.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// A Terraform root on the lab.
pub struct Root {
    /// Holds the root, and the modules beside it.
    top: PathBuf,
    pub folder: PathBuf,
    environment: Vec<(String, String)>,
}

impl Root {
    /// Copies the files there and initialises the folder.
    pub fn copy(from: &Path, folder: PathBuf, lab: &Lab) -> Self {
        Self::copy_below(from, folder, "", lab)
    }

    /// The same, where Terraform is run in a folder below.
    pub fn copy_below(from: &Path, top: PathBuf, root: &str, lab: &Lab) -> Self {
        for path in files_below(from) {
            let to = top.join(path.strip_prefix(from).unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(&path, to).unwrap();
        }
        let environment = lab.environment().map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let root = Self { folder: top.join(root), top, environment };
        root.terraform(&["init", "-input=false", "-no-color"]);
        root
    }

    /// Runs Terraform and takes no failure.
    pub fn terraform(&self, arguments: &[&str]) -> String {
        terraform_does(&self.folder, arguments, &self.environment)
    }

    pub fn apply(&self) -> String {
        self.terraform(&["apply", "-auto-approve", "-input=false", "-no-color"])
    }

    /// Terraform sees no difference between code and account.
    pub fn assert_no_changes(&self) {
        let output = terraform(
            &self.folder,
            &["plan", "-detailed-exitcode", "-input=false", "-no-color", "-lock=false"],
            &self.environment,
        );
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    }

    /// What Terraform would do, as `create aws_route.nat`, without the keys of what one block makes several of.
    pub fn planned(&self) -> Vec<String> {
        self.terraform(&["plan", "-input=false", "-no-color", "-out", "planned.tfplan"]);
        let plan: Value =
            serde_json::from_str(&self.terraform(&["show", "-json", "-no-color", "planned.tfplan"])).unwrap();
        let mut planned: Vec<String> = plan["resource_changes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| {
                one["mode"] == "managed" && one["change"]["actions"] != serde_json::json!(["no-op"])
            })
            .map(|one| {
                let address = one["address"].as_str().unwrap();
                let actions = one["change"]["actions"].as_array().unwrap().iter();
                let actions: Vec<&str> = actions.map(|action| action.as_str().unwrap()).collect();
                format!("{} {}", actions.join("+"), address.split('[').next().unwrap())
            })
            .collect();
        planned.sort();
        planned.dedup();
        planned
    }

    /// Changes the code as a patch says, whose paths begin at the top.
    pub fn take_patch(&self, patch: &Path) {
        let output = Command::new("git").arg("apply").arg(patch).current_dir(&self.top).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    pub fn output(&self, name: &str) -> String {
        self.terraform(&["output", "-raw", "-no-color", name])
    }

    /// Puts the code back as it was.
    pub fn put(&self, code: &[(String, Vec<u8>)]) {
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

/// Every file below a folder but what `terraform init` puts there.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let entries =
        entries.filter(|path| !path.file_name().unwrap().to_string_lossy().starts_with(".terraform"));
    entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

fn terraform(folder: &Path, arguments: &[&str], environment: &[(String, String)]) -> Output {
    let mut command = Command::new("terraform");
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command.env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    // A setting that points nowhere makes Terraform fail before it starts.
    if std::env::var_os("TF_CLI_CONFIG_FILE").is_some_and(|file| !Path::new(&file).exists()) {
        command.env_remove("TF_CLI_CONFIG_FILE");
    }
    command.output().unwrap()
}

/// Runs Terraform in a folder and takes no failure.
pub fn terraform_does(folder: &Path, arguments: &[&str], environment: &[(String, String)]) -> String {
    let output = terraform(folder, arguments, environment);
    assert!(
        output.status.success(),
        "terraform {arguments:?}\n{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Whether the lab can be had here. Where `EGRESS_DOCTOR_TEST_ALL` is set it must be; elsewhere its absence is said loudly.
pub fn lab_is_here(test: &str) -> bool {
    let python = Command::new("python3").arg("--version").output();
    python.is_ok() || skipped(test, "python3 is not installed")
}

/// Whether the lab, Terraform and its AWS provider can be had here.
pub fn terraform_is_here(test: &str) -> bool {
    if !lab_is_here(test) {
        return false;
    }
    let folder = tempfile::tempdir().unwrap();
    let block = "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\" }\n  }\n}\n";
    fs::write(folder.path().join("main.tf"), block).unwrap();
    if Command::new("terraform").arg("version").output().is_err() {
        return skipped(test, "terraform is not installed");
    }
    let output = terraform(folder.path(), &["init", "-input=false", "-no-color"], &[]);
    output.status.success() || skipped(test, "terraform init cannot get the AWS provider")
}

/// Initialises the folder and validates it; what Terraform prints if it fails.
pub fn validate(folder: &Path) -> Result<(), String> {
    for arguments in
        [&["init", "-backend=false", "-input=false", "-no-color"][..], &["validate", "-no-color"]]
    {
        let output = terraform(folder, arguments, &[]);
        if !output.status.success() {
            return Err(format!(
                "terraform {arguments:?}\n{}\n{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ));
        }
    }
    Ok(())
}

/// Copies a folder with everything below it.
pub fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for path in fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()) {
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &to);
        } else {
            fs::copy(&path, to).unwrap();
        }
    }
}

/// Those of the files in and below a folder that `terraform fmt` would change.
pub fn unformatted(folder: &Path) -> String {
    let output = terraform(folder, &["fmt", "-check", "-recursive", "-no-color"], &[]);
    // 3 says that there are some.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Says that a test does not run here, and why. Where `EGRESS_DOCTOR_TEST_ALL` is set it must.
pub fn skip(test: &str, why: &str) {
    skipped(test, why);
}

/// Says something past the test harness, which keeps what a passing test prints to itself.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "\n{text}\n");
}

/// Always false, and never in silence.
fn skipped(test: &str, why: &str) -> bool {
    assert!(std::env::var_os("EGRESS_DOCTOR_TEST_ALL").is_none(), "{test} cannot run: {why}");
    say(&format!("!!! SKIPPED {test}: {why} !!!"));
    false
}

/// The founding story's account, applied by Terraform: the network, then the application as its team deployed it.
pub struct World {
    pub lab: Lab,
    pub network: Root,
    pub app: Root,
    pub home: tempfile::TempDir,
}

impl World {
    pub fn apply() -> Self {
        let home = tempfile::tempdir().unwrap();
        let lab = Lab::start();
        let network = Root::copy(&repository("tests/lab/network"), home.path().join("network"), &lab);
        network.apply();
        let source = repository("assets/scenarios/isolated/terraform");
        let app = Root::copy(&source, home.path().join("app"), &lab);
        let settings = app.folder.join("terraform.tfvars");
        let text = fs::read_to_string(&settings).unwrap();
        let old = text.split('"').find(|part| part.starts_with("vpc-")).unwrap();
        fs::write(&settings, text.replace(old, &network.output("vpc_id"))).unwrap();
        app.apply();
        Self { lab, network, app, home }
    }

    /// The binary on this account.
    pub fn doctor(&self) -> Command {
        self.lab.doctor(self.home.path())
    }
}
