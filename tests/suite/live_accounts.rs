//! Several profiles and Regions: a peer VPC of another account, a peer VPC in another Region, and a VPC that another account
//! shares.

use std::fs;
use std::process::Command;

use crate::support::lab::{Account, Lab};
use crate::support::screen::Screen;
use crate::support::{repository, run};
use egress_doctor::discover::load_snapshot;
use egress_doctor::model::Call;
use serde_json::{Value, json};

const OTHER: &str = "210987654321";
const DATABASE: &str = "10.50.1.10:5432";

/// Adds the other accounts, and returns what was made.
fn add_accounts(account: &Account, kind: &str) -> Value {
    let mut make = Command::new(Lab::python());
    make.arg(repository("tests/lab/accounts.py"))
        .arg(&account.lab.endpoint)
        .arg(account.home.path())
        .arg(kind);
    let output = make.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The access key of the other account.
fn other_key(account: &Account) -> String {
    let text = fs::read_to_string(account.home.path().join(".aws/credentials")).unwrap();
    let own = text.split("[network]").nth(1).unwrap();
    own.lines().find_map(|line| line.strip_prefix("aws_access_key_id = ")).unwrap().to_owned()
}

/// Exit code, output and errors.
fn answer(account: &Account, arguments: &[&str]) -> (i32, String) {
    let mut command = account.doctor();
    let output = command.args(arguments).args(["--timeout", "10m"]).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn assert_says(text: &str, sentences: &[&str]) {
    for sentence in sentences {
        assert!(text.contains(sentence), "`{sentence}` is missing in\n{text}");
    }
}

#[test]
fn a_database_in_a_peer_vpc_of_another_account_or_region_is_judged_with_its_profile_and_region() {
    let name = "a_database_in_a_peer_vpc_of_another_account_or_region_is_judged_with_its_profile_and_region";
    let Some(account) = Account::with_services(name, 1) else { return };
    let made = add_accounts(&account, "peered");
    let id = |part: &str, key: &str| made[part][key].as_str().unwrap().to_owned();
    let one = ["--profile", "service"];
    let two = ["--profile", "service", "--profile", "network"];
    let diagnose = |profiles: &[&str], destination: &str, more: &[&str]| {
        answer(&account, &[&["diagnose", "--to", destination][..], profiles, more].concat())
    };

    // One profile: the sentence names the account and what to do.
    let (code, text) = diagnose(&one, DATABASE, &[]);
    let (peering, vpc) = (id("other", "peering"), id("other", "vpc"));
    assert_eq!(code, 3, "{text}");
    assert_says(
        &text,
        &[
            &format!(
                "{peering} is a peering connection to {vpc} of account {OTHER} (us-west-2), which was not read"
            ),
            &format!(
                "Read account {OTHER} too: give --profile a second time, with a profile of account {OTHER}."
            ),
        ],
    );

    // Two profiles: the security group of the database denies. The fix is in the other account.
    account.lab.post("/lab/reset", "");
    account.faults(&json!([{ "operation": ".*", "kind": "round", "seconds": 0.5 }]));
    let (code, text) = diagnose(&two, DATABASE, &[]);
    let stats = account.lab.stats();
    assert!(stats["rounds"].as_u64().unwrap() <= 3, "the other account takes no further round: {stats}");
    account.faults(&json!([]));
    assert_eq!(code, 1, "{text}");
    let group = id("other", "group");
    assert_says(
        &text,
        &[
            &format!("{group}: no inbound rule allows tcp 5432 from 10.40.1.0/24"),
            &format!("Account {OTHER} owns security group {group}: change it there."),
        ],
    );

    // A denied call in the other account names it, and affects only the facts of that account.
    let denied =
        json!([{ "operation": "DescribeSecurityGroups", "kind": "denied", "key": other_key(&account) }]);
    account.faults(&denied);
    let (code, text) = diagnose(&two, DATABASE, &["--to", "secretsmanager.us-west-2.amazonaws.com"]);
    assert_eq!(code, 1, "{text}");
    assert_says(
        &text,
        &[
            &format!(
                "Allow ec2:DescribeSecurityGroups in account {OTHER} (us-west-2), then read the accounts again."
            ),
            "Not read: logs:FilterLogEvents failed in account 123456789012 (us-west-2): the log group does not exist",
            &format!(
                "Not read: ec2:DescribeSecurityGroups denied in account {OTHER} (us-west-2): UnauthorizedOperation"
            ),
        ],
    );

    // A snapshot keeps the facts and gaps of both accounts. It is completed with both profiles.
    let file = account.home.path().join("two.json");
    let path = file.to_str().unwrap();
    let (code, text) = answer(&account, &[&["snapshot", "-o", path][..], &two].concat());
    assert_eq!(code, 0, "{text}");
    account.faults(&json!([]));
    let (code, text) = answer(&account, &["snapshot", "--refresh", path]);
    assert_eq!(code, 2, "{text}");
    let sentence = format!(
        "the snapshot also has facts of account {OTHER} (us-west-2): give the --profile of this account"
    );
    assert_says(&text, &[&sentence]);
    let (code, text) = answer(&account, &[&["snapshot", "--refresh", path][..], &two].concat());
    assert_eq!(code, 0, "{text}");
    let saved = load_snapshot(&file).unwrap();
    assert_eq!((saved.gaps.as_slice(), saved.other_places.len()), (&[][..], 1));
    let (code, text) = run(account.doctor().args(["diagnose", "--from", path, "--to", DATABASE]));
    assert_eq!(code, 1, "{text}");

    // The same for another Region.
    let (far, place) = ("10.60.1.10:5432", "account 123456789012 (eu-west-1)");
    let (code, text) = diagnose(&one, far, &[]);
    assert_eq!(code, 3, "{text}");
    assert_says(&text, &[place, "Read eu-west-1 too: give --region us-west-2 --region eu-west-1."]);
    let (code, text) = diagnose(&one, far, &["--region", "us-west-2", "--region", "eu-west-1"]);
    assert_eq!(code, 1, "{text}");
    assert_says(&text, &[&format!("{}: no inbound rule allows tcp 5432", id("far", "group"))]);

    // The interactive application.
    let mut screen = Screen::start(&two, &account.lab.environment(), account.home.path(), (140, 40));
    screen.wait_for("destinations blocked");
    screen.press("L");
    screen.wait_for("AWS calls");
    screen.press("/");
    screen.press("account");
    screen.wait_for(&format!("in account {OTHER} (us-west-2)"));
}

#[test]
fn profiles_that_cannot_be_used_together_are_refused_with_a_sentence() {
    let Some(account) =
        Account::with_services("profiles_that_cannot_be_used_together_are_refused_with_a_sentence", 1)
    else {
        return;
    };
    add_accounts(&account, "peered");
    let cases = [
        ("twin", "profiles service and twin are both of account 123456789012: leave out one of them"),
        ("service", "--profile service is given twice: leave out one of them"),
        ("nobody", "profile nobody: the AWS profile does not exist"),
        ("empty", "profile empty: "),
    ];
    for (profile, sentence) in cases {
        let (code, text) =
            answer(&account, &["diagnose", "--to", DATABASE, "--profile", "service", "--profile", profile]);
        assert_eq!(code, 2, "{profile}: {text}");
        assert_says(&text, &[sentence]);
        assert_eq!(text.lines().count(), 1, "one sentence: {text}");
    }
    let check =
        |profile: &str| run(account.doctor().args(["check", "--profile", "service", "--profile", profile]));
    let (_, text) = check("network");
    let all = Call::ALL.iter().filter(|call| call.reads_vpc()).count();
    let line =
        format!("Profile      network: account {OTHER}, {all} of {all} permissions for its VPCs present\n");
    assert_says(&text, &["Account      123456789012\n", &line]);
    let (_, text) = check("twin");
    assert_says(&text, &["Profile twin is of account 123456789012, as the first profile: leave it out."]);
}

/// The participant sees the subnets and its security groups, but not the route tables of the owner
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html>).
#[test]
fn a_shared_vpc_is_judged_with_the_profile_of_its_owner() {
    let Some(account) = Account::with_services("a_shared_vpc_is_judged_with_the_profile_of_its_owner", 1)
    else {
        return;
    };
    let made = add_accounts(&account, "shared");
    let vpc = made["vpc"].as_str().unwrap();
    let ask = ["diagnose", "--service", "bond-shared", "--to", "secretsmanager.us-west-2.amazonaws.com"];
    let (code, text) = answer(&account, &[&ask[..], &["--profile", "service"]].concat());
    assert_eq!(code, 3, "{text}");
    let step = format!(
        "Account {OTHER} owns {vpc} and shares its subnets: give --profile a second time, with a profile of that account."
    );
    assert_says(&text, &[&step]);
    let two = ["--profile", "service", "--profile", "network"];
    let (code, text) = answer(&account, &[&ask[..], &two].concat());
    assert_eq!(code, 1, "{text}");
    assert!(!text.contains("give --profile"), "{text}");

    let denied =
        json!([{ "operation": "DescribeRouteTables", "kind": "denied", "key": other_key(&account) }]);
    account.faults(&denied);
    let (code, text) = answer(&account, &[&ask[..], &two].concat());
    assert_eq!(code, 3, "{text}");
    assert_says(&text, &[&format!("Allow ec2:DescribeRouteTables in account {OTHER} (us-west-2)")]);
}

/// The owner of a transit gateway sees its route tables (<https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-share.html>).
#[test]
fn a_central_egress_vpc_of_another_account_is_judged_with_its_profile() {
    let name = "a_central_egress_vpc_of_another_account_is_judged_with_its_profile";
    let Some(account) = Account::with_services(name, 1) else { return };
    let made = add_accounts(&account, "central");
    let id = |key: &str| made[key].as_str().unwrap().to_owned();
    let ask = ["diagnose", "--service", "bond-shared", "--to", "bond.okta.com"];
    let two = ["--profile", "service", "--profile", "network"];
    account.lab.post("/lab/reset", "");
    account.faults(&json!([{ "operation": ".*", "kind": "round", "seconds": 0.5 }]));
    let (code, text) = answer(&account, &[&ask[..], &two].concat());
    let stats = account.lab.stats();
    account.faults(&json!([]));
    assert_eq!(code, 0, "{text}");
    assert_says(&text, &[&format!("NAT gateway {}", id("nat"))]);
    let rounds = stats["rounds"].as_u64().unwrap();
    // Three rounds, and the prefix lists of the shared VPC.
    assert!(rounds <= 4 + 3, "attachments, route tables and the egress VPC take three more rounds: {stats}");

    // Without a route to a transit gateway, nothing about one is read.
    account.lab.post("/lab/reset", "");
    let other = ["diagnose", "--service", "bond-00", "--to", "bond.okta.com"];
    let (code, text) = answer(&account, &[&other[..], &two].concat());
    assert_ne!(code, 2, "{text}");
    assert!(!account.lab.stats().to_string().contains("TransitGateway"), "{text}");

    // A denied call of the other account.
    let key = other_key(&account);
    for (operation, action) in [
        ("SearchTransitGatewayRoutes", "ec2:SearchTransitGatewayRoutes"),
        ("DescribeNatGateways", "ec2:DescribeNatGateways"),
    ] {
        account.faults(&json!([{ "operation": operation, "kind": "denied", "key": key }]));
        let (code, text) = answer(&account, &[&ask[..], &two].concat());
        assert_eq!(code, 3, "{operation}: {text}");
        assert_says(&text, &[&format!("Allow {action} in account {OTHER} (us-west-2)")]);
    }
}
