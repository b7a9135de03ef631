//! The default security group of a VPC that the VPC module of the registry creates. The module manages its rules: it removes those that its call
//! does not list.

use crate::model::SecurityGroupId;
use crate::terraform::edit::draft::Draft;
use crate::terraform::find::registry::{RegistryCall, RegistryModule};
use crate::terraform::find::vpc::vpc_of;

/// The first major version that manages the group by default.
const MANAGES: u64 = 4;
const SWITCH: &str = "manage_default_security_group";

/// The call in the target module that manages a group; `None` if it is another group, or the module leaves its rules as they are.
pub(in crate::terraform::edit) fn call_of<'a>(
    draft: &Draft<'a>,
    group: &SecurityGroupId,
) -> Option<RegistryCall<'a>> {
    let finder = &draft.finder;
    let vpc = vpc_of(finder.snapshot, finder.workload)?;
    let known = finder.snapshot.network.security_groups.get(group)?;
    (known.name == "default" && known.vpc == *vpc).then_some(())?;
    let call = RegistryCall::of_output(finder.network.vpc.as_ref()?, RegistryModule::Vpc)?;
    let is_here = call.place.module.address == finder.target.address && call.key.is_none();
    let manages = if call.has(SWITCH) {
        call.text(SWITCH).as_deref() == Some("true")
    } else {
        call.version().is_none_or(|(major, _)| major >= MANAGES)
    };
    (is_here && manages).then_some(call)
}
