//! What the user does by hand about a cause.
//!
//! Owns one sentence for each code, with the AWS CLI command. Does not decide whether a fix exists.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::nacl_quota;
use super::nat_conditions::is_default;
use super::other_vpc::{self, vpc_of};
use super::route_step::{
    add_routes, is_ipv6, or_nat_gateway, public_nat_gateway, range_option, replace_routes,
};
use crate::diagnose::Cause;
use crate::evidence::destination;
use crate::model::{
    DOCUMENTATION, DestinationKind, DhcpResolver, EndpointId, EndpointKind, NamedResourceKind,
    NatConnectivity, NatGatewayId, NatState, NetworkAclId, NetworkInterface, NetworkInterfaceId, ResourceId,
    Route, RouteState, RouteTarget, SecurityGroupId, Snapshot, Subnet, SubnetId, VpcId, Workload,
};
use crate::reach::{Code, Egresses, egresses, known_interfaces, route_table_of};
use crate::text::{listed, shell_quote as quote};

/// The manual step for a cause, as a sentence.
#[must_use]
#[allow(clippy::too_many_lines, reason = "one sentence for each code")]
pub fn manual_step(snapshot: &Snapshot, workload: &Workload, cause: &Cause) -> String {
    let component = cause.component.as_str();
    let id = |placeholder: &'static str, prefix: &str| -> String {
        let is_id = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let found = component.strip_prefix(prefix).is_some_and(is_id);
        if found { component.to_owned() } else { placeholder.to_owned() }
    };
    let ports = &format!("--protocol tcp --port {}", port(cause));
    match cause.code {
        Code::NoRouteToDestination => add_routes(snapshot, cause),
        Code::BadStateRoute => replace_routes(snapshot, cause),
        Code::BadState => match component.split('-').next() {
            Some("nat") if is_pending(snapshot, component) => format!(
                "Wait until the NAT gateway is available, usually a few minutes: aws ec2 wait nat-gateway-available \
                 --nat-gateway-ids {}.",
                id("NAT", "nat-")
            ),
            Some("nat") => format!(
                "See why the NAT gateway failed (FailureMessage): aws ec2 describe-nat-gateways --nat-gateway-ids {}. Then create \
                 a new one and replace the routes to it.",
                id("NAT", "nat-")
            ),
            _ => format!(
                "See the state of the endpoint: aws ec2 describe-vpc-endpoints --vpc-endpoint-ids {}. Then accept the connection \
                 or create the endpoint again.",
                id("ENDPOINT", "vpce-")
            ),
        },
        Code::BadStateAttachment => format!(
            "Attach the internet gateway (no charge): aws ec2 attach-internet-gateway --internet-gateway-id {} --vpc-id {}.",
            id("IGW", "igw-"),
            vpc_of_gateway(snapshot, component).unwrap_or_else(|| vpc_of(snapshot, cause))
        ),
        Code::IgwPublicIpAssociationForEgress => {
            let others = other_subnets(snapshot, workload, cause);
            let without = if others.is_empty() {
                String::new()
            } else {
                let own: Vec<&str> = cause.subnets.iter().map(SubnetId::as_str).collect();
                format!(
                    "Create a connector without {}, with the other subnets only (aws apprunner create-vpc-connector --subnets {}, then \
                     update-service); the service then uses fewer AZs. Or: ",
                    listed(&own, "and"),
                    others.join(" ")
                )
            };
            without
                + "Create private subnets with a route table whose default route goes to a NAT gateway in a public subnet (aws ec2 \
             create-subnet, create-nat-gateway, create-route-table, create-route), then a connector with these subnets (aws apprunner \
             create-vpc-connector, update-service). If the service needs nothing in the VPC, DEFAULT egress also works."
        }
        Code::EniSgRulesMismatch => outbound(&id("GROUP", "sg-"), cause, "RANGE"),
        Code::TargetSgRulesMismatch => inbound(group_of_interface(snapshot, component), workload, snapshot, cause),
        Code::NatInstanceSgRulesMismatch => {
            let group = group_of_interface(snapshot, component);
            format!("{}{}", inbound(group, workload, snapshot, cause), or_nat_gateway(snapshot, component))
        }
        Code::TargetSgNatAddressMismatch => format!(
            "Allow the private address of the NAT gateway, which the packets come from: aws ec2 authorize-security-group-ingress \
             --group-id {} {ports} --cidr {}.",
            group_of_interface(snapshot, component).map_or("GROUP", SecurityGroupId::as_str),
            private_range(snapshot)
        ),
        // The addresses of DEFAULT egress are not fixed.
        Code::TargetSgPublicAddressMismatch
            if matches!(egresses(snapshot, workload), Egresses::Public(_)) =>
        {
            use_connector(snapshot, workload, cause)
        }
        Code::TargetSgPublicAddressMismatch => format!(
            "Allow the public address that the packets come from: aws ec2 authorize-security-group-ingress --group-id {} {ports} \
             --cidr {}. {}",
            group_of_interface(snapshot, component).map_or("GROUP", SecurityGroupId::as_str),
            public_range(snapshot),
            or_private_address(snapshot, cause)
        ),
        Code::NatInstanceRouteLoop => format!(
            "Move the NAT instance to a public subnet, that is a subnet with a route to the internet gateway. Do not give its present \
             subnet such a route if a connector uses that subnet: the connector's network interfaces have no public address.{}",
            or_nat_gateway(snapshot, component)
        ),
        Code::NatInstanceNoPublicIp => format!(
            "Give the NAT instance a public address: aws ec2 allocate-address, then aws ec2 associate-address --allocation-id EIP \
             --network-interface-id {}.{}",
            id("ENI", "eni-"),
            or_nat_gateway(snapshot, component)
        ),
        Code::EgressNoRouteToPrivateAddress if is_example(cause) => {
            "Find the address that the service really uses: this one is an example in documentation (RFC 5737, RFC 3849), and no host \
             has it."
                .to_owned()
        }
        Code::EgressNoRouteToPrivateAddress => other_vpc::connect(snapshot, cause)
            .unwrap_or_else(|| other_vpc::find_network(snapshot, cause, range_option(is_ipv6(cause)))),
        Code::EgressNoPublicIpv6 => {
            "Give the subnet public IPv6 addresses (aws ec2 associate-subnet-cidr-block --subnet-id SUBNET --ipv6-cidr-block \
             RANGE), or call the destination over IPv4."
                .to_owned()
        }
        Code::SgHasNoRules => outbound(&id("GROUP", "sg-"), cause, "0.0.0.0/0"),
        Code::SubnetAclRestriction => {
            let step = format!(
                "Allow the request and its reply with a lower rule number: aws ec2 create-network-acl-entry --network-acl-id {} \
                 --rule-number NUMBER --protocol tcp --port-range From=FROM,To=TO {} RANGE --rule-action allow, with --ingress \
                 or --egress.",
                id("ACL", "acl-"),
                if is_ipv6(cause) { "--ipv6-cidr-block" } else { "--cidr-block" }
            );
            let acl = snapshot.network.network_acls.get(&NetworkAclId::from(component));
            let obstacles = acl.map(nacl_quota::obstacles).unwrap_or_default();
            [step].into_iter().chain(obstacles).collect::<Vec<_>>().join(" ")
        }
        Code::NgwRequiresSourceInVpc | Code::NatPrivate => {
            format!("Route the traffic to {}.", public_nat_gateway(snapshot, cause))
        }
        // https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html
        Code::RegionalNgwRouteAzRestriction => format!(
            "Add each AZ to the regional NAT gateway, which is charged per AZ: {}.",
            add_zones(snapshot, cause, &id("NAT", "nat-"))
        ),
        Code::VpcBlockPublicAccessEnabled => format!(
            "Exclude the VPC from VPC Block Public Access, with the connector's subnets and that of the NAT gateway: aws ec2 \
             create-vpc-block-public-access-exclusion --vpc-id {} --internet-gateway-exclusion-mode allow-egress. If aws ec2 \
             describe-vpc-block-public-access-options shows ManagedBy declarative-policy and ExclusionsAllowed not-allowed, the \
             declarative policy of the organization must change instead.",
            vpc_of(snapshot, cause)
        ),
        Code::EniSourceDestCheckRestriction => format!(
            "Turn off the source/destination check: aws ec2 modify-network-interface-attribute --network-interface-id {} \
             --no-source-dest-check.{}",
            id("ENI", "eni-"),
            or_nat_gateway(snapshot, component)
        ),
        Code::PcxRequiresAddressInVpcCidr => format!(
            "A peering connection does not carry internet traffic. Route this traffic to {}. If the route to {component} also reaches \
             the peer VPC, add a route for the range of the peer VPC.",
            public_nat_gateway(snapshot, cause)
        ),
        Code::SourceHasNoIpv6 => {
            "Use the IPv4 address or the name of the destination, or set IpAddressType to DUAL_STACK: aws apprunner \
             update-service."
                .to_owned()
        }
        Code::DnsServersSgRulesMismatch => queries(snapshot, &id("GROUP", "sg-")),
        Code::TargetSubnetNotPublic => {
            let route = format!(
                "give the subnet a route to the internet gateway, which makes it public: aws ec2 create-route (or replace-route) \
                 --route-table-id {} --destination-cidr-block 0.0.0.0/0 --gateway-id IGW.",
                id("TABLE", "rtb-")
            );
            match egresses(snapshot, workload) {
                Egresses::Public(_) => format!("{} Or {route}", use_connector(snapshot, workload, cause)),
                Egresses::Vpc(_) | Egresses::Unknown(_) => {
                    format!("{} Or {route}", use_private_address(snapshot, cause))
                }
            }
        }
        Code::DnsSupportDisabled => format!(
            "Turn on DNS in the VPC: aws ec2 modify-vpc-attribute --vpc-id {} --enable-dns-support.",
            id("VPC", "vpc-")
        ),
        Code::EgressNotInVpc => use_connector(snapshot, workload, cause),
        Code::EgressConnectorInactive => {
            "Create a new connector and use it: aws apprunner create-vpc-connector, then aws apprunner update-service.".to_owned()
        }
        Code::NatNoRouteOnwards => format!(
            "Give the subnet of the NAT gateway a route to the internet gateway: aws ec2 create-route --route-table-id {} \
             --destination-cidr-block 0.0.0.0/0 --gateway-id IGW.",
            id("TABLE", "rtb-")
        ),
        Code::TargetUnattached => format!(
            "Use the address of a running instance or service; aws ec2 describe-network-interfaces --network-interface-ids {} \
             shows that this one is not attached.",
            id("ENI", "eni-")
        ),
        Code::EgressTargetInOtherVpc => other_vpc::join(snapshot, cause),
        Code::EgressDnsServersUnreachable => servers(snapshot, workload, cause),
        Code::TargetNotAvailable => start(snapshot, cause),
        Code::TargetPortMismatch => use_port(snapshot, cause),
        Code::EgressPeeringNotActive => format!(
            "If the peering connection waits for acceptance, accept it in the account of the peer VPC: aws ec2 \
             accept-vpc-peering-connection --vpc-peering-connection-id {}. Otherwise create a new one.",
            id("PCX", "pcx-")
        ),
        Code::EgressNoReturnRoute => other_vpc::return_route(snapshot, cause, &id("TABLE", "rtb-")),
        Code::TgwRouteAzRestriction => format!(
            "Add a subnet of this AZ to the attachment: aws ec2 modify-transit-gateway-vpc-attachment \
             --transit-gateway-attachment-id {} --add-subnet-ids SUBNET.",
            id("ATTACHMENT", "tgw-attach-")
        ),
        Code::TgwAttachMissingTgwRtbAssociation => format!(
            "Give the attachment a route table: aws ec2 associate-transit-gateway-route-table --transit-gateway-attachment-id {} \
             --transit-gateway-route-table-id TABLE.",
            id("ATTACHMENT", "tgw-attach-")
        ),
        Code::TgwRtbCannotRoute => format!(
            "Add a route to the attachment of the egress VPC: aws ec2 create-transit-gateway-route --transit-gateway-route-table-id \
             {} --destination-cidr-block 0.0.0.0/0 --transit-gateway-attachment-id ATTACHMENT.",
            id("TABLE", "tgw-rtb-")
        ),
        Code::TgwRtbBadStateRoute => format!(
            "Replace the blackhole: aws ec2 replace-transit-gateway-route --transit-gateway-route-table-id {} \
             --destination-cidr-block RANGE --transit-gateway-attachment-id ATTACHMENT.",
            id("TABLE", "tgw-rtb-")
        ),
        Code::EgressNoRouteFromTransitGateway => format!(
            "Give the subnets of the attachment a default route to a public NAT gateway: aws ec2 create-route (or replace-route) \
             --route-table-id {} --destination-cidr-block 0.0.0.0/0 --nat-gateway-id NAT.",
            id("TABLE", "rtb-")
        ),
        Code::EgressAttachmentNotAvailable => format!(
            "If the attachment waits for acceptance, accept it in the account of the transit gateway: aws ec2 \
             accept-transit-gateway-vpc-attachment --transit-gateway-attachment-id {}. Otherwise create a new one.",
            id("ATTACHMENT", "tgw-attach-")
        ),
        Code::EgressNoReturnRouteOverTransitGateway if component.starts_with("tgw-") => format!(
            "Add the route for the replies: aws ec2 create-transit-gateway-route --transit-gateway-route-table-id {} \
             --destination-cidr-block RANGE --transit-gateway-attachment-id ATTACHMENT, with the range and the attachment of \
             the connector's VPC.",
            id("TABLE", "tgw-rtb-")
        ),
        Code::EgressNoReturnRouteOverTransitGateway => format!(
            "Add the route for the replies: aws ec2 create-route --route-table-id {} --destination-cidr-block RANGE \
             --transit-gateway-id TGW, with the range of the connector's VPC.",
            id("TABLE", "rtb-")
        ),
        Code::EndpointSgRulesMismatch => {
            let endpoint = snapshot.network.endpoints.get(&EndpointId::from(component));
            let group = endpoint.and_then(|endpoint| match &endpoint.kind {
                EndpointKind::Interface { security_groups, .. } => security_groups.first(),
                EndpointKind::Gateway { .. } | EndpointKind::Other(_) => None,
            });
            inbound(group, workload, snapshot, cause)
        }
    }
}

