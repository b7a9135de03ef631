//! Fuzz targets, one for each parser of external input. `cargo test` runs each with random bytes and mutated
//! samples for two seconds, or `EGRESS_DOCTOR_FUZZ_SECONDS`.
//! `cargo bolero test --test suite fuzz::snapshots -T 5min` runs one with libFuzzer.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use egress_doctor::case::Case;
use egress_doctor::discover::load_aws_json;
use egress_doctor::evidence::{Query, destination, hosts_in_value, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::report;
use egress_doctor::scenario::{SCENARIOS, Scenario};
use egress_doctor::terraform::{Config, Environment, OwnerChoices, plan_edit, scan, write};

use crate::support::expressions::{Random, configuration};
use crate::support::{WRITE, doctor, home_with_code, run};

/// How long each target runs: two seconds, or `EGRESS_DOCTOR_FUZZ_SECONDS`.
fn duration() -> Duration {
    let requested = std::env::var("EGRESS_DOCTOR_FUZZ_SECONDS").map(|text| text.parse().unwrap());
    Duration::from_secs(requested.unwrap_or(2))
}

/// Deletes, duplicates and overwrites pieces of a sample. The bytes of the fuzzer select the pieces.
fn mutated(sample: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut text = sample.to_vec();
    for step in bytes.chunks_exact(6).take(16) {
        if text.is_empty() {
            break;
        }
        let at = usize::from(u16::from_le_bytes([step[1], step[2]])) * text.len() / 65_536;
        let length = usize::from(step[3]).min(text.len() - at);
        match step[0] % 5 {
            0 => text[at] = step[4],
            1 => drop(text.drain(at..at + length)),
            2 => {
                let piece = text[at..at + length].to_vec();
                text.splice(at..at, piece);
            }
            3 => drop(text.splice(at..=at, [step[4], step[5]])),
            _ => {
                let words: [&[u8]; 8] =
                    [b"null", b"\"\"", b"-1", b"65536", b"{}", b"[]", b"::/0", b"\x1b[2J${x}"];
                text.splice(at..at, words[usize::from(step[4]) % words.len()].iter().copied());
            }
        }
    }
    text
}

/// Saves, loads, diagnoses and prints a snapshot.
fn process(snapshot: Snapshot) {
    let again = snapshot.to_json().unwrap();
    assert_eq!(Snapshot::from_json(&again).unwrap(), snapshot, "a snapshot survives its own file");
    let snapshot = Arc::new(snapshot);
    for workload in snapshot.workloads.iter() {
        let requested =
            ["s3.us-west-2.amazonaws.com", "[2600::1]:443"].map(|host| destination(host).unwrap());
        let case = Case::open(
            snapshot.clone(),
            workload.clone(),
            &Query { requested: requested.to_vec(), ..Query::default() },
        );
        let shown = report::diagnosis_text(&case);
        assert!(!shown.contains('\x1b'), "no escape reaches the terminal");
    }
}

#[test]
fn snapshots() {
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        let sample = SCENARIOS[usize::from(bytes.first().copied().unwrap_or(0)) % SCENARIOS.len()].snapshot;
        for text in [bytes.to_vec(), mutated(sample.as_bytes(), bytes)] {
            if let Ok(snapshot) = Snapshot::from_json(&String::from_utf8_lossy(&text)) {
                process(snapshot);
            }
        }
    });
}

#[test]
fn aws_cli_output() {
    let folder = tempfile::tempdir().unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/aws-cli");
    let mut samples: Vec<_> = fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    for sample in &samples {
        fs::copy(sample, folder.path().join(sample.file_name().unwrap())).unwrap();
    }
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        let sample = &samples[usize::from(bytes.first().copied().unwrap_or(0)) % samples.len()];
        let target = folder.path().join(sample.file_name().unwrap());
        let whole = fs::read(sample).unwrap();
        for text in [bytes.to_vec(), mutated(&whole, bytes)] {
            fs::write(&target, text).unwrap();
            if let Ok(snapshot) = load_aws_json(folder.path(), Some("us-west-2")) {
                process(snapshot);
            }
        }
        fs::write(&target, whole).unwrap();
    });
}

