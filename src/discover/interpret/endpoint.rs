//! VPC endpoints with their network interfaces, endpoint services, and all other network interfaces.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use serde_json::Value;

use super::fields::{each, group_ids, is_gone, tags};
use crate::discover::wire;
use crate::model::{
    AvailabilityZone, Endpoint, EndpointId, EndpointInterface, EndpointKind, EndpointPolicy, EndpointService,
    EndpointServiceKind, EndpointState, InterfaceKind, InterfaceState, Network, NetworkInterface,
    NetworkInterfaceId, ResourceId, RouteTableId, SecurityGroupId, SubnetId, VpcId,
};

/// A network interface; `None` without a VPC or subnet.
pub(in crate::discover) fn network_interface(interface: wire::NetworkInterface) -> Option<NetworkInterface> {
    let secondary = each(interface.private_ip_addresses.clone()).filter_map(|address| address.association);
    let public_ips = interface.association.into_iter().chain(secondary).filter_map(|one| one.public_ip);
    let mut public_addresses: Vec<Ipv4Addr> = public_ips.filter_map(|address| address.parse().ok()).collect();
    public_addresses.sort_unstable();
    public_addresses.dedup();
    let ipv4 = each(interface.private_ip_addresses).filter_map(|address| address.private_ip_address);
    let ipv4 = ipv4.chain(interface.private_ip_address).map(IpAddr::V4);
    let ipv6 = each(interface.ipv6_addresses).filter_map(|address| address.ipv6_address).map(IpAddr::V6);
    let mut addresses: Vec<IpAddr> = ipv4.chain(ipv6).collect();
    addresses.sort_unstable();
    addresses.dedup();
    Some(NetworkInterface {
        id: NetworkInterfaceId::new(interface.network_interface_id),
        vpc: VpcId::new(interface.vpc_id?),
        subnet: SubnetId::new(interface.subnet_id?),
        addresses,
        security_groups: group_ids(interface.groups),
        kind: interface.interface_type.as_deref().map(InterfaceKind::from).unwrap_or_default(),
        description: interface.description.unwrap_or_default(),
        requester: interface.requester_id,
        public_address: !public_addresses.is_empty(),
        public_addresses,
        instance: interface.attachment.and_then(|attachment| attachment.instance_id).map(ResourceId::from),
        source_dest_check: interface.source_dest_check,
        state: interface.status.as_deref().map(InterfaceState::from).unwrap_or_default(),
    })
}

/// A VPC endpoint; `None` if it is deleted. `network` contains the network interfaces, security groups and
/// endpoint services that it refers to.
pub(in crate::discover) fn endpoint(endpoint: wire::VpcEndpoint, network: &Network) -> Option<Endpoint> {
    if is_gone(endpoint.state.as_deref()) {
        return None;
    }
    let vpc = VpcId::new(endpoint.vpc_id);
    let service = endpoint.service_name.unwrap_or_default();
    let kind = match endpoint.vpc_endpoint_type.as_deref() {
        Some("Gateway") => EndpointKind::Gateway {
            route_tables: each(endpoint.route_table_ids).map(RouteTableId::from).collect(),
        },
        Some("Interface") => {
            let endpoint_service = network
                .endpoint_services
                .iter()
                .find(|offer| offer.name == service && offer.kind == EndpointServiceKind::Interface);
            let interfaces: Vec<NetworkInterfaceId> =
                each(endpoint.network_interface_ids).map(NetworkInterfaceId::from).collect();
            let options = endpoint.dns_options.as_ref();
            EndpointKind::Interface {
                private_dns: endpoint.private_dns_enabled.unwrap_or_default(),
                private_dns_only_inbound: options
                    .and_then(|options| options.private_dns_only_for_inbound_resolver_endpoint)
                    // Only endpoints for S3 have this option.
                    .or_else(|| (service.rsplit('.').next() != Some("s3")).then_some(false)),
                private_names: endpoint_service.map(|offer| offer.private_names.clone()).unwrap_or_default(),
                ipv6_records: options
                    .and_then(|options| options.dns_record_ip_type.as_deref())
                    .is_some_and(|kind| ["dualstack", "ipv6"].contains(&kind)),
                security_groups: security_groups(group_ids(endpoint.groups), &vpc, network),
                interfaces: each(endpoint.subnet_ids)
                    .map(|subnet| endpoint_interface(network, SubnetId::new(subnet), &interfaces))
                    .collect(),
            }
        }
        Some(other) => EndpointKind::Other(other.to_owned()),
        None => EndpointKind::Other("unknown".to_owned()),
    };
    Some(Endpoint {
        id: EndpointId::new(endpoint.vpc_endpoint_id),
        vpc,
        service,
        state: endpoint.state.as_deref().map(EndpointState::from).unwrap_or_default(),
        kind,
        policy: endpoint.policy_document.as_deref().and_then(policy),
        tags: tags(endpoint.tags),
    })
}

