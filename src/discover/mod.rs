//! Builds a [`Snapshot`](crate::model::Snapshot) from live AWS (feature `live`), a saved file, or AWS CLI output.
//!
//! Owns the AWS calls with their order, paging and concurrency, and the conversion of AWS's answers to the model. It
//! decides nothing about reachability. Every call is read-only. A call that fails becomes a gap, and the others continue.
//!
//! | file | content |
//! |---|---|
//! | `live/` | sends the calls through the AWS SDKs |
//! | `aws_json/` | reads AWS CLI output |
//! | `snapshot_file` | reads and saves snapshots |
//! | `wire` | the answers in AWS's own structure |
//! | `validate` | checks that an answer is complete |
//! | `interpret/` | converts answers to the model |

mod aws_json;
mod error;
mod iam_policy;
mod interpret;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod price_list;
mod request;
mod snapshot_file;
mod validate;
mod wire;

pub use aws_json::{AwsJsonError, load_aws_json};
pub use error::DiscoverError;
pub use iam_policy::iam_policy;
#[cfg(feature = "live")]
pub use live::{discover, read_service_log};
pub use request::{LiveRequest, Progress, ServiceLog};
pub use snapshot_file::{FileError, load_snapshot, save_snapshot};
