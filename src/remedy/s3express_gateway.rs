//! Remedy `s3express-gateway`: a new gateway endpoint of S3 Express One Zone. The S3 gateway endpoint does not serve directory
//! buckets, and this one serves no other bucket.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-networking.html>

use super::context::{Candidate, RemedyContext};
use super::gateway_endpoint;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    gateway_endpoint::candidate(context, "S3 Express One Zone", "s3express")
}
