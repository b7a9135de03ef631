//! Finds the entry with which a form makes a block with given arguments: `{ port = 443, cidr = "0.0.0.0/0" }` for a form with
//! `from_port = each.value.port` and `cidr_ipv4 = each.value.cidr`.
//!
//! Reads only the code. The result is checked: each argument of the form, evaluated with the entry, has the wanted value.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::{Expression, TraversalOperator};

use crate::terraform::find::collections::Literal;
use crate::terraform::find::entry_value::{
    Argument, Entry, EntryValue, Need, fields, is_empty, is_same_value, object, type_fields, with_constants,
};
use crate::terraform::find::form::{
    Element, Form, Part, elements, has_elements_as_values, key_of_for, takes,
};
use crate::terraform::lang::expression::{Expr, is_same, parse, without_parentheses};
use crate::terraform::lang::render::quoted;

/// Limit of the combinations of values of other entries that are tried.
const COMBINATIONS: usize = 256;
/// Names of fields that only describe an entry.
const NAMES: [&str; 7] = ["comment", "desc", "description", "id", "key", "label", "name"];

/// A place in the literal for a value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    /// The key in a map.
    Key,
    Whole,
    Field(String),
}

/// The entry of a literal of the form's collection; `None` if no entry gives these arguments. `name` is its name if it needs one.
pub(in crate::terraform) fn entry(
    form: &Form<'_>,
    literal: &Literal<'_>,
    arguments: &[Argument],
    name: &str,
) -> Option<Entry> {
    let tree = literal.tree()?;
    let others = elements(&tree);
    let is_map = matches!(without_parentheses(&tree), Expression::Object(_));
    if literal.made_by.as_deref().is_some_and(|made_by| !has_elements_as_values(made_by)) {
        return None;
    }
    let key_field = literal.made_by.as_deref().and_then(key_of_for);
    let name = free_name(name, &others, key_field.as_ref());
    let mut search = Search {
        form,
        literal,
        is_map,
        others,
        name,
        slots: BTreeMap::new(),
        order: Vec::new(),
        omitted: BTreeSet::new(),
        defaults: BTreeMap::new(),
        empty: BTreeMap::new(),
    };
    let mut open = Vec::new();
    if form.has_fields_as_arguments() {
        for argument in arguments {
            let slots = if argument.need == Need::Empty { &mut search.empty } else { &mut search.slots };
            search.order.push(argument.name.to_owned());
            slots.insert(Slot::Field(argument.name.to_owned()), argument.value.clone());
        }
        return search.solve(&open);
    }
    for argument in arguments {
        let Some(attribute) = form.body.attribute(argument.name) else {
            match argument.need {
                Need::Same => return None,
                Need::SameOr(default) if default != argument.value => return None,
                Need::SameOr(_) | Need::Text | Need::Empty => continue,
            }
        };
        let written = parse(form.place.file.value(attribute))?;
        if argument.need == Need::Empty {
            search.leave_empty(&written, argument);
        }
        if argument.need == Need::Empty || !search.unify_argument(&written, argument)? {
            open.push((written, argument));
        }
    }
    search.solve(&open)
}

/// The name, or the first of `name_2`, `name_3` that no entry has; with dashes if the keys have them.
fn free_name(name: &str, others: &[Element], key_field: Option<&Part>) -> String {
    let texts = || {
        let of = |element: &Element| {
            let whole = element.value.as_str().map(str::to_owned);
            let fields =
                fields(&element.value).into_iter().filter_map(|(_, value)| value.as_str().map(str::to_owned));
            element.key.clone().into_iter().chain(whole).chain(fields).collect::<Vec<_>>()
        };
        others.iter().flat_map(of)
    };
    let key = |one: &Element| match key_field {
        Some(Part::Field(field)) => {
            fields(&one.value).iter().find(|(name, _)| name == field)?.1.as_str().map(str::to_owned)
        }
        _ => one.key.clone(),
    };
    let has = |separator: char| others.iter().filter_map(key).any(|key| key.contains(separator));
    let name = if has('-') && !has('_') { name.replace('_', "-") } else { name.to_owned() };
    let separator = if name.contains('-') { '-' } else { '_' };
    let (mut free, mut number) = (name.clone(), 1);
    while texts().any(|text| text == free) {
        number += 1;
        free = format!("{name}{separator}{number}");
    }
    free
}

