//! Writes a fix into a Terraform configuration: finds the code, plans the edit, shows it as a diff, checks
//! it with Terraform, writes it, undoes it.
//!
//! The stages, each a folder or file that imports only earlier ones: `lang` (HCL), [`OwnerQuestion`] and
//! the errors, `read` (the configuration and its state), `find` (the block that manages an AWS id),
//! [`ChangeSet`] (planned files), `edit` (a proposal becomes a change set), `prove` (Terraform's own checks
//! on a copy), [`write`](mod@write) and [`diff`].
//!
//! An edit changes text only at the spans of the scanner. It does not print a syntax tree, so the rest of a
//! file does not change. Only [`write()`](write::write) and [`undo()`](write::undo) change files, and they
//! write only what the preview shows.

mod answer;
mod changeset;
pub mod diff;
mod edit;
mod error;
mod find;
mod lang;
mod prove;
mod read;
pub mod write;

pub use answer::{Candidate, MadeBy, OwnerChoice, OwnerChoices, OwnerQuestion};
pub use changeset::{ByHandPart, ChangeSet, EditEffect, FileChange, OtherRoot, PlannedFix};
pub use edit::{all_questions, cause_in_code, plan_edit, plan_in_parts};
pub use error::{ConfigError, EditError};
pub use lang::address::ResourceAddress;
pub use lang::scan;
pub use prove::check::verify;
pub use prove::consent::{ConsentError, read_consent, save_consent};
pub use prove::folder::{CodeState, FolderState, ProgramVersion, folder_state};
pub use prove::level::{CheckLevel, RequestedChecks};
pub use prove::outcome::{Check, Outcome, Verification};
pub use read::config::Config;
pub use read::environment::{Environment, GivenFiles};
pub use read::file::{Digest, File};
pub use read::module::{Module, ModuleCall};
pub use read::tool::{Runner, Tool};
