//! Trees as teams write them: for each, what a remedy's edit looks like, or why there is none. Where Terraform and its provider
//! are, the edited tree must validate, and be formatted where it was.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::wildcard_imports,
    clippy::too_many_lines,
    clippy::assigning_clones,
    reason = "tests stop at the first surprise"
)]

mod asked;
mod asleep;
mod lookalikes;
mod misleading;
mod modules;
mod plain;
#[path = "../support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination};
use egress_doctor::model::*;
use egress_doctor::remedy::RemedyId;
use egress_doctor::terraform::{MadeBy, Surroundings, Workspace, diff, plan_edit};
use support::network::{OKTA, S3, SECRETS, World};

const PROVIDER: &str = r#"terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}
"#;

const SERVICE: &str = r#"resource "aws_apprunner_vpc_connector" "app" {
  vpc_connector_name = "bond-ai-dev-connector"
  subnets            = ["subnet-a", "subnet-b", "subnet-c"]
  security_groups    = [aws_security_group.app.id]
}

resource "aws_apprunner_service" "app" {
  service_name = "bond-ai-dev-backend"

  source_configuration {
    image_repository {
      image_identifier      = "public.ecr.aws/x/y:1"
      image_repository_type = "ECR_PUBLIC"
    }
  }

  network_configuration {
    egress_configuration {
      egress_type       = "VPC"
      vpc_connector_arn = aws_apprunner_vpc_connector.app.arn
    }
  }
}
"#;

const GROUP: &str = r#"resource "aws_security_group" "app" {
  name   = "bond-app"
  vpc_id = "vpc-1"
}
"#;

/// What an edit of a tree comes to.
struct Tree {
    name: &'static str,
    world: World,
    hosts: &'static [&'static str],
    remedies: &'static [RemedyId],
    files: Vec<(&'static str, String)>,
    /// Where Terraform is run, below the folder of the tree.
    root: &'static str,
    /// What was said where the code does not tell.
    said: &'static [&'static str],
}

impl Tree {
    fn said(self, said: &'static [&'static str]) -> Self {
        Self { said, ..self }
    }
}

/// A tree with the provider, the service and these files beside it.
fn tree(
    name: &'static str,
    world: World,
    hosts: &'static [&'static str],
    remedies: &'static [RemedyId],
    files: &[(&'static str, &str)],
) -> Tree {
    let mut all: Vec<(&'static str, String)> =
        files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    for (path, text) in [("provider.tf", PROVIDER), ("apprunner.tf", SERVICE)] {
        if !all.iter().any(|(known, _)| *known == path) {
            all.push((path, text.to_owned()));
        }
    }
    // The connector's group is called as these trees call it.
    let world = world.with(|network| {
        network.security_groups.get_mut(&SecurityGroupId::from("sg-app")).unwrap().name =
            "bond-app".to_owned();
    });
    Tree { name, world, hosts, remedies, files: all, root: "", said: &[] }
}

/// A tree of modules, with nothing but these files; its root is `root`.
fn of_modules(
    name: &'static str,
    hosts: &'static [&'static str],
    remedies: &'static [RemedyId],
    root: &'static str,
    files: &[(&'static str, &str)],
) -> Tree {
    let files = files.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
    Tree { name, world: World::new(), hosts, remedies, files, root, said: &[] }
}

fn rule(port: u16, peer: Peer) -> SecurityGroupRule {
    SecurityGroupRule { protocol: Protocol::Tcp, ports: PortRange::one(port), peer }
}

fn tag(name: &str) -> std::collections::BTreeMap<String, String> {
    [("Name".to_owned(), name.to_owned())].into()
}

/// Nothing may leave; a NAT gateway would lead everywhere.
fn shut() -> World {
    World::new().behind_nat().egress_rules(Vec::new())
}

fn put(tree: &Tree, folder: &std::path::Path) {
    for (path, text) in &tree.files {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), text).unwrap();
    }
}

/// The edit as a person reads it, made.
fn edit(tree: &Tree, folder: &std::path::Path) -> String {
    let workload = tree.world.0.workloads.iter().next().unwrap().clone();
    let wanted: Vec<Destination> = tree.hosts.iter().map(|host| destination(host).unwrap()).collect();
    let case = Case::open(Arc::new(tree.world.0.clone()), workload, &Query::for_destinations(wanted));
    let made = case.compose(tree.remedies).unwrap_or_else(|| panic!("{} does not fit", tree.name));
    assert!(made.is_possible() && made.leaves.is_empty(), "{}: {made:#?}", tree.name);
    let workspace = Workspace::read(folder, &Surroundings::default()).unwrap();
    let answers = tree.said.iter().map(|said| said.parse::<MadeBy>().unwrap());
    let answers = answers.map(|said| (said.id, said.answer)).collect();
    match plan_edit(&workspace, (&case.snapshot, &case.workload), &made, &answers) {
        Ok(changes) => {
            let mut out = changes.tally();
            for note in &changes.notes {
                write!(out, "\nnote: {note}").unwrap();
            }
            write!(out, "\n\n{}", diff::patch(&changes)).unwrap();
            for file in &changes.files {
                fs::write(folder.join(&file.path), &file.after).unwrap();
            }
            out
        }
        Err(refused) => format!("refused: {refused}\n"),
    }
}

#[test]
fn every_tree_is_edited_as_its_team_would() {
    let validates = support::terraform_is_here("every_tree_is_edited_as_its_team_would");
    let mut names = Vec::new();
    let all = [
        plain::trees(),
        modules::trees(),
        lookalikes::trees(),
        asked::trees(),
        asleep::trees(),
        misleading::trees(),
        misleading::more_trees(),
    ];
    let home = tempfile::tempdir().unwrap();
    let (before, after) = (home.path().join("before"), home.path().join("after"));
    let mut edited: Vec<(&'static str, PathBuf)> = Vec::new();
    for tree in all.into_iter().flatten() {
        let folder = after.join(tree.name);
        put(&tree, &before.join(tree.name));
        put(&tree, &folder);
        let root = folder.join(tree.root);
        let shown = edit(&tree, &root);
        insta::assert_snapshot!(format!("tree-{}", tree.name), shown.replace('\r', "\u{240d}"));
        if !shown.starts_with("refused") {
            edited.push((tree.name, root));
        }
        names.push(tree.name);
    }
    let distinct: std::collections::BTreeSet<_> = names.iter().collect();
    assert_eq!(distinct.len(), names.len());
    if validates {
        let (now, before) = (support::unformatted(&after), support::unformatted(&before));
        let worse: Vec<&str> = now.lines().filter(|file| !before.lines().any(|old| old == *file)).collect();
        assert!(worse.is_empty(), "formatted where it was: {worse:?}");
        assert_all_valid(&edited);
    }
}

/// Terraform accepts each root; two are asked about at once, since it mostly waits for its provider.
fn assert_all_valid(roots: &[(&'static str, PathBuf)]) {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some((name, root)) = roots.get(next.fetch_add(1, Ordering::Relaxed)) {
            // Only what the finder reads of it is in the state, and modules of the registry cannot be had here.
            let _ = fs::remove_file(root.join("terraform.tfstate"));
            if !root.join(".terraform").exists() {
                support::assert_valid(name, root);
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
}
