//! The scenarios of the demo, with the expected verdicts.

use std::collections::BTreeSet;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Caller, Query, read_log, short_name};
use egress_doctor::model::Snapshot;
use egress_doctor::reach::Trace;
use egress_doctor::report;
use egress_doctor::scenario::{SCENARIOS, Scenario};
use egress_doctor::terraform::{Config, Environment};

fn open(scenario: &Scenario) -> Case {
    let snapshot = Arc::new(Snapshot::from_json(scenario.snapshot).unwrap());
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let reading = read_log(scenario.log.as_bytes()).unwrap();
    Case::open(snapshot, workload, &Query::with_log(reading.findings))
}

/// One line per destination of the application, by name: `S3 blocked NO_ROUTE_TO_DESTINATION`.
fn verdicts(case: &Case) -> Vec<String> {
    let own = case.diagnosis.findings.iter().filter(|finding| finding.need.caller == Caller::Application);
    let mut lines: Vec<String> = own
        .map(|finding| {
            let name = short_name(&finding.need.destination, &case.snapshot.region);
            let blockers = finding.traces.iter().flat_map(Trace::blockers);
            let codes: BTreeSet<&str> = blockers.map(|(_, code)| code.word()).collect();
            let codes: Vec<&str> = codes.into_iter().collect();
            format!("{name} {} {}", finding.verdict().word(), codes.join(" ")).trim_end().to_owned()
        })
        .collect();
    lines.sort();
    lines
}

/// The four destinations of the scenario `isolated`, all with the same verdict.
fn all_four(verdict: &str) -> Vec<String> {
    ["Bedrock (runtime)", "Okta", "S3", "Secrets Manager"].map(|name| format!("{name} {verdict}")).to_vec()
}

fn expected(name: &str) -> Vec<String> {
    let these = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    match name {
        "isolated" => all_four("blocked NO_ROUTE_TO_DESTINATION"),
        "other-region" => these(&[
            "Bedrock (runtime) blocked NO_ROUTE_TO_DESTINATION",
            "Okta blocked NO_ROUTE_TO_DESTINATION",
            "S3 in us-east-1 blocked NO_ROUTE_TO_DESTINATION",
            "Secrets Manager blocked NO_ROUTE_TO_DESTINATION",
        ]),
        "mixed-subnets" => these(&[
            "Bedrock (runtime) intermittent IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
            "Okta intermittent IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
            "S3 intermittent IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",
            "Secrets Manager reachable",
        ]),
        "igw-only" => all_four("blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"),
        "third-party-only" => these(&[
            "Bedrock (runtime) reachable",
            "Okta blocked NO_ROUTE_TO_DESTINATION",
            "Secrets Manager reachable",
        ]),
        "wrong-table" => these(&[
            "Bedrock (runtime) blocked NO_ROUTE_TO_DESTINATION",
            "Okta blocked NO_ROUTE_TO_DESTINATION",
            "S3 intermittent NO_ROUTE_TO_DESTINATION",
            "Secrets Manager blocked NO_ROUTE_TO_DESTINATION",
        ]),
        "no-egress-rule" => all_four("blocked SG_HAS_NO_RULES"),
        "nacl-return" => these(&[
            "Bedrock (runtime) blocked NO_ROUTE_TO_DESTINATION SUBNET_ACL_RESTRICTION",
            "Okta blocked NO_ROUTE_TO_DESTINATION SUBNET_ACL_RESTRICTION",
            "S3 blocked SUBNET_ACL_RESTRICTION",
            "Secrets Manager blocked NO_ROUTE_TO_DESTINATION SUBNET_ACL_RESTRICTION",
        ]),
        "endpoint-group" => these(&[
            "Bedrock (runtime) reachable",
            "Okta reachable",
            "Secrets Manager blocked ENDPOINT_SG_RULES_MISMATCH",
        ]),
        "nat-loop" => all_four("blocked NAT_NO_ROUTE_ONWARDS"),
        "blackhole" => all_four("blocked BAD_STATE_ROUTE"),
        "dns-off" => all_four("blocked DNS_SUPPORT_DISABLED"),
        "private-database" => these(&[
            "Bedrock (runtime) reachable",
            "Okta reachable",
            "Secrets Manager reachable",
            "bond-db.cluster-c9xk2m4p7q1r.us-west-2.rds.amazonaws.com:5432 blocked EGRESS_NOT_IN_VPC",
        ]),
        "database-group" => these(&[
            "Okta reachable",
            "bond-db.c9xk2m4p7q1r.us-west-2.rds.amazonaws.com:5432 blocked TARGET_SG_RULES_MISMATCH",
        ]),
        "public-database" => {
            these(&["100.28.151.148:5432 blocked TARGET_SG_PUBLIC_ADDRESS_MISMATCH", "Okta reachable"])
        }
        "public-only" => these(&["Okta blocked IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"]),
        "nat-instance" => these(&["Okta blocked ENI_SOURCE_DEST_CHECK_RESTRICTION"]),
        "unused-nat" => these(&["Okta blocked NO_ROUTE_TO_DESTINATION"]),
        "denied" => all_four("unknown"),
        "healthy" => these(&["Bedrock (runtime) reachable", "Okta reachable", "Secrets Manager reachable"]),
        other => panic!("no verdicts are written down for {other}"),
    }
}

#[test]
fn each_scenario_has_the_expected_verdicts() {
    for scenario in SCENARIOS {
        assert_eq!(verdicts(&open(scenario)), expected(scenario.name), "{}", scenario.name);
    }
}

#[test]
fn each_scenario_has_a_description_and_readable_terraform() {
    for scenario in SCENARIOS {
        assert!(scenario.description.ends_with('.') && scenario.description.len() < 120, "{}", scenario.name);
        let folder = tempfile::tempdir().unwrap();
        scenario.copy_terraform(folder.path()).unwrap();
        Config::read(folder.path(), &Environment::default()).unwrap();
    }
}

#[test]
fn each_scenario_as_text() {
    for scenario in SCENARIOS {
        let case = open(scenario);
        let mut text = format!("{}\n\n", case.diagnosis.headline);
        let causes = case.diagnosis.causes.iter().map(|cause| format!("cause: {}\n", cause.explanation));
        let misleading = case.diagnosis.misleading.iter().map(|sentence| format!("not it: {sentence}\n"));
        let proposals = case.proposals.iter().map(|one| {
            let possible = if one.is_possible() { "" } else { ", cannot work here" };
            let best = if one.recommended.is_some() { ", recommended" } else { "" };
            format!(
                "fix: {} cures {}, leaves {}{possible}{best}\n",
                one.id(),
                one.fixes.len(),
                one.still_blocked.len()
            )
        });
        let futile =
            case.ineffective_fixes.iter().map(|one| format!("no use: {}: {}\n", one.idea, one.reason));
        text.extend(causes.chain(misleading).chain(proposals).chain(futile));
        if let Some(best) = case.proposals.iter().find(|one| one.recommended.is_some()) {
            text.extend(["\nThe best in full:\n".to_owned(), report::proposal_text(best)]);
            text.extend(best.side_effects.iter().map(|effect| format!("      note: {effect}\n")));
            text.push_str(&report::follow_up_text(&case.follow_up(best, None)));
        }
        insta::assert_snapshot!(format!("scenario-{}", scenario.name), text);
    }
}
