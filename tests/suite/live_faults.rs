//! Faults of AWS and of the network between: each ends in a right verdict or in an unknown one that names the call, within the
//! time limits, and is explained in a sentence.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::lab::{Account, Lab};
use crate::support::repository;
use serde_json::{Value, json};

const HOST: &str = "s3.us-west-2.amazonaws.com";

fn diagnose(account: &Account, more: &[&str]) -> (i32, String, Duration) {
    let started = Instant::now();
    let mut command = account.doctor();
    let output =
        command.args(["diagnose", "--service", "bond-01", "--to", HOST]).args(more).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap(), started.elapsed())
}

/// No text of the SDK: its names of types, and the offsets of its parsers.
fn assert_is_plain(text: &str) {
    for word in
        ["offset", "unexpected token", "dispatch failure", "SdkError", "service error", "Some(", "unhandled"]
    {
        assert!(!text.contains(word), "{word}: {text}");
    }
}

/// Each kind of failure, the start of its sentence, and whether it is retried.
const KINDS: [(&str, &str, bool); 9] = [
    (
        "denied",
        "denied: UnauthorizedOperation: the credentials do not allow this call; allow ec2:DescribeRouteTables",
        false,
    ),
    ("throttled", "throttled: RequestLimitExceeded: AWS throttled every attempt", true),
    ("expired", "failed: the AWS credentials expired: log in again", false),
    ("error", "failed: InternalError: AWS reports a failure on its side", true),
    ("garbage", "failed: the answer does not come from AWS: it is a web page", false),
    ("truncate", "failed: the", true),
    ("reset", "failed: the connection failed or ended before the answer was complete", true),
    ("hang", "failed: no answer within 10 s", true),
    ("huge", "incomplete: the answer is larger than 64 MiB; egress-doctor does not read it", false),
];

#[test]
fn a_call_that_always_fails_makes_the_verdict_unknown_and_is_explained() {
    let Some(account) =
        Account::with_services("a_call_that_always_fails_makes_the_verdict_unknown_and_is_explained", 2)
    else {
        return;
    };
    assert_eq!(diagnose(&account, &[]).0, 1);
    for (kind, sentence, _) in KINDS {
        account.faults(&json!([{ "operation": "DescribeRouteTables", "kind": kind }]));
        let (code, text, took) = diagnose(&account, &[]);
        assert_eq!(code, 3, "{kind}: {text}");
        assert!(text.contains("[needs ec2:DescribeRouteTables]"), "{kind}: {text}");
        assert!(text.contains(&format!("Not read: ec2:DescribeRouteTables {sentence}")), "{kind}: {text}");
        assert_is_plain(&text);
        assert!(took < Duration::from_secs(30), "{kind}: {took:?}");
    }
}

#[test]
fn a_call_that_fails_once_is_sent_again() {
    let Some(account) = Account::with_services("a_call_that_fails_once_is_sent_again", 2) else { return };
    for (kind, ..) in KINDS.iter().filter(|(.., is_retried)| *is_retried) {
        account.faults(&json!([{ "operation": "DescribeRouteTables", "kind": kind, "count": 1 }]));
        let (code, text, _) = diagnose(&account, &[]);
        assert_eq!(code, 1, "{kind}: {text}");
        assert!(!text.contains("Not read: ec2:"), "{kind}: {text}");
    }
}

/// The verdict while each call fails, and while its second page fails: the right one, or unknown with the permission named.
fn assert_no_call_misleads(account: &Account, right: i32) {
    account.faults(&json!([]));
    account.lab.post("/lab/reset", "");
    let (code, text, _) = diagnose(account, &[]);
    assert_eq!(code, right, "{text}");
    let stats = account.lab.stats();
    let operations: Vec<&str> =
        stats["operations"].as_object().unwrap().keys().map(|name| name.split_once(':').unwrap().1).collect();
    assert!(operations.len() > 20, "{stats}");
    for operation in operations.into_iter().filter(|operation| *operation != "GetCallerIdentity") {
        let denied = json!({ "operation": operation, "kind": "denied" });
        let first_page = json!({ "operation": operation, "kind": "page", "size": 1, "count": 1 });
        for faults in [json!([denied]), json!([first_page, denied])] {
            account.faults(&faults);
            let (code, text, _) = diagnose(account, &[]);
            // A service that could not be listed has no verdict.
            let is_named = text.contains(&format!(":{operation}"));
            let is_unknown = code == 3 && is_named || code == 2 && operation == "ListServices";
            assert!(code == right || is_unknown, "{faults}: {code}, not {right}: {text}");
        }
    }
}

#[test]
fn no_failed_call_and_no_missing_page_makes_a_verdict_wrong() {
    let Some(account) = Account::with_services("no_failed_call_and_no_missing_page_makes_a_verdict_wrong", 2)
    else {
        return;
    };
    assert_no_call_misleads(&account, 1);
    let mut nat = Command::new(Lab::python());
    let made = nat.arg(repository("tests/lab/nat.py")).arg(&account.lab.endpoint).status().unwrap();
    assert!(made.success());
    assert_no_call_misleads(&account, 0);
}

#[test]
fn faults_at_random_never_make_a_verdict_wrong() {
    let Some(account) = Account::with_services("faults_at_random_never_make_a_verdict_wrong", 2) else {
        return;
    };
    let faults: Vec<Value> = KINDS
        .iter()
        .map(
            |(kind, ..)| json!({ "operation": "(?!GetCallerIdentity).*", "kind": kind, "probability": 0.04 }),
        )
        .collect();
    for _ in 0..4 {
        account.faults(&json!(faults));
        let (code, text, _) = diagnose(&account, &[]);
        assert_is_plain(&text);
        // A service that could not be listed has no verdict.
        let is_unknown =
            code == 3 && text.contains("Not read: ") || code == 2 && text.contains("ListServices");
        assert!(code == 1 || is_unknown, "{code}: {text}");
    }
}

