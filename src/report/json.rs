//! JSON output for scripts: `egress-doctor/diagnosis/v1` and `egress-doctor/fix/v1`.
//!
//! The keys never change, because scripts depend on them. Amounts of money are decimal text, never a float.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::by_hand::by_hand_json;
use super::labels::{self, NotFixed};
use crate::case::Case;
use crate::diagnose::{Cause, Diagnosis, Finding, next_step, public_sources};
use crate::model::{Call, DestinationKind, Egress, Gap, Snapshot, Workload};
use crate::reach::{Outcome, Trace, Verdict};
use crate::remedy::{Action, BreakEven, Estimate, NothingToDo, Proposal};
use crate::terraform::Verification;
use crate::terraform::{ChangeSet, diff};
use crate::text::escape_json;

/// JSON as text, indented. Unsafe characters are escape sequences, so that the text can be printed.
#[must_use]
pub fn json_text(value: &Value) -> String {
    escape_json(&format!("{value:#}\n"))
}

/// The diagnosis with the proposals and gaps.
#[must_use]
pub fn diagnosis(case: &Case) -> Value {
    let snapshot = &case.snapshot;
    json!({
        "schema": "egress-doctor/diagnosis/v1",
        "taken_at": snapshot.taken_at,
        "account": snapshot.account,
        "region": snapshot.region,
        "workload": workload(snapshot, &case.workload, &case.diagnosis),
        "headline": case.diagnosis.headline,
        "destinations": case.diagnosis.findings.iter().map(|finding| destination(snapshot, finding)).collect::<Vec<_>>(),
        "causes": case.diagnosis.causes.iter()
            .map(|item| cause(case, item)).collect::<Vec<_>>(),
        "public_addresses": public_sources(snapshot, &case.diagnosis).into_iter().map(|source| json!({
            "component": source.component, "addresses": source.addresses, "destinations": source.destinations,
        })).collect::<Vec<_>>(),
        "remarks": case.diagnosis.remarks,
        "misleading": case.diagnosis.misleading,
        "proposals": case.proposals.iter().map(|item| proposal(case, item)).collect::<Vec<_>>(),
        "nothing_to_do": case.nothing_to_do().as_ref().map(nothing_to_do),
        "futile": case.ineffective_fixes.iter().map(|item| json!({ "idea": item.idea, "reason": item.reason })).collect::<Vec<_>>(),
        "gaps": snapshot.shown_gaps().map(|item| gap(&item)).collect::<Vec<_>>(),
    })
}

/// A gap; with its account and Region if several were read.
fn gap(gap: &Gap) -> Value {
    let mut value = json!({
        "call": gap.call, "iam_action": gap.call.iam_action(), "kind": gap.kind, "message": gap.message,
    });
    if let (Some(place), Some(fields)) = (&gap.place, value.as_object_mut()) {
        fields.insert("account".to_owned(), json!(place.account));
        fields.insert("region".to_owned(), json!(place.region));
    }
    value
}

/// `fix` without a change set: the reason and the next steps.
#[must_use]
pub fn no_fix(nothing: &NothingToDo) -> Value {
    json!({
        "schema": "egress-doctor/fix/v1", "proposal": null, "files": [], "patch": "", "written": false,
        "nothing_to_do": nothing_to_do(nothing),
    })
}

fn nothing_to_do(nothing: &NothingToDo) -> Value {
    json!({ "reason": nothing.reason.word(), "message": nothing.message, "next_steps": nothing.next_steps })
}

