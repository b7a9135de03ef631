//! A Terraform root and the modules that it calls: their files, scanned, with the values of their variables as far as they can be
//! told.
//!
//! Reads files; changes none.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;

use crate::terraform::error::WorkspaceError;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::read::callers::{called_from, top_of};
use crate::terraform::read::file::{File, joined};
use crate::terraform::read::module_files::Code;

use crate::terraform::find::score::{Tag, name_within};
use crate::terraform::lang::partial::{Pattern, uses_of_variable};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::place::Place;
use crate::terraform::read::var_files::{Settings, by_hand};

/// Modules in modules in modules: deeper than this nobody nests them on purpose.
const DEPTH: usize = 8;

/// What Terraform takes from the shell that it is run in.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// Values of variables, by name: `TF_VAR_region`.
    pub variables: BTreeMap<String, String>,
    /// `TF_WORKSPACE`
    pub workspace: Option<String>,
    /// `TF_DATA_DIR`: where `terraform init` puts what it installs, `.terraform` unless told otherwise.
    pub data: Option<PathBuf>,
    /// A state that the user gives, where it is not in the folder: a state file, or what `terraform show -json` prints.
    pub state: Option<PathBuf>,
}

impl Surroundings {
    /// Picks them from an environment.
    #[must_use]
    pub fn of(environment: impl Iterator<Item = (OsString, OsString)>, state: Option<PathBuf>) -> Self {
        let mut surroundings = Self { state, ..Self::default() };
        for (name, value) in environment {
            let (Some(name), Ok(value)) = (name.to_str(), value.into_string()) else { continue };
            if name == "TF_WORKSPACE" {
                surroundings.workspace = Some(value);
            } else if name == "TF_DATA_DIR" {
                surroundings.data = Some(PathBuf::from(value)).filter(|dir| !dir.as_os_str().is_empty());
            } else if let Some(variable) = name.strip_prefix("TF_VAR_") {
                surroundings.variables.insert(variable.to_owned(), value);
            }
        }
        surroundings
    }
}

/// The code of a Terraform root, or of a module that it calls.
#[derive(Debug)]
pub struct Workspace {
    /// Canonical path of the root's directory, for a module too.
    pub root: PathBuf,
    /// Where this code is, relative to the root; empty for the root itself.
    pub dir: PathBuf,
    /// `module.app`; `None` for the root itself.
    pub module: Option<String>,
    /// The canonical folder of this code: two paths may lead to one.
    real: PathBuf,
    /// Where `terraform init` puts what it installs.
    pub(in crate::terraform) data: PathBuf,
    /// The repository that the root is in.
    pub(in crate::terraform) repository: Option<PathBuf>,
    /// Whether a service runs this code, which sets variables of its own.
    pub(in crate::terraform) is_remote: bool,
    /// Variables that the environment sets.
    pub(in crate::terraform) environment: BTreeSet<String>,
    /// The state that was given; the folder's own where none was.
    pub(in crate::terraform) state: Option<PathBuf>,
    /// The workspace that is chosen, `default` where none is; `None` where that is set elsewhere.
    pub named: Option<String>,
    /// Its `*.tf` files, by name.
    pub files: Vec<File>,
    /// The root's `terraform.tfvars` and `*.auto.tfvars`, in Terraform's order: the last one wins.
    pub settings: Vec<File>,
    /// Code and settings in JSON syntax, which are not read: what is in them cannot be told.
    pub json: Vec<PathBuf>,
    /// The modules that it calls, where their code is at hand.
    pub calls: Vec<Call>,
    /// The modules whose code is not: `module.vpc (terraform-aws-modules/vpc/aws)`.
    pub absent: Vec<String>,
    /// Whether other roots of the same repository call it too.
    pub others_call: bool,
    /// Whether it is somebody else's, which `terraform init` installed and would install again.
    pub installed: bool,
    /// The region of its provider without an alias, where that can be told.
    region: Option<String>,
    /// The tags that this provider gives everything, as they are written, or as they are known.
    default_tags: Option<String>,
    values: Values,
}

/// A `module` block whose code is at hand.
#[derive(Debug)]
pub struct Call {
    /// Its label, `app`.
    pub name: String,
    /// Whether `count` or `for_each` makes several of it.
    pub several: bool,
    /// What is called.
    pub code: Workspace,
}

