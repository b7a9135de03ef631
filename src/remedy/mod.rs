//! What would cure it: changes to the model, proved by tracing again, with their price.
//!
//! Owns the catalogue (one file a remedy), `simulate`, and prices. Never touches files or AWS: a change here is a
//! change of the snapshot's copy.

mod proposal;

pub use proposal::{Change, Estimate, LineItem, Met, Precondition, Proposal, RemedyId};
