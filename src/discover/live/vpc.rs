//! Reads VPCs with everything that affects name resolution: DNS attributes, DHCP options and private hosted
//! zones.

use aws_sdk_ec2::types::VpcAttributeName;

use super::convert;
use super::ec2::{by_vpc, scope};
use super::reader::{Answer, Reader, pages};
use super::zones::private_zones;
use crate::discover::{interpret, wire};
use crate::model::{Call, Region, Vpc, VpcId};

/// The VPCs with their DNS settings.
pub(super) async fn vpcs(reader: &Reader, vpcs: &[VpcId], region: &Region) -> Vec<Vpc> {
    let list = async {
        pages!(
            reader,
            Call::DescribeVpcs,
            &scope(vpcs),
            reader.ec2.describe_vpcs().filters(by_vpc(vpcs)),
            |page| { page.vpcs.into_iter().flatten().filter_map(convert::vpc).collect() }
        )
    };
    let options = async {
        pages!(reader, Call::DescribeDhcpOptions, "", reader.ec2.describe_dhcp_options(), |page| {
            page.dhcp_options.into_iter().flatten().filter_map(convert::dhcp_options).collect()
        })
    };
    let attributes = futures::future::join_all(vpcs.iter().map(|id| dns_attributes(reader, id)));
    let zones = futures::future::join_all(vpcs.iter().map(|id| private_zones(reader, id, region)));
    let (list, options, attributes, zones) = futures::join!(list, options, attributes, zones);
    let zones_of =
        |id: &str| vpcs.iter().position(|vpc| vpc.as_str() == id).and_then(|index| zones.get(index)?.clone());
    list.into_iter()
        .map(|vpc| {
            let zones = zones_of(&vpc.vpc_id);
            interpret::vpc(vpc, &attributes, &options, zones)
        })
        .collect()
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
