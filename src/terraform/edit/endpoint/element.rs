//! Adds an element to the list or map from which a block creates endpoints, with `count` or `for_each`: a copy of the element of another
//! service, or the first element.
//!
//! Each element is tried: the configuration is read with it. The code must then have one resource more, the endpoint with the service and
//! the type that are wanted.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::Expression;

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::element_copy::{Copy, NEW_TABLES, TABLES, copies};
use crate::terraform::edit::endpoint::first_element::first;
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::edit::endpoint::service_entries::insert_like;
use crate::terraform::edit::nat::vpc_module::table_of_call;
use crate::terraform::edit::text::entries::{after_brace, insertion as entry_insertion};
use crate::terraform::edit::text::list::{append_element, insert_element};
use crate::terraform::edit::text::splice::{Splice, apply};
use crate::terraform::edit::values::all_environments::note_users;
use crate::terraform::edit::values::disabled_code::only_in;
use crate::terraform::find::collections::Literal;
use crate::terraform::find::entry_value::Entry;
use crate::terraform::find::form::{Form, Part};
use crate::terraform::find::instance_argument::{argument_of, keys_of};
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::searched_modules;
use crate::terraform::lang::expression::{Expr, parse, without_parentheses};
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{File, Texts};
use crate::terraform::read::place::Place;

const KIND: &str = "aws_vpc_endpoint";
/// Limit of the elements of one collection that are tried.
const TRIALS: usize = 6;

/// A new element.
#[derive(Clone)]
pub(in crate::terraform::edit) enum NewText {
    /// Like the others.
    Copy(Copy),
    /// The first one.
    First(Entry),
}

impl NewText {
    /// The same with another text of the route tables.
    fn with_tables(self, tables: &str) -> Self {
        match self {
            Self::Copy(copy) => Self::Copy(Copy { value: copy.value.replace(NEW_TABLES, tables), ..copy }),
            Self::First(entry) => Self::First(entry.replaced(NEW_TABLES, tables)),
        }
    }

    fn has_new_tables(&self) -> bool {
        match self {
            Self::Copy(copy) => copy.value.contains(NEW_TABLES),
            Self::First(entry) => entry.has(NEW_TABLES),
        }
    }

    /// The edit of a literal.
    fn insertion(&self, file: &File, span: &Range<usize>, is_counted: bool) -> Option<Splice> {
        let copy = match self {
            Self::First(entry) => return entry_insertion(file, span, entry),
            Self::Copy(copy) => copy,
        };
        match without_parentheses(&parse(file.slice(span.clone()))?) {
            Expression::Array(elements) => {
                let last = elements.iter().last()?.span()?;
                let last = span.start + last.start..span.start + last.end;
                after_brace(file, span, &last, &copy.value).or_else(|| {
                    // Another order would replace endpoints that `count` numbers.
                    let insert = if is_counted { append_element } else { insert_element };
                    insert(file, span, &copy.value)
                })
            }
            Expression::Object(map) => insert_like(file, span, map, (copy.key.as_deref()?, &copy.value)),
            _ => None,
        }
    }
}

/// A new element and the literal that gets it.
pub(in crate::terraform::edit) struct NewElement<'a> {
    /// The block that creates the endpoint.
    pub place: Place<'a>,
    literal: Literal<'a>,
    text: NewText,
    is_counted: bool,
}

/// The element that creates the endpoint; `None` if no block in the workload's VPC gets it from such a collection. `tables` are the route
/// tables of a gateway endpoint.
pub(in crate::terraform::edit) fn find<'a>(
    draft: &Draft<'a>,
    spec: &EndpointSpec<'_>,
    tables: &[RouteTableId],
) -> Option<NewElement<'a>> {
    let places = searched_modules(draft.finder.config)
        .into_iter()
        .flat_map(|module| module.resources(KIND).map(move |(file, block)| Place { module, file, block }));
    let is_in_vpc = |place: &Place<'a>| {
        let Place { module, file, block } = *place;
        let vpc = || module.expression(file, block, "vpc_id");
        let may_be_of_type = match module.expression(file, block, "vpc_endpoint_type") {
            None => spec.endpoint_type == "Gateway",
            Some(kind) => module.evaluate(kind).is_none_or(|kind| kind == spec.endpoint_type),
        };
        place.is_one_of_several()
            && may_be_of_type
            && module.is_editable()
            && vpc().and_then(|vpc| draft.finder.is_workload_vpc(module, vpc)) == Some(true)
            && !draft.finder.is_in_another_region(module, file, block)
            && draft.finder.has_network_provider(module, file, block)
    };
    places.filter(is_in_vpc).find_map(|place| of_place(draft, place, spec, tables))
}

fn of_place<'a>(
    draft: &Draft<'a>,
    place: Place<'a>,
    spec: &EndpointSpec<'_>,
    tables: &[RouteTableId],
) -> Option<NewElement<'a>> {
    let form = Form::of_resource(place)?;
    let config = draft.finder.config;
    let is_counted = place.block.body.attribute("count").is_some();
    let last = form.literals(config)?.pop()?;
    // With `count`, a new element is the last one of all.
    let is_last = |literal: &Literal<'a>| {
        !is_counted || literal.file.path == last.file.path && literal.span == last.span
    };
    let open = form.open_literals(config).into_iter().filter(is_last).rev();
    open.filter(|literal| !literal.file.is_json()).find_map(|literal| {
        let copies = copies(draft, &form, &literal, spec)?.into_iter().map(NewText::Copy);
        let all = copies.chain(first(draft, &form, &literal, spec).map(NewText::First));
        all.take(TRIALS).find_map(|text| {
            let text = with_tables(draft, (&form, &literal), text, (spec, tables))?;
            let new = NewElement { place, literal: literal.clone(), text, is_counted };
            new.creates(config, spec, draft.finder.snapshot.region.as_str()).then_some(new)
        })
    })
}

