//! VPCs with what decides about names in them: DNS attributes and DHCP options.

use aws_sdk_ec2::types::VpcAttributeName;

use super::convert;
use super::ec2::{by_vpc, scope};
use super::reader::{Answer, Reader, pages};
use crate::discover::{interpret, wire};
use crate::model::{Call, Vpc, VpcId};

/// VPCs with their DNS settings.
pub(super) async fn vpcs(reader: &Reader, vpcs: &[VpcId]) -> Vec<Vpc> {
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
    let (list, options, attributes) = futures::join!(list, options, attributes);
    list.into_iter().map(|vpc| interpret::vpc(vpc, &attributes, &options, None)).collect()
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
        enable_dns_support: support.map(wire::Switch::Bare),
        enable_dns_hostnames: hostnames.map(wire::Switch::Bare),
    }
}
