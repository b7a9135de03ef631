//! Changes a value where the code keeps it: in the `*.tfvars` file that sets the variable, in its default, in the argument of a call,
//! in a local, or in an attribute of an object there.

use std::ops::Range;

use hcl_edit::expr::{Expression, ObjectKey};

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::amend::add_attributes;
use crate::terraform::edit::text::commented_argument::uncommented;
use crate::terraform::edit::text::list::{insert_element, insert_entry};
use crate::terraform::edit::text::one_value::{
    default_of, for_one_instance, makes_cases_same, of_environment,
};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::find::entry_value::key_code;
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::find::kept_value::{KeptValue, kept_argument, kept_value, kept_variable};
use crate::terraform::find::one_environment::{OneEnvironment, condition, file_of_values, of_shared_default};
use crate::terraform::find::switch::{SwitchValue, blocks_of_gateways, values_with};
use crate::terraform::lang::expression::{Expr, is_same, parse, without_parentheses};
use crate::terraform::lang::partial::references;
use crate::terraform::lang::structure::Attribute;
use crate::terraform::read::file::File;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;
use crate::text::listed;

/// Limit of the callers that pass a value on as an expression.
const DEPTH: usize = 4;

impl<'a> Draft<'a> {
    /// Sets a variable of the target module to a value. `uses` is the expected number of references to it.
    ///
    /// Returns `false`, and edits nothing, if another source sets or can set the value (remote run, JSON,
    /// environment, override file), if the variable has this value already, or if it has another number of uses.
    pub fn set_variable(&mut self, name: &str, value: &str, uses: usize) -> bool {
        self.set_variable_of(self.finder.target, name, value, uses)
    }

    /// The same for a variable of another module: the argument of its call, and the variable that the argument refers to.
    pub fn set_variable_of(&mut self, module: &'a Module, name: &str, value: &str, uses: usize) -> bool {
        module.uses_of_variable(name) == uses && self.set_path(module, name, &[], value)
    }

    /// Sets a variable of a module, or an attribute of it, whatever else uses it in this module.
    fn set_path(&mut self, module: &'a Module, name: &str, attributes: &[String], value: &str) -> bool {
        kept_variable(self.finder.config, module, name, attributes)
            .is_some_and(|kept| self.set_kept(&kept, value, 1))
    }

    /// Sets the value that enables a block, or decides an expression of it. `own` are the addresses of the blocks that it may change.
    pub fn set_switch(&mut self, module: &'a Module, found: &SwitchValue, own: &[String]) -> bool {
        let also = found.also.as_ref().is_none_or(|also| {
            let own: Vec<String> = own.iter().cloned().chain(blocks_of_gateways(module)).collect();
            self.set_switch_in(module, also, &own, DEPTH)
        });
        also && self.set_switch_in(module, found, own, DEPTH)
    }

    fn set_switch_in(
        &mut self,
        module: &'a Module,
        found: &SwitchValue,
        own: &[String],
        depth: usize,
    ) -> bool {
        let config = self.finder.config;
        let Some(depth) = depth.checked_sub(1).filter(|_| found.other_use(module, own).is_none()) else {
            return false;
        };
        let Some(kept) = found.kept(config, module) else { return false };
        if let KeptAt::Argument { call, key: Some(key), name } = &kept.at
            && self.set_entry_of_argument((*call, key), name, found, depth)
        {
            return true;
        }
        if self.set_kept(&kept, &found.value, 1) {
            return true;
        }
        // The value is an expression: another value in it can give this one.
        let KeptAt::Value { module: caller, file, span } = &kept.at else { return false };
        let text = file.slice(span.clone());
        let wanted = Expr::from(&found.value);
        let Some(tree) = parse(text).filter(|_| kept.trail.len() == 1) else { return false };
        let is_wanted = |other: &SwitchValue| {
            let new = other.evaluate(Expr::from(text));
            new.is_some() && new == caller.value(wanted)
        };
        let Some(call) = config.caller(module).and_then(|call| call.block.kind()) else { return false };
        let call = format!("module.{call}");
        let found = values_with(config, caller, &tree, is_wanted);
        found.iter().any(|found| self.set_switch_in(caller, found, std::slice::from_ref(&call), depth))
    }

