//! Looks up a host name in the catalogue.

use std::collections::HashMap;
use std::sync::{LazyLock, OnceLock, PoisonError, RwLock};

use regex::bytes::{Captures, Regex, RegexBuilder};

use super::assets::{self, HostsFile, Partition, RuleRow, ServiceRow, Template};
use crate::evidence::built_in::valid;
use crate::evidence::required::{Alternative, alternatives};
use crate::model::{AwsHost, DestinationKind, EndpointOffer, Region};

/// Suffixes of names that public DNS does not resolve.
const PRIVATE_SUFFIXES: &[&str] = &[".internal", ".local", ".lan", ".corp", ".home.arpa", ".localdomain"];

pub(super) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| valid(Catalogue::built_in()));

/// The reason why the catalogue cannot be built.
#[derive(Debug, thiserror::Error)]
enum CatalogueError {
    #[error("cannot read an asset: {0}")]
    Asset(#[from] serde_json::Error),
    #[error("cannot compile a pattern of assets/hosts.json: {0}")]
    Pattern(#[from] regex::Error),
}

/// The kind of a host. `host` is lower case, without scheme, port and final dot.
#[must_use]
pub(crate) fn classify(host: &str) -> DestinationKind {
    let known = KINDS.read().unwrap_or_else(PoisonError::into_inner).get(host).cloned();
    known.unwrap_or_else(|| {
        let kind = CATALOGUE.classify(host);
        let mut kinds = KINDS.write().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() >= MOST_KINDS {
            kinds.clear();
        }
        kinds.insert(host.to_owned(), kind.clone());
        kind
    })
}

/// The kinds of the hosts of the last lookups: a frame needs those of all its rows, and a lookup tries many rules.
static KINDS: LazyLock<RwLock<HashMap<String, DestinationKind>>> = LazyLock::new(RwLock::default);
/// The most hosts in [`KINDS`]: a log can name any number.
const MOST_KINDS: usize = 4096;

/// Whether the region exists.
pub(crate) fn is_region(name: &str) -> bool {
    CATALOGUE.partitions.iter().any(|(_, row)| row.regions.iter().any(|region| region == name))
}

/// Whether the API of a service has names of the form `NAME.REGION.amazonaws.com`.
pub(crate) fn is_service(name: &str) -> bool {
    CATALOGUE.templates.contains_key(&format!("{name}.{{region}}.{{dns}}"))
}

struct Rule {
    pattern: String,
    /// The texts that a host must contain.
    required: OnceLock<Vec<Alternative>>,
    /// Compiled for the first host that contains them: few rules are needed, and a compiled pattern needs much memory.
    regex: OnceLock<Regex>,
    row: RuleRow,
}

impl Rule {
    fn captures<'h>(&self, host: &'h str) -> Option<Captures<'h>> {
        let host = host.as_bytes();
        let can_match = || {
            let required = self.required.get_or_init(|| alternatives(&self.pattern));
            required.iter().any(|alternative| alternative.can_match(host))
        };
        let is_needed = self.regex.get().is_some() || can_match();
        is_needed.then(|| self.regex.get_or_init(|| valid(ascii(&self.pattern))))?.captures(host)
    }
}

/// The tables of both assets, indexed for the lookup.
pub(super) struct Catalogue {
    region: Regex,
    partitions: Vec<(Regex, Partition)>,
    /// DNS suffix and its placeholder, the longest suffix first.
    suffixes: Vec<(String, &'static str)>,
    templates: HashMap<String, Template>,
    rules: Vec<Rule>,
    third_party: HashMap<String, String>,
    pub services: Vec<ServiceRow>,
}

/// The entry of a host in the tables.
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
    /// The catalogue of the embedded assets.
    fn built_in() -> Result<Self, CatalogueError> {
        let (hosts, services) = assets::read()?;
        Ok(Self::new(hosts, services)?)
    }

