//! The types of the diagnosis. Contains no logic and no wording.

use super::OtherCause;
use crate::evidence::{Caller, Evidence, Need, Symptom};
use crate::model::{ResourceId, SubnetId, WorkloadId, without_planned_ids};
use crate::reach::{Code, Layer, Trace};

/// The result for one workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The workload.
    pub workload: WorkloadId,
    /// The subnets of the workload, in the order of the matrix; empty for DEFAULT egress.
    pub subnets: Vec<SubnetId>,
    /// One line: how many destinations are blocked, and why.
    pub headline: String,
    /// One finding for each need, in the order of the needs.
    pub findings: Vec<Finding>,
    /// The causes of the blocked destinations, sorted by the number of blocked paths in descending order.
    pub causes: Vec<Cause>,
    /// Limits of the verdicts: the state of the service, log lines without a destination. Whole sentences.
    pub remarks: Vec<String>,
    /// Observations that are *not* the cause. Whole sentences.
    pub misleading: Vec<String>,
}

/// The result for one destination over all subnets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The destination, its caller and the evidence.
    pub need: Need,
    /// One trace for each subnet, in the order of [`Diagnosis::subnets`]. If the path is outside a VPC,
    /// there is exactly one trace, without a subnet.
    pub traces: Vec<Trace>,
    /// The subnets from which it is reachable.
    pub coverage: Coverage,
    /// The explanation of the result, as whole sentences.
    pub explanation: String,
    /// What decides the verdict, as sentences, if the verdict is unknown or a part of it is.
    pub next_step: Option<String>,
    /// Other possible causes if the destination is reachable and the log shows timeouts.
    pub other_causes: Vec<OtherCause>,
}

/// The workload's subnets from which a destination is reachable: all, some or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// Reachable from all subnets.
    All,
    /// Intermittent: blocked from some subnets, or only some addresses of the destination are reachable.
    Some {
        /// Subnets from which all addresses are reachable.
        working: Vec<SubnetId>,
        /// Subnets from which no address is reachable, or only some.
        broken: Vec<SubnetId>,
    },
    /// Blocked from all subnets.
    None,
    /// Unknown: data is missing, or the trace cannot check a component.
    Unknown,
}

/// The verdict on one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum FindingVerdict {
    /// Reachable from every subnet.
    Reachable,
    /// Blocked from every subnet.
    Blocked,
    /// Blocked from some subnets, or for some addresses.
    Intermittent,
    /// Unknown: data is missing, or the trace cannot check a component.
    Unknown,
}

impl FindingVerdict {
    /// The value in JSON and on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.into()
    }
}

impl Finding {
    /// The failure that the log shows of this destination; `None` if it shows none, or only responses.
    #[must_use]
    pub fn failure_in_log(&self) -> Option<Symptom> {
        self.need.evidence.iter().filter_map(Evidence::symptom).find(|symptom| *symptom != Symptom::Answered)
    }

    /// The verdict over all subnets.
    #[must_use]
    pub fn verdict(&self) -> FindingVerdict {
        match self.coverage {
            Coverage::All => FindingVerdict::Reachable,
            Coverage::None => FindingVerdict::Blocked,
            Coverage::Some { .. } => FindingVerdict::Intermittent,
            Coverage::Unknown => FindingVerdict::Unknown,
        }
    }
}

/// A component that blocks traffic, with all destinations and subnets that it blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// Its number in reports and on the screen, from 1.
    pub number: usize,
    /// The layer that blocks.
    pub layer: Layer,
    /// The reason why it blocks.
    pub code: Code,
    /// The AWS resource that is wrong: for a blackhole route, its target.
    pub component: ResourceId,
    /// The resources that block: the component, or the route tables whose routes go to it.
    pub blockers: Vec<ResourceId>,
    /// Hosts that it blocks.
    pub destinations: Vec<String>,
    /// Subnets whose traffic it blocks.
    pub subnets: Vec<SubnetId>,
    /// Which destinations it blocks from which subnets.
    pub paths: Vec<BlockedPaths>,
    /// The blocker, what it blocks, and the symptom that the client observes, as whole sentences.
    pub explanation: String,
    /// The same for a report that also lists the blocked paths.
    pub without_paths: String,
}

/// Destinations that one cause blocks from the same subnets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockedPaths {
    /// The destinations, with the port unless it is 443.
    pub destinations: Vec<String>,
    /// The subnets; empty for a path outside the VPC.
    pub subnets: Vec<SubnetId>,
}

impl Diagnosis {
    /// Resources of a simulated fix have no id that AWS knows: the texts name them.
    pub(super) fn name_planned_resources(&mut self) {
        let findings = self.findings.iter_mut();
        let rules = findings.flat_map(|finding| &mut finding.traces).flat_map(|trace| &mut trace.hops);
        for hop in rules {
            if let Some(text) = without_planned_ids(&hop.rule) {
                hop.rule = text.into();
            }
        }
        for cause in self.findings.iter_mut().flat_map(|finding| &mut finding.other_causes) {
            cause.commands.retain(|command| without_planned_ids(command).is_none());
        }
        let findings = self.findings.iter_mut();
        let of_findings = findings.flat_map(|finding| {
            let causes = finding.other_causes.iter_mut().map(|cause| &mut cause.text);
            [&mut finding.explanation].into_iter().chain(&mut finding.next_step).chain(causes)
        });
        let of_causes =
            self.causes.iter_mut().flat_map(|cause| [&mut cause.explanation, &mut cause.without_paths]);
        let own = [&mut self.headline].into_iter().chain(&mut self.remarks).chain(&mut self.misleading);
        for text in own.chain(of_findings).chain(of_causes) {
            if let Some(named) = without_planned_ids(text) {
                *text = named;
            }
        }
    }

    /// The number of destinations with this verdict.
    #[must_use]
    pub fn count(&self, verdict: FindingVerdict) -> usize {
        self.findings.iter().filter(|finding| finding.verdict() == verdict).count()
    }

    /// Whether a destination of the application is reachable.
    #[must_use]
    pub fn has_reachable_call(&self) -> bool {
        let own = self.findings.iter().filter(|finding| finding.need.caller == Caller::Application);
        own.map(Finding::verdict).any(|verdict| verdict == FindingVerdict::Reachable)
    }

    /// The verdict of the first finding with a name ([`Need::name`]); `None` without such a finding.
    #[must_use]
    pub fn verdict_of(&self, name: &str) -> Option<FindingVerdict> {
        let finding = self.findings.iter().find(|finding| finding.need.name() == name);
        finding.map(Finding::verdict)
    }
}
