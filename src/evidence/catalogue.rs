//! The host catalogue: what a host is, by its name alone.
//!
//! Built from `assets/hosts.json` and `assets/endpoint-services.json` on first use. An answer says that an endpoint
//! service *exists*, never that it is in this region: only `DescribeVpcEndpointServices` says that.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Regex, RegexBuilder};
use serde::Deserialize;

use crate::model::{AwsHost, Destination, DestinationKind, EndpointOffer, Region};

const HOSTS: &str = include_str!("../../assets/hosts.json");
const ENDPOINT_SERVICES: &str = include_str!("../../assets/endpoint-services.json");

/// Suffixes of names that no public resolver answers.
const PRIVATE_SUFFIXES: &[&str] = &[".internal", ".local", ".lan", ".corp", ".home.arpa", ".localdomain"];

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::builtin);

/// What the host is. `host` is lower case, without scheme, port and final dot.
#[must_use]
pub fn classify(host: &str) -> DestinationKind {
    CATALOGUE.classify(host)
}

/// Whether a region of that name exists.
pub(super) fn is_region(name: &str) -> bool {
    CATALOGUE.partitions.iter().any(|(_, row)| row.regions.iter().any(|region| region == name))
}

/// Whether a service's API has names of the form `NAME.REGION.amazonaws.com`.
pub(super) fn is_service(name: &str) -> bool {
    CATALOGUE.templates.contains_key(&format!("{name}.{{region}}.{{dns}}"))
}

/// The private DNS names of an endpoint service in a region, by its full name. Empty when it has none or is not in
/// the table.
#[must_use]
pub fn private_names(service_name: &str, region: &Region) -> Vec<String> {
    let dns = CATALOGUE.dns_suffix(region.as_str());
    let row = CATALOGUE
        .services
        .iter()
        .find(|row| row.kind == "Interface" && fill(&row.service_name, region.as_str(), dns) == service_name);
    row.map(|row| row.private_dns_names.iter().map(|name| fill(name, region.as_str(), dns)).collect())
        .unwrap_or_default()
}

/// A service's name for people, `AWS Secrets Manager`, by the endpoint service's full name.
fn display_name(service_name: &str, region: &Region) -> Option<&'static str> {
    let dns = CATALOGUE.dns_suffix(region.as_str());
    let catalogue: &'static Catalogue = &CATALOGUE;
    catalogue
        .services
        .iter()
        .find(|row| fill(&row.service_name, region.as_str(), dns) == service_name)
        .and_then(|row| row.display_name.as_deref())
}

/// A destination's name for a narrow column or a sentence: `S3`, `S3 in us-east-1`, `Secrets Manager`, `Okta`, else the
/// host.
#[must_use]
pub fn short_name(destination: &Destination, here: &Region) -> String {
    let known = match &destination.kind {
        DestinationKind::ThirdParty { name } => name.clone(),
        DestinationKind::AwsApi(aws) => aws_name(aws, here),
        DestinationKind::AwsVpc(_) | DestinationKind::AwsPublic(_) | DestinationKind::Address(_) => None,
    };
    known.unwrap_or_else(|| destination.to_string())
}

fn aws_name(aws: &AwsHost, here: &Region) -> Option<String> {
    let region = aws.region.as_ref().unwrap_or(here);
    let service = match &aws.endpoint {
        Some(offer) => offer.service_name.clone(),
        None => format!("com.amazonaws.{region}.{}", aws.service.as_deref()?),
    };
    let name = display_name(&service, region)?.trim_start_matches("Amazon ").trim_start_matches("AWS ");
    Some(if region == here { name.to_owned() } else { format!("{name} in {region}") })
}

#[derive(Deserialize)]
struct HostsFile {
    placeholders: HashMap<String, String>,
    partitions: Vec<Partition>,
    templates: HashMap<String, Template>,
    rules: Vec<RuleRow>,
    third_party: Vec<ThirdParty>,
}

#[derive(Deserialize)]
struct Partition {
    id: String,
    dns_suffix: String,
    dual_stack_dns_suffix: String,
    region_regex: String,
    #[serde(default)]
    regions: Vec<String>,
}

#[derive(Deserialize)]
struct Template {
    services: Vec<String>,
    endpoint: Option<String>,
    #[serde(default)]
    fips: bool,
    #[serde(default)]
    dualstack: bool,
}

#[derive(Deserialize)]
struct RuleRow {
    kind: String,
    pattern: String,
    service: Option<String>,
    endpoint: Option<String>,
    endpoint_type: Option<String>,
    /// Present and null: the host names no region.
    #[serde(default, deserialize_with = "present")]
    #[expect(clippy::option_option, reason = "absent and null differ")]
    region: Option<Option<String>>,
    dualstack: Option<bool>,
}

