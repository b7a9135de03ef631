//! Terraform's own checks of the edited configurations.
//!
//! `terraform fmt` runs once for all of them. `terraform validate` runs once for all that can be a module of
//! one root, because most of its time is the start of the AWS provider (two to three seconds). If that
//! fails, or if only few cases are selected, each configuration is validated alone, so that a failure names
//! its case.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Completion, Failed};

use crate::case::Case;
use crate::support::terraform;
use crate::{registry, support};

/// The least number of cases that are validated together.
pub const TOGETHER: usize = 4;
/// `provider.tf` of most cases.
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
/// A provider that plans without AWS.
const OFFLINE: &str = r#"terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region                      = "us-west-2"
  access_key                  = "none"
  secret_key                  = "none"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true
}
"#;
/// The value of every variable without a default.
const VARIABLE: &str = "\nvariable \"any\" {\n  type = any\n}\n";

/// The checks of the selected cases.
pub struct Checks {
    cases: Vec<Arc<Case>>,
    home: tempfile::TempDir,
    has_terraform: OnceLock<bool>,
    /// Why the calls of registry modules of a case cannot be validated. Once it is set, the configurations are in `before` and, edited, in
    /// `after`.
    not_installed: OnceLock<BTreeMap<String, String>>,
    /// Files, by path below `after`, that the edit left badly formatted although they were well formatted
    /// before.
    unformatted: OnceLock<BTreeSet<PathBuf>>,
    /// The result of the plans with a switch.
    planned: OnceLock<Result<(), String>>,
    /// Whether all configurations that can be modules of one root are valid.
    all_valid: OnceLock<bool>,
}

impl Checks {
    pub fn new(cases: Vec<Arc<Case>>) -> Self {
        Self {
            cases,
            home: tempfile::tempdir().unwrap(),
            has_terraform: OnceLock::new(),
            not_installed: OnceLock::new(),
            unformatted: OnceLock::new(),
            planned: OnceLock::new(),
            all_valid: OnceLock::new(),
        }
    }

    /// A file that is formatted before the edit is formatted after it.
    pub fn fmt(&self, case: &Case) -> Result<Completion, Failed> {
        if !self.is_ready() {
            return Ok(Completion::ignored_with("Terraform is missing"));
        }
        let unformatted = self.unformatted.get_or_init(|| {
            let files = |folder: &str| -> BTreeSet<PathBuf> {
                terraform::unformatted(&self.home.path().join(folder)).lines().map(PathBuf::from).collect()
            };
            let (before, after) = (files("before"), files("after"));
            after.difference(&before).cloned().collect()
        });
        let own: Vec<&PathBuf> = unformatted.iter().filter(|file| file.starts_with(&case.name)).collect();
        if own.is_empty() {
            return Ok(Completion::Completed);
        }
        Err(format!("terraform fmt changes files that were formatted before the edit: {own:?}").into())
    }

    /// Terraform accepts the edited configuration.
    pub fn validate(&self, case: &Case) -> Result<Completion, Failed> {
        if !self.is_ready() {
            return Ok(Completion::ignored_with("Terraform is missing"));
        }
        let root = self.root(case);
        if let Some(why) = case.not_validated() {
            return Ok(Completion::ignored_with(why));
        }
        let not_installed = self.not_installed.get().unwrap();
        if let Some(why) = not_installed.get(&case.name) {
            return Ok(Completion::ignored_with(why));
        }
        let all = || validate_together(self.home.path(), "after", &self.cases, not_installed);
        if self.cases.len() >= TOGETHER && is_member(&root) && *self.all_valid.get_or_init(all) {
            return Ok(Completion::Completed);
        }
        terraform::validate(&root).map(|()| Completion::Completed).map_err(Failed::from)
    }

    /// Terraform plans the edited configurations with a switch, and other root modules of the repository: all of them in one plan, with
    /// the switch on and off.
    pub fn plan(&self) -> Result<Completion, Failed> {
        if !self.is_ready() {
            return Ok(Completion::ignored_with("Terraform is missing"));
        }
        self.planned
            .get_or_init(|| self.plan_together())
            .clone()
            .map(|()| Completion::Completed)
            .map_err(Failed::from)
    }

