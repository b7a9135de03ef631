//! Replies in the log: a host that answered, or refused the connection, contradicts a blocked path, and is told before what is unknown.
//! Failures that the network does not cause get the step that helps.

use std::fmt::Write as _;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::diagnose::FindingVerdict;
use egress_doctor::evidence::{Query, read_log};
use egress_doctor::report;

use crate::support::network::{TestNetwork, tcp};

const REFUSED: &str = "Error: connect ECONNREFUSED 10.40.16.7:5432";
const CERTIFICATE: &str = "Get \"https://bond.okta.com/v1\": tls: failed to verify certificate: x509: certificate is valid for \
                           *.other.example, not bond.okta.com";
const LIMIT: &str = "psycopg2.OperationalError: connection to server at \"bond.abc123.us-west-2.rds.amazonaws.com\" (10.40.99.9), port \
                     5432 failed: FATAL:  remaining connection slots are reserved for superuser";

fn logged(network: &TestNetwork, log: &str) -> Case {
    let findings = read_log(log.as_bytes()).unwrap().findings;
    let query = Query { infer: false, ..Query::with_log(findings) };
    Case::open(Arc::new(network.0.clone()), network.0.workloads.iter().next().unwrap().clone(), &query)
}

#[test]
fn a_reply_takes_precedence_over_a_blocked_path() {
    let database = TestNetwork::new().database(vec![tcp(3306, "10.40.0.0/16")]);
    for (network, log, nature) in [
        (&database, REFUSED, "a reply of 10.40.16.7"),
        (&TestNetwork::new(), CERTIFICATE, "a reply of bond.okta.com"),
    ] {
        let case = logged(network, log);
        let finding = &case.diagnosis.findings[0];
        assert_eq!(finding.verdict(), FindingVerdict::Unknown, "{}", finding.explanation);
        for words in [nature, "The network that was read blocks the path", "One of the two is out of date"] {
            assert!(finding.explanation.contains(words), "{words}: {}", finding.explanation);
        }
        assert!(case.diagnosis.causes.is_empty(), "{:?}", case.diagnosis.causes);
    }
}

/// The address in the log belongs to no network interface that was read.
#[test]
fn an_answer_is_told_before_what_the_network_does_not_show() {
    let case = logged(&TestNetwork::new(), LIMIT);
    assert_eq!(
        case.diagnosis.headline,
        "It is unknown whether the destination is reachable, but the log shows a reply (connection limit error): the network was not \
         the cause at that time."
    );
    let finding = &case.diagnosis.findings[0];
    let start = "The log shows an answer of bond.abc123.us-west-2.rds.amazonaws.com (1 connection limit error, line 1), so packets \
                 arrived at that time: the network was not the cause then. The server has its maximum number of connections.";
    assert!(finding.explanation.starts_with(start), "{}", finding.explanation);
    let step = finding.next_step.as_deref().unwrap();
    assert!(
        step.starts_with("The server has its maximum number of connections. Limit the connection pool"),
        "{step}"
    );
}

#[test]
fn a_blocked_path_is_not_called_the_cause_of_a_dns_failure() {
    let case = logged(&TestNetwork::new(), "Error: getaddrinfo ENOTFOUND bond.okta.com");
    let explanation = &case.diagnosis.findings[0].explanation;
    assert!(
        explanation
            .contains("The blocked path is a second problem, because the VPC resolver needs no route."),
        "{explanation}"
    );
}

#[test]
fn a_failure_of_a_reachable_destination_has_its_check_as_the_next_step() {
    let case = logged(&TestNetwork::new().behind_nat(), CERTIFICATE);
    let text = report::diagnosis_text(&case);
    assert!(
        text.contains(
            "No network fix: The network allows the connection, so no change of it helps.\n  Next step: The log shows a TLS failure for \
             bond.okta.com. Packets arrive. Check the certificate, the host name and any proxy on the path.\n"
        ),
        "{text}"
    );
}

/// The user asks about the failure in the log, not about the destinations in the settings.
#[test]
fn the_headline_begins_with_the_failure_in_the_log_that_has_no_destination() {
    let query = Query::with_log(
        read_log("FATAL: password authentication failed for user \"app\"".as_bytes()).unwrap().findings,
    );
    let network = TestNetwork::new();
    let case =
        Case::open(Arc::new(network.0.clone()), network.0.workloads.iter().next().unwrap().clone(), &query);
    let start =
        "The log shows a credentials failure (line 1): the server answered, so the network is not the cause";
    assert!(case.diagnosis.headline.starts_with(start), "{}", case.diagnosis.headline);
}

/// A failed connection without a host can be one to the destinations of the settings.
#[test]
fn the_headline_does_not_begin_with_a_failed_connection_without_a_host() {
    let query = Query::with_log(read_log("Error: connection timed out".as_bytes()).unwrap().findings);
    let network = TestNetwork::new();
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let case = Case::open(Arc::new(network.0.clone()), workload, &query);
    assert!(!case.diagnosis.headline.starts_with("The log"), "{}", case.diagnosis.headline);
    assert_eq!(case.diagnosis.remarks.len(), 1, "{:?}", case.diagnosis.remarks);
}

/// Only the hosts with the most failures are tested, and the reading tells how many are not.
#[test]
fn a_log_with_many_hosts_keeps_those_with_the_most_failures() {
    let mut log = String::new();
    for number in 0..700 {
        writeln!(log, "Error: connect ETIMEDOUT host-{number}.partner.example:443").unwrap();
    }
    for _ in 0..3 {
        log.push_str("INFO\nINFO\nINFO\nINFO\nError: connect ETIMEDOUT zzz.partner.example:443\n");
    }
    let reading = read_log(log.as_bytes()).unwrap();
    assert_eq!((reading.findings.len(), reading.other_hosts), (500, 201));
    assert!(reading.findings.iter().any(|finding| finding.host.as_deref() == Some("zzz.partner.example")));
}