#[expect(clippy::option_option, reason = "absent and null differ")]
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
struct ThirdParty {
    name: String,
    domains: Vec<String>,
}

#[derive(Deserialize)]
struct ServicesFile {
    services: Vec<ServiceRow>,
}

#[derive(Deserialize)]
struct ServiceRow {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    service_name: String,
    display_name: Option<String>,
    private_dns_supported: Option<bool>,
    #[serde(default)]
    private_dns_names: Vec<String>,
    #[serde(default)]
    answers_hosts: Vec<String>,
}

struct Rule {
    pattern: String,
    /// Made when the rule is asked first: most hosts are decided before most rules.
    regex: OnceLock<Option<Regex>>,
    row: RuleRow,
}

impl Rule {
    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| ascii(&self.pattern)).as_ref()
    }
}

struct Catalogue {
    region: Option<Regex>,
    partitions: Vec<(Regex, Partition)>,
    /// Suffix and its mark, the longest suffix first.
    suffixes: Vec<(String, &'static str)>,
    templates: HashMap<String, Template>,
    rules: Vec<Rule>,
    third_party: HashMap<String, String>,
    services: Vec<ServiceRow>,
}

/// What the tables say of a host, before it is put in the model's terms.
#[derive(Debug, PartialEq, Eq)]
struct Match {
    kind: String,
    services: Vec<String>,
    region: Option<String>,
    partition: Option<String>,
    endpoint: Option<String>,
    endpoint_type: Option<String>,
    fips: bool,
    dualstack: bool,
    third_party: Option<String>,
}

impl Catalogue {
    /// The embedded tables. A test reads them too, so an unreadable table never ships; should it, every host is a
    /// third party and its verdict follows the routes.
    fn builtin() -> Self {
        let hosts: Option<HostsFile> = serde_json::from_str(HOSTS).ok();
        let services: Option<ServicesFile> = serde_json::from_str(ENDPOINT_SERVICES).ok();
        let hosts = hosts.unwrap_or(HostsFile {
            placeholders: HashMap::new(),
            partitions: Vec::new(),
            templates: HashMap::new(),
            rules: Vec::new(),
            third_party: Vec::new(),
        });
        Self::new(hosts, services.map(|file| file.services).unwrap_or_default())
    }

