//! The files that a user gives, and the files that the commands write: encodings, errors without values, pipes and devices.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use egress_doctor::discover::{load_snapshot, save_snapshot};
use egress_doctor::model::Snapshot;
use egress_doctor::scenario::Scenario;
use serde_json::{Value, json};

use crate::support::{doctor, repository, run};

fn isolated() -> &'static Scenario {
    Scenario::named("isolated").unwrap()
}

/// Standard output and standard error.
fn output(command: &mut Command) -> (String, String) {
    let output = command.output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The arguments of `fix` on the scenario `isolated`, with a copy of its Terraform configuration.
fn fix(home: &Path) -> Command {
    let infra = home.join("infra");
    if !infra.exists() {
        fs::create_dir(&infra).unwrap();
        isolated().copy_terraform(&infra).unwrap();
    }
    let mut command = doctor(home);
    command.current_dir(home).args(["fix", "--scenario", "isolated", "--terraform", "infra"]);
    command
}

#[test]
fn a_snapshot_with_a_byte_order_mark_is_read() {
    let home = tempfile::tempdir().unwrap();
    let text = isolated().snapshot;
    let utf16 = |unit: fn(u16) -> [u8; 2]| {
        format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect::<Vec<u8>>()
    };
    let expected = Snapshot::from_json(text).unwrap();
    for bytes in [format!("\u{feff}{text}").into_bytes(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)] {
        let path = home.path().join("snapshot.json");
        fs::write(&path, bytes).unwrap();
        assert_eq!(load_snapshot(&path).unwrap(), expected);
    }
}

#[test]
fn an_error_in_a_document_has_none_of_its_values() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("answers");
    crate::support::copy_folder(&repository("tests/fixtures/aws-cli"), &folder);
    let path = folder.join("describe-service.json");
    let mut answer: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    answer["Service"]["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]["RuntimeEnvironmentVariables"] =
        json!("hunter2, expected hunter2");
    fs::write(&path, answer.to_string()).unwrap();
    let (_, error) = output(doctor(home.path()).args(["diagnose", "--aws-json"]).arg(&folder));
    assert!(error.contains("describe-service.json: invalid type: string, expected a map"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");

    let mut snapshot: Value = serde_json::from_str(isolated().snapshot).unwrap();
    snapshot["network"]["subnets"][0]["cidr"] = json!("hunter2");
    let path = home.path().join("snapshot.json");
    fs::write(&path, snapshot.to_string()).unwrap();
    let (_, error) = output(doctor(home.path()).args(["diagnose", "--from"]).arg(&path));
    assert!(error.contains("not a snapshot: invalid IP address syntax at line 1 column "), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

#[test]
fn an_error_is_one_line_for_a_hostile_name() {
    let home = tempfile::tempdir().unwrap();
    let mut snapshot: Value = serde_json::from_str(isolated().snapshot).unwrap();
    snapshot["workloads"][0]["name"] = json!("api\nFAKE LINE\u{1b}[2J\u{202e}");
    let path = home.path().join("snapshot.json");
    fs::write(&path, snapshot.to_string()).unwrap();
    let (_, error) = output(doctor(home.path()).args(["diagnose", "--service", "none", "--from"]).arg(&path));
    assert_eq!(
        error,
        "egress-doctor: no App Runner service `none` in us-west-2: existing services: api FAKE LINE�[2J�\n"
    );
}

#[test]
fn an_invalid_endpoint_url_is_one_sentence() {
    let home = tempfile::tempdir().unwrap();
    let diagnose = |url: &str| {
        let mut command = doctor(home.path());
        command.args(["diagnose", "--region", "us-west-2", "--endpoint-url", url]);
        output(&mut command)
    };
    assert_eq!(
        diagnose("http://user:hunter2@[x").1,
        "egress-doctor: --endpoint-url is not a valid endpoint URL: use http://HOST:PORT or https://HOST, or leave it out\n"
    );
    #[cfg(not(feature = "live"))]
    assert!(
        diagnose("").1.starts_with("egress-doctor: this build cannot read live AWS"),
        "{}",
        diagnose("").1
    );
}

/// The variables of the environment, with an endpoint on which nothing listens.
#[cfg(feature = "live")]
#[test]
fn an_empty_endpoint_url_in_the_environment_counts_as_not_set() {
    let home = tempfile::tempdir().unwrap();
    let diagnose = |variables: &[(&str, &str)]| {
        let mut command = doctor(home.path());
        command.args(["diagnose", "--region", "us-west-2"]);
        command
            .env("AWS_ACCESS_KEY_ID", "a")
            .env("AWS_SECRET_ACCESS_KEY", "b")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command.envs(variables.iter().copied());
        output(&mut command).1
    };
    let closed = "http://127.0.0.1:9";
    let error = diagnose(&[
        ("AWS_ENDPOINT_URL", closed),
        ("AWS_ENDPOINT_URL_STS", ""),
        ("AWS_ENDPOINT_URL_EC2", " "),
    ]);
    assert!(error.starts_with("egress-doctor: cannot connect to AWS ("), "{error}");
    assert_eq!(
        diagnose(&[("AWS_ENDPOINT_URL", closed), ("AWS_ENDPOINT_URL_ROUTE_53", "nonsense")]),
        "egress-doctor: AWS_ENDPOINT_URL_ROUTE_53 is not a valid endpoint URL: use http://HOST:PORT or https://HOST, or leave it out\n"
    );
}

#[test]
fn a_patch_goes_to_standard_output_to_a_file_or_to_a_pipe() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("fix.patch");
    run(fix(home.path()).arg("--patch").arg(&file));
    let patch = fs::read_to_string(&file).unwrap();
    assert!(patch.starts_with("diff --git a/"), "{patch}");
    assert_eq!(run(fix(home.path()).args(["--patch", "-"])).1, patch);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(run(fix(home.path()).args(["--patch", "/dev/stdout"])).1, patch);
        // The shell opened the file of standard output: it must not be replaced.
        let stdout = home.path().join("stdout");
        let mut command = fix(home.path());
        command.args(["--patch", "/dev/stdout"]).stdout(fs::File::create(&stdout).unwrap());
        assert!(command.status().unwrap().code().is_some_and(|code| code < 2));
        assert_eq!(fs::read_to_string(&stdout).unwrap(), patch);
        let pipe = named_pipe(home.path());
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || fs::read_to_string(pipe).unwrap()
        });
        run(fix(home.path()).arg("--patch").arg(&pipe));
        assert_eq!(reader.join().unwrap(), patch);
    }
}

#[cfg(unix)]
fn named_pipe(folder: &Path) -> PathBuf {
    let path = folder.join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[cfg(unix)]
#[test]
fn a_snapshot_is_written_to_a_pipe_and_a_new_file_is_private() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().unwrap();
    let snapshot = Snapshot::from_json(isolated().snapshot).unwrap();
    let (file, pipe) = (home.path().join("snapshot.json"), named_pipe(home.path()));
    save_snapshot(&snapshot, &file).unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read_to_string(pipe).unwrap()
    });
    save_snapshot(&snapshot, &pipe).unwrap();
    assert_eq!(reader.join().unwrap(), fs::read_to_string(&file).unwrap());
    assert!(!fs::metadata(&pipe).unwrap().is_file());
}
