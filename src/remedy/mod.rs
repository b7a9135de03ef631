//! What would cure it: changes to the model, proved by tracing again, with their price.
//!
//! Owns the catalogue (one file a remedy), [`simulate()`], and prices. Never touches files or AWS: a change here is a
//! change of the snapshot's copy.

mod compare;
mod default_egress;
mod dynamodb_gateway;
mod endpoint_ingress;
mod estimate;
mod follow_up;
mod futile;
mod gateway_endpoint;
mod gateway_route_tables;
mod interface_endpoints;
mod move_connector;
mod nacl;
mod nat;
mod nat_conditions;
mod nat_repair;
mod others;
mod plan;
mod planner;
mod price;
mod proposal;
mod s3_gateway;
mod savings;
mod security_group_egress;
mod sets;
mod simulate;
mod site;
mod vpc_dns;

pub use estimate::{BreakEven, Estimate, LineItem, Saving, Span, Tier, Way};
pub use follow_up::{Action, FollowUp};
pub use futile::{Futile, futile};
pub use plan::{compose, propose};
pub use price::PriceBook;
pub use proposal::{Change, Met, Precondition, Proposal, RemedyId};
pub use simulate::simulate;
