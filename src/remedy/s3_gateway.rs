//! Remedy `s3-gateway`: a new S3 gateway endpoint.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html>

use super::context::{Candidate, RemedyContext};
use super::gateway_endpoint;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    gateway_endpoint::candidate(context, "S3", "s3")
}
