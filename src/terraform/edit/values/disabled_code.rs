//! A disabled block or module of the team that has what a change needs: sets the value that disables it, because the code would have it twice
//! otherwise.
//!
//! Each candidate is tried: the configuration is read with its value, and the change is planned again. If the change is then in that code,
//! the value is the fix.

use std::path::Path;

use crate::remedy::{Change, Proposal};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::names::suffix;
use crate::terraform::edit::values::reenable::enable_by_hand;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::find::switch::{Switch, SwitchValue, switch_with};
use crate::terraform::lang::address::{ResourceAddress, address};
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::{Texts, joined};
use crate::terraform::read::module_files::ModuleFiles;
use crate::terraform::read::place::Place;

/// Limit of the candidates that are tried.
const TRIALS: usize = 4;

const RULES: [&str; 3] =
    ["aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule", "aws_security_group_rule"];

/// The resources that a change can need.
pub(in crate::terraform::edit) struct Kinds {
    /// A module with the change has such a resource.
    pub first: &'static [&'static str],
    /// Whether a resource beside the others is tried too. The other resources have their own search.
    has_resources: bool,
    /// The types that are enabled together with it.
    pub with: &'static [&'static str],
}

pub(in crate::terraform::edit) fn kinds_of(change: &Change) -> Option<Kinds> {
    let kinds = |first, has_resources, with| Some(Kinds { first, has_resources, with });
    match change {
        Change::CreateGatewayEndpoint { .. } => {
            kinds(&["aws_vpc_endpoint"], false, &["aws_vpc_endpoint_route_table_association"])
        }
        Change::CreateInterfaceEndpoint { .. } => kinds(
            &["aws_vpc_endpoint"],
            false,
            &[
                "aws_security_group",
                "aws_vpc_security_group_egress_rule",
                "aws_vpc_security_group_ingress_rule",
                "aws_security_group_rule",
            ],
        ),
        Change::CreateNat { .. } => {
            kinds(&["aws_nat_gateway"], false, &["aws_eip", "aws_route", "aws_cloudwatch_metric_alarm"])
        }
        Change::RouteToNat { .. } => kinds(&["aws_route"], true, &[]),
        Change::AssociateRouteTables { .. } => {
            kinds(&["aws_vpc_endpoint_route_table_association"], true, &[])
        }
        Change::AllowEgress { .. } | Change::AllowEndpointIngress { .. } => kinds(&RULES, true, &[]),
        Change::AllowNacl { .. } => kinds(&["aws_network_acl_rule"], true, &[]),
        _ => None,
    }
}

/// Enables the disabled code that has a change. Returns the changes of the proposal that it has, by their places; none if there is no such
/// code. `plan` plans a proposal for another configuration; its result is the reason why that is not possible.
///
/// # Errors
/// The service is not found, or the value must be given elsewhere for this environment only.
pub(in crate::terraform::edit) fn enable<'a>(
    draft: &mut Draft<'a>,
    (at, proposal): (usize, &Proposal),
    plan: &dyn Fn(&Config, &Proposal) -> Option<EditError>,
) -> Result<Vec<usize>, EditError> {
    let Some(change) = proposal.changes.get(at) else { return Ok(Vec::new()) };
    let Some(kinds) = kinds_of(change) else { return Ok(Vec::new()) };
    // One value creates all endpoints, and all NAT gateways.
    let has_group = matches!(change, Change::CreateInterfaceEndpoint { .. } | Change::CreateNat { .. });
    let is_same = |other: &Change| std::mem::discriminant(other) == std::mem::discriminant(change);
    let group: Vec<usize> = proposal
        .changes
        .iter()
        .enumerate()
        .filter(|(place, other)| *place == at || has_group && is_same(other))
        .map(|(place, _)| place)
        .collect();
    let wanted: Vec<Proposal> = group
        .iter()
        .filter_map(|place| proposal.changes.get(*place))
        .map(|change| Proposal { changes: vec![change.clone()], ..proposal.clone() })
        .collect();
    let texts: Vec<String> =
        wanted.iter().flat_map(|one| &one.changes).filter_map(|one| text(draft, one)).collect();
    for place in candidates(draft, &kinds).into_iter().take(TRIALS) {
        let Switch::Value(found) = switch_with(draft.finder.config, place, (&texts, None)) else { continue };
        let own = [name_of(place)];
        let Some(edited) = with_value(draft, place, &found, &own)? else { continue };
        let is_in_code = |wanted: &Proposal| match plan(&edited, wanted) {
            Some(EditError::AlreadyInCode { address, .. }) => is_of(&address, place),
            _ => false,
        };
        if !wanted.iter().all(is_in_code) {
            continue;
        }
        let added = only_in(&edited, draft.finder.config);
        let is_wanted = |one: &ResourceAddress| {
            kinds.first.contains(&one.kind.as_str()) || kinds.with.contains(&one.kind.as_str())
        };
        let number = added.iter().filter(|one| kinds.first.contains(&one.kind.as_str())).count();
        let has_more = added.iter().any(|one| !is_wanted(one))
            || number > group.len() && !kinds.has_resources
            || !only_in(draft.finder.config, &edited).is_empty();
        if has_more {
            draft.note(&format!(
                "{} ({}) has this too. {} disables it, and changes more than this, so this edit does not set it: do not enable both.",
                full_name(place),
                place.location(),
                found.reference()
            ));
            continue;
        }
        if draft.set_switch(place.module, &found, &own) {
            draft.note(&format!(
                "{} ({}) was disabled by {}: this edit enables it.",
                full_name(place),
                place.location(),
                found.reference()
            ));
            draft.reenabled.extend(added);
            return Ok(group);
        }
        let what = format!("{} exists in the code, but it is disabled: enable it", full_name(place));
        return Err(enable_by_hand(draft, place, what));
    }
    Ok(Vec::new())
}

