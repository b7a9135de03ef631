//! The folders that a user gives as a Terraform folder: a repository with several root modules, a Terragrunt unit, a program that
//! generates Terraform code; and code whose layout is not that of `terraform fmt`.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::remedy::RemedyId;
use egress_doctor::terraform::{ChangeSet, Config, Environment, OwnerChoices, plan_edit};

use crate::support::network::{S3, SECRETS, TestNetwork};
use crate::support::terraform;

const NETWORK: &str = r#"variable "name" {
  type = string
}

resource "aws_vpc" "main" {
  cidr_block = "10.40.0.0/16"
}

resource "aws_vpc_endpoint" "logs" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.us-west-2.logs"
}

resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = SUBNETS
  security_groups    = ["sg-app"]
}

resource "aws_apprunner_service" "app" {
  service_name = var.name

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
"#;
const SERVICE: &str = "bond-ai-dev-backend";

/// A root module or module with a network and a service.
fn code(subnets: &str) -> String {
    NETWORK.replace("SUBNETS", subnets)
}

/// A repository with files by path.
fn repository(files: &[(&str, &str)]) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".git")).unwrap();
    for (path, text) in files {
        let path = home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    home
}

/// The edit of a fix for the service in a folder, or the error.
fn plan(folder: &Path, remedy: &str, to: &str) -> Result<ChangeSet, String> {
    let network = TestNetwork::new();
    let workload = network.0.workloads.iter().next().unwrap().clone();
    let query = Query::for_destinations(vec![destination(to).unwrap()]);
    let case = Case::open(Arc::new(network.0), workload, &query);
    let remedy: RemedyId = remedy.parse().unwrap();
    let proposal = case.compose(&[remedy]).unwrap();
    let config = Config::open(folder, &Environment::default(), SERVICE).map_err(|error| error.to_string())?;
    plan_edit(&config, (&case.snapshot, &case.workload), &proposal, &OwnerChoices::new())
        .map_err(|error| error.to_string())
}

/// The files and the last note of an edit.
fn shown(edit: &ChangeSet, home: &Path) -> (Vec<String>, String) {
    let files = edit.files.iter().map(|file| edit.patch_path(&file.path).display().to_string()).collect();
    let top = home.display().to_string();
    let note = edit.notes.iter().find(|note| note.contains("root module") || note.contains("inputs"));
    (files, note.cloned().unwrap_or_default().replace(&top, "HOME"))
}

const CALL: &str = "module \"app\" {\n  source = \"../../stacks/app\"\n  name   = \"NAME\"\n}\n";

#[test]
fn the_root_module_of_the_service_is_found_below_the_repository() {
    let module = code("[\"subnet-a\", \"subnet-b\", \"subnet-c\"]");
    let (dev, prod) = (CALL.replace("NAME", SERVICE), CALL.replace("NAME", "bond-ai-prod-backend"));
    let home = repository(&[
        ("deploy/dev/main.tf", &dev),
        ("deploy/prod/main.tf", &prod),
        ("stacks/app/main.tf", &module),
        ("docs/readme.md", "no code"),
    ]);
    let edit = plan(home.path(), "s3-gateway", S3).unwrap();
    assert_eq!(edit.root, fs::canonicalize(home.path().join("deploy/dev")).unwrap());
    let (_, note) = shown(&edit, home.path());
    assert_eq!(
        note,
        format!(
            "HOME has no Terraform code itself. The root module deploy/dev creates {SERVICE}: this edit is for it."
        )
    );

    // Two root modules with the service are a question; none is an error with all of them.
    fs::write(home.path().join("deploy/prod/main.tf"), &dev).unwrap();
    let several = plan(home.path(), "s3-gateway", S3).unwrap_err();
    assert_eq!(
        several.replace(&home.path().display().to_string(), "HOME"),
        format!(
            "HOME has no .tf file. These folders below it are root modules: deploy/dev, deploy/prod; several of them can create \
             {SERVICE}. Give one of them with --terraform"
        )
    );
    for stage in ["dev", "prod"] {
        fs::write(home.path().join(format!("deploy/{stage}/main.tf")), CALL.replace("NAME", "other"))
            .unwrap();
    }
    let refusal = plan(home.path(), "s3-gateway", S3).unwrap_err();
    assert!(refusal.contains("deploy/dev, deploy/prod; none of them is known to create"), "{refusal}");
}

