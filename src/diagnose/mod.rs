//! From traces to causes, in words.
//!
//! Owns the verdict over subnets, the grouping into causes, and every sentence that explains one. Traces come from
//! `reach`; no advice is given here.

mod causes;
mod diagnosis;
mod symptoms;
mod traps;
mod wording;

use std::collections::BTreeSet;

use crate::evidence::{Caller, Need};
use crate::model::{DestinationKind, ResourceId, Snapshot, SubnetId, Workload};
use crate::reach::{Egresses, Engine, Trace, Verdict, egresses, trace_control_plane, trace_outside};

pub use diagnosis::{Cause, Coverage, Diagnosis, Finding, FindingVerdict};
pub use symptoms::{remarks_on_log, symptom_fits};
pub use wording::code_in_words;

/// Traces every need from every subnet of the workload and says what is behind the failures.
#[must_use]
pub fn diagnose(snapshot: &Snapshot, workload: &Workload, needs: &[Need]) -> Diagnosis {
    let ways = egresses(snapshot, workload);
    let engine = Engine::new(snapshot);
    let findings: Vec<Finding> =
        needs.iter().map(|need| finding(snapshot, &engine, workload, &ways, need)).collect();
    let subnets: Vec<SubnetId> = match &ways {
        Egresses::Vpc(sources) => sources.iter().map(|source| source.subnet.clone()).collect(),
        Egresses::Public(_) | Egresses::Unknown(_) => Vec::new(),
    };
    let causes = causes::causes(snapshot, &findings, &subnets);
    Diagnosis {
        workload: workload.id.clone(),
        headline: wording::headline(&findings, &causes, subnets.len()),
        remarks: wording::remarks(workload),
        misleading: wording::misleading(workload, &findings),
        subnets,
        findings,
        causes,
    }
}

fn finding(
    snapshot: &Snapshot,
    engine: &Engine<'_>,
    workload: &Workload,
    ways: &Egresses,
    need: &Need,
) -> Finding {
    let traces: Vec<Trace> = match (need.caller, ways) {
        (Caller::ControlPlane, _) => {
            vec![trace_control_plane(ResourceId::from(&workload.id), &need.destination)]
        }
        (Caller::Application, Egresses::Vpc(sources)) => {
            let tracer = engine.tracer_with_addresses(&need.destination, &need.addresses);
            sources.iter().map(|source| tracer.trace(source)).collect()
        }
        (Caller::Application, Egresses::Public(hop) | Egresses::Unknown(hop)) => {
            vec![trace_outside(snapshot, hop, &need.destination, &need.addresses)]
        }
    };
    let coverage = coverage(&traces);
    let mut explanation = wording::explanation(need, &traces, &coverage);
    if need.caller == Caller::Application && coverage != Coverage::All {
        let whose = match need.destination.kind {
            DestinationKind::Address(address) => traps::whose(snapshot, address),
            _ => None,
        };
        for sentence in whose.into_iter().chain(traps::traps(&need.destination, &snapshot.region)) {
            explanation = format!("{explanation} {sentence}");
        }
    }
    Finding { need: need.clone(), traces, coverage, explanation }
}

/// Adds the subnets' verdicts up. What is stopped for certain anywhere is never hidden by what is unknown elsewhere.
fn coverage(traces: &[Trace]) -> Coverage {
    let subnets_with = |wanted: fn(&Verdict) -> bool| -> Vec<SubnetId> {
        let matching = traces.iter().filter(|trace| wanted(&trace.verdict));
        matching.filter_map(|trace| trace.subnet.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let count = |wanted: fn(&Verdict) -> bool| traces.iter().filter(|trace| wanted(&trace.verdict)).count();
    let reachable = count(|verdict| matches!(verdict, Verdict::Reachable(_)));
    let blocked = count(|verdict| matches!(verdict, Verdict::Blocked));
    let partial = count(|verdict| matches!(verdict, Verdict::Partial { .. }));
    match traces.len() {
        0 => Coverage::Unknown,
        all if reachable == all => Coverage::All,
        all if blocked == all => Coverage::None,
        // What is stopped for certain is never hidden by what is unknown.
        _ if partial + blocked > 0 => Coverage::Some {
            working: subnets_with(|verdict| matches!(verdict, Verdict::Reachable(_))),
            broken: subnets_with(|verdict| matches!(verdict, Verdict::Blocked | Verdict::Partial { .. })),
        },
        _ => Coverage::Unknown,
    }
}
