//! Finds destinations in a pasted line, a log file and the service's settings.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use crate::support::{doctor, run};
use egress_doctor::case::Case;
use egress_doctor::discover::load_aws_json;
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::model::Snapshot;
use egress_doctor::report;
use egress_doctor::scenario::Scenario;
use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use serde_json::{Value, json};

const TIMEOUT_LINE: &str = "urllib3.exceptions.ConnectTimeoutError: Connection to \
     bond-bedrock-files-eea42686090e4a1ebcb82b36abf98c40.s3.us-west-2.amazonaws.com timed out. (connect timeout=60)\n";

/// A scenario with another log.
fn with_log(scenario: &str, log: &str) -> Case {
    let snapshot = Arc::new(Snapshot::from_json(Scenario::named(scenario).unwrap().snapshot).unwrap());
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    Case::open(snapshot, workload, &Query::with_log(read_log(log.as_bytes()).unwrap().findings))
}

/// Verdict and explanation of a destination.
fn finding(case: &Case, host: &str) -> (&'static str, String) {
    let finding =
        case.diagnosis.findings.iter().find(|finding| finding.need.destination.host.contains(host)).unwrap();
    (finding.verdict().word(), finding.explanation.clone())
}

#[test]
fn one_log_line_is_enough_for_a_diagnosis() {
    let case = with_log("isolated", TIMEOUT_LINE);
    let (verdict, why) = finding(&case, "bond-bedrock-files");
    assert_eq!(verdict, "blocked");
    assert!(
        why.contains("have no route to it") && why.contains("one call can take several minutes"),
        "{why}"
    );
    assert_eq!(case.diagnosis.causes[0].code.word(), "NO_ROUTE_TO_DESTINATION");
    let misleading = case.diagnosis.misleading.join(" ");
    for word in [
        "The sign-in page of Okta opens because the browser of the user loads it",
        "Secrets set as environment variables work",
        "creating a client sends no request",
    ] {
        assert!(misleading.contains(word), "{word}: {misleading}");
    }
    assert_eq!(case.proposals.iter().find(|one| one.recommended.is_some()).unwrap().id(), "s3-gateway");
}

/// If a log and a verdict contradict each other, the diagnosis reports it with possible reasons.
#[test]
fn a_contradiction_between_log_and_verdict_is_reported() {
    let healthy = with_log("healthy", "Error: connect ETIMEDOUT bond.okta.com:443\n");
    let (verdict, why) = finding(&healthy, "okta");
    assert_eq!(verdict, "reachable");
    assert!(why.contains("but the log shows a connect timeout. Check when the line was written"), "{why}");

    let denied = "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling \
                  https://secretsmanager.us-west-2.amazonaws.com/: Access Denied\n";
    let (verdict, why) = finding(&with_log("healthy", denied), "secretsmanager");
    assert_eq!(verdict, "reachable");
    assert!(
        why.contains("the log shows an access denied error. The service responds, so the network works. A policy denies the call"),
        "{why}"
    );
    let (verdict, why) = finding(&with_log("isolated", denied), "secretsmanager");
    // What the service answered takes precedence over the model.
    assert_eq!(verdict, "unknown");
    assert!(
        why.contains("The log shows an answer of secretsmanager.us-west-2.amazonaws.com (")
            && why.contains("The network that was read blocks the path: ")
            && why.contains("One of the two is out of date, so it is unknown whether"),
        "{why}"
    );

    let answered =
        "DEBUG urllib3.connectionpool https://bond.okta.com:443 \"GET /oauth2/v1/keys HTTP/1.1\" 200 1024\n";
    let (verdict, why) = finding(&with_log("isolated", answered), "okta");
    assert_eq!(verdict, "unknown");
    assert!(why.contains("The log shows a response of bond.okta.com ("), "{why}");
}

