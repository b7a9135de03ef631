//! Child processes, and the end of this process.
//!
//! Owns the search for programs in `PATH` ([`program`]), the run of a child process with limits ([`Batch`]), and what the end of the
//! program does ([`end`]): it stops every child process, waits for a change of the user's files ([`uninterrupted`]), and removes the
//! temporary folder. Must not know which programs run and why, and must not handle signals.

mod child;
mod group;
mod program;
mod registry;

pub use child::{Batch, ChildError, Limits, Output};
pub use program::program;
pub use registry::{cancel, end, uninterrupted};
