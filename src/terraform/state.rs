//! Local state: which address an AWS id has. Read only; of the attributes, ids and ARNs are kept and nothing else.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// AWS ids, and the addresses that Terraform manages them by.
#[derive(Debug, Default)]
pub(super) struct State(HashMap<String, Vec<Managed>>);

/// A managed resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Managed {
    /// `module.network`; `None` in the root.
    pub module: Option<String>,
    /// `aws_vpc_endpoint`
    pub kind: String,
    /// `s3`
    pub name: String,
    /// `["a"]`, `[0]`: with `count` or `for_each`.
    pub index: Option<String>,
}

impl Managed {
    /// `module.network.aws_vpc_endpoint.s3["a"]`
    pub fn address(&self) -> String {
        let module = self.module.as_ref().map_or(String::new(), |module| format!("{module}."));
        format!("{module}{}", self.own_address())
    }

    /// The same within its module, `aws_vpc_endpoint.s3["a"]`
    pub fn own_address(&self) -> String {
        format!("{}.{}{}", self.kind, self.name, self.index.as_deref().unwrap_or_default())
    }
}

#[derive(Deserialize)]
struct StateFile {
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    module: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    index_key: Option<serde_json::Value>,
    deposed: Option<String>,
    #[serde(default)]
    attributes: Attributes,
}

#[derive(Default, Deserialize)]
struct Attributes {
    id: Option<String>,
    arn: Option<String>,
}

impl State {
    /// The state in a root's folder, of the workspace that is chosen there; empty where there is none, or none that can be read.
    pub fn read(root: &Path, workspace: &str) -> Self {
        let path = match workspace {
            "default" => root.join("terraform.tfstate"),
            other => root.join("terraform.tfstate.d").join(other).join("terraform.tfstate"),
        };
        fs::read(path).map(|bytes| Self::parse(&bytes)).unwrap_or_default()
    }

    fn parse(bytes: &[u8]) -> Self {
        let Ok(file) = serde_json::from_slice::<StateFile>(bytes) else { return Self::default() };
        let mut ids: HashMap<String, Vec<Managed>> = HashMap::new();
        for resource in file.resources.into_iter().filter(|resource| resource.mode == "managed") {
            for instance in resource.instances.into_iter().filter(|instance| instance.deposed.is_none()) {
                let managed = Managed {
                    module: resource.module.clone(),
                    kind: resource.kind.clone(),
                    name: resource.name.clone(),
                    index: instance.index_key.map(|key| format!("[{key}]")),
                };
                let names = [instance.attributes.id, instance.attributes.arn];
                for id in names.into_iter().flatten() {
                    ids.entry(id).or_default().push(managed.clone());
                }
            }
        }
        Self(ids)
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The AWS id of what has this address, `aws_vpc.main`.
    pub fn id_at(&self, address: &str) -> Option<&str> {
        let mut all = self.0.iter().flat_map(|(id, managed)| managed.iter().map(move |one| (id, one)));
        all.find(|(id, one)| !id.starts_with("arn:") && one.address() == address).map(|(id, _)| id.as_str())
    }

    /// Who manages an AWS id, by a resource of one of these types: an endpoint's policy has the endpoint's id too.
    pub fn of(&self, id: &str, types: &[&str]) -> Option<&Managed> {
        self.0.get(id)?.iter().find(|managed| types.contains(&managed.kind.as_str()))
    }
}

/// `module.app["a"].aws_eip.nat[0]` without what tells one instance from the other.
pub(super) fn without_keys(address: &str) -> String {
    let (mut out, mut depth) = (String::new(), 0_usize);
    for c in address.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            c if depth == 0 => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_to_addresses_and_nothing_else_is_kept() {
        let state = State::parse(
            br#"{"version": 4, "resources": [
                {"module": "module.network", "mode": "managed", "type": "aws_vpc_endpoint", "name": "this",
                 "instances": [{"index_key": "s3", "attributes": {"id": "vpce-1", "policy": "secret"}}]},
                {"mode": "managed", "type": "aws_vpc_endpoint_policy", "name": "this", "instances": [{"attributes": {"id": "vpce-1"}}]},
                {"mode": "data", "type": "aws_vpc", "name": "existing", "instances": [{"attributes": {"id": "vpc-1"}}]}
            ]}"#,
        );
        let found = state.of("vpce-1", &["aws_vpc_endpoint"]).map(Managed::address);
        assert_eq!(found.as_deref(), Some(r#"module.network.aws_vpc_endpoint.this["s3"]"#));
        assert_eq!(state.of("vpc-1", &["aws_vpc"]), None, "a data source manages nothing");
        assert!(!format!("{state:?}").contains("secret"));
        assert_eq!(State::parse(b"no json").of("vpce-1", &["aws_vpc_endpoint"]), None);
    }
}