impl Workspace {
    /// Reads every `*.tf` of a folder, and its tfvars.
    ///
    /// # Errors
    /// The folder or a file cannot be read, a file is not HCL, or there is none.
    pub fn read(dir: &Path, surroundings: &Surroundings) -> Result<Self, WorkspaceError> {
        let root =
            fs::canonicalize(dir).map_err(|source| WorkspaceError::Io { path: dir.to_owned(), source })?;
        let settings = Settings::read(&root)?;
        let given = surroundings.variables.iter();
        let mut given: BTreeMap<String, Value> =
            given.map(|(name, text)| (name.clone(), Value::from(text.as_str()))).collect();
        let data = root.join(surroundings.data.as_deref().unwrap_or(Path::new(".terraform")));
        let mut code = Code::read(&root, Path::new(""))?;
        let remote = code.remote();
        let named = named_workspace(&data, surroundings).or_else(|| match &remote {
            // Where the state is kept elsewhere and nothing is initialised, any may be meant.
            None => Some("default".to_owned()).filter(|_| data.is_dir() || !code.has_backend()),
            Some(remote) => remote.workspace.clone(),
        });
        let values = code.values(named.as_deref(), |variables| {
            // In Terraform's order: defaults, the environment, then files.
            variables.append(&mut given);
            settings.give(&root, remote.is_some(), variables);
        });
        code.json.extend(settings.json);
        let region = code.provided_region(&values);
        let values = code.with_region(values, region.as_deref());
        let default_tags = code.default_tags();
        let real = root.clone();
        let repository = root.ancestors().find(|dir| dir.join(".git").exists()).map(Path::to_owned);
        let mut workspace = Self {
            root,
            dir: PathBuf::new(),
            module: None,
            state: surroundings.state.clone(),
            real,
            data,
            repository,
            is_remote: remote.is_some(),
            environment: surroundings.variables.keys().cloned().collect(),
            named,
            files: std::mem::take(&mut code.files),
            settings: settings.files,
            json: code.json,
            calls: Vec::new(),
            absent: Vec::new(),
            others_call: false,
            installed: false,
            region,
            default_tags,
            values,
        };
        workspace.read_calls(&installed(&workspace.data), DEPTH)?;
        workspace.find_other_callers();
        Ok(workspace)
    }

    /// Reads what is called, as deep as it goes.
    fn read_calls(
        &mut self,
        installed: &HashMap<String, PathBuf>,
        depth: usize,
    ) -> Result<(), WorkspaceError> {
        let (mut calls, mut absent) = (Vec::new(), Vec::new());
        for (file, block) in self.blocks("module") {
            let Some(name) = block.labels.first() else { continue };
            if self.makes_none(file, block) == Some(true) {
                continue;
            }
            let source = self.merged(file, block, "source").and_then(|source| self.evaluate(source));
            let Some(source) = source else { continue };
            let module = match &self.module {
                Some(parent) => format!("{parent}.module.{name}"),
                None => format!("module.{name}"),
            };
            let is_local = source.starts_with("./") || source.starts_with("../");
            let key = module.split('.').filter(|part| *part != "module").collect::<Vec<_>>().join(".");
            let dir = if is_local {
                Some(joined(&self.dir, Path::new(&source)))
            } else {
                installed.get(&key).cloned()
            };
            let code = match dir.filter(|dir| depth > 0 && self.root.join(dir).is_dir()) {
                Some(dir) => match Code::read(&self.root, &dir) {
                    Err(WorkspaceError::Empty(_)) => None,
                    code => Some((dir, code?)),
                },
                None => None,
            };
            let Some((dir, code)) = code else {
                absent.push(format!("{module} ({source})"));
                continue;
            };
            // What the caller gives counts, known or not.
            let values = code.values(self.named.as_deref(), |variables| {
                for attribute in block.body.attributes() {
                    match self.value(file.value(attribute)) {
                        Some(value) => variables.insert(attribute.name.clone(), value),
                        None => variables.remove(&attribute.name),
                    };
                }
            });
            // A module has its caller's provider, unless it is given another one.
            let inherits = block.body.attribute("providers").is_none();
            let region = code.provided_region(&values).or_else(|| self.region.clone().filter(|_| inherits));
            let values = code.with_region(values, region.as_deref());
            // Its caller's words mean nothing in it, but what they come to does.
            let inherited = || if inherits { self.inherited_tags() } else { None };
            let default_tags = code.default_tags().or_else(inherited);
            let real = fs::canonicalize(self.root.join(&dir)).unwrap_or_else(|_| dir.clone());
            let mut code = Self {
                root: self.root.clone(),
                dir,
                module: Some(module),
                state: self.state.clone(),
                real,
                data: self.data.clone(),
                repository: self.repository.clone(),
                is_remote: self.is_remote,
                environment: BTreeSet::new(),
                named: self.named.clone(),
                files: code.files,
                settings: Vec::new(),
                json: code.json,
                calls: Vec::new(),
                absent: Vec::new(),
                others_call: false,
                installed: self.installed || !is_local,
                region,
                default_tags,
                values,
            };
            code.read_calls(installed, depth - 1)?;
            let several = Place { scope: self, file, block }.is_one_of_several();
            calls.push(Call { name: name.clone(), several, code });
        }
        (self.calls, self.absent) = (calls, absent);
        Ok(())
    }

