//! The destinations that a workload needs, and the evidence for each.
//!
//! Owns the reading of logs, environment variables and role policies into [`Need`]s, and the catalogue of
//! host names. Must not do I/O except through the reader that the caller passes, and must not decide whether
//! a destination is reachable.
//!
//! - `log`: failed connections in a log
//! - `variables`, `value`: hosts in environment variables
//! - `references`: ARNs of databases, caches, load balancers and brokers in the settings
//! - `instance_role`: AWS services that the instance role allows
//! - `catalogue`: the kind of a host, by its name
//! - `resolved`: the answers of this machine's resolver
//! - `host`: parses a destination
//! - `global_s3`: the region of a global S3 name
//! - `proxy`: the HTTP proxy of the settings
//! - `redact`, `secret_names`: removes secrets
//! - `patterns`, `required`: the search for the built-in patterns that match a text

mod built_in;
mod catalogue;
mod global_s3;
mod host;
mod instance_role;
mod log;
mod need;
mod patterns;
mod proxy;
mod query;
mod redact;
mod references;
mod required;
mod resolved;
mod secret_names;
mod symptom;
mod value;
mod variables;

pub use catalogue::{distinct_names, private_names, short_name};
pub use host::{DestinationError, destination};
pub use instance_role::permits;
pub use log::{Denial, LogFinding, LogReading, ProxyRole, read_log};
pub use need::{Caller, Evidence, Need, hosts_to_resolve, needs, references};
pub use proxy::{missing_proxy, no_proxy, proxy_for};
pub use query::Query;
pub use references::{ResourceName, resource_arn, resource_name};
pub use resolved::ResolvedHost;
pub use symptom::{Area, Symptom};
pub use value::hosts_in_value;
pub use variables::hosts_in_variables;
