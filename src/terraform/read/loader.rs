//! Reads the modules of a configuration, from the root module down.
//!
//! Owns the limits of module calls, and shares what equal calls have in common: the files of a directory, and the values of a module
//! with the same arguments. Changes no file.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use hcl::Value;

use crate::terraform::error::ConfigError;
use crate::terraform::lang::address::{ResourceAddress, module_without_keys};
use crate::terraform::lang::budget::Budget;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::lang::tags::{Tag, name_tag_of};
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::file::{Digest, Texts, joined};
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::{INSTANCES, Module, ModuleCall};
use crate::terraform::read::module_files::ModuleFiles;
use crate::terraform::read::place::{Place, location};

/// Recursion limit for modules that call modules.
const DEPTH: usize = 8;
/// Limit of the calls of modules in a configuration: each call is a module with an address.
const MAX_CALLS: usize = 10_000;

/// Reads modules. A directory is read once, and a directory with the same arguments is evaluated once.
pub(in crate::terraform) struct Loader<'c> {
    root: &'c Path,
    boundary: &'c Boundary,
    workspace: Option<&'c str>,
    /// Directories of installed modules, by key.
    installed: HashMap<String, PathBuf>,
    budget: Arc<Budget>,
    /// Whether `OpenTofu` runs the configuration.
    pub is_tofu: bool,
    /// The texts that replace the content of files.
    pub texts: Texts,
    /// The files of each directory; `None` for a directory without `*.tf` files.
    files: HashMap<PathBuf, Option<Rc<ModuleFiles>>>,
    /// The modules by directory and arguments.
    evaluated: HashMap<(PathBuf, Digest), Rc<Evaluated>>,
    /// The number of calls so far.
    calls: usize,
}

/// A module without its address, and the calls in it.
struct Evaluated {
    module: Module,
    calls: Vec<Call>,
}

/// A `module` block.
struct Call {
    /// `main.tf:12`
    place: String,
    name: String,
    /// The key of the instance, `["a"]` or `[0]`; `None` for the only instance, and if the keys are unknown.
    key: Option<String>,
    source: String,
    is_repeated: bool,
    inputs: Inputs,
    /// The digest of the inputs.
    digest: Digest,
}

/// What a call gives to the module.
#[derive(Debug)]
struct Inputs {
    /// The values of the arguments; `None` for an unknown value.
    arguments: BTreeMap<String, Option<Value>>,
    region: Option<String>,
    /// The regions of the providers that the module gets, by their names in it.
    regions: BTreeMap<String, String>,
    default_tags: Option<String>,
}

/// The module that contains a call.
#[derive(Clone, Copy)]
struct Caller<'c> {
    module: &'c Module,
    /// Its caller.
    outer: Option<&'c Caller<'c>>,
}

impl<'c> Loader<'c> {
    /// `installed` has the directories of the installed modules, by key.
    pub fn new(
        root: &'c Path,
        boundary: &'c Boundary,
        workspace: Option<&'c str>,
        installed: HashMap<String, PathBuf>,
        budget: Arc<Budget>,
    ) -> Self {
        let (files, evaluated) = (HashMap::new(), HashMap::new());
        let (is_tofu, texts) = (false, Texts::new());
        Self { root, boundary, workspace, installed, budget, is_tofu, texts, files, evaluated, calls: 0 }
    }

    /// The root module with the modules that it calls.
    ///
    /// # Errors
    /// A file cannot be read, a module calls itself, or there are too many calls.
    pub fn root_module(&mut self, files: &ModuleFiles, values: Values) -> Result<Module, ConfigError> {
        let (region, default_tags) = (files.provider_region(&values), files.default_tags());
        let root_module =
            self.evaluated(Path::new(""), files, values, (region, BTreeMap::new()), default_tags);
        self.module(&root_module, None, false, None, DEPTH)
    }

    /// The files of a directory, relative to the root; `None` if it has no `*.tf` file.
    fn files(&mut self, dir: &Path) -> Result<Option<Rc<ModuleFiles>>, ConfigError> {
        if let Some(known) = self.files.get(dir) {
            return Ok(known.clone());
        }
        let files = match ModuleFiles::read(self.root, dir, self.is_tofu, &self.texts) {
            Err(ConfigError::Empty(_)) => None,
            files => Some(Rc::new(files?)),
        };
        self.files.insert(dir.to_owned(), files.clone());
        Ok(files)
    }

