//! Whether packets arrive, and which rule decides.
//!
//! Owns one file a layer, and [`trace()`] which walks them. Knows the model only: no I/O, no wording for people
//! beyond the rule that decided, no advice.
//!
//! The order of the layers follows a TCP connection: egress mode, DNS, security group, the subnet's network ACL (out
//! and back), route table, then whatever the route leads to. A destination is a set of addresses and every layer splits
//! it exactly; layers behind a block are judged all the same, so that every blocker shows, not only the first.
//! IPv4 and TCP only.

mod dns;
mod egress;
mod endpoint;
mod internet;
mod judgement;
mod nacl;
mod nat;
mod path;
mod route;
mod security_group;
mod trace;

pub use egress::{Egresses, Source, egresses};
pub(crate) use endpoint::stand_in_address;
pub(crate) use path::trace_outside;
pub use path::{trace, trace_control_plane};
pub use route::route_table_of;
pub use trace::{Code, Hop, Layer, Outcome, Trace, Verdict, Via, ViaKind};