/// The connector's subnets that a cause does not affect.
fn other_subnets(snapshot: &Snapshot, workload: &Workload, cause: &Cause) -> Vec<String> {
    let Egresses::Vpc(sources) = egresses(snapshot, workload) else { return Vec::new() };
    let others = sources.iter().map(|source| &source.subnet).filter(|id| !cause.subnets.contains(id));
    others.map(ToString::to_string).collect()
}

/// An outbound rule for the destinations of a cause.
fn outbound(group: &str, cause: &Cause, range: &str) -> String {
    let port = port(cause);
    if is_ipv6(cause) {
        return format!(
            "Allow outbound traffic over IPv6: aws ec2 authorize-security-group-egress --group-id {group} --ip-permissions \
             'IpProtocol=tcp,FromPort={port},ToPort={port},Ipv6Ranges=[{{CidrIpv6=::/0}}]'."
        );
    }
    format!(
        "Allow outbound traffic: aws ec2 authorize-security-group-egress --group-id {group} --protocol tcp --port {port} --cidr \
         {range}."
    )
}

/// The commands that add the AZs of the affected subnets to a regional NAT gateway.
fn add_zones(snapshot: &Snapshot, cause: &Cause, nat: &str) -> String {
    let subnets = cause.subnets.iter().filter_map(|id| snapshot.network.subnets.get(id));
    let zones: BTreeSet<&str> = subnets.map(|subnet| subnet.zone.as_str()).collect();
    let command = |zone: &str| {
        format!(
            "aws ec2 allocate-address, then aws ec2 associate-nat-gateway-address --nat-gateway-id {nat} --allocation-ids EIP \
             --availability-zone {zone}"
        )
    };
    match zones.len() {
        0 => command("AZ"),
        _ => zones.into_iter().map(command).collect::<Vec<_>>().join("; "),
    }
}

