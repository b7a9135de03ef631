//! Names of AWS's endpoint services, `com.amazonaws.us-west-2.s3`.

use crate::model::Region;

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
        short => short,
    }
}

/// The host name of a service that has gateway endpoints, `s3.us-west-2.amazonaws.com`.
pub(super) fn gateway_host(service: &str, region: &Region) -> Option<String> {
    let short = short_name(service);
    matches!(short, "s3" | "dynamodb").then(|| format!("{short}.{region}.amazonaws.com"))
}