#[test]
fn logs() {
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        let sample = SCENARIOS[usize::from(bytes.first().copied().unwrap_or(0)) % SCENARIOS.len()].log;
        for text in [bytes.to_vec(), mutated(sample.as_bytes(), bytes)] {
            let Ok(reading) = read_log(text.as_slice()) else {
                assert!(text.starts_with(&[0x1f, 0x8b]), "only an archive can be broken");
                continue;
            };
            for finding in reading.findings {
                let samples: String = finding.samples.into_iter().map(|(_, text)| text).collect();
                for text in [finding.destination.map(|wanted| wanted.host), finding.host, Some(samples)] {
                    assert!(!text.iter().any(|text| text.chars().any(char::is_control)), "{text:?}");
                }
            }
        }
    });
}

#[test]
fn destinations_and_settings() {
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        match destination(&text) {
            Ok(found) => {
                // The text of a parsed destination parses to the same destination.
                assert_eq!(destination(&found.to_string()).unwrap().to_string(), found.to_string());
            }
            Err(error) => assert!(!error.to_string().chars().any(char::is_control), "{error}"),
        }
        for host in hosts_in_value(&text) {
            assert!(destination(&host).is_ok(), "{host}");
        }
    });
}

/// The Terraform files of a scenario in a new folder.
fn terraform_folder() -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    Scenario::named("isolated").unwrap().copy_terraform(root.path()).unwrap();
    root
}

/// Reads the configuration. Returns whether it has no error; an error names the file without a control character.
fn reads(root: &Path, file: &str) -> bool {
    match Config::read(root, &Environment::default()) {
        Ok(_) => true,
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains(file) && !text.chars().any(char::is_control), "{text}");
            false
        }
    }
}

#[test]
fn variable_files() {
    const HCL: &str = "# values\nproject_name = \"bond-ai\"\nenvironment = \"dev\"\nsubnets = [\"a\", \"b\"]\n\
        tags = {\n  Name = \"${1 + 2}\"\n  \"k v\" : true\n}\ntext = <<-EOT\n  one\n  EOT\nnone = null\nnumber = -1.5e3\n";
    const JSON: &str = r#"{"project_name": "bond-ai", "subnets": ["a", "b"], "tags": {"Name": "x"}, "none": null, "number": -1.5e3}"#;
    let root = terraform_folder();
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        for (sample, name) in [(HCL, "terraform.tfvars"), (JSON, "terraform.tfvars.json")] {
            let path = root.path().join(name);
            for text in [bytes.to_vec(), mutated(sample.as_bytes(), bytes)] {
                fs::write(&path, &text).unwrap();
                reads(root.path(), name);
                fs::remove_file(&path).unwrap();
                // An optional file never prevents an edit.
                let optional = root.path().join(name.replace("terraform", "prod"));
                fs::write(&optional, &text).unwrap();
                assert!(reads(root.path(), name));
                fs::remove_file(&optional).unwrap();
            }
        }
    });
}

#[test]
fn files_of_the_data_directory() {
    const MODULES: &str = r#"{"Modules": [{"Key": "", "Source": "", "Dir": "."},
        {"Key": "vpc", "Source": "registry.terraform.io/terraform-aws-modules/vpc/aws", "Version": "5.1.0", "Dir": ".terraform/modules/vpc"},
        {"Key": "app.net", "Source": "./net", "Dir": "../../net"}]}"#;
    let root = terraform_folder();
    let data = root.path().join(".terraform");
    fs::create_dir_all(data.join("modules/vpc")).unwrap();
    fs::write(data.join("modules/vpc/main.tf"), "module \"vpc\" {\n  source = \"x/z/aws\"\n}\n").unwrap();
    fs::write(root.path().join("vpc.tf"), "module \"vpc\" {\n  source = \"x/y/aws\"\n}\n").unwrap();
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        for (sample, name) in [(MODULES, "modules/modules.json"), ("production\n", "environment")] {
            for text in [bytes.to_vec(), mutated(sample.as_bytes(), bytes)] {
                fs::write(data.join(name), &text).unwrap();
                reads(root.path(), name);
                fs::remove_file(data.join(name)).unwrap();
            }
        }
    });
}

