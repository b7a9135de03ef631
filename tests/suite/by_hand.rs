//! A fix that cannot be written in the Terraform folder: what the user does by hand, and the way to the result.

use std::fs;
use std::process::Output;

use egress_doctor::app::{Dialog, Editable, Message, Opening, Plan, Start, Step};
use egress_doctor::scenario::Scenario;
use egress_doctor::ui::Theme;
use serde_json::{Value, json};

use super::screens::{Player, scenario};
use crate::support::doctor;

/// What `aws ec2` does for the NAT gateway of `nat-loop`, which no code of the folder manages.
const COMMANDS: [&str; 5] = [
    "ADDRESS=$(aws ec2 allocate-address --domain vpc --query AllocationId --output text --region us-west-2)",
    "NAT=$(aws ec2 create-nat-gateway --subnet-id subnet-0f7e6d5c4b3a29181 --allocation-id \"$ADDRESS\" --query \
     NatGateway.NatGatewayId --output text --region us-west-2)",
    "aws ec2 wait nat-gateway-available --nat-gateway-ids \"$NAT\" --region us-west-2",
    "aws ec2 replace-route --route-table-id rtb-0d4e5f6a7b8c90123 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id \"$NAT\" \
     --region us-west-2",
    "aws ec2 replace-route --route-table-id rtb-0a9b8c7d6e5f40312 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id \"$NAT\" \
     --region us-west-2",
];

/// Their rollback.
const ROLLBACK: [&str; 5] = [
    "aws ec2 replace-route --route-table-id rtb-0d4e5f6a7b8c90123 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id \
     nat-0a7c5e3d1b9f86420 --region us-west-2",
    "aws ec2 replace-route --route-table-id rtb-0a9b8c7d6e5f40312 --destination-cidr-block 0.0.0.0/0 --nat-gateway-id \
     nat-0a7c5e3d1b9f86420 --region us-west-2",
    "aws ec2 delete-nat-gateway --nat-gateway-id \"$NAT\" --region us-west-2",
    "aws ec2 wait nat-gateway-deleted --nat-gateway-ids \"$NAT\" --region us-west-2",
    "aws ec2 release-address --allocation-id \"$ADDRESS\" --region us-west-2",
];

