//! Fixes in each layout of code (`tests/lab/layouts`), applied in a fresh environment.
//!
//! All layouts are modules of one root, so that Terraform starts the provider once for each step: write the fixes in each layout (each is
//! undone once and written again); plan, which shows what was announced, in the same number, and nothing else; apply old and new code in
//! one apply to a fresh account; diagnose; plan again without changes; apply the old code again, and diagnose.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::support::lab::{self, Lab};
use crate::support::terraform::{self, Root, without_keys};
use crate::support::{copy_folder, doctor, repository, run, skip_unavailable};

const S3: &str = "s3.us-west-2.amazonaws.com";
const SECRETS: &str = "secretsmanager.us-west-2.amazonaws.com";
const OKTA: &str = "bond.okta.com";

/// A layout: its folder, the root module in it, and its fixes with the service and the destination of each.
struct Layout {
    name: &'static str,
    root: &'static str,
    fixes: &'static [(&'static str, &'static str, &'static str)],
}

static LAYOUTS: [Layout; 10] = [
    Layout {
        name: "plain",
        root: "plain",
        fixes: &[
            ("plain", "s3-gateway", S3),
            ("plain", "interface-endpoints", SECRETS),
            ("plain", "nat", OKTA),
        ],
    },
    Layout {
        name: "modules",
        root: "modules",
        fixes: &[
            ("modules", "s3-gateway", S3),
            ("modules", "interface-endpoints", SECRETS),
            ("modules", "nat", OKTA),
        ],
    },
    Layout {
        name: "roots",
        root: "roots/envs/dev",
        fixes: &[("roots-dev", "s3-gateway", S3), ("roots-dev", "interface-endpoints", SECRETS)],
    },
    // The other environment with the same modules: no fix changes it.
    Layout { name: "roots_prod", root: "roots/envs/prod", fixes: &[] },
    Layout {
        name: "switch",
        root: "switch",
        fixes: &[("switch", "s3-gateway", S3), ("switch", "nat", OKTA)],
    },
    Layout {
        name: "services",
        root: "services",
        fixes: &[("each-api", "default-egress", OKTA), ("each-worker", "s3-gateway", S3)],
    },
    Layout {
        name: "pipeline",
        root: "pipeline",
        fixes: &[("pipeline", "s3-gateway", S3), ("pipeline", "nat", OKTA)],
    },
    Layout {
        name: "json",
        root: "json",
        fixes: &[("json", "s3-gateway", S3), ("json", "interface-endpoints", SECRETS), ("json", "nat", OKTA)],
    },
    // One module creates the subnets of each tier.
    Layout {
        name: "tiers",
        root: "tiers",
        fixes: &[
            ("tiers", "s3-gateway", S3),
            ("tiers", "interface-endpoints", SECRETS),
            ("tiers", "nat", OKTA),
        ],
    },
    // Values of the network module create the endpoints and the NAT gateway.
    Layout {
        name: "prepared",
        root: "prepared",
        fixes: &[
            ("prepared", "s3-gateway", S3),
            ("prepared", "interface-endpoints", SECRETS),
            ("prepared", "nat", OKTA),
        ],
    },
];
const PROVIDER: &str = "provider \"aws\" {\n  region = \"us-west-2\"\n}\n";

/// Writes one root that calls all layouts, without their provider blocks.
fn together(code: &Path, to: &Path) {
    copy_folder(code, to);
    let mut text = PROVIDER.to_owned();
    for layout in &LAYOUTS {
        write!(text, "\nmodule \"{}\" {{\n  source = \"./{}\"\n}}\n", layout.name, layout.root).unwrap();
        std::fs::remove_file(to.join(layout.root).join("provider.tf")).unwrap();
    }
    std::fs::write(to.join("main.tf"), text).unwrap();
}

/// Runs a program of `tests/lab` on the account.
fn python(lab: &Lab, program: &str, arguments: &[&str]) {
    let mut command = Command::new(Lab::python());
    command.arg(repository(&format!("tests/lab/{program}"))).arg(&lab.endpoint).args(arguments);
    assert!(command.status().unwrap().success(), "{program} {arguments:?}");
}

/// Creates the service that no code creates.
fn create_service(lab: &Lab) {
    python(lab, "create_service.py", &["pipeline", "pipeline"]);
}

/// Saves the account for each service.
fn save(lab: &Lab, to: &Path) {
    let mut arguments = vec![to.to_str().unwrap()];
    let mut services: Vec<&str> =
        LAYOUTS.iter().flat_map(|layout| layout.fixes.iter().map(|(service, ..)| *service)).collect();
    services.dedup();
    arguments.extend(services);
    python(lab, "dump.py", &arguments);
}

/// The verdict of each fix's destination.
fn verdicts(home: &Path, saved: &Path) -> Vec<(&'static str, &'static str, String)> {
    let fixes = LAYOUTS.iter().flat_map(|layout| layout.fixes);
    let verdict = |service: &str, host: &str| {
        let mut diagnose = doctor(home);
        diagnose.args(["diagnose", "--format", "json", "--to", host, "--aws-json"]).arg(saved.join(service));
        let diagnosis: Value = serde_json::from_str(&run(&mut diagnose).1).unwrap();
        diagnosis["destinations"][0]["verdict"].as_str().unwrap().to_owned()
    };
    fixes.map(|(service, remedy, host)| (*service, *remedy, verdict(service, host))).collect()
}

