//! VPCs with what decides about names in them: DNS attributes and DHCP options.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{self as aws, VpcAttributeName};
use ipnet::Ipv4Net;

use super::ec2::{by_vpc, cidr, scope, tags};
use super::reader::{Answer, Reader, pages};
use crate::model::{Call, DhcpResolver, DnsSettings, Vpc, VpcId};

/// VPCs with their DNS settings.
pub(super) async fn vpcs(reader: &Reader, vpcs: &[VpcId]) -> Vec<Vpc> {
    let list = async {
        pages!(
            reader,
            Call::DescribeVpcs,
            &scope(vpcs),
            reader.ec2.describe_vpcs().filters(by_vpc(vpcs)),
            |page| { page.vpcs.unwrap_or_default() }
        )
    };
    let options = async {
        pages!(reader, Call::DescribeDhcpOptions, "", reader.ec2.describe_dhcp_options(), |page| {
            page.dhcp_options.unwrap_or_default()
        })
    };
    let attributes = futures::future::join_all(vpcs.iter().map(|id| dns_attributes(reader, id)));
    let (list, options, attributes) = futures::join!(list, options, attributes);
    let attributes: BTreeMap<&VpcId, (Option<bool>, Option<bool>)> = vpcs.iter().zip(attributes).collect();
    list.into_iter()
        .filter_map(|vpc| {
            let id = VpcId::new(vpc.vpc_id?);
            let (support, hostnames) = attributes.get(&id).copied().unwrap_or_default();
            let mut cidrs: Vec<Ipv4Net> = cidr(vpc.cidr_block.as_deref()).into_iter().collect();
            for more in vpc.cidr_block_association_set.into_iter().flatten() {
                let associated = more
                    .cidr_block_state
                    .and_then(|state| state.state)
                    .is_none_or(|state| state.as_str() == "associated");
                cidrs.extend(
                    cidr(more.cidr_block.as_deref()).filter(|net| associated && !cidrs.contains(net)),
                );
            }
            let dns = DnsSettings {
                support,
                hostnames,
                resolver: resolver(vpc.dhcp_options_id.as_deref(), &options),
            };
            Some(Vpc { id, tags: tags(vpc.tags), cidrs, dns })
        })
        .collect()
}

async fn dns_attributes(reader: &Reader, vpc: &VpcId) -> (Option<bool>, Option<bool>) {
    let read = |name: VpcAttributeName| async move {
        let call = async {
            let mut answer = Answer::new();
            let request = reader.ec2.describe_vpc_attribute().vpc_id(vpc.as_str()).attribute(name);
            answer.page(request.send().await, |page| {
                let value =
                    page.enable_dns_support.or(page.enable_dns_hostnames).and_then(|value| value.value);
                value.into_iter().collect()
            });
            answer
        };
        reader.read(Call::DescribeVpcAttribute, vpc.as_str(), call).await.into_iter().next()
    };
    futures::join!(read(VpcAttributeName::EnableDnsSupport), read(VpcAttributeName::EnableDnsHostnames))
}

/// `default` stands for a VPC without DHCP options, whose resolver is Amazon's: a set created by AWS says the same.
fn resolver(id: Option<&str>, options: &[aws::DhcpOptions]) -> DhcpResolver {
    let Some(id) = id else { return DhcpResolver::Unknown };
    if id == "default" {
        return DhcpResolver::Amazon;
    }
    let Some(found) = options.iter().find(|options| options.dhcp_options_id() == Some(id)) else {
        return DhcpResolver::Unknown;
    };
    let servers: Vec<String> = found
        .dhcp_configurations()
        .iter()
        .filter(|entry| entry.key() == Some("domain-name-servers"))
        .flat_map(aws::DhcpConfiguration::values)
        .filter_map(|value| value.value().map(str::to_owned))
        .collect();
    if servers.iter().all(|server| server == "AmazonProvidedDNS") {
        DhcpResolver::Amazon
    } else {
        DhcpResolver::Custom(servers)
    }
}