/// The text of a key: a text, or a number.
fn key_of(written: &Expression) -> Option<String> {
    match without_parentheses(written) {
        Expression::Number(number) => Some(number.to_string()),
        other => other.as_str().map(str::to_owned),
    }
}

struct Search<'s, 'a> {
    form: &'s Form<'a>,
    literal: &'s Literal<'a>,
    is_map: bool,
    others: Vec<Element>,
    name: String,
    slots: BTreeMap<Slot, String>,
    /// The fields with a value, in the order of the arguments.
    order: Vec<String>,
    /// The fields that an entry may leave out.
    omitted: BTreeSet<String>,
    /// The fields without a value, which a list of blocks must have all the same.
    empty: BTreeMap<Slot, String>,
    /// The fields whose default is the wanted value.
    defaults: BTreeMap<String, String>,
}

impl Search<'_, '_> {
    /// Binds the parts of the entry in an argument. Returns `false` if only its value can be compared; `None` if it never has the wanted
    /// value.
    fn unify_argument(&mut self, written: &Expression, argument: &Argument) -> Option<bool> {
        let (value, here) = (parse(&argument.value)?, parse(&argument.here)?);
        let is_free = || !self.form.depends(written) || self.is_key(written);
        if argument.need == Need::Text && is_free() {
            return Some(true);
        }
        match self.unify(written, &value, &here) {
            Some(is_bound) => Some(is_bound),
            // Two arguments of one part may have one text only.
            None if argument.need == Need::Text => Some(true),
            None => None,
        }
    }

    /// Whether an argument is the key of the entry.
    fn is_key(&self, written: &Expression) -> bool {
        let key_field = self.literal.made_by.as_deref().and_then(key_of_for);
        match self.form.part_of(written) {
            Some((Part::Key, _)) => true,
            Some((part, _)) => key_field == Some(part),
            None => false,
        }
    }

    /// Leaves the field of an argument without a value, which is the default, or gives it the empty value.
    fn leave_empty(&mut self, written: &Expression, argument: &Argument) {
        let Some((part, default)) = self.form.part_of(written) else { return };
        let Some(Slot::Field(field)) = self.slot(part) else { return };
        let module = self.form.place.module;
        let has_empty_default = default.is_some_and(|default| {
            module.value(Expr::parsed("", &default)).is_some_and(|own| is_empty(&own))
        });
        let typed = type_fields(self.literal);
        let is_optional = typed.iter().flatten().any(|(name, is_optional)| *name == field && *is_optional);
        if has_empty_default || is_optional {
            self.omitted.insert(field);
        } else {
            self.order.push(field.clone());
            self.empty.insert(Slot::Field(field), argument.value.clone());
        }
    }

    fn unify(&mut self, written: &Expression, value: &Expression, here: &Expression) -> Option<bool> {
        let (written, value, here) =
            (without_parentheses(written), without_parentheses(value), without_parentheses(here));
        if let Some((part, default)) = self.form.part_of(written) {
            let slot = self.slot(part)?;
            if let (Slot::Field(field), Some(default)) = (&slot, default)
                && is_same_value(self.literal.module, &default, value)
            {
                self.defaults.insert(field.clone(), value.to_string().trim().to_owned());
                return Some(true);
            }
            return self.bind(slot, value).then_some(true);
        }
        if !self.form.depends(written) {
            return self.is_equal(written, here).then_some(true);
        }
        match (written, value, here) {
            (Expression::Array(written), Expression::Array(value), Expression::Array(here))
                if written.len() == value.len() && value.len() == here.len() =>
            {
                let mut all = Some(true);
                for ((written, value), here) in written.iter().zip(value.iter()).zip(here.iter()) {
                    all = all.and_then(|all| Some(self.unify(written, value, here)? && all));
                }
                all
            }
            (Expression::Traversal(written), _, Expression::Traversal(here))
                if is_same(&written.expr, &here.expr) && written.operators.len() == here.operators.len() =>
            {
                let mut all = Some(true);
                for (written, here) in written.operators.iter().zip(&here.operators) {
                    let is_equal = match (written.value(), here.value()) {
                        (TraversalOperator::GetAttr(one), TraversalOperator::GetAttr(two)) => {
                            (one.as_str() == two.as_str()).then_some(true)
                        }
                        // A key is a constant, so it is the same in each module.
                        (TraversalOperator::Index(one), TraversalOperator::Index(two)) => {
                            self.unify(one, two, two)
                        }
                        _ => None,
                    };
                    all = all.and_then(|all| Some(is_equal? && all));
                }
                all
            }
            (Expression::Traversal(_) | Expression::Array(_), ..) => None,
            _ => Some(false),
        }
    }