    fn new(hosts: HostsFile, services: Vec<ServiceRow>) -> Self {
        let marks = &hosts.placeholders;
        let region = marks.get("region").map(|text| text.replace("?P<region>", "?:")).unwrap_or_default();
        let region = ascii(&format!("^{region}$"));
        let rules = hosts.rules.into_iter().map(|row| {
            let pattern = marks
                .iter()
                .fold(row.pattern.clone(), |text, (mark, regex)| text.replace(&format!("{{{mark}}}"), regex));
            Rule { pattern, regex: OnceLock::new(), row }
        });
        let mut suffixes: Vec<(String, &'static str)> = hosts
            .partitions
            .iter()
            .flat_map(|row| {
                [(row.dual_stack_dns_suffix.clone(), "{dual}"), (row.dns_suffix.clone(), "{dns}")]
            })
            .collect();
        suffixes.sort_by_key(|(suffix, _)| std::cmp::Reverse(suffix.len()));
        let third_party = hosts
            .third_party
            .into_iter()
            .flat_map(|row| row.domains.into_iter().map(move |d| (d, row.name.clone())));
        Self {
            region,
            suffixes,
            templates: hosts.templates,
            rules: rules.collect(),
            third_party: third_party.collect(),
            services,
            partitions: hosts
                .partitions
                .into_iter()
                .filter_map(|row| Some((ascii(&row.region_regex)?, row)))
                .collect(),
        }
    }

    fn classify(&self, host: &str) -> DestinationKind {
        let found = self.lookup(host);
        let aws = |found: &Match| AwsHost {
            service: found.services.first().cloned(),
            region: found.region.as_deref().map(Region::from),
            endpoint: self.offer(host, found),
        };
        match found.kind.as_str() {
            "aws-api" => DestinationKind::AwsApi(aws(&found)),
            "aws-vpc" | "aws-vpce" => DestinationKind::AwsVpc(aws(&found)),
            "aws-public" => DestinationKind::AwsPublic(aws(&found)),
            _ if is_private_name(host) => {
                DestinationKind::AwsVpc(AwsHost { service: None, region: None, endpoint: None })
            }
            _ => DestinationKind::ThirdParty { name: found.third_party },
        }
    }

    /// `hosts.json`: templates, then the first rule, then the longest third-party domain.
    fn lookup(&self, host: &str) -> Match {
        self.by_template(host)
            .or_else(|| self.rules.iter().find_map(|rule| self.by_rule(rule, host)))
            .unwrap_or_else(|| self.by_domain(host))
    }

    fn by_template(&self, host: &str) -> Option<Match> {
        let mut labels: Vec<&str> = host.split('.').collect();
        let at = labels
            .iter()
            .rposition(|label| self.region.as_ref().is_some_and(|region| region.is_match(label.as_bytes())));
        let region =
            at.and_then(|at| labels.get_mut(at)).map(|label| std::mem::replace(label, "{region}").to_owned());
        let text = labels.join(".");
        let template = self
            .suffixes
            .iter()
            .find_map(|(suffix, mark)| Some(format!("{}{mark}", text.strip_suffix(suffix)?)))
            .filter(|template| template.contains(".{d"))
            .unwrap_or(text);
        let row = self.templates.get(&template)?;
        Some(Match {
            kind: "aws-api".to_owned(),
            services: row.services.clone(),
            partition: Some(self.partition(host, region.as_deref())),
            region,
            endpoint: row.endpoint.clone(),
            endpoint_type: None,
            fips: row.fips,
            dualstack: row.dualstack,
            third_party: None,
        })
    }

    fn by_rule(&self, rule: &Rule, host: &str) -> Option<Match> {
        let groups = rule.regex()?.captures(host.as_bytes())?;
        let group = |name: &str| {
            groups
                .name(name)
                .and_then(|found| host.get(found.range()))
                .filter(|t| !t.is_empty())
                .map(str::to_owned)
        };
        let filled = |text: &Option<String>| match text.as_deref() {
            Some(text) if text.starts_with('{') => group(text.trim_matches(['{', '}'])),
            text => text.map(str::to_owned),
        };
        let row = &rule.row;
        let region = row.region.clone().unwrap_or_else(|| group("region"));
        Some(Match {
            kind: row.kind.clone(),
            services: filled(&row.service).into_iter().collect(),
            partition: Some(self.partition(host, region.as_deref())),
            region,
            endpoint: filled(&row.endpoint),
            endpoint_type: row.endpoint_type.clone(),
            fips: group("fips").is_some(),
            dualstack: row.dualstack.unwrap_or_else(|| group("dualstack").is_some()),
            third_party: None,
        })
    }

    fn by_domain(&self, host: &str) -> Match {
        let starts = std::iter::once(0).chain(host.match_indices('.').map(|(at, _)| at + 1));
        let name = starts
            .filter_map(|at| host.get(at..))
            .filter(|domain| domain.contains('.'))
            .find_map(|domain| self.third_party.get(domain));
        Match {
            kind: if name.is_some() { "third-party" } else { "unknown" }.to_owned(),
            services: Vec::new(),
            region: None,
            partition: None,
            endpoint: None,
            endpoint_type: None,
            fips: false,
            dualstack: false,
            third_party: name.cloned(),
        }
    }

    fn partition(&self, host: &str, region: Option<&str>) -> String {
        let by_region = region.and_then(|region| {
            self.partitions.iter().find(|(regex, _)| regex.is_match(region.as_bytes())).map(|(_, row)| row)
        });
        let by_suffix = || {
            let fits = |row: &&Partition| {
                row.id != "aws-us-gov"
                    && (host.ends_with(&row.dns_suffix) || host.ends_with(&row.dual_stack_dns_suffix))
            };
            self.partitions.iter().map(|(_, row)| row).filter(fits).max_by_key(|row| row.dns_suffix.len())
        };
        by_region.or_else(by_suffix).map_or_else(|| "aws".to_owned(), |row| row.id.clone())
    }

    fn dns_suffix(&self, region: &str) -> &str {
        self.partitions
            .iter()
            .find(|(regex, _)| regex.is_match(region.as_bytes()))
            .map_or("amazonaws.com", |(_, row)| row.dns_suffix.as_str())
    }

    /// The endpoint service that answers the host, with the types that do.
    fn offer(&self, host: &str, found: &Match) -> Option<EndpointOffer> {
        let id = found.endpoint.as_deref()?;
        let region = found.region.as_deref().unwrap_or_default();
        let dns = self.dns_suffix(region);
        let allowed = |kind: &str| found.endpoint_type.as_deref().is_none_or(|only| only == kind);
        let rows = || self.services.iter().filter(|row| row.id == id && allowed(&row.kind));
        let name = rows().map(|row| fill(&row.service_name, region, dns)).next()?;
        if region.is_empty() && rows().any(|row| row.service_name.contains("{region}")) {
            return None;
        }
        let answers = |row: &ServiceRow| {
            row.private_dns_supported != Some(false)
                && row
                    .answers_hosts
                    .iter()
                    .chain(&row.private_dns_names)
                    .any(|pattern| glob(&fill(pattern, region, dns), host))
        };
        Some(EndpointOffer {
            service_name: name,
            gateway: rows().any(|row| row.kind == "Gateway"),
            interface: rows().any(|row| row.kind == "Interface" && answers(row)),
        })
    }
}

/// A pattern for host names, which are ASCII. A test makes them all, so that none is ever missing.
fn ascii(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).unicode(false).build().ok()
}

fn fill(template: &str, region: &str, dns: &str) -> String {
    let dual = if dns == "amazonaws.com" { "api.aws" } else { "{dual}" };
    template.replace("{region}", region).replace("{dns}", dns).replace("{dual}", dual)
}

/// Whether the host matches a pattern whose first label may be `*` (one or more labels' text).
fn glob(pattern: &str, host: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(rest) => host.len() > rest.len() && host.ends_with(rest),
        None => pattern == host,
    }
}

