//! Groups blockers into causes: one component and code, with all destinations and subnets that it blocks.

use std::collections::BTreeMap;

use super::wording;
use super::{Cause, Coverage, Finding};
use crate::evidence::short_name;
use crate::model::{ResourceId, Snapshot, SubnetId};
use crate::reach::{Code, Layer, Trace, Verdict};

/// The destinations and subnets that one blocker blocks.
#[derive(Default)]
struct Group {
    destinations: Vec<String>,
    names: Vec<String>,
    subnets: Vec<SubnetId>,
    traces: usize,
}

/// The causes, sorted by the number of blocked traces in descending order.
pub(super) fn causes(snapshot: &Snapshot, findings: &[Finding], subnets: &[SubnetId]) -> Vec<Cause> {
    let mut groups: BTreeMap<(Layer, Code, ResourceId), Group> = BTreeMap::new();
    // Where an answer in the log contradicts the trace, the verdict is unknown, and its blockers are not
    // causes.
    for finding in findings.iter().filter(|finding| finding.coverage != Coverage::Unknown) {
        // An unknown trace can contain blockers too, but its failure is not certain, so its blockers are not
        // causes.
        let is_failing = |trace: &&Trace| matches!(trace.verdict, Verdict::Blocked | Verdict::Partial { .. });
        for trace in finding.traces.iter().filter(is_failing) {
            let mut counted = Vec::new();
            for (hop, code) in trace.blockers() {
                let key = (hop.layer, code, hop.component.clone());
                if counted.contains(&key) {
                    continue;
                }
                let group = groups.entry(key.clone()).or_default();
                add(&mut group.destinations, &finding.need.destination.host);
                add(&mut group.names, &short_name(&finding.need.destination, &snapshot.region));
                if let Some(subnet) = &trace.subnet {
                    add(&mut group.subnets, subnet);
                }
                group.traces += 1;
                counted.push(key);
            }
        }
    }
    let mut causes: Vec<(usize, Cause)> = groups
        .into_iter()
        .map(|((layer, code, component), group)| {
            let Group { destinations, names, subnets: from, traces } = group;
            let mut cause =
                Cause { layer, code, component, destinations, subnets: from, explanation: String::new() };
            cause.explanation = wording::cause(snapshot, &cause, &names, subnets.len());
            (traces, cause)
        })
        .collect();
    causes.sort_by_key(|(traces, _)| std::cmp::Reverse(*traces));
    causes.into_iter().map(|(_, cause)| cause).collect()
}

fn add<T: PartialEq + Clone>(list: &mut Vec<T>, item: &T) {
    if !list.contains(item) {
        list.push(item.clone());
    }
}
