//! Traces every need from every subnet of the workload and combines the verdicts.

use std::collections::BTreeSet;

use super::context::Context;
use super::log_wording::{main_symptom, meaning_if_reachable};
use super::other_causes::{other_causes, warning_about_smtp};
use super::{
    Coverage, Diagnosis, Finding, answers, causes, caveats, endpoint_policy, groups, headline, next_step,
    remarks, wording,
};
use crate::evidence::{Caller, Need, Symptom, proxy_for};
use crate::model::{Destination, DestinationKind, ResourceId, Snapshot, SubnetId, Workload};
use crate::reach::{
    Egresses, Engine, Hop, SeenAddresses, Trace, Verdict, egresses, trace_by_proxy, trace_control_plane,
    trace_outside,
};

/// Traces every need from every subnet of the workload and explains the failures.
#[must_use]
pub fn diagnose(snapshot: &Snapshot, workload: &Workload, needs: &[Need]) -> Diagnosis {
    let sources = egresses(snapshot, workload);
    let engine = Engine::new(snapshot);
    let subnets: Vec<SubnetId> = match &sources {
        Egresses::Vpc(sources) => sources.iter().map(|source| source.subnet.clone()).collect(),
        Egresses::Public(_) | Egresses::Unknown(_) => Vec::new(),
    };
    let context = Context { snapshot, workload, subnets: &subnets };
    let findings: Vec<Finding> =
        needs.iter().map(|need| finding(&context, &engine, &sources, need)).collect();
    let groups = groups::groups(&context, &findings);
    let (headline, causes) =
        (headline::headline(&context, &findings, &groups), causes::causes(&context, &groups));
    let mut diagnosis = Diagnosis {
        workload: workload.id.clone(),
        headline,
        remarks: remarks::remarks(workload)
            .into_iter()
            .chain(remarks::remark_on_proxy(workload, &findings))
            .chain(remarks::remark_on_resolver(snapshot, &subnets, &findings))
            .collect(),
        misleading: remarks::not_the_cause(workload, &findings),
        subnets,
        findings,
        causes,
    };
    if snapshot.has_planned_resources() {
        diagnosis.name_planned_resources();
    }
    diagnosis
}

/// The addresses that the host of a need had in a log and on this machine.
#[must_use]
pub fn seen(need: &Need) -> SeenAddresses<'_> {
    let here = need.resolved.as_ref().map_or(&[][..], |answer| answer.addresses.as_slice());
    SeenAddresses { in_log: &need.addresses, here }
}

/// The proxy to which the settings send the calls to a destination. A failure of the direct connection in the log shows that the client
/// does not use it.
fn proxy_of<'a>(workload: &'a Workload, need: &Need) -> Option<(Destination, &'a str)> {
    let is_in_log = need.evidence.iter().any(|evidence| evidence.symptom().is_some());
    proxy_for(workload, &need.destination).filter(|_| !is_in_log)
}