/// Whether a NAT gateway is being created.
fn is_pending(snapshot: &Snapshot, id: &str) -> bool {
    let nat = snapshot.network.nat_gateways.get(&NatGatewayId::from(id));
    nat.is_some_and(|nat| nat.state == NatState::Pending)
}

/// The outbound rules for queries to the custom DNS servers.
fn queries(snapshot: &Snapshot, group: &str) -> String {
    let vpc = snapshot.network.security_groups.get(&SecurityGroupId::from(group)).map(|group| &group.vpc);
    let resolver = vpc.and_then(|vpc| snapshot.network.vpcs.get(vpc)).map(|vpc| &vpc.dns.resolver);
    let servers: Vec<String> = match resolver {
        Some(DhcpResolver::Custom(servers)) => {
            let range = |server: &String| match server.parse::<IpAddr>() {
                Ok(IpAddr::V4(_)) => Some(format!("{{CidrIp={server}/32}}")),
                Ok(IpAddr::V6(_)) | Err(_) => None,
            };
            servers.iter().filter_map(range).collect()
        }
        _ => Vec::new(),
    };
    let permission = |protocol: &str| {
        format!("'IpProtocol={protocol},FromPort=53,ToPort=53,IpRanges=[{}]'", servers.join(","))
    };
    format!(
        "Allow the queries: aws ec2 authorize-security-group-egress --group-id {group} --ip-permissions {} {}.",
        permission("udp"),
        permission("tcp")
    )
}

