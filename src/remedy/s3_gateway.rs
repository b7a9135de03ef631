//! A new S3 gateway endpoint.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html>

use super::gateway_endpoint;
use super::site::{Candidate, Site};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    gateway_endpoint::candidate(site, "S3", "s3")
}