fn is_private_name(host: &str) -> bool {
    !host.contains('.') || PRIVATE_SUFFIXES.iter().any(|suffix| host.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "tests stop at the first surprise"
    )]

    use super::*;

    #[derive(Deserialize)]
    struct Vectors {
        vectors: Vec<serde_json::Value>,
    }

    #[test]
    fn every_vector_of_the_catalogue_is_classified_as_expected() {
        let text = include_str!("../../tests/fixtures/host-vectors.json");
        let vectors: Vectors = serde_json::from_str(text).unwrap();
        assert_eq!(vectors.vectors.len(), 4139);
        let made = |rule: &Rule| rule.regex().is_some();
        assert!(CATALOGUE.region.is_some() && CATALOGUE.rules.iter().all(made), "every pattern is one");
        let mut wrong = Vec::new();
        for vector in &vectors.vectors {
            let host = vector["host"].as_str().unwrap();
            let normal =
                crate::evidence::destination(host).map_or_else(|_| host.to_owned(), |found| found.host);
            let found = CATALOGUE.lookup(&normal);
            let answer = serde_json::json!({
                "kind": found.kind, "services": found.services, "region": found.region, "partition": found.partition,
                "endpoint": found.endpoint, "fips": found.fips, "dualstack": found.dualstack, "name": found.third_party,
            });
            let fields = vector.as_object().unwrap().iter();
            for (field, expected) in fields {
                if let Some(got) = answer.get(field).filter(|got| *got != expected) {
                    wrong.push(format!("{host}: {field} is {got}, expected {expected}"));
                }
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn a_bucket_in_a_region_is_answered_by_a_gateway_and_by_an_interface_endpoint() {
        let offer = |host: &str| match classify(host) {
            DestinationKind::AwsApi(aws) => aws.endpoint,
            other => panic!("{other:?}"),
        };
        let s3 = |interface| {
            Some(EndpointOffer {
                service_name: "com.amazonaws.us-west-2.s3".to_owned(),
                gateway: true,
                interface,
            })
        };
        assert_eq!(offer("bond-files.s3.us-west-2.amazonaws.com"), s3(true));
        assert_eq!(
            offer("bond-files.s3-fips.us-west-2.amazonaws.com"),
            s3(false),
            "no FIPS by the interface endpoint"
        );
        let secrets = offer("secretsmanager.us-west-2.amazonaws.com").unwrap();
        assert_eq!(
            secrets,
            EndpointOffer {
                service_name: "com.amazonaws.us-west-2.secretsmanager".to_owned(),
                gateway: false,
                interface: true
            }
        );
    }

    #[test]
    fn names_without_a_public_domain_are_taken_for_private() {
        for host in ["db", "db.prod.internal"] {
            assert!(matches!(classify(host), DestinationKind::AwsVpc(_)), "{host}");
        }
        assert_eq!(classify("bond.okta.com"), DestinationKind::ThirdParty { name: Some("Okta".to_owned()) });
        assert_eq!(classify("example.org"), DestinationKind::ThirdParty { name: None });
    }

    #[test]
    fn private_names_of_an_endpoint_service() {
        let region = Region::from("us-west-2");
        let name = "com.amazonaws.us-west-2.bedrock-runtime";
        assert_eq!(private_names(name, &region), ["bedrock-runtime.us-west-2.amazonaws.com"]);
        assert_eq!(display_name(name, &region), Some("Amazon Bedrock (runtime)"));
    }
}
