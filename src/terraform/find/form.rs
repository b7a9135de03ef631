//! Forms from which a collection makes blocks: a block with `for_each`, a block with `count = length(…)`, and the content of a dynamic
//! block. Each element of the collection is an entry.
//!
//! `entry` finds the entry with which a form makes a block.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ForExpr, FuncCall, ObjectKey, ObjectValue, Traversal, TraversalOperator};
use hcl_edit::visit::{Visit, visit_expr};

use crate::terraform::find::collections::{Literal, known_literals, literals};
use crate::terraform::find::form_element::{
    in_unused_locals, is_of_instance, known_value, lengths, list_of_element,
};
use crate::terraform::find::kept_at::{Followed, KeptAt};
use crate::terraform::find::kept_value::{KeptValue, kept_value};
use crate::terraform::lang::expression::{Expr, parse, reference, without_parentheses};
use crate::terraform::lang::partial::references;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::structure::{Attribute, Block, Body};
use crate::terraform::lang::uses::uses_of_path;
use crate::terraform::read::config::Config;
use crate::terraform::read::instantiate::Bindings;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Functions that only change the type of their argument.
const CONVERSIONS: [&str; 3] = ["tobool", "tonumber", "tostring"];

/// A form and its collection.
pub(in crate::terraform) struct Form<'a> {
    /// The block, or the block around a dynamic block.
    pub place: Place<'a>,
    /// The arguments of the blocks that it makes.
    pub body: &'a Body,
    /// Whether the collection makes resources, not nested blocks.
    pub is_resource: bool,
    names: Names,
    collection: Range<usize>,
}

/// How a form names the key and the value of its entry.
enum Names {
    /// `each` or the iterator of a dynamic block.
    Iterator(String),
    /// The list in `list[count.index]`.
    Counted(String),
    /// The list of which an argument is an element, `list[count.index % length(list)]`.
    Element(String),
    /// The arguments are the fields of the entry: `egress = [{ … }]`.
    Fields,
}

/// A part of an entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::terraform) enum Part {
    Key,
    Value,
    Field(String),
}

/// An element of a literal list or map.
pub(in crate::terraform) struct Element {
    /// The key of a map.
    pub key: Option<String>,
    pub value: Expression,
}

impl<'a> Form<'a> {
    /// The form of a block with `for_each` or `count = length(…)`; `None` for another block, and if an override file changes it.
    pub fn of_resource(place: Place<'a>) -> Option<Self> {
        let Place { module, file, block } = place;
        if module.overridden(block).is_some() {
            return None;
        }
        let body = &block.body;
        if let Some(each) = body.attribute("for_each") {
            let names = Names::Iterator("each".to_owned());
            return Some(Self { place, body, is_resource: true, names, collection: each.value.clone() });
        }
        let count = body.attribute("count")?;
        let tree = parse(file.value(count))?;
        let Expression::FuncCall(call) = without_parentheses(&tree) else { return None };
        let list = call.args.iter().next().filter(|_| call.name.name.as_str() == "length")?;
        let (names, span) = (Names::Counted(reference(list)?), list.span()?);
        let collection = count.value.start + span.start..count.value.start + span.end;
        Some(Self { place, body, is_resource: true, names, collection })
    }

    /// The form of a block whose `count` is a product with the length of a list, and one of whose arguments is an element of that list:
    /// `count = length(var.services) * length(var.tables)` with `route_table_id = var.tables[count.index % length(var.tables)]`.
    pub fn of_element(place: Place<'a>, name: &str) -> Option<Self> {
        let Place { module, file, block } = place;
        let (argument, count) = (block.body.attribute(name)?, block.body.attribute("count")?);
        module.overridden(block).is_none().then_some(())?;
        let list = list_of_element(&parse(file.value(argument))?)?;
        let has_length = lengths(&parse(file.value(count))?)?.contains(&list);
        let start = argument.value.start + file.value(argument).find(&list).filter(|_| has_length)?;
        let (names, collection) = (Names::Element(list.clone()), start..start + list.len());
        Some(Self { place, body: &block.body, is_resource: true, names, collection })
    }

