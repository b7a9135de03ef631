//! Reads the VPC endpoints, and the endpoint services of the region.

use super::convert;
use super::ec2::{by_vpc, scope};
use super::reader::{Answer, Reader, pages};
use crate::discover::{interpret, wire};
use crate::model::{Call, EndpointService, VpcId};

/// VPC endpoints in the structure of the API. Their conversion also needs subnets, network interfaces,
/// security groups and endpoint services.
pub(super) async fn endpoints(reader: &Reader, vpcs: &[VpcId]) -> Vec<wire::VpcEndpoint> {
    let request = reader.ec2.describe_vpc_endpoints().filters(by_vpc(vpcs));
    pages!(reader, Call::DescribeVpcEndpoints, &scope(vpcs), request.clone(), |page| {
        page.vpc_endpoints
            .into_iter()
            .flatten()
            .filter_map(convert::vpc_endpoint)
            .filter_map(|item| reader.validated(Call::DescribeVpcEndpoints, item))
            .collect()
    })
}

/// The endpoint services of the region.
pub(super) async fn endpoint_services(reader: &Reader) -> Vec<EndpointService> {
    let call = async {
        let mut answer = Answer::new();
        let mut token: Option<String> = None;
        loop {
            let request = reader.ec2.describe_vpc_endpoint_services().set_next_token(token.take());
            let mut next = None;
            let is_read = answer.page(request.send().await, |page| {
                next = page.next_token;
                let details = page.service_details.into_iter().flatten();
                details.filter_map(convert::service_detail).filter_map(interpret::endpoint_service).collect()
            });
            match next.filter(|next| is_read && !next.is_empty()) {
                Some(next) => token = Some(next),
                None => return answer,
            }
        }
    };
    let mut services: Vec<EndpointService> = reader.read(Call::DescribeVpcEndpointServices, "", call).await;
    services.sort();
    services.dedup();
    services
}
