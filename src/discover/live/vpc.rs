//! Reads VPCs with everything that affects name resolution: DNS attributes, DHCP options and private hosted
//! zones.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::VpcAttributeName;

use super::convert;
use super::ec2::{by_vpc, scope};
use super::reader::{Answer, Reader, pages};
use super::zones::private_zones;
use crate::discover::{interpret, wire};
use crate::model::{Call, Region, Vpc, VpcId};

/// The DHCP options of the Region.
pub(super) async fn dhcp_options(reader: &Reader) -> Vec<wire::DhcpOptions> {
    pages!(reader, Call::DescribeDhcpOptions, "", reader.ec2.describe_dhcp_options(), |page| {
        page.dhcp_options.into_iter().flatten().filter_map(convert::dhcp_options).collect()
    })
}

/// The VPCs, without what affects name resolution in them.
pub(super) async fn vpcs(reader: &Reader, ids: &[VpcId]) -> Vec<wire::Vpc> {
    let request = reader.ec2.describe_vpcs().filters(by_vpc(ids));
    pages!(reader, Call::DescribeVpcs, &scope(ids), request.clone(), |page| {
        page.vpcs.into_iter().flatten().filter_map(convert::vpc).collect()
    })
}

/// What affects name resolution in a VPC, except its DHCP options.
#[derive(Clone)]
pub(super) struct VpcDns {
    attributes: wire::VpcAttribute,
    zones: Option<Vec<String>>,
}

impl VpcDns {
    /// Reads the attributes of a VPC and its private hosted zones.
    pub async fn read(reader: &Reader, vpc: &VpcId, region: &Region) -> Self {
        let (attributes, zones) =
            futures::join!(dns_attributes(reader, vpc), private_zones(reader, vpc, region));
        Self { attributes, zones }
    }
}

/// The answers about the VPCs, except the DHCP options.
#[derive(Clone, Default)]
pub(super) struct VpcAnswers {
    vpcs: Vec<wire::Vpc>,
    attributes: Vec<wire::VpcAttribute>,
    zones: BTreeMap<String, Vec<String>>,
}

impl VpcAnswers {
    /// The answers about VPCs whose name resolution is not known yet.
    pub fn of(vpcs: Vec<wire::Vpc>) -> Self {
        Self { vpcs, ..Self::default() }
    }

    /// Adds what affects name resolution in one of the VPCs.
    pub fn add_dns(&mut self, dns: VpcDns) {
        if let Some(zones) = dns.zones {
            self.zones.insert(dns.attributes.vpc_id.clone(), zones);
        }
        self.attributes.push(dns.attributes);
    }

    /// Adds the answers about other VPCs.
    pub fn extend(&mut self, other: Self) {
        self.vpcs.extend(other.vpcs);
        self.attributes.extend(other.attributes);
        self.zones.extend(other.zones);
    }

    /// The VPCs with their DNS settings.
    pub fn into_vpcs(mut self, options: &[wire::DhcpOptions]) -> Vec<Vpc> {
        let vpc = |vpc: wire::Vpc| {
            let zones = self.zones.remove(&vpc.vpc_id);
            interpret::vpc(vpc, &self.attributes, options, zones)
        };
        self.vpcs.into_iter().map(vpc).collect()
    }
}

async fn dns_attributes(reader: &Reader, vpc: &VpcId) -> wire::VpcAttribute {
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
    let (support, hostnames) =
        futures::join!(read(VpcAttributeName::EnableDnsSupport), read(VpcAttributeName::EnableDnsHostnames));
    wire::VpcAttribute {
        vpc_id: vpc.to_string(),
        enable_dns_support: support.map(wire::Switch::Plain),
        enable_dns_hostnames: hostnames.map(wire::Switch::Plain),
    }
}
