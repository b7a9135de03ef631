//! Writes all files of a change set or none, and restores them byte for byte.
//!
//! Terraform loads every `*.tf` file of a folder, so the backups and the journal are in a state folder
//! outside the configuration. They are complete before the first file changes. Each file is exchanged with a
//! staged file, and the replaced bytes stay on disk until all files are written: what another program saves in
//! the meantime is not lost. A file system without the system calls for that is an error, and nothing is written. An interrupted write leaves an unfinished journal: [`undo()`] restores the files,
//! [`finish`] completes the write.
//!
//! This module writes only previewed changes. It plans no edit.

mod content;
#[cfg(unix)]
mod dir;
#[cfg(not(unix))]
#[path = "dir_portable.rs"]
mod dir;
mod error;
mod journal;
mod losses;
#[cfg(unix)]
mod metadata;
mod record;
mod survey;
mod swap;
mod tree;
mod undo;
mod writer;

pub use error::{RecordError, UndoError, WriteError, unfinished_message};
pub use losses::losses;
pub use record::state_folder;
pub use undo::{Undone, finish, forget, others, undo, unfinished};
pub use writer::{Receipt, write};
