//! The fifth step: the written files, and the result in the network.
//!
//! A written fix has its own case: its undo is available until something else is written, also after the user opens another service.

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Instant;

use super::Scroll;
use crate::case::Case;
use crate::diagnose::{Diagnosis, Finding, FindingVerdict};
use crate::evidence::Caller;
use crate::model::Destination;
use crate::path_map::PathMap;
use crate::remedy::{AwsCommands, FollowUp, Proposal, RemedyId};
use crate::terraform::write::Receipt;
use crate::terraform::{ByHandPart, ChangeSet};

/// A written fix.
#[derive(Clone, Debug)]
pub struct Done {
    /// The service, and its diagnosis before the fix.
    pub case: Arc<Case>,
    /// The fix.
    pub proposal: Proposal,
    /// What was written; `None` if the user makes the whole fix by hand.
    pub written: Option<Written>,
    /// The parts of the fix that the user makes by hand.
    pub by_hand: Vec<ByHandPart>,
    /// Whether the write was undone, or the simulated change by hand.
    pub undone: bool,
    /// The diagnosis after the fix, once the user refreshes.
    pub after: Option<After>,
    /// The path maps before and after the fix, from their first use.
    pub(super) maps: OnceCell<[PathMap; 2]>,
    /// When AWS is read again by itself; `None` unless the user asked for it.
    pub watch: Option<Instant>,
    /// The first line shown.
    pub scroll: Scroll,
}

/// The written part of a fix.
#[derive(Clone, Debug)]
pub struct Written {
    /// The changes.
    pub changes: ChangeSet,
    /// The files and the backup.
    pub receipt: Receipt,
}

/// The network after the fix.
#[derive(Clone, Debug)]
pub enum After {
    /// AWS is being read, or the service is being diagnosed.
    Running,
    /// The diagnosis of the network that AWS returned.
    Read(Arc<Diagnosis>),
    /// The diagnosis of a changed copy of the snapshot, if the snapshot is not from live AWS.
    Simulated(Arc<Diagnosis>),
}

impl Done {
    /// The diagnosis before the fix.
    #[must_use]
    pub fn before(&self) -> &Diagnosis {
        &self.case.diagnosis
    }

    /// Sets the network after the fix.
    pub(super) fn set_after(&mut self, after: Option<After>) {
        self.after = after;
        self.maps.take();
    }

    /// The paths before the fix and after it: as they were read, or else as they are simulated.
    #[must_use]
    pub fn maps(&self) -> &[PathMap; 2] {
        let after = match &self.after {
            Some(After::Read(after)) => after,
            _ => &self.proposal.after,
        };
        let map = |diagnosis| PathMap::new(&self.case.snapshot, &self.case.workload, diagnosis);
        self.maps.get_or_init(|| [map(self.before()), map(after)])
    }

    /// The application's destinations that the fix does not make reachable, as far as the result is known.
    fn rest(&self) -> impl Iterator<Item = &Finding> {
        let after = match &self.after {
            Some(After::Read(after) | After::Simulated(after)) if !self.undone => after.findings.as_slice(),
            _ => &[],
        };
        after.iter().filter(|finding| {
            finding.need.caller == Caller::Application && finding.verdict() != FindingVerdict::Reachable
        })
    }

    /// The names of these destinations, with their verdict if they are not blocked.
    #[must_use]
    pub fn not_fixed(&self) -> Vec<String> {
        let name = |finding: &Finding| {
            let name = finding.need.short_name(&self.case.snapshot.region);
            match finding.verdict() {
                FindingVerdict::Blocked => name,
                verdict => format!("{name} ({})", verdict.word()),
            }
        };
        self.rest().map(name).collect()
    }

    /// The number of these destinations.
    pub(super) fn remaining(&self) -> usize {
        self.rest().count()
    }

    /// The number of those whose verdict is known, so that another fix is the next step.
    pub(super) fn to_fix(&self) -> usize {
        self.rest().filter(|finding| finding.verdict() != FindingVerdict::Unknown).count()
    }

    /// Whether the verdict of each of these destinations is unknown, so that no fix is the next step.
    #[must_use]
    pub fn rest_is_unknown(&self) -> bool {
        self.remaining() > 0 && self.to_fix() == 0
    }

    /// Whether AWS showed that all destinations are reachable.
    pub(super) fn is_complete(&self) -> bool {
        matches!(self.after, Some(After::Read(_))) && self.remaining() == 0
    }

    /// The destinations that the fix makes reachable.
    pub(super) fn fixed(&self) -> Vec<Destination> {
        let is_fixed = |finding: &&Finding| self.proposal.fixes.contains(&finding.need.name());
        let fixed = self.before().findings.iter().filter(is_fixed);
        fixed.map(|finding| finding.need.destination.clone()).collect()
    }

    /// Whether an undo restores something: files, or the network before a simulated change.
    pub(super) fn is_undoable(&self) -> bool {
        !self.undone && (self.written.is_some() || matches!(self.after, Some(After::Simulated(_))))
    }

    /// The commands that the user types next, quoted for the shell; none without a written file.
    #[must_use]
    pub fn next_commands(&self) -> Vec<String> {
        let Some(written) = &self.written else { return Vec::new() };
        written.changes.run.commands(&written.changes.root).to_vec()
    }

    /// The commands of the AWS CLI for the parts by hand: those before `terraform apply`, or those after it.
    #[must_use]
    pub fn commands_by_hand(&self, is_first: bool) -> AwsCommands {
        let parts = self.by_hand.iter().filter(|part| part.is_first == is_first && part.is_elsewhere);
        let remedies: Vec<RemedyId> = parts.flat_map(|part| part.remedies.clone()).collect();
        self.case.aws_commands(&self.proposal, &remedies)
    }

    /// How to test the fix after it is applied.
    #[must_use]
    pub fn follow_up(&self) -> FollowUp {
        self.case.follow_up(&self.proposal, self.written.as_ref().map(|written| &written.changes))
    }

    /// All commands in the order of their numbers on the screen: the next commands with those by hand, then the tests.
    pub(super) fn commands(&self) -> Vec<String> {
        if self.undone {
            return Vec::new();
        }
        let tests = self.follow_up().test.into_iter().filter_map(|step| step.command);
        let [first, after] = [true, false].map(|is_first| self.commands_by_hand(is_first).apply);
        [first, self.next_commands(), after].into_iter().flatten().chain(tests).collect()
    }

    /// Whether `terraform apply` must still run, as far as the application knows.
    pub(super) fn is_unapplied(&self) -> bool {
        !self.undone && !matches!(self.after, Some(After::Read(_)))
    }
}
