//! Adds entries to the lists and maps from which the team's code makes blocks, in the layout of the other entries.

use std::ops::Range;
use std::path::Path;

use hcl::Value;
use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::text::list::{insert_block_entry, insert_element, insert_entry, key_like};
use crate::terraform::edit::text::splice::{NewEntries, Splice, apply};
use crate::terraform::find::collections::Literal;
use crate::terraform::find::entry::entry;
use crate::terraform::find::entry_value::{Argument, Entry, EntryValue, key_code, object};
use crate::terraform::find::form::{Element, Form, elements};
use crate::terraform::find::kept_at::KeptAt;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::lang::scan::scan;
use crate::terraform::lang::structure::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;

/// The fields of an entry on one line, if there is no other entry.
const SHORT: usize = 4;

/// Where the values of a new entry are written.
#[derive(Clone, Copy)]
pub(in crate::terraform::edit) struct Values<'a> {
    pub module: &'a Module,
    /// Whether Terraform accepts no references there: in a variable file, and in the default of a variable.
    pub are_constants: bool,
    /// Whether the entry is only tried, so that the draft must not change.
    pub is_trial: bool,
}

impl<'a> Draft<'a> {
    /// Adds the entry with which a form makes a block with these arguments. `name` is its name if it needs one. Returns `false`, and
    /// edits nothing, if no literal of the form's collection can get such an entry.
    pub fn add_entry(
        &mut self,
        form: &Form<'a>,
        name: &str,
        arguments: impl Fn(&mut Self, Values<'a>) -> Option<Vec<Argument>>,
    ) -> bool {
        let config = self.finder.config;
        for literal in form.open_literals(config).into_iter().rev() {
            let are_constants = self.accepts_only_constants(&literal);
            let values = Values { module: literal.module, are_constants, is_trial: true };
            let trial = arguments(self, values).and_then(|all| entry(form, &literal, &all, name));
            if trial.is_none_or(|trial| self.text_with(&literal, &trial).is_none()) {
                continue;
            }
            let target = self.finder.target;
            if literal.module.address != target.address && self.finder.enter(literal.module).is_err() {
                continue;
            }
            let found = arguments(self, Values { is_trial: false, ..values });
            let found = found.and_then(|all| entry(form, &literal, &all, name));
            let text = found.and_then(|found| self.text_with(&literal, &found));
            let is_back = target.address == self.finder.target.address || self.finder.enter(target).is_ok();
            if let Some(text) = text.filter(|_| is_back) {
                self.put_entries(form, &literal, text);
                return true;
            }
        }
        self.add_first_entry(form, name, &arguments)
    }

    /// The same for a collection that the code does not set: an attribute that the entry of the service lacks, or an argument that the call
    /// lacks.
    fn add_first_entry(
        &mut self,
        form: &Form<'a>,
        name: &str,
        arguments: &impl Fn(&mut Self, Values<'a>) -> Option<Vec<Argument>>,
    ) -> bool {
        let Some(kept) = form.not_set(self.finder.config) else { return false };
        let (module, path) = match &kept.at {
            KeptAt::Value { module, file, .. } | KeptAt::Attribute { module, file, .. } => {
                (*module, &file.path)
            }
            KeptAt::Argument { call, .. } => (call.module, &call.file.path),
        };
        let empty = match form.place.module.value(Expr::from(form.collection())) {
            Some(Value::Object(map)) if map.is_empty() => "{}",
            Some(Value::Array(list)) if list.is_empty() => "[]",
            _ => return false,
        };
        let text = format!("x = {empty}\n");
        let Ok(body) = scan(&text) else { return false };
        let Some(span) = body.attribute("x").map(|attribute| attribute.value.clone()) else { return false };
        let file = File::of_text(path, text, body);
        let are_constants = self.finder.config.var_files.iter().any(|own| own.path == *path);
        let written = |draft: &mut Self, is_trial: bool| {
            let all = arguments(draft, Values { module, are_constants, is_trial })?;
            let literal =
                Literal { module, file: &file, span: span.clone(), made_by: None, trail: kept.trail.clone() };
            let new = entry(form, &literal, &all, name)?;
            let value = with_entry(&file, &span, &new)?;
            (!value.contains('\n')).then_some(value)
        };
        let target = self.finder.target;
        if written(self, true).is_none()
            || module.address != target.address && self.finder.enter(module).is_err()
        {
            return false;
        }
        let value = written(self, false);
        let is_back = module.address == target.address || self.finder.enter(target).is_ok();
        let Some(value) = value.filter(|_| is_back) else { return false };
        let is_set = self.set_kept(&kept, &value, kept.trail.len());
        if is_set {
            self.announce_entry(form, &kept.location());
        }
        is_set
    }

    /// Whether Terraform accepts no references in a literal.
    pub fn accepts_only_constants(&self, literal: &Literal<'_>) -> bool {
        let is_in =
            |block: &&Block| block.span.start < literal.span.start && literal.span.end < block.span.end;
        self.finder.config.var_files.iter().any(|file| file.path == literal.file.path)
            || literal.file.body.blocks("variable").any(|block| is_in(&block))
    }

    /// Notes that a literal gets ids.
    pub fn note_constants(&mut self, literal: &Literal<'_>, text: &str) {
        let ids = ["\"pl-", "\"sg-", "\"rtb-", "\"acl-"];
        let present = literal.file.slice(literal.span.clone());
        let has_new_id = ids.iter().any(|id| text.matches(id).count() > present.matches(id).count());
        if has_new_id && self.accepts_only_constants(literal) {
            let line = literal.file.line(literal.span.start);
            self.note(&format!(
                "{}:{line} gets an id, because Terraform accepts no references there.",
                literal.file.path.display()
            ));
        }
    }

    /// The literal with its new entries and one more.
    fn text_with(&self, literal: &Literal<'_>, new: &Entry) -> Option<String> {
        let known = self.entries.get(&(literal.file.path.clone(), literal.span.start));
        let Some(known) = known else { return with_entry(literal.file, &literal.span, new) };
        let file = literal.file;
        let text = format!(
            "{}{}{}",
            file.slice(0..literal.span.start),
            known.text,
            file.text.get(literal.span.end..)?
        );
        let body = scan(&text).ok()?;
        let edited = File::of_text(Path::new(&file.path), text, body);
        with_entry(&edited, &(literal.span.start..literal.span.start + known.text.len()), new)
    }

    /// Adds an element or an entry to a literal, also after another edit in it: `insertion` is the edit of the literal in a file. Returns
    /// `false`, and edits nothing, if it has none.
    pub fn insert_in(
        &mut self,
        file: &File,
        span: &Range<usize>,
        insertion: impl Fn(&File, &Range<usize>) -> Option<Splice>,
    ) -> bool {
        let Some(splice) = insertion(file, span) else { return false };
        if !self.is_changed(file, &splice.span) {
            self.splice(file, splice);
            return true;
        }
        let is_inside = |own: &Splice| span.start <= own.span.start && own.span.end <= span.end;
        let present =
            self.splices.get(&file.path).into_iter().flatten().filter(|own| is_inside(own)).cloned();
        let edited = apply(file, present.collect()).ok().and_then(|text| {
            let end = (span.end + text.len()).checked_sub(file.text.len())?;
            let edited = File::of_text(&file.path, text.clone(), scan(&text).ok()?);
            let splice = insertion(&edited, &(span.start..end))?;
            let head = edited.slice(span.start..splice.span.start).to_owned();
            Some(head + &splice.text + edited.slice(splice.span.end..end))
        });
        let Some(text) = edited else { return false };
        if let Some(all) = self.splices.get_mut(&file.path) {
            all.retain(|own| !is_inside(own));
        }
        self.splice(file, Splice::new(span.clone(), text));
        true
    }

    fn put_entries(&mut self, form: &Form<'a>, literal: &Literal<'a>, text: String) {
        let line = literal.file.line(literal.span.start);
        self.announce_entry(form, &format!("{}:{line}", literal.file.path.display()));
        let optional = literal.trail.iter().rev().find(|followed| followed.module.address.is_none());
        if let Some([root, name, ..]) = optional.map(|followed| followed.path.as_slice())
            && root == "var"
        {
            self.note_optional_var_files(name);
        }
        self.note_constants(literal, &text);
        let entries = NewEntries { span: literal.span.clone(), text };
        self.entries.insert((literal.file.path.clone(), literal.span.start), entries);
    }

    /// Announces what a form makes of a new entry at a place.
    fn announce_entry(&mut self, form: &Form<'a>, at: &str) {
        let place = form.place;
        let address = place.module.address_of(place.block);
        // A registry module makes resources of the entries in its call: the caller of this function announces them.
        let is_call = place.block.block_type == "module";
        if !is_call {
            let made = if form.is_resource { "has an instance" } else { "has a block" };
            self.note(&format!(
                "{address} ({}) {made} for each entry of a list or map: this edit adds an entry ({at}).",
                place.location()
            ));
        }
        if form.is_resource {
            self.reenabled.push(address);
        } else if !is_call {
            self.change(&address);
        }
    }
}

/// The literal with one more entry, in the layout of the others.
fn with_entry(file: &File, span: &Range<usize>, new: &Entry) -> Option<String> {
    let splice = insertion(file, span, new)?;
    let text = file.slice(span.start..splice.span.start).to_owned() + &splice.text;
    Some(text + file.slice(splice.span.end..span.end))
}

/// The edit of a literal that adds an entry in the layout of the others.
pub(in crate::terraform::edit) fn insertion(file: &File, span: &Range<usize>, new: &Entry) -> Option<Splice> {
    let tree = parse(file.slice(span.clone()))?;
    let others = elements(&tree);
    let count = match &new.value {
        EntryValue::Whole(_) => 0,
        EntryValue::Fields(fields) => fields.len(),
    };
    let last = others.last().and_then(|other| other.value.span());
    let is_one_line = last.as_ref().map_or(count <= SHORT, |last| {
        !file.slice(span.start + last.start..span.start + last.end).contains('\n')
    });
    let lines = |fields: &[(String, String)]| -> Vec<Line> {
        fields.iter().map(|(name, value)| attribute(&key_code(name), value.clone())).collect()
    };
    match without_parentheses(&tree) {
        Expression::Array(all) => {
            let is_one_line = is_one_line || all.is_empty() && is_aligned(file, span.start);
            let element = match &new.value {
                EntryValue::Whole(text) => like_others(text, &others),
                EntryValue::Fields(fields) if is_one_line => object(fields),
                EntryValue::Fields(fields) => {
                    let text = block("x", &lines(fields));
                    let text = text.trim_start_matches("x ").trim_end().to_owned();
                    let end = last.as_ref().map_or(span.end, |last| span.start + last.end);
                    text.replace('\n', &format!("\n{}", indent_at(file, end)))
                }
            };
            if all.is_empty() {
                return Some(Splice::new(span.clone(), format!("[{element}]")));
            }
            let last = last.map(|last| span.start + last.start..span.start + last.end);
            if let Some(splice) = last.and_then(|last| after_brace(file, span, &last, &element)) {
                return Some(splice);
            }
            insert_element(file, span, &element)
        }
        Expression::Object(map) => {
            let key = key_like(map, &key_code(new.key.as_deref()?));
            let value = match &new.value {
                EntryValue::Whole(text) => text.clone(),
                EntryValue::Fields(fields) => object(fields),
            };
            match &new.value {
                EntryValue::Fields(fields) if map.is_empty() || !is_one_line => {
                    let text = block(&format!("{key} ="), &lines(fields));
                    let inserted = insert_block_entry(file, span, map, &text);
                    inserted.or_else(|| {
                        map.is_empty().then(|| Splice::new(span.clone(), format!("{{ {key} = {value} }}")))
                    })
                }
                _ if map.is_empty() => Some(Splice::new(span.clone(), format!("{{ {key} = {value} }}"))),
                _ => insert_entry(file, span, &key, &value),
            }
        }
        _ => None,
    }
}

/// Whether the value at an offset is of an attribute that is aligned with those above and below it: a value of several lines would end this.
fn is_aligned(file: &File, at: usize) -> bool {
    let start = file.slice(0..at).rfind('\n').map_or(0, |found| found + 1);
    let rest = file.slice(at..file.text.len());
    let below = rest.split('\n').nth(1).unwrap_or_default();
    let above = file.slice(0..start).trim_end_matches('\n').rsplit('\n').next().unwrap_or_default();
    let has_above = file.slice(0..start).ends_with('\n') && !file.slice(0..start).ends_with("\n\n");
    let is_padded =
        |line: &str| line.trim_start().split_once('=').is_some_and(|(name, _)| name.ends_with("  "));
    is_padded(file.slice(start..at)) || has_above && is_padded(above) || is_padded(below)
}

/// A number as a string, if all other elements are strings.
fn like_others(text: &str, others: &[Element]) -> String {
    let are_strings = others.iter().all(|other| other.value.as_str().is_some());
    let is_number = parse(text).is_some_and(|value| value.is_number());
    if are_strings && is_number { quoted(text) } else { text.to_owned() }
}

/// The splice for a list in the form `[{ … }]` over several lines. `terraform fmt` indents the braces between its elements.
pub(in crate::terraform::edit) fn after_brace(
    file: &File,
    whole: &Range<usize>,
    last: &Range<usize>,
    element: &str,
) -> Option<Splice> {
    let closing = whole.end - 1;
    let is_form = element.contains('\n')
        && file.slice(whole.start..last.start).ends_with(['[', ' '])
        && file.slice(last.end..closing).trim().is_empty()
        && !file.slice(last.end..closing).contains('\n');
    let indent = indent_at(file, last.end);
    let start = last.end - 1 - indent.len();
    (is_form && file.slice(start..last.end) == format!("{indent}}}"))
        .then(|| Splice::new(start..last.end, format!("{indent}  }}, {element}")))
}

/// The indentation of the line of an offset.
fn indent_at(file: &File, at: usize) -> &str {
    let start = file.slice(0..at).rfind('\n').map_or(0, |found| found + 1);
    let line = file.slice(start..at);
    line.get(..line.len() - line.trim_start().len()).unwrap_or_default()
}
