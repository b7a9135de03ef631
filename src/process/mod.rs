//! Child processes, signals, and the end of this process.
//!
//! Owns the search for programs in `PATH` ([`program()`]), the run of a child process with limits ([`Batch`]), the signals that end the
//! program, and what its end does ([`Run`]): it stops every child process, waits for a change of the user's files ([`Change`]), and
//! removes the temporary folder. Must not know which programs run and why.

mod child;
mod group;
mod program;
mod registry;
mod run;

pub use child::{Batch, ChildError, Limits, Output};
pub use program::program;
pub use registry::{Change, begin_change, cancel};
pub use run::{Run, SignalReceiver, Sweep};
