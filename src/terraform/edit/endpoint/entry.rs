//! The present entries for the `vpc-endpoints` module of the registry: adds route tables to an entry, and enables an entry that `create`
//! disables.

use std::ops::Range;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, Object, ObjectKey};

use crate::model::RouteTableId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::reenable::EndpointSpec;
use crate::terraform::edit::text::list::{extend_list, missing_elements};
use crate::terraform::edit::text::splice::Splice;
use crate::terraform::error::EditError;
use crate::terraform::find::collections::{Literal, literals};
use crate::terraform::find::form::key_text;
use crate::terraform::find::kept_value::kept_value;
use crate::terraform::find::origin::is_same_vpc;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::expression::{Expr, without_parentheses};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::file::File;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

const TABLES: &str = "route_table_ids";
/// The argument of the call, and the field of an entry, with which the module creates nothing.
const SWITCH: &str = "create";

/// Adds route tables to the list of a gateway endpoint in the map. Returns `false` if no entry in the target module has such a list.
///
/// # Errors
/// The list has all of them.
pub(in crate::terraform) fn add_tables(
    draft: &mut Draft<'_>,
    suffix: &str,
    tables: &[RouteTableId],
) -> Result<bool, EditError> {
    let Some(call) = call(draft) else { return Ok(false) };
    let (config, target) = (draft.finder.config, draft.finder.target.address.clone());
    let argument = call.block.body.attribute("endpoints").filter(|_| call.module.address == target);
    let all =
        argument.and_then(|argument| literals(config, (call.module, call.file), argument.value.clone()));
    let mut entries = all.iter().flatten().filter(|literal| {
        literal.is_editable(config) && literal.made_by.is_none() && literal.module.address == target
    });
    let Some((file, span, key)) = entries.find_map(|literal| {
        let (key, list) = field_of_entry(literal, suffix, TABLES)?;
        Some((literal.file, list, key))
    }) else {
        return Ok(false);
    };
    let name = call.block.kind().unwrap_or_default();
    let module = ResourceAddress::module_of(call.module.address.as_deref(), name);
    let endpoint = ResourceAddress::new(Some(&module), "aws_vpc_endpoint", "this");
    let endpoint = endpoint.with_key(format!("[{}]", quoted(&key)));
    let wanted = draft.route_tables(tables)?.list();
    let present = file.slice(span.clone());
    let Some(more) = missing_elements(present, &wanted) else {
        let place = format!("{}:{}", file.path.display(), file.line(span.start));
        return Err(EditError::AlreadyInCode { address: format!("route_table_ids of {endpoint}"), place });
    };
    draft.splice(file, Splice::new(span, extend_list(present, &more)));
    draft.change(&endpoint);
    draft.note(&format!(
        "module.{name} creates the endpoint: this edit adds the route tables to its entry {key}."
    ));
    Ok(true)
}

/// An entry that AWS does not have.
pub(in crate::terraform::edit) struct Entry<'e, 'a> {
    pub call: Place<'a>,
    pub literal: &'e Literal<'a>,
    pub key: String,
}

impl<'a> Entry<'_, 'a> {
    /// Sets the values of `create` that disable it, or adds the route tables that it lacks. `keys` is the number of all entries.
    ///
    /// # Errors
    /// Nothing disables it: it is not applied yet. Or its switch cannot be edited, or creates other endpoints too.
    pub fn enable(
        &self,
        draft: &mut Draft<'a>,
        spec: &EndpointSpec<'_>,
        keys: usize,
    ) -> Result<(), EditError> {
        let name = self.call.block.kind().unwrap_or_default();
        let module = ResourceAddress::module_of(self.call.module.address.as_deref(), name);
        let address = ResourceAddress::new(Some(&module), "aws_vpc_endpoint", "this");
        let address = address.with_key(format!("[{}]", quoted(&self.key)));
        let of_call = self.call.block.body.attribute(SWITCH).map(|create| create.value.clone());
        let of_call = of_call.map(|span| (self.call.module, self.call.file, span));
        let of_entry = field_of_entry(self.literal, spec.suffix, SWITCH);
        let of_entry = of_entry.map(|(_, span)| (self.literal.module, self.literal.file, span));
        let is_off = |(module, file, span): &(&'a Module, &'a File, Range<usize>)| {
            module.evaluate(file.slice(span.clone())).as_deref() != Some("true")
        };
        let creates_all = of_call.as_ref().is_some_and(is_off);
        let mut is_set = false;
        for (module, file, span) in of_call.into_iter().chain(of_entry).filter(is_off) {
            let written = file.slice(span.clone()).trim().to_owned();
            let is_known = module.evaluate(written.as_str()).is_some();
            let own = format!("module.{name}");
            let is_alone = !creates_all || keys == 1;
            let kept = if is_known && is_alone && module.is_editable() {
                draft.set_span((module, file), span.clone(), "true", &[own])
            } else {
                Err(None)
            };
            if let Err(kept) = kept {
                let more = if is_alone { "" } else { ", and would create its other endpoints too" };
                let at = format!("{}:{}", file.path.display(), file.line(span.start));
                let of =
                    kept_value(draft.finder.config, (module, file), span).filter(|of| !of.trail.is_empty());
                let name = of.as_ref().and_then(|of| of.trail.last()?.path.last().cloned());
                return Err(EditError::Given {
                    place: kept.or_else(|| Some(of?.location())).unwrap_or(at),
                    what: format!(
                        "{address} is in the code, but `{SWITCH} = {written}` disables it{more}: set it for this environment, then run \
                         terraform apply"
                    ),
                    values: format!("{} = true\n", name.as_deref().unwrap_or(SWITCH)),
                });
            }
            draft.note(&format!("{address} was disabled by `{SWITCH} = {written}`: this edit enables it."));
            is_set = true;
        }
        if self.add_missing_tables(draft, spec, &address) || is_set {
            draft.reenabled.push(address);
            return Ok(());
        }
        Err(EditError::AlreadyInCode { address: address.to_string(), place: self.call.location() })
    }

    /// Adds the route tables that the entry lacks. Returns `false` if it has all of them, or if this is unknown.
    fn add_missing_tables(
        &self,
        draft: &mut Draft<'a>,
        spec: &EndpointSpec<'_>,
        address: &ResourceAddress,
    ) -> bool {
        let (file, module) = (self.literal.file, self.literal.module);
        let wanted = spec.requirements.iter().find(|one| one.name() == TABLES);
        let Some((wanted, (_, span))) = wanted.zip(field_of_entry(self.literal, spec.suffix, TABLES)) else {
            return false;
        };
        let is_here =
            module.address == draft.finder.target.address && self.literal.is_editable(draft.finder.config);
        let present = file.slice(span.clone());
        let Some(more) = missing_elements(present, wanted.value()).filter(|_| is_here) else { return false };
        let origins = &draft.finder.network.origins;
        let all = origins.of(module, Expr::from(present)).zip(origins.of(module, Expr::from(wanted.value())));
        let lacks = all.is_some_and(|(have, wanted)| {
            wanted.iter().any(|one| !have.iter().any(|own| own.is_same_resource(one)))
        });
        if lacks {
            draft.splice(file, Splice::new(span, extend_list(present, &more)));
            draft.note(&format!(
                "{address} is in the code, but not for the route tables of the service: this edit adds them."
            ));
        }
        lacks
    }
}

