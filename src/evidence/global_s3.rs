//! The region of a global S3 name: `s3.amazonaws.com`, `reports.s3.amazonaws.com`.
//!
//! boto3 uses these names by default if its region is us-east-1
//! (<https://docs.aws.amazon.com/botocore/latest/reference/config.html>). The name without a bucket belongs to us-east-1.
//! The name of a bucket has the addresses of the bucket's region, or of us-east-1
//! (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#deprecated-global-endpoint>). The gateway
//! endpoint of a region serves the addresses of S3 in that region.

use std::net::IpAddr;

use crate::model::{AwsHost, Destination, DestinationKind, EndpointOffer, Region, Snapshot};

/// The region to which global S3 names belong by default.
const DEFAULT_REGION: &str = "us-east-1";

/// The kind of a global S3 name with what is known about its region: from its addresses in the log, or from the name without a
/// bucket. In us-east-1 the gateway endpoint is offered without a known region, because it serves the name if the bucket is
/// there. `None` if nothing is known, or for another name.
pub(super) fn kind(
    snapshot: &Snapshot,
    destination: &Destination,
    addresses: &[IpAddr],
) -> Option<DestinationKind> {
    let aws = destination.aws().filter(|aws| aws.region.is_none() && destination.is_global_s3())?;
    host_in(snapshot, aws, destination, addresses).map(DestinationKind::AwsApi)
}

/// The host with the region and the endpoint service that serves it; `None` if nothing is known.
fn host_in(
    snapshot: &Snapshot,
    aws: &AwsHost,
    destination: &Destination,
    addresses: &[IpAddr],
) -> Option<AwsHost> {
    let service_name = format!("com.amazonaws.{}.s3", snapshot.region);
    let list = snapshot.network.prefix_lists.iter().find(|list| list.name == service_name);
    let is_in_list = |address: &IpAddr| {
        let cidrs = list.iter().flat_map(|list| list.cidrs.iter().flatten());
        cidrs.into_iter().any(|cidr| cidr.contains(address))
    };
    let is_default = snapshot.region.as_str() == DEFAULT_REGION;
    let is_here = !addresses.is_empty() && addresses.iter().all(is_in_list);
    let has_bucket = destination.bucket_of_unknown_region().is_some();
    let region: Option<Region> =
        (is_here || is_default && !has_bucket && addresses.is_empty()).then(|| snapshot.region.clone());
    let is_elsewhere = !addresses.is_empty() && !addresses.iter().any(is_in_list) && list.is_some();
    (is_here || is_default && !is_elsewhere).then(|| AwsHost {
        region,
        endpoint: Some(EndpointOffer { service_name, gateway: true, interface: false }),
        ..aws.clone()
    })
}