/// A planned edit. `checks` are the results of the Terraform checks, if any was requested; `written` tells whether the files were
/// written.
#[must_use]
pub fn fix(
    case: &Case,
    chosen: &Proposal,
    changes: &ChangeSet,
    checks: Option<&Verification>,
    written: bool,
) -> Value {
    let plan = case.follow_up(chosen, Some(changes));
    let actions = |list: &[Action]| -> Vec<Value> {
        list.iter().map(|action| json!({ "what": action.what, "command": action.command })).collect()
    };
    json!({
        "schema": "egress-doctor/fix/v1",
        "proposal": proposal(case, chosen),
        "files": changes.files.iter().map(|file| json!({
            "path": file.path, "new": file.before.is_none(),
        })).collect::<Vec<_>>(),
        "adds": changes.adds,
        "changes": changes.changes,
        "destroys": changes.destroys,
        "imports": changes.imports,
        "notes": changes.notes,
        "by_hand": by_hand_json(case, chosen, &changes.by_hand),
        "patch": diff::patch(changes),
        "checks": checks.into_iter().flat_map(|run| &run.checks).map(|check| json!({
            "name": check.name, "outcome": check.outcome.word(), "why": check.outcome.why(), "notes": check.notes,
        })).collect::<Vec<_>>(),
        "warnings": checks.map(|run| &run.warnings),
        "written": written,
        "nothing_to_do": null,
        "follow_up": { "test": actions(&plan.test), "watch": plan.watch, "roll_back": actions(&plan.roll_back) },
    })
}

fn workload(snapshot: &Snapshot, workload: &Workload, diagnosis: &Diagnosis) -> Value {
    let (egress, connector, groups) = match &workload.egress {
        Egress::Default => ("DEFAULT", None, None),
        Egress::Vpc(arn) => {
            let connector = snapshot.network.connectors.get(arn);
            ("VPC", Some(arn), connector.map(|connector| connector.security_groups.clone()))
        }
        Egress::Direct { security_groups, .. } => ("VPC", None, Some(security_groups.clone())),
        Egress::Unknown(_) => ("UNKNOWN", None, None),
    };
    let vpc =
        diagnosis.subnets.iter().find_map(|id| snapshot.network.subnets.get(id)).map(|subnet| &subnet.vpc);
    json!({
        "name": workload.name, "arn": workload.id, "status": workload.status, "egress": egress, "connector": connector,
        "vpc": vpc, "subnets": diagnosis.subnets, "security_groups": groups.unwrap_or_default(),
    })
}

fn destination(snapshot: &Snapshot, finding: &Finding) -> Value {
    let destination = &finding.need.destination;
    let aws = destination.aws();
    let name = match &destination.kind {
        DestinationKind::ThirdParty { name } => name.clone(),
        _ => None,
    };
    json!({
        "host": destination.host, "port": destination.port, "kind": destination.kind.word(),
        "service": aws.and_then(|aws| aws.service.clone()), "region": aws.and_then(|aws| aws.region.clone()),
        "name": name,
        "caller": finding.need.caller.word(),
        "evidence": finding.need.evidence.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "verdict": finding.verdict().word(),
        "subnets": finding.traces.iter().map(|item| trace(snapshot, item)).collect::<Vec<_>>(),
        "explanation": explanation(finding),
        "next_step": finding.next_step,
    })
}

/// The explanation, with the list of other possible causes if there is one.
fn explanation(finding: &Finding) -> String {
    let mut text = finding.explanation.clone();
    for (index, cause) in finding.other_causes.iter().enumerate() {
        let label = if index == 0 { format!(" {}:", labels::OTHER_CAUSES) } else { String::new() };
        let _ = write!(text, "{label} ({}) {}", index + 1, cause.text);
        for command in &cause.commands {
            let _ = write!(text, " `{command}`");
        }
    }
    text
}

fn trace(snapshot: &Snapshot, trace: &Trace) -> Value {
    let zone =
        trace.subnet.as_ref().and_then(|id| snapshot.network.subnets.get(id)).map(|subnet| &subnet.zone);
    let via = match &trace.verdict {
        Verdict::Reachable(via) => Some(json!({ "kind": via.kind.word(), "id": via.id })),
        Verdict::Partial { .. } | Verdict::Blocked | Verdict::Unknown => None,
    };
    json!({
        "subnet": trace.subnet, "az": zone, "verdict": trace.verdict.word(), "via": via,
        "blockers": trace.blockers().map(|(hop, code)| json!({
            "layer": hop.layer.word(), "code": code.word(), "component": hop.component, "rule": hop.rule,
        })).collect::<Vec<_>>(),
        "unknowns": trace.unknowns().map(|(hop, deciding)| json!({
            "layer": hop.layer.word(), "reason": hop.rule,
            "missing_action": deciding.missing_call().and_then(Call::iam_action),
            "next_step": next_step(snapshot, trace, hop),
        })).collect::<Vec<_>>(),
        "hops": trace.hops.iter().map(|hop| json!({
            "layer": hop.layer.word(), "component": hop.component, "rule": hop.rule,
            "outcome": match hop.outcome {
                Outcome::Pass => "pass",
                Outcome::Block(_) => "block",
                Outcome::Unknown(_) => "unknown",
            },
        })).collect::<Vec<_>>(),
    })
}