/// The text that a list of the code has for a change: the service of an endpoint.
fn text(draft: &Draft<'_>, change: &Change) -> Option<String> {
    match change {
        Change::CreateGatewayEndpoint { service, .. } | Change::CreateInterfaceEndpoint { service, .. } => {
            Some(suffix(draft, service).to_owned())
        }
        _ => None,
    }
}

/// The disabled resources of these types, and the disabled calls of local modules with such resources.
fn candidates<'a>(draft: &Draft<'a>, kinds: &Kinds) -> Vec<Place<'a>> {
    let config = draft.finder.config;
    let modules = config.modules().into_iter().filter(|module| module.is_editable());
    let all = modules.flat_map(|module| {
        let resources = kinds.first.iter().filter(|_| kinds.has_resources);
        let resources = resources.flat_map(|kind| module.resources(kind));
        let calls = module
            .blocks("module")
            .filter(|(file, block)| calls_module_with(config, Place { module, file, block }, kinds.first));
        resources.chain(calls).map(move |(file, block)| Place { module, file, block })
    });
    all.filter(|place| place.module.is_disabled(place.file, place.block) == Some(true)).collect()
}

/// Whether a call is of a local module with a resource of one of these types.
fn calls_module_with(config: &Config, call: Place<'_>, kinds: &[&str]) -> bool {
    let source = call.module.expression(call.file, call.block, "source");
    let source = source.and_then(|source| call.module.evaluate(source));
    let Some(source) = source.filter(|source| source.starts_with('.')) else { return false };
    let dir = joined(&call.module.dir, Path::new(&source));
    let files = ModuleFiles::read(&config.root, &dir, config.is_tofu, &Texts::new());
    files.is_ok_and(|files| {
        files.files.iter().any(|file| kinds.iter().any(|kind| file.text.contains(&quoted(kind))))
    })
}

/// `module.nat` or `aws_route.nat`, inside its module.
fn name_of(place: Place<'_>) -> String {
    match place.block.block_type.as_str() {
        "module" => format!("module.{}", place.block.kind().unwrap_or_default()),
        _ => address(place.block),
    }
}

/// The same from the root module.
pub(in crate::terraform::edit) fn full_name(place: Place<'_>) -> String {
    let module = place.module.address.as_deref();
    module.map_or_else(|| name_of(place), |module| format!("{module}.{}", name_of(place)))
}

/// Whether an address is of a block, or of a resource of the module that it calls.
pub(in crate::terraform::edit) fn is_of(found: &str, place: Place<'_>) -> bool {
    let rest = found.strip_prefix(&full_name(place));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// The configuration with the value that enables a block; `None` if the value cannot be edited.
fn with_value<'a>(
    draft: &Draft<'a>,
    place: Place<'a>,
    found: &SwitchValue,
    own: &[String],
) -> Result<Option<Config>, EditError> {
    let finder = &draft.finder;
    let (snapshot, workload) = (finder.snapshot, finder.workload);
    let mut trial = Draft::new(Finder::new(finder.config, (snapshot, workload), finder.answers)?);
    trial.is_trial = true;
    if !trial.set_switch(place.module, found, own) {
        return Ok(None);
    }
    let Ok(changes) = trial.finish() else { return Ok(None) };
    let texts: Texts = changes.files.into_iter().map(|file| (file.path, file.after)).collect();
    Ok(finder.config.with_texts(&texts).ok())
}

/// The resources that exist in one of two configurations only.
pub(in crate::terraform::edit) fn only_in(one: &Config, other: &Config) -> Vec<ResourceAddress> {
    let others = instances(other);
    instances(one).into_iter().filter(|address| !others.contains(address)).collect()
}

/// The resources of the local modules, each instance with its key.
fn instances(config: &Config) -> Vec<ResourceAddress> {
    let mut all = Vec::new();
    for module in config.modules() {
        for (file, block) in module.blocks("resource") {
            let address = module.address_of(block);
            match module.instance_keys(&module.values, file, block) {
                Some(keys) if block.repeats() => {
                    all.extend(keys.into_iter().map(|key| address.clone().with_key(key)));
                }
                _ => all.push(address),
            }
        }
    }
    all
}