    /// The module in a directory with the inputs of a call; `None` if the directory has no `*.tf` file.
    fn called(&mut self, dir: &Path, call: &Call) -> Result<Option<Rc<Evaluated>>, ConfigError> {
        let key = (dir.to_owned(), call.digest.clone());
        if let Some(known) = self.evaluated.get(&key) {
            return Ok(Some(known.clone()));
        }
        let Some(files) = self.files(dir)? else { return Ok(None) };
        // An argument of the call overrides the default, also if its value is unknown.
        let values = files.values(self.workspace, &self.budget, |variables| {
            for (name, value) in &call.inputs.arguments {
                match value {
                    Some(value) => variables.insert(name.clone(), value.clone()),
                    None => variables.remove(name),
                };
            }
        });
        let region = files.provider_region(&values).or_else(|| call.inputs.region.clone());
        let default_tags = files.default_tags().or_else(|| call.inputs.default_tags.clone());
        let given = call.inputs.regions.clone();
        let evaluated = Rc::new(self.evaluated(dir, &files, values, (region, given), default_tags));
        self.evaluated.insert(key, evaluated.clone());
        Ok(Some(evaluated))
    }

    fn evaluated(
        &self,
        dir: &Path,
        files: &ModuleFiles,
        values: Values,
        (region, given_regions): (Option<String>, BTreeMap<String, String>),
        default_tags: Option<String>,
    ) -> Evaluated {
        let values = files.with_vpc_ranges(files.with_region(values, region.as_deref()));
        let canonical_dir = fs::canonicalize(self.root.join(dir)).unwrap_or_else(|_| dir.to_owned());
        let module = Module {
            dir: dir.to_owned(),
            address: None,
            is_outside: !self.boundary.contains(&canonical_dir),
            canonical_dir,
            files: files.files.clone(),
            blocks: files.blocks.clone(),
            json_files: files.json.clone(),
            tf_folders: files.folders.clone(),
            replaced: files.replaced.clone(),
            calls: Vec::new(),
            missing: Vec::new(),
            is_shared_module: false,
            is_installed: false,
            region,
            given_regions,
            default_tags,
            values: Arc::new(values),
        };
        let blocks = module.blocks("module");
        let enabled = blocks.filter(|(file, block)| module.is_disabled(file, block) != Some(true));
        let calls = enabled.flat_map(|(file, block)| self.calls(Place { module: &module, file, block }));
        let calls = calls.collect();
        Evaluated { module, calls }
    }

    /// The calls of a `module` block: one for each instance, or one for all if their keys are unknown.
    fn calls(&self, place: Place<'_>) -> Vec<Call> {
        let Place { module, file, block } = place;
        let keys = place.is_one_of_several().then(|| module.instance_keys(&module.values, file, block));
        let keys = keys.flatten().filter(|keys| !keys.is_empty() && keys.len() <= INSTANCES);
        let calls = match keys {
            Some(keys) => keys.into_iter().map(|key| self.call(place, Some(key))).collect(),
            None => self.call(place, None).map(|call| vec![call]),
        };
        calls.unwrap_or_default()
    }

    /// The call of a `module` block, or of one instance of it; `None` if its source is unknown.
    fn call(&self, place: Place<'_>, key: Option<String>) -> Option<Call> {
        let Place { module, file, block } = place;
        let source = module.evaluate(module.expression(file, block, "source")?)?;
        let bindings = key.as_deref().map(|key| Bindings::of_instance(place, key)).unwrap_or_default();
        let value = |argument: &Attribute| {
            let value = match file.expression(argument).tree() {
                Some(tree) => module.value(Expr::parsed("", &bindings.bind(&tree))),
                None => None,
            };
            value.filter(|value| self.budget.keeps(value))
        };
        let arguments = block.body.attributes().map(|argument| (argument.name.clone(), value(argument)));
        let providers = place.providers_of_call();
        let provider = providers.get("aws");
        let regions = providers
            .iter()
            .filter_map(|(own, provider)| Some((own.clone(), module.region_of_provider(provider)?)));
        let inputs = Inputs {
            arguments: arguments.collect(),
            region: provider.and_then(|provider| module.region_of_provider(provider)),
            regions: regions.collect(),
            default_tags: provider.and_then(|provider| inherited_tags(module, provider)),
        };
        Some(Call {
            place: location(file, block),
            name: block.labels.first()?.clone(),
            key,
            source,
            is_repeated: place.is_one_of_several(),
            digest: Digest::of(format!("{inputs:?}").as_bytes()),
            inputs,
        })
    }

