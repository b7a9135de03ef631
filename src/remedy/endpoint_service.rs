//! Names of AWS's endpoint services, `com.amazonaws.us-west-2.s3`.

use crate::model::Region;

/// The services with gateway endpoints, by the last part of the name.
pub(super) const GATEWAY_SERVICES: [&str; 3] = ["s3", "dynamodb", "s3express"];

/// The last part of an endpoint service's name: `s3`, `ecr.api`.
pub(super) fn short_name(service: &str) -> &str {
    match service.splitn(4, '.').nth(3) {
        Some(short) if service.starts_with("com.amazonaws.") => short,
        _ => service.rsplit('.').next().unwrap_or(service),
    }
}

/// The name of a service in a sentence: `S3`, `DynamoDB`.
pub(crate) fn display_name(service: &str) -> &str {
    match short_name(service) {
        "s3" => "S3",
        "dynamodb" => "DynamoDB",
        "s3express" => "S3 Express One Zone",
        short => short,
    }
}

/// The host name of a service that has gateway endpoints, `s3.us-west-2.amazonaws.com`.
pub(super) fn gateway_host(service: &str, region: &Region) -> Option<String> {
    let name = match short_name(service) {
        "s3express" => "s3express-control",
        short if GATEWAY_SERVICES.contains(&short) => short,
        _ => return None,
    };
    Some(format!("{name}.{region}.amazonaws.com"))
}