#[test]
fn a_host_that_answered_and_timed_out_is_reported_with_both() {
    let log = "INFO HTTP Request: POST https://bond.okta.com/oauth2 \"HTTP/1.1 200 OK\"\n\
               INFO HTTP Request: POST https://bond.okta.com/oauth2 \"HTTP/1.1 200 OK\"\n\
               ERROR connection to bond.okta.com timed out\n";
    let (verdict, text) = finding(&with_log("isolated", log), "bond.okta.com");
    assert_eq!(verdict, "blocked");
    assert!(
        text.contains(
            "The log also shows 2 responses, first in line 1, and a blocked path delivers no response"
        ),
        "{text}"
    );
    let (verdict, text) = finding(&with_log("healthy", log), "bond.okta.com");
    assert_eq!(verdict, "reachable");
    assert!(text.contains("The log also shows 2 responses, first in line 1."), "{text}");
}

#[test]
fn log_lines_without_a_network_problem_give_no_verdict() {
    let log = "Error: getaddrinfo ENOTFOUND sqs..amazonaws.com\n\
               \n\
               [2026-11-20 10:00:00 +0000] [1] [CRITICAL] WORKER TIMEOUT (pid:9)\n\
               \n\
               botocore.exceptions.NoCredentialsError: Unable to locate credentials\n\
               \n\
               redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.\n\
               \n\
               QueuePool limit of size 5 overflow 10 reached, connection timed out\n";
    let case = with_log("healthy", log);
    let hosts: Vec<&str> =
        case.diagnosis.findings.iter().map(|one| one.need.destination.host.as_str()).collect();
    assert!(!hosts.iter().any(|host| host.contains("sqs") || host.contains("localhost")), "{hosts:?}");
    let remarks = case.diagnosis.remarks.join("\n");
    for text in [
        "sqs..amazonaws.com (line 1), which has no region. Set the region",
        "shows a connection pool failure (line 9). All connections of the client's own pool were in use",
        "a worker timeout (line 3). The web server, task runner or proxy of the application ended a worker, request or task at its own time limit (App Runner: 120 s for a request), which hides the real cause.",
        "a credentials failure (line 5). The network is not the cause",
        "a connection refused error at localhost (line 7). That is a process of the instance itself",
    ] {
        assert!(remarks.contains(text), "{text}\n{remarks}");
    }
}

/// An IP address in the log belongs to the database name in the same line. Without a name, the explanation
/// contains the owner of the address.
#[test]
fn ip_addresses_in_the_log_are_used() {
    let log = "psycopg2.OperationalError: connection to server at \"db.c9x.us-west-2.rds.amazonaws.com\" (10.40.0.53), port 5432 \
               failed: Connection timed out\n";
    let (_, why) = finding(&with_log("isolated", log), "rds");
    assert!(why.contains("10.40.0.53"), "{why}");
    let (verdict, _) = finding(&with_log("private-database", log), "rds");
    assert_eq!(verdict, "blocked", "a private address is out of DEFAULT egress's reach");
    let public =
        "java.net.SocketTimeoutException: failed to connect to /52.218.130.7 (port 443) after 10000ms\n";
    let (_, why) = finding(&with_log("isolated", public), "52.218.130.7");
    assert!(why.contains("52.218.130.7 is a public address of com.amazonaws.us-west-2.s3"), "{why}");
}

