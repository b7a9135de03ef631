//! One change to the network or to a service, in the terms of the model.
//!
//! Defines each kind of change and the facts that several modules use: its JSON, its charges, the resources
//! to read after the apply, and the affected host names. A new kind of change needs only its definition
//! here, its effect on a snapshot in `simulate`, and its editor in `terraform::edit`.

use ipnet::Ipv4Net;
use serde::{Serialize, Serializer};

use super::charge::Charge;
use super::endpoint_service::{gateway_host, short_name};
use crate::model::{
    AclRule, AvailabilityZone, EgressOnlyInternetGatewayId, EndpointId, EndpointKind, InternetGatewayId,
    NatGatewayId, NetworkAclId, NetworkInterfaceId, Peer, ResourceId, RouteTableId, RouteTarget,
    SecurityGroupId, Snapshot, SubnetId, VpcId, WorkloadId,
};

/// A route of the present route tables that a new route table has too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeptRoute {
    /// Its destination.
    pub destination: Ipv4Net,
    /// Its target: a VPC peering connection, a transit gateway, a virtual private gateway or a network interface.
    #[serde(serialize_with = "as_text")]
    pub target: RouteTarget,
}

/// A change to the network or to a service. It serialises to the JSON of a proposal's `changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Change {
    /// A new gateway endpoint, with its route in these route tables.
    CreateGatewayEndpoint {
        /// The VPC.
        vpc: VpcId,
        /// Full service name, `com.amazonaws.us-west-2.s3`.
        service: String,
        /// Every route table that the workload's subnets use, the main route table included if they use it.
        route_tables: Vec<RouteTableId>,
    },
    /// A new interface endpoint with private DNS. All new endpoints of a proposal share one new security
    /// group.
    CreateInterfaceEndpoint {
        /// The VPC.
        vpc: VpcId,
        /// Full service name, `com.amazonaws.us-west-2.secretsmanager`.
        service: String,
        /// Host names that private DNS resolves to the endpoint, in the whole VPC.
        private_names: Vec<String>,
        /// One subnet for each AZ.
        subnets: Vec<SubnetId>,
        /// The new security group allows inbound traffic from these ranges. They cover the whole VPC,
        /// because private DNS affects the whole VPC.
        #[serde(rename = "admits")]
        allowed_ranges: Vec<Ipv4Net>,
        /// TCP ports that the service listens on.
        ports: Vec<u16>,
    },
    /// Private DNS turned on for an interface endpoint that exists without it.
    EnablePrivateDns {
        /// The endpoint.
        endpoint: EndpointId,
        /// Full service name.
        service: String,
        /// Host names that private DNS resolves to the endpoint, in the whole VPC.
        private_names: Vec<String>,
    },
    /// Route tables added to a gateway endpoint, which adds its route to them.
    AssociateRouteTables {
        /// The endpoint.
        endpoint: EndpointId,
        /// Full service name.
        service: String,
        /// The route tables to add.
        route_tables: Vec<RouteTableId>,
    },
    /// A new public NAT gateway with an Elastic IP address, and a default route to it in each route table.
    CreateNat {
        /// The VPC.
        vpc: VpcId,
        /// The public subnet of the NAT gateway: its default route targets an internet gateway. `None` if
        /// the VPC has no such subnet; the proposal then has a requirement that is not met.
        subnet: Option<SubnetId>,
        /// Every route table that the workload's subnets use, the main route table included if they use it.
        route_tables: Vec<RouteTableId>,
    },
    /// A new regional NAT gateway, which has its own route table, and a default route to it in each route
    /// table.
    CreateRegionalNat {
        /// The VPC.
        vpc: VpcId,
        /// The AZs of the workload.
        zones: Vec<AvailabilityZone>,
        /// Every route table that the workload's subnets use, the main route table included if they use it.
        route_tables: Vec<RouteTableId>,
    },
    /// A new public NAT gateway with an Elastic IP address, which replaces another NAT gateway as the
    /// target of default routes.
    RepairNat {
        /// The VPC.
        vpc: VpcId,
        /// The NAT gateway that does not work, or was deleted.
        replaces: NatGatewayId,
        /// The public subnet of the new NAT gateway; `None` as in [`Change::CreateNat`].
        subnet: Option<SubnetId>,
        /// The route tables whose default route targets the old NAT gateway, or that have no default route.
        route_tables: Vec<RouteTableId>,
    },
    /// A default route in each route table to a NAT gateway that exists.
    RouteToNat {
        /// The NAT gateway.
        #[serde(rename = "nat_gateway")]
        nat: NatGatewayId,
        /// The route tables without a default route.
        route_tables: Vec<RouteTableId>,
    },
    /// A default route to the internet gateway, in the route table of a NAT gateway's subnet.
    RouteToInternet {
        /// The internet gateway.
        #[serde(rename = "internet_gateway")]
        gateway: InternetGatewayId,
        /// The route table of the NAT gateway's subnet.
        route_table: RouteTableId,
    },
    /// An outbound TCP rule of a security group.
    AllowEgress {
        /// The security group.
        #[serde(rename = "security_group")]
        group: SecurityGroupId,
        /// Destination port.
        port: u16,
        /// Destination.
        #[serde(serialize_with = "as_text")]
        peer: Peer,
    },
    /// An inbound TCP rule of the security group of an endpoint or a database.
    AllowEndpointIngress {
        /// The security group.
        #[serde(rename = "security_group")]
        group: SecurityGroupId,
        /// Destination port.
        port: u16,
        /// Source.
        #[serde(serialize_with = "as_text")]
        peer: Peer,
    },
    /// A rule of a network ACL.
    AllowNacl {
        /// The network ACL.
        #[serde(rename = "network_acl")]
        acl: NetworkAclId,
        /// `true` for an outbound rule, `false` for an inbound rule.
        #[serde(rename = "direction", serialize_with = "direction")]
        outbound: bool,
        /// The rule, with an unused number.
        #[serde(flatten, serialize_with = "acl_rule")]
        rule: AclRule,
    },
    /// DNS attributes of a VPC turned on.
    EnableVpcDns {
        /// The VPC.
        vpc: VpcId,
        /// Whether to turn on `enableDnsSupport`.
        #[serde(rename = "enable_dns_support")]
        support: bool,
        /// Whether to turn on `enableDnsHostnames`.
        #[serde(rename = "enable_dns_hostnames")]
        hostnames: bool,
    },
    /// The internet gateway attached to the VPC.
    AttachInternetGateway {
        /// The VPC.
        vpc: VpcId,
        /// The internet gateway, which is not attached.
        #[serde(rename = "internet_gateway")]
        gateway: InternetGatewayId,
    },
    /// A new internet gateway, attached to the VPC, and a default route to it in each route table and in a new public subnet.
    CreateInternetGateway {
        /// The VPC.
        vpc: VpcId,
        /// The route tables whose default route had a deleted internet gateway as its target.
        route_tables: Vec<RouteTableId>,
        /// A new public subnet with its own route table, for a NAT gateway, if the VPC has no subnet for one.
        #[serde(skip_serializing_if = "Option::is_none")]
        public_subnet: Option<PlannedSubnet>,
    },
    /// The source/destination check of a network interface turned off.
    DisableSourceDestCheck {
        /// The network interface of the NAT instance.
        #[serde(rename = "network_interface")]
        interface: NetworkInterfaceId,
    },
    /// A new Elastic IP address of a network interface.
    AssociateElasticIp {
        /// The network interface of the NAT instance.
        #[serde(rename = "network_interface")]
        interface: NetworkInterfaceId,
    },
    /// A route to a VPC peering connection in each route table.
    RouteToPeering {
        /// The VPC peering connection.
        #[serde(rename = "peering_connection")]
        peering: ResourceId,
        /// The range of the VPC at the other end.
        destination: Ipv4Net,
        /// The route tables.
        route_tables: Vec<RouteTableId>,
    },
    /// The route `::/0` to an egress-only internet gateway in each route table.
    RouteIpv6 {
        /// The VPC.
        vpc: VpcId,
        /// The egress-only internet gateway; `None` for a new one.
        #[serde(rename = "egress_only_internet_gateway")]
        gateway: Option<EgressOnlyInternetGatewayId>,
        /// The route tables.
        route_tables: Vec<RouteTableId>,
    },
    /// New private subnets with a route table, a NAT gateway with an Elastic IP address in a public subnet, and a new connector
    /// in the new subnets, which the service uses instead of its present connector.
    CreatePrivateSubnets {
        /// The VPC.
        vpc: VpcId,
        /// The service.
        workload: WorkloadId,
        /// The new subnets.
        subnets: Vec<PlannedSubnet>,
        /// The public subnet of the NAT gateway; `None` as in [`Change::CreateNat`], or if there is one to use.
        nat_subnet: Option<SubnetId>,
        /// The existing NAT gateway that the new subnets use; `None` for a new one.
        #[serde(rename = "nat_gateway", skip_serializing_if = "Option::is_none")]
        nat: Option<NatGatewayId>,
        /// The gateway endpoints of the present route tables, which the new route table uses too.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        gateway_endpoints: Vec<EndpointId>,
        /// The routes to other networks of the present route tables, which the new route table has too.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        routes: Vec<KeptRoute>,
        /// The new connector's name.
        connector_name: String,
        /// The present connector's security groups.
        security_groups: Vec<SecurityGroupId>,
    },
    /// A new connector with a new name. The service uses it instead of its present connector.
    MoveConnector {
        /// The service.
        workload: WorkloadId,
        /// The new connector's name.
        name: String,
        /// The new connector's subnets.
        subnets: Vec<SubnetId>,
        /// The present connector's security groups.
        security_groups: Vec<SecurityGroupId>,
    },
    /// `EgressType = DEFAULT`, without a connector.
    UseDefaultEgress {
        /// The service.
        workload: WorkloadId,
    },
}

