//! The commands without the interactive application: text, JSON, exit codes and files.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::support::network::TestNetwork;
use crate::support::{doctor, repository, run};
use egress_doctor::model::RouteTable;
use egress_doctor::scenario::Scenario;
use serde_json::{Value, json};

/// A home folder with a copy of the Terraform configuration of the scenario `isolated`.
struct Desk {
    home: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        fs::create_dir(home.path().join("infra")).unwrap();
        let desk = Self { home };
        Scenario::named("isolated").unwrap().copy_terraform(&desk.infra()).unwrap();
        desk
    }

    fn infra(&self) -> PathBuf {
        self.home.path().join("infra")
    }

    fn doctor(&self, arguments: &[&str]) -> Command {
        let mut command = doctor(self.home.path());
        command.current_dir(self.home.path()).args(arguments);
        command
    }

    /// `fix` on the scenario `isolated`.
    fn fix(&self, arguments: &[&str]) -> Command {
        let mut command = self.doctor(&["fix", "--scenario", "isolated", "--terraform", "infra", "--log"]);
        command.arg(repository("assets/scenarios/isolated/application.log")).args(arguments);
        command
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(self.infra())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
            .collect();
        files.sort();
        files
    }

    /// Replaces the path of the home folder in a text.
    fn anonymous(&self, text: &str) -> String {
        let real = self.home.path().canonicalize().unwrap();
        text.replace(&real.display().to_string(), "HOME")
            .replace(&self.home.path().display().to_string(), "HOME")
    }
}

