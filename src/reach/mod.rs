//! Whether packets arrive, and which rule decides.
//!
//! Owns one file a layer, and [`trace`] which walks them. Knows the model only: no I/O, no wording for people
//! beyond the rule that decided, no advice.

mod trace;

pub use trace::{Code, Hop, Layer, Outcome, Trace, Verdict, Via, ViaKind};
