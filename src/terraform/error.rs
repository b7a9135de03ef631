//! Why a Terraform root cannot be read, and why an edit cannot be planned.
//!
//! Holds the errors only; the code that detects a problem decides which error to return.

use std::path::PathBuf;

use crate::terraform::answer::{Asked, Candidate};
use crate::terraform::lang::scan::ScanError;

/// Why a folder cannot be read as a Terraform root.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// It is not there, or may not be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// File or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// No `*.tf` in it.
    #[error("{} holds no .tf file: give the folder that you run terraform in with --terraform", .0.display())]
    Empty(PathBuf),
    /// A file is no HCL.
    #[error("{}: {error}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        error: ScanError,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8 text, so it cannot be edited safely", .0.display())]
    NotText(PathBuf),
}

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
