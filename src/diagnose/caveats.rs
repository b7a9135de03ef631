//! Caveats of a host name (which VPC endpoints serve it) and the owner of an address (which resource has it).
//!
//! Owns only the sentences about them. Does not compute a verdict.

use std::net::{IpAddr, Ipv4Addr};

use crate::model::{Destination, Endpoint, EndpointKind, Snapshot, SubnetId};

/// The caveats of a host name, as whole sentences. The sources are the user guides of the services.
pub(super) fn caveats(destination: &Destination, snapshot: &Snapshot, subnets: &[SubnetId]) -> Vec<String> {
    let Some(aws) = destination.aws() else { return Vec::new() };
    let region = &snapshot.region;
    let host = destination.host.as_str();
    let is_s3 = aws.service.as_deref().is_some_and(|service| service.starts_with("s3"));
    let mut sentences: Vec<String> = Vec::new();
    let mut add = |text: &str| sentences.push(text.to_owned());
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html
    if host.contains(".s3-accelerate.") {
        add(
            "An S3 Transfer Acceleration name resolves to edge locations, which no VPC endpoint serves. It needs internet access, or the client must use the bucket's regional name.",
        );
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-networking.html
    } else if host.contains("s3express") {
        add(
            "S3 Express One Zone has its own gateway endpoint (s3express). The gateway endpoint for S3 does not serve it.",
        );
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    // https://docs.aws.amazon.com/botocore/latest/reference/config.html
    } else if is_s3 && aws.region.is_none() && region.as_str() == "us-east-1" {
        add(
            "This is the global S3 name, which boto3 uses by default in us-east-1. The gateway endpoint of us-east-1 serves it if the bucket is in us-east-1. For the regional name in boto3, set the environment variable AWS_S3_US_EAST_1_REGIONAL_ENDPOINT=regional; the region alone does not change the name.",
        );
    } else if is_s3 && aws.region.is_none() {
        add(
            "This is the global S3 name. The bucket can be in another region, and S3 endpoints serve only buckets in their own region. Set the bucket's region in the client.",
        );
    } else if destination.is_global_s3() && host != "s3.amazonaws.com" {
        add(&format!(
            "The addresses in the log are addresses of S3 in {region}: the gateway endpoint of {region} serves them."
        ));
    } else if is_s3 && host.contains("-fips.") {
        add("S3 interface endpoints do not serve FIPS names; the S3 gateway endpoint does.");
    }
    if host.contains("-fips.") && !is_s3 {
        add("Only a FIPS endpoint of the service serves a FIPS name, if the service has one.");
    }
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_region-endpoints.html
    // https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html
    if host == "sts.amazonaws.com" {
        add(
            "This is the global STS name, and the STS endpoint serves only regional names. AWS SDKs use the regional name by default since July 2022: the SDK is older, or its settings select the global name (sts_regional_endpoints = legacy, region aws-global, or a fixed URL). Update the SDK, or set AWS_STS_REGIONAL_ENDPOINTS=regional.",
        );
    }
    if host == "queue.amazonaws.com" || host.ends_with(".queue.amazonaws.com") {
        add(
            "This is a legacy SQS name, which the SQS endpoint does not serve. Use sqs.REGION.amazonaws.com.",
        );
    }
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/vpc-endpoints-dynamodb.html
    if aws.service.as_deref() == Some("dynamodb") && host.contains(".ddb.") {
        add(
            "This is an account-based DynamoDB name. The gateway endpoint serves it; the interface endpoint has no private DNS.",
        );
    }
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html
    if aws.service.as_deref() == Some("dynamodbstreams") {
        add(
            "The gateway endpoint for DynamoDB does not serve DynamoDB Streams. Its interface endpoint (dynamodb-streams) has no private DNS: the client must use the URL of the endpoint, https://vpce-ID.streams.dynamodb.REGION.vpce.amazonaws.com. Without one, the name needs a NAT gateway.",
        );
        if let Some(endpoint) = own_url_endpoint(snapshot, subnets, destination) {
            add(&use_own_url(endpoint));
        }
    }
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
    if host.contains(".execute-api.") {
        add(
            "An execute-api endpoint with private DNS receives the calls to the default names of all APIs in the region, including public APIs.",
        );
    }
    if let Some(other) = aws.region.as_ref().filter(|other| *other != region) {
        sentences.push(format!(
            "This destination is in {other}, and the service is in {region}: check that this is intended. A gateway endpoint \
             serves only its own Region. Some services, for example S3, support cross-Region interface endpoints, which \
             egress-doctor does not offer: aws ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id VPC --service-name \
             com.amazonaws.{other}.SERVICE --service-region {other} --subnet-ids SUBNETS."
        ));
    }
    sentences
}