/// How to make queries arrive at the custom DNS servers, or at the Amazon DNS server.
fn servers(snapshot: &Snapshot, workload: &Workload, cause: &Cause) -> String {
    let amazon = format!(
        "se the Amazon DNS server: aws ec2 create-dhcp-options --dhcp-configurations \
         Key=domain-name-servers,Values=AmazonProvidedDNS, then aws ec2 associate-dhcp-options --vpc-id {} --dhcp-options-id OPTIONS.",
        vpc_of(snapshot, cause)
    );
    let Some(group) = group_of_interface(snapshot, cause.component.as_str()) else {
        return format!("U{amazon} Or give the connector's subnets a route to the DNS servers.");
    };
    let source = match egresses(snapshot, workload) {
        Egresses::Vpc(sources) => sources.first().and_then(|source| source.security_groups.first().cloned()),
        Egresses::Public(_) | Egresses::Unknown(_) => None,
    };
    let source = source.as_ref().map_or("GROUP-OF-CONNECTOR", SecurityGroupId::as_str);
    let permission = |protocol: &str| {
        format!("'IpProtocol={protocol},FromPort=53,ToPort=53,UserIdGroupPairs=[{{GroupId={source}}}]'")
    };
    format!(
        "Allow the queries on the DNS server: aws ec2 authorize-security-group-ingress --group-id {group} --ip-permissions {} {}. Or \
         u{amazon}",
        permission("udp"),
        permission("tcp")
    )
}