/// The key of the entry of a service, and the span of a field of it in the file.
fn field_of_entry(literal: &Literal<'_>, suffix: &str, field: &str) -> Option<(String, Range<usize>)> {
    let tree = literal.tree()?;
    let Expression::Object(map) = without_parentheses(&tree) else { return None };
    let wanted = entry_of(map, suffix)?;
    map.iter().find_map(|(key, value)| {
        let key = key_text(key)?;
        let Expression::Object(fields) = without_parentheses(value.expr()) else { return None };
        let value = fields.iter().find_map(|(name, value)| match name {
            ObjectKey::Ident(name) if name.as_str() == field => value.expr().span(),
            _ => None,
        })?;
        (key == wanted).then_some((key, literal.span.start + value.start..literal.span.start + value.end))
    })
}

/// The key of the entry of a service.
pub(in crate::terraform::edit) fn key_in(literal: &Literal<'_>, suffix: &str) -> Option<String> {
    match without_parentheses(&literal.tree()?) {
        Expression::Object(map) => entry_of(map, suffix),
        Expression::Array(elements) => {
            let mut names = elements.iter().filter_map(|one| without_parentheses(one).as_str());
            names.find(|name| *name == suffix).map(str::to_owned)
        }
        _ => None,
    }
}

/// The call of the module for the workload's VPC.
pub(in crate::terraform::edit) fn call<'a>(draft: &Draft<'a>) -> Option<Place<'a>> {
    let finder = &draft.finder;
    let is_of_vpc = |call: &Place<'a>| {
        let (own, known) = (finder.network.origins.single(*call, "vpc_id"), finder.network.vpc.as_ref());
        let by_value = || {
            let id = call.block.body.attribute("vpc_id").map(|id| call.file.expression(id));
            id.is_some_and(|id| finder.is_workload_vpc(call.module, id) == Some(true))
        };
        own.zip(known).is_some_and(|(own, known)| is_same_vpc(&own, known) == Some(true)) || by_value()
    };
    let modules = finder.config.modules().into_iter().filter(|module| module.is_editable());
    let mut calls = modules
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    calls.find(|call| {
        registry_module(call) == Some(RegistryModule::VpcEndpoints)
            && !call.is_one_of_several()
            && is_of_vpc(call)
    })
}

/// The key of the entry of a service.
fn entry_of(map: &Object, suffix: &str) -> Option<String> {
    map.iter().find_map(|(key, value)| {
        let key = key_text(key)?;
        let fields = match without_parentheses(value.expr()) {
            Expression::Object(fields) => Some(fields),
            _ => None,
        };
        let service = fields.and_then(|fields| {
            fields.iter().find_map(|(name, value)| match name {
                ObjectKey::Ident(name)
                    if ["service", "service_name", "service_endpoint"].contains(&name.as_str()) =>
                {
                    without_parentheses(value.expr()).as_str().map(str::to_owned)
                }
                _ => None,
            })
        });
        let is_service = match service {
            Some(service) => service == suffix || service.ends_with(&format!(".{suffix}")),
            None => key.replace('_', "-") == suffix.replace(['_', '.'], "-"),
        };
        is_service.then_some(key)
    })
}
