//! The alternative to a NAT gateway for `DynamoDB` Streams: an interface endpoint that the client uses by its URL, because it has no
//! private DNS. No change of the network makes the host name reachable this way, so it is no remedy.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html>

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::simulate::one_per_az;
use super::{Change, PriceBook, Proposal};
use crate::diagnose::{Diagnosis, own_url_endpoint, use_own_url};
use crate::model::{Destination, Snapshot};

/// The blocked destinations that only a URL of an endpoint, or a path to the internet, serves.
pub(super) struct OwnUrl<'a> {
    snapshot: &'a Snapshot,
    diagnosis: &'a Diagnosis,
}

impl<'a> OwnUrl<'a> {
    pub fn new(snapshot: &'a Snapshot, diagnosis: &'a Diagnosis) -> Self {
        Self { snapshot, diagnosis }
    }

    fn destination(&self, host: &str) -> Option<&'a Destination> {
        let finding = self.diagnosis.findings.iter().find(|finding| finding.need.name() == host)?;
        let destination = &finding.need.destination;
        (destination.aws()?.service.as_deref() == Some("dynamodbstreams")).then_some(destination)
    }

    /// Whether each of some hosts is served by an endpoint that exists.
    pub fn has_endpoints<'h>(&self, hosts: impl IntoIterator<Item = &'h String>) -> bool {
        let has_endpoint = |host: &String| {
            let found = self.destination(host);
            found.is_some_and(|one| own_url_endpoint(self.snapshot, &self.diagnosis.subnets, one).is_some())
        };
        hosts.into_iter().all(has_endpoint)
    }

    /// The alternative to the paid part of a proposal, or to the fix of what it leaves, as a sentence that begins with a space. Empty if
    /// no host of them is one of `DynamoDB` Streams.
    pub fn alternative(&self, proposal: &Proposal, prices: &PriceBook) -> String {
        let is_paid = proposal.estimate.fixed_per_month != Some(Decimal::ZERO);
        let fixes = proposal.fixes.iter().filter(|_| is_paid);
        let mut hosts = fixes.chain(&proposal.still_blocked);
        let Some(destination) = hosts.find_map(|host| self.destination(host)) else { return String::new() };
        let subnets = &self.diagnosis.subnets;
        if let Some(endpoint) = own_url_endpoint(self.snapshot, subnets, destination) {
            return format!(" For DynamoDB Streams: {}", use_own_url(endpoint));
        }
        let vpc = subnets.iter().find_map(|id| self.snapshot.network.subnets.get(id)).map(|one| &one.vpc);
        let Some(vpc) = vpc else { return String::new() };
        let service = format!("com.amazonaws.{}.dynamodb-streams", self.snapshot.region);
        let subnets = one_per_az(self.snapshot, subnets, None);
        let ids = subnets.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let change = Change::CreateInterfaceEndpoint {
            vpc: vpc.clone(),
            service: service.clone(),
            private_names: Vec::new(),
            subnets,
            allowed_ranges: Vec::new(),
            ports: vec![443],
        };
        let estimate = prices.estimate(self.snapshot, &[change], &BTreeSet::new());
        let price = estimate.fixed_per_month.map_or(String::new(), |usd| format!(" (${usd}/month)"));
        format!(
            " Instead of a NAT gateway for DynamoDB Streams, an interface endpoint{price} also works, if the client uses its URL: aws ec2 \
             create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc} --service-name {service} --subnet-ids {ids} \
             --security-group-ids GROUP, then AWS_ENDPOINT_URL_DYNAMODB_STREAMS=https://NAME in the client, with NAME from \
             DnsEntries of the endpoint."
        )
    }
}