/// How to use the private address of a destination whose public address has no return path.
fn use_private_address(snapshot: &Snapshot, cause: &Cause) -> String {
    let destinations = || cause.paths.iter().flat_map(|paths| &paths.destinations);
    let hosts: Vec<_> = destinations().filter_map(|text| destination(text).ok()).collect();
    let is_meant = |interface: &&NetworkInterface| {
        let has = |address: IpAddr| interface.public_addresses.iter().any(|own| IpAddr::V4(*own) == address);
        hosts.iter().any(|host| match host.kind {
            DestinationKind::Address(address) => has(address),
            _ => known_interfaces(snapshot, host).iter().any(|known| known.id == interface.id),
        })
    };
    let interface = snapshot.network.network_interfaces.iter().find(is_meant);
    let own = interface.filter(|interface| interface.vpc.as_str() == vpc_of(snapshot, cause));
    match own.and_then(|interface| interface.addresses.first()) {
        Some(address) => format!("Use its private address {address}, which is in the same VPC."),
        None => "Connect the VPCs (VPC peering) and use the private address.".to_owned(),
    }
}

/// Whether all destinations of a cause are addresses for examples in documentation.
fn is_example(cause: &Cause) -> bool {
    let is_example = |host: &String| host.parse().is_ok_and(|address| DOCUMENTATION.contains(address));
    cause.destinations.iter().all(is_example)
}

/// The alternative to an inbound rule for the public address of a network interface.
fn or_private_address(snapshot: &Snapshot, cause: &Cause) -> String {
    let interface =
        snapshot.network.network_interfaces.get(&NetworkInterfaceId::from(cause.component.as_str()));
    let address = interface.filter(|interface| interface.vpc.as_str() == vpc_of(snapshot, cause));
    match address.and_then(|interface| interface.addresses.first()) {
        Some(address) => format!(
            "Or use its private address {address}: it is in the same VPC. The name of a database resolves to that address in its \
             VPC."
        ),
        None => resolve_over_peering(snapshot, cause)
            .unwrap_or_else(|| "Or connect the VPCs (VPC peering) and use the private address.".to_owned()),
    }
}

