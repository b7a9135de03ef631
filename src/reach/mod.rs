//! Whether packets arrive, and which rule decides.
//!
//! Owns one file a layer, and [`Engine`], which walks them: aim at a destination, then trace from any number of sources. Knows the model only: no I/O, no wording for people
//! beyond the rule that decided, no advice.
//!
//! The order of the layers follows a TCP connection: egress mode, DNS, security group, the subnet's network ACL (out
//! and back), route table, then whatever the route leads to. A destination is a set of addresses and every layer splits
//! it exactly; layers behind a block are judged all the same, so that every blocker shows, not only the first.
//! TCP, over IPv4 and IPv6.

mod appliance;
mod dns;
mod egress;
mod endpoint;
mod engine;
mod internet;
mod intervals;
mod judgement;
mod memo;
mod nacl;
mod nat;
mod path;
mod route;
mod security_group;
mod trace;
mod ways;

pub use egress::{Egresses, Source, egresses};
pub(crate) use endpoint::stand_in_address;
pub use engine::Engine;
pub(crate) use path::trace_outside;
pub use path::{Aim, trace_control_plane};
pub use route::route_table_of;
pub use trace::{Code, Hop, Layer, Outcome, Trace, Verdict, Via, ViaKind};
