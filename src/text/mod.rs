//! Text that enters and leaves egress-doctor.
//!
//! Owns which characters output contains ([`clean()`], [`one_line`], [`escape_json`]), the encodings of files that are read
//! ([`decode()`]), errors of JSON documents without their values ([`json_error`]), lists in
//! sentences ([`listed()`]), and quotes of shell commands ([`shell_quote`]). No I/O. Must not know what a text means, or
//! the syntax of a report (`report`).

mod clean;
mod decode;
mod json;
mod listed;
mod shell;

pub use clean::{clean, is_unsafe, one_line};
pub use decode::{DecodeError, decode};
pub use json::{escape_json, json_error};
pub use listed::listed;
pub use shell::{shell_quote, shell_quote_path};
