//! The next step about a name whose addresses no call shows: a private name, or a name that only custom DNS servers resolve.
//!
//! Owns one sentence for each kind of such a name. What the name is: `reach/private_name.rs`.

use crate::model::{Destination, DhcpResolver, EndpointKind, PUBLIC, Snapshot, Vpc, VpcId};
use crate::reach::{PrivateName, Trace};

/// How to decide whether the destination is reachable, as a sentence.
pub(super) fn step(snapshot: &Snapshot, trace: &Trace, private: PrivateName<'_>) -> String {
    let Destination { host, port, .. } = &*trace.destination;
    let region = &snapshot.region;
    let vpc = vpc_of(snapshot, trace).and_then(|id| snapshot.network.vpcs.get(id));
    let id = vpc.map_or("VPC", |vpc| vpc.id.as_str());
    let endpoints = vpc.map(|vpc| private.endpoints(snapshot, vpc)).unwrap_or_default();
    let address = resolve(host, *port, " in the VPC");
    match private {
        PrivateName::Lattice => format!(
            "See the service networks of the VPC with aws vpc-lattice list-service-network-vpc-associations --vpc-identifier {id}: \
             one of them must have the service. The security group of the association must allow inbound tcp {port} from the \
             connector, and the connector's security group outbound tcp {port} to the prefix list \
             com.amazonaws.{region}.vpc-lattice."
        ),
        PrivateName::PartnerEndpoint(_) if !endpoints.is_empty() => {
            let interfaces = endpoints.iter().flat_map(|endpoint| match &endpoint.kind {
                EndpointKind::Interface { interfaces, .. } => interfaces.as_slice(),
                EndpointKind::Gateway { .. } | EndpointKind::Other(_) => &[],
            });
            let first = interfaces.into_iter().find_map(|interface| interface.address);
            let example = first.map_or(String::new(), |address| {
                format!(
                    " --to {address}:{port} checks {}.",
                    endpoints.first().map_or("", |one| one.id.as_str())
                )
            });
            format!("{address}{example}")
        }
        PrivateName::PartnerEndpoint(partner) => format!(
            "Create the private endpoint (aws ec2 create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {id} --service-name \
             SERVICE, with the service that {partner} shows), or use the public name of the host. If the private endpoint is in \
             another VPC: {}",
            decapitalised(&address)
        ),
        PrivateName::PartnerPeering(partner) => format!(
            "The VPC needs a peering connection with the VPC of {partner}: aws ec2 describe-vpc-peering-connections shows it. {address}"
        ),
        PrivateName::InfluxDb => format!(
            "aws timestream-influxdb list-db-instances and get-db-instance --identifier ID show its subnets, its security groups and \
             whether it is publicly accessible. {address}"
        ),
        PrivateName::AppRunner(service) => {
            let create = match endpoints.first() {
                Some(_) => String::new(),
                None => format!(
                    "Create an interface endpoint for private services: aws ec2 create-vpc-endpoint --vpc-endpoint-type Interface \
                     --vpc-id {id} --service-name com.amazonaws.{region}.apprunner.requests --subnet-ids SUBNETS. "
                ),
            };
            let endpoint = endpoints.first().map_or("ENDPOINT", |endpoint| endpoint.id.as_str());
            format!(
                "{create}See the VPC ingress connections of the service: aws apprunner list-vpc-ingress-connections --filter \
                 ServiceArn={arn}. Each has its own domain name, which the caller must use. Without one: aws apprunner \
                 create-vpc-ingress-connection --service-arn {arn} --vpc-ingress-connection-name NAME --ingress-vpc-configuration \
                 VpcId={id},VpcEndpointId={endpoint}.",
                arn = service.id
            )
        }
    }
}

/// How to decide which addresses the custom DNS servers return
/// (<https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html>). The Amazon DNS server has the base address of the VPC
/// plus two.
pub(super) fn custom_resolver(snapshot: &Snapshot, trace: &Trace) -> String {
    let Destination { host, port, .. } = &*trace.destination;
    let vpc = vpc_of(snapshot, trace).and_then(|id| snapshot.network.vpcs.get(id));
    let servers = match vpc.map(|vpc| &vpc.dns.resolver) {
        Some(DhcpResolver::Custom(servers)) => servers.as_slice(),
        _ => &[],
    };
    let server = servers.first().map_or("SERVER", String::as_str);
    let is_public = |server: &String| server.parse().is_ok_and(|address| PUBLIC.contains(address));
    if !servers.is_empty() && servers.iter().all(is_public) {
        return format!(
            "{} {} on the internet: {} cannot resolve names of private hosted zones or of private DNS of VPC endpoints, and the \
             queries need a path to the internet (udp and tcp 53 through a NAT gateway). dig +short {host} @{server} shows the \
             answer: give it with --to ADDRESS:{port}. Or use the Amazon DNS server: {}",
            servers.join(", "),
            if servers.len() == 1 { "is a DNS server" } else { "are DNS servers" },
            if servers.len() == 1 { "it" } else { "they" },
            amazon_dns(vpc)
        );
    }
    let amazon = vpc.and_then(|vpc| vpc.cidrs.first()).map(|range| {
        let second = u32::from(range.network()).saturating_add(2);
        std::net::Ipv4Addr::from(second).to_string()
    });
    format!(
        "The DNS servers must forward the names of AWS and of private zones to the Amazon DNS server of the VPC ({}), and the \
         connector's security group and the network ACLs must allow tcp and udp 53 to them. dig +short {host} @{server} in the VPC shows \
         the answer: give it with --to ADDRESS:{port}. Or use the Amazon DNS server: {}",
        amazon.as_deref().unwrap_or("its base address plus two"),
        amazon_dns(vpc)
    )
}

/// How to use the Amazon DNS server.
fn amazon_dns(vpc: Option<&Vpc>) -> String {
    format!(
        "aws ec2 create-dhcp-options --dhcp-configurations Key=domain-name-servers,Values=AmazonProvidedDNS, then aws ec2 \
         associate-dhcp-options --vpc-id {}.",
        vpc.map_or("VPC", |vpc| vpc.id.as_str())
    )
}

/// How to give the address of a host.
pub(super) fn resolve(host: &str, port: u16, place: &str) -> String {
    format!("Give its address with --to ADDRESS:{port}; dig +short {host}{place} shows the address.")
}

/// The VPC of the subnet of a trace.
pub(super) fn vpc_of<'a>(snapshot: &'a Snapshot, trace: &Trace) -> Option<&'a VpcId> {
    let subnet = snapshot.network.subnets.get(trace.subnet.as_ref()?)?;
    Some(&subnet.vpc)
}

/// The sentence as a part of another one.
pub(super) fn decapitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}
