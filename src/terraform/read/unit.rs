//! A Terragrunt unit: the module that it calls, its inputs, and the units whose outputs it reads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};

use crate::files::read_regular_text;
use crate::terraform::lang::evaluate::Values;
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::scan::{ScanError, scan};
use crate::terraform::lang::structure::Body;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::file::CODE_LIMIT;

/// The file of a unit.
pub(in crate::terraform) const TERRAGRUNT: &str = "terragrunt.hcl";

/// The unit that calls a root module.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct Unit {
    /// Its `terragrunt.hcl`.
    pub path: PathBuf,
    /// The folders of the units whose outputs are inputs, by the name of the input.
    pub outputs: BTreeMap<String, PathBuf>,
}

/// The code of a `terragrunt.hcl`.
pub(super) struct UnitCode {
    text: String,
    body: Body,
}

impl UnitCode {
    /// Reads the file; `None` if it cannot be read.
    pub fn read(path: &Path) -> Option<Result<Self, ScanError>> {
        let text = read_regular_text(path, CODE_LIMIT).ok()?;
        Some(scan(&text).map(|body| Self { text, body }))
    }

    /// The source of the module, with the folders of the functions that Terragrunt evaluates.
    pub fn source(&self, dir: &Path) -> Option<String> {
        let mut blocks = self.body.blocks("terraform");
        let source = blocks.find_map(|block| self.text.get(block.body.attribute("source")?.value.clone()))?;
        Some(with_folders(source.trim().trim_matches('"'), dir))
    }

    /// The canonical folder of a local module; `None` for another source.
    pub fn module(&self, dir: &Path) -> Option<PathBuf> {
        let source = self.source(dir).filter(|source| !source.contains("${"))?;
        module_dir(&source, dir)
    }

    /// The inputs with a known value, as Terraform reads them from the environment.
    pub fn inputs(&self) -> Vec<(String, String)> {
        let values = Values::default();
        let known = self.fields().into_iter().filter_map(|(name, text)| {
            let text = values.text(&text).or_else(|| values.value(&text).map(|_| text.clone()))?;
            Some((name, text))
        });
        known.collect()
    }

    /// The folders of the units whose outputs are inputs, by the name of the input: `vpc_id = dependency.vpc.outputs.vpc_id`.
    pub fn outputs(&self, dir: &Path) -> BTreeMap<String, PathBuf> {
        let folder = |name: &str| {
            let mut blocks = self.body.blocks("dependency");
            let block = blocks.find(|block| block.labels.first().is_some_and(|label| label == name))?;
            let path = self.text.get(block.body.attribute("config_path")?.value.clone())?;
            fs::canonicalize(dir.join(with_folders(path.trim().trim_matches('"'), dir))).ok()
        };
        let outputs = self.fields().into_iter().filter_map(|(input, text)| {
            let (name, rest) = text.trim().strip_prefix("dependency.")?.split_once('.')?;
            rest.starts_with("outputs.").then_some(())?;
            Some((input, folder(name)?))
        });
        outputs.collect()
    }

    /// The inputs as text: the fields of the object, or of the objects in `merge`.
    fn fields(&self) -> Vec<(String, String)> {
        let value = self.body.attribute("inputs").and_then(|inputs| self.text.get(inputs.value.clone()));
        let Some(tree) = value.and_then(parse) else { return Vec::new() };
        let tree = without_parentheses(&tree);
        let objects: Vec<&Object> = match tree {
            Expression::Object(object) => vec![object],
            Expression::FuncCall(call) if call.name.name.as_str() == "merge" => {
                call.args.iter().filter_map(|one| without_parentheses(one).as_object()).collect()
            }
            _ => Vec::new(),
        };
        let field = |(key, value): (&ObjectKey, &ObjectValue)| match key {
            ObjectKey::Ident(name) => {
                Some((name.as_str().to_owned(), value.expr().to_string().trim().to_owned()))
            }
            ObjectKey::Expression(_) => None,
        };
        objects.into_iter().flat_map(Object::iter).filter_map(field).collect()
    }
}

/// The canonical folder of a module; `//` separates the part that Terragrunt copies from the module in it. `None` if it does not exist.
pub(super) fn module_dir(source: &str, dir: &Path) -> Option<PathBuf> {
    fs::canonicalize(dir.join(source.replace("//", "/"))).ok()
}

/// The other units of the repository that call a module. `module` is canonical.
pub(in crate::terraform) fn other_units(boundary: &Boundary, module: &Path, own: &Path) -> Vec<PathBuf> {
    let own = fs::canonicalize(own).unwrap_or_else(|_| own.to_owned());
    let files = walk(boundary.top()).take(ENTRIES).filter_map(Result::ok);
    let units = files.filter(|entry| entry.file_name() == TERRAGRUNT).map(|entry| entry.path().to_owned());
    let calls = |path: &PathBuf| {
        let dir = path.parent()?;
        UnitCode::read(path)?.ok()?.module(dir).filter(|called| called == module)
    };
    let mut units: Vec<PathBuf> = units.filter(|path| *path != own && calls(path).is_some()).collect();
    units.sort();
    units
}

/// A source with the folders of the functions that Terragrunt evaluates.
fn with_folders(source: &str, dir: &Path) -> String {
    let repository = fs::canonicalize(dir).ok().and_then(|dir| {
        let mut above = dir.ancestors();
        above.find(|dir| dir.join(".git").exists()).map(Path::to_owned)
    });
    let source = match repository {
        Some(repository) => source.replace("${get_repo_root()}", &repository.display().to_string()),
        None => source.to_owned(),
    };
    source.replace("${get_terragrunt_dir()}", ".")
}