/// The available interface endpoint in the VPC of the subnets that serves a destination only under its own URL
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-streams.html>).
#[must_use]
pub fn own_url_endpoint<'a>(
    snapshot: &'a Snapshot,
    subnets: &[SubnetId],
    destination: &Destination,
) -> Option<&'a Endpoint> {
    if destination.aws()?.service.as_deref() != Some("dynamodbstreams") {
        return None;
    }
    let vpc = subnets.iter().find_map(|id| snapshot.network.subnets.get(id)).map(|subnet| &subnet.vpc)?;
    let service = format!("com.amazonaws.{}.dynamodb-streams", snapshot.region);
    let mut endpoints = snapshot.network.endpoints.iter();
    endpoints.find(|endpoint| endpoint.vpc == *vpc && endpoint.service == service && endpoint.is_available())
}

/// How a client uses an interface endpoint by its URL, as a sentence
/// (<https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html>).
#[must_use]
pub fn use_own_url(endpoint: &Endpoint) -> String {
    let id = &endpoint.id;
    format!(
        "{id} is such an endpoint in this VPC: set its URL in the client (AWS_ENDPOINT_URL_DYNAMODB_STREAMS=https://NAME); aws ec2 \
         describe-vpc-endpoints --vpc-endpoint-ids {id} shows NAME (DnsEntries). Then the name needs no NAT gateway."
    )
}

/// The resource that has an address, if the snapshot contains it.
pub(super) fn address_owner(snapshot: &Snapshot, address: IpAddr, subnets: &[SubnetId]) -> Option<String> {
    let vpc = subnets.iter().find_map(|id| snapshot.network.subnets.get(id)).map(|subnet| &subnet.vpc);
    let network = &snapshot.network;
    let endpoint = network.endpoints.iter().find(|endpoint| match &endpoint.kind {
        EndpointKind::Interface { interfaces, .. } => interfaces.iter().any(|interface| {
            interface.address.map(IpAddr::V4) == Some(address)
                || interface.ipv6_address.map(IpAddr::V6) == Some(address)
        }),
        EndpointKind::Gateway { .. } | EndpointKind::Other(_) => false,
    });
    if let Some(endpoint) = endpoint {
        let (id, service) = (&endpoint.id, &endpoint.service);
        return Some(format!("{address} is an address of {id}, the interface endpoint for {service}."));
    }
    let has_address = |addresses: &[IpAddr]| addresses.contains(&address);
    if let Some(interface) = network.network_interfaces.iter().find(|eni| has_address(&eni.addresses)) {
        let description = match interface.description.as_str() {
            "" => "no description",
            text => text,
        };
        return Some(format!(
            "{address} is an address of network interface {} ({description}).",
            interface.id
        ));
    }
    let has_public = |addresses: &[Ipv4Addr]| addresses.iter().any(|own| IpAddr::V4(*own) == address);
    let mut interfaces = network.network_interfaces.iter();
    let public = interfaces.find(|interface| has_public(&interface.public_addresses));
    if let Some((interface, private)) = public.and_then(|eni| Some((eni, eni.addresses.first()?)))
        && vpc == Some(&interface.vpc)
    {
        return Some(format!(
            "{address} is the public address of network interface {}, which is in the same VPC: its private address {private} \
             needs no NAT gateway. In its VPC the name of a database resolves to that address.",
            interface.id
        ));
    }
    let list = network.prefix_lists.iter().find(|list| {
        list.name.starts_with("com.amazonaws.")
            && list.cidrs.iter().flatten().any(|cidr| cidr.contains(&address))
    });
    if let Some(list) = list {
        return Some(format!(
            "{address} is a public address of {} ({}), not of an interface endpoint.",
            list.name, list.id
        ));
    }
    let vpc = network.vpcs.iter().find(|vpc| vpc.addresses().contains(address))?;
    Some(format!("{address} is in {}. It is unknown which network interface has it.", vpc.id))
}