fn cause(case: &Case, item: &Cause) -> Value {
    json!({
        "number": item.number, "layer": item.layer.word(), "code": item.code.word(), "component": item.component,
        "components": item.blockers,
        "destinations": item.destinations, "subnets": item.subnets, "explanation": item.explanation,
        "manual_step": case.manual_step(item),
        "history": case.history_of(item),
        "paths": item.paths.iter().map(|group| json!({
            "destinations": group.destinations, "subnets": group.subnets,
        })).collect::<Vec<_>>(),
    })
}

fn proposal(case: &Case, proposal: &Proposal) -> Value {
    let unknown = labels::still(proposal).filter(NotFixed::is_unknown);
    let unknown_after: Vec<&str> = unknown.map(|one| one.host).collect();
    json!({
        "alternatives": case.alternatives(proposal).into_iter().map(alternative).collect::<Vec<_>>(),
        "id": proposal.id(), "title": proposal.title,
        "changes": proposal.changes,
        "cures": proposal.fixes, "leaves": proposal.still_blocked, "breaks": proposal.breaks,
        "leaves_because": proposal.still_blocked_because,
        "leaves_unknown": unknown_after, "why_together": proposal.why_combined,
        "savings": proposal.savings.iter().map(|saving| json!({
            "what": saving.what, "per_month_usd": saving.per_month.map(|sum| sum.to_string()),
        })).collect::<Vec<_>>(),
        "side_effects": proposal.side_effects,
        "preconditions": proposal.preconditions.iter().map(|condition| json!({
            "text": condition.text, "met": condition.status.word(),
        })).collect::<Vec<_>>(),
        "estimate": estimate(&proposal.estimate),
        "takes_effect": proposal.takes_effect, "reversal": proposal.rollback,
        "recommended": proposal.recommended.is_some(), "reason": proposal.recommended,
    })
}

/// Another proposal that fixes at least the same destinations, and the traffic (GB per month) up to which
/// one costs less.
fn alternative((other, break_even): (&Proposal, BreakEven)) -> Value {
    let (cheaper, up_to) = match break_even {
        BreakEven::Same => ("same", None),
        BreakEven::First => ("this", None),
        BreakEven::Second => ("other", None),
        BreakEven::FirstUpTo(gb) => ("this", Some(gb)),
        BreakEven::SecondUpTo(gb) => ("other", Some(gb)),
    };
    json!({ "id": other.id(), "cheaper": cheaper, "up_to_gb": up_to.map(|gb| gb.to_string()) })
}

fn estimate(estimate: &Estimate) -> Value {
    let text = |amount: Option<rust_decimal::Decimal>| amount.map(|amount| amount.to_string());
    json!({
        "fixed_per_month_usd": text(estimate.fixed_per_month), "per_gb_usd": text(estimate.per_gb()),
        "items": estimate.items.iter().map(|item| json!({
            "what": item.what, "quantity": item.quantity.to_string(), "unit": item.unit,
            "unit_price_usd": text(item.unit_price), "per_month_usd": text(item.per_month),
        })).collect::<Vec<_>>(),
        "ways": estimate.traffic_paths.iter().map(|path| json!({
            "what": path.what,
            "tiers": path.tiers.iter().map(|tier| json!({
                "from_gb": tier.from_gb.to_string(), "usd_per_gb": text(tier.usd),
            })).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "apart": estimate.not_included, "as_of": estimate.as_of, "source": estimate.source,
    })
}
