//! Names and addresses that mislead: what a host's form means for the ways to it.

use std::net::IpAddr;

use crate::model::{Destination, EndpointKind, Region, Snapshot};

/// What is special about a name, whole sentences. Sources are the pages of each service's guide.
pub(super) fn traps(destination: &Destination, here: &Region) -> Vec<String> {
    let Some(aws) = destination.aws() else { return Vec::new() };
    let host = destination.host.as_str();
    let is_s3 = aws.service.as_deref().is_some_and(|service| service.starts_with("s3"));
    let mut told: Vec<String> = Vec::new();
    let mut say = |text: &str| told.push(text.to_owned());
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html
    if host.contains(".s3-accelerate.") {
        say(
            "A transfer acceleration name leads to the edge, which no VPC endpoint serves: it takes a way to the internet, or the regional name.",
        );
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-networking.html
    } else if host.contains("s3express") {
        say(
            "S3 Express One Zone has a gateway endpoint of its own (s3express); the one for S3 does not serve it.",
        );
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    } else if is_s3 && aws.region.is_none() {
        say(
            "This is S3's global name: it may lead to a bucket of another region, which no endpoint here serves. Give the client the bucket's region.",
        );
    } else if is_s3 && host.contains("-fips.") {
        say("S3's interface endpoints do not serve FIPS names; its gateway endpoint does.");
    }
    if host.contains("-fips.") && !is_s3 {
        say("A FIPS name is served only by the service's FIPS endpoint, where there is one.");
    }
    // https://docs.aws.amazon.com/STS/latest/UserGuide/id_credentials_temp_region-endpoints.html
    if host == "sts.amazonaws.com" {
        say("The STS endpoint serves regional names only: set AWS_STS_REGIONAL_ENDPOINTS=regional.");
    }
    if host == "queue.amazonaws.com" || host.ends_with(".queue.amazonaws.com") {
        say(
            "This is a legacy name of SQS, which the SQS endpoint does not serve: use sqs.REGION.amazonaws.com.",
        );
    }
    // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/vpc-endpoints-dynamodb.html
    if aws.service.as_deref() == Some("dynamodb") && host.contains(".ddb.") {
        say(
            "An account-based name of DynamoDB: its gateway endpoint serves it, its interface endpoint has no private DNS.",
        );
    }
    // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-api-test-invoke-url.html
    if host.contains(".execute-api.") {
        say(
            "With private DNS an execute-api endpoint captures the default names of all APIs of the region, public ones too.",
        );
    }
    if let Some(region) = aws.region.as_ref().filter(|region| *region != here) {
        told.push(format!("It is in {region}: endpoints of {here} serve only names of {here}."));
    }
    told
}

/// Whose an address is, as far as the snapshot knows.
pub(super) fn whose(snapshot: &Snapshot, address: IpAddr) -> Option<String> {
    let network = &snapshot.network;
    let endpoint = network.endpoints.iter().find(|endpoint| match &endpoint.kind {
        EndpointKind::Interface { interfaces, .. } => interfaces.iter().any(|foot| {
            foot.address.map(IpAddr::V4) == Some(address)
                || foot.ipv6_address.map(IpAddr::V6) == Some(address)
        }),
        EndpointKind::Gateway { .. } | EndpointKind::Other(_) => false,
    });
    if let Some(endpoint) = endpoint {
        let (id, service) = (&endpoint.id, &endpoint.service);
        return Some(format!(
            "{address} is {id}, an interface endpoint of {service}: its private DNS answers."
        ));
    }
    if let Some(interface) = network.network_interfaces.iter().find(|one| one.addresses.contains(&address)) {
        let what =
            if interface.description.is_empty() { "an interface" } else { interface.description.as_str() };
        return Some(format!("{address} is {} ({what}).", interface.id));
    }
    let list = network.prefix_lists.iter().find(|list| {
        list.name.starts_with("com.amazonaws.")
            && list.cidrs.iter().flatten().any(|cidr| cidr.contains(&address))
    });
    if let Some(list) = list {
        return Some(format!(
            "{address} is a public address of {} ({}): no interface endpoint answered the name.",
            list.name, list.id
        ));
    }
    let vpc = network.vpcs.iter().find(|vpc| vpc.addresses().contains(address))?;
    Some(format!("{address} is inside {}; who has it was not read.", vpc.id))
}