#[test]
fn gzip_logs_binary_files_and_invalid_utf_8_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log.gz");
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(TIMEOUT_LINE.repeat(3).as_bytes()).unwrap();
    fs::write(&path, packed.finish().unwrap()).unwrap();
    let (code, output_text) =
        run(doctor(folder.path()).args(["diagnose", "--scenario", "isolated", "--log"]).arg(&path));
    assert_eq!(code, 1);
    assert!(output_text.contains("3 connect timeouts, first in line 1"), "{output_text}");

    // A binary file as a log: reported, and not read further.
    let binary: Vec<u8> = (0..200_000_u32).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
    fs::write(&path, &binary).unwrap();
    let output = doctor(folder.path())
        .args(["diagnose", "--scenario", "healthy", "--log"])
        .arg(&path)
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("is not a text file"), "{errors}");
    assert_eq!(output.status.code(), Some(0));

    // Invalid UTF-8 and escape sequences around a relevant line.
    let mut broken = b"\xfd\xff\x1b]0;owned\x07\x1b[31m".to_vec();
    broken.extend(TIMEOUT_LINE.as_bytes());
    fs::write(&path, broken).unwrap();
    let (_, output_text) =
        run(doctor(folder.path()).args(["diagnose", "--scenario", "isolated", "--log"]).arg(&path));
    assert!(
        output_text.contains("1 connect timeout")
            && !output_text.contains('\x1b')
            && !output_text.contains('\x07'),
        "{output_text}"
    );

    // A truncated archive: the readable part is used, and the truncation is reported.
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let noise: String =
        (0..20_000_u32).map(|n| format!("INFO {:x}\n", n.wrapping_mul(2_654_435_761))).collect();
    packed.write_all(format!("{TIMEOUT_LINE}{noise}").as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    fs::write(&path, &packed[..packed.len() / 2]).unwrap();
    let look = || {
        let output = doctor(folder.path())
            .args(["diagnose", "--scenario", "isolated", "--log"])
            .arg(&path)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let (code, output_text, errors) = look();
    assert_eq!(code, Some(1));
    assert!(output_text.contains("1 connect timeout"), "{output_text}");
    assert!(errors.contains("app.log.gz beyond "), "{errors}");

    // If nothing can be unpacked, the error names the file.
    fs::write(&path, &packed[..12]).unwrap();
    let (code, _, errors) = look();
    assert_eq!(code, Some(2));
    assert!(errors.contains("cannot read the log") && errors.contains("app.log.gz"), "{errors}");

    // UTF-16, as `>` in PowerShell writes it.
    let utf16 = |text: &str| {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
    };
    fs::write(&path, utf16(TIMEOUT_LINE)).unwrap();
    let (_, output_text, errors) = look();
    assert!(output_text.contains("1 connect timeout"), "{output_text}{errors}");

    // The end of a very long line is not read, and a note reports this.
    fs::write(&path, format!("{} {TIMEOUT_LINE}", "x".repeat(70_000))).unwrap();
    let (_, _, errors) = look();
    assert!(errors.contains("1 line of") && errors.contains("longer than 64 KiB"), "{errors}");
}

/// The reader keeps 64 KiB of a line.
#[test]
fn a_line_of_200_mb_is_read_in_little_memory() {
    struct Endless(usize);
    impl std::io::Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let size = buffer.len().min(self.0);
            buffer[..size].fill(b'x');
            self.0 -= size;
            Ok(size)
        }
    }
    let reading = read_log(std::io::BufReader::new(Endless(200_000_000))).unwrap();
    assert_eq!((reading.lines, reading.findings.len()), (1, 0));
}

/// The folder of CLI output with these variables of the service.
fn account(variables: &Value) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = crate::support::repository("tests/fixtures/aws-cli");
    for entry in fs::read_dir(source).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let path = folder.path().join("describe-service.json");
    let mut answer: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    answer["Service"]["SourceConfiguration"]["ImageRepository"]["ImageConfiguration"]["RuntimeEnvironmentVariables"] =
        variables.clone();
    fs::write(&path, answer.to_string()).unwrap();
    folder
}

