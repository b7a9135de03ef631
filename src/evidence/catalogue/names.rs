//! Names from the endpoint service table: private DNS names, and short names for the screen.

use std::collections::{HashMap, HashSet};

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

/// The longer names of hosts with one short name, the shorter first.
#[derive(Clone, Copy)]
enum Form {
    WithOwnPart,
    Host,
}

/// The short names of the destinations that one screen shows. Hosts with the same one get the part that is their own:
/// `S3 bond-uploads-prod`, `Okta acme.okta.com`; or else their whole host.
#[must_use]
pub fn distinct_names(destinations: &[&Destination], region: &Region) -> Vec<String> {
    let mut names: Vec<String> =
        destinations.iter().map(|destination| short_name(destination, region)).collect();
    for form in [Form::WithOwnPart, Form::Host] {
        let all = || destinations.iter().zip(&names);
        // The first host of each name, and the names that another host has too.
        let mut first: HashMap<&String, &str> = HashMap::new();
        let mut shared: HashSet<&String> = HashSet::new();
        for (one, name) in all() {
            if *first.entry(name).or_insert(&one.host) != one.host {
                shared.insert(name);
            }
        }
        let long = |(one, name): (&&Destination, &String)| match form {
            _ if !shared.contains(name) => None,
            Form::WithOwnPart => own_part(one).map(|part| format!("{name} {part}")),
            Form::Host => Some(one.to_string()),
        };
        let found: Vec<Option<String>> = all().map(long).collect();
        names = names.into_iter().zip(found).map(|(name, long)| long.unwrap_or(name)).collect();
    }
    names
}

/// What a host has before the name of its service (`bond-uploads-prod`), or the whole host of a third party. `None` if it is the
/// general host of the service.
fn own_part(destination: &Destination) -> Option<String> {
    let host = &destination.host;
    let DestinationKind::AwsApi(aws) = &destination.kind else { return Some(host.clone()) };
    let service = aws.service.as_deref()?;
    let labels: Vec<&str> = host.split('.').collect();
    let place = labels.iter().position(|label| label.starts_with(service))?;
    let own = labels.get(..place).filter(|own| !own.is_empty())?.join(".");
    match own.get(..START) {
        Some(start) if own.len() > LONGEST => Some(format!("{start}...")),
        _ => Some(own),
    }
}

/// The greatest length of the part of a host in a name, and the length of the start of a longer one.
const LONGEST: usize = 28;
const START: usize = 22;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_with_one_short_name_get_their_own_part() {
        let hosts = [
            "s3.us-west-2.amazonaws.com",
            "bond-uploads-prod.s3.us-west-2.amazonaws.com",
            "bond-bedrock-files-eea42686090e4a1ebcb82b36abf98c40.s3.us-west-2.amazonaws.com",
            "bond.okta.com",
            "acme.okta.com",
            "acme.okta.com:8443",
            "secretsmanager.us-west-2.amazonaws.com",
            "s3.us-east-1.amazonaws.com",
            "s3.dualstack.us-east-1.amazonaws.com",
        ];
        let destinations: Vec<Destination> =
            hosts.iter().filter_map(|host| crate::evidence::destination(host).ok()).collect();
        let all: Vec<&Destination> = destinations.iter().collect();
        let names = [
            "S3",
            "S3 bond-uploads-prod",
            "S3 bond-bedrock-files-eea...",
            "Okta bond.okta.com",
            "Okta acme.okta.com",
            "Okta acme.okta.com",
            "Secrets Manager",
            "s3.us-east-1.amazonaws.com",
            "s3.dualstack.us-east-1.amazonaws.com",
        ];
        assert_eq!(distinct_names(&all, &Region::from("us-west-2")), names);
    }

    #[test]
    fn private_names_of_an_endpoint_service() {
        let region = Region::from("us-west-2");
        let name = "com.amazonaws.us-west-2.bedrock-runtime";
        assert_eq!(private_names(name, &region), ["bedrock-runtime.us-west-2.amazonaws.com"]);
        assert_eq!(display_name(name, &region), Some("Amazon Bedrock (runtime)"));
        assert_eq!(display_name(name, &Region::from("us-east-1")), None, "another region");
    }
}