#[test]
fn a_module_without_a_provider_that_a_root_module_calls_is_no_root_module() {
    let module = code("[\"subnet-a\", \"subnet-b\", \"subnet-c\"]");
    let dev = CALL.replace("NAME", SERVICE);
    let files = [("deploy/dev/main.tf", dev.as_str()), ("stacks/app/main.tf", module.as_str())];
    let home = repository(&files);
    let refusal = plan(&home.path().join("stacks/app"), "s3-gateway", S3).unwrap_err();
    assert_eq!(
        refusal.replace(&home.path().display().to_string(), "HOME"),
        "HOME/stacks/app is a module without a provider, and deploy/dev call it: give the folder in which you run terraform with --terraform"
    );
}

#[test]
fn the_root_module_is_found_among_more_than_are_read() {
    let module = code("[\"subnet-a\", \"subnet-b\", \"subnet-c\"]");
    let home = repository(&[("stacks/app/main.tf", &module)]);
    for number in 0..70 {
        let root = home.path().join(format!("deploy/team-{number:02}"));
        fs::create_dir_all(&root).unwrap();
        let name = if number == 69 { SERVICE.to_owned() } else { format!("team-{number}") };
        fs::write(root.join("main.tf"), CALL.replace("NAME", &name)).unwrap();
    }
    let edit = plan(home.path(), "s3-gateway", S3).unwrap();
    assert_eq!(edit.root, fs::canonicalize(home.path().join("deploy/team-69")).unwrap());
    fs::remove_dir_all(home.path().join("deploy/team-69")).unwrap();
    let refusal = plan(home.path(), "s3-gateway", S3).unwrap_err();
    assert!(refusal.contains("deploy/team-09 and 59 more; of the 64 of them with the most similar names, none is known to create"), "{refusal}");
}

#[test]
fn the_module_of_a_terragrunt_unit_is_edited_if_it_is_in_the_repository() {
    let module = code("[\"subnet-a\", \"subnet-b\", \"subnet-c\"]");
    let unit = format!(
        "include \"root\" {{\n  path = find_in_parent_folders()\n}}\n\nterraform {{\n  source = \"../../stacks//app\"\n}}\n\ninputs = {{\n  name = \"{SERVICE}\"\n}}\n"
    );
    let home = repository(&[("live/dev/terragrunt.hcl", &unit), ("stacks/app/main.tf", &module)]);
    for folder in ["live/dev", "live"] {
        let edit = plan(&home.path().join(folder), "s3-gateway", S3).unwrap();
        let (files, note) = shown(&edit, &fs::canonicalize(home.path()).unwrap());
        assert_eq!(files, ["stacks/app/data-sources.tf", "stacks/app/main.tf"], "{folder}");
        assert!(
            note.ends_with("calls the module stacks/app with the inputs name. This edit changes the module.")
                || folder == "live",
            "{note}"
        );
    }
    let remote = unit.replace("../../stacks//app", "git::https://git.example.com/modules.git//app?ref=v1");
    fs::write(home.path().join("live/dev/terragrunt.hcl"), remote).unwrap();
    let error = plan(&home.path().join("live/dev"), "s3-gateway", S3).unwrap_err();
    assert_eq!(
        error.replace(&home.path().display().to_string(), "HOME"),
        "HOME/live/dev/terragrunt.hcl: this Terragrunt unit calls the module git::https://git.example.com/modules.git//app?ref=v1, which is \
         not in this repository, with the input name (live/dev/terragrunt.hcl:10): if one of these inputs decides what the fix changes, \
         change it here. Otherwise change the module in its repository, and give this unit the new version. Then run terragrunt apply in its \
         folder"
    );
}