/// Exit code and error message.
fn refused(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn diagnose_prints_text() {
    let desk = Desk::new();
    let mut command = desk.doctor(&["diagnose", "--scenario", "isolated", "--log"]);
    let (code, text) = run(command.arg(repository("assets/scenarios/isolated/application.log")));
    assert_eq!(code, 1);
    insta::assert_snapshot!("diagnose-text", text);
}

#[test]
fn diagnose_prints_markdown() {
    let desk = Desk::new();
    let (code, text) = run(&mut desk.doctor(&["diagnose", "--scenario", "isolated", "--format", "markdown"]));
    assert_eq!(code, 1);
    insta::assert_snapshot!("diagnose-markdown", text);
}

#[test]
fn diagnose_prints_json() {
    let desk = Desk::new();
    let arguments =
        ["diagnose", "--scenario", "isolated", "--to", "s3.us-west-2.amazonaws.com", "--format", "json"];
    let (code, text) = run(&mut desk.doctor(&arguments));
    assert_eq!(code, 1);
    serde_json::from_str::<Value>(&text).unwrap();
    insta::assert_snapshot!("diagnose-json", text);
}

#[test]
fn destinations_come_from_options_and_from_the_log() {
    let desk = Desk::new();
    let hosts =
        ["s3", "secretsmanager", "bedrock-runtime"].map(|name| format!("{name}.us-west-2.amazonaws.com"));
    let mut command =
        desk.doctor(&["diagnose", "--scenario", "isolated", "--format", "json", "--to", "bond.okta.com"]);
    let (_, text) = run(command.args(hosts.iter().flat_map(|host| ["--to", host])));
    let diagnosis: Value = serde_json::from_str(&text).unwrap();
    let verdicts: Value = diagnosis["destinations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["host"], one["kind"], one["service"], one["verdict"]]))
        .collect();
    assert_eq!(
        verdicts,
        json!([
            ["bond.okta.com", "third-party", null, "blocked"],
            [hosts[0], "aws-api", "s3", "blocked"],
            [hosts[1], "aws-api", "secretsmanager", "blocked"],
            [hosts[2], "aws-api", "bedrock-runtime", "blocked"],
        ])
    );
}

#[test]
fn git_applies_the_patch_of_each_remedy() {
    for remedy in
        ["s3-gateway", "interface-endpoints", "nat", "default-egress", "s3-gateway,interface-endpoints"]
    {
        let desk = Desk::new();
        let before = desk.files();
        let (code, _) = run(&mut desk.fix(&["--remedy", remedy, "--patch", "fix.patch"]));
        assert_eq!(code, 0, "{remedy}");
        assert_eq!(desk.files(), before, "nothing is written without --write");
        let patch = fs::read_to_string(desk.home.path().join("fix.patch")).unwrap();
        insta::assert_snapshot!(format!("patch-{}", remedy.replace(',', "+")), patch);

        // `git apply` with the patch gives the same files as --write.
        let git = |arguments: &[&str]| {
            let done = Command::new("git").args(arguments).current_dir(desk.infra()).status().unwrap();
            assert!(done.success(), "{remedy}: git {arguments:?}");
        };
        git(&["init", "--quiet"]);
        git(&["apply", "../fix.patch"]);
        fs::remove_dir_all(desk.infra().join(".git")).unwrap();
        let patched = desk.files();
        let other = Desk::new();
        run(&mut other.fix(&["--remedy", remedy, "--write"]));
        assert!(patched == other.files(), "{remedy}");
    }
}

#[test]
fn a_second_fix_builds_on_the_first() {
    let desk = Desk::new();
    run(&mut desk.fix(&["--remedy", "s3-gateway", "--write"]));
    run(&mut desk.fix(&["--remedy", "nat", "--patch", "fix.patch"]));
    let patch = fs::read_to_string(desk.home.path().join("fix.patch")).unwrap();
    assert!(!patch.contains("data-sources.tf"), "the data source is there already\n{patch}");
    assert!(patch.contains("toset(concat(data.aws_route_tables.app_runner.ids, "), "{patch}");
}

#[test]
fn undo_restores_every_byte_even_with_windows_line_endings() {
    let desk = Desk::new();
    for (name, bytes) in desk.files() {
        let text = String::from_utf8(bytes).unwrap().replace('\n', "\r\n");
        fs::write(desk.infra().join(name), text).unwrap();
    }
    let before = desk.files();
    for remedy in ["s3-gateway", "interface-endpoints", "nat", "default-egress"] {
        run(&mut desk.fix(&["--remedy", remedy, "--write"]));
        let written = desk.files();
        assert!(written != before, "{remedy}");
        for (name, bytes) in &written {
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert_eq!(
                text.matches('\n').count(),
                text.matches("\r\n").count(),
                "{remedy}: {name} keeps its line ends"
            );
        }
        run(&mut desk.doctor(&["undo", "--terraform", "infra"]));
        assert!(desk.files() == before, "{remedy}");
    }
    let (code, message) = refused(&mut desk.doctor(&["undo", "--terraform", "infra"]));
    assert_eq!(code, 2);
    assert_eq!(desk.anonymous(&message), "egress-doctor: no write of egress-doctor to undo in HOME/infra\n");
}

#[test]
fn undo_keeps_files_that_were_edited_after_the_write() {
    let desk = Desk::new();
    run(&mut desk.fix(&["--remedy", "s3-gateway", "--write"]));
    let path = desk.infra().join("vpc-endpoints.tf");
    let edited = fs::read_to_string(&path).unwrap() + "# mine\n";
    fs::write(&path, &edited).unwrap();
    let (code, message) = refused(&mut desk.doctor(&["undo", "--terraform", "infra"]));
    assert_eq!(code, 2);
    assert!(
        message.contains("vpc-endpoints.tf was edited after egress-doctor wrote it. Nothing was changed, because that edit would be lost"),
        "{message}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), edited);
    // --forget keeps the files.
    run(&mut desk.doctor(&["undo", "--forget", "--terraform", "infra"]));
    assert_eq!(fs::read_to_string(path).unwrap(), edited);
    assert_eq!(refused(&mut desk.doctor(&["undo", "--terraform", "infra"])).0, 2);
}

#[test]
fn a_failed_write_keeps_the_undo_of_the_write_before() {
    let desk = Desk::new();
    let before = desk.files();
    run(&mut desk.fix(&["--remedy", "s3-gateway", "--write"]));
    let state = desk.home.path().join("state/egress-doctor/writes");
    let folders =
        || fs::read_dir(&state).unwrap().filter(|one| one.as_ref().unwrap().path().is_dir()).count();
    assert_eq!(folders(), 1);
    let mut nat = desk.fix(&["--remedy", "nat", "--write"]);
    fs::create_dir(desk.infra().join("nat-gateway.tf")).unwrap();
    let (code, message) = refused(&mut nat);
    assert_eq!(code, 2, "{message}");
    fs::remove_dir(desk.infra().join("nat-gateway.tf")).unwrap();
    run(&mut desk.doctor(&["undo", "--terraform", "infra"]));
    assert!(desk.files() == before);
}

#[test]
fn a_requested_fix_that_does_not_apply_is_named() {
    let desk = Desk::new();
    let only = |remedies: &str| {
        let (code, message) = refused(&mut desk.fix(&["--remedy", remedies]));
        assert_eq!(code, 2, "{message}");
        message.split_once("; these fixes apply: ").unwrap().0.to_owned()
    };
    let one = only("s3-gateway,move-connector");
    assert!(one.ends_with("move-connector does not apply to this network"), "{one}");
    let both = only("move-connector,s3-gateway,nat-repair");
    assert!(both.ends_with("nat-repair and move-connector do not apply to this network"), "{both}");
}

/// Each command of the rollback is for the folder of the user, and restores it.
#[test]
fn the_commands_of_the_rollback_name_the_folder() {
    let desk = Desk::new();
    let before = desk.files();
    let (code, text) = run(&mut desk.fix(&["--remedy", "s3-gateway", "--write", "--format", "json"]));
    assert_eq!(code, 0, "{text}");
    let fix: Value = serde_json::from_str(&text).unwrap();
    let steps = fix["follow_up"]["roll_back"].as_array().unwrap();
    let commands: Vec<&str> = steps.iter().filter_map(|step| step["command"].as_str()).collect();
    let infra = fs::canonicalize(desk.infra()).unwrap().display().to_string();
    let terraform = format!("terraform -chdir={infra}");
    let undo = format!("egress-doctor undo --terraform {infra}");
    let apply = format!("{terraform} plan -out plan.tfplan && {terraform} apply plan.tfplan");
    let diagnose = "egress-doctor diagnose --region us-west-2 --service bond-ai-dev-backend";
    assert_eq!(commands, [undo.as_str(), apply.as_str(), diagnose]);
    let arguments: Vec<&str> = undo.split(' ').skip(1).collect();
    run(&mut desk.doctor(&arguments));
    assert!(desk.files() == before);
}

#[test]
fn concurrent_writes_run_one_after_the_other() {
    let desk = Desk::new();
    let before = desk.files();
    let quiet = std::process::Stdio::null;
    let start = || {
        let mut fix = desk.fix(&["--remedy", "s3-gateway", "--write"]);
        fix.stdout(quiet()).stderr(quiet()).spawn().unwrap()
    };
    let all: Vec<_> = (0..6).map(|_| start()).collect();
    let made = all.into_iter().filter_map(|mut child| child.wait().unwrap().code()).filter(|code| *code == 0);
    assert_eq!(made.count(), 1, "one writes, and the others see that it did");
    assert!(desk.files() != before);
    run(&mut desk.doctor(&["undo", "--terraform", "infra"]));
    assert!(desk.files() == before);
}

/// One of the connector's subnets is public. To leave it leaves fewer AZs, and DEFAULT egress can cut the service off from databases.
#[test]
fn without_a_recommended_fix_the_user_must_choose_one() {
    let desk = Desk::new();
    let network = TestNetwork::new().behind_nat().with(|network| {
        let public: RouteTable = network.route_tables.get(&"rtb-public".into()).unwrap().clone();
        for table in network.route_tables.iter_mut() {
            table.subnets.retain(|id| id.as_str() != "subnet-a");
        }
        let table = network.route_tables.get_mut(&public.id).unwrap();
        table.subnets.push("subnet-a".into());
    });
    fs::write(desk.home.path().join("network.json"), network.0.to_json().unwrap()).unwrap();
    let mut command = desk.doctor(&[
        "fix",
        "--from",
        "network.json",
        "--to",
        "bond.okta.com",
        // No fix is for an address of another network, so a new connector leaves it.
        "--to",
        "10.99.0.1:443",
        "--terraform",
        "infra",
        "--write",
    ]);
    let before = desk.files();
    let (code, text) = run(&mut command);
    assert_eq!(code, 1, "{text}");
    let why = "Move the connector to subnet-b, subnet-c deploys the service again; DEFAULT egress may break connections to private \
               resources in the VPC.";
    for words in [why, "request it with --remedy move-connector.", "request it with --remedy default-egress."]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let to = ["--to", "bond.okta.com", "--to", "10.99.0.1:443"];
    let (_, text) = run(&mut desk.doctor(&[["diagnose", "--from", "network.json"].as_slice(), &to].concat()));
    assert!(text.contains(&format!("\n  Recommended: none. {why}")), "{text}");
    // A fix of the list makes this connector, so it is no step by hand.
    assert!(!text.contains("create-vpc-connector"), "{text}");
    assert_eq!(desk.files(), before);
}

#[test]
fn a_fix_that_is_in_the_code_is_not_added_again() {
    let desk = Desk::new();
    run(&mut desk.fix(&["--remedy", "s3-gateway", "--write"]));
    let before = desk.files();
    let (code, text) = run(&mut desk.fix(&["--remedy", "s3-gateway", "--write"]));
    assert_eq!(code, 4);
    assert_eq!(
        text,
        "Nothing to do: aws_vpc_endpoint.s3 is already in the code (vpc-endpoints.tf:2): run terraform apply, then run \
         egress-doctor again\n"
    );
    assert!(desk.files() == before);
}

/// The VPC has no internet gateway, and no range for a public subnet.
fn without_internet_access(snapshot: &mut Value) {
    let network = &mut snapshot["network"];
    network["internet_gateways"] = json!([]);
    let ranges: Vec<Value> =
        network["subnets"].as_array().unwrap().iter().map(|subnet| subnet["cidr"].clone()).collect();
    network["vpcs"][0]["cidrs"] = ranges.into();
}

#[test]
fn a_partial_fix_is_shown_with_its_own_exit_code() {
    let desk = Desk::new();
    // Without an internet gateway a NAT gateway does not help, and DEFAULT egress is not possible during an
    // update of the service.
    let snapshot = Scenario::named("isolated").unwrap().snapshot;
    let mut value: Value = serde_json::from_str(snapshot).unwrap();
    let tables = value["network"]["route_tables"].as_array_mut().unwrap();
    for table in tables {
        table["routes"].as_array_mut().unwrap().truncate(1);
    }
    without_internet_access(&mut value);
    value["workloads"][0]["status"] = json!("OPERATION_IN_PROGRESS");
    fs::write(desk.home.path().join("s.json"), value.to_string()).unwrap();
    let log = repository("assets/scenarios/isolated/application.log");
    let mut command = desk.doctor(&["fix", "--from", "s.json", "--terraform", "infra", "--log"]);
    let (code, text) = run(command.arg(log));
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("> s3-gateway"), "{text}");
    let (code, message) = refused(&mut desk.doctor(&[
        "fix",
        "--from",
        "s.json",
        "--terraform",
        "infra",
        "--remedy",
        "default-egress",
    ]));
    assert_eq!(code, 2);
    assert!(
        message.contains(
            "default-egress cannot work: requirement not met: the service is OPERATION_IN_PROGRESS"
        ),
        "{message}"
    );
}

/// Without a request, `fix` plans no change that takes the service out of the VPC.
#[test]
fn fix_plans_a_change_of_the_service_only_on_request() {
    let desk = Desk::new();
    let mut value: Value = serde_json::from_str(Scenario::named("isolated").unwrap().snapshot).unwrap();
    without_internet_access(&mut value);
    value["workloads"][0]["environment"]["variables"] = json!([]);
    fs::write(desk.home.path().join("s.json"), value.to_string()).unwrap();
    let common = ["fix", "--from", "s.json", "--terraform", "infra", "--to", "bond.okta.com"];
    let (code, text) = run(&mut desk.doctor(&common));
    assert_eq!(code, 1, "{text}");
    assert!(
        text.contains("None of the possible fixes is recommended: DEFAULT egress may break connections to private resources in the VPC."),
        "{text}"
    );
    assert!(text.contains("request it with --remedy default-egress."), "{text}");
    let (code, text) = run(&mut desk.doctor(&[&common[..], &["--remedy", "default-egress"]].concat()));
    assert_eq!(code, 0, "{text}");
}

#[test]
fn errors_name_the_wrong_argument() {
    let desk = Desk::new();
    let message = |arguments: &[&str]| {
        let (code, message) = refused(&mut desk.doctor(arguments));
        assert_eq!(code, 2, "{arguments:?}");
        desk.anonymous(&message)
    };
    let unknown = message(&["diagnose", "--scenario", "nope"]);
    assert!(
        unknown
            .starts_with("egress-doctor: no scenario `nope`: existing scenarios: isolated, mixed-subnets, "),
        "{unknown}"
    );
    assert_eq!(
        message(&["diagnose", "--from", "none.json"]),
        "egress-doctor: cannot read none.json: No such file or directory (os error 2)\n"
    );
    assert_eq!(
        message(&["diagnose", "--scenario", "isolated", "--to", "a b"]),
        "egress-doctor: `a b` is not a host name: use HOST or HOST:PORT, for example s3.us-west-2.amazonaws.com:443\n"
    );
    assert_eq!(
        message(&["diagnose", "--scenario", "isolated", "--service", "other"]),
        "egress-doctor: no App Runner service `other` in us-west-2: existing services: bond-ai-dev-backend\n"
    );
    assert_eq!(
        message(&["diagnose", "--scenario", "isolated", "--subnet", "subnet-x", "--to", "example.com"]),
        "egress-doctor: subnet-x does not exist in this snapshot of us-west-2: check the id and the region\n"
    );
    assert_eq!(
        message(&["diagnose", "--scenario", "isolated", "--log", "no.log"]),
        "egress-doctor: cannot read the log no.log: No such file or directory (os error 2)\n"
    );
    assert_eq!(
        message(&["fix", "--scenario", "isolated", "--terraform", "infra", "--remedy", "magic"]),
        "egress-doctor: no fix `magic`: existing fixes: gateway-route-tables, s3-gateway, dynamodb-gateway, s3express-gateway, security-group-egress, \
         endpoint-ingress, destination-ingress, nacl, vpc-dns, peering-route, internet-gateway, nat-route, nat-instance, \
         ipv6-egress, interface-endpoints, nat-repair, nat, nat-per-zone, nat-regional, private-subnets, \
         move-connector, default-egress\n"
    );
    fs::write(desk.infra().join("main.tf"), "resource \"aws_x\" \"y\" {\n  a = \"${b\n}\n").unwrap();
    let broken = message(&["fix", "--scenario", "isolated", "--terraform", "infra", "--remedy", "nat"]);
    assert!(broken.contains("main.tf"), "{broken}");
}

#[test]
fn a_subnet_and_group_from_options_are_traced_like_a_connector() {
    let desk = Desk::new();
    let arguments =
        ["diagnose", "--scenario", "isolated", "--subnet", "subnet-0f7e6d5c4b3a29181", "--security-group"];
    let mut command = desk.doctor(&arguments);
    let (code, text) = run(command.args(["sg-0a1b2c3d4e5f60718", "--to", "example.com", "--format", "json"]));
    assert_eq!(code, 1);
    let diagnosis: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        diagnosis["destinations"][0]["subnets"][0]["blockers"][0]["code"],
        "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    );
}

#[test]
fn binary_logs_and_control_characters_are_harmless() {
    let desk = Desk::new();
    let log = desk.home.path().join("binary.log");
    let mut bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    bytes.extend_from_slice(
        b"\nConnection to evil\x1b[2J.example.com timed out.\nConnection to api.example.com timed out.\n",
    );
    fs::write(&log, bytes).unwrap();
    let mut command = desk.doctor(&["diagnose", "--scenario", "isolated", "--log"]);
    let (_, text) = run(command.arg(&log));
    assert!(text.contains("api.example.com"), "{text}");
    assert!(!text.contains('\u{1b}'));
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    let desk = Desk::new();
    let mut child = desk
        .doctor(&["diagnose", "--scenario", "isolated"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "the answer's exit code");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn the_iam_policy_has_only_read_actions() {
    let desk = Desk::new();
    let (code, text) = run(&mut desk.doctor(&["iam-policy"]));
    assert_eq!(code, 0);
    let policy: Value = serde_json::from_str(&text).unwrap();
    for action in policy["Statement"][0]["Action"].as_array().unwrap() {
        let verb = action.as_str().unwrap().split(':').nth(1).unwrap();
        assert!(
            ["Describe", "List", "Get", "Filter", "Lookup"].iter().any(|start| verb.starts_with(start)),
            "{verb}"
        );
    }
    insta::assert_snapshot!("iam-policy", text);
}

#[test]
fn the_help_names_standard_output_and_the_statement_that_needs_no_permission() {
    let desk = Desk::new();
    let help = |arguments: &[&str]| {
        run(&mut desk.doctor(arguments)).1.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(help(&["fix", "--help"]).contains("`-` prints only the patch to standard output"));
    assert!(help(&["snapshot", "--help"]).contains("`-` writes to standard output"));
    let policy = help(&["iam-policy", "--help"]);
    assert!(policy.contains("`EgressDoctorNeedsNoPermission`, lists `sts:GetCallerIdentity`"), "{policy}");
    assert!(help(&["man"]).contains("iam\\-policy"));
}

#[test]
fn completions_and_the_man_page_are_printed() {
    let desk = Desk::new();
    for (arguments, message) in [(vec!["completions", "bash"], "complete -F"), (vec!["man"], ".TH")] {
        let (code, text) = run(&mut desk.doctor(&arguments));
        assert_eq!(code, 0);
        assert!(text.contains(message));
    }
    let (_, list) = run(&mut desk.doctor(&["demo", "--list"]));
    assert!(list.starts_with("isolated "), "{list}");
}
