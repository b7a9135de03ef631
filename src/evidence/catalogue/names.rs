//! Names from the endpoint service table: private DNS names, and short names for the screen.

use super::lookup::{CATALOGUE, Catalogue, fill, is_filled};
use crate::model::{AwsHost, Destination, DestinationKind, Region};

/// The private DNS names of an endpoint service in a region, by its full name. Empty if it has none or is
/// not in the table.
#[must_use]
pub fn private_names(service_name: &str, region: &Region) -> Vec<String> {
    let dns = CATALOGUE.dns_suffix(region.as_str());
    let row = CATALOGUE.services.iter().find(|row| {
        row.kind == "Interface" && is_filled(service_name, &row.service_name, region.as_str(), dns)
    });
    row.map(|row| row.private_dns_names.iter().map(|name| fill(name, region.as_str(), dns)).collect())
        .unwrap_or_default()
}

/// The display name of a service, `AWS Secrets Manager`, by the full name of its endpoint service.
fn display_name(service_name: &str, region: &Region) -> Option<&'static str> {
    let dns = CATALOGUE.dns_suffix(region.as_str());
    let catalogue: &'static Catalogue = &CATALOGUE;
    catalogue
        .services
        .iter()
        .find(|row| is_filled(service_name, &row.service_name, region.as_str(), dns))
        .and_then(|row| row.display_name.as_deref())
}

/// A short name of a destination: `S3`, `S3 in us-east-1`, `Secrets Manager`, `Okta`; otherwise the host.
/// `region` is the workload's region.
#[must_use]
pub fn short_name(destination: &Destination, region: &Region) -> String {
    let name = match &destination.kind {
        DestinationKind::ThirdParty { name } => name.clone(),
        DestinationKind::AwsApi(aws) => aws_name(aws, region),
        DestinationKind::AwsVpc(_) | DestinationKind::AwsPublic(_) | DestinationKind::Address(_) => None,
    };
    name.unwrap_or_else(|| destination.to_string())
}

fn aws_name(aws: &AwsHost, workload_region: &Region) -> Option<String> {
    let region = aws.region.as_ref().unwrap_or(workload_region);
    let service = match &aws.endpoint {
        Some(offer) => offer.service_name.clone(),
        None => format!("com.amazonaws.{region}.{}", aws.service.as_deref()?),
    };
    let name = display_name(&service, region)?.trim_start_matches("Amazon ").trim_start_matches("AWS ");
    Some(if region == workload_region { name.to_owned() } else { format!("{name} in {region}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_names_of_an_endpoint_service() {
        let region = Region::from("us-west-2");
        let name = "com.amazonaws.us-west-2.bedrock-runtime";
        assert_eq!(private_names(name, &region), ["bedrock-runtime.us-west-2.amazonaws.com"]);
        assert_eq!(display_name(name, &region), Some("Amazon Bedrock (runtime)"));
        assert_eq!(display_name(name, &Region::from("us-east-1")), None, "another region");
    }
}