/// The element, with a text for the route tables if it needs others; `None` if its block cannot give it the route tables of the endpoint.
fn with_tables<'a>(
    draft: &Draft<'a>,
    (form, literal): (&Form<'a>, &Literal<'a>),
    text: NewText,
    (spec, tables): (&EndpointSpec<'_>, &[RouteTableId]),
) -> Option<NewText> {
    if spec.endpoint_type != "Gateway" || text.has_new_tables() {
        return Some(text);
    }
    let origins = &draft.finder.network.origins;
    let written = form.place.module.expression(form.place.file, form.place.block, TABLES)?;
    if !written.differs_by_instance() {
        let have = origins.of_attribute(form.place, TABLES)?;
        return has_all(draft, &have, tables).then_some(text);
    }
    let (Part::Field(field), None) = form.part_of(written.tree()?.as_ref())? else { return None };
    let NewText::Copy(copy) = text else { return None };
    let span = copy.field(&field)?;
    let own = copy.value.get(span.clone())?;
    let have = origins.of(literal.module, Expr::from(own)).unwrap_or_default();
    if has_all(draft, &have, tables) {
        return Some(NewText::Copy(copy));
    }
    let mut value = copy.value.clone();
    value.replace_range(span, NEW_TABLES);
    Some(NewText::Copy(Copy { value, ..copy }))
}

/// Whether these are known to be all the route tables, or more.
fn has_all<'a>(draft: &Draft<'a>, have: &[Origin<'a>], tables: &[RouteTableId]) -> bool {
    !tables.is_empty()
        && tables.iter().all(|id| {
            let own = draft.finder.table_instance(id).or_else(|| draft.finder.chained_table(id));
            let all = [own, table_of_call(draft, id)];
            have.iter().any(|one| match one {
                Origin::Text(text) => text == id.as_str(),
                one => all.iter().flatten().any(|own| one.is_same_resource(own)),
            })
        })
}

impl NewElement<'_> {
    /// Whether the configuration with the element has the endpoint, and nothing else.
    fn creates(&self, config: &Config, spec: &EndpointSpec<'_>, region: &str) -> bool {
        let Self { place, literal, .. } = self;
        let edited = self.text.insertion(literal.file, &literal.span, self.is_counted).and_then(|splice| {
            let text = apply(literal.file, vec![splice]).ok()?;
            config.with_texts(&Texts::from([(literal.file.path.clone(), text)])).ok()
        });
        let Some(edited) = edited.filter(|edited| only_in(config, edited).is_empty()) else { return false };
        let modules = edited.modules().into_iter().filter(|module| module.address == place.module.address);
        let mut blocks = modules.flat_map(|module| {
            module.resources(KIND).map(move |(file, block)| Place { module, file, block })
        });
        let found = blocks.find(|one| one.block.name() == place.block.name());
        let Some(found) = found else { return false };
        let before = keys_of(config, *place);
        let keys = keys_of(&edited, found);
        let mut new = keys.iter().filter(|key| !before.contains(key));
        let Some(key) = new.next().filter(|_| new.next().is_none() && keys.len() == before.len() + 1) else {
            return false;
        };
        // The keys are unknown to the modules if a value of the collection is.
        let own = place.module.address_of(place.block).with_key(key.clone());
        if only_in(&edited, config).iter().any(|added| *added != own) {
            return false;
        }
        let value = |name: &str| argument_of(&edited, found, (key, name), region);
        let is_type = match found.block.body.attribute("vpc_endpoint_type") {
            Some(_) => value("vpc_endpoint_type").as_deref() == Some(spec.endpoint_type),
            None => spec.endpoint_type == "Gateway",
        };
        is_type
            && value("service_name").as_deref() == Some(spec.service)
            && (spec.endpoint_type == "Gateway" || value("private_dns_enabled").as_deref() == Some("true"))
    }
}

/// Adds the element. Returns `false`, and edits nothing, if it cannot be added.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    new: NewElement<'a>,
    tables: &[RouteTableId],
) -> bool {
    let NewElement { place, literal, text, is_counted } = new;
    let is_first = matches!(text, NewText::First(_));
    let has_own_tables = text.has_new_tables();
    let text = if has_own_tables {
        let Some(list) = tables_in(draft, &literal, tables) else { return false };
        text.with_tables(&list)
    } else {
        text
    };
    let is_added =
        draft.insert_in(literal.file, &literal.span, |file, span| text.insertion(file, span, is_counted));
    if !is_added {
        return false;
    }
    let address = place.module.address_of(place.block);
    let of_others = match (is_first, has_own_tables) {
        (true, _) => "",
        (false, true) => ", with the route tables of the service",
        (false, false) => ", with the subnets, route tables and security groups of the other endpoints",
    };
    draft.note(&format!("{address} ({}) creates the endpoint from its list{of_others}.", place.location()));
    draft.reenabled.push(address);
    note_users(draft, &literal);
    true
}

/// The list of route tables in the module of a literal.
fn tables_in<'a>(draft: &mut Draft<'a>, literal: &Literal<'a>, tables: &[RouteTableId]) -> Option<String> {
    let target = draft.finder.target;
    let is_other = literal.module.address != target.address;
    if draft.accepts_only_constants(literal) || is_other && draft.finder.enter(literal.module).is_err() {
        return None;
    }
    let list = draft.route_tables(tables).map(|tables| tables.list());
    if is_other {
        draft.finder.enter(target).ok()?;
    }
    list.ok()
}