#[test]
fn generated_code_is_changed_in_its_program() {
    for (file, text, expected) in [
        (
            "cdktf.json",
            "{\"app\": \"npx ts-node main.ts\"}",
            "CDK for Terraform generates the Terraform code of this folder from a program. Change the construct of the resource in that \
             program (cdktf.json names it in \"app\"), then run cdktf deploy",
        ),
        (
            "Pulumi.yaml",
            "name: shop\nruntime: nodejs\n",
            "this is a Pulumi program, which has no Terraform code. Change the resource in that program, then run pulumi up",
        ),
    ] {
        let home = repository(&[(file, text)]);
        let error = plan(home.path(), "s3-gateway", S3).unwrap_err();
        assert_eq!(error, format!("{}: {expected}", home.path().display()));
    }
}

/// Random numbers that are the same in each run.
struct Random(u64);

impl Random {
    /// A number below a limit.
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

/// An expression for a list of subnets with comments, line ends and spaces at random places.
fn random_list(random: &mut Random, depth: usize) -> String {
    let gap =
        |random: &mut Random| ["", " ", "  ", "\n", "\n      ", " # note\n  "][random.below(6)].to_owned();
    let space = |random: &mut Random| ["", " ", "   "][random.below(3)].to_owned();
    let element = |random: &mut Random| {
        let texts = [
            "\"subnet-a\"",
            "aws_subnet.a.id",
            "aws_subnet.b[ 0 ].id",
            "\"${ var.name }-x\"",
            "var.x?\"a\":\"b\"",
            "element( var.list,1 )",
            "aws_subnet.c[\"k\"] . id",
            "lookup(var.m,\"k\",-1)",
            "(! var.on)",
            "\"a$${b}\"",
        ];
        texts[random.below(texts.len())].to_owned()
    };
    let count = 1 + random.below(4);
    let mut elements = Vec::new();
    for _ in 0..count {
        elements.push(if depth > 0 && random.below(3) == 0 {
            random_list(random, depth - 1)
        } else {
            element(random)
        });
    }
    match random.below(5) {
        0 => format!("concat({}{})", space(random), elements.join(",")),
        1 => format!("[for{}s in [{}]:{}s if s!=\"\"]", " ", elements.join(" ,"), space(random)),
        2 => format!("values({{{}a={},\n long_name =  {}\n}})", "\n", elements[0], elements.last().unwrap()),
        _ => {
            let mut text = "[".to_owned();
            for element in &elements {
                let _ = write!(text, "{}{element}{},", gap(random), space(random));
            }
            format!("{text}{}]", gap(random))
        }
    }
}

#[test]
fn an_edit_with_copied_code_has_the_layout_of_terraform_fmt() {
    if !terraform::is_available("an_edit_with_copied_code_has_the_layout_of_terraform_fmt") {
        return;
    }
    let mut random = Random(19);
    let edits = tempfile::tempdir().unwrap();
    let mut copied = 0;
    for number in 0..200 {
        let list = random_list(&mut random, 2);
        let home = repository(&[
            ("main.tf", &code(&list)),
            ("terraform.tfvars", &format!("name = \"{SERVICE}\"\n")),
        ]);
        let Ok(edit) = plan(home.path(), "interface-endpoints", SECRETS) else { continue };
        let new = edit.files.iter().map(|file| file.after.as_str()).collect::<String>();
        let start = new.find("resource \"aws_vpc_endpoint\" \"secretsmanager\"").unwrap();
        let block = &new[start..];
        let block = &block[..block.find("\n}\n").unwrap() + 3];
        fs::write(edits.path().join(format!("{number}.tf")), block).unwrap();
        copied += 1;
    }
    assert!(copied > 150, "{copied}");
    let unformatted = terraform::unformatted(edits.path());
    let texts = unformatted.lines().map(|name| fs::read_to_string(edits.path().join(name)).unwrap());
    assert!(unformatted.is_empty(), "{}", texts.collect::<String>());
}
