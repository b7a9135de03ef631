//! A Terragrunt unit: the module that it calls, its inputs, and the units whose outputs it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use hcl::{Map, Value};
use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};

use crate::files::read_regular_text;
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::{ScanError, line_and_column, scan};
use crate::terraform::lang::structure::Body;
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::file::CODE_LIMIT;
use crate::terraform::read::stack::{StackUnit, line_of, units_of_stacks};
use crate::terraform::read::unit_value::{Included, TERRAGRUNT, UnitContext, UnitScope};

/// The unit that calls a root module.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct Unit {
    /// Its `terragrunt.hcl`.
    pub path: PathBuf,
    /// The outputs of other units that are inputs, by the name of the input.
    pub outputs: BTreeMap<String, UnitOutput>,
    /// Where each input is given.
    pub inputs: BTreeMap<String, InputPlace>,
}

/// Where an input of a unit is given.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct InputPlace {
    /// `prod/network/terragrunt.hcl:12`, below the repository; several if several stacks have the unit.
    pub places: Vec<String>,
    /// The input of the unit, or the value of the unit in a stack.
    pub name: String,
    /// The unit in the stack that gives the value.
    pub unit: Option<String>,
    /// The place in a file that several units include, whose value the inputs of this unit override.
    pub included: Option<String>,
}

impl InputPlace {
    /// `input enable_nat of this Terragrunt unit`
    pub fn described(&self) -> String {
        match &self.unit {
            Some(unit) => {
                format!("value {} of the unit {} in this Terragrunt stack", self.name, quoted(unit))
            }
            None => format!("input {} of this Terragrunt unit", self.name),
        }
    }

    /// `change it`
    pub fn next(&self) -> String {
        match &self.included {
            Some(place) => {
                format!(
                    "{place} has it for all units that include this file, so add it to the inputs of this one"
                )
            }
            None => "change it".to_owned(),
        }
    }