/// All fixes with the same verdict.
fn all(verdict: &str) -> Vec<(&'static str, &'static str, String)> {
    let fixes = LAYOUTS.iter().flat_map(|layout| layout.fixes);
    fixes.map(|(service, remedy, _)| (*service, *remedy, verdict.to_owned())).collect()
}

/// The number of resources that are created, updated and destroyed.
type Numbers = [usize; 3];

/// The numbers in `1 file new; 2 to add, 0 to change, 0 to destroy`.
fn numbers(text: &str) -> Numbers {
    let line = text.lines().find(|line| line.ends_with(" to destroy")).unwrap();
    ["add", "change", "destroy"].map(|action| {
        let before = line.split(&format!(" to {action}")).next().unwrap();
        before.rsplit(' ').next().unwrap().parse().unwrap()
    })
}

/// The numbers of planned actions.
fn planned_numbers(actions: &[String]) -> Numbers {
    ["create ", "update ", "delete"]
        .map(|action| actions.iter().filter(|planned| planned.starts_with(action)).count())
}

/// Writes all fixes; returns the announced actions, with the addresses of the common root, and their numbers.
fn write_fixes(home: &Path, saved: &Path, code: &Path) -> (Vec<String>, Numbers) {
    let (mut announced, mut all) = (Vec::new(), [0; 3]);
    for layout in &LAYOUTS {
        for (service, remedy, host) in layout.fixes {
            let mut fix = doctor(home);
            fix.args(["fix", "--to", host, "--remedy", remedy, "--write", "--check", "fmt"]);
            fix.arg("--aws-json").arg(saved.join(service)).arg("--terraform").arg(code.join(layout.root));
            // An undo restores the code of the whole repository.
            let before = home.join(format!("before-{service}-{remedy}"));
            copy_folder(code, &before);
            let own = numbers(&run(&mut fix).1);
            all.iter_mut().zip(own).for_each(|(all, own)| *all += own);
            run(doctor(home).arg("undo").arg("--terraform").arg(code.join(layout.root)));
            let same = Command::new("diff").arg("-r").arg(&before).arg(code).output().unwrap();
            assert!(same.status.success(), "{service} {remedy}: {}", String::from_utf8_lossy(&same.stdout));
            let (exit, text) = run(fix.args(["--format", "json"]));
            assert_eq!(exit, 0, "{service} {remedy}: {text}");
            let fix: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(fix["written"], true, "{service} {remedy}: {text}");
            for (list, action) in [("adds", "create"), ("changes", "update")] {
                let addresses = fix[list].as_array().unwrap().iter().map(|one| one.as_str().unwrap());
                let addresses = addresses.map(|one| one.split('[').next().unwrap());
                announced.extend(addresses.map(|one| format!("{action} module.{}.{one}", layout.name)));
            }
        }
    }
    announced.sort();
    announced.dedup();
    (announced, all)
}

#[test]
fn the_fixes_of_each_layout_apply_in_a_fresh_environment() {
    let test = "the_fixes_of_each_layout_apply_in_a_fresh_environment";
    for (layout, tool) in [
        ("OpenTofu files", "OpenTofu"),
        ("Terragrunt", "Terragrunt"),
        ("the region argument", "version 6 of the AWS provider"),
        ("the VPC of the registry, with and without its endpoints module", "registry modules"),
    ] {
        skip_unavailable(test, layout, tool);
    }
    if !lab::is_available(test) || !terraform::is_available(test) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let code: PathBuf = home.join("code");
    copy_folder(&repository("tests/lab/layouts"), &code);
    std::fs::create_dir(code.join(".git")).unwrap();
    let original = home.join("original");
    together(&code, &original);

    let first = Lab::start();
    let old = Root::copy(&original, home.join("old"), first.environment());
    let before = old.code();
    old.apply();
    create_service(&first);
    save(&first, &home.join("saved"));
    assert_eq!(verdicts(home, &home.join("saved")), all("blocked"));

    let (announced, numbers) = write_fixes(home, &home.join("saved"), &code);
    let edited = home.join("edited");
    together(&code, &edited);
    copy_folder(&edited, &old.folder);
    let actions = old.planned_actions();
    assert_eq!(without_keys(&actions), announced, "Terraform plans what was announced and nothing else");
    assert_eq!(planned_numbers(&actions), numbers, "{actions:#?}");

    // Terraform creates the network and the fixes in one apply.
    let second = Lab::start();
    let fresh = Root::copy(&edited, home.join("fresh"), second.environment());
    fresh.apply();
    create_service(&second);
    save(&second, &home.join("saved-again"));
    assert_eq!(verdicts(home, &home.join("saved-again")), all("reachable"));
    fresh.assert_no_changes();

    fresh.restore(&before);
    fresh.apply();
    save(&second, &home.join("saved-undone"));
    assert_eq!(verdicts(home, &home.join("saved-undone")), all("blocked"));
    fresh.assert_no_changes();
}
