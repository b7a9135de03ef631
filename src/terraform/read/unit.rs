//! A Terragrunt unit: the module that it calls, its inputs, and the units whose outputs it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;
use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};

use crate::files::read_regular_text;
use crate::terraform::lang::expression::{parse, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::{ScanError, line_and_column, scan};
use crate::terraform::lang::structure::{Block, Body};
use crate::terraform::read::boundary::Boundary;
use crate::terraform::read::callers::{ENTRIES, walk};
use crate::terraform::read::file::CODE_LIMIT;
use crate::terraform::read::input_place::{InputPlace, in_object, stack_value};
use crate::terraform::read::stack::{StackUnit, line_of, units_of_stacks};
use crate::terraform::read::unit_origin::written;
use crate::terraform::read::unit_value::{Included, TERRAGRUNT, UnitContext, UnitScope};
use crate::text::listed;

/// The unit that calls a root module.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct Unit {
    /// Its `terragrunt.hcl`.
    pub path: PathBuf,
    /// The outputs of other units that are inputs, by the name of the input.
    pub outputs: BTreeMap<String, UnitOutput>,
    /// The folders of the units on which it depends.
    pub dependencies: BTreeSet<PathBuf>,
    /// Where each input is given.
    pub inputs: BTreeMap<String, InputPlace>,
    /// Whether its file has `inputs`.
    pub has_inputs: bool,
    /// The stacks of this run that create it: one if the stack is known.
    pub stacks: Vec<StackUnit>,
}

impl Unit {
    /// The only stack that can create it.
    pub fn stack(&self) -> Option<&StackUnit> {
        if let [only] = self.stacks.as_slice() { Some(only) } else { None }
    }

    /// Where the user changes an input: in the file that the unit reads it from, unless other units with its module read it there too.
    pub fn input(&self, boundary: &Boundary, name: &str) -> Option<InputPlace> {
        let own = self.inputs.get(name)?;
        let code = own.read_from.as_ref().and_then(|_| UnitCode::read(&self.path)?.ok());
        Some(match code {
            Some(code) => code.input_in_file(boundary, name, own),
            None => own.clone(),
        })
    }

    /// Lines of its inputs.
    pub fn input_lines(&self, lines: &str) -> String {
        if self.has_inputs { lines.to_owned() } else { in_object("inputs", lines) }
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
        let scope = UnitScope { text: &text, body: &body, dir: &dir, context: None, included: None };
        let included = body.blocks("include").filter_map(|block| {
            let path = scope.string(text.get(block.body.attribute("path")?.value.clone())?)?;
            let path = dir.join(path);
            let text = read_regular_text(&path, CODE_LIMIT).ok()?;
            let body = scan(&text).ok()?;
            Some(Included { label: block.kind().unwrap_or_default().to_owned(), path, text, body })
        });
        let context = UnitContext { includes: included.collect(), ..UnitContext::default() };
        Some(Ok(Self { path: path.to_owned(), text, body, context, stacks: Vec::new(), dir }))
    }

    /// The same with the values that a stack gives the unit: those of the given stack, or of the only one of the repository.
    pub fn read_in_stack(
        path: &Path,
        (boundary, stack): (&Boundary, Option<&Path>),
    ) -> Option<Result<Self, ScanError>> {
        let mut code = match Self::read(path)? {
            Ok(code) if code.text.contains("values.") || stack.is_some() => code,
            read => return Some(read),
        };
        code.stacks = units_of_stacks((boundary, stack), &code.dir);
        if let [only] = code.stacks.as_slice() {
            code.context.values.clone_from(&only.values);
            code.context.given = Some(only.names());
        }
        Some(Ok(code))
    }

