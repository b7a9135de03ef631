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
        format!("{module}{}.{}{}", self.kind, self.name, self.index.as_deref().unwrap_or_default())
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
    /// The state in a root's folder; empty where there is none, or none that can be read.
    pub fn read(root: &Path) -> Self {
        fs::read(root.join("terraform.tfstate")).map(|bytes| Self::parse(&bytes)).unwrap_or_default()
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

    /// The expression of an id that the root's own code makes, `aws_subnet.private["a"].id`.
    pub fn expression(&self, id: &str, types: &[&str]) -> Option<String> {
        let managed = self.of(id, types).filter(|managed| managed.module.is_none())?;
        Some(format!("{}.id", managed.address()))
    }

    /// Who manages an AWS id, by a resource of one of these types: an endpoint's policy has the endpoint's id too.
    pub fn of(&self, id: &str, types: &[&str]) -> Option<&Managed> {
        self.0.get(id)?.iter().find(|managed| types.contains(&managed.kind.as_str()))
    }
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