/// The id of a new public subnet in a changed snapshot, before AWS gives it one.
pub const NEW_PUBLIC_SUBNET: &str = "subnet-public-planned";

/// A subnet that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlannedSubnet {
    /// Its AZ.
    pub zone: AvailabilityZone,
    /// Its range, which is free.
    pub cidr: Ipv4Net,
}

/// A resource to read from AWS to verify that a change was applied.
pub(super) enum Applied<'a> {
    NewEndpoint {
        vpc: &'a VpcId,
        service: &'a str,
    },
    Endpoint(&'a EndpointId),
    NatGatewayIn(&'a VpcId),
    DefaultRoutes(&'a [RouteTableId]),
    /// All routes, because the new ones are no IPv4 default routes.
    Routes(&'a [RouteTableId]),
    SecurityGroup(&'a SecurityGroupId),
    NetworkAcl(&'a NetworkAclId),
    DnsAttribute {
        vpc: &'a VpcId,
        attribute: &'static str,
    },
    InternetGatewayOf(&'a VpcId),
    Interface(&'a NetworkInterfaceId),
}

impl Change {
    /// The charges of AWS for this change.
    pub(super) fn charges(&self) -> Vec<Charge<'_>> {
        match self {
            Self::CreateGatewayEndpoint { service, .. } | Self::AssociateRouteTables { service, .. } => {
                vec![Charge::GatewayEndpoint(short_name(service))]
            }
            Self::CreateInterfaceEndpoint { service, subnets, .. } => vec![
                Charge::InterfaceEndpointHours { service: short_name(service), azs: subnets.len() },
                Charge::InterfaceEndpointData,
            ],
            Self::EnablePrivateDns { service, .. } => vec![
                Charge::Free(format!("private DNS of {}", short_name(service))),
                Charge::InterfaceEndpointData,
            ],
            Self::CreateNat { subnet, route_tables, .. } | Self::RepairNat { subnet, route_tables, .. } => {
                vec![
                    Charge::NatGatewayHours { azs: 1 },
                    Charge::NatGatewayData,
                    Charge::InternetOut,
                    Charge::CrossAz { subnet: subnet.as_ref(), route_tables },
                ]
            }
            Self::CreateRegionalNat { zones, .. } => vec![
                Charge::NatGatewayHours { azs: zones.len() },
                Charge::NatGatewayData,
                Charge::InternetOut,
                Charge::RegionalNatGateway,
            ],
            Self::RouteToNat { nat, route_tables } => vec![
                Charge::Free("routes to an existing NAT gateway".to_owned()),
                Charge::NatGatewayData,
                Charge::InternetOut,
                Charge::CrossAzTo { nat, route_tables },
            ],
            Self::RouteToInternet { .. } => vec![
                Charge::Free("route to the internet gateway".to_owned()),
                Charge::NatGatewayData,
                Charge::InternetOut,
            ],
            Self::AllowEgress { .. } | Self::AllowEndpointIngress { .. } | Self::AllowNacl { .. } => {
                vec![Charge::Free("rules".to_owned())]
            }
            Self::EnableVpcDns { .. } => vec![Charge::Free("DNS attributes".to_owned())],
            Self::AttachInternetGateway { .. } | Self::CreateInternetGateway { .. } => {
                vec![Charge::Free("internet gateway".to_owned()), Charge::InternetOut]
            }
            Self::DisableSourceDestCheck { .. } => {
                vec![Charge::Free("source/destination check".to_owned())]
            }
            Self::AssociateElasticIp { .. } => vec![Charge::PublicAddressHours, Charge::InternetOut],
            Self::RouteToPeering { .. } => {
                vec![Charge::Free("routes to a VPC peering connection".to_owned()), Charge::PeeringData]
            }
            Self::RouteIpv6 { .. } => {
                vec![Charge::Free("egress-only internet gateway".to_owned()), Charge::InternetOut]
            }
            Self::CreatePrivateSubnets { nat: Some(_), .. } => vec![
                Charge::Free("subnets, route table and VPC connector".to_owned()),
                Charge::NatGatewayData,
                Charge::InternetOut,
                Charge::OtherAz,
            ],
            Self::CreatePrivateSubnets { nat: None, .. } => vec![
                Charge::Free("subnets, route table and VPC connector".to_owned()),
                Charge::NatGatewayHours { azs: 1 },
                Charge::NatGatewayData,
                Charge::InternetOut,
                Charge::OtherAz,
            ],
            Self::MoveConnector { .. } => vec![Charge::Free("VPC connector".to_owned())],
            Self::UseDefaultEgress { .. } => {
                vec![Charge::Free("DEFAULT egress".to_owned()), Charge::InternetOut]
            }
        }
    }

    /// The resources to read from AWS to verify that this change was applied.
    pub(super) fn applied(&self) -> Vec<Applied<'_>> {
        match self {
            Self::CreateGatewayEndpoint { vpc, service, .. }
            | Self::CreateInterfaceEndpoint { vpc, service, .. } => {
                vec![Applied::NewEndpoint { vpc, service }]
            }
            Self::AssociateRouteTables { endpoint, .. } | Self::EnablePrivateDns { endpoint, .. } => {
                vec![Applied::Endpoint(endpoint)]
            }
            Self::CreateNat { vpc, route_tables, .. }
            | Self::CreateRegionalNat { vpc, route_tables, .. }
            | Self::RepairNat { vpc, route_tables, .. } => {
                vec![Applied::NatGatewayIn(vpc), Applied::DefaultRoutes(route_tables)]
            }
            Self::RouteToNat { route_tables, .. } => vec![Applied::DefaultRoutes(route_tables)],
            Self::RouteToInternet { route_table, .. } => {
                vec![Applied::DefaultRoutes(std::slice::from_ref(route_table))]
            }
            Self::AllowEgress { group, .. } | Self::AllowEndpointIngress { group, .. } => {
                vec![Applied::SecurityGroup(group)]
            }
            Self::AllowNacl { acl, .. } => vec![Applied::NetworkAcl(acl)],
            Self::EnableVpcDns { vpc, support, hostnames } => {
                [("enableDnsSupport", *support), ("enableDnsHostnames", *hostnames)]
                    .into_iter()
                    .filter(|(_, turned_on)| *turned_on)
                    .map(|(attribute, _)| Applied::DnsAttribute { vpc, attribute })
                    .collect()
            }
            Self::AttachInternetGateway { vpc, .. } => vec![Applied::InternetGatewayOf(vpc)],
            Self::CreateInternetGateway { vpc, route_tables, .. } => {
                vec![Applied::InternetGatewayOf(vpc), Applied::DefaultRoutes(route_tables)]
            }
            Self::DisableSourceDestCheck { interface } | Self::AssociateElasticIp { interface } => {
                vec![Applied::Interface(interface)]
            }
            Self::RouteToPeering { route_tables, .. } | Self::RouteIpv6 { route_tables, .. } => {
                vec![Applied::Routes(route_tables)]
            }
            Self::CreatePrivateSubnets { vpc, nat: None, .. } => vec![Applied::NatGatewayIn(vpc)],
            // These changes deploy the service, and `FollowUp` verifies the service itself.
            Self::MoveConnector { .. }
            | Self::UseDefaultEgress { .. }
            | Self::CreatePrivateSubnets { nat: Some(_), .. } => Vec::new(),
        }
    }

    /// Whether it changes only the service, not the network. App Runner then deploys the service again.
    pub(super) fn is_of_the_service(&self) -> bool {
        matches!(
            self,
            Self::MoveConnector { .. } | Self::UseDefaultEgress { .. } | Self::CreatePrivateSubnets { .. }
        )
    }

    /// The endpoint service whose host names resolve to private addresses after this change.
    pub(super) fn private_dns_of(&self) -> Option<&str> {
        match self {
            Self::CreateInterfaceEndpoint { service, .. } | Self::EnablePrivateDns { service, .. } => {
                Some(short_name(service))
            }
            _ => None,
        }
    }

    /// Host names whose traffic takes another path after the change, in the whole VPC. A name may start
    /// with `*`.
    pub(super) fn affected_hosts(&self, snapshot: &Snapshot) -> Vec<String> {
        match self {
            Self::CreateInterfaceEndpoint { private_names, .. } => {
                // Use wildcard names only if the service has no other names.
                let all_wildcards = private_names.iter().all(|name| name.contains('*'));
                let names = private_names.iter().filter(|name| all_wildcards || !name.contains('*'));
                names.cloned().collect()
            }
            Self::CreateGatewayEndpoint { service, .. } | Self::AssociateRouteTables { service, .. } => {
                gateway_host(service, &snapshot.region).into_iter().collect()
            }
            // Private DNS of the VPC's endpoints starts to work.
            Self::EnableVpcDns { vpc, .. } => {
                let endpoints = snapshot.network.endpoints.iter();
                let names = endpoints.filter(|endpoint| endpoint.vpc == *vpc && endpoint.answers_names());
                names
                    .filter_map(|endpoint| match &endpoint.kind {
                        EndpointKind::Interface { private_names, .. } => Some(private_names.clone()),
                        _ => None,
                    })
                    .flatten()
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

fn as_text<T: std::fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn direction<S: Serializer>(outbound: &bool, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(if *outbound { "outbound" } else { "inbound" })
}

fn acl_rule<S: Serializer>(rule: &AclRule, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Fields {
        rule_number: u16,
        from_port: u16,
        to_port: u16,
        cidr: String,
    }
    let (from_port, to_port) = (rule.ports.from, rule.ports.to);
    Fields { rule_number: rule.number, from_port, to_port, cidr: rule.remote.to_string() }
        .serialize(serializer)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails at the first error")]

    use super::*;
    use crate::model::{AclAction, PortRange, Protocol};

    #[test]
    #[allow(clippy::too_many_lines, reason = "one line for each change")]
    fn every_change_has_its_public_json() {
        let (vpc, subnet) = (VpcId::from("vpc-1"), SubnetId::from("subnet-1"));
        let vpc2 = vpc.clone();
        let (service, names) = ("com.amazonaws.us-west-2.s3".to_owned(), vec!["s3.example".to_owned()]);
        let (tables, zones) = (vec![RouteTableId::from("rtb-1")], vec![AvailabilityZone::from("us-west-2a")]);
        let (nat, group) = (NatGatewayId::from("nat-1"), SecurityGroupId::from("sg-1"));
        let (endpoint, workload) = (EndpointId::from("vpce-1"), WorkloadId::from("arn:1"));
        let peer = Peer::Ipv4("10.0.0.0/16".parse().unwrap());
        let rule = AclRule {
            number: 90,
            protocol: Protocol::Tcp,
            ports: PortRange { from: 1024, to: 65535 },
            remote: "0.0.0.0/0".parse().unwrap(),
            action: AclAction::Allow,
        };
        let changes = [
            Change::CreateGatewayEndpoint {
                vpc: vpc.clone(),
                service: service.clone(),
                route_tables: tables.clone(),
            },
            Change::CreateInterfaceEndpoint {
                vpc: vpc.clone(),
                service: service.clone(),
                private_names: names.clone(),
                subnets: vec![subnet.clone()],
                allowed_ranges: vec!["10.0.0.0/16".parse().unwrap()],
                ports: vec![443],
            },
            Change::EnablePrivateDns {
                endpoint: endpoint.clone(),
                service: service.clone(),
                private_names: names,
            },
            Change::AssociateRouteTables { endpoint, service, route_tables: tables.clone() },
            Change::CreateNat { vpc: vpc.clone(), subnet: None, route_tables: tables.clone() },
            Change::CreateRegionalNat { vpc: vpc.clone(), zones, route_tables: tables.clone() },
            Change::RepairNat {
                vpc: vpc.clone(),
                replaces: nat.clone(),
                subnet: Some(subnet.clone()),
                route_tables: tables.clone(),
            },
            Change::RouteToNat { nat, route_tables: tables.clone() },
            Change::RouteToInternet {
                gateway: InternetGatewayId::from("igw-1"),
                route_table: RouteTableId::from("rtb-1"),
            },
            Change::AllowEgress { group: group.clone(), port: 443, peer: peer.clone() },
            Change::AllowEndpointIngress { group: group.clone(), port: 443, peer },
            Change::AllowNacl { acl: NetworkAclId::from("acl-1"), outbound: false, rule },
            Change::EnableVpcDns { vpc, support: true, hostnames: false },
            Change::MoveConnector {
                workload: workload.clone(),
                name: "c-2".to_owned(),
                subnets: vec![subnet],
                security_groups: vec![group],
            },
            Change::AttachInternetGateway { vpc: vpc2.clone(), gateway: InternetGatewayId::from("igw-1") },
            Change::CreateInternetGateway {
                vpc: vpc2.clone(),
                route_tables: tables.clone(),
                public_subnet: None,
            },
            Change::DisableSourceDestCheck { interface: NetworkInterfaceId::from("eni-1") },
            Change::AssociateElasticIp { interface: NetworkInterfaceId::from("eni-1") },
            Change::RouteToPeering {
                peering: ResourceId::from("pcx-1"),
                destination: "10.9.0.0/16".parse().unwrap(),
                route_tables: tables.clone(),
            },
            Change::RouteIpv6 { vpc: vpc2.clone(), gateway: None, route_tables: tables },
            Change::CreatePrivateSubnets {
                vpc: vpc2,
                workload: workload.clone(),
                subnets: vec![PlannedSubnet {
                    zone: AvailabilityZone::from("us-west-2a"),
                    cidr: "10.0.9.0/24".parse().unwrap(),
                }],
                nat_subnet: Some(SubnetId::from("subnet-1")),
                nat: None,
                gateway_endpoints: Vec::new(),
                routes: Vec::new(),
                connector_name: "c-private".to_owned(),
                security_groups: vec![SecurityGroupId::from("sg-1")],
            },
            Change::UseDefaultEgress { workload },
        ];
        let json: Vec<String> =
            changes.iter().map(|change| serde_json::to_value(change).unwrap().to_string()).collect();
        let expected = [
            r#"{"kind":"create-gateway-endpoint","route_tables":["rtb-1"],"service":"com.amazonaws.us-west-2.s3","vpc":"vpc-1"}"#,
            r#"{"admits":["10.0.0.0/16"],"kind":"create-interface-endpoint","ports":[443],"private_names":["s3.example"],"service":"com.amazonaws.us-west-2.s3","subnets":["subnet-1"],"vpc":"vpc-1"}"#,
            r#"{"endpoint":"vpce-1","kind":"enable-private-dns","private_names":["s3.example"],"service":"com.amazonaws.us-west-2.s3"}"#,
            r#"{"endpoint":"vpce-1","kind":"associate-route-tables","route_tables":["rtb-1"],"service":"com.amazonaws.us-west-2.s3"}"#,
            r#"{"kind":"create-nat","route_tables":["rtb-1"],"subnet":null,"vpc":"vpc-1"}"#,
            r#"{"kind":"create-regional-nat","route_tables":["rtb-1"],"vpc":"vpc-1","zones":["us-west-2a"]}"#,
            r#"{"kind":"repair-nat","replaces":"nat-1","route_tables":["rtb-1"],"subnet":"subnet-1","vpc":"vpc-1"}"#,
            r#"{"kind":"route-to-nat","nat_gateway":"nat-1","route_tables":["rtb-1"]}"#,
            r#"{"internet_gateway":"igw-1","kind":"route-to-internet","route_table":"rtb-1"}"#,
            r#"{"kind":"allow-egress","peer":"10.0.0.0/16","port":443,"security_group":"sg-1"}"#,
            r#"{"kind":"allow-endpoint-ingress","peer":"10.0.0.0/16","port":443,"security_group":"sg-1"}"#,
            r#"{"cidr":"0.0.0.0/0","direction":"inbound","from_port":1024,"kind":"allow-nacl","network_acl":"acl-1","rule_number":90,"to_port":65535}"#,
            r#"{"enable_dns_hostnames":false,"enable_dns_support":true,"kind":"enable-vpc-dns","vpc":"vpc-1"}"#,
            r#"{"kind":"move-connector","name":"c-2","security_groups":["sg-1"],"subnets":["subnet-1"],"workload":"arn:1"}"#,
            r#"{"internet_gateway":"igw-1","kind":"attach-internet-gateway","vpc":"vpc-1"}"#,
            r#"{"kind":"create-internet-gateway","route_tables":["rtb-1"],"vpc":"vpc-1"}"#,
            r#"{"kind":"disable-source-dest-check","network_interface":"eni-1"}"#,
            r#"{"kind":"associate-elastic-ip","network_interface":"eni-1"}"#,
            r#"{"destination":"10.9.0.0/16","kind":"route-to-peering","peering_connection":"pcx-1","route_tables":["rtb-1"]}"#,
            r#"{"egress_only_internet_gateway":null,"kind":"route-ipv6","route_tables":["rtb-1"],"vpc":"vpc-1"}"#,
            r#"{"connector_name":"c-private","kind":"create-private-subnets","nat_subnet":"subnet-1","security_groups":["sg-1"],"subnets":[{"cidr":"10.0.9.0/24","zone":"us-west-2a"}],"vpc":"vpc-1","workload":"arn:1"}"#,
            r#"{"kind":"use-default-egress","workload":"arn:1"}"#,
        ];
        assert_eq!(json, expected);
    }
}