/// What a policy allows; `None` if it is not JSON with statements. A condition, and an element that is not `*`, count as a restriction
/// (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html>).
fn policy(document: &str) -> Option<EndpointPolicy> {
    let document: Value = serde_json::from_str(document).ok()?;
    let statements = match document.get("Statement")? {
        Value::Array(statements) => statements.as_slice(),
        statement => std::slice::from_ref(statement),
    };
    let is_star = |value: Option<&Value>| match value {
        Some(Value::String(text)) => text == "*",
        Some(Value::Array(all)) => all.iter().any(|one| one == "*"),
        _ => false,
    };
    let is_any_principal =
        |value: Option<&Value>| is_star(value) || is_star(value.and_then(|principal| principal.get("AWS")));
    let is_for_all = |statement: &&Value| {
        is_star(statement.get("Action"))
            && is_star(statement.get("Resource"))
            && is_any_principal(statement.get("Principal"))
            && statement.get("Condition").is_none()
    };
    let with = |effect: &'static str| {
        statements.iter().filter(move |one| one.get("Effect").and_then(Value::as_str) == Some(effect))
    };
    let buckets: Option<BTreeSet<String>> = with("Allow")
        .map(buckets_of)
        .collect::<Option<Vec<_>>>()
        .map(|all| all.into_iter().flatten().collect());
    Some(if with("Deny").any(|one| is_for_all(&one)) || with("Allow").next().is_none() {
        EndpointPolicy::DeniesAll
    } else if with("Deny").next().is_none() && with("Allow").any(|one| is_for_all(&one)) {
        EndpointPolicy::FullAccess
    } else if let Some(buckets) = buckets.filter(|buckets| !buckets.is_empty()) {
        EndpointPolicy::Buckets(buckets.into_iter().collect())
    } else {
        EndpointPolicy::Restricted
    })
}

/// The buckets of S3 that a statement is about; `None` if it is also about other resources.
fn buckets_of(statement: &Value) -> Option<Vec<String>> {
    let resources = match statement.get("Resource")? {
        Value::Array(resources) => resources.as_slice(),
        resource => std::slice::from_ref(resource),
    };
    let bucket = |resource: &Value| {
        let (partition, name) = resource.as_str()?.split_once(":s3:::")?;
        let bucket = name.split('/').next().filter(|bucket| !bucket.is_empty() && *bucket != "*")?;
        partition.starts_with("arn:").then(|| bucket.to_owned())
    };
    resources.iter().map(bucket).collect()
}

/// The security groups of an interface endpoint. Without security groups of its own it uses the default
/// security group of the VPC.
fn security_groups(own: Vec<SecurityGroupId>, vpc: &VpcId, network: &Network) -> Vec<SecurityGroupId> {
    if !own.is_empty() {
        return own;
    }
    let default = network.security_groups.iter().filter(|group| group.vpc == *vpc && group.name == "default");
    default.map(|group| group.id.clone()).collect()
}

/// The endpoint's network interface in a subnet. An address outside the subnet is invalid and treated as not
/// read.
fn endpoint_interface(
    network: &Network,
    subnet: SubnetId,
    interfaces: &[NetworkInterfaceId],
) -> EndpointInterface {
    let known_subnet = network.subnets.get(&subnet);
    let own = interfaces.iter().filter_map(|id| network.network_interfaces.get(id));
    let addresses: Vec<IpAddr> = own
        .filter(|interface| interface.subnet == subnet)
        .flat_map(|interface| interface.addresses.iter().copied())
        .filter(|address| known_subnet.is_some_and(|known| known.addresses().contains(*address)))
        .collect();
    EndpointInterface {
        address: addresses.iter().find_map(|address| match address {
            IpAddr::V4(address) => Some(*address),
            IpAddr::V6(_) => None,
        }),
        ipv6_address: addresses.iter().find_map(|address| match address {
            IpAddr::V6(address) => Some(*address),
            IpAddr::V4(_) => None,
        }),
        subnet,
    }
}

/// An endpoint service; `None` if its type is missing.
pub(in crate::discover) fn endpoint_service(detail: wire::ServiceDetail) -> Option<EndpointService> {
    let names = each(detail.private_dns_names).filter_map(|name| name.private_dns_name);
    let mut private_names: Vec<String> = names.chain(detail.private_dns_name).collect();
    private_names.sort();
    private_names.dedup();
    Some(EndpointService {
        name: detail.service_name,
        kind: each(detail.service_type).find_map(|kind| kind.service_type)?.as_str().into(),
        zones: each(detail.availability_zones).map(AvailabilityZone::from).collect(),
        private_names,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_allows_all_requests_some_or_none() {
        let all = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        let by_aws =
            r#"{"Statement":{"Action":["*"],"Effect":"Allow","Principal":{"AWS":"*"},"Resource":["*"]}}"#;
        let one =
            r#"{"Statement":[{"Action":"s3:GetObject","Effect":"Allow","Principal":"*","Resource":"*"}]}"#;
        let condition = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*","Condition":{}}]}"#;
        let and_deny = r#"{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"},
            {"Action":"s3:DeleteObject","Effect":"Deny","Principal":"*","Resource":"*"}]}"#;
        let none = r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}]}"#;
        for (document, expected) in [
            (all, Some(EndpointPolicy::FullAccess)),
            (by_aws, Some(EndpointPolicy::FullAccess)),
            (one, Some(EndpointPolicy::Restricted)),
            (condition, Some(EndpointPolicy::Restricted)),
            (and_deny, Some(EndpointPolicy::Restricted)),
            (none, Some(EndpointPolicy::DeniesAll)),
            (r#"{"Statement":[]}"#, Some(EndpointPolicy::DeniesAll)),
            ("{}", None),
            ("policy", None),
        ] {
            assert_eq!(policy(document), expected, "{document}");
        }
    }
}
