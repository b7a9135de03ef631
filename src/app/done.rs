//! The fifth step: the written files, and the result in the network.

use std::sync::Arc;

use crate::diagnose::Diagnosis;
use crate::remedy::Proposal;
use crate::terraform::ChangeSet;
use crate::terraform::write::Receipt;

/// A written fix.
#[derive(Debug)]
pub struct Done {
    /// The fix.
    pub proposal: Proposal,
    /// The written changes.
    pub changes: ChangeSet,
    /// The written files and the backup.
    pub receipt: Receipt,
    /// Whether the write was undone.
    pub undone: bool,
    /// The diagnosis before the fix.
    pub before: Arc<Diagnosis>,
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
    /// The commands that the user types next, one per line.
    #[must_use]
    pub fn commands(&self) -> String {
        let root = self.changes.root.display();
        format!("terraform -chdir={root} plan\nterraform -chdir={root} apply\n")
    }
}
