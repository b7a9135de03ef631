//! The planned changes to files. `edit` creates them; `prove`, `diff` and `write` use them.

use std::path::{Path, PathBuf};

use crate::remedy::{Estimate, Proposal, RemedyId};
use crate::terraform::error::EditError;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::file::Digest;
use crate::terraform::read::file::joined;
use crate::terraform::read::tool::Runner;
use crate::text::shell_quote_path;

/// The files of one edit. All of them are written, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    /// Canonical path of the Terraform root.
    pub root: PathBuf,
    /// Terraform's data directory, where `terraform init` installs modules and providers.
    pub data: PathBuf,
    /// How the user plans and applies it.
    pub run: Runner,
    /// The top directory of the repository that contains the root.
    pub repository: Option<PathBuf>,
    /// Changed and new files, by path.
    pub files: Vec<FileChange>,
    /// Every file that the plan depends on, with the digest of the content that was read.
    pub read: Vec<(PathBuf, Digest)>,
    /// Addresses of resources that `terraform apply` will add.
    pub adds: Vec<ResourceAddress>,
    /// The number of instances of these blocks beyond one of each, as far as the code shows it.
    pub more_instances: usize,
    /// Addresses of resources that it will change in place.
    pub changes: Vec<ResourceAddress>,
    /// Addresses of resources that it will destroy.
    pub destroys: Vec<ResourceAddress>,
    /// Addresses of resources that it will import first.
    pub imports: Vec<ResourceAddress>,
    /// Notes for the user, in whole sentences.
    pub notes: Vec<String>,
    /// The parts of the fix that the files do not contain: the user makes them by hand.
    pub by_hand: Vec<ByHandPart>,
    /// What differs from the fix as it was proposed.
    pub effect: EditEffect,
}

/// The price and the rollback of an edit where they are not those of the proposed fix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EditEffect {
    /// The price, for the number of NAT gateways that the edit makes.
    pub estimate: Option<Estimate>,
    /// What an apply does after an undo.
    pub rollback: Option<String>,
}

impl ChangeSet {
    /// The address of an imported resource, with the command that removes it from the Terraform state.
    #[must_use]
    pub fn state_removal(&self, imported: &ResourceAddress) -> (String, String) {
        let address = imported.to_string();
        let command = self.run.remove_from_state(&self.root, &address);
        (address, command)
    }

    /// The command that restores the files after they were written.
    #[must_use]
    pub fn undo_command(&self) -> String {
        format!("egress-doctor undo --terraform {}", shell_quote_path(&self.root))
    }
}

/// The result of planning a fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlannedFix {
    /// The files of the fix, or of a part of it.
    Files(Box<ChangeSet>),
    /// Nothing of it can be written in this folder.
    ByHand(Vec<ByHandPart>),
}

/// A part of a fix that cannot be written in this folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ByHandPart {
    /// The remedies of the part.
    pub remedies: Vec<RemedyId>,
    /// Its title.
    pub title: String,
    /// Why it cannot be written.
    pub reason: String,
    /// The code to write elsewhere; `None` if it has none.
    pub code: Option<String>,
    /// Whether its resources are not in this folder, so that no Terraform code may manage them.
    pub is_elsewhere: bool,
    /// Whether the changes in the files need it: it comes before `terraform apply`.
    pub is_first: bool,
    /// The root module of which a run of its own writes the part; `None` if the user writes it.
    pub other_root: Option<OtherRoot>,
}

/// The other root module of a fix in two root modules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherRoot {
    /// Its folder.
    pub root: PathBuf,
    /// The commands that plan and apply it.
    pub commands: [String; 2],
}

impl ByHandPart {
    /// The part for remedies of a fix, from the error of their plan.
    #[must_use]
    pub fn new(proposal: &Proposal, remedies: &[RemedyId], error: &EditError) -> Self {
        let text = error.to_string();
        let (reason, code) = match text.split_once(":\n") {
            Some((reason, code)) => (reason.to_owned(), Some(code.to_owned())),
            None => (text, None),
        };
        let titles = remedies.iter().filter_map(|remedy| proposal.titles.get(remedy));
        let title = titles.map(String::as_str).collect::<Vec<_>>().join(" + ");
        Self {
            remedies: remedies.to_vec(),
            title,
            reason,
            code,
            is_elsewhere: error.is_elsewhere(),
            is_first: false,
            other_root: None,
        }
    }
}

/// One file before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// Relative to the root.
    pub path: PathBuf,
    /// The content that was read; `None` for a new file.
    pub before: Option<String>,
    /// The content to write.
    pub after: String,
}

impl ChangeSet {
    /// The path of a file in a patch: relative to the repository, or without one to the root.
    #[must_use]
    pub fn patch_path(&self, path: &Path) -> PathBuf {
        let tail = self.repository.as_ref().and_then(|top| self.root.strip_prefix(top).ok());
        tail.map_or_else(|| path.to_owned(), |tail| joined(tail, path))
    }

    /// The fix with the price and the rollback of this edit.
    #[must_use]
    pub fn as_planned(&self, mut proposal: Proposal) -> Proposal {
        if let Some(estimate) = &self.effect.estimate {
            estimate.clone_into(&mut proposal.estimate);
        }
        if let Some(rollback) = &self.effect.rollback {
            rollback.clone_into(&mut proposal.rollback);
        }
        proposal
    }

    /// The number of resources that `terraform apply` will add.
    #[must_use]
    pub fn added(&self) -> usize {
        self.adds.len() + self.more_instances
    }

    /// `1 file new, 1 changed; 1 to add, 0 to change, 0 to destroy`
    #[must_use]
    pub fn tally(&self) -> String {
        let new = self.files.iter().filter(|file| file.before.is_none()).count();
        let changed = self.files.len() - new;
        let files = |count: usize| if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
        let files = match (new, changed) {
            (0, changed) => format!("{} changed", files(changed)),
            (new, 0) => format!("{} new", files(new)),
            (new, changed) => format!("{} new, {changed} changed", files(new)),
        };
        let imports = match self.imports.len() {
            0 => String::new(),
            count => format!("{count} to import, "),
        };
        format!(
            "{files}; {imports}{} to add, {} to change, {} to destroy",
            self.added(),
            self.changes.len(),
            self.destroys.len()
        )
    }
}
