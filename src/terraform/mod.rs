//! The code behind the resources: finds it, plans the edit, shows it, proves it, writes it, takes it back.
//!
//! Text is spliced by the spans of an own scanner and never printed from a tree, so that nothing but the edit changes.
//! Reads a Terraform root; only [`write()`](write::write) and [`undo()`](write::undo) change files, and only what was
//! previewed.

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
pub use changeset::{ChangeSet, FileChange};
pub use edit::draft::plan_edit;
pub use error::{ConfigError, EditError};
pub use lang::address::ResourceAddress;
pub use lang::scan;
pub use prove::check::verify;
pub use prove::outcome::{Check, Outcome, Verification};
pub use read::config::Config;
pub use read::file::{Digest, File};
pub use read::load::Environment;
pub use read::module::{Module, ModuleCall};
