//! What would cure it: changes to the model, proved by tracing again, with their price.
//!
//! Owns the catalogue (one file a remedy), [`simulate()`], and prices. Never touches files or AWS: a change here is a
//! change of the snapshot's copy.

mod default_egress;
mod interface_endpoints;
mod nat;
mod plan;
mod price;
mod proposal;
mod s3_gateway;
mod simulate;

pub use plan::{compose, propose};
pub use price::PriceBook;
pub use proposal::{Change, Estimate, LineItem, Met, Precondition, Proposal, RemedyId};
pub use simulate::simulate;
