//! From traces to causes, in words.
//!
//! Owns the verdict over subnets, the grouping into causes, and every sentence that explains one. Traces come from
//! `reach`; no advice is given here.

mod diagnosis;

pub use diagnosis::{Cause, Diagnosis, Finding, FindingVerdict, Spread};