    /// The module at an address, with the modules that it calls, down to `depth` levels.
    fn module(
        &mut self,
        evaluated: &Evaluated,
        address: Option<String>,
        is_installed: bool,
        outer: Option<&Caller<'_>>,
        depth: usize,
    ) -> Result<Module, ConfigError> {
        let mut module = evaluated.module.at(address, is_installed);
        let (mut calls, mut missing) = (Vec::new(), Vec::new());
        let caller = Caller { module: &module, outer };
        for call in &evaluated.calls {
            match self.call_at(&caller, call, depth)? {
                Some(found) => calls.push(found),
                None => missing.push(format!("{} ({})", child_address(&module, call), call.source)),
            }
        }
        (module.calls, module.missing) = (calls, missing);
        Ok(module)
    }

    /// The module of a call; `None` if its code is not available.
    fn call_at(
        &mut self,
        caller: &Caller<'_>,
        call: &Call,
        depth: usize,
    ) -> Result<Option<ModuleCall>, ConfigError> {
        let address = child_address(caller.module, call);
        let is_local = call.source.starts_with("./") || call.source.starts_with("../");
        let dir = if is_local {
            Some(joined(&caller.module.dir, Path::new(&call.source)))
        } else {
            let plain = module_without_keys(&address);
            let key = plain.split('.').filter(|part| *part != "module").collect::<Vec<_>>().join(".");
            self.installed.get(&key).cloned()
        };
        let Some(dir) = dir.filter(|dir| depth > 0 && self.root.join(dir).is_dir()) else { return Ok(None) };
        let Some(evaluated) = self.called(&dir, call)? else { return Ok(None) };
        if caller.is_in(&evaluated.module.canonical_dir) {
            if !is_local {
                // `terraform init` installs no module in its own folder, so its list of modules is not correct.
                return Ok(None);
            }
            let dir = if dir.as_os_str().is_empty() { ".".to_owned() } else { dir.display().to_string() };
            return Err(ConfigError::ModuleCycle { place: call.place.clone(), name: call.name.clone(), dir });
        }
        self.calls += 1;
        if self.calls > MAX_CALLS {
            return Err(ConfigError::TooManyModules { path: self.root.to_owned(), limit: MAX_CALLS });
        }
        let is_installed = caller.module.is_installed || !is_local;
        let module = self.module(&evaluated, Some(address), is_installed, Some(caller), depth - 1)?;
        let (name, key) = (call.name.clone(), call.key.clone());
        Ok(Some(ModuleCall { name, key, is_repeated: call.is_repeated, module }))
    }
}

impl Caller<'_> {
    /// Whether the module, or a module that calls it, is in a directory.
    fn is_in(&self, canonical_dir: &Path) -> bool {
        let mut next = Some(self);
        while let Some(caller) = next {
            if caller.module.canonical_dir == canonical_dir {
                return true;
            }
            next = caller.outer;
        }
        false
    }
}

/// `module.app.module.network["shop"]`
fn child_address(caller: &Module, call: &Call) -> String {
    let plain = ResourceAddress::module_of(caller.address.as_deref(), &call.name);
    plain + call.key.as_deref().unwrap_or_default()
}

