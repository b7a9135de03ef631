//! VPC endpoints and the endpoint services of the region, in the model's terms.

use aws_sdk_ec2::types as aws;

use super::ec2::{by_vpc, scope, tags};
use super::reader::{Answer, Reader, pages};
use crate::model::{
    AvailabilityZone, Call, Endpoint, EndpointId, EndpointInterface, EndpointKind, EndpointService, Network,
    NetworkInterfaceId, RouteTableId, SecurityGroupId, SubnetId, VpcId,
};

/// An endpoint before its private names and addresses are filled in from other answers.
pub(super) struct RawEndpoint {
    endpoint: Endpoint,
    interfaces: Vec<NetworkInterfaceId>,
    subnets: Vec<SubnetId>,
}

impl RawEndpoint {
    /// Fills in what other calls told.
    pub fn finish(mut self, network: &Network) -> Endpoint {
        if let EndpointKind::Interface { private_names, security_groups, interfaces, .. } =
            &mut self.endpoint.kind
        {
            let offered = network
                .endpoint_services
                .iter()
                .find(|row| row.name == self.endpoint.service && row.kind == "Interface");
            *private_names = offered.map(|row| row.private_names.clone()).unwrap_or_default();
            *interfaces = self.subnets.iter().map(|subnet| foot(network, subnet, &self.interfaces)).collect();
            if security_groups.is_empty() {
                let own = network.security_groups.iter().filter(|group| group.vpc == self.endpoint.vpc);
                security_groups
                    .extend(own.filter(|group| group.name == "default").map(|group| group.id.clone()));
            }
        }
        self.endpoint
    }
}

/// The endpoint's interface in a subnet. An address outside the subnet cannot be right and is taken as not read.
fn foot(network: &Network, subnet: &SubnetId, interfaces: &[NetworkInterfaceId]) -> EndpointInterface {
    let range = network.subnets.get(subnet).and_then(|subnet| subnet.cidr);
    let mine = interfaces.iter().filter_map(|id| network.network_interfaces.get(id));
    let address = mine
        .filter(|interface| interface.subnet == *subnet)
        .flat_map(|interface| interface.addresses.iter().copied())
        .find(|address| range.is_some_and(|range| range.contains(address)));
    EndpointInterface { subnet: subnet.clone(), address }
}

/// Endpoints that exist; deleted ones are left out.
pub(super) async fn endpoints(reader: &Reader, vpcs: &[VpcId]) -> Vec<RawEndpoint> {
    let request = reader.ec2.describe_vpc_endpoints().filters(by_vpc(vpcs));
    pages!(reader, Call::DescribeVpcEndpoints, &scope(vpcs), request.clone(), |page| {
        page.vpc_endpoints.into_iter().flatten().filter_map(endpoint).collect()
    })
}

fn endpoint(endpoint: aws::VpcEndpoint) -> Option<RawEndpoint> {
    let state = endpoint.state.map(|state| state.as_str().to_owned()).unwrap_or_default();
    if state.eq_ignore_ascii_case("deleted") {
        return None;
    }
    let kind = match endpoint.vpc_endpoint_type {
        Some(aws::VpcEndpointType::Gateway) => EndpointKind::Gateway {
            route_tables: endpoint
                .route_table_ids
                .unwrap_or_default()
                .into_iter()
                .map(RouteTableId::from)
                .collect(),
        },
        Some(aws::VpcEndpointType::Interface) => EndpointKind::Interface {
            private_dns: endpoint.private_dns_enabled.unwrap_or_default(),
            private_dns_only_inbound: endpoint
                .dns_options
                .and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint)
                .unwrap_or_default(),
            private_names: Vec::new(),
            security_groups: endpoint
                .groups
                .into_iter()
                .flatten()
                .filter_map(|group| group.group_id.map(SecurityGroupId::from))
                .collect(),
            interfaces: Vec::new(),
        },
        Some(other) => EndpointKind::Other(other.as_str().to_owned()),
        None => EndpointKind::Other("not told".to_owned()),
    };
    Some(RawEndpoint {
        endpoint: Endpoint {
            id: EndpointId::new(endpoint.vpc_endpoint_id?),
            vpc: VpcId::new(endpoint.vpc_id?),
            service: endpoint.service_name.unwrap_or_default(),
            state,
            kind,
            tags: tags(endpoint.tags),
        },
        interfaces: endpoint
            .network_interface_ids
            .unwrap_or_default()
            .into_iter()
            .map(NetworkInterfaceId::from)
            .collect(),
        subnets: endpoint.subnet_ids.unwrap_or_default().into_iter().map(SubnetId::from).collect(),
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
            let came = answer.page(request.send().await, |page| {
                next = page.next_token;
                page.service_details.into_iter().flatten().filter_map(endpoint_service).collect()
            });
            match next.filter(|next| came && !next.is_empty()) {
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

fn endpoint_service(detail: aws::ServiceDetail) -> Option<EndpointService> {
    let names =
        detail.private_dns_names.unwrap_or_default().into_iter().filter_map(|name| name.private_dns_name);
    let mut private_names: Vec<String> = names.chain(detail.private_dns_name).collect();
    private_names.sort();
    private_names.dedup();
    let kind = detail.service_type.into_iter().flatten().find_map(|kind| kind.service_type)?;
    Some(EndpointService {
        name: detail.service_name?,
        kind: kind.as_str().to_owned(),
        zones: detail
            .availability_zones
            .unwrap_or_default()
            .into_iter()
            .map(AvailabilityZone::from)
            .collect(),
        private_names,
    })
}
