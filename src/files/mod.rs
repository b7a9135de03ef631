//! Files and folders: what egress-doctor reads without a name from the user, and what it creates.
//!
//! Owns the reader of regular files ([`read_regular`]) and of what the user names ([`read_named`]), private files and folders, the
//! temporary folder of a run ([`TemporaryFolder`]), the replacement of one file ([`replace_file`]), output to a path that the user
//! gives ([`write_output`]), and the causes of failed writes in words ([`cause`]). Must not know what a file contains. The user's
//! Terraform files are replaced by `terraform::write`.

mod output;
mod private;
mod reader;
mod replace;
mod run_folder;
mod write_error;

pub use output::{is_stdout, write_output};
pub use private::{create_private_dir, create_private_file, create_private_subdir, is_private_dir};
pub use reader::{
    ENTRIES, LIMIT, ReadError, list_dir, read_named, read_open, read_regular, read_regular_text,
};
pub use replace::{remove_temporary_files, replace_file};
pub use run_folder::{TemporaryFolder, remove_folders_of_dead_runs, remove_run_folder};
pub use write_error::{cause, explained};