    /// Looks through the repository, or the folder that holds the root and its modules, for other code that calls them.
    fn find_other_callers(&mut self) {
        let local = |scope: &&Self| scope.module.is_some() && !scope.installed;
        let dirs: BTreeSet<PathBuf> = self
            .scopes()
            .into_iter()
            .filter(local)
            .filter_map(|one| fs::canonicalize(self.root.join(&one.dir)).ok())
            .collect();
        if dirs.is_empty() {
            return;
        }
        let own: BTreeSet<PathBuf> = dirs.iter().cloned().chain([self.root.clone()]).collect();
        let called = called_from(&top_of(&self.root, &dirs), &own, &dirs);
        self.mark_other_callers(&called);
    }

    fn mark_other_callers(&mut self, called: &BTreeSet<PathBuf>) {
        let inherited = self.others_call;
        for call in &mut self.calls {
            call.code.others_call = inherited || called.contains(&call.code.real);
            call.code.mark_other_callers(called);
        }
    }

    /// This code and that of every module it calls, callers first.
    #[must_use]
    pub fn scopes(&self) -> Vec<&Self> {
        let mut scopes = vec![self];
        scopes.extend(self.calls.iter().flat_map(|call| call.code.scopes()));
        scopes
    }

    /// The `module` block that calls a module's code.
    pub(in crate::terraform) fn caller(&self, scope: &Self) -> Option<Place<'_>> {
        let module = scope.module.as_ref()?;
        self.scopes().into_iter().find_map(|parent| {
            let call = parent.calls.iter().find(|call| call.code.module.as_ref() == Some(module))?;
            let mut blocks = parent.blocks("module");
            let (file, block) = blocks.find(|(_, block)| block.labels.first() == Some(&call.name))?;
            Some(Place { scope: parent, file, block })
        })
    }

    /// Whether code of this root is at work more than once, so that an edit of it changes more than one thing.
    #[must_use]
    pub fn is_shared(&self, scope: &Self) -> bool {
        let Some(module) = &scope.module else { return false };
        if scope.others_call {
            return true;
        }
        let scopes = self.scopes();
        let same = scopes.iter().filter(|other| other.real == scope.real).count() > 1;
        let on_the_way = |code: &&Self| {
            let called = |call: &Call| {
                call.several
                    && call
                        .code
                        .module
                        .as_ref()
                        .is_some_and(|one| format!("{module}.").starts_with(&format!("{one}.")))
            };
            code.calls.iter().any(called)
        };
        same || scopes.iter().any(on_the_way)
    }

    /// Code and settings.
    pub fn every_file(&self) -> impl Iterator<Item = &File> {
        self.files.iter().chain(&self.settings)
    }

    /// An attribute of a block as Terraform has it: an override file's counts, where one says something of the block too.
    pub(in crate::terraform) fn merged<'a>(
        &'a self,
        file: &'a File,
        block: &'a Block,
        name: &str,
    ) -> Option<&'a str> {
        let mut overrides = self.files.iter().rev().filter(|file| file.is_override());
        let other = overrides.find_map(|file| {
            let same = file.body.blocks(&block.kind).find(|other| other.labels == block.labels)?;
            Some(file.value(same.body.attribute(name)?))
        });
        other.or_else(|| block.body.attribute(name).map(|attribute| file.value(attribute)))
    }

    /// The region of the provider that a resource has; `None` when that cannot be told.
    #[must_use]
    pub fn region_of(&self, file: &File, block: &Block) -> Option<String> {
        let alias = block.body.attribute("provider").map(|attribute| file.value(attribute).trim());
        let alias = match alias {
            None => None,
            Some(named) => Some(named.strip_prefix("aws.")?),
        };
        let is_it = |(file, provider): &(&File, &Block)| {
            let own = provider.body.attribute("alias").map(|own| file.value(own).trim_matches('"'));
            provider.labels.first().is_some_and(|label| label == "aws") && own == alias
        };
        let (file, provider) = self.blocks("provider").find(is_it)?;
        self.evaluate(file.value(provider.body.attribute("region")?))
    }

    /// Other `*.tfvars` in and below the root that set a variable: whoever runs Terraform may give them.
    #[must_use]
    pub fn named_settings(&self, variable: &str) -> Vec<String> {
        let all = by_hand(&self.root).into_iter();
        let sets = all.filter(|(_, told)| told.iter().any(|(name, _)| name == variable));
        sets.map(|(path, _)| path.display().to_string()).collect()
    }

    /// `module.app.aws_vpc.main`: an address of this code as the root knows it.
    #[must_use]
    pub fn address_of(&self, address: &str) -> String {
        self.module.as_ref().map_or_else(|| address.to_owned(), |module| format!("{module}.{address}"))
    }

    /// `file:line` of the block of an override file that says something of a resource too.
    #[must_use]
    pub fn overridden(&self, block: &Block) -> Option<String> {
        self.files.iter().filter(|file| file.is_override()).find_map(|file| {
            let same = file.body.blocks(&block.kind).find(|other| other.labels == block.labels)?;
            Some(format!(
                "{}:{}",
                file.path.display(),
                crate::terraform::lang::scan::place(&file.text, same.span.start).0
            ))
        })
    }

    /// The tags that the provider gives everything.
    pub(in crate::terraform) fn default_tags(&self) -> Option<&str> {
        self.default_tags.as_deref()
    }

    /// What the provider's tags say in the code that is called: the name alone matters there.
    fn inherited_tags(&self) -> Option<String> {
        match name_within(self, self.default_tags.as_deref()?) {
            Tag::Absent => None,
            Tag::Known(name) => Some(format!("{{ Name = {} }}", quoted(&name))),
            Tag::Unknown(..) => Some("var.tags_of_the_provider".to_owned()),
        }
    }

    /// Whether `count` or `for_each` makes none of a block; `None` where that cannot be told.
    #[must_use]
    pub fn makes_none(&self, file: &File, block: &Block) -> Option<bool> {
        let none = |name: &str, is_none: fn(&Value) -> bool| {
            let written = self.merged(file, block, name)?;
            Some(self.value(written).map(|value| is_none(&value)))
        };
        let count = none("count", |count| match count {
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text == "0",
            _ => false,
        });
        let each = none("for_each", |each| match each {
            Value::Array(list) => list.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        });
        count.or(each).unwrap_or(Some(false))
    }

    /// Whether `count` makes one or none, `var.enabled ? 1 : 0`, or is known to make one.
    pub(in crate::terraform) fn is_switch(&self, file: &File, block: &Block) -> bool {
        let count = block.body.attribute("count").map(|count| file.value(count));
        let cases = count.and_then(|count| count.rsplit_once('?')).map(|(_, cases)| cases.replace(' ', ""));
        count.is_some_and(|count| self.evaluate(count).as_deref() == Some("1"))
            || matches!(cases.as_deref(), Some("1:0" | "0:1"))
    }

    /// How often a variable is named in the code.
    #[must_use]
    pub fn uses_of_variable(&self, name: &str) -> usize {
        self.files.iter().map(|file| uses_of_variable(&file.text, name)).sum()
    }

    /// Every block of a kind with the file it is in, but for override files.
    pub fn blocks<'a>(&'a self, kind: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.files
            .iter()
            .filter(|file| !file.is_override())
            .flat_map(move |file| file.body.blocks(kind).map(move |block| (file, block)))
    }

    /// Every resource of a type.
    pub fn resources<'a>(&'a self, of: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.blocks("resource")
            .filter(move |(_, block)| block.labels.first().is_some_and(|label| label == of))
    }

    /// Every data source of a type.
    pub fn data<'a>(&'a self, of: &str) -> impl Iterator<Item = (&'a File, &'a Block)> {
        self.blocks("data").filter(move |(_, block)| block.labels.first().is_some_and(|label| label == of))
    }

    /// Whether `variable "name"` is declared.
    #[must_use]
    pub fn has_variable(&self, name: &str) -> bool {
        self.blocks("variable").any(|(_, block)| block.labels.first().is_some_and(|label| label == name))
    }

    /// Whether what an expression refers to, `aws_vpc.main`, `data.aws_vpc.main`, `var.name`, `local.name`, `module.name`, is in this
    /// code.
    pub(in crate::terraform) fn declares(&self, reference: &str) -> bool {
        let parts: Vec<&str> = reference.split('.').collect();
        let has = |kind: &str, labels: &[&str]| self.blocks(kind).any(|(_, block)| block.labels == labels);
        match parts.as_slice() {
            ["var", name] => has("variable", &[name]),
            ["module", name] => has("module", &[name]),
            ["data", of, name] => has("data", &[of, name]),
            ["local", name] => self.blocks("locals").any(|(_, block)| block.body.attribute(name).is_some()),
            [of, name] => has("resource", &[of, name]),
            _ => false,
        }
    }

    /// The value of an expression, as a text, when it can be told without Terraform.
    #[must_use]
    pub fn evaluate(&self, expression: &str) -> Option<String> {
        self.values.text(expression)
    }

    /// How a local is written.
    pub(in crate::terraform) fn local(&self, name: &str) -> Option<&str> {
        self.values.locals.get(name).map(String::as_str)
    }

    /// What is known of the text of an expression that cannot be told as a whole.
    pub(in crate::terraform) fn pattern(&self, expression: &str) -> Pattern {
        self.values.pattern(expression)
    }

    /// Why an expression cannot be told; `None` where it can.
    pub(in crate::terraform) fn why_unknown(&self, expression: &str) -> Option<String> {
        self.values.why_unknown(expression)
    }

    /// The value of an expression that is a list of texts.
    pub(in crate::terraform) fn texts(&self, expression: &str) -> Option<Vec<String>> {
        let list = self.value(expression)?;
        list.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
    }

    /// The keys of what a `for_each` of this value makes.
    pub(in crate::terraform) fn keys(&self, expression: &str) -> Option<Vec<String>> {
        match self.value(expression)? {
            Value::Object(fields) => Some(fields.keys().cloned().collect()),
            Value::Array(list) => list.iter().map(|one| one.as_str().map(str::to_owned)).collect(),
            _ => None,
        }
    }

    /// The value of an expression, when it can be told without Terraform.
    pub(in crate::terraform) fn value(&self, expression: &str) -> Option<Value> {
        self.values.value(expression)
    }
}

/// The workspace that the environment or `terraform workspace select` chose.
fn named_workspace(data: &Path, surroundings: &Surroundings) -> Option<String> {
    let chosen = || fs::read_to_string(data.join("environment")).ok();
    let name = surroundings.workspace.clone().or_else(chosen)?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

/// Where `terraform init` put the modules that it installed, by key, `app.network`.
fn installed(data: &Path) -> HashMap<String, PathBuf> {
    #[derive(serde::Deserialize)]
    struct Manifest {
        #[serde(rename = "Modules", default)]
        modules: Vec<Installed>,
    }
    #[derive(serde::Deserialize)]
    struct Installed {
        #[serde(rename = "Key")]
        key: String,
        #[serde(rename = "Dir")]
        dir: PathBuf,
    }
    let text = fs::read(data.join("modules/modules.json")).unwrap_or_default();
    let manifest: Manifest = serde_json::from_slice(&text).unwrap_or(Manifest { modules: Vec::new() });
    manifest.modules.into_iter().map(|one| (one.key, one.dir)).collect()
}
