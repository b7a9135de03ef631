//! The code behind the resources: finds it, plans the edit, shows it, proves it, writes it, takes it back.
//!
//! Text is spliced by the spans of an own scanner and never printed from a tree, so that nothing but the edit changes.
//! Reads a Terraform root; only [`write()`](write::write) and [`undo()`](write::undo) change files, and only what was
//! previewed.

mod answer;
mod changeset;
pub mod diff;
mod edit;
mod find;
mod lang;
mod prove;
mod read;
pub mod write;

pub use answer::{Answer, Answers, Asked, Candidate, MadeBy};
pub use changeset::{ChangeSet, FileChange};
pub use edit::draft::plan_edit;
pub use lang::scan;
pub use prove::check;
pub use read::config::{Call, Surroundings, Workspace, WorkspaceError};
pub use read::file::{Digest, File};

/// Why an edit cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Something the edit needs is not in the tree.
    #[error("not found: {what}")]
    NotFound {
        /// What, and where it was looked for.
        what: String,
    },
    /// A state is there and cannot be read.
    #[error(
        "cannot read {path} as a Terraform state: {why}. Give what `terraform state pull` or `terraform show -json` prints with --state"
    )]
    State {
        /// Which file.
        path: String,
        /// Why.
        why: String,
    },
    /// Several blocks may be what is meant, or one that has too little to show for it.
    #[error(
        "{id} may be made by {}: neither the code nor a state beside it tells. Say it with --made-by {id}=ADDRESS, or --made-by {id}=none where \
         other code makes it",
        candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", or by ")
    )]
    Ambiguous {
        /// The id, or the name, that is asked about.
        id: String,
        /// The blocks, best first.
        candidates: Vec<Candidate>,
    },
    /// Code that is not read may make it.
    #[error(
        "{path}: code in JSON syntax is not read, and may make {id}: where it does not, say so with --made-by {id}=none"
    )]
    InJson {
        /// The file.
        path: String,
        /// What it may make.
        id: String,
    },
    /// The code has it already.
    #[error("{address} is in the code already ({place}): run terraform apply, then look again")]
    AlreadyInCode {
        /// Resource address.
        address: String,
        /// `file:line`
        place: String,
    },
    /// The code has a form that this version does not edit.
    #[error("{place}: {what}")]
    NotUnderstood {
        /// `file:line`
        place: String,
        /// What.
        what: String,
    },
    /// Only a person can make this edit.
    #[error("{place}: {what}. Put this there by hand:\n{snippet}")]
    ByHand {
        /// `file:line`
        place: String,
        /// Why.
        what: String,
        /// What to write.
        snippet: String,
    },
    /// The change belongs into a block that is not in this code.
    #[error("{place}: {id} is not made in this folder: the change belongs where it is{}. Put this there by hand:\n{snippet}",
        if *importable { format!(". Where no code makes it, --made-by {id}=import takes it into this one") } else { String::new() })]
    NotHere {
        /// `file:line` of the service.
        place: String,
        /// What is not made here.
        id: String,
        /// Whether it can be taken into this code.
        importable: bool,
        /// What to write where it is.
        snippet: String,
    },
    /// The edited text failed its own check, so nothing was written.
    #[error("the edit of {file} failed its self-check ({what}); nothing was written. Please report this")]
    SelfCheck {
        /// Which file.
        file: String,
        /// What was wrong.
        what: String,
    },
}

impl EditError {
    /// What is to be said before the edit can be planned; `None` where no answer helps.
    #[must_use]
    pub fn asks(&self) -> Option<Asked> {
        match self {
            Self::Ambiguous { id, candidates } => {
                Some(Asked { id: id.clone(), candidates: candidates.clone(), importable: false })
            }
            Self::NotHere { id, importable: true, .. } => {
                Some(Asked { id: id.clone(), candidates: Vec::new(), importable: true })
            }
            Self::InJson { id, .. } => {
                Some(Asked { id: id.clone(), candidates: Vec::new(), importable: false })
            }
            Self::NotFound { .. }
            | Self::NotHere { importable: false, .. }
            | Self::State { .. }
            | Self::AlreadyInCode { .. }
            | Self::NotUnderstood { .. }
            | Self::ByHand { .. }
            | Self::SelfCheck { .. } => None,
        }
    }
}
