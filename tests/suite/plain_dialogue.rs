//! `--plain`: the five steps as a dialogue on standard input and output, without a terminal.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::doctor;

/// The dialogue with these lines typed, and the exit code.
fn dialogue(arguments: &[&str], typed: &[&str]) -> (String, Option<i32>) {
    let home = tempfile::tempdir().unwrap();
    let mut child = doctor(home.path())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = format!("{}\n", typed.join("\n"));
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{text}");
    (text, output.status.code())
}

/// The number of the last printed choice that starts with this text.
fn number(text: &str, choice: &str) -> String {
    let found = text.lines().rev().find_map(|line| {
        let line = line.rsplit("press enter: ").next()?;
        let (number, rest) = line.split_once(". ")?;
        (rest.starts_with(choice) && number.parse::<u8>().is_ok()).then(|| number.to_owned())
    });
    found.unwrap_or_else(|| panic!("no choice {choice}\n{text}"))
}

/// Types the number of each choice, one after the other; each run of the program repeats the earlier ones.
fn choose(arguments: &[&str], choices: &[&str]) -> (String, Option<i32>) {
    let mut typed: Vec<String> = Vec::new();
    let mut last = dialogue(arguments, &[]);
    for choice in choices {
        typed.push(number(&last.0, choice));
        last = dialogue(arguments, &typed.iter().map(String::as_str).collect::<Vec<_>>());
    }
    last
}

/// The path map, the configuration behind each hop, and a fix of two marked ones.
#[test]
fn the_dialogue_has_the_path_map_the_configuration_and_marked_fixes() {
    let demo = &["demo", "isolated", "--plain"];
    let open = "bond-ai-dev-backend, VPC egress";
    let (map, _) = choose(demo, &[open, "show the path map"]);
    assert!(map.contains("connector ==+= a subnet-01f3 =+= rtb-0d4e"), "{map}");
    let (hop, _) = choose(demo, &[open, "show the configuration behind", "show the previous hop", "Close"]);
    for line in
        ["Hop 5 of 5: route", "10.40.0.0/16", "Check   aws ec2 describe-route-tables", "Hop 4 of 5: nacl"]
    {
        assert!(hop.contains(line), "{line}\n{hop}");
    }
    let (marked, _) = choose(
        demo,
        &[open, "show the fixes", "mark S3 gateway endpoint", "mark NAT gateway", "show the Terraform"],
    );
    assert!(marked.contains("Marked: S3 gateway endpoint"), "{marked}");
    assert!(marked.contains("remove the mark of S3 gateway endpoint"), "{marked}");
    for block in ["+resource \"aws_vpc_endpoint\" \"s3\" {", "+resource \"aws_nat_gateway\""] {
        assert!(marked.contains(block), "{block}\n{marked}");
    }
}

#[test]
fn the_dialogue_leads_from_the_service_to_the_written_fix() {
    let (text, code) = choose(
        &["demo", "isolated", "--plain"],
        &[
            "bond-ai-dev-backend, VPC egress",
            "show the fixes",
            "S3 gateway endpoint",
            "write the files",
            "Write",
        ],
    );
    assert_eq!(code, Some(0));
    for line in [
        "Step 1 of 5: Pick",
        "1. bond-ai-dev-backend, VPC egress, 4 of 4 destinations blocked",
        "Step 2 of 5: Trace",
        "4 of 4 destinations are blocked",
        "Step 3 of 5: Choose",
        "Step 4 of 5: Preview",
        "+resource \"aws_vpc_endpoint\" \"s3\" {",
        "fmt: ",
        "Write this edit?",
        "Step 5 of 5: Done",
        "Rollback",
    ] {
        assert!(text.contains(line), "`{line}`\n{text}");
    }
    assert!(!text.contains('\u{1b}'), "no escape sequence");
    assert!(!text.contains(|c| ('\u{2500}'..='\u{257f}').contains(&c)), "no box drawing");
}

#[test]
fn a_wrong_number_is_asked_again_and_a_destination_is_added() {
    let arguments = ["demo", "isolated", "--plain", "--step", "trace"];
    let (text, _) = dialogue(&arguments, &["99", "x"]);
    assert!(text.contains("`99` is not one of the numbers."), "{text}");
    let add = number(&text, "add a destination");
    let (text, code) = dialogue(&arguments, &[&add, "bad_host!", "example.com"]);
    assert_eq!(code, Some(0));
    assert!(
        text.contains("Add destinations (host or host:port). An empty line cancels: Not accepted: "),
        "{text}"
    );
    assert!(text.contains("show the path to example.com: blocked"), "{text}");
}