/// The files below a folder, by path.
fn files_below(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn journals() {
    let home = home_with_code();
    let (infra, state) = (home.path().join("infra"), home.path().join("state/egress-doctor"));
    let old = files_below(&infra);
    run(doctor(home.path()).args(WRITE).current_dir(home.path()).env("PATH", ""));
    let new = files_below(&infra);
    fs::write(home.path().join("outside.tf"), "# outside\n").unwrap();
    let outside = files_below(home.path());
    let mut records = fs::read_dir(state.join("writes")).unwrap().map(|entry| entry.unwrap().path());
    let folder = records.find(|path| path.is_dir()).unwrap();
    let record = files_below(&folder);
    let journal = &record[&folder.join("journal.json")];
    let unfinished =
        String::from_utf8(journal.clone()).unwrap().replace("\"finished\": true", "\"finished\": false");
    assert_ne!(unfinished.as_bytes(), journal.as_slice());
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        let is_unfinished = bytes.first().is_some_and(|byte| byte % 2 == 1);
        let sample = if is_unfinished { unfinished.as_bytes() } else { journal.as_slice() };
        for text in [bytes.to_vec(), mutated(sample, bytes)] {
            fs::create_dir_all(&folder).unwrap();
            for (path, bytes) in &record {
                fs::write(path, bytes).unwrap();
            }
            fs::write(folder.join("journal.json"), text).unwrap();
            // The files are restored, or nothing changes.
            if is_unfinished {
                let _ = write::finish(&infra, &state);
            } else {
                let _ = write::undo(&infra, &state);
            }
            let now = files_below(&infra);
            for (path, bytes) in &now {
                assert!(old.get(path) == Some(bytes) || new.get(path) == Some(bytes), "{}", path.display());
            }
            assert!(old.keys().all(|path| now.contains_key(path)));
            assert_eq!(files_below(home.path()), outside);
            for (path, bytes) in &new {
                fs::write(path, bytes).unwrap();
            }
            fs::remove_dir_all(state.join("writes")).unwrap();
        }
    });
}

#[test]
fn terraform_files() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/scenarios/isolated/terraform");
    let mut samples: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "isolated").unwrap();
    let snapshot = Arc::new(Snapshot::from_json(scenario.snapshot).unwrap());
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let requested =
        ["s3", "secretsmanager"].map(|name| destination(&format!("{name}.us-west-2.amazonaws.com")).unwrap());
    let case = Case::open(snapshot, workload, &Query::for_destinations(requested));
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        let root = tempfile::tempdir().unwrap();
        let chosen = usize::from(bytes.first().copied().unwrap_or(0)) % samples.len();
        for (place, sample) in samples.iter().enumerate() {
            let text = fs::read(sample).unwrap();
            let text = if place == chosen { mutated(&text, bytes) } else { text };
            fs::write(root.path().join(sample.file_name().unwrap()), text).unwrap();
        }
        // A configuration that the scanner accepts is edited or refused; the scanner accepts the edited
        // files.
        let Ok(config) = Config::read(root.path(), &Environment::default()) else { return };
        for proposal in case.proposals.iter().filter(|proposal| proposal.is_possible()) {
            let Ok(changes) =
                plan_edit(&config, (&case.snapshot, &case.workload), proposal, &OwnerChoices::new())
            else {
                continue;
            };
            for file in &changes.files {
                assert!(scan::scan(&file.after).is_ok(), "{}", file.after);
            }
        }
    });
}