    /// The command that applies it, and where.
    pub fn apply(&self) -> &'static str {
        if self.unit.is_some() {
            "terragrunt stack run apply in the folder of the stack"
        } else {
            "terragrunt apply in its folder"
        }
    }
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
    path: PathBuf,
    text: String,
    body: Body,
    context: UnitContext,
    /// The unit in the stacks of the repository.
    stacks: Vec<StackUnit>,
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
        let scope = UnitScope { text: &text, body: &body, dir: &dir, context: None };
        let included = body.blocks("include").filter_map(|block| {
            let path = scope.string(text.get(block.body.attribute("path")?.value.clone())?)?;
            let path = dir.join(path);
            let text = read_regular_text(&path, CODE_LIMIT).ok()?;
            let body = scan(&text).ok()?;
            Some(Included { label: block.kind().unwrap_or_default().to_owned(), path, text, body })
        });
        let context = UnitContext { includes: included.collect(), values: Map::new() };
        Some(Ok(Self { path: path.to_owned(), text, body, context, stacks: Vec::new(), dir }))
    }

    /// The same with the values that a stack gives the unit: those of the given stack, or of the only one of the repository.
    pub fn read_in_stack(
        path: &Path,
        (boundary, stack): (&Boundary, Option<&Path>),
    ) -> Option<Result<Self, ScanError>> {
        let mut code = match Self::read(path)? {
            Ok(code) if code.text.contains("values.") => code,
            read => return Some(read),
        };
        code.stacks = units_of_stacks((boundary, stack), &code.dir);
        if let [only] = code.stacks.as_slice() {
            code.context.values.clone_from(&only.values);
        }
        Some(Ok(code))
    }

    /// The files, the unit's own file first.
    fn scopes(&self) -> impl DoubleEndedIterator<Item = UnitScope<'_>> {
        let own =
            UnitScope { text: &self.text, body: &self.body, dir: &self.dir, context: Some(&self.context) };
        let included = self.context.includes.iter().rev().map(|one| UnitScope {
            text: &one.text,
            body: &one.body,
            dir: &self.dir,
            context: None,
        });
        [own].into_iter().chain(included)
    }

    /// Whether the unit or a file that it includes names a module.
    pub fn has_source(&self) -> bool {
        self.scopes()
            .any(|scope| scope.body.blocks("terraform").any(|block| block.body.attribute("source").is_some()))
    }

    /// Where each input is given. `top` is the folder of the repository.
    pub fn input_places(&self, top: &Path) -> BTreeMap<String, InputPlace> {
        let place = |path: &Path, line: usize| {
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            format!("{}:{line}", path.strip_prefix(top).unwrap_or(&path).display())
        };
        let all = self.fields().into_iter().map(|(name, text, scope)| {
            let own = scope.context.is_some();
            let value = text.trim().strip_prefix("values.").filter(|_| own && !self.stacks.is_empty());
            let found = if let Some(value) = value {
                InputPlace {
                    places: self.stacks.iter().map(|unit| place(&unit.stack, unit.line_of(value))).collect(),
                    name: value.to_owned(),
                    unit: self.stacks.first().map(|unit| unit.name.clone()),
                    included: None,
                }
            } else {
                let inputs = scope.body.attribute("inputs").map_or(0..0, |inputs| inputs.span.clone());
                let line = line_of(scope.text, inputs, &name);
                let included = self.context.includes.iter().find(|one| one.text.as_str() == scope.text);
                let included = included.filter(|_| !own).map(|one| place(&one.path, line));
                let own_inputs = self.body.attribute("inputs").map_or(0, |inputs| inputs.span.start);
                let own_line = line_and_column(&self.text, own_inputs).0;
                InputPlace {
                    places: vec![place(&self.path, if included.is_some() { own_line } else { line })],
                    name: name.clone(),
                    unit: None,
                    included,
                }
            };
            (name, found)
        });
        all.collect()
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

    /// The line of its `inputs`.
    pub fn line_of_inputs(&self) -> Option<usize> {
        Some(line_and_column(&self.text, self.body.attribute("inputs")?.span.start).0)
    }

    /// The text of its `include` blocks.
    pub fn includes(&self) -> impl Iterator<Item = &str> {
        self.body.blocks("include").filter_map(|block| self.text.get(block.span.clone()))
    }

    /// Whether a key or a string of the unit is a word.
    pub fn mentions(&self, word: &str) -> bool {
        let is_key = |line: &str| {
            let rest = line.trim_start().strip_prefix(word);
            rest.is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        self.text.contains(&format!("\"{word}\"")) || self.text.lines().any(is_key)
    }

    /// The label of its dependency on the unit in a folder.
    pub fn dependency_on(&self, dir: &Path) -> Option<String> {
        let scope =
            UnitScope { text: &self.text, body: &self.body, dir: &self.dir, context: Some(&self.context) };
        let dir = fs::canonicalize(dir).ok()?;
        self.body.blocks("dependency").find_map(|block| {
            let path = scope.string(self.text.get(block.body.attribute("config_path")?.value.clone())?)?;
            let is_wanted = fs::canonicalize(self.dir.join(path)).is_ok_and(|other| other == dir);
            is_wanted.then(|| block.kind().unwrap_or_default().to_owned())
        })
    }

    /// The inputs with a known value, as Terraform reads them from the environment.
    pub fn inputs(&self) -> Vec<(String, String)> {
        let known = self
            .fields()
            .into_iter()
            .filter_map(|(name, text, scope)| Some((name, given_text(&scope.value(&text)?))));
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
                let path = scope.string(written)?;
                // In a stack, the path leads from the folder that Terragrunt generates to that of another unit.
                let in_stack = match self.stacks.as_slice() {
                    [only] => only.other(&path),
                    _ => None,
                };
                in_stack.or_else(|| fs::canonicalize(self.dir.join(path)).ok())
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

/// A value as the text of an environment variable: a string as it is, another value as HCL.
fn given_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => serde_json::to_string(other).unwrap_or_default().replace("${", "$${").replace("%{", "%%{"),
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
