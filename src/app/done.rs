//! The fifth step: the written files, and the result in the network.
//!
//! A written fix has its own case: its undo is available until something else is written, also after the user opens another service.

use std::sync::Arc;

use crate::case::Case;
use crate::diagnose::Diagnosis;
use crate::remedy::Proposal;
use crate::terraform::ChangeSet;
use crate::terraform::write::Receipt;

/// A written fix.
#[derive(Debug)]
pub struct Done {
    /// The service, and its diagnosis before the fix.
    pub case: Arc<Case>,
    /// The fix.
    pub proposal: Proposal,
    /// The written changes.
    pub changes: ChangeSet,
    /// The written files and the backup.
    pub receipt: Receipt,
    /// Whether the write was undone.
    pub undone: bool,
    /// The diagnosis after the fix, once the user refreshes.
    pub after: Option<After>,
    /// The first line shown.
    pub scroll: usize,
}

/// The network after the fix.
#[derive(Debug)]
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

    /// The commands that the user types next, one per line.
    #[must_use]
    pub fn commands(&self) -> String {
        let root = self.changes.root.display();
        format!("terraform -chdir={root} plan\nterraform -chdir={root} apply\n")
    }

    /// Whether `terraform apply` must still run, as far as the application knows.
    pub(super) fn is_unapplied(&self) -> bool {
        !self.undone && !matches!(self.after, Some(After::Read(_)))
    }
}
