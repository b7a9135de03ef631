//! Files and folders: what egress-doctor reads without a name from the user, and what it creates.
//!
//! Owns the reader of regular files ([`read_regular`]), private files and folders, and output to a path that the user gives
//! ([`write_output`]). Must not know what a file contains. The user's Terraform files are replaced by `terraform::write`.

mod output;
mod private;
mod reader;

pub use output::write_output;
pub use private::{create_private_dir, create_private_file, is_private_dir};
pub use reader::{LIMIT, ReadError, read_regular, read_regular_text};
