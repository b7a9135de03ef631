//! The commands: each takes arguments, and returns text, files and an exit code.
//!
//! Owns the I/O of the commands: reads files and the environment, prints, and maps results to exit codes. It
//! contains no rules about networks; those are in the stages that it calls.
//!
//! | command | file | result |
//! |---|---|---|
//! | (none), `demo`, `open` | `screen` | the interactive application |
//! | `diagnose` | `diagnose` | the diagnosis; exit code 0, 1 or 3 |
//! | `fix` | `fix` | the Terraform diff, written with `--write`; exit code 0, 1 or 4 |
//! | `undo` | `undo` | the files as they were before the last write |
//! | `check` | `check` | credentials, permissions, Terraform; exit code 0 or 3 |
//! | `snapshot` | `snapshot` | a snapshot file |
//! | `config` | `config` | the config file in force |
//! | `iam-policy`, `completions`, `man` | `run` | text on standard output |
//!
//! The answer goes to standard output, everything else to standard error. An error ends every command with
//! exit code 2 ([`FAILED`]) and one line that names the problem and the next step.

#![allow(clippy::disallowed_methods, reason = "I/O boundary: reads the environment")]

mod check;
mod config;
mod diagnose;
mod emit;
mod error_text;
mod exit;
mod fix;
mod log;
mod run;
mod screen;
mod snapshot;
mod source;
mod undo;
mod workload;

pub use error_text::error_text;
pub use exit::{Exit, FAILED};
pub use run::run;
