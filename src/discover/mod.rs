//! Builds a [`Snapshot`](crate::model::Snapshot) from live AWS (feature `live`), a saved file, or AWS CLI
//! output.
//!
//! Owns the AWS calls with their order, paging and concurrency, and the conversion of AWS's answers to the
//! model. It does not decide whether a destination is reachable. Every call is read-only. A failed call
//! becomes a gap, and the other calls continue. It also asks this machine's resolver for the addresses of hosts.
//!
//! | file | content |
//! |---|---|
//! | `limits` | the limits of live AWS answers |
//! | `failure` | why a call failed, as sentences |
//! | `price_list`, `price_cache` | the products of the Price List, and the file that keeps the prices for a day |
//! | `cloudtrail_event` | the events of AWS CloudTrail as changes |
//! | `permission` | which permissions of the policy the credentials have |
//! | `live/` | sends the calls through the AWS SDKs |
//! | `aws_json/` | reads AWS CLI output |
//! | `aws_files` | the paths of the files of AWS settings, and whether the SDK can read them without waiting |
//! | `endpoint_url` | checks the URLs that replace the endpoints of AWS |
//! | `resolver` | asks this machine's resolver |
//! | `merge` | merges facts that were read again into a snapshot |
//! | `merge_places` | adds facts of other accounts and Regions about VPCs that the account knows |
//! | `snapshot_file` | reads and saves snapshots |
//! | `redact/` | replaces what identifies an account in a snapshot |
//! | `wire`, `named_wire` | the answers in the structure of the API |
//! | `validate` | checks that an item has all required fields |
//! | `interpret/` | converts answers to the model |

mod aws_files;
mod aws_json;
#[cfg(any(feature = "live", test))]
mod cloudtrail_event;
mod endpoint_url;
mod error;
#[cfg(any(feature = "live", test))]
#[cfg_attr(not(feature = "live"), allow(dead_code, reason = "only live discovery has every failure"))]
mod failure;
mod iam_policy;
mod interpret;
#[cfg(any(feature = "live", test))]
mod limits;
#[cfg(feature = "live")]
mod live;
#[cfg(any(feature = "live", test))]
mod merge;
#[cfg(any(feature = "live", test))]
mod merge_places;
mod named_wire;
mod permission;
#[cfg(any(feature = "live", test))]
mod price_cache;
#[cfg(any(feature = "live", test))]
mod price_list;
mod redact;
mod request;
mod resolver;
mod snapshot_file;
mod validate;
mod wire;

pub use aws_files::{AWS_FILE_LIMIT, AwsFile, aws_files};
pub use aws_json::{AwsJsonError, load_aws_json};
pub use endpoint_url::endpoint_url;
pub use error::DiscoverError;
pub use iam_policy::iam_policy;
#[cfg(feature = "live")]
pub use live::{check_access, discover, read_history, read_prices, read_service_log};
pub use permission::{CheckedAccess, Permission, PermissionStatus};
pub use redact::{Redaction, redact};
pub use request::{Discovered, LiveRequest, Progress, ReadHistory, ServiceLog, TimeLimits};
pub use resolver::resolve;
pub use snapshot_file::{FileError, load_snapshot, save_snapshot};
