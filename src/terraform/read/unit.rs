//! A Terragrunt unit: the module that it calls, its inputs, and the units whose outputs it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;
use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};

use crate::files::read_regular_text;
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::scan::{ScanError, scan};
use crate::terraform::lang::structure::Body;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::file::CODE_LIMIT;
use crate::terraform::read::unit_value::{TERRAGRUNT, UnitScope};

/// The unit that calls a root module.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct Unit {
    /// Its `terragrunt.hcl`.
    pub path: PathBuf,
    /// The outputs of other units that are inputs, by the name of the input.
    pub outputs: BTreeMap<String, UnitOutput>,
}

/// An output of another unit.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct UnitOutput {
    /// The folder of the unit.
    pub dir: PathBuf,
    /// The name with what follows it, `private_subnets[0]`.
    pub name: String,
}

/// The code of a `terragrunt.hcl`, after the files that it includes.
pub(in crate::terraform) struct UnitCode {
    files: Vec<(String, Body)>,
    dir: PathBuf,
}

impl UnitCode {
    /// Reads the file and the files that it includes; `None` if it cannot be read.
    pub fn read(path: &Path) -> Option<Result<Self, ScanError>> {
        let text = read_regular_text(path, CODE_LIMIT).ok()?;
        let dir = path.parent()?.to_owned();
        let body = match scan(&text) {
            Ok(body) => body,
            Err(error) => return Some(Err(error)),
        };
        let scope = UnitScope { text: &text, body: &body, dir: &dir };
        let included = body.blocks("include").filter_map(|block| {
            let path = scope.string(text.get(block.body.attribute("path")?.value.clone())?)?;
            let text = read_regular_text(&dir.join(path), CODE_LIMIT).ok()?;
            let body = scan(&text).ok()?;
            Some((text, body))
        });
        let mut files: Vec<(String, Body)> = included.collect();
        files.push((text, body));
        Some(Ok(Self { files, dir }))
    }

    /// The files, the unit's own file first.
    fn scopes(&self) -> impl DoubleEndedIterator<Item = UnitScope<'_>> {
        self.files.iter().rev().map(|(text, body)| UnitScope { text, body, dir: &self.dir })
    }

    /// The source of the module, with the folders of the functions that Terragrunt evaluates; `None` if it is not evaluated.
    pub fn source(&self) -> Option<String> {
        self.scopes().find_map(|scope| {
            let mut blocks = scope.body.blocks("terraform");
            let written =
                blocks.find_map(|block| scope.text.get(block.body.attribute("source")?.value.clone()))?;
            scope.string(written)
        })
    }

    /// The canonical folder of a local module; `None` for another source.
    pub fn module(&self) -> Option<PathBuf> {
        module_dir(&self.source()?, &self.dir)
    }

    /// The inputs with a known value, as Terraform reads them from the environment.
    pub fn inputs(&self) -> Vec<(String, String)> {
        let known = self.fields().into_iter().filter_map(|(name, text, scope)| {
            let value = match scope.value(&text)? {
                Value::String(text) => text,
                _ => text,
            };
            Some((name, value))
        });
        let all: BTreeMap<String, String> = known.collect();
        all.into_iter().collect()
    }

    /// The names of the inputs whose value is not known.
    pub fn unknown_inputs(&self) -> BTreeSet<String> {
        // The last value of an input is in force.
        let all = self.fields().into_iter().map(|(name, text, scope)| (name, scope.value(&text).is_none()));
        let all: BTreeMap<String, bool> = all.collect();
        all.into_iter().filter(|(_, is_unknown)| *is_unknown).map(|(name, _)| name).collect()
    }

    /// The outputs of other units that are inputs, by the name of the input: `vpc_id = dependency.vpc.outputs.vpc_id`.
    pub fn outputs(&self) -> BTreeMap<String, UnitOutput> {
        let folder = |name: &str| {
            self.scopes().find_map(|scope| {
                let mut blocks = scope.body.blocks("dependency");
                let block = blocks.find(|block| block.labels.first().is_some_and(|label| label == name))?;
                let written = scope.text.get(block.body.attribute("config_path")?.value.clone())?;
                fs::canonicalize(self.dir.join(scope.string(written)?)).ok()
            })
        };
        let outputs = self.fields().into_iter().filter_map(|(input, text, _)| {
            let (name, rest) = text.trim().strip_prefix("dependency.")?.split_once('.')?;
            let output = rest.strip_prefix("outputs.")?.to_owned();
            Some((input, UnitOutput { dir: folder(name)?, name: output }))
        });
        outputs.collect()
    }

    /// The inputs as text, those of the included files first: the fields of the object, or of the objects in `merge`.
    fn fields(&self) -> Vec<(String, String, UnitScope<'_>)> {
        let mut all = Vec::new();
        for scope in self.scopes().rev() {
            let value = scope.body.attribute("inputs").and_then(|own| scope.text.get(own.value.clone()));
            let Some(tree) = value.and_then(parse) else { continue };
            let objects: Vec<&Object> = match without_parentheses(&tree) {
                Expression::Object(object) => vec![object],
                Expression::FuncCall(call) if call.name.name.as_str() == "merge" => {
                    call.args.iter().filter_map(|one| without_parentheses(one).as_object()).collect()
                }
                _ => Vec::new(),
            };
            let field = |(key, value): (&ObjectKey, &ObjectValue)| match key {
                ObjectKey::Ident(name) => {
                    Some((name.as_str().to_owned(), value.expr().to_string().trim().to_owned(), scope))
                }
                ObjectKey::Expression(_) => None,
            };
            all.extend(objects.into_iter().flat_map(Object::iter).filter_map(field));
        }
        all
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
    let calls = |path: &PathBuf| UnitCode::read(path)?.ok()?.module().filter(|called| called == module);
    let mut units: Vec<PathBuf> = units.filter(|path| *path != own && calls(path).is_some()).collect();
    units.sort();
    units
}
