//! The causes in their final order, numbered from 1. `groups` finds them, `wording` has their sentences.

use super::Cause;
use super::context::Context;
use super::groups::Group;
use super::wording;

/// The causes, in the order of their groups.
pub(super) fn causes(context: &Context<'_>, groups: &[Group<'_>]) -> Vec<Cause> {
    let cause = |(place, group): (usize, &Group<'_>)| Cause {
        number: place + 1,
        layer: group.blocker.layer,
        code: group.blocker.code,
        component: group.component.clone(),
        blockers: group.blocker.components.iter().map(|id| (*id).clone()).collect(),
        destinations: group.destinations.clone(),
        subnets: group.subnets.clone(),
        paths: group.paths(),
        explanation: wording::cause(context, group, &wording::blocks(group, context.subnets.len())),
        without_paths: wording::cause(context, group, ""),
    };
    groups.iter().enumerate().map(cause).collect()
}
