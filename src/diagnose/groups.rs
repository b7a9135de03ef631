//! Groups blockers: one component that is wrong and one code, with all destinations and subnets that it blocks. Owns no wording.

use std::collections::{BTreeMap, BTreeSet};

use super::blocker::{Blocker, origin, same_groups};
use super::context::Context;
use super::{BlockedPaths, Coverage, Finding};
use crate::model::{Addresses, Destination, ResourceId, SubnetId};
use crate::reach::{Code, Layer, Trace, Verdict};

/// The paths that one blocker blocks.
pub(super) struct Group<'a> {
    /// The component that is wrong.
    pub component: ResourceId,
    pub blocker: Blocker<'a>,
    /// The hosts.
    pub destinations: Vec<String>,
    /// Each blocked destination with its short name, and the subnets from which it is blocked.
    pub blocked: Vec<(&'a Destination, String, BTreeSet<SubnetId>)>,
    pub subnets: Vec<SubnetId>,
    /// The blocked addresses of the destinations of which only some are blocked, by the short name.
    pub stopped: BTreeMap<String, Addresses>,
    traces: usize,
}

/// The blockers of the blocked destinations, sorted by the number of blocked traces in descending order.
pub(super) fn groups<'a>(context: &Context<'_>, findings: &'a [Finding]) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<(Layer, Code, ResourceId), Group<'a>> = BTreeMap::new();
    // Where an answer in the log contradicts the trace, the verdict is unknown, and its blockers are not
    // causes.
    for finding in findings.iter().filter(|finding| finding.coverage != Coverage::Unknown) {
        let destination = &finding.need.destination;
        for trace in finding.traces.iter().filter(|trace| is_failing(trace)) {
            let mut counted = BTreeSet::new();
            for (hop, code) in trace.blockers() {
                let (layer, component) = (hop.layer, origin(hop, code));
                let key = (layer, code, same_groups(context, hop, code).unwrap_or_else(|| component.clone()));
                let group = groups.entry(key.clone()).or_insert_with(|| Group {
                    component,
                    blocker: Blocker { layer, code, components: Vec::new(), hops: Vec::new() },
                    destinations: Vec::new(),
                    blocked: Vec::new(),
                    subnets: Vec::new(),
                    stopped: BTreeMap::new(),
                    traces: 0,
                });
                add(&mut group.blocker.components, &&hop.component);
                add(&mut group.blocker.hops, &hop);
                group.traces += usize::from(counted.insert(key));
                add(&mut group.destinations, &finding.need.name());
                if !group.blocked.iter().any(|(known, ..)| *known == destination) {
                    let name = finding.need.short_name(&context.snapshot.region);
                    group.blocked.push((destination, name, BTreeSet::new()));
                }
                if let Some(stopped) = only_stopped(finding) {
                    let name = finding.need.short_name(&context.snapshot.region);
                    group.stopped.insert(name, stopped.clone());
                }
                if let Some(subnet) = &trace.subnet {
                    add(&mut group.subnets, subnet);
                    let own = group.blocked.iter_mut().filter(|(known, ..)| *known == destination);
                    own.for_each(|(.., subnets)| subnets.extend([subnet.clone()]));
                }
            }
        }
    }
    let mut groups: Vec<Group<'a>> = groups.into_values().collect();
    for group in &mut groups {
        group.blocker.components.sort_unstable();
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.traces));
    groups
}

impl Group<'_> {
    /// The short names of the destinations.
    pub fn names(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.blocked.iter().for_each(|(_, name, _)| add(&mut names, name));
        names
    }

    /// The blocked destinations; those that are blocked from the same subnets are together.
    pub fn paths(&self) -> Vec<BlockedPaths> {
        let mut paths: Vec<BlockedPaths> = Vec::new();
        for (destination, _, from) in &self.blocked {
            let subnets: Vec<SubnetId> = from.iter().cloned().collect();
            match paths.iter_mut().find(|path| path.subnets == subnets) {
                Some(path) => path.destinations.push(destination.to_string()),
                None => paths.push(BlockedPaths { destinations: vec![destination.to_string()], subnets }),
            }
        }
        paths
    }
}

/// The blocked addresses of a destination that is blocked from no subnet with all its addresses.
fn only_stopped(finding: &Finding) -> Option<&Addresses> {
    if finding.traces.iter().any(|trace| trace.verdict == Verdict::Blocked) {
        return None;
    }
    finding.traces.iter().find_map(|trace| match &trace.verdict {
        Verdict::Partial { stopped } => Some(stopped),
        _ => None,
    })
}

/// Whether some packets are certainly blocked. An unknown trace can contain blockers too, but its failure is
/// not certain, so its blockers are not causes.
fn is_failing(trace: &Trace) -> bool {
    matches!(trace.verdict, Verdict::Blocked | Verdict::Partial { .. })
}

fn add<T: PartialEq + Clone>(list: &mut Vec<T>, item: &T) {
    if !list.contains(item) {
        list.push(item.clone());
    }
}