/// How the name of a destination in a peer VPC resolves to its private address
/// (<https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html>); `None` without a peering connection.
fn resolve_over_peering(snapshot: &Snapshot, cause: &Cause) -> Option<String> {
    let network = &snapshot.network;
    let peer = &network.network_interfaces.get(&NetworkInterfaceId::from(cause.component.as_str()))?.vpc;
    let own = VpcId::from(vpc_of(snapshot, cause));
    let peering = network.peering_connections.iter().find(|peering| peering.peer_of(&own) == Some(peer))?;
    let side = if peering.vpcs.first() == Some(peer) { "requester" } else { "accepter" };
    Some(format!(
        "Or let its name resolve to the private address over {} (no charge): aws ec2 modify-vpc-peering-connection-options \
         --vpc-peering-connection-id {} --{side}-peering-connection-options AllowDnsResolutionFromRemoteVpc=true. Its security group \
         must then allow the connector.",
        peering.id, peering.id
    ))
}

/// The first security group of a network interface.
fn group_of_interface<'a>(snapshot: &'a Snapshot, id: &str) -> Option<&'a SecurityGroupId> {
    let interface = snapshot.network.network_interfaces.get(&NetworkInterfaceId::from(id));
    let resource = snapshot.network.named_resources.get(&ResourceId::from(id));
    let own = interface.map(|interface| &interface.security_groups);
    own.or(resource.map(|resource| &resource.security_groups)).and_then(|groups| groups.first())
}

/// Which port the clients of a resource must use.
fn use_port(snapshot: &Snapshot, cause: &Cause) -> String {
    let resource = snapshot.network.named_resources.get(&cause.component);
    let mut destinations = cause.paths.iter().flat_map(|paths| &paths.destinations);
    let host = destinations.find_map(|text| destination(text).ok()).map(|destination| destination.host);
    let ports = resource.zip(host).map(|(resource, host)| resource.ports(&host)).unwrap_or_default();
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    let ports =
        if ports.is_empty() { "its port".to_owned() } else { format!("port {}", listed(&ports, "or")) };
    let call = resource.and_then(|resource| resource.kind.calls().first()?.aws_cli());
    let command = call.map_or(String::new(), |call| format!("; aws {call} shows it"));
    format!("Use {ports} in the settings of the service{command}.")
}

/// How to start a resource that accepts no connections, or to see why it does not.
fn start(snapshot: &Snapshot, cause: &Cause) -> String {
    let resource = snapshot.network.named_resources.get(&cause.component);
    let is_word = |name: &&str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let name = resource.map(|resource| resource.name.as_str()).filter(is_word).unwrap_or("NAME");
    let is_stopped = resource.and_then(|resource| resource.state.as_deref()) == Some("stopped");
    match resource.map(|resource| resource.kind) {
        Some(NamedResourceKind::DbInstance) if is_stopped => {
            format!("Start the database: aws rds start-db-instance --db-instance-identifier {name}.")
        }
        Some(NamedResourceKind::DbCluster) if is_stopped => {
            format!("Start the database: aws rds start-db-cluster --db-cluster-identifier {name}.")
        }
        Some(NamedResourceKind::DbInstance) => {
            format!(
                "See its events: aws rds describe-events --source-type db-instance --source-identifier {name}."
            )
        }
        Some(NamedResourceKind::DbCluster) => {
            format!(
                "See its events: aws rds describe-events --source-type db-cluster --source-identifier {name}."
            )
        }
        Some(NamedResourceKind::DbProxy) => {
            format!("See its state: aws rds describe-db-proxies --db-proxy-name {name}.")
        }
        Some(NamedResourceKind::LoadBalancer) => {
            format!("See its state: aws elbv2 describe-load-balancers --names {name}.")
        }
        Some(NamedResourceKind::CacheCluster) => format!(
            "See its events: aws elasticache describe-events --source-type cache-cluster --source-identifier {name}."
        ),
        Some(NamedResourceKind::ReplicationGroup) => format!(
            "See its events: aws elasticache describe-events --source-type replication-group --source-identifier {name}."
        ),
        Some(NamedResourceKind::ServerlessCache) => format!(
            "See its events: aws elasticache describe-events --source-type serverless-cache --source-identifier {name}."
        ),
        None => "See its events: aws elasticache describe-events.".to_owned(),
    }
}

/// The public address of the only NAT gateway, as a CIDR block.
fn public_range(snapshot: &Snapshot) -> String {
    let mut addresses = snapshot.network.nat_gateways.iter().flat_map(|nat| &nat.public_addresses);
    match (addresses.next(), addresses.next()) {
        (Some(one), None) => format!("{one}/32"),
        _ => "ADDRESS/32".to_owned(),
    }
}

