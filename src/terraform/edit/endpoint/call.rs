//! A local module that the team calls once for each endpoint: writes the same call for another service.
//!
//! The call is tried: the configuration is read with it, and the change is planned again. If the module then has the endpoint and nothing
//! else, the call is the fix.

use std::collections::BTreeSet;

use crate::remedy::{Change, Proposal};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::endpoint::element_copy::{renamed, renamed_label};
use crate::terraform::edit::endpoint::names::suffix;
use crate::terraform::edit::endpoint::rules::ensure_admitted;
use crate::terraform::edit::text::splice::{apply, insert_after};
use crate::terraform::edit::values::disabled_code::{is_of, kinds_of, only_in};
use crate::terraform::error::EditError;
use crate::terraform::find::instance_argument::evaluated;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::quoted;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::Texts;
use crate::terraform::read::place::Place;

const KIND: &str = "aws_vpc_endpoint";

/// Adds the call for the endpoint of a change of the proposal. Returns `false`, and edits nothing, if no such call has it. `plan` plans a
/// proposal for another configuration; its result is the reason why that is not possible.
///
/// # Errors
/// The rules of the endpoint's security group must be changed by hand.
pub(in crate::terraform::edit) fn add<'a>(
    draft: &mut Draft<'a>,
    (at, proposal): (usize, &Proposal),
    plan: &dyn Fn(&Config, &Proposal) -> Option<EditError>,
) -> Result<bool, EditError> {
    let Some(change) = proposal.changes.get(at) else { return Ok(false) };
    let (service, endpoint_type) = match change {
        Change::CreateInterfaceEndpoint { service, .. } => (service.as_str(), "Interface"),
        Change::CreateGatewayEndpoint { service, .. } => (service.as_str(), "Gateway"),
        _ => return Ok(false),
    };
    let wanted = Proposal { changes: vec![change.clone()], ..proposal.clone() };
    let calls = calls(draft, endpoint_type);
    let new = calls.iter().rev().find_map(|call| {
        let text = call.text_for(suffix(draft, service))?;
        call.creates(draft.finder.config, (change, &text), |edited| plan(edited, &wanted))
            .then_some((call, text))
    });
    let Some((call, (name, text))) = new else { return Ok(false) };
    // All calls for endpoints are together.
    let after = calls.iter().rfind(|one| one.place.file.path == call.place.file.path).unwrap_or(call);
    let Place { file, block, .. } = after.place;
    draft.insert(Some((file, block.span.end)), "", &format!("{text}\n"));
    let address = |name: &str| match &call.place.module.address {
        Some(module) => format!("{module}.module.{name}"),
        None => format!("module.{name}"),
    };
    let endpoint = call.endpoint.module.address_of(call.endpoint.block);
    draft.reenabled.push(ResourceAddress { module: Some(address(&name)), ..endpoint });
    let own = call.place.block.kind().unwrap_or_default();
    draft.note(&format!(
        "{} ({}) calls {} for one endpoint: this edit writes the same call for the new one.",
        address(own),
        call.place.location(),
        call.endpoint.module.dir.display()
    ));
    if let Change::CreateInterfaceEndpoint { allowed_ranges, ports, .. } = change {
        let ports = ports.iter().copied().collect();
        ensure_admitted(draft, call.endpoint, (&ports, allowed_ranges), &mut BTreeSet::new())?;
    }
    Ok(true)
}

/// A call of a module with one endpoint.
struct Call<'a> {
    place: Place<'a>,
    endpoint: Place<'a>,
    /// The service of the endpoint, `secretsmanager`.
    service: String,
}

/// The calls of local modules that create one endpoint in the workload's VPC.
fn calls<'a>(draft: &Draft<'a>, endpoint_type: &str) -> Vec<Call<'a>> {
    let finder = &draft.finder;
    let region = finder.snapshot.region.as_str();
    let config = finder.config;
    let modules =
        config.modules().into_iter().filter(|one| one.is_editable() && !config.is_used_more_than_once(one));
    let places = modules
        .flat_map(|module| module.blocks("module").map(move |(file, block)| Place { module, file, block }));
    let call = |place: Place<'a>| {
        let name = place.block.kind().filter(|_| !place.block.repeats() && !place.file.is_json())?;
        let called = &place.module.calls.iter().find(|call| call.name == name)?.module;
        let mut endpoints = called.resources(KIND).map(|(file, block)| Place { module: called, file, block });
        let endpoint = endpoints.next().filter(|_| endpoints.next().is_none())?;
        let Place { module, file, block } = endpoint;
        let value = |name: &str| module.expression(file, block, name);
        let text = |name: &str| evaluated(module, value(name)?.text, region);
        let is_type = match value("vpc_endpoint_type") {
            Some(_) => text("vpc_endpoint_type").as_deref() == Some(endpoint_type),
            None => endpoint_type == "Gateway",
        };
        let fits = is_type
            && !block.repeats()
            && (endpoint_type == "Gateway" || text("private_dns_enabled").as_deref() == Some("true"))
            && value("vpc_id").and_then(|vpc| finder.is_workload_vpc(module, vpc)) == Some(true)
            && !finder.is_in_another_region(module, file, block)
            && finder.has_network_provider(module, file, block)
            && place.module.overridden(place.block).is_none();
        let service = text("service_name").filter(|_| fits)?;
        Some(Call { place, endpoint, service: suffix(draft, &service).to_owned() })
    };
    places.filter_map(call).collect()
}

impl Call<'_> {
    /// The name and the text of the call for another service; `None` if something else than a text names the service.
    fn text_for(&self, service: &str) -> Option<(String, String)> {
        let name = self.place.block.kind()?;
        let new = renamed_label(name, &self.service, service)?;
        self.place.module.block("module", &[&new]).is_none().then_some(())?;
        let text = self.place.file.slice(self.place.block.span.clone());
        let (head, rest) = text.split_once(&quoted(name))?;
        Some((new.clone(), format!("{head}{}{}", quoted(&new), renamed(rest, &self.service, service)?)))
    }

    /// Whether the configuration with the call has the endpoint of a change in it, and nothing else.
    fn creates(
        &self,
        config: &Config,
        (change, (name, text)): (&Change, &(String, String)),
        plan: impl Fn(&Config) -> Option<EditError>,
    ) -> bool {
        let Place { module, file, block } = self.place;
        let splice = insert_after(file, block.span.end, &format!("{text}\n"));
        let edited = apply(file, vec![splice])
            .ok()
            .and_then(|text| config.with_texts(&Texts::from([(file.path.clone(), text)])).ok());
        let Some(edited) = edited.filter(|edited| only_in(config, edited).is_empty()) else { return false };
        let caller = edited.modules().into_iter().find(|one| one.address == module.address);
        let call = caller.and_then(|module| {
            let (file, block) = module.block("module", &[name])?;
            Some(Place { module, file, block })
        });
        let Some(call) = call else { return false };
        let Some(kinds) = kinds_of(change) else { return false };
        let added = only_in(&edited, config);
        let is_first = |kind: &str| kinds.first.contains(&kind);
        added.iter().filter(|one| is_first(&one.kind)).count() == 1
            && added.iter().all(|one| {
                (is_first(&one.kind) || kinds.with.contains(&one.kind.as_str()))
                    && is_of(&one.to_string(), call)
            })
            && matches!(plan(&edited), Some(EditError::AlreadyInCode { address, .. }) if is_of(&address, call))
    }
}