fn finding(context: &Context<'_>, engine: &Engine<'_>, sources: &Egresses, need: &Need) -> Finding {
    let Context { snapshot, workload, .. } = *context;
    let traces: Vec<Trace> = match (need.caller, sources) {
        (Caller::ControlPlane, _) => {
            vec![trace_control_plane(ResourceId::from(&workload.id), &need.destination)]
        }
        (Caller::Application, sources) if let Some((proxy, variable)) = proxy_of(workload, need) => {
            let by_proxy =
                |subnet, hop: &Hop| trace_by_proxy(subnet, hop, &need.destination, (&proxy, variable));
            match sources {
                Egresses::Vpc(sources) => sources
                    .iter()
                    .map(|source| by_proxy(Some(source.subnet.clone()), &source.egress))
                    .collect(),
                Egresses::Public(hop) | Egresses::Unknown(hop) => vec![by_proxy(None, hop)],
            }
        }
        (Caller::Application, Egresses::Vpc(sources)) => {
            let tracer = engine.tracer_with_addresses(&need.destination, seen(need));
            sources.iter().map(|source| tracer.trace(source)).collect()
        }
        (Caller::Application, Egresses::Public(hop) | Egresses::Unknown(hop)) => {
            vec![trace_outside(snapshot, hop, &need.destination, &need.addresses)]
        }
    };
    let symptom = main_symptom(need);
    let helps = symptom.map_or(String::new(), |symptom| {
        meaning_if_reachable(symptom, &need.destination, snapshot, workload)
    });
    let mut coverage = coverage(&traces);
    // An answer in the log takes precedence over the model.
    let answer = answers::contradicting_answer(need).filter(|_| coverage == Coverage::None);
    let next_step;
    let reply = answers::contradicting_answer(need).or_else(|| answers::reply(need));
    let reply = reply.filter(|_| coverage == Coverage::Unknown && need.caller == Caller::Application);
    let mut explanation = if let Some(reply) = reply {
        let open = next_step::open_question(snapshot, &need.name(), &coverage, &traces);
        let (sentences, step) = open.unzip();
        let helps = answers::after_reply(reply.1, need, snapshot, workload);
        next_step = if helps.is_empty() { step } else { Some(helps.clone()) };
        answers::answered_but_unknown(need, reply, &helps, &sentences.unwrap_or_default())
    } else if let Some(answer) = answer {
        coverage = Coverage::Unknown;
        next_step = Some(answers::NEXT_STEP.to_owned());
        let helps = answers::after_reply(answer.1, need, snapshot, workload);
        answers::disagreement(need, answer, &wording::reasons(context, &traces), &helps)
    } else {
        let open = next_step::open_question(snapshot, &need.name(), &coverage, &traces);
        let (sentences, step) = open.unzip();
        next_step = step;
        wording::explanation(context, need, &traces, &coverage, &helps, &sentences.unwrap_or_default())
    };
    if need.caller == Caller::Application
        && let Some(warning) = answers::execute_api_endpoint(need, snapshot, workload, symptom)
    {
        explanation = if symptom == Some(Symptom::AccessDenied) {
            format!("{warning} {explanation}")
        } else {
            format!("{explanation} {warning}")
        };
    }
    if need.caller == Caller::Application
        && let Some(warning) = endpoint_policy::warning(snapshot, &traces, symptom)
    {
        explanation = format!("{explanation} {warning}");
    }
    if need.caller == Caller::Application && coverage != Coverage::All {
        let owner = match need.destination.kind {
            DestinationKind::Address(address) => caveats::address_owner(snapshot, address, context.subnets),
            _ => None,
        };
        let caveats = caveats::caveats(&need.destination, snapshot, context.subnets);
        for sentence in owner.into_iter().chain(caveats) {
            explanation = format!("{explanation} {sentence}");
        }
    }
    if need.caller == Caller::Application
        && coverage == Coverage::All
        && let Some(warning) = after_failover(engine, sources, need)
    {
        explanation = format!("{explanation} {warning}");
    }
    if need.caller == Caller::Application
        && let Some((assumption, step)) = next_step::assumption(snapshot, need, &traces)
    {
        explanation = format!("{explanation} {assumption} {step}");
    }
    // With a timeout in the log, it is one of the other causes.
    if need.caller == Caller::Application
        && symptom.is_none()
        && let Some(warning) = warning_about_smtp(need, &traces)
    {
        explanation = format!("{explanation} {warning}");
    }
    let other_causes = other_causes(need, &traces, symptom, snapshot, workload);
    Finding { need: need.clone(), traces, coverage, explanation, next_step, other_causes }
}

/// The warning about a database that is not reachable after a failover to its standby instance.
fn after_failover(engine: &Engine<'_>, sources: &Egresses, need: &Need) -> Option<String> {
    let Egresses::Vpc(sources) = sources else { return None };
    let blocked = sources
        .iter()
        .find_map(|source| Some((&source.subnet, engine.blocked_after_failover(source, &need.destination)?)));
    let (subnet, (zone, rule)) = blocked?;
    let name = need.name();
    Some(format!(
        "Warning: after a failover of the database to {zone}, {name} is blocked from {subnet}: {rule}."
    ))
}

/// Combines the verdicts of the subnets. If one subnet is blocked and another is unknown, the result is
/// `Some`, not `Unknown`.
fn coverage(traces: &[Trace]) -> Coverage {
    let subnets_with = |matches: fn(&Verdict) -> bool| -> Vec<SubnetId> {
        let matching = traces.iter().filter(|trace| matches(&trace.verdict));
        matching.filter_map(|trace| trace.subnet.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    let count = |matches: fn(&Verdict) -> bool| traces.iter().filter(|trace| matches(&trace.verdict)).count();
    let reachable = count(|verdict| matches!(verdict, Verdict::Reachable(_)));
    let blocked = count(|verdict| matches!(verdict, Verdict::Blocked));
    let partial = count(|verdict| matches!(verdict, Verdict::Partial { .. }));
    match traces.len() {
        0 => Coverage::Unknown,
        total if reachable == total => Coverage::All,
        total if blocked == total => Coverage::None,
        _ if partial + blocked > 0 => Coverage::Some {
            working: subnets_with(|verdict| matches!(verdict, Verdict::Reachable(_))),
            broken: subnets_with(|verdict| matches!(verdict, Verdict::Blocked | Verdict::Partial { .. })),
        },
        _ => Coverage::Unknown,
    }
}