    /// The form of an attribute that is a list of blocks, `route = [{ … }]`.
    pub fn of_attribute(place: Place<'a>, name: &str) -> Option<Self> {
        let list =
            place.block.body.attribute(name).filter(|_| place.module.overridden(place.block).is_none())?;
        let (body, collection) = (&place.block.body, list.value.clone());
        Some(Self { place, body, is_resource: false, names: Names::Fields, collection })
    }

    /// The form of an argument of a rule in a block that is a list, `security_groups = var.clients`.
    pub fn of_list(place: Place<'a>, body: &'a Body, list: &Attribute) -> Option<Self> {
        let collection = list.value.clone();
        let is_open = place.module.overridden(place.block).is_none();
        is_open.then_some(Self { place, body, is_resource: false, names: Names::Fields, collection })
    }

    /// The text of the collection.
    pub fn collection(&self) -> &'a str {
        self.place.file.slice(self.collection.clone())
    }

    /// Whether the arguments are the fields of the entry.
    pub fn has_fields_as_arguments(&self) -> bool {
        matches!(self.names, Names::Fields)
    }

    /// The forms of the dynamic blocks of a block that make nested blocks of a type.
    pub fn of_dynamic(place: Place<'a>, block_type: &str) -> Vec<Self> {
        let dynamic = place.block.body.blocks("dynamic");
        let dynamic = dynamic.filter(|one| one.labels.first().is_some_and(|label| label == block_type));
        let form = |dynamic: &'a Block| {
            let collection = dynamic.body.attribute("for_each")?.value.clone();
            let iterator = match dynamic.body.attribute("iterator") {
                Some(iterator) => place.file.value(iterator).trim().to_owned(),
                None => block_type.to_owned(),
            };
            let body = &dynamic.body.blocks("content").next()?.body;
            Some(Self { place, body, is_resource: false, names: Names::Iterator(iterator), collection })
        };
        if place.module.overridden(place.block).is_some() {
            Vec::new()
        } else {
            dynamic.filter_map(form).collect()
        }
    }

    /// The literals of the collection; `None` if a part of it is computed.
    pub fn literals(&self, config: &'a Config) -> Option<Vec<Literal<'a>>> {
        literals(config, (self.place.module, self.place.file), self.collection.clone())
    }

    /// The literals that may get an entry: nothing else in the code has their elements.
    pub fn open_literals(&self, config: &'a Config) -> Vec<Literal<'a>> {
        // Each of several blocks with one list would get the entry.
        if !self.is_resource && self.place.is_one_of_several() {
            return Vec::new();
        }
        let all = self.literals(config).unwrap_or_default();
        let is_open =
            |literal: &Literal<'_>| literal.is_editable(config) && self.is_own_trail(config, &literal.trail);
        all.into_iter().filter(is_open).collect()
    }

    /// The place of the collection, if the code does not set it, so that it has an empty default.
    pub fn not_set(&self, config: &'a Config) -> Option<KeptValue<'a>> {
        let Place { module, file, .. } = self.place;
        (self.is_resource || !self.place.is_one_of_several()).then_some(())?;
        let kept = kept_value(config, (module, file), self.collection.clone())?;
        let is_not_set = match &kept.at {
            KeptAt::Attribute { inner, .. } => inner.is_empty(),
            KeptAt::Argument { key, .. } => key.is_none(),
            KeptAt::Value { .. } => false,
        };
        (is_not_set && self.is_own_trail(config, &kept.trail)).then_some(kept)
    }

    /// Whether only this form has the values on the way to a value, and they are of one instance.
    fn is_own_trail(&self, config: &Config, trail: &[Followed<'_>]) -> bool {
        // The way through the call of one instance leads to a value of that instance.
        let is_of_one_call = |followed: &Followed<'_>| {
            followed.path.first().is_none_or(|root| root != "var")
                || config.caller(followed.module).is_none_or(|call| {
                    !call.is_one_of_several() || is_of_instance(followed.module, call, &followed.path)
                })
        };
        trail.iter().all(|followed| self.is_only_use(followed) && is_of_one_call(followed))
    }

    /// Whether only this form, or the next value on the way to the literal, has a value.
    fn is_only_use(&self, followed: &Followed<'_>) -> bool {
        let Place { module, file, block } = self.place;
        let in_block = |text: &str| uses_of_path(&format!("{text}\n"), &followed.path);
        let own = if followed.module.address == module.address {
            in_block(file.slice(block.span.clone()))
        } else {
            0
        };
        let declaration = match followed.path.as_slice() {
            [root, name, ..] if root == "var" => followed.module.block("variable", &[name]),
            _ => None,
        };
        let declared = declaration.map_or(0, |(file, block)| in_block(file.slice(block.span.clone())));
        followed.uses() <= declared + own.max(1) + in_unused_locals(followed)
    }

    /// The part of the entry that an expression is, and the value without the part, `lookup(each.value, "port", 443)`.
    pub fn part_of(&self, expression: &Expression) -> Option<(Part, Option<Expression>)> {
        match without_parentheses(expression) {
            Expression::Traversal(traversal) => Some((self.part_of_traversal(traversal)?, None)),
            Expression::FuncCall(call) => self.part_of_call(call),
            _ => None,
        }
    }

    fn part_of_call(&self, call: &FuncCall) -> Option<(Part, Option<Expression>)> {
        if let Names::Element(list) = &self.names {
            let own = list_of_element(&Expression::FuncCall(Box::new(call.clone())));
            return (own.as_ref() == Some(list)).then_some((Part::Value, None));
        }
        let mut arguments = call.args.iter();
        let first = arguments.next()?;
        let name = call.name.name.as_str();
        if let Names::Counted(list) = &self.names
            && name == "element"
            && reference(first).as_ref() == Some(list)
        {
            return (reference(arguments.next()?)? == "count.index").then_some((Part::Value, None));
        }
        if CONVERSIONS.contains(&name) {
            return self.part_of(first);
        }
        let (second, third) = (arguments.next()?, arguments.next());
        match (name, third) {
            ("lookup", Some(default)) => {
                let (Part::Value, None) = self.part_of(first)? else { return None };
                Some((Part::Field(without_parentheses(second).as_str()?.to_owned()), Some(default.clone())))
            }
            ("try", None) => {
                let (part, None) = self.part_of(first)? else { return None };
                matches!(part, Part::Field(_)).then(|| (part, Some(second.clone())))
            }
            _ => None,
        }
    }

    fn part_of_traversal(&self, traversal: &Traversal) -> Option<Part> {
        let Expression::Variable(root) = &traversal.expr else { return None };
        let names: Option<Vec<&str>> = traversal.operators.iter().map(|one| name_of(one.value())).collect();
        match &self.names {
            Names::Iterator(iterator) if root.as_str() == iterator => match names?.as_slice() {
                ["key"] => Some(Part::Key),
                ["value"] => Some(Part::Value),
                ["value", field] => Some(Part::Field((*field).to_owned())),
                _ => None,
            },
            Names::Iterator(_) | Names::Fields => None,
            Names::Element(list) => {
                let own = list_of_element(&Expression::Traversal(Box::new(traversal.clone())));
                (own.as_ref() == Some(list)).then_some(Part::Value)
            }
            Names::Counted(list) => {
                let own = reference(&Expression::Traversal(Box::new(traversal.clone())))?;
                let rest = own.strip_prefix(&format!("{list}[count.index]"))?;
                match rest.strip_prefix('.') {
                    None => rest.is_empty().then_some(Part::Value),
                    Some(field) => (!field.contains(['.', '['])).then(|| Part::Field(field.to_owned())),
                }
            }
        }
    }

    /// Whether an expression depends on the entry.
    pub fn depends(&self, expression: &Expression) -> bool {
        let name = match &self.names {
            Names::Iterator(iterator) => iterator.as_str(),
            Names::Counted(_) | Names::Element(_) => "count",
            Names::Fields => return true,
        };
        let mut roots = Root { name, found: false };
        roots.visit_expr(expression);
        roots.found
    }

    /// The entries that the code has, each with its key. Values of another module are known values only.
    pub fn entries(&self, config: &'a Config) -> Vec<(Option<String>, Expression)> {
        let is_known = |entry: &WrittenEntry<'_>| entry.source.is_none() || !entry.value.is_null();
        let entries = self.written_entries(config).into_iter().filter(is_known);
        entries.map(|entry| (entry.key, entry.value)).collect()
    }

    /// Whether an argument of the block depends on nothing but the entry.
    pub fn is_of_entry_only(&self, name: &str) -> bool {
        let is_own = |one: &String| match &self.names {
            Names::Iterator(iterator) => one.starts_with(&format!("{iterator}.")),
            Names::Counted(list) => {
                one == list || one.starts_with(&format!("{list}.")) || one == "count.index"
            }
            Names::Element(_) | Names::Fields => false,
        };
        let Some(attribute) = self.body.attribute(name) else { return self.has_fields_as_arguments() };
        self.has_fields_as_arguments()
            || references(&format!("x = {}\n", self.place.file.value(attribute))).iter().all(is_own)
    }

    /// The same with what the code has for the values of another module.
    pub fn written_entries(&self, config: &'a Config) -> Vec<WrittenEntry<'a>> {
        self.entries_of(self.literals(config).unwrap_or_default())
    }

    /// The same without the entries of computed parts of a list.
    pub fn known_entries(&self, config: &'a Config) -> Vec<WrittenEntry<'a>> {
        let Place { module, file, .. } = self.place;
        self.entries_of(known_literals(config, (module, file), self.collection.clone()))
    }

    fn entries_of(&self, literals: Vec<Literal<'a>>) -> Vec<WrittenEntry<'a>> {
        let mut all = Vec::new();
        for literal in literals {
            let Some(tree) = literal.tree() else { continue };
            let made_by = literal.made_by.as_deref();
            if made_by.is_some_and(|made_by| !has_elements_as_values(made_by)) {
                continue;
            }
            let is_here = literal.module.address == self.place.module.address;
            for Element { key, value } in elements(&tree) {
                let key = made_by.map_or(key, |made_by| key_text_of_for(made_by, &value));
                if made_by.is_none_or(|made_by| takes(self.place, made_by, &value)) {
                    let source = (!is_here).then(|| (literal.module, value.clone()));
                    let value = if is_here { Some(value) } else { known_value(literal.module, &value) };
                    let value = value.unwrap_or_else(Expression::null);
                    all.push(WrittenEntry { key, value, source });
                }
            }
        }
        all
    }

    /// The expression of an argument of the block that an entry makes.
    pub fn argument(&self, name: &str, (key, value): (Option<&str>, &Expression)) -> Option<Expression> {
        if self.has_fields_as_arguments() {
            let Expression::Object(fields) = value else { return None };
            let (_, value) = fields.iter().find(|(key, _)| key_text(key).as_deref() == Some(name))?;
            return Some(value.expr().clone());
        }
        self.bound(&parse(self.place.file.value(self.body.attribute(name)?))?, (key, value))
    }

    /// An expression of the form with the key and the value of an entry.
    pub fn bound(
        &self,
        expression: &Expression,
        (key, value): (Option<&str>, &Expression),
    ) -> Option<Expression> {
        match &self.names {
            Names::Iterator(iterator) => {
                let mut bindings = Bindings::default();
                bindings.add_expression(&format!("{iterator}.value"), value.clone());
                let key = key.map(quoted).or_else(|| value.as_str().map(quoted));
                if let Some(key) = key.as_deref().and_then(parse) {
                    bindings.add_expression(&format!("{iterator}.key"), key);
                }
                Some(bindings.bind(expression))
            }
            Names::Fields | Names::Element(_) => None,
            Names::Counted(list) => {
                let text = expression.to_string();
                let elements = [format!("{list}[count.index]"), format!("element({list}, count.index)")];
                let value = format!("({value})");
                parse(&elements.iter().fold(text, |text, element| text.replace(element, &value)))
            }
        }
    }
}

/// An entry of the code.
pub(in crate::terraform) struct WrittenEntry<'a> {
    pub key: Option<String>,
    /// The value; the known parts of it if it is of another module, `null` without any.
    pub value: Expression,
    /// The other module, and the value as it is written there.
    pub source: Option<(&'a Module, Expression)>,
}

/// The name in `.name` or `["name"]`.
fn name_of(operator: &TraversalOperator) -> Option<&str> {
    match operator {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        TraversalOperator::Index(key) => without_parentheses(key).as_str(),
        _ => None,
    }
}

/// Finds a reference that begins with a name.
struct Root<'n> {
    name: &'n str,
    found: bool,
}

impl Visit for Root<'_> {
    fn visit_expr(&mut self, node: &Expression) {
        self.found |= matches!(node, Expression::Variable(name) if name.as_str() == self.name);
        visit_expr(self, node);
    }
}

/// The elements of a literal list or map.
pub(in crate::terraform) fn elements(tree: &Expression) -> Vec<Element> {
    match without_parentheses(tree) {
        Expression::Array(all) => {
            all.iter().map(|value| Element { key: None, value: without_parentheses(value).clone() }).collect()
        }
        Expression::Object(map) => {
            let element = |(key, value): (&ObjectKey, &ObjectValue)| Element {
                key: key_text(key),
                value: without_parentheses(value.expr()).clone(),
            };
            map.iter().map(element).collect()
        }
        _ => Vec::new(),
    }
}

/// The name of a key.
pub(in crate::terraform) fn key_text(key: &ObjectKey) -> Option<String> {
    match key {
        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
        ObjectKey::Expression(key) => without_parentheses(key).as_str().map(str::to_owned),
    }
}

/// The part of an element that the key of a collection is, which a `for` makes of the elements; `None` for a computed key.
pub(in crate::terraform) fn key_of_for(made_by: &ForExpr) -> Option<Part> {
    let value = made_by.intro.value_var.as_str();
    let key = reference(made_by.key_expr.as_ref()?).or_else(|| {
        match without_parentheses(made_by.key_expr.as_ref()?) {
            Expression::Variable(name) => Some(name.as_str().to_owned()),
            _ => None,
        }
    })?;
    if key == value {
        return Some(Part::Value);
    }
    if made_by.intro.key_var.as_ref().is_some_and(|own| own.as_str() == key) {
        return Some(Part::Key);
    }
    let field = key.strip_prefix(value)?.strip_prefix('.')?;
    (!field.contains(['.', '['])).then(|| Part::Field(field.to_owned()))
}

/// The key that a `for` gives an element; `None` for a computed key.
fn key_text_of_for(made_by: &ForExpr, element: &Expression) -> Option<String> {
    let name = match key_of_for(made_by)? {
        Part::Value => return element.as_str().map(str::to_owned),
        Part::Field(name) => name,
        Part::Key => return None,
    };
    let Expression::Object(fields) = element else { return None };
    let (_, value) = fields.iter().find(|(key, _)| key_text(key).as_ref() == Some(&name))?;
    without_parentheses(value.expr()).as_str().map(str::to_owned)
}

/// Whether the entries that a `for` makes are its elements.
pub(in crate::terraform) fn has_elements_as_values(made_by: &ForExpr) -> bool {
    matches!(without_parentheses(&made_by.value_expr), Expression::Variable(name) if name.as_str() == made_by.intro.value_var.as_str())
}

/// Whether a `for` takes an element; `false` if unknown.
pub(in crate::terraform) fn takes(place: Place<'_>, made_by: &ForExpr, element: &Expression) -> bool {
    let Some(condition) = &made_by.cond else { return true };
    let mut bindings = Bindings::default();
    bindings.add_expression(made_by.intro.value_var.as_str(), element.clone());
    place.module.evaluate(Expr::parsed("", &bindings.bind(&condition.expr))).as_deref() == Some("true")
}
