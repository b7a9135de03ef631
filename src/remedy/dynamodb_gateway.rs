//! A new `DynamoDB` gateway endpoint. Its interface endpoint has no private DNS and is never proposed.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html>

use super::gateway_endpoint;
use super::site::{Candidate, Site};

pub(super) fn candidate(site: &Site<'_>) -> Option<Candidate> {
    gateway_endpoint::candidate(site, "DynamoDB", "dynamodb")
}
