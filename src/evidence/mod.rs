//! What the workload needs to reach, and how we know.
//!
//! Owns reading logs and settings into [`Need`]s, and the host catalogue. Does no I/O beyond the reader it is given,
//! and judges no path.

mod catalogue;
mod host;
mod log;
mod need;
mod query;
mod role;
mod secrecy;
mod settings;
mod symptom;
mod value;

pub use catalogue::{private_names, short_name};
pub use host::{DestinationError, destination};
pub use log::{LogFinding, LogReading, read_log};
pub use need::{Caller, Evidence, Need, needs};
pub use query::Query;
pub use role::permits;
pub use settings::hosts_in_variables;
pub use symptom::{Area, Symptom};
pub use value::hosts_in_value;
