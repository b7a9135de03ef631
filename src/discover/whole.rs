//! Whether an answer's item says everything that decides. AWS's own always do; saved ones may have been cut by hand.
//!
//! What is missing is no fact: an item that lacks something is left out, and a gap says so.

use super::interpret::is_gone;
use super::wire::{
    AclEntry, EgressOnlyInternetGateway, GatewayAttachment, InternetGateway, NatGateway, NetworkAcl,
    Permission, RouteTable, SecurityGroup, VpcEndpoint,
};
use crate::model::{Call, Gap, GapKind};

/// An item of an answer.
pub(super) trait Item {
    /// Its id, and the field that it lacks.
    fn lacks(&self) -> Option<(&str, &'static str)>;
}

/// The item, if it is whole; else the gap.
pub(super) fn whole<T: Item>(call: Call, item: T) -> Result<T, Gap> {
    match item.lacks() {
        None => Ok(item),
        Some((id, field)) => {
            let message = format!("{id} comes without {field}, so it is left out");
            Err(Gap { call, kind: GapKind::Partial, message })
        }
    }
}

/// The first name whose field is missing.
fn first(fields: &[(&'static str, bool)]) -> Option<&'static str> {
    fields.iter().find(|(_, given)| !given).map(|(name, _)| *name)
}

/// Of a protocol with ports, both ends must be told.
fn has_ports(protocol: &str) -> bool {
    ["tcp", "udp", "6", "17"].contains(&protocol)
}

fn permission(rule: &Permission) -> Option<&'static str> {
    let Some(protocol) = rule.ip_protocol.as_deref() else { return Some("IpProtocol") };
    let told = !has_ports(protocol) || (rule.from_port.is_some() && rule.to_port.is_some());
    (!told).then_some("FromPort and ToPort")
}

impl Item for SecurityGroup {
    fn lacks(&self) -> Option<(&str, &'static str)> {
        let lists = first(&[
            ("IpPermissions", self.ip_permissions.is_some()),
            ("IpPermissionsEgress", self.ip_permissions_egress.is_some()),
        ]);
        let rules = self.ip_permissions.iter().chain(&self.ip_permissions_egress).flatten();
        lists.or_else(|| rules.into_iter().find_map(permission)).map(|field| (self.group_id.as_str(), field))
    }
}

fn entry(entry: &AclEntry) -> Option<&'static str> {
    let range = entry.port_range.as_ref();
    let ports = range.is_some_and(|range| range.from.is_some() && range.to.is_some());
    first(&[
        ("Egress", entry.egress.is_some()),
        ("RuleNumber", entry.rule_number.is_some()),
        ("RuleAction", entry.rule_action.is_some()),
        ("Protocol", entry.protocol.is_some()),
        ("PortRange", ports || !entry.protocol.as_deref().is_some_and(has_ports)),
        ("CidrBlock", entry.cidr_block.is_some() || entry.ipv6_cidr_block.is_some()),
    ])
}

impl Item for NetworkAcl {
    fn lacks(&self) -> Option<(&str, &'static str)> {
        let lists =
            first(&[("Entries", self.entries.is_some()), ("Associations", self.associations.is_some())]);
        let field = lists.or_else(|| self.entries.iter().flatten().find_map(entry))?;
        Some((&self.network_acl_id, field))
    }
}

impl Item for RouteTable {
    fn lacks(&self) -> Option<(&str, &'static str)> {
        let field =
            first(&[("Routes", self.routes.is_some()), ("Associations", self.associations.is_some())])?;
        Some((&self.route_table_id, field))
    }
}

impl Item for NatGateway {
    fn lacks(&self) -> Option<(&str, &'static str)> {
        if is_gone(self.state.as_deref()) {
            return None;
        }
        let public = self.nat_gateway_addresses.iter().flatten().any(|address| address.public_ip.is_some());
        let field = first(&[
            ("State", self.state.is_some()),
            // A public address tells the kind too.
            ("ConnectivityType", self.connectivity_type.is_some() || public),
        ])?;
        Some((&self.nat_gateway_id, field))
    }
}

fn attachments(list: Option<&Vec<GatewayAttachment>>) -> Option<&'static str> {
    let Some(list) = list else { return Some("Attachments") };
    list.iter().find_map(|one| {
        first(&[("Attachments' State", one.state.is_some()), ("Attachments' VpcId", one.vpc_id.is_some())])
    })
}

impl Item for InternetGateway {
    fn lacks(&self) -> Option<(&str, &'static str)> {
        attachments(self.attachments.as_ref()).map(|field| (self.internet_gateway_id.as_str(), field))
    }
}

impl Item for EgressOnlyInternetGateway {
    fn lacks(&self) -> Option<(&str, &'static str)> {
        attachments(self.attachments.as_ref())
            .map(|field| (self.egress_only_internet_gateway_id.as_str(), field))
    }
}

impl Item for VpcEndpoint {
    fn lacks(&self) -> Option<(&str, &'static str)> {
        if is_gone(self.state.as_deref()) {
            return None;
        }
        let is_interface = self.vpc_endpoint_type.as_deref() == Some("Interface");
        let field = first(&[
            ("State", self.state.is_some()),
            ("VpcEndpointType", self.vpc_endpoint_type.is_some()),
            ("ServiceName", self.service_name.is_some()),
            ("PrivateDnsEnabled", !is_interface || self.private_dns_enabled.is_some()),
            ("SubnetIds", !is_interface || self.subnet_ids.is_some()),
        ])?;
        Some((&self.vpc_endpoint_id, field))
    }
}
