//! Subnets that behave alike share a column of the matrix.

use super::Diagnosis;
use crate::model::{ResourceId, SubnetId};
use crate::reach::{Code, Hop, Trace};

/// The result of one trace, for a comparison with that of another subnet: the verdict, and the component and code that decide it.
type TraceResult<'a> = (&'static str, Option<(Option<&'a ResourceId>, Option<Code>)>);

impl Diagnosis {
    /// Groups of subnets, as indices of [`Diagnosis::subnets`]: from all subnets of a group, each destination has the same verdict for
    /// the same reason. In the order of their first subnet.
    #[must_use]
    pub fn alike(&self) -> Vec<Vec<usize>> {
        let mut groups: Vec<(Vec<TraceResult<'_>>, Vec<usize>)> = Vec::new();
        for (at, subnet) in self.subnets.iter().enumerate() {
            // A path outside the VPC is the same for all subnets.
            let traces = self.findings.iter().filter(|finding| finding.traces.len() > 1);
            let results: Vec<_> = traces
                .filter_map(|finding| finding.traces.get(at))
                .map(|trace| result(trace, subnet))
                .collect();
            match groups.iter_mut().find(|(known, _)| *known == results) {
                Some((_, group)) => group.push(at),
                None => groups.push((results, vec![at])),
            }
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }
}

fn result<'a>(trace: &'a Trace, subnet: &SubnetId) -> TraceResult<'a> {
    let decides = if trace.is_reachable() {
        None
    } else {
        // What is known about the subnet itself is the same for every subnet.
        let component = |hop: &'a Hop| Some(&hop.component).filter(|id| id.as_str() != subnet.as_str());
        let blocker = trace.blockers().next().map(|(hop, code)| (component(hop), Some(code)));
        blocker.or_else(|| trace.unknowns().next().map(|(hop, _)| (component(hop), None)))
    };
    (trace.verdict.word(), decides)
}