    fn plan_together(&self) -> Result<(), String> {
        let folder = self.home.path().join("switched");
        let mut code = format!("{OFFLINE}\nvariable \"on\" {{\n  type = bool\n}}\n");
        for (number, case) in self.cases.iter().enumerate() {
            let roots = case.other_roots();
            if !roots.is_empty() {
                support::copy_folder(
                    &self.home.path().join("after").join(&case.name),
                    &folder.join(&case.name),
                );
            }
            for (other, root) in roots.iter().enumerate() {
                let module = Path::new(&case.name).join(root);
                fs::remove_file(folder.join(&module).join("provider.tf")).unwrap();
                let source = module.display();
                write!(code, "\nmodule \"case{number}_{other}\" {{\n  source = \"./{source}\"\n}}\n")
                    .unwrap();
            }
            let Some(switch) = case.switch() else { continue };
            let module = folder.join(&case.name);
            support::copy_folder(&self.root(case), &module);
            fs::remove_file(module.join("provider.tf")).unwrap();
            let source = Path::new(&case.name).display();
            write!(
                code,
                "\nmodule \"case{number}\" {{\n  source = \"./{source}\"\n  {switch} = var.on\n}}\n"
            )
            .unwrap();
        }
        fs::write(folder.join("main.tf"), code).unwrap();
        terraform::validate(&folder)?;
        ["on=true", "on=false"].iter().try_for_each(|switch| {
            terraform::succeeds_in(
                &folder,
                &["plan", "-refresh=false", "-input=false", "-lock=false", "-no-color", "-var", switch],
            )
        })
    }

    /// Whether Terraform is available; if so, the configurations are written and edited.
    fn is_ready(&self) -> bool {
        let has_terraform =
            *self.has_terraform.get_or_init(|| terraform::is_available("fmt and validate of tests/trees"));
        if has_terraform {
            self.not_installed.get_or_init(|| {
                let mut not_installed = BTreeMap::new();
                for case in &self.cases {
                    case.copy(&self.home.path().join("before").join(&case.name));
                    let after = self.home.path().join("after").join(&case.name);
                    case.copy(&after);
                    case.edit(&after);
                    // Terraform cannot use this state file: it contains only the fields that egress-doctor
                    // reads.
                    let _ = fs::remove_file(case.root(&after).join("terraform.tfstate"));
                    if let Err(why) = registry::install(&case.root(&after)) {
                        not_installed.insert(case.name.clone(), why);
                    }
                }
                not_installed
            });
        }
        has_terraform
    }

    fn root(&self, case: &Case) -> PathBuf {
        case.root(&self.home.path().join("after").join(&case.name))
    }
}

/// Validates one root module that calls the configurations in `home/stage` as modules. `not_installed` are cases without the code of a
/// registry module.
pub fn validate_together(
    home: &Path,
    stage: &str,
    cases: &[Arc<Case>],
    not_installed: &BTreeMap<String, String>,
) -> bool {
    let folder = home.join(format!("{stage}-together"));
    let mut code = format!("{PROVIDER}{VARIABLE}");
    for (number, case) in cases.iter().enumerate() {
        let root = case.root(&home.join(stage).join(&case.name));
        if not_installed.contains_key(&case.name) || case.not_validated().is_some() {
            continue;
        }
        let Some(arguments) = arguments(&root) else { continue };
        let module = folder.join(&case.name);
        support::copy_folder(&home.join(stage).join(&case.name), &module);
        // All modules share one provider, because each provider block starts its own process.
        let provider = case.root(&module).join("provider.tf");
        if fs::read_to_string(&provider).is_ok_and(|text| text == PROVIDER) {
            fs::remove_file(provider).unwrap();
        }
        let source = case.root(Path::new(&case.name));
        write!(code, "\nmodule \"case{number}\" {{\n  source = \"./{}\"\n", source.display()).unwrap();
        for name in arguments {
            writeln!(code, "  {name} = var.any").unwrap();
        }
        code.push_str("}\n");
    }
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("main.tf"), code).unwrap();
    registry::install(&folder).unwrap();
    match terraform::validate(&folder) {
        Ok(()) => true,
        Err(error) => {
            support::say(&format!("not all configurations are valid; each is validated alone:\n{error}"));
            false
        }
    }
}

/// Whether a configuration can be a module of one root with others.
pub fn is_member(root: &Path) -> bool {
    arguments(root).is_some()
}

/// The variables that a call of this root as a module must set. `None` if it cannot be a module: `import`
/// blocks and the settings of HCP Terraform are permitted only in a root, and of JSON syntax this function reads only resources.
fn arguments(root: &Path) -> Option<Vec<String>> {
    let mut names = Vec::new();
    for path in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".tf.json") {
            let code: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).ok()?;
            let is_resources = code.as_object()?.keys().all(|key| key == "resource");
            is_resources.then_some(())?;
            continue;
        }
        if path.extension().is_none_or(|end| end != "tf") {
            continue;
        }
        let body = hcl::parse(&fs::read_to_string(&path).unwrap()).ok()?;
        for block in body.blocks() {
            let is_root_only = match block.identifier() {
                "import" => true,
                "terraform" => block.body().blocks().any(|inner| inner.identifier() == "cloud"),
                _ => false,
            };
            if is_root_only {
                return None;
            }
            let has_default = block.body().attributes().any(|attribute| attribute.key() == "default");
            if block.identifier() == "variable" && !has_default {
                names.push(block.labels()[0].as_str().to_owned());
            }
        }
    }
    Some(names)
}
