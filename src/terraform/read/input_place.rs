//! Where the user changes an input of a Terragrunt unit: in its own file, in a file that it reads, or in its stack.

use std::path::Path;

use hcl::Value;

use crate::terraform::error::EditError;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::Body;
use crate::terraform::read::unit_origin::{Format, Written};
use crate::terraform::read::unit_value::{UnitContext, UnitScope};
use crate::text::listed;

/// The units that read a value from a file.
#[derive(Clone, Debug)]
pub(in crate::terraform) struct ReadBy {
    /// The input of the unit of this run.
    input: String,
    /// The folder of that unit.
    dir: String,
    /// The folders of the other units, which have other modules.
    others: Vec<String>,
    /// The path of keys of the value in the file.
    pub keys: String,
    format: Format,
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
    /// That other units have the value of the file that this one reads or includes too, and what to do instead of changing it there.
    pub shared: Option<String>,
    /// Where the value is written, if the input refers to another file.
    pub read_from: Option<Written>,
    /// The folder of the unit and the name of its input, and the folders of the other units that read the value, if the place is in the
    /// file that they read.
    pub read_by: Option<ReadBy>,
    /// The expression of the input, if it is not the value of the stack itself.
    pub expression: Option<String>,
    /// Whether the file has the object to which the value belongs.
    pub has_object: bool,
}

impl InputPlace {
    /// The same with its place in the file that the unit reads it from. `unit` is the name of the input and the folder of the unit.
    pub fn in_file(&self, read: &Written, unit: (&str, String), others: Vec<String>, top: &Path) -> Self {
        Self {
            places: vec![read.place(top)],
            name: read.key.clone(),
            read_by: Some(ReadBy {
                input: unit.0.to_owned(),
                dir: unit.1,
                others,
                keys: read.path_of_keys.clone(),
                format: read.format,
            }),
            has_object: true,
            ..self.clone()
        }
    }

    /// The line of its first place.
    pub fn line_number(&self) -> Option<usize> {
        self.places.first()?.rsplit_once(':')?.1.parse().ok()
    }

    /// `input enable_nat of this Terragrunt unit`
    pub fn described(&self) -> String {
        match (&self.unit, &self.read_by) {
            (Some(unit), _) => {
                format!("value {} of the unit {} in this Terragrunt stack", self.name, quoted(unit))
            }
            (None, Some(by)) => {
                format!(
                    "input {} of the Terragrunt unit {}, which is {} of this file",
                    by.input, by.dir, by.keys
                )
            }
            (None, None) => format!("input {} of this Terragrunt unit", self.name),
        }
    }

    /// `change it`
    pub fn next(&self) -> String {
        let others = self.read_by.as_ref().map(|by| by.others.as_slice()).unwrap_or_default();
        match &self.shared {
            Some(shared) => shared.clone(),
            None if others.is_empty() => "change it".to_owned(),
            None if others.len() == 1 => format!("change it ({} reads it too)", listed(others, "and")),
            None => format!("change it ({} read it too)", listed(others, "and")),
        }
    }

    /// The command that applies it, and where.
    pub fn apply(&self) -> String {
        let folder = |place: &str| {
            let dir = Path::new(place.rsplit_once(':')?.0).parent()?;
            Some(dir.display().to_string()).filter(|dir| !dir.is_empty())
        };
        match (&self.unit, &self.read_by, self.places.as_slice()) {
            (None, Some(by), _) => {
                let all: Vec<String> = [&by.dir].into_iter().chain(&by.others).cloned().collect();
                format!("terragrunt apply in {}", listed(&all, "and"))
            }
            (None, None, _) => "terragrunt apply in its folder".to_owned(),
            (Some(_), _, [only]) => {
                let dir = folder(only).unwrap_or_else(|| "the folder of the stack".to_owned());
                format!("terragrunt stack run apply in {dir}")
            }
            (Some(_), ..) => "terragrunt stack run apply in the folder of the stack".to_owned(),
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
        if let Some(by) = &self.read_by {
            return Some(by.format.line(&self.name, &value).unwrap_or(line));
        }
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
pub(super) fn in_object(name: &str, lines: &str) -> String {
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
pub(super) fn stack_value(text: &str) -> Option<String> {
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