/// Code in JSON syntax, and the JSON of a plan: read, or an error or refusal; new files are HCL.
#[test]
fn code_and_plans_in_json() {
    const CODE: &str = r#"{"provider": {"aws": {"region": "us-west-2"}}, "locals": {"name": "bond-${1 + 2} \"x\""},
        "variable": {"rules": {"type": "list(string)", "default": ["a"]}},
        "resource": {"aws_vpc": {"main": {"cidr_block": "10.40.0.0/16", "tags": {"Name": "%{if true}a%{endif}$${b}"}}},
        "aws_security_group": {"app": [{"vpc_id": "${aws_vpc.main.id}", "ingress": [{"from_port": 443}],
        "dynamic": {"egress": {"for_each": "${var.rules}", "content": {"protocol": "tcp"}}}}]}}}"#;
    const PLAN: &str = r#"{"format_version": "1.2", "planned_values": {}, "prior_state": {"values": {"root_module": {}}},
        "resource_changes": [{"address": "aws_route.a[0]", "mode": "managed", "type": "aws_route", "name": "a", "index": 0,
        "change": {"actions": ["create"], "before": null, "after": {"route_table_id": "rtb-1", "destination_cidr_block": "0.0.0.0/0"}}}]}"#;
    let scenario = SCENARIOS.iter().find(|scenario| scenario.name == "isolated").unwrap();
    let snapshot = Arc::new(Snapshot::from_json(scenario.snapshot).unwrap());
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let requested = [destination("s3.us-west-2.amazonaws.com").unwrap()];
    let case = Case::open(snapshot, workload, &Query::for_destinations(requested));
    let root = terraform_folder();
    let plan = root.path().join("plan.json");
    let environment = Environment { state: Some(plan.clone()), ..Environment::default() };
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        fs::write(root.path().join("network.tf.json"), mutated(CODE.as_bytes(), bytes)).unwrap();
        fs::write(&plan, mutated(PLAN.as_bytes(), bytes)).unwrap();
        let Ok(config) = Config::read(root.path(), &environment) else { return };
        for proposal in case.proposals.iter().filter(|proposal| proposal.is_possible()) {
            let edit = plan_edit(&config, (&case.snapshot, &case.workload), proposal, &OwnerChoices::new());
            for file in edit.iter().flat_map(|changes| &changes.files) {
                assert!(
                    file.path.extension().is_some_and(|ending| ending == "tf"),
                    "{}",
                    file.path.display()
                );
                assert!(scan::scan(&file.after).is_ok(), "{}", file.after);
            }
        }
    });
}

/// Evaluates every local of a configuration.
#[test]
fn evaluation() {
    let root = tempfile::tempdir().unwrap();
    bolero::check!().with_test_time(duration()).for_each(|bytes: &[u8]| {
        let seed =
            bytes.iter().fold(1, |seed: u64, byte| seed.wrapping_mul(257).wrapping_add(u64::from(*byte)));
        let mut locals = Random(seed).locals();
        // Values that grow by a factor of ten in each local, and texts that are copied for each character.
        locals.extend((0..20).map(|n| (format!("g{n}"), format!("[for v in local.l0 : local.g{}]", n + 1))));
        locals.extend((0..20).map(|n| {
            let next = format!("local.h{}", n + 1);
            (format!("h{n}"), format!("[{}]", [next.as_str(); 10].join(", ")))
        }));
        locals.insert("h20".to_owned(), "replace(join(local.t0, local.l0), \"\", local.t1)".to_owned());
        let text = mutated(configuration(&locals).as_bytes(), bytes);
        fs::write(root.path().join("main.tf"), text).unwrap();
        let Ok(config) = Config::read(root.path(), &Environment::default()) else { return };
        for module in config.modules() {
            for (file, block) in module.resources("aws_vpc") {
                let text = module.region_of(file, block).unwrap_or_default();
                assert!(text.len() <= 8 * 1024 * 1024, "{}", text.len());
            }
        }
    });
}
