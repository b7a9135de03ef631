//! A workload with its diagnosis and its fixes: the facts that reports print and the screen shows.
//!
//! Runs the stages in their order. It contains no rule of its own.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnose::{
    Cause, Diagnosis, changed_components, diagnose, headline_after, remarks_on_log, remarks_on_references,
    remarks_on_role,
};
use crate::evidence::{Need, Query, needs};
use crate::model::{ComponentHistory, Gap, ResourceId, Snapshot, Workload};
use crate::remedy::{
    AwsCommands, BreakEven, FollowUp, IneffectiveFix, NotApplicable, NothingToDo, PriceBook, Proposal,
    RemedyId, WrittenFiles, aws_commands, compose, ineffective_fixes, manual_step, not_recommended,
    nothing_to_do, propose, second_step, simulate,
};
use crate::terraform::ChangeSet;

/// A workload with the result of every stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// The network state.
    pub snapshot: Arc<Snapshot>,
    /// The workload.
    pub workload: Workload,
    /// Verdicts and causes.
    pub diagnosis: Diagnosis,
    /// The fixes, best first.
    pub proposals: Vec<Proposal>,
    /// Fixes that do not help, with the reason.
    pub ineffective_fixes: Vec<IneffectiveFix>,
    /// For each cause the manual step, unless fixes other than DEFAULT egress make all its destinations reachable.
    needed_steps: Vec<Option<String>>,
}

/// The headline after what a log without a failed connection shows, if no destination is from the log: the user asks about the
/// failure in the log.
fn headline_with_log(headline: String, needs: &[Need], remark: Option<&String>) -> String {
    let is_in_log = |need: &Need| need.evidence.iter().any(|evidence| evidence.symptom().is_some());
    match remark.filter(|_| !needs.iter().any(is_in_log)) {
        Some(remark) => {
            let sentence = remark.split_inclusive(". ").next().unwrap_or(remark).trim_end();
            headline_after(sentence, &headline)
        }
        None => headline,
    }
}

impl Case {
    /// Diagnoses the destinations of the workload and proposes fixes. `query` limits or extends the
    /// destinations.
    #[must_use]
    pub fn open(snapshot: Arc<Snapshot>, workload: Workload, query: &Query) -> Self {
        let needs = needs(&snapshot, &workload, query);
        let mut diagnosis = diagnose(&snapshot, &workload, &needs);
        let log = query.findings();
        let on_log = remarks_on_log(&snapshot, &workload, &log);
        if !log.iter().any(|finding| finding.symptom.may_have_network_cause()) {
            diagnosis.headline = headline_with_log(diagnosis.headline, &needs, on_log.first());
        }
        diagnosis.remarks.extend(on_log);
        if query.infer {
            diagnosis.remarks.extend(remarks_on_role(&workload, &needs));
            diagnosis.remarks.extend(remarks_on_references(&snapshot, &workload));
        }
        let proposals = propose(&snapshot, &workload, &diagnosis, &PriceBook::of(&snapshot));
        let ineffective_fixes = ineffective_fixes(&snapshot, &workload, &diagnosis);
        let needed_steps = needed_steps(&snapshot, &workload, &diagnosis.causes, &proposals);
        Self { snapshot, workload, diagnosis, proposals, ineffective_fixes, needed_steps }
    }

    /// How to test a proposal after it is applied, and how to roll it back. `changes` are its files, if it has any.
    #[must_use]
    pub fn follow_up(&self, proposal: &Proposal, changes: Option<&ChangeSet>) -> FollowUp {
        let files = changes.map(|changes| WrittenFiles {
            undo: changes.undo_command(),
            apply: changes.run.plan_and_apply(&changes.root),
            imported: changes.imports.iter().map(|address| changes.state_removal(address)).collect(),
        });
        FollowUp::of((&self.snapshot, &self.workload), &self.diagnosis, proposal, files.as_ref())
    }

    /// The commands of the AWS CLI for some remedies of a proposal.
    #[must_use]
    pub fn aws_commands(&self, proposal: &Proposal, remedies: &[RemedyId]) -> AwsCommands {
        aws_commands(&self.snapshot, &self.workload, proposal, remedies)
    }

    /// Other possible proposals that fix at least the same destinations. Each has a comparison of the two
    /// costs by traffic; proposals without a known price are omitted.
    #[must_use]
    pub fn alternatives(&self, proposal: &Proposal) -> Vec<(&Proposal, BreakEven)> {
        let fixes_as_much = |other: &&Proposal| {
            other.is_possible()
                && other.remedies != proposal.remedies
                && proposal.fixes.iter().all(|host| other.fixes.contains(host))
        };
        let others = self.proposals.iter().filter(fixes_as_much);
        others.filter_map(|other| Some((other, proposal.estimate.break_even(&other.estimate)?))).collect()
    }

    /// What the user does by hand about a cause.
    #[must_use]
    pub fn manual_step(&self, cause: &Cause) -> String {
        manual_step(&self.snapshot, &self.workload, cause)
    }

