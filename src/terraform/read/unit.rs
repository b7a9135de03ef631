//! A Terragrunt unit: the module that it calls, its inputs, and the units whose outputs it reads.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use hcl::Value;
use hcl_edit::expr::{Expression, Object, ObjectKey, ObjectValue};

use crate::files::read_regular_text;
use crate::terraform::error::EditError;
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

    /// Lines of its inputs.
    pub fn input_lines(&self, lines: &str) -> String {
        if self.has_inputs { lines.to_owned() } else { in_object("inputs", lines) }
    }
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
    /// The expression of the input, if it is not the value of the stack itself.
    pub expression: Option<String>,
    /// Whether the file has the object to which the value belongs.
    has_object: bool,
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
    pub fn apply(&self) -> String {
        let folder = |place: &str| {
            let dir = Path::new(place.rsplit_once(':')?.0).parent()?;
            Some(dir.display().to_string()).filter(|dir| !dir.is_empty())
        };
        match (&self.unit, self.places.as_slice()) {
            (None, _) => "terragrunt apply in its folder".to_owned(),
            (Some(_), [only]) => {
                let dir = folder(only).unwrap_or_else(|| "the folder of the stack".to_owned());
                format!("terragrunt stack run apply in {dir}")
            }
            (Some(_), _) => "terragrunt stack run apply in the folder of the stack".to_owned(),
        }
    }

    /// The line that gives the input a value; `None` if no value of the stack is known to do so.
    pub fn line(&self, value: &str) -> Option<String> {
        let value = match &self.expression {
            None => value.to_owned(),
            Some(expression) => {
                let wanted = plain_value(value, (&self.name, None));
                let is_wanted = |new: &&str| plain_value(expression, (&self.name, Some(*new))) == wanted;
                [value, "true", "false"].into_iter().find(is_wanted).filter(|_| wanted.is_some())?.to_owned()
            }
        };
        let line = format!("{} = {value}\n", self.name);
        let object = if self.unit.is_some() { "values" } else { "inputs" };
        Some(if self.has_object { line } else { in_object(object, &line) })
    }

    /// The refusal that names this place. `what` is what the present value causes.
    pub fn refusal(&self, what: &str, value: &str) -> EditError {
        let place = self.places.join(" and ");
        let what = format!("{what}: {}, then run {}", self.next(), self.apply());
        match self.line(value) {
            Some(values) => EditError::Given { place, what, values },
            None => EditError::Answer {
                place,
                what: format!(
                    "{what}. Give {} the value with which `{}` is {value}",
                    self.name,
                    self.expression.as_deref().unwrap_or(&self.name)
                ),
            },
        }
    }
}

/// Lines in an object: `inputs = { … }`.
fn in_object(name: &str, lines: &str) -> String {
    let lines: String = lines.lines().map(|line| format!("  {line}\n")).collect();
    format!("{name} = {{\n{lines}}}\n")
}

/// The value of an expression of a unit that refers to a value of the stack only.
fn plain_value(expression: &str, (name, value): (&str, Option<&str>)) -> Option<Value> {
    let (body, dir) = (Body::default(), Path::new(""));
    let scope = UnitScope { text: "", body: &body, dir, context: None, included: None };
    let mut context = UnitContext::default();
    if let Some(value) = value {
        context.values.insert(name.to_owned(), scope.value(value)?);
        context.given = Some([name.to_owned()].into());
    }
    UnitScope { context: Some(&context), ..scope }.value(expression)
}

/// The only value of the stack to which an expression refers: `nat` in `try(values.nat, false)`.
fn stack_value(text: &str) -> Option<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let found = text.match_indices("values.").filter(|(at, _)| {
        let before = text.get(..*at).and_then(|before| before.chars().next_back());
        before.is_none_or(|c| !is_name(c) && c != '.')
    });
    let mut names: Vec<&str> =
        found.filter_map(|(at, root)| text.get(at + root.len()..)?.split(|c| !is_name(c)).next()).collect();
    names.sort_unstable();
    names.dedup();
    if let [only] = names.as_slice() { Some((*only).to_owned()) } else { None }
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
                    included: None,
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
                    included,
                    expression: None,
                    has_object: self.has_inputs(),
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
