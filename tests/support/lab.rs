//! An AWS-like account on the loopback address.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::terraform::{self, Root};
use super::{doctor, repository, run, skip, target};
use egress_doctor::discover::load_snapshot;
use egress_doctor::model::Snapshot;

/// Whether the lab can run on this machine.
pub fn is_available(test: &str) -> bool {
    if Command::new("python3").arg("--version").output().is_ok() {
        return true;
    }
    skip(test, "python3 is not installed");
    false
}

/// An AWS-like account on the loopback address: moto and the App Runner emulator of `tests/lab`. It stops
/// when this value is dropped.
pub struct Lab {
    process: Child,
    pub endpoint: String,
}

impl Lab {
    pub fn start() -> Self {
        let mut process = Command::new("python3")
            .arg(repository("tests/lab/lab.py"))
            .arg(target("lab"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the lab needs python3");
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).expect("the lab did not start; the reason is above");
        Self { process, endpoint: ready["endpoint"].as_str().unwrap().to_owned() }
    }

    /// The Python interpreter with moto and boto3.
    pub fn python() -> PathBuf {
        target("lab/venv/bin/python")
    }

    /// The variables that make any AWS client, and Terraform, use the lab.
    pub fn environment(&self) -> Vec<(String, String)> {
        let own = [
            ("AWS_ENDPOINT_URL", self.endpoint.as_str()),
            ("AWS_ACCESS_KEY_ID", "lab"),
            ("AWS_SECRET_ACCESS_KEY", "lab"),
            ("AWS_REGION", "us-west-2"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        own.into_iter().chain(terraform::environment()).collect()
    }

    /// The program, on this account.
    pub fn doctor(&self, home: &Path) -> Command {
        let mut command = doctor(home);
        command.envs(self.environment());
        command
    }

    pub fn post(&self, path: &str, body: &str) {
        self.http("POST", path, body);
    }

    /// The calls since the last reset.
    pub fn stats(&self) -> Value {
        serde_json::from_str(&self.http("GET", "/lab/stats", "")).unwrap()
    }

    fn http(&self, method: &str, path: &str, body: &str) -> String {
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
        // The lab stops itself and moto when its standard input is closed.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// The account that `tests/lab/account.py` makes: a VPC without internet access, a connector, and services `bond-00`, `bond-01`, ...
pub struct Account {
    pub lab: Lab,
    pub home: tempfile::TempDir,
}

impl Account {
    /// An account with 25 services; `None` if the lab is not available.
    pub fn new(test: &str) -> Option<Self> {
        Self::with_services(test, 25)
    }

    pub fn with_services(test: &str, services: usize) -> Option<Self> {
        if !is_available(test) {
            return None;
        }
        let lab = Lab::start();
        let mut make = Command::new(Lab::python());
        make.arg(repository("tests/lab/account.py")).arg(&lab.endpoint).arg(services.to_string());
        assert!(make.status().unwrap().success(), "the account was not made");
        Some(Self { lab, home: tempfile::tempdir().unwrap() })
    }

    pub fn faults(&self, faults: &Value) {
        self.lab.post("/lab/faults", &faults.to_string());
    }

    /// The program, on this account.
    pub fn doctor(&self) -> Command {
        self.lab.doctor(self.home.path())
    }

    /// The snapshot that the program saves with these options. The lab may be slow.
    pub fn snapshot_with(&self, options: &[&str]) -> Snapshot {
        let path = self.home.path().join("snapshot.json");
        run(self.doctor().args(["snapshot", "--timeout", "10m", "-o"]).arg(&path).args(options));
        load_snapshot(&path).unwrap()
    }

    pub fn snapshot(&self) -> Snapshot {
        self.snapshot_with(&[])
    }

    pub fn diagnose(&self, host: &str) -> (i32, String) {
        run(self.doctor().args(["diagnose", "--timeout", "10m", "--service", "bond-07", "--to", host]))
    }
}

/// The account of the scenario `isolated`, applied by Terraform: first the network, then the application.
pub struct AppliedAccount {
    pub lab: Lab,
    pub network: Root,
    pub app: Root,
    pub home: tempfile::TempDir,
}

impl AppliedAccount {
    pub fn apply() -> Self {
        let home = tempfile::tempdir().unwrap();
        let lab = Lab::start();
        let network =
            Root::copy(&repository("tests/lab/network"), home.path().join("network"), lab.environment());
        network.apply();
        let source = repository("assets/scenarios/isolated/terraform");
        let app = Root::copy(&source, home.path().join("app"), lab.environment());
        let settings = app.folder.join("terraform.tfvars");
        let text = fs::read_to_string(&settings).unwrap();
        let old = text.split('"').find(|part| part.starts_with("vpc-")).unwrap();
        fs::write(&settings, text.replace(old, &network.output("vpc_id"))).unwrap();
        app.apply();
        Self { lab, network, app, home }
    }

    /// The program, on this account.
    pub fn doctor(&self) -> Command {
        self.lab.doctor(self.home.path())
    }
}
