//! Fixes for a diagnosis: changes to the network or the service, simulated on a copy of the snapshot, with
//! their price.
//!
//! Contains the remedies (one file for each kind), the planner that combines and simulates them, and the
//! prices. A remedy changes only a copy of the snapshot. It changes neither Terraform files nor AWS.
//!
//! - [`propose`] returns the proposals for a workload, [`compose`] combines given remedies into one
//!   proposal.
//! - A [`Change`] is the interface to `terraform::edit`.
//! - [`simulate()`] applies changes to a snapshot, [`PriceBook`] prices them.

mod aws_commands;
mod aws_route_commands;
mod bill;
mod change;
mod charge;
mod compare;
mod context;
mod default_egress;
mod destination_ingress;
mod dynamodb_gateway;
mod endpoint_ingress;
mod endpoint_service;
mod estimate;
mod follow_up;
mod gateway_endpoint;
mod gateway_route_tables;
mod group_quota;
mod ineffective;
mod interface_endpoints;
mod internet_gateway;
mod ipv6_egress;
mod manual_step;
mod move_connector;
mod nacl;
mod nacl_quota;
mod nat;
mod nat_conditions;
mod nat_instance;
mod nat_repair;
mod nat_route;
mod not_recommended;
mod nothing_to_do;
mod other_vpc;
mod own_url;
mod peering_route;
mod plan;
mod planner;
mod price;
mod private_dns_step;
mod private_subnets;
mod private_targets;
mod proposal;
mod reachability_change;
mod remedy_id;
mod rollback;
mod route_step;
mod s3_gateway;
mod s3express_gateway;
mod savings;
mod security_group_egress;
mod served;
mod sets;
mod side_effects;
mod simulate;
mod simulate_paths;
mod vpc_dns;
mod wording;

pub use aws_commands::{AwsCommands, aws_commands};
pub use change::{Change, KeptRoute, NEW_PUBLIC_SUBNET, PlannedSubnet};
pub(crate) use endpoint_service::display_name as endpoint_service_name;
pub use estimate::{BreakEven, CostRange, Estimate, LineItem, Saving, Tier, TrafficPath};
pub use follow_up::{Action, FollowUp, WrittenFiles};
pub use ineffective::{IneffectiveFix, ineffective_fixes};
pub use manual_step::manual_step;
pub use nat::ONE_TABLE_PER_AZ;
pub use nat_conditions::nat_gateway_faults;
pub use not_recommended::not_recommended;
pub use nothing_to_do::{NoFixReason, NothingToDo, nothing_to_do};
pub use plan::{NotApplicable, compose, propose, second_step};
pub use price::PriceBook;
pub use proposal::{Precondition, PreconditionStatus, Proposal};
pub use remedy_id::RemedyId;
pub use served::{ANY_INTERNET_HOST, served_destinations};
pub use simulate::simulate;
