//! Builds a snapshot from a folder of AWS CLI output: `*.json`, one file for each call or one file for
//! several calls.
//!
//! A call without a file becomes a gap, exactly like a denied call. Unknown fields and files without a known
//! key are ignored. This module calls no AWS API.

mod answers;
mod document;
mod error;
mod load;
mod network;

pub use error::AwsJsonError;
pub use load::load_aws_json;
