//! The call of a security-group module of the registry that creates a group: the connector refers to it, or its name matches. The modules manage
//! the rules as separate resources, so they do not remove others.

use crate::model::{Peer, SecurityGroupId};
use crate::reach::{Egresses, egresses};
use crate::terraform::edit::draft::Draft;
use crate::terraform::edit::rule;
use crate::terraform::error::EditError;
use crate::terraform::find::network::connector_arguments;
use crate::terraform::find::origin::Origin;
use crate::terraform::find::registry::{RegistryModule, registry_module};
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// A call that creates a security group.
#[derive(Clone, Copy)]
pub(in crate::terraform::edit) struct GroupCall<'a> {
    pub place: Place<'a>,
    is_cloudposse: bool,
}

impl<'a> GroupCall<'a> {
    /// The call in the target module that creates a group.
    pub fn of(draft: &mut Draft<'a>, group: &SecurityGroupId) -> Option<Self> {
        let is_here = |call: &Self| call.place.module.address == draft.finder.target.address;
        let referenced = Self::of_connector(draft, group).filter(is_here);
        let why = if referenced.is_some() { "the connector refers to it" } else { "its name matches" };
        let call = referenced.or_else(|| Self::with_name(draft, group))?;
        let label = call.place.block.kind().unwrap_or_default();
        draft.note(&format!("{group} is the group of module.{label} ({}): {why}.", call.place.location()));
        Some(call)
    }

    fn at(place: Place<'a>) -> Option<Self> {
        let is_cloudposse = match registry_module(&place)? {
            RegistryModule::SecurityGroup => false,
            RegistryModule::CloudposseGroup => true,
            _ => return None,
        };
        (!place.block.repeats()).then_some(Self { place, is_cloudposse })
    }

    /// The call whose group is the only one of the connector.
    fn of_connector(draft: &Draft<'a>, group: &SecurityGroupId) -> Option<Self> {
        let finder = &draft.finder;
        let Egresses::Vpc(sources) = egresses(finder.snapshot, finder.workload) else { return None };
        let is_only = sources.first()?.security_groups.as_slice() == std::slice::from_ref(group);
        let connector = finder.code.connector;
        let (_, argument) = connector_arguments(connector.block).filter(|_| is_only)?;
        let key = finder.connector_key.as_deref();
        let mut groups = finder.network.origins.of_instance(connector, key, argument)?;
        let Some(Origin::Output { call: place, name, .. }) = groups.pop().filter(|_| groups.is_empty())
        else {
            return None;
        };
        let call = Self::at(place).filter(|call| name == call.output())?;
        finder.state.is_empty().then_some(call)
    }

    /// The call in any module that creates a group. Its name is that of no other call.
    pub fn in_any_module(draft: &Draft<'a>, group: &SecurityGroupId) -> Option<Self> {
        let all = draft.finder.config.modules().into_iter().filter(|module| !module.is_installed);
        Self::of_connector(draft, group)
            .or_else(|| Self::with_name_in(draft, &all.collect::<Vec<_>>(), group))
    }

    fn with_name(draft: &Draft<'a>, group: &SecurityGroupId) -> Option<Self> {
        Self::with_name_in(draft, &[draft.finder.target], group)
    }

    fn with_name_in(draft: &Draft<'a>, modules: &[&'a Module], group: &SecurityGroupId) -> Option<Self> {
        let name = draft.finder.snapshot.network.security_groups.get(group)?.name.clone();
        let calls = modules.iter().flat_map(|module| {
            module.blocks("module").filter_map(|(file, block)| Self::at(Place { module, file, block }))
        });
        let has_name = |call: &Self| {
            let Place { module, file, block } = call.place;
            let value = |name: &str| block.body.attribute(name).map(|value| file.expression(value));
            let text = |name: &str| value(name).and_then(|one| module.evaluate(one));
            let (own, has_prefix) = if call.is_cloudposse {
                let names = value("security_group_name").and_then(|names| module.texts(names));
                let own = names.and_then(|names| names.into_iter().next());
                (own, text("create_before_destroy").as_deref() != Some("false"))
            } else {
                (text("name"), text("use_name_prefix").as_deref() != Some("false"))
            };
            own.is_some_and(|own| name == own || has_prefix && is_generated_name(&name, &own))
        };
        let mut found = calls.filter(has_name);
        found.next().filter(|_| found.next().is_none())
    }

    /// The address of the module that the call makes.
    pub fn address(&self) -> String {
        let Place { module, block, .. } = self.place;
        ResourceAddress::module_of(module.address.as_deref(), block.kind().unwrap_or_default())
    }

    fn output(&self) -> &'static str {
        if self.is_cloudposse { "id" } else { "security_group_id" }
    }

    /// The id of the group.
    pub fn origin(&self) -> Origin<'a> {
        Origin::Output { call: self.place, key: None, name: self.output().to_owned() }
    }

    /// The id of the group in the module of the call.
    pub fn id(&self) -> String {
        format!("module.{}.{}", self.place.block.kind().unwrap_or_default(), self.output())
    }

    /// The error for a rule that the call has already.
    pub fn in_code(&self, draft: &Draft<'_>, rule: (&'static str, u16, &Peer)) -> Option<EditError> {
        if self.is_cloudposse { None } else { rule::registry::in_code(draft, self.place, rule) }
    }

    /// Adds a rule to the call. Returns `false`, and edits nothing, if no argument can get it.
    ///
    /// # Errors
    /// The call has the rule already.
    pub fn add_rule(
        &self,
        draft: &mut Draft<'a>,
        rule: (&'static str, u16, &Peer),
    ) -> Result<bool, EditError> {
        if self.is_cloudposse {
            rule::cloudposse::add_rule(draft, self.place, rule)
        } else {
            rule::registry::add_group_rule(draft, self.place, rule)
        }
    }
}

/// Whether a name is the prefix `own-` with the time that the provider adds, `bond-20261101120000000000000001`.
fn is_generated_name(name: &str, own: &str) -> bool {
    let rest = name.strip_prefix(own).and_then(|rest| rest.strip_prefix('-'));
    rest.is_some_and(|rest| {
        rest.len() >= 8 && rest.starts_with("20") && rest.chars().all(|c| c.is_ascii_hexdigit())
    })
}
