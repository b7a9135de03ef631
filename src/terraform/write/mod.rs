//! Writes all files of a change set or none, and restores them byte for byte.
//!
//! Terraform loads every `*.tf` file of a folder, so the backups and the journal are in a state folder
//! outside the configuration. They are complete before the first file changes. Each file is replaced by a
//! rename. An interrupted write leaves an unfinished journal: [`undo()`] restores the files, [`finish`]
//! completes the write.
//!
//! This module writes only previewed changes. It plans no edit.

mod error;
mod files;
mod journal;
mod lock;
mod losses;
mod restore;
mod undo;
mod writer;

pub use error::{RecordError, UndoError, WriteError, unfinished_message};
pub use lock::state_folder;
pub use losses::losses;
pub use undo::{Undone, finish, forget, undo, unfinished};
pub use writer::{Receipt, write};