/// All output that a user can see.
fn everything(folder: &Path, log: &str) -> String {
    let snapshot = load_aws_json(folder, None).unwrap();
    let saved = snapshot.to_json().unwrap();
    let snapshot = Arc::new(snapshot);
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let reading = read_log(log.as_bytes()).unwrap();
    let findings = format!("{reading:?}");
    let case = Case::open(snapshot, workload, &Query::with_log(reading.findings));
    let (text, markdown) = (report::diagnosis_text(&case), report::diagnosis_markdown(&case));
    format!("{saved}{findings}{text}{markdown}{:#}", report::diagnosis_json(&case))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_secret_of_a_setting_or_a_log_is_shown(
        word in "[a-z]{4}[0-9]{4}[A-Za-z0-9]{10}",
        upper in "[A-Z0-9]{16}",
        with_dots in prop::bool::ANY,
    ) {
        // A secret may look like a host name.
        let secret = if with_dots { format!("{word}.example.com") } else { word.clone() };
        let variables = json!({
            "API_TOKEN": secret,
            "DB_PASSWORD": secret,
            "SESSION_KEY_BASE": format!("{word}=="),
            "DATABASE_URL": format!("postgres://app:{word}@db.example.org:5432/app?sslkey={word}"),
            "ADO": format!("Server=tcp:sql.example.org,1433;User Id=app;Password={secret}"),
            "DSN": format!("host=db2.example.org port=5432 user=app password={secret}"),
            "WEBHOOK": format!("https://hooks.example.org/services/{word}?sig={word}"),
            "AWS_ACCESS_KEY_ID": format!("AKIA{upper}"),
            "JWT_SECRET": secret,
            "DB_PASS": secret,
            "SMTP_PWD": secret,
            "OPENAI_KEY": secret,
            "COOKIE_SALT": secret,
            "BASIC_AUTH": secret,
            "SLASHED": format!("postgres://app:1234/{secret}@db5.example.org/app"),
            "HASHED": format!("mysql://app:4321#{secret}@db6.example.org/app"),
            "COMMAS": format!("postgres://app:a,{secret},b@db7.example.org/app"),
            "BROKEN": format!("Server=sql2.example.org;Password=a;{secret};User Id=app"),
        });
        let folder = account(&variables);
        let log = [
            format!("ERROR Authorization: Bearer {word} connect ETIMEDOUT api.example.org:443"),
            format!("ERROR {{'Authorization': 'Basic {word}'}} Connection to api2.example.org timed out. (connect timeout=5)"),
            format!("ERROR could not connect: password={secret} host=db3.example.org timed out"),
            format!("ERROR connect timed out https://b.s3.us-west-2.amazonaws.com/k?X-Amz-Signature={word}&X-Amz-Credential=AKIA{upper}%2F"),
            format!("ERROR i/o timeout dialing postgres://app:{word}@db4.example.org:5432/app"),
            format!("ERROR AKIA{upper} connection refused at api3.example.org:443"),
            format!("{{\"level\":\"error\",\"password\":\"{secret}\",\"msg\":\"connect ETIMEDOUT api4.example.org:443\",\"headers\":{{\"x-api-key\":\"{word}\"}}}}"),
            format!("ERROR connection timed out: DB_PASS: {secret}"),
            format!("ERROR connection timed out: tool --password {secret}"),
            format!("ERROR connection timed out: <password>{secret}</password>"),
            format!("ERROR connection timed out: Cookie: a=b; sid={secret}"),
            format!("ERROR connection timed out: Authorization: Digest username=\"x\", response=\"{secret}\""),
            format!("ERROR connection timed out: /path?code={secret}&t=a"),
            format!("ERROR connection timed out: password=abc,{secret}"),
            format!("ERROR connect timeout postgres://app:1234/{secret}@db8.example.org:5432/app"),
            format!("ERROR getaddrinfo ENOTFOUND {secret}@db9.example.org"),
            format!("{{\"level\":\"error\",\"msg\":\"connect ETIMEDOUT api5.example.org:443\",\"password\":{{\"value\":\"https://{secret}\"}},\"headers\":[{{\"name\":\"Authorization\",\"value\":\"https://{secret}\"}}],\"secret\":\"one\\nhttps://{secret}\"}}"),
            format!("ERROR aws_secret_access_key = {word} read timed out on https://sqs.us-west-2.amazonaws.com/"),
        ].join("\n\n");
        // Host names are shown in lower case.
        let shown = everything(folder.path(), &log).to_ascii_lowercase();
        let (word, upper) = (word.to_ascii_lowercase(), upper.to_ascii_lowercase());
        prop_assert!(!shown.contains(&word), "{word} in {}", shown.lines().find(|line| line.contains(&word)).unwrap());
        prop_assert!(!shown.contains(&upper), "{upper}");
        // The values that are not secret are found.
        for host in ["db.example.org", "sql.example.org", "db2.example.org", "hooks.example.org", "api.example.org", "db4.example.org", "db5.example.org", "db6.example.org", "db7.example.org", "sql2.example.org", "api5.example.org"] {
            prop_assert!(shown.contains(host), "{host}");
        }
    }
}
