//! What the workload needs to reach, and how we know.
//!
//! Owns reading logs and settings into [`Need`]s, and the host catalogue. Does no I/O and judges no path.

mod need;

pub use need::{Caller, Evidence, Need, Symptom};