/// The caller's default tags as an expression for the called module. Only evaluated values cross a module
/// boundary, and only the `Name` tag is used.
fn inherited_tags(caller: &Module, provider: &str) -> Option<String> {
    let of_alias = || {
        let (file, provider) = caller.provider(provider)?;
        let tags = provider.body.blocks("default_tags").next()?.body.attribute("tags")?;
        Some(file.value(tags))
    };
    let tags = if provider == "aws" { caller.default_tags() } else { of_alias() };
    match name_tag_of(&caller.values, tags?) {
        Tag::Absent => None,
        Tag::Known(name) => Some(format!("{{ Name = {} }}", quoted(&name))),
        Tag::Unknown(..) => Some("var.tags_of_the_provider".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use std::collections::BTreeSet;

    use super::*;
    use crate::terraform::read::config::Config;
    use crate::terraform::read::environment::Environment;

    /// A root module with files by path.
    fn read(files: &[(&str, String)]) -> Result<Config, ConfigError> {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Config::read(root.path(), &Environment::default())
    }

    /// Five calls of the module in a folder, each with these arguments.
    fn five_calls(source: &str, arguments: &str) -> String {
        let call = |n: usize| format!("module \"m{n}\" {{\n  source = \"{source}\"\n{arguments}}}\n");
        (0..5).map(call).collect()
    }

    /// Levels of modules, each with five calls of the next.
    fn levels(number: usize) -> Vec<(String, String)> {
        let calls = (1..number)
            .map(|n| (format!("m/{n}/main.tf"), five_calls(&format!("../{}", n + 1), "  a = var.a\n")));
        let last = (format!("m/{number}/main.tf"), "locals {\n  b = upper(var.a)\n}\n".to_owned());
        let root = ("main.tf".to_owned(), five_calls("./m/1", "  a = \"x\"\n"));
        calls.chain([last, root]).collect()
    }

    fn read_levels(number: usize) -> Result<Config, ConfigError> {
        let files = levels(number);
        read(&files.iter().map(|(path, text)| (path.as_str(), text.clone())).collect::<Vec<_>>())
    }

    #[test]
    fn equal_calls_of_a_module_are_read_and_evaluated_once() {
        let config = read_levels(5).unwrap();
        let modules = config.modules();
        assert_eq!(modules.len(), 1 + 5 + 25 + 125 + 625 + 3125);
        let addresses: BTreeSet<_> = modules.iter().map(|module| module.address.clone()).collect();
        assert_eq!(addresses.len(), modules.len());
        let files: BTreeSet<_> = modules.iter().map(|module| module.files.as_ptr()).collect();
        let values: BTreeSet<_> = modules.iter().map(|module| Arc::as_ptr(&module.values)).collect();
        assert_eq!((files.len(), values.len()), (6, 6));
        let last = modules.last().unwrap();
        assert_eq!(last.address.as_deref(), Some("module.m4.module.m4.module.m4.module.m4.module.m4"));
        assert_eq!(last.evaluate("local.b").as_deref(), Some("X"));
    }

    #[test]
    fn calls_with_other_arguments_have_their_own_values() {
        let call = |name: &str, arguments: &str| {
            format!("module \"{name}\" {{\n  source = \"./m\"\n{arguments}}}\n")
        };
        let calls = [
            call("a", "  a = \"1\"\n"),
            call("b", "  a = \"2\"\n"),
            call("c", "  a = aws_vpc.a.id\n"),
            call("d", ""),
        ];
        let module = "variable \"a\" {\n  default = \"0\"\n}\n".to_owned();
        let config = read(&[("main.tf", calls.concat()), ("m/main.tf", module)]).unwrap();
        let values = config.modules().into_iter().skip(1).map(|module| module.evaluate("var.a"));
        assert_eq!(
            values.collect::<Vec<_>>(),
            [Some("1".to_owned()), Some("2".to_owned()), None, Some("0".to_owned())]
        );
    }

    #[test]
    fn more_calls_than_the_limit_are_an_error() {
        let error = read_levels(8).unwrap_err().to_string();
        let (_, text) = error.split_once(' ').unwrap();
        assert_eq!(
            text,
            "has more than 10000 module calls in all its modules, which is the limit of egress-doctor: give a folder with fewer \
             modules with --terraform"
        );
    }

    #[test]
    fn an_installed_module_in_its_own_folder_is_missing() {
        let call = |source: &str| format!("module \"vpc\" {{\n  source = \"{source}\"\n}}\n");
        let list = r#"{"Modules": [{"Key": "vpc", "Dir": ".terraform/modules/vpc"}, {"Key": "vpc.vpc", "Dir": ".terraform/modules/vpc"}]}"#;
        let files = [
            ("main.tf", call("terraform-aws-modules/vpc/aws")),
            (".terraform/modules/vpc/main.tf", call("terraform-aws-modules/vpc/aws")),
            (".terraform/modules/modules.json", list.to_owned()),
        ];
        let config = read(&files).unwrap();
        let missing: Vec<_> = config.modules().into_iter().flat_map(|module| &module.missing).collect();
        assert_eq!(missing, ["module.vpc.module.vpc (terraform-aws-modules/vpc/aws)"]);
    }

    #[test]
    fn a_module_that_calls_itself_is_an_error() {
        let root = five_calls("./m/a", "");
        for (module, place, dir) in [
            (five_calls("./", ""), "m/a/main.tf:1", "m/a"),
            (five_calls("../../m/a", ""), "m/a/main.tf:1", "m/a"),
            (five_calls("../..", ""), "m/a/main.tf:1", "."),
        ] {
            let error = read(&[("main.tf", root.clone()), ("m/a/main.tf", module)]).unwrap_err().to_string();
            assert_eq!(
                error,
                format!(
                    "{place}: module \"m0\" is in the folder of a module that calls it ({dir}), so the calls never end and \
                     terraform init fails. Remove one of the calls"
                )
            );
        }
        let disabled = "module \"a\" {\n  source = \"../a\"\n  count = 0\n}\n".to_owned();
        assert!(read(&[("main.tf", root), ("m/a/main.tf", disabled)]).is_ok());
    }
}