    /// Whether an argument that does not depend on the entry has a value.
    fn is_equal(&self, written: &Expression, here: &Expression) -> bool {
        let place = self.form.place;
        is_same(written, here) || is_same_value(place.module, written, here)
    }

    fn slot(&self, part: Part) -> Option<Slot> {
        let part = match (part, self.literal.made_by.as_deref()) {
            (Part::Key, Some(made_by)) => key_of_for(made_by)?,
            (part, _) => part,
        };
        Some(match part {
            Part::Field(field) => Slot::Field(field),
            Part::Value => Slot::Whole,
            Part::Key if self.is_map => Slot::Key,
            // The key of a set's element is the element; that of a list's element is its place.
            Part::Key => self.form.is_resource.then_some(Slot::Whole)?,
        })
    }

    fn bind(&mut self, slot: Slot, value: &Expression) -> bool {
        if let Slot::Field(name) = &slot
            && !self.order.contains(name)
        {
            self.order.push(name.clone());
        }
        let text = value.to_string().trim().to_owned();
        let known = self.slots.entry(slot).or_insert_with(|| text.clone());
        Expr::from(&*known).is_same(Expr::from(&text))
    }

    /// The entry with which the other arguments have their values.
    fn solve(mut self, open: &[(Expression, &Argument)]) -> Option<Entry> {
        let key = if self.is_map { Some(self.key()?) } else { None };
        if self.slots.contains_key(&Slot::Whole) {
            let whole = self.slots.get(&Slot::Whole)?.clone();
            let has_fields = self.slots.keys().any(|slot| matches!(slot, Slot::Field(_)));
            let is_plain = self.others.iter().all(|other| fields(&other.value).is_empty());
            let is_open = !has_fields && is_plain && self.is_right(key.as_deref(), &parse(&whole)?, open);
            return is_open.then_some(Entry { key, value: EntryValue::Whole(whole) });
        }
        let names = self.field_names()?;
        let choices: Vec<(String, Vec<String>)> =
            names.into_iter().map(|name| (name.clone(), self.choices(&name))).collect();
        let combinations: usize = choices.iter().map(|(_, all)| all.len()).product();
        for number in 0..combinations.min(COMBINATIONS) {
            let mut rest = number;
            let mut chosen = Vec::new();
            for (name, all) in &choices {
                chosen.push((name.clone(), all.get(rest % all.len())?.clone()));
                rest /= all.len();
            }
            let value = parse(&object(&chosen))?;
            if self.is_right(key.as_deref(), &value, open) {
                return Some(Entry { key, value: EntryValue::Fields(chosen) });
            }
        }
        None
    }

    /// The key in a map; `None` if it is no text, or another entry has it.
    fn key(&mut self) -> Option<String> {
        let key = match self.slots.remove(&Slot::Key) {
            Some(written) => key_of(&parse(&written)?)?,
            None => self.name_of_value().unwrap_or_else(|| self.name.clone()),
        };
        self.others.iter().all(|other| other.key.as_ref() != Some(&key)).then_some(key)
    }

    /// The name in the value, `app` in `aws_security_group.app.id`, if each other entry has the name in its value as its key.
    fn name_of_value(&self) -> Option<String> {
        let name = |value: &Expression| {
            let reference = Expr::parsed("", value).reference()?;
            match *reference.split('.').collect::<Vec<_>>() {
                [kind, name, "id"] if kind.starts_with("aws_") => Some(name.to_owned()),
                _ => None,
            }
        };
        let is_named = self.others.iter().all(|other| other.key.is_some() && name(&other.value) == other.key);
        (is_named && !self.others.is_empty()).then(|| name(&parse(self.slots.get(&Slot::Whole)?)?))?
    }

