//! The structure of the two embedded assets. Contains no logic.

use std::collections::HashMap;

use serde::Deserialize;

const HOSTS: &str = include_str!("../../../assets/hosts.json");
const ENDPOINT_SERVICES: &str = include_str!("../../../assets/endpoint-services.json");

/// `assets/hosts.json`. Patterns contain placeholders such as `{region}`.
#[derive(Deserialize)]
pub(super) struct HostsFile {
    pub placeholders: HashMap<String, String>,
    pub partitions: Vec<Partition>,
    pub templates: HashMap<String, Template>,
    pub rules: Vec<RuleRow>,
    pub third_party: Vec<ThirdParty>,
}

#[derive(Deserialize)]
pub(super) struct Partition {
    pub id: String,
    pub dns_suffix: String,
    pub dual_stack_dns_suffix: String,
    pub region_regex: String,
    #[serde(default)]
    pub regions: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Template {
    pub services: Vec<String>,
    pub endpoint: Option<String>,
    #[serde(default)]
    pub fips: bool,
    #[serde(default)]
    pub dualstack: bool,
}

#[derive(Deserialize)]
pub(super) struct RuleRow {
    pub kind: String,
    pub pattern: String,
    pub service: Option<String>,
    pub endpoint: Option<String>,
    pub endpoint_type: Option<String>,
    /// Absent: the region is in the host name. Null: the host has no region.
    #[serde(default, deserialize_with = "present")]
    #[expect(clippy::option_option, reason = "absent and null differ")]
    pub region: Option<Option<String>>,
    pub dualstack: Option<bool>,
}

#[expect(clippy::option_option, reason = "absent and null differ")]
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::<String>::deserialize(deserializer).map(Some)
}

#[derive(Deserialize)]
pub(super) struct ThirdParty {
    pub name: String,
    pub domains: Vec<String>,
}

/// `assets/endpoint-services.json`: the endpoint services of AWS.
#[derive(Deserialize)]
pub(super) struct ServicesFile {
    pub services: Vec<ServiceRow>,
}

#[derive(Deserialize)]
pub(super) struct ServiceRow {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub service_name: String,
    pub display_name: Option<String>,
    pub private_dns_supported: Option<bool>,
    #[serde(default)]
    pub private_dns_names: Vec<String>,
    #[serde(default)]
    pub answers_hosts: Vec<String>,
}

/// Reads both assets.
///
/// # Errors
/// An asset is not JSON of this form.
pub(super) fn read() -> Result<(HostsFile, Vec<ServiceRow>), serde_json::Error> {
    let hosts: HostsFile = serde_json::from_str(HOSTS)?;
    let services: ServicesFile = serde_json::from_str(ENDPOINT_SERVICES)?;
    Ok((hosts, services.services))
}
