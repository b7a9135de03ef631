//! Errors of live discovery as a whole. A failure of a single call is a gap, not an error.

use std::path::PathBuf;

use crate::model::Region;

/// The reason why nothing could be read from AWS.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DiscoverError {
    /// The region chain contains no region.
    #[error("no AWS region: give --region, set AWS_REGION, or set a region in the profile")]
    NoRegion,
    /// A file of AWS settings is not a regular file.
    #[error("cannot use the AWS settings in {}: {reason}; {next_step}", path.display())]
    SettingsFile {
        /// The file.
        path: PathBuf,
        /// The problem.
        reason: String,
        /// What to do.
        next_step: String,
    },
    /// The setting with this name is not the URL of an endpoint.
    #[error("{0} is not a valid endpoint URL: use http://HOST:PORT or https://HOST, or leave it out")]
    EndpointUrl(String),
    /// There are no credentials, they expired, or AWS rejects them; the sentence.
    #[error("{0}")]
    Credentials(String),
    /// No call got an answer of AWS; the sentence of the first call.
    #[error("cannot connect to AWS ({0})")]
    Unreachable(String),
    /// The snapshot to refresh is of another account.
    #[error(
        "the credentials are of account {read}, but the snapshot is of account {saved}: give the --profile of that account"
    )]
    OtherAccount {
        /// The account of the snapshot.
        saved: String,
        /// The account of the credentials.
        read: String,
    },
    /// One of several profiles cannot be used; the sentence.
    #[error("profile {profile}: {reason}")]
    Profile {
        /// The profile.
        profile: String,
        /// Why.
        reason: String,
    },
    /// Two profiles are of the same account.
    #[error("profiles {one} and {two} are both of account {account}: leave out one of them")]
    SameAccount {
        /// A profile.
        one: String,
        /// Another profile.
        two: String,
        /// Their account.
        account: String,
    },
    /// An option with several values has the same value twice.
    #[error("{option} {value} is given twice: leave out one of them")]
    GivenTwice {
        /// The option.
        option: &'static str,
        /// The value.
        value: String,
    },
    /// The snapshot to refresh also has facts of accounts or Regions that were not read now.
    #[error(
        "the snapshot also has facts of {places}: give the --profile of this account and this --region too"
    )]
    OtherPlaces {
        /// These accounts and Regions.
        places: String,
    },
    /// The snapshot to refresh is of another Region.
    #[error(
        "the snapshot is of {saved}, not of {read}: leave out --region, or save a snapshot of {read} without --refresh"
    )]
    OtherRegion {
        /// The Region of the snapshot.
        saved: Region,
        /// The requested Region.
        read: Region,
    },
}
