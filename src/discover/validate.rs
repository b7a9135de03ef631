//! Checks that an item of an answer has every field that a verdict depends on.
//!
//! Live answers always have them; saved files may be edited. A missing field must not count as a negative
//! value, so the item is ignored and recorded in a gap.

use super::interpret::is_gone;
use super::wire::{
    AclEntry, EgressOnlyInternetGateway, GatewayAttachment, InternetGateway, NatGateway, NetworkAcl,
    Permission, RouteTable, SecurityGroup, VpcEndpoint,
};
use crate::model::{Call, Gap, GapKind};

/// An item of an answer that can be incomplete.
pub(super) trait Validate {
    /// The id of the item and its first missing field. `None` if all required fields are present.
    fn missing_field(&self) -> Option<(&str, &'static str)>;
}

/// Returns the item if all required fields are present.
///
/// # Errors
/// A required field is missing: the gap to record.
pub(super) fn validate<T: Validate>(call: Call, item: T) -> Result<T, Gap> {
    match item.missing_field() {
        None => Ok(item),
        Some((id, field)) => {
            let message = format!("{id} has no {field}, so it is ignored");
            Err(Gap::new(call, GapKind::Partial, message))
        }
    }
}

/// The name of the first missing field. Each pair is the name of a field and whether it is present.
fn first_missing(fields: &[(&'static str, bool)]) -> Option<&'static str> {
    fields.iter().find(|(_, present)| !present).map(|(name, _)| *name)
}

/// Whether a rule of this protocol must have both ports of a port range.
fn has_ports(protocol: &str) -> bool {
    ["tcp", "udp", "6", "17"].contains(&protocol)
}

fn permission(rule: &Permission) -> Option<&'static str> {
    let Some(protocol) = rule.ip_protocol.as_deref() else { return Some("IpProtocol") };
    let is_complete = !has_ports(protocol) || (rule.from_port.is_some() && rule.to_port.is_some());
    (!is_complete).then_some("FromPort and ToPort")
}

impl Validate for SecurityGroup {
    fn missing_field(&self) -> Option<(&str, &'static str)> {
        let lists = first_missing(&[
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
    first_missing(&[
        ("Egress", entry.egress.is_some()),
        ("RuleNumber", entry.rule_number.is_some()),
        ("RuleAction", entry.rule_action.is_some()),
        ("Protocol", entry.protocol.is_some()),
        ("PortRange", ports || !entry.protocol.as_deref().is_some_and(has_ports)),
        ("CidrBlock", entry.cidr_block.is_some() || entry.ipv6_cidr_block.is_some()),
    ])
}

impl Validate for NetworkAcl {
    fn missing_field(&self) -> Option<(&str, &'static str)> {
        let lists = first_missing(&[
            ("Entries", self.entries.is_some()),
            ("Associations", self.associations.is_some()),
        ]);
        let field = lists.or_else(|| self.entries.iter().flatten().find_map(entry))?;
        Some((&self.network_acl_id, field))
    }
}

impl Validate for RouteTable {
    fn missing_field(&self) -> Option<(&str, &'static str)> {
        let field = first_missing(&[
            ("Routes", self.routes.is_some()),
            ("Associations", self.associations.is_some()),
        ])?;
        Some((&self.route_table_id, field))
    }
}

impl Validate for NatGateway {
    fn missing_field(&self) -> Option<(&str, &'static str)> {
        if is_gone(self.state.as_deref()) {
            return None;
        }
        let public = self.nat_gateway_addresses.iter().flatten().any(|address| address.public_ip.is_some());
        let field = first_missing(&[
            ("State", self.state.is_some()),
            // Only a public NAT gateway has a public IP.
            ("ConnectivityType", self.connectivity_type.is_some() || public),
        ])?;
        Some((&self.nat_gateway_id, field))
    }
}

fn attachments(list: Option<&Vec<GatewayAttachment>>) -> Option<&'static str> {
    let Some(list) = list else { return Some("Attachments") };
    list.iter().find_map(|attachment| {
        first_missing(&[
            ("Attachments' State", attachment.state.is_some()),
            ("Attachments' VpcId", attachment.vpc_id.is_some()),
        ])
    })
}

impl Validate for InternetGateway {
    fn missing_field(&self) -> Option<(&str, &'static str)> {
        attachments(self.attachments.as_ref()).map(|field| (self.internet_gateway_id.as_str(), field))
    }
}

impl Validate for EgressOnlyInternetGateway {
    fn missing_field(&self) -> Option<(&str, &'static str)> {
        attachments(self.attachments.as_ref())
            .map(|field| (self.egress_only_internet_gateway_id.as_str(), field))
    }
}

impl Validate for VpcEndpoint {
    fn missing_field(&self) -> Option<(&str, &'static str)> {
        if is_gone(self.state.as_deref()) {
            return None;
        }
        let is_interface = self.vpc_endpoint_type.as_deref() == Some("Interface");
        // An endpoint of another type can have a resource or a service network instead of a service
        // (<https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html>).
        let has_no_service = !["Interface", "Gateway", "GatewayLoadBalancer"]
            .iter()
            .any(|kind| self.vpc_endpoint_type.as_deref() == Some(*kind));
        let field = first_missing(&[
            ("State", self.state.is_some()),
            ("VpcEndpointType", self.vpc_endpoint_type.is_some()),
            ("ServiceName", has_no_service || self.service_name.is_some()),
            ("PrivateDnsEnabled", !is_interface || self.private_dns_enabled.is_some()),
            ("SubnetIds", !is_interface || self.subnet_ids.is_some()),
        ])?;
        Some((&self.vpc_endpoint_id, field))
    }
}