    /// The names of the fields of the entry, in the order of the other entries: those with a value, those that all others have, and
    /// those that the type requires.
    fn field_names(&self) -> Option<Vec<String>> {
        let all: Vec<Vec<(String, Expression)>> =
            self.others.iter().map(|other| fields(&other.value)).collect();
        if all.iter().any(Vec::is_empty) {
            return None;
        }
        let has = |one: &[(String, Expression)], name: &str| one.iter().any(|(own, _)| own == name);
        let mut order: Vec<String> = Vec::new();
        let typed = type_fields(self.literal);
        let longest = all.iter().max_by_key(|one| one.len());
        let known = longest.into_iter().flatten().map(|(name, _)| name.clone());
        let is_bound = |name: &&String| self.slots.contains_key(&Slot::Field((*name).clone()));
        let bound: Vec<String> = self.order.iter().filter(is_bound).cloned().collect();
        let of_type = typed.iter().flatten().map(|(name, _)| name.clone());
        for name in known.chain(of_type).chain(self.order.iter().cloned()) {
            if !order.contains(&name) {
                order.push(name);
            }
        }
        // A type has no other fields.
        if typed
            .as_ref()
            .is_some_and(|typed| bound.iter().any(|name| !typed.iter().any(|(own, _)| own == name)))
        {
            return None;
        }
        let is_required = |name: &String| {
            all.is_empty() && self.empty.contains_key(&Slot::Field(name.clone()))
                || typed.iter().flatten().any(|(own, is_optional)| own == name && !is_optional)
                || !all.is_empty() && all.iter().all(|one| has(one, name))
        };
        let names: Vec<String> = order
            .into_iter()
            .filter(|name| bound.contains(name) || is_required(name) && !self.omitted.contains(name))
            .collect();
        (!names.is_empty() && !bound.is_empty()).then_some(names)
    }

    /// The values that a field may have.
    fn choices(&self, name: &str) -> Vec<String> {
        if let Some(bound) = self.slots.get(&Slot::Field(name.to_owned())) {
            return vec![bound.clone()];
        }
        if let Some(empty) = self.empty.get(&Slot::Field(name.to_owned())) {
            return vec![empty.clone()];
        }
        if let Some(default) = self.defaults.get(name) {
            return vec![default.clone()];
        }
        let values: Vec<Expression> = self
            .others
            .iter()
            .filter_map(|other| fields(&other.value).into_iter().find(|(own, _)| own == name))
            .map(|(_, value)| value)
            .collect();
        let mut texts: Vec<String> = values.iter().map(|value| value.to_string().trim().to_owned()).collect();
        let is_text = values.iter().all(|value| value.as_str().is_some());
        texts.sort();
        texts.dedup();
        let is_key =
            self.literal.made_by.as_deref().and_then(key_of_for) == Some(Part::Field(name.to_owned()));
        if is_key || is_text && NAMES.contains(&name.to_lowercase().as_str()) {
            return vec![quoted(&self.name)];
        }
        texts
    }

    /// Whether the arguments have their values with an entry.
    fn is_right(&self, key: Option<&str>, value: &Expression, open: &[(Expression, &Argument)]) -> bool {
        let place = self.form.place;
        if self.literal.made_by.as_deref().is_some_and(|made_by| !takes(place, made_by, value)) {
            return false;
        }
        let constant = with_constants(value);
        open.iter().all(|(written, argument)| {
            if argument.need == Need::Text {
                return true;
            }
            let Some(bound) = self.form.bound(written, (key, &constant)) else { return false };
            let own = Expr::parsed("", &bound);
            if argument.need == Need::Empty {
                // An optional attribute that the entry does not set is null.
                if let Some((Part::Field(field), None)) = self.form.part_of(written)
                    && self.omitted.contains(&field)
                    && fields(value).iter().all(|(own, _)| *own != field)
                {
                    return true;
                }
                return place.module.value(own).is_some_and(|own| is_empty(&own));
            }
            let wanted = place.module.evaluate(argument.here.as_str());
            wanted.is_some() && place.module.evaluate(own) == wanted
        })
    }
}