/// The text of a tall screen without line ends and the backslashes of divided commands.
fn words(player: &Player) -> String {
    let screen = player.screen(140, 90, &Theme::mono().in_ascii());
    screen.replace(['"', '|', '\\'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn plain(command: &str) -> String {
    command.replace('"', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `nat-loop` on Preview of the NAT gateway, after the S3 endpoint is written.
fn at_nat_gateway() -> Player {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter enter enter enter enter enter enter");
    assert_eq!(player.app.step(), Step::Preview);
    player
}

/// Preview says what to do, Enter shows the simulated result, and the scenario ends green.
#[test]
fn enter_leads_from_the_commands_by_hand_to_the_simulated_result() {
    let mut player = at_nat_gateway();
    assert!(matches!(player.app.preview.as_ref().unwrap().plan, Plan::ByHand(_)));
    let screen = words(&player);
    assert!(screen.contains("By hand: enter shows the simulated result"), "{screen}");
    assert!(
        screen.contains("no default route to nat-0a7c5e3d1b9f86420 is managed in this folder"),
        "{screen}"
    );
    for command in COMMANDS.iter().chain(&ROLLBACK[..2]) {
        assert!(screen.contains(&plain(command)), "{command}\n{screen}");
    }
    assert!(screen.contains("Test the NAT gateway is available"), "{screen}");
    assert!(screen.contains("enter simulated result"), "{screen}");
    let later = "Later nat-0a7c5e3d1b9f86420 does not work: you can delete it after its routes are gone. It costs $36.50 a month.";
    assert!(screen.contains(later), "{screen}");
    // The key for copying takes the commands.
    let effects = player.app.update(Message::Key("y".parse().unwrap()), player.now);
    assert!(format!("{effects:?}").contains("replace-route"), "{effects:?}");

    player.press("enter");
    assert_eq!(player.app.step(), Step::Done);
    let done = player.app.done.as_ref().unwrap();
    assert!(done.written.is_none() && done.not_fixed().is_empty());
    let screen = words(&player);
    assert!(screen.contains("Before and after, simulated: after the change by hand"), "{screen}");
    assert!(screen.contains("+ All destinations are reachable."), "{screen}");
    assert!(screen.contains(&format!("1 {}", plain(COMMANDS[0]))), "{screen}");
    assert!(screen.contains(later), "{screen}");
    // Back shows the steps again, and Enter the same result.
    player.press("esc");
    assert_eq!(player.app.step(), Step::Preview);
    player.press("enter");
    assert_eq!(player.app.step(), Step::Done);
    // Undo takes the simulated change back, the next one the files of the S3 endpoint.
    player.press("u");
    assert!(player.app.done.as_ref().unwrap().undone, "{}", words(&player));
    assert!(words(&player).contains("The simulated change by hand is undone"), "{}", words(&player));
    player.press("u y");
    assert!(player.written.is_empty());
}

/// A small screen scrolls to all steps.
#[test]
fn the_steps_by_hand_scroll() {
    let mut player = at_nat_gateway();
    let top = player.screen(60, 20, &Theme::mono().in_ascii());
    assert!(top.contains("more below"), "{top}");
    player.press("G");
    let end = player.screen(60, 20, &Theme::mono().in_ascii());
    assert!(end.contains("more above") && end.contains("egress-doctor diagnose"), "{end}");
}

/// The tour ends with the result too.
#[test]
fn the_tour_ends_with_the_result_by_hand() {
    let opening = Opening { plays_tour: true, ..Opening::default() };
    let mut player = Player::start(Start { opening, ..scenario("nat-loop") });
    while player.app.tour().is_some() {
        player.send(Message::TourIsDue);
    }
    assert_eq!(player.app.step(), Step::Done);
    assert!(player.app.done.as_ref().unwrap().not_fixed().is_empty());
    assert!(words(&player).contains("+ All destinations are reachable."), "{}", words(&player));
}

/// Of a set, the part that can be written is written, and Done has the steps of the rest.
#[test]
fn a_set_with_a_part_by_hand_writes_the_other_part() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter space down space");
    let choose = player.app.choose.as_ref().unwrap();
    assert_eq!(choose.planned().unwrap().id(), "s3-gateway+nat-repair");
    player.press("enter");
    let changes = &player.app.planned_edit().unwrap().changes;
    assert_eq!(changes.adds.iter().map(ToString::to_string).collect::<Vec<_>>(), ["aws_vpc_endpoint.s3"]);
    let note = "Replace the broken NAT gateway nat-0a7c5e3d1b9f86420 by hand, after terraform apply: not in these files.";
    assert!(words(&player).contains(note), "{}", words(&player));
    player.press("w");
    assert!(matches!(player.app.dialog, Some(Dialog::Confirm { .. })));
    assert!(words(&player).contains("by hand, not written: no default route"), "{}", words(&player));
    player.press("y");
    let screen = words(&player);
    assert!(screen.contains("After terraform apply: Replace the broken NAT gateway"), "{screen}");
    // The commands by hand come after those of Terraform: 1 and 2.
    assert!(screen.contains(&format!("3 {}", plain(COMMANDS[0]))), "{screen}");
    player.press("enter");
    assert!(player.app.done.as_ref().unwrap().not_fixed().is_empty());
    assert!(!player.written.is_empty());
}

/// Choose says which part of a fix is by hand.
#[test]
fn a_plan_in_parts_is_no_complete_edit() {
    let mut player = Player::start(scenario("nat-loop"));
    player.press("enter enter");
    let choose = player.app.choose.as_ref().unwrap();
    let editable = |id: &str| {
        let proposal = choose.case.proposals.iter().find(|proposal| proposal.id() == id).unwrap();
        choose.editable(proposal).unwrap()
    };
    assert_eq!(editable("s3-gateway"), &Editable::Files(2));
    assert!(
        matches!(editable("nat-repair"), Editable::ByHand(reason) if reason.contains("no default route"))
    );
}

fn fix(home: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } = doctor(home)
        .args(["fix", "--scenario", "nat-loop", "--terraform", "infra"])
        .args(arguments)
        .current_dir(home)
        .output()
        .unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

/// The command line writes the part too, prints the rest, and its exit code says that the fix is not complete.
#[test]
fn fix_writes_a_part_and_prints_the_rest() {
    let home = tempfile::tempdir().unwrap();
    let infra = home.path().join("infra");
    fs::create_dir(&infra).unwrap();
    Scenario::named("nat-loop").unwrap().copy_terraform(&infra).unwrap();
    let both = ["--remedy", "s3-gateway,nat-repair"];

    let (code, text, _) = fix(home.path(), &both);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains(
            "\nReplace the broken NAT gateway nat-0a7c5e3d1b9f86420 by hand, after terraform apply\n"
        ),
        "{text}"
    );
    for command in COMMANDS.iter().chain(&ROLLBACK) {
        assert!(text.contains(&format!("\n  {command}\n")), "{command}\n{text}");
    }
    let (code, text, _) = fix(home.path(), &[both[0], both[1], "--format", "json"]);
    assert_eq!(code, Some(1));
    let answer: serde_json::Value = serde_json::from_str(&text).unwrap();
    let part = &answer["by_hand"][0];
    assert_eq!(part["remedies"], serde_json::json!(["nat-repair"]));
    assert_eq!(part["commands"], serde_json::json!(COMMANDS));
    assert_eq!(part["roll_back"], serde_json::json!(ROLLBACK));
    assert_eq!(part["before_apply"], serde_json::json!(false));
    assert_eq!(answer["adds"], serde_json::json!(["aws_vpc_endpoint.s3"]));
    let (_, markdown, _) = fix(home.path(), &[both[0], both[1], "--format", "markdown"]);
    assert!(markdown.contains(&format!("```sh\n{}\n", COMMANDS.join("\n"))), "{markdown}");

    let before = fs::read_dir(&infra).unwrap().count();
    let (code, _, errors) = fix(home.path(), &[both[0], both[1], "--write", "--check", "none"]);
    assert_eq!(code, Some(1), "{errors}");
    assert!(errors.contains("not in the files: Replace the broken NAT gateway"), "{errors}");
    assert_eq!(fs::read_dir(&infra).unwrap().count(), before + 1, "{errors}");

    // A fix that is by hand as a whole is an error, with its commands; nothing is written.
    let (code, text, errors) = fix(home.path(), &["--remedy", "nat-repair", "--write"]);
    assert_eq!((code, text.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("is managed in this folder") && errors.contains(COMMANDS[4]), "{errors}");
    assert_eq!(fs::read_dir(&infra).unwrap().count(), before + 1, "{errors}");
}

/// A NAT gateway needs an internet gateway. If the code switches it off, the refusal names the line and the value to put there.
#[test]
fn a_missing_internet_gateway_is_named_by_the_line_that_switches_it_off() {
    let mut value: Value = serde_json::from_str(Scenario::named("isolated").unwrap().snapshot).unwrap();
    value["network"]["internet_gateways"] = json!([]);
    let range = value["network"]["vpcs"][0]["cidrs"][0].as_str().unwrap().to_owned();
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("s.json"), value.to_string()).unwrap();
    let message = |code: &str| {
        fs::write(home.path().join("main.tf"), code).unwrap();
        let mut command = doctor(home.path());
        command.current_dir(home.path()).args([
            "fix",
            "--from",
            "s.json",
            "--terraform",
            ".",
            "--remedy",
            "nat",
            "--to",
            "bond.okta.com",
        ]);
        let Output { status, stderr, .. } = command.output().unwrap();
        assert_eq!(status.code(), Some(2));
        let message = String::from_utf8(stderr).unwrap();
        message
            .rsplit("has no internet gateway")
            .next()
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    let call = |value: &str| {
        format!(
            "variable \"igw\" {{\n  default = false\n}}\n\nmodule \"vpc\" {{\n  source = \"terraform-aws-modules/vpc/aws\"\n\n  cidr       = \
             \"{range}\"\n  create_igw = {value}\n}}\n"
        )
    };
    assert_eq!(
        message(&call("false")),
        ". Change it, run terraform apply, then run egress-doctor again: create_igw = true"
    );
    let block = "variable \"igw\" {\n  default = false\n}\n\nresource \"aws_internet_gateway\" \"main\" {\n  count = var.igw ? 1 : 0\n}\n";
    assert_eq!(
        message(block),
        ". main.tf:2: aws_internet_gateway.main (main.tf:5) exists, but var.igw is false, which disables it. Change it, run terraform \
         apply, then run egress-doctor again: igw = true"
    );
    assert_eq!(message(&call("true")), "");
}

/// The message of `fix` for a scenario and files of code, with the exit code 2.
fn refusal(scenario: &str, files: &[(&str, &str)], remedy: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("s.json"), Scenario::named(scenario).unwrap().snapshot).unwrap();
    for (path, code) in files {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, code).unwrap();
    }
    let mut command = doctor(home.path());
    command.current_dir(home.path());
    command.args(["fix", "--from", "s.json", "--terraform", ".", "--remedy", remedy]);
    let Output { status, stderr, .. } = command.args(["--to", "bond.okta.com"]).output().unwrap();
    let message = String::from_utf8(stderr).unwrap();
    assert_eq!(status.code(), Some(2), "{message}");
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One NAT gateway in each AZ needs a route table for each AZ. If a VPC module makes one for all AZs, the refusal names the argument.
#[test]
fn a_shared_route_table_is_named_by_the_argument_that_makes_it() {
    let call = |value: &str| {
        format!(
            "variable \"single\" {{\n  default = true\n}}\n\nmodule \"vpc\" {{\n  source = \"terraform-aws-modules/vpc/aws\"\n\n  azs = \
             [\"a\", \"b\"]\n  private_subnets = [\"1\", \"2\"]\n  public_subnets = [\"3\", \"4\"]\n  enable_nat_gateway = false\n  \
             single_nat_gateway = {value}\n}}\n"
        )
    };
    let end = |message: &str| message.rsplit("needs one route table per AZ").next().unwrap().to_owned();
    let message = |value: &str| end(&refusal("isolated", &[("main.tf", &call(value))], "nat-per-zone"));
    assert_eq!(
        message("true"),
        ". main.tf:12: single_nat_gateway is true, so all private subnets of module.vpc use one route table. Set enable_nat_gateway = true, \
         single_nat_gateway = false and one_nat_gateway_per_az = true there and run terraform apply: the module then creates a NAT gateway \
         and a route table for each AZ. Or use the fix nat: one NAT gateway for all AZs"
    );
    assert_eq!(
        message("var.single"),
        ". main.tf:2: single_nat_gateway of module.vpc (main.tf:12) is `var.single`, which is true here, so all private subnets of \
         module.vpc use one route table. Change that value to false, run terraform apply, then run egress-doctor again, or use the fix nat: \
         one NAT gateway for all AZs"
    );
    assert_eq!(message("false"), "");
    // Only the call of the module can set the variable.
    let root = "module \"network\" {\n  source = \"./network\"\n}\n";
    let files = [("main.tf", root), ("network/main.tf", &call("var.single"))];
    let message = end(&refusal("isolated", &files, "nat-per-zone"));
    assert_eq!(
        message,
        ". main.tf:1: single_nat_gateway of module.network.module.vpc (network/main.tf:12) is `var.single`, which is true here, so all \
         private subnets of module.network.module.vpc use one route table. Add single = false there, run terraform apply, then run \
         egress-doctor again, or use the fix nat: one NAT gateway for all AZs"
    );
}

/// The code has the service in another workspace: the next step is that workspace, and no command of the AWS CLI.
#[test]
fn a_service_of_another_workspace_has_no_commands_by_hand() {
    let code = "resource \"aws_apprunner_service\" \"app\" {\n  service_name = \
                \"bond-ai-${terraform.workspace}-backend\"\n}\n";
    assert_eq!(
        refusal("isolated", &[("main.tf", code)], "nat"),
        "egress-doctor: not found: a service named bond-ai-dev-backend: aws_apprunner_service.app (main.tf:1) has this name in the workspace \
         dev: run egress-doctor with TF_WORKSPACE=dev"
    );
}