    fn new(hosts: HostsFile, services: Vec<ServiceRow>) -> Result<Self, regex::Error> {
        let placeholders = &hosts.placeholders;
        let region =
            placeholders.get("region").map(|text| text.replace("?P<region>", "?:")).unwrap_or_default();
        let region = ascii(&format!("^{region}$"))?;
        let rules = hosts.rules.into_iter().map(|row| {
            let pattern = placeholders
                .iter()
                .fold(row.pattern.clone(), |text, (name, regex)| text.replace(&format!("{{{name}}}"), regex));
            Rule { pattern, required: OnceLock::new(), regex: OnceLock::new(), row }
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
        let partitions = hosts.partitions.into_iter().map(|row| Ok((ascii(&row.region_regex)?, row)));
        Ok(Self {
            region,
            suffixes,
            templates: hosts.templates,
            rules: rules.collect(),
            third_party: third_party.collect(),
            services,
            partitions: partitions.collect::<Result<_, regex::Error>>()?,
        })
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

    /// The first match of: a template, a rule, the longest third-party domain.
    fn lookup(&self, host: &str) -> Match {
        self.by_template(host)
            .or_else(|| self.rules.iter().find_map(|rule| self.by_rule(rule, host)))
            .unwrap_or_else(|| self.by_domain(host))
    }

    fn by_template(&self, host: &str) -> Option<Match> {
        let mut labels: Vec<&str> = host.split('.').collect();
        let at = labels.iter().rposition(|label| self.region.is_match(label.as_bytes()));
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
        let groups = rule.captures(host)?;
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

    pub fn dns_suffix(&self, region: &str) -> &str {
        self.partitions
            .iter()
            .find(|(regex, _)| regex.is_match(region.as_bytes()))
            .map_or("amazonaws.com", |(_, row)| row.dns_suffix.as_str())
    }

    /// The endpoint service for the host, with the endpoint types that serve the host.
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
        let serves = |row: &ServiceRow| {
            row.private_dns_supported != Some(false)
                && row
                    .answers_hosts
                    .iter()
                    .chain(&row.private_dns_names)
                    .any(|pattern| matches_wildcard(&fill(pattern, region, dns), host))
        };
        Some(EndpointOffer {
            service_name: name,
            gateway: rows().any(|row| row.kind == "Gateway"),
            interface: rows().any(|row| row.kind == "Interface" && serves(row)),
        })
    }
}

/// Compiles a pattern for host names, which are ASCII.
fn ascii(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).build()
}

/// Replaces the placeholders of a template.
pub(super) fn fill(template: &str, region: &str, dns: &str) -> String {
    let dual = if dns == "amazonaws.com" { "api.aws" } else { "{dual}" };
    template.replace("{region}", region).replace("{dns}", dns).replace("{dual}", dual)
}

/// Whether a text is a template with its placeholders replaced. Compares the text after the placeholders first, which is
/// cheaper than to replace them.
pub(super) fn is_filled(text: &str, template: &str, region: &str, dns: &str) -> bool {
    let end = template.rfind('}').and_then(|at| template.get(at + 1..)).unwrap_or(template);
    text.ends_with(end) && fill(template, region, dns) == text
}

/// Whether the host matches a pattern. A `*` at its beginning matches one or more characters.
fn matches_wildcard(pattern: &str, host: &str) -> bool {
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
        reason = "a test stops at the first unexpected result"
    )]

    use super::*;

    #[derive(serde::Deserialize)]
    struct Vectors {
        vectors: Vec<serde_json::Value>,
    }

    #[test]
    fn every_asset_parses_and_every_pattern_compiles() {
        let (hosts, services) = assets::read().unwrap();
        let catalogue = Catalogue::built_in().unwrap();
        assert_eq!(catalogue.partitions.len(), hosts.partitions.len());
        assert_eq!(catalogue.services.len(), services.len());
        assert_eq!(catalogue.rules.len(), hosts.rules.len());
        for rule in &catalogue.rules {
            assert_eq!(ascii(&rule.pattern).err(), None, "{}", rule.pattern);
        }
        for table in [hosts.rules.len(), hosts.templates.len(), hosts.third_party.len(), services.len()] {
            assert!(table > 0, "an empty table");
        }
    }

    #[test]
    fn every_vector_of_the_catalogue_is_classified_as_expected() {
        let text = include_str!("../../../tests/fixtures/host-vectors.json");
        let vectors: Vectors = serde_json::from_str(text).unwrap();
        assert_eq!(vectors.vectors.len(), 4139);
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
    fn a_bucket_in_a_region_has_a_gateway_and_an_interface_endpoint() {
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
            "interface endpoints of S3 do not serve FIPS names"
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
    fn names_without_a_public_domain_are_private() {
        for host in ["db", "db.prod.internal"] {
            assert!(matches!(classify(host), DestinationKind::AwsVpc(_)), "{host}");
        }
        assert_eq!(classify("bond.okta.com"), DestinationKind::ThirdParty { name: Some("Okta".to_owned()) });
        assert_eq!(classify("example.org"), DestinationKind::ThirdParty { name: None });
    }
}
