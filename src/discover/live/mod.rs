//! Discovery through the AWS SDKs.
//!
//! `refresh`, `probe`, `logs`, `history` and `prices` are the entry points. Every call except those of `probe` goes through `reader`, which limits the number of
//! concurrent calls, reports progress and records failures as gaps. Most of the other files read one kind of
//! resource each.

#![allow(
    clippy::disallowed_methods,
    reason = "I/O boundary: calls are timed and the snapshot gets its time here"
)]

mod answer_limit;
mod apprunner;
mod arrived;
mod classify;
mod config;
mod convert;
mod ec2;
mod endpoints;
mod history;
mod logs;
mod named;
mod named_convert;
mod network;
mod others;
mod plan;
mod prices;
mod probe;
mod reader;
mod refine;
mod refresh;
mod role;
mod transit;
mod vpc;
mod zones;

pub use history::read_history;
pub use logs::read_service_log;
pub use prices::read_prices;
pub use probe::check_access;
pub use refresh::discover;
