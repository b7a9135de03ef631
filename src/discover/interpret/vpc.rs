//! VPCs with their DNS settings, and subnets.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::fields::{each, ipv6_ranges, is_associated, tags};
use crate::discover::wire;
use crate::model::{
    AvailabilityZone, BlockPublicAccess, DhcpResolver, DnsSettings, EncryptionControl, ResolverRule,
    ResourceId, Subnet, SubnetId, Vpc, VpcId,
};

/// A VPC. DNS attributes, DHCP options and private hosted zones are in the answers of other calls.
pub(in crate::discover) fn vpc(
    vpc: wire::Vpc,
    attributes: &[wire::VpcAttribute],
    options: &[wire::DhcpOptions],
    private_zones: Option<Vec<String>>,
) -> Vpc {
    let mut cidrs: Vec<Ipv4Net> = vpc.cidr_block.map(|net| net.trunc()).into_iter().collect();
    for more in each(vpc.cidr_block_association_set) {
        let used = is_associated(more.cidr_block_state.as_ref());
        cidrs.extend(more.cidr_block.map(|net| net.trunc()).filter(|net| used && !cidrs.contains(net)));
    }
    let attribute = |field: fn(&wire::VpcAttribute) -> Option<wire::Switch>| {
        attributes
            .iter()
            .filter(|answer| answer.vpc_id == vpc.vpc_id)
            .find_map(field)
            .map(wire::Switch::is_on)
    };
    Vpc {
        dns: DnsSettings {
            support: attribute(|answer| answer.enable_dns_support),
            hostnames: attribute(|answer| answer.enable_dns_hostnames),
            resolver: resolver(vpc.dhcp_options_id.as_deref(), options, cidrs.first()),
        },
        cidrs,
        ipv6_cidrs: ipv6_ranges(vpc.ipv6_cidr_block_association_set),
        private_zones,
        resolver_rules: Vec::new(),
        encryption: encryption(vpc.encryption_control.and_then(|control| control.mode).as_deref()),
        tags: tags(vpc.tags),
        id: VpcId::new(vpc.vpc_id),
    }
}

/// The encryption control of a VPC; off if it has none.
pub(in crate::discover) fn encryption(mode: Option<&str>) -> EncryptionControl {
    match mode {
        None => EncryptionControl::Off,
        Some("monitor") => EncryptionControl::Monitor,
        Some("enforce") => EncryptionControl::Enforce,
        Some(other) => EncryptionControl::Other(other.to_owned()),
    }
}

/// The rule of an association with a VPC; `None` if the association or the rule is not in effect, or the rule was not read.
pub(in crate::discover) fn resolver_rule(
    association: &wire::ResolverRuleAssociation,
    rules: &[wire::ResolverRule],
) -> Option<ResolverRule> {
    let is_in_effect = |status: Option<&str>| matches!(status, None | Some("COMPLETE" | "CREATING"));
    if !is_in_effect(association.status.as_deref()) {
        return None;
    }
    let id = association.resolver_rule_id.as_deref()?;
    let rule = rules.iter().find(|rule| rule.id == id)?;
    Some(ResolverRule {
        id: ResourceId::from(id),
        domain: rule.domain_name.as_deref()?.trim_end_matches('.').to_ascii_lowercase(),
        forwards: match rule.rule_type.as_deref() {
            Some("FORWARD" | "DELEGATE") => true,
            Some("SYSTEM" | "RECURSIVE") => false,
            _ => return None,
        },
    })
}

/// The DNS resolver of a VPC. AWS writes the id `default` for a VPC without DHCP options, which uses the
/// Amazon DNS server.
fn resolver(id: Option<&str>, options: &[wire::DhcpOptions], range: Option<&Ipv4Net>) -> DhcpResolver {
    let Some(id) = id else { return DhcpResolver::Unknown };
    if id == "default" {
        return DhcpResolver::Amazon;
    }
    let Some(set) = options.iter().find(|options| options.dhcp_options_id == id) else {
        return DhcpResolver::Unknown;
    };
    let settings = set.dhcp_configurations.iter().flatten();
    let servers: Vec<String> = settings
        .filter(|entry| entry.key.as_deref() == Some("domain-name-servers"))
        .flat_map(|entry| entry.values.iter().flatten())
        .filter_map(|text| text.value.clone())
        .collect();
    // https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
    let second = range.map(|range| Ipv4Addr::from(u32::from(range.network()).saturating_add(2)).to_string());
    let is_amazon = |server: &String| {
        ["AmazonProvidedDNS", "169.254.169.253", "fd00:ec2::253"].contains(&server.as_str())
            || second.as_ref() == Some(server)
    };
    if servers.iter().all(is_amazon) { DhcpResolver::Amazon } else { DhcpResolver::Custom(servers) }
}

pub(in crate::discover) fn subnet(subnet: wire::Subnet) -> Subnet {
    let block = subnet.block_public_access_states.and_then(|states| states.internet_gateway_block_mode);
    Subnet {
        id: SubnetId::new(subnet.subnet_id),
        vpc: VpcId::new(subnet.vpc_id),
        zone: AvailabilityZone::new(subnet.availability_zone.unwrap_or_default()),
        cidr: subnet.cidr_block.map(|net| net.trunc()),
        ipv6_cidrs: ipv6_ranges(subnet.ipv6_cidr_block_association_set),
        block_public_access: match block.as_deref() {
            None | Some("off") => BlockPublicAccess::Off,
            Some("block-bidirectional") => BlockPublicAccess::BlockBidirectional,
            Some("block-ingress") => BlockPublicAccess::BlockIngress,
            Some(other) => BlockPublicAccess::Other(other.to_owned()),
        },
        free_addresses: subnet.available_ip_address_count.and_then(|count| u32::try_from(count).ok()),
        map_public_ip: subnet.map_public_ip_on_launch.unwrap_or_default(),
        default_for_az: subnet.default_for_az,
        owner: subnet.owner_id,
        tags: tags(subnet.tags),
    }
}