    /// Sets a value in the entry of one instance that decides an argument of its call, `each.value.nat ? 1 : 0`.
    fn set_entry_of_argument(
        &mut self,
        (call, key): (Place<'a>, &str),
        name: &str,
        found: &SwitchValue,
        depth: usize,
    ) -> bool {
        let argument = call.block.body.attribute(name).map(|argument| call.file.expression(argument));
        let tree = argument.filter(Expr::differs_by_instance).and_then(|argument| argument.tree());
        let Some(tree) = tree.map(|tree| Bindings::with_reference(call, key).bind(&tree)) else {
            return false;
        };
        let text = tree.to_string();
        let wanted = call.module.value(Expr::from(&found.value));
        let is_wanted = |other: &SwitchValue| wanted.is_some() && other.evaluate(Expr::from(&text)) == wanted;
        let own = format!("module.{}", call.block.kind().unwrap_or_default());
        let values = values_with(self.finder.config, call.module, &tree, is_wanted);
        values.iter().any(|found| self.set_switch_in(call.module, found, std::slice::from_ref(&own), depth))
    }

    /// Sets the value of an expression in a block, whose only use this is. The error is the place of the value, if it is kept in one
    /// place that egress-doctor does not edit.
    pub fn set_value_of(
        &mut self,
        (module, file): (&'a Module, &'a File),
        attribute: &Attribute,
        value: &str,
    ) -> Result<(), Option<String>> {
        let kept = kept_value(self.finder.config, (module, file), attribute.value.clone()).ok_or(None)?;
        if has_default(&kept, value) || self.set_kept(&kept, value, 0) {
            return Ok(());
        }
        Err((!kept.trail.is_empty()).then(|| kept.location()))
    }

    /// Sets the value of a text in a file as [`Self::set_value_of`] does, or the value of a variable that decides it.
    pub fn set_span(
        &mut self,
        (module, file): (&'a Module, &'a File),
        span: Range<usize>,
        value: &str,
        own: &[String],
    ) -> Result<(), Option<String>> {
        let config = self.finder.config;
        let kept = kept_value(config, (module, file), span.clone());
        if kept.as_ref().is_some_and(|kept| has_default(kept, value) || self.set_kept(kept, value, 0)) {
            return Ok(());
        }
        let text = file.slice(span);
        let tree = parse(text);
        let is_wanted = |found: &SwitchValue| {
            let new = found.evaluate(Expr::from(text));
            new.is_some() && new == module.value(Expr::from(value))
        };
        let found = tree.map(|tree| values_with(config, module, &tree, is_wanted)).unwrap_or_default();
        if found.iter().any(|found| self.set_switch(module, found, own)) {
            return Ok(());
        }
        Err(kept.filter(|kept| !kept.trail.is_empty()).map(|kept| kept.location()))
    }

    /// Sets the value of an argument of a call, for the instance of the call with a key, as [`Self::set_value_of`] does.
    pub fn set_argument_value(
        &mut self,
        (call, key): (Place<'a>, Option<&str>),
        name: &str,
        value: &str,
    ) -> Result<(), Option<String>> {
        let kept = kept_argument(self.finder.config, (call, key), name).ok_or(None)?;
        if has_default(&kept, value) || self.set_kept(&kept, value, 0) {
            return Ok(());
        }
        Err((!kept.trail.is_empty()).then(|| kept.location()))
    }

    /// Sets a kept value. Of the references that lead to it, those after the first `any` ones must be the only use of theirs.
    pub(in crate::terraform::edit) fn set_kept(
        &mut self,
        kept: &KeptValue<'a>,
        value: &str,
        any: usize,
    ) -> bool {
        if kept.trail.iter().skip(any).any(|followed| followed.uses() != 1) {
            return false;
        }
        if !self.is_trial
            && let Some(environment) = of_shared_default(self.finder.config, kept)
        {
            return self.set_for_one_environment(&environment, kept, value);
        }
        if let Some((file, name)) = file_of_values(self.finder.config, kept)
            && references(&format!("x = {value}\n")).is_empty()
        {
            let whole = match &kept.at {
                KeptAt::Attribute { name, .. } => format!("{{ {} = {value} }}", key_code(name)),
                KeptAt::Value { .. } | KeptAt::Argument { .. } => value.to_owned(),
            };
            return self.add_to_var_file(file, name, &whole);
        }
        let own = of_environment(self.finder.config, kept, value);
        let is_set = match &kept.at {
            KeptAt::Value { module, file, span } => {
                let present = Expr::from(file.slice(span.clone()));
                if let Some(splice) = with_new_elements(file, span, value) {
                    let is_open = self.is_editable_file(module, file) && !self.is_changed(file, &splice.span);
                    self.splice_all(file, Some(splice).filter(|_| is_open));
                    return is_open;
                }
                let is_literal = matches!(
                    present.tree().as_deref(),
                    Some(
                        Expression::Bool(_)
                            | Expression::String(_)
                            | Expression::Number(_)
                            | Expression::Null(_)
                    )
                );
                let is_open = is_literal
                    && !present.is_same(Expr::from(value))
                    && (own.is_some() || !makes_cases_same(&file.text, span, value))
                    && self.is_editable_file(module, file)
                    && !self.is_changed(file, span);
                if is_open {
                    self.splice(file, Splice::new(span.clone(), own.as_deref().unwrap_or(value)));
                }
                is_open
            }
            KeptAt::Attribute { module, file, object, name, inner } => {
                let value = inner
                    .iter()
                    .rev()
                    .fold(value.to_owned(), |value, name| format!("{{ {name} = {value} }}"));
                let splice = insert_entry(file, object, name, &value);
                let is_open = |splice: &Splice| {
                    self.is_editable_file(module, file) && !self.is_changed(file, &splice.span)
                };
                match splice.filter(is_open) {
                    Some(splice) => {
                        self.splice(file, splice);
                        true
                    }
                    None => false,
                }
            }
            KeptAt::Argument { call, key: None, name } => {
                self.add_argument_to(*call, name, own.as_deref().unwrap_or(value))
            }
            KeptAt::Argument { call, key: Some(key), name } => {
                self.set_argument_of_instance((*call, key), name, value)
            }
        };
        if let Some(condition) = condition(self.finder.config).filter(|_| is_set && own.is_some()) {
            self.note(&condition.note("the present value"));
        }
        let root = kept.trail.iter().rev().find(|followed| followed.module.address.is_none());
        if is_set
            && let Some([kind, name, ..]) = root.map(|followed| followed.path.as_slice())
            && kind == "var"
        {
            let file = match &kept.at {
                KeptAt::Value { file, .. } => Some(*file),
                KeptAt::Attribute { .. } | KeptAt::Argument { .. } => None,
            };
            self.note_values_of(name, file);
        }
        is_set
    }

    /// Notes the files that can give a variable of the root module another value, and those with which its new default is in force. `file` has
    /// the new value.
    pub(in crate::terraform::edit) fn note_values_of(&mut self, name: &str, file: Option<&File>) {
        self.note_optional_var_files(name);
        let config = self.finder.config;
        let is_default =
            file.is_some_and(|file| config.root_module.files.iter().any(|own| own.path == file.path));
        let others = config.optional_var_files_without(name);
        if is_default && !others.is_empty() {
            let is = if others.len() == 1 { "which does" } else { "which do" };
            self.note(&format!(
                "The new default of var.{name} is also in force with {}, {is} not set it.",
                listed(&others, "and")
            ));
        }
    }

    /// Sets a variable for the environment of this run: in the file that has its values. The default stays, because other environments
    /// use it.
    fn set_for_one_environment(
        &mut self,
        environment: &OneEnvironment<'a>,
        kept: &KeptValue<'a>,
        value: &str,
    ) -> bool {
        let (OneEnvironment::VarFile(Some(file), _) | OneEnvironment::Links { file: Some(file), .. }) =
            environment
        else {
            return false;
        };
        let name = kept.trail.last().and_then(|followed| followed.path.last());
        name.is_some_and(|name| self.add_to_var_file(file, name, value))
    }

    /// Adds the value of a variable to a variable file. Returns `false`, and edits nothing, if the file must not be changed.
    pub(in crate::terraform::edit) fn add_to_var_file(
        &mut self,
        file: &'a File,
        name: &str,
        value: &str,
    ) -> bool {
        let end = file.text.trim_end().len();
        let rest = end..file.text.len();
        if !self.is_editable_file(&self.finder.config.root_module, file) || self.is_changed(file, &rest) {
            return false;
        }
        if let Some(splices) = uncommented(file, (&file.body, 0..file.text.len()), &[(name, value)]) {
            self.splice_all(file, splices);
            return true;
        }
        let text = match aligned_with_last(file, name).filter(|_| !value.contains('\n')) {
            Some(name) => format!("\n{name} = {value}\n"),
            None if end == 0 => format!("{name} = {value}\n"),
            None => format!("\n\n{name} = {value}\n"),
        };
        self.splice(file, Splice::new(rest, text));
        true
    }

    /// Notes the files that can give a variable of the root module another value.
    pub fn note_optional_var_files(&mut self, name: &str) {
        let optional = self.finder.config.optional_var_files_with(name);
        if !optional.is_empty() {
            self.note(&format!(
                "{} can also set var.{name}: with -var-file, that value overrides this edit.",
                optional.join(", ")
            ));
        }
    }

    /// Whether a value in a file may be changed for this configuration alone.
    pub(in crate::terraform::edit) fn is_editable_file(&self, module: &Module, file: &File) -> bool {
        module.is_editable()
            && !self.finder.config.is_used_more_than_once(module)
            && !file.is_override()
            && !file.is_json()
    }

    /// Whether the arguments of a call may be changed.
    pub(in crate::terraform::edit) fn is_editable_call(&self, call: Place<'_>) -> bool {
        call.module.is_editable()
            && !self.finder.config.is_used_more_than_once(call.module)
            && call.module.overridden(call.block).is_none()
    }

    /// Adds an argument to the call of a module: a value, and in a call with several instances the value of the others. Returns `false`,
    /// and edits nothing, if the call must not be changed.
    pub fn add_argument(&mut self, module: &Module, name: &str, (value, others): (&str, &str)) -> bool {
        let Some(call) = self.finder.config.caller(module) else { return false };
        match module.instance_key() {
            Some(key) if self.is_editable_call(call) => {
                self.add_arguments_to(call, name, &for_one_instance(key, value, others))
            }
            Some(_) => false,
            None => self.add_argument_to(call, name, value),
        }
    }

    /// Sets an argument of a call for one instance: a condition on its key. The other instances keep the present value, which is the default
    /// of the variable if the call does not set it.
    pub(in crate::terraform::edit) fn set_argument_of_instance(
        &mut self,
        (call, key): (Place<'_>, &str),
        name: &str,
        value: &str,
    ) -> bool {
        if !self.is_editable_call(call) {
            return false;
        }
        let written = call.block.body.attribute(name);
        let present = written.map(|argument| call.file.value(argument).trim().to_owned());
        let present = present.or_else(|| default_of(call, name)).filter(|text| !text.contains('\n'));
        let Some(value) = present.map(|present| for_one_instance(key, value, &present)) else { return false };
        match written {
            Some(argument) if self.is_changed(call.file, &argument.value) => return false,
            Some(argument) => self.splice(call.file, Splice::new(argument.value.clone(), value)),
            None => return self.add_arguments_to(call, name, &value),
        }
        true
    }

    fn add_argument_to(&mut self, call: Place<'_>, name: &str, value: &str) -> bool {
        self.is_editable_call(call) && !call.is_one_of_several() && self.add_arguments_to(call, name, value)
    }

    fn add_arguments_to(&mut self, call: Place<'_>, name: &str, value: &str) -> bool {
        let Ok(splices) = add_attributes(call.file, call.block, &[(name, value)]) else { return false };
        self.splice_all(call.file, splices);
        true
    }
}

/// The edit of a literal list that gives it the value of a list with more elements.
fn with_new_elements(file: &File, span: &Range<usize>, value: &str) -> Option<Splice> {
    let (present, wanted) = (parse(file.slice(span.clone()))?, parse(value)?);
    let (Expression::Array(present), Expression::Array(wanted)) = (without_parentheses(&present), &wanted)
    else {
        return None;
    };
    if present.is_empty() {
        return Some(Splice::new(span.clone(), value));
    }
    let is_kept = present.iter().zip(wanted.iter()).all(|(one, other)| is_same(one, other));
    let added = wanted.iter().skip(present.len()).map(|one| one.to_string().trim().to_owned());
    let added = added.collect::<Vec<_>>().join(", ");
    (is_kept && !added.is_empty()).then(|| insert_element(file, span, &added))?
}

/// Whether the value is the default that the type of the variable has for an attribute that is not set.
fn has_default(kept: &KeptValue<'_>, value: &str) -> bool {
    let KeptAt::Attribute { .. } = kept.at else { return false };
    let Some((followed, [_, name, attributes @ ..])) =
        kept.trail.last().map(|followed| (followed, followed.path.as_slice()))
    else {
        return false;
    };
    let variable = followed.module.block("variable", &[name]);
    let kind = variable.and_then(|(file, block)| file.expression(block.body.attribute("type")?).tree());
    let default = kind.and_then(|kind| optional_default(&kind, attributes));
    default.is_some_and(|default| Expr::parsed("", &default).is_same(Expr::from(value)))
}

/// The default of an attribute in a type, `object({ nat = optional(bool, false) })`.
fn optional_default(kind: &Expression, attributes: &[String]) -> Option<Expression> {
    let Expression::FuncCall(call) = without_parentheses(kind) else { return None };
    let mut arguments = call.args.iter();
    let inner = arguments.next()?;
    match (call.name.name.as_str(), attributes.split_first()) {
        ("optional", None) => arguments.next().cloned(),
        ("optional", Some(_)) => optional_default(inner, attributes),
        ("object", Some((first, rest))) => {
            let Expression::Object(fields) = without_parentheses(inner) else { return None };
            let is_first = |key: &ObjectKey| matches!(key, ObjectKey::Ident(key) if key.as_str() == first);
            let (_, kind) = fields.iter().find(|(key, _)| is_first(key))?;
            optional_default(kind.expr(), rest)
        }
        _ => None,
    }
}

/// A name with the spaces that align it with the last lines of a file. `None` if they would have to be aligned with it, and if the last value
/// has several lines.
fn aligned_with_last(file: &File, name: &str) -> Option<String> {
    let last = file.body.attributes().last()?;
    let written = file.slice(last.span.clone());
    let is_last = file.line(last.span.start) == file.line(file.text.trim_end().len());
    let width = written.find('=')?.checked_sub(1)?;
    let is_open = is_last && !written.contains('\n') && name.len() <= width;
    is_open.then(|| format!("{name:<width$}"))
}