/// The private address of the only private NAT gateway; a placeholder if there are several.
fn private_range(snapshot: &Snapshot) -> String {
    let private =
        snapshot.network.nat_gateways.iter().filter(|nat| nat.connectivity == NatConnectivity::Private);
    let mut addresses = private.flat_map(|nat| &nat.private_addresses);
    match (addresses.next(), addresses.next()) {
        (Some(one), None) => format!("{one}/32"),
        _ => "ADDRESS/32".to_owned(),
    }
}

/// The VPC with a route to an internet gateway.
fn vpc_of_gateway<'a>(snapshot: &'a Snapshot, gateway: &str) -> Option<&'a str> {
    let leads_there =
        |route: &Route| matches!(&route.target, RouteTarget::InternetGateway(id) if id.as_str() == gateway);
    let table = snapshot.network.route_tables.iter().find(|table| table.routes.iter().any(leads_there))?;
    Some(table.vpc.as_str())
}

/// The port of the destinations of a cause; `PORT` if they have several.
fn port(cause: &Cause) -> String {
    let destinations = cause.paths.iter().flat_map(|paths| &paths.destinations);
    let port = |text: &String| destination(text).map_or(443, |destination| destination.port);
    let ports: BTreeSet<u16> = destinations.map(port).collect();
    match (ports.first(), ports.len()) {
        (Some(port), 1) => port.to_string(),
        _ => "PORT".to_owned(),
    }
}

/// An inbound rule for the workload's security group.
fn inbound(
    group: Option<&SecurityGroupId>,
    workload: &Workload,
    snapshot: &Snapshot,
    cause: &Cause,
) -> String {
    let own = match egresses(snapshot, workload) {
        Egresses::Vpc(sources) => sources.first().and_then(|source| source.security_groups.first().cloned()),
        Egresses::Public(_) | Egresses::Unknown(_) => None,
    };
    format!(
        "Allow the connection: aws ec2 authorize-security-group-ingress --group-id {} --protocol tcp --port {} --source-group {}.",
        group.map_or("GROUP", SecurityGroupId::as_str),
        port(cause),
        own.as_ref().map_or("GROUP-OF-CONNECTOR", SecurityGroupId::as_str)
    )
}

/// The VPCs of the snapshot, if there are few: ` (vpc-1)`.
fn vpcs(snapshot: &Snapshot) -> String {
    let ids: Vec<&str> = snapshot.network.vpcs.iter().map(|vpc| vpc.id.as_str()).collect();
    match ids.as_slice() {
        [one] => format!(" ({one})"),
        _ => String::new(),
    }
}

/// How to give a service with DEFAULT egress access to the VPC of the destination.
fn use_connector(snapshot: &Snapshot, workload: &Workload, cause: &Cause) -> String {
    let vpc = other_vpc::of_destination(snapshot, cause);
    let only = snapshot.network.vpcs.iter().next().filter(|_| snapshot.network.vpcs.iter().count() == 1);
    let subnets = private_subnets(snapshot, vpc.or(only.map(|vpc| &vpc.id)));
    format!(
        "Use a VPC connector with access to the VPC of the destination{}: aws apprunner create-vpc-connector --vpc-connector-name \
         {} --subnets {subnets} --security-groups GROUPS, then aws apprunner update-service --service-arn {} \
         --network-configuration 'EgressConfiguration={{EgressType=VPC,VpcConnectorArn=CONNECTOR}}'. The security group of the \
         destination must allow the connector's group. All other destinations then use that VPC and need a path in it.",
        vpc.map_or_else(|| vpcs(snapshot), |vpc| format!(" ({vpc})")),
        quote(&workload.name),
        quote(workload.id.as_str())
    )
}

/// The subnets of a VPC with a default route to a NAT gateway, for a new connector; `SUBNETS` if there is none.
fn private_subnets(snapshot: &Snapshot, vpc: Option<&VpcId>) -> String {
    let leads_to_nat = |route: &Route| {
        is_default(&route.destination)
            && route.state == RouteState::Active
            && matches!(route.target, RouteTarget::NatGateway(_))
    };
    let is_private = |subnet: &&Subnet| {
        Some(&subnet.vpc) == vpc
            && route_table_of(snapshot, subnet)
                .is_some_and(|(table, _)| table.routes.iter().any(leads_to_nat))
    };
    let ids: Vec<&str> =
        snapshot.network.subnets.iter().filter(is_private).map(|subnet| subnet.id.as_str()).collect();
    if ids.is_empty() { "SUBNETS".to_owned() } else { ids.join(" ") }
}
