//! Rules of security groups and network ACLs.

use ipnet::IpNet;

use super::fields::{each, tags};
use crate::discover::wire::{self, List};
use crate::model::{
    AclAction, AclRule, NetworkAcl, NetworkAclId, Peer, PortRange, PrefixListId, Protocol, SecurityGroup,
    SecurityGroupId, SecurityGroupRule, SubnetId, VpcId,
};

/// A security group; `None` for a group without a VPC (EC2-Classic).
pub(in crate::discover) fn security_group(group: wire::SecurityGroup) -> Option<SecurityGroup> {
    let rules = |list: List<wire::Permission>| each(list).flat_map(rules_of).collect();
    Some(SecurityGroup {
        id: SecurityGroupId::new(group.group_id),
        name: group.group_name.unwrap_or_default(),
        vpc: VpcId::new(group.vpc_id?),
        ingress: rules(group.ip_permissions),
        egress: rules(group.ip_permissions_egress),
        tags: tags(group.tags),
    })
}

/// One rule for each peer. For ICMP the two ports are type and code; TCP packets never match such a rule.
fn rules_of(permission: wire::Permission) -> Vec<SecurityGroupRule> {
    let protocol = protocol(permission.ip_protocol.as_deref());
    let ports = ports(permission.from_port, permission.to_port);
    let ranges = each(permission.ip_ranges).filter_map(|range| range.cidr_ip);
    let ranges6 = each(permission.ipv6_ranges).filter_map(|range| range.cidr_ipv6);
    let lists = each(permission.prefix_list_ids).filter_map(|list| list.prefix_list_id);
    let groups = each(permission.user_id_group_pairs).filter_map(|pair| pair.group_id);
    ranges
        .map(|net| Peer::Ipv4(net.trunc()))
        .chain(ranges6.map(|net| Peer::Ipv6(net.trunc())))
        .chain(lists.map(|id| Peer::PrefixList(PrefixListId::new(id))))
        .chain(groups.map(|id| Peer::Group(SecurityGroupId::new(id))))
        .map(|peer| SecurityGroupRule { protocol, ports, peer })
        .collect()
}

fn protocol(text: Option<&str>) -> Protocol {
    match text.unwrap_or("-1") {
        "-1" | "all" => Protocol::All,
        "tcp" | "6" => Protocol::Tcp,
        "udp" | "17" => Protocol::Udp,
        "icmp" => Protocol::Number(1),
        "icmpv6" => Protocol::Number(58),
        number => Protocol::Number(number.parse().unwrap_or(u8::MAX)),
    }
}

fn ports(from: Option<i32>, to: Option<i32>) -> PortRange {
    match (from.and_then(|port| u16::try_from(port).ok()), to.and_then(|port| u16::try_from(port).ok())) {
        (Some(from), Some(to)) => PortRange { from, to },
        _ => PortRange::ALL,
    }
}

pub(in crate::discover) fn network_acl(acl: wire::NetworkAcl) -> NetworkAcl {
    let entries = acl.entries.unwrap_or_default();
    let rules = |egress: bool| {
        let mut rules: Vec<AclRule> =
            entries.iter().filter(|entry| entry.egress == Some(egress)).filter_map(acl_rule).collect();
        rules.sort_by_key(|rule| rule.number);
        rules
    };
    NetworkAcl {
        inbound: rules(false),
        outbound: rules(true),
        id: NetworkAclId::new(acl.network_acl_id),
        vpc: VpcId::new(acl.vpc_id),
        default: acl.is_default.unwrap_or_default(),
        subnets: each(acl.associations)
            .filter_map(|association| association.subnet_id.map(SubnetId::from))
            .collect(),
        tags: tags(acl.tags),
    }
}

fn acl_rule(entry: &wire::AclEntry) -> Option<AclRule> {
    let range = entry.port_range.as_ref();
    let ipv4 = entry.cidr_block.map(|net| IpNet::V4(net.trunc()));
    Some(AclRule {
        number: u16::try_from(entry.rule_number?).ok()?,
        protocol: protocol(entry.protocol.as_deref()),
        ports: ports(range.and_then(|range| range.from), range.and_then(|range| range.to)),
        remote: ipv4.or(entry.ipv6_cidr_block.map(|net| IpNet::V6(net.trunc())))?,
        action: if entry.rule_action.as_deref() == Some("allow") {
            AclAction::Allow
        } else {
            AclAction::Deny
        },
    })
}