    /// The files, the unit's own file first.
    fn scopes(&self) -> impl DoubleEndedIterator<Item = UnitScope<'_>> {
        let own = UnitScope {
            text: &self.text,
            body: &self.body,
            dir: &self.dir,
            context: Some(&self.context),
            included: None,
        };
        let included = self.context.includes.iter().rev().map(|one| UnitScope {
            text: &one.text,
            body: &one.body,
            dir: &self.dir,
            context: None,
            included: Some(&one.path),
        });
        [own].into_iter().chain(included)
    }

    /// Whether the unit's own file has `inputs`.
    pub fn has_inputs(&self) -> bool {
        self.body.attribute("inputs").is_some()
    }

    /// The stacks that can create it in this run.
    pub fn stacks(&self) -> &[StackUnit] {
        &self.stacks
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
            let value = stack_value(&text).filter(|_| own && !self.stacks.is_empty());
            let found = if let Some(value) = value {
                InputPlace {
                    places: self.stacks.iter().map(|unit| place(&unit.stack, unit.line_of(&value))).collect(),
                    unit: self.stacks.first().map(|unit| unit.name.clone()),
                    shared: None,
                    read_from: None,
                    read_by: None,
                    expression: Some(text.trim().to_owned())
                        .filter(|text| text.strip_prefix("values.") != Some(value.as_str())),
                    has_object: self.stacks.iter().all(|unit| unit.has_values),
                    name: value,
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
                    read_from: written(&scope, &self.path, &text),
                    shared: included.map(|place| {
                        format!("{place} has it for all units that include this file, so add it to the inputs of this one")
                    }),
                    read_by: None,
                    expression: None,
                    has_object: self.has_inputs(),
                }
            };
            (name, found)
        });
        all.collect()
    }

    /// The place of an input in the file that the unit reads it from. If that gives the input to other units with the same module too, the
    /// place is the unit's own.
    pub fn input_in_file(&self, boundary: &Boundary, name: &str, own: &InputPlace) -> InputPlace {
        let Some(read) = &own.read_from else { return own.clone() };
        let (source, top) = (self.source(), boundary.top());
        let own_path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let (mut same, mut others) = (Vec::new(), Vec::new());
        let files = walk(top).take(ENTRIES).filter_map(Result::ok);
        for path in files.filter(|entry| entry.file_name() == TERRAGRUNT).map(|entry| entry.path().to_owned())
        {
            let is_own = fs::canonicalize(&path).is_ok_and(|path| path == own_path);
            let Some(code) = (!is_own).then(|| UnitCode::read(&path)?.ok()).flatten() else { continue };
            let reads = code
                .fields()
                .iter()
                .any(|(_, text, scope)| written(scope, &path, text).as_ref() == Some(read));
            let dir = path.parent().unwrap_or(&path);
            let dir = dir.strip_prefix(top).unwrap_or(dir).display().to_string();
            let is_same = match self.module() {
                Some(module) => code.module() == Some(module),
                None => code.source() == source,
            };
            if reads && is_same {
                same.push(dir);
            } else if reads {
                others.push(dir);
            }
        }
        same.sort();
        others.sort();
        let dir = own_path.parent().unwrap_or(&own_path);
        let dir = dir.strip_prefix(top).unwrap_or(dir).display().to_string();
        if same.is_empty() {
            return own.in_file(read, (name, dir), others, top);
        }
        let shared = format!(
            "{} gives it to {} too, so replace the reference in the inputs of this one",
            read.place(top),
            listed(&same, "and")
        );
        InputPlace { shared: Some(shared), ..own.clone() }
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
        let scope = UnitScope {
            text: &self.text,
            body: &self.body,
            dir: &self.dir,
            context: Some(&self.context),
            included: None,
        };
        let dir = fs::canonicalize(dir).ok()?;
        self.body.blocks("dependency").find_map(|block| {
            let path = scope.string(self.text.get(block.body.attribute("config_path")?.value.clone())?)?;
            let is_wanted = fs::canonicalize(self.dir.join(path)).is_ok_and(|other| other == dir);
            is_wanted.then(|| block.kind().unwrap_or_default().to_owned())
        })
    }

    /// The canonical folders of the units in its blocks `dependency` and `dependencies`.
    pub fn dependencies(&self) -> BTreeSet<PathBuf> {
        let mut found = BTreeSet::new();
        for scope in self.scopes() {
            let written = |block: &Block, name: &str| {
                let value = scope.value(scope.text.get(block.body.attribute(name)?.value.clone())?)?;
                Some(match value {
                    Value::Array(list) => list,
                    one => vec![one],
                })
            };
            let one = scope.body.blocks("dependency").filter_map(|block| written(block, "config_path"));
            let all = scope.body.blocks("dependencies").filter_map(|block| written(block, "paths"));
            for path in one.chain(all).flatten() {
                found.extend(path.as_str().and_then(|path| fs::canonicalize(self.dir.join(path)).ok()));
            }
        }
        found
    }

    /// The inputs with a known value, as Terraform reads them from the environment.
    pub fn inputs(&self) -> Vec<(String, String)> {
        self.values().into_iter().map(|(name, value)| (name, given_text(&value))).collect()
    }

    /// The inputs with a known value.
    pub fn values(&self) -> BTreeMap<String, Value> {
        let known =
            self.fields().into_iter().filter_map(|(name, text, scope)| Some((name, scope.value(&text)?)));
        known.collect()
    }

    /// Whether it or a file that it includes has an input.
    pub fn has_input(&self, name: &str) -> bool {
        self.fields().iter().any(|(own, ..)| own == name)
    }

    /// The text of an input of its own file.
    pub fn own_input(&self, name: &str) -> Option<String> {
        let own = self.fields().into_iter().rev().find(|(own, ..)| own == name);
        own.filter(|(_, _, scope)| scope.included.is_none()).map(|(_, text, _)| text)
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

/// The units that other stacks create from the same folder, `unit "network" of live/staging/terragrunt.stack.hcl`.
pub(in crate::terraform) fn units_of_other_stacks(boundary: &Boundary, unit: &Unit) -> Vec<String> {
    let own = unit.stack();
    let Some(dir) = unit.path.parent() else { return Vec::new() };
    let all = units_of_stacks((boundary, None), dir);
    // Without a stack of this run, each of several can be the one.
    let is_own = |other: &StackUnit| {
        own.map_or(all.len() == 1, |own| {
            other.name == own.name && fs::canonicalize(&other.stack).ok() == fs::canonicalize(&own.stack).ok()
        })
    };
    let others = all.iter().filter(|other| !is_own(other));
    others.map(|other| format!("unit {} of {}", quoted(&other.name), other.shown(boundary))).collect()
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