    /// The manual step, unless fixes other than DEFAULT egress make all destinations of the cause reachable.
    #[must_use]
    pub fn needed_step(&self, cause: &Cause) -> Option<&str> {
        self.needed_steps.get(cause.number.checked_sub(1)?)?.as_deref()
    }

    /// The manual step beside a cause in a report; `None` if it is not needed, or if the report has it at its end, as the next step
    /// of a diagnosis without a fix.
    #[must_use]
    pub fn shown_step(&self, cause: &Cause) -> Option<&str> {
        self.needed_step(cause).filter(|_| self.nothing_to_do().is_none())
    }

    /// The resources whose changes can have led to these causes, each once.
    #[must_use]
    pub fn changed_components<'c>(&self, causes: impl IntoIterator<Item = &'c Cause>) -> Vec<ResourceId> {
        let mut components: Vec<ResourceId> = Vec::new();
        for id in causes.into_iter().flat_map(|cause| changed_components(&self.snapshot, cause)) {
            if !components.contains(&id) {
                components.push(id);
            }
        }
        components
    }

    /// The last changes of a cause's resources, as far as they were read.
    #[must_use]
    pub fn history_of(&self, cause: &Cause) -> Vec<&ComponentHistory> {
        let components = changed_components(&self.snapshot, cause);
        components.iter().filter_map(|id| self.snapshot.history.get(id)).collect()
    }

    /// The case with the last changes of resources in its snapshot. They change no verdict.
    #[must_use]
    pub fn with_history(&self, history: &[ComponentHistory], gaps: &[Gap]) -> Self {
        Self { snapshot: Arc::new(self.snapshot.with_history(history, gaps)), ..self.clone() }
    }

    /// A copy of the snapshot with the changes of a proposal.
    #[must_use]
    pub fn changed(&self, proposal: &Proposal) -> Snapshot {
        simulate(&self.snapshot, &proposal.changes)
    }

    /// The recommended fix, and the fix for what it leaves.
    #[must_use]
    pub fn recommended_steps(&self) -> Option<(&Proposal, Option<&Proposal>)> {
        let first = self.proposals.iter().find(|proposal| proposal.recommended.is_some())?;
        Some((first, second_step(&self.proposals, first)))
    }

    /// Why no fix is recommended although one is possible, and the first manual step; `None` if one is recommended.
    #[must_use]
    pub fn not_recommended(&self) -> Option<String> {
        let reasons = not_recommended(&self.proposals)?;
        let step = self.needed_steps.iter().flatten().next();
        // The other ways of a manual step are on Trace.
        let first = step.and_then(|step| step.split(". ").next()).map(|step| step.trim_end_matches('.'));
        let by_hand = first.map(|step| format!(" By hand: {step}."));
        Some(format!("{reasons}{}", by_hand.unwrap_or_default()))
    }

    /// The index of the fix to select first: the recommended one, or else the first that breaks nothing.
    #[must_use]
    pub fn first_choice(&self) -> usize {
        let is_recommended = |proposal: &Proposal| proposal.recommended.is_some();
        let is_harmless = |proposal: &Proposal| {
            proposal.may_fix() && proposal.breaks.is_empty() && proposal.may_break().is_none()
        };
        let place = |is: &dyn Fn(&Proposal) -> bool| self.proposals.iter().position(is);
        place(&is_recommended).or_else(|| place(&is_harmless)).unwrap_or(0)
    }

    /// Why no fix can be written; `None` if a possible fix makes a destination reachable.
    #[must_use]
    pub fn nothing_to_do(&self) -> Option<NothingToDo> {
        nothing_to_do(&self.snapshot, &self.workload, &self.diagnosis, &self.proposals)
    }

    /// The proposal of exactly these remedies, if it is already in the list.
    #[must_use]
    pub fn known(&self, remedies: &[RemedyId]) -> Option<&Proposal> {
        self.proposals.iter().find(|proposal| proposal.remedies == remedies)
    }

    /// One proposal of several remedies, simulated together. This may take longer than a frame.
    ///
    /// # Errors
    /// Some of them do not apply to this network.
    pub fn compose(&self, remedies: &[RemedyId]) -> Result<Proposal, NotApplicable> {
        if let Some(known) = self.known(remedies) {
            return Ok(known.clone());
        }
        compose(&self.snapshot, &self.workload, &self.diagnosis, &PriceBook::of(&self.snapshot), remedies)
    }
}

fn needed_steps(
    snapshot: &Snapshot,
    workload: &Workload,
    causes: &[Cause],
    proposals: &[Proposal],
) -> Vec<Option<String>> {
    let is_fix = |proposal: &&Proposal| {
        proposal.is_possible() && !proposal.remedies.contains(&RemedyId::DefaultEgress)
    };
    let fixed: HashSet<&String> =
        proposals.iter().filter(is_fix).flat_map(|proposal| &proposal.fixes).collect();
    let is_fixed = |cause: &Cause| cause.destinations.iter().all(|host| fixed.contains(host));
    let step = |cause| (!is_fixed(cause)).then(|| manual_step(snapshot, workload, cause));
    causes.iter().map(step).collect()
}
