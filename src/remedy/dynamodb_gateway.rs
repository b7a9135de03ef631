//! Remedy `dynamodb-gateway`: a new `DynamoDB` gateway endpoint. The interface endpoint of `DynamoDB` has
//! no private DNS and is never proposed.
//!
//! <https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-ddb.html>

use super::context::{Candidate, RemedyContext};
use super::gateway_endpoint;

pub(super) fn candidate(context: &RemedyContext<'_>) -> Option<Candidate> {
    gateway_endpoint::candidate(context, "DynamoDB", "dynamodb")
}
