//! The Terraform state: maps AWS ids to resource addresses.
//!
//! Keeps ids and ARNs and no other attribute, because attributes may be secret. Never writes a state.

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::files::{LIMIT, read_regular};
use crate::terraform::error::EditError;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::read::config::Config;
use crate::terraform::read::pending::{Pending, PlannedChange, key, pending};

/// AWS ids, with the resources that have them, and what a plan will create or change.
#[derive(Debug, Default)]
pub(in crate::terraform) struct State {
    ids: HashMap<String, Vec<ResourceAddress>>,
    /// The resources that a plan creates or changes; empty without a plan.
    pub pending: Vec<Pending>,
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
    attributes: Option<Attributes>,
}

/// The `id` of a resource of another provider may be a number, or missing.
#[derive(Default, Deserialize)]
struct Attributes {
    id: Option<serde_json::Value>,
    arn: Option<serde_json::Value>,
}

/// The output of `terraform show -json` for a state or a plan.
#[derive(Deserialize)]
struct Shown {
    values: Option<ShownValues>,
    planned_values: Option<IgnoredAny>,
    prior_state: Option<PriorState>,
    #[serde(default)]
    resource_changes: Vec<PlannedChange>,
}

/// The state before the plan.
#[derive(Deserialize)]
struct PriorState {
    values: Option<ShownValues>,
}

#[derive(Deserialize)]
struct ShownValues {
    root_module: ShownModule,
}

#[derive(Deserialize)]
struct ShownModule {
    address: Option<String>,
    #[serde(default)]
    resources: Vec<ShownResource>,
    #[serde(default)]
    child_modules: Vec<Self>,
}

#[derive(Deserialize)]
struct ShownResource {
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    index: Option<serde_json::Value>,
    deposed_key: Option<String>,
    values: Option<Attributes>,
}

impl State {
    /// The state that the user gave, or the local state of the selected workspace; empty if there is none.
    ///
    /// # Errors
    /// The state exists but cannot be read. egress-doctor then plans no edit, because the state may list
    /// the resource.
    pub fn read(config: &Config) -> Result<Self, EditError> {
        let local = match config.workspace.as_deref().unwrap_or("default") {
            "default" => config.root.join("terraform.tfstate"),
            other => config.root.join("terraform.tfstate.d").join(other).join("terraform.tfstate"),
        };
        let path = config.environment.state.as_ref().unwrap_or(&local);
        let unreadable = |why: String| EditError::State { path: path.display().to_string(), why };
        match read_regular(path, LIMIT) {
            Ok(bytes) => Self::parse(&bytes).map_err(unreadable),
            Err(error) if error.is_not_found() && config.environment.state.is_none() => Ok(Self::default()),
            Err(error) => Err(unreadable(error.to_string())),
        }
    }

