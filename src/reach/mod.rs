//! Computes whether packets arrive, and the rule that allows or blocks them.
//!
//! Owns one file for each layer, and [`Engine`], which checks the layers in order. It uses the model only:
//! no I/O, no advice, and no explanation other than the rule.
//!
//! The order of the checks follows a TCP connection over IPv4 or IPv6: egress mode, DNS, security group, the
//! subnet's network ACL (request and reply), route table, then the target of the route. A destination is a
//! set of addresses, and every layer splits it exactly. Layers after a block are still checked, so that a
//! trace contains every blocker, not only the first.
//!
//! | file | owns |
//! |---|---|
//! | `path.rs` | the order of the checks |
//! | `walk.rs` | the verdict of a trace |
//! | `outside.rs` | connections that never enter a VPC |
//! | `shared_trace.rs` | the results that traces to the same addresses share |
//! | `dns_servers.rs` | queries to custom DNS servers |
//! | `egress.rs`, `dns.rs`, `security_group.rs`, `nacl.rs`, `route.rs` | one layer each |
//! | `nat.rs`, `endpoint.rs`, `internet.rs`, `appliance.rs` | one kind of route target each |
//! | `interfaces_of_name.rs` | the network interfaces of a resource with a name |
//! | `named.rs` | the network interfaces that a host name can mean |
//! | `unread_name.rs` | names of resources whose network interfaces were not read, or are in another VPC |
//! | `resolved.rs` | what the answer of this machine's resolver proves |
//! | `peering.rs` | packets into a peer VPC |
//! | `transit.rs` | packets through a transit gateway to a central egress VPC |
//! | `own_address.rs` | packets from the internet to a network interface that was read |
//! | `public_addresses.rs` | the public addresses that a host can have |
//! | `border.rs` | packets from one subnet into another, and their return path |
//! | `acl_rules.rs` | the evaluation of the rules of one network ACL |
//! | `index.rs` | fast look-ups in a snapshot |
//! | `trace.rs` | the result: hops, codes and the verdict |
//! | `deciding.rs` | what decides an unknown check |

mod acl_rules;
mod appliance;
mod border;
mod deciding;
mod dns;
mod dns_servers;
mod egress;
mod endpoint;
mod failover;
mod inactive_dns;
mod index;
mod interfaces_of_name;
mod internet;
mod intervals;
mod judgement;
mod memo;
mod nacl;
mod named;
mod nat;
mod outside;
mod own_address;
mod path;
mod peering;
mod private_name;
mod public_addresses;
mod resolved;
mod route;
mod security_group;
mod shared_trace;
mod trace;
mod transit;
mod unread_name;
mod walk;

pub use acl_rules::{Denial, Direction, LINUX_EPHEMERAL, NAT_EPHEMERAL, acl_denials};
pub use deciding::{Deciding, Forwarder};
pub use egress::{Egresses, Source, egresses};
pub(crate) use endpoint::stand_in_address;
pub use inactive_dns::{InactiveDns, inactive_endpoint};
pub use interfaces_of_name::{description_of, known_interfaces};
pub use internet::DOCUMENTATION_RANGE;

pub use nat::NatStatus;
pub use outside::trace_control_plane;
pub(crate) use outside::{trace_by_proxy, trace_outside};
pub use path::{DestinationTracer, Engine};
pub use private_name::{PrivateName, offers_private_endpoint, private_name};
pub(crate) use public_addresses::prefix_list_of;
pub use resolved::SeenAddresses;
pub use route::{route_table_of, state_of_target};
pub use trace::{Code, Hop, Layer, Outcome, Owner, Subject, Trace, Verdict, Via, ViaKind};
