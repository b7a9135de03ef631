//! What a plan will create or change, from `terraform show -json` of the plan file.
//!
//! Keeps only the arguments that decide whether a fix is pending, because other values may be secret.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::quoted;

/// The arguments that are kept.
const KEPT: [&str; 16] = [
    "arn",
    "cidr_block",
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "enable_dns_hostnames",
    "enable_dns_support",
    "from_port",
    "id",
    "private_dns_enabled",
    "route_table_id",
    "security_group_id",
    "service_name",
    "subnet_id",
    "type",
    "vpc_endpoint_type",
    "vpc_id",
];
/// The path of the egress type in the values of a service, in the form of JSON Pointer.
const EGRESS_TYPE: &str = "/network_configuration/0/egress_configuration/0/egress_type";

/// A resource that a plan creates or changes.
#[derive(Debug)]
pub(in crate::terraform) struct Pending {
    pub address: ResourceAddress,
    /// Whether the plan creates it; otherwise the plan changes it.
    pub is_new: bool,
    before: BTreeMap<&'static str, String>,
    after: BTreeMap<&'static str, String>,
}

impl Pending {
    /// An argument after the apply; `None` if it is unknown or has no value.
    pub fn after(&self, name: &str) -> Option<&str> {
        self.after.get(name).map(String::as_str)
    }

    /// An argument before the apply.
    pub fn before(&self, name: &str) -> Option<&str> {
        self.before.get(name).map(String::as_str)
    }

    /// Whether an argument has this value after the apply, or is unknown.
    pub fn may_be(&self, name: &str, value: &str) -> bool {
        self.after(name).is_none_or(|known| known == value)
    }
}

/// An element of `resource_changes`.
#[derive(Deserialize)]
pub(super) struct PlannedChange {
    module_address: Option<String>,
    mode: String,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    index: Option<Value>,
    change: Change,
}

#[derive(Deserialize)]
struct Change {
    actions: Vec<String>,
    before: Option<Value>,
    after: Option<Value>,
}

/// The resources that a plan creates or changes.
pub(super) fn pending(changes: Vec<PlannedChange>) -> Vec<Pending> {
    let is_pending = |one: &PlannedChange| {
        one.change.actions.iter().any(|action| action == "create" || action == "update")
    };
    let managed = changes.into_iter().filter(|one| one.mode == "managed" && is_pending(one));
    let pending = managed.map(|one| Pending {
        address: ResourceAddress {
            module: one.module_address,
            kind: one.kind,
            name: one.name,
            key: one.index.as_ref().map(key),
        },
        is_new: one.change.actions.iter().any(|action| action == "create"),
        before: kept(one.change.before.as_ref()),
        after: kept(one.change.after.as_ref()),
    });
    pending.collect()
}

fn kept(values: Option<&Value>) -> BTreeMap<&'static str, String> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    };
    let Some(values) = values else { return BTreeMap::new() };
    let egress = values.pointer(EGRESS_TYPE).and_then(text).map(|egress| ("egress_type", egress));
    KEPT.iter().filter_map(|name| Some((*name, text(values.get(*name)?)?))).chain(egress).collect()
}

/// An instance key in HCL syntax: `["a"]`, `[0]`.
pub(super) fn key(key: &Value) -> String {
    match key {
        Value::String(text) => format!("[{}]", quoted(text)),
        other => format!("[{other}]"),
    }
}