#[test]
fn credentials_that_aws_does_not_accept_end_the_discovery_at_once() {
    let Some(account) =
        Account::with_services("credentials_that_aws_does_not_accept_end_the_discovery_at_once", 1)
    else {
        return;
    };
    // All other calls hang: nothing waits for them.
    account.faults(&json!([
        { "operation": "GetCallerIdentity", "kind": "expired" }, { "operation": ".*", "kind": "hang" }
    ]));
    let (code, text) = run_with_errors(account.doctor().args(["diagnose", "--to", HOST]));
    assert_eq!(code, 2, "{text}");
    assert!(
        text.contains("the AWS credentials expired: log in again, for example with `aws sso login`"),
        "{text}"
    );

    let mut command = account.doctor();
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let (code, text) = run_with_errors(command.args(["diagnose", "--to", HOST]));
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("no AWS credentials were found: set AWS_PROFILE or --profile"), "{text}");
}

#[test]
fn credentials_that_expire_during_discovery_make_the_verdict_unknown() {
    let name = "credentials_that_expire_during_discovery_make_the_verdict_unknown";
    let Some(account) = Account::with_services(name, 2) else { return };
    account.faults(&json!([{ "operation": "Describe(?!Service|Subnets).*", "kind": "expired" }]));
    let (code, text, _) = diagnose(&account, &[]);
    assert_eq!(code, 3, "{text}");
    let sentence = "ec2:DescribeVpcs failed: the AWS credentials expired: log in again";
    assert!(text.contains(sentence), "{text}");
}

#[test]
fn a_command_gives_up_facts_that_only_refine_the_answer() {
    let Some(account) = Account::with_services("a_command_gives_up_facts_that_only_refine_the_answer", 2)
    else {
        return;
    };
    let refining = "GetProducts|FilterLogEvents|DescribeVpcEndpointServices";
    account.faults(&json!([{ "operation": refining, "kind": "hang" }]));
    let (code, text, took) = diagnose(&account, &[]);
    assert_eq!(code, 1, "{text}");
    for action in ["ec2:DescribeVpcEndpointServices", "logs:FilterLogEvents"] {
        let gap = format!("Not read: {action} failed: no answer within 3 s after all other answers");
        assert!(text.contains(&gap), "{text}");
    }
    assert!(took < Duration::from_secs(9), "{took:?}");
}

#[test]
fn a_connection_that_fails_is_explained() {
    let home = tempfile::tempdir().unwrap();
    let mut command = crate::support::doctor(home.path());
    command.envs([
        ("AWS_REGION", "us-west-2"),
        ("AWS_ACCESS_KEY_ID", "lab"),
        ("AWS_SECRET_ACCESS_KEY", "lab"),
    ]);
    // Nothing listens on this port.
    command.args(["diagnose", "--to", HOST, "--endpoint-url", "http://127.0.0.1:9", "--timeout", "5s"]);
    let (code, text) = run_with_errors(&mut command);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("cannot connect to AWS ("), "{text}");
    assert_is_plain(&text);
}

#[test]
fn the_whole_discovery_has_a_time_limit() {
    let Some(account) = Account::with_services("the_whole_discovery_has_a_time_limit", 2) else { return };
    account.faults(&json!([{ "operation": "DescribeRouteTables|DescribeVpcs", "kind": "hang" }]));
    let (code, text, took) = diagnose(&account, &["--timeout", "3s"]);
    assert_eq!(code, 3, "{text}");
    let sentence = "failed: no answer within 3 s, the limit of the whole discovery; give a longer --timeout";
    for action in ["ec2:DescribeRouteTables", "ec2:DescribeVpcs"] {
        assert!(text.contains(&format!("Not read: {action} {sentence}")), "{text}");
    }
    assert!(took < Duration::from_secs(8), "{took:?}");
}

#[test]
fn a_signal_ends_the_program_at_once_although_a_call_has_no_answer() {
    let test = "a_signal_ends_the_program_at_once_although_a_call_has_no_answer";
    let Some(account) = Account::with_services(test, 1) else { return };
    account.faults(&json!([{ "operation": ".*", "kind": "hang" }]));
    let mut command = account.doctor();
    command.args(["diagnose", "--to", HOST]).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let started = Instant::now();
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let status = child.wait().unwrap();
    let took = started.elapsed();
    assert!(!status.success());
    // The requirement is 100 ms; a loaded machine needs more to start `kill`.
    assert!(took < Duration::from_secs(1), "{took:?}");
}

fn run_with_errors(command: &mut Command) -> (i32, String) {
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The AWS SDK would wait for a writer of the pipe.
#[cfg(unix)]
#[test]
fn a_named_pipe_as_a_file_of_aws_settings_is_named_at_once() {
    let home = tempfile::tempdir().unwrap();
    let pipe = home.path().join("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    for variable in ["AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        let started = Instant::now();
        let mut command = crate::support::doctor(home.path());
        command.args(["diagnose", "--service", "bond-01", "--region", "us-west-2"]).env(variable, &pipe);
        let output = command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:9").output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(
            String::from_utf8(output.stderr).unwrap(),
            format!(
                "egress-doctor: cannot use the AWS settings in {}: it is a named pipe, not a regular file; \
                 set {variable} to a regular file, or unset it\n",
                pipe.display()
            )
        );
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