    /// Parses a state file, or the output of `terraform state pull` or `terraform show -json`.
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Kind {
            format_version: Option<IgnoredAny>,
            version: Option<u64>,
        }
        // serde's message may quote a value, which may be secret.
        let malformed = |error: serde_json::Error| {
            let what = if error.is_data() { "it is not a Terraform state" } else { "it is not JSON" };
            format!("{what} (line {}, column {})", error.line(), error.column())
        };
        // Terraform leaves an empty file if the first apply is interrupted.
        if bytes.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        let kind: Kind = serde_json::from_slice(bytes).map_err(malformed)?;
        let mut state = Self::default();
        match kind {
            Kind { format_version: Some(_), .. } => {
                let shown: Shown = serde_json::from_slice(bytes).map_err(malformed)?;
                match shown {
                    Shown { planned_values: Some(_), prior_state, resource_changes, .. } => {
                        if let Some(values) = prior_state.and_then(|prior| prior.values) {
                            state.add_module(values.root_module);
                        }
                        state.pending = pending(resource_changes);
                    }
                    Shown { values: Some(values), .. } => state.add_module(values.root_module),
                    Shown { .. } => {}
                }
            }
            Kind { version: Some(4), .. } => {
                let file: StateFile = serde_json::from_slice(bytes).map_err(malformed)?;
                for resource in file.resources.into_iter().filter(|resource| resource.mode == "managed") {
                    for instance in resource.instances.into_iter().filter(|one| one.deposed.is_none()) {
                        let address = ResourceAddress {
                            module: resource.module.clone(),
                            kind: resource.kind.clone(),
                            name: resource.name.clone(),
                            key: instance.index_key.as_ref().map(key),
                        };
                        state.add(&address, instance.attributes.unwrap_or_default());
                    }
                }
            }
            Kind { version: Some(other), .. } => {
                return Err(format!("its version is {other}, but egress-doctor reads only version 4"));
            }
            Kind { .. } => {
                return Err("it is neither a state nor the output of terraform show -json".to_owned());
            }
        }
        Ok(state)
    }

    fn add_module(&mut self, module: ShownModule) {
        for resource in
            module.resources.into_iter().filter(|one| one.mode == "managed" && one.deposed_key.is_none())
        {
            let address = ResourceAddress {
                module: module.address.clone(),
                kind: resource.kind,
                name: resource.name,
                key: resource.index.as_ref().map(key),
            };
            self.add(&address, resource.values.unwrap_or_default());
        }
        for child in module.child_modules {
            self.add_module(child);
        }
    }

    fn add(&mut self, address: &ResourceAddress, known_by: Attributes) {
        for id in [known_by.id, known_by.arn].into_iter().flatten() {
            let serde_json::Value::String(id) = id else { continue };
            self.ids.entry(id).or_default().push(address.clone());
        }
    }

    /// Whether it has no resources.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The AWS id of the resource with this address, `aws_vpc.main`.
    pub fn id_at(&self, address: &ResourceAddress) -> Option<&str> {
        let mut ids =
            self.ids.iter().filter(|(id, addresses)| !id.starts_with("arn:") && addresses.contains(address));
        ids.next().map(|(id, _)| id.as_str())
    }

    /// The resource of one of these types that has an AWS id. The types are necessary, because an endpoint
    /// policy has the id of its endpoint.
    pub fn of(&self, id: &str, types: &[&str]) -> Option<&ResourceAddress> {
        self.ids.get(id)?.iter().find(|address| types.contains(&address.kind.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = br#"{"version": 4, "resources": [
        {"module": "module.network", "mode": "managed", "type": "aws_vpc_endpoint", "name": "this",
         "instances": [{"index_key": "s3", "attributes": {"id": "vpce-1", "policy": "secret"}}]},
        {"mode": "managed", "type": "aws_vpc_endpoint_policy", "name": "this", "instances": [{"attributes": {"id": "vpce-1"}}]},
        {"mode": "data", "type": "aws_vpc", "name": "existing", "instances": [{"attributes": {"id": "vpc-1"}}]}
    ]}"#;
    const SHOWN: &[u8] = br#"{"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {
        "resources": [
            {"address": "aws_vpc_endpoint_policy.this", "mode": "managed", "type": "aws_vpc_endpoint_policy", "name": "this", "values": {"id": "vpce-1"}},
            {"address": "data.aws_vpc.existing", "mode": "data", "type": "aws_vpc", "name": "existing", "values": {"id": "vpc-1"}}
        ],
        "child_modules": [{"address": "module.network", "resources": [
            {"address": "module.network.aws_vpc_endpoint.this[\"s3\"]", "mode": "managed", "type": "aws_vpc_endpoint", "name": "this",
             "index": "s3", "values": {"id": "vpce-1", "policy": "secret"}}
        ]}]
    }}}"#;

    #[test]
    fn a_state_maps_ids_to_addresses_and_keeps_nothing_else() {
        for text in [FILE, SHOWN] {
            let state = State::parse(text).unwrap_or_default();
            let found = state.of("vpce-1", &["aws_vpc_endpoint"]).map(ToString::to_string);
            assert_eq!(found.as_deref(), Some(r#"module.network.aws_vpc_endpoint.this["s3"]"#));
            assert_eq!(state.of("vpc-1", &["aws_vpc"]), None, "a data source manages nothing");
            assert!(!format!("{state:?}").contains("secret"));
        }
    }

    #[test]
    fn an_invalid_state_is_an_error_and_not_an_empty_state() {
        for (text, why) in [
            (&b"no json"[..], "it is not JSON (line 1, column 2)"),
            (b"\"hunter2\"", "it is not a Terraform state (line 1, column 9)"),
            (b"{}", "it is neither a state nor the output of terraform show -json"),
            (b"{\"version\": 3}", "its version is 3, but egress-doctor reads only version 4"),
            (b"{\"version\": 4, \"resources\": 1}", "it is not a Terraform state (line 1, column 29)"),
        ] {
            assert_eq!(State::parse(text).map(|_| ()), Err(why.to_owned()));
        }
        assert!(State::parse(b" \n").is_ok_and(|state| state.is_empty()));
    }

    #[test]
    fn a_plan_has_the_state_before_it_and_what_it_creates_and_changes() {
        let plan = br#"{"format_version": "1.2", "planned_values": {"root_module": {}},
            "prior_state": {"format_version": "1.0", "values": {"root_module": {"resources": [
                {"address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main", "values": {"id": "vpc-1"}}]}}},
            "resource_changes": [
                {"address": "module.network.aws_vpc_endpoint.s3[0]", "module_address": "module.network", "mode": "managed",
                 "type": "aws_vpc_endpoint", "name": "s3", "index": 0, "change": {"actions": ["create"], "before": null,
                 "after": {"service_name": "com.amazonaws.us-west-2.s3", "policy": "secret"}}},
                {"address": "aws_vpc.main", "mode": "managed", "type": "aws_vpc", "name": "main",
                 "change": {"actions": ["no-op"], "before": {"id": "vpc-1"}, "after": {"id": "vpc-1"}}}]}"#;
        let state = State::parse(plan).unwrap_or_default();
        assert_eq!(state.of("vpc-1", &["aws_vpc"]).map(ToString::to_string).as_deref(), Some("aws_vpc.main"));
        let pending: Vec<String> = state.pending.iter().map(|one| one.address.to_string()).collect();
        assert_eq!(pending, ["module.network.aws_vpc_endpoint.s3[0]"]);
        assert!(!format!("{state:?}").contains("secret"));
    }
}
