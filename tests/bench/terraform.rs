//! Time to find the code and to plan its edit in a large configuration: 1,000 files, 5 MB, 40 local modules.
//!
//! `cargo bench --no-default-features --bench terraform`

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a benchmark stops at the first unexpected result"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use divan::Bencher;
use divan::counter::BytesCount;
use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::Snapshot;
use egress_doctor::remedy::RemedyId;
use egress_doctor::scenario::Scenario;
use egress_doctor::terraform::{Config, Environment, OwnerChoices, plan_edit};

fn main() {
    divan::main();
}

/// About five kilobytes of resources.
fn filler(name: &str) -> String {
    let mut text = String::new();
    for n in 0..22 {
        writeln!(
            text,
            "# One of many\nresource \"aws_cloudwatch_log_group\" \"{name}_{n}\" {{\n  name              = \"/${{var.project_name}}/{name}/{n}\"\n  retention_in_days = 30\n\n  tags = {{\n    Name = \"{name}-{n}\"\n    Team = \"platform\"\n  }}\n}}\n"
        )
        .unwrap();
    }
    text
}

fn tree(folder: &Path) {
    Scenario::named("isolated").unwrap().copy_terraform(folder).unwrap();
    let mut calls = String::new();
    for n in 0..200 {
        fs::write(folder.join(format!("more_{n}.tf")), filler(&format!("root_{n}"))).unwrap();
    }
    for module in 0..40 {
        writeln!(calls, "module \"m{module}\" {{\n  source = \"./modules/m{module}\"\n}}\n").unwrap();
        let dir = folder.join(format!("modules/m{module}"));
        fs::create_dir_all(&dir).unwrap();
        for n in 0..20 {
            fs::write(dir.join(format!("part_{n}.tf")), filler(&format!("m{module}_{n}"))).unwrap();
        }
    }
    fs::write(folder.join("modules.tf"), calls).unwrap();
}

#[divan::bench]
fn a_large_tree(bencher: Bencher<'_, '_>) {
    let folder = tempfile::tempdir().unwrap();
    tree(folder.path());
    let snapshot = Snapshot::from_json(Scenario::named("isolated").unwrap().snapshot).unwrap();
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let wanted = vec![destination("s3.us-west-2.amazonaws.com").unwrap()];
    let case = Case::open(Arc::new(snapshot), workload, &Query::for_destinations(wanted));
    let made = case.compose(&[RemedyId::S3Gateway]).unwrap();
    let tree = Config::read(folder.path(), &Environment::default()).unwrap();
    let texts = tree.modules().into_iter().flat_map(|module| module.files.iter()).map(|file| file.text.len());
    let (files, bytes) = texts.fold((0_usize, 0), |(files, bytes), length| (files + 1, bytes + length));
    assert!(files > 1_000);
    let bencher = bencher.counter(BytesCount::new(bytes));
    bencher.bench(|| {
        let config = Config::read(folder.path(), &Environment::default()).unwrap();
        plan_edit(&config, (&case.snapshot, &case.workload), &made, &OwnerChoices::new()).unwrap()
    });
}
