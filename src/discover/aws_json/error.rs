//! Errors of reading a folder of AWS CLI output.

use std::path::PathBuf;

use crate::discover::snapshot_file::FileError;

/// The reason why a folder of AWS CLI output cannot be read as a snapshot.
#[derive(Debug, thiserror::Error)]
pub enum AwsJsonError {
    /// A file or the folder cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A file is not AWS CLI output.
    #[error("{}: {problem}: expected the output of `aws … --output json`", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The problem with line and column, without a value of the file.
        problem: String,
    },
    /// No file contains an answer of the AWS CLI.
    #[error(
        "{}: no AWS CLI output found: save each answer to a file, for example `aws ec2 describe-vpcs > describe-vpcs.json`",
        .0.display()
    )]
    NoAnswer(PathBuf),
    /// Two answers describe the same resource differently.
    #[error("two answers describe {id} differently: use answers of one time and one region only")]
    Contradiction {
        /// The resource.
        id: String,
    },
    /// No answer contains the region.
    #[error("{}: no answer contains the region: give --region", .0.display())]
    NoRegion(PathBuf),
}
